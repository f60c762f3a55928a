"""The command ``lgr-report options``: every way to divide an area."""

import json
from typing import Annotated

import typer

from lgr_report.sources import areas


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

    summary = options.summary(area_id)
    here = divisions.of(area_id)
    table = scores.standings(here.scores, here.proposals)
    for bid, row in zip(summary["proposals"], table.to_dict("records"), strict=True):
        bid["demand_spread"] = _known(row["people"])
        bid["demand_spread_percentile"] = _known(row["people_percentile"])
    if as_json:
        typer.echo(json.dumps(summary, indent=1, allow_nan=False))
        return
    typer.echo(f"{areas.get(area_id).name}: {summary['councils']} councils\n")
    typer.echo(f"{'unitaries':<12}" + "".join(f"{k:>9}" for k in summary["counts"]["all"]))
    for links, counts in summary["counts"].items():
        typer.echo(f"{links:<12}" + "".join(f"{n:>9,}" for n in counts.values()))
    typer.echo("\nspread and percentile among all options of as many unitaries (low is even)")
    typer.echo(f"{'proposal':<26}{'unitaries':>9}{'population':>16}{'demand':>16}  status")
    for bid in summary["proposals"]:
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
