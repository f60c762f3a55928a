"""The command ``lgr-report build``: one run of a plan, from what is stale to the index page."""

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer
from tqdm import tqdm

from lgr_report.assess import files
from lgr_report.runs import (
    address_grammar,
    batch,
    clusters,
    executors,
    foreign,
    lock,
    manifest,
    plan,
    provenance,
    publishing,
)
from lgr_report.runs.journal import Journal, summary
from lgr_report.runs.records import Job, Limits, Report, reason
from lgr_report.runs.stale import stale_jobs
from lgr_report.runs.stopping import Stopped, on_signals
from lgr_report.sources import checks, tables

LONGEST = 7 * 86_400  # seconds of a limit: a run that may last for ever has none
OUTPUTS = Path(__file__).resolve().parents[2] / "outputs"


def build(
    area_ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[AREA]...", help="Areas, or national; by default all 21 and national."
        ),
    ] = None,
    notebook: Annotated[
        list[str] | None, typer.Option(help="Only this notebook; may be repeated.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="NAME=VALUE for the notebooks; may be repeated."),
    ] = None,
    outputs: Annotated[
        Path, typer.Option(file_okay=False, help="Folder to publish into.")
    ] = OUTPUTS,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Kernels at once; by default one a core.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Build reports that are unchanged, too.")
    ] = False,
    cell_timeout: Annotated[
        float, typer.Option(min=1, max=LONGEST, help="Seconds that a cell may take.")
    ] = Limits.cell,
    report_timeout: Annotated[
        float, typer.Option(min=1, max=LONGEST, help="Seconds that a notebook may take.")
    ] = Limits.report,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Run on the dask cluster at tcp://HOST:PORT."),
    ] = None,
    dask: Annotated[
        Literal["local"] | None, typer.Option(help="Run on a dask cluster on this machine.")
    ] = None,
) -> None:
    """Run the notebooks and publish the reports; print the path of the index page at the end.

    A report replaces the last one only when it is complete. If an area fails, the others go on,
    and its last good report stays. What would be made from the same notebook, library, tables,
    parameters and packages as the last time is not made again.

    \b
    lgr-report build                       all 21 areas
    lgr-report build surrey norfolk        two areas
    lgr-report build national              the pages for the whole country
    lgr-report build surrey --notebook risks -p draws=100000

    Exit code: 0 if every report is there, 1 if one failed, 2 if the input is wrong, 3 if the
    folder is in use or cannot be written, 128 + n if signal n stopped the run. The line before the
    last sums the run up; log.jsonl in the output folder has a line of JSON for each event.
    """  # noqa: D301  (the character \b keeps the lines of the examples apart)
    if tables.found_valid():
        tables.note_valid()
    foreign.check_folder(outputs)
    jobs = plan.jobs(area_ids or None, notebook or None, _parameters(parameter or []))
    _tell_of_strays()
    new = not outputs.exists()
    limits = Limits(cell_timeout, report_timeout)
    try:
        place = executors.HERE
        if scheduler or dask:
            place = clusters.place(scheduler or dask)
        outputs.mkdir(parents=True, exist_ok=True)
        with on_signals(), lock.hold(outputs):
            failed = _build(jobs, outputs, workers, limits, force, place)
    except tables.TableError:
        # Nothing is written for tables that are broken; what was published stays.
        if new and outputs.is_dir() and not manifest.reports(outputs):
            shutil.rmtree(outputs)
        raise
    except Stopped as stopped:
        raise typer.Exit(128 + stopped.signum) from stopped
    except (lock.BusyError, clusters.ClusterError, OSError) as error:
        typer.echo(f"lgr-report: {error}", err=True)
        raise typer.Exit(3) from error
    if failed:
        raise typer.Exit(1)


