"""The demand model judged where the truth is known.

Counties of 1974 that consist of several social care authorities today (``old_counties``) are what
counties of two tiers will be tomorrow. Each is left out in turn, its authorities are predicted and
benchmarked to the sum of what they reported, and the answer is looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lgr_report.core import intervals
from lgr_report.core.demand import learn, residuals, simulate
from lgr_report.core.rates import choose, regroup, usable
from lgr_report.core.variation import PEOPLE, STATISTICS, statistics
from lgr_report.sources import services
from lgr_report.sources.areas import size_band, size_bands
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch
from lgr_report.sources.services import SERVICES, Service, people


@dataclass(frozen=True, eq=False)
class Judgement:
    """What was predicted of old counties, beside what they reported.

    ``authorities`` has a row an authority and service: old_county, kind, gss_code, service,
    reported, at_county_rate and predicted (people), inner_low, inner_high, low, high (ends of the
    intervals at ``demand_inner_level`` and ``interval_level``). ``counties`` has a row a county
    and service: authorities, and the spread (largest rate − smallest) ÷ county's rate as observed,
    from_point, expected (mean over draws), low and high.
    """

    authorities: pd.DataFrame
    counties: pd.DataFrame

    def errors(self) -> pd.DataFrame:
        """Return mean absolute log errors by kind of county and service.

        Returns
        -------
        pandas.DataFrame
            Index (kind, service); counties, authorities, at_county_rate (the error if every
            authority had its county's rate) and predicted.
        """
        rows = self.authorities
        errors = rows[["old_county", "kind", "service"]].assign(
            **{
                name: np.abs(np.log(rows[name] / rows["reported"]))
                for name in ("at_county_rate", "predicted")
            }
        )
        groups = errors.groupby(["kind", "service"], sort=False)
        return groups.agg(
            counties=("old_county", "nunique"),
            authorities=("old_county", "size"),
            at_county_rate=("at_county_rate", "mean"),
            predicted=("predicted", "mean"),
        )

    def coverage(self) -> pd.DataFrame:
        """Return the share of authorities whose reported figure lies within each interval."""
        rows = self.authorities
        within = rows[["kind", "service"]].assign(
            inner=rows["reported"].between(rows["inner_low"], rows["inner_high"]),
            outer=rows["reported"].between(rows["low"], rows["high"]),
        )
        return within.groupby(["kind", "service"], sort=False).mean()

    def spreads(self) -> pd.DataFrame:
        """Return mean spreads over counties, and the share whose interval holds the observed."""
        rows = self.counties
        inside = rows.assign(inside=rows["observed"].between(rows["low"], rows["high"]))
        columns = ["observed", "from_point", "expected", "inside"]
        return inside.groupby(["kind", "service"], sort=False)[columns].mean()


def national(draws: int | None = None) -> Judgement:
    """Return `judge` of all old counties, computed once for the same tables and draws."""
    return _national(int(assumption("demand_draws")) if draws is None else draws)


@once_per_batch
def _national(draws: int) -> Judgement:
    return judge(services.authorities(), draws=draws)


def judge(
    frame: pd.DataFrame,
    choice: Mapping[str, str] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    choose_again: bool = False,
) -> Judgement:
    """Predict every old county by a model that never saw it.

    Parameters
    ----------
    frame
        Authorities (see `lgr_report.sources.services.authorities`).
    choice
        Candidate of each service, by default chosen by leave-one-region-out error.
    draws, seed
        Of the predictive distribution, by default ``demand_draws`` and ``demand_seed``.
    choose_again
        Choose the candidates anew for each old county, without it. Slower; it shows that choosing
        did not profit from the answers.
    """
    draws = int(assumption("demand_draws")) if draws is None else draws
    generator = np.random.default_rng(int(assumption("demand_seed")) if seed is None else seed)
    choice = choose(frame) if choice is None else choice
    members, counties = [], []
    for _, county in frame[frame["old_county"].notna()].groupby("old_county"):
        rest = frame.drop(county.index)
        model = learn(rest, choose(rest) if choose_again else choice)
        drawn = simulate(model, county, draws, generator)
        for s, service in enumerate(SERVICES):
            # Without every authority's figure the county has no total to share.
            if len(usable(county, service)) < len(county):
                continue
            authorities, spread = _one_county(
                county, service, model.fits[s].log_rate(county), drawn[..., s]
            )
            members.append(authorities)
            counties.append(spread)
    return Judgement(_ordered(pd.concat(members)), _ordered(pd.DataFrame(counties)))


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by kind (shire first), service and county; authorities keep their order."""
    rank = {service.service: s for s, service in enumerate(SERVICES)}
    rows = rows.assign(rank=rows["service"].map(rank))
    by, up = ["kind", "rank", "old_county"], [False, True, True]
    rows = rows.sort_values(by, ascending=up, kind="stable", ignore_index=True)
    return rows.drop(columns="rank")


def _one_county(
    county: pd.DataFrame, service: Service, log_rate: np.ndarray, drawn: np.ndarray
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Return the authorities' table and the county's row for one service."""
    predicted = regroup(log_rate, county, service, "old_county")
    simulated = regroup(drawn, county, service, "old_county")
    inner, outer = assumption("demand_inner_level"), assumption("interval_level")
    reported = county[service.service].to_numpy(dtype=float)
    residents = people(county, service).to_numpy(dtype=float)
    baseline = reported.sum() / residents.sum()
    inside = dict(zip(("inner_low", "inner_high"), intervals.ends(simulated, inner), strict=True))
    within = dict(zip(("low", "high"), intervals.ends(simulated, outer), strict=True))
    authorities = county[["old_county", "kind"]].rename_axis("gss_code").reset_index()
    authorities = authorities.assign(
        service=service.service,
        reported=reported,
        at_county_rate=baseline * residents,
        predicted=predicted,
        **inside,
        **within,
    )
    spreads = np.ptp(simulated / residents, axis=1) / baseline
    row = {
        **county[["old_county", "kind"]].iloc[0],
        "service": service.service,
        "authorities": len(county),
        "observed": np.ptp(reported / residents) / baseline,
        "from_point": np.ptp(predicted / residents) / baseline,
    }
    row |= dict(zip(("expected", "low", "high"), intervals.around(spreads), strict=True))
    return authorities, row


def size_trend(frame: pd.DataFrame, choice: Mapping[str, str]) -> pd.DataFrame:
    """Ask whether smaller authorities lie further from their predictions.

    The variance of a residual (see `lgr_report.core.demand.residuals`) is taken as a power of
    population, estimated by maximum likelihood of the differences within each old county.

    Returns
    -------
    pandas.DataFrame
        Index service; power, low and high (likelihood-ratio interval at ``interval_level``): 0 if
        size does not matter, −1 if residuals were all chance over people.
    """
    apart = residuals(frame, choice)
    counties = [county.index for _, county in apart.groupby("old_county")]
    powers = np.linspace(-4, 2, 121)
    drop = stats.chi2.ppf(assumption("interval_level"), 1) / 2
    rows = {}
    for service in SERVICES:
        values = [apart.loc[codes, service.service].to_numpy() for codes in counties]
        sizes = [frame.loc[codes, "residents"].to_numpy() / 250_000 for codes in counties]
        likelihood = np.array([_log_likelihood(power, values, sizes) for power in powers])
        within = powers[likelihood >= likelihood.max() - drop]
        rows[service.service] = (powers[likelihood.argmax()], within[0], within[-1])
    return pd.DataFrame.from_dict(rows, orient="index", columns=["power", "low", "high"])


def _log_likelihood(power: float, values: list[np.ndarray], sizes: list[np.ndarray]) -> float:
    """Normal log-likelihood of differences to the first of each county, scale profiled out."""
    squares, determinants, differences = 0.0, 0.0, 0
    for value, size in zip(values, sizes, strict=True):
        difference = value[1:] - value[0]
        covariance = np.diag(size[1:] ** power) + size[0] ** power
        squares += difference @ np.linalg.solve(covariance, difference)
        determinants += np.linalg.slogdet(covariance)[1]
        differences += len(difference)
    return -(differences * np.log(squares) + determinants) / 2


def observed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the variation that old counties show today: no model is involved.

    Rates are per resident of all ages, as published. All authorities of a county must have
    published a service; the total needs all services.

    Returns
    -------
    pandas.DataFrame
        old_county, kind, authorities, mean_population (people), band (of the mean population),
        measure, and the three statistics (shares).
    """
    names = [service.service for service in SERVICES]
    counted, parts = frame[frame["old_county"].notna()], []
    for (name, kind), county in counted.groupby(["old_county", "kind"]):
        counts = county[names].assign(**{PEOPLE: county[names].sum(axis=1, skipna=False)})
        values, residents = counts.to_numpy(float), county["residents"].to_numpy(float)
        shares = statistics(values / residents[:, None], values.sum(axis=0) / residents.sum())
        part = pd.DataFrame(shares, columns=[*STATISTICS]).assign(
            old_county=name,
            kind=kind,
            authorities=len(county),
            mean_population=residents.mean(),
            band=size_band(residents.mean()),
            measure=[*counts],
        )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def observed_by_band(frame: pd.DataFrame, kind: str = "shire") -> pd.DataFrame:
    """Return the mean spread observed between the authorities of old counties: no model.

    Returns
    -------
    pandas.DataFrame
        Index band; a column a measure (shares of the county's rate), and counties (their number).
    """
    counties = observed(frame).query("kind == @kind")
    table = counties.pivot_table(index="band", columns="measure", values="spread", dropna=False)
    number = counties.groupby("band")["old_county"].nunique()
    return table.assign(counties=number).reindex([*size_bands()])
