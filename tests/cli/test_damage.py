"""Damaged contracts, tables that disagree, consoles of old: one line, no traceback, no file."""

import io
import json
import sys

import pytest
from plain import edit

COMMANDS = [["check"], ["areas"], ["options", "surrey"], ["ledger"], ["build", "surrey"]]


def without_types(package):
    package["resources"][0]["schema"]["fields"][0].pop("type")


DAMAGE = {
    "lists no table": lambda package: package.update(resources=[]),
    "column 'area_id' is None": without_types,
    "'../areas.csv' is no file": lambda p: p["resources"][0].update(path="../areas.csv"),
    "is no file of this folder": lambda p: p["resources"][0].update(path="https://x.org/a.csv"),
    "vintage is missing": lambda package: package["resources"][0].pop("vintage"),
    "the description is damaged": lambda package: package["resources"][0].pop("schema"),
    "names column 'nothing'": lambda p: p["resources"][0]["schema"].update(primaryKey=["nothing"]),
    "names a table twice": lambda p: p["resources"].append(p["resources"][0]),
}


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
@pytest.mark.parametrize("says", DAMAGE)
def test_a_damaged_contract_is_told_in_one_line(data, command, tmp_path, arguments, says):
    path = data / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    DAMAGE[says](package)
    path.write_text(json.dumps(package), encoding="utf-8")
    if arguments[0] == "build":
        arguments = [*arguments, "--outputs", str(tmp_path / "outputs")]
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("lgr-report: datapackage.json")
    assert says in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "outputs").exists()


def test_tables_that_disagree_fail_the_check_and_stop_a_build(data, command, tmp_path):
    edit("councils", data, lambda r: r["council_name"] == "Guildford", population="15135")
    code, out, err = command("check")
    assert code == 1
    assert "by age (population_by_age.csv) it has 151,359" in out
    assert err.startswith("1 problem in")
    code, out, err = command("build", "surrey", "--outputs", str(tmp_path / "outputs"))
    assert code == 2
    assert "by age (population_by_age.csv) it has 151,359" in err
    assert not (tmp_path / "outputs").exists()


def test_a_console_that_lacks_a_sign_shows_another(command, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    from lgr_report import cli

    monkeypatch.setattr(sys, "argv", ["lgr-report", "areas"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    sys.stdout.flush()
    assert "surrey" in sys.stdout.buffer.getvalue().decode("cp1252")
    sys.stdout.write("≤")  # as the ledger does
