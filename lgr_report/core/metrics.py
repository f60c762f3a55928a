"""Metrics: what is measured of a division of councils, and the measurements of one division.

A chapter measures any division of councils into footprints, so that a proposal, the decided
pattern, the councils of today and every contiguous option are measured alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lgr_report.core.demand import Demand

LOWER, HIGHER, NEITHER = "lower", "higher", "neither"
DECIMALS = 9
Footprints = Sequence[Sequence[str]]  # GSS codes, every council once


@dataclass(frozen=True)
class Metric:
    """One thing that is measured of a division of councils.

    Parameters
    ----------
    metric : str
        Identifier.
    label, unit : str
        How a table names it; ``label`` may hold a place that a measurement fills.
    better : str
        Which way is better for those who use the services: lower, higher or neither.
    style : str
        Format of a value, as "£{:,.1f}m".
    counts_councils : bool
        Whether arithmetic alone decides it: whoever makes fewer councils has fewer.
    zero_for_one : bool
        Whether it is zero for one council by definition, which is then no achievement.
    moves_with_number : bool
        Whether the number of unitaries alone moves it: a largest is larger where less is cut, a
        range or a worst reaches further where there are more. Then only divisions into as many
        unitaries are compared on it.
    short : str
        How the chart of trade-offs names it; empty if it is not shown there.
    """

    metric: str
    label: str
    unit: str
    better: str = NEITHER
    style: str = "{:,.1f}"
    counts_councils: bool = False
    zero_for_one: bool = False
    moves_with_number: bool = False
    short: str = ""

    def __post_init__(self) -> None:
        if self.better not in (LOWER, HIGHER, NEITHER):
            raise ValueError(f"metric {self.metric}: better is {self.better!r}")

    def measured(
        self,
        value: float,
        low: float | None = None,
        high: float | None = None,
        note: str = "",
        drawn: np.ndarray | None = None,
        by_chance: float = np.nan,
        **filled: object,
    ) -> "Measurement":
        """Return a measurement; without ends it is a plain count. ``filled`` fills the label."""
        ends = (value if end is None else end for end in (low, high))
        label = self.label.format(**filled)
        return Measurement(self, value, *ends, note, label, drawn, by_chance)


@dataclass(frozen=True)
class Measurement:
    """One figure of one division.

    ``value``, ``low`` and ``high`` (ends of the interval at ``interval_level``; equal to the value
    for a plain count, missing where none is known) are in the metric's unit, and kept to nine
    decimals: sums over draws that are one differ in the last digit, which is no interval. ``note``
    says why a value is missing, or what to beware of. ``drawn`` holds the value in every draw
    (draws, or specifications × draws, the one behind the value first): draw d is the same state of
    the world for every division, so that two divisions can be compared draw by draw. It is None
    where nothing is drawn: then nothing is told apart. ``by_chance`` is what the uncertainty of
    estimates alone would show of an extreme, which is never below zero; missing where no chapter
    knows it.
    """

    metric: Metric
    value: float
    low: float
    high: float
    note: str = ""
    label: str = ""
    drawn: np.ndarray | None = field(default=None, compare=False, repr=False)
    by_chance: float = field(default=np.nan, compare=False)

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, round(float(getattr(self, name)), DECIMALS))
        if self.low > self.value or self.value > self.high:
            raise ValueError(
                f"metric {self.metric.metric}: {self.value} is not between {self.low} and "
                f"{self.high}"
            )


def frame(measurements: Iterable[Measurement]) -> pd.DataFrame:
    """Return measurements as a table.

    Returns
    -------
    pandas.DataFrame
        A row a measurement: metric, label, unit, value, low, high, note, and of its `Metric`
        better, counts_councils, zero_for_one.
    """
    own = ["value", "low", "high", "note"]
    of_metric = ["better", "counts_councils", "zero_for_one"]
    rows = [
        (
            *(m.metric.metric, m.label, m.metric.unit),
            *(getattr(m, name) for name in own),
            *(getattr(m.metric, name) for name in of_metric),
        )
        for m in measurements
    ]
    return pd.DataFrame(rows, columns=["metric", "label", "unit", *own, *of_metric])


def by_option(parts: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return tables of options by their number of unitaries as one: index n_unitaries, option."""
    return pd.concat(parts, names=["n_unitaries", "option"])


def councils_of(footprints: Footprints) -> list[str]:
    """Return the councils of a division, in the order of its footprints."""
    return [code for codes in footprints for code in codes]


def today(demand: Demand, gss_codes: Sequence[str]) -> list[list[str]]:
    """Return councils grouped by the authority that runs their services today.

    Districts of one county are one group; a unitary is a group of its own. Groups stand in the
    order of their first council. An option's change is measured against this division.
    """
    chosen = demand.select(gss_codes)
    groups: dict[str, list[str]] = {}
    for code, authority in zip(chosen.gss_codes, chosen.authority, strict=True):
        groups.setdefault(authority, []).append(code)
    return [*groups.values()]


def refines(finer: Footprints, coarser: Footprints) -> bool:
    """Return whether each footprint of one division lies inside one footprint of another."""
    whole = [set(codes) for codes in coarser]
    return all(any(part.issuperset(codes) for part in whole) for codes in finer)


def divides(footprints: Footprints, demand: Demand) -> bool:
    """Return whether a division divides an authority of today, rather than only joining some."""
    return not refines(today(demand, councils_of(footprints)), footprints)
