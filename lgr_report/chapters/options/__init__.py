"""Options: every contiguous way to divide an area, and where proposals stand."""

from lgr_report.chapters.options import claims
from lgr_report.core.chapter import Chapter

CHAPTER = Chapter(name="options", title="Options", order=5, claims=lambda demand: claims.scope())
