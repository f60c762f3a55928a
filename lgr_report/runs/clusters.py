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
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lgr_report.runs import plan, provenance, publishing
from lgr_report.runs.executors import Place
from lgr_report.runs.records import Job, Page, reason
from lgr_report.sources import cache, library, tables

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LOCAL = "local"
BEGUN, PART = "begun", ".part"  # while a batch runs; of a result that is on its way
RETRIES = 2  # by dask, of a task that could not even be unpacked; those of lost workers come free

log = logging.getLogger("lgr_report")


class ClusterError(RuntimeError):
    """There is no cluster to run on."""


def place(address: str, share: str) -> Place:
    """Return a cluster as the place where jobs are done.

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

    def fill_in(jobs: Sequence[Job]) -> Iterator[Job]:
        shared, valid = provenance.shared_inputs(), os.environ.get(tables.VALIDATED)
        for job in jobs:
            required = _state(provenance.inputs(job, shared))
            yield replace(job, validated=valid, required=required, share=folder)

    def fetch(job: Job, page: Page) -> None:
        _fetch(*_opened(f"{folder}/{job.folder.name}"), job, page)

    return Place(start, make, fill_in, fetch)


def make(job: Job) -> Page | None:
    """Make a page on a worker, and put it where the one who asked for it can fetch it.

    Or do national work, and put its results where all workers can fetch them.
    """
    try:
        if not job.notebook.exists():  # this machine's clone lies elsewhere
            job = replace(job, notebook=plan.NOTEBOOKS / job.notebook.name)
        return _do_national_work(job) if job.call else _make(job)
    except Exception as error:  # who needs national work computes it, and meets what is wrong
        return None if job.call else Page(job.name, job.area, error=reason(error))


def _do_national_work(job: Job) -> None:
    from lgr_report.runs import making

    _begin(job)
    making.do_national_work(job)
    files, root = _opened(job.share)
    there = _shared_results(files, root)
    for result in Path(_private(job.share)).glob(f"*{cache.ENTRY}"):
        if result.name not in there and _goes_on(job.share):
            files.put_file(str(result), f"{root}/{result.name}{PART}")
            files.mv(f"{root}/{result.name}{PART}", f"{root}/{result.name}")


def _make(job: Job) -> Page:
    from lgr_report.runs import making

    _begin(job)
    with tempfile.TemporaryDirectory(prefix="lgr-report-") as folder:
        page = making.make(replace(job, folder=Path(folder)))
        if page.error is None:
            if not _goes_on(job.share):
                raise ClusterError("the batch is over: nobody would fetch this page")
            files, root = _opened(f"{job.share}/{job.folder.name}")
            files.makedirs(root, exist_ok=True)
            for name in page.outputs:
                files.put_file(f"{folder}/{name}", f"{root}/{name}")
    return page


def _begin(job: Job) -> None:
    """Refuse on a worker in another state; take over what national results there are."""
    here = _state(provenance.inputs(job))
    if differing := sorted({name for name, _ in here.items() ^ job.required.items()}):
        raise ClusterError(f"this worker differs in {', '.join(differing)}")
    if library.now() != library.AT_START:
        raise ClusterError("this worker began before its library was changed: start it anew")
    os.environ[cache.FOLDER] = _private(job.share)
    if job.validated:
        os.environ[tables.VALIDATED] = job.validated
    try:
        _take_over_results(job.share)
    except Exception as error:  # of any driver; without them the notebook computes its own
        log.debug("national results are not taken over: %s", error)


def _take_over_results(share: str) -> None:
    files, root = _opened(share)
    for name in _shared_results(files, root):
        copy = Path(_private(share), name)
        if not copy.exists():
            files.get_file(f"{root}/{name}", str(copy))


def _goes_on(share: str) -> bool:
    """Return whether a batch goes on. Once it is over nobody clears away what still comes."""
    files, root = _opened(share)
    files.invalidate_cache(root)  # some drivers keep what they saw first
    return files.exists(f"{root}/{BEGUN}")


def _state(inputs: dict[str, str]) -> dict[str, str]:
    """Return what a worker must have just as the one who asks: inputs and environment."""
    return inputs | {"Python, packages or system": repr(provenance.environment())}


def _opened(address: str) -> tuple["AbstractFileSystem", str]:
    import fsspec

    return fsspec.url_to_fs(address)


def _shared_results(files: "AbstractFileSystem", root: str) -> set[str]:
    """Return the names of the national results in a folder, none if it is not there."""
    files.invalidate_cache(root)  # some drivers keep what they saw first
    with contextlib.suppress(FileNotFoundError):
        names = (path.rsplit("/", 1)[-1] for path in files.ls(root, detail=False))
        return {name for name in names if name.endswith(cache.ENTRY)}
    return set()


def _remove(address: str) -> None:
    try:
        files, root = _opened(address)
        files.rm(root, recursive=True)
    except Exception as error:  # of any driver; the batch itself went well
        log.warning("what passed between the workers stays in %s: %s", address, error)


def _private(share: str) -> str:
    """Return a folder in which this worker's kernels share the national work of a batch.

    It is removed when another batch begins after that one, or when the worker ends.
    """
    if share not in _folders:
        for other in [other for other in _folders if not _goes_on(other)]:
            shutil.rmtree(_folders.pop(other), ignore_errors=True)
        _folders[share] = tempfile.mkdtemp(prefix="lgr-report-shared-")
        atexit.register(shutil.rmtree, _folders[share], ignore_errors=True)
    return _folders[share]


_folders: dict[str, str] = {}  # of this worker, by the share of a batch


def _fetch(files: "AbstractFileSystem", source: str, job: Job, page: Page) -> None:
    """Fetch what a worker made into the job's folder, and check that it is what was made."""
    for name, (digest, _) in page.outputs.items():
        path = job.folder / name
        files.get_file(f"{source}/{name}", str(path))
        files.rm_file(f"{source}/{name}")
        if provenance.sha256(path) != digest:
            raise ClusterError(f"{name} is not what the worker made")
