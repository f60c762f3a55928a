"""Plain difference in differences, which stands beside every synthetic control.

An area's change (mean after vesting day less mean before) less the mean change of all authorities
that were not reorganised. Every one of these takes the place of the area in turn, as for synthetic
controls: with one area and few years errors clustered by authority would be far too small.
"""

from collections.abc import Sequence

import numpy as np

from lgr_report.chapters.histories.synthetic import Placebos, centred, interval


def change(observed: np.ndarray, pool: Placebos) -> float:
    """Return an area's change less the mean change of its donors, on the scale of comparison."""
    own = centred(observed, pool.before)[~pool.before].mean()
    return float(own - _changes(pool).mean())


def chance(pool: Placebos) -> np.ndarray:
    """Return each donor's change less the mean change of the others."""
    changes = _changes(pool)
    return (changes - changes.mean()) * len(changes) / (len(changes) - 1)


def _changes(pool: Placebos) -> np.ndarray:
    return centred(pool.values, pool.before)[:, ~pool.before].mean(axis=1)


def combined(placebos: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean over every combination of one placebo for each area."""
    chance = np.zeros(1)
    for gaps in placebos:
        chance = np.add.outer(chance, gaps / len(placebos)).ravel()
    return chance


def two_sided(gaps: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return the two-sided p-value of each gap against what chance does.

    Parameters
    ----------
    gaps : numpy.ndarray
        Any number of gaps.
    chance : numpy.ndarray
        The placebos, of whom the area counts as one more.
    """
    ordered = np.sort(chance)
    below = np.searchsorted(ordered, gaps, side="right")
    above = len(ordered) - np.searchsorted(ordered, gaps, side="left")
    return np.minimum(1.0, 2 * (1 + np.minimum(below, above)) / (1 + len(ordered)))


def together(
    gaps: Sequence[float], placebos: Sequence[np.ndarray], level: float
) -> tuple[float, float, float, float]:
    """Return the mean gap of several areas, its interval, and a two-sided p-value.

    The chance distribution is the mean over every combination of one placebo for each area.
    """
    every, gap = combined(placebos), float(np.mean(gaps))
    return gap, *interval(gap, every, level), float(two_sided(np.array([gap]), every)[0])