def _build(
    jobs: dict[str, tuple[Job, ...]],
    outputs: Path,
    workers: int | None,
    limits: Limits,
    force: bool,
    place: executors.Place,
) -> bool:
    """Build what is stale; return whether anything failed."""
    start, journal = time.monotonic(), Journal(outputs)
    publishing.restore(outputs)
    to_do = jobs if force else stale_jobs(jobs, outputs)
    reports = [Report(area, unchanged=True) for area in jobs if area not in to_do]
    if not to_do and manifest.is_current(outputs):
        journal.note("nothing to do", reports=len(jobs))
        _tell_end(outputs, jobs, reports, start)
        return False
    address_grammar.skip()
    journal.note("begin", reports=len(to_do), unchanged=len(reports))

    def finish(stopped: Stopped | None = None) -> None:
        from lgr_report.across import index

        publishing.restore(outputs)
        errors = {report.area: report.error for report in reports if not report.ok}
        missing = to_do.keys() - {report.area for report in reports}
        later = dict.fromkeys(missing, f"not reached: {stopped}")
        try:
            publishing.write_text(outputs / manifest.INDEX, index.html(outputs, errors))
        except OSError:
            raise  # nothing can be written here
        except Exception as failure:
            # The reports are published: the last index stays, and the manifest says why.
            reports.append(Report(manifest.INDEX, error=reason(failure)))
            later[manifest.INDEX] = reason(failure)
        manifest.write(outputs, journal.started, errors | later, _asked(jobs))
        line = _tell_end(outputs, jobs, reports, start, stopped)
        journal.note("stopped" if stopped else "end", summary=line)

    running = batch.run(to_do, outputs, workers, limits, place, _prepare)
    try:
        with journal.of_warnings():
            for report in _shown(running, len(to_do)):
                reports.append(report)
                journal.report(report)
        finish()
    except Stopped as stopped:
        finish(stopped)  # signals that follow are ignored
        raise
    return not all(report.ok for report in reports)


def _tell_of_strays() -> None:
    """Say what is in no report, and which notebooks were saved with outputs, before any is run."""
    for stray in files.strays():
        typer.echo(f"in no report: {stray}", err=True)
    if drafts := plan.left_out():
        names = ", ".join(path.name for path in drafts)
        typer.echo(f"left out, for they declare nothing (metadata lgr_report): {names}", err=True)
    if unclean := plan.unclean():
        names = ", ".join(path.name for path in unclean)
        typer.echo(f"saved with outputs: {names}; `make strip` takes them out", err=True)


def _asked(jobs: dict[str, tuple[Job, ...]]) -> dict[str, object]:
    """Return what a batch was asked for: areas, notebooks, and the parameters that were given."""
    every = [job for of_area in jobs.values() for job in of_area]
    given = {name: value for job in every for name, value in job.parameters.items()}
    given.pop("area", None)
    return {"areas": [*jobs], "notebooks": sorted({job.name for job in every}), **given}


def _shown(reports: Iterator[Report], total: int) -> Iterator[Report]:
    """Yield reports, and tell of each; whoever stops listening stops the run."""
    with contextlib.closing(reports), tqdm(total=total, unit="report", disable=None) as bar:
        for number, report in enumerate(reports, start=1):
            yield report
            bar.update()
            state = "built" if report.ok else "FAILED"
            lines = [
                f"[{number:>2}/{total}] {state} {report.area} in {report.seconds:.1f} s, "
                f"{total - number} left",
                *(f"tried again after {accident}" for accident in report.accidents),
                *([] if report.ok else [report.error]),
            ]
            bar.write("\n        ".join(lines), file=sys.stdout)


def _tell_end(
    outputs: Path,
    jobs: dict[str, tuple[Job, ...]],
    reports: list[Report],
    start: float,
    stopped: Stopped | None = None,
) -> str:
    """Print what failed, the batch in one line, and where the index is; return that line."""
    for report in reports:
        if not report.ok:
            kept = (outputs / report.area).exists()
            rest = "its last good report stays" if kept else "it has no report yet"
            typer.echo(f"failed: {report.area} ({rest}): {report.error}", err=True)
    line = summary(reports, len(jobs), time.monotonic() - start)
    if stopped:
        line += f", {stopped}"
    typer.echo(line)
    typer.echo(str(outputs / manifest.INDEX))
    return line


def _prepare() -> None:
    """Do once what every page would need to be done."""
    provenance.refresh()
    if os.environ.get(tables.VALIDATED) != tables.fingerprint():
        checks.once()


def _no_number(text: str) -> float:
    raise plan.ParameterError(f"{text} is no number that a notebook can use")


def _parameters(given: list[str]) -> dict[str, object]:
    parameters: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise plan.ParameterError(f"a parameter is written NAME=VALUE, not {text!r}")
        if name == "area":
            raise plan.ParameterError("name the areas as arguments: `lgr-report build surrey`")
        try:
            parameters[name] = json.loads(value, parse_constant=_no_number)
        except json.JSONDecodeError:
            parameters[name] = value
    return parameters
