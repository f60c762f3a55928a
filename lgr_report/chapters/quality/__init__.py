"""Service quality: are small councils judged worse?"""

from lgr_report.chapters.quality import charts, claims, tables, words
from lgr_report.chapters.quality.divisions import METRICS
from lgr_report.chapters.quality.study import (
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
    name="quality",
    title="Service quality",
    order=40,
    metrics=METRICS,
    measure=measure,
    measure_options=measure_options,
    study=study,
    section=lambda result: [charts.proposals(result), say(words.in_short(result))],
    claims=lambda demand: claims.answers(national()),
)
