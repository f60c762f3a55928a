"""Make one page: run its notebook, check what it holds, convert it; say what it was made from."""

import contextlib
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from lgr_report.page import pages
from lgr_report.runs import deliverables, engine, kernels, page_checks, provenance
from lgr_report.runs.records import Job, Page, reason
from lgr_report.sources import library

SCRATCH = ".scratch-"


def make(job: Job) -> Page:
    """Make a page, or report why not. Whatever goes wrong belongs to this job: others go on."""
    start, began, page = time.monotonic(), provenance.now(), None
    accidents: list[str] = []
    while page is None:
        try:
            page = _page(job, began)
        except engine.PASSING as accident:
            accidents.append(reason(accident))
            if len(accidents) > job.limits.retries:
                page = Page(job.name, job.area, error=accidents[-1])
        except Exception as error:
            page = Page(job.name, job.area, error=reason(error))
    return replace(page, accidents=tuple(accidents), seconds=time.monotonic() - start)


def do_national_work(job: Job) -> None:
    """Do national work in a kernel of its own, for the notebooks that will need it.

    Only where kernels are forked: an ordinary one takes longer to start than the work. Nor is it
    told what goes wrong: the notebook that needs the result meets the same, and says so.
    """
    if not kernels.forked():
        return
    with tempfile.TemporaryDirectory(prefix="lgr-work-") as folder, contextlib.suppress(Exception):
        name, _, arguments = job.call.partition("(")
        module, _, function = name.rpartition(".")
        code = f"from lgr_report.{module} import {function}\n\n_ = {function}({arguments}"
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        notebook = Path(folder, "work.ipynb")
        nbformat.write(new_notebook(cells=[new_code_cell(code)], metadata=spec), notebook)
        engine.execute(notebook, {}, notebook.parent, job.limits)


def _page(job: Job, began: str) -> Page:
    """Return the page of a job with what it was made from."""
    environment, before = provenance.environment(), provenance.inputs(job)
    html, in_cells = execute(job)
    after = provenance.shared_inputs()
    # A library that was edited since this process read it made no page of this one.
    unedited = after.library.whole == (job.library or library.AT_START.whole)
    same = unedited and provenance.inputs(job, after) == before
    files = [html, html.with_suffix(".ipynb")]
    return Page(
        name=job.name,
        area=job.area,
        key=provenance.key(job, before, environment) if same else None,
        parameters=dict(job.parameters),
        inputs=before,
        outputs={path.name: provenance.of_file(path) for path in files},
        code=provenance.code(),
        environment=environment,
        started=began,
        ended=provenance.now(),
        in_cells=in_cells,
    )


def execute(job: Job) -> tuple[Path, float]:
    """Run a notebook, check what it holds, and write it beside its page into the job's folder.

    Return the page, and the seconds spent in the notebook's cells.

    The page links to its sibling pages. The notebook runs in an empty folder and must leave it
    empty.
    """
    scratch = job.folder / f"{SCRATCH}{job.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        nb, in_cells = engine.execute(job.notebook, job.parameters, scratch, job.limits)
        deliverables.check_deliverables(nb, job.name)
        deliverables.check_files(scratch, job.name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    siblings = [
        (f"{name}.html", name.replace("_", " ").capitalize())
        for name in sorted(set(job.sibling_pages) - {job.name})
    ]
    text = pages.to_html(nb, deliverables.title(nb), home="../index.html", others=siblings)
    page_checks.check_page(text, job.name, len(deliverables.figures(nb)))
    html = job.folder / f"{job.name}.html"
    nbformat.write(nb, html.with_suffix(".ipynb"))
    html.write_text(text, encoding="utf-8")
    return html, in_cells
