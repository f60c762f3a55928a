"""The same plan on many machines: a dask.distributed cluster in place of the local pool.

Each worker has the same clone of this project and runs one notebook at a time. It puts what it made
into a folder or bucket that all can reach (any address that fsspec knows); this process fetches it,
checks it by its SHA-256 and publishes. A worker whose notebook, tables or library are others than
here refuses: a report is never made of two versions.

Needs the extra ``lgr-report[dask]``.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lgr_report.runs import plan, provenance
from lgr_report.runs.executors import Place
from lgr_report.runs.plan import Job
from lgr_report.runs.tasks import Made, Task, reason
from lgr_report.sources import shared, tables

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LOCAL = "local"
RETRIES = 2  # of the cluster, for a task whose worker was lost


class ClusterError(RuntimeError):
    """There is no cluster to run on."""


@dataclass(frozen=True)
class Order:
    """A task for a worker elsewhere: what it must find there, and where its results go."""

    task: Task
    inputs: Mapping[str, str]
    validated: str | None
    share: str


def place(address: str, share: str) -> Place:
    """Return a cluster as the place where tasks run.

    Parameters
    ----------
    address : str
        Of the scheduler, as ``tcp://10.0.0.1:8786``; ``local`` starts a cluster on this machine.
    share : str
        Folder or address (``s3://bucket/folder``) that this process and all workers can reach.

    Raises
    ------
    ClusterError
        If dask is not installed.
    """
    try:
        import distributed
        import fsspec
    except ImportError as error:
        raise ClusterError("a cluster needs dask: pip install 'lgr-report[dask]'") from error

    @contextlib.contextmanager
    def start(workers: int) -> Iterator[Executor]:
        with contextlib.ExitStack() as opened:
            try:
                if address == LOCAL:
                    cluster = distributed.LocalCluster(
                        n_workers=workers, threads_per_worker=1, dashboard_address=None
                    )
                    client = distributed.Client(opened.enter_context(cluster))
                else:
                    client = distributed.Client(address)
                opened.enter_context(client)
            except (OSError, ValueError) as error:
                raise ClusterError(f"no scheduler at {address}: {error}") from error
            executor = client.get_executor(retries=RETRIES, pure=False)
            try:
                yield executor
            except BaseException:
                executor.shutdown(wait=False)  # takes back what has not begun
                raise
            executor.shutdown()

    def work(task: Task) -> Order:
        return Order(task, provenance.inputs(task.job), os.environ.get(tables.VALIDATED), share)

    def fetch(task: Task, made: Made) -> None:
        files, root = fsspec.url_to_fs(share)
        _fetch(files, f"{root.rstrip('/')}/{task.folder.name}", task, made)

    return Place(start, make, work, fetch)


def make(order: Order) -> Made:
    """Make a page on a worker, and put it where the one who ordered it can fetch it."""
    import fsspec

    from lgr_report.runs import making

    task = order.task
    try:
        job = _here(task.job)
        found = provenance.inputs(job)
        other = sorted(
            name for name in {*found, *order.inputs} if found.get(name) != order.inputs.get(name)
        )
        if other:
            raise ClusterError(f"this worker has another {', '.join(other)}")
        os.environ[shared.FOLDER] = _private()
        if order.validated:
            os.environ[tables.VALIDATED] = order.validated
        with tempfile.TemporaryDirectory(prefix="lgr-report-") as folder:
            made = making.make(replace(task, job=job, folder=Path(folder)))
            if made.run is not None:
                files, root = fsspec.url_to_fs(order.share)
                target = f"{root.rstrip('/')}/{task.folder.name}"
                files.makedirs(target, exist_ok=True)
                for name in made.run.outputs:
                    files.put_file(f"{folder}/{name}", f"{target}/{name}")
        return made
    except Exception as error:
        return Made(task.job.key, task.job.name, 0.0, error=reason(error))


def _here(job: Job) -> Job:
    """Return a job with the notebook of this machine's own clone, wherever that lies."""
    return (
        job if job.notebook.exists() else replace(job, notebook=plan.NOTEBOOKS / job.notebook.name)
    )


@lru_cache(maxsize=1)
def _private() -> str:
    """Return a folder in which this worker's kernels share national work, until it ends."""
    folder = tempfile.mkdtemp(prefix="lgr-report-shared-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _fetch(files: "AbstractFileSystem", source: str, task: Task, made: Made) -> None:
    """Fetch what a worker made into the task's folder, and check that it is what was made."""
    for name, (digest, _) in made.run.outputs.items():
        path = task.folder / name
        if not path.exists():
            files.get_file(f"{source}/{name}", str(path))
            files.rm_file(f"{source}/{name}")
        if provenance.sha256(path) != digest:
            raise ClusterError(f"{name} is not what the worker made")
