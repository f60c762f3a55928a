"""Models of the probability that an authority's services are judged Good or Outstanding.

Linear probability as published, logit, logit with Firth's bias reduction, and ordered logit, all
read in one way: how far a step of log population moves the mean probability. Maximum likelihood
has no answer where a predictor separates the outcomes (a region in which everyone is Good, say):
then the model stays empty and the bias-reduced one, which is always finite, stands alone.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.numdiff import approx_fprime

from lgr_report.chapters.quality.judgements import GOOD
from lgr_report.core import regression
from lgr_report.core.regression import CONTROLS, Estimate
from lgr_report.sources.assumptions import assumption

LINEAR, LOGIT = "linear probability", "logit"
REDUCED, ORDERED = "bias-reduced logit", "ordered logit"
MODELS = (LINEAR, LOGIT, REDUCED, ORDERED)
SIZE, WHOLE = "log_population", "all authorities"
HALF = float(-np.log(2))  # half the population, in logs
AS_PUBLISHED = "deprivation, income and region"
# What each set of controls holds with size, and whether each region has a level of its own.
CONTROLLED = {
    AS_PUBLISHED: (CONTROLS, True),
    "deprivation and income": (CONTROLS, False),
    "none": ((SIZE,), False),
}


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted probability of Good or Outstanding.

    ``rows`` is the matrix of predictors, a row an authority. The probability is ``rows @
    parameters`` if the model is linear, and the logistic function of it otherwise; the ordered
    model is brought to that form at the threshold of Good. ``freedom`` are the degrees of freedom
    of its intervals. ``separated`` names the predictors whose estimate would be infinite: then a
    maximum likelihood model has no parameters (NaN).
    """

    name: str
    rows: pd.DataFrame
    good: pd.Series
    parameters: np.ndarray
    covariance: np.ndarray
    freedom: float = np.inf
    separated: tuple[str, ...] = ()

    def probability(self, rows: np.ndarray) -> np.ndarray:
        """Return the probability of each row of predictors."""
        scores = np.asarray(rows, dtype=float) @ self.parameters
        return scores if self.name == LINEAR else expit(scores)

    def change(
        self, rows: np.ndarray, step: np.ndarray | float, weights: np.ndarray | None = None
    ) -> Estimate:
        """Return how far steps of log population move the mean probability.

        Parameters
        ----------
        rows : array of shape (n, predictors)
            Whose probability moves.
        step : float or array of shape (n,)
            Change of the log of population.
        weights : array of shape (n,), optional
            Of the mean over rows; equal by default.

        Returns
        -------
        Estimate
            Percentage points; errors by the delta method.
        """
        rows = np.asarray(rows, dtype=float)
        share = np.full(len(rows), 1.0) if weights is None else np.asarray(weights, dtype=float)
        share = share / share.sum()

        if np.isnan(self.parameters).any():
            return Estimate(*[np.nan] * 5)
        moved = rows.copy()
        moved[:, self.rows.columns.get_loc(SIZE)] += step
        value = 100 * float(share @ (self.probability(moved) - self.probability(rows)))
        gradient = share @ (self._slopes(moved) - self._slopes(rows))
        error = 100 * float(np.sqrt(gradient @ self.covariance @ gradient))
        reach = error * stats.t.ppf((1 + assumption("interval_level")) / 2, self.freedom)
        p = 2 * stats.t.sf(abs(value) / error, self.freedom) if error else np.nan
        return Estimate(value, error, float(value - reach), float(value + reach), float(p))

    def halved(self) -> Estimate:
        """Return what half the population means, on average over the authorities fitted."""
        return self.change(self.rows, HALF)

    def _slopes(self, rows: np.ndarray) -> np.ndarray:
        """Return how the probability of each row moves with each parameter."""
        if self.name == LINEAR:
            return rows
        chance = self.probability(rows)
        return (chance * (1 - chance))[:, None] * rows


