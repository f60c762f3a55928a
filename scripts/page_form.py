"""The text form of a page: what a reader sees, one thing a line.

Words are lines of Markdown. A figure is ``FIGURE:``, its title and its alt text, with the words
drawn in it and a mark of its shapes under it. A table is ``TABLE:`` and its caption, with
``  | cell | cell`` a row, the headings first.
"""

import html
import re
from collections.abc import Iterable, Mapping

import page_drawn
from bs4 import BeautifulSoup, Tag

TABLE, FIGURE, ERROR = "TABLE", "FIGURE", "ERROR"
PICTURES = ("image/svg+xml", "image/png")
INDENT = "  "
REFERENCE = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
MARKS = "\\`*_[]<>#|~$"  # what Markdown or HTML would read as more than a character
OWN_LINE = re.compile(r"\s*(#|>|\||[-*+] |\d+[.)] )")  # a line that is no part of a paragraph
OURS = re.compile(r"[A-Z]+( \([a-z, ]+\))?: |\s|\|")  # what words must not be taken for
FENCE = "```"


def of_words(markdown: str) -> list[str]:
    r"""Return Markdown as lines: a paragraph is one, wherever its source is broken.

    Examples
    --------
    >>> of_words("## Cost\n\nIt costs\nmore.")
    ['## Cost', 'It costs more.']
    """
    lines: list[str] = []
    for part in re.split(r"\n\s*\n", markdown):
        lines += part.splitlines() if FENCE in part else _paragraphs(part)
    return [_kept_apart(plain(line).rstrip()) for line in lines if line.strip()]


def _paragraphs(part: str) -> list[str]:
    """Join the lines of a paragraph, except where a reader sees a new line too."""
    lines: list[str] = []
    for line in part.splitlines():
        before = lines[-1] if lines else "#"
        if before.lstrip().startswith("#") or before.endswith(("  ", "\\")) or OWN_LINE.match(line):
            lines.append(line)
        else:
            lines[-1] = f"{before.rstrip()} {line.strip()}"
    return lines


def plain(text: str) -> str:
    """Return Markdown with its references as characters, a mark with a backslash.

    So a text that is escaped in another way is the same, and one that is escaped no more is not.
    """
    return REFERENCE.sub(_character, text)


def _character(reference: re.Match) -> str:
    character = html.unescape(reference[0])
    if character.splitlines() != [character]:
        return " "  # a new line by number is none to a reader
    return f"\\{character}" if character in MARKS else character


def _kept_apart(line: str) -> str:
    return f"\\{line}" if OURS.match(line) else line


def of_figure(bundle: Mapping[str, object], alt: str | None) -> list[str]:
    """Return a figure as lines: title and alt text, the words drawn in it, a mark of its shapes."""
    told = _one_line(str(bundle.get("text/plain", "")))
    lines = [f"{FIGURE}: {told}"]
    if alt is None or _one_line(alt) != told:
        lines.append(f"{INDENT}alt text: {'none' if alt is None else _one_line(alt)}")
    words, shapes = page_drawn.told(next(bundle[kind] for kind in PICTURES if kind in bundle))
    if words:
        lines.append(f"{INDENT}drawn: {' / '.join(_one_line(word) for word in words)}")
    if shapes:
        lines.append(f"{INDENT}shapes: {shapes}")
    return lines


def of_html(source: str) -> list[str]:
    """Return HTML as lines: its tables, and what else it says.

    Examples
    --------
    >>> of_html("<table><caption>Costs</caption><tr><th>Area</th></tr><tr><td>Kent</td></tr>")
    ['TABLE: Costs', '  | Area', '  | Kent']
    """
    soup = BeautifulSoup(source, "html.parser")
    lines: list[str] = []
    for table in soup.find_all("table"):
        lines += _of_table(table)
    _leave_out(soup, ("table", "summary", "style"))
    rest = _seen(soup)
    return lines + ([f"HTML: {rest}"] if rest else [])


def _of_table(table: Tag) -> list[str]:
    ways = []
    if table.find_parent("details"):
        ways.append("folded")
    if table.find_parent(class_="sortable"):
        ways.append("sortable")
    caption = table.find("caption")
    kind = f"{TABLE} ({', '.join(ways)})" if ways else TABLE
    rows = (row.find_all(["th", "td"]) for row in table.find_all("tr"))
    return [f"{kind}: {_seen(caption) if caption else ''}".rstrip(), *map(_of_row, rows)]


def _of_row(cells: Iterable[Tag]) -> str:
    """Return a row; a bar inside a cell is no border."""
    texts = (_seen(cell).replace("\\", "\\\\").replace("|", "\\|") for cell in cells)
    return f"{INDENT}| {' | '.join(texts)}".rstrip()


def _seen(tag: Tag) -> str:
    """Return the text of a tag on one line, with what its links and pictures stand for."""
    parts = [tag.get_text()]
    parts += [f"<{link['href']}>" for link in tag.find_all("a", href=True)]
    parts += [f"<picture: {image.get('alt', 'no alt text')}>" for image in tag.find_all("img")]
    return _one_line(" ".join(parts))


def _leave_out(soup: BeautifulSoup, names: Iterable[str]) -> None:
    for tag in soup.find_all(list(names)):
        tag.extract()


def of_print(text: str) -> list[str]:
    """Return what a cell printed, a line each."""
    return [f"PRINTED: {line.rstrip()}" for line in text.splitlines() if line.strip()]


def of_error(error: BaseException) -> list[str]:
    """Return an error on one line."""
    return [f"{ERROR}: {type(error).__name__}: {_one_line(str(error))}"]


def of_output(data: Mapping[str, object], metadata: Mapping[str, object]) -> list[str]:
    """Return one output of a cell as lines, by the format that a page shows."""
    if "text/html" in data:
        return of_html(str(data["text/html"]))
    if kind := next((kind for kind in PICTURES if kind in data), None):
        about = metadata.get(kind, metadata)
        return of_figure(data, about.get("alt") if isinstance(about, Mapping) else None)
    if "text/markdown" in data:
        return of_words(str(data["text/markdown"]))
    if "text/plain" in data:
        return of_print(str(data["text/plain"]))
    return [f"OTHER: {', '.join(sorted(data))}"]


def _one_line(text: str) -> str:
    return " ".join(text.split())
