"""Charts of ordinary residence: caseloads over the years, beds beside need, the published case."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.chapters.residence import tables
from lgr_report.chapters.residence.caseloads import BOTH, MEASURED, SCOPES, WORKING_AGE
from lgr_report.chapters.residence.published_case import National, published
from lgr_report.chapters.residence.study import Study
from lgr_report.page.cells import Table
from lgr_report.page.charts import LOOKS, Scale, dots
from lgr_report.page.figures import BLUE, ORANGE, Figure, no_wider, nothing, picture, styled
from lgr_report.page.phrases import about, council, number, percent, ranged, span
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

SOURCE = (
    "computed from DHSC (2024-25) and CQC (June 2021) figures; placements by district are not "
    "published; lengths of stay are assumed"
)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
signed = partial(percent, plus=True)
whole = partial(number, digits=0)


@styled
def caseloads(study: Study) -> Figure:
    """Draw the care home caseload of each proposal's unitaries, year by year after vesting day."""
    name, years = study.here.name, study.national.years
    lines = study.caseloads[study.caseloads["scope"] == BOTH]
    if lines.empty:
        return _nothing(study)
    last = lines[lines["years"] == years].reset_index(drop=True)
    title = _title(study, last)
    spoken = "; ".join(
        f"{r.proposal}, {r.unitary} {ranged(r.change, r.low, r.high, signed)}"
        for r in last.itertuples()
    )
    people = f"people after {years} years"
    shown = last[["proposal", "unitary", "people", "change", "low", "high"]]
    return Figure(
        _panels(lines, title),
        title,
        f"Lines by unitary, one panel a proposal. Change in {years} years: {spoken}.",
        Table(
            shown.rename(columns={"people": people}),
            f"Care home caseloads of proposed unitaries of {name}: change in {years} years",
            {people: "{:,.0f}"} | dict.fromkeys(("change", "low", "high"), "{:+.0%}"),
        ),
    )


def _title(study: Study, last: pd.DataFrame) -> str:
    """Return the two caseloads that move furthest apart, of the proposals that tell them apart."""
    name, years = study.here.name, study.national.years
    told = [proposal for proposal, apart in study.apart.items() if apart.told]
    if not told:
        return f"{name}: no proposal's care home caseloads can be told apart after {years} years"
    proposal = max(told, key=lambda bid: study.apart[bid].difference)
    own, apart = last[last["proposal"] == proposal], study.apart[proposal]
    least, most = own.iloc[apart.least], own.iloc[apart.most]
    return (
        f"{name}: in {years} years the care home caseload of {council(least['unitary'])} would "
        f"change by {signed(least['change'])}, that of {council(most['unitary'])} by "
        f"{signed(most['change'])}"
    )


def _nothing(study: Study) -> Figure:
    title = f"{study.here.name}: no proposal that divides a county can be computed"
    caption = f"Why no care home caseload is shown for {study.here.name}"
    empty = nothing(title, SOURCE, study.statuses)
    return replace(empty, alt=f"{empty.alt}.", table=Table(study.statuses, caption))


