"""However a report is made, it is the same to the last byte: text, tables and figures.

Forked and ordinary kernels, one and two workers, a run and its repeat. `LGR_REPORT_IDENTITY=all`
(`make identity`) compares every notebook of every area; by default, one report of one area.
"""

import os
from pathlib import Path

import pytest

from lgr_report.runs import area_crate, batch, manifest
from lgr_report.sources import tables

WHOLE = os.environ.get("LGR_REPORT_IDENTITY") == "all"


def made(outputs: Path) -> dict[str, str]:
    """Return the SHA-256 of every page and executed notebook, by path."""
    return {
        f"{folder.name}/{name}": digest
        for folder in manifest.reports(outputs)
        for run in area_crate.read(folder)
        for name, (digest, _) in run.outputs.items()
    }


def run(outputs: Path, workers: int) -> dict[str, str]:
    jobs = batch.plan() if WHOLE else batch.plan(["surrey"], ["maturity"])
    results = list(batch.run(jobs, outputs, workers))
    assert [result.error for result in results] == [None] * len(jobs)
    return made(outputs)


@pytest.mark.slow
def test_every_way_to_make_a_report_makes_the_same(tmp_path, monkeypatch):
    if os.environ.get(tables.VALIDATED) != tables.fingerprint():
        monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())  # other tests validate them
    monkeypatch.delenv("LGR_REPORT_FORK", raising=False)
    forked = run(tmp_path / "forked", 2)
    assert len(forked) >= 2
    if WHOLE:
        assert run(tmp_path / "repeated", 2) == forked
    monkeypatch.setenv("LGR_REPORT_FORK", "0")
    assert run(tmp_path / "ordinary", 1) == forked
