"""Senior staffing: how many directors and senior posts, at what cost?"""

from lgr_report.chapters.staffing import charts, claims, tables, words
from lgr_report.chapters.staffing.divisions import METRICS
from lgr_report.chapters.staffing.study import (
    National,
    Study,
    measure,
    measure_options,
    national,
    study,
)
from lgr_report.core.chapter import Chapter
from lgr_report.page.cells import say

__all__ = ["CHAPTER", "National", "Study", "charts", "national", "study", "tables", "words"]

CHAPTER = Chapter(
    name="staffing",
    title="Senior staffing",
    order=30,
    metrics=METRICS,
    measure=measure,
    measure_options=measure_options,
    study=study,
    section=lambda result: [charts.proposals(result), say(words.in_short(result))],
    claims=lambda demand: claims.answers(national()),
)
