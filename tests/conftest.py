"""Fixtures that several modules share."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
import shared_reports
from golden_hooks import TESTS_CACHE, pytest_runtest_makereport, pytest_runtest_setup  # noqa: F401
from hypothesis import settings
from plain import DATA

from lgr_report import cli
from lgr_report.sources import cache, kept, tables

# A property holds or not; how long it takes on a busy machine is no part of it.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

# Groups of tests that take longest begin first: of two workers none waits for the other at the end.
FIRST = ("test_faults.py", "test_identity.py", "county_report__surrey.ipynb", "test_batch.py")
GOLDEN, KERNELS = ".ipynb", "forked-kernels"


def pytest_configure(config) -> None:
    """Let the builds of a run share national fits, as those of a user do.

    The committed tables count as valid, as in a batch too: `test_tables` validates them. A test
    that changes a table works on a copy, which has another fingerprint.
    """
    if TESTS_CACHE not in os.environ:
        os.environ[TESTS_CACHE] = folder = tempfile.mkdtemp(prefix="lgr-tests-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.add_cleanup(lambda: os.environ.pop(TESTS_CACHE))
    os.environ.pop(cache.FOLDER, None)
    os.environ[kept.FOLDER] = ""  # what a test patches stays in no folder
    kept.HOME = Path(os.environ[TESTS_CACHE])
    os.environ.setdefault(tables.VALIDATED, tables.fingerprint())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """Let the files begin first that take longest (``--dist loadfile --no-loadscope-reorder``).

    A file stays with one worker: a golden notebook has one kernel. Groups (``loadgroup``) would do
    the same, but xdist 3.8 makes none of them with pytest 9.2.
    """
    items.sort(key=lambda item: _turn(item.path))


def _turn(path: Path) -> int:
    if path.name in FIRST:
        return FIRST.index(path.name)
    return len(FIRST) + (0 if KERNELS in path.parts else 1 if path.suffix == GOLDEN else 2)


@pytest.fixture(scope="session")
def reports() -> Path:
    """Return the reports of three areas and of the whole country, built once for all tests."""
    if wrong := shared_reports.build(Path(os.environ[TESTS_CACHE])):
        pytest.fail(f"the reports could not be built:\n{wrong}", pytrace=False)
    return shared_reports.REPORTS


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
