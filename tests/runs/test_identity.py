"""However a report is made, it is the same to the last byte: text, tables and figures.

Forked and ordinary kernels, one and two workers, a run and its repeat, for all 21 areas: a chapter
with figures by default, every notebook with `LGR_REPORT_IDENTITY=all` (`make identity`).
"""

import os
from pathlib import Path

import pytest
from plain import AREA_IDS

from lgr_report.runs import batch, manifest, plan
from lgr_report.runs.records import Published
from lgr_report.sources import tables

WHOLE = os.environ.get("LGR_REPORT_IDENTITY") == "all"


def made(outputs: Path) -> dict[str, str]:
    """Return the SHA-256 of every page and executed notebook, by path."""
    return {
        f"{folder.name}/{name}": digest
        for folder in manifest.reports(outputs)
        for name, (digest, _) in manifest.read(Published, folder).outputs.items()
    }


def run(outputs: Path, workers: int) -> dict[str, str]:
    jobs = plan.jobs(None, None if WHOLE else ["risks"])
    reports = list(batch.run(jobs, outputs, workers))
    assert [report.error for report in reports] == [None] * len(jobs)
    return made(outputs)


@pytest.mark.slow
def test_every_way_to_make_a_report_makes_the_same(tmp_path, monkeypatch):
    if os.environ.get(tables.VALIDATED) != tables.fingerprint():
        monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())  # other tests validate them
    monkeypatch.delenv("FORKED_KERNELS", raising=False)
    forked = run(tmp_path / "forked", 2)
    assert len({path.split("/")[0] for path in forked} & set(AREA_IDS)) == 21
    assert run(tmp_path / "repeated", 1) == forked
    monkeypatch.setenv("FORKED_KERNELS", "0")
    assert run(tmp_path / "ordinary", 2) == forked
