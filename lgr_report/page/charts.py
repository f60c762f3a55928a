"""Dots with intervals on named rows: the one chart that most findings need.

    charts.dots(frame, title, source, axis, table)

takes any table with the columns name, value, low and high, and draws a row a name. With a column
``series`` each row holds several dots, side by side and told apart by mark and colour; with a
column ``group`` rows stand under bold headings. The alt text is made from the same table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.page import phrases
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

LIGHT = "#6BACE6"


@dataclass(frozen=True)
class Look:
    """How a series of dots looks: mark, colour, colour and width of its intervals, size, edge."""

    mark: str = "o"
    colour: str = BLUE
    bar: str = LIGHT
    width: float = 6
    size: float = 8
    hollow: bool = False
    edge: float | None = None


LOOKS = (
    Look(),
    Look("D", ORANGE, ORANGE, 2.5),
    Look("s", TEAL, TEAL, 2.5),
    Look("^", PURPLE, PURPLE, 2.5),
    Look("v", GREY, GREY, 2.5),
    Look("P", "black", "black", 2.5),
)


@dataclass(frozen=True)
class Lines:
    """Vertical lines that dots are read against: where, and what each is called in the legend."""

    at: Sequence[float] = (0,)
    labels: Sequence[str | None] = (None,)
    colour: str = GREY
    style: str = "--"


@dataclass(frozen=True)
class Scale:
    """What the horizontal axis says, and where it begins and ends (None: as the data want)."""

    label: str
    low: float | None = None
    high: float | None = None
    percent: bool = False


@styled
def dots(
    frame: pd.DataFrame,
    title: str,
    source: str,
    scale: Scale | str,
    table: Table,
    *,
    lead: str = "",
    form: Callable[[float], str] = phrases.number,
    looks: Mapping[str, Look] | None = None,
    lines: Lines | Sequence[Lines] = (),
    row_height: float = 0.42,
    margin: float = 2.2,
    wrap: int = 34,
    columns: int = 2,
    side_by_side: bool = True,
    bold: Sequence[str] = (),
    alt: str | None = None,
) -> Figure:
    """Draw dots with intervals on named rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        name (of the row), value; low and high (ends of the interval), series, group, and note
        (what stands in a row without a value) where they are known.
    title, source : str
        As of any figure.
    scale : Scale or str
        The axis, or what it says.
    table : Table
        What stands folded under the figure.
    lead : str
        How the alt text begins; the rows follow: ``name value (low to high)``.
    form : callable
        A value as the alt text has it.
    looks : mapping of str to Look
        By series; by default in the order of `LOOKS`.
    lines : Lines or sequence of Lines
        What the dots are read against.
    row_height, margin : float
        Inches of a row, and of everything else.
    wrap : int
        Most characters of a name in one line.
    columns : int
        Of the legend.
    side_by_side : bool
        Whether the dots of a row stand a little apart, so that none hides another.
    bold : sequence of str
        Names of rows that stand out.
    alt : str, optional
        The whole alt text, where it says something else.
    """
    scale = Scale(scale) if isinstance(scale, str) else scale
    rows = _rows(frame)
    drawn = picture(row_height * len(rows) + margin, title, source)
    axes = drawn.add_subplot()
    series = [*dict.fromkeys(frame["series"])] if "series" in frame else [None]
    known = looks or {}
    known = {name: known.get(name, LOOKS[i % len(LOOKS)]) for i, name in enumerate(series)}
    for step, name in enumerate(series):
        part = frame if name is None else frame[frame["series"] == name]
        shift = 0.8 / max(len(series), 2) * (step - (len(series) - 1) / 2) * side_by_side
        _series(axes, part, _places(rows, part) + shift, known[name], name, scale)
    _notes(axes, frame, rows)
    _labels(axes, rows, wrap, bold)
    for line in [lines] if isinstance(lines, Lines) else lines or ():
        for at, label in zip(line.at, line.labels, strict=True):
            axes.axvline(at, color=line.colour, linestyle=line.style, linewidth=1.2, label=label)
    axes.set_xlabel(scale.label, fontsize=10)
    axes.set_xlim(scale.low, scale.high)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="lower left", bbox_to_anchor=(-0.3, 1), ncols=columns, fontsize=9)
    return Figure(drawn, title, alt or _alt(frame, lead, form), table)


def _rows(frame: pd.DataFrame) -> list[tuple[object, object]]:
    """Return the rows of the chart from above: (group, name), a heading being (group, None)."""
    if "group" not in frame:
        return [(None, name) for name in dict.fromkeys(frame["name"])]
    rows: list[tuple[object, object]] = []
    for group, part in frame.groupby("group", sort=False):
        rows += [(group, None), *((group, name) for name in dict.fromkeys(part["name"]))]
    return rows


def _places(rows: list[tuple[object, object]], part: pd.DataFrame) -> np.ndarray:
    groups = part["group"] if "group" in part else [None] * len(part)
    return np.array([rows.index(key) for key in zip(groups, part["name"], strict=True)], float)


def _series(
    axes: Axes, part: pd.DataFrame, places: np.ndarray, look: Look, name: str | None, scale: Scale
) -> None:
    times = 100 if scale.percent else 1
    if {"low", "high"} <= set(part):
        low, high = (times * part[end].astype(float) for end in ("low", "high"))
        axes.hlines(places, low, high, color=look.bar, linewidth=look.width)
    axes.plot(
        times * part["value"].astype(float),
        places,
        look.mark,
        color="white" if look.hollow else look.colour,
        markeredgecolor=look.colour,
        markeredgewidth=look.edge or (1.8 if look.hollow or look.mark == "|" else 0.8),
        markersize=look.size,
        label=name,
    )


def _notes(axes: Axes, frame: pd.DataFrame, rows: list[tuple[object, object]]) -> None:
    if "note" not in frame:
        return
    bare = frame[frame["value"].isna() & frame["note"].fillna("").ne("")]
    bare = bare[~bare.duplicated(["note", *{"group", "name"} & {*bare}])]  # once a row
    for place, note in zip(_places(rows, bare), bare["note"], strict=True):
        axes.text(
            0.02, place, note, va="center", fontsize=9.5, transform=axes.get_yaxis_transform()
        )


def _labels(axes: Axes, rows: list[tuple[object, object]], wrap: int, bold: Sequence[str]) -> None:
    grouped = any(group is not None for group, _ in rows)
    labels = [group if name is None else name for group, name in rows]
    axes.set_yticks(range(len(rows)), no_wider(labels, wrap), fontsize=9.5)
    for text, (_, name) in zip(axes.get_yticklabels(), rows, strict=True):
        heading = grouped and name is None
        text.set_fontweight("bold" if heading or name in bold else "normal")
    axes.set_ylim(len(rows) - 0.5, -0.6)


def _alt(frame: pd.DataFrame, lead: str, form: Callable[[float], str]) -> str:
    interval = {"low", "high"} <= set(frame)
    spoken = []
    for row in frame.itertuples():
        name = f"{row.name}, {row.series}" if "series" in frame else row.name
        if pd.isna(row.value):
            spoken.append(f"{name}: {getattr(row, 'note', '') or 'not available'}")
        elif interval and pd.notna(row.low) and row.low != row.high:
            spoken.append(f"{name} {phrases.ranged(row.value, row.low, row.high, form)}")
        else:
            spoken.append(f"{name} {form(row.value)}")
    return f"{lead} {'; '.join(spoken)}.".strip()
