"""An assessment as an Excel workbook: written with drop-down lists, read with nothing trusted.

What comes back is data from outside: `archive` says which files are opened at all.
"""

import io
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING

from lgr_report.assess import archive
from lgr_report.assess.fields import Field, Section, sections
from lgr_report.assess.records import Assessment, AssessmentError
from lgr_report.assess.sheets import Cell, Row, Sheets
from lgr_report.assess.values import Refused, shown

# openpyxl is imported where it writes or reads: most areas have no workbook.
if TYPE_CHECKING:
    from openpyxl.cell import Cell as SheetCell
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

Answers = dict[str, dict[str, object]]  # by key and field
Line = dict[str, Cell]  # the cells of one row of a sheet that hold anything, by letter
ROWS, COLUMNS = 10_000, 100  # what is read of a sheet; far more than any template has
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how a workbook writes a character by its number
NO_KEY = "expected in column A {keys}, each once"
GUIDANCE = (
    "Assessment of {area} on {on}",
    "Fill in what you know in the sheets About, Risks, Maturity and Lessons; leave the rest "
    "empty. An empty row is shown as not yet assessed, never as a low risk.",
    "A risk that is scored needs likelihood, impact, evidence and strength of knowledge. Put "
    "down roles, not people's names. Type texts: formulas are refused when the file is read.",
    "Save in place, then run `lgr-report assessments` to have every cell checked.",
)


def render(assessment: Assessment) -> bytes:
    """Return a workbook for officers to fill in, with what an assessment holds already."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "lgr-report"
    _guidance(book.active, assessment)
    for section in sections().values():
        sheet = book.create_sheet(section.title)
        write = _keyed if section.key else _about
        write(sheet, section, assessment.answers(section.name))
        sheet.protection.sheet = True  # headings stay; no password, and widths may be changed
        sheet.protection.formatColumns = sheet.protection.formatRows = False
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _guidance(sheet: "Worksheet", assessment: Assessment) -> None:
    lines = [line.format(area=assessment.area_id, on=assessment.assessed_on) for line in GUIDANCE]
    titles = lines[:1]
    for section in sections().values():
        titles.append(section.title)
        lines += ["", section.title]
        lines += [f"{field.heading}: {field.guidance}" for field in section.fields]
    for number, line in enumerate(lines, 1):
        _style(_put(sheet, number, 1, line), bold=line in titles)
    sheet.title = "Guidance"
    sheet.column_dimensions["A"].width = 110
    sheet.protection.sheet = True


def _about(sheet: "Worksheet", section: Section, answers: Answers) -> None:
    for number, field in enumerate(section.fields, 1):
        _style(_put(sheet, number, 1, field.heading), bold=True)
        _answer(_put(sheet, number, 2, answers[""][field.name]), field, _rule(sheet, field))
        _style(_put(sheet, number, 3, field.guidance))
    _widths(sheet, [26, 50, 60])


def _keyed(sheet: "Worksheet", section: Section, answers: Answers) -> None:
    for column, heading in enumerate(_headings(section), 1):
        _style(_put(sheet, 1, column, heading), bold=True)
    rules = [_rule(sheet, field) for field in section.fields]
    for line, (key, text) in enumerate(section.texts.items(), 2):
        _style(_put(sheet, line, 1, key))
        _style(_put(sheet, line, 2, text))
        for column, (field, rule) in enumerate(zip(section.fields, rules, strict=True), 3):
            value = answers.get(key, {}).get(field.name)
            _answer(_put(sheet, line, column, value), field, rule)
    _widths(sheet, [13, 60, *(34 if field.free else 13 for field in section.fields)])
    sheet.freeze_panes = "C2"


def _headings(section: Section) -> list[str]:
    """Return the headings of a sheet, of which the second is that of the text beside each key."""
    key, *asked = (field.heading for field in section.columns)
    return [key, "What it is", *asked]


def _widths(sheet: "Worksheet", widths: list[int]) -> None:
    for letter, width in zip(ascii_uppercase, widths, strict=False):
        sheet.column_dimensions[letter].width = width


def _put(sheet: "Worksheet", row: int, column: int, value: object) -> "SheetCell":
    """Write a value that can never be a formula, and return its cell."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        # Excel reads _x0041_ as a character: the mark itself is written by its number.
        cell.value = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", value)
        cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
        cell.quotePrefix = True  # and Excel would, when somebody edits it
    else:
        cell.value = value
    return cell


