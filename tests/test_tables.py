"""Tables: valid as shipped, documented to the last field, and plain about what is wrong."""

import csv
import json
import os

import pandas as pd
import pytest
from plain import DATA, edit, rows, write

from lgr_report.sources import checks, kept, tables

PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}
TABLES = [name for name, resource in RESOURCES.items() if resource["type"] == "table"]
FIELDS = [(name, field) for name in TABLES for field in RESOURCES[name]["schema"]["fields"]]


@pytest.mark.parametrize("name", TABLES)
def test_the_shipped_table_is_as_the_package_describes_it(name):
    assert tables.problems(name) == []


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_whole_with_typed_columns(name):
    frame, plain = tables.read(name), rows(name)
    assert len(frame) == len(plain)
    assert list(frame.columns) == list(plain[0])
    for field in RESOURCES[name]["schema"]["fields"]:
        column = frame[field["name"]]
        missing = [row[field["name"]] == "" for row in plain]
        assert column.isna().tolist() == missing, f"missing cells of {field['name']}"
        known = [row[field["name"]] for row in plain if row[field["name"]] != ""]
        if field["type"] in ("integer", "number"):
            assert column.dropna().tolist() == [float(value) for value in known]
        elif field["type"] == "boolean":
            assert column.dropna().tolist() == [value == "true" for value in known]
        elif field["type"] == "date":
            assert column.dropna().dt.strftime("%Y-%m-%d").tolist() == known
        else:
            assert column.dropna().tolist() == known


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_says_where_it_comes_from_and_how_far_to_trust_it(name):
    about = RESOURCES[name]
    assert about["title"].strip()
    assert all(source["title"].strip() for source in about["sources"])
    assert about["sources"]
    assert about["vintage"].strip()
    assert about["licenses"]
    assert all(licence["name"].strip() for licence in about["licenses"])
    assert about["caveats"]
    assert all(caveat.strip() for caveat in about["caveats"])
    assert (DATA / about["path"]).is_file()


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{n}.{f['name']}" for n, f in FIELDS])
def test_every_field_is_documented(name, field):
    assert field["type"] in ("string", "integer", "number", "boolean", "date")
    assert field["description"].strip()


def test_every_csv_in_data_is_described_and_no_other():
    described = {resource["path"] for resource in RESOURCES.values()}
    assert {path.name for path in DATA.glob("*.csv")} == {p for p in described if p[-4:] == ".csv"}


def test_the_sources_of_a_page_are_those_of_the_package():
    found = tables.sources(["councils", "risks"]).set_index("table")
    assert found.loc["councils", "title"] == RESOURCES["councils"]["title"]
    assert found.loc["risks", "vintage"] == RESOURCES["risks"]["vintage"]
    for name in ("councils", "risks"):
        assert all(
            source["title"] in found.loc[name, "source"] for source in RESOURCES[name]["sources"]
        )
        assert all(caveat in found.loc[name, "caveats"] for caveat in RESOURCES[name]["caveats"])


# What a user sees when a table is wrong: table, row, column, value, what was expected.


def said(name: str) -> str:
    """Return the message of the error that reading a table ends in."""
    with pytest.raises(tables.TableError) as error:
        tables.read(name)
    assert str(error.value) == "\n".join(map(str, error.value.problems))
    return str(error.value)


def test_a_missing_column_is_named_with_what_to_do(data):
    records = rows("councils", data)
    write("councils", data, [{k: v for k, v in r.items() if k != "council_type"} for r in records])
    assert said("councils") == (
        "councils.csv, row 1, column council_type: missing column: put the column back, or "
        "correct its name in the header"
    )


def test_a_surplus_column_is_named_with_what_to_do(data):
    write("risks", data, [row | {"mood": "grim"} for row in rows("risks", data)])
    assert said("risks") == (
        "risks.csv, row 1: found 'mood': unknown column: take the column out, or describe it in "
        "datapackage.json"
    )


def test_a_misspelt_column_is_named(data):
    records = rows("risks", data)
    write(
        "risks", data, [{k.replace("impact", "impakt"): v for k, v in r.items()} for r in records]
    )
    assert [(p.row, p.column, p.value) for p in tables.problems("risks")] == [
        (1, "impact", None),
        (1, None, "impakt"),
    ]


