"""What a report is made from, by content: notebook, library, tables, parameters, environment.

The key of a page is a hash over all of it: a page whose key is the same need not be made again.
Every table counts for every page. That rebuilds more than a list of who reads what would, but
nobody has to trust such a list; only an area's own assessments count for that area alone. Of the
library counts what the notebook imports, near and far, and what makes pages of notebooks.
"""

import contextlib
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from lgr_report.runs.plan import NATIONAL
from lgr_report.runs.records import Code, Environment, Job, Licence
from lgr_report.sources import library, tables
from lgr_report.sources.library import Library
from lgr_report.sources.tables import sha256

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
PACKAGE, ASSESSMENTS = "lgr_report/", "data/assessments/"
MAKING = "lgr_report.runs.making"  # the module that makes a page of a notebook
LICENCES = {"MIT": "https://spdx.org/licenses/MIT"}  # addresses that the data package leaves out
GIT_TIMEOUT = 20  # seconds


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Shared:
    """What notebooks are made from, themselves excepted: SHA-256 of files by name, the library."""

    files: Mapping[str, str]
    library: Library


def inputs(job: Job, shared: Shared | None = None) -> dict[str, str]:
    """Return what a notebook is made from for one area: the SHA-256 of every file, by name.

    ``shared`` is what `shared_inputs` returned, for whoever asks of many jobs at one time.
    """
    shared = shared_inputs() if shared is None else shared
    code = shared.library.of({MAKING, *_imported(job.notebook, sha256(job.notebook))})
    own = {f"notebooks/{job.notebook.name}": sha256(job.notebook), PACKAGE: code}
    return own | {name: digest for name, digest in shared.files.items() if _counts(name, job.area)}


@lru_cache(maxsize=128)
def _imported(notebook: Path, digest: str) -> frozenset[str]:
    """Return the modules of the library that a notebook with this content imports."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return frozenset().union(*map(library.imports_of, code))


def of_file(path: Path) -> tuple[str, int]:
    """Return SHA-256 and size in bytes of a file that was made."""
    return sha256(path), path.stat().st_size


def code_inputs() -> dict[str, str]:
    """Return the SHA-256 of the library and of the lock file, by name."""
    return {PACKAGE: library.now().whole, **_lock()}


def _lock() -> dict[str, str]:
    return {LOCK.name: sha256(LOCK)} if LOCK.exists() else {}


def shared_inputs() -> Shared:
    """Return what all notebooks are made from as it is now."""
    digests, data = _lock(), tables.data_dir()
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data)
        # What editors leave beside a file that is open is none.
        if path.is_file() and not any(part.startswith((".", "~")) for part in name.parts):
            digests[f"data/{name.as_posix()}"] = sha256(path)
    return Shared(digests, library.now())


def _counts(name: str, area: str) -> bool:
    """Return whether an input of notebooks counts for an area: all but assessments of others."""
    if not name.startswith(ASSESSMENTS):
        return True
    owner = name.removeprefix(ASSESSMENTS).split("/")[0].split(".")[0]
    return area in (owner, NATIONAL) or name.endswith(("/schema.json", "/README.md"))


def licences() -> tuple[Licence, ...]:
    """Return the licences of ``data/`` as the data package names them, by address."""
    under: dict[tuple[str, str], list[str]] = {}
    for about in tables.descriptor(tables.data_dir() / tables.PACKAGE)["resources"]:
        for licence in about.get("licenses", [])[:1]:
            address = licence.get("path") or LICENCES.get(licence["name"], f"#{licence['name']}")
            named = (address, licence.get("title", licence["name"]))
            under.setdefault(named, []).append(f"data/{about['path']}")
    return tuple(Licence(*named, tuple(files)) for named, files in sorted(under.items()))


def key(job: Job, inputs: Mapping[str, str], environment: Environment) -> str:
    """Return the key of the page that a job makes from such inputs in such an environment."""
    whole = {
        "notebook": job.name,
        "area": job.area,
        "parameters": dict(job.parameters),
        "inputs": dict(inputs),
        "sibling_pages": sorted(job.sibling_pages),
        "environment": [environment.python, environment.system, *environment.packages],
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the versions of Python and of the packages that the project names."""
    requirements, packages = [], []
    with contextlib.suppress(metadata.PackageNotFoundError):
        requirements = [r for r in metadata.requires("lgr-report") or [] if "extra ==" not in r]
    for name in sorted({re.match(r"[\w.-]+", entry)[0].lower() for entry in requirements}):
        with contextlib.suppress(metadata.PackageNotFoundError):
            packages.append(f"{name} {metadata.version(name)}")
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
            return Code()  # inside some other project's clone
        return Code(commit, bool(_git("status", "--porcelain")))
    except (OSError, subprocess.SubprocessError):
        return Code()


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
