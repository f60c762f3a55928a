"""Synthetic controls: what a reorganised area's measures might have been had it stayed as it was.

The control is a weighted mean of authorities that were not reorganised, with weights that are not
negative, sum to one, and are fitted to the years before. Area and controls are compared in their
departures from their own mean of these years, so that a lasting difference of level counts for
nothing: several areas lie outside the range of all others. There are more donors than years, so
uneven weights are penalised, as in synthetic difference in differences; without that weights would
not be unique. For inference every donor takes the place of the area in turn (placebos).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from lgr_report.chapters.histories.panel import JOINT, SPLIT, Measure, Panel, Reorganisation
from lgr_report.sources.assumptions import assumption


@dataclass(frozen=True)
class Rules:
    """What a comparison rests on that is ours (see ``data/assumptions.csv``).

    ``penalty`` on uneven weights, fewest periods before (``least``), ``level`` of intervals.
    """

    penalty: float
    least: int
    level: float

    @property
    def significance(self) -> float:
        """Return the p-value below which a test is said to show something."""
        return round(1 - self.level, 12)

    @classmethod
    def assumed(cls) -> "Rules":
        """Return the rules as the table of assumptions has them."""
        return cls(
            assumption("synthetic_penalty"),
            int(assumption("synthetic_min_before")),
            assumption("interval_level"),
        )


@dataclass(frozen=True, eq=False)
class Placebos:
    """What the method finds where nothing was reorganised: one row a donor.

    ``values`` is donors × years (as compared: logs where the measure's scale is log), ``before``
    says which years were fitted, ``pre_error`` the root mean squared error of these, ``ratio``
    that of the other years over it, ``gap`` the mean gap after.
    """

    codes: tuple[str, ...]
    values: np.ndarray
    before: np.ndarray
    penalty: float
    pre_error: np.ndarray
    ratio: np.ndarray
    gap: np.ndarray


@dataclass(frozen=True, eq=False)
class Comparison:
    """One measure of one reorganised area beside its synthetic control.

    ``observed`` and ``control`` are by year, on the measure's scale of comparison. ``gap`` is the
    mean difference after vesting day, ``low`` and ``high`` the ends of its interval at
    ``interval_level``, from the gaps of the placebos; ``p`` the share of placebos and the area
    itself whose error grew at least as much: another test, which may say another thing. ``apart``
    holds each successor's own mean distance from the same control, which includes whatever set it
    apart from its county before.
    """

    measure: Measure
    change: Reorganisation
    observed: pd.Series
    control: pd.Series
    before: np.ndarray
    weights: pd.Series
    placebos: Placebos
    pre_error: float
    gap: float
    low: float
    high: float
    p: float
    apart: Mapping[str, float]


def weights(target: np.ndarray, donors: np.ndarray, penalty: float) -> np.ndarray:
    """Return the weights of donors that come nearest to a target.

    Minimises Σ (target − w · donors)² + penalty · Σ w², with w ≥ 0 and Σ w = 1.

    Parameters
    ----------
    target
        Years.
    donors
        Donors × years.
    penalty
        Above zero it makes the weights unique.

    Notes
    -----
    On the simplex the target can be taken off every donor, and what remains is the point of a
    convex hull nearest to the origin: a problem of non-negative least squares (Wolfe's), exact for
    any weight of its last row, after scaling the answer to sum to one.
    """
    rows = np.vstack([(donors - target).T, np.sqrt(penalty) * np.eye(len(donors))])
    scale = np.sqrt((rows**2).sum(axis=0).mean()) or 1.0
    aim = np.append(np.zeros(len(rows)), 1.0)
    solution, _ = nnls(np.vstack([rows / scale, np.ones(len(donors))]), aim)
    return solution / solution.sum()


def centred(values: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return values (… × years) less their own mean over the years before."""
    return values - values[..., before].mean(axis=-1, keepdims=True)


def errors(gaps: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the error before, its growth (after ÷ before), and the mean gap after."""
    pre = np.sqrt((gaps[..., before] ** 2).mean(axis=-1))
    post = np.sqrt((gaps[..., ~before] ** 2).mean(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return pre, post / pre, gaps[..., ~before].mean(axis=-1)


def placebos(
    values: np.ndarray, codes: tuple[str, ...], before: np.ndarray, strength: float
) -> Placebos:
    """Let every donor take the place of the area, with the other donors as its controls.

    The penalty is ``strength`` variances of a yearly change of donors, for each year before.
    """
    shape, steps = centred(values, before), np.diff(values[:, before], axis=1)
    penalty = float(strength * before.sum() * steps.var())
    gaps = np.empty_like(shape)
    for k, target in enumerate(shape):
        rest = np.delete(shape, k, axis=0)
        gaps[k] = target - weights(target[before], rest[:, before], penalty) @ rest
    return Placebos(codes, values, before, penalty, *errors(gaps, before))


def fit(observed: np.ndarray, pool: Placebos) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of the donors and the synthetic control of an area by year."""
    shape = centred(pool.values, pool.before)
    target = centred(observed, pool.before)[pool.before]
    fitted = weights(target, shape[:, pool.before], pool.penalty)
    return fitted, observed[pool.before].mean() + fitted @ shape


def p_value(ratio: float, pool: Placebos) -> float:
    """Return the share of the area and its placebos whose error grew at least as much."""
    return (1 + (pool.ratio >= ratio).sum()) / (1 + len(pool.ratio))


def interval(gap: float, chance: np.ndarray, level: float) -> tuple[float, float]:
    """Return the effects that a two-sided rank test of the gap does not reject.

    It is `differences.two_sided` turned round, so it leaves out zero where, and only where, that
    test's p is below 1 − ``level``. The ends are order statistics of the placebos, of whom the area
    counts as one more; with too few placebos nothing is rejected, and the ends are infinite.
    """
    count = len(chance)
    # As many placebos have to lie on each side of an effect that is not rejected.
    least = math.ceil(round(round(1 - level, 12) * (1 + count) / 2, 9)) - 1
    if not least:
        return -math.inf, math.inf
    ordered = np.partition(chance, [least - 1, count - least])
    return float(gap - ordered[count - least]), float(gap - ordered[least - 1])


def compare(
    panel: Panel, about: Measure, change: Reorganisation, rules: Rules, pools: dict
) -> Comparison | str:
    """Compare one measure of one area with its synthetic control; or say why it cannot be done.

    ``pools`` keeps the placebos of one panel, which areas of the same years share.
    """
    known = about.compared(panel.path(about, change)).dropna()
    years = list(known.index)
    before = ~about.after(years, change.vesting_day)
    if before.sum() < rules.least:
        periods = f"{before.sum() or 'no'} periods before vesting day in the panel"
        return f"{periods}, {rules.least} needed"
    if before.all():
        return "no period after vesting day in the panel"
    key = (about.measure, tuple(years), before.sum(), rules)
    if key not in pools:
        # A donor that misses one of these years is none.
        donors = about.compared(panel.wide(about).reindex(panel.donors)[years]).dropna()
        pools[key] = placebos(donors.to_numpy(float), tuple(donors.index), before, rules.penalty)
    pool = pools[key]
    fitted, control = fit(known.to_numpy(), pool)
    pre_error, ratio, gap = map(float, errors(known.to_numpy() - control, before))
    low, high = interval(gap, pool.gap, rules.level)
    control = pd.Series(control, years)
    return Comparison(
        measure=about,
        change=change,
        observed=known,
        control=control,
        before=before,
        weights=pd.Series(fitted, pool.codes),
        placebos=pool,
        pre_error=pre_error,
        gap=gap,
        low=low,
        high=high,
        p=float(p_value(ratio, pool)),
        apart=_apart(panel, about, change, control[~before]),
    )


def _apart(
    panel: Panel, about: Measure, change: Reorganisation, control: pd.Series
) -> dict[str, float]:
    """Return each successor's mean distance from the control; none if they report together."""
    joint = panel.broken_years(about, change.area, JOINT)
    years = [year for year in control.index if year not in joint]
    if change.kind != SPLIT or not years:
        return {}
    values = about.compared(panel.wide(about).reindex(change.codes)[years])
    means = (values - control[years]).mean(axis=1, skipna=False)
    return {name: float(means[code]) for code, name in change.successors}
