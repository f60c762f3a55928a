"""Tasks on any executor: each done once, a killed process forgiven, a cluster told apart."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from lgr_report.runs import batch, clusters, executors, manifest, provenance
from lgr_report.runs.executors import KILLED, Place
from lgr_report.runs.plan import Job
from lgr_report.runs.tasks import Limits, Made, Task, Work
from lgr_report.sources import tables


def tasks(n: int) -> list[Task]:
    return [Task(Job(Path(f"{k}.ipynb"), f"area-{k}", {}), Path(), ()) for k in range(n)]


def made(task: Task) -> Made:
    return Made(task.job.key, task.job.name, 1.0)


class Fragile(Executor):
    """An executor that breaks, as a pool of processes does, at the tasks that kill."""

    refuses = False  # tasks, once it is broken

    def __init__(self, workers: int, deadly: dict[str, int], tried: list[str]):
        self.workers, self.deadly, self.tried, self.broken = workers, deadly, tried, False

    def submit(self, work, task):
        future = Future()
        if isinstance(task, Work):
            self.tried.append(task.call)
            self.broken |= self.deadly.pop(task.call, 0) > 0
            return future
        if self.refuses and self.broken:
            raise BrokenExecutor
        self.tried.append(task.job.key)
        if not self.broken and self.deadly.get(task.job.key, 0):
            self.deadly[task.job.key] -= 1
            self.broken = True
        if self.broken:
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(work(task))
        return future


def run(n: int, deadly: dict[str, int], wanted=lambda task: True, ahead=()):
    tried, pools = [], []

    @contextlib.contextmanager
    def start(workers):
        pools.append(workers)
        yield Fragile(workers, deadly, tried)

    place = Place(start, made, lambda task: task, lambda task, made: None)
    found = list(executors.results(tasks(n), place, 4, wanted, ahead=ahead))
    return {task.job.key: one for task, one in found}, len(found), pools, tried


def test_every_task_is_done_once():
    found, count, pools, tried = run(5, {})
    assert count == len(found) == len(tried) == 5
    assert pools == [4]
    assert all(one.error is None for one in found.values())


def test_a_process_that_is_killed_once_costs_no_report():
    found, count, pools, _ = run(5, {"area-2": 1})
    assert count == 5
    assert all(one.error is None for one in found.values())
    assert pools == [4, 4]


def test_only_the_task_that_kills_its_process_each_time_fails():
    found, count, pools, _ = run(5, {"area-2": 99})
    assert count == 5
    assert {key for key, one in found.items() if one.error} == {"area-2"}
    assert found["area-2"].error == KILLED
    assert pools == [4, 4, 1, 1]


def test_an_executor_that_is_broken_before_the_last_task_costs_no_other(monkeypatch):
    monkeypatch.setattr(Fragile, "refuses", True)
    found, count, _, _ = run(5, {"area-0": 99})
    assert count == 5
    assert {key for key, one in found.items() if one.error} == {"area-0"}


def test_national_work_is_begun_first_and_once():
    ahead = [Work("a"), Work("b")]
    found, count, _, tried = run(3, {}, ahead=ahead)
    assert tried == ["a", "b", "area-0", "area-1", "area-2"]
    assert count == len(found) == 3


def test_national_work_that_kills_its_process_costs_no_report():
    found, count, pools, tried = run(3, {"a": 1}, ahead=[Work("a")])
    assert count == 3
    assert all(one.error is None for one in found.values())
    assert pools == [4, 4]
    assert tried.count("a") == 1


def test_what_no_longer_matters_is_not_run_again():
    found, _, _, tried = run(5, {"area-1": 99}, wanted=lambda task: task.job.key != "area-3")
    assert set(found) == {"area-0", "area-1", "area-2", "area-4"}
    assert tried.count("area-3") == 1


def test_an_error_of_the_executor_itself_belongs_to_its_task():
    def fails(task):
        if task.job.key == "area-1":
            raise MemoryError("no worker could hold it")
        return made(task)

    def fetch(task, one):
        if task.job.key == "area-2":
            raise FileNotFoundError("not there")

    place = Place(ThreadPoolExecutor, fails, lambda task: task, fetch)
    found = {task.job.key: one for task, one in executors.results(tasks(4), place, 2)}
    assert found["area-1"].error == "MemoryError: no worker could hold it"
    assert found["area-2"].error == "FileNotFoundError: not there"
    assert found["area-0"].error is found["area-3"].error is None


# A worker elsewhere


@pytest.fixture
def order(tmp_path, monkeypatch):
    """Return an order for a notebook, with a folder that both sides can reach."""
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())
    path = tiny.write(tmp_path, tiny.TITLE, name="risks")
    job = Job(path, "surrey", {"area": "surrey"})
    folder = tmp_path / "here"
    folder.mkdir()
    task = Task(job, folder, ("risks",), Limits())
    pytest.importorskip("fsspec")
    share = str(tmp_path / "share")
    validated, national = tables.fingerprint(), f"{share}/.national"
    return clusters.Order(task, provenance.inputs(job), validated, share, national)


@pytest.fixture
def quick(monkeypatch):
    """Make pages without a kernel."""
    from lgr_report.runs import making

    def make(task):
        files = {}
        for suffix in ("html", "ipynb"):
            path = task.folder / f"{task.job.name}.{suffix}"
            path.write_text(f"{task.job.key} {suffix}", encoding="utf-8")
            files[path.name] = (provenance.sha256(path), path.stat().st_size)
        run = provenance.Run(
            *(task.job.name, "key", {}, {}, files),
            *(provenance.Code(None, None), provenance.environment(), "a", "b"),
        )
        return Made(task.job.key, task.job.name, 1.0, run)

    monkeypatch.setattr(making, "make", make)


def test_what_a_worker_made_is_fetched_whole(order, quick):
    one = clusters.make(order)
    assert one.error is None
    assert list(order.task.folder.iterdir()) == []
    place = clusters.place("tcp://127.0.0.1:1", order.share)
    place.fetch(order.task, one)
    assert (order.task.folder / "risks.html").read_text(encoding="utf-8") == "surrey html"
    assert batch.is_whole(order.task.folder, one.run)
    assert not any(path.is_file() for path in Path(order.share).rglob("*"))


def test_a_page_that_changed_on_its_way_is_refused(order, quick):
    one = clusters.make(order)
    (page,) = Path(order.share).rglob("*.html")
    page.write_text("other", encoding="utf-8")
    place = clusters.place("tcp://127.0.0.1:1", order.share)
    with pytest.raises(clusters.ClusterError, match=r"risks\.html is not what the worker made"):
        place.fetch(order.task, one)


def test_a_worker_with_another_library_or_table_refuses(order, quick):
    inputs = dict(order.inputs) | {"lgr_report/": "0", "data/councils.csv": "1"}
    one = clusters.make(replace(order, inputs=inputs))
    assert one.run is None
    assert one.error == ("ClusterError: this worker has another data/councils.csv, lgr_report/")


def test_a_cluster_that_is_not_there_is_told_in_one_line(command, tmp_path, monkeypatch):
    config = pytest.importorskip("dask").config
    pytest.importorskip("distributed")
    config.set({"distributed.comm.timeouts.connect": "1s"})
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", tiny.write(tmp_path, tiny.TITLE).parent)
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())
    code, _, err = command(
        "build", "surrey", "--scheduler", "tcp://127.0.0.1:9", "--outputs", str(tmp_path / "o")
    )
    assert code == 3
    assert err.splitlines()[-1].startswith("lgr-report: no scheduler at tcp://127.0.0.1:9")


def dask(*arguments: str, log: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments], stderr=log.open("ab"), start_new_session=True
    )


@pytest.fixture
def cluster(tmp_path):
    """Return the address of a scheduler, and two workers, each a process of its own."""
    pytest.importorskip("distributed")
    log, said = tmp_path / "dask.log", tmp_path / "scheduler.json"
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    processes = [
        dask("scheduler", *here, "--port", "0", "--scheduler-file", str(said), log=log),
        *(
            dask(
                *("worker", "--scheduler-file", str(said), *here, "--nthreads", "1"),
                *("--no-nanny", "--local-directory", str(tmp_path / f"worker-{k}")),
                log=log,
            )
            for k in range(2)
        ),
    ]
    try:
        end = time.monotonic() + 120
        while not said.exists() or not said.read_text():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield json.loads(said.read_text())["address"], processes[1:]
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow
def test_a_worker_that_is_killed_midway_costs_no_report(tmp_path, cluster, monkeypatch):
    address, workers = cluster
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())
    marks = tmp_path / "marks"
    marks.mkdir()
    cell = f"""
import time
from pathlib import Path

(Path({str(marks)!r}) / area).touch()
time.sleep(1)"""
    path = tiny.write(tmp_path, tiny.TITLE, cell, name="risks")
    keys = ["surrey", "norfolk", "suffolk", "kent-medway"]
    jobs = {key: (Job(path, key, {"area": key}),) for key in keys}
    outputs, started = tmp_path / "outputs", provenance.now()
    place = clusters.place(address, str(outputs))
    results = []
    for result in batch.run(jobs, outputs, place=place):
        if not results:  # others are running now
            workers[0].kill()
        results.append(result)
    assert {result.key for result in results} == set(keys)
    assert [result.error for result in results] == [None] * 4
    manifest.write(outputs, started, {})
    assert manifest.verify(outputs) == []
    # Nor is anything left of the folder for national results.
    assert {path.name for path in outputs.iterdir()} == {*keys, "ro-crate-metadata.json"}
