"""Intervals: the ends of what was drawn, at the level that every page uses."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.stats import binomtest, hypergeom

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


def finite(count: int, n: int, population: int, level: float | None = None) -> tuple[float, float]:
    """Return the exact interval of a share of a finite population, as two shares.

    ``n`` of ``population`` were seen, at random, and ``count`` of them counted. The interval holds
    every number in the population that does not make so few, or so many, of the seen count too
    rare: in each tail at most half of what the level leaves.

    Raises
    ------
    ValueError
        If not 0 ≤ count ≤ n ≤ population.
    """
    level = assumption("interval_level") if level is None else level
    least, most = worst_case(count, n, population)
    there, tail = np.arange(least, most + 1), (1 - level) / 2
    few = hypergeom.cdf(count, population, there, n)
    many = hypergeom.sf(count - 1, population, there, n)
    held = there[(few > tail) & (many > tail)]
    return float(held[0] / population), float(held[-1] / population)


def worst_case(count: int, n: int, population: int) -> tuple[int, int]:
    """Return how many of a population may count, whatever those think who were not seen.

    ``count`` of the ``n`` who were seen do.

    Raises
    ------
    ValueError
        If not 0 ≤ count ≤ n ≤ population.
    """
    if not 0 <= count <= n <= population:
        raise ValueError(f"{count} of {n} of {population}: each must hold the one before")
    return count, count + population - n
