"""Jobs on any executor: each done once, a killed process forgiven, a cluster told apart."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from lgr_report.runs import clusters, executors, manifest, provenance
from lgr_report.runs.executors import KILLED, Place
from lgr_report.runs.records import Job, Page
from lgr_report.runs.stale import is_whole
from lgr_report.sources import cache, library, tables


def jobs(n: int) -> list[Job]:
    return [Job(Path(f"{k}.ipynb"), f"area-{k}") for k in range(n)]


def work(call: str) -> Job:
    return Job(Path("0.ipynb"), "national", call=call)


def page(job: Job) -> Page:
    return Page(job.name, job.area)


class Fragile(Executor):
    """An executor that breaks, as a pool of processes does, at the jobs that kill."""

    refuses = False  # jobs, once it is broken

    def __init__(self, workers: int, deadly: dict[str, int], tried: list[str]):
        self.workers, self.deadly, self.tried, self.broken = workers, deadly, tried, False

    def submit(self, make, job):
        future = Future()
        if job.call:
            self.tried.append(job.call)
            self.broken |= self.deadly.pop(job.call, 0) > 0
            return future
        if self.refuses and self.broken:
            raise BrokenExecutor
        self.tried.append(job.area)
        if not self.broken and self.deadly.get(job.area, 0):
            self.deadly[job.area] -= 1
            self.broken = True
        if self.broken:
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(make(job))
        return future


def run(n: int, deadly: dict[str, int], wanted=lambda job: True, national_work=()):
    tried, pools = [], []

    @contextlib.contextmanager
    def start(workers):
        pools.append(workers)
        yield Fragile(workers, deadly, tried)

    place = Place(start, page)
    pages = list(executors.pages(jobs(n), place, 4, wanted, national_work=national_work))
    return {page.area: page for page in pages}, len(pages), pools, tried


def test_every_job_is_done_once():
    found, count, pools, tried = run(5, {})
    assert count == len(found) == len(tried) == 5
    assert pools == [4]
    assert all(one.error is None for one in found.values())


def test_a_process_that_is_killed_once_costs_no_report():
    found, count, pools, _ = run(5, {"area-2": 1})
    assert count == 5
    assert all(one.error is None for one in found.values())
    assert pools == [4, 4]


def test_a_process_that_was_killed_is_told_of(caplog):
    run(3, {"area-1": 1})
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == f"{KILLED}: what it was doing is done again"


def test_a_pool_that_cannot_start_a_zygote_has_ordinary_kernels(monkeypatch, caplog):
    def no_process(self, env):
        raise BlockingIOError("no more processes")

    forks = pytest.importorskip("forked_kernels.forks")
    monkeypatch.delenv("FORKED_KERNELS", raising=False)
    monkeypatch.setattr(forks.Forks, "zygote", no_process)
    monkeypatch.setattr(forks, "here", forks.Forks())
    with executors.local(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()
    (record,) = caplog.records
    assert "no more processes" in record.getMessage()


def test_only_the_job_that_kills_its_process_each_time_fails():
    found, count, pools, _ = run(5, {"area-2": 99})
    assert count == 5
    assert {key for key, one in found.items() if one.error} == {"area-2"}
    assert found["area-2"].error == KILLED
    assert pools == [4, 4, 1, 1]


def test_an_executor_that_is_broken_before_the_last_job_costs_no_other(monkeypatch):
    monkeypatch.setattr(Fragile, "refuses", True)
    found, count, _, _ = run(5, {"area-0": 99})
    assert count == 5
    assert {key for key, one in found.items() if one.error} == {"area-0"}


def test_national_work_is_begun_first_and_once():
    found, count, _, tried = run(3, {}, national_work=[work("a"), work("b")])
    assert tried == ["a", "b", "area-0", "area-1", "area-2"]
    assert count == len(found) == 3


def test_national_work_that_kills_its_process_costs_no_report():
    found, count, pools, tried = run(3, {"a": 1}, national_work=[work("a")])
    assert count == 3
    assert all(one.error is None for one in found.values())
    assert pools == [4, 4]
    assert tried.count("a") == 1


def test_what_no_longer_matters_is_not_run_again():
    found, _, _, tried = run(5, {"area-1": 99}, wanted=lambda job: job.area != "area-3")
    assert set(found) == {"area-0", "area-1", "area-2", "area-4"}
    assert tried.count("area-3") == 1


def test_an_error_of_the_executor_itself_belongs_to_its_job():
    def fails(job):
        if job.area == "area-1":
            raise MemoryError("no worker could hold it")
        return page(job)

    def receive(future, job):
        if job.area == "area-2":
            raise FileNotFoundError("not there")
        return future.result()

    place = Place(ThreadPoolExecutor, fails, receive)
    found = {page.area: page for page in executors.pages(jobs(4), place, 2)}
    assert found["area-1"].error == "MemoryError: no worker could hold it"
    assert found["area-2"].error == "FileNotFoundError: not there"
    assert found["area-0"].error is found["area-3"].error is None


# A worker elsewhere


@pytest.fixture
def job(tmp_path, monkeypatch):
    """Return a job for a worker elsewhere."""
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())
    path = tiny.write(tmp_path, tiny.TITLE, name="risks")
    folder = tmp_path / "here"
    folder.mkdir()
    about = {"folder": folder, "sibling_pages": ("risks",)}
    found = Job(path, "surrey", {"area": "surrey"}, **about)
    return replace(found, required=clusters.state(found))


@pytest.fixture
def quick(monkeypatch):
    """Make pages without a kernel."""
    from lgr_report.runs import making

    def make(job):
        files = {}
        for suffix in ("html", "ipynb"):
            path = job.folder / f"{job.name}.{suffix}"
            path.write_text(f"{job.area} {suffix}", encoding="utf-8")
            files[path.name] = (provenance.sha256(path), path.stat().st_size)
        return Page(job.name, job.area, "key", outputs=files)

    monkeypatch.setattr(making, "make", make)


def test_what_a_worker_made_arrives_whole(job, quick):
    made = clusters.make(job)
    assert made.page.error is None
    assert list(job.folder.iterdir()) == []
    assert clusters.written(made, job) == made.page
    assert (job.folder / "risks.html").read_text(encoding="utf-8") == "surrey html"
    assert is_whole(job.folder, made.page)


def test_a_worker_keeps_nothing_of_a_job(job, tmp_path, monkeypatch):
    from lgr_report.runs import making

    seen = []

    def make(job):
        folder = Path(os.environ[cache.FOLDER])
        seen.extend([folder, job.folder, *(path.read_bytes() for path in folder.iterdir())])
        return Page(job.name, job.area)

    monkeypatch.setattr(making, "make", make)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "private"))
    (tmp_path / "private").mkdir()
    before = dict(os.environ)
    work = clusters.Made(Page("risks", "national"), {f"x{cache.ENTRY}": b"handed on"})
    clusters.make(replace(job, validated="tables of the one who asks"), work)
    assert seen[2:] == [b"handed on"]
    assert dict(os.environ) == before
    assert list((tmp_path / "private").iterdir()) == []


@pytest.mark.parametrize("files", [{"risks.html": b"other"}, {}])
def test_a_page_that_changed_on_its_way_is_refused(job, quick, files):
    made = replace(clusters.make(job), files=files)
    with pytest.raises(clusters.ClusterError, match=r"risks\.html is not what the worker made"):
        clusters.written(made, job)
    assert list(job.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["lgr_report/", "data/councils.csv", "Python, packages or system"])
def test_a_worker_with_another_library_table_or_package_refuses(job, quick, name):
    assert name in job.required
    made = clusters.make(replace(job, required=job.required | {name: "other"}))
    assert made.files == made.page.outputs == {}
    assert made.page.error == f"ClusterError: this worker differs in {name}"


def test_a_worker_that_is_older_than_its_library_refuses(job, quick, monkeypatch):
    monkeypatch.setattr(library, "AT_START", library.Library({}))
    made = clusters.make(job)
    assert made.files == made.page.outputs == {}
    assert "began before its library was changed" in made.page.error


def test_a_page_whose_worker_or_national_work_was_killed_is_made_again(job):
    killed = pytest.importorskip("distributed").KilledWorker("make-1", None, 3)
    future = Future()
    future.set_exception(killed)
    with pytest.raises(BrokenExecutor):
        clusters.place("tcp://127.0.0.1:1").receive(future, job)


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
def test_a_worker_that_is_killed_midway_costs_no_report(tmp_path, cluster, command, monkeypatch):
    address, workers = cluster
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())
    mark = tmp_path / "mark"
    # The first to run it says which worker it is on, and never ends.
    stuck = f"""
