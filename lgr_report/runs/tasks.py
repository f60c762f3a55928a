"""What passes between the process that plans and those that run notebooks: tasks and outcomes."""

from dataclasses import dataclass, field
from pathlib import Path

from lgr_report.runs.plan import Job
from lgr_report.runs.provenance import Run


@dataclass(frozen=True)
class Limits:
    """How long a cell and a notebook may take (seconds), and how often an accident is forgiven.

    An accident is a kernel that dies, falls silent or does not start: never an exception of a cell.
    """

    cell: float = 300
    report: float = 1800
    retries: int = 1


@dataclass(frozen=True)
class Task:
    """A page to make: the job, the folder to write into, the pages that will lie beside it."""

    job: Job
    folder: Path
    beside: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Work:
    """National work for the notebooks of a batch: a call, as ``core.of_england()``."""

    call: str
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Made:
    """What became of a task: the run, or the error; and the accidents on the way.

    ``seconds`` is all the time it took, ``in_cells`` the part that the notebook's own code took.
    """

    key: str
    notebook: str
    seconds: float
    run: Run | None = None
    error: str | None = None
    accidents: tuple[str, ...] = ()
    in_cells: float = 0.0


def reason(error: BaseException) -> str:
    """Return an error as one text."""
    return f"{type(error).__name__}: {error}"
