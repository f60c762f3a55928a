"""Intervals: the ends of what was drawn, at the level that every page uses."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
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


def long(columns: Mapping[str, np.ndarray], **levels: Iterable[str]) -> pd.DataFrame:
    """Return arrays as a table: a row for each of their elements, the levels of their axes first.

    Parameters
    ----------
    columns : mapping of str to numpy.ndarray
        Arrays of one shape, by the name that each has as a column.
    levels : iterable of str
        What stands along each axis, by the name of the axis.
    """
    index = pd.MultiIndex.from_product(levels.values(), names=[*levels])
    values = {name: value.ravel() for name, value in columns.items()}
    return pd.DataFrame(values, index=index).reset_index()


def wilson(count: int, n: int, level: float | None = None) -> tuple[float, float]:
    """Return the Wilson interval of a share, as two shares between 0 and 1."""
    level = assumption("interval_level") if level is None else level
    found = binomtest(count, n).proportion_ci(confidence_level=level, method="wilson")
    return float(found.low), float(found.high)
