"""The command: what a user types, sees, and finds on the disk afterwards."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
from plain import AREA_IDS, DATA, edit, rows, write

from lgr_report.runs import lock
from lgr_report.sources import areas


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
    assert out.endswith("tables are as data/datapackage.json describes them, and agree\n")
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
    edit("risk_maturity", few, lambda r: r["risk_id"] == "CLGR8", weight="0")
    code, out, _ = command("check")
    assert code == 1
    assert "found 'CLGR8': its weights in risk_maturity.csv sum to 0, not to 1" in out


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
    assert command("build", "--outputs", __file__)[0] == 2


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
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", small)
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
    assert re.fullmatch(
        r"lgr-report: 1 of 2 reports built, 1 failed \(norfolk\) in \d+ s", lines[-2]
    )
    assert lines[-1] == str(outputs / "index.html")
    assert "failed: norfolk (its last good report stays): " in err
    assert re.search(r"county_report, cell \d: ValueError: no figures for Norfolk$", err.rstrip())
    assert (outputs / "norfolk" / "county_report.html").read_text(encoding="utf-8") == "old"
    assert {path.name for path in outputs.iterdir()} == {
        *("index.html", "norfolk", "surrey"),
        *("manifest.json", "ro-crate-metadata.json", "log.jsonl", ".lock"),
    }
    events = [json.loads(line) for line in (outputs / "log.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events][0::3] == ["begin", "end"]
    (failed,) = [event for event in events if event["event"] == "failed"]
    assert failed["key"] == "norfolk" and "no figures for Norfolk" in failed["error"]
    assert len({event["batch"] for event in events}) == 1
    (built,) = [event for event in events if event["event"] == "built"]
    assert 0 < built["in_cells"] < built["seconds"]
    assert events[-1]["summary"] == lines[-2]
    # The page that is not ours is found; the new report belongs to its manifest.
    code, _, err = command("verify", str(outputs))
    assert (code, err) == (1, "norfolk/: no batch that ended has published it\n")


@pytest.mark.slow
def test_a_build_without_failures_ends_with_0(command, small, tmp_path, monkeypatch):
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", small)
    code, out, err = command("build", "surrey", "--outputs", str(tmp_path / "outputs"))
    assert code == 0
    assert "failed" not in err
    assert out.splitlines()[-1] == str(tmp_path / "outputs" / "index.html")
    page = tmp_path / "outputs" / "surrey" / "county_report.html"
    assert page.is_file()
    assert command("verify", str(tmp_path / "outputs"))[::2] == (0, "")

    # The same again: no process is started, and nothing is written.
    monkeypatch.setattr("lgr_report.runs.executors.pages", None)
    made = {path: path.stat().st_mtime_ns for path in page.parents[1].rglob("*.*ml")}
    code, out, _ = command("build", "surrey", "--outputs", str(tmp_path / "outputs"))
    assert code == 0
    summary, index = out.splitlines()
    assert re.fullmatch(r"lgr-report: 0 of 1 report built, 1 unchanged in [01] s", summary)
    assert index == str(tmp_path / "outputs" / "index.html")
    assert made == {path: path.stat().st_mtime_ns for path in page.parents[1].rglob("*.*ml")}
    monkeypatch.undo()

    # Unless it is wanted, or a page is gone, or the manifest: an earlier version wrote none.
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", small)
    for options, gone in ((["--force"], page), ([], page), ([], page.with_name("manifest.json"))):
        gone.unlink()
        code, out, _ = command("build", "surrey", *options, "--outputs", str(tmp_path / "outputs"))
        assert code == 0
        assert "lgr-report: 1 of 1 report built in" in out
        assert page.is_file()
        assert command("verify", str(tmp_path / "outputs"))[::2] == (0, "")


@pytest.mark.slow
def test_an_index_that_cannot_be_written_is_a_failure_that_is_told(
    command, small, tmp_path, monkeypatch
):
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", small)
    outputs = tmp_path / "outputs"
    outputs.mkdir()

    def broken(*_):
        raise ValueError("no date for Kent")

    monkeypatch.setattr("lgr_report.across.index.html", broken)
    code, out, err = command("build", "surrey", "--outputs", str(outputs))
    assert code == 1
    assert "failed: index.html" in err and "ValueError: no date for Kent" in err
    assert "1 failed (index.html)" in out
    assert (outputs / "surrey" / "county_report.html").exists()
    errors = json.loads((outputs / "manifest.json").read_text(encoding="utf-8"))["errors"]
    assert errors == {"index.html": "ValueError: no date for Kent"}
    monkeypatch.undo()
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", small)
    assert command("build", "surrey", "--outputs", str(outputs))[0] == 0
    assert (outputs / "index.html").exists()


@pytest.mark.slow
def test_a_build_makes_the_same_bytes_on_an_odd_machine(small, tmp_path):
    """No home, a clock at the edge of the world, a console that knows ASCII only."""
    environment = {name: value for name, value in os.environ.items() if name != "HOME"}
    environment |= {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C"}
    environment |= {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    driver = Path(__file__).parents[1] / "faults" / "driver.py"
    pages = []
    for name, env in (("plain", os.environ), ("odd", environment)):
        command = [sys.executable, str(driver), str(small), "build", "surrey"]
        done = subprocess.run(
            [*command, "--outputs", str(tmp_path / name)], capture_output=True, env=env
        )
        assert done.returncode == 0, done.stderr
        pages.append((tmp_path / name / "surrey" / "county_report.html").read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("area", ["surrey", "norfolk"])
def test_a_folder_in_use_is_told_in_one_line_and_ends_with_3(command, tmp_path, area):
    with lock.hold(tmp_path):
        code, out, err = command("build", area, "--outputs", str(tmp_path))
    assert (code, out) == (3, "")
    assert err.startswith(f"lgr-report: {tmp_path} is in use by process {os.getpid()} since ")
    assert len(err.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {".lock"}


def test_an_output_folder_that_cannot_be_made_is_told_in_one_line_and_ends_with_3(
    command, tmp_path
):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    code, out, err = command("build", "surrey", "--outputs", str(tmp_path / "file" / "outputs"))
    assert (code, out) == (3, "")
    assert err.startswith("lgr-report: ") and len(err.splitlines()) == 1
