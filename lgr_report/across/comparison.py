"""An area's divisions side by side on every metric: councils today, and each computable proposal.

Every chapter measures every division by the same function, so a column of the table can be compared
along its row. What government decided is marked where it is one of the proposals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lgr_report.across.marks import Marks, marks, matters
from lgr_report.chapters.registry import registry
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import NEITHER, Footprints, Metric, divides, frame
from lgr_report.page import phrases
from lgr_report.page.phrases import quoted
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content

ALONE = "noise alone"
MATTERS = "least difference for a mark, assumed"


@dataclass(frozen=True)
class Division:
    """A division of an area's councils into footprints: a proposal, or the councils of today."""

    name: str
    footprints: Footprints
    proposal_id: str | None = None
    decided: bool = False

    @property
    def heading(self) -> str:
        """The name, with what government decided marked."""
        return f"{self.name} (decided)" if self.decided else self.name


def metrics() -> dict[str, Metric]:
    """Return the metrics of all chapters by identifier, in the order of the chapters."""
    return {m.metric: m for chapter in registry() for m in chapter.metrics}


def divisions(here: Divisions) -> list[Division]:
    """Return the councils of today and every proposal that can be computed, in that order."""
    proposed = [
        Division(
            proposal.name,
            tuple(codes for _, codes in proposal.footprints),
            proposal.proposal_id,
            proposal.proposal_id == here.decided,
        )
        for proposal in here.computable
    ]
    return [Division("Today", here.today), *proposed]


