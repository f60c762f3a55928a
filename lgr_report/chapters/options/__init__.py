"""Options: every contiguous way to divide an area, and where proposals stand."""

from lgr_report.chapters.options import charts, claims, maps, places, tables, words
from lgr_report.chapters.options.study import Study, study
from lgr_report.core.chapter import Chapter

__all__ = ["CHAPTER", "Study", "charts", "maps", "places", "study", "tables", "words"]

CHAPTER = Chapter(
    name="options", title="Options", order=5, study=study, claims=lambda demand: claims.scope()
)
