"""Dates that are data."""

import pandas as pd

from lgr_report.sources import tables


def day_of(date_id: str) -> pd.Timestamp:
    """Return a date of ``data/dates.csv``.

    Raises
    ------
    KeyError
        If there is no such date; the message names those there are.
    """
    days = tables.read("dates").set_index("date_id")["date"]
    if date_id not in days.index:
        raise KeyError(f"no date {date_id!r} in table 'dates'; there are: {', '.join(days.index)}")
    return days[date_id]