def fit(name: str, frame: pd.DataFrame, sample: str = WHOLE, controls: str = AS_PUBLISHED) -> Model:
    """Fit one model of the probability of Good or Outstanding.

    Parameters
    ----------
    name : str
        One of `MODELS`.
    frame : pandas.DataFrame
        As `judgements.judged` returns it.
    sample : str
        Key of `regression.SAMPLES`.
    controls : str
        Key of `CONTROLLED`.
    """
    predictors, region = CONTROLLED[controls]
    used = regression.sample_of(frame, sample).dropna(subset=[*predictors])
    rows = regression.design(used, predictors, region)
    if name == LINEAR:
        results = regression.fit(frame, "good", predictors, sample, region).results
        return Model(
            name,
            rows,
            used["good"],
            results.params.to_numpy(),
            results.cov_params().to_numpy(),
            float(results.df_resid),
        )
    if name == REDUCED:
        return Model(name, rows, used["good"], *_bias_reduced(rows, used["good"]))
    scale = used["level"] if name == ORDERED else used["good"]
    found = separated(rows, scale)
    if found:
        missing = np.full(rows.shape[1], np.nan)
        return Model(name, rows, used["good"], missing, np.diag(missing), separated=found)
    if name == LOGIT:
        results = Logit(used["good"], rows).fit(disp=False, method="newton", maxiter=100)
        return Model(
            name, rows, used["good"], results.params.to_numpy(), results.cov_params().to_numpy()
        )
    return Model(name, rows, used["good"], *_ordered(rows, used["level"]))


def separated(rows: pd.DataFrame, scale: pd.Series) -> tuple[str, ...]:
    """Return the predictors that maximum likelihood would send to infinity; none if all is well.

    A scale of several grades is one question for each threshold, with one slope for all: its
    ordered model runs off exactly where that stack of questions does.
    """
    # Imported here, as it takes a second that only the national fits need.
    from firthmodels import detect_separation

    cuts = np.unique(scale)[1:]
    slopes = rows.drop(columns="constant").to_numpy(dtype=float)
    stacked = np.vstack(
        [np.column_stack([slopes, np.tile(row, (len(rows), 1))]) for row in np.eye(len(cuts))]
    )
    asked = np.concatenate([(scale >= cut).to_numpy(dtype=float) for cut in cuts])
    result = detect_separation(stacked, asked, fit_intercept=False)
    names = [*rows.columns.drop("constant"), *(f"threshold {i + 1}" for i in range(len(cuts)))]
    return tuple(name for name, fine in zip(names, result.is_finite, strict=True) if not fine)


def _standardised(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the predictors with mean 0 and deviation 1, and the matrix that brings them there.

    Optimisers want columns of like size. If p fits `standardised`, turn @ p fits the rows.
    """
    values = rows.to_numpy(dtype=float)
    centre, spread = values[:, 1:].mean(axis=0), values[:, 1:].std(axis=0)
    turn = np.diag(1 / np.append(1, spread))
    turn[0, 1:] = -centre / spread
    return values @ turn, turn


def _bias_reduced(rows: pd.DataFrame, good: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logit by Firth's penalised likelihood, which is finite under separation too."""
    from firthmodels.adapters.statsmodels import FirthLogit

    values, turn = _standardised(rows)
    results = FirthLogit(good.to_numpy(), values).fit(pl=False, maxiter=100, gtol=1e-6, xtol=1e-6)
    return turn @ results.params, turn @ results.cov_params() @ turn.T


def _ordered(rows: pd.DataFrame, level: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Fit an ordered logit, and bring it to the form of a logit at the threshold of Good."""
    values, turn = _standardised(rows)
    names, codes = np.unique(level, return_inverse=True)
    model = OrderedModel(codes, values[:, 1:], distr="logit")
    results = model.fit(method="bfgs", disp=False, maxiter=1000, gtol=1e-6)
    slopes, cut = values.shape[1] - 1, int(np.searchsorted(names, GOOD))

    def as_logit(parameters: np.ndarray) -> np.ndarray:
        threshold = model.transform_threshold_params(parameters)[cut]
        return turn @ np.append(-threshold, parameters[:slopes])

    parameters = np.asarray(results.params)
    gradient = approx_fprime(parameters, as_logit, centered=True)
    return as_logit(parameters), gradient @ np.asarray(results.cov_params()) @ gradient.T
