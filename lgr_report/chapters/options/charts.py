"""Charts of options: where proposals stand among all of them, and how large their unitaries are."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.chapters.options.study import Study
from lgr_report.core.proposals import statuses
from lgr_report.core.scores import METRICS, is_inconclusive
from lgr_report.core.variation import PEOPLE
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Look, Scale, dots
from lgr_report.page.figures import BLUE, Figure, nothing, picture, shortened, styled
from lgr_report.sources import proposals
from lgr_report.sources.assumptions import assumption

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures; district figures are estimates"
AXES = {
    "population": "largest less smallest unitary, per cent of the mean; in brackets: percentile",
    None: "spread, per cent of the area's rate; left is more even; in brackets: percentile",
}
STEP = 0.2  # of a panel's height, from the name of one proposal down to the next


def _finding(placed: pd.DataFrame, metric: str) -> str:
    """Return what the places of proposals allow to say: nothing, where they are vague."""
    # Population is counted: its places have no interval.
    drawn = f"{metric}_low" in placed
    if drawn and is_inconclusive(placed[f"{metric}_low"], placed[f"{metric}_high"]).all():
        return "public data tell no proposal from most options of as many unitaries"
    percentile = placed[f"{metric}_percentile"]
    best = percentile.idxmin()
    return (
        f"{(percentile < 50).sum()} of {phrases.count(len(placed), 'proposal')} more even than "
        f"most options; the best, {placed.loc[best, 'name']}, is at percentile "
        f"{percentile[best]:.0f}"
    )


@styled
def standing(study: Study, metric: str = PEOPLE) -> Figure:
    """Draw each proposal in the distribution of all options with as many unitaries."""
    name, table, column = study.here.name, study.standings, f"{metric}_percentile"
    placed = table[table["note"].isna() & table[column].notna()]
    if placed.empty:
        title = f"{name}: no proposal can be placed for {METRICS[metric]}"
        return nothing(title, SOURCE, statuses(study.here.proposals))
    title = f"{name}: for {METRICS[metric]}, " + _finding(placed, metric)
    by_size = {k: study.scores.tables[k][metric] for k in sorted(placed["n_unitaries"].unique())}
    drawn = picture(1.5 * len(by_size) + 1.6, title, SOURCE)
    grid = drawn.subplots(len(by_size), 1, squeeze=False, sharex=True).ravel()
    widest = max(np.quantile(values, 0.99) for values in by_size.values())
    widest = max(widest, placed[metric].max() * 1.05)
    for axes, (k, values) in zip(grid, by_size.items(), strict=True):
        _distribution(axes, k, 100 * values, 100 * widest)
        _lines(axes, placed[placed["n_unitaries"] == k].sort_values(metric), metric)
    grid[-1].set_xlabel(AXES.get(metric, AXES[None]), fontsize=10)
    spoken = "; ".join(
        f"{bid['name']} ({bid['n_unitaries']} unitaries) {bid[metric]:.0%}, percentile "
        f"{bid[column]:.0f} of {bid['others']:,} options"
        for _, bid in placed.iterrows()
    )
    shown = placed[["name", "n_unitaries", "others", metric, column]].rename(
        columns={metric: "spread", column: "percentile", "others": "options"}
    )
    return Figure(
        drawn,
        title,
        f"Histograms of all options with lines for proposals: {spoken}.",
        Table(
            shown,
            f"Proposals among all options: {METRICS[metric]}",
            formats={"spread": "{:.1%}", "percentile": "{:.0f}"},
        ),
    )


def _distribution(axes: Axes, k: int, values: pd.Series, widest: float) -> None:
    axes.hist(values[values <= widest], bins=60, range=(0, widest), color="#ADD1F1")
    label = f"{k} unitaries\n{len(values):,} options"
    axes.set_ylabel(label, fontsize=9, rotation=0, ha="right", va="center")
    axes.set_yticks([])


def _lines(axes: Axes, bids: pd.DataFrame, metric: str) -> None:
    height = axes.get_ylim()[1]
    for step, (_, bid) in enumerate(bids.iterrows()):
        down = STEP * (step % 4)
        axes.axvline(100 * bid[metric], color=BLUE, linewidth=2, ymax=0.98 - down)
        text = f" {shortened(bid['name'])} ({bid[f'{metric}_percentile']:.0f})"
        axes.text(100 * bid[metric], height * (0.95 - down), text, fontsize=8.5, va="top")


def proposal_sizes(proposed: pd.DataFrame) -> Figure:
    """Draw the population of each proposed unitary against the size bands.

    Parameters
    ----------
    proposed : pandas.DataFrame
        As `proposals.unitaries` returns it.
    """
    known = proposed.dropna(subset=["population"])
    small, medium = assumption("band_small_max"), assumption("band_medium_max")
    above = int((known["population"] > medium).sum())
    below = int((known["population"] <= small).sum())
    title = (
        f"Of {len(known)} proposed unitaries whose size can be computed, {above} "
        f"{'has' if above == 1 else 'have'} more than {medium / 1000:.0f},000 people and {below} "
        f"{'has' if below == 1 else 'have'} {small / 1000:.0f},000 or fewer"
    )
    spoken = "; ".join(f"{r.unitary_name} {r.population:,}" for r in known.itertuples())
    missing = proposed.drop_duplicates("proposal_id")["n_unitaries"].sum() - len(known)
    why = "they split a district, lie in another area, or their councils were not found"
    rest = f" Not shown: {phrases.unitaries(missing)} ({why})." if missing else ""
    shown = proposed[["proposal_name", "unitary_name", "population", "size_band"]]
    edges = [edge / 1000 for edge in (small, medium)]
    bands = f"ends of size bands: {' and '.join(f'{edge:.0f}k' for edge in edges)}"
    most = max([medium, *known["population"]]) * 1.08 / 1000
    return dots(
        _dots(proposed),
        title,
        "ONS mid-2024 population estimates; councils' proposals",
        Scale("residents in thousands, mid-2024; each ring is one proposed unitary", 0, most),
        Table(shown, "Population of each proposed unitary"),
        looks={"proposed unitaries": Look(hollow=True, size=10)},
        lines=Lines(edges, (bands, None)),
        row_height=0.62,
        margin=1.8,
        alt=f"Dots on a line for each proposal. {spoken or 'No size is known'}.{rest}",
    )


def _dots(proposed: pd.DataFrame) -> pd.DataFrame:
    """Return a dot a unitary, in a row a proposal that says how many have none, and why."""
    bids = proposed.groupby("proposal_id", sort=False)
    names = phrases.distinct(bids["proposal_name"].first())
    splits = bids["splits"].sum()
    hidden = bids["n_unitaries"].first() - proposals.found(proposed)
    labels = [_label(*about) for about in zip(names, splits, hidden, strict=True)]
    name = proposed["proposal_id"].map(dict(zip(splits.index, labels, strict=True)))
    value = proposed["population"].astype(float) / 1000
    return pd.DataFrame({"name": name, "value": value, "series": "proposed unitaries"})


def _label(name: str, splits: int, hidden: int) -> str:
    why = [f"{splits} split{'s' if splits == 1 else ''} a district"] if splits else []
    why += [f"{hidden} not found in this area"] if hidden else []
    return f"{name} ({', '.join(why)})" if why else name
