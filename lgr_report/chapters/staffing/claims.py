"""Answers of senior staffing to the published findings ST01–ST11."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from lgr_report.chapters.staffing.calibration import Calibration, PerAuthority
from lgr_report.core import size_bands
from lgr_report.core.findings import SIGN, Claim
from lgr_report.sources import areas
from lgr_report.sources.later_facts import fact

RETURNS = "CCN/Newton's returns of senior posts by council and their band averages, not published"
DATA = ("published_findings", "councils", "proposed_unitary_councils")


def answers(
    statements: pd.DataFrame,
    calibration: Calibration,
    published: pd.Series,
    today: int,
    definition: str = size_bands.SUBMITTED,
) -> tuple[Claim, ...]:
    """Return a claim for each finding.

    Parameters
    ----------
    statements, calibration, published
        As `lgr_report.chapters.staffing.calibration` makes them.
    today : int
        Authorities of today.
    definition : str
        Of size bands, by which the additional authorities are counted.
    """
    own = statements[statements["definition"] == definition]
    large = areas.size_bands()[2]
    additional = own.set_index("band")["additional"]
    every = statements[statements["band"] == large].set_index("definition")["additional"]
    return (
        *_calibrated(calibration, additional, own["cost_each"], statements["cost_each"]),
        above_500k(calibration.posts, every, today, definition),
        Claim(
            "ST09",
            reason=vacancies(published["ST09"]),
            settled_by="Skills for Care, Adult Social Care Workforce Data Set, vacancy rates",
        ),
        _quotient("ST10", published["ST04"], published["ST02"], published["ST01"]),
        _quotient("ST11", published["ST05"], published["ST03"], published["ST03"]),
    )


def vacancies(quoted: float) -> str:
    """Return the later rate beside the quoted one (per cent): two years, neither a test."""
    later = fact("asc_vacancy_2024_25")
    return (
        f"a rate quoted from another source. Skills for Care gives {later.value:.1f} per cent of "
        f"posts in adult social care in England for {later.period} (published "
        f"{later.published_on:%B %Y}), {'below' if later.value < quoted else 'not below'} the "
        f"{quoted:.1f} quoted; rates of two years test neither, and no table here counts vacancies"
    )


def _calibrated(
    each: Calibration, additional: pd.Series, own: pd.Series, every: pd.Series
) -> Iterator[Claim]:
    small, medium, _ = areas.size_bands()
    per = "additional authorities of the band times {} per authority"
    over = "published cost over the additional authorities of its band"
    ends = (float(every.min()), float(every.max()))
    for name, numbers, how in (
        ("ST01", each.posts.times(additional[small]), per.format("posts")),
        ("ST02", each.posts.times(additional[small]), per.format("posts")),
        ("ST03", each.posts.times(additional[medium]), per.format("posts")),
        ("ST04", each.cost.times(additional[small]), per.format("cost")),
        ("ST05", each.cost.times(additional[medium]), per.format("cost")),
        ("ST07", (float(own.min()), *ends), f"{over}, the least"),
        ("ST08", (float(own.max()), *ends), f"{over}, the largest"),
    ):
        yield Claim(
            name,
            *numbers,
            data=DATA,
            how=how,
            reason="our model is calibrated to the published totals, so it cannot test them",
            settled_by=RETURNS,
        )


def above_500k(
    posts: PerAuthority, every: pd.Series, today: int, definition: str = size_bands.SUBMITTED
) -> Claim:
    """Answer the published net fall above 500k: it is a count of authorities, and can be tested.

    If posts go with authorities, they fall where there would be fewer than today. How many there
    would be depends on how the band's average is defined, so each definition is a specification.

    Parameters
    ----------
    posts : PerAuthority
        Senior posts.
    every : pandas.Series
        Additional authorities, by definition.
    today : int
        Authorities of today.
    definition : str
        The one that is shown.
    """
    others = {
        f"average of {name}": _fall(posts, more) for name, more in every.drop(definition).items()
    }
    return replace(
        _fall(posts, every[definition]),
        data=DATA,
        how=f"unitaries of the band's average that cover the areas, less {today} authorities "
        "today, times posts per authority: a count, without an interval of chance",
        specifications=others,
    )


def _fall(posts: PerAuthority, more: float) -> Claim:
    """Return the sign of the change of posts with so many more authorities."""
    value, low, high = posts.times(more)
    signs = (float(np.sign(each)) for each in (value, low, high))
    return Claim("ST06", *signs, relation=SIGN, effect=(-value, -high, -low))


def _quotient(finding_id: str, cost: float, most: float, least: float) -> Claim:
    low, high = 1000 * (cost / most), 1000 * (cost / least)
    return Claim(
        finding_id,
        low,
        low,
        high,
        data=("published_findings",),
        how="published cost over published posts",
        reason="a quotient of two published figures, with nothing of ours in it",
        settled_by=RETURNS,
    )
