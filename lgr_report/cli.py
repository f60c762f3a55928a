"""The command ``lgr-report``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from lgr_report import areas, batch, tables

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"

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
        typer.echo(json.dumps(rows, indent=1))
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
    from lgr_report import maturity

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
        _fail(f"{areas.count(len(found), 'problem')} in {tables.data_dir()}")
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
    from lgr_report import options, scores

    found = options.summary(area_id)
    demand = scores.national_demand()
    table = scores.standings(area_id, demand, scores.score(area_id, demand))
    for bid, row in zip(found["proposals"], table.to_dict("records"), strict=True):
        bid["demand_spread"] = _known(row["people"])
        bid["demand_spread_percentile"] = _known(row["people_percentile"])
    if as_json:
        typer.echo(json.dumps(found, indent=1, ensure_ascii=False))
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


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _placed(spread: float | None, percentile: float | None) -> str:
    if spread is None:
        return "-"
    return f"{spread:.0%}" + ("" if percentile is None else f" at {percentile:.0f}")


@app.command()
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
    outputs: Annotated[Path, typer.Option(help="Folder to publish into.")] = OUTPUTS,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Kernels at once; by default one a core.")
    ] = None,
) -> None:
    r"""Run the notebooks and publish the reports; print the path of the index page at the end.

    A report replaces the last one only when it is complete. If an area fails, the others go on,
    its last good report stays, and the exit code is 1.

    \b
    lgr-report build                       all 21 areas
    lgr-report build surrey norfolk        two areas
    lgr-report build national              the pages for the whole country
    lgr-report build surrey --notebook risks -p draws=100000
    """
    jobs = batch.plan(area_ids or None, notebook or None, _parameters(parameter or []))
    tables.check_once()
    outputs.mkdir(parents=True, exist_ok=True)
    batch.restore(outputs)
    results = []
    with tqdm(total=len(jobs), unit="report", disable=None) as bar:
        for result in batch.run(jobs, outputs, workers):
            results.append(result)
            bar.update()
            state = "built" if result.ok else "FAILED"
            left = len(jobs) - len(results)
            bar.write(
                f"[{len(results):>2}/{len(jobs)}] {state} {result.key} in {result.seconds:.1f} s, "
                f"{left} left" + ("" if result.ok else f"\n        {result.error}"),
                file=sys.stdout,
            )
    index = batch.write_index(outputs, results)
    failed = [result for result in results if not result.ok]
    typer.echo(f"built {len(results) - len(failed)} of {len(results)}, in {outputs}")
    for result in failed:
        kept = (outputs / result.key).exists()
        rest = "its last good report stays" if kept else "it has no report yet"
        typer.echo(f"failed: {result.key} ({rest}): {result.error}", err=True)
    typer.echo(str(index))
    if failed:
        raise typer.Exit(1)


def _parameters(given: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise batch.ParameterError(f"a parameter is written NAME=VALUE, not {text!r}")
        if name == "area":
            raise batch.ParameterError("name the areas as arguments: `lgr-report build surrey`")
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found


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


if __name__ == "__main__":
    main()
