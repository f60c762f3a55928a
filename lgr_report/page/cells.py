"""What a notebook cell shows beside figures: words and tables.

Everything that comes from data is escaped here, once, before it can reach a page.
"""

import html
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from lgr_report.page import phrases
from lgr_report.sources import reading, tables

ADDRESS = re.compile(r"(https?://[\w./?=&%+:;,~@#-]+)", re.ASCII)
MARKS = re.compile(r"[<>&\\`*_\[\]#|~$]")
LIST_MARK = re.compile(r"^\d*[-+=.)]")
CLASSES = re.compile(r"""<(t[dh]|table)( id="[^"]*")? class="[^"]*" ?""")
BETWEEN = re.compile(r">\s*\n\s*<")
MISSING = "not available"
SVG = "image/svg+xml"
SORTABLE = "table sortable"


@dataclass(frozen=True)
class Table:
    """A table with its caption: escaped, missing cells named, numbers formatted by column type.

    ``formats`` overrides the format of single columns; ``headings`` their names on the page.
    """

    frame: pd.DataFrame
    caption: str
    formats: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    missing: str = MISSING

    def _repr_html_(self) -> str:
        frame = self.frame.rename(columns=str)
        headings = {name: self.headings.get(name, _heading(name)) for name in frame}
        shown = frame.rename(columns=headings)
        formats = {
            headings[name]: _signed(self.formats.get(name, _format(frame[name]))) for name in frame
        }
        # The identifier comes from the caption: the same table has the same HTML in every run.
        name = uuid.uuid5(uuid.NAMESPACE_OID, self.caption).hex[:8]
        styler = shown.style.format(formats, na_rep=self.missing, escape="html")
        styler = styler.hide(axis="index").set_caption(html.escape(self.caption))
        styler = styler.set_uuid(name).format_index(escape="html", axis=1)
        styler.cell_ids = False
        # No text of ours is left unescaped: every < begins a tag, every <th heads a column. Half of
        # the table would be names of classes that no style sheet asks for.
        bare = BETWEEN.sub("><", CLASSES.sub(r"<\1\2", styler.to_html()))
        headed = bare.replace("<th>", '<th scope="col">')
        label = html.escape(self.caption, quote=True)
        return f'<div class="table" tabindex="0" role="region" aria-label="{label}">{headed}</div>'

    def __repr__(self) -> str:
        # Not set in columns: that is three parts blanks, and a longer word would move every line.
        return f"{self.caption}\n{self.frame.to_csv(index=False, sep='|', na_rep=self.missing)}"

    def sortable(self) -> "Sortable":
        """Return the table with headings that sort it; without scripts it is a plain table."""
        return Sortable(**vars(self))

    def folded(self) -> "Folded":
        """Return the table folded under a line that a reader opens."""
        return Folded(**vars(self))


class Folded(Table):
    """A table behind one click."""

    def _repr_html_(self) -> str:
        line = html.escape(f"Table: {self.caption}")
        return f"<details><summary>{line}</summary>{super()._repr_html_()}</details>"


class Sortable(Table):
    """A table that the page's own script makes sortable by any column (``sort.js``)."""

    def _repr_html_(self) -> str:
        return super()._repr_html_().replace('class="table"', f'class="{SORTABLE}"', 1)


def _heading(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _signed(form: str | Callable | None) -> Callable | None:
    """Return a format of numbers whose sign is that of all pages: one minus, none for zero."""
    if not isinstance(form, str):
        return form
    style, plus = form.replace("{:+", "{:"), "{:+" in form
    return lambda value: (
        form.format(value) if isinstance(value, str) else phrases.styled(value, style, plus)
    )


def _format(column: pd.Series) -> str | Callable[[pd.Timestamp], str] | None:
    if pd.api.types.is_bool_dtype(column):
        return None
    if pd.api.types.is_integer_dtype(column):
        return "{:,.0f}"
    if pd.api.types.is_float_dtype(column):
        return "{:,.1f}"
    return phrases.day if pd.api.types.is_datetime64_any_dtype(column) else None


@dataclass(frozen=True)
class Words:
    """Words as Markdown, shown as paragraphs or as a heading."""

    markdown: str

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.markdown


def escaped(text: object) -> str:
    """Return a text, on one line, that HTML and Markdown show as it is; addresses become links."""
    parts = ADDRESS.split(" ".join(str(text).split()))
    # Every second part is an address. Marks become references, which never begin a markup.
    safe = [
        html.escape(part, quote=False) if k % 2 else MARKS.sub(_reference, part)
        for k, part in enumerate(parts)
    ]
    return LIST_MARK.sub(_reference, "".join(safe))


def _reference(mark: re.Match) -> str:
    return f"{mark[0][:-1]}&#{ord(mark[0][-1])};"


def say(*sentences: str | Iterable[str]) -> Words:
    """Return sentences as paragraphs for a notebook, escaped."""
    flat = [s for part in sentences for s in ([part] if isinstance(part, str) else part)]
    return Words("\n\n".join(escaped(sentence) for sentence in flat))


def sources() -> Folded:
    """Return every table that the notebook has read so far, with source, vintage and licence."""
    return Table(tables.sources(reading.noted()), "Sources of this page").folded()


def assumptions() -> Folded:
    """Return every number that is ours: value, range, where it is used, why."""
    table = tables.read("assumptions")
    for column in ("value", "low", "high"):
        table[column] = table[column].map(_plain, na_action="ignore").fillna("–")
    columns = ["what", "value", "low", "high", "unit", "used_in", "reason"]
    return Table(table[columns], "Every number that is ours").folded()


def _plain(number: float) -> str:
    """Return a number without exponent; a seed without separators would read as a year."""
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def heading(text: str) -> Words:
    """Return the title of a page, escaped."""
    return Words(f"# {escaped(text)}")


def subheading(text: str) -> Words:
    """Return the title of a part of a section, escaped."""
    return Words(f"### {escaped(text)}")
