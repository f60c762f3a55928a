"""The contract of what officers fill in: kept as data, the same for both forms, and told once."""

import json
from dataclasses import fields
from datetime import date
from typing import get_type_hints

import frictionless
import openpyxl
import pytest
from plain import DATA

from lgr_report.assess import files, form, workbook
from lgr_report.assess.fields import sections
from lgr_report.assess.records import RECORDS, Assessment, AssessmentError, Lesson, Maturity, Risk
from lgr_report.sources import contract, tables

DAY = date(2026, 5, 1)
RISK = Risk("CLGR1", DAY, 4, 5, evidence="minutes", strength="medium")
FULL = Assessment(
    "surrey",
    DAY,
    "programme director",
    False,
    (RISK,),
    (Maturity("M1", DAY, 2),),
    (Lesson("A1", "done"),),
)
SCHEMA = json.loads((DATA / "assessments" / "schema.json").read_text(encoding="utf-8"))
SECTIONS = {section["name"]: section for section in SCHEMA["resources"]}
KEYED = [name for name in SECTIONS if name != "about"]
TYPES = {"string": str, "integer": int, "date": date}


def problems_of(path):
    """Return what is wrong with a file: place, value, expected."""
    with pytest.raises(AssessmentError) as error:
        files.read_file(path, "surrey")
    return [(p.place, p.value, p.expected) for p in error.value.problems]


@pytest.fixture
def book(tmp_path):
    """Return a workbook that is valid, and a function that saves it and says what is wrong."""
    path = tmp_path / f"{DAY}.xlsx"
    path.write_bytes(workbook.render(FULL))
    opened = openpyxl.load_workbook(path)

    def wrong():
        opened.save(path)
        return problems_of(path)

    return opened, wrong


def problems_of_form(tmp_path, *changes):
    """Return what is wrong with a valid form once parts of its text are replaced."""
    text = form.render(FULL)
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path = tmp_path / f"{DAY}.toml"
    path.write_text(text, encoding="utf-8")
    return problems_of(path)


# The contract as data


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_a_frictionless_schema_with_headings_and_guidance(name):
    schema = frictionless.Schema.from_descriptor(SECTIONS[name]["schema"])
    assert schema.field_names
    for field in schema.fields:
        assert field.title.strip()
        assert field.description.strip()
        assert field.type in TYPES
    titles = [field.title for field in schema.fields]
    assert len(set(titles)) == len(titles)


def test_the_contract_is_no_table_of_the_data_package():
    assert frictionless.Package.from_descriptor(SCHEMA).resource_names == list(SECTIONS)
    assert all(section["data"] == [] for section in SECTIONS.values())
    assert "schema.json" not in (DATA / "datapackage.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", KEYED)
def test_a_record_has_the_fields_of_its_section_and_their_types(name):
    hints = get_type_hints(RECORDS[name])
    asked = {field["name"]: TYPES[field["type"]] for field in SECTIONS[name]["schema"]["fields"]}
    assert asked.keys() == {field.name for field in fields(RECORDS[name])} == hints.keys()
    assert next(iter(hints)) == next(iter(asked)) == SECTIONS[name]["schema"]["primaryKey"][0]
    for field, kind in asked.items():
        assert hints[field] in (kind, kind | None)


def test_an_assessment_has_the_fields_of_about():
    asked = [field["name"] for field in SECTIONS["about"]["schema"]["fields"]]
    assert [field.name for field in fields(Assessment)][: len(asked)] == asked


@pytest.mark.parametrize("name", KEYED)
def test_the_keys_of_a_section_are_those_of_the_table_that_it_refers_to(name):
    (reference,) = SECTIONS[name]["schema"]["foreignKeys"]
    table = tables.read(reference["reference"]["resource"])
    assert list(sections()[name].texts) == table[reference["fields"][0]].tolist()


@pytest.mark.parametrize("name", KEYED)
def test_an_empty_row_breaks_no_rule(name):
    section = sections()[name]
    line = [next(iter(section.texts)), *([None] * len(section.fields))]
    columns = [field.name for field in section.columns]
    schema = frictionless.Schema.from_descriptor(section.schema)
    resource = frictionless.Resource(data=[columns, line], schema=schema)
    assert section.rules
    assert contract.breaches(resource, section.rules) == []


