"""Respondents behind rounded percentages: every number of people that explains a chart.

Every answer was given by a whole number of people. CCN/Newton print whole percentages without
counts (October 2025, figures 1 (p25), 4 (p7) and 6 (p33)), so all numbers are tried.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import pandas as pd

from lgr_report.sources import tables


class Reading(NamedTuple):
    """One way to explain a chart: ``n`` respondents, and the count behind each bar."""

    n: int
    counts: tuple[int, ...]


def rounded(count: int, n: int) -> int:
    """Return a count as a whole percentage, halves rounded up, in exact integer arithmetic."""
    return (200 * count + n) // (2 * n)


def readings(percentages: Sequence[int], n_min: int, n_max: int) -> list[Reading]:
    """Return every number of respondents, with counts, that explains rounded percentages.

    The bars are answers of which each respondent gave one, so the counts must add to n.

    Parameters
    ----------
    percentages : sequence of int
        Bars of one chart, in whole per cent.
    n_min, n_max : int
        Fewest and most respondents to consider.

    Returns
    -------
    list of Reading
        In order of n; empty when no number of respondents explains the chart.

    Raises
    ------
    ValueError
        If a percentage lies outside 0 to 100.
    """
    if any(p < 0 or p > 100 for p in percentages):
        raise ValueError(f"percentages lie between 0 and 100, not {percentages}")
    explaining = []
    for n in range(max(n_min, 1), n_max + 1):
        choices = [[c for c in range(n + 1) if rounded(c, n) == p] for p in percentages]
        explaining += [Reading(n, counts) for counts in product(*choices) if sum(counts) == n]
    return explaining


def questions() -> pd.DataFrame:
    """Return every question of figures 1, 4 and 6: chart_id, question, percentages (a tuple)."""
    bars = tables.read("survey_bars").sort_values("bar", kind="stable")
    asked = bars.groupby(["chart_id", "question"], sort=False)["percent"].agg(tuple)
    return asked.rename("percentages").reset_index()


def explained(asked: pd.DataFrame, n_max: int) -> pd.DataFrame:
    """Return every reading, up to a number of respondents, of `questions`.

    Returns
    -------
    pandas.DataFrame
        One row a reading: chart_id, question, percentages, n, counts (a tuple).
    """
    rows = [
        (*question, *reading)
        for question in asked.itertuples(index=False)
        for reading in readings(question.percentages, 1, n_max)
    ]
    return pd.DataFrame(rows, columns=[*asked.columns, "n", "counts"])


def common(asked: pd.DataFrame, known: pd.DataFrame, n_min: int) -> dict[str, tuple[int, ...]]:
    """Return by chart_id the numbers of respondents that explain every question of the chart.

    Parameters
    ----------
    asked, known : pandas.DataFrame
        As `questions` and `explained` return them.
    n_min : int
        Fewest respondents that we believe.
    """
    fits = known[known["n"] >= n_min].groupby(["chart_id", "n"])["question"].nunique()
    number = asked.groupby("chart_id", sort=False)["question"].nunique()
    return {
        chart: tuple(n for (of, n), fitting in fits.items() if of == chart and fitting == wanted)
        for chart, wanted in number.items()
    }
