"""Which tables were read: noted here, so that a page prints what it rests on and nobody types it.

A notebook runs in a process of its own, so what the process has read is what the page rests on. A
result that is kept for others (`lgr_report.sources.cache`) keeps the names of the tables that it
was computed from, and whoever takes it has read them too.
"""

import contextlib
from collections.abc import Iterable, Iterator

_noted: dict[str, None] = {}


def note(names: Iterable[str]) -> None:
    """Note tables as read."""
    _noted.update(dict.fromkeys(names))


def noted() -> list[str]:
    """Return the names of the tables that this process has read, in the order of the first time."""
    return list(_noted)


def forget() -> None:
    """Count nothing as read so far: whoever reads it again has read it."""
    _noted.clear()


@contextlib.contextmanager
def noting() -> Iterator[dict[str, None]]:
    """Collect the names of the tables that are read inside; they count as read outside too."""
    before = dict(_noted)
    _noted.clear()
    inside: dict[str, None] = {}
    try:
        yield inside
    finally:
        inside.update(_noted)
        _noted.clear()
        _noted.update(before | inside)
