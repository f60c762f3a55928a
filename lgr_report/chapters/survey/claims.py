"""Claims about the survey of officers (SV01–SV49, pp7–33).

A percentage cannot be tested without the replies. What can be tested is what the percentages imply:
the respondents behind each figure, and what holds under every reading of it.
"""

import pandas as pd

from lgr_report.chapters.survey.study import Study
from lgr_report.core.findings import Claim
from lgr_report.page import phrases
from lgr_report.sources import tables

REPLIES = "the survey's replies by question and role, which are not published"
RESPONDENTS = {"SV12": "fig4", "SV46": "fig1", "SV45": "fig6"}
REPLIED = "SV01"
# Which end of the columns of figure 6, and whether the least or the most share of it.
ENDS = {"SV47": (0, 0), "SV48": (0, 1), "SV49": (1, 1)}


def of_study(study: Study) -> tuple[Claim, ...]:
    """Return a claim for every published figure of the survey.

    Raises
    ------
    ValueError
        If no number of respondents explains a figure.
    """
    published = tables.read("published_findings").query("theme == 'survey'")["finding_id"]
    claims = {
        name: _respondents(name, chart, study.common[chart]) for name, chart in RESPONDENTS.items()
    }
    shares, how = confident_ends(), "first two and last two segments of the columns of figure 6"
    for name, (end, bound) in ENDS.items():
        claims[name] = _counted(name, shares[end][bound], f"{how}, the direction open")
    claims |= {name: _rate(name, study) for name in study.response.index}
    claims[REPLIED] = _replied(study)
    reason = "a percentage of replies cannot be checked without the replies"
    return tuple(
        claims.get(name) or Claim(name, reason=reason, settled_by=REPLIES) for name in published
    )


def _respondents(name: str, chart_id: str, fitting: tuple[int, ...]) -> Claim:
    if not fitting:
        raise ValueError(f"no number of respondents explains {chart_id}")
    if len(fitting) > 1:
        reason = f"{phrases.listed(map(str, fitting))} respondents fit alike"
        return Claim(name, reason=reason, settled_by=REPLIES)
    how = f"numbers of respondents that explain every bar of figure {chart_id[3:]}"
    return _counted(name, fitting[0], how)


def _counted(name: str, value: float, how: str) -> Claim:
    return Claim(name, value, value, value, ("survey_bars",), how)


def confident_ends() -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the confident shares that both readings of figure 6 allow (p33), per cent.

    Each column has up to five answers, from very confident to not at all or the other way: which
    way is open. Two columns lean to their upper end, two to their lower, so one pair is confident
    and the other is not, whichever way it is read. A column of fewer segments lacks answers at its
    thin end, where nobody stands.

    Returns
    -------
    tuple of tuple of float
        Least and most share of the two answers at the end that a column leans to, and of the two
        at its other end.
    """
    bars = tables.read("survey_bars").query("chart_id == 'fig6'")
    leaning, other = [], []
    for _, column in bars.groupby("question", sort=False):
        percent = column.sort_values("bar")["percent"].to_list()
        if sum(percent[:2]) < sum(percent[-2:]):
            percent.reverse()
        leaning.append(sum(percent[:2]))
        other.append(sum(percent[3:]))
    return (min(leaning), max(leaning)), (min(other), max(other))


def _rate(name: str, study: Study) -> Claim:
    """Return a claim for a response rate: a whole count of counties must give it."""
    row = study.response.loc[name]
    together = f"no number of officers below {study.common_base} gives all three response rates"
    if pd.isna(row["fitting"]):
        why = (
            f"no number of counties out of {row['counties']} gives {row['percent']:.0f}% "
            f"({row['nearest']} is {row['nearest_percent']:.1f}%), and {together}"
        )
        return Claim(name, does_not_add_up=why, data=("published_findings", "areas"))
    reason = (
        f"{row['fitting']} of {row['counties']} counties would give it, but {together}, and who "
        "answered is not published"
    )
    return Claim(name, reason=reason, settled_by=REPLIES)


def _replied(study: Study) -> Claim:
    """Return the claim for the number of replies, beside what the rates would give."""
    rates = study.response
    reason = (
        f"who answered is not published; the counts nearest to the three response rates out of "
        f"{rates['counties'].iloc[0]} counties add to {rates['nearest'].sum()}, not "
        f"{study.replies}"
    )
    return Claim(REPLIED, reason=reason, settled_by=REPLIES)
