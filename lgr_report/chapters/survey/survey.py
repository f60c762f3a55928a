"""The survey behind rounded percentages: counts that explain them, and what they allow to say.

Source: CCN/Newton, October 2025, figures 1 (p25), 4 (p7) and 6 (p33).
"""

from dataclasses import dataclass
from itertools import permutations, product

import pandas as pd

from lgr_report.core.intervals import wilson
from lgr_report.page import phrases
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption


@dataclass(frozen=True)
class Reading:
    """One way to explain a chart: ``n`` respondents, and the count behind each bar."""

    n: int
    counts: tuple[int, ...]


def rounded(count: int, n: int) -> int:
    """Return a count as a whole percentage, halves rounded up, in exact integer arithmetic."""
    return (200 * count + n) // (2 * n)


def readings(percentages: list[int], n_min: int, n_max: int) -> list[Reading]:
    """Return every number of respondents, with counts, that explains rounded percentages.

    The bars are answers of which each respondent gave one, so the counts must add to n.

    Parameters
    ----------
    percentages : list of int
        Bars of one chart, in whole per cent.
    n_min, n_max : int
        Fewest and most respondents to consider.

    Returns
    -------
    list of Reading
        In order of n; empty when no number of respondents explains the chart.
    """
    if any(p < 0 or p > 100 for p in percentages):
        raise ValueError(f"percentages lie between 0 and 100, not {percentages}")
    found = []
    for n in range(max(n_min, 1), n_max + 1):
        choices = [[c for c in range(n + 1) if rounded(c, n) == p] for p in percentages]
        found += [Reading(n, counts) for counts in product(*choices) if sum(counts) == n]
    return found


def charts(n_max: int | None = None) -> pd.DataFrame:
    """Return, for every question of figures 1, 4 and 6, the numbers of respondents that fit.

    Returns
    -------
    pandas.DataFrame
        chart_id, question, percentages, believed (n within the assumed range, with counts), all_n
        (every n up to the number of replies).
    """
    bars = tables.read("survey_bars")
    low = int(assumption("survey_min_respondents"))
    high = int(assumption("survey_max_respondents")) if n_max is None else n_max
    rows = []
    for (chart, question), part in bars.groupby(["chart_id", "question"], sort=False):
        percentages = part.sort_values("bar")["percent"].tolist()
        every = readings(percentages, 1, high)
        rows.append(
            {
                "chart_id": chart,
                "question": question,
                "percentages": tuple(percentages),
                "believed": tuple(r for r in every if r.n >= low),
                "all_n": tuple(sorted({r.n for r in every})),
            }
        )
    return pd.DataFrame(rows)


def common_n(chart_id: str, n_max: int | None = None) -> tuple[int, ...]:
    """Return the numbers of respondents that explain every question of one chart."""
    found = charts(n_max).query("chart_id == @chart_id")["believed"]
    return tuple(sorted(set.intersection(*({r.n for r in question} for question in found))))


def confidence(level: float | None = None) -> pd.DataFrame:
    """Return the confidence chart (figure 4) with the counts behind it.

    Returns
    -------
    pandas.DataFrame
        bar, option (missing where the source leaves it open), percent (published), count
        (inferred), n, level (coverage of the interval), low, high (Wilson interval, per cent).

    Raises
    ------
    ValueError
        If the chart has no reading, or more than one, within the assumed range of respondents.
    """
    bars = tables.read("survey_bars").query("chart_id == 'fig4'").sort_values("bar")
    believed = charts().query("chart_id == 'fig4'")["believed"].iloc[0]
    if len(believed) != 1:
        raise ValueError(
            f"{len(believed)} readings explain figure 4 with the assumed range of respondents; "
            "see survey_min_respondents in data/assumptions.csv"
        )
    reading = believed[0]
    level = assumption("interval_level") if level is None else level
    limits = [wilson(count, reading.n, level) for count in reading.counts]
    return (
        bars[["bar", "option", "percent"]]
        .assign(
            count=list(reading.counts),
            n=reading.n,
            level=level,
            low=[100 * low for low, _ in limits],
            high=[100 * high for _, high in limits],
        )
        .reset_index(drop=True)
    )


def labellings() -> pd.DataFrame:
    """Return the confidence chart under every labelling of its open bars.

    Returns
    -------
    pandas.DataFrame
        One row a labelling, one column an option, with the counts.
    """
    chart = confidence()
    known = chart.dropna(subset=["option"]).set_index("option")["count"]
    options = tables.read("survey_open_labels").query("chart_id == 'fig4'")["option"]
    unlabelled = chart.loc[chart["option"].isna(), "count"]
    rows = [dict(zip(options, order, strict=True)) for order in permutations(unlabelled)]
    return pd.DataFrame(rows).assign(**known)


