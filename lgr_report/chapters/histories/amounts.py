"""Changes, gaps and scores as tables, charts and sentences have them, with their intervals."""

from collections.abc import Mapping

from lgr_report.page import phrases
from lgr_report.sources.assumptions import assumption


def signed(value: float, digits: int = 1) -> str:
    """Return a change with its sign; one that rounds to zero has none."""
    return phrases.number(value, digits, plus=True)


def amount(row: Mapping[str, object], name: str = "gap") -> str:
    """Return a gap in words: +3.1 points, +4%, −0.6 cases."""
    if row["in_per_cent"]:
        return signed(row[name], 0) + "%"
    unit = "points" if row["unit"].startswith("%") else row["unit"].split(", ")[0]
    return f"{signed(row[name])} {unit}"


def ranged(row: Mapping[str, object]) -> str:
    """Return a gap with its interval, the unit said once: +3.1 points (−7.9 to +12.9)."""
    return _ranged(row, "gap", "low", "high")


def plain(row: Mapping[str, object]) -> str:
    """Return the difference in differences with its interval, as `ranged` does the gap."""
    return _ranged(row, "did", "did_low", "did_high")


def _ranged(row: Mapping[str, object], name: str, *ends: str) -> str:
    low, high = (signed(row[end], 0 if row["in_per_cent"] else 1) for end in ends)
    return f"{amount(row, name)} ({low} to {high})"


def score(row: Mapping[str, object]) -> tuple[str, str, str]:
    """Return a score and the ends of its interval: +0.37, −0.17, +0.80."""
    value, low, high = (signed(row[name], 2) for name in ("score", "low", "high"))
    return value, low, high


def levels() -> tuple[str, str]:
    """Return the coverage of the inner and the outer interval of a prediction: 80%, 95%."""
    inner, outer = assumption("demand_inner_level"), assumption("interval_level")
    return phrases.percent(inner), phrases.percent(outer)
