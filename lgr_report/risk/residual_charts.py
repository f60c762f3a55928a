"""Figures of residual risk: the register, the tornado, the areas beside each other, the matrix."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.patches import Patch, Rectangle

from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import LIGHT, Look, Scale, dots
from lgr_report.page.figures import BLUE, GREY, ORANGE, Figure, Picture, no_wider, picture, styled
from lgr_report.page.phrases import count
from lgr_report.risk import maturity, tables, uncertainty
from lgr_report.risk.beside import Beside, told_apart
from lgr_report.risk.residual import ABOVE, BANNER, LEVELS, OPEN, WITHIN, View, never_within
from lgr_report.sources.tables import read

MOST = 12  # bars of a tornado; the rest move the picture less
NEXT = "#F2F2F2"
APART, ALIKE = "differs from it one way in 95% of draws", "not told apart from it"


def _marked(drawn: Picture, view: View) -> Picture:
    """Return a canvas; that of an example says so across the whole picture."""
    if view.example:
        words = BANNER.upper()
        drawn.text(
            0.5, 0.45, words, ha="center", va="center", rotation=25, fontsize=34, alpha=0.16
        ).set_in_layout(False)
    return drawn


SCORES = {  # a series a column, the lowest layer first: its name in the legend, its look
    "range": ("residual, range (what-if unless assessed)", Look("s", LIGHT, LIGHT, 8)),
    "inherent": ("inherent (source)", Look("s", "black", size=9, hollow=True)),
    "assessed": ("residual, assessed", Look("D")),
    "target": ("target", Look("^", GREY, hollow=True)),
    "tolerance": ("tolerance (assumed)", Look("|", ORANGE, size=20, edge=3)),
}


@styled
def register(view: View) -> Figure:
    """Draw inherent, residual and target score of each risk, and its tolerance."""
    frame, against = view.register, tables.residual(view)["against tolerance"]
    title = f"{view.banner}{view.name}: {_standing(frame[frame['assessed'].notna()], len(frame))}"
    spoken = "; ".join(
        f"{key} inherent {row['inherent']}, residual {_range(row)}, tolerance {row['tolerance']}: "
        f"{state}"
        for (key, row), state in zip(frame.iterrows(), against, strict=True)
    )
    named = frame.assign(name=frame.index + " " + frame["title"], range=np.nan)
    marks = named.melt(["name", "low", "high"], [*SCORES], "series").astype({"value": "Float64"})
    marks.loc[marks["series"] != "range", ["low", "high"]] = np.nan
    figure = dots(
        marks.assign(series=marks["series"].map(lambda column: SCORES[column][0])),
        title,
        _source(view),
        Scale("score, likelihood × impact (1 to 25)", 0, 26),
        Table(tables.residual(view), f"{view.banner}Inherent, residual and target risk"),
        looks=dict(SCORES.values()),
        side_by_side=False,
        columns=3,
        row_height=0.46,
        wrap=40,
        alt=f"Each risk by score. {spoken}.",
    )
    _marked(figure.picture, view)
    return figure


def _standing(scored: pd.DataFrame, risks: int) -> str:
    if scored.empty:
        return f"officers scored none of {risks} risks; what is shown is a what-if, no finding"
    counts = scored["standing"].value_counts()
    above, may, within = (counts.get(state, 0) or "none" for state in (ABOVE, OPEN, WITHIN))
    return (
        f"of {count(len(scored), 'risk')} that officers scored, on assumed tolerances {above} "
        f"{'is' if above == 1 else 'are'} above, {may} may be and {within} "
        f"{'is' if within == 1 else 'are'} within"
    )


def _range(row: pd.Series) -> str:
    scored = f"{row['assessed']} as assessed, " if row["basis"] == "assessed" else "what if "
    return f"{scored}{row['low']:.0f} to {row['high']:.0f}"


def _source(view: View) -> str:
    who = "invented assessments" if view.example else "assessed by officers where recorded"
    return f"scores of the register; {who}; what-if ranges from maturity and an assumed effect"


@styled
def tornado(view: View) -> Figure:
    """Draw what moves the overall picture of an area, one input at a time."""
    every = uncertainty.tornado(view)
    frame, base = every.head(MOST), every.attrs["base"]
    first = frame.iloc[0]
    what = first["what"]
    what = what if what.startswith("CLGR") else "the " + what[0].lower() + what[1:]
    title = (
        f"{view.banner}{view.name}: what moves the mean {_mean(view)} most is {what}, from "
        f"{first['at_low']:.1f} to {first['at_high']:.1f}"
    )
    drawn = _marked(picture(0.45 * len(frame) + 2.0, title, _source(view)), view)
    axes = drawn.add_subplot()
    for place, row in enumerate(frame.itertuples()):
        for end, colour, hatch in ((row.at_low, LIGHT, ""), (row.at_high, BLUE, "//")):
            axes.barh(place, end - base, left=base, color=colour, hatch=hatch, edgecolor="white")
    axes.axvline(base, color="black", linewidth=1.2)
    labels = frame["what"] + " (" + frame["kind"] + ")"
    axes.set_yticks(range(len(frame)), no_wider(labels, 46), fontsize=9.5)
    axes.set_ylim(len(frame) - 0.5, -0.5)
    axes.set_xlabel(f"mean {_mean(view)} over the risks")
    handles = [
        Patch(facecolor=LIGHT, label="input at its least"),
        Patch(facecolor=BLUE, hatch="//", edgecolor="white", label="input at its greatest"),
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9)
    spoken = "; ".join(f"{r.what} {r.at_low:.1f} to {r.at_high:.1f}" for r in frame.itertuples())
    alt = (
        f"The mean score is {base:.1f} with every input at its stated value or the middle of its "
        f"span. One input alone from its least to its greatest moves it so: {spoken}."
    )
    formats = dict.fromkeys(["at_low", "at_high", "swing"], "{:.2f}")
    caption = f"{view.banner}Mean {_mean(view)} with one input moved alone"
    return Figure(drawn, title, alt, Table(every, caption, formats))


def _mean(view: View) -> str:
    return "residual score" if view.scored else "what-if score"


def comparison(view: View, beside: Beside) -> Figure:
    """Draw the mean residual score of an area among all areas.

    Parameters
    ----------
    view : View
        The area that is marked.
    beside : Beside
        As `lgr_report.risk.beside.all_areas` returns it for this area.
    """
    areas = beside.overall.sort_values("mean", ascending=False)
    own, pairs = areas.loc[view.area_id], told_apart(beside)
    pairs = pairs[pairs["apart"] & pairs[["first", "second"]].eq(view.area_id).any(axis=1)]
    apart = areas.index.isin({*pairs["first"], *pairs["second"]} - {view.area_id})
    ranks = phrases.span(own[["best_rank", "worst_rank"]], str)
    title = (
        f"{view.name}: mean {_mean(view)} {own['mean']:.1f}, rank {ranks} of {len(areas)} in nine "
        f"draws of ten; told apart from {apart.sum() or 'none'} of the other {len(areas) - 1} areas"
    )
    marked = areas.index == view.area_id
    other = np.where(apart, APART, ALIKE)
    caption = (
        "Mean score of all areas, what-if unless assessed; low, high, ranks: nine draws in ten"
    )
    headings = {"assessed": "Risks assessed", "above": "Risks above tolerance, mean of draws"}
    return dots(
        areas.assign(
            name=np.where(marked, "▸ " + areas["name"], areas["name"]),
            value=areas["mean"],
            series=np.where(marked, view.name, other),
        ),
        title,
        _source(view),
        "mean score over the risks; mark: mean, bar: nine draws in ten",
        Table(areas.reset_index(drop=True), caption, headings=headings),
        looks={
            view.name: Look("D", ORANGE, LIGHT, 6, 11),
            APART: Look(size=6),
            ALIKE: Look(size=6, hollow=True),
        },
        side_by_side=False,
        row_height=0.34,
        margin=2.6,
        columns=1,
        wrap=42,
        alt="Areas from the highest score down: "
        + "; ".join(
            f"{row['name']} {phrases.ranged(row['mean'], row['low'], row['high'], phrases.number)}"
            for _, row in areas.iterrows()
        )
        + f". Pairs are judged by their own differences: {view.name} is told apart from "
        f"{'; '.join(areas['name'][apart]) or 'none'}.",
    )


@styled
def matrix(view: View) -> Figure:
    """Draw the maturity matrix as a grid, the computed and the assessed layer apart."""
    officers = view.assessed
    known = officers["level"].notna()
    public = {} if view.computed is None else _by_cell(view.computed)
    of_public = f"public data give levels on {len({area for area, _ in public})}"
    title = (
        f"{view.banner}{view.name}: officers assessed {known.sum()} of {len(officers)} areas of "
        f"the matrix; {'an example has no public data' if view.example else of_public}"
    )
    source = "computed from DfE, Ofsted, MHCLG and ONS figures; assessed by officers where recorded"
    source = "invented assessments" if view.example else source
    drawn = _marked(picture(0.72 * len(officers) + 2.1, title, source), view)
    axes = drawn.add_subplot()
    grid = np.array(
        [[float((a, k) in public) for k in range(1, LEVELS + 1)] for a in officers.index]
    )
    names = read("maturity_levels").set_index("level")["name"]
    sns.heatmap(
        grid,
        ax=axes,
        cmap=mpl.colors.ListedColormap([NEXT, "#ADD1F1"]),
        vmin=0,
        vmax=1,
        cbar=False,
        linewidths=2,
        linecolor="white",
        xticklabels=[f"{k} {name}" for k, name in names.items()],
        yticklabels=no_wider(officers["name"], 24),
    )
    rows = {area: row for row, area in enumerate(officers.index)}
    for (area, level), council in public.items():
        lines = "\n".join(no_wider([", ".join(council)], 21))
        axes.text(level - 0.5, rows[area] + 0.1, lines, ha="center", va="top", fontsize=8)
    for area, note in _without(view).items():
        if area not in {key for key, _ in public}:
            lines = "\n".join(no_wider([note], 80))
            axes.text(0.1, rows[area] + 0.1, lines, ha="left", va="top", fontsize=8, style="italic")
    for row, level in enumerate(officers["level"]):
        if pd.notna(level):
            box = Rectangle((level - 0.96, row + 0.04), 0.92, 0.92, fill=False, ec=ORANGE, lw=3)
            axes.add_patch(box)
            axes.text(
                level - 0.5, row + 0.78, "★ assessed", ha="center", va="center", fontweight="bold"
            )
    axes.tick_params(axis="y", rotation=0)
    handles = [
        Patch(facecolor="#ADD1F1", label="computed (public data): authorities named"),
        Patch(fill=False, edgecolor=ORANGE, linewidth=3, label="★ assessed by officers"),
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.3, 1), ncols=2, fontsize=9)
    without = _without(view)
    layers = [
        f"{name}: computed {_levels(public, area) or without.get(area, 'not available')}; assessed "
        + (f"level {officers.loc[area, 'level']}" if known[area] else "by nobody yet")
        for area, name in officers["name"].items()
    ]
    table = Table(tables.to_next_level(view), f"{view.banner}Gap of each area to its next level")
    return Figure(drawn, title, f"Areas by levels 1 to {LEVELS}. {'. '.join(layers)}.", table)


def _by_cell(computed: pd.DataFrame) -> dict[tuple[str, int], list[str]]:
    """Return the names of the authorities in each cell of the matrix."""
    here = computed.dropna(subset=["level"])
    found = here.groupby(["maturity_area_id", "level"])["council_name"].agg(list)
    return {(area, int(level)): names for (area, level), names in found.items()}


def _levels(public: dict, area: str) -> str:
    mine = {level: names for (key, level), names in public.items() if key == area}
    spoken = (f"level {level} ({', '.join(names)})" for level, names in sorted(mine.items()))
    return ", ".join(spoken)


def _without(view: View) -> dict[str, str]:
    """Return why no authority has a level, by area of the matrix where none has."""
    return {} if view.computed is None else maturity.without_level(view.computed)


@styled
def all_areas(beside: Beside) -> Figure:
    """Draw the chance that each risk of each area is above tolerance, were the what-if true.

    Parameters
    ----------
    beside : Beside
        As `lgr_report.risk.beside.all_areas` returns it.
    """
    order = beside.overall.sort_values("mean", ascending=False)
    grid = 100 * _wide(beside.chances["above_tolerance"]).loc[order.index]
    given = never_within()
    sure = int((grid.drop(columns=given) >= 95).all().sum())
    assessed = int(order["assessed"].gt(0).sum())
    title = (
        f"What-if on assumed tolerances: {sure or 'none'} of {grid.shape[1] - len(given)} risks "
        "would be above in every area in at least 95% of draws"
        + (f", {phrases.listed(given)} by arithmetic alone" if given else "")
        + f"; {assessed or 'no'} area{'' if assessed == 1 else 's'} published an assessment"
    )
    source = "computed from the register, maturity and assumptions; tolerances assumed"
    drawn = picture(0.36 * len(grid) + 2.2, title, source)
    axes = drawn.add_subplot()
    sns.heatmap(
        grid,
        ax=axes,
        annot=True,
        fmt=".0f",
        cmap="Blues",
        vmin=0,
        vmax=100,
        linewidths=1,
        annot_kws={"fontsize": 8.5},
        cbar_kws={"label": "per cent of draws above tolerance"},
        xticklabels=[key.removeprefix("CLGR") for key in grid.columns],
        yticklabels=no_wider(order["name"], 34),
    )
    axes.set_xlabel("risk, CLGR1 to CLGR14")
    axes.set_ylabel("")
    axes.tick_params(axis="y", rotation=0, labelsize=8.5)
    spoken = "; ".join(f"{key} {grid[key].min():.0f} to {grid[key].max():.0f}" for key in grid)
    table = grid.round(0).astype(int)
    table.insert(0, "area", order["name"])
    table = Table(table.reset_index(drop=True), "What-if: per cent of draws above tolerance")
    alt = "Per cent of draws in which a risk would be above tolerance, least to greatest area"
    return Figure(drawn, title, f"{alt}: {spoken}.", table)


def _wide(column: pd.Series) -> pd.DataFrame:
    """Return areas by risks of a column of chances, both in the order given."""
    areas, risks = (column.index.unique(name) for name in ("area_id", "risk_id"))
    return pd.DataFrame(column.to_numpy().reshape(len(areas), -1), areas, risks)
