"""Specifications: the elasticity under every reasonable choice that the published text leaves open.

What was published is fitted first: unit cost on population, deprivation and median income over all
authorities. Region, income in logs or left out, the sample, the most influential authority left
out, a robust fit, weights by residents, and nine years of children's costs in place of one, are
choices that another analyst may make. A verdict holds only if it holds over all.
"""

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from lgr_report.chapters.unit_cost import elasticity, years
from lgr_report.chapters.unit_cost.economies import across
from lgr_report.chapters.unit_cost.elasticity import EVERY_SAMPLE, TOGETHER, WHOLE
from lgr_report.core.findings import DEPENDS
from lgr_report.core.regression import CONTROLS, SAMPLES, Regression, reweighted, robust

ONE_YEAR, NINE_YEARS = "2024-25", "children over nine years"
UNCLEAR = "cannot be told from zero"
WITHOUT_ONE = "without the most influential authority"
ROBUST, BY_RESIDENTS = "robust (Huber)", "weighted by residents"
WAYS = (*EVERY_SAMPLE, WITHOUT_ONE, ROBUST, BY_RESIDENTS)  # the last two: all authorities
PUBLISHED = "as published"  # the controls of the published regression (pp96–99)
CONTROL_SETS = {
    PUBLISHED: CONTROLS,
    "income in logs": ("log_population", "deprivation", "log_income"),
    "without income": ("log_population", "deprivation"),
}


class Choice(NamedTuple):
    """One specification: controls (of `CONTROL_SETS`), region (held or not), sample or fit
    (of `WAYS`), years.
    """

    controls: str = PUBLISHED
    region: bool = False
    sample: str = WHOLE
    years: str = ONE_YEAR

    @property
    def name(self) -> str:
        """What it is, in words."""
        held = "with region" if self.region else "without region"
        return f"{self.controls}, {held}, {self.sample}, {self.years}"


def choices() -> Iterator[Choice]:
    """Return every specification; the published one over all authorities comes first."""
    for each in product(CONTROL_SETS, (False, True), WAYS, (ONE_YEAR, NINE_YEARS)):
        yield Choice(*each)


def most_influential(costs: pd.DataFrame, shares: pd.Series) -> str:
    """Return the authority without which the total, fitted as published, would move most.

    Parameters
    ----------
    costs, shares
        As for `curve`.

    Returns
    -------
    str
        Its gss_code.
    """
    steps = {n: elasticity.fit(costs, n, WHOLE).steps(elasticity.SIZE) for n in shares.index}
    return (pd.DataFrame(steps).fillna(0) @ shares).abs().idxmax()


def curve(costs: pd.DataFrame, shares: pd.Series) -> pd.DataFrame:
    """Return the elasticity of every series, and of the total, under every specification.

    Parameters
    ----------
    costs : pandas.DataFrame
        As `elasticity.costs` returns it.
    shares : pandas.Series
        Weight of each series in the total.

    Returns
    -------
    pandas.DataFrame
        series, controls, region, sample, years, name (of the choice, in words), n, value, low,
        high, error, p, freedom; and of income, where the controls are the published, income,
        income_low, income_high (per cent of unit cost for GBP 5,000 more pay). A series that the
        panel lacks has one year only; the total over nine years takes one year of such series.
    """
    panels = {name: years.panel(name, costs) for name in years.MEASURES}
    apart, rows = most_influential(costs, shares), []
    for controls, region, sample in product(CONTROL_SETS, (False, True), WAYS):
        on = {"predictors": CONTROL_SETS[controls], "region": region}
        used = costs.drop(apart) if sample == WITHOUT_ONE else costs
        of = sample if sample in EVERY_SAMPLE else WHOLE
        one = {n: elasticity.fit(used, n, of, **on) for n in elasticity.series().index}
        kept = {n: panels[n][_kept(panels[n], one[n], sample)] for n in panels}
        nine = {n: years.fit(kept[n], **on) for n in panels}
        one, nine = ({n: _again(fit, sample) for n, fit in fits.items()} for fits in (one, nine))
        nine = one | nine
        for period, fits in ((ONE_YEAR, one), (NINE_YEARS, nine)):
            choice = Choice(controls, region, sample, period)
            for name in fits if period == ONE_YEAR else panels:
                rows.append(_row(name, choice, {name: fits[name]}, pd.Series({name: 1.0})))
            joint = {name: fits[name] for name in shares.index}
            rows.append(_row(TOGETHER, choice, joint, shares))
    table = pd.DataFrame(rows)
    order = {each.name: place for place, each in enumerate(choices())}
    return table.sort_values("name", key=lambda n: n.map(order), kind="stable", ignore_index=True)


