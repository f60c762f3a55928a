"""The command ``lgr-report ledger``: what was published beside what public data give."""

import json
from typing import Annotated

import typer


def show_ledger(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Set every published finding beside what public data give, with a verdict by rule.

    Verdicts: reproduced, same direction, not distinguishable from no effect, contradicted, not
    testable on public data. docs/ledger.md says the rules.
    """
    from lgr_report.across import ledger

    if as_json:
        typer.echo(json.dumps(ledger.records(), indent=1, allow_nan=False))
        return
    for row in ledger.shown(ledger.ledger()).itertuples(index=False):
        typer.echo(f"{row[0]:<6}{row[4]:<40}{row[3]:<28}{row[1]}")
    typer.echo("\n" + "\n".join(ledger.in_words()))
