"""Assessments: two forms of one model, every wrong cell named, and nothing in a cell ever runs."""

import csv
import io
import random
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

import openpyxl
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain import AREA_IDS, ROOT, rows

from lgr_report.assess import files, workbook
from lgr_report.assess import form as text_form
from lgr_report.assess.fields import sections
from lgr_report.assess.records import (
    Assessment,
    AssessmentError,
    Lesson,
    Maturity,
    Risk,
    current,
)
from lgr_report.assess.values import LONGEST, plain
from lgr_report.page.cells import Table
from lgr_report.risk import beside, residual, tables
from lgr_report.sources import areas

DAY = date(2026, 5, 1)
RISKS = [row["risk_id"] for row in rows("risks")]
SOURCE = {row["risk_id"]: int(row["likelihood"]) * int(row["impact"]) for row in rows("risks")}
AREAS = [row["maturity_area_id"] for row in rows("maturity_areas")]
LESSONS = [row["lesson_id"] for row in rows("lessons")]
EVIL = [
    "=1+1",
    '=HYPERLINK("http://example.org","press")',
    "+44 20",
    "-1",
    "@SUM(A1)",
    "＝1",
    "<script>alert(1)</script>",
    "_x0041_ and _x005F_x0007_",
    '"quoted", \\ back # not a comment',
    "None",
]
RISK = Risk("CLGR1", DAY, 4, 5, evidence="minutes", strength="medium")
FULL = Assessment("surrey", DAY, "programme director", False, (RISK,), (), ())
FORMS = {"xlsx": workbook, "toml": text_form}
FIELDS = {name: section.fields for name, section in sections().items()}
SCORES = sorted({likelihood * impact for likelihood in range(1, 6) for impact in range(1, 6)})


@lru_cache(maxsize=64)
def rendered(one, form):
    """Return the bytes of an assessment in a form."""
    content = FORMS[form].render(one)
    return content if isinstance(content, bytes) else content.encode()


def put(folder, one, form="toml", on=None):
    """Write an assessment as a file; return its path."""
    path = folder / f"{on or one.assessed_on}.{form}"
    path.write_bytes(rendered(one, form))
    return path


def book_of(tmp_path, one=FULL, **cells):
    """Write a workbook with cells changed, as Risks_C2=5; return its path."""
    path = put(tmp_path, one, "xlsx")
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        sheet, cell = place.split("_")
        book[sheet][cell].value = value
    book.save(path)
    return path


def problems_of(path, area_id="surrey"):
    """Return what is wrong with a file: place, value found, expected."""
    with pytest.raises(AssessmentError) as error:
        files.read_file(path, area_id)
    assert all(p.file == f"{path.parent.name}/{path.name}" for p in error.value.problems)
    assert str(error.value) == "\n".join(map(str, error.value.problems))
    return [(p.place, p.value, p.expected) for p in error.value.problems]


# Two forms of one model

