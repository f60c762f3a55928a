"""The command ``lgr-report``."""

import json
import sys
from datetime import date, datetime
from typing import Annotated, Literal

import typer
from tqdm import tqdm

from lgr_report.page import phrases
from lgr_report.runs import batch, building
from lgr_report.sources import areas, tables

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""What splitting county councils does to care services, on public data.

    Start with `lgr-report areas`, then `lgr-report build surrey` and open outputs/index.html.""",
)


@app.command("areas")
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


@app.command()
def check() -> None:
    """Validate every table of data/ and print every problem: table, row, column, value, expected.

    Ends with exit code 1 if there is any. Set LGR_REPORT_DATA to check another folder.
    """
    from lgr_report.risk import maturity

    names = tables.names()
    found = [
        problem
        for name in tqdm(names, desc="tables", leave=False, disable=None)
        for problem in tables.problems(name)
    ]
    for problem in found:
        typer.echo(str(problem))
    if not found:
        try:
            maturity.coverage()
        except maturity.CoverageError as error:
            _fail(str(error))
    if found:
        _fail(f"{phrases.count(len(found), 'problem')} in {tables.data_dir()}")
    typer.echo(f"{len(names)} tables are as data/{tables.PACKAGE} describes them")


@app.command("options")
def list_options(
    area_id: Annotated[str, typer.Argument(metavar="AREA", help="Area: see `lgr-report areas`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Count every way to divide an area into contiguous unitaries; say where each proposal stands.

    Options are partitions of the area's districts and unitaries into one to five footprints that
    hang together: by land links only, and by all links (tidal water and ferries too). Spreads are
    (largest - smallest unitary) over the mean for population, (largest - smallest rate) over the
    area's for demand; a low percentile is more even than most options of as many unitaries.
    """
    from lgr_report.core import divisions, options, scores

    found = options.summary(area_id)
    here = divisions.of(area_id)
    table = scores.standings(here.scores, here.proposals)
    for bid, row in zip(found["proposals"], table.to_dict("records"), strict=True):
        bid["demand_spread"] = _known(row["people"])
        bid["demand_spread_percentile"] = _known(row["people_percentile"])
    if as_json:
        typer.echo(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(f"{areas.get(area_id).name}: {found['councils']} councils\n")
    typer.echo(f"{'unitaries':<12}" + "".join(f"{k:>9}" for k in found["counts"]["all"]))
    for links, counts in found["counts"].items():
        typer.echo(f"{links:<12}" + "".join(f"{n:>9,}" for n in counts.values()))
    typer.echo("\nspread and percentile among all options of as many unitaries (low is even)")
    typer.echo(f"{'proposal':<26}{'unitaries':>9}{'population':>16}{'demand':>16}  status")
    for bid in found["proposals"]:
        people = bid["population_spread"], bid["population_spread_percentile"]["all"]
        care = bid["demand_spread"], bid["demand_spread_percentile"]
        status = bid["status"] + ("; reaches outside the area" if bid["reaches_outside"] else "")
        typer.echo(
            f"{bid['proposal_id']:<26}{bid['n_unitaries']:>9}{_placed(*people):>16}"
            f"{_placed(*care):>16}  {status}"
        )


@app.command("ledger")
def show_ledger(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Set every published finding beside what public data give, with a verdict by rule.

    Verdicts: reproduced, same direction, not distinguishable from no effect, contradicted, not
    testable on public data. docs/ledger.md says the rules.
    """
    from lgr_report.across import ledger

    if as_json:
        typer.echo(json.dumps(ledger.records(), indent=1, ensure_ascii=False, allow_nan=False))
        return
    for row in ledger.shown(ledger.ledger()).itertuples(index=False):
        typer.echo(f"{row[0]:<6}{row[4]:<40}{row[3]:<28}{row[1]}")
    typer.echo("\n" + "\n".join(ledger.in_words()))


@app.command()
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
    r"""Write a template for an officer's assessment of an area, and print its path.

    A file that exists is never written over. Fill it in where it lies: the area's next report
    shows it. `lgr-report assessments` checks what was filled in.

    \b
    lgr-report assess surrey
    lgr-report assess surrey --format text --date 2027-04-01 --carry
    """
    from lgr_report.assess import files

    try:
        day = date.today() if on is None else datetime.strptime(on, "%Y-%m-%d").date()
    except ValueError:
        raise batch.ParameterError(f"--date is a day, as 2027-04-01, not {on!r}") from None
    typer.echo(str(files.create(area_id, day, form, carry)))


@app.command()
def assessments(
    area_id: Annotated[str | None, typer.Argument(metavar="[AREA]", help="Only this area.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every value as CSV.")] = False,
) -> None:
    """List the assessments of officers, checked: every error names file, sheet and cell, or key."""
    from lgr_report.assess import files

    if area_id is None:
        found = files.problems()
        if found:
            raise tables.TableError(found)
    mine = [areas.get(area_id).area_id] if area_id else areas.ids()
    dated = [one for area in mine for one in files.assessments(area)]
    if as_csv:
        typer.echo(files.to_csv(dated), nl=False)
        return
    for one in dated:
        scored = sum(risk.score is not None for risk in one.risks)
        typer.echo(
            f"{one.area_id:38}{one.assessed_on}{scored:>4} risks{len(one.maturity):>3} areas"
            f"{len(one.lessons):>4} lessons  {'published' if one.publish else ''}".rstrip()
        )
    if not dated:
        typer.echo("no assessment is recorded: `lgr-report assess AREA` writes a template")


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _placed(spread: float | None, percentile: float | None) -> str:
    if spread is None:
        return "-"
    return f"{spread:.0%}" + ("" if percentile is None else f" at {percentile:.0f}")


app.command()(building.build)
app.command()(building.verify)


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def main() -> None:
    """Run the command; turn the errors that a user can mend into one line and exit code 2."""
    try:
        app()
    except (
        areas.UnknownAreaError,
        batch.ParameterError,
        tables.TableError,
        FileNotFoundError,
    ) as e:
        typer.echo(f"lgr-report: {e}", err=True)
        sys.exit(2)
    except OSError as e:
        typer.echo(f"lgr-report: {e.filename or ''}: {e.strerror or e}", err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
