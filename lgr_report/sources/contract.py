"""What breaks a contract: Frictionless finds it, and here it is worded for a person.

A contract is a table schema with rules, kept as data. It binds tables of ``data/`` and what
officers fill in alike: whatever is a table is validated here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

# Frictionless is imported where it validates: a kernel whose tables were validated by the batch
# that started it does not pay for it.
if TYPE_CHECKING:
    import frictionless

MOST = 10_000  # breaches of one table; validation stops there
RULE = "row-constraint"  # Frictionless's name for a breach of one of our ``rules``

REMEDIES = {
    "encoding-error": "save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')",
    "primary-key": "keep one row for each key",
    "unique-error": "keep one row for each value",
    "foreign-key": "correct the code, or add it to the table that it refers to",
    "scheme-error": "restore the file",
    "source-error": "restore the file, or save it again as UTF-8 CSV",
    "row-count": "put back the rows that are missing, take out what is too much, or correct the "
    "number of rows in datapackage.json",
    "blank-row": "take the empty row out",
    "missing-cell": "fill the row up to the last column",
    "extra-cell": "take the surplus cell out, or put quotation marks round a text with a comma",
    'type is "integer/default"': "write a whole number, without commas",
    'type is "number/default"': "write a number, without commas",
    'type is "boolean/default"': "write true or false",
    'type is "date/default"': "write the day as 2027-04-01",
}
# What Frictionless tells of an error, as far as a person needs it.
DETAILS = [
    *("rowNumber", "fieldNumber", "fieldName", "cell", "type", "note"),
    *("labels", "cells", "fieldNames", "fieldCells"),
]


class Problem(NamedTuple):
    """One thing wrong with one file, and where.

    In a table, ``row`` is the line of the file (the header is line 1) and ``column`` its name; in
    what officers fill in, ``place`` names a cell or a key in words. What does not apply is empty.
    """

    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str = ""
    place: str = ""

    @property
    def where(self) -> str:
        row = f"row {self.row}" if self.row else ""
        column = f"column {self.column}" if self.column else ""
        return ", ".join(filter(None, (self.file, row, column, self.place)))

    def __str__(self) -> str:
        found = f": found {self.value!r}" if self.value is not None else ""
        return f"{self.where}{found}: {self.expected}"


class TableError(ValueError):
    """A table breaks its contract; ``problems`` holds every breach that was found."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def breaches(
    resource: "frictionless.Resource", rules: Sequence[Mapping[str, str]] = ()
) -> list[dict]:
    """Validate a Frictionless resource; return every breach of its contract, each told once.

    Parameters
    ----------
    resource : frictionless.Resource
        A file or rows in memory, with their schema.
    rules : sequence of mapping
        Each a ``formula`` over the columns of a row, the ``column`` that it is about, and what it
        ``says`` to whoever breaks it.

    Returns
    -------
    list of dict
        `DETAILS` of each; ``type`` is Frictionless's name, or `RULE` with the rule's words as
        ``note``.
    """
    from frictionless import Checklist
    from frictionless.checks import row_constraint

    checks = [row_constraint(formula=rule["formula"]) for rule in rules]
    report = resource.validate(Checklist(checks=checks), limit_errors=MOST)
    errors = [dict(zip(DETAILS, error, strict=True)) for error in report.flatten(DETAILS)]
    # Every cell under a wrong header would be a breach too: only the header is told.
    headers = [error for error in errors if error["labels"]]
    if headers:
        return headers
    # A row twice or empty is told as such, not by its count.
    others = [error for error in errors if error["type"] != "row-count"]
    errors = others or errors
    # A row that is blank or cut short breaks its other rules as well.
    cut = ("blank-row", "missing-cell")
    short = {error["rowNumber"] for error in errors if error["type"] in cut}
    errors = [e for e in errors if e["rowNumber"] not in short or e["type"] in cut]
    fields = resource.schema.field_names
    wrong = {(error["rowNumber"], error["fieldName"]) for error in errors if error["fieldName"]}
    once = []
    for error in errors:
        if error["type"] == RULE:
            (rule,) = (rule for rule in rules if f'"{rule["formula"]}"' in error["note"])
            # A cell that is no number breaks the rules that name it as well.
            if any((error["rowNumber"], n) in wrong for n in re.findall(r"\w+", rule["formula"])):
                continue
            number = fields.index(rule["column"])
            error |= {"fieldNumber": number + 1, "fieldName": rule["column"]}
            error |= {"cell": error["cells"][number], "note": rule["says"]}
        once.append(error)
    return once


def problems_of(
    resource: "frictionless.Resource", file: str, rules: Sequence[Mapping[str, str]] = ()
) -> list[Problem]:
    """Validate a CSV file as `breaches` does; return every problem, in the words of `Problem`."""
    errors, fields = breaches(resource, rules), resource.schema.field_names
    if errors and errors[0]["labels"]:
        return _header_problems(file, errors[0]["labels"], fields)
    return [_problem(file, error, fields, resource.schema.primary_key) for error in errors]


def _header_problems(file: str, labels: list[str], fields: list[str]) -> list[Problem]:
    back = "missing column: put the column back, or correct its name in the header"
    out = "unknown column: take the column out, or describe it in datapackage.json"
    problems = [Problem(file, 1, field, None, back) for field in fields if field not in labels]
    problems += [Problem(file, 1, None, label, out) for label in labels if label not in fields]
    order = f"order of the columns: expected {', '.join(fields)}"
    return problems or [Problem(file, 1, None, ", ".join(labels), order)]


def _problem(file: str, error: dict, fields: list[str], key: list[str]) -> Problem:
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
    plain = kind == RULE or note.startswith(what)
    told = note if plain else f"{what}: {note}".removesuffix(": ")
    remedy = REMEDIES.get(kind) or REMEDIES.get(note)
    told = told.replace("/default", "")
    expected = f"{told}; {remedy}" if remedy else told
    return Problem(file, error["rowNumber"], column or None, value, expected)
