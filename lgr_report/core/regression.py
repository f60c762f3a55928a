"""Regressions on the upper-tier authorities of England: ordinary least squares, robust errors.

The published report regresses on all authorities and warns that leaving out a class of them skews
the answer (CCN/Newton, pp66, 96–99). Here every fit can be made on each of several samples, and
says how much single authorities move it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS, RegressionResults
from statsmodels.robust.robust_linear_model import RLM

from lgr_report.sources import indicators, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

WEEKS = 52
# What each sample leaves out, by class of authority.
SAMPLES = {
    "all authorities": (),
    "without London": ("london",),
    "without metropolitan boroughs": ("metropolitan",),
    "without counties": ("county",),
    "without London and metropolitan boroughs": ("london", "metropolitan"),
}
CONTROLS = ("log_population", "deprivation", "median_income")


@dataclass(frozen=True)
class Estimate:
    """An estimate: standard error, interval at ``interval_level``, two-sided p value."""

    value: float
    error: float
    low: float
    high: float
    p: float

    def __mul__(self, factor: float) -> "Estimate":
        low, high = sorted((self.low * factor, self.high * factor))
        return Estimate(self.value * factor, self.error * abs(factor), low, high, self.p)


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted regression.

    ``clusters`` names the authorities, and ``cluster`` says of which of them each row is, where
    errors are clustered by authority; both are empty where every row is an authority.
    """

    results: RegressionResults
    clusters: tuple[str, ...] = ()
    cluster: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        """Number of authorities."""
        return len(self.clusters) or int(self.results.nobs)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of t: what is left of the rows, or of the clusters."""
        return float(len(self.clusters) - 1 if self.clusters else self.results.df_resid)

    @property
    def r_squared(self) -> float:
        """Share of the outcome's variance that the predictors account for."""
        return float(self.results.rsquared)

    def coefficient(self, name: str) -> Estimate:
        """Return one coefficient, with its robust standard error."""
        low, high = self.results.conf_int(1 - assumption("interval_level")).loc[name]
        value, error, p = (getattr(self.results, of)[name] for of in ("params", "bse", "pvalues"))
        return Estimate(*map(float, (value, error, low, high, p)))

    def steps(self, name: str) -> pd.Series:
        """Return the part of each authority in the error of one coefficient.

        The squares of all steps add up to the robust variance, and the products of the steps of
        two fits on the same authorities to their covariance. Index gss_code.
        """
        if not self.clusters:
            return self.results.params[name] - self.influence(name)["without"]
        design = np.asarray(self.results.model.exog)
        place = list(self.results.params.index).index(name)
        part = (np.linalg.inv(design.T @ design) @ design.T)[place] * np.asarray(self.results.resid)
        summed = np.bincount(self.cluster, weights=part)
        # The correction for few clusters, as statsmodels applies it to the whole variance.
        groups, (rows, columns) = len(summed), design.shape
        correction = groups / (groups - 1) * (rows - 1) / (rows - columns)
        return pd.Series(summed * np.sqrt(correction), index=[*self.clusters])

    def influence(self, name: str) -> pd.DataFrame:
        """Return how far each authority alone moves one coefficient.

        Returns
        -------
        pandas.DataFrame
            Index gss_code; without (the coefficient when this authority is left out), shift (its
            distance from the full fit, in standard errors), cook (Cook's distance), residual
            (studentised: left out of its own variance); most influential first.
        """
        measures = self.results.get_influence()
        place = list(self.results.params.index).index(name)
        whole = self.results.params[name]
        # How the coefficient changes when one row is taken out has a closed form.
        design = np.asarray(self.results.model.exog)
        inverse = np.linalg.inv(design.T @ design)
        step = (inverse @ design.T)[place] * measures.resid / (1 - measures.hat_matrix_diag)
        # The studentised residual too: statsmodels would refit without each row in turn.
        inside, spare = measures.resid_studentized_internal, self.results.df_resid
        table = pd.DataFrame(
            {
                "without": whole - step,
                "shift": -step / self.results.bse[name],
                "cook": measures.cooks_distance[0],
                "residual": inside * np.sqrt((spare - 1) / (spare - inside**2)),
            },
            index=self.results.model.data.row_labels,
        )
        return table.sort_values("shift", key=np.abs, ascending=False, kind="stable")


