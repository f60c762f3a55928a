"""What the survey says, in sentences computed from the study."""

import pandas as pd

from lgr_report.chapters.survey.labellings import CHART, DOUBTFUL, SURE
from lgr_report.chapters.survey.study import Study
from lgr_report.chapters.survey.tables import ROLES, SHARES
from lgr_report.core.intervals import wilson, worst_case
from lgr_report.page import phrases


def in_short(study: Study) -> list[str]:
    """Return what officers said of their confidence, and how far it reaches."""
    by_who = study.statements.drop_duplicates("who").set_index("who")
    sure, doubtful = by_who.loc[SURE], by_who.loc[DOUBTFUL]
    n, count = sure["n"], sure["least"]
    fitting = study.readings.loc[study.readings["chart_id"] == CHART, "n"]
    fitting = fitting[fitting != n].unique()
    others = phrases.listed(map(str, fitting))
    also = f" ({others} would fit too, but is fewer than we believe)" if others else ""
    return [
        f"The published percentages fit {n} respondents{also}, of the {study.replies} who "
        f"replied: {count} of them were confident or very confident that the risks of "
        "disaggregation are, or will be, adequately considered in central government policy. That "
        f"is {phrases.percent(count / n)}; the {100 * study.level:g}% interval is "
        f"{sure['low']:.0f}% to {sure['high']:.0f}%, if those who answered were chosen by chance.",
        _asked(sure, study),
        f"The source does not say which of the three largest bars is neutral. Whichever it is, "
        f"between {doubtful['least']} and {doubtful['most']} of {n} "
        f"({phrases.percent(doubtful['least'] / n)} to {phrases.percent(doubtful['most'] / n)}) "
        "were not confident or not at all confident.",
    ]


def _asked(sure: pd.Series, study: Study) -> str:
    """Return what chance and what silence leave open of those who were asked."""
    n, asked = int(sure["n"]), int(sure["asked"])
    silent = asked - n
    few, many = (round(sure[f"finite_{end}"] * asked / 100) for end in ("low", "high"))
    known = (
        f"If {asked} officers were asked (three in each of {study.response['counties'].iloc[0]} "
        "counties; assumed), "
    )
    more = _more_asked(sure, study)
    if not silent:
        return f"{known}all of them answered: nothing is left open.{more}"
    return (
        f"{known}{silent} of them did not answer this question. Had they kept silent by chance, "
        f"between {few} and {many} of the {asked} would be confident "
        f"({sure['finite_low']:.0f}% to {sure['finite_high']:.0f}%). But people chose to answer. "
        f"Whatever the silent think, if {asked} were asked the share lies between "
        f"{sure['worst_low']:.0f}% (none of them is confident) and {sure['worst_high']:.0f}% (all "
        f"of them are): the survey alone cannot say more.{more}"
    )


def _more_asked(sure: pd.Series, study: Study) -> str:
    """Return what the share could be if the published rates tell how many were asked."""
    n, asked = int(sure["n"]), study.asked_by_rates
    if asked <= study.asked:
        return ""
    low, high = (count / asked for count in worst_case(int(sure["least"]), n, asked))
    return (
        f" How many were asked was not published. If the {study.replies} replies came at the mean "
        f"of the three published rates, {asked} were, and the share lies between "
        f"{phrases.percent(low)} and {phrases.percent(high)}."
    )


def hopes(study: Study) -> list[str]:
    """Return what officers hoped for, on which condition, and what else worried them."""
    n = int(study.statements["n"].iloc[0])
    same = [(round(study.hopeful * fitting), fitting) for fitting in (n - 1, n + 1)]
    would = phrases.listed(f"{count} of {fitting}" for count, fitting in same)
    count = round(study.hopeful * n)
    low, high = wilson(count, n, study.level)
    least, most = worst_case(count, n, study.asked)
    return [
        f"{SHARES[study.hopeful].capitalize()} of the officers who replied were “very excited” or "
        "“cautiously optimistic” about what reorganisation could do for these services, but only "
        "if it is "
        f"delivered in the right way (published, p7). Of {n} that is {count}; {would} would be "
        f"called the same. The {100 * study.level:g}% interval of {count} in {n} is "
        f"{phrases.percent(low)} to {phrases.percent(high)}, if those who answered were chosen by "
        f"chance. If {study.asked} were asked (assumed), it is "
        f"{phrases.percent(least / study.asked)} to {phrases.percent(most / study.asked)}, "
        "whatever those think who did not answer.",
        "The report names two worries and gives no count for them: that the risks may not be "
        "weighed when ministers decide between competing proposals, and that not all local "
        "proposals consider the risks in full. Officers also said that the challenges go on "
        "beyond the one-off impact of reorganising (published, p7).",
    ]


def respondents(study: Study) -> list[str]:
    """Return how many respondents each figure had."""
    return [
        _fitting(chart_id.removeprefix("fig"), numbers, study)
        for chart_id, numbers in study.common.items()
    ]


def _fitting(figure: str, numbers: tuple[int, ...], study: Study) -> str:
    if not numbers:
        return (
            f"No number of respondents up to {study.n_max} explains every question of figure "
            f"{figure}."
        )
    if len(numbers) == 1:
        return (
            f"Every question of figure {figure} fits {numbers[0]} respondents: of the numbers from "
            f"{study.n_min} to {study.n_max} it is the only one that fits all."
        )
    return (
        f"Figure {figure} fits {phrases.listed(map(str, numbers))} respondents: the chart does not "
        "settle which."
    )


def of_county(study: Study, county: str) -> str:
    """Return what the survey can and cannot mean for one county."""
    chiefs, adults, children = (f"{rate:.0f}%" for rate in study.response["percent"])
    return (
        f"{county} is one of the 21 counties of the invitation. Of county chief executives "
        f"{chiefs} answered, of directors of adult social care {adults} and of directors of "
        f"children's services {children} (p18). Which counties they came from was not published: "
        f"no reply can be attributed to {county}."
    )


def response(study: Study) -> str:
    """Return whether the published response rates can be shares of the counties."""
    rows = study.response
    counties = rows["counties"].iloc[0]
    fits, lacks = rows[rows["fitting"].notna()], rows[rows["fitting"].isna()]
    if lacks.empty:
        return f"Each published response rate is a share of {counties} counties."
    wrong = " or ".join(f"{row.percent:.0f}% ({ROLES[row.role]})" for row in lacks.itertuples())
    right = phrases.listed(
        f"{row.percent:.0f}% ({ROLES[row.role]}) is {row.fitting}" for row in fits.itertuples()
    )
    right = f" {right} of {counties}." if right else ""
    return (
        f"The response rates do not add up: no number of counties out of {counties} gives {wrong}."
        f"{right} No number of officers below {study.common_base} gives all "
        f"{phrases.spelled(len(rows))} rates. "
        "Who was counted was not published."
    )
