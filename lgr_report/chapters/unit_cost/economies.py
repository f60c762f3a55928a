"""Economies of scale: what a size of authority would do to the national bill for care.

For unitaries of each size band's average population the published report gives a change of spend a
year (CCN/Newton, p56). The same figures are computed here from the elasticity of public unit costs,
and the question is turned round: which elasticity would the published figures need?
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar

from lgr_report.chapters.unit_cost import claims
from lgr_report.core import findings, size_bands
from lgr_report.sources import areas, tables

STEPS = 21  # points across the interval of the elasticity
STEEPEST = 1.0  # elasticities are searched between minus this (cost per person inverse) and this


def change(
    amount: np.ndarray, residents: np.ndarray, present: np.ndarray, elasticities: np.ndarray
) -> np.ndarray:
    """Return how the bill of footprints changes when they pay in place of today's authorities.

    Parameters
    ----------
    amount
        … × authorities: what each footprint takes over from each present authority, GBP million.
    residents
        … : residents of each footprint.
    present
        Residents of each present authority.
    elasticities
        Of unit cost to residents; any number.

    Returns
    -------
    numpy.ndarray
        Elasticities × … , GBP million a year. A footprint that is one of today's authorities
        changes nothing, exactly. Missing where a spend that changes is missing.
    """
    ratio = np.log(residents[..., None] / present)
    changes = [
        np.where(ratio == 0, 0, amount * np.expm1(each * ratio)).sum(axis=-1)
        for each in elasticities
    ]
    return np.stack(changes)


def across(value: float, low: float, high: float) -> np.ndarray:
    """Return an elasticity, then evenly spaced points of its interval."""
    return np.array([value, *np.linspace(low, high, STEPS)])


def with_interval(changes: np.ndarray) -> np.ndarray:
    """Return value, low and high (first axis) of changes at the elasticities of `across`.

    Some footprints gain scale while others lose it, so the least change may lie inside the interval
    of the elasticity: every point of it counts, not its ends alone.
    """
    return np.stack([changes[0], changes.min(axis=0), changes.max(axis=0)])


def national_change(
    reported: pd.DataFrame, population: float, elasticities: np.ndarray
) -> np.ndarray:
    """Return the change in the 21 areas if every new unitary had so many residents (p56).

    Parameters
    ----------
    reported : pandas.DataFrame
        Residents and total (spend, GBP million a year) of authorities, as of `elasticity.present`.
    population : float
        Residents of each new unitary.
    elasticities
        Of unit cost to residents.

    Returns
    -------
    numpy.ndarray
        GBP million a year, at each elasticity.
    """
    spend, residents = (reported[name].to_numpy() for name in ("total", "residents"))
    return change(spend, np.array(population), residents, elasticities)


def needed(reported: pd.DataFrame, published: float, population: float) -> float:
    """Return the elasticity nearest to zero that gives a published change; NaN if none does."""

    def off(each: float) -> float:
        return float(national_change(reported, population, np.array([each]))[0]) - published

    # The change is a sum of exponentials: it falls to one lowest point and rises on both sides.
    lowest = minimize_scalar(off, bounds=(-STEEPEST, STEEPEST), method="bounded").x
    roots = [
        brentq(off, *sorted((lowest, end)))
        for end in (-STEEPEST, STEEPEST)
        if off(lowest) * off(end) < 0
    ]
    return float(min(roots, key=abs, default=np.nan))


def published() -> pd.Series:
    """Return the published changes by size band, GBP million a year (p56)."""
    return pd.Series(_values().loc[[*claims.BANDS]].to_numpy(), index=[*areas.size_bands()])


def published_income() -> float:
    """Return the published per cent of unit cost for GBP 5,000 more median income (p53)."""
    return float(_values()[claims.INCOME])


def _values() -> pd.Series:
    return tables.read("published_findings").set_index("finding_id")["value"]


def elasticity_nearest_published(reported: pd.DataFrame, sizes: pd.Series) -> float:
    """Return the one elasticity that comes nearest to all three published changes.

    Nearest by least squares; ``sizes`` are residents of the average unitary, by band.
    """
    changes = published()

    def off(each: float) -> float:
        at = np.array([each])
        ours = [national_change(reported, sizes[band], at)[0] for band in changes.index]
        return float(((np.array(ours) - changes.to_numpy()) ** 2).sum())

    return float(minimize_scalar(off, bounds=(-STEEPEST, STEEPEST), method="bounded").x)


def bands(
    reported: pd.DataFrame, elasticities: np.ndarray, under: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return the national change by size band, under each definition of the bands.

    Parameters
    ----------
    reported : pandas.DataFrame
        As for `national_change`.
    elasticities
        Value first, then points of its interval: see `across`.
    under : mapping of str to array
        The same under other reasonable specifications, by name.

    Returns
    -------
    pandas.DataFrame
        definition (of `size_bands.DEFINITIONS`), band, population (of its average unitary),
        finding_id, published, value, low, high (GBP million a year), needed (elasticity that the
        published figure needs; missing if none gives it), claim (our answer, with that under every
        specification) and verdict (by the rules of `findings`).
    """
    table = size_bands.averages()[["definition", "band", "population"]]
    names = dict(zip(areas.size_bands(), claims.BANDS, strict=True))
    table = table.assign(
        finding_id=table["band"].map(names), published=table["band"].map(published())
    )
    table[["value", "low", "high"]] = [
        with_interval(national_change(reported, size, elasticities)) for size in table["population"]
    ]
    rows = [*table.itertuples()]
    answers = [claims.of_band(row, _under(reported, row.population, under)) for row in rows]
    return table.assign(
        needed=[needed(reported, row.published, row.population) for row in rows],
        claim=answers,
        verdict=[
            findings.verdict(row.published, claim) for row, claim in zip(rows, answers, strict=True)
        ],
    )


def _under(
    reported: pd.DataFrame, population: float, under: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    return {
        name: with_interval(national_change(reported, population, each))
        for name, each in under.items()
    }


def ratios(reported: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """Return the test of the published figures that needs no spend and no elasticity.

    For a small elasticity the change goes with ln(today's residents ÷ the unitary's), so that the
    published ratio of the two smaller bands fixes today's size, whatever is spent.

    Parameters
    ----------
    reported : pandas.DataFrame
        As for `national_change`.
    bands : pandas.DataFrame
        definition, band (the smallest first) and population.

    Returns
    -------
    pandas.DataFrame
        definition, ratio (published, smallest band ÷ middle band), expected (at today's size: the
        spend-weighted geometric mean of the authorities), needed (today's size, in residents, for
        the published ratio), today (today's size), large_ratio and large_expected (largest band ÷
        middle band; below zero where they lie on different sides of today's size).
    """
    today = float(np.exp(np.average(np.log(reported["residents"]), weights=reported["total"])))
    wide = bands.pivot_table(index="definition", columns="band", values="population", sort=False)
    sizes, changes = np.log(wide[[*areas.size_bands()]].to_numpy()).T, published()
    ratio, large_ratio = changes.iloc[[0, 2]] / changes.iloc[1]
    small, medium, large = np.log(today) - sizes
    return pd.DataFrame(
        {
            "definition": wide.index,
            "ratio": ratio,
            "expected": small / medium,
            "needed": np.exp((ratio * sizes[1] - sizes[0]) / (ratio - 1)),
            "today": today,
            "large_ratio": large_ratio,
            "large_expected": large / medium,
        }
    )
