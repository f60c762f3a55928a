"""Ordinary residence: whose care home caseload grows after vesting day?"""

from lgr_report.chapters.residence import charts, moves, tables, words
from lgr_report.chapters.residence.claims import claims
from lgr_report.chapters.residence.published_case import national
from lgr_report.chapters.residence.study import study
from lgr_report.core.chapter import Chapter
from lgr_report.page.cells import say

__all__ = ["CHAPTER", "charts", "national", "study", "tables", "words"]

CHAPTER = Chapter(
    name="residence",
    title="Where residents of care homes count",
    order=70,
    metrics=moves.METRICS,
    measure=moves.measure,
    measure_options=moves.measure_options,
    study=study,
    section=lambda result: [charts.caseloads(result), say(words.in_short(result))],
    claims=lambda demand: claims(national(len(demand.draws))),
)
