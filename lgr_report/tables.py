"""Read the tables of ``data/``, each validated against ``data/datapackage.json`` (Frictionless).

The contract lives in the data package: fields, types, constraints, keys, source, vintage, licence
and caveats. This module only applies it, and words what Frictionless finds for a person.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import frictionless
import pandas as pd
from frictionless.formats import CsvControl

PACKAGE = "datapackage.json"

REMEDIES = {
    "encoding-error": "save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')",
    "primary-key": "keep one row for each key",
    "unique-error": "keep one row for each value",
    "foreign-key": "correct the code, or add it to the table that it refers to",
    "scheme-error": "restore the file",
    "source-error": "restore the file, or save it again as UTF-8 CSV",
    "blank-row": "take the empty row out",
    "missing-cell": "fill the row up to the last column",
    "extra-cell": "take the surplus cell out, or put quotation marks round a text with a comma",
    'type is "integer/default"': "write a whole number, without commas",
    'type is "number/default"': "write a number, without commas",
    'type is "boolean/default"': "write true or false",
    'type is "date/default"': "write the day as 2027-04-01",
}
# Said in full, or Frictionless guesses from the first rows: a list in a cell may look like columns.
COMMAS = CsvControl(delimiter=",", quote_char='"', skip_initial_space=False, line_terminator="\n")
# What Frictionless tells of an error, as far as a person needs it.
DETAILS = [
    *("rowNumber", "fieldName", "cell", "type", "note"),
    *("labels", "cells", "fieldNames", "fieldCells"),
]


class Problem(NamedTuple):
    """One thing wrong with one table.

    ``row`` is the line in the file (the header is line 1); fields that do not apply are None.
    """

    table: str
    row: int | None
    column: str | None
    value: str | None
    expected: str

    def __str__(self) -> str:
        place = f"{self.table}.csv"
        place += f", row {self.row}" if self.row else ""
        place += f", column {self.column}" if self.column else ""
        found = f": found {self.value!r}" if self.value is not None else ""
        return f"{place}{found}: {self.expected}"


class TableError(ValueError):
    """A table breaks its contract; ``problems`` holds every breach that was found."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def data_dir() -> Path:
    """Return the folder of the tables: ``$LGR_REPORT_DATA``, else ``data/`` beside the library."""
    folder = os.environ.get("LGR_REPORT_DATA")
    return Path(folder) if folder else Path(__file__).resolve().parents[1] / "data"


def names(data: Path | None = None) -> list[str]:
    """Return the names of all tables, in the order of the data package."""
    resources = _package(data or data_dir()).resources
    return [resource.name for resource in resources if resource.type == "table"]


def describe(name: str, data: Path | None = None) -> dict:
    """Return the descriptor of one table: title, sources, vintage, licences, caveats, schema."""
    return _resource(name, data or data_dir()).to_descriptor()


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
    path = folder / f"{_resource(name, folder).name}.csv"
    stamp = tuple(_stamp(file) for file in (path, folder / PACKAGE))
    return _read(name, folder, stamp).copy()


def sources(names: list[str], data: Path | None = None) -> pd.DataFrame:
    """Return title, source, vintage, licence and caveats of the tables named."""
    rows = []
    for name in names:
        about = describe(name, data)
        rows.append(
            {
                "table": name,
                "title": about["title"],
                "source": "; ".join(source["title"] for source in about["sources"]),
                "vintage": about["vintage"],
                "licence": ", ".join(licence["name"] for licence in about["licenses"]),
                "caveats": " ".join(about["caveats"]),
            }
        )
    return pd.DataFrame(rows)


def check(data: Path | None = None) -> list[Problem]:
    """Validate every table; return every problem (an empty list when all is well)."""
    folder = data or data_dir()
    return [problem for name in names(folder) for problem in problems(name, folder)]


