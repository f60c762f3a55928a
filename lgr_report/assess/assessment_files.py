"""The files of assessments: where they lie, how they are read, written for officers, exported.

``data/assessments/<area_id>/<day>.xlsx`` or ``.toml``; several days of one area are kept.
"""

import csv
import io
import os
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from lgr_report.assess import assessment_form, assessment_workbook
from lgr_report.assess.assessment import Assessment, AssessmentError, Problem, build, current
from lgr_report.sources import areas, tables

NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.(xlsx|toml)", re.ASCII)
FORMULA = tuple("=+-@\t\r＝＋－＠")  # what makes a spreadsheet take a text for a formula


def folder(area_id: str) -> Path:
    """Return the folder of an area's assessments, which need not exist."""
    return tables.data_dir() / "assessments" / areas.get(area_id).area_id


def assessments(area_id: str) -> tuple[Assessment, ...]:
    """Return the assessments of an area that hold anything, oldest first.

    Raises
    ------
    AssessmentError
        With every problem of every file.
    UnknownAreaError
        If there is no such area.
    """
    return read_folder(folder(area_id), areas.get(area_id).area_id)


def read_folder(where: Path, area_id: str) -> tuple[Assessment, ...]:
    """Return the assessments in a folder that hold anything, oldest first; see `assessments`."""
    found: list[Problem] = []
    read: dict[date, Assessment] = {}
    hidden = (".", "~$")  # a workbook that is open in Excel leaves a file ~$name beside it
    paths = sorted(where.iterdir()) if where.is_dir() else []
    for path in paths:
        if path.name.startswith(hidden):
            continue
        try:
            one = read_file(path, area_id)
        except AssessmentError as error:
            found += error.problems
            continue
        if one.assessed_on in read:
            other = read[one.assessed_on].file
            expected = f"one assessment a day: {other} has the same; keep one of them"
            found.append(Problem(one.file, "", None, expected))
        read[one.assessed_on] = one
    if found:
        raise AssessmentError(found)
    return tuple(read[on] for on in sorted(read) if not read[on].blank)


def read_file(path: Path, area_id: str) -> Assessment:
    """Return one assessment; its name gives day and format.

    Raises
    ------
    AssessmentError
        With every problem of the file.
    """
    shown = f"{path.parent.name}/{path.name}"
    name = NAME.fullmatch(path.name)
    if not name or not path.is_file():
        expected = "expected a file named by its day, 2027-04-01.xlsx or 2027-04-01.toml"
        raise AssessmentError([Problem(shown, "", None, expected)])
    try:
        on = date.fromisoformat(name[1])
    except ValueError:
        raise AssessmentError([Problem(shown, "", None, "there is no such day")]) from None
    reader = assessment_workbook if name[2] == "xlsx" else assessment_form
    raw, found = reader.read(path, shown)
    return build(raw, shown, area_id, on, found)


def problems() -> list[Problem]:
    """Return every problem of every assessment, and every file that belongs to no area."""
    found: list[Problem] = []
    root = tables.data_dir() / "assessments"
    for path in sorted(root.iterdir()) if root.is_dir() else []:
        if path.name in areas.ids() and path.is_dir():
            try:
                assessments(path.name)
            except AssessmentError as error:
                found += error.problems
        elif path.name != "README.md" and not path.name.startswith("."):
            expected = "belongs to no area: files go into a folder named by the area_id"
            found.append(Problem(f"assessments/{path.name}", "", None, expected))
    return found


def create(area_id: str, on: date, form: str = "xlsx", carry: bool = False) -> Path:
    """Write a template for an area and a day, and return its path; never write over a file.

    Parameters
    ----------
    area_id : str
        The area; its folder is made if there is none.
    on : datetime.date
        Day of the assessment.
    form : {"xlsx", "text"}
        A workbook with drop-down lists, or a plain-text form.
    carry : bool
        Fill in what was last recorded, each with its own date.

    Raises
    ------
    AssessmentError
        If an assessment of that day exists, or the folder leads out of the data folder.
    """
    where = folder(area_id)
    shown = f"{where.name}/{on}"
    if not where.resolve().is_relative_to(tables.data_dir().resolve()):
        expected = "the folder of the area leads out of the data folder: put a plain folder there"
        raise AssessmentError([Problem(shown, "", None, expected)])
    before = [one for one in assessments(area_id) if one.assessed_on < on] if carry else []
    filled = Assessment(
        area_id=area_id,
        assessed_on=on,
        assessor_role=None,
        publish=False,
        **{s: tuple(current(before, s).values()) for s in ("risks", "maturity", "lessons")},
    )
    if form == "xlsx":
        path, content = where / f"{on}.xlsx", assessment_workbook.render(filled)
    else:
        path, content = where / f"{on}.toml", assessment_form.render(filled).encode()
    # A link that leads nowhere is in the way too, though it does not exist.
    there = [n for n in (f"{on}.xlsx", f"{on}.toml") if os.path.lexists(where / n)]
    if there:
        expected = "exists and is not written over: fill it in, or choose another day with --date"
        raise AssessmentError([Problem(f"{where.name}/{there[0]}", "", None, expected)])
    try:
        where.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:  # exclusive: a file that appeared meanwhile stays
            file.write(content)
    except FileExistsError as error:
        reason = "a file is in the way: move it elsewhere"
        raise AssessmentError([Problem(shown, "", None, reason)]) from error
    return path


def to_csv(dated: Iterable[Assessment]) -> str:
    """Return assessments as CSV, a row a value, for spreadsheets: no cell can be a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["area_id", "assessment", "section", "key", "field", "value"])
    for one in dated:
        about = {"assessor_role": one.assessor_role, "publish": "yes" if one.publish else "no"}
        records = [("about", "", about)]
        for section in ("risks", "maturity", "lessons"):
            for record in getattr(one, section):
                (_, key), *rest = asdict(record).items()
                records.append((section, key, dict(rest)))
        for section, key, row in records:
            for name, value in row.items():
                if value is not None:
                    place = one.area_id, one.assessed_on, section, key, name
                    writer.writerow([*place, inert(str(value))])
    return text.getvalue()


def inert(text: str) -> str:
    """Return a text that a spreadsheet takes as a text: an apostrophe before what begins a formula.

    This is the defence that OWASP describes for CSV injection.
    """
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
