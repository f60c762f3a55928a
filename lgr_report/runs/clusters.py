"""The same plan on many machines: a dask.distributed cluster in place of the local pool.

Each worker has the same clone of this project and runs one notebook at a time. It puts what it made
into the batch's folder in a folder or bucket that all can reach (any address that fsspec knows);
this process fetches it, checks it by its SHA-256 and publishes. National results pass the same way
between workers. A worker whose notebook, tables, library or packages are others than here refuses:
a report is never made of two versions.

Needs the extra ``lgr-report[dask]``.
"""

import atexit
import contextlib
import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lgr_report.runs import plan, provenance, publishing
from lgr_report.runs.executors import Place
from lgr_report.runs.plan import Job
from lgr_report.runs.tasks import Made, Task, Work, reason
from lgr_report.sources import cache, tables

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LOCAL = "local"
BEGUN, PART = "begun", ".part"  # while a batch runs; of a result that is on its way
RETRIES = 2  # by dask, of a task that could not even be unpacked; those of lost workers come free

log = logging.getLogger("lgr_report")


class ClusterError(RuntimeError):
    """There is no cluster to run on."""


@dataclass(frozen=True)
class Order:
    """A task for a worker elsewhere: what it must find there, and where its results go.

    ``folder`` is the batch's: pages pass through it, and national results, of which each worker
    takes a copy.
    """

    task: Task | Work
    inputs: Mapping[str, str]
    validated: str | None
    folder: str


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
        If dask, or what the share needs, is not installed; if nobody knows such a share.
    """
    try:
        import distributed
        import fsspec  # noqa: F401
    except ImportError as error:
        raise ClusterError("a cluster needs dask: pip install 'lgr-report[dask]'") from error

    if "://" not in share:
        share = str(Path(share).absolute())
    folder = f"{share.rstrip('/')}/{publishing.BUILDING}{uuid.uuid4().hex}"
    try:
        _opened(folder)
    except (ImportError, ValueError) as error:
        raise ClusterError(f"the share {share} cannot be used: {error}") from error

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
            opened.callback(_remove, folder)
            files, root = _opened(folder)
            files.makedirs(root, exist_ok=True)
            files.touch(f"{root}/{BEGUN}")
            executor = client.get_executor(retries=RETRIES, pure=False)
            try:
                yield executor
            except BaseException:
                executor.shutdown(wait=False)  # takes back what has not begun
                raise
            executor.shutdown()

    def work(task: Task | Work) -> Order:
        return Order(task, _made_from(task), os.environ.get(tables.VALIDATED), folder)

    def fetch(task: Task, made: Made) -> None:
        _fetch(*_opened(f"{folder}/{task.folder.name}"), task, made)

    return Place(start, make, work, fetch)


def make(order: Order) -> Made | None:
    """Make a page on a worker, and put it where the one who ordered it can fetch it.

    Or do national work, and put its results where all workers can fetch them.
    """
    if isinstance(order.task, Work):
        with contextlib.suppress(Exception):  # who needs it computes it, and meets what is wrong
            _prepare(order)
        return None
    try:
        return _make(order)
    except Exception as error:
        return Made(order.task.job.key, order.task.job.name, 0.0, error=reason(error))


def _prepare(order: Order) -> None:
    from lgr_report.runs import making

    _begin(order, order.task)
    making.prepare(order.task)
    files, root = _opened(order.folder)
    there = _names(files, root)
    for entry in Path(_private(order.folder)).glob(f"*{cache.ENTRY}"):
        if entry.name not in there and _goes_on(order.folder):
            files.put_file(str(entry), f"{root}/{entry.name}{PART}")
            files.mv(f"{root}/{entry.name}{PART}", f"{root}/{entry.name}")


def _begin(order: Order, task: Task | Work) -> None:
    """Refuse on a worker in another state; take over what national results there are."""
    found = _made_from(task)
    other = sorted(
        name for name in {*found, *order.inputs} if found.get(name) != order.inputs.get(name)
    )
    if other:
        raise ClusterError(f"this worker differs in {', '.join(other)}")
    if found[provenance.PACKAGE] != cache.LIBRARY:
        raise ClusterError("this worker began before its library was changed: start it anew")
    os.environ[cache.FOLDER] = _private(order.folder)
    if order.validated:
        os.environ[tables.VALIDATED] = order.validated
    try:
        _take_over(order)
    except Exception as error:  # of any driver; without them the notebook computes its own
        log.debug("national results are not taken over: %s", error)


def _take_over(order: Order) -> None:
    files, root = _opened(order.folder)
    for name in _names(files, root):
        mine = Path(_private(order.folder), name)
        if not mine.exists():
            files.get_file(f"{root}/{name}", str(mine))


def _make(order: Order) -> Made:
    from lgr_report.runs import making

    task = replace(order.task, job=_here(order.task.job))
    _begin(order, task)
    with tempfile.TemporaryDirectory(prefix="lgr-report-") as folder:
        made = making.make(replace(task, folder=Path(folder)))
        if made.run is not None:
            if not _goes_on(order.folder):
                raise ClusterError("the batch is over: nobody would fetch this page")
            files, root = _opened(f"{order.folder}/{task.folder.name}")
            files.makedirs(root, exist_ok=True)
            for name in made.run.outputs:
                files.put_file(f"{folder}/{name}", f"{root}/{name}")
    return made


def _goes_on(folder: str) -> bool:
    """Return whether a batch goes on. Once it is over nobody clears away what still comes."""
    files, root = _opened(folder)
    files.invalidate_cache(root)  # some drivers keep what they saw first
    return files.exists(f"{root}/{BEGUN}")


def _made_from(task: Task | Work) -> dict[str, str]:
    """Return what a worker must have just as the one who orders."""
    mine = {"Python, packages or system": repr(provenance.environment())}
    if isinstance(task, Task):
        return mine | provenance.inputs(task.job)
    return mine | {provenance.PACKAGE: cache.library(), "data/": tables.fingerprint()}


def _opened(address: str) -> tuple["AbstractFileSystem", str]:
    import fsspec

    return fsspec.url_to_fs(address)


def _names(files: "AbstractFileSystem", root: str) -> set[str]:
    """Return the names of the national results in a folder, none if it is not there."""
    files.invalidate_cache(root)  # some drivers keep what they saw first
    with contextlib.suppress(FileNotFoundError):
        found = (path.rsplit("/", 1)[-1] for path in files.ls(root, detail=False))
        return {name for name in found if name.endswith(cache.ENTRY)}
    return set()


def _remove(address: str) -> None:
    try:
        files, root = _opened(address)
        files.rm(root, recursive=True)
    except Exception as error:  # of any driver; the batch itself went well
        log.warning("what passed between the workers stays in %s: %s", address, error)


def _here(job: Job) -> Job:
    """Return a job with the notebook of this machine's own clone, wherever that lies."""
    return (
        job if job.notebook.exists() else replace(job, notebook=plan.NOTEBOOKS / job.notebook.name)
    )


def _private(batch: str) -> str:
    """Return a folder in which this worker's kernels share the national work of a batch.

    It is removed when another batch begins after that one, or when the worker ends.
    """
    if batch not in _folders:
        for other in [other for other in _folders if not _goes_on(other)]:
            shutil.rmtree(_folders.pop(other), ignore_errors=True)
        _folders[batch] = tempfile.mkdtemp(prefix="lgr-report-shared-")
        atexit.register(shutil.rmtree, _folders[batch], ignore_errors=True)
    return _folders[batch]


_folders: dict[str, str] = {}  # of this worker, by batch


def _fetch(files: "AbstractFileSystem", source: str, task: Task, made: Made) -> None:
    """Fetch what a worker made into the task's folder, and check that it is what was made."""
    for name, (digest, _) in made.run.outputs.items():
        path = task.folder / name
        files.get_file(f"{source}/{name}", str(path))
        files.rm_file(f"{source}/{name}")
        if provenance.sha256(path) != digest:
            raise ClusterError(f"{name} is not what the worker made")
