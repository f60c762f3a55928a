"""Which pages a checkout makes: its notebooks, for its areas or for England.

Read from the files, not by the library: its modules may have other names in another checkout.
"""

import argparse
import csv
import importlib.util
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NATIONAL = "national"


class InputError(ValueError):
    """What was asked for does not exist; the text says what does."""


@dataclass(frozen=True)
class Page:
    """A notebook for an area, or for England."""

    key: str
    notebook: Path

    @property
    def name(self) -> str:
        """Return the page's name, which is also where its text is written."""
        return f"{self.key}/{self.notebook.stem}"


def checkout() -> Path:
    """Return the root of the checkout that Python finds the library in."""
    found = importlib.util.find_spec("lgr_report")
    if found is None or found.origin is None:
        raise InputError("no lgr_report: set PYTHONPATH to the checkout whose pages you want")
    return Path(found.origin).parents[1]


def area_names(root: Path) -> dict[str, str]:
    """Return the areas of a checkout: the name of each by its identifier."""
    with (root / "data" / "areas.csv").open(encoding="utf-8", newline="") as file:
        return {row["area_id"]: row["area_name"] for row in csv.DictReader(file)}


def notebooks(root: Path) -> dict[str, Path]:
    """Return the notebooks of a checkout by name."""
    return {path.stem: path for path in sorted((root / "notebooks").glob("*.ipynb"))}


def pages(root: Path, areas: Iterable[str] = (), names: Iterable[str] = ()) -> list[Page]:
    """Return the pages of a checkout, or those of some areas and notebooks.

    Raises
    ------
    InputError
        If there is no such area or notebook, or no page of the two.
    """
    keys = [NATIONAL, *area_names(root)]
    found = notebooks(root)
    wanted = chosen("area", areas, keys)
    paths = [found[name] for name in chosen("notebook", names, found)]
    national = {path for path in paths if scope(path) == NATIONAL}
    made = [Page(key, p) for key in wanted for p in paths if (key == NATIONAL) == (p in national)]
    if not made:
        raise InputError(f"no page: {', '.join(names)} is not made for {', '.join(areas)}")
    return made


def chosen(what: str, asked: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return what was asked for, in the order of what there is; all of it for nothing."""
    asked, known = set(asked), list(known)
    wrong = sorted(asked - set(known))
    if wrong:
        raise InputError(f"no {what} {wrong[0]!r}: choose of {', '.join(known)}")
    return [name for name in known if not asked or name in asked]


def a_number(text: str) -> int:
    """Return a number of processes, as argparse reads it."""
    if not text.isascii() or not text.isdigit() or text.strip("0") == "":
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: 1 or more")
    return int(text)


def scope(notebook: Path) -> str:
    """Return whether a notebook runs for an ``area`` or is ``national``."""
    return json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["lgr_report"]["scope"]
