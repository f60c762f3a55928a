"""The same plan on many machines: a dask.distributed cluster in place of the local pool.

Each worker has the same clone of this project and runs one notebook at a time. What it makes comes
back as the result of its task, files and all; this process checks it and publishes. National
results are tasks that pages depend on, so dask carries them from worker to worker, and does again
what was lost with one. A worker whose notebook, tables, library or packages are others than here
refuses: a report is never made of two versions.

Needs the extra ``lgr-report[dask]``.
"""

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lgr_report.runs import executors, plan, provenance
from lgr_report.runs.executors import Place
from lgr_report.runs.records import Job, Page, reason
from lgr_report.sources import cache, kept, library

if TYPE_CHECKING:
    import distributed

LOCAL = "local"
RETRIES = 2  # by dask, of a task that could not even be unpacked; those of lost workers come free


class ClusterError(RuntimeError):
    """There is no cluster to run on."""


@dataclass(frozen=True)
class Made:
    """What a worker made of a job, with its files: of a page, or of national results."""

    page: Page
    files: Mapping[str, bytes] = field(default_factory=dict)


def place(address: str) -> Place:
    """Return a cluster as the place where jobs are done.

    Parameters
    ----------
    address : str
        Of the scheduler, as ``tcp://10.0.0.1:8786``; ``local`` starts a cluster on this machine.

    Raises
    ------
    ClusterError
        If dask is not installed.
    """
    try:
        import distributed
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
                opened.enter_context(client)  # when it closes, what has not begun is taken back
            except (OSError, ValueError) as error:
                raise ClusterError(f"no scheduler at {address}: {error}") from error
            yield Workers(client)

    def receive(future: Future, job: Job) -> Page:
        try:
            return written(future.result(), job)
        except distributed.KilledWorker as error:  # its own, or that of national work it needs
            raise BrokenExecutor from error

    return Place(start, make, receive)


class Workers(Executor):
    """The workers of a cluster. A page waits for the national work that it asks for."""

    def __init__(self, client: "distributed.Client"):
        self._client, self._pages = client, client.get_executor(retries=RETRIES, pure=False)
        self._inputs = provenance.shared_inputs()
        self._work: dict[str, distributed.Future] = {}

    def submit(self, make: Callable[..., Made], job: Job) -> "Future | distributed.Future":
        """Have a job done by whichever worker is free."""
        job = replace(job, required=state(job, self._inputs))
        if job.call:
            self._work[job.call] = self._client.submit(make, job, retries=RETRIES, pure=False)
            return self._work[job.call]
        calls = [work.call for work in plan.national_work([job])]
        return self._pages.submit(make, job, *(self._work[c] for c in calls if c in self._work))


def make(job: Job, *work: Made) -> Made:
    """Make a page, or do national work, on a worker; ``work`` is what was done of it before.

    What goes wrong belongs to the job. Who needs national work that failed computes it, and meets
    what is wrong.
    """
    try:
        if not job.notebook.exists():  # this machine's clone lies elsewhere
            job = replace(job, notebook=plan.NOTEBOOKS / job.notebook.name)
        _refuse_another_state(job)
        with tempfile.TemporaryDirectory(prefix="lgr-report-") as private:
            folder, results = Path(private), Path(private, "results")
            results.mkdir()
            for done in work:
                for name, entry in done.files.items():
                    (results / name).write_bytes(entry)
            with executors.environ(dict.fromkeys((cache.FOLDER, kept.FOLDER), str(results))):
                page = executors.make(replace(job, folder=folder))
            files = [folder / name for name in page.outputs]
            if job.call:
                files = results.glob(f"*{cache.ENTRY}")
            return Made(page, {path.name: path.read_bytes() for path in files})
    except Exception as error:
        return Made(Page(job.name, job.area, error=reason(error)))


def state(job: Job, shared: provenance.Shared | None = None) -> dict[str, str]:
    """Return what a worker must have just as the one who asks: inputs and environment."""
    packages = {"Python, packages or system": repr(provenance.environment())}
    return provenance.inputs(job, shared) | packages


def written(made: Made, job: Job) -> Page:
    """Write the files that a worker made into the job's folder, if they are what was made."""
    for name, (digest, _) in made.page.outputs.items():
        content = made.files.get(name, b"")
        if hashlib.sha256(content).hexdigest() != digest:
            raise ClusterError(f"{name} is not what the worker made")
        (job.folder / name).write_bytes(content)
    return made.page


def _refuse_another_state(job: Job) -> None:
    shared = provenance.shared_inputs()
    here = state(job, shared)
    if differing := sorted({name for name, _ in here.items() ^ job.required.items()}):
        raise ClusterError(f"this worker differs in {', '.join(differing)}")
    if shared.library != library.AT_START:
        raise ClusterError("this worker began before its library was changed: start it anew")
