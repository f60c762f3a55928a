"""How unevenly an option spreads demand over its unitaries.

The published measure (CCN/Newton, p38) is the share of a footprint's population that uses people
services, compared with the county's baseline and between the unitaries of one option. Which
statistic of these rates was taken is not known, so there are three:

``spread``
    (largest rate − smallest rate) ÷ baseline
``departure``
    largest distance of a rate from the baseline ÷ baseline
``gap``
    (largest rate − smallest rate) ÷ smallest rate

The baseline is the rate of the whole area. Every sum over footprints is linear in councils, so
thousands of options cost little more than one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.footprints import check_cover, least_and_most
from lgr_report.sources.areas import size_band
from lgr_report.sources.services import SERVICES

STATISTICS = ("spread", "departure", "gap")
STATISTIC_LABELS = {
    "spread": "(max − min) ÷ baseline",
    "departure": "largest departure ÷ baseline",
    "gap": "(max − min) ÷ min",
}
PEOPLE = "people"  # all services, a person with a service counting one
SPEND = "spend"  # all services, weighed by what one person with the service costs the area
MEASURES = (*(service.service for service in SERVICES), PEOPLE, SPEND)
LABELS = {
    **{service.service: service.label for service in SERVICES},
    PEOPLE: "all services, by people",
    SPEND: "all services, by spend",
}


@dataclass(frozen=True, eq=False)
class AreaDemand:
    """Demand of an area's councils by measure (services and totals, in the order of `MEASURES`).

    ``estimate`` is councils × measures, ``draws`` draws × councils × measures; ``population``
    (councils × measures) is what they are divided by. The measure spend is in GBP a year, the
    others in people. A service without a published total is missing (NaN), and totals go on
    without it.
    """

    gss_codes: tuple[str, ...]
    estimate: np.ndarray
    draws: np.ndarray
    population: np.ndarray
    residents: np.ndarray


def area_demand(demand: Demand, gss_codes: Sequence[str], per_age_band: bool = False) -> AreaDemand:
    """Collect the demand of an area's councils, and its totals over services.

    Parameters
    ----------
    demand
        Demand of any councils that include these.
    gss_codes
        The area's councils, in the order that masks of `variation_of_masks` count bits.
    per_age_band
        Divide a service by residents of the ages it serves. By default everything is divided by
        all residents, as published; totals always are.
    """
    chosen = demand.select(gss_codes)
    known = ~np.isnan(chosen.estimate).any(axis=0)
    weights = np.column_stack(
        [np.eye(len(SERVICES)), known.astype(float), np.where(known, _unit_spend(chosen), 0)]
    )

    def measures(values: np.ndarray) -> np.ndarray:
        services = np.where(known, values, 0) @ weights
        services[..., : len(SERVICES)][..., ~known] = np.nan
        return services

    population = np.repeat(chosen.residents[:, None].astype(float), len(MEASURES), axis=1)
    if per_age_band:
        population[:, : len(SERVICES)] = chosen.people
    return AreaDemand(
        gss_codes=chosen.gss_codes,
        estimate=measures(chosen.estimate),
        draws=measures(chosen.draws),
        population=population,
        residents=chosen.residents,
    )


def _unit_spend(demand: Demand) -> np.ndarray:
    """Return the gross spend per person with each service, GBP a year, over the area's authorities.

    Authorities that did not report spend do not count. One price holds for the whole area, so
    that a dear authority is not mistaken for one with more demand.
    """
    figures = demand.authorities.loc[[*dict.fromkeys(demand.authority)]]
    prices = []
    for service in SERVICES:
        both = figures[[f"{service.service}_spend", service.service]].dropna().sum()
        prices.append(both.iloc[0] / both.iloc[1] if both.iloc[1] else np.nan)
    return np.array(prices)


def statistics(rates: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Return the three statistics of the rates of an option's footprints.

    Parameters
    ----------
    rates
        … × footprints × measures.
    baseline
        Rate of the whole area, … × measures.

    Returns
    -------
    numpy.ndarray
        … × measures × 3, in the order of `STATISTICS`; shares (0.21 is 21 %).
    """
    return _statistics(rates.max(axis=-2), rates.min(axis=-2), baseline)


