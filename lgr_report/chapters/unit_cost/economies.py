"""Economies of scale: what a size of authority would do to the national bill for care.

For unitaries of each size band's average population the published report gives a change of spend a
year (CCN/Newton, p56). The same figures are computed here from the elasticity of public unit costs,
and the question is turned round: which elasticity would the published figures need?
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar

from lgr_report.chapters.unit_cost import elasticity
from lgr_report.core import findings, size_bands
from lgr_report.core.findings import ABOUT, AT_LEAST, Claim
from lgr_report.page import phrases
from lgr_report.sources import areas, tables
from lgr_report.sources.cache import once_per_batch

BAND_FINDINGS = ("UC01", "UC02", "UC03")  # the smallest band first
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
    found = [
        np.where(ratio == 0, 0, amount * np.expm1(each * ratio)).sum(axis=-1)
        for each in elasticities
    ]
    return np.stack(found)


def elasticities() -> np.ndarray:
    """Return the elasticity of the total, then evenly spaced points of its interval."""
    row = elasticity.estimate()
    return np.array([row["value"], *np.linspace(row["low"], row["high"], STEPS)])


def with_interval(changes: np.ndarray) -> np.ndarray:
    """Return value, low and high (first axis) of changes at `elasticities` (first axis).

    Some footprints gain scale while others lose it, so the least change may lie inside the interval
    of the elasticity: every point of it counts, not its ends alone.
    """
    return np.stack([changes[0], changes.min(axis=0), changes.max(axis=0)])


class Today(NamedTuple):
    """The authorities of the 21 areas that reported: spend (GBP million a year) and residents."""

    spend: np.ndarray
    residents: np.ndarray


def today() -> Today:
    """Return spend on the series of `elasticity.in_total` and residents, authority by authority."""
    reported = elasticity.present().dropna()
    spend = reported[elasticity.in_total()].sum(axis=1).to_numpy()
    return Today(spend, reported["residents"].to_numpy(dtype=float))


def not_reported() -> list[str]:
    """Return the authorities of the 21 areas that the national figures leave out."""
    every = elasticity.present()
    return every.loc[every.isna().any(axis=1), "authority_name"].tolist()


def national(now: Today, population: float, at: np.ndarray) -> np.ndarray:
    """Return the change in the 21 areas if every new unitary had so many residents (p56).

    GBP million a year, at each elasticity.
    """
    return change(now.spend, np.array(population), now.residents, at)


def needed(now: Today, published: float, population: float) -> float:
    """Return the elasticity nearest to zero that gives a published change; NaN if none does."""

    def off(each: float) -> float:
        return float(national(now, population, np.array([each]))[0]) - published

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
    found = tables.read("published_findings").set_index("finding_id")["value"]
    return pd.Series(found.loc[[*BAND_FINDINGS]].to_numpy(), index=[*areas.size_bands()])


@once_per_batch
def common(definition: str = size_bands.SUBMITTED) -> float:
    """Return the one elasticity that comes nearest to all three published changes.

    Nearest by least squares, with the bands' average unitaries as in `size_bands.DEFINITIONS`.
    """
    sizes = size_bands.averages().query("definition == @definition").set_index("band")["population"]
    told, now = published(), today()

    def off(each: float) -> float:
        found = [national(now, sizes[band], np.array([each]))[0] for band in told.index]
        return float(((np.array(found) - told.to_numpy()) ** 2).sum())

    return float(minimize_scalar(off, bounds=(-STEEPEST, STEEPEST), method="bounded").x)


@once_per_batch
def implied() -> pd.DataFrame:
    """Return the national change by size band, under each definition of the bands.

    Returns
    -------
    pandas.DataFrame
        definition (of `size_bands.DEFINITIONS`), band, population (of its average unitary),
        published, value, low, high (GBP million a year), needed (elasticity that the published
        figure needs; missing if none gives it) and verdict (by the rules of `findings`).
    """
    table, now = size_bands.averages()[["definition", "band", "population"]], today()
    at = elasticities()
    found = [with_interval(national(now, size, at)) for size in table["population"]]
    table = table.assign(published=table["band"].map(published()))
    table[["value", "low", "high"]] = np.stack(found)
    table["needed"] = [needed(now, r.published, r.population) for r in table.itertuples()]
    keys = dict(zip(areas.size_bands(), BAND_FINDINGS, strict=True))
    table["verdict"] = [
        findings.verdict(r.published, claim_of(keys[r.band], r)) for r in table.itertuples()
    ]
    return table


def by_band(definition: str = size_bands.SUBMITTED) -> pd.DataFrame:
    """Return the rows of `implied` under one definition of the bands, the smallest band first."""
    table = implied()
    return table[table["definition"] == definition].reset_index(drop=True)


def ratio_test() -> pd.DataFrame:
    """Return the test of the published figures that needs no spend and no elasticity.

    For a small elasticity the change goes with ln(today's residents ÷ the unitary's), so that the
    published ratio of the two smaller bands fixes today's size, whatever is spent.

    Returns
    -------
    pandas.DataFrame
        definition, ratio (published, smallest band ÷ middle band), expected (at today's size: the
        spend-weighted geometric mean of the authorities), needed (today's size, in residents, for
        the published ratio), today (today's size), large_ratio and large_expected (largest band ÷
        middle band; below zero where they lie on different sides of today's size).
    """
    now = today()
    size_today = float(np.exp(np.average(np.log(now.residents), weights=now.spend)))
    small, medium, large = published()
    ratio, rows = small / medium, []
    for definition in size_bands.DEFINITIONS:
        size = np.log(by_band(definition)["population"].to_numpy(dtype=float))
        gap = np.log(size_today) - size
        for_ratio = float(np.exp((ratio * size[1] - size[0]) / (ratio - 1)))
        found = (ratio, gap[0] / gap[1], for_ratio, size_today, large / medium, gap[2] / gap[1])
        rows.append((definition, *found))
    columns = ["ratio", "expected", "needed", "today", "large_ratio", "large_expected"]
    return pd.DataFrame(rows, columns=["definition", *columns])


def base_in_words() -> list[str]:
    """Return what the national figures are taken of, and what the spend leaves out."""
    now, missing = today(), not_reported()
    rest = (
        f"{phrases.listed(missing)} did not report: left out."
        if missing
        else "All of them reported."
    )
    return [
        f"The base is what {len(now.spend)} authorities of the 21 areas spend on looked-after "
        f"children and on adults' long-term support: £{now.spend.sum():,.0f}m gross in 2024-25. "
        f"{rest} The published base, placements alone, is not known and is smaller: on it the "
        "published figures would need a steeper elasticity than the table says."
    ]


def ratio_in_words() -> list[str]:
    """Return what the ratios of the published figures say, in sentences computed from them."""
    table, told = ratio_test(), published()
    main, (small, medium, large) = table.iloc[0], told.index
    near = table.loc[(table["expected"] - table["ratio"]).abs().idxmin()]
    opposite = (table["large_expected"] * table["large_ratio"] < 0).sum()
    return [
        f"Published, the change in {small} is {main['ratio']:.2f} times that in {medium}. Whatever "
        f"the spend and the elasticity, today's authorities (typically {main['today']:,.0f} "
        f"residents) would give {main['expected']:.2f} if a band is the average of "
        f"{size_bands.SUBMITTED}; nearest comes “{near['definition']}” with "
        f"{near['expected']:.2f}.",
        f"For {large} a saving is published where the other bands cost more. Under {opposite} of "
        f"the {len(table)} definitions its average unitary is smaller than today's typical "
        "authority, so that one elasticity cannot give a saving there and a cost in the other "
        "bands. The published figures rest on one map for each area, in which neighbours gain "
        "scale; that is not known here.",
    ]


def claim_of(finding_id: str, row: NamedTuple) -> Claim:
    """Return our answer to one of `BAND_FINDINGS`, from a row of `implied`."""
    saving = row.published < 0
    ends = (-row.high, -row.low) if saving else (row.low, row.high)
    return Claim(
        finding_id,
        row.value,
        row.low,
        row.high,
        data=("upper_tier_indicators", "cost_series", "proposed_unitaries"),
        how="gross spend of the 21 areas on looked-after children and adults' long-term support × "
        f"((residents of the average unitary, {row.population:,.0f} ÷ residents of today's "
        "authority) to the power of the elasticity − 1)",
        # "over 270": more would agree too
        relation=AT_LEAST if finding_id == BAND_FINDINGS[0] else ABOUT,
        effect=(-row.value if saving else row.value, *ends),
    )


def money(value: float, low: float | None = None, high: float | None = None) -> str:
    """Return GBP million with its sign, and its interval if it has one: +£12m (−£3m to +£20m)."""
    if low is not None and high is not None and low < high:
        return f"{money(value)} ({money(low)} to {money(high)})"
    text = f"{abs(value):,.0f}" if abs(value) >= 10 else f"{abs(value):,.1f}"
    if not float(text.replace(",", "")):
        return "£0m"
    return f"{'+' if value > 0 else '−'}£{text}m"


def signed(value: float) -> str:
    """Return an elasticity with its sign and a true minus."""
    return f"{value:+.3f}".replace("-", "−")
