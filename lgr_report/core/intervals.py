"""Intervals: the ends of what was drawn, at the level that every page uses."""

import numpy as np
from scipy.stats import binomtest

from lgr_report.sources.assumptions import assumption


def ends(drawn: np.ndarray, level: float | None = None, axis: int = 0) -> np.ndarray:
    """Return the low and the high end (first axis) of the interval over draws.

    Parameters
    ----------
    drawn : numpy.ndarray
        Draws along ``axis``.
    level : float, optional
        Coverage; by default ``interval_level``.
    axis : int
        Of the draws.
    """
    level = assumption("interval_level") if level is None else level
    return np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=axis)


def around(drawn: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of draws of one figure, and the low and the high end of their interval."""
    low, high = ends(drawn)
    return float(drawn.mean()), float(low), float(high)


def wilson(count: int, n: int, level: float | None = None) -> tuple[float, float]:
    """Return the Wilson interval of a share, as two shares between 0 and 1."""
    level = assumption("interval_level") if level is None else level
    found = binomtest(count, n).proportion_ci(confidence_level=level, method="wilson")
    return float(found.low), float(found.high)
