"""An assessment as an Excel workbook: written with drop-down lists, read with nothing trusted.

A workbook that comes back is data from outside. It is refused, before anything is parsed, if it
holds macros, links to other workbooks or embedded objects, or is larger than any assessment.
"""

import io
import re
import warnings
import zipfile
from pathlib import Path

from lgr_report.assess.assessment import Assessment, AssessmentError, Cell, Problem, Raw
from lgr_report.assess.assessment_fields import FIELDS, Field, keys

SHEETS = {"about": "About", "risks": "Risks", "maturity": "Maturity", "lessons": "Lessons"}
FIRST = {"risks": "Risk", "maturity": "Area", "lessons": "Lesson"}
LARGEST = 2_000_000  # bytes of the file; a filled-in assessment has some tens of thousands
LARGEST_UNPACKED = 20_000_000
MOST_PARTS = 200
ROWS, COLUMNS = 10_000, 100  # what is read of a sheet; far more than any template has
REFUSED = {
    "vbaproject": "macros: save it as an Excel workbook (.xlsx) without macros",
    "externallinks/": "links to other workbooks: break them (Data, Edit Links), and save again",
    "embeddings/": "embedded files: take them out",
    "activex/": "ActiveX controls: take them out",
    "connections.xml": "data connections: take them out",
}
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how a workbook writes a character by its number
WIDTHS = {"text": 34, "choice": 13, "number": 11, "date": 13}