def statements(level: float | None = None) -> pd.DataFrame:
    """Return what the confidence chart allows to say under every labelling of its open bars.

    Returns
    -------
    pandas.DataFrame
        statement, least, most (counts over the labellings), n, low, high (per cent: the Wilson
        interval at the least count and at the most), verdict ("holds in the sample under every
        labelling", "depends on the labelling", "fails in the sample under every labelling"),
        beyond_sample (the same claim once the sample's size is allowed for).
    """
    table = labellings()
    n = int(confidence()["n"].iloc[0])
    doubt = table["not confident"] + table["not at all confident"]
    sure = table["confident"] + table["very confident"]
    claims = [
        ("Fewer than one in ten are confident or very confident", sure, "<", 0.1),
        ("More than half are not confident or not at all confident", doubt, ">", 0.5),
        ("More than three quarters are not confident or not at all confident", doubt, ">", 0.75),
        ("Fewer than one in five are confident or very confident", sure, "<", 0.2),
    ]
    return pd.DataFrame([_statement(*claim, n, level) for claim in claims])


def _statement(
    text: str, counts: pd.Series, sign: str, share: float, n: int, level: float | None
) -> dict:
    least, most = int(counts.min()), int(counts.max())
    low, high = wilson(least, n, level)[0], wilson(most, n, level)[1]
    holds = counts / n > share if sign == ">" else counts / n < share
    if holds.all():
        verdict = "holds in the sample under every labelling"
    elif holds.any():
        verdict = "depends on the labelling"
    else:
        verdict = "fails in the sample under every labelling"
    certain = low > share if sign == ">" else high < share
    return {
        "statement": text,
        "least": least,
        "most": most,
        "n": n,
        "low": 100 * low,
        "high": 100 * high,
        "verdict": verdict,
        "beyond_sample": "yes, if the replies were random"
        if certain
        else "cannot be said: the interval allows otherwise",
    }


def in_words(level: float | None = None) -> list[str]:
    """Return what the survey says, in sentences computed from the chart."""
    chart, said = confidence(level), statements(level)
    n = int(chart["n"].iloc[0])
    sure = chart.set_index("option").loc[["confident", "very confident"], "count"].sum()
    level = assumption("interval_level") if level is None else level
    low, high = (100 * limit for limit in wilson(int(sure), n, level))
    doubt = said.iloc[1]
    replies = int(assumption("survey_max_respondents"))
    others = [k for k in charts().query("chart_id == 'fig4'")["all_n"].iloc[0] if k != n]
    also = (
        f" ({phrases.listed(map(str, others))} would fit too, but is fewer than we believe)"
        if others
        else ""
    )
    return [
        f"The published percentages fit {n} respondents{also}, of the {replies} who replied: "
        f"{sure} of them were confident or very confident that the risks of disaggregation are, or "
        f"will be, adequately considered in central government policy. That is "
        f"{100 * sure / n:.0f}%, with a {100 * level:g}% interval of {low:.0f}% to {high:.0f}% if "
        "those who answered stand for all who were asked.",
        f"The source does not say which of the three largest bars is neutral. Whichever it is, "
        f"between {doubt['least']} and {doubt['most']} of {n} ({100 * doubt['least'] / n:.0f}% to "
        f"{100 * doubt['most'] / n:.0f}%) were not confident or not at all confident.",
        "The interval treats the replies as a random sample of senior officers. They were not: "
        "people chose to answer. It shows sampling error only, not what those who kept silent "
        "think.",
    ]


def explained(n_max: int | None = None) -> pd.DataFrame:
    """Return, one row a reading, the respondents and counts that explain each question."""
    low = int(assumption("survey_min_respondents"))
    rows = []
    for chart in charts(n_max).itertuples():
        shared = set(common_n(chart.chart_id))
        for reading in readings(list(chart.percentages), 1, max(chart.all_n, default=0)):
            rows.append(
                {
                    "figure": chart.chart_id.removeprefix("fig"),
                    "question": chart.question,
                    "percentages": ", ".join(map(str, chart.percentages)),
                    "respondents": reading.n,
                    "counts": ", ".join(map(str, reading.counts)),
                    "believed": "yes" if reading.n in shared else _why_not(reading.n, low),
                }
            )
    return pd.DataFrame(rows)


def _why_not(n: int, low: int) -> str:
    if n < low:
        return f"no: fewer than {low} respondents"
    return "no: the other questions of the figure do not fit"


def charts_in_words(n_max: int | None = None) -> list[str]:
    """Return how many respondents each figure had, in sentences computed from the charts."""
    high = int(assumption("survey_max_respondents")) if n_max is None else n_max
    words = []
    for chart_id in charts(n_max)["chart_id"].unique():
        found = common_n(chart_id, n_max)
        figure = chart_id.removeprefix("fig")
        if len(found) == 1:
            words.append(
                f"Every question of figure {figure} fits {found[0]} respondents, and no "
                f"other number from {assumption('survey_min_respondents'):.0f} to {high}."
            )
        elif found:
            words.append(
                f"Figure {figure} fits {phrases.listed(map(str, found))} respondents: the "
                "chart does not settle which."
            )
        else:
            words.append(
                f"No number of respondents up to {high} explains every question of figure {figure}."
            )
    return words


def for_area_in_words(county: str) -> list[str]:
    """Return what the survey can and cannot mean for one county."""
    rates = tables.read("published_findings").set_index("finding_id")["value"]
    return [
        f"{county} is one of the 21 counties of the invitation. Of county chief executives "
        f"{rates['SV02']:.0f}% answered, of directors of adult social care {rates['SV03']:.0f}% "
        f"and of directors of children's services {rates['SV04']:.0f}% (p18). Which counties they "
        f"came from was not published: no reply can be attributed to {county}."
    ]
