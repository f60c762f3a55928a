"""The command ``lgr-report verify``."""

from pathlib import Path
from typing import Annotated

import typer

from lgr_report.cli.build import OUTPUTS
from lgr_report.runs import manifest


def verify(
    outputs: Annotated[Path, typer.Argument(help="Folder that was published into.")] = OUTPUTS,
) -> None:
    """Prove that every report belongs to its manifest; name every file that does not.

    Every page and executed notebook is held to the SHA-256 in its area's manifest.json, every
    manifest to that of the last batch, and every ro-crate-metadata.json to the manifest beside it.
    Then it says which code made the reports. Ends with exit code 1 if a file is missing, changed or
    not listed.
    """
    problems = manifest.problems(outputs)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    for line in manifest.origins(outputs):
        typer.echo(line)
