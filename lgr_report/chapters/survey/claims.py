"""Claims about the survey of officers (SV01-SV49)."""

from lgr_report.chapters.survey import survey
from lgr_report.core.findings import Claim
from lgr_report.page import phrases
from lgr_report.sources import tables

REPLIES = "the survey's replies by question and role, which are not published"


def of_survey() -> tuple[Claim, ...]:
    """Return claims for the survey (SV01–SV49, pp7–33).

    A percentage cannot be tested without the replies. What can be tested is what the percentages
    imply: the respondents behind each figure, and what holds under every reading of it.
    """
    published = tables.read("published_findings")
    mine = published.loc[published["theme"] == "survey", "finding_id"]
    implied = {"SV12": "fig4", "SV46": "fig1", "SV45": "fig6"}
    found = []
    for name, chart_id in implied.items():
        how = f"numbers of respondents that explain every bar of figure {chart_id[3:]}"
        fitting = survey.common_n(chart_id)
        if not fitting:
            raise ValueError(f"no number of respondents explains {chart_id}")
        found.append(
            Claim(name, fitting[0], fitting[0], fitting[-1], ("survey_bars",), how)
            if len(fitting) == 1
            else Claim(
                name,
                reason=f"{phrases.listed(map(str, fitting))} respondents fit alike",
                settled_by=REPLIES,
            )
        )
    for name, (option, end) in {"SV47": (0, 0), "SV48": (0, 1), "SV49": (1, 1)}.items():
        ends = confident_ends()[option]
        value = ends[end]
        found.append(
            Claim(
                name,
                value,
                value,
                value,
                ("survey_bars",),
                "first two and last two segments of the columns of figure 6, the direction open",
            )
        )
    done = {claim.finding_id for claim in found}
    return (
        *found,
        *(
            Claim(
                name,
                reason="a percentage of replies cannot be checked without the replies",
                settled_by=REPLIES,
            )
            for name in mine
            if name not in done
        ),
    )


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