def problems(name: str, data: Path | None = None) -> list[Problem]:
    """Validate one table with its keys to other tables; return every problem."""
    return problems_of(_resource(name, data or data_dir()), name)


def problems_of(resource: frictionless.Resource, name: str) -> list[Problem]:
    """Validate any Frictionless resource; return every problem, in the words of `Problem`."""
    report = resource.validate(limit_errors=10_000)
    errors = [dict(zip(DETAILS, error, strict=True)) for error in report.flatten(DETAILS)]
    fields = [field.name for field in resource.schema.fields]
    for error in errors:
        if error["labels"]:
            # Every cell under a wrong header would be a problem too: only the header is told.
            return _header_problems(name, error["labels"], fields)
    # A row that is blank or cut short breaks its other rules as well: told once.
    short = {
        error["rowNumber"] for error in errors if error["type"] in ("blank-row", "missing-cell")
    }
    keep = ("blank-row", "missing-cell")
    errors = [e for e in errors if e["rowNumber"] not in short or e["type"] in keep]
    return [_problem(name, error, fields, resource.schema.primary_key) for error in errors]


def _header_problems(name: str, labels: list[str], fields: list[str]) -> list[Problem]:
    back = "missing column: put the column back, or correct its name in the header"
    out = "unknown column: take the column out, or describe it in datapackage.json"
    found = [Problem(name, 1, field, None, back) for field in fields if field not in labels]
    found += [Problem(name, 1, None, label, out) for label in labels if label not in fields]
    order = f"order of the columns: expected {', '.join(fields)}"
    return found or [Problem(name, 1, None, ", ".join(labels), order)]


def _problem(name: str, error: dict, fields: list[str], key: list[str]) -> Problem:
    kind, note = error["type"], error["note"]
    column, value = error["fieldName"], error["cell"]
    if kind == "source-error" and "codec" in note:
        kind = "encoding-error"
    elif kind == "primary-key":
        column = ", ".join(key)
        value = ", ".join(error["cells"][fields.index(field)] for field in key)
    elif kind == "foreign-key":
        column, value = ", ".join(error["fieldNames"]), ", ".join(error["fieldCells"])
    what = kind.replace("-error", "").replace("-", " ")
    told = note if note.startswith(what) else f"{what}: {note}".removesuffix(": ")
    remedy = REMEDIES.get(kind) or REMEDIES.get(note)
    told = told.replace("/default", "")
    expected = f"{told}; {remedy}" if remedy else told
    return Problem(name, error["rowNumber"], column or None, value, expected)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells that a file has changed, so that a researcher's edit is read at the next call."""
    return (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None


@lru_cache(maxsize=64)
def _read(name: str, folder: Path, stamp: tuple) -> pd.DataFrame:
    found = problems(name, folder)
    if found:
        raise TableError(found)
    schema = _resource(name, folder).schema
    kinds = {field.name: field.type for field in schema.fields}
    frame = pd.read_csv(
        folder / f"{name}.csv",
        encoding="utf-8",
        na_values=schema.missing_values,
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


@lru_cache(maxsize=8)
def _load_package(folder: Path, stamp: tuple) -> frictionless.Package:
    package = frictionless.Package(str(folder / PACKAGE))
    for resource in package.resources:
        resource.dialect = frictionless.Dialect(controls=[COMMAS])
    return package


def _package(folder: Path) -> frictionless.Package:
    if not (folder / PACKAGE).exists():
        raise FileNotFoundError(
            f"{folder / PACKAGE} is missing: run from a full clone, or point LGR_REPORT_DATA at a "
            "folder that holds the tables and their datapackage.json"
        )
    return _load_package(folder, _stamp(folder / PACKAGE))


def _resource(name: str, folder: Path) -> frictionless.Resource:
    package = _package(folder)
    if not package.has_resource(name):
        raise KeyError(f"no table {name!r} in {PACKAGE}; the tables are {', '.join(names(folder))}")
    return package.get_resource(name)