def _statistics(largest: np.ndarray, smallest: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    spread = largest - smallest
    departure = np.maximum(largest - baseline, baseline - smallest)
    return np.stack([spread / baseline, departure / baseline, spread / smallest], axis=-1)


def membership(gss_codes: Sequence[str], footprints: Sequence[Sequence[str]]) -> np.ndarray:
    """Return footprints × councils: whether a footprint holds a council.

    Raises
    ------
    ValueError
        If the footprints do not hold each council exactly once; the message names the councils.
    """
    check_cover("footprints must hold each council once", {c: c for c in gss_codes}, footprints)
    return np.array([[code in set(footprint) for code in gss_codes] for footprint in footprints])


def footprint_rates(area: AreaDemand, footprints: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the rate of each footprint, beside the area's.

    Returns
    -------
    pandas.DataFrame
        unitary, measure, residents, demand (people, or GBP for spend), rate (per resident),
        relative (rate ÷ baseline), and low and high (of relative, at ``interval_level``).
    """
    member = membership(area.gss_codes, [*footprints.values()]).astype(float)
    people = member @ area.population
    baseline = _baseline(area)
    demand = member @ area.estimate
    drawn = member @ area.draws / people / baseline
    low, high = intervals.ends(drawn)
    columns = {
        "residents": np.repeat((member @ area.residents)[:, None], len(MEASURES), axis=1),
        "demand": demand,
        "rate": demand / people,
        "relative": demand / people / baseline,
        "low": low,
        "high": high,
    }
    return intervals.long(columns, unitary=footprints, measure=MEASURES)


def drawn_variation(area: AreaDemand, footprints: Sequence[Sequence[str]]) -> np.ndarray:
    """Return how unevenly one option spreads demand, in every draw.

    A draw is one state of the whole country, so the mean of these arrays over options of any areas
    is drawn from its own distribution, and has an interval.

    Returns
    -------
    numpy.ndarray
        Draws × measures × 3, as in `statistics`.
    """
    member = membership(area.gss_codes, footprints).astype(float)
    return statistics(member @ area.draws / (member @ area.population), _baseline(area))


def uncertainty_alone(area: AreaDemand, footprints: Sequence[Sequence[str]]) -> np.ndarray:
    """Return how uneven one option would look if no council were known to differ from the area.

    A largest less a smallest rate cannot be below zero, so uncertainty alone shows some spread:
    here every council has the area's rate, and departs from it in each draw as its estimate does.

    Returns
    -------
    numpy.ndarray
        Measures × 3, as in `statistics`, averaged over draws.
    """
    level = _baseline(area) * area.population
    # Departures of a county's districts sum to zero: its total stays what it published.
    draws = level + area.draws - area.draws.mean(axis=0)
    return drawn_variation(replace(area, draws=draws), footprints).mean(axis=0)


def variation(area: AreaDemand, footprints: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Return how unevenly one option spreads demand.

    Returns
    -------
    pandas.DataFrame
        measure, statistic, expected (mean over draws), low and high (ends of the interval), and
        from_point: the statistic of the point estimates, which is too small, because an estimate
        lacks whatever its predictors do not know. All are shares (0.21 is 21 %).
    """
    drawn = drawn_variation(area, footprints)
    low, high = intervals.ends(drawn)
    member = membership(area.gss_codes, footprints).astype(float)
    point = statistics(member @ area.estimate / (member @ area.population), _baseline(area))
    columns = {"expected": drawn.mean(axis=0), "low": low, "high": high, "from_point": point}
    return intervals.long(columns, measure=MEASURES, statistic=STATISTICS)


def _baseline(area: AreaDemand) -> np.ndarray:
    """Return the area's rate by measure: in every draw the same, by benchmarking."""
    return area.estimate.sum(axis=0) / area.population.sum(axis=0)


def variation_of_masks(area: AreaDemand, masks: np.ndarray, draws: int = 0) -> np.ndarray:
    """Return how unevenly each of many options spreads demand.

    Parameters
    ----------
    area
        The area; its councils are the bits, the first the lowest.
    masks
        Options × unitaries; a footprint is the sum of its councils' bits. Each option holds each
        council once (as `lgr_report.core.options` makes them): this is not checked here.
    draws
        How many draws to average over; 0 takes the point estimates. Averages over few draws rank
        options well: each option meets the same draws.

    Returns
    -------
    numpy.ndarray
        Options × measures × 3, as in `statistics`.
    """
    councils = len(area.gss_codes)
    bits = (np.arange(1 << councils)[:, None] >> np.arange(councils) & 1).astype(float)
    people = bits @ area.population
    people[0] = 1  # the empty footprint is in no option
    baseline = _baseline(area)
    worlds = area.draws[:draws] if draws else area.estimate[None]
    total = np.zeros((len(masks), len(MEASURES), len(STATISTICS)))
    for world in worlds:
        rates = bits @ world / people
        smallest, largest = least_and_most(rates, masks)
        total += _statistics(largest, smallest, baseline)
    return total / len(worlds)


def option_band(residents: float, unitaries: int) -> str:
    """Return the size band of an option: that of its mean footprint (residents ÷ unitaries)."""
    return size_band(residents / unitaries)
