"""What differs between two texts of a page, as a reader would say it.

A text (`page_form`) is read as blocks: headings, sentences, figures and tables, each under its
section. Blocks that came and went are paired, so that a changed cell is told as a cell and a
changed sentence by its words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.5  # share of common words from which on two blocks are one that changed
CONTEXT = 3  # words shown before and after a change
KINDS = {"TABLE": "table", "FIGURE": "figure", "ERROR": "error", "PRINTED": "printed line"}
LABEL = re.compile(r"([A-Z]+)(?: \(([a-z, ]+)\))?: ?")
CONTINUED = "  "  # how a line under a figure or a table begins


@dataclass(frozen=True)
class Block:
    """A heading, sentence, figure or table, and the section that it stands in."""

    kind: str
    lines: tuple[str, ...]
    section: str

    @property
    def text(self) -> str:
        """Return what it says in its first line: of a table, the caption."""
        return (
            LABEL.sub("", self.lines[0], count=1) if self.kind in KINDS.values() else self.lines[0]
        )

    @property
    def way(self) -> str:
        """Return how a table is shown: folded, sortable, both, or as it is."""
        label = LABEL.match(self.lines[0])
        return (label[2] if label else None) or "open"

    @property
    def name(self) -> str:
        """Return what to call it."""
        if self.kind == "table":
            return f"table “{self.text}”"
        return f"figure “{_start(self.text)}”" if self.kind == "figure" else self.kind


@dataclass(frozen=True)
class Change:
    """One difference: under which section, where in it, and what."""

    section: str
    where: str
    what: str


def blocks(
    text: str, ignore: Iterable[str] = (), ignore_sections: Iterable[str] = ()
) -> list[Block]:
    """Return the blocks of a text, without lines that match and sections whose name begins so.

    With the first line of a table or figure the rest of it goes too.
    """
    patterns = [re.compile(pattern) for pattern in ignore]
    unwanted = tuple(name.casefold() for name in ignore_sections)
    found: list[Block] = []
    section, left_out = "", False
    for line in text.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        ignored = any(pattern.search(line) for pattern in patterns)
        ignored |= bool(unwanted) and section.casefold().startswith(unwanted)
        if line.startswith(CONTINUED):
            if found and not ignored and not left_out:
                last = found[-1]
                found[-1] = Block(last.kind, (*last.lines, line), last.section)
            continue
        left_out = ignored
        if not ignored:
            found.append(Block(_kind(line), (line,), section))
    return found


def _kind(line: str) -> str:
    label = LABEL.match(line)
    if label and label[1] in KINDS:
        return KINDS[label[1]]
    return "heading" if line.startswith("#") else "sentence"


def lines_that_differ(before: Sequence[Block], after: Sequence[Block]) -> int:
    """Return how many lines a reader would have to compare."""
    old, new = ([line for block in side for line in block.lines] for side in (before, after))
    return sum(
        max(b - a, d - c)
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def changes(before: Sequence[Block], after: Sequence[Block]) -> list[Change]:
    """Return what differs, in the order of the page."""
    went, came = unmatched([b.lines for b in before], [b.lines for b in after])
    told: list[tuple[float, Change]] = []
    for _, j in paired(went, came, lambda i, j: before[i].lines == after[j].lines):
        moved = Change(after[j].section, after[j].name, f"moved: “{_start(after[j].text)}”")
        told.append((j, moved))
    for i, j in paired(went, came, lambda i, j: _same_thing(before[i], after[j])):
        told += [(j, change) for change in _changed(before[i], after[j])]
    for i, j in paired(went, came, lambda i, j: _alike(before[i], after[j]) >= ALIKE):
        told += [(j, change) for change in _changed(before[i], after[j])]
    told += [(i, _whole(before[i], "went")) for i in went]
    told += [(j, _whole(after[j], "came")) for j in came]
    return [change for _, change in sorted(told, key=lambda entry: entry[0])]


def unmatched(old: Sequence, new: Sequence) -> tuple[list[int], list[int]]:
    """Return the places of what is not the same in the same order, in either sequence."""
    went: list[int] = []
    came: list[int] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            went += range(a, b)
            came += range(c, d)
    return went, came


def paired(
    went: list[int], came: list[int], same: Callable[[int, int], bool]
) -> Iterator[tuple[int, int]]:
    """Give pairs of places that belong together, and take them out of both lists."""
    for i in list(went):
        j = next((j for j in came if same(i, j)), None)
        if j is not None:
            went.remove(i)
            came.remove(j)
            yield i, j


def _same_thing(old: Block, new: Block) -> bool:
    named = old.kind in ("table", "figure", "heading")
    return named and (old.kind, old.text) == (new.kind, new.text)


def _alike(old: Block, new: Block) -> float:
    if old.kind != new.kind:
        return 0.0
    one, other = (Counter(" ".join(block.lines).split()) for block in (old, new))
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _whole(block: Block, how: str) -> Change:
    if block.kind in ("table", "figure"):
        size = f" ({len(block.lines) - 2} rows)" if block.kind == "table" else ""
        return Change(block.section, block.name, f"{how}{size}")
    return Change(block.section, block.kind, f"{how}: “{block.text}”")


def _changed(old: Block, new: Block) -> Iterator[Change]:
    """Give the changes from a block to the one in its place."""
    if old.kind == "table":
        from page_tables import cell_changes

        for where, what in cell_changes(old, new):
            yield Change(new.section, where, what)
        return
    if old.text != new.text:
        yield Change(new.section, new.name, words(old.text, new.text))
    if new.kind == "figure":
        for what in _drawn(old, new):
            yield Change(new.section, new.name, what)


def _drawn(old: Block, new: Block) -> Iterator[str]:
    """Give what differs under the title of a figure."""
    one, other = (
        dict(line.strip().partition(": ")[::2] for line in block.lines[1:]) for block in (old, new)
    )
    for label in dict.fromkeys([*one, *other]):
        before, after = one.get(label, ""), other.get(label, "")
        if before == after:
            continue
        if label == "drawn":
            yield from _words_drawn(before, after)
        elif label == "shapes":  # where words changed, the shapes are others too
            if not any(_words_drawn(one.get("drawn", ""), other.get("drawn", ""))):
                yield _drawn_differently(before, after)
        else:
            told = [side or "as the title" for side in (before, after)]
            yield f"{label}: {words(*told)}"


def _words_drawn(before: str, after: str) -> Iterator[str]:
    """Give which words went and came; where they stand belongs to the shapes."""
    old, new = (Counter(side.split(" / ")) for side in (before, after))
    parts = [("went", old - new), ("came", new - old)]
    told = [f"{how} “{' / '.join(part.elements())}”" for how, part in parts if part]
    if told:
        yield f"words drawn in it: {', '.join(told)}"


def _drawn_differently(before: str, after: str) -> str:
    """Return what the size and the hashes of two drawings tell."""
    (size, places, _), (new_size, new_places, _) = (s.split(", ") for s in (before, after))
    told = "place or size" if places != new_places else "colour or style"
    if size != new_size:
        return f"drawn {size} → {new_size}"  # so what stands in it has other places too
    return f"drawn differently: {told} of something in it"


def words(old: str, new: str) -> str:
    """Return what differs between two sentences: ``… before [old → new] after …``.

    Examples
    --------
    >>> words("It costs 3 million pounds a year.", "It costs 4 million pounds a year.")
    '“It costs [3 → 4] million pounds a …”'
    """
    one, other = old.split(), new.split()
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < ALIKE:
        return f"“{old}” → “{new}”"
    parts: list[str] = []
    steps = matcher.get_opcodes()
    for k, (tag, a, b, c, d) in enumerate(steps):
        if tag == "equal":
            parts += _context(one[a:b], first=k == 0, last=k == len(steps) - 1)
        else:
            sides = (" ".join(one[a:b]), " ".join(other[c:d]))
            parts.append(f"[{' → '.join(side or 'nothing' for side in sides)}]")
    return f"“{' '.join(parts)}”"


def _context(same: list[str], first: bool, last: bool) -> list[str]:
    """Return the words next to a change."""
    before = [] if first else same[:CONTEXT]
    after = [] if last else same[-CONTEXT:]
    if len(same) <= len(before) + len(after):
        return same
    return [*before, "…", *after]


def _start(text: str, width: int = 80) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"
