"""How often residents use a people service: models of authorities' rates, and the choice of one.

A rate is the number of people with a service per resident of the ages that it serves. A model
is judged as it will be used: it predicts places it has not seen, and its predictions are scaled
to the published total of the county (or here, of the region) that they make up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS, RegressionResultsWrapper

from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content
from lgr_report.sources.services import SERVICES, Service, people, predictors


@dataclass(frozen=True, eq=False)
class Fit:
    """A log-linear model of one service's rates, fitted to authorities by statsmodels.

    ``results`` holds the coefficients, with standard errors that allow for any dependence between
    the authorities of one old county.
    """

    service: Service
    names: tuple[str, ...]
    regions: tuple[str, ...]
    results: RegressionResultsWrapper

    def log_rate(self, frame: pd.DataFrame, coefficients: np.ndarray | None = None) -> np.ndarray:
        """Return the log rate of each place, for these coefficients or rows of coefficients."""
        values = self.results.params.to_numpy() if coefficients is None else coefficients
        return values @ design(frame, self.names, self.regions).to_numpy().T


def design(frame: pd.DataFrame, names: Sequence[str], regions: Sequence[str] = ()) -> pd.DataFrame:
    """Return the regressors: a constant, the named predictors, and a column for each region given.

    Raises
    ------
    ValueError
        If a name is not a predictor (the message lists them), or a predictor is missing for a
        place (the message names the place).
    """
    known = predictors(frame)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no predictor {', '.join(unknown)}; they are: {', '.join(known)}")
    found = known[[name for name in names if name != "region"]].astype(float)
    gaps = found.index[found.isna().any(axis=1)]
    if len(gaps):
        raise ValueError(f"{', '.join(found)}: missing for {', '.join(gaps)}")
    found.insert(0, "constant", 1.0)
    # A region without a column has the rate of the constant. Benchmarking takes the level away,
    # so nothing hangs on it.
    return found.assign(**{name: (known["region"] == name).astype(float) for name in regions})


def usable(frame: pd.DataFrame, service: Service) -> pd.DataFrame:
    """Return the authorities that a model of county areas may learn from.

    Left out are London (no borough resembles a district of these areas), authorities too small
    for a rate (City of London, Isles of Scilly), and those that published no count.
    """
    modelled = frame[service.service] - frame[f"{service.service}_apart"]
    enough = frame["residents"] >= assumption("demand_min_population")
    return frame[(frame["la_class"] != "london") & enough & (modelled > 0)]


def regressors(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the design of the authorities to fit; of all regions but one, if they are named."""
    regions = sorted(frame["region"].unique())[1:] if "region" in names else ()
    return design(frame, names, regions)


def log_rates(frame: pd.DataFrame, service: Service) -> pd.Series:
    """Return the log of the published rate, without the part that is spread by population."""
    modelled = frame[service.service] - frame[f"{service.service}_apart"]
    return np.log(modelled / people(frame, service))


def clusters(frame: pd.DataFrame) -> np.ndarray:
    """Return the number of each authority's cluster: its old county, else itself."""
    return pd.factorize(frame["old_county"].fillna(frame.index.to_series()))[0]


def fit(frame: pd.DataFrame, service: Service, names: Sequence[str]) -> Fit:
    """Fit log rate on the named predictors by least squares.

    Counts run to hundreds and thousands, so their own Poisson error is small beside the
    differences between authorities; a Poisson model predicts the same to the third decimal.
    """
    used = usable(frame, service)
    matrix = regressors(used, names)
    results = OLS(log_rates(used, service), matrix).fit(
        cov_type="cluster", cov_kwds={"groups": clusters(used)}
    )
    regions = tuple(column for column in matrix if column in set(used["region"]))
    return Fit(service, tuple(names), regions, results)


def leave_out(
    frame: pd.DataFrame, service: Service, names: Sequence[str], groups: pd.Series
) -> pd.Series:
    """Predict the log rate of each authority by a model that never saw its group.

    Authorities without a group, and those that `usable` leaves out, are not predicted.
    """
    used = usable(frame, service)
    matrix, observed = regressors(used, names).to_numpy(), log_rates(used, service).to_numpy()
    group = pd.factorize(groups.reindex(used.index))[0]  # -1: without a group
    found = np.full(len(used), np.nan)
    for number in range(group.max() + 1):
        out = group == number
        # Least squares as in `fit`; without the apparatus of statsmodels it takes microseconds.
        coefficients = np.linalg.lstsq(matrix[~out], observed[~out], rcond=None)[0]
        found[out] = matrix[out] @ coefficients
    return pd.Series(found, used.index, name=service.service).reindex(frame.index)