def test_columns_in_another_order_are_told_once_with_the_right_order(data):
    records = rows("lessons", data)
    write("lessons", data, [{k: r[k] for k in ("kind", "lesson_id", "lesson")} for r in records])
    assert said("lessons") == (
        "lessons.csv, row 1: found 'kind, lesson_id, lesson': order of the columns: expected "
        "lesson_id, kind, lesson"
    )


def test_a_table_with_semicolons_between_its_columns_is_refused(data):
    path = data / "lessons.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    assert "lessons.csv, row 1, column lesson: missing column" in said("lessons")


def test_a_duplicated_code_is_named_with_its_row(data):
    records = rows("councils", data)
    write("councils", data, [*records, records[0] | {"council_name": "Twin"}])
    message = said("councils")
    assert message.startswith(f"councils.csv, row {len(records) + 2}, column gss_code")
    assert f"found '{records[0]['gss_code']}'" in message
    assert "keep one row for each key" in message


def test_a_negative_population_is_named_with_its_row_and_value(data):
    line = edit("councils", data, lambda r: r["gss_code"] == "E07000207", population="-5")
    problem = tables.problems("councils")
    assert [(p.file, p.row, p.column, p.value) for p in problem] == [
        ("councils.csv", line, "population", "-5")
    ]
    message = said("councils")
    assert message.startswith(f"councils.csv, row {line}, column population: found '-5'")
    assert '"minimum" is "0"' in message


def test_a_likelihood_of_six_is_refused(data):
    line = edit("risks", data, lambda r: r["risk_id"] == "CLGR7", likelihood="6")
    message = said("risks")
    assert message.startswith(f"risks.csv, row {line}, column likelihood: found '6'")
    assert '"maximum" is "5"' in message


@pytest.mark.parametrize(
    ("assumption", "value", "told"),
    [
        ("interval_level", "95", "a share lies between 0 and 1 (0.95 for 95 %)"),
        ("interval_level", "1", "a level lies between 0 and 1, and is neither"),
        ("interval_level", "NaN", "write a number"),
        ("interval_level", "INF", "write a number"),
        ("demand_draws", "-5", "no number of this kind is below zero"),
        ("demand_draws", "0.5", "write a whole number"),
        ("demand_draws", "1", "it takes at least two draws to give an interval"),
        ("maturity_cut_1", "100", "a percentile lies between 0 and 100"),
        ("stay_65_plus", "-1", "no number of this kind is below zero"),
        ("stay_65_plus", "0", "write a number above zero"),
        (
            "stay_65_plus",
            "5",
            "the value lies outside its own range: put it between low and high, or widen them",
        ),
    ],
)
def test_an_assumption_that_cannot_be_is_refused(data, assumption, value, told):
    row = edit("assumptions", data, lambda r: r["assumption_id"] == assumption, value=value)
    found = tables.problems("assumptions", data)
    assert all((p.file, p.row, p.column) == ("assumptions.csv", row, "value") for p in found)
    assert (value, told) in [(p.value, p.expected) for p in found]


def test_an_assumption_at_the_ends_of_its_range_is_taken(data):
    for end in ("low", "high"):
        records = [row | {"value": row[end] or row["value"]} for row in rows("assumptions")]
        write("assumptions", data, records)
        assert tables.problems("assumptions", data) == []


def test_the_ends_between_which_draws_are_taken_differ(data):
    where = lambda row: row["assumption_id"] == "stay_65_plus"  # noqa: E731
    row = edit("assumptions", data, where, low="2", high="2")
    (problem,) = tables.problems("assumptions", data)
    assert (problem.row, problem.column, problem.value) == (row, "high", "2")


def test_a_word_in_place_of_an_assumption_is_told_once(data):
    row = edit("assumptions", data, lambda r: r["assumption_id"] == "test_power", value="much")
    (problem,) = tables.problems("assumptions", data)
    assert (problem.row, problem.column, problem.value) == (row, "value", "much")


