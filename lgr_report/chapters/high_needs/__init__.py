"""High needs: who inherits which deficit?"""

from lgr_report.chapters.high_needs import charts, inherited, tables, words
from lgr_report.chapters.high_needs.study import claims, national, study
from lgr_report.core.chapter import Chapter
from lgr_report.page.cells import say

__all__ = ["CHAPTER", "charts", "national", "study", "tables", "words"]

CHAPTER = Chapter(
    name="high_needs",
    title="High needs",
    order=50,
    metrics=inherited.METRICS,
    measure=inherited.measure,
    measure_options=inherited.measure_options,
    study=study,
    section=lambda result: [charts.proposals(result), say(words.in_short(result))],
    claims=lambda demand: claims(),
)
