"""The HTML page made from an executed notebook, and the pages made from templates."""

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from jinja2 import Environment, FileSystemLoader

from lgr_report.page.cells import SORTABLE, SVG

if TYPE_CHECKING:
    from nbconvert import HTMLExporter

TEMPLATES = Path(__file__).parent / "templates"
SORT = TEMPLATES / "report" / "sort.js"  # the one script of ours
TAG = re.compile(r"<[^>]*>")
IN_ADDRESS = str.maketrans({mark: f"%{ord(mark):02X}" for mark in '%#<>"'})


def to_html(
    notebook: Path | nbformat.NotebookNode,
    title: str,
    home: str | None = None,
    others: Iterable[tuple[str, str]] = (),
) -> str:
    """Return an executed notebook as one self-contained, accessible page, code hidden.

    Parameters
    ----------
    notebook : Path or NotebookNode
        The executed notebook.
    title : str
        Title of the page.
    home : str, optional
        Relative address of the index page.
    others : iterable of (str, str), optional
        Relative address and name of the other pages of the same area.
    """
    nb = nbformat.read(notebook, as_version=4) if isinstance(notebook, Path) else notebook
    script, page = _script(nb), {"title": title, "home": home, "others": list(others)}
    page |= {"sections": _sections(nb), "script": script, "allowed": _allowed(script)}
    stamps = tuple(path.stat().st_mtime_ns for path in sorted((TEMPLATES / "report").iterdir()))
    body, _ = _exporter(stamps).from_notebook_node(nb, resources={"page": page})
    return body


@lru_cache(maxsize=1)
def _exporter(stamps: tuple[int, ...]) -> "HTMLExporter":
    """Return the exporter, which compiles its templates once for as long as they stay the same."""
    # Slow to import, and the index page does without.
    from nbconvert import HTMLExporter, TemplateExporter

    class Exporter(HTMLExporter):
        # HTMLExporter's own parses the whole page again, for what our template has: alt texts, and
        # nothing to focus that a keyboard would not reach.
        from_notebook_node = TemplateExporter.from_notebook_node

    exporter = Exporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        optimistic_validation=True,  # once, not after each of eleven steps
    )
    exporter.register_filter("anchored", _anchored)
    exporter.register_filter("as_address", _as_address)
    return exporter


def _script(nb: nbformat.NotebookNode) -> str | None:
    """Return the one script of ours that a page may hold: where a table is to be sorted."""
    shown = (o.get("data", {}).get("text/html", "") for c in nb.cells for o in c.get("outputs", []))
    if any(f'class="{SORTABLE}"' in "".join(text) for text in shown):
        return SORT.read_text(encoding="utf-8")
    return None


def _allowed(script: str | None) -> str:
    """Return what a browser may run on a page (Content Security Policy): our script or none.

    Whatever else might get into a page stays a text.
    """
    if script is None:
        return "'none'"
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _sections(nb: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Anchor and text of the headings of the second level, for the contents list."""
    lines = [line for c in nb.cells if c.cell_type == "markdown" for line in c.source.splitlines()]
    texts = [line.removeprefix("## ").strip() for line in lines if line.startswith("## ")]
    return [(_anchor(text), text) for text in texts]


def _anchored(page: str) -> str:
    return re.sub(r"<h2>(.*?)</h2>", lambda m: f'<h2 id="{_anchor(m[1])}">{m[1]}</h2>', page)


def _as_address(svg: str) -> str:
    """Return a picture as an address: what is in it stays a picture, whatever it holds."""
    quoted = TAG.sub(lambda tag: tag[0].replace('"', "'") if "'" not in tag[0] else tag[0], svg)
    return html.escape(f"data:{SVG};charset=utf-8,{quoted.translate(IN_ADDRESS)}")


def _anchor(heading: str) -> str:
    words = html.unescape(re.sub(r"<[^>]+>", "", heading)).lower()
    return re.sub(r"\W+", "-", words).strip("-")


def render(template: str, **values: object) -> str:
    """Return a page made from a template of this package; values are escaped."""
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True)
    return environment.get_template(template).render(**values)
