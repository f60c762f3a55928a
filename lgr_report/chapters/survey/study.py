"""What can be said from the survey of officers that CCN/Newton published (October 2025)."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lgr_report.chapters.survey import labellings, respondents, response
from lgr_report.sources import risks, tables
from lgr_report.sources.assumptions import assumption

HOPEFUL = "SV07"


@dataclass(frozen=True, eq=False)
class Study:
    """The survey, with the counts behind its rounded percentages.

    Parameters
    ----------
    level : float
        Coverage of the intervals.
    n_min, n_max : int
        Fewest respondents to a chart that we believe, and most that are considered.
    replies, asked : int
        Everyone who replied (p18), and who was asked (assumed).
    asked_by_rates : int
        Who was asked if the replies came at the mean published rate: see `response`.
    readings : pandas.DataFrame
        One row a number of respondents that explains a question: chart_id, question, percentages,
        n, counts, believed (at least ``n_min``, and explains every question of the chart).
    common : mapping of str to tuple of int
        By chart_id the believed numbers of respondents.
    confidence : pandas.DataFrame
        The chart on confidence: see `labellings.confidence`.
    statements : pandas.DataFrame
        What it allows to say under every labelling: see `labellings.statements`.
    response : pandas.DataFrame
        Rates at which county chief executives and directors answered (p18), beside what they can
        be shares of: see `response.rates`.
    common_base : int
        Smallest number of officers a role of which all three rates are shares.
    hopeful : float
        Share who were very excited or cautiously optimistic, as published (p7).
    opportunities : pandas.DataFrame
        name, description, page, risks (those that it bears on; assumed): what officers hope for.
    """

    level: float
    n_min: int
    n_max: int
    replies: int
    asked: int
    asked_by_rates: int
    readings: pd.DataFrame
    common: Mapping[str, tuple[int, ...]]
    confidence: pd.DataFrame
    statements: pd.DataFrame
    response: pd.DataFrame
    common_base: int
    hopeful: float
    opportunities: pd.DataFrame


def study(level: float | None = None, n_max: int | None = None) -> Study:
    """Return what the survey allows to say.

    Parameters
    ----------
    level : float, optional
        Coverage of the intervals; by default ``interval_level``.
    n_max : int, optional
        Most respondents to consider; by default all who replied.

    Raises
    ------
    ValueError
        If not exactly one reading of the chart on confidence is believed.
    """
    level = assumption("interval_level") if level is None else level
    n_min, replies = (int(assumption(f"survey_{end}_respondents")) for end in ("min", "max"))
    n_max = replies if n_max is None else n_max
    officers = int(assumption("survey_asked"))
    asked = respondents.questions()
    readings = respondents.explained(asked, n_max)
    common = respondents.common(asked, readings, n_min)
    readings["believed"] = [row.n in common[row.chart_id] for row in readings.itertuples()]
    chart = labellings.confidence(readings, level, officers)
    published = tables.read("published_findings").set_index("finding_id")["value"]
    statements = labellings.statements(chart, labellings.labellings(chart))
    rates = response.rates()
    hopes = _opportunities()
    return Study(
        level,
        n_min,
        n_max,
        replies,
        officers,
        response.asked_by_rates(replies, [*rates["percent"]]),
        readings,
        common,
        chart,
        statements,
        rates,
        response.least_base(rates["percent"]),
        published[HOPEFUL] / 100,
        hopes,
    )


def _opportunities() -> pd.DataFrame:
    links = tables.read("opportunity_risks")
    named = links["risk_id"] + " " + links["risk_id"].map(risks.titles())
    named = named.groupby(links["opportunity_id"])
    hopes = tables.read("opportunities").set_index("opportunity_id")
    hopes["risks"] = named.agg("; ".join)
    return hopes[["name", "description", "page", "risks"]].reset_index(drop=True)
