"""The commands ``lgr-report areas`` and ``lgr-report check``: what data there are."""

import json
from typing import Annotated

import typer
from tqdm import tqdm

from lgr_report.page import phrases
from lgr_report.sources import areas, checks, decisions, tables


def list_areas(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """List the 21 areas: identifier, residents, councils, name."""
    rows = [
        {
            "area_id": area_id,
            "name": areas.get(area_id).name,
            "population": areas.population(area_id),
            "councils": len(areas.councils(area_id)),
        }
        for area_id in areas.ids()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1, allow_nan=False))
        return
    for row in rows:
        typer.echo(
            f"{row['area_id']:38}{row['population']:>11,}{row['councils']:>4}  {row['name']}"
        )


def check() -> None:
    """Validate every table of data/ and print every problem: table, row, column, value, expected.

    Each table is held to its contract, then all of them to each other: sums, codes, bounds, bids
    that cover their area once, dates in order. Then every area is divided in every way.

    Ends with exit code 1 if there is any problem. Set LGR_REPORT_DATA to check another folder.
    """
    from lgr_report.core.options import contiguous_options
    from lgr_report.core.proposals import proposals

    names = tables.names()
    problems = checks.problems(tqdm(names, desc="tables", leave=False, disable=None))
    for problem in problems:
        typer.echo(str(problem))
    if problems:
        _fail(f"{phrases.count(len(problems), 'problem')} in {tables.data_dir()}")
    try:
        for area_id in tqdm(areas.ids(), desc="areas", leave=False, disable=None):
            contiguous_options(area_id)
            proposals(area_id)
            decisions.get(area_id)
    except ValueError as error:
        _fail(str(error))
    tables.note_valid()
    typer.echo(f"{len(names)} tables are as data/{tables.PACKAGE} describes them, and agree")


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(1)
