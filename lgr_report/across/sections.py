"""What chapters say of one area: each one's study, and its section in the county report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lgr_report.chapters.registry import registry
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import subheading


@dataclass(frozen=True)
class Studies(Mapping):
    """The studies of an area by the name of the chapter; ``studies.unit_cost`` is one of them."""

    results: Mapping[str, object]

    def __getitem__(self, name: str) -> object:
        return self.results[name]

    def __getattr__(self, name: str) -> object:
        if name in self.results:
            return self.results[name]
        raise AttributeError(f"no study {name!r}; they are: {', '.join(self.results)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.results]


def studies(here: Divisions) -> Studies:
    """Return the study of every chapter that has a section in the report of an area."""
    chapters = [c for c in registry() if c.section is not None and c.applies(here)]
    return Studies({chapter.name: chapter.study(here) for chapter in chapters})


def shown(results: Studies) -> list[object]:
    """Return the sections for display: the heading of each chapter, then what it shows."""
    return [
        part
        for chapter in registry()
        if chapter.name in results
        for part in (subheading(chapter.title), *chapter.section(results[chapter.name]))
    ]
