"""Check all tables at once: each by its contract, then all of them against each other."""

from collections.abc import Iterable
from pathlib import Path

from lgr_report.sources import agreement, tables
from lgr_report.sources.contract import Problem, TableError


def problems(names: Iterable[str] | None = None, data: Path | None = None) -> list[Problem]:
    """Return everything that is wrong with the tables (an empty list when all is well).

    Whether they agree is asked only of tables that keep their contracts.

    Parameters
    ----------
    names : iterable of str, optional
        Names of the tables, all by default: a progress bar may yield them.
    data : Path, optional
        Folder of the tables; by default `tables.data_dir`.
    """
    folder = data or tables.data_dir()
    of_each = tables.names(folder) if names is None else names
    found = [problem for name in of_each for problem in tables.problems(name, folder)]
    if found:
        return found
    with tables.taken_as_valid(folder):
        return agreement.problems(folder)


def once(data: Path | None = None) -> None:
    """Check all tables, and let whoever comes after take the same files as valid.

    A batch starts many kernels on the same tables: they need not validate them again. What counts
    is the content (`tables.fingerprint`): a table that is edited is validated at its next read.

    Raises
    ------
    TableError
        With every problem of every table.
    """
    folder = data or tables.data_dir()
    found = problems(data=folder)
    if found:
        raise TableError(found)
    tables.note_valid(folder)
