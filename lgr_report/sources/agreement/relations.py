"""What a relation between tables is made of."""

from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd

from lgr_report.sources.contract import Problem

Relation = Callable[..., Iterator[Problem]]
LEVELS = {"district": "districts", "upper_tier": "upper_tier"}  # the table that lists its places
relations: list[tuple[Relation, tuple[str, ...]]] = []


def between(*names: str) -> Callable[[Relation], Relation]:
    """Register a relation between the tables named, which it is given as frames in that order."""

    def register(relation: Relation) -> Relation:
        relations.append((relation, names))
        return relation

    return register


def at_each_level(*names: str) -> Callable[[Relation], Relation]:
    """Register a relation for districts and for authorities: it is given the level first.

    ``{level}`` and ``{places}`` in a name are filled.
    """

    def register(relation: Relation) -> Relation:
        for level, places in LEVELS.items():
            filled = (name.format(level=level, places=places) for name in names)
            between(*filled)(partial(relation, level))
        return relation

    return register


def at(table: str, frame: pd.DataFrame, index: int, column: str, expected: str) -> Problem:
    """Return a problem of one cell of a table, by the index of its row."""
    value = frame.loc[index, column]
    if isinstance(value, pd.Timestamp):
        value = f"{value:%Y-%m-%d}"
    found = None if pd.isna(value) else str(value)
    return Problem(f"{table}.csv", int(index) + 2, column, found, expected)


def differing(
    table: str, frame: pd.DataFrame, key: str, column: str, truth: pd.Series, says: str
) -> Iterator[Problem]:
    """Yield the rows whose value is another than what is true of their key, where that is known."""
    true = frame[key].map(truth)
    for index in frame.index[true.notna() & (frame[column] != true)]:
        yield at(table, frame, index, column, f"{says} {true[index]:,.0f}: correct one of the two")