def _rule(sheet: "Worksheet", field: Field) -> "DataValidation":
    """Return what guides whoever fills in a field, with a list where there are choices."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(allow_blank=True, promptTitle=field.heading, prompt=field.guidance)
    if field.choices:
        rule.type, rule.formula1 = "list", f'"{",".join(field.choices)}"'
        rule.showErrorMessage, rule.error = True, f"One of: {', '.join(field.choices)}"
    rule.showInputMessage = True
    sheet.add_data_validation(rule)
    return rule


def _answer(cell: "SheetCell", field: Field, rule: "DataValidation") -> None:
    """Make a cell one that is filled in: open, typed, with a list where there are choices."""
    from openpyxl.styles import Border, PatternFill, Protection, Side

    _style(cell)
    line = Side(style="thin", color="B1B4B6")
    cell.fill, cell.border = PatternFill("solid", fgColor="FFF9E5"), Border(line, line, line, line)
    cell.protection = Protection(locked=field.fixed)
    # The format @ keeps what is typed a text, even if it begins with an equals sign.
    formats = {"date": "yyyy-mm-dd"}
    cell.number_format = "@" if field.free else formats.get(field.kind, "General")
    rule.add(cell)


def _style(cell: "SheetCell", bold: bool = False) -> None:
    from openpyxl.styles import Alignment, Font

    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)


def read(path: Path, file: str) -> Sheets:
    """Return what a workbook holds, each value with its cell, and what is wrong with its sheets.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        Its name, for errors.

    Raises
    ------
    AssessmentError
        If the file is not a workbook, or one that must not be opened.
    """
    content, asked = archive.checked(path, file), sections()
    try:
        from openpyxl import load_workbook

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: none of it is read
            # Read-only: cells are streamed, so that ranges and merges of any size cost nothing.
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            titles = {name: section.title for name, section in asked.items()}
            lines = {name: _lines(book[at]) for name, at in titles.items() if at in book}
    except Exception as error:  # a file from outside may break any part of the reader
        reason = f"cannot be read as a workbook ({type(error).__name__}): save it again as .xlsx"
        raise AssessmentError.of(file, reason) from error
    rows: dict[str, list[Row]] = {}
    wrong: list[tuple[Cell, str]] = []
    for name, section in asked.items():
        if name in lines:
            rows[name], cells = (_rows if section.key else _row)(section, lines[name])
            wrong += cells
        else:
            wrong.append((Cell(None, f"sheet {section.title}"), "the sheet is missing: restore it"))
    return Sheets(rows, wrong, NO_KEY, "nothing is read here")


def _lines(sheet: "Worksheet") -> list[Line]:
    """Return the cells of each row of a sheet that hold anything, by letter."""
    sheet.reset_dimensions()  # what the file says of its own size is not believed
    return [
        {
            cell.column_letter: Cell(_value(cell), f"sheet {sheet.title}, cell {cell.coordinate}")
            for cell in row
            if cell.value is not None
        }
        for row in sheet.iter_rows(max_row=ROWS, max_col=COLUMNS)
    ]


def _value(cell: "SheetCell") -> object:
    if cell.data_type == "f":
        return Refused(None, "a formula: type what it should say")
    if cell.data_type == "e":
        return Refused(cell.value, "an error of the spreadsheet: type a value")
    if isinstance(cell.value, str):
        return ESCAPED.sub(lambda mark: chr(int(mark[1], 16)), cell.value)
    return cell.value


def _rows(section: Section, lines: list[Line]) -> tuple[list[Row], list[tuple[Cell, str]]]:
    """Return the rows of a sheet that has a key; none where a heading is wrong."""
    headings = dict(zip(ascii_uppercase, _headings(section), strict=False))
    header = _whole(section, headings, 1, lines[0] if lines else {})
    wrong = [
        (header[letter], f"expected the heading {heading}")
        for letter, heading in headings.items()
        if str(header[letter].value) != heading
    ]
    if wrong:
        return [], wrong
    key, *asked = (field.name for field in section.columns)
    names = dict(zip(headings, [key, None, *asked], strict=True))
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if line:
            cells = _whole(section, headings, number, line)
            if "A" not in line:
                first = next(iter(line.values()))
                no_key = Refused(shown(first.value), NO_KEY.format(keys=section.span))
                cells["A"] = Cell(no_key, first.place)
            rows.append({names.get(at, at): cell for at, cell in cells.items() if at != "B"})
    present = {row[key].value for row in rows}
    missing = [name for name in section.texts if name not in present]
    return rows, [(Cell(name, f"sheet {section.title}"), "its row is missing") for name in missing]


def _whole(section: Section, letters: Iterable[str], number: int, line: Line) -> Line:
    """Return a row with its empty cells: something may be needed there."""
    empty = {at: Cell(None, f"sheet {section.title}, cell {at}{number}") for at in letters}
    return empty | line


def _row(section: Section, lines: list[Line]) -> tuple[list[Row], list[tuple[Cell, str]]]:
    """Return the one row of a sheet where headings stand in the first column, answers beside."""
    names = {field.heading: field.name for field in section.fields}
    row = {name: Cell(None, f"sheet {section.title}, {at}") for at, name in names.items()}
    wrong, seen = [], set()
    for number, line in enumerate(lines, 1):
        heading = str(line["A"].value) if "A" in line else None
        if heading in seen:
            wrong.append((line["A"], "asked already: take the row out"))
        elif heading in names:
            row[names[heading]] = _whole(section, "B", number, line)["B"]
            seen.add(heading)
        elif line:
            wrong.append((next(iter(line.values())), "put the heading back"))
    return [row], wrong
