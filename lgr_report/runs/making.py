"""Make one page: run its notebook, check what it holds, convert it; say what it was made from."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import nbformat

from lgr_report.report import pages
from lgr_report.runs import deliverables, engine, provenance
from lgr_report.runs.plan import Job
from lgr_report.runs.provenance import Run
from lgr_report.runs.tasks import Limits, Made, Task, reason

SCRATCH = ".scratch-"


def make(task: Task) -> Made:
    """Make a page, or report why not. Whatever goes wrong belongs to this task: others go on."""
    start, began, accidents = time.monotonic(), provenance.now(), []
    run, error = None, None
    while run is None and error is None:
        try:
            run = _run(task, began)
        except engine.PASSING as accident:
            accidents.append(reason(accident))
            if len(accidents) > task.limits.retries:
                error = reason(accident)
        except Exception as failure:
            error = reason(failure)
    seconds = time.monotonic() - start
    return Made(task.job.key, task.job.name, seconds, run, error, tuple(accidents))


def _run(task: Task, began: str) -> Run:
    job, environment = task.job, provenance.environment()
    before = provenance.inputs(job)
    page = execute(job, task.folder, task.beside, task.limits)
    same = provenance.inputs(job) == before
    files = [page, page.with_suffix(".ipynb")]
    return Run(
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


def execute(
    job: Job, folder: Path, beside: Iterable[str] = (), limits: Limits | None = None
) -> Path:
    """Run one notebook, check what it holds, and write it beside its page; return the page.

    The page links to those of the notebooks ``beside`` it. The notebook runs in an empty folder
    and must leave it empty.
    """
    limits = limits or Limits()
    scratch = folder / f"{SCRATCH}{job.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        nb = engine.execute(job.notebook, job.parameters, scratch, limits.cell, limits.report)
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
    return page
