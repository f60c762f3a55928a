"""Fixtures that several modules share."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from plain import DATA

from lgr_report import cli
from lgr_report.runs import batch
from lgr_report.sources import cache, tables

# A property holds or not; how long it takes on a busy machine is no part of it.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

TESTS_CACHE = "LGR_REPORT_TESTS_CACHE"  # a folder that all processes of a run know


def pytest_configure(config) -> None:
    """Let the notebooks of a run share national fits, as those of a batch do.

    The committed tables count as valid, as in a batch too: `test_tables` validates them. A test
    that changes a table works on a copy, which has another fingerprint.
    """
    if TESTS_CACHE not in os.environ:
        os.environ[TESTS_CACHE] = folder = tempfile.mkdtemp(prefix="lgr-tests-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    batch.KEPT = Path(os.environ[TESTS_CACHE])
    if config.getoption("nbval"):
        os.environ[cache.FOLDER] = os.environ[TESTS_CACHE]
    os.environ.setdefault(tables.VALIDATED, tables.fingerprint())


@pytest.fixture
def shared_fits(monkeypatch) -> None:
    """Let the kernels that a test starts share national fits with those of other tests.

    Only for tests that patch nothing: what they compute is kept for the others.
    """
    monkeypatch.setenv(cache.FOLDER, os.environ[TESTS_CACHE])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """Keep each file with one worker (``--dist loadgroup``), but spread the runs of notebooks."""
    for item in items:
        if item.path.name != "test_notebooks.py":
            item.add_marker(pytest.mark.xdist_group(item.path.name))


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """Return a copy of data/ that the library reads in its place, free to be broken."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    monkeypatch.setenv("LGR_REPORT_DATA", str(folder))
    return folder


@pytest.fixture
def few(data):
    """Return the copied folder with six tables only: checking all takes seconds."""
    path = data / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    names = {"areas", "councils", "lessons", "risks", "maturity_areas", "risk_maturity"}
    package["resources"] = [r for r in package["resources"] if r["name"] in names]
    path.write_text(json.dumps(package), encoding="utf-8")
    return data


@pytest.fixture
def command(monkeypatch, capsys):
    """Return a function that runs ``lgr-report`` and returns exit code, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lgr-report", *arguments])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = 0 if end.code is None else int(end.code)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
