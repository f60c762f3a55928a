"""Paired differences: which divisions the shared draws tell apart, all pairs at once.

Two intervals may overlap although the figures surely differ, because both rest on one estimate.
So figures are compared draw by draw. With several pairs chance alone finds a difference: the
margin is the largest standardised distance of any pair in a draw (max-type), so that all intervals
of a row hold together.
"""

import numpy as np
from scipy import stats

from lgr_report.sources.assumptions import assumption

HAIR = 1e-9  # differences that sums in another order may show


def told_apart(drawn: np.ndarray, level: float, least: float = 0.0) -> np.ndarray:
    """Return which pairs of figures differ, by simultaneous intervals of their differences.

    Parameters
    ----------
    drawn : numpy.ndarray
        Figures × specifications × draws; draw d is the same state of the world for all figures.
    level : float
        At which the intervals of all pairs hold together, within each specification.
    least : float
        Least difference that matters, of the means under the first specification.

    Returns
    -------
    numpy.ndarray
        Figures × figures: whether the difference has one sign, and an interval without zero, under
        every specification, and is large enough to matter.
    """
    n = len(drawn)
    apart = np.zeros((n, n), dtype=bool)
    first, second = np.triu_indices(n, 1)
    if not len(first):
        return apart
    difference = drawn[first] - drawn[second]
    mean, error = difference.mean(axis=-1), difference.std(axis=-1)
    unit = np.where(error > HAIR, error, np.inf)[..., None]
    furthest = (np.abs(difference - mean[..., None]) / unit).max(axis=0)
    margin = np.quantile(furthest, level, axis=-1) * error
    sure = (np.abs(mean) > margin + HAIR).all(axis=1)
    one_way = (np.sign(mean) == np.sign(mean[:, :1])).all(axis=1)
    matters = np.abs(mean[:, 0]) >= least
    apart[first, second] = apart[second, first] = sure & one_way & matters
    return apart


def of_parameter(value: float, low: float, high: float) -> np.ndarray:
    """Return a fitted parameter in ``demand_draws`` draws: quantiles of a normal distribution.

    Figures that rest on one parameter are compared at the same draw of it. The quantiles need no
    seed; ``low`` and ``high`` are the ends of its interval at ``interval_level``.
    """
    draws, level = int(assumption("demand_draws")), assumption("interval_level")
    error = (high - low) / 2 / stats.norm.ppf((1 + level) / 2)
    return value + error * stats.norm.ppf((np.arange(draws) + 0.5) / draws)
