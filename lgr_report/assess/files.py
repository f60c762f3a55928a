"""The files of assessments: where they lie, how they are read, written for officers, exported.

``data/assessments/<area_id>/<day>.xlsx`` or ``.toml``; several days of one area are kept.
"""

import csv
import io
import os
import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from lgr_report.assess import form, sheets, workbook
from lgr_report.assess.fields import sections
from lgr_report.assess.records import RECORDS, Assessment, AssessmentError, current
from lgr_report.sources import areas, tables
from lgr_report.sources.contract import Problem

NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.(xlsx|toml)", re.ASCII)
AHEAD = timedelta(days=366)  # a form may be made for a day to come, but not for ever
FORMULA = tuple("=+-@\t\r＝＋－＠")  # what makes a spreadsheet take a text for a formula


def root() -> Path:
    """Return the folder of all assessments, which need not exist."""
    return tables.data_dir() / "assessments"


def folder(area_id: str) -> Path:
    """Return the folder of an area's assessments, which need not exist."""
    return root() / areas.get(area_id).area_id


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
    wrong: list[Problem] = []
    by_day: dict[date, Assessment] = {}
    hidden = (".", "~$")  # a workbook that is open in Excel leaves a file ~$name beside it
    for path in _content(where):
        if path.name.startswith(hidden):
            continue
        try:
            assessment = read_file(path, area_id)
        except AssessmentError as error:
            wrong += error.problems
            continue
        if assessment.assessed_on in by_day:
            other = by_day[assessment.assessed_on].file
            expected = f"one assessment a day: {other} has the same; keep one of them"
            wrong.append(Problem(assessment.file, expected=expected))
        by_day[assessment.assessed_on] = assessment
    if wrong:
        raise AssessmentError(wrong)
    return tuple(by_day[day] for day in sorted(by_day) if not by_day[day].blank)


def read_file(path: Path, area_id: str) -> Assessment:
    """Return one assessment; its name gives day and format.

    Raises
    ------
    AssessmentError
        With every problem of the file.
    """
    file = f"{path.parent.name}/{path.name}"
    name = NAME.fullmatch(path.name)
    if not name or not path.is_file():
        expected = "expected a file named by its day, 2027-04-01.xlsx or 2027-04-01.toml"
        raise AssessmentError.of(file, expected)
    try:
        day = date.fromisoformat(name[1])
    except ValueError:
        raise AssessmentError.of(file, "there is no such day") from None
    if day > date.today() + AHEAD:
        raise AssessmentError.of(file, "is dated more than a year ahead: correct the year")
    reader = workbook if name[2] == "xlsx" else form
    return sheets.assessment(reader.read(path, file), file, area_id, day)


def problems() -> list[Problem]:
    """Return every problem of every assessment, and every file that belongs to no area."""
    wrong: list[Problem] = strays()
    for area_id in areas.ids():
        try:
            assessments(area_id)
        except AssessmentError as error:
            wrong += error.problems
    return wrong


def strays() -> list[Problem]:
    """Return every file or folder that belongs to no area: nobody's report shows it."""
    wrong: list[Problem] = []
    ours = ("README.md", "schema.json", "Thumbs.db", "desktop.ini")
    for path in _content(root()):
        folder_of_area = path.name in areas.ids() and path.is_dir()
        if not folder_of_area and path.name not in ours and not path.name.startswith((".", "~$")):
            expected = f"belongs to no area: {_home(path.name)}"
            wrong.append(Problem(f"assessments/{path.name}", expected=expected))
    return wrong


def _home(name: str) -> str:
    """Return what is to be done with a file or folder that belongs to no area."""
    near = areas.nearest(name)
    hint = f", perhaps {near[0]!r}" if near else ""
    return f"files go into a folder named by the area_id{hint}"


def _content(where: Path) -> list[Path]:
    return sorted(where.iterdir()) if where.is_dir() else []


def create(area_id: str, on: date, kind: str = "xlsx", carry: bool = False) -> Path:
    """Write a template for an area and a day, and return its path; never write over a file.

    Parameters
    ----------
    area_id : str
        The area; its folder is made if there is none.
    on : datetime.date
        Day of the assessment.
    kind : {"xlsx", "text"}
        A workbook with drop-down lists, or a plain-text form.
    carry : bool
        Fill in what was last recorded, each with its own date.

    Raises
    ------
    AssessmentError
        If an assessment of that day exists, or the folder leads out of the data folder.
    """
    where = folder(area_id)
    if not where.resolve().is_relative_to(tables.data_dir().resolve()):
        expected = "the folder of the area leads out of the data folder: put a plain folder there"
        raise AssessmentError.of(f"{where.name}/{on}", expected)
    before = [one for one in assessments(area_id) if one.assessed_on < on] if carry else []
    carried = {section: tuple(current(before, section).values()) for section in RECORDS}
    template = Assessment(area_id, on, assessor_role=None, publish=False, **carried)
    if kind == "xlsx":
        path, content = where / f"{on}.xlsx", workbook.render(template)
    else:
        path, content = where / f"{on}.toml", form.render(template).encode()
    over = "exists and is not written over: fill it in, or choose another day with --date"
    for name in (f"{on}.xlsx", f"{on}.toml"):
        # A link that leads nowhere is in the way too, though it does not exist.
        if os.path.lexists(where / name):
            raise AssessmentError.of(f"{where.name}/{name}", over)
    try:
        where.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:  # exclusive: a file that appeared meanwhile stays
            file.write(content)
    except FileExistsError as error:
        expected = "a file is in the way: move it elsewhere"
        raise AssessmentError.of(f"{where.name}/{on}", expected) from error
    return path


def to_csv(dated: Iterable[Assessment]) -> str:
    """Return assessments as CSV, a row a value, for spreadsheets: no cell can be a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["area_id", "assessment", "section", "key", "field", "value"])
    for assessment in dated:
        for section in sections().values():
            asked = {field.name for field in section.fields if not field.fixed}
            for key, answers in assessment.answers(section.name).items():
                place = assessment.area_id, assessment.assessed_on, section.name, key
                for name, value in answers.items():
                    if name in asked and value is not None:
                        writer.writerow([*place, name, inert(str(value))])
    return text.getvalue()


def inert(text: str) -> str:
    """Return a text that a spreadsheet takes as a text: an apostrophe before what begins a formula.

    This is the defence that OWASP describes for CSV injection.
    """
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
