"""Run a notebook in an IPython shell and keep what it shows, line by line.

In a module of its own: while the shell runs, ``__main__`` is the notebook's.
"""

import contextlib
import io
import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import page_drawn
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from page_form import ERROR, of_error, of_output, of_print, of_words
from page_list import NATIONAL, Page
from traitlets.config import Config


class Reader:
    """An IPython shell that runs a notebook and keeps what it shows, as lines."""

    def __init__(self) -> None:
        shown = self.shown = []
        raised = self.raised = []

        class Publisher(DisplayPublisher):
            def publish(self, data: dict, metadata: dict | None = None, **_: object) -> None:
                shown.append((data, metadata or {}))

        quiet = Config({"HistoryManager": {"enabled": False}})
        self.shell = InteractiveShell.instance(config=quiet)
        self.shell.display_pub = Publisher()
        self.shell.display_trap.hook = self._last_expression
        # The page says it in one line. What fails to show itself is told here and nowhere else.
        self.shell._showtraceback = lambda _, error, __: raised.append(error)
        page_drawn.instead_of_drawing()

    def _last_expression(self, value: object) -> None:
        if value is not None:
            data, metadata = self.shell.display_formatter.format(value)
            if data:  # nothing, where the value displays itself
                self.shown.append((data, metadata))

    def lines(self, page: Page) -> Iterator[str]:
        """Run the notebook of a page; give what a reader sees, line by line.

        Raises
        ------
        CellError
            If a cell fails; what it showed before is in the error.
        """
        for cell in json.loads(page.notebook.read_text(encoding="utf-8"))["cells"]:
            source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
            lines: list[str] = []
            if cell["cell_type"] == "code":
                lines = self._cell(source)
            elif cell["cell_type"] == "markdown":
                lines = of_words(source)
            if "notebook-only" not in tags:
                yield from lines
            if "parameters" in tags and page.key != NATIONAL:
                self.shell.user_ns["area"] = page.key

    def _cell(self, source: str) -> list[str]:
        self.shown.clear()
        self.raised.clear()
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            self.shell.run_cell(source, store_history=False)
        lines = [line for output in self.shown for line in of_output(*output)]
        lines += of_print(said.getvalue())
        if self.raised:
            error = self.raised[0]
            raise CellError([*lines, *of_error(error)], error) from error
        return lines


class CellError(Exception):
    """A cell failed: what it showed before, and how."""

    def __init__(self, lines: list[str], error: BaseException) -> None:
        super().__init__(lines[-1])
        self.lines, self.error = lines, error


def write(out: Path, page: Page) -> None:
    """Write a page, in a process for it alone; end that with exit code 1 if a cell fails."""
    path = out / f"{page.name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    _put(path, [f"{ERROR}: the process ended before the page did"])
    lines: list[str] = []
    try:
        for line in Reader().lines(page):
            lines.append(line)
    except CellError as stop:
        _put(path, [*lines, *stop.lines])
        last = traceback.extract_tb(stop.error.__traceback__)[-1:]
        where = "".join(f" ({Path(f.filename).name}, line {f.lineno})" for f in last)
        print(f"\n{page.name}: {stop}{where}", file=sys.stderr)
        sys.exit(1)
    _put(path, lines)


def _put(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
