"""Ways to damage one table of a copy of ``data/``, as a slip or a bad merge would."""

import csv
import random
from collections.abc import Callable
from pathlib import Path

from plain import DATA

from lgr_report.sources import tables

Rows = list[dict[str, str]]
NUMBERS = ("integer", "number")


def copy_of(name: str, folder: Path) -> None:
    """Make a folder that is ``data/`` but for one table, which is a copy of its own."""
    folder.mkdir()
    for path in DATA.iterdir():
        (folder / path.name).symlink_to(path)
    own = folder / f"{name}.csv"
    own.unlink()
    own.write_bytes((DATA / own.name).read_bytes())


def read(path: Path) -> tuple[list[str], Rows]:
    """Return the header and the rows of a table as text."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames), [*reader]


def write(path: Path, head: list[str], rows: Rows) -> None:
    """Write a table from text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def numbers(name: str) -> list[str]:
    """Return the columns of a table that hold numbers."""
    return [f["name"] for f in tables.describe(name)["schema"]["fields"] if f["type"] in NUMBERS]


def required(name: str) -> list[str]:
    """Return the columns of a table in which no cell may be empty."""
    fields = tables.describe(name)["schema"]["fields"]
    return [f["name"] for f in fields if f.get("constraints", {}).get("required")]


def scaled(text: str, kind: float) -> str:
    """Return a number, times ``kind``, in the same form; one that stays the same moves by one."""
    number = float(text)
    changed = number * kind
    if "." not in text:
        changed = round(changed) if round(changed) != number else number + 1
    return f"{changed:.10g}"


# Each is given the rows, the number of one, a column of numbers and one that may not be empty.
def drop(rows: Rows, at: int, number: str, needed: str) -> None:
    """Take a row out."""
    del rows[at]


def duplicate(rows: Rows, at: int, number: str, needed: str) -> None:
    """Put a row in twice."""
    rows.insert(at, dict(rows[at]))


def blank(rows: Rows, at: int, number: str, needed: str) -> None:
    """Empty a cell that is needed."""
    rows[at][needed] = ""


def sentinel(rows: Rows, at: int, number: str, needed: str) -> None:
    """Write what some publishers write where a figure is missing."""
    rows[at][number] = "-999999"


def as_text(rows: Rows, at: int, number: str, needed: str) -> None:
    """Write a number as a spreadsheet shows it."""
    rows[at][number] = f"{rows[at][number]}_000"


def infinite(rows: Rows, at: int, number: str, needed: str) -> None:
    """Divide by zero."""
    rows[at][number] = "inf"


def scale(rows: Rows, at: int, number: str, needed: str) -> None:
    """Make a number two per cent larger."""
    if rows[at][number]:
        rows[at][number] = scaled(rows[at][number], 1.02)


def scale_all(rows: Rows, at: int, number: str, needed: str) -> None:
    """Make a whole column two per cent larger."""
    for k in range(len(rows)):
        scale(rows, k, number, needed)


def swap(rows: Rows, at: int, number: str, needed: str) -> None:
    """Exchange a number with that of the next row."""
    other = (at + 1) % len(rows)
    rows[at][number], rows[other][number] = rows[other][number], rows[at][number]


Damage = Callable[[Rows, int, str, str], None]
EVERYWHERE: tuple[Damage, ...] = (drop, duplicate, blank, as_text, infinite, sentinel)
INSIDE_BOUNDS: tuple[Damage, ...] = (scale, scale_all, swap)


def damaged(
    name: str, damage: Damage, seed: int, folder: Path, column: str = "", only: str = ""
) -> bool:
    """Damage a table in a folder that `copy_of` made; return whether that changed anything.

    ``column`` is the one to damage, any of numbers by default; ``only`` the indicator or measure
    whose rows are damaged.
    """
    head, rows = read(DATA / f"{name}.csv")
    choose = random.Random(seed)
    of_numbers = [column] if column else numbers(name)
    if not of_numbers and damage not in (drop, duplicate, blank):
        return False
    mine = [k for k, row in enumerate(rows) if not only or only in row.values()]
    before = [dict(row) for row in rows]
    number = choose.choice(of_numbers) if of_numbers else ""
    damage(rows, choose.choice(mine), number, choose.choice(required(name)))
    write(folder / f"{name}.csv", head, rows)
    return rows != before
