"""The chart on confidence (figure 4, p7): its counts, and what holds whichever open bar is which.

The source names two of the five bars. Neutral, not confident and not at all confident can stand on
the other three in six ways.
"""

from itertools import permutations

import pandas as pd

from lgr_report.core.intervals import wilson
from lgr_report.sources import tables

CHART = "fig4"
# Who is counted: these options together.
SURE, DOUBTFUL = "confident or very confident", "not confident or not at all confident"
STATEMENTS = ((SURE, "<", 0.1), (DOUBTFUL, ">", 0.5), (DOUBTFUL, ">", 0.75), (SURE, "<", 0.2))


def confidence(known: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the chart with the counts behind it.

    Parameters
    ----------
    known : pandas.DataFrame
        Readings (`respondents.explained`), with a column ``believed``.
    level : float
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        bar, option (missing where the source leaves it open), percent (published), count
        (inferred), n, level, low, high (Wilson interval, per cent).

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
    ends = pd.DataFrame([wilson(count, n, level) for count in counts], columns=["low", "high"])
    chart = bars[["bar", "option", "percent"]].assign(count=list(counts), n=n, level=level)
    return chart.join(100 * ends)


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
        most (counts over the labellings), n, low, high (per cent: the Wilson interval at the least
        count and at the most), held (share of the labellings under which it holds in the sample),
        certain (whether the interval allows nothing else).
    """
    n, level = chart[["n", "level"]].iloc[0]
    rows = []
    for who, sign, share in STATEMENTS:
        counts = ways[who.split(" or ")].sum(axis=1)
        least, most = int(counts.min()), int(counts.max())
        low, high = wilson(least, int(n), level)[0], wilson(most, int(n), level)[1]
        holds = counts / n > share if sign == ">" else counts / n < share
        certain = low > share if sign == ">" else high < share
        ends = (100 * low, 100 * high)
        rows.append((who, sign, share, least, most, int(n), *ends, holds.mean(), certain))
    columns = ["who", "sign", "share", "least", "most", "n", "low", "high", "held", "certain"]
    return pd.DataFrame(rows, columns=columns)