def test_a_change_of_the_contract_reaches_template_and_validation(data):
    path = data / "assessments" / "schema.json"
    before = files.create("surrey", DAY, "text")
    text = before.read_text(encoding="utf-8").replace('treatment = ""', 'treatment = "share"', 1)
    text = text.replace('assessor_role = ""', 'assessor_role = "director"')
    before.write_text(text, encoding="utf-8")
    expected = "expected treat, tolerate, transfer or terminate"
    assert problems_of(before) == [("key risks.CLGR1.treatment", "share", expected)]
    contract_text = path.read_text(encoding="utf-8")
    path.write_text(contract_text.replace('"terminate"]', '"terminate", "share"]'), "utf-8")
    assert files.read_file(before, "surrey").risks[0].treatment == "share"
    opened = openpyxl.load_workbook(files.create("surrey", date(2026, 6, 1)))
    lists = [rule.formula1 for rule in opened["Risks"].data_validations.dataValidation]
    assert '"treat,tolerate,transfer,terminate,share"' in lists


def test_a_broken_or_missing_contract_is_told(data):
    path = data / "assessments" / "schema.json"
    path.write_text('{"resources": [', encoding="utf-8")
    with pytest.raises(tables.TableError, match=r"^schema\.json, row 1: is no data package"):
        files.create("surrey", DAY)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"schema\.json is missing: run from a full clone"):
        files.create("surrey", DAY)
    assert not (data / "assessments" / "surrey").exists()
    assert files.problems() == []


# A sheet is a table


def test_a_wrong_heading_is_told_alone_and_each_one(book):
    opened, wrong = book
    opened["Risks"]["C1"].value, opened["Risks"]["E1"].value = "Odds", None
    opened["Risks"]["J2"].value = "sure"
    opened["Lessons"]["C2"].value = "perhaps"
    assert wrong() == [
        ("sheet Risks, cell C1", "Odds", "expected the heading Likelihood now"),
        ("sheet Risks, cell E1", None, "expected the heading Controls in place"),
        ("sheet Lessons, cell C2", "perhaps", "expected done, partly, not or unknown"),
    ]


def test_columns_in_another_order_are_told(book):
    opened, wrong = book
    sheet = opened["Maturity"]
    sheet["C1"].value, sheet["D1"].value = "Evidence", "Level"
    assert [place for place, _, _ in wrong()] == [
        "sheet Maturity, cell C1",
        "sheet Maturity, cell D1",
    ]


def test_an_empty_sheet_lacks_its_headings(book):
    opened, wrong = book
    opened["Lessons"].delete_rows(1, 99)
    assert [place for place, _, _ in wrong()] == [f"sheet Lessons, cell {c}1" for c in "ABCDE"[:4]]


def test_every_cell_of_a_column_that_nobody_asked_for_is_told(book):
    opened, wrong = book
    opened["Lessons"]["E1"].value = "Our view"
    opened["Lessons"]["E2"].value, opened["Lessons"]["E5"].value = "fine", 3
    assert wrong() == [
        ("sheet Lessons, cell E2", "fine", "nothing is read here"),
        ("sheet Lessons, cell E5", "3", "nothing is read here"),
    ]


def test_a_row_that_stands_twice_is_told_once_whatever_it_holds(book):
    opened, wrong = book
    opened["Risks"].append(["CLGR1", "again", "nine", 9, "=1"])
    assert wrong() == [
        ("sheet Risks, cell A16", "CLGR1", "expected in column A CLGR1 to CLGR14, each once")
    ]


@pytest.mark.parametrize("key", [None, "CLGR99", " CLGR1", "clgr1", 1, True, "=A1"])
def test_a_row_whose_key_nobody_knows_is_told_once(book, key):
    opened, wrong = book
    opened["Risks"].append([key, None, "nine", 9, "x", None, None, None, None, None, None, None])
    ((place, _, expected),) = wrong()
    assert place == f"sheet Risks, cell {'C16' if key is None else 'A16'}"
    formula = "a formula: type what it should say"
    assert expected in ("expected in column A CLGR1 to CLGR14, each once", formula)
    assert (expected == formula) == (key == "=A1")


@pytest.mark.parametrize("most", [contract.MOST, 30])
def test_the_header_is_the_first_row_however_much_stands_beside_it(book, monkeypatch, most):
    """Frictionless would guess it by the length of rows; and it stops after so many breaches."""
    monkeypatch.setattr(contract, "MOST", most)
    opened, wrong = book
    for number in range(20):
        opened["Risks"].append([f"J{number}", None, 5, 5, *(["x"] * 30)])
    problems = wrong()
    expected = "expected in column A CLGR1 to CLGR14, each once"
    assert problems[0] == ("sheet Risks, cell A16", "J0", expected)
    assert {told for _, _, told in problems} == {expected}
    assert len(problems) == 20 or most == 30


