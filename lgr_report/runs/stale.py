"""Which part of a plan is to be made again: all but what is published, whole, from the same."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lgr_report.runs import crates, manifest, provenance, publishing
from lgr_report.runs.records import Job, Page, Published


def stale_jobs(plan: Mapping[str, tuple[Job, ...]], outputs: Path) -> dict[str, tuple[Job, ...]]:
    """Return the part of a plan that is not published already, made from the same things.

    An area that has no manifest we can read, or holds a file which is not in it, is made anew as a
    whole.
    """
    shared = provenance.shared_inputs()
    stale = {area: _stale(jobs, outputs / area, shared) for area, jobs in plan.items()}
    return {area: jobs for area, jobs in stale.items() if jobs}


def _stale(jobs: tuple[Job, ...], published: Path, shared: provenance.Shared) -> tuple[Job, ...]:
    try:
        made = manifest.read(Published, published)
    except manifest.ManifestError:
        return jobs
    found = {path.name for path in published.iterdir() if publishing.counts(path.name)}
    if found != manifest.files(made) or not crates.is_drawn_from(made, published):
        return jobs
    pages = {page.name: page for page in made.pages}
    siblings = sibling_pages(jobs, published)

    def is_current(job: Job) -> bool:
        job, page = replace(job, sibling_pages=siblings), pages[job.name]
        inputs = provenance.inputs(job, shared)
        same = page.key == provenance.key(job, inputs, provenance.environment())
        return same and is_whole(published, page)

    return tuple(job for job in jobs if job.name not in pages or not is_current(job))


def sibling_pages(jobs: tuple[Job, ...], published: Path) -> tuple[str, ...]:
    """Return the names of the pages that an area will have once its jobs have run.

    Those that it has stay, as long as there is a notebook for them.
    """
    known = {path.stem for path in jobs[0].notebook.parent.glob("*.ipynb")}
    kept = {page.stem for page in published.glob("*.html")} & known
    return tuple(sorted(kept | {job.name for job in jobs}))


def is_whole(folder: Path, page: Page) -> bool:
    """Return whether a folder holds the very files that a page was made as."""
    return not any(manifest.problem_of(folder / name, *of) for name, of in page.outputs.items())
