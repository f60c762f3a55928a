"""Answers of senior staffing to published findings (ST01–ST11, CCN/Newton p10)."""

import numpy as np
import pandas as pd

from lgr_report.chapters.staffing.calibration import PerAuthority
from lgr_report.chapters.staffing.study import National
from lgr_report.core import size_bands
from lgr_report.core.findings import SIGN, Claim
from lgr_report.sources import areas

USED = ("published_findings", "councils", "proposed_unitary_councils")
RETURNS = "CCN/Newton's returns of senior posts by council and their band averages, not published"
TOTALS = ("ST01", "ST02", "ST03", "ST04", "ST05")  # posts below 300k (two), 300–500k; costs


def answers(nation: National, definition: str = size_bands.SUBMITTED) -> tuple[Claim, ...]:
    """Return a claim for each published figure of senior staffing.

    Parameters
    ----------
    nation : National
        See `study.National`.
    definition : str
        Of size bands, by which the additional authorities are counted.
    """
    table = nation.statements
    own = table[table["definition"] == definition].set_index("band")
    large = areas.size_bands()[-1]
    every = table.loc[table["band"] == large, "additional"]
    return (
        *_calibrated(nation, own),
        above_500k(own.loc[large, "additional"], every, nation.each.posts, nation.now),
        Claim(
            "ST09",
            reason="no public table here counts vacancies in adult social care",
            settled_by="Skills for Care, Adult Social Care Workforce Data Set, vacancy rates",
        ),
        *_quotients(nation.said),
    )


def _calibrated(nation: National, own: pd.DataFrame) -> list[Claim]:
    small, medium, _ = areas.size_bands()
    posts, cost = nation.each.posts, nation.each.cost
    each = [posts] * 3 + [cost] * 2
    bands = [small, small, medium, small, medium]
    answers = [
        (
            name,
            one.times(own.loc[band, "additional"]),
            "additional authorities of the band times "
            f"{'posts' if one is posts else 'cost'} per authority",
        )
        for name, one, band in zip(TOTALS, each, bands, strict=True)
    ]
    every, mine = nation.statements["cost_each"].dropna(), own["cost_each"].dropna()
    ends = (float(every.min()), float(every.max()))
    how = "published cost over the additional authorities of its band"
    answers += [
        ("ST07", (float(mine.min()), *ends), f"{how}, the least"),
        ("ST08", (float(mine.max()), *ends), f"{how}, the largest"),
    ]
    return [
        Claim(
            name,
            *numbers,
            data=USED,
            how=how,
            reason="our model is calibrated to the published totals, so it cannot test them",
            settled_by=RETURNS,
        )
        for name, numbers, how in answers
    ]


def above_500k(more: float, every: pd.Series, posts: PerAuthority, now: int) -> Claim:
    """Answer the published net fall above 500k: it is a count of authorities, and can be tested.

    If posts go with authorities, they fall where there would be fewer than today. How many there
    would be depends on how the band's average is defined.

    Parameters
    ----------
    more : float
        Additional authorities under the main definition.
    every : pandas.Series
        The same under every definition.
    posts : PerAuthority
        Posts that come with one.
    now : int
        Authorities of today.
    """
    value = posts.times(more)[0]
    ends = [end for count in every for end in posts.times(count)[1:]]
    sign, low, high = (float(np.sign(number)) for number in (value, min(ends), max(ends)))
    return Claim(
        "ST06",
        sign,
        low,
        high,
        data=USED,
        how=f"unitaries of the band's average that cover the areas, less {now} "
        "authorities today, times posts per authority; range over definitions of the average",
        relation=SIGN,
        effect=(-value, -max(ends), -min(ends)),
    )


def _quotients(said: pd.Series) -> list[Claim]:
    quotients = {
        "ST10": (said["ST04"] / said["ST02"], said["ST04"] / said["ST01"]),
        "ST11": (said["ST05"] / said["ST03"], said["ST05"] / said["ST03"]),
    }
    return [
        Claim(
            name,
            1000 * low,
            1000 * low,
            1000 * high,
            data=("published_findings",),
            how="published cost over published posts",
            reason="a quotient of two published figures, with nothing of ours in it",
            settled_by=RETURNS,
        )
        for name, (low, high) in quotients.items()
    ]