printing = st.characters(
    exclude_categories=["Cc", "Cs"],
    exclude_characters="\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
texts = (st.sampled_from(EVIL) | st.text(printing, min_size=1, max_size=30)).map(plain)
maybe = st.none() | texts.filter(bool)
days = st.dates(date(2025, 1, 1), DAY)


@st.composite
def risk_records(draw, key):
    likelihood, impact = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    score = likelihood * impact
    return Risk(
        risk_id=key,
        assessed_on=draw(days),
        likelihood=likelihood,
        impact=impact,
        controls=draw(maybe),
        target=draw(st.none() | st.sampled_from([s for s in SCORES if s <= score])),
        owner_role=draw(maybe),
        evidence=draw(texts.filter(bool)),
        strength=draw(st.sampled_from(["low", "medium", "high"])),
        treatment=draw(st.none() | st.sampled_from(["treat", "tolerate"])),
        actions=draw(maybe),
        why_above=draw(texts.filter(bool) if score > SOURCE[key] else maybe),
    )


@st.composite
def whole_assessments(draw):
    some = st.lists(st.sampled_from(RISKS), unique=True, max_size=3)
    keys = sorted(draw(some), key=RISKS.index)
    levels = draw(st.dictionaries(st.sampled_from(AREAS), st.integers(1, 4), max_size=3))
    statuses = st.sampled_from(["done", "partly", "not", "unknown"])
    done = draw(st.dictionaries(st.sampled_from(LESSONS), statuses, max_size=3))
    return Assessment(
        area_id="surrey",
        assessed_on=DAY,
        assessor_role=draw(texts.filter(bool)),
        publish=draw(st.booleans()),
        risks=tuple(draw(risk_records(key)) for key in keys),
        maturity=tuple(Maturity(k, draw(days), levels[k], draw(maybe)) for k in sorted(levels)),
        lessons=tuple(Lesson(k, done[k], draw(maybe)) for k in LESSONS if k in done),
    )


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(whole_assessments())
def test_what_is_written_is_read_back_from_either_form(tmp_path, one):
    for form in FORMS:
        assert files.read_file(put(tmp_path, one, form), "surrey") == one


@pytest.mark.parametrize("form", FORMS)
def test_a_template_asks_everything_and_holds_nothing(tmp_path, form):
    blank = replace(FULL, assessor_role=None, risks=())
    path = put(tmp_path, blank, form)
    assert files.read_file(path, "surrey") == blank
    assert blank.blank
    assert not FULL.blank


def test_the_fields_are_those_that_were_asked_for():
    asked = {section: [one.name for one in fields] for section, fields in FIELDS.items()}
    for name in (
        *("likelihood", "impact", "controls", "target", "owner_role", "assessed_on"),
        *("evidence", "strength", "treatment"),
    ):
        assert name in asked["risks"]
    assert asked["maturity"] == ["level", "evidence", "assessed_on"]
    assert asked["lessons"] == ["status", "evidence"]


def test_the_workbook_offers_lists_guidance_and_protected_headings(tmp_path):
    book = openpyxl.load_workbook(put(tmp_path, FULL, "xlsx"))
    assert book.sheetnames == ["Guidance", "About", "Risks", "Maturity", "Lessons"]
    sheet = book["Risks"]
    lists = {v.formula1: str(v.sqref) for v in sheet.data_validations.dataValidation if v.formula1}
    assert set(lists['"1,2,3,4,5"'].split()) == {f"D{k}" for k in range(2, 16)}  # and C, like it
    assert '"low,medium,high"' in lists
    assert '"treat,tolerate,transfer,terminate"' in lists
    assert '"done,partly,not,unknown"' in [
        v.formula1 for v in book["Lessons"].data_validations.dataValidation
    ]
    for title in book.sheetnames:
        assert book[title].protection.sheet
    assert [cell.protection.locked for cell in sheet["C2":"C15"][0]] == [False]
    assert sheet["A1"].protection.locked
    assert sheet["A2"].protection.locked
    assert [sheet.cell(k, 1).value for k in range(2, 16)] == RISKS
    told = " ".join(str(row[0].value) for row in book["Guidance"].iter_rows())
    for fields in FIELDS.values():
        assert all(one.guidance in told for one in fields)


def test_a_row_may_stand_anywhere(tmp_path):
    one = replace(FULL, risks=(RISK, replace(RISK, risk_id="CLGR2", impact=1)))
    path = put(tmp_path, one, "xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Risks"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    random.Random(1).shuffle(lines)
    for k, line in enumerate(lines, 2):
        for column, value in enumerate(line, 1):
            sheet.cell(k, column).value = value
    book.save(path)
    assert files.read_file(path, "surrey") == one
    text = text_form.render(one)
    head, *sections = text.split("\n[risks.")
    path = tmp_path / "2026-05-01.toml"
    last, rest = sections[-1].split("\n\n\n", 1)
    shuffled = [last, *sections[:-1]]
    path.write_text("\n[risks.".join([head, *shuffled]) + "\n\n\n" + rest, encoding="utf-8")
    assert files.read_file(path, "surrey") == one


@pytest.mark.parametrize(
    ("cell", "value", "read"),
    [
        ("Risks_C2", 4.0, ("likelihood", 4)),
        ("Risks_C2", " 4 ", ("likelihood", 4)),
        ("Risks_J2", "HIGH", ("strength", "high")),
        ("Risks_H2", "2026-04-30", ("assessed_on", date(2026, 4, 30))),
        ("Risks_H2", datetime(2026, 4, 30), ("assessed_on", date(2026, 4, 30))),
        ("Risks_H2", None, ("assessed_on", DAY)),
        ("Risks_I2", "two\nlines\tand a tab", ("evidence", "two lines and a tab")),
        ("Risks_I2", 12, ("evidence", "12")),
        ("Risks_I2", "_x0042_etter", ("evidence", "Better")),
    ],
)
def test_what_people_type_is_understood(tmp_path, cell, value, read):
    names = ["", "", *(one.name for one in FIELDS["risks"])]
    column = {name: chr(ord("A") + k) for k, name in enumerate(names)}
    assert column[read[0]] == {"C2": "C", "J2": "J", "H2": "H", "I2": "I"}[cell.split("_")[1]]
    found = files.read_file(book_of(tmp_path, **{cell: value}), "surrey")
    assert getattr(found.risks[0], read[0]) == read[1]


# Every wrong cell is named, all at once


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("Risks_C2", 6, "expected 1, 2, 3, 4 or 5"),
        ("Risks_C2", True, "expected 1, 2, 3, 4 or 5"),
        ("Risks_C2", 2.5, "expected 1, 2, 3, 4 or 5"),
        ("Risks_C2", "four", "expected 1, 2, 3, 4 or 5"),
        ("Risks_F2", 7, "expected 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20 or 25"),
        ("Risks_F2", 25, "expected no more than the score now (20)"),
        ("Risks_H2", "1 May", "expected a day, as 2027-04-01"),
        ("Risks_H2", "2026-02-30", "there is no such day"),
        ("Risks_H2", date(2026, 5, 2), "expected a day no later than 2026-05-01, that of the file"),
        ("Risks_J2", "certain", "expected low, medium or high"),
        ("Risks_J2", None, "needed where a risk is scored"),
        ("Risks_I2", None, "needed where a risk is scored"),
        ("Risks_D2", None, "needed where a risk is scored"),
        ("Risks_I2", "x" * (LONGEST + 1), f"expected at most {LONGEST} characters, not 2001"),
        ("Risks_I2", "a_x0007_b", "take out the control characters (U+0007)"),
        ("Risks_I2", "a\u202eb", "take out the control characters (U+202E)"),
        ("Risks_I2", "=1+1", "a formula: type what it should say"),
        ("Risks_A2", "CLGR99", "expected in column A CLGR1 to CLGR14, each once"),
        ("Risks_A3", "CLGR1", "expected in column A CLGR1 to CLGR14, each once"),
        ("Risks_C1", "Odds", "expected the heading Likelihood now"),
        ("Risks_P2", "a note", "nothing is read here"),
        ("Risks_A20", "a note", "expected in column A CLGR1 to CLGR14, each once"),
        ("Maturity_C2", 5, "expected 1, 2, 3 or 4"),
        ("Maturity_D2", "evidence", None),
        ("Lessons_C2", "yes", "expected done, partly, not or unknown"),
        ("About_B1", "norfolk", "expected surrey, the name of its folder"),
        ("About_B2", date(2026, 5, 2), "expected 2026-05-01, as in the name of the file"),
        ("About_B3", None, "say in what role it was assessed"),
        ("About_B4", "perhaps", "expected yes or no"),
        ("About_A3", "Who?", "put the heading back"),
        ("About_A9", "Area", "asked already: take the row out"),
        ("Risks_A900", "more", "expected in column A CLGR1 to CLGR14, each once"),
        ("Risks_BA2", "far out", "nothing is read here"),
    ],
)
def test_a_wrong_cell_of_a_workbook_is_named(tmp_path, cell, value, expected):
    sheet, place = cell.split("_")
    found = problems_of(book_of(tmp_path, **{cell: value}))
    if expected is None:  # evidence without a level
        assert found == [("sheet Maturity, cell C2", None, "give the level, or empty the row")]
        return
    assert expected in [told for _, _, told in found]
    places = [where for where, _, told in found if told == expected]
    assert places == [f"sheet {sheet}, cell {place}"]


