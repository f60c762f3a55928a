"""Run the notebooks and publish what they make: plan → run → check → move into place.

Every notebook runs in a fresh kernel (papermill) in a private folder beside the outputs. An area's
folder is replaced in one step, and only when all its notebooks ran and hold what they declare: the
last good report stays until a better one takes its place.
"""

import difflib
import html
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import nbformat
import papermill as pm
from papermill.exceptions import PapermillExecutionError

from lgr_report import areas, pages
from lgr_report.kernels import IpcKernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
NATIONAL = "national"
CELL_TIMEOUT = 300  # seconds; the slowest cell takes two
START_TIMEOUT = 120  # seconds for a kernel to start, on a machine that does other things too
TYPES: dict[str, type | tuple] = {"str": str, "int": int, "float": (int, float), "bool": bool}


class ParameterError(ValueError):
    """A parameter that the notebook does not have, or of another type than it declares."""


class DeliverableError(ValueError):
    """An executed notebook does not hold what it declares."""


@dataclass(frozen=True)
class Job:
    """One notebook to run for one area (or ``national``), with its parameters."""

    notebook: Path
    key: str
    parameters: Mapping[str, object]

    @property
    def name(self) -> str:
        return self.notebook.stem


@dataclass(frozen=True)
class Result:
    """What became of one area's notebooks: the folder they lie in, or the error."""

    key: str
    seconds: float
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


def notebooks(scope: str | None = None) -> list[Path]:
    """Return the notebooks, by name; only those of one scope (area or national) if given."""
    found = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [path for path in found if scope in (None, _declared(path)["scope"])]


