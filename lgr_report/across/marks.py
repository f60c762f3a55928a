"""Marks: which proposals the data tell to be best or worst of all, for no reason of arithmetic.

A mark needs a difference from every other proposal that the draws which they share tell from none,
under every specification that a chapter measures, and that is large enough to matter
(``matters_<metric>`` in ``data/assumptions.csv``). No mark where arithmetic decides: on metrics
that count councils, for a proposal that divides no authority of today, between two proposals of
which one only divides the other further, and, on a largest, a worst or a range, between proposals
of different numbers of unitaries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lgr_report.core.metrics import LOWER, NEITHER, Footprints, Measurement, Metric, refines
from lgr_report.core.paired import told_apart
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption

BEST, WORST = "▲ best", "▼ worst"


@dataclass(frozen=True, eq=False)
class Marks:
    """The marks of a table of measurements.

    ``mark`` has a text for each measurement, proposal by proposal, empty for most. ``compared``
    names the metrics on which at least two proposals could differ for another reason than
    arithmetic, and ``pairs`` says how many pairs were compared on all of them together.
    """

    mark: list[str]
    compared: tuple[str, ...]
    pairs: int


def matters(metric: str) -> float:
    """Return the least difference that matters, in the unit of a metric; 0 if none is assumed."""
    name = f"matters_{metric}"
    known = set(tables.read("assumptions")["assumption_id"])
    return assumption(name) if name in known else 0.0


def marks(measured: Sequence[Sequence[Measurement]], bids: Sequence[Footprints | None]) -> Marks:
    """Mark the best and the worst of the proposals on each metric.

    Parameters
    ----------
    measured : sequence of sequence of Measurement
        A row a proposal: all are measured on the same metrics in the same order.
    bids : sequence of footprints
        What each proposal is; None if it divides no authority of today and so is not compared.
    """
    by_metric = [*zip(*measured, strict=True)]
    usable = [_usable(row, bids) for row in by_metric]
    by_cuts = [
        np.array([[_by_cuts(row[0].metric, one, other) for other in bids] for one in bids], bool)
        for row in by_metric
    ]
    pairs = [_count(*those) for those in zip(by_cuts, usable, strict=True)]
    compared = [m for m, number in enumerate(pairs) if number]
    # All differences of the table hold together: its rows share the level.
    level = 1 - (1 - assumption("interval_level")) / max(len(compared), 1)
    mark = np.full((len(bids), len(by_metric)), "", dtype=object)
    for m in compared:
        who = np.array(usable[m])
        row = [by_metric[m][i] for i in who]
        for place, text in _marked(row, by_cuts[m][np.ix_(who, who)], level):
            mark[who[place], m] = text
    names = tuple(by_metric[m][0].metric.metric for m in compared)
    return Marks(mark.ravel().tolist(), names, sum(pairs))


def _usable(row: Sequence[Measurement], bids: Sequence[Footprints | None]) -> list[int]:
    """Return the places of the measurements of one metric that may be compared for a mark."""
    if row[0].metric.better == NEITHER or row[0].metric.counts_councils:
        return []
    known = [one.drawn is not None and not np.isnan(one.value) for one in row]
    return [i for i, bid in enumerate(bids) if bid is not None and known[i]]


def _by_cuts(metric: Metric, one: Footprints | None, other: Footprints | None) -> bool:
    """Return whether arithmetic decides between two proposals on a metric."""
    if one is None or other is None:
        return True
    sized = metric.moves_with_number and len(one) != len(other)
    return sized or refines(one, other) or refines(other, one)


def _count(by_cuts: np.ndarray, who: list[int]) -> int:
    return sum(not by_cuts[i, j] for i, j in combinations(who, 2))


def _marked(row: Sequence[Measurement], by_cuts: np.ndarray, level: float) -> list[tuple[int, str]]:
    """Return the places of the best and of the worst measurement, if told from every other."""
    drawn = np.stack([np.atleast_2d(one.drawn) for one in row])
    apart = told_apart(drawn, level, matters(row[0].metric.metric)) & ~by_cuts
    np.fill_diagonal(apart, True)
    value = np.array([one.value for one in row])
    ranked = value if row[0].metric.better == LOWER else -value
    ends = (ranked.argmin(), BEST), (ranked.argmax(), WORST)
    return [(int(i), text) for i, text in ends if apart[i].all()]