def test_every_wrong_cell_is_told_at_once(tmp_path):
    wrong = {"Risks_C2": 9, "Risks_J2": "sure", "Maturity_C3": "x", "Lessons_C4": 1, "About_B4": 2}
    found = problems_of(book_of(tmp_path, **wrong, Risks_E5="=A1"))
    assert {place for place, _, _ in found} == {
        *("sheet Risks, cell C2", "sheet Risks, cell J2", "sheet Maturity, cell C3"),
        *("sheet Lessons, cell C4", "sheet About, cell B4", "sheet Risks, cell E5"),
    }


def test_every_wrong_file_of_an_area_is_told_at_once(data):
    folder = data / "assessments" / "surrey"
    folder.mkdir()
    for on in (date(2026, 5, 1), date(2026, 6, 1)):
        one = replace(FULL, assessed_on=on, risks=(replace(RISK, strength="sure"),))
        put(folder, one)
    (folder / "notes.docx").write_text("notes")
    (folder / "~$2026-05-01.xlsx").write_text("a lock of Excel")
    with pytest.raises(AssessmentError) as error:
        files.assessments("surrey")
    assert [p.file for p in error.value.problems] == [
        *("surrey/2026-05-01.toml", "surrey/2026-06-01.toml", "surrey/notes.docx")
    ]
    (data / "assessments" / "surrey.csv").write_text("level")
    assert len(files.problems()) == 4


