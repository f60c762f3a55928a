"""Read the tables of ``data/``, each validated against ``data/datapackage.json`` (Frictionless).

The contract lives in the data package: fields, types, constraints, keys, source, vintage, licence
and caveats. `contract` applies it and words what it finds; what is valid is read here.
"""

import contextlib
import csv
import hashlib
import math
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lgr_report.sources import descriptor as contracts
from lgr_report.sources import kept, reading
from lgr_report.sources.contract import Problem, TableError, problems_of

if TYPE_CHECKING:
    import frictionless

PACKAGE = "datapackage.json"
PLAIN = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")  # NaN, inf and 1_000 are no numbers here
VALIDATED = "LGR_REPORT_VALIDATED"  # environment: fingerprint of the tables found valid


def data_dir() -> Path:
    """Return the folder of the tables: ``$LGR_REPORT_DATA``, else ``data/`` beside the library."""
    folder = os.environ.get("LGR_REPORT_DATA")
    return Path(folder) if folder else Path(__file__).resolve().parents[2] / "data"


def names(data: Path | None = None) -> list[str]:
    """Return the names of all tables, in the order of the data package."""
    resources = descriptor((data or data_dir()) / PACKAGE)["resources"]
    return [resource["name"] for resource in resources if resource["type"] == "table"]


def describe(name: str, data: Path | None = None) -> dict:
    """Return the descriptor of one table: title, sources, vintage, licences, caveats, schema."""
    folder = data or data_dir()
    found = [r for r in descriptor(folder / PACKAGE)["resources"] if r["name"] == name]
    if not found:
        raise KeyError(f"no table {name!r} in {PACKAGE}; the tables are {', '.join(names(folder))}")
    return found[0]


def read(name: str, data: Path | None = None) -> pd.DataFrame:
    """Read one table, validated.

    Parameters
    ----------
    name : str
        Name of the table in ``datapackage.json``.
    data : Path, optional
        Folder of the tables; by default `data_dir`.

    Returns
    -------
    pandas.DataFrame
        One row a row of the file, columns typed as the contract says. Missing stays missing.

    Raises
    ------
    TableError
        With every problem of this table: row, column, value, what was expected.
    KeyError
        If the data package has no such table.
    """
    folder = data or data_dir()
    path = folder / describe(name, folder)["path"]
    reading.note([name])
    stamp = tuple(_stamp(file) for file in (path, folder / PACKAGE))
    return _read(name, folder, stamp).copy()


def wide(name: str, column: str, value: str) -> pd.DataFrame:
    """Read a long table as a row a council (GSS code) and a column a name in ``column``."""
    return read(name).pivot_table(
        index="gss_code", columns=column, values=value, dropna=False, aggfunc="first"
    )


def _commas() -> "frictionless.Dialect":
    # Said in full, or Frictionless guesses from the first rows, where a list in a cell may look
    # like columns.
    from frictionless import Dialect
    from frictionless.formats import CsvControl

    commas = CsvControl(
        delimiter=",", quote_char='"', skip_initial_space=False, line_terminator="\n"
    )
    return Dialect(controls=[commas], header_rows=[1])


def sources(names: list[str], data: Path | None = None) -> pd.DataFrame:
    """Return title, source, vintage, licence and caveats of the tables named."""
    rows = [
        {
            "table": name,
            "title": about["title"],
            "source": "; ".join(source["title"] for source in about["sources"]),
            "vintage": about["vintage"],
            "licence": ", ".join(licence["name"] for licence in about["licenses"]),
            "caveats": " ".join(about["caveats"]),
        }
        for name, about in ((name, describe(name, data)) for name in names)
    ]
    return pd.DataFrame(rows)


def found_valid(data: Path | None = None) -> bool:
    """Return whether a check found these very tables valid, by the rules as they are now."""
    mark = _mark(data or data_dir())
    return mark is not None and mark.exists()


def note_valid(data: Path | None = None) -> None:
    """Let this process, its children and whoever comes later take the tables as valid."""
    os.environ[VALIDATED] = fingerprint(data)
    mark = _mark(data or data_dir())
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.touch()


def _mark(data: Path) -> Path | None:
    shared = kept.folder()
    if shared is None:
        return None
    whole = hashlib.sha256(f"{fingerprint(data)} {_rules()}".encode()).hexdigest()
    return shared / f"valid-{whole}"


