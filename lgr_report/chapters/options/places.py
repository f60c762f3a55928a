"""Places: how a percentile is written, the same in sentences, tables and charts of a page.

A percentile is no rank: it is always named as one. The ends of the scale are not rounded to it.
"""

import pandas as pd

from lgr_report.core.scores import DRAWN
from lgr_report.sources.assumptions import assumption, bounds

BY = {metric: f"by {metric}" for metric in DRAWN}  # by people, by spend


def place(percentile: float) -> str:
    """Return a percentile as a number; a dash where there is none."""
    if pd.isna(percentile):
        return "–"
    if percentile < 1:
        return "under 1"
    return "over 99" if percentile > 99 else f"{percentile:.0f}"


def _ranged(row: pd.Series, column: str, ends: str) -> str:
    """Return a percentile with its interval in brackets, if one is known."""
    low, high = row[f"{ends}_low"], row[f"{ends}_high"]
    if pd.isna(low):
        return place(row[column])
    return f"{place(row[column])} ({place(low)} to {place(high)})"


def drawn(row: pd.Series, metric: str, ranged: bool = True) -> str:
    """Return a proposal's percentile for a demand metric, with its interval in brackets."""
    column = f"{metric}_percentile"
    return _ranged(row, column, metric) if ranged else place(row[column])


def both(row: pd.Series, ranged: bool = True) -> str:
    """Return the places of a proposal by people and by spend, side by side."""
    return " and ".join(f"{drawn(row, metric, ranged)} {by}" for metric, by in BY.items())


def meeting(row: pd.Series, metric: str) -> str:
    """Return a proposal's percentile among options of acceptable size, for a demand metric."""
    return _ranged(row, f"{metric}_meeting", f"{metric}_meeting")


MORE, LESS, UNTOLD, DEPENDS = "more even", "less even", "not told", "depends on the options"


def told(low: float, high: float) -> str:
    """Return what an interval of places tells beside most options: more, less even or neither."""
    return MORE if high < 50 else LESS if low > 50 else UNTOLD


def told_of(row: pd.Series, metric: str) -> str:
    """Return what the places of a proposal tell, whichever options it is set beside.

    `DEPENDS` if they tell something else among all options than among those of acceptable size.
    """
    every = told(row[f"{metric}_low"], row[f"{metric}_high"])
    low, high = row[f"{metric}_meeting_low"], row[f"{metric}_meeting_high"]
    return every if pd.isna(low) or told(low, high) == every else DEPENDS


def verdict(low: float, high: float, most: str = "options") -> str:
    """Return what an interval of places allows to say beside most options, as a clause."""
    answer = told(low, high)
    if answer == UNTOLD:
        return f"public data do not tell whether it is more or less even than most {most}"
    return f"it is {answer} than most {most}"


def limits() -> str:
    """Return which options are of acceptable size, and whose limits these are."""
    low, ratio, high = bounds("reference_ratio")
    return (
        f"every unitary has more than {assumption('band_small_max'):,.0f} people, and the largest "
        f"at most {ratio:g} times those of the smallest ({low:g} to {high:g} can be argued for). "
        "These limits are ours, assumed: the invitation names no number for balance"
    )
