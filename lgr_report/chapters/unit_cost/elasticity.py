"""Elasticity: by what share a unit cost changes with the size of the authority that pays it.

The published report regresses unit costs of all English authorities on population, deprivation and
median income, and finds smaller authorities dearer (CCN/Newton, pp52–53, 96–99); the coefficient
is not known. Here each public series is regressed in logs, so that the coefficient of log
population is an elasticity: −0.02 means that half the population goes with 1.4 % more cost.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from lgr_report.core import regression
from lgr_report.core.regression import CONTROLS, SAMPLES, Estimate, Regression, detectable
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption

SIZE, INCOME = "log_population", "median_income"
INCOME_STEP = 5  # GBP thousand: the step of median income in the published finding (p53)
WHOLE = "all authorities"
NO_OUTLIERS = "without outliers"
EVERY_SAMPLE = (*SAMPLES, NO_OUTLIERS)
TOGETHER, JOINT = "together", "children and adults together, weighted by spend"
COST = "log_cost_"
Fits = Mapping[str, Regression]  # by series, over one sample


def series() -> pd.DataFrame:
    """Return ``data/cost_series.csv``, index series."""
    return tables.read("cost_series").set_index("series")


def added_up() -> pd.DataFrame:
    """Return the rows of `series` that do not overlap and so may be added up: the total."""
    table = series()
    return table[table["in_total"]]


def costs() -> pd.DataFrame:
    """Return `regression.authorities` with the log of each unit cost as ``log_cost_<series>``."""
    authorities = regression.authorities()
    indicators = series()["indicator"].items()
    return authorities.assign(**{COST + name: np.log(authorities[of]) for name, of in indicators})


def spend() -> pd.DataFrame:
    """Return what each authority spends on the series of the total, 2024-25, GBP million a year.

    Index gss_code, one column a series; missing where an authority did not report.
    """
    authorities, rows = regression.authorities(), added_up().iterrows()
    amounts = {name: authorities[row["spend"]] * row["spend_unit"] / 1e6 for name, row in rows}
    return pd.DataFrame(amounts)


def present(spend: pd.DataFrame) -> pd.DataFrame:
    """Return the authorities that run the services of the 21 areas today, with what they spend.

    Parameters
    ----------
    spend : pandas.DataFrame
        As `spend` returns it.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; authority_name, residents (mid-2024), the columns of ``spend`` and their
        sum, total (GBP million a year); missing where an authority did not report.
    """
    councils = tables.read("councils")
    run = councils["in_invitation"] & (councils["council_type"] != "district")
    rows = regression.authorities().loc[councils.loc[run, "gss_code"].unique()]
    table = rows[["authority_name"]].assign(residents=rows["population"].astype(float))
    return table.join(spend.assign(total=spend.sum(axis=1, skipna=False)))


def weights(present: pd.DataFrame) -> pd.Series:
    """Return the share of each series of the total in what `present` authorities spend."""
    amounts = present[added_up().index].dropna().sum()
    return amounts / amounts.sum()


def outliers(fit: Regression) -> pd.Index:
    """Return the authorities whose studentised residual passes ``outlier_residual``."""
    residual = fit.influence(SIZE)["residual"]
    return residual.index[residual.abs() > assumption("outlier_residual")]


def fit(
    costs: pd.DataFrame,
    name: str,
    sample: str,
    predictors: Sequence[str] = CONTROLS,
    region: bool = False,
) -> Regression:
    """Regress one series on log population, deprivation and income: what was published (pp96–99).

    Parameters
    ----------
    costs : pandas.DataFrame
        As `costs` returns it.
    name : str
        Series.
    sample : str
        One of `EVERY_SAMPLE`.
    predictors : sequence of str
        Columns that explain it.
    region : bool
        Whether each region has a level of its own: not in what was published.
    """
    on = partial(regression.fit, outcome=COST + name, predictors=predictors, region=region)
    if sample != NO_OUTLIERS:
        return on(costs, sample=sample)
    return on(costs.drop(outliers(on(costs))))


def fits(costs: pd.DataFrame) -> dict[str, Fits]:
    """Return the regression of every series over every sample: by sample, then by series."""
    names = series().index
    return {sample: {name: fit(costs, name, sample) for name in names} for sample in EVERY_SAMPLE}


def pooled(fits: Fits, shares: pd.Series, term: str) -> Estimate:
    """Return the mean coefficient of several series, weighted by spend: that of a joint bill.

    The series come from the same authorities, so their errors move together. Each authority has a
    step in each coefficient (`Regression.steps`), whose squares add up to the robust variance, and
    so the steps of the weighted mean add up to the variance of the mean, covariances included.

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
    steps = {n: fits[n].steps(term) for n in shares.index}
    # An authority without one of the costs takes no part in that coefficient.
    step = pd.DataFrame(steps).fillna(0) @ shares
    value, error = float(values @ shares), float(np.sqrt(step @ step))
    freedom = _freedom(fits)
    reach = stats.t.ppf((1 + assumption("interval_level")) / 2, freedom) * error
    p = 2 * stats.t.sf(abs(value) / error, freedom)
    return Estimate(value, error, value - reach, value + reach, float(p))


