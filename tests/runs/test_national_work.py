"""National work on the executor of a batch: begun before the notebooks, never in their way."""

import inspect
import pkgutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from lgr_report.runs import batch, clusters, kernels, making, plan
from lgr_report.runs.records import Job, Limits
from lgr_report.sources import cache, kept, tables

CALL = "chapters.high_needs.study.national()"
# Looks for what it declared, and computes nothing by itself.
WAITS = """
import os
import time
from pathlib import Path
from lgr_report.page.cells import say

kept = os.environ.get("LGR_REPORT_KEPT") or os.environ["LGR_REPORT_CACHE"]
folder, end = Path(kept), time.monotonic() + 120
while time.monotonic() < end and not list(folder.glob("*.pickle")):
    time.sleep(0.1)
say("found" if list(folder.glob("*.pickle")) else "nothing")
"""


def declared() -> list[str]:
    return calls(Job(path, plan.NATIONAL) for path in plan.notebooks())


def calls(jobs: Iterable[Job]) -> list[str]:
    return [work.call for work in plan.national_work(jobs)]


def national_work(folder: Path, call: str) -> Job:
    """Return a call that a notebook declares, as the job that it is."""
    (work,) = plan.national_work([Job(notebook(folder, call), "surrey", limits=Limits(cell=60))])
    return work


@pytest.fixture
def valid(monkeypatch):
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())


@pytest.fixture
def forked():
    if not kernels.forked():
        pytest.skip("national work is done ahead only where kernels are forked")


def notebook(folder: Path, *calls: str) -> Path:
    return tiny.write(folder, tiny.TITLE, WAITS, name="risks", national_work=calls)


@pytest.mark.parametrize("call", declared())
def test_what_notebooks_declare_are_calls_that_the_library_knows(call):
    name, arguments = call.removesuffix(")").split("(")
    module, _, function = name.rpartition(".")
    known = pkgutil.resolve_name(f"lgr_report.{module}:{function}")
    inspect.signature(known).bind(*([arguments.strip("'")] if arguments else []))
    source = inspect.getsource(inspect.getmodule(known))
    assert "once_per_batch" in source, "what is not shared between kernels is done in vain"


def test_each_result_is_declared_once_for_all_notebooks_of_a_batch(tmp_path):
    one = tiny.write(tmp_path, name="one", national_work=("a", "b"))
    two = tiny.write(tmp_path, name="two", national_work=("b", "c"))
    none = tiny.write(tmp_path, name="none")
    jobs = [Job(path, "surrey", {"area": "surrey"}) for path in (none, one, two, one)]
    assert calls(jobs) == ["a", "b", "c"]
    # With other parameters a notebook needs other results.
    assert calls([Job(two, "surrey", {"draws": 5})]) == []


def test_notebooks_find_the_work_done_by_the_executor(tmp_path, valid, forked, monkeypatch):
    monkeypatch.setattr(kept, "HOME", tmp_path / "kept")
    path = notebook(tmp_path, "models.nothing.at_all()", CALL)
    jobs = {key: (Job(path, key, {"area": key}),) for key in ("surrey", "norfolk")}
    outputs = tmp_path / "outputs"
    results = list(batch.run(jobs, outputs, workers=2))
    assert [result.error for result in results] == [None, None]
    for key in jobs:
        assert ">found<" in (outputs / key / "risks.html").read_text(encoding="utf-8")


def test_work_that_fails_is_left_to_the_notebooks(tmp_path, valid, monkeypatch):
    folder = tmp_path / "shared"
    folder.mkdir()
    monkeypatch.setenv(cache.FOLDER, str(folder))
    making.do_national_work(national_work(tmp_path, "nothing"))
    warm = list(folder.glob(f"*{cache.ENTRY}"))  # what kernels are forked with, if it was not kept
    making.do_national_work(national_work(tmp_path, "models.nothing.at_all()"))
    assert list(folder.glob(f"*{cache.ENTRY}")) == warm


def for_a_worker(job: Job) -> Job:
    return replace(job, validated=tables.fingerprint(), required=clusters.state(job))


def test_a_page_of_a_cluster_is_handed_the_work_that_it_asks_for(tmp_path, valid, forked):
    work = clusters.make(for_a_worker(national_work(tmp_path, CALL)))
    assert work.page.error is None
    assert work.files and all(name.endswith(cache.ENTRY) for name in work.files)
    waits = for_a_worker(Job(tmp_path / "risks.ipynb", "surrey", {"area": "surrey"}))
    made = clusters.make(replace(waits, folder=tmp_path), work)
    assert made.page.error is None
    assert b">found<" in made.files["risks.html"]


@pytest.mark.slow
def test_a_cluster_does_national_work_once_and_carries_it_to_the_pages(tmp_path, valid, forked):
    pytest.importorskip("distributed")
    path = notebook(tmp_path, "models.nothing.at_all()", CALL)
    jobs = {key: (Job(path, key, {"area": key}),) for key in ("surrey", "norfolk", "suffolk")}
    outputs = tmp_path / "outputs"
    results = list(batch.run(jobs, outputs, workers=2, place=clusters.place(clusters.LOCAL)))
    assert [result.error for result in results] == [None] * 3
    for key in jobs:
        assert ">found<" in (outputs / key / "risks.html").read_text(encoding="utf-8")


def test_a_worker_with_other_tables_does_no_work(tmp_path, valid, monkeypatch):
    done = []
    monkeypatch.setattr(making, "do_national_work", done.append)
    work = for_a_worker(national_work(tmp_path, CALL))
    other = clusters.make(replace(work, required=work.required | {"data/councils.csv": "other"}))
    assert (done, other.files) == ([], {})
    clusters.make(work)
    assert [job.call for job in done] == [CALL]