def benchmark(raw: np.ndarray, group: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Scale values so that each group sums to its total.

    Parameters
    ----------
    raw
        Values to scale; the last axis is places.
    group
        Number of each place's group, from 0.
    totals
        Total of each group. A missing total (NaN) makes its places missing, and no other.
    """
    member = np.equal.outer(group, np.arange(len(totals))).astype(float)
    return raw * (totals / (raw @ member))[..., group]


def apportion(
    log_rate: np.ndarray,
    residents: np.ndarray,
    group: np.ndarray,
    total: np.ndarray,
    apart: np.ndarray,
) -> np.ndarray:
    """Turn log rates into people, so that each group sums to its published total.

    Parameters
    ----------
    log_rate
        Log rates; the last axis is places.
    residents
        Residents of each place, of the ages that the service serves.
    group
        Number of each place's group, from 0.
    total, apart
        What each group published, and the part of it that is spread by population (people).

    Returns
    -------
    numpy.ndarray
        People with the service, in the shape of ``log_rate``; missing where the total is.
    """
    modelled = benchmark(residents * np.exp(log_rate), group, total - apart)
    return modelled + benchmark(residents, group, apart)


def regroup(log_rate: np.ndarray, frame: pd.DataFrame, service: Service, by: str) -> np.ndarray:
    """Apportion the sum of what the authorities of each group reported to those authorities.

    So a model is judged: the answer is known. ``by`` is the column that names the groups.
    """
    columns = [service.service, f"{service.service}_apart"]
    totals = frame.groupby(by)[columns].sum(min_count=1)
    group = totals.index.get_indexer(frame[by])
    residents = people(frame, service).to_numpy(dtype=float)
    return apportion(log_rate, residents, group, *totals.to_numpy(dtype=float).T)


def candidates(service: Service) -> dict[str, tuple[str, ...]]:
    """Return the candidate models of a service: name and predictors (``demand_candidates``)."""
    listed = tables.read("demand_candidates")
    listed = listed[listed["service"] == service.service]
    words = listed["predictors"].fillna("").str.split().map(tuple)
    return dict(zip(listed["candidate"], words, strict=True))


def compare(frame: pd.DataFrame, service: Service) -> pd.DataFrame:
    """Compare the candidates by how well they predict a region that they have not seen.

    Each region is left out in turn; its authorities are predicted and benchmarked to the region's
    total, as districts are benchmarked to their county's.

    Returns
    -------
    pandas.DataFrame
        Index candidate; predictors (text), error (mean absolute error of the log rate), in_sample
        (the same of a model that saw every region), chosen.
    """
    used = usable(frame, service)
    rows = {}
    for name, names in candidates(service).items():
        unseen = leave_out(used, service, names, used["region"]).to_numpy()
        seen = fit(used, service, names).log_rate(used)
        errors = [
            np.abs(np.log(regroup(rate, used, service, "region") / used[service.service])).mean()
            for rate in (unseen, seen)
        ]
        rows[name] = (" ".join(names), *errors)
    columns = ["predictors", "error", "in_sample"]
    compared = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    compared.index.name = "candidate"
    return compared.assign(chosen=compared.index == _best(compared))


@by_content
def compare_all(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `compare` of every service as one table: service, candidate, and its columns."""
    parts = {service.service: compare(frame, service) for service in SERVICES}
    return pd.concat(parts, names=["service"]).reset_index()


def _best(compared: pd.DataFrame) -> str:
    """Return the least error; of equals (to a thousandth), the one with fewest predictors."""
    sizes = compared["predictors"].str.split().str.len()
    ranked = compared.round({"error": 3}).assign(size=sizes)
    return ranked.sort_values(["error", "size"], kind="stable").index[0]


def choose(frame: pd.DataFrame) -> dict[str, str]:
    """Return the candidate chosen for each service: the least leave-one-region-out error."""
    return {service.service: _best(compare(frame, service)) for service in SERVICES}


def fit_all(frame: pd.DataFrame, choice: Mapping[str, str]) -> tuple[Fit, ...]:
    """Fit one candidate of each service."""
    return tuple(fit(frame, s, candidates(s)[choice[s.service]]) for s in SERVICES)
