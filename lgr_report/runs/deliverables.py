"""What an executed notebook must hold before it may be published: what it declares, and no more."""

import html
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from lgr_report.page.cells import SVG

if TYPE_CHECKING:
    import nbformat

# What our notebooks show. Anything else (a widget, a script) is no figure and no table that
# somebody declared, and would not be seen on the page.
SHOWN = {"text/plain", "text/markdown", "text/html", SVG}
# What a picture is drawn with; one of them is its background.
SHAPES = {"path", "use", "text", "image", "rect", "circle", "polygon"}


class DeliverableError(ValueError):
    """An executed notebook does not hold what it declares."""


def check_deliverables(nb: "nbformat.NotebookNode", name: str) -> None:
    """Check that an executed notebook holds the figures and tables that it declares.

    A page that loops over chapters declares them with ``at_least``: another chapter adds its own.

    Raises
    ------
    DeliverableError
        Naming everything that is missing, unexpected, empty or without alt text.
    """
    outputs, drawn = _outputs(nb), figures(nb)
    tables = [o for o in outputs if "<table" in str(o.get("data", {}).get("text/html", ""))]
    declared = nb.metadata["lgr_report"]
    at_least = declared.get("at_least", False)
    wrong = []
    for what, found in (("figures", len(drawn)), ("tables", len(tables))):
        if found < declared[what] or (found > declared[what] and not at_least):
            wrong.append(f"{found} {what}, {declared[what]} declared")
    bare = [o for o in drawn if not o.metadata.get(SVG, {}).get("alt")]
    if bare:
        wrong.append(f"{len(bare)} figures without alt text")
    empty = [o for o in drawn if is_empty(o.data[SVG])]
    if empty:
        wrong.append(f"{len(empty)} figures show nothing")
    if any(o.output_type == "error" for o in outputs):
        wrong.append("a cell ended in an error")
    loud = sorted({o.name for o in outputs if o.output_type == "stream"})
    if loud:
        wrong.append(f"something was printed to {' and '.join(loud)}")
    shown = [o for o in outputs if "data" in o]
    other = sorted({kind for o in shown for kind in o.data} - SHOWN)
    if other:
        wrong.append(f"something undeclared was shown ({', '.join(other)})")
    words = [o for o in shown if "text/markdown" in o.data]
    rest = [o for o in shown if o.data.keys() <= SHOWN and o not in drawn + tables + words]
    if rest:
        wrong.append(f"{len(rest)} outputs are no figure, no table and no words")
    if wrong:
        raise DeliverableError(f"{name}: " + "; ".join(wrong))


def figures(nb: "nbformat.NotebookNode") -> list["nbformat.NotebookNode"]:
    """Return the outputs of an executed notebook that are figures."""
    return [output for output in _outputs(nb) if SVG in output.get("data", {})]


def _outputs(nb: "nbformat.NotebookNode") -> list["nbformat.NotebookNode"]:
    return [o for cell in nb.cells if cell.cell_type == "code" for o in cell.outputs]


def is_empty(svg: str) -> bool:
    """Return whether a picture is no picture, or holds nothing but its background."""
    try:
        tags = [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()]
    except ElementTree.ParseError:
        return True
    return sum(tag in SHAPES for tag in tags) < 2


def check_files(folder: Path, name: str) -> None:
    """Check that a notebook left no file in the folder where it ran.

    Raises
    ------
    DeliverableError
        Naming the files: a report is its page and its notebook, and nothing that nobody declared.
    """
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    if left:
        raise DeliverableError(f"{name}: it wrote files that are not declared: {', '.join(left)}")


def title(nb: "nbformat.NotebookNode") -> str:
    """Return the title of an executed notebook: its first heading of the first level.

    Raises
    ------
    DeliverableError
        If it shows none.
    """
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown", "")
            if text.startswith("# "):
                return html.unescape(text.removeprefix("# "))
    raise DeliverableError("no title: the notebook shows no heading of the first level")
