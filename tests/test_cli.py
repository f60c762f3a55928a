"""The command: what a user types, sees, and finds on the disk afterwards."""

import json
import re

import pytest
import tiny
from plain import AREA_IDS, DATA, edit, rows, write

from lgr_report import areas, batch


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["areas", "check", "build", "Start with `lgr-report areas`"]),
        (["areas", "--help"], ["List the 21 areas", "--json"]),
        (["check", "--help"], ["Validate every table of data/", "exit code 1"]),
        (["build", "--help"], ["[AREA]...", "--notebook", "--parameter", "--outputs", "--workers"]),
    ],
)
def test_every_command_explains_itself(command, arguments, words):
    code, out, _ = command(*arguments)
    assert code == 0
    for word in words:
        assert word in out


def test_the_areas_are_listed_one_a_line(command):
    code, out, _ = command("areas")
    assert code == 0
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == AREA_IDS
    surrey = next(line for line in lines if line.startswith("surrey "))
    assert surrey.split() == ["surrey", f"{areas.population('surrey'):,}", "11", "Surrey"]


def test_the_areas_are_listed_for_scripts(command):
    code, out, _ = command("areas", "--json")
    listed = json.loads(out)
    assert code == 0
    assert [row["area_id"] for row in listed] == AREA_IDS
    assert sum(row["councils"] for row in listed) == 164 + 19
    assert sum(row["population"] for row in listed) == sum(
        int(row["population"])
        for row in rows("councils")
        if row["council_type"] != "county" and row["in_invitation"] == "true"
    )


# check


def test_the_shipped_tables_pass_the_check(command):
    code, out, err = command("check")
    n = len(json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"])
    assert (code, err) == (0, "")
    assert out.endswith("tables are as data/datapackage.json describes them\n")
    assert int(out.split()[0]) <= n


def test_the_check_prints_every_problem_and_ends_with_1(command, few):
    first = edit("councils", few, lambda r: r["gss_code"] == "E07000207", population="-5")
    second = edit("risks", few, lambda r: r["risk_id"] == "CLGR7", likelihood="6")
    write("lessons", few, [{"kind": r["kind"]} for r in rows("lessons")])
    code, out, err = command("check")
    assert code == 1
    assert f"councils.csv, row {first}, column population: found '-5'" in out
    assert f"risks.csv, row {second}, column likelihood: found '6'" in out
    assert "lessons.csv, row 1, column lesson: missing column" in out
    assert err == f"{len(out.splitlines())} problems in {few}\n"


def test_the_check_counts_a_single_problem_as_one(command, few):
    edit("risks", few, lambda r: r["risk_id"] == "CLGR7", likelihood="6")
    code, out, err = command("check")
    assert code == 1
    assert len(out.splitlines()) == 1
    assert err == f"1 problem in {few}\n"


def test_the_check_fails_when_a_risk_is_not_addressed(command, few):
    write("risk_maturity", few, [r for r in rows("risk_maturity") if r["risk_id"] != "CLGR8"])
    code, _, err = command("check")
    assert code == 1
    assert err.startswith("no maturity area addresses CLGR8")


def test_a_folder_without_tables_is_told_in_one_line(command, tmp_path, monkeypatch):
    monkeypatch.setenv("LGR_REPORT_DATA", str(tmp_path))
    code, out, err = command("check")
    assert (code, out) == (2, "")
    assert err.startswith(f"lgr-report: {tmp_path / 'datapackage.json'} is missing")
    assert len(err.splitlines()) == 1


# build: wrong input ends before anything is written


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["surey"], "unknown area 'surey': did you mean 'surrey'?"),
        (["../../etc"], "unknown area '../../etc'"),
        (["surrey", "atlantis"], "unknown area 'atlantis'"),
        (["surrey", "--notebook", "risk"], "no notebook 'risk': did you mean 'risks'?"),
        (
            ["surrey", "--notebook", "survey"],
            "survey: nothing to run for surrey; name other areas, or",
        ),
        (["surrey", "-p", "drawz=5"], "no parameter 'drawz' in any of the notebooks"),
        (["surrey", "--notebook", "risks", "-p", "draws=many"], "'draws' of risks is int ("),
        (["surrey", "--notebook", "risks", "-p", "draws=1.5"], "not float 1.5"),
        (["surrey", "--notebook", "risks", "-p", "draws=true"], "not bool True"),
        (["surrey", "-p", "draws"], "a parameter is written NAME=VALUE, not 'draws'"),
        (["surrey", "-p", "=5"], "a parameter is written NAME=VALUE, not '=5'"),
        (["-p", "area=surrey"], "name the areas as arguments: `lgr-report build surrey`"),
    ],
)
def test_wrong_input_is_told_in_one_line_and_nothing_is_written(command, tmp_path, arguments, said):
    code, out, err = command("build", *arguments, "--outputs", str(tmp_path / "outputs"))
    assert (code, out) == (2, "")
    assert err.startswith("lgr-report: ")
    assert said in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_broken_areas_stop_a_build_before_anything_is_written(command, data, tmp_path):
    line = edit("areas", data, lambda r: r["area_id"] == "surrey", vesting_day="soon")
    code, _, err = command("build", "surrey", "--outputs", str(tmp_path / "outputs"))
    assert code == 2
    assert err.startswith(f"lgr-report: areas.csv, row {line}, column vesting_day: found 'soon'")
    assert not (tmp_path / "outputs").exists()


def test_an_unknown_command_or_option_is_refused(command):
    assert command("reprot")[0] == 2
    assert command("build", "--quick")[0] == 2
    assert command("build", "--workers", "0")[0] == 2


# build, on a small notebook


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a folder with one small notebook, which fails for Norfolk."""
    folder = tmp_path_factory.mktemp("notebooks")
    fails = 'if area == "norfolk":\n    raise ValueError("no figures for Norfolk")'
    tiny.write(folder, tiny.TITLE, fails, name="county_report")
    return folder


@pytest.mark.slow
def test_a_build_tells_what_was_built_what_failed_and_where_it_lies(
    command, small, tmp_path, monkeypatch
):
    monkeypatch.setattr(batch, "NOTEBOOKS", small)
    outputs = tmp_path / "outputs"
    (outputs / ".previous-norfolk").mkdir(parents=True)  # a run was killed here before
    (outputs / ".previous-norfolk" / "county_report.html").write_text("old", encoding="utf-8")
    code, out, err = command("build", "norfolk", "surrey", "--outputs", str(outputs))
    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("[ 1/2] ")
    assert lines[0].endswith("1 left")
    assert any("built surrey in " in line for line in lines)
    assert any("FAILED norfolk in " in line for line in lines)
    assert lines[-2] == f"built 1 of 2, in {outputs}"
    assert lines[-1] == str(outputs / "index.html")
    assert "failed: norfolk (its last good report stays): " in err
    assert re.search(r"county_report, cell \d: ValueError: no figures for Norfolk$", err.rstrip())
    assert (outputs / "norfolk" / "county_report.html").read_text(encoding="utf-8") == "old"
    assert {path.name for path in outputs.iterdir()} == {"index.html", "norfolk", "surrey"}


@pytest.mark.slow
def test_a_build_without_failures_ends_with_0(command, small, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "NOTEBOOKS", small)
    code, out, err = command("build", "surrey", "--outputs", str(tmp_path / "outputs"))
    assert code == 0
    assert "failed" not in err
    assert out.splitlines()[-1] == str(tmp_path / "outputs" / "index.html")
    assert (tmp_path / "outputs" / "surrey" / "county_report.html").is_file()
