"""Figures of residual risk: the register, the tornado, the areas beside each other, the matrix."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.patches import Patch, Rectangle

from lgr_report.page.cells import Table
from lgr_report.page.charts import LIGHT, Look, Scale, dots
from lgr_report.page.figures import BLUE, GREY, ORANGE, Figure, Picture, no_wider, picture, styled
from lgr_report.page.phrases import count
from lgr_report.risk import maturity, tables, uncertainty
from lgr_report.risk.residual import ABOVE, BANNER, LEVELS, OPEN, SHOWN, WITHIN, View
from lgr_report.sources.tables import read

MOST = 12  # bars of a tornado; the rest move the picture less
NEXT = "#F2F2F2"


def _marked(drawn: Picture, view: View) -> Picture:
    """Return a canvas; that of an example says so across the whole picture."""
    if view.example:
        words = BANNER.upper()
        drawn.text(
            0.5, 0.45, words, ha="center", va="center", rotation=25, fontsize=34, alpha=0.16
        ).set_in_layout(False)
    return drawn


SCORES = {  # a series a column, the lowest layer first: its name in the legend, its look
    "range": ("range (what-if unless assessed)", Look("s", LIGHT, LIGHT, 8)),
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
        source_of(view),
        Scale("score, likelihood × impact (1 to 25)", 0, 26),
        Table(tables.residual(view), f"{view.banner}Inherent, residual and target risk"),
        looks=dict(SCORES.values()),
        side_by_side=False,
        columns=2,
        row_height=0.46,
        margin=2.4,
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
    return f"{scored}{SHOWN.format(row['low'])} to {SHOWN.format(row['high'])}"


def mean_of(view: View) -> str:
    """Return what the mean score of an area is a mean of: a what-if where nobody scored a risk."""
    return "residual score" if view.scored else "what-if score"


def source_of(view: View) -> str:
    """Return the source line of a figure of residual risk."""
    who = "invented assessments" if view.example else "assessed by officers where recorded"
    return f"scores of the register; {who}; what-if ranges from maturity and an assumed effect"


@styled
def tornado(view: View) -> Figure:
    """Draw what moves the overall picture of an area, one input at a time."""
    every = uncertainty.tornado(view)
    frame, base = every.head(MOST), every.attrs["base"]
    first = frame.iloc[0]
    what = first["what"]
    if first["kind"] == "assumption":
        what = f"the {what[0].lower()}{what[1:]}"
    elif not what.startswith("CLGR"):
        what = f"{what[0].lower()}{what[1:]}"
    title = (
        f"{view.banner}{view.name}: what moves the mean {mean_of(view)} most is {what}, from "
        f"{first['at_low']:.1f} to {first['at_high']:.1f}"
    )
    drawn = _marked(picture(0.45 * len(frame) + 2.0, title, source_of(view)), view)
    axes = drawn.add_subplot()
    for place, row in enumerate(frame.itertuples()):
        for end, colour, hatch in ((row.at_low, LIGHT, ""), (row.at_high, BLUE, "//")):
            axes.barh(place, end - base, left=base, color=colour, hatch=hatch, edgecolor="white")
    axes.axvline(base, color="black", linewidth=1.2)
    labels = frame["what"] + " (" + frame["kind"] + ")"
    axes.set_yticks(range(len(frame)), no_wider(labels, 46), fontsize=9.5)
    axes.set_ylim(len(frame) - 0.5, -0.5)
    axes.set_xlabel(f"mean {mean_of(view)} over the risks")
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
    caption = f"{view.banner}Mean {mean_of(view)} with one input moved alone"
    return Figure(drawn, title, alt, Table(every, caption, formats))


@styled
def matrix(view: View) -> Figure:
    """Draw the maturity matrix as a grid, the computed and the assessed layer apart."""
    officers = view.assessed
    known = officers["level"].notna()
    public = {} if view.computed is None else _by_cell(view.computed)
    of_public = f"public data give levels on {len({area for area, _ in public})}"
    title = (
        f"{view.banner}{view.name}: officers assessed {known.sum() or 'none'} of {len(officers)} "
        f"areas of the matrix; {'an example has no public data' if view.example else of_public}"
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