def authorities() -> pd.DataFrame:
    """Return the upper-tier authorities of England with what regressions need.

    Returns
    -------
    pandas.DataFrame
        Index gss_code (153); authority_name, region, la_class (county, unitary, london,
        metropolitan), population, log_population, deprivation (IMD 2025 score), median_income
        (median gross pay of residents, GBP thousand a year: 52 weeks), log_income, and every
        column of `indicators.upper_tier` under its own name. Missing stays missing.
    """
    return _authorities().copy()


@once_per_batch
def _authorities() -> pd.DataFrame:
    frame = tables.read("upper_tier").set_index("gss_code").join(indicators.upper_tier())
    income = frame["median_weekly_pay_2025"] * WEEKS / 1000
    return frame.assign(
        log_population=np.log(frame["population"]),
        deprivation=frame["imd_2025_score"],
        median_income=income,
        log_income=np.log(income),
    )


def sample_of(frame: pd.DataFrame, sample: str) -> pd.DataFrame:
    """Return the authorities of one sample: see `SAMPLES`."""
    return frame[~frame["la_class"].isin(SAMPLES[sample])]


def design(frame: pd.DataFrame, predictors: Sequence[str], region: bool = True) -> pd.DataFrame:
    """Return the matrix of predictors: constant, predictors, and regions (the first is the base).

    Regions without an authority in the sample are left out, as is the base's column.
    """
    matrix = pd.DataFrame({"constant": 1.0}, index=frame.index)
    matrix[[*predictors]] = frame[[*predictors]].astype(float)
    if region:
        dummies = pd.get_dummies(frame["region"], drop_first=True, dtype=float)
        matrix = matrix.join(dummies.loc[:, dummies.any()])
    return matrix


def fit(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str] = CONTROLS,
    sample: str = "all authorities",
    region: bool = True,
) -> Regression:
    """Regress an outcome on predictors and regions, with HC3 errors and t intervals.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `authorities` returns it.
    outcome : str
        Column to explain, on the scale that is regressed (take logs before).
    predictors : sequence of str
        Columns that explain it.
    sample : str
        Key of `SAMPLES`.
    region : bool
        Whether each region has a level of its own.

    Raises
    ------
    ValueError
        If fewer authorities remain than twice the number of coefficients.
    """
    used = sample_of(frame, sample).dropna(subset=[outcome, *predictors])
    matrix = design(used, predictors, region)
    if len(used) < 2 * matrix.shape[1]:
        raise ValueError(
            f"{outcome}: {len(used)} authorities are too few for {matrix.shape[1]} coefficients"
        )
    return Regression(OLS(used[outcome].astype(float), matrix).fit(cov_type="HC3", use_t=True))


def robust(fit: Regression) -> Regression:
    """Return a fit with Huber's weights: authorities far from the line count less.

    The weights are taken as given, so the errors say nothing of how they were found.
    """
    model = fit.results.model
    return reweighted(fit, RLM(model.endog, model.exog).fit().weights)


def reweighted(fit: Regression, weights: np.ndarray) -> Regression:
    """Return the same regression with a weight for each row; errors are of the same kind.

    Least squares of rows times the root of their weights are weighted least squares.
    """
    root, data = np.sqrt(np.asarray(weights)), fit.results.model.data
    model = OLS(data.orig_endog * root, data.orig_exog.mul(root, axis=0))
    if not fit.clusters:
        return Regression(model.fit(cov_type="HC3", use_t=True))
    groups = {"groups": np.array(fit.cluster)}
    fitted = model.fit(cov_type="cluster", cov_kwds=groups, use_t=True)
    return Regression(fitted, fit.clusters, fit.cluster)


def detectable(error: float, freedom: float) -> float:
    """Return the smallest true coefficient that would be found with probability ``test_power``.

    Found means that the interval at ``interval_level`` does not hold zero. The few who find an
    effect of the wrong sign do not count.
    """
    level = assumption("interval_level")
    return error * float(
        stats.t.ppf((1 + level) / 2, freedom) + stats.t.ppf(assumption("test_power"), freedom)
    )
