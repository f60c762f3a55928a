"""Run a plan and publish what it makes: run → check → manifest → move into place.

Every notebook runs in a fresh kernel, in a private folder beside the outputs. An area's folder is
replaced as a whole, by this process, and only when all its notebooks ran and hold what they
declare: the last good report stays until a better one takes its place.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lgr_report.runs import executors, foreign, manifest, publishing
from lgr_report.runs.deliverables import DeliverableError
from lgr_report.runs.plan import NATIONAL, in_turns, national_work
from lgr_report.runs.records import Job, Limits, Page, Published, Report, reason
from lgr_report.runs.stale import is_whole, sibling_pages
from lgr_report.sources import areas, cache, kept


def run(
    plan: Mapping[str, tuple[Job, ...]],
    outputs: Path,
    workers: int | None = None,
    limits: Limits | None = None,
    place: executors.Place = executors.HERE,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Report]:
    """Run a plan and publish each area as it is done; yield reports in the order of completion.

    A failing area is a report with an error: it stops no other and overwrites nothing.
    ``meanwhile`` is called before the first notebook runs, while the processes start.
    """
    outputs = outputs.absolute()  # kernels run elsewhere
    outputs.mkdir(parents=True, exist_ok=True)
    with _shared_results(outputs), contextlib.ExitStack() as folders:
        unfinished: dict[str, list[Job]] = {}
        for area, jobs in plan.items():
            try:
                unfinished[area] = _prepared(area, jobs, outputs, limits or Limits(), folders)
            except OSError as error:
                yield Report(area, error=reason(error))
        made: dict[str, list[Page]] = {area: [] for area in unfinished}
        workers = workers or os.cpu_count() or 1
        queue = in_turns(unfinished, workers)
        workers = max(1, min(workers, len(queue)))
        # One worker here would do it no sooner than the notebook that needs it.
        ahead = national_work(queue) if workers > 1 or place is not executors.HERE else []
        wanted = lambda job: job.area in unfinished  # noqa: E731
        for page in executors.pages(queue, place, workers, wanted, meanwhile, ahead):
            if page.area not in unfinished:
                continue  # another page of the same report has failed
            made[page.area].append(page)
            if page.error is not None or len(made[page.area]) == len(unfinished[page.area]):
                yield _report(unfinished.pop(page.area), made[page.area], outputs)


def _prepared(
    area: str, jobs: tuple[Job, ...], outputs: Path, limits: Limits, folders: contextlib.ExitStack
) -> list[Job]:
    """Make an area's private folder, with the pages that stay; return the jobs that go there."""
    folder = Path(tempfile.mkdtemp(prefix=f"{publishing.BUILDING}{area}-", dir=outputs))
    folders.callback(shutil.rmtree, folder, ignore_errors=True)
    siblings = sibling_pages(jobs, outputs / area)
    stay = [name for name in siblings if name not in {job.name for job in jobs}]
    publishing.take_along(outputs / area, folder, stay)
    return [replace(job, folder=folder, sibling_pages=siblings, limits=limits) for job in jobs]


def _report(jobs: list[Job], pages: list[Page], outputs: Path) -> Report:
    """Publish an area's pages, unless the last of them failed; return its report."""
    error = pages[-1].error
    try:
        if error is None:
            _publish(jobs[0], pages, outputs / jobs[0].area)
    except Exception as failure:
        error = reason(failure)
    finally:
        shutil.rmtree(jobs[0].folder, ignore_errors=True)
    return Report(jobs[0].area, tuple(pages), error)


def _publish(job: Job, pages: list[Page], published: Path) -> None:
    """Put the folder of a job's area in the place of the last, with its manifest."""
    new, last = {page.name for page in pages}, ()
    with contextlib.suppress(manifest.ManifestError):  # nobody knows what they were made from
        last = manifest.read(Published, published).pages
    stay = [page for page in last if page.name not in new and is_whole(job.folder, page)]
    declared = {f"{name}{kind}" for name in job.sibling_pages for kind in publishing.KINDS}
    if other := sorted({path.name for path in job.folder.iterdir()} - declared):
        raise DeliverableError(f"files that no notebook declares: {', '.join(other)}")
    # A kernel that outlived its page, or ran after it, may have reached the folder.
    if changed := [page.name for page in pages if not is_whole(job.folder, page)]:
        raise DeliverableError(f"pages that changed after they were made: {', '.join(changed)}")
    foreign.check_area(published)
    manifest.write_area(job.folder, job.area, name_of(job.area), [*stay, *pages])
    publishing.publish(job.folder, published)


def name_of(area: str) -> str:
    """Return the name of an area, or of the whole country."""
    return "England" if area == NATIONAL else areas.get(area).name


@contextlib.contextmanager
def _shared_results(outputs: Path) -> Iterator[None]:
    """Give the kernels of a batch a private folder for what they compute once.

    And one for national results, which stays: whoever builds another area tomorrow needs the same.
    """
    private = tempfile.mkdtemp(prefix=f"{publishing.BUILDING}shared-", dir=outputs)
    folders, lasting = {cache.FOLDER: private}, Path(os.environ.get(kept.FOLDER) or kept.HOME)
    with contextlib.suppress(OSError):  # a folder that cannot be written: they go to the other
        lasting.mkdir(exist_ok=True)
        cache.prune(lasting, time.time())
        folders[kept.FOLDER] = str(lasting)
    try:
        with executors.environ(folders):
            yield
    finally:
        shutil.rmtree(private, ignore_errors=True)
