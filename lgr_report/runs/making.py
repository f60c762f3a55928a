"""Make one page: run its notebook, check what it holds, convert it; say what it was made from."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from lgr_report.page import pages
from lgr_report.runs import deliverables, engine, provenance
from lgr_report.runs.forking import forks
from lgr_report.runs.plan import Job
from lgr_report.runs.provenance import Run
from lgr_report.runs.tasks import Limits, Made, Task, Work, reason
from lgr_report.sources import cache

SCRATCH = ".scratch-"


def make(task: Task) -> Made:
    """Make a page, or report why not. Whatever goes wrong belongs to this task: others go on."""
    start, began, accidents = time.monotonic(), provenance.now(), []
    run, error, in_cells = None, None, 0.0
    while run is None and error is None:
        try:
            run, in_cells = _run(task, began)
        except engine.PASSING as accident:
            accidents.append(reason(accident))
            if len(accidents) > task.limits.retries:
                error = reason(accident)
        except Exception as failure:
            error = reason(failure)
    seconds = time.monotonic() - start
    return Made(task.job.key, task.job.name, seconds, run, error, tuple(accidents), in_cells)


def prepare(work: Work) -> None:
    """Do national work in a kernel of its own, for the notebooks that will need it.

    Only where kernels are forked: an ordinary one takes longer to start than the work. Nor is it
    told what goes wrong: the notebook that needs the result meets the same, and says so.
    """
    if not forks.wanted():
        return
    with tempfile.TemporaryDirectory(prefix="lgr-work-") as folder, contextlib.suppress(Exception):
        name, _, arguments = work.call.partition("(")
        module, _, function = name.rpartition(".")
        code = f"from lgr_report.{module} import {function}\n\n_ = {function}({arguments}"
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        nb = new_notebook(cells=[new_code_cell(code)], metadata=spec)
        notebook = Path(folder, "work.ipynb")
        nbformat.write(nb, notebook)
        engine.execute(notebook, {}, notebook.parent, work.limits.cell, work.limits.report)


def _run(task: Task, began: str) -> tuple[Run, float]:
    job, environment = task.job, provenance.environment()
    before = provenance.inputs(job)
    page, in_cells = execute(job, task.folder, task.beside, task.limits)
    # A library that was edited since this process read it made no page of this one.
    same = provenance.inputs(job) == before and before[provenance.PACKAGE] == cache.LIBRARY
    files = [page, page.with_suffix(".ipynb")]
    run = Run(
        notebook=job.name,
        key=provenance.key(job, before, task.beside, environment) if same else None,
        parameters=dict(job.parameters),
        inputs=before,
        outputs={path.name: (provenance.sha256(path), path.stat().st_size) for path in files},
        code=provenance.code(),
        environment=environment,
        started=began,
        ended=provenance.now(),
    )
    return run, in_cells


def execute(
    job: Job, folder: Path, beside: Iterable[str] = (), limits: Limits | None = None
) -> tuple[Path, float]:
    """Run one notebook, check what it holds, and write it beside its page.

    Return the page, and the seconds spent in the notebook's cells.

    The page links to those of the notebooks ``beside`` it. The notebook runs in an empty folder
    and must leave it empty.
    """
    limits = limits or Limits()
    scratch = folder / f"{SCRATCH}{job.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        how = job.parameters, scratch, limits.cell, limits.report
        nb, in_cells = engine.execute(job.notebook, *how)
        deliverables.check_deliverables(nb, job.name)
        deliverables.check_files(scratch, job.name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    others = [
        (f"{name}.html", name.replace("_", " ").capitalize())
        for name in sorted(set(beside) - {job.name})
    ]
    body = pages.to_html(nb, deliverables.title(nb), home="../index.html", others=others)
    page = folder / f"{job.name}.html"
    nbformat.write(nb, page.with_suffix(".ipynb"))
    page.write_text(body, encoding="utf-8")
    return page, in_cells
