"""Charts of how unevenly demand is spread: proposals among all options, and beside the published.

Each returns a `figures.Figure` with title, alt text and table.
"""

import numpy as np
import pandas as pd

from lgr_report.models.scores import METRICS, Scores, vague
from lgr_report.models.variation import PEOPLE
from lgr_report.report.cells import Table
from lgr_report.report.demand_charts import SOURCE, nothing
from lgr_report.report.figures import BLUE, GREY, ORANGE, TEAL, Figure, canvas, shortened, styled
from lgr_report.sources import areas, tables


def _places_told(placed: pd.DataFrame, metric: str) -> str:
    """Return what the places of proposals allow to say: nothing, where they are vague."""
    column = f"{metric}_percentile"
    drawn = f"{metric}_low" in placed  # population is counted: its places have no interval
    if drawn and vague(placed[f"{metric}_low"], placed[f"{metric}_high"]).all():
        return "public data tell no proposal from most options of as many unitaries"
    best = placed.loc[placed[column].idxmin()]
    return (
        f"{(placed[column] < 50).sum()} of {areas.count(len(placed), 'proposal')} more even than "
        f"most options; the best, {best['name']}, is at percentile {best[column]:.0f}"
    )


@styled
def standing(area_id: str, scores: Scores, table: pd.DataFrame, metric: str = PEOPLE) -> Figure:
    """Draw each proposal in the distribution of all options with as many unitaries."""
    here = areas.get(area_id)
    placed = table[table["note"].isna() & table[f"{metric}_percentile"].notna()]
    if placed.empty:
        return nothing(f"{here.name}: no proposal can be placed for {METRICS[metric]}", area_id)
    column = f"{metric}_percentile"
    title = f"{here.name}: for {METRICS[metric]}, " + _places_told(placed, metric)
    ks = sorted(placed["n_unitaries"].unique())
    drawn = canvas(1.5 * len(ks) + 1.6, title, SOURCE)
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
def published_beside(bands: pd.DataFrame, design: pd.DataFrame, observed: pd.DataFrame) -> Figure:
    """Draw total demand variation by size band: published, submitted, all options, observed."""
    found = tables.read("published_findings").set_index("finding_id")["value"]
    order = [*areas.size_bands()]
    published = pd.Series({order[0]: found["DV01"], order[2]: found["DV02"]})
    mine = bands.query("measure == 'people' and statistic == 'spread'").set_index("band")
    series = {
        "published (CCN/Newton, p38)": published,
        "submitted proposals": 100 * mine["mean"],
        "all contiguous options": 100 * design,
        "observed in old shire counties": 100 * observed,
    }
    title = (
        f"Published {found['DV01']:.0f}% and {found['DV02']:.0f}%; submitted proposals give "
        + " and ".join(f"{100 * mine.loc[b, 'mean']:.0f}% ({b})" for b in (order[0], order[2]))
    )
    drawn = canvas(4.6, title, SOURCE)
    axes = drawn.add_subplot()
    for step, (name, values) in enumerate(series.items()):
        places = np.arange(len(order)) + 0.2 * (step - 1.5)
        heights = values.reindex(order).to_numpy(dtype=float)
        axes.plot(
            heights,
            places,
            "osD^"[step],
            markersize=9,
            label=name,
            color=(ORANGE, BLUE, TEAL, GREY)[step],
        )
        if name == "submitted proposals":
            axes.hlines(
                places,
                100 * mine["low"].reindex(order),
                100 * mine["high"].reindex(order),
                color=BLUE,
                linewidth=2,
            )
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_ylabel("mean unitary of the option")
    axes.set_xlabel(
        "(largest - smallest rate) ÷ area's rate, per cent; line: interval", fontsize=10
    )
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, fontsize=9)
    wide = pd.DataFrame({name: values.reindex(order) for name, values in series.items()})
    wide = wide.rename_axis("size band").reset_index()
    spoken = "; ".join(
        f"{name}: " + ", ".join(f"{b} {v:.0f}%" for b, v in values.reindex(order).items() if v == v)
        for name, values in series.items()
    )
    return Figure(
        drawn,
        title,
        f"Total demand variation by size band. {spoken}.",
        Table(wide, "Total demand variation by size band, per cent"),
    )
