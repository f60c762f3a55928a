"""Places: how a percentile is written, the same in sentences, tables and charts of a page.

A percentile is no rank: it is always named as one. The ends of the scale are not rounded to it.
"""

import pandas as pd

from lgr_report.core.scores import DRAWN
from lgr_report.sources.assumptions import assumption

BY = {metric: f"by {metric}" for metric in DRAWN}  # by people, by spend


def place(percentile: float) -> str:
    """Return a percentile as a number; a dash where there is none."""
    if pd.isna(percentile):
        return "–"
    if percentile < 1:
        return "under 1"
    return "over 99" if percentile > 99 else f"{percentile:.0f}"


def drawn(row: pd.Series, metric: str, ranged: bool = True) -> str:
    """Return a proposal's percentile for a demand metric, with its interval in brackets."""
    text = place(row[f"{metric}_percentile"])
    if not ranged or pd.isna(row[f"{metric}_low"]):
        return text
    return f"{text} ({place(row[f'{metric}_low'])} to {place(row[f'{metric}_high'])})"


def both(row: pd.Series, ranged: bool = True) -> str:
    """Return the places of a proposal by people and by spend, side by side."""
    return " and ".join(f"{drawn(row, metric, ranged)} {by}" for metric, by in BY.items())


def verdict(low: float, high: float) -> str:
    """Return what an interval of places allows to say beside most options."""
    if high < 50:
        return "it is more even than most options"
    if low > 50:
        return "it is less even than most options"
    return "public data do not tell whether it is more or less even than most options"


def tests() -> str:
    """Return the invitation's tests of size, as we read them."""
    return (
        f"every unitary above {assumption('band_small_max'):,.0f} people and the largest at most "
        f"{assumption('reference_ratio'):g} times the smallest"
    )
