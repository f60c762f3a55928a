"""The three nouns of a run: a job is to be made, a page became of it, a report became of an area.

The plan gives jobs; whoever passes one on fills in what the next needs to know with `replace`.
What stays of them is told by two more, each the content of a manifest: what is published of an
area, and the last batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import lgr_report

BUILT, UNCHANGED, FAILED = "built", "unchanged", "failed"


@dataclass(frozen=True)
class Limits:
    """How long a cell and a notebook may take (seconds), and how often an accident is forgiven.

    An accident is a kernel that dies, falls silent or does not start: never an exception of a cell.
    """

    cell: float = 300
    report: float = 1800
    retries: int = 1


@dataclass(frozen=True)
class Job:
    """What is to be made: the page of a notebook for one area (or ``national``).

    With a ``call``, as ``core.demand.of_england()``, it is national work that the notebook
    asks for, and no page.
    """

    notebook: Path
    area: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    call: str = ""
    limits: Limits = field(default_factory=Limits)
    # Of a page, once its area's folder is there: where it goes, and what will lie there with it.
    folder: Path = field(default_factory=Path)
    sibling_pages: tuple[str, ...] = ()
    # For another process: the tables that are valid, and the library as it was when this one began.
    validated: str | None = None
    library: str = ""
    # For another machine: what it must have just as this one.
    required: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the notebook, and of its page."""
        return self.notebook.stem


@dataclass(frozen=True)
class Code:
    """The version of the library, its commit and whether files differ from it; None: not known."""

    commit: str | None = None
    modified: bool | None = None
    version: str = lgr_report.__version__


@dataclass(frozen=True)
class Environment:
    """Where a notebook ran, as far as its results may depend on it: never which machine."""

    python: str = ""
    system: str = ""
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """What became of a job: a page and what it was made from, or the error.

    ``inputs`` gives the SHA-256 by name, ``outputs`` SHA-256 and size in bytes by file name. The
    key is None where an input changed while the notebook ran, or the library since the process
    began: no later run may rely on it.

    How it went is not in the manifest: ``seconds`` is all the time it took, ``in_cells`` the part
    that the notebook's own code took; ``accidents`` are told whether or not the next try went well.
    """

    name: str
    area: str
    key: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    code: Code = field(default_factory=Code)
    environment: Environment = field(default_factory=Environment)
    started: str = ""
    ended: str = ""
    error: str | None = None
    accidents: tuple[str, ...] = ()
    seconds: float = 0.0
    in_cells: float = 0.0


@dataclass(frozen=True)
class Report:
    """What became of an area's report: the pages that were made for it, and why it failed if so."""

    area: str
    pages: tuple[Page, ...] = ()
    error: str | None = None
    unchanged: bool = False

    @property
    def ok(self) -> bool:
        """Whether the report is there, whole and new."""
        return self.error is None

    @property
    def status(self) -> str:
        """One of built, unchanged and failed, as the log has it."""
        return FAILED if not self.ok else UNCHANGED if self.unchanged else BUILT

    @property
    def seconds(self) -> float:
        """The sum over its pages, which may have been made side by side."""
        return sum((page.seconds for page in self.pages), 0.0)

    @property
    def in_cells(self) -> float:
        """The part of ``seconds`` that the notebooks' own code took."""
        return sum((page.in_cells for page in self.pages), 0.0)

    @property
    def accidents(self) -> tuple[str, ...]:
        """Kernels that died, fell silent or did not start."""
        return tuple(accident for page in self.pages for accident in page.accidents)


@dataclass(frozen=True)
class Licence:
    """A licence, and the files of ``data/`` that are under it."""

    address: str
    name: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Published:
    """What lies in an area's folder: its pages, and the licences of what they were made from."""

    area: str
    name: str
    pages: tuple[Page, ...]
    licences: tuple[Licence, ...] = ()

    @property
    def outputs(self) -> dict[str, tuple[str, int]]:
        """SHA-256 and size of the files of all pages, by name."""
        return {name: about for page in self.pages for name, about in page.outputs.items()}


@dataclass(frozen=True)
class Batch:
    """How the last batch went, and all that is published.

    ``outputs`` gives SHA-256 and size of the index page and of every published area's manifest;
    ``errors`` says why an area failed; ``tables`` is the fingerprint of the tables found valid, if
    they were validated; ``inputs`` gives the SHA-256 of the library and the lock file, ``asked``
    the areas, notebooks and parameters of the command.
    """

    outputs: Mapping[str, tuple[str, int]]
    errors: Mapping[str, str]
    started: str
    ended: str
    code: Code
    environment: Environment
    tables: str | None
    inputs: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)


def reason(error: BaseException) -> str:
    """Return an error as one text."""
    return f"{type(error).__name__}: {error}"
