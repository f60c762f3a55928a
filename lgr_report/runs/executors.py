"""Do jobs on any `concurrent.futures.Executor`; by default a pool of processes here.

A process that is killed takes the pool with it. The jobs that were not done go to a new one; when
that has happened twice they go alone, so that only the one that does it fails.
"""

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from lgr_report.runs import address_grammar, kernels
from lgr_report.runs.records import Job, Page, reason
from lgr_report.sources import tables
from lgr_report.sources.library import AT_START

KILLED = "a process that runs notebooks was killed (too little memory?)"
MAX_POOL_FAILURES = 2  # pools that may break before jobs go alone
Start = Callable[[int], contextlib.AbstractContextManager[Executor]]

log = logging.getLogger("lgr_report")


@dataclass(frozen=True)
class Place:
    """Where jobs are done.

    ``start`` gives an executor for so many workers; ``make`` is what it does with a job;
    ``receive`` gives the page of a job that is done, its files in the job's folder.
    """

    start: Start
    make: Callable[[Job], object]
    receive: Callable[[Future, Job], Page] = lambda future, job: future.result()


def make(job: Job) -> Page:
    """Make a page, or do national work; in a process that imports what that takes when it does."""
    from lgr_report.runs import making

    with environ({tables.VALIDATED: job.validated} if job.validated else {}):
        if not job.call:
            return making.make(job)
        making.do_national_work(job)
        return Page(job.name, job.area)


@contextlib.contextmanager
def environ(variables: Mapping[str, str]) -> Iterator[None]:
    """Tell the kernels that start meanwhile; this process may do other things after."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def pages(
    jobs: Sequence[Job],
    place: Place,
    workers: int,
    wanted: Callable[[Job], bool] = lambda job: True,
    meanwhile: Callable[[], None] = lambda: None,
    national_work: Sequence[Job] = (),
) -> Iterator[Page]:
    """Make pages; yield each, or why there is none, in the order of completion.

    Parameters
    ----------
    jobs : sequence of Job
        The pages to make.
    place : Place
        Where; `HERE` by default in `batch.run`.
    workers : int
        How many at once.
    wanted : callable
        Asked before a page is made again after an accident: whether it still matters.
    meanwhile : callable
        What is to be done before the first page, while the processes start.
    national_work : sequence of Job
        What to begin before the pages, which queue behind what does not fit beside them. No page
        needs it: one whose result is being computed waits for that; one that finds none computes
        it.
    """
    left, failures = list(jobs), 0
    while left:
        alone = failures >= MAX_POOL_FAILURES
        with place.start(1 if alone else workers) as executor:
            if not failures:
                meanwhile()
                _submitted(executor, place, national_work)
            lost = False
            for together in [[job] for job in left if wanted(job)] if alone else [list(left)]:
                for job, page in _finished(executor, place, together):
                    lost |= page is None
                    if page is not None or alone:
                        left.remove(job)
                        yield page or Page(job.name, job.area, error=KILLED)
                if lost:
                    break
            if lost and not alone:
                log.warning("%s: what it was doing is done again", KILLED)
            failures += lost
        left = [job for job in left if wanted(job)]


def _submitted(executor: Executor, place: Place, jobs: Sequence[Job]) -> list[Future]:
    """Submit jobs to an executor; return those of them that it took."""
    futures = []
    # An executor that is broken already takes no more.
    with _interrupts_blocked(), contextlib.suppress(BrokenExecutor):
        for job in jobs:
            about = {"validated": os.environ.get(tables.VALIDATED), "library": AT_START.whole}
            job = replace(job, **about)
            futures.append(executor.submit(place.make, job))
    return futures


def _finished(
    executor: Executor, place: Place, jobs: Sequence[Job]
) -> Iterator[tuple[Job, Page | None]]:
    """Do jobs on an executor; yield each with its page, or nothing if the executor broke."""
    futures = dict(zip(_submitted(executor, place, jobs), jobs, strict=False))
    for job in jobs[len(futures) :]:
        yield job, None
    for future in as_completed(futures):
        job = futures.pop(future)  # nobody keeps what it holds
        yield job, _page(future, job, place)


def _page(future: Future, job: Job, place: Place) -> Page | None:
    """Return the page of a job, or nothing if its process was killed."""
    try:
        return place.receive(future, job)
    except BrokenExecutor:
        return None
    except Exception as error:  # the executor's own, which could not do it anywhere, or of files
        return Page(job.name, job.area, error=reason(error))


@contextlib.contextmanager
def local(workers: int) -> Iterator[Executor]:
    """Give a pool of processes on this machine; when the run is stopped, kill them.

    They share a process from which their kernels are forked. A kernel ends with its worker, and all
    of them with this process.
    """
    before = set(multiprocessing.active_children())
    with contextlib.ExitStack() as opened:
        private = Path(tempfile.mkdtemp(prefix="lgr-report-"))
        opened.callback(shutil.rmtree, private, ignore_errors=True)
        shared = opened.enter_context(kernels.sharing(private))
        # Spawned, not forked: a worker must not inherit this process's event loops and locks.
        pool = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(str(private), shared),
        )
        try:
            with _interrupts_blocked(), contextlib.suppress(BrokenExecutor):
                for _ in range(workers):
                    pool.submit(_get_ready)
            yield pool
            pool.shutdown()
        except BaseException:
            for worker in set(multiprocessing.active_children()) - before:
                worker.kill()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _begin(private: str, shared: object) -> None:
    """Prepare a worker process."""
    # Ctrl-C in a terminal reaches every process of a run: what is to be done then is for the parent
    # to say. A handler, unlike SIG_IGN, is not inherited. SIGTERM is the pool's own way to end what
    # is left of it.
    signal.signal(signal.SIGINT, lambda *_: None)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    tempfile.tempdir = private  # the parent clears it away, even if this process is killed
    threading.Thread(target=_end_with_parent, daemon=True).start()
    address_grammar.skip()
    kernels.join(shared)


def _get_ready() -> None:
    """Import what it takes to make a page, before the first is wanted."""
    from lgr_report.page import pages  # noqa: F401
    from lgr_report.runs import making  # noqa: F401


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C before they can heed it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


HERE = Place(local, make)
