"""However a report is made, it is the same to the last byte: text, tables and figures.

A few pages of the build that all tests share beside the same made alone: by an ordinary kernel, in
this process, nothing computed before. With `LGR_REPORT_IDENTITY=all` (`make identity`) all pages:
forked and ordinary kernels, one and two workers, a run and its repeat, for all 21 areas.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from plain import AREA_IDS, THREE

from lgr_report.runs import batch, making, manifest, plan, publishing
from lgr_report.runs.records import Published
from lgr_report.sources import cache, kept, tables

WHOLE = os.environ.get("LGR_REPORT_IDENTITY") == "all"
# Draws and ranks, regressions, maps of many options; one for the whole country.
PAGES = [
    (THREE[0], "risks"),
    (THREE[1], "unit_cost"),
    (THREE[2], "options"),
    (plan.NATIONAL, "variation"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("key", "name"), PAGES, ids=map("-".join, PAGES))
def test_a_page_made_alone_is_that_of_the_batch(reports, tmp_path, monkeypatch, key, name):
    monkeypatch.setenv("FORKED_KERNELS", "0")
    assert cache.folder() is None and kept.folder() is None
    siblings = tuple(job.name for job in plan.jobs([key])[key])
    (job,) = plan.jobs([key], [name])[key]
    making.execute(replace(job, folder=tmp_path, sibling_pages=siblings))
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made.keys() == {f"{name}{kind}" for kind in publishing.KINDS}
    assert made == {path: (reports / key / path).read_bytes() for path in made}


def made(outputs: Path) -> dict[str, str]:
    """Return the SHA-256 of every page and executed notebook, by path."""
    return {
        f"{folder.name}/{name}": digest
        for folder in manifest.reports(outputs)
        for name, (digest, _) in manifest.read(Published, folder).outputs.items()
    }


def run(outputs: Path, workers: int) -> dict[str, str]:
    jobs = plan.jobs()
    reports = list(batch.run(jobs, outputs, workers))
    assert [report.error for report in reports] == [None] * len(jobs)
    return made(outputs)


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="`make identity` builds all 21 areas in three ways")
def test_every_way_to_make_a_report_makes_the_same(tmp_path, monkeypatch):
    if os.environ.get(tables.VALIDATED) != tables.fingerprint():
        monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())  # other tests validate them
    monkeypatch.delenv("FORKED_KERNELS", raising=False)
    forked = run(tmp_path / "forked", 2)
    assert len({path.split("/")[0] for path in forked} & set(AREA_IDS)) == 21
    assert run(tmp_path / "repeated", 1) == forked
    monkeypatch.setenv("FORKED_KERNELS", "0")
    assert run(tmp_path / "ordinary", 2) == forked