def test_a_word_where_a_number_belongs_is_refused(data):
    line = edit("risks", data, lambda r: r["risk_id"] == "CLGR7", likelihood="often")
    message = said("risks")
    assert message == (
        f"risks.csv, row {line}, column likelihood: found 'often': type is \"integer\"; "
        "write a whole number, without commas"
    )


def test_a_date_in_the_british_order_is_told_how_to_be_written(data):
    edit("areas", data, lambda r: r["area_id"] == "surrey", vesting_day="01/04/2027")
    message = said("areas")
    assert "column vesting_day: found '01/04/2027'" in message
    assert "write the day as 2027-04-01" in message


def test_a_table_in_latin_1_is_told_to_become_utf_8(data):
    path = data / "councils.csv"
    text = path.read_text(encoding="utf-8").replace("Elmbridge", "Élmbridge")
    path.write_bytes(text.encode("latin-1"))
    message = said("councils")
    assert message.startswith("councils.csv")
    assert "save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')" in message


def test_a_table_as_a_spreadsheet_saves_utf_8_reads_the_same(data):
    before = tables.read("councils")
    path = data / "councils.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode("utf-8"))
    pd.testing.assert_frame_equal(tables.read("councils"), before)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=HYPERLINK(1)", "Ash & <b>Elm</b>"])
def test_a_council_name_that_is_code_is_refused(data, name):
    line = edit("councils", data, lambda r: r["gss_code"] == "E07000207", council_name=name)
    message = said("councils")
    assert message.startswith(f"councils.csv, row {line}, column council_name: found '{name}'")
    assert "pattern" in message


def test_a_key_to_an_unknown_code_is_named_with_what_to_do(data):
    line = edit("centres", data, lambda r: r["gss_code"] == "E07000207", gss_code="E07999999")
    message = said("centres")
    assert message.startswith(f"centres.csv, row {line}, column gss_code: found 'E07999999'")
    assert "councils" in message
    assert "correct the code, or add it to the table that it refers to" in message


def test_an_indicator_that_the_book_does_not_hold_is_refused(data):
    edit("risk_indicators", data, lambda r: r["risk_id"] == "CLGR13", indicator="moon_phase")
    assert "moon_phase" in said("risk_indicators")


def test_a_missing_required_value_is_named(data):
    line = edit("councils", data, lambda r: r["gss_code"] == "E07000207", population="")
    message = said("councils")
    assert f"councils.csv, row {line}, column population" in message
    assert "required" in message


def test_a_row_that_is_cut_short_is_named(data):
    path = data / "risk_maturity.csv"
    path.write_text(path.read_text(encoding="utf-8") + "CLGR14\n", encoding="utf-8")
    message = said("risk_maturity")
    assert f"risk_maturity.csv, row {len(rows('risk_maturity', DATA)) + 2}" in message
    assert "fill the row up to the last column" in message


def test_an_empty_row_at_the_end_is_named(data):
    path = data / "lessons.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    line = len(rows("lessons", DATA)) + 2
    assert said("lessons") == f"lessons.csv, row {line}: blank row; take the empty row out"


def test_a_missing_file_is_named_with_what_to_do(data):
    (data / "lessons.csv").unlink()
    message = said("lessons")
    assert message.startswith("lessons.csv")
    assert "restore the file" in message


def test_an_empty_file_is_refused(data):
    (data / "lessons.csv").write_text("", encoding="utf-8")
    assert said("lessons").startswith("lessons.csv")


