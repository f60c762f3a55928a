"""Calibration: posts and money that come with one authority, from the published totals.

Two kinds of post: those that every authority needs whatever its size, and those that grow with
residents. A reorganisation leaves residents as they are, so only the first kind changes: by so many
posts for each authority more or fewer. The published totals (CCN/Newton, p10) can tell the first
and say nothing of the second. How many authorities a size band means is not published either:
`size_bands` gives four readings.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from lgr_report.core import size_bands
from lgr_report.sources import areas, tables

LEAST_POWER, MOST_POWER = -0.5, 0.999  # at one, no division changes anything
ENDS = ("", "_low", "_high")
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
    table = tables.read("published_findings").query("theme == 'staffing'")
    return table.set_index("finding_id")["value"]


def authorities_today() -> pd.DataFrame:
    """Return the upper-tier authorities of the 21 areas today: as `areas.authorities`."""
    frames = [areas.authorities(area_id) for area_id in areas.ids()]
    return pd.concat(frames, ignore_index=True)


def statements(averages: pd.DataFrame, said: pd.Series, now: int) -> pd.DataFrame:
    """Return what each published statement implies for one authority, by definition of bands.

    Parameters
    ----------
    averages : pandas.DataFrame
        As `size_bands.averages` returns it.
    said : pandas.Series
        As `published` returns it.
    now : int
        Authorities of today.

    Returns
    -------
    pandas.DataFrame
        definition, band, population, authorities (that cover the areas), additional (to those of
        today), posts_low and posts_high (published: "over 1,000" up to 1,100; "nearly 500"), cost
        (published, GBP million a year), and the three of them per additional authority. The band
        above 500k has a sign only: its figures are missing.
    """
    small, medium, _ = areas.size_bands()
    totals = {
        small: (said["ST01"], said["ST02"], said["ST04"]),
        medium: (said["ST03"], said["ST03"], said["ST05"]),
    }
    table = averages.rename(columns={"needed": "authorities"})
    names = ["posts_low", "posts_high", "cost"]
    table[names] = [totals.get(band, (np.nan,) * 3) for band in table["band"]]
    table["additional"] = table["authorities"] - now
    for name in names:
        table[f"{name}_each"] = table[name] / table["additional"]
    return table.drop(columns="unitaries")


def calibrate(implied: pd.DataFrame, said: pd.Series) -> Calibration:
    """Calibrate posts and cost per authority to the published totals.

    Each total with a definition of bands gives a number of its own. The value is the geometric
    mean of the two totals under the definition on which their costs agree best; the range holds
    all totals and definitions, and for the cost also the published £1–3m an authority (ST07, ST08).

    Parameters
    ----------
    implied, said
        As `statements` and `published` return them.
    """
    table = implied.dropna(subset=["cost"])
    apart = np.log(table["cost_each"]).groupby(table["definition"]).agg(np.ptp)
    best = table[table["definition"] == apart.idxmin()]
    posts, cost = table[["posts_low_each", "posts_high_each"]], table["cost_each"]
    middle = _middle(best[["posts_low_each", "posts_high_each"]].to_numpy())
    return Calibration(
        definition=str(apart.idxmin()),
        posts=PerAuthority(middle, float(posts.min().min()), float(posts.max().max())),
        cost=PerAuthority(
            _middle(best["cost_each"].to_numpy()),
            min(float(cost.min()), float(said["ST07"])),
            max(float(cost.max()), float(said["ST08"])),
        ),
    )


def _middle(values: np.ndarray) -> float:
    return float(np.exp(np.log(values).mean()))


def fits(implied: pd.DataFrame, said: pd.Series) -> pd.DataFrame:
    """Return whether one linear model fits the three statements, by definition of bands.

    Where only fixed posts change, posts and cost of two bands stand to each other as their
    additional authorities do.

    Returns
    -------
    pandas.DataFrame
        definition; ratio (additional authorities ≤300k over those 300–500k); published_low and
        published_high (the least and largest published ratio of posts and of cost); ratio_fits (to
        one decimal, as published totals are rounded); above_500k (additional authorities; published
        is a fall); sign_fits; fits (both).
    """
    small, medium, large = areas.size_bands()
    ratios = [said[top] / said[bottom] for top, bottom in RATIOS]
    rows = []
    for definition, part in implied.groupby("definition", sort=False):
        more = part.set_index("band")["additional"]
        ratio = more[small] / more[medium]
        within = round(min(ratios), 1) <= round(ratio, 1) <= round(max(ratios), 1)
        rows.append(
            {
                "definition": definition,
                "ratio": ratio,
                "published_low": min(ratios),
                "published_high": max(ratios),
                "ratio_fits": bool(within),
                "above_500k": more[large],
                "sign_fits": bool(more[large] < 0),
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(fits=table["ratio_fits"] & table["sign_fits"])


def powers(implied: pd.DataFrame, said: pd.Series, residents: np.ndarray) -> pd.DataFrame:
    """Return the alternative: cost of an authority's senior posts goes with a power of residents.

    The power is solved for the published costs, which are two figures for two unknowns; what they
    then imply can be held against the third statement and against reason.

    Returns
    -------
    pandas.DataFrame
        definition, power (0: the same in every authority; 1: in proportion to residents; missing
        where none from −1/2 to 1 fits), above_500k (change above 500k, GBP million a year;
        published: a fall), today (what senior posts of the authorities of today would cost, GBP
        million a year).
    """
    small, medium, large = areas.size_bands()
    rows = []
    for definition, part in implied.groupby("definition", sort=False):
        size = part.set_index("band")["population"]

        def more(band: str, power: float, size: pd.Series = size) -> float:
            people = size[band]
            return residents.sum() / people * people**power - (residents**power).sum()

        def off(power: float, more: object = more) -> float:
            return more(small, power) / more(medium, power) - said["ST04"] / said["ST05"]

        power = above = now = np.nan
        if off(LEAST_POWER) * off(MOST_POWER) < 0:
            power = brentq(off, LEAST_POWER, MOST_POWER)
            scale = said["ST05"] / more(medium, power)
            above, now = scale * more(large, power), scale * (residents**power).sum()
        rows.append((definition, power, above, now))
    return pd.DataFrame(rows, columns=["definition", "power", "above_500k", "today"])


def fitting_population(
    implied: pd.DataFrame, fitted: pd.DataFrame, residents: np.ndarray
) -> tuple[float, float]:
    """Return the average unitary ≤300k with which fixed posts would fit both published totals.

    The two ends come from the least and the largest published ratio (`fits`). The average unitary
    300–500k, on which the definitions agree, is that of the submitted unitaries.
    """
    main = implied[implied["definition"] == size_bands.SUBMITTED].set_index("band")
    medium = main.loc[areas.size_bands()[1], "additional"]
    row = fitted.iloc[0]
    low, high = (
        float(residents.sum() / (len(residents) + row[name] * medium))
        for name in ("published_high", "published_low")
    )
    return low, high


def bands(
    implied: pd.DataFrame,
    each: Calibration,
    spend_of_equal: Callable[[float], tuple[float, float, float, float]],
) -> pd.DataFrame:
    """Return published, calibrated and implied figures of each band, with submitted averages.

    Parameters
    ----------
    implied : pandas.DataFrame
        As `statements` returns it.
    each : Calibration
        As `calibrate` returns it.
    spend_of_equal : callable
        Number of equal unitaries to spend today and its change (`overheads.of_equal`).

    Returns
    -------
    pandas.DataFrame
        band, additional (authorities), published_posts, published_cost (GBP million a year; missing
        above 500k, where only a fall was published), posts and cost with low and high (calibrated),
        implied, implied_low, implied_high (change of spend on the lines of `overheads`).
    """
    rows = []
    for row in implied[implied["definition"] == size_bands.SUBMITTED].itertuples():
        posts, cost = each.posts.times(row.additional), each.cost.times(row.additional)
        change = spend_of_equal(row.authorities)[1:]
        first = (row.band, row.additional, row.posts_low, row.cost)
        rows.append((*first, *posts, *cost, *change))
    ranged = [f"{name}{end}" for name in ("posts", "cost", "implied") for end in ENDS]
    columns = ["band", "additional", "published_posts", "published_cost", *ranged]
    return pd.DataFrame(rows, columns=columns)