def _panels(lines: pd.DataFrame, title: str) -> object:
    panels = lines.groupby("proposal", sort=False)
    bars = f"bars: {assumption('interval_level'):.0%} intervals in the last year"
    source = f"{SOURCE}; {bars}, in the order of the legend"
    canvas = picture(2.1 * len(panels) + 1.7, title, source)
    grid = canvas.subplots(len(panels), 1, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, (name, part) in zip(grid, panels, strict=True):
        _panel(axes, name, part)
    grid[-1].set_xlabel("years after vesting day", fontsize=9)
    return canvas


def _panel(axes: Axes, name: str, part: pd.DataFrame) -> None:
    """Draw the lines of one proposal, with its intervals at the end and its own legend beside."""
    unitaries = part.groupby("unitary", sort=False)
    last = part["years"].max()
    lines = zip(unitaries, LOOKS, DASHES, strict=False)
    for step, ((unitary, line), look, dashes) in enumerate(lines, 1):
        end = line.iloc[-1]
        label = "\n".join(no_wider([f"{unitary} {signed(end['change'])}"], 26))
        style = {"color": look.colour, "linestyle": dashes, "linewidth": 2.2}
        axes.plot(line["years"], 100 * line["change"], label=label, **style)
        place = last + 0.35 * step
        axes.vlines(place, 100 * end["low"], 100 * end["high"], color=look.colour, lw=3)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.grid(visible=True, axis="y")
    axes.set_title("\n".join(no_wider([name], 60)), fontsize=10, loc="left")
    axes.set_ylabel("per cent", fontsize=9)
    axes.legend(fontsize=8.5, loc="upper left", bbox_to_anchor=(1.01, 1.05), handlelength=2.8)
    axes.tick_params(labelsize=9)
    axes.set_xlim(0, last + 0.35 * (len(unitaries) + 1))
    axes.set_xticks(range(0, int(last) + 1, 5))


def beds_and_need(study: Study) -> Figure:
    """Draw where a county's care home residents stand beside where their need arises."""
    supply, county = study.supply, study.here.area.county_name
    top = supply.loc[(supply["beds"] / supply["need"]).idxmax()]
    series = {"need": "by need (estimate)", "beds": "by beds (June 2021)"}
    frame = pd.concat(
        supply.iloc[::-1][["council", name, f"{name}_low", f"{name}_high"]]
        .set_axis(["name", "value", "low", "high"], axis=1)
        .assign(series=label)
        for name, label in series.items()
    )
    spoken = "; ".join(
        f"{r.council} {r.beds:.0f} by beds, {r.need:.0f} by need" for r in supply.itertuples()
    )
    shown = supply.iloc[::-1].rename(columns=lambda name: name.replace("_", ", "))
    return dots(
        frame,
        f"{county}: {top['council']} has {top['beds']:.0f}% of the county's care home residents "
        f"by its beds, and {top['need']:.0f}% of them by need",
        SOURCE,
        Scale(
            "per cent of the county's care home residents\n"
            "(the interval by beds holds only the assumed share in homes with nursing)",
            low=0,
        ),
        Table(
            shown,
            f"Care home residents of {county} by beds and by need, per cent of the county",
            dict.fromkeys(shown.columns[1:], "{:.1f}"),
        ),
        row_height=0.36,
        alt=f"Per cent of the county's residents: {spoken}.",
    )


@styled
def published_case(country: National) -> Figure:
    """Draw fall and growth of every proposal and option beside the published case."""
    fall, growth = (100 * limit for limit in published()[:2])
    moves = 100 * country.moves[:, :, SCOPES.index(WORKING_AGE)].mean(axis=1)
    options = [100 * country.options[f"{WORKING_AGE} {name}"] for name in MEASURED]
    far = ((moves[:, 0] >= fall) & (moves[:, 1] >= growth)).sum()
    title = (
        f"Adults 18–64: {far or 'none'} of {len(moves)} computable proposals that divide a county "
        f"{'are' if far > 1 else 'is'} expected to move as far as the published case in "
        f"{country.years} years"
    )
    spoken = (
        f"proposals: fall from {span(moves[:, 0], whole)} per cent, growth from "
        f"{span(moves[:, 1], whole)}; published case: fall {fall:.0f}, growth {growth:.0f}; median "
        f"of {len(country.options):,} options: fall {options[0].median():.0f}, growth "
        f"{options[1].median():.0f}"
    )
    canvas = picture(5, title, f"{SOURCE}; published case: CCN/Newton, p48")
    _scatter(canvas.add_subplot(), (fall, growth), moves, options, country.bids["n_unitaries"])
    shown = pd.DataFrame(
        {
            "area": [areas.get(area_id).name for area_id in country.bids["area_id"]],
            "proposal": country.bids["name"],
            "unitaries": country.bids["n_unitaries"],
            "largest fall, per cent": moves[:, 0],
            "largest growth, per cent": moves[:, 1],
        }
    )
    table = Table(shown, "Care home residents of 18–64: largest fall and growth of each proposal")
    return Figure(canvas, title, f"Largest growth against largest fall, {spoken}.", table)


def _scatter(
    axes: Axes,
    case: tuple[float, float],
    moves: np.ndarray,
    options: list[pd.Series],
    unitaries: pd.Series,
) -> None:
    """Draw falls and growths in per cent: the published case, proposals, a cloud of options."""
    right = max(case[0], moves[:, 0].max(), np.quantile(options[0], 0.995)) * 1.05
    top = max(case[1], moves[:, 1].max()) * 1.25
    look = {"bins": "log", "cmap": "Greys", "alpha": 0.35, "edgecolors": "none"}
    axes.hexbin(*options, gridsize=45, extent=(0, right, 0, top), mincnt=1, **look)
    for k, mark in zip(sorted(unitaries.unique()), "osD^v", strict=False):
        part = moves[unitaries == k]
        axes.plot(part[:, 0], part[:, 1], mark, color=BLUE, label=f"proposal of {k}")
    axes.plot(*case, "*", color=ORANGE, markersize=18, label="published case")
    axes.set_xlim(0, right)
    axes.set_ylim(0, top)
    axes.grid(visible=True, axis="y")
    axes.set_xlabel("largest fall of a unitary's caseload, per cent", fontsize=10)
    axes.set_ylabel("largest growth, per cent", fontsize=10)
    axes.legend(fontsize=9, loc="upper left", facecolor="white", framealpha=0.9, frameon=True)
    grey = f"grey: all contiguous options; {about((options[1] > top).mean())} lie above"
    axes.text(0.99, 0.02, grey, transform=axes.transAxes, ha="right", fontsize=9)


def children(study: Study) -> Figure:
    """Draw children placed elsewhere and taken in, per 100 looked after, by authority."""
    beside, name = study.children, study.here.name
    known = beside[~beside["median"]].dropna(subset=["placed_out_per_100"])
    top = known.loc[known["placed_out_per_100"].idxmax()]
    prefix = "" if name == top["authority_name"] else f"{name}: "
    series = {"placed_out_per_100": "placed elsewhere", "placed_in_per_100": "taken in"}
    frame = pd.concat(
        beside[["authority_name", column]]
        .set_axis(["name", "value"], axis=1)
        .assign(series=label, note="not published")
        for column, label in series.items()
    )
    return dots(
        frame,
        f"{prefix}{top['authority_name']} places {top['placed_out_per_100']:.0f} of 100 "
        "looked-after children elsewhere",
        "DfE, children looked after, 31 March 2024; computed per 100 looked after",
        Scale("children per 100 looked after by the authority", low=0),
        tables.children(study),
        alt=f"Per 100 looked after: {'; '.join(map(_spoken, beside.itertuples()))}.",
    )


def _spoken(row: object) -> str:
    if pd.isna(row.placed_out_per_100 + row.placed_in_per_100):
        return f"{row.authority_name} not published"
    placed = f"{row.placed_out_per_100:.0f} placed elsewhere, {row.placed_in_per_100:.0f} taken in"
    return f"{row.authority_name} {placed}"
