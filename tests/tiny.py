"""Small notebooks for the tests of runs: a parameters cell, and whatever cells a test gives."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lgr_report.runs import batch, executors
from lgr_report.runs.records import Job, Limits, Page, Report

TITLE = 'from lgr_report.page.cells import heading\n\nheading(f"Report of {area} & co")'
PARAMETERS = 'area: str = "surrey"  # area_id'


def write(
    folder: Path,
    *cells: str,
    name: str = "small",
    scope: str = "area",
    parameters: str = PARAMETERS,
    figures: int = 0,
    tables: int = 0,
    national_work: tuple[str, ...] = (),
) -> Path:
    """Write a notebook that papermill can run; return its path."""
    nb = new_notebook(
        cells=[
            new_markdown_cell("**What is asked.** Nothing."),
            new_code_cell(parameters, metadata={"tags": ["parameters"]}),
            *map(new_code_cell, cells),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "lgr_report": {
                "scope": scope,
                "figures": figures,
                "tables": tables,
                "national_work": national_work,
            },
        },
    )
    path = folder / f"{name}.ipynb"
    nbformat.write(nb, path)
    return path


class InThisProcess(Executor):
    """Does at once what it is given."""

    def submit(self, make: Callable[[Job], Page], job: Job) -> Future:
        future = Future()
        future.set_result(make(job))
        return future


def build(jobs: tuple[Job, ...], outputs: Path, limits: Limits | None = None) -> Report:
    """Make an area's report in this process."""
    place = executors.Place(lambda workers: contextlib.nullcontext(InThisProcess()), executors.make)
    (report,) = batch.run({jobs[0].area: jobs}, outputs, 1, limits, place)
    return report
