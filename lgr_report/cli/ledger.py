"""The command ``lgr-report ledger``: what was published beside what public data give."""

import json
from typing import Annotated

import typer


def show_ledger(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Set every published finding beside what public data give, with a verdict by rule.

    Verdicts: reproduced, same direction, not distinguishable from no effect, depends on the
    specification, contradicted, does not add up, not testable on public data. The rules:
    docs/ledger.md.
    """
    from lgr_report.across import ledger

    if as_json:
        typer.echo(json.dumps(ledger.records(), indent=1, allow_nan=False))
        return
    table = ledger.shown(ledger.ledger())
    computed = table["computed, with interval"]
    for finding, verdict, ours, published in zip(
        table["finding"], table["verdict"], computed, table["published"], strict=True
    ):
        typer.echo(f"{finding:<5} {verdict:<39} {ours:<27} {published}")
    typer.echo("\n" + "\n".join(ledger.in_words()))
