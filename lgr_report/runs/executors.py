"""Run tasks on any `concurrent.futures.Executor`; by default a pool of processes here.

A process that is killed takes the pool with it. The tasks that were not done go to a new one; when
that has happened twice they go alone, so that only the one that does it fails.
"""

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lgr_report.runs import forking
from lgr_report.runs.tasks import Made, Task, Work, reason
from lgr_report.sources import tables

KILLED = "a process that runs notebooks was killed (too little memory?)"
TOGETHER = 2  # pools that may break before tasks go alone
Start = Callable[[int], contextlib.AbstractContextManager[Executor]]

log = logging.getLogger("lgr_report")


@dataclass(frozen=True)
class Place:
    """Where tasks run.

    ``start`` gives an executor for so many workers; ``work`` is what it does with what ``order``
    makes of a task, or of national work; ``fetch`` brings what a task made into its folder.
    """

    start: Start
    work: Callable[[Any], Made | None]
    order: Callable[[Task | Work], Any]
    fetch: Callable[[Task, Made], None]


@dataclass(frozen=True)
class Order:
    """A task for another process, and which tables are valid: it may have begun before."""

    task: Task | Work
    validated: str | None


def make(order: Order) -> Made | None:
    """Make a page, or do national work; in a process that imports what that takes when it does."""
    from lgr_report.runs import making

    if order.validated:
        os.environ[tables.VALIDATED] = order.validated
    if isinstance(order.task, Work):
        return making.prepare(order.task)
    return making.make(order.task)


def results(
    tasks: Sequence[Task],
    place: Place,
    workers: int,
    wanted: Callable[[Task], bool] = lambda task: True,
    before: Callable[[], None] = lambda: None,
    ahead: Sequence[Work] = (),
) -> Iterator[tuple[Task, Made]]:
    """Run tasks; yield each with what became of it, in the order of completion.

    Parameters
    ----------
    tasks : sequence of Task
        What to run.
    place : Place
        Where they run; `HERE` by default in `batch.run`.
    workers : int
        How many tasks at once.
    wanted : callable
        Asked before a task is run again after an accident: whether it still matters.
    before : callable
        What is to be done before the first task, while the processes start.
    ahead : sequence of Work
        National work to begin before the tasks, which queue behind what does not fit beside them.
        No task needs it: where results are shared, one whose result is being computed waits for
        that; one that finds none computes it.
    """
    left, broken = list(tasks), 0
    while left:
        alone = broken >= TOGETHER
        with place.start(1 if alone else workers) as executor:
            if not broken:
                before()
                _submitted(executor, place, ahead)
            lost = False
            for now in [[task] for task in left if wanted(task)] if alone else [list(left)]:
                for task, made in _finished(executor, place, now):
                    lost |= made is None
                    if made is not None or alone:
                        left.remove(task)
                        made = made or Made(task.job.key, task.job.name, 0.0, error=KILLED)
                        yield task, _fetched(place, task, made)
                if lost:
                    break
            if lost and not alone:
                log.warning("%s: what it was doing is done again", KILLED)
            broken += lost
        left = [task for task in left if wanted(task)]


def _submitted(executor: Executor, place: Place, tasks: Sequence[Task | Work]) -> list[Future]:
    """Submit tasks to an executor; return those of them that it took."""
    futures = []
    # An executor that is broken already takes no more.
    with _interrupts_blocked(), contextlib.suppress(BrokenExecutor):
        for task in tasks:
            futures.append(executor.submit(place.work, place.order(task)))
    return futures


def _finished(
    executor: Executor, place: Place, tasks: Sequence[Task]
) -> Iterator[tuple[Task, Made | None]]:
    """Run tasks on an executor; yield each with what became of it, nothing if that broke."""
    futures = dict(zip(_submitted(executor, place, tasks), tasks, strict=False))
    for task in tasks[len(futures) :]:
        yield task, None
    for future in as_completed(futures):
        yield futures[future], _outcome(future, futures[future])


def _outcome(future: Future, task: Task) -> Made | None:
    """Return what became of a task, or nothing if its process was killed."""
    try:
        return future.result()
    except BrokenExecutor:
        return None
    except Exception as error:  # the executor's own: it could not run the task anywhere
        return Made(task.job.key, task.job.name, 0.0, error=reason(error))


def _fetched(place: Place, task: Task, made: Made) -> Made:
    if made.error is None:
        try:
            place.fetch(task, made)
        except Exception as error:
            return replace(made, run=None, error=reason(error))
    return made


@contextlib.contextmanager
def local(workers: int) -> Iterator[Executor]:
    """Give a pool of processes on this machine; when the run is stopped, kill them.

    They share a process from which their kernels are forked. A kernel ends with its worker, and all
    of them with this process.
    """
    before = set(multiprocessing.active_children())
    private = Path(tempfile.mkdtemp(prefix="lgr-report-"))
    forks, zygote = forking.Forks(), None
    forking.forks.say_once(private)
    if forking.forks.wanted():
        try:
            zygote = forks.zygote(forking.environment())
        except OSError as error:
            forking.forks.give_up(str(error))
    # Spawned, not forked: a worker must not inherit this process's event loops and locks.
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(str(private), zygote and zygote.socket),
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
    finally:
        forks.close()
        shutil.rmtree(private, ignore_errors=True)


def _begin(private: str, zygote: socket.socket | None) -> None:
    """Prepare a worker process."""
    # Ctrl-C in a terminal reaches every process of a run: what is to be done then is for the parent
    # to say. A handler, unlike SIG_IGN, is not inherited. SIGTERM is the pool's own way to end what
    # is left of it.
    signal.signal(signal.SIGINT, lambda *_: None)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    tempfile.tempdir = private  # the parent clears it away, even if this process is killed
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import_less()
    forking.forks.say_once(Path(private))
    if zygote is not None:
        forking.forks.share(forking.environment(), zygote)


def _get_ready() -> None:
    """Import what it takes to make a page, before the first is wanted."""
    from lgr_report.page import pages  # noqa: F401
    from lgr_report.runs import making  # noqa: F401


def import_less() -> None:
    """Spare this process what jsonschema imports for addresses in any script: about a second.

    A grammar is compiled for it, and no notebook and no table of ours has such an address.
    """
    sys.modules.setdefault("rfc3987_syntax", None)


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


def _order(task: Task | Work) -> Order:
    return Order(task, os.environ.get(tables.VALIDATED))


HERE = Place(local, make, _order, lambda task, made: None)