def left_out(here: Divisions) -> list[str]:
    """Return a sentence for the proposals that cannot be computed; none if all can."""
    names: dict[str, list[str]] = {}
    for proposal in here.proposals:
        if not proposal.footprints:
            decided = " (the decided one)" if proposal.proposal_id == here.decided else ""
            names.setdefault(proposal.status, []).append(quoted(proposal.name) + decided)
    return [
        f"Not in the table: {phrases.listed(those)}: {status}." for status, those in names.items()
    ]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The divisions of an area side by side.

    ``table`` has a row a division and metric: division (heading), place (order), proposal_id,
    decided, the columns of `metrics.frame`, by_chance (see `Measurement`), text (value and interval
    for a page) and mark (see `marks`; the councils of today have none). ``compared`` and ``pairs``
    are as in `Marks`;
    ``undivided`` names the proposals that divide no authority of today.
    """

    table: pd.DataFrame
    compared: tuple[str, ...]
    pairs: int
    undivided: tuple[str, ...]


@by_content
def measured(here: Divisions) -> Comparison:
    """Measure every division of an area on every metric, and mark the best and worst proposals."""
    chapters = [c for c in registry() if c.measure is not None and c.applies(here)]
    every = divisions(here)
    rows = [
        [m for chapter in chapters for m in chapter.measure(division.footprints, here.demand)]
        for division in every
    ]
    parts = [
        frame(row).assign(
            by_chance=[m.by_chance for m in row],
            text=[phrases.measured(m) for m in row],
            division=division.heading,
            place=place,
            proposal_id=division.proposal_id,
            decided=division.decided,
        )
        for place, (division, row) in enumerate(zip(every, rows, strict=True))
    ]
    cut = [
        division.footprints if divides(division.footprints, here.demand) else None
        for division in every[1:]
    ]
    found = marks(rows[1:], cut) if len(rows) > 1 else Marks([], (), 0)
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(mark=[""] * len(rows[0]) + found.mark)
    undivided = tuple(d.heading for d, cuts in zip(every[1:], cut, strict=True) if cuts is None)
    return Comparison(table, found.compared, found.pairs, undivided)


def shown(found: Comparison) -> pd.DataFrame:
    """Return `measured` for a page: a row a metric, a column a division."""
    table = found.table
    alone = [_by_chance(*row) for row in table[["metric", "by_chance"]].itertuples(index=False)]
    text = (table["text"] + alone + " " + table["mark"]).str.strip()
    wish = (" (" + table["better"] + " is better)").where(table["better"] != NEITHER, "")
    label = table["label"].str[:1].str.upper() + table["label"].str[1:] + wish
    rows, columns = ["metric", "label", "unit"], ["place", "division"]
    wide = table.assign(text=text, label=label)
    wide = wide.pivot_table(index=rows, columns=columns, values="text", aggfunc="first")
    order = table["metric"].drop_duplicates()
    wide = wide.reindex(order, level="metric").fillna("–")
    wide.columns = phrases.distinct([name for _, name in wide.columns])
    wide = wide.reset_index(level=["label", "unit"]).rename(columns={"label": "metric"})
    return wide.assign(**{MATTERS: [_matters(name) for name in wide.index]})


def _by_chance(name: str, value: float) -> str:
    """Return what noise alone would show of a metric, as a cell has it; nothing if not known."""
    shown = "" if pd.isna(value) else phrases.styled(value, metrics()[name].style)
    return f"; {ALONE} {shown}" if any(digit in shown for digit in "123456789") else ""


def _matters(name: str) -> str:
    """Return the least difference that earns a mark on a metric, or why none does."""
    metric = metrics()[name]
    if metric.counts_councils:
        return "no mark: counts councils"
    if metric.better == NEITHER:
        return "no mark: neither way is better"
    return phrases.styled(matters(name), metric.style)


def in_words(here: Divisions, found: Comparison) -> list[str]:
    """Return what the comparison shows, in sentences computed from `measured`."""
    bids = found.table[found.table["place"] > 0]
    names = bids.drop_duplicates("place")["division"].tolist()
    if not names:
        none = f"No proposal of {here.name} can be computed: only the councils of today are shown."
        return [none, *left_out(here)]
    alone = _alone(found)
    if len(names) == 1:
        lone = f"Only {quoted(names[0])} can be computed: there is nothing to compare it with but "
        return [f"{lone}today.", *alone, *left_out(here)]
    return [*_marks_in_words(found), *alone, *left_out(here)]


def _alone(found: Comparison) -> list[str]:
    """Return what "noise alone" in a cell means; nothing where no cell has it."""
    table = found.table
    cells = [_by_chance(*row) for row in table[["metric", "by_chance"]].itertuples(index=False)]
    names = table.loc[[bool(cell) for cell in cells], "metric"].unique()
    if not len(names):
        return []
    return [
        f"“{ALONE[0].upper()}{ALONE[1:]}” is what the uncertainty of district estimates would show "
        "on average if all districts had the same rate and care homes stood exactly where need is. "
        "It stands beside extremes, which are never below zero: "
        f"{_labels(found, names)}. A figure near it is no sign of a difference."
    ]


def _marks_in_words(found: Comparison) -> list[str]:
    """Return what the marks say, what a mark needs, and where arithmetic decides."""
    marked = found.table.loc[found.table["mark"] != "", "metric"].unique()
    words = []
    if not found.compared:
        words.append(
            "Arithmetic alone decides between any two proposals here, on every measure. So none is "
            "marked as best or worst."
        )
    else:
        words += [_told(len(found.compared), found, marked), _needed(found.pairs)]
    words.append(
        "Measures that count councils and partners have no mark: fewer councils need fewer. Two "
        "proposals of which one only divides the other further are not compared. Nor are "
        "proposals with different numbers of councils on a largest, a worst or a range (deficits, "
        "demand imbalance, caseloads): the number alone moves these"
        + _uncut(found.undivided)
        + ". Nobody has weighed the measures against one another: that is for those who decide."
    )
    return words


def _told(number: int, found: Comparison, marked: Sequence[str]) -> str:
    """Return on which measures a proposal is clearly the best or the worst."""
    one = number == 1
    which = "it" if one else f"{phrases.spelled(len(marked))} of them"
    told = (
        f"On {which} a proposal is clearly the best (▲) or the worst (▼): {_labels(found, marked)}."
        if len(marked)
        else f"No proposal is clearly the best or the worst on {'it' if one else 'any of them'}."
    )
    return (
        f"We compared the proposals on {phrases.count(number, 'measure')}. {told} Where no mark "
        "stands, the order of the figures may be chance or too small to matter: do not read it as "
        "a rank."
    )


def _needed(pairs: int) -> str:
    """Return what a mark needs."""
    sure = f"{assumption('interval_level'):.0%} sure"
    every = "" if pairs == 1 else f" of all {pairs} differences together"
    return (
        "A mark needs a difference from every other proposal that chance does not explain (we are "
        f"{sure}{every}, whichever rule divides the deficits), and that is large enough to matter "
        "(assumed, last column)."
    )


def _uncut(names: Sequence[str]) -> str:
    """Return why proposals that divide nothing have no mark; nothing if there are none."""
    if not names:
        return ""
    has, divides = ("has", "it divides") if len(names) == 1 else ("have", "they divide")
    return (
        f". {phrases.listed(map(quoted, names))} {has} no mark either: {divides} no council of "
        "today, and a zero where nothing is cut is no achievement"
    )


def _labels(found: Comparison, names: Iterable[str]) -> str:
    """Return the labels of metrics as a list, without what follows a colon."""
    label = found.table.drop_duplicates("metric").set_index("metric")["label"]
    shown = (label[name].split(":")[0] for name in names)
    return "; ".join(text[:1].lower() + text[1:] for text in shown)
