"""The commands ``lgr-report assess`` and ``assessments``: what officers fill in, and read back."""

from datetime import date, datetime
from typing import Annotated, Literal

import typer

from lgr_report.runs.plan import ParameterError
from lgr_report.sources import areas, tables


def assess(
    area_id: Annotated[str, typer.Argument(metavar="AREA", help="Area: see `lgr-report areas`.")],
    form: Annotated[
        Literal["xlsx", "text"],
        typer.Option("--format", help="A workbook with lists, or a plain-text form for git."),
    ] = "xlsx",
    on: Annotated[
        str | None, typer.Option("--date", metavar="DAY", help="Day, as 2027-04-01; else today.")
    ] = None,
    carry: Annotated[
        bool, typer.Option("--carry", help="Fill in what was last recorded, with its dates.")
    ] = False,
) -> None:
    """Write a template for an officer's assessment of an area, and print its path.

    A file that exists is never written over. Fill it in where it lies: the area's next report
    shows it. `lgr-report assessments` checks what was filled in.

    \b
    lgr-report assess surrey
    lgr-report assess surrey --format text --date 2027-04-01 --carry
    """  # noqa: D301  (the character \b keeps the lines of the examples apart)
    from lgr_report.assess import files

    try:
        day = date.today() if on is None else datetime.strptime(on, "%Y-%m-%d").date()
    except ValueError:
        raise ParameterError(f"--date is a day, as 2027-04-01, not {on!r}") from None
    typer.echo(str(files.create(area_id, day, form, carry)))


def assessments(
    area_id: Annotated[str | None, typer.Argument(metavar="[AREA]", help="Only this area.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every value as CSV.")] = False,
) -> None:
    """List the assessments of officers, checked: every error names file, sheet and cell, or key."""
    from lgr_report.assess import files

    if area_id is None:
        problems = files.problems()
        if problems:
            raise tables.TableError(problems)
    area_ids = [areas.get(area_id).area_id] if area_id else areas.ids()
    dated = [form for area in area_ids for form in files.assessments(area)]
    if as_csv:
        typer.echo(files.to_csv(dated), nl=False)
        return
    for form in dated:
        scored = sum(risk.score is not None for risk in form.risks)
        typer.echo(
            f"{form.area_id:38}{form.assessed_on}{scored:>4} risks{len(form.maturity):>3} areas"
            f"{len(form.lessons):>4} lessons  {'published' if form.publish else ''}".rstrip()
        )
    if not dated:
        typer.echo("no assessment is recorded: `lgr-report assess AREA` writes a template")