def _freedom(fits: Fits) -> float:
    return min(fit.freedom for fit in fits.values())


def estimates(fits: Mapping[str, Fits], shares: pd.Series) -> pd.DataFrame:
    """Return the elasticity of every series, and of the total, in every sample.

    Parameters
    ----------
    fits : mapping
        As `fits` returns it.
    shares : pandas.Series
        Weight of each series in the total.

    Returns
    -------
    pandas.DataFrame
        Index series (the last is `TOGETHER`) and sample; label, n (authorities; of the total the
        fewest), r_squared, value, low, high, error, p and detectable (of the elasticity), income,
        income_low, income_high, income_detectable (per cent of unit cost for GBP 5,000 more median
        pay, the other predictors held).
    """
    rows = {}
    for name, label in series()["label"].items():
        for sample, by_series in fits.items():
            fit = by_series[name]
            head = {"label": label, "n": fit.n, "r_squared": fit.r_squared}
            rows[name, sample] = head | _terms(fit.coefficient, _freedom({name: fit}))
    for sample, by_series in fits.items():
        joint = {name: by_series[name] for name in shares.index}
        head = {"label": JOINT, "n": min(fit.n for fit in joint.values()), "r_squared": np.nan}
        rows[TOGETHER, sample] = head | _terms(partial(pooled, joint, shares), _freedom(joint))
    index = pd.MultiIndex.from_tuples(rows, names=["series", "sample"])
    return pd.DataFrame([*rows.values()], index=index)


def _terms(estimate: Callable[[str], Estimate], freedom: float) -> dict[str, float]:
    """Return the figures of size, then those of income in per cent, from an estimator by term."""
    size, income = estimate(SIZE), estimate(INCOME)
    per_step = {
        "income": income.value,
        "income_low": income.low,
        "income_high": income.high,
        "income_detectable": detectable(income.error, freedom),
    }
    return {
        **{name: getattr(size, name) for name in ("value", "low", "high", "error", "p")},
        "detectable": detectable(size.error, freedom),
        **{name: float(100 * np.expm1(INCOME_STEP * each)) for name, each in per_step.items()},
    }


def influential(fits: Fits, costs: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the outliers of each series, and the authorities that move its elasticity most.

    Parameters
    ----------
    fits : mapping of str to Regression
        One fit a series.
    costs : pandas.DataFrame
        As `costs` returns it.
    most : int
        How many of each series, beside the outliers.

    Returns
    -------
    pandas.DataFrame
        series (label), authority_name, population, residual (studentised), outlier (yes or empty),
        without (elasticity when this authority alone is left out), shift (by that, in standard
        errors); for each series the `most` influential and every outlier, most influential first.
    """
    labels = series()["label"]
    return pd.concat(
        [_influence(fits[name], costs, most).assign(series=labels[name]) for name in labels.index],
        ignore_index=True,
    )[["series", "authority_name", "population", "residual", "outlier", "without", "shift"]]


def _influence(fit: Regression, costs: pd.DataFrame, most: int) -> pd.DataFrame:
    table, far = fit.influence(SIZE), outliers(fit)
    table = table[table.index.isin(table.index[:most].union(far, sort=False))]
    marks = np.where(table.index.isin(far), "yes", "")
    return table.join(costs[["authority_name", "population"]]).assign(outlier=marks)