@pytest.mark.parametrize(
    ("line", "instead", "place", "expected"),
    [
        (
            "likelihood = 4",
            "likelihood = 9",
            "key risks.CLGR1.likelihood",
            "expected 1, 2, 3, 4 or",
        ),
        ("likelihood = 4", "likelihood = true", "key risks.CLGR1.likelihood", "expected 1, 2"),
        ("likelihood = 4", "odds = 4", "key risks.CLGR1.odds", "not asked here"),
        ("likelihood = 4", "likelihood = [4]", "key risks.CLGR1.likelihood", "expected 1, 2"),
        ("[risks.CLGR1]", "[risks.CLGR99]", "key risks.CLGR99", "not asked here"),
        ("[about]", "[around]", "key around", "expected one of the tables about, risks"),
        ('"minutes"', '"a\\u0007b"', "key risks.CLGR1.evidence", "take out the control"),
        ("likelihood = 4", "likelihood = four", "", "is no TOML that can be read"),
        ("[risks.CLGR2]", "[risks.CLGR1]", "", "is no TOML that can be read"),
        ('"minutes"', "[" * 5000, "", "is no TOML that can be read"),
        ("likelihood = 4", "likelihood = " + "9" * 5000, "", "is no TOML that can be read"),
    ],
)
def test_a_wrong_line_of_a_form_is_named(tmp_path, line, instead, place, expected):
    path = put(tmp_path, FULL)
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.write_text(text.replace(line, instead, 1), encoding="utf-8")
    found = problems_of(path)
    assert any(where == place and expected in told for where, _, told in found), found


def test_the_line_of_a_slip_in_a_form_is_told(tmp_path):
    path = put(tmp_path, FULL)
    text = path.read_text(encoding="utf-8").replace('"minutes"', '"minutes')
    number = 1 + text[: text.index('"minutes')].count("\n")
    path.write_text(text, encoding="utf-8")
    ((_, _, told),) = problems_of(path)
    assert f"line {number}" in told


