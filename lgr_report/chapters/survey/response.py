"""Response rates (p18): of which number of officers they can be whole shares, and of which not.

A rate is a count out of the officers who were asked. Printed as a whole per cent it fits few
numbers of them. Halves may be rounded either way here: what does not add up even so cannot.
"""

from collections.abc import Sequence

import pandas as pd

from lgr_report.sources import areas, tables

RATES = {"SV02": "chief executives", "SV03": "adults", "SV04": "children"}


def counts(percent: float, base: int) -> list[int]:
    """Return the counts out of a base that round to a whole percentage, halves either way.

    Parameters
    ----------
    percent : float
        As published, 0 to 100.
    base : int
        How many were asked.
    """
    # |100 count ÷ base − percent| ≤ ½, in whole numbers.
    return [c for c in range(base + 1) if 2 * abs(100 * c - percent * base) <= base]


def least_base(percents: Sequence[float], least: int = 1) -> int:
    """Return the smallest number, of at least ``least``, of which all are shares.

    Raises
    ------
    ValueError
        If a percentage lies outside 0 to 100, so that no number is.
    """
    if any(not 0 <= percent <= 100 for percent in percents):
        raise ValueError(f"percentages lie between 0 and 100, not {percents}")
    # Whole percentages are shares of 100, so the search ends.
    base = least
    while not all(counts(percent, base) for percent in percents):
        base += 1
    return base


def asked_by_rates(replies: int, percents: Sequence[float]) -> int:
    """Return how many officers were asked if all replies came at the mean of the published rates.

    It is a second guess beside ``survey_asked``: it holds if as many of each role were asked.
    """
    return round(100 * replies * len(percents) / sum(percents))


def rates() -> pd.DataFrame:
    """Return the published response rates beside the counties that were asked.

    Returns
    -------
    pandas.DataFrame
        Index finding_id: role, percent (published), counties, fitting (a count of counties that
        gives it, missing where none does), nearest (the nearest count, and as a per cent), smallest
        (number of officers of which it is a share).
    """
    published = tables.read("published_findings").set_index("finding_id")["value"]
    counties = len(areas.ids())
    rows = []
    for finding_id, role in RATES.items():
        percent = published[finding_id]
        fitting = counts(percent, counties)
        nearest = round(percent * counties / 100)
        rows.append(
            (
                role,
                percent,
                counties,
                fitting[0] if fitting else pd.NA,
                nearest,
                100 * nearest / counties,
                least_base([percent]),
            )
        )
    columns = ["role", "percent", "counties", "fitting", "nearest", "nearest_percent", "smallest"]
    return pd.DataFrame(rows, columns=columns, index=[*RATES]).rename_axis("finding_id")
