"""Figures published beside or after the report of October 2025 that bear on what it says."""

from dataclasses import dataclass

import pandas as pd

from lgr_report.sources import tables


@dataclass(frozen=True)
class LaterFact:
    """One figure of ``data/later_facts.csv``."""

    value: float
    unit: str
    period: str
    published_on: pd.Timestamp
    what: str
    source: str
    note: str


def fact(fact_id: str) -> LaterFact:
    """Return a figure of ``data/later_facts.csv``.

    Raises
    ------
    KeyError
        If there is no such figure; the message names those there are.
    """
    table = tables.read("later_facts").set_index("fact_id")
    if fact_id not in table.index:
        there = ", ".join(table.index)
        raise KeyError(f"no figure {fact_id!r} in table 'later_facts'; there are: {there}")
    return LaterFact(**table.loc[fact_id])