def test_a_form_must_be_utf_8_and_may_begin_with_a_mark(tmp_path):
    path = put(tmp_path, replace(FULL, assessor_role="chargé"))
    text = path.read_text(encoding="utf-8")
    path.write_text("\ufeff" + text.replace("\n", "\r\n"), encoding="utf-8")
    assert files.read_file(path, "surrey").assessor_role == "chargé"
    path.write_bytes(text.encode("latin-1"))
    assert problems_of(path) == [("", None, "save the file as UTF-8")]


def test_a_score_above_the_source_needs_a_reason(tmp_path):
    above = replace(RISK, risk_id="CLGR6", likelihood=5, impact=5)
    expected = "say why the score (25) is above the source's (20)"
    path = put(tmp_path, replace(FULL, risks=(above,)))
    assert problems_of(path) == [("key risks.CLGR6.why_above", None, expected)]
    path = put(tmp_path, replace(FULL, risks=(replace(above, why_above="a team resigned"),)))
    assert files.read_file(path, "surrey").risks[0].score == 25


@pytest.mark.parametrize("name", ["2026-5-1.toml", "2026-02-30.toml", "2026-05-01.xlsm", "a.csv"])
def test_a_file_is_named_by_its_day(tmp_path, name):
    path = tmp_path / name
    path.write_text("")
    ((place, _, expected),) = problems_of(path)
    assert place == ""
    assert expected.startswith(("expected a file named by its day", "there is no such day"))


def test_two_files_of_one_day_are_refused(data):
    folder = data / "assessments" / "surrey"
    folder.mkdir()
    put(folder, FULL, "xlsx")
    put(folder, FULL, "toml")
    with pytest.raises(AssessmentError, match="one assessment a day"):
        files.assessments("surrey")


# Workbooks from outside


def with_part(tmp_path, name, content=b"x"):
    """Return a workbook with a further part."""
    path = put(tmp_path, FULL, "xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("xl/vbaProject.bin", b"x", "holds macros"),
        ("xl/externalLinks/externalLink1.xml", b"<a/>", "holds links to other workbooks"),
        ("xl/embeddings/oleObject1.bin", b"x", "holds embedded files"),
        ("xl/activeX/activeX1.xml", b"<a/>", "holds ActiveX"),
        ("xl/connections.xml", b"<a/>", "holds data connections"),
        ("xl/worksheets/macro1.xml", b"<a/>", None),
        ("xl/macrosheets/sheet1.xml", b"<a/>", "holds sheets of Excel 4 macros"),
        ("xl/big.xml", b" " * 21_000_000, "unpacks to more than 20,000,000 bytes"),
        ("xl/new.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares entities"),
        ("xl/new.xml", "<!DOCTYPE a []><a/>".encode("utf-16"), "declares entities"),
    ],
)
def test_a_workbook_that_holds_more_than_cells_is_not_opened(tmp_path, name, content, expected):
    path = with_part(tmp_path, name, content)
    if expected is None:  # a part that nothing leads to is nothing
        assert files.read_file(path, "surrey") == FULL
        return
    ((place, _, told),) = problems_of(path)
    assert place == ""
    assert expected in told


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("application/vnd.ms-office.vbaProject", "holds macros"),
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "holds macros"),
        ("application/vnd.ms-excel.macrosheet+xml", "holds sheets of Excel 4 macros"),
        ("application/vnd.ms-excel.intlmacrosheet+xml", "holds sheets of Excel 4 macros"),
    ],
)
def test_a_part_is_what_its_type_says_whatever_its_name(tmp_path, said, expected):
    path = put(tmp_path, FULL, "xlsx")
    override = f'<Override PartName="/xl/harmless.bin" ContentType="{said}"/></Types>'
    rewritten(path, "[Content_Types].xml", lambda t: t.replace(b"</Types>", override.encode()))
    assert expected in problems_of(path)[0][2]


def test_a_link_to_another_workbook_is_found_by_what_leads_to_it(tmp_path):
    path = put(tmp_path, FULL, "xlsx")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"
    link = f'<Relationship Id="rId99" Type="{kind}" Target="other/x.xml"/></Relationships>'
    rewritten(
        path,
        "xl/_rels/workbook.xml.rels",
        lambda text: text.replace(b"</Relationships>", link.encode()),
    )
    assert "holds links to other workbooks" in problems_of(path)[0][2]


