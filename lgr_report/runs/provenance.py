"""What a report is made from, by content: notebook, library, tables, parameters, environment.

The key of a page is a hash over all of it: a page whose key is the same need not be made again.
Every table counts for every page. That rebuilds more than a list of who reads what would, but
nobody has to trust such a list; only an area's own assessments count for that area alone.
"""

import contextlib
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from lgr_report.runs.plan import NATIONAL, Job
from lgr_report.sources import tables
from lgr_report.sources.cache import library
from lgr_report.sources.tables import sha256

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
PACKAGE, ASSESSMENTS = "lgr_report/", "data/assessments/"
GIT_TIMEOUT = 20  # seconds


@dataclass(frozen=True)
class Code:
    """The commit of the library, and whether its files differ from it; None where not known."""

    commit: str | None
    modified: bool | None


@dataclass(frozen=True)
class Environment:
    """Where a notebook ran, as far as its results may depend on it: never which machine."""

    python: str
    system: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One run of one notebook: what it was made from, what it made, where and when.

    ``inputs`` gives the SHA-256 by name, ``outputs`` SHA-256 and size in bytes by file name. The
    key is None where an input changed while the notebook ran, or the library since the process
    began: no later run may rely on it.
    """

    notebook: str
    key: str | None
    parameters: Mapping[str, object]
    inputs: Mapping[str, str]
    outputs: Mapping[str, tuple[str, int]]
    code: Code
    environment: Environment
    started: str
    ended: str


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def inputs(job: Job, of_all: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a notebook is made from for one area: the SHA-256 of every file, by name.

    ``of_all`` is what `all_inputs` returned, for whoever asks of many jobs at one time.
    """
    found = {f"notebooks/{job.notebook.name}": sha256(job.notebook)}
    every = all_inputs() if of_all is None else of_all
    return found | {name: digest for name, digest in every.items() if _counts(name, job.key)}


def of_the_code() -> dict[str, str]:
    """Return the SHA-256 of the library and of the lock file, by name."""
    return {PACKAGE: library()} | ({LOCK.name: sha256(LOCK)} if LOCK.exists() else {})


def all_inputs() -> dict[str, str]:
    """Return what all notebooks are made from, themselves excepted: the SHA-256 by name."""
    found = of_the_code()
    data = tables.data_dir()
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data)
        # What editors leave beside a file that is open is none.
        if path.is_file() and not any(part.startswith((".", "~")) for part in name.parts):
            found[f"data/{name.as_posix()}"] = sha256(path)
    return found


def _counts(name: str, key: str) -> bool:
    """Return whether an input of notebooks counts for an area: all but assessments of others."""
    if not name.startswith(ASSESSMENTS):
        return True
    owner = name.removeprefix(ASSESSMENTS).split("/")[0].split(".")[0]
    return key in (owner, NATIONAL) or name.endswith(("/schema.json", "/README.md"))


def key(
    job: Job, made_from: Mapping[str, str], beside: Iterable[str], environment: Environment
) -> str:
    """Return the key of a page.

    Parameters
    ----------
    job : Job
        The notebook, the area and the parameters.
    made_from : mapping
        As `inputs` returns it.
    beside : iterable of str
        The pages of the same area, to which the page links.
    environment : Environment
        As `environment` returns it.
    """
    whole = {
        "notebook": job.name,
        "key": job.key,
        "parameters": dict(job.parameters),
        "inputs": dict(made_from),
        "beside": sorted(beside),
        "environment": [environment.python, environment.system, *environment.packages],
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the versions of Python and of the packages that the project names."""
    try:
        named = metadata.requires("lgr-report") or []
    except metadata.PackageNotFoundError:
        named = []
    names = {re.match(r"[\w.-]+", entry)[0].lower() for entry in named if "extra ==" not in entry}
    packages = []
    for name in sorted(names):
        try:
            packages.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return Environment(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.machine()}",
        packages=tuple(packages),
    )


def code() -> Code:
    """Return the commit of the working tree, and whether anything in it differs."""
    try:
        commit, *inside = reversed(_git("rev-parse", "--show-prefix", "HEAD").splitlines())
        if any(inside):
            return Code(None, None)  # inside some other project's clone
        return Code(commit, bool(_git("status", "--porcelain")))
    except (OSError, subprocess.SubprocessError):
        return Code(None, None)


def refresh() -> None:
    """Let git note which files are as it knows them.

    In a fresh clone it does not, and would read all of them again for every page.
    """
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        git = subprocess.Popen(["git", "status", "--porcelain"], cwd=ROOT, **quiet)
        try:
            git.wait(GIT_TIMEOUT)
        finally:
            git.terminate()  # killed, it would leave its lock
            git.wait()


def _git(*arguments: str) -> str:
    done = subprocess.run(
        # Without locks whoever else works in the clone never has to wait.
        ["git", "--no-optional-locks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=GIT_TIMEOUT,
    )
    return done.stdout.strip()
