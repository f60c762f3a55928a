"""The chart on confidence (figure 4, p7): its counts, and what holds whichever open bar is which.

The source names two of the five bars. Neutral, not confident and not at all confident can stand on
the other three in six ways.
"""

from itertools import permutations

import pandas as pd

from lgr_report.core.intervals import finite, wilson, worst_case
from lgr_report.sources import tables

CHART = "fig4"
# Who is counted: these options together.
SURE, DOUBTFUL = "confident or very confident", "not confident or not at all confident"
COLUMNS = [
    *("who", "sign", "share", "least", "most", "n", "asked"),
    *("low", "high", "finite_low", "finite_high", "worst_low", "worst_high"),
    *("held", "certain", "proven"),
]
STATEMENTS = ((SURE, "<", 0.1), (DOUBTFUL, ">", 0.5), (DOUBTFUL, ">", 0.75), (SURE, "<", 0.2))


def confidence(known: pd.DataFrame, level: float, asked: int) -> pd.DataFrame:
    """Return the chart with the counts behind it.

    Parameters
    ----------
    known : pandas.DataFrame
        Readings (`respondents.explained`), with a column ``believed``.
    level : float
        Coverage of the intervals.
    asked : int
        How many officers were asked.

    Returns
    -------
    pandas.DataFrame
        bar, option (missing where the source leaves it open), percent (published), count
        (inferred), n, asked, level, and in per cent low, high (Wilson interval), worst_low,
        worst_high (of all who were asked, whatever those think who did not answer).

    Raises
    ------
    ValueError
        If not exactly one reading of the chart is believed.
    """
    fits = known[(known["chart_id"] == CHART) & known["believed"]]
    if len(fits) != 1:
        raise ValueError(
            f"{len(fits)} readings explain figure 4 with these numbers of respondents; see n_max, "
            "and survey_min_respondents in data/assumptions.csv"
        )
    n, counts = fits[["n", "counts"]].iloc[0]
    bars = tables.read("survey_bars")
    bars = bars[bars["chart_id"] == CHART].sort_values("bar", ignore_index=True)
    chart = bars[["bar", "option", "percent"]].assign(
        count=list(counts), n=n, asked=asked, level=level
    )
    ends = [(*wilson(c, n, level), *_silent(c, c, n, asked)) for c in counts]
    names = ["low", "high", "worst_low", "worst_high"]
    return chart.join(100 * pd.DataFrame(ends, columns=names))


def _silent(least: int, most: int, n: int, asked: int) -> tuple[float, float]:
    """Return the shares of all who were asked that silence leaves open."""
    return worst_case(least, n, asked)[0] / asked, worst_case(most, n, asked)[1] / asked


def labellings(chart: pd.DataFrame) -> pd.DataFrame:
    """Return counts under every labelling of the open bars: one row each, one column an option."""
    known = chart.dropna(subset=["option"]).set_index("option")["count"]
    options = tables.read("survey_open_labels")
    options = options.loc[options["chart_id"] == CHART, "option"]
    unlabelled = chart.loc[chart["option"].isna(), "count"]
    rows = [dict(zip(options, order, strict=True)) for order in permutations(unlabelled)]
    return pd.DataFrame(rows).assign(**known)


def statements(chart: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    """Return what the chart allows to say of shares of officers.

    Parameters
    ----------
    chart, ways : pandas.DataFrame
        As `confidence` and `labellings` return them.

    Returns
    -------
    pandas.DataFrame
        who (`SURE` or `DOUBTFUL`), sign (< or >) and share: fewer or more than this share; least,
        most (counts over the labellings), n, asked; in per cent low, high (the Wilson interval at
        the least count and at the most), finite_low, finite_high (the same of those who were asked
        and no others, silence being chance), worst_low, worst_high (the same, whatever the silent
        think); held (share of the labellings under which it holds in the sample), certain (whether
        the Wilson interval allows nothing else), proven (whether silence allows nothing else).
    """
    n, asked, level = chart[["n", "asked", "level"]].iloc[0]
    n, asked = int(n), int(asked)
    rows = []
    for who, sign, share in STATEMENTS:
        counts = ways[who.split(" or ")].sum(axis=1)
        least, most = int(counts.min()), int(counts.max())
        ends = [
            (wilson(least, n, level)[0], wilson(most, n, level)[1]),
            (finite(least, n, asked, level)[0], finite(most, n, asked, level)[1]),
            _silent(least, most, n, asked),
        ]
        holds = counts / n > share if sign == ">" else counts / n < share
        certain, _, proven = (low > share if sign == ">" else high < share for low, high in ends)
        per_cent = [100 * end for pair in ends for end in pair]
        rows.append(
            (who, sign, share, least, most, n, asked, *per_cent, holds.mean(), certain, proven)
        )
    return pd.DataFrame(rows, columns=COLUMNS)