@lru_cache(maxsize=1)
def _rules() -> str:
    """Return what the rules are that tables are held to: the code of this package, Frictionless."""
    code = sorted(Path(__file__).parent.rglob("*.py"))
    return " ".join([version("frictionless"), *map(sha256, code)])


@contextlib.contextmanager
def taken_as_valid(data: Path) -> Iterator[None]:
    """Read tables inside without validating them again: they just were."""
    before = os.environ.get(VALIDATED)
    os.environ[VALIDATED] = fingerprint(data)
    try:
        yield
    finally:
        os.environ.pop(VALIDATED)
        if before is not None:
            os.environ[VALIDATED] = before


def fingerprint(data: Path | None = None) -> str:
    """Return the SHA-256 over the data package and all its tables."""
    folder = data or data_dir()
    resources = descriptor(folder / PACKAGE)["resources"]
    paths = [folder / PACKAGE, *(folder / r["path"] for r in resources if r["type"] == "table")]
    return _fingerprint(tuple(paths), tuple(_stamp(path) for path in paths))


@lru_cache(maxsize=4)
def _fingerprint(paths: tuple[Path, ...], stamps: tuple) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.name.encode())
        # A file that is missing counts as an empty one.
        whole.update(bytes.fromhex(sha256(path)) if path.exists() else hashlib.sha256().digest())
    return whole.hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read again only if it changed.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    """
    return _sha256(path, _stamp(path))


@lru_cache(maxsize=4096)
def _sha256(path: Path, stamp: tuple) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problems(name: str, data: Path | None = None) -> list[Problem]:
    """Validate one table with its keys to other tables; return every problem."""
    folder = data or data_dir()
    about = describe(name, folder)
    resource = _package(folder, _stamp(folder / PACKAGE)).get_resource(name)
    found = problems_of(resource, f"{name}.csv", about.get("rules", ()))
    return found or [*_plain(folder / about["path"], about["schema"]["fields"])]


def _plain(path: Path, fields: list[dict]) -> Iterator[Problem]:
    """Yield the numbers that Frictionless takes and no table should hold."""
    kinds = ("integer", "number")
    numbers = [(n, field["name"]) for n, field in enumerate(fields) if field["type"] in kinds]
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for row, cells in enumerate(reader, start=2):
            for n, name in numbers:
                text = cells[n]
                if text and not (PLAIN.fullmatch(text) and math.isfinite(float(text))):
                    says = "write a number in digits, as 1250.5"
                    yield Problem(path.name, row, name, text, says)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells that a file has changed, so that a researcher's edit is read at the next call."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _read(name: str, folder: Path, stamp: tuple) -> pd.DataFrame:
    if os.environ.get(VALIDATED) != fingerprint(folder) and not found_valid(folder):
        found = problems(name, folder)
        if found:
            raise TableError(found)
    about = describe(name, folder)
    return _typed(folder / about["path"], about["schema"])


def _typed(path: Path, schema: dict) -> pd.DataFrame:
    kinds = {field["name"]: field["type"] for field in schema["fields"]}
    frame = pd.read_csv(
        path,
        encoding="utf-8",
        na_values=schema["missingValues"],
        keep_default_na=False,
        dtype={n: "str" for n, kind in kinds.items() if kind in ("string", "boolean", "date")},
    )
    for column, kind in kinds.items():
        if kind == "boolean":
            frame[column] = frame[column].map({"true": True, "false": False}).astype("boolean")
            if frame[column].notna().all():
                frame[column] = frame[column].astype(bool)
        elif kind == "date":
            frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d")
        elif kind == "integer" and frame[column].isna().any():
            frame[column] = frame[column].astype("Int64")
    return frame


def descriptor(path: Path) -> dict:
    """Return what a contract says of its tables (`sources.descriptor`), read again if it changed.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    TableError
        If it is no contract.
    """
    return contracts.read(path, _stamp(path))


@lru_cache(maxsize=8)
def _package(folder: Path, stamp: tuple) -> "frictionless.Package":
    import frictionless

    package = frictionless.Package(str(folder / PACKAGE))
    for resource in package.resources:
        resource.dialect = _commas()
    return package
