"""The command ``lgr-report``."""

import sys

import typer

from lgr_report.cli import assess, build, data, ledger, options, verify
from lgr_report.runs.foreign import ForeignFolderError
from lgr_report.runs.plan import NotebookError, ParameterError
from lgr_report.sources import areas, tables

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""What splitting county councils does to care services, on public data.

    Start with `lgr-report areas`, then `lgr-report build surrey` and open outputs/index.html.""",
)
app.command("areas")(data.list_areas)
app.command()(data.check)
app.command("options")(options.list_options)
app.command("ledger")(ledger.show_ledger)
app.command()(assess.assess)
app.command()(assess.assessments)
app.command()(build.build)
app.command()(verify.verify)


def main() -> None:
    """Run the command; turn the errors that a user can mend into one line and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A console that lacks a sign (≤ in cp1252) shows a question mark in its place.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except (
        areas.UnknownAreaError,
        ParameterError,
        NotebookError,
        ForeignFolderError,
        tables.TableError,
        FileNotFoundError,
    ) as e:
        typer.echo(f"lgr-report: {e}", err=True)
        sys.exit(2)
    except OSError as e:
        typer.echo(f"lgr-report: {e.filename or ''}: {e.strerror or e}", err=True)
        sys.exit(3)