@pytest.mark.parametrize("text", ["\u200b", "\u00ad\ufeff \u2060", "\u3164", "\u2800\u2800"])
def test_characters_that_nobody_sees_are_no_evidence(tmp_path, text):
    found = problems_of(book_of(tmp_path, Risks_I2=text))
    told = {(place, expected) for place, _, expected in found}
    assert ("sheet Risks, cell I2", "needed where a risk is scored") in told


def test_an_assessment_of_a_far_day_is_refused(tmp_path):
    path = put(tmp_path, FULL, on="2999-01-01")
    ((_, _, expected),) = problems_of(path)
    assert expected == "is dated more than a year ahead: correct the year"


@pytest.mark.parametrize(
    ("name", "hint"), [("Worcestershire", "perhaps 'worcestershire'"), ("zzz", "the area_id")]
)
def test_a_folder_that_belongs_to_no_area_is_told_before_a_build(data, command, name, hint):
    (data / "assessments" / name).mkdir()
    (data / "assessments" / "~$notes.xlsx").write_bytes(b"")
    (found,) = files.strays()
    assert found.file == f"assessments/{name}"
    assert found.expected.endswith(hint)
    code, _, err = command("assessments")
    assert code == 2
    assert "belongs to no area" in err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is not an Excel workbook"),
        (b"likelihood,impact", "is not an Excel workbook"),
        (b"PK\x03\x04 torn", "is not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "has a password, or is of the old .xls format"),
        (b"x" * 2_000_001, "larger than 2,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_workbook_is_told_so(tmp_path, content, expected):
    path = tmp_path / "2026-05-01.xlsx"
    path.write_bytes(content)
    assert expected in problems_of(path)[0][2]


def test_another_zip_file_is_no_workbook(tmp_path):
    path = tmp_path / "2026-05-01.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("readme.txt", "a document")
    assert "is not an Excel workbook" in problems_of(path)[0][2]


def rewritten(path, name, change):
    """Write a workbook anew with one part changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {part: packed.read(part) for part in packed.namelist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, content in parts.items():
            packed.writestr(part, content)


def test_a_workbook_whose_parts_are_broken_is_told_to_be_saved_again(tmp_path):
    path = put(tmp_path, FULL, "xlsx")
    rewritten(path, "xl/worksheets/sheet3.xml", lambda _: b"<torn")
    assert "cannot be read as a workbook" in problems_of(path)[0][2]


def test_the_size_that_a_workbook_claims_costs_nothing(tmp_path):
    path = put(tmp_path, FULL, "xlsx")
    merged = b'<mergeCells count="1"><mergeCell ref="A20:XFD1048576"/></mergeCells>'
    for mark in (b"</sheetData>",):
        rewritten(
            path,
            "xl/worksheets/sheet3.xml",
            lambda part, mark=mark: part.replace(mark, mark + merged, 1).replace(
                b'<dimension ref="A1:M15"', b'<dimension ref="A1:XFD1048576"', 1
            ),
        )
    assert files.read_file(path, "surrey") == FULL


def test_a_missing_sheet_and_a_missing_row_are_named(tmp_path):
    path = put(tmp_path, FULL, "xlsx")
    book = openpyxl.load_workbook(path)
    book.remove(book["Lessons"])
    book["Maturity"].delete_rows(3)
    book.save(path)
    assert problems_of(path) == [
        ("sheet Maturity", "M2", "its row is missing"),
        ("sheet Lessons", None, "the sheet is missing: restore it"),
    ]


# Nothing in a cell runs


@pytest.mark.parametrize("text", EVIL)
def test_a_text_stays_a_text_in_the_workbook(tmp_path, text):
    path = put(tmp_path, replace(FULL, risks=(replace(RISK, evidence=text),)), "xlsx")
    with zipfile.ZipFile(path) as packed:
        for part in packed.namelist():
            content = packed.read(part)
            assert b"<f>" not in content
            assert b"<script" not in content
    cell = openpyxl.load_workbook(path)["Risks"]["I2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.number_format == "@"
    assert files.read_file(path, "surrey").risks[0].evidence == plain(text)


@pytest.mark.parametrize("text", EVIL)
def test_a_text_stays_a_text_in_csv_and_on_a_page(text):
    one = replace(FULL, assessor_role=text, risks=(replace(RISK, evidence=text),))
    found = list(csv.reader(io.StringIO(files.to_csv([one]))))
    told = [row[5] for row in found if row[4] in ("assessor_role", "evidence")]
    assert len(told) == 2
    assert not any(cell.lstrip().startswith(tuple("=+-@＝")) for row in found for cell in row)
    assert {cell.removeprefix("'") for cell in told} == {text}
    shown = Table(
        tables.checklist([replace(one, lessons=(Lesson("A1", "done", text),))]), "Lessons"
    )
    page = BeautifulSoup(shown._repr_html_(), "html.parser")
    assert page.find("script") is None
    assert text in [cell.get_text() for cell in page.find_all("td")]


@given(st.text(max_size=20))
def test_no_control_character_is_ever_taken(text):
    try:
        found = plain(text)
    except ValueError as error:
        assert "control characters" in str(error)
        return
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in found)
    assert plain(found) == found


# Files: written once, kept by day


@pytest.mark.parametrize("form", ["xlsx", "text"])
def test_a_template_is_written_once_and_never_over_anything(data, form):
    path = files.create("surrey", DAY, form)
    assert path.parent == data / "assessments" / "surrey"
    before = path.read_bytes()
    for again in ("xlsx", "text"):
        with pytest.raises(AssessmentError, match="exists and is not written over"):
            files.create("surrey", DAY, again)
    assert path.read_bytes() == before
    assert files.assessments("surrey") == ()
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_dangling_link_is_not_written_through(data, tmp_path):
    folder = data / "assessments" / "surrey"
    folder.mkdir()
    (folder / f"{DAY}.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")
    with pytest.raises(AssessmentError, match="exists and is not written over"):
        files.create("surrey", DAY)
    assert not (tmp_path / "elsewhere.xlsx").exists()


def test_a_file_in_the_place_of_the_folder_is_told(data):
    (data / "assessments" / "norfolk").write_text("x", encoding="utf-8")
    with pytest.raises(AssessmentError, match="a file is in the way"):
        files.create("norfolk", DAY)


@pytest.mark.parametrize("place", [700, 2000, 4000])
def test_a_damaged_workbook_is_told_with_its_name(data, place):
    path = files.create("surrey", DAY)
    content = bytearray(path.read_bytes())
    content[place : place + 40] = bytes(40)
    path.write_bytes(content)
    with pytest.raises(AssessmentError, match=path.name):
        files.assessments("surrey")


def test_a_number_too_long_to_show_is_told_by_its_key(data):
    path = files.create("surrey", DAY, "text")
    text = path.read_text(encoding="utf-8")
    assert "# likelihood = " in text or "likelihood" in text
    path.write_text(f"[risks.CLGR1]\nlikelihood = 0x{'F' * 5000}\n", encoding="utf-8")
    with pytest.raises(AssessmentError, match=r"risks\.CLGR1\.likelihood"):
        files.assessments("surrey")


def test_a_key_cannot_write_to_the_terminal(data):
    path = files.create("surrey", DAY, "text")
    path.write_text('["\\u001b[2J\\nok"]\na = 1\n', encoding="utf-8")
    with pytest.raises(AssessmentError) as caught:
        files.assessments("surrey")
    assert "\x1b" not in str(caught.value) and "\\u001b" in str(caught.value)


def test_nothing_is_written_outside_the_data_folder(data, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (data / "assessments" / "surrey").symlink_to(elsewhere)
    with pytest.raises(AssessmentError, match="leads out of the data folder"):
        files.create("surrey", DAY)
    assert list(elsewhere.iterdir()) == []
    for area_id in ("../../etc", "exampleshire", ""):
        with pytest.raises(areas.UnknownAreaError):
            files.create(area_id, DAY)


def test_a_new_template_may_carry_what_was_last_recorded(data):
    folder = data / "assessments" / "surrey"
    folder.mkdir()
    put(folder, FULL)
    later = date(2026, 9, 1)
    path = files.create("surrey", later, carry=True)
    text = "say in what role it was assessed"
    assert text in [p.expected for p in files.problems()]
    book = openpyxl.load_workbook(path)
    book["About"]["B3"].value = "programme director"
    book.save(path)
    found = files.assessments("surrey")
    assert found == (FULL, replace(FULL, assessed_on=later))


def test_what_a_later_assessment_leaves_empty_keeps_its_last_record():
    second = replace(RISK, risk_id="CLGR2")
    later = replace(RISK, assessed_on=date(2026, 9, 1), likelihood=1)
    dated = [replace(FULL, risks=(RISK, second)), replace(FULL, risks=(later,))]
    assert current(dated, "risks") == {"CLGR1": later, "CLGR2": second}
    assert current([], "lessons") == {}


# The commands


def test_the_command_writes_a_template_and_says_where(command, data):
    code, said, _ = command("assess", "surrey", "--date", "2026-05-01")
    assert code == 0
    assert said.strip() == str(data / "assessments" / "surrey" / "2026-05-01.xlsx")
    code, said, wrong = command("assess", "surrey", "--date", "2026-05-01", "--format", "text")
    assert (code, said) == (2, "")
    assert "surrey/2026-05-01.xlsx: exists and is not written over" in wrong
    assert command("assess", "surrey", "--date", "May")[0] == 2
    assert command("assess", "atlantis")[0] == 2
    assert command("assess", "surrey", "--format", "docx")[0] == 2


def test_the_command_lists_and_checks_assessments(command, data):
    code, said, _ = command("assessments")
    assert (code, said) == (
        0,
        "no assessment is recorded: `lgr-report assess AREA` writes a template\n",
    )
    folder = data / "assessments" / "surrey"
    folder.mkdir()
    path = put(folder, replace(FULL, publish=True))
    code, said, _ = command("assessments", "surrey")
    assert code == 0
    told = ["0", "areas", "0", "lessons", "published"]
    assert said.split() == ["surrey", "2026-05-01", "1", "risks", *told]
    code, said, _ = command("assessments", "--csv")
    assert next(csv.DictReader(io.StringIO(said)))["value"] == "programme director"
    path.write_text(path.read_text(encoding="utf-8").replace("likelihood = 4", "likelihood = 9"))
    code, said, wrong = command("assessments")
    assert (code, said) == (2, "")
    assert "surrey/2026-05-01.toml, key risks.CLGR1.likelihood: found '9': expected 1," in wrong


# The worked example


def test_the_example_is_no_area_and_says_so_in_every_value():
    assert residual.EXAMPLE not in AREA_IDS
    named = " ".join(row["council_name"] for row in rows("councils")).casefold()
    assert residual.EXAMPLE not in named
    folder = ROOT / "examples" / residual.EXAMPLE
    dated = files.read_folder(folder, residual.EXAMPLE)
    assert len(dated) == 2
    for path in folder.iterdir():
        assert path.read_text(encoding="utf-8").startswith("# EXAMPLE: Exampleshire does not exist")
    for one in dated:
        assert "invented" in one.assessor_role
        assert not one.publish
        for record in (*one.risks, *one.maturity, *one.lessons):
            assert record.evidence is None or record.evidence.startswith("Invented: ")


def test_the_example_is_never_set_beside_real_areas():
    with pytest.raises(ValueError, match="not set beside real areas"):
        beside.all_areas([residual.example()], 10)
    assert all(not residual.view(area).example for area in AREA_IDS[:3])