def test_a_formula_where_something_is_needed_is_told_once(book):
    opened, wrong = book
    opened["Risks"]["I2"].value = '="minutes"'
    assert wrong() == [("sheet Risks, cell I2", None, "a formula: type what it should say")]


def test_a_sheet_without_its_heading_in_about_says_what_it_lacks(book):
    opened, wrong = book
    opened["About"].delete_rows(1)
    assert wrong() == [("sheet About, Area", None, "expected surrey, the name of its folder")]


@pytest.mark.parametrize(
    ("cell", "line", "value", "expected"),
    [
        ("C2", "likelihood = 4", "04", "expected 1, 2, 3, 4 or 5"),
        ("C2", "likelihood = 4", "+4", "expected 1, 2, 3, 4 or 5"),
        ("C2", "likelihood = 4", "４", "expected 1, 2, 3, 4 or 5"),
        ("F2", 'target = ""', "1_0", "expected 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20 or 25"),
        ("H2", "assessed_on = 2026-05-01\nevidence", "2026-5-1", "expected a day, as 2027-04-01"),
    ],
)
def test_nothing_is_guessed_in_either_form(book, tmp_path, cell, line, value, expected):
    opened, wrong = book
    opened["Risks"][cell].value = value
    opened["Risks"][cell].data_type = "s"
    assert wrong() == [(f"sheet Risks, cell {cell}", value, expected)]
    name = line.split(" = ")[0]
    after = f'{name} = "{value}"' + ("\nevidence" if "evidence" in line else "")
    ((place, found, told),) = problems_of_form(tmp_path, (line, after))
    assert (place, found, told) == (f"key risks.CLGR1.{name}", value, expected)


def test_every_key_of_a_form_that_nobody_asked_for_is_told(tmp_path):
    changes = [
        ("[risks.CLGR1]", '[risks.CLGR1]\nrisk_id = "CLGR2"\nodds = [4]'),
        ("[lessons.A1]", "[lessons.A1]\nodds = true"),
    ]
    assert problems_of_form(tmp_path, *changes) == [
        ("key risks.CLGR1.risk_id", "CLGR2", "not asked here"),
        ("key risks.CLGR1.odds", "[4]", "not asked here"),
        ("key lessons.A1.odds", "True", "not asked here"),
    ]


def test_an_empty_form_says_what_about_lacks(tmp_path):
    path = tmp_path / f"{DAY}.toml"
    path.write_text("", encoding="utf-8")
    assert problems_of(path) == [
        ("key about.area_id", None, "expected surrey, the name of its folder"),
        ("key about.assessed_on", None, f"expected {DAY}, as in the name of the file"),
    ]


def test_both_forms_are_found_wrong_alike(book, tmp_path):
    opened, wrong = book
    sheet = opened["Risks"]
    sheet["C2"].value, sheet["J2"].value, sheet["I2"].value = 9, "sure", None
    changes = [
        ("likelihood = 4", "likelihood = 9"),
        ('strength = "medium"', 'strength = "sure"'),
        ('evidence = "minutes"', 'evidence = ""'),
    ]
    told = [(value, expected) for _, value, expected in wrong()]
    assert told == [
        (value, expected) for _, value, expected in problems_of_form(tmp_path, *changes)
    ]
    assert (None, "needed where a risk is scored") in told


# One problem for tables and for what officers fill in


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (
            contract.Problem("risks.csv", 3, "impact", "9", "too high"),
            "risks.csv, row 3, column impact: found '9': too high",
        ),
        (
            contract.Problem("surrey/2026-05-01.xlsx", place="sheet Risks, cell C2", expected="no"),
            "surrey/2026-05-01.xlsx, sheet Risks, cell C2: no",
        ),
        (contract.Problem("notes", expected="belongs to no area"), "notes: belongs to no area"),
    ],
)
def test_a_problem_says_where_and_what_is_expected(problem, told):
    assert str(problem) == told
    assert told.startswith(problem.where)


def test_a_rule_is_held_back_only_where_a_cell_that_it_names_is_wrong():
    schema = {"fields": [{"name": name, "type": "integer"} for name in ("low", "high", "other")]}
    rules = [{"column": "high", "formula": "low < high", "says": "high lies above low"}]
    lines = [["low", "high", "other"], [2, 1, 0], [2, 1, "x"], ["x", 1, 0]]
    resource = frictionless.Resource(data=lines, schema=frictionless.Schema.from_descriptor(schema))
    found = [
        (error["rowNumber"], error["fieldNumber"], error["cell"])
        for error in contract.breaches(resource, rules)
    ]
    assert sorted(found) == [(2, 2, "1"), (3, 2, "1"), (3, 3, "x"), (4, 1, "x")]
