"""Elasticity: by what share a unit cost changes with the size of the authority that pays it.

The published report regresses unit costs of all English authorities on population, deprivation and
median income, and finds smaller authorities dearer (CCN/Newton, pp52–53, 96–99); the coefficient
is not known. Here each public series is regressed in logs, so that the coefficient of log
population is an elasticity: −0.02 means that half the population goes with 1.4 % more cost.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from lgr_report.core import regression
from lgr_report.core.regression import SAMPLES, Estimate, Regression, detectable
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

SIZE, INCOME = "log_population", "median_income"
INCOME_STEP = 5  # GBP thousand: the step of median income in the published finding (p53)
WHOLE = "all authorities"
NO_OUTLIERS = "without outliers"
TOGETHER = "together"
COST = "log_cost_"


def series() -> pd.DataFrame:
    """Return ``data/cost_series.csv``, index series."""
    return tables.read("cost_series").set_index("series")


def in_total() -> list[str]:
    """Return the series that do not overlap and so may be added up."""
    table = series()
    return table.index[table["in_total"]].tolist()


def frame() -> pd.DataFrame:
    """Return `regression.authorities` with the log of each unit cost as ``log_cost_<series>``."""
    authorities = regression.authorities()
    costs = series()["indicator"].items()
    return authorities.assign(**{COST + name: np.log(authorities[of]) for name, of in costs})


def spend() -> pd.DataFrame:
    """Return what authorities spend on each series of `in_total`, 2024-25, GBP million a year.

    Index gss_code, one column a series; missing where an authority did not report.
    """
    found = regression.authorities()
    table = series().loc[in_total()]
    amounts = {n: found[row["spend"]] * row["spend_unit"] / 1e6 for n, row in table.iterrows()}
    return pd.DataFrame(amounts)


def present() -> pd.DataFrame:
    """Return the authorities that run the services of the 21 areas today, with what they spend.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; authority_name, residents (mid-2024), and the gross spend of 2024-25 on
        each series of `in_total` in GBP million; missing where an authority did not report.
    """
    councils = tables.read("councils")
    run = councils["in_invitation"] & (councils["council_type"] != "district")
    found = regression.authorities().loc[councils.loc[run, "gss_code"].unique()]
    columns = {"authority_name": found["authority_name"], "residents": found["population"]}
    return pd.DataFrame(columns).join(spend())


def weights() -> pd.Series:
    """Return the share of each series of `in_total` in the spend of the 21 areas."""
    spend = present()[in_total()].dropna().sum()
    return spend / spend.sum()


def outliers(fit: Regression) -> pd.Index:
    """Return the authorities whose studentised residual passes ``outlier_residual``."""
    residual = fit.influence(SIZE)["residual"]
    return residual.index[residual.abs() > assumption("outlier_residual")]


def fit(authorities: pd.DataFrame, name: str, sample: str) -> Regression:
    """Regress one series on log population, deprivation, median income and region.

    Parameters
    ----------
    authorities : pandas.DataFrame
        As `frame` returns it.
    name : str
        Series.
    sample : str
        Key of `regression.SAMPLES`, or `NO_OUTLIERS`.
    """
    on = partial(regression.fit, outcome=COST + name)
    if sample != NO_OUTLIERS:
        return on(authorities, sample=sample)
    return on(authorities.drop(outliers(on(authorities))))


def pooled(fits: Mapping[str, Regression], shares: pd.Series, term: str) -> Estimate:
    """Return the mean coefficient of several series, weighted by spend: that of a joint bill.

    The series come from the same authorities, so their errors move together. The step by which
    leaving one authority out moves a coefficient is its part in the HC3 variance (the squares of
    all steps add up to it), and so the steps of the weighted mean add up to the variance of the
    mean, covariances included.

    Parameters
    ----------
    fits : mapping of str to Regression
        One fit a series.
    shares : pandas.Series
        Weight of each series; they add up to one.
    term : str
        Predictor.
    """
    values = pd.Series({name: fits[name].coefficient(term).value for name in shares.index})
    steps = {n: values[n] - fits[n].influence(term)["without"] for n in shares.index}
    # An authority without one of the costs takes no part in that coefficient.
    step = pd.DataFrame(steps).fillna(0) @ shares
    value, error = float(values @ shares), float(np.sqrt(step @ step))
    freedom = _freedom(fits)
    reach = stats.t.ppf((1 + assumption("interval_level")) / 2, freedom) * error
    p = 2 * stats.t.sf(abs(value) / error, freedom)
    return Estimate(value, error, value - reach, value + reach, float(p))


def _freedom(fits: Mapping[str, Regression]) -> float:
    return min(fit.results.df_resid for fit in fits.values())


@once_per_batch
def estimates() -> pd.DataFrame:
    """Return the elasticity of every series, and of the total, in every sample.

    Returns
    -------
    pandas.DataFrame
        Index series (the last is `TOGETHER`) and sample; label, n (authorities; of the total the
        fewest), r_squared, value, low, high, error, p and detectable (of the elasticity), income,
        income_low, income_high, income_detectable (per cent of unit cost for GBP 5,000 more median
        pay, the other predictors held).
    """
    authorities, table, shares = frame(), series(), weights()
    rows = []
    for sample in (*SAMPLES, NO_OUTLIERS):
        fits = {name: fit(authorities, name, sample) for name in table.index}
        for name, one in fits.items():
            rows.append(
                (
                    *(name, sample, table.loc[name, "label"], one.n, one.r_squared),
                    *_both(one.coefficient, one.results.df_resid),
                )
            )
        joint = {name: fits[name] for name in shares.index}
        rows.append(
            (
                *(TOGETHER, sample, "children and adults together, weighted by spend"),
                *(min(one.n for one in joint.values()), np.nan),
                *_both(partial(pooled, joint, shares), _freedom(joint)),
            )
        )
    measures = ["value", "low", "high", "error", "p", "detectable"]
    measures += ["income", "income_low", "income_high", "income_detectable"]
    columns = ["series", "sample", "label", "n", "r_squared", *measures]
    found = pd.DataFrame(rows, columns=columns)
    order = {name: place for place, name in enumerate([*table.index, TOGETHER])}
    found = found.sort_values("series", key=lambda s: s.map(order), kind="stable")
    return found.set_index(["series", "sample"])


def _both(estimate: Callable[[str], Estimate], freedom: float) -> tuple[float, ...]:
    """Return the figures of size, then those of income in per cent, from an estimator by term."""
    size, income = estimate(SIZE), estimate(INCOME)
    per_step = [income.value, income.low, income.high, detectable(income.error, freedom)]
    return (
        *(size.value, size.low, size.high, size.error, size.p),
        detectable(size.error, freedom),
        *(float(100 * np.expm1(INCOME_STEP * each)) for each in per_step),
    )


def estimate() -> pd.Series:
    """Return the row of `estimates` that everything in pounds rests on: the total, everyone."""
    return estimates().loc[(TOGETHER, WHOLE)]


@once_per_batch
def influential(most: int = 3) -> pd.DataFrame:
    """Return the outliers of each series, and the authorities that move its elasticity most.

    Returns
    -------
    pandas.DataFrame
        series (label), authority_name, population, residual (studentised), outlier (yes or empty),
        without (elasticity when this authority alone is left out), shift (by that, in standard
        errors); for each series the `most` influential and every outlier, most influential first.
    """
    authorities, rows = frame(), []
    for name, row in series().iterrows():
        one = fit(authorities, name, WHOLE)
        table, far = one.influence(SIZE), outliers(one)
        keep = table.index[:most].union(far, sort=False)
        mine = table.loc[table.index.isin(keep)]
        about = authorities.loc[mine.index, ["authority_name", "population"]].reset_index(drop=True)
        marks = np.where(mine.index.isin(far), "yes", "")
        mine = mine[["residual", "without", "shift"]].reset_index(drop=True)
        rows.append(pd.concat([about, mine], axis=1).assign(outlier=marks, series=row["label"]))
    columns = ["series", "authority_name", "population", "residual", "outlier", "without", "shift"]
    return pd.concat(rows, ignore_index=True)[columns]
