"""Charts of ordinary residence: caseloads over the years, beds beside need, the published case.

Each returns a `figures.Figure` with title, alt text and table.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.chapters.residence import children_placements, residence
from lgr_report.chapters.residence.caseloads import BOTH, FALL, GROWTH, WORKING_AGE, caseload
from lgr_report.chapters.residence.residence_pairs import horizon, national, published
from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.options import proposals
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    no_wider,
    picture,
    styled,
)
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

SOURCE = (
    "computed from DHSC (2024-25) and CQC (June 2021) figures; placements by district are not "
    "published; lengths of stay are assumed"
)
LINES = ((BLUE, "-"), (ORANGE, "--"), (TEAL, "-."), (PURPLE, ":"), (GREY, (0, (5, 1, 1, 1, 1, 1))))


@styled
def section(area_id: str, demand: Demand) -> Figure:
    """Draw the care home caseload of each proposal's unitaries, year by year after vesting day."""
    here = areas.get(area_id)
    bids = [bid for bid in proposals(area_id) if not residence.not_moving(bid, demand)]
    if not bids:
        return _nothing(area_id, demand)
    years = np.arange(int(horizon()) + 1)
    lines = {bid.name: residence.moves(bid, demand, years) for bid in bids}
    lines = {name: part[part["scope"] == BOTH] for name, part in lines.items()}
    whole = pd.concat([part.assign(proposal=name) for name, part in lines.items()])
    last = whole[whole["years"] == years[-1]].reset_index(drop=True)
    least, most = last.loc[last["change"].idxmin()], last.loc[last["change"].idxmax()]
    title = (
        f"{here.name}: in {years[-1]} years the care home caseload of {least['unitary']} would "
        f"change by {residence.signed(least['change'])}, that of {most['unitary']} by "
        f"{residence.signed(most['change'])}"
    )
    level = assumption("interval_level")
    bars = f"bars: {level:.0%} intervals in the last year, in the order of the legend"
    drawn = picture(2.1 * len(bids) + 1.7, title, f"{SOURCE}; {bars}")
    grid = drawn.subplots(len(bids), 1, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, (name, part) in zip(grid, lines.items(), strict=True):
        _panel(axes, name, part)
    grid[-1].set_xlabel("years after vesting day", fontsize=9)
    spoken = "; ".join(
        f"{r.proposal}, {r.unitary} {residence.signed(r.change)} ({residence.signed(r.low)} to "
        f"{residence.signed(r.high)})"
        for r in last.itertuples()
    )
    shown = last[["proposal", "unitary", "people", "change", "low", "high"]]
    shown = shown.rename(columns={"people": f"people after {years[-1]} years"})
    table = Table(
        shown,
        f"Care home caseloads of proposed unitaries of {here.name}: change in {years[-1]} years",
        {shown.columns[2]: "{:,.0f}"} | dict.fromkeys(("change", "low", "high"), "{:+.0%}"),
    )
    alt = f"Lines by unitary, one panel a proposal. Change in {years[-1]} years: {spoken}."
    return Figure(drawn, title, alt, table)


def _panel(axes: Axes, name: str, part: pd.DataFrame) -> None:
    """Draw the lines of one proposal, with its intervals at the end and its own legend beside."""
    unitaries = part.groupby("unitary", sort=False)
    for step, ((unitary, line), (colour, dashes)) in enumerate(
        zip(unitaries, LINES, strict=False), 1
    ):
        end = line.iloc[-1]
        label = "\n".join(no_wider([f"{unitary} {residence.signed(end['change'])}"], 26))
        change = 100 * line["change"]
        axes.plot(line["years"], change, color=colour, ls=dashes, linewidth=2.2, label=label)
        axes.vlines(
            end["years"] + 0.35 * step, 100 * end["low"], 100 * end["high"], color=colour, lw=3
        )
    axes.axhline(0, color="black", linewidth=0.8)
    axes.grid(visible=True, axis="y")
    axes.set_title("\n".join(no_wider([name], 60)), fontsize=10, loc="left")
    axes.set_ylabel("per cent", fontsize=9)
    axes.legend(fontsize=8.5, loc="upper left", bbox_to_anchor=(1.01, 1.05), handlelength=2.8)
    axes.tick_params(labelsize=9)
    axes.set_xlim(0, part["years"].max() + 0.35 * (len(unitaries) + 1))
    axes.set_xticks(range(0, int(part["years"].max()) + 1, 5))


def _nothing(area_id: str, demand: Demand) -> Figure:
    title = f"{areas.get(area_id).name}: no proposal that divides a county can be computed"
    drawn = picture(1.6, title, SOURCE)
    axes = drawn.add_subplot()
    axes.axis("off")
    axes.text(0, 0.5, "See the table for the status of each proposal.", va="center")
    bids = proposals(area_id)
    why = [residence.not_moving(bid, demand) for bid in bids]
    table = pd.DataFrame({"proposal": [bid.name for bid in bids], "status": why})
    spoken = "; ".join(f"{bid.name}: {status}" for bid, status in zip(bids, why, strict=True))
    caption = f"Why no care home caseload is shown for {areas.get(area_id).name}"
    return Figure(drawn, title, f"No picture: {spoken}.", Table(table, caption))


@styled
def beds_and_need(area_id: str, demand: Demand) -> Figure:
    """Draw where a county's care home residents stand beside where their need arises."""
    here, mine = areas.get(area_id), areas.councils(area_id)
    chosen = demand.select(mine["gss_code"])
    county = chosen.authority == here.county_gss
    mine = mine[county].reset_index(drop=True)
    case = caseload(demand, mine["gss_code"])
    total = case.arising.sum()
    drawn_shares = 100 * case.arising_draws.sum(axis=2) / total
    located = 100 * case.located_draws.sum(axis=2) / total
    frame = pd.DataFrame({"council": mine["council_name"]})
    for name, draws, point in (
        ("beds", located, case.located),
        ("need", drawn_shares, case.arising),
    ):
        frame[name] = 100 * point.sum(axis=1) / total
        low, high = intervals.ends(draws)
        frame[f"{name}_low"], frame[f"{name}_high"] = low, high
    frame = frame.sort_values("need", ignore_index=True)
    apart = frame["beds"] / frame["need"]
    top = frame.loc[apart.idxmax()]
    title = (
        f"{here.county_name}: {top['council']} has {top['beds']:.0f}% of the county's care home "
        f"residents by its beds, and {top['need']:.0f}% of them by need"
    )
    drawn = picture(0.33 * len(frame) + 2.2, title, SOURCE)
    axes = drawn.add_subplot()
    places = np.arange(len(frame))
    for name, shift, colour, mark, label in (
        ("beds", 0.14, ORANGE, "s", "by beds (June 2021)"),
        ("need", -0.14, BLUE, "o", "by need (estimate)"),
    ):
        axes.hlines(
            places + shift,
            frame[f"{name}_low"],
            frame[f"{name}_high"],
            color=colour,
            alpha=0.35,
            linewidth=4,
        )
        axes.plot(frame[name], places + shift, mark, color=colour, markersize=7, label=label)
    axes.set_yticks(places, frame["council"])
    axes.set_xlim(left=0)
    axes.set_xlabel(
        "per cent of the county's care home residents\n"
        "(the interval by beds holds only the assumed share in homes with nursing)",
        fontsize=9,
    )
    axes.legend(fontsize=9, loc="lower right")
    spoken = "; ".join(
        f"{r.council} {r.beds:.0f} by beds, {r.need:.0f} by need" for r in frame.itertuples()
    )
    shown = frame.iloc[::-1].rename(columns=lambda name: name.replace("_", ", "))
    table = Table(
        shown,
        f"Care home residents of {here.county_name} by beds and by need, per cent of the county",
        dict.fromkeys(shown.columns[1:], "{:.1f}"),
    )
    return Figure(drawn, title, f"Per cent of the county's residents: {spoken}.", table)


@styled
def published_case(demand: Demand) -> Figure:
    """Draw fall and growth of every proposal and option beside the published case."""
    bids, drawn_moves, options = national(demand)
    fall, growth, years = published()
    mine = 100 * drawn_moves[:, :, 0].mean(axis=1)
    far = ((mine[:, 0] >= 100 * fall) & (mine[:, 1] >= 100 * growth)).sum()
    found = f"{far or 'none'} of {len(bids)}"
    title = (
        f"Adults 18–64: {found} computable proposals that divide a county "
        f"{'are' if far > 1 else 'is'} expected to move as far as the published case in "
        f"{years:.0f} years"
    )
    drawn = picture(5, title, f"{SOURCE}; published case: CCN/Newton, p48")
    axes = drawn.add_subplot()
    x, y = (100 * options[f"{WORKING_AGE} {name}"] for name in (FALL, GROWTH))
    top = max(100 * growth, mine[:, 1].max()) * 1.25
    right = max(100 * fall, mine[:, 0].max(), np.quantile(x, 0.995)) * 1.05
    axes.hexbin(
        x,
        y,
        gridsize=45,
        extent=(0, right, 0, top),
        mincnt=1,
        bins="log",
        cmap="Greys",
        alpha=0.35,
        edgecolors="none",
    )
    for k, mark in zip(sorted(bids["n_unitaries"].unique()), "osD^v", strict=False):
        one = (bids["n_unitaries"] == k).to_numpy()
        axes.plot(mine[one, 0], mine[one, 1], mark, color=BLUE, label=f"proposal of {k}")
    axes.plot(100 * fall, 100 * growth, "*", color=ORANGE, markersize=18, label="published case")
    axes.set_xlim(0, right)
    axes.set_ylim(0, top)
    axes.grid(visible=True, axis="y")
    axes.set_xlabel("largest fall of a unitary's caseload, per cent", fontsize=10)
    axes.set_ylabel("largest growth, per cent", fontsize=10)
    axes.legend(fontsize=9, loc="upper left", facecolor="white", framealpha=0.9, frameon=True)
    grey = f"grey: all contiguous options; {residence.about((y > top).mean())} lie above"
    axes.text(0.99, 0.02, grey, transform=axes.transAxes, ha="right", fontsize=9)
    spoken = (
        f"proposals: fall from {mine[:, 0].min():.0f} to {mine[:, 0].max():.0f} per cent, growth "
        f"from {mine[:, 1].min():.0f} to {mine[:, 1].max():.0f}; published case: fall "
        f"{100 * fall:.0f}, growth {100 * growth:.0f}; median of {len(options):,} options: fall "
        f"{x.median():.0f}, growth {y.median():.0f}"
    )
    names = {area_id: areas.get(area_id).name for area_id in areas.ids()}
    shown = pd.DataFrame(
        {
            "area": bids["area_id"].map(names),
            "proposal": bids["name"],
            "unitaries": bids["n_unitaries"],
            "largest fall, per cent": mine[:, 0],
            "largest growth, per cent": mine[:, 1],
        }
    )
    table = Table(shown, "Care home residents of 18–64: largest fall and growth of each proposal")
    return Figure(drawn, title, f"Largest growth against largest fall, {spoken}.", table)


@styled
def children(area_id: str) -> Figure:
    """Draw children placed elsewhere and taken in, per 100 looked after, by authority."""
    table = children_placements.beside(area_id).iloc[::-1].reset_index(drop=True)
    here = areas.get(area_id)
    known = table[~table["authority_name"].str.startswith("median of ")]
    known = known.dropna(subset=["placed_out_per_100"])
    top = known.loc[known["placed_out_per_100"].idxmax()]
    prefix = "" if here.name == top["authority_name"] else f"{here.name}: "
    title = (
        f"{prefix}{top['authority_name']} places {top['placed_out_per_100']:.0f} of 100 "
        "looked-after children elsewhere"
    )
    source = "DfE, children looked after, 31 March 2024; computed per 100 looked after"
    drawn = picture(0.42 * len(table) + 2, title, source)
    axes = drawn.add_subplot()
    places = np.arange(len(table))
    ends = table[["placed_out_per_100", "placed_in_per_100"]]
    axes.hlines(places, ends.min(axis=1), ends.max(axis=1), color="#BFBFBF", linewidth=3)
    axes.plot(ends.iloc[:, 0], places, "o", color=BLUE, markersize=8, label="placed elsewhere")
    axes.plot(ends.iloc[:, 1], places, "s", color=ORANGE, markersize=8, label="taken in")
    for place in places[ends.isna().any(axis=1)]:
        axes.text(1, place, "not published", va="center", fontsize=9)
    axes.set_yticks(places, no_wider(table["authority_name"]))
    axes.set_xlim(left=0)
    axes.set_ylim(-0.6, len(table) - 0.4)
    axes.set_xlabel("children per 100 looked after by the authority", fontsize=9)
    axes.legend(fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    spoken = "; ".join(
        f"{r.authority_name} "
        + (
            "not published"
            if pd.isna(r.placed_out_per_100 + r.placed_in_per_100)
            else f"{r.placed_out_per_100:.0f} placed elsewhere, {r.placed_in_per_100:.0f} taken in"
        )
        for r in table.iloc[::-1].itertuples()
    )
    shown = children_placements.shown(area_id)
    caption = f"Looked-after children placed across borders, and homes: {here.name}"
    return Figure(drawn, title, f"Per 100 looked after: {spoken}.", Table(shown, caption))