def render(assessment: Assessment) -> bytes:
    """Return a workbook for officers to fill in, with what an assessment holds already."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "lgr-report"
    _guidance(book.active, assessment)
    for section, title in SHEETS.items():
        sheet = book.create_sheet(title)
        _about(sheet, assessment) if section == "about" else _section(sheet, section, assessment)
        sheet.protection.sheet = True  # headings stay; no password, and widths may be changed
        sheet.protection.formatColumns = sheet.protection.formatRows = False
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _guidance(sheet: object, assessment: Assessment) -> None:
    sheet.title = "Guidance"
    lines = [
        f"Assessment of {assessment.area_id} on {assessment.assessed_on}",
        "Fill in what you know in the sheets About, Risks, Maturity and Lessons; leave the rest "
        "empty. An empty row is shown as not yet assessed, never as a low risk.",
        "A risk that is scored needs likelihood, impact, evidence and strength of knowledge. Put "
        "down roles, not people's names. Type texts: formulas are refused when the file is read.",
        "Save in place, then run `lgr-report assessments` to have every cell checked.",
    ]
    for line in lines:
        sheet.append([line])
    for section, title in SHEETS.items():
        sheet.append([])
        sheet.append([title])
        _bold(sheet.cell(sheet.max_row, 1))
        for asked in FIELDS[section]:
            sheet.append([f"{asked.heading}: {asked.guidance}"])
    _bold(sheet["A1"])
    sheet.column_dimensions["A"].width = 110
    for row in sheet.iter_rows():
        _wrap(row[0])
    sheet.protection.sheet = True


def _about(sheet: object, assessment: Assessment) -> None:
    values = {
        "area_id": assessment.area_id,
        "assessed_on": assessment.assessed_on,
        "assessor_role": assessment.assessor_role,
        "publish": "yes" if assessment.publish else "no",
    }
    for k, asked in enumerate(FIELDS["about"], 1):
        _bold(_put(sheet, k, 1, asked.heading))
        _answer(sheet, k, 2, asked, values[asked.name])
        _wrap(_put(sheet, k, 3, asked.guidance))
    for letter, width in zip("ABC", (26, 50, 60), strict=True):
        sheet.column_dimensions[letter].width = width


def _section(sheet: object, section: str, assessment: Assessment) -> None:
    from openpyxl.utils import get_column_letter

    filled = {}
    for record in getattr(assessment, section):
        key, *_ = vars(record).values()
        filled[key] = vars(record)
    headings = [FIRST[section], "What it is", *(asked.heading for asked in FIELDS[section])]
    kinds = ["choice", "text", *(asked.kind for asked in FIELDS[section])]
    for k, (heading, kind) in enumerate(zip(headings, kinds, strict=True), 1):
        _bold(_put(sheet, 1, k, heading))
        sheet.column_dimensions[get_column_letter(k)].width = WIDTHS[kind]
    sheet.column_dimensions["B"].width = 60
    for row, (key, text) in enumerate(keys(section).items(), 2):
        _wrap(_put(sheet, row, 1, key))
        _wrap(_put(sheet, row, 2, text))
        for k, asked in enumerate(FIELDS[section], 3):
            _answer(sheet, row, k, asked, filled.get(key, {}).get(asked.name))
    sheet.freeze_panes = "C2"


def _put(sheet: object, row: int, column: int, value: object) -> object:
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


def _answer(sheet: object, row: int, column: int, asked: Field, value: object) -> None:
    """Write one cell to be filled in: open, typed, with a list where there are choices."""
    from openpyxl.styles import Border, PatternFill, Protection, Side
    from openpyxl.worksheet.datavalidation import DataValidation

    cell = _put(sheet, row, column, value)
    _wrap(cell)
    line = Side(style="thin", color="B1B4B6")
    cell.fill, cell.border = PatternFill("solid", fgColor="FFF9E5"), Border(line, line, line, line)
    cell.protection = Protection(locked=asked.guidance == "Leave as it is")
    # The format @ keeps what is typed a text, even if it begins with an equals sign.
    cell.number_format = {"text": "@", "date": "yyyy-mm-dd"}.get(asked.kind, "General")
    known = [v for v in sheet.data_validations.dataValidation if v.promptTitle == asked.heading]
    if not known:
        rule = DataValidation(allow_blank=True, promptTitle=asked.heading, prompt=asked.guidance)
        if asked.choices:
            rule.type, rule.formula1 = "list", f'"{",".join(asked.choices)}"'
            rule.showErrorMessage, rule.error = True, f"One of: {', '.join(asked.choices)}"
        rule.showInputMessage = True
        sheet.add_data_validation(rule)
        known = [rule]
    known[0].add(cell)


def _bold(cell: object) -> None:
    from openpyxl.styles import Alignment, Font

    cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")


def _wrap(cell: object) -> None:
    from openpyxl.styles import Alignment

    cell.alignment = Alignment(wrap_text=True, vertical="top")


def read(path: Path, shown: str) -> tuple[Raw, list[Problem]]:
    """Return what a workbook holds, with the cell of each value, and what is wrong with cells.

    Raises
    ------
    AssessmentError
        If the file is not a workbook, or one that must not be opened.
    """
    content = _checked(path, shown)
    try:
        from openpyxl import load_workbook

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: none of it is read
            # Read-only: cells are streamed, so that ranges and merges of any size cost nothing.
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheets = {title: _rows(book[title]) for title in SHEETS.values() if title in book}
    except Exception as error:  # a file from outside may break any part of the reader
        reason = f"cannot be read as a workbook ({type(error).__name__}): save it again as .xlsx"
        raise AssessmentError([Problem(shown, "", None, reason)]) from error
    found: list[Problem] = []
    raw: dict[tuple[str, str, str], Cell] = {}
    for section, title in SHEETS.items():
        if title not in sheets:
            found.append(Problem(shown, f"sheet {title}", None, "the sheet is missing: restore it"))
            continue
        one = _read_about if section == "about" else _read_section
        found += one(sheets[title], section, raw, shown)
    return raw, found


def _checked(path: Path, shown: str) -> bytes:
    """Return the bytes of a workbook that is safe to open."""

    def refuse(expected: str) -> AssessmentError:
        return AssessmentError([Problem(shown, "", None, expected)])

    if path.stat().st_size > LARGEST:
        raise refuse(f"larger than {LARGEST:,} bytes: an assessment holds text only")
    content = path.read_bytes()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse("has a password, or is of the old .xls format: save it as .xlsx without one")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or len({p.filename for p in parts}) < len(parts):
                raise refuse("is not put together as Excel does it: save it again as .xlsx")
            # Unpacking stops at the size that the archive declares.
            if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise refuse(f"unpacks to more than {LARGEST_UNPACKED:,} bytes: not opened")
            for part in parts:
                for mark, what in REFUSED.items():
                    if mark in part.filename.lower().replace("\\", "/"):
                        raise refuse(f"holds {what}")
            if "xl/workbook.xml" not in packed.namelist():
                raise refuse("is not an Excel workbook (.xlsx)")
            for part in parts:
                _no_entities(packed.read(part), part.filename, refuse)
    except AssessmentError:
        raise
    except Exception as error:  # a damaged archive breaks each part of the reader in its own way
        raise refuse("is not an Excel workbook (.xlsx), or is damaged") from error
    return content


def _no_entities(text: bytes, name: str, refuse: object) -> None:
    if not name.lower().endswith((".xml", ".rels")):
        return
    # Excel writes UTF-8 and no document types; a null byte would be UTF-16, which hides them.
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
        raise refuse(f"{name} declares entities, which no workbook needs: not opened")
    if b"macroEnabled" in text and name == "[Content_Types].xml":
        raise refuse(f"holds {REFUSED['vbaproject']}")


def _rows(sheet: object) -> list[list[tuple[str, object, str]]]:
    """Return the cells of a sheet that hold anything: row by row, each coordinate, value, type."""
    sheet.reset_dimensions()  # what the file says of its own size is not believed
    return [
        [(c.coordinate, _decoded(c.value), c.data_type) for c in row if c.value is not None]
        for row in sheet.iter_rows(max_row=ROWS, max_col=COLUMNS)
    ]


def _decoded(value: object) -> object:
    if isinstance(value, str):
        return ESCAPED.sub(lambda mark: chr(int(mark[1], 16)), value)
    return value


def _read_about(rows: list, section: str, raw: dict, shown: str) -> list[Problem]:
    headings = {asked.heading: asked.name for asked in FIELDS[section]}
    found = []
    for row in rows:
        cells = {_column(place): (place, value, kind) for place, value, kind in row}
        name = headings.get(str(cells["A"][1])) if "A" in cells else None
        if row and (name is None or (section, "", name) in raw):
            place, value, _ = row[0]
            told = "put the heading back" if name is None else "asked already: take the row out"
            found.append(_problem(shown, section, place, value, told))
        elif row:
            place = f"B{cells['A'][0].removeprefix('A')}"
            empty = (place, None, "n")
            found += _take(cells.get("B", empty), section, "", name, raw, shown)
    return found


def _read_section(rows: list, section: str, raw: dict, shown: str) -> list[Problem]:
    expected = [FIRST[section], "What it is", *(asked.heading for asked in FIELDS[section])]
    names = ["", "", *(asked.name for asked in FIELDS[section])]
    header = {_column(place): str(value) for place, value, _ in (rows[0] if rows else [])}
    letters = [chr(ord("A") + k) for k in range(len(expected))]
    found = [
        _problem(shown, section, f"{letter}1", header.get(letter), f"expected the heading {text}")
        for letter, text in zip(letters, expected, strict=True)
        if header.get(letter) != text
    ]
    if found:
        return found
    seen: dict[str, str] = {}
    for row in rows[1:]:
        if not row:
            continue
        place, key, kind = row[0]
        if _column(place) != "A" or kind == "f" or key not in keys(section) or key in seen:
            known = f"expected in column A {_range(section)}, each once"
            found.append(_problem(shown, section, place, key, known))
            continue
        seen[key] = place
        for letter, name in zip(letters[2:], names[2:], strict=True):
            empty = f"{letter}{place.removeprefix('A')}"  # so that a missing value has its cell
            raw[section, key, name] = Cell(None, f"sheet {SHEETS[section]}, cell {empty}")
        for cell in row[1:]:
            column = _column(cell[0])
            if column not in letters:
                found.append(_problem(shown, section, cell[0], cell[1], "nothing is read here"))
            elif column != "B":
                found += _take(cell, section, key, names[letters.index(column)], raw, shown)
    for key in keys(section):
        if key not in seen:
            missing = Problem(shown, f"sheet {SHEETS[section]}", key, "its row is missing")
            found.append(missing)
    return found


def _take(cell: tuple, section: str, key: str, name: str, raw: dict, shown: str) -> list[Problem]:
    place, value, kind = cell
    if kind == "f":
        told = "a formula: type what it should say"
        return [_problem(shown, section, place, None, told)]
    if kind == "e":
        return [_problem(shown, section, place, value, "an error of the spreadsheet: type a value")]
    raw[section, key, name] = Cell(value, f"sheet {SHEETS[section]}, cell {place}")
    return []


def _problem(shown: str, section: str, place: str, value: object, expected: str) -> Problem:
    told = None if value is None else str(value)[:60]
    return Problem(shown, f"sheet {SHEETS[section]}, cell {place}", told, expected)


def _column(coordinate: str) -> str:
    return coordinate.rstrip("0123456789")


def _range(section: str) -> str:
    first, *_, last = keys(section)
    return f"{first} to {last}"
