"""Metrics: one figure of one option, in the form that every model gives it and every table reads.

A model measures any division of councils into footprints, so that a proposal, the decided pattern,
the councils of today and every contiguous option are measured by the same function.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lgr_report.core.demand import Demand

LOWER, HIGHER, NEITHER = "lower", "higher", "neither"
DECIMALS = 9


@dataclass(frozen=True)
class Metric:
    """One figure of one option.

    ``value``, ``low`` and ``high`` (ends of the interval at ``interval_level``; equal to the value
    for a plain count, missing where none is known) are in ``unit``, and kept to nine decimals: sums
    over draws that are one differ in the last digit, which is no interval. ``better`` says which
    way is better for those who use the services: lower, higher or neither. ``style`` formats a
    value, as "£{:,.1f}m". ``note`` says why a value is missing, or what to beware of.
    """

    metric: str
    label: str
    unit: str
    value: float
    low: float
    high: float
    better: str = NEITHER
    style: str = "{:,.1f}"
    note: str = ""

    def __post_init__(self) -> None:
        if self.better not in (LOWER, HIGHER, NEITHER):
            raise ValueError(f"metric {self.metric}: better is {self.better!r}")
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, round(getattr(self, name), DECIMALS))
        if self.low > self.value or self.value > self.high:
            raise ValueError(
                f"metric {self.metric}: {self.value} is not between {self.low} and {self.high}"
            )

    def __str__(self) -> str:
        """Return the value with its interval, as a page shows it; a dash where there is none."""
        if pd.isna(self.value):
            return "–"
        text = _signed(self.style, self.value)
        if pd.isna(self.low) or self.low == self.high:
            return text
        return f"{text} ({_signed(self.style, self.low)} to {_signed(self.style, self.high)})"


def _signed(style: str, value: float) -> str:
    """Return a formatted value, the minus before a currency sign and never on a rounded zero."""
    text = style.format(abs(value))
    zero = not any(digit in text for digit in "123456789")
    return text if value >= 0 or zero else f"−{text}"


def frame(measured: Iterable[Metric]) -> pd.DataFrame:
    """Return metrics as a table: metric, label, unit, value, low, high, better, text, note."""
    columns = ["metric", "label", "unit", "value", "low", "high", "better"]
    rows = [
        {name: getattr(one, name) for name in columns} | {"text": str(one), "note": one.note}
        for one in measured
    ]
    return pd.DataFrame(rows, columns=[*columns, "text", "note"])


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
