"""What a page must be before it is published, whatever it shows: every real build proves it."""

import re
from collections import Counter
from html.parser import HTMLParser

from lgr_report.page.pages import SORT
from lgr_report.runs.deliverables import DeliverableError

# What a value that is missing, or an error, looks like where nobody gave it a word.
STRAY = re.compile(r"Traceback|nan%|NaN|<NA>|NaT|None[,)]|\(None|\bnan\b")
# All that our pages are made of: whatever else a cell or a text of data might bring is foreign.
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "script", "body", "header", "nav", "main", "b"),
    *("footer", "section", "div", "span", "p", "a", "br", "hr", "h1", "h2", "h3", "h4", "ul"),
    *("ol", "li", "em", "strong", "code", "pre", "blockquote", "sub", "sup", "figure", "img"),
    *("details", "summary", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("class", "id", "lang", "href", "src", "alt", "charset", "name", "content", "type", "role"),
    *("http-equiv", "scope", "tabindex", "aria-label", "data-label", "colspan", "rowspan"),
    "start",
}
ADDRESS = re.compile(r"#|https?://|mailto:|[^:]*(/|$|\?)")  # and no javascript:, no file of a disk
POLICY = "Content-Security-Policy"
BLOCKS = {"td", "th", "p", "li", "h1", "title", "script", "style"}
NO_SCRIPT = "script-src 'none'"


class Page(HTMLParser):
    """What of a page is checked."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.texts: dict[str, list[str]] = {name: [] for name in BLOCKS}
        self.links, self.sources, self.alts = [], [], []
        self.language = self.policy = ""
        self.foreign: set[str] = set()
        self.sortable = False
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, its identifier, its source and where it leads."""
        about = {name: value or "" for name, value in attrs}
        self._note_foreign(tag, about)
        if "id" in about:
            self.ids[about["id"]] += 1
        if tag == "a" and about.get("href", "").startswith("#"):
            self.links.append(about["href"][1:])
        if "src" in about:
            self.sources.append(about["src"])
        if tag == "img":
            self.alts.append(about.get("alt", ""))
        if tag == "html":
            self.language = about.get("lang", "")
        if about.get("http-equiv") == POLICY:
            self.policy = about.get("content", "")
        self.sortable |= "sortable" in about.get("class", "").split()
        if tag in BLOCKS:
            self._inside.append(tag)
            self.texts[tag].append("")

    def _note_foreign(self, tag: str, about: dict[str, str]) -> None:
        """Note a tag, an attribute or an address that no page of ours has."""
        if tag not in ELEMENTS:
            self.foreign.add(f"<{tag}>")
        self.foreign |= {f"{name} of <{tag}>" for name in about.keys() - ATTRIBUTES}
        if about.get("http-equiv", POLICY) != POLICY:
            self.foreign.add(f"<meta> for {about['http-equiv']}")
        if not ADDRESS.match(about.get("href", "#")):
            self.foreign.add(f"a link to {about['href'][:40]}")

    def handle_endtag(self, tag: str) -> None:
        """Note that a block has ended."""
        if tag in self._inside:
            del self._inside[len(self._inside) - 1 - self._inside[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        """Note words, where they stand."""
        if self._inside:
            self.texts[self._inside[-1]][-1] += data
        if not {"script", "style"} & set(self._inside):
            self.words.append(data)


def check_page(text: str, name: str, figures: int = 0) -> None:
    """Check a page before it is published; its notebook shows so many figures.

    Raises
    ------
    DeliverableError
        Naming everything that is wrong: language, headings, identifiers, links, what would be
        loaded from elsewhere, scripts, pictures, alt texts, values that were given no word.
    """
    page = Page()
    page.feed(text)
    page.close()
    wrong = [*_of_document(page), *_of_parts(page, figures), *_of_words(page)]
    if wrong:
        raise DeliverableError(f"{name}: " + "; ".join(wrong))


def _of_document(page: Page) -> list[str]:
    wrong = []
    if page.language != "en-GB":
        wrong.append("no language is given")
    if len(page.texts["h1"]) != 1:
        wrong.append(f"{len(page.texts['h1'])} headings of the first level")
    elif [page.texts["h1"][0].strip()] != [title.strip() for title in page.texts["title"]]:
        wrong.append("its title is not its first heading")
    # The only script is ours, and only where a table is to be sorted.
    scripts = page.texts["script"]
    if len(scripts) != page.sortable:
        wrong.append(f"{len(scripts)} scripts, {int(page.sortable)} wanted")
    elif any(script != SORT.read_text(encoding="utf-8") for script in scripts):
        wrong.append("a script is not ours")
    if not page.policy or (NO_SCRIPT in page.policy) == bool(scripts):
        wrong.append("its policy does not say which scripts may run")
    return wrong


def _of_parts(page: Page, figures: int) -> list[str]:
    wrong = []
    if page.foreign:
        wrong.append(f"it holds {', '.join(sorted(page.foreign))}")
    outside = [source for source in page.sources if not source.startswith("data:")]
    outside += re.findall(r"url\([^)]*\)", " ".join(page.texts["style"]))
    if outside:
        wrong.append(f"it would load {', '.join(outside)}")
    if len(page.alts) < figures:
        wrong.append(f"{len(page.alts)} pictures of {figures} figures")
    if bare := sum(not alt.strip() for alt in page.alts):
        wrong.append(f"{bare} pictures without alt text")
    if twice := [name for name, count in page.ids.items() if count > 1]:
        wrong.append(f"an identifier is there twice: {', '.join(twice)}")
    if lost := sorted({link for link in page.links if link not in page.ids}):
        wrong.append(f"a link leads nowhere: {', '.join(lost)}")
    return wrong


def _of_words(page: Page) -> list[str]:
    words = "".join(page.words)
    stray = sorted(set(STRAY.findall(words)))
    cells = [text.strip() for name in ("td", "th", "p", "li") for text in page.texts[name]]
    if "None" in cells:
        stray.append("None")
    return [f"a value was given no word: {', '.join(stray)}"] if stray else []
