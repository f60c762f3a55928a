"""Figures of residual risk: the register, the tornado, the areas beside each other, the matrix."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.patches import Patch, Rectangle

from lgr_report.page.cells import Table
from lgr_report.page.charts import LIGHT, Look, Scale, dots
from lgr_report.page.figures import BLUE, GREY, ORANGE, Figure, Picture, no_wider, picture, styled
from lgr_report.risk import tables, uncertainty
from lgr_report.risk.residual import ABOVE, BANNER, LEVELS, OPEN, View
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
    "range": ("residual, range", Look("s", LIGHT, LIGHT, 8)),
    "inherent": ("inherent (source)", Look("s", "black", size=9, hollow=True)),
    "assessed": ("residual, assessed", Look("D")),
    "target": ("target", Look("^", GREY, hollow=True)),
    "tolerance": ("tolerance (assumed)", Look("|", ORANGE, size=20, edge=3)),
}


@styled
def register(view: View) -> Figure:
    """Draw inherent, residual and target score of each risk, and its tolerance."""
    frame = view.register
    above, may = ((frame["standing"] == state).sum() for state in (ABOVE, OPEN))
    done = int(frame["assessed"].notna().sum())
    title = (
        f"{view.banner}{view.name}: on assumed tolerances {above} of {len(frame)} risks are above "
        f"and {may} may be; officers scored {done}"
    )
    spoken = "; ".join(
        f"{key} inherent {row['inherent']}, residual {_range(row)}, tolerance {row['tolerance']}: "
        f"{row['standing']}"
        for key, row in frame.iterrows()
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


def _range(row: pd.Series) -> str:
    scored = f"{row['assessed']} as assessed, " if row["basis"] == "assessed" else ""
    return f"{scored}{row['low']:.0f} to {row['high']:.0f}"


def _source(view: View) -> str:
    who = "invented assessments" if view.example else "assessed by officers where recorded"
    return f"scores of the register; {who}; ranges computed from maturity and assumptions"


@styled
def tornado(view: View) -> Figure:
    """Draw what moves the overall picture of an area, one input at a time."""
    every = uncertainty.tornado(view)
    frame, base = every.head(MOST), every.attrs["base"]
    first = frame.iloc[0]
    what = first["what"]
    what = what if what.startswith("CLGR") else "the " + what[0].lower() + what[1:]
    title = (
        f"{view.banner}{view.name}: what moves the mean residual score most is {what}, from "
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
    axes.set_xlabel("mean residual score over the risks")
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
    caption = f"{view.banner}Mean residual score with one input moved alone"
    return Figure(drawn, title, alt, Table(every, caption, formats))


def comparison(view: View, overall: pd.DataFrame) -> Figure:
    """Draw the mean residual score of an area among all areas.

    Parameters
    ----------
    view : View
        The area that is marked.
    overall : pandas.DataFrame
        As `uncertainty.all_areas` returns it for this area.
    """
    areas = overall.sort_values("median", ascending=False)
    own, others = areas.loc[view.area_id], areas.drop(view.area_id)
    overlap = int(((others["high"] >= own["low"]) & (others["low"] <= own["high"])).sum())
    title = (
        f"{view.name}: rank {own['rank']} of {len(areas)} by mean residual score, "
        f"but its range overlaps with that of {overlap} of the other {len(others)} areas"
    )
    marked = areas.index == view.area_id
    caption = "Mean residual score of all areas; low and high hold nine draws in ten"
    headings = {"assessed": "Risks assessed", "above": "Risks above tolerance, mean"}
    return dots(
        areas.assign(
            name=np.where(marked, "▸ " + areas["name"], areas["name"]),
            value=areas["median"],
            series=np.where(marked, view.name, "other areas"),
        ),
        title,
        _source(view),
        "mean residual score; dot: median, bar: nine draws in ten",
        Table(areas.reset_index(drop=True), caption, headings=headings),
        looks={view.name: Look("D", ORANGE, LIGHT, 6, 11), "other areas": Look(size=6)},
        side_by_side=False,
        row_height=0.34,
        wrap=42,
        alt="Areas from the highest score down: "
        + "; ".join(
            f"{row['name']} {row['median']:.1f}, from {row['low']:.1f} to {row['high']:.1f}"
            for _, row in areas.iterrows()
        )
        + ".",
    )


@styled
def matrix(view: View) -> Figure:
    """Draw the maturity matrix as a grid, the computed and the assessed layer apart."""
    officers = view.assessed
    known = officers["level"].notna()
    public = {} if view.computed is None else _by_cell(view.computed)
    of_public = f"public data speak of {len({area for area, _ in public})}"
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
    layers = [
        f"{name}: computed {_levels(public, area)}; assessed "
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
    return ", ".join(spoken) or "not available"


@styled
def all_areas(found: pd.DataFrame, overall: pd.DataFrame) -> Figure:
    """Draw the chance that each risk of each area is above tolerance.

    Parameters
    ----------
    found, overall : pandas.DataFrame
        As `uncertainty.all_areas` returns them.
    """
    order = overall.sort_values("median", ascending=False)
    grid = 100 * _wide(found["above_tolerance"]).loc[order.index]
    sure = int((grid >= 95).all().sum())
    assessed = int(order["assessed"].gt(0).sum())
    title = (
        f"On assumed tolerances {sure} of {grid.shape[1]} risks are above in every area in at "
        f"least 95% of draws; {assessed or 'no'} area{'' if assessed == 1 else 's'} published an "
        "assessment"
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
    table = Table(table.reset_index(drop=True), "Per cent of draws above tolerance, risk by risk")
    alt = "Per cent of draws in which a risk is above tolerance, least to greatest area"
    return Figure(drawn, title, f"{alt}: {spoken}.", table)


def _wide(column: pd.Series) -> pd.DataFrame:
    """Return areas by risks of a column of chances, both in the order given."""
    areas, risks = (column.index.unique(name) for name in ("area_id", "risk_id"))
    return pd.DataFrame(column.to_numpy().reshape(len(areas), -1), areas, risks)
