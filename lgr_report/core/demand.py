"""Demand of every council for people services: published where it is, estimated for districts.

No one publishes how many people of a district use a county's services. The estimate shares each
county's published total among its districts by the rates that `rates` predicts, so that
districts always sum to what the county published, in every draw of the predictive distribution.

    demand = estimate()
    surrey = demand.select(["E07000207", "E07000208"])
    surrey.frame()  # people, interval and rate by council and service
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lgr_report.core import intervals
from lgr_report.core.rates import (
    Fit,
    apportion,
    candidates,
    choose,
    clusters,
    fit_all,
    leave_out,
    log_rates,
)
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch
from lgr_report.sources.services import SERVICES, authorities, districts, people

PUBLISHED = "published"
MODELLED = "modelled"
MISSING = "missing"


@dataclass(frozen=True, eq=False)
class Model:
    """What is known of rates: a fit for each service, and how far places lie from it.

    ``scatter`` is the covariance (services × services) of the log rates of authorities of one old
    county round their predictions: what the predictors cannot know. ``typical_size`` is their
    geometric mean of residents, and ``clusters`` the resampling unit of each authority.
    """

    fits: tuple[Fit, ...]
    scatter: np.ndarray
    typical_size: float
    clusters: pd.Series


@dataclass(frozen=True, eq=False)
class Demand:
    """People with a service, by council and service (in the order of `SERVICES`).

    ``estimate`` is councils × services, ``draws`` draws × councils × services, both missing (NaN)
    where the authority published no total; ``people`` are residents of the ages served,
    ``residents`` all residents (mid-2024). ``status`` says published, modelled or missing.
    ``authority`` is the social care authority of each council, and ``authorities`` their figures.
    """

    gss_codes: tuple[str, ...]
    estimate: np.ndarray
    draws: np.ndarray
    people: np.ndarray
    residents: np.ndarray
    status: np.ndarray
    authority: np.ndarray
    authorities: pd.DataFrame

    def select(self, gss_codes: Iterable[str]) -> "Demand":
        """Return the demand of some councils, in the order given."""
        codes = tuple(gss_codes)
        place = {code: i for i, code in enumerate(self.gss_codes)}
        unknown = [code for code in codes if code not in place]
        if unknown:
            raise KeyError(f"no council {', '.join(unknown)} among districts and unitaries")
        rows = [place[code] for code in codes]
        by_council = ("estimate", "people", "residents", "status", "authority")
        chosen = {name: getattr(self, name)[rows] for name in by_council}
        return replace(self, gss_codes=codes, draws=self.draws[:, rows], **chosen)

    def missing(self) -> list[str]:
        """Return a sentence for each total that an authority of these councils did not publish."""
        return [
            f"{self.authorities.loc[code, 'authority_name']}: no published number of "
            f"{service.label}; left out"
            for s, service in enumerate(SERVICES)
            for code in dict.fromkeys(self.authority[self.status[:, s] == MISSING])
        ]

    def frame(self) -> pd.DataFrame:
        """Return one row a council and service.

        Returns
        -------
        pandas.DataFrame
            gss_code, service, status, demand (people), low and high (ends of the interval at
            ``interval_level``; equal to demand where it is published), residents of the ages
            served, rate (per resident of these ages).
        """
        low, high = intervals.ends(self.draws)
        columns = {
            "status": self.status,
            "demand": self.estimate,
            "low": low,
            "high": high,
            "residents": self.people,
            "rate": self.estimate / self.people,
        }
        services = [service.service for service in SERVICES]
        return intervals.long(columns, gss_code=self.gss_codes, service=services)


def learn(frame: pd.DataFrame, choice: Mapping[str, str]) -> Model:
    """Fit the model of rates to authorities.

    Parameters
    ----------
    frame
        Authorities (see `lgr_report.sources.services.authorities`).
    choice
        Candidate of each service, as `rates.choose` chooses it.
    """
    fits = fit_all(frame, choice)
    used = frame.loc[sorted(set().union(*(fit.results.model.data.row_labels for fit in fits)))]
    apart = residuals(frame, choice)
    typical_size = float(np.exp(np.log(frame.loc[apart.index, "residents"]).mean()))
    return Model(fits, scatter(apart), typical_size, pd.Series(clusters(used), used.index))


def residuals(frame: pd.DataFrame, choice: Mapping[str, str]) -> pd.DataFrame:
    """Return how far authorities of old shire counties lie from their predictions.

    Each old county is predicted by a model that never saw it. Only differences within a county
    count, because benchmarking takes its level away: the county's mean residual is taken off.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; old_county, and the residual of the log rate by service. Authorities that
        did not publish every service are left out.
    """
    county = frame["old_county"].where(frame["kind"] == "shire").dropna()
    apart = pd.DataFrame({"old_county": county})
    for service in SERVICES:
        names = candidates(service)[choice[service.service]]
        unseen = leave_out(frame, service, names, frame["old_county"])
        apart[service.service] = log_rates(frame, service) - unseen
    apart = apart.dropna()
    services = [service.service for service in SERVICES]
    apart[services] -= apart.groupby("old_county")[services].transform("mean")
    return apart


def scatter(apart: pd.DataFrame) -> np.ndarray:
    """Estimate the covariance (services × services) of `residuals`.

    The mean of each county that was taken off costs one degree of freedom.
    """
    within = apart[[service.service for service in SERVICES]].to_numpy()
    return within.T @ within / (len(within) - apart["old_county"].nunique())


def simulate(
    model: Model, places: pd.DataFrame, draws: int, generator: np.random.Generator
) -> np.ndarray:
    """Draw log rates of places from the predictive distribution.

    A draw is the prediction of coefficients fitted to a resample of the authorities (whole old
    counties are resampled, because their authorities are not independent), plus a residual of
    each place, independent between places and correlated between services. Its variance is that
    of authorities; ``demand_size_power`` can make it larger for places smaller than these.

    Returns
    -------
    numpy.ndarray
        draws × places × services.
    """
    count = model.clusters.max() + 1
    drawn = generator.multinomial(count, np.full(count, 1 / count), size=draws)
    weights = pd.DataFrame(drawn[:, model.clusters.to_numpy()], columns=model.clusters.index)
    predicted = [
        fit.log_rate(places, _resampled(fit, weights[[*fit.results.model.data.row_labels]]))
        for fit in model.fits
    ]
    apart = generator.multivariate_normal(
        np.zeros(len(model.fits)), model.scatter, size=(draws, len(places)), method="cholesky"
    )
    size = places["residents"].to_numpy(dtype=float) / model.typical_size
    apart *= size[:, None] ** (assumption("demand_size_power") / 2)
    return np.stack(predicted, axis=-1) + apart


def _resampled(fit: Fit, weights: pd.DataFrame) -> np.ndarray:
    """Fit to every row of weights at once: the coefficients of least squares, row by row."""
    x, y = fit.results.model.exog, fit.results.model.endog
    w, terms = weights.to_numpy(dtype=float), x.shape[1]
    squares = (w @ (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)).reshape(-1, terms, terms)
    # A resample may lack a region altogether: its column is then zero and takes no coefficient.
    inverse = np.linalg.pinv(squares, rcond=1e-10, hermitian=True)
    return (inverse @ (w @ (x * y[:, None]))[..., None])[..., 0]


def estimate(
    draws: int | None = None,
    seed: int | None = None,
    lower: pd.DataFrame | None = None,
    upper: pd.DataFrame | None = None,
) -> Demand:
    """Estimate demand of every lower-tier authority of England.

    Parameters
    ----------
    draws, seed
        Of the predictive distribution; by default ``demand_draws`` and ``demand_seed``.
    lower, upper
        Districts and authorities, by default as published (see `lgr_report.sources.services`).

    Returns
    -------
    Demand
        Districts of a county sum to its published total, in the estimate and in every draw. A
        unitary is its own authority: it has its published figure, and no uncertainty. A total
        that is missing leaves its councils missing (`Demand.missing` names it), and no others.
    """
    draws = int(assumption("demand_draws")) if draws is None else draws
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    lower = districts() if lower is None else lower
    upper = authorities(lower) if upper is None else upper
    group = upper.index.get_indexer(lower["authority"])
    shared = np.bincount(group, minlength=len(upper))[group] > 1
    model = learn(upper, choose(upper))
    generator = np.random.default_rng(int(assumption("demand_seed")) if seed is None else seed)
    simulated = simulate(model, lower[shared], draws, generator)

    shape = (len(lower), len(SERVICES))
    point, drawn = np.zeros(shape), np.zeros((draws, *shape))
    status = np.full(shape, MODELLED, dtype=object)
    status[~shared] = PUBLISHED
    for s, (service, fit) in enumerate(zip(SERVICES, model.fits, strict=True)):
        # Where one council is the whole authority, any rate gives it the whole total.
        point[shared, s], drawn[:, shared, s] = fit.log_rate(lower[shared]), simulated[..., s]
        residents = people(lower, service).to_numpy(dtype=float)
        totals = upper[[service.service, f"{service.service}_apart"]].to_numpy(dtype=float).T
        point[:, s] = apportion(point[:, s], residents, group, *totals)
        drawn[..., s] = apportion(drawn[..., s], residents, group, *totals)
        status[np.isnan(totals[0][group]), s] = MISSING
    return Demand(
        gss_codes=tuple(lower.index),
        estimate=point,
        draws=drawn,
        people=np.column_stack([people(lower, service) for service in SERVICES]),
        residents=lower["residents"].to_numpy(),
        status=status,
        authority=lower["authority"].to_numpy(dtype=object),
        authorities=upper,
    )


def of_england(draws: int | None = None) -> Demand:
    """Return `estimate`, computed once for the same tables and number of draws."""
    return _of_england(int(assumption("demand_draws")) if draws is None else draws)


@once_per_batch
def _of_england(draws: int) -> Demand:
    return estimate(draws)
