"""What chapters say of one area: each one's study, and its section in the county report."""

from lgr_report.chapters.registry import registry
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import subheading


class Studies(dict):
    """The studies of an area by the name of the chapter; ``studies.unit_cost`` is one of them."""

    def __getattr__(self, name: str) -> object:
        if name in self:
            return self[name]
        raise AttributeError(f"no study {name!r}; they are: {', '.join(self)}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]


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
