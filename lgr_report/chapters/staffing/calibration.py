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

from lgr_report.chapters.staffing import overheads
from lgr_report.core import size_bands
from lgr_report.core.findings import SIGN, Claim
from lgr_report.sources import areas, tables
from lgr_report.sources.cache import once_per_batch

USED = ("published_findings", "councils", "proposed_unitary_councils")
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
    found = tables.read("published_findings").query("theme == 'staffing'")
    return found.set_index("finding_id")["value"]


def today_residents() -> np.ndarray:
    """Return the residents of each upper-tier authority of the 21 areas today."""
    sizes = [areas.authorities(area_id)["population"] for area_id in areas.ids()]
    return pd.concat(sizes).to_numpy(dtype=float)


@once_per_batch
def statements() -> pd.DataFrame:
    """Return what each published statement implies for one authority, by definition of bands.

    Returns
    -------
    pandas.DataFrame
        definition, band, population, authorities (that cover the areas), additional (to those of
        today), posts_low and posts_high (published: "over 1,000" up to 1,100; "nearly 500"), cost
        (published, GBP million a year), and the three of them per additional authority. The band
        above 500k has a sign only: its figures are missing.
    """
    found, now = published(), len(today_residents())
    small, medium, _ = areas.size_bands()
    said = {
        small: (found["ST01"], found["ST02"], found["ST04"]),
        medium: (found["ST03"], found["ST03"], found["ST05"]),
    }
    table = size_bands.averages().rename(columns={"needed": "authorities"})
    names = ["posts_low", "posts_high", "cost"]
    table[names] = [said.get(band, (np.nan,) * 3) for band in table["band"]]
    table["additional"] = table["authorities"] - now
    for name in names:
        table[f"{name}_each"] = table[name] / table["additional"]
    return table.drop(columns="unitaries")


@once_per_batch
def calibration() -> Calibration:
    """Calibrate posts and cost per authority to the published totals.

    Each total with a definition of bands gives a number of its own. The value is the geometric
    mean of the two totals under the definition on which their costs agree best; the range holds
    all totals and definitions, and for the cost also the published £1–3m an authority (ST07, ST08).
    """
    table, found = statements().dropna(subset=["cost"]), published()
    apart = np.log(table["cost_each"]).groupby(table["definition"]).agg(np.ptp)
    best = apart.idxmin()
    mine = table[table["definition"] == best]
    posts, cost = table[["posts_low_each", "posts_high_each"]], table["cost_each"]
    within = mine[["posts_low_each", "posts_high_each"]].to_numpy()
    return Calibration(
        definition=str(best),
        posts=PerAuthority(_middle(within), float(posts.min().min()), float(posts.max().max())),
        cost=PerAuthority(
            _middle(mine["cost_each"].to_numpy()),
            min(float(cost.min()), float(found["ST07"])),
            max(float(cost.max()), float(found["ST08"])),
        ),
    )


def _middle(values: np.ndarray) -> float:
    return float(np.exp(np.log(values).mean()))


def fits() -> pd.DataFrame:
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
    found, rows = published(), []
    small, medium, large = areas.size_bands()
    ratios = [found[top] / found[bottom] for top, bottom in RATIOS]
    for definition, part in statements().groupby("definition", sort=False):
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


def powers() -> pd.DataFrame:
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
    found, old = published(), today_residents()
    small, medium, large = areas.size_bands()
    rows = []
    for definition, part in statements().groupby("definition", sort=False):
        size = part.set_index("band")["population"]

        def more(band: str, power: float, size: pd.Series = size) -> float:
            return old.sum() / size[band] * size[band] ** power - (old**power).sum()

        def off(power: float, more: object = more) -> float:
            return more(small, power) / more(medium, power) - found["ST04"] / found["ST05"]

        power = above = now = np.nan
        if off(LEAST_POWER) * off(MOST_POWER) < 0:
            power = brentq(off, LEAST_POWER, MOST_POWER)
            scale = found["ST05"] / more(medium, power)
            above, now = scale * more(large, power), scale * (old**power).sum()
        rows.append((definition, power, above, now))
    return pd.DataFrame(rows, columns=["definition", "power", "above_500k", "today"])


def fitting_population() -> tuple[float, float]:
    """Return the average unitary ≤300k with which fixed posts would fit both published totals.

    The two ends come from the least and the largest published ratio. The average unitary 300–500k,
    on which the definitions agree, is that of the submitted unitaries.
    """
    table, total = fits().iloc[0], today_residents().sum()
    main = statements().query("definition == @size_bands.SUBMITTED").set_index("band")
    medium = main.loc[areas.size_bands()[1], "additional"]
    ends = [
        float(total / (len(today_residents()) + table[name] * medium))
        for name in ("published_high", "published_low")
    ]
    return ends[0], ends[1]


def bands() -> pd.DataFrame:
    """Return published, calibrated and implied figures of each band, with submitted averages.

    Returns
    -------
    pandas.DataFrame
        band, additional (authorities), published_posts, published_cost (GBP million a year; missing
        above 500k, where only a fall was published), posts and cost with low and high (calibrated),
        implied, implied_low, implied_high (change of spend on the lines of `overheads`).
    """
    found, table = calibration(), statements()
    rows = []
    for row in table[table["definition"] == size_bands.SUBMITTED].itertuples():
        line = {"band": row.band, "additional": row.additional}
        line |= {"published_posts": row.posts_low, "published_cost": row.cost}
        for name, each in (("posts", found.posts), ("cost", found.cost)):
            line |= dict(
                zip((name, f"{name}_low", f"{name}_high"), each.times(row.additional), strict=True)
            )
        names = ("implied", "implied_low", "implied_high")
        line |= dict(zip(names, overheads.of_equal(row.authorities)[1:], strict=True))
        rows.append(line)
    return pd.DataFrame(rows)


def above_500k(more: float, every: pd.Series) -> Claim:
    """Answer the published net fall above 500k: it is a count of authorities, and can be tested.

    If posts go with authorities, they fall where there would be fewer than today. How many there
    would be depends on how the band's average is defined.
    """
    posts = calibration().posts
    value = posts.times(more)[0]
    ends = [end for count in every for end in posts.times(count)[1:]]
    sign, low, high = (float(np.sign(number)) for number in (value, min(ends), max(ends)))
    return Claim(
        "ST06",
        sign,
        low,
        high,
        data=USED,
        how=f"unitaries of the band's average that cover the areas, less {len(today_residents())} "
        "authorities today, times posts per authority; range over definitions of the average",
        relation=SIGN,
        effect=(-value, -max(ends), -min(ends)),
    )
