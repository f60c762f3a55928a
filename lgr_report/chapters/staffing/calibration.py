"""Calibration: posts and money that come with one authority, from the published totals.

Two kinds of post: those that every authority needs whatever its size, and those that grow with
residents. A reorganisation leaves residents as they are, so only the first kind changes: by so many
posts for each authority more or fewer. The published totals (CCN/Newton, p10) can tell the first
and say nothing of the second. How many authorities a size band means is not published either:
`size_bands` gives four readings.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from lgr_report.core import size_bands
from lgr_report.sources import areas, tables

LEAST_POWER, MOST_POWER = -0.5, 0.999  # at one, no division changes anything
RATIOS = (("ST01", "ST03"), ("ST02", "ST03"), ("ST04", "ST05"))  # ≤300k over 300–500k


@dataclass(frozen=True)
class PerAuthority:
    """Posts, or GBP million a year, that come with one authority: value and range."""

    value: float
    low: float
    high: float

    def times(self, more: float) -> tuple[float, float, float]:
        """Return value, low and high of so many authorities more (fewer, if negative)."""
        low, high = sorted((self.low * more, self.high * more))
        return self.value * more, low, high


@dataclass(frozen=True)
class Calibration:
    """Posts and cost per authority, and the definition of bands on which statements agree best."""

    definition: str
    posts: PerAuthority
    cost: PerAuthority


def published() -> pd.Series:
    """Return the published figures of senior staffing by finding (``ST01`` to ``ST11``)."""
    findings = tables.read("published_findings").query("theme == 'staffing'")
    return findings.set_index("finding_id")["value"]


def today() -> pd.DataFrame:
    """Return the upper-tier authorities of the 21 areas: see `areas.authorities`."""
    return pd.concat([areas.authorities(area_id) for area_id in areas.ids()], ignore_index=True)


def statements(averages: pd.DataFrame, published: pd.Series, authorities: int) -> pd.DataFrame:
    """Return what each published statement implies for one authority, by definition of bands.

    Parameters
    ----------
    averages : pandas.DataFrame
        As `size_bands.averages` returns it.
    published : pandas.Series
        As `published` returns it.
    authorities : int
        How many there are today.

    Returns
    -------
    pandas.DataFrame
        definition, band, population, authorities (that cover the areas), additional (to those of
        today), posts_low and posts_high (published: "over 1,000" up to 1,100; "nearly 500"), cost
        (published, GBP million a year), and the three of them per additional authority. The band
        above 500k has a sign only: its figures are missing.
    """
    names = ["posts_low", "posts_high", "cost"]
    rows = [["ST01", "ST02", "ST04"], ["ST03", "ST03", "ST05"]]
    figures = pd.DataFrame(
        [published[row].to_numpy() for row in rows], areas.size_bands()[:2], names
    )
    table = averages.drop(columns="unitaries").rename(columns={"needed": "authorities"})
    table = table.join(figures, on="band")
    table.insert(4, "additional", table["authorities"] - authorities)
    return table.assign(**{f"{name}_each": table[name] / table["additional"] for name in names})


def calibrated(statements: pd.DataFrame, published: pd.Series) -> Calibration:
    """Calibrate posts and cost per authority to the published totals.

    Each total with a definition of bands gives a number of its own. The value is the geometric
    mean of the two totals under the definition on which their costs agree best; the range holds
    all totals and definitions, and for the cost also the published £1–3m an authority (ST07, ST08).
    """
    table = statements.dropna(subset=["cost"])
    apart = np.log(table["cost_each"]).groupby(table["definition"]).agg(np.ptp)
    best = str(apart.idxmin())
    posts, cost = ["posts_low_each", "posts_high_each"], ["cost_each"]
    within = table[table["definition"] == best]
    return Calibration(
        definition=best,
        posts=_ranged(within[posts], table[posts].to_numpy()),
        cost=_ranged(within[cost], np.append(table[cost], published[["ST07", "ST08"]])),
    )


def _ranged(within: pd.DataFrame, every: np.ndarray) -> PerAuthority:
    middle = np.exp(np.log(within.to_numpy()).mean())
    return PerAuthority(float(middle), float(every.min()), float(every.max()))


def fits(statements: pd.DataFrame, published: pd.Series) -> pd.DataFrame:
    """Return whether one linear model fits the three statements, by definition of bands.

    Where only fixed posts change, posts and cost of two bands stand to each other as their
    additional authorities do.

    Returns
    -------
    pandas.DataFrame
        Index definition; ratio (additional authorities ≤300k over those 300–500k); published_low
        and published_high (the least and largest published ratio of posts and of cost); ratio_fits
        (to one decimal, as published totals are rounded); above_500k (additional authorities;
        published is a fall); sign_fits; fits (both).
    """
    small, medium, large = areas.size_bands()
    ratios = [published[top] / published[bottom] for top, bottom in RATIOS]
    more = _by_band(statements, "additional")
    table = pd.DataFrame({"ratio": more[small] / more[medium], "above_500k": more[large]})
    low, high = min(ratios), max(ratios)
    table = table.assign(
        published_low=low,
        published_high=high,
        ratio_fits=table["ratio"].round(1).between(round(low, 1), round(high, 1)),
        sign_fits=table["above_500k"] < 0,
    )
    return table.assign(fits=table["ratio_fits"] & table["sign_fits"])


def _by_band(statements: pd.DataFrame, column: str) -> pd.DataFrame:
    return statements.pivot_table(index="definition", columns="band", values=column, sort=False)


def powers(statements: pd.DataFrame, published: pd.Series, residents: np.ndarray) -> pd.DataFrame:
    """Return the alternative: cost of an authority's senior posts goes with a power of residents.

    The power is solved for the published costs, which are two figures for two unknowns; what they
    then imply can be held against the third statement and against reason.

    Parameters
    ----------
    statements, published
        As `statements` and `published` return them.
    residents : numpy.ndarray
        Of each authority of today.

    Returns
    -------
    pandas.DataFrame
        definition, power (0: the same in every authority; 1: in proportion to residents; missing
        where none from −1/2 to 1 fits), above_500k (change above 500k, GBP million a year;
        published: a fall), today (what senior posts of the authorities of today would cost, GBP
        million a year).
    """
    small, medium, large = areas.size_bands()
    wanted, rows = published["ST04"] / published["ST05"], []
    for definition, size in _by_band(statements, "population").iterrows():

        def more(band: str, power: float, size: pd.Series = size) -> float:
            return residents.sum() / size[band] * size[band] ** power - (residents**power).sum()

        def off(power: float, more: object = more) -> float:
            return more(small, power) / more(medium, power) - wanted

        power = above = now = np.nan
        if off(LEAST_POWER) * off(MOST_POWER) < 0:
            power = brentq(off, LEAST_POWER, MOST_POWER)
            scale = published["ST05"] / more(medium, power)
            above, now = scale * more(large, power), scale * (residents**power).sum()
        rows.append((definition, power, above, now))
    return pd.DataFrame(rows, columns=["definition", "power", "above_500k", "today"])


def fitting_population(
    statements: pd.DataFrame, fits: pd.DataFrame, residents: np.ndarray
) -> tuple[float, float]:
    """Return the average unitary ≤300k with which fixed posts would fit both published totals.

    The two ends come from the least and the largest published ratio. The average unitary 300–500k,
    on which the definitions agree, is that of the submitted unitaries.
    """
    medium = _by_band(statements, "additional").loc[size_bands.SUBMITTED, areas.size_bands()[1]]
    ratios = fits[["published_high", "published_low"]].iloc[0]
    low, high = residents.sum() / (len(residents) + ratios * medium)
    return float(low), float(high)
