"""Run a plan and publish what it makes: run → check → manifest → move into place.

Every notebook runs in a fresh kernel, in a private folder beside the outputs. An area's folder is
replaced as a whole, by this process, and only when all its notebooks ran and hold what they
declare: the last good report stays until a better one takes its place.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lgr_report.runs import area_crate, crates, executors, provenance, publishing
from lgr_report.runs.crates import ManifestError
from lgr_report.runs.deliverables import DeliverableError, check_deliverables
from lgr_report.runs.plan import (
    NATIONAL,
    NOTEBOOKS,
    Job,
    ParameterError,
    check_parameters,
    national_work,
    notebooks,
    plan,
)
from lgr_report.runs.provenance import Run
from lgr_report.runs.publishing import publish, restore
from lgr_report.runs.tasks import Limits, Made, Task, Work, reason
from lgr_report.sources import areas, cache

# A plan, a run and what they are made of, in one place for whoever runs notebooks.
__all__ = [
    "NATIONAL",
    "NOTEBOOKS",
    "DeliverableError",
    "Job",
    "Limits",
    "ParameterError",
    "Report",
    "Result",
    "build",
    "check_deliverables",
    "check_parameters",
    "notebooks",
    "plan",
    "publish",
    "restore",
    "run",
    "stale",
    "write_index",
]

BUILT, UNCHANGED, FAILED = "built", "unchanged", "failed"


@dataclass(frozen=True)
class Result:
    """What became of one area's report.

    ``seconds`` is the sum over its notebooks, ``in_cells`` the part of it that their own code took;
    ``accidents`` are kernels that died, fell silent or did not start, whether or not the next try
    went well.
    """

    key: str
    seconds: float = 0.0
    error: str | None = None
    status: str = BUILT
    accidents: tuple[str, ...] = ()
    in_cells: float = 0.0

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass
class Report:
    """An area's report in the making: its tasks, and what is made so far."""

    key: str
    jobs: tuple[Job, ...]
    outputs: Path
    limits: Limits = field(default_factory=Limits)
    made: list[Made] = field(default_factory=list)

    def begin(self) -> list[Task]:
        """Make the private folder; return what is to do."""
        self.folder = Path(
            tempfile.mkdtemp(prefix=f"{publishing.BUILDING}{self.key}-", dir=self.outputs)
        )
        names = [job.name for job in self.jobs]
        self.beside = beside(self.key, self.jobs, self.outputs)
        kept = [name for name in self.beside if name not in names]
        publishing.take_along(self.outputs / self.key, self.folder, kept)
        return [Task(job, self.folder, self.beside, self.limits) for job in self.jobs]

    def add(self, made: Made) -> Result | None:
        """Note what became of a task; return the result when there is nothing more to wait for."""
        self.made.append(made)
        if made.error is None and len(self.made) < len(self.jobs):
            return None
        error = made.error
        try:
            if error is None:
                self._publish()
        except Exception as failure:
            error = reason(failure)
        finally:
            self.drop()
        return Result(
            self.key,
            sum(one.seconds for one in self.made),
            error,
            FAILED if error else BUILT,
            tuple(accident for one in self.made for accident in one.accidents),
            sum(one.in_cells for one in self.made),
        )

    def drop(self) -> None:
        """Remove the private folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _publish(self) -> None:
        made = [one.run for one in self.made]
        names = {run.notebook for run in made}
        kept = [
            run
            for run in _recorded(self.outputs / self.key)
            if run.notebook not in names and is_whole(self.folder, run)
        ]
        declared = {f"{name}{kind}" for name in self.beside for kind in publishing.KINDS}
        if other := sorted({path.name for path in self.folder.iterdir()} - declared):
            raise DeliverableError(f"files that no notebook declares: {', '.join(other)}")
        crate = area_crate.crate(self.key, name_of(self.key), [*kept, *made])
        (self.folder / crates.FILE).write_text(crates.text(crate), encoding="utf-8")
        publish(self.folder, self.outputs / self.key)


def name_of(key: str) -> str:
    """Return the name of an area, or of the whole country."""
    return "England" if key == NATIONAL else areas.get(key).name


def beside(key: str, jobs: tuple[Job, ...], outputs: Path) -> tuple[str, ...]:
    """Return the names of the pages that an area will have once its jobs have run."""
    known = [path.stem for path in jobs[0].notebook.parent.glob("*.ipynb")]
    return tuple(publishing.pages_beside(outputs / key, [job.name for job in jobs], known))


def _recorded(published: Path) -> list[Run]:
    """Return the runs of which a published report was made, as far as it says."""
    with contextlib.suppress(ManifestError):
        return area_crate.read(published)
    return []


def is_whole(folder: Path, run: Run) -> bool:
    """Return whether a folder holds the very files that a run made."""
    with contextlib.suppress(OSError):
        return all(
            provenance.sha256(folder / name) == digest for name, (digest, _) in run.outputs.items()
        )
    return False


def stale(jobs: Mapping[str, tuple[Job, ...]], outputs: Path) -> dict[str, tuple[Job, ...]]:
    """Return the part of a plan that is not published already, made from the same things.

    An area that holds a file which is not in its manifest is made anew as a whole.
    """
    inputs = provenance.all_inputs()
    found = {key: _stale(key, mine, outputs, inputs) for key, mine in jobs.items()}
    return {key: mine for key, mine in found.items() if mine}


def _stale(
    key: str, jobs: tuple[Job, ...], outputs: Path, inputs: Mapping[str, str]
) -> tuple[Job, ...]:
    folder, environment = outputs / key, provenance.environment()
    try:
        runs = {run.notebook: run for run in area_crate.read(folder)}
    except ManifestError:
        return jobs
    listed = {crates.FILE, *(name for run in runs.values() for name in run.outputs)}
    if not runs or {path.name for path in folder.iterdir()} != listed:
        return jobs
    names = beside(key, jobs, outputs)
    return tuple(
        job
        for job in jobs
        if job.name not in runs
        or runs[job.name].key
        != provenance.key(job, provenance.inputs(job, inputs), names, environment)
        or not is_whole(folder, runs[job.name])
    )


def run(
    jobs: Mapping[str, tuple[Job, ...]],
    outputs: Path,
    workers: int | None = None,
    limits: Limits | None = None,
    place: executors.Place = executors.HERE,
    before: Callable[[], None] = lambda: None,
) -> Iterator[Result]:
    """Run a plan and publish each area as it is done; yield results in the order of completion.

    A failing area is a result with an error: it stops no other and overwrites nothing. ``before``
    is called before the first notebook runs, while the processes start.
    """
    outputs = outputs.absolute()  # kernels run elsewhere
    outputs.mkdir(parents=True, exist_ok=True)
    with _national_work_shared(outputs):
        reports = {
            key: Report(key, mine, outputs, limits or Limits()) for key, mine in jobs.items()
        }
        failed: set[str] = set()
        try:
            tasks = []
            for report in reports.values():
                try:
                    tasks += report.begin()
                except OSError as error:
                    failed.add(report.key)
                    yield Result(report.key, 0.0, reason(error), FAILED)
            workers = max(1, min(workers or os.cpu_count() or 1, len(tasks)))
            wanted = lambda task: task.job.key not in failed  # noqa: E731
            # One worker here would do it no sooner than the notebook that needs it.
            several = workers > 1 or place is not executors.HERE
            calls = national_work(task.job for task in tasks) if several else ()
            ahead = [Work(call, limits or Limits()) for call in calls]
            for task, made in executors.results(tasks, place, workers, wanted, before, ahead):
                if task.job.key in failed:
                    continue
                result = reports[task.job.key].add(made)
                if result is not None:
                    failed |= set() if result.ok else {result.key}
                    yield result
        finally:
            for report in reports.values():
                if hasattr(report, "folder"):
                    report.drop()


@contextlib.contextmanager
def _national_work_shared(outputs: Path) -> Iterator[None]:
    """Give the kernels of a batch a private folder for what they compute once."""
    before = os.environ.get(cache.FOLDER)
    folder = tempfile.mkdtemp(prefix=f"{publishing.BUILDING}shared-", dir=outputs)
    os.environ[cache.FOLDER] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop(cache.FOLDER)
        if before is not None:
            os.environ[cache.FOLDER] = before


def build(key: str, jobs: tuple[Job, ...], outputs: Path, limits: Limits | None = None) -> Result:
    """Run the notebooks of one area in this process and publish them, or report why not."""
    start = time.monotonic()
    report = Report(key, jobs, outputs.absolute(), limits or Limits())
    result = None
    try:
        for task in report.begin():
            result = report.add(executors.make(executors.Order(task, None)))
            if result is not None:
                return result
    except OSError as error:
        return Result(key, time.monotonic() - start, reason(error), FAILED)
    return result


def write_index(outputs: Path, results: Iterable[Result] = ()) -> Path:
    """Write ``index.html``, which names what failed; return its path."""
    errors = {result.key: result.error for result in results if not result.ok}
    return publishing.write_index(outputs, errors)
