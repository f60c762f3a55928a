"""What differs between two tables: columns, rows, and cells by the names a reader knows them by."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from page_changes import Block, paired, unmatched, words

BORDER = re.compile(r"(?<!\\)\|")  # a bar inside a cell has a backslash
ESCAPED = re.compile(r"\\(.)")
LONG = 60  # characters from which on a cell is told by the words that differ
LABEL_CELLS = 4  # of a row, at most, to tell it from others


class Grid(NamedTuple):
    """The cells of a table; equal headings are numbered."""

    headings: list[str]
    rows: list[list[str]]

    def column(self, heading: str) -> int:
        """Return the place of a column."""
        return self.headings.index(heading)


def grid(block: Block) -> Grid:
    """Return the cells of a table as texts."""
    rows = [
        [ESCAPED.sub(r"\1", cell.strip()) for cell in BORDER.split(line)[1:]]
        for line in block.lines[1:]
    ]
    seen: Counter[str] = Counter()
    headings = []
    for heading in rows[0] if rows else []:
        seen[heading] += 1
        headings.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return Grid(headings, [row + [""] * (len(headings) - len(row)) for row in rows[1:]])


def cell_changes(old: Block, new: Block) -> Iterator[tuple[str, str]]:
    """Give the changes from a table to the one in its place: where, and what."""
    if old.text != new.text:
        yield new.name, f"caption: {words(old.text, new.text)}"
    if old.way != new.way:
        yield new.name, f"{old.way} → {new.way}"
    before, after = grid(old), grid(new)
    common, told = _columns(before, after)
    yield from ((new.name, what) for what in told)
    for place, what in _rows(before, after, common):
        yield f"{new.name}, column {place}" if place else new.name, what


def _columns(before: Grid, after: Grid) -> tuple[list[tuple[int, int]], list[str]]:
    """Return the places of columns that both have, in the new order, and what to tell of others."""
    went, came = unmatched(before.headings, after.headings)
    told = []
    moved = [after.headings[j] for _, j in _by_name(before, after, went, came)]
    if moved:
        told.append(f"columns in another order: {', '.join(moved)}")
    # A heading in the same place over the same cells was renamed.
    renamed = list(paired(went, came, lambda i, j: _cells(before, i) == _cells(after, j)))
    renamed += paired(went, came, lambda i, j: i == j)
    told += [f"heading: {before.headings[i]} → {after.headings[j]}" for i, j in renamed]
    told += [f"column {before.headings[i]} went" for i in went]
    told += [f"column {after.headings[j]} came" for j in came]
    common = [
        (before.column(heading), j)
        for j, heading in enumerate(after.headings)
        if heading in before.headings
    ]
    return sorted([*common, *renamed], key=lambda pair: pair[1]), told


def _by_name(before: Grid, after: Grid, went: list[int], came: list[int]) -> list[tuple[int, int]]:
    return list(paired(went, came, lambda i, j: before.headings[i] == after.headings[j]))


def _cells(table: Grid, place: int) -> list[str]:
    return [row[place] for row in table.rows]


def _rows(
    before: Grid, after: Grid, common: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """Give what differs in rows: the column, or nothing for the whole row, and what."""
    old = [tuple(row[i] for i, _ in common) for row in before.rows]
    new = [tuple(row[j] for _, j in common) for row in after.rows]
    headings = [after.headings[j] for _, j in common]
    went, came = unmatched(old, new)
    for _, j in paired(went, came, lambda i, j: old[i] == new[j]):
        yield "", f"row {label(new, j)} moved"
    pairs = list(paired(went, came, lambda i, j: label(old, i) == label(new, j)))
    pairs += paired(went, came, lambda i, j: old[i][:1] == new[j][:1] and _near(old[i], new[j]))
    pairs += paired(went, came, lambda i, j: _near(old[i], new[j]))
    if len(went) == len(came):
        pairs += paired(went, came, lambda i, j: True)
    for i, j in sorted(pairs, key=lambda pair: pair[1]):
        for heading, one, other in zip(headings, old[i], new[j], strict=True):
            if one != other:
                yield heading, f"row {label(new, j)}: {_told(one, other)}"
    yield from (("", f"row {label(old, i)} went") for i in went)
    yield from (("", f"row {label(new, j)} came") for j in came)


def _near(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether more than half the cells of two rows are the same."""
    return 2 * sum(map(str.__eq__, one, other)) > len(one)


def label(rows: Sequence[Sequence[str]], place: int) -> str:
    """Return a row's first cell, with as many more as tell it from the other rows.

    Examples
    --------
    >>> label([("Kent", "cost"), ("Kent", "need"), ("Surrey", "cost")], 1)
    '“Kent, need”'
    """
    row = rows[place]
    for n in range(1, LABEL_CELLS + 1):
        if sum(other[:n] == row[:n] for other in rows) == 1:
            break
    return f"“{', '.join(row[:n])}”"


def _told(one: str, other: str) -> str:
    if max(len(one), len(other)) > LONG:
        return words(one, other)
    return f"{one or 'nothing'} → {other or 'nothing'}"