def _kept(panel: pd.DataFrame, one_year: Regression, sample: str) -> pd.Series:
    """Say which rows of a panel are in a sample; outliers are those of the last year."""
    if sample in SAMPLES:
        return ~panel["la_class"].isin(SAMPLES[sample])
    return panel["gss_code"].isin(one_year.results.model.data.row_labels)


def _again(fit: Regression, way: str) -> Regression:
    """Return a fit as one of `WAYS` wants it: robust, weighted, or as it is."""
    if way == ROBUST:
        return robust(fit)
    if way == BY_RESIDENTS:
        return reweighted(fit, np.exp(fit.results.model.data.orig_exog[elasticity.SIZE]))
    return fit


def _row(name: str, choice: Choice, fits: elasticity.Fits, shares: pd.Series) -> dict[str, object]:
    alone = next(iter(fits.values())).coefficient if len(fits) == 1 else None
    estimate = alone or partial(elasticity.pooled, fits, shares)
    size, freedom = estimate(elasticity.SIZE), min(fit.freedom for fit in fits.values())
    row = {"series": name, **choice._asdict(), "name": choice.name}
    row |= {"n": min(fit.n for fit in fits.values()), **vars(size), "freedom": freedom}
    if choice.controls == PUBLISHED:
        income = estimate(elasticity.INCOME)
        for ending, each in (("", income.value), ("_low", income.low), ("_high", income.high)):
            row["income" + ending] = 100 * np.expm1(elasticity.INCOME_STEP * each)
    return row


def elasticities(curve: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the total's elasticity under every specification, by name, each as of `across`."""
    total = curve[curve["series"] == TOGETHER]
    ends = total[["value", "low", "high"]].to_numpy()
    return {name: across(*each) for name, each in zip(total["name"], ends, strict=True)}


def at_level(curve: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return rows of a `curve` with the ends of intervals at another level."""
    reach = stats.t.ppf((1 + level) / 2, curve["freedom"]) * curve["error"]
    return curve.assign(low=curve["value"] - reach, high=curve["value"] + reach)


def told(curve: pd.DataFrame) -> pd.Series:
    """Say of each row: −1 larger is cheaper (published), +1 larger is dearer, 0 not told apart."""
    return (curve["low"] > 0).astype(int) - (curve["high"] < 0).astype(int)


def verdict(curve: pd.DataFrame) -> str:
    """Say in words what rows of a `curve` tell of size: one answer, or that it depends.

    "larger is cheaper" (published), "larger is dearer", "cannot be told from zero", or "depends on
    the specification".
    """
    found = set(told(curve))
    words = {-1: "larger is cheaper", 0: UNCLEAR, 1: "larger is dearer"}
    return words[found.pop()] if len(found) == 1 else DEPENDS


def by_series(curve: pd.DataFrame) -> pd.DataFrame:
    """Return how the answer of each series moves over the specifications.

    Returns
    -------
    pandas.DataFrame
        Index series and years; specifications, least and greatest (value), lowest and highest (end
        of an interval), cheaper, unclear and dearer (how many specifications say that larger is
        so).
    """
    sign = told(curve)
    marked = curve.assign(cheaper=sign < 0, unclear=sign == 0, dearer=sign > 0)
    return marked.groupby(["series", "years"], sort=False).agg(
        specifications=("value", "size"),
        least=("value", "min"),
        greatest=("value", "max"),
        lowest=("low", "min"),
        highest=("high", "max"),
        cheaper=("cheaper", "sum"),
        unclear=("unclear", "sum"),
        dearer=("dearer", "sum"),
    )
