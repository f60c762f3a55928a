"""Charts of options: where proposals stand among all of them, and how large their unitaries are."""

import numpy as np
import pandas as pd

from lgr_report.core.options import statuses
from lgr_report.core.scores import METRICS, Scores, is_inconclusive
from lgr_report.core.variation import PEOPLE
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    Figure,
    no_wider,
    nothing,
    picture,
    shortened,
    styled,
)
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures; district figures are estimates"


def _places_told(placed: pd.DataFrame, metric: str) -> str:
    """Return what the places of proposals allow to say: nothing, where they are vague."""
    column = f"{metric}_percentile"
    drawn = f"{metric}_low" in placed  # population is counted: its places have no interval
    if drawn and is_inconclusive(placed[f"{metric}_low"], placed[f"{metric}_high"]).all():
        return "public data tell no proposal from most options of as many unitaries"
    best = placed.loc[placed[column].idxmin()]
    return (
        f"{(placed[column] < 50).sum()} of {phrases.count(len(placed), 'proposal')} more even than "
        f"most options; the best, {best['name']}, is at percentile {best[column]:.0f}"
    )


@styled
def standing(area_id: str, scores: Scores, table: pd.DataFrame, metric: str = PEOPLE) -> Figure:
    """Draw each proposal in the distribution of all options with as many unitaries."""
    here = areas.get(area_id)
    placed = table[table["note"].isna() & table[f"{metric}_percentile"].notna()]
    if placed.empty:
        title = f"{here.name}: no proposal can be placed for {METRICS[metric]}"
        return nothing(title, SOURCE, statuses(area_id))
    column = f"{metric}_percentile"
    title = f"{here.name}: for {METRICS[metric]}, " + _places_told(placed, metric)
    ks = sorted(placed["n_unitaries"].unique())
    drawn = picture(1.5 * len(ks) + 1.6, title, SOURCE)
    grid = drawn.subplots(len(ks), 1, squeeze=False, sharex=True).ravel()
    widest = max(np.quantile(scores.tables[k][metric], 0.99) for k in ks)
    widest = max(widest, placed[metric].max() * 1.05)
    for axes, k in zip(grid, ks, strict=True):
        values = 100 * scores.tables[k][metric]
        axes.hist(values[values <= 100 * widest], bins=60, range=(0, 100 * widest), color="#ADD1F1")
        height = axes.get_ylim()[1]
        mine = placed[placed["n_unitaries"] == k].sort_values(metric)
        for step, (_, bid) in enumerate(mine.iterrows()):
            axes.axvline(100 * bid[metric], color=BLUE, linewidth=2, ymax=0.98 - 0.2 * (step % 4))
            axes.text(
                100 * bid[metric],
                height * (0.95 - 0.2 * (step % 4)),
                f" {shortened(bid['name'])} ({bid[column]:.0f})",
                fontsize=8.5,
                va="top",
            )
        axes.set_ylabel(
            f"{k} unitaries\n{len(values):,} options",
            fontsize=9,
            rotation=0,
            ha="right",
            va="center",
        )
        axes.set_yticks([])
    grid[-1].set_xlabel(
        "spread, per cent of the area's rate; left is more even; in brackets: percentile"
        if metric != "population"
        else "largest less smallest unitary, per cent of the mean; in brackets: percentile",
        fontsize=10,
    )
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


@styled
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
    order = proposed.drop_duplicates("proposal_id")
    drawn = picture(
        0.62 * len(order) + 1.4, title, "ONS mid-2024 population estimates; councils' proposals"
    )
    axes = drawn.add_subplot()
    for place, proposal in enumerate(order["proposal_id"]):
        sizes = known.loc[known["proposal_id"] == proposal, "population"].astype(float)
        axes.plot(
            sizes, [place] * len(sizes), "o", color=BLUE, alpha=0.75, markersize=10, mec="white"
        )
        unknown = int(proposed["proposal_id"].eq(proposal).sum() - len(sizes))
        if unknown:
            note = f"{unknown} not computable at district level"
            axes.text(
                0.99,
                place + 0.3,
                note,
                va="center",
                ha="right",
                fontsize=9,
                transform=axes.get_yaxis_transform(),
            )
    for edge in (small, medium):
        axes.axvline(edge, color=GREY, linestyle="--", linewidth=1.2)
        axes.text(edge, -0.75, f"{edge / 1000:.0f}k", ha="center", fontsize=9, color=GREY)
    axes.set_yticks(range(len(order)), no_wider(order["proposal_name"]))
    axes.set_ylim(len(order) - 0.5, -1)
    axes.set_xlim(0, max(known["population"].max() if len(known) else 0, medium) * 1.08)
    axes.xaxis.set_major_formatter(lambda people, _: f"{people / 1000:.0f}k")
    axes.set_xlabel("residents, mid-2024; each dot is one proposed unitary")
    sizes = "; ".join(f"{r.unitary_name} {r.population:,}" for r in known.itertuples())
    missing = len(proposed) - len(known)
    rest = f" {missing} cannot be computed at district level." if missing else ""
    shown = proposed[["proposal_name", "unitary_name", "population", "size_band"]]
    return Figure(
        drawn,
        title,
        f"Dots on a line for each proposal. {sizes or 'No size is known'}.{rest}",
        Table(shown, "Population of each proposed unitary"),
    )