def plan(
    area_ids: Iterable[str] | None = None,
    names: Iterable[str] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> dict[str, tuple[Job, ...]]:
    """Return what is to run: for each area, and for ``national``, its notebooks.

    Everything is checked here, before any kernel starts.

    Parameters
    ----------
    area_ids : iterable of str, optional
        By default all 21 areas and ``national``, the notebooks for the whole country.
    names : iterable of str, optional
        Names of notebooks; by default all.
    parameters : mapping, optional
        Further parameters, given to every notebook that has them.

    Raises
    ------
    UnknownAreaError, ParameterError
        Saying what is wrong and what would be right.
    """
    keys = list(area_ids or [NATIONAL, *areas.ids()])
    chosen = [key if key == NATIONAL else areas.get(key).area_id for key in keys]
    known = {path.stem: path for path in notebooks()}
    wanted = list(known) if names is None else list(names)
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ParameterError(f"no notebook {name!r}: {hint}there are {', '.join(known)}")
    extra = dict(parameters or {})
    _all_known(extra, [known[name] for name in wanted])
    jobs: dict[str, tuple[Job, ...]] = {}
    for key in chosen:
        scope = NATIONAL if key == NATIONAL else "area"
        mine = [known[name] for name in wanted if _declared(known[name])["scope"] == scope]
        given = extra if key == NATIONAL else {"area": key, **extra}
        if mine:
            jobs[key] = tuple(_job(path, key, given) for path in mine)
    if not jobs:
        raise ParameterError(
            f"{', '.join(wanted)}: nothing to run for {', '.join(chosen)}; name other areas, or "
            f"{NATIONAL!r} for the notebooks of the whole country"
        )
    return jobs


def _job(path: Path, key: str, given: Mapping[str, object]) -> Job:
    declared = pm.inspect_notebook(str(path))
    mine = {name: value for name, value in given.items() if name in declared}
    check_parameters(path, mine)
    return Job(path, key, mine)


def _all_known(extra: Mapping[str, object], paths: list[Path]) -> None:
    anywhere = {name for path in paths for name in pm.inspect_notebook(str(path))}
    for name in extra:
        if name not in anywhere:
            raise ParameterError(_no_parameter(name, anywhere, "any of the notebooks"))


def check_parameters(notebook: Path, parameters: Mapping[str, object]) -> None:
    """Check parameters against the notebook's own: papermill only warns, and checks no types.

    Raises
    ------
    ParameterError
        If the notebook has no such parameter, or declares another type for it.
    """
    declared = pm.inspect_notebook(str(notebook))
    for name, value in parameters.items():
        if name not in declared:
            raise ParameterError(_no_parameter(name, declared, notebook.stem))
        kind = declared[name]["inferred_type_name"]
        right = isinstance(value, TYPES.get(kind, object))
        if not right or (isinstance(value, bool) and kind != "bool"):
            raise ParameterError(
                f"parameter {name!r} of {notebook.stem} is {kind} ({declared[name]['help']}), "
                f"not {type(value).__name__} {value!r}"
            )


def _no_parameter(name: str, declared: Iterable[str], where: str) -> str:
    near = difflib.get_close_matches(name, list(declared), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"no parameter {name!r} in {where}: {hint}there are {', '.join(sorted(declared))}"


def run(
    jobs: Mapping[str, tuple[Job, ...]], outputs: Path, workers: int | None = None
) -> Iterator[Result]:
    """Run a plan and publish each area as it is done; yield results in the order of completion.

    A failing area is a result with an error: it stops no other and overwrites nothing.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    workers = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    # Spawned, not forked: a worker must not inherit this process's event loops and locks.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(build, key, jobs[key], outputs): key for key in jobs}
        try:
            for future in as_completed(futures):
                yield _outcome(future, futures[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _outcome(future: Future, key: str) -> Result:
    try:
        return future.result()
    except BrokenProcessPool:
        return Result(key, 0.0, "a process that runs notebooks was killed (too little memory?)")


def build(key: str, jobs: tuple[Job, ...], outputs: Path) -> Result:
    """Run the notebooks of one area and publish them together, or report why not."""
    start = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f".building-{key}-", dir=outputs))
    try:
        _keep_others(outputs / key, folder, jobs)
        beside = {job.name for job in jobs} | {page.stem for page in folder.glob("*.html")}
        for job in jobs:
            try:
                execute(job, folder, beside)
            except PapermillExecutionError as error:
                where = f"{job.name}, cell {error.exec_count}"
                raise RuntimeError(f"{where}: {error.ename}: {error.evalue}") from error
        publish(folder, outputs / key)
        return Result(key, time.monotonic() - start)
    except Exception as error:
        # Whatever went wrong belongs to this area: the others go on.
        return Result(key, time.monotonic() - start, _reason(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep_others(published: Path, folder: Path, jobs: tuple[Job, ...]) -> None:
    """Take along the last good pages of notebooks that this run leaves out."""
    left_out = {path.stem for path in jobs[0].notebook.parent.glob("*.ipynb")}
    left_out -= {job.name for job in jobs}
    for file in published.glob("*"):
        if file.stem in left_out:
            shutil.copy2(file, folder)


def execute(job: Job, folder: Path, beside: Iterable[str] = ()) -> Path:
    """Run one notebook, check what it holds, and write it beside its page; return the page.

    The page links to those of the notebooks ``beside`` it.
    """
    path = folder / f"{job.name}.ipynb"
    pm.execute_notebook(
        str(job.notebook),
        str(path),
        parameters=dict(job.parameters),
        progress_bar=False,
        kernel_manager_class=IpcKernelManager,
        start_timeout=START_TIMEOUT,
        execution_timeout=CELL_TIMEOUT,
    )
    nb = nbformat.read(path, as_version=4)
    check_deliverables(nb, job.name)
    title = _title(nb)
    page = folder / f"{job.name}.html"
    others = [
        (f"{name}.html", name.replace("_", " ").capitalize())
        for name in sorted(set(beside) - {job.name})
    ]
    body = pages.to_html(nb, title, home="../index.html", others=others)
    page.write_text(body, encoding="utf-8")
    return page


def check_deliverables(nb: nbformat.NotebookNode, name: str) -> None:
    """Check that an executed notebook holds the figures and tables that it declares.

    Raises
    ------
    DeliverableError
        Naming everything that is missing, unexpected or without alt text.
    """
    outputs = [o for cell in nb.cells if cell.cell_type == "code" for o in cell.outputs]
    figures = [o for o in outputs if "image/png" in o.get("data", {})]
    tables = [o for o in outputs if "<table" in str(o.get("data", {}).get("text/html", ""))]
    declared = nb.metadata["lgr_report"]
    wrong = []
    for what, found in (("figures", figures), ("tables", tables)):
        if len(found) != declared[what]:
            wrong.append(f"{len(found)} {what}, {declared[what]} declared")
    bare = [o for o in figures if not o.metadata.get("image/png", {}).get("alt")]
    if bare:
        wrong.append(f"{len(bare)} figures without alt text")
    if any(o.output_type == "error" for o in outputs):
        wrong.append("a cell ended in an error")
    loud = sorted({o.name for o in outputs if o.output_type == "stream"})
    if loud:
        wrong.append(f"something was printed to {' and '.join(loud)}")
    if wrong:
        raise DeliverableError(f"{name}: " + "; ".join(wrong))


def publish(folder: Path, destination: Path) -> None:
    """Put a finished folder in the place of the last one.

    Two renames on one file system: if the second fails, the first is undone.
    """
    previous = destination.with_name(f".previous-{destination.name}")
    shutil.rmtree(previous, ignore_errors=True)
    kept = destination.exists()
    if kept:
        destination.rename(previous)
    try:
        folder.chmod(0o755)  # mkdtemp makes folders that only their owner can read
        folder.rename(destination)
    except OSError:
        if kept:
            previous.rename(destination)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def restore(outputs: Path) -> None:
    """Clean up after a killed run: put back a folder that was moved aside, drop the rest."""
    for previous in outputs.glob(".previous-*"):
        destination = previous.with_name(previous.name.removeprefix(".previous-"))
        if destination.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(destination)
    for folder in outputs.glob(".building-*"):
        shutil.rmtree(folder, ignore_errors=True)


def write_index(outputs: Path, results: Iterable[Result] = ()) -> Path:
    """Write ``index.html``: the 21 areas with key figures, and links to what is published."""
    from lgr_report import overview

    errors = {result.key: result.error for result in results if not result.ok}
    page = pages.render("index.html.j2", **overview.index(outputs, errors))
    path = outputs / "index.html"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(page, encoding="utf-8")
    temporary.replace(path)
    return path


def _declared(path: Path) -> dict:
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    return metadata.get("lgr_report", {"scope": "area", "figures": 0, "tables": 0})


def _title(nb: nbformat.NotebookNode) -> str:
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown", "")
            if text.startswith("# "):
                return html.unescape(text.removeprefix("# "))
    raise DeliverableError("no title: the notebook shows no heading of the first level")


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
