"""Whether the tables of ``data/`` agree with each other: sums, keys, places, dates, bounds.

A contract says what each table must be by itself. Here stands what several must be together: a
function a relation, given the frames of the tables it is about. It yields what contradicts, with
the row to look at, and what the other table says.
"""

from pathlib import Path

from lgr_report.sources import tables
from lgr_report.sources.agreement import bids, figures, registers, residents  # noqa: F401  (they register)
from lgr_report.sources.agreement.relations import relations
from lgr_report.sources.contract import Problem


def problems(data: Path | None = None) -> list[Problem]:
    """Return every contradiction between tables; each table must keep its contract by itself.

    A relation is left out where the data package lacks one of its tables.

    Raises
    ------
    TableError
        If a table breaks its contract.
    """
    there = set(tables.names(data))
    return [
        problem
        for relation, names in relations
        if there.issuperset(names)
        for problem in relation(*(tables.read(name, data) for name in names))
    ]