def test_a_missing_package_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("LGR_REPORT_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"datapackage\.json is missing: run from a full"):
        tables.read("councils")


@pytest.mark.parametrize("name", ["council", "", "../secrets", "datapackage"])
def test_an_unknown_table_lists_those_there_are(name):
    with pytest.raises(KeyError, match="no table") as error:
        tables.read(name)
    assert repr(name) in error.value.args[0]
    assert "councils" in error.value.args[0]


def test_several_problems_are_all_reported_at_once(data):
    first = edit("councils", data, lambda r: r["gss_code"] == "E07000207", population="-5")
    second = edit("councils", data, lambda r: r["gss_code"] == "E07000208", council_type="town")
    third = edit("risks", data, lambda r: r["risk_id"] == "CLGR1", impact="0")
    found = {(p.file, p.row, p.column, p.value) for p in checks.problems()}
    assert found == {
        ("councils.csv", first, "population", "-5"),
        ("councils.csv", second, "council_type", "town"),
        ("risks.csv", third, "impact", "0"),
    }


def test_a_broken_table_leaves_the_folder_as_it_was(data):
    edit("councils", data, lambda r: r["gss_code"] == "E07000207", population="-5")
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    said("councils")
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_an_edited_file_is_read_again_at_the_next_call(data):
    before = tables.read("risks").set_index("risk_id").loc["CLGR6", "likelihood"]
    edit("risks", data, lambda r: r["risk_id"] == "CLGR6", likelihood="2")
    after = tables.read("risks").set_index("risk_id").loc["CLGR6", "likelihood"]
    assert (before, after) == (4, 2)


def test_a_mended_file_is_read_again_at_the_next_call(data):
    edit("risks", data, lambda r: r["risk_id"] == "CLGR6", likelihood="9")
    said("risks")
    edit("risks", data, lambda r: r["risk_id"] == "CLGR6", likelihood="4")
    assert len(tables.read("risks")) == 14


def test_tables_found_valid_once_are_validated_again_when_they_change(few, monkeypatch):
    monkeypatch.setenv(tables.VALIDATED, "")  # put back after the test
    checks.once()
    monkeypatch.setattr(tables, "problems", lambda *_: pytest.fail("validated a second time"))
    assert len(tables.read("risks")) == 14
    monkeypatch.undo()
    monkeypatch.setenv("LGR_REPORT_DATA", str(few))
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())
    edit("risks", few, lambda r: r["risk_id"] == "CLGR6", likelihood="9")
    assert "column likelihood: found '9'" in said("risks")


def test_tables_found_valid_are_known_to_whoever_comes_later(few, tmp_path, monkeypatch):
    monkeypatch.setenv(tables.VALIDATED, "")  # put back after the test
    (tmp_path / "kept").mkdir()
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "kept"))
    assert not tables.found_valid()
    checks.once()
    monkeypatch.setenv(tables.VALIDATED, "")  # as in another process
    assert tables.found_valid()
    with monkeypatch.context() as patched:
        patched.setattr(tables, "problems", lambda *_: pytest.fail("validated a second time"))
        assert len(tables.read("risks")) == 14
    with monkeypatch.context() as patched:
        patched.setattr(tables, "_rules", lambda: "other rules than those they were held to")
        assert not tables.found_valid()
    edit("risks", few, lambda r: r["risk_id"] == "CLGR6", likelihood="9")
    assert not tables.found_valid()
    assert "column likelihood: found '9'" in said("risks")


def test_broken_tables_are_never_taken_as_valid(few, monkeypatch):
    monkeypatch.setenv(tables.VALIDATED, "")
    edit("risks", few, lambda r: r["risk_id"] == "CLGR6", likelihood="9")
    with pytest.raises(tables.TableError):
        checks.once()
    assert os.environ[tables.VALIDATED] == ""


def test_what_a_reader_does_to_a_table_does_not_reach_the_next(data):
    frame = tables.read("risks")
    frame.loc[:, "likelihood"] = 0
    assert tables.read("risks")["likelihood"].min() == 4


def test_a_comma_in_a_quoted_text_is_part_of_the_text():
    with (DATA / "risks.csv").open(encoding="utf-8", newline="") as file:
        plain = [row[1] for row in csv.reader(file)][4]
    assert plain == "Equality, Diversity, Equity, Inclusion"
    assert tables.read("risks")["name"].iloc[3] == plain


@pytest.mark.parametrize("text", ['{"resources": [', "[]", '{"resources": [{"name": "x"}]}'])
def test_a_broken_data_package_is_told_with_a_remedy(data, text):
    (data / "datapackage.json").write_text(text, encoding="utf-8")
    with pytest.raises(tables.TableError, match=r"^datapackage\.json.*restore the file"):
        tables.names(data)