import os
import time
from pathlib import Path

mark = Path({str(mark)!r})
if area == "surrey" and not mark.exists():
    parent = os.getppid()  # or its parent, where a zygote is between
    grandparent = Path(f"/proc/{{parent}}/stat").read_text().rpartition(")")[2].split()[1]
    mark.write_text(f"{{parent}} {{grandparent}}\\n")
    time.sleep(600)"""
    path = tiny.write(tmp_path, tiny.TITLE, stuck, name="risks")
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", path.parent)
    killed, ended = [], threading.Event()

    def kill() -> None:
        while not (mark.exists() and mark.read_text().endswith("\n")):
            if ended.wait(0.05):
                return
        for worker in workers:
            if str(worker.pid) in mark.read_text().split():
                worker.kill()
                killed.append(worker.pid)

    killer = threading.Thread(target=kill)
    killer.start()
    keys, outputs = ["surrey", "norfolk", "suffolk", "kent-medway"], tmp_path / "outputs"
    arguments = ("--scheduler", address, "--outputs", str(outputs))
    try:
        code, out, err = command("build", *keys, *arguments)
    finally:
        ended.set()
        killer.join()
    assert code == 0, err
    assert len(killed) == 1
    assert out.splitlines()[-2].startswith("lgr-report: 4 of 4 reports built")
    assert manifest.problems(outputs) == []


@pytest.mark.slow
def test_a_cluster_on_this_machine_builds_what_a_pool_does(tmp_path, command, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())
    path = tiny.write(tmp_path, tiny.TITLE, name="risks")
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", path.parent)
    made = []
    for how in (("--dask", "local"), ()):
        outputs = tmp_path / f"outputs-{len(made)}"
        code, _, err = command("build", "surrey", "norfolk", *how, "--outputs", str(outputs))
        assert code == 0, err
        assert manifest.problems(outputs) == []
        pages = sorted(outputs.glob("*/risks.*"))
        made.append([(page.name, page.read_bytes()) for page in pages])
    assert len(made[0]) == 4 and made[0] == made[1]
