"""National work on the executor of a batch: begun before the notebooks, never in their way."""

import inspect
import pkgutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from lgr_report.runs import batch, clusters, kernels, making, plan, provenance
from lgr_report.runs.records import Job, Limits
from lgr_report.sources import cache, tables

CALL = "chapters.high_needs.study.national()"
# Looks for what it declared, and computes nothing by itself.
WAITS = """
import os
import time
from pathlib import Path
from lgr_report.page.cells import say

folder, end = Path(os.environ["LGR_REPORT_CACHE"]), time.monotonic() + 120
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


def test_notebooks_find_the_work_done_by_the_executor(tmp_path, valid, forked):
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
    for call in ("models.nothing.at_all()", "nothing"):
        making.do_national_work(national_work(tmp_path, call))
    assert list(folder.glob(f"*{cache.ENTRY}")) == []


def filled_in(share: Path) -> Job:
    """Return national work for a worker elsewhere, in a batch that has such a folder."""
    work = national_work(share.parent, CALL)
    required = clusters._state(provenance.inputs(work))
    return replace(work, validated=tables.fingerprint(), required=required, share=str(share))


def test_work_is_shared_by_the_workers_of_a_cluster(tmp_path, valid, forked, monkeypatch):
    pytest.importorskip("fsspec")
    share, mine = tmp_path / "share", tmp_path / "mine"
    mine.mkdir()
    monkeypatch.setenv(cache.FOLDER, "")
    monkeypatch.setattr(clusters, "_private", lambda share: str(mine))
    share.mkdir()
    (share / clusters.BEGUN).touch()
    work = filled_in(share)
    assert clusters.make(work) is None
    made = sorted(p for p in share.iterdir() if p.name != clusters.BEGUN)
    assert made and all(path.suffix == cache.ENTRY for path in made)

    # Another worker takes it over, before it begins with anything.
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setattr(clusters, "_private", lambda share: str(other))
    monkeypatch.setattr(making, "do_national_work", lambda work: None)
    clusters.make(work)
    assert sorted(path.name for path in other.iterdir()) == [path.name for path in made]
    assert all((other / path.name).read_bytes() == path.read_bytes() for path in made)


def test_nothing_is_put_where_the_batch_is_over(tmp_path, valid, monkeypatch):
    pytest.importorskip("fsspec")
    share, mine = tmp_path / "share", tmp_path / "mine"
    mine.mkdir()
    (mine / f"x{cache.ENTRY}").write_bytes(b"made")
    monkeypatch.setenv(cache.FOLDER, "")
    monkeypatch.setattr(clusters, "_private", lambda share: str(mine))
    monkeypatch.setattr(making, "do_national_work", lambda work: None)
    work = filled_in(share)
    clusters.make(work)
    assert not share.exists()


def test_a_share_that_cannot_be_listed_costs_no_report(tmp_path, valid, monkeypatch):
    pytest.importorskip("fsspec")

    def no_right(*_):
        raise PermissionError("may not list")

    done = []
    monkeypatch.setenv(cache.FOLDER, "")
    monkeypatch.setattr(clusters, "_shared_results", no_right)
    work = filled_in(tmp_path / "share")
    clusters._begin(work)
    monkeypatch.setattr(making, "do_national_work", done.append)
    assert clusters.make(work) is None
    assert done == [work]


def test_a_worker_with_other_tables_does_no_work(tmp_path, valid, monkeypatch):
    pytest.importorskip("fsspec")
    done = []
    monkeypatch.setenv(cache.FOLDER, "")
    monkeypatch.setattr(making, "do_national_work", done.append)
    work = filled_in(tmp_path / "share")
    clusters.make(replace(work, required=work.required | {"data/councils.csv": "other"}))
    assert done == []
    clusters.make(work)
    assert done == [work]
