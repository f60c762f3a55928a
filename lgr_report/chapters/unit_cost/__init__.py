"""Unit cost: does care cost more in small councils?"""

from lgr_report.chapters.unit_cost import charts, claims, tables, words
from lgr_report.chapters.unit_cost.study import (
    CHANGE,
    inconclusive,
    measure,
    measure_options,
    national,
    study,
)
from lgr_report.core.chapter import Chapter
from lgr_report.page.cells import say

__all__ = ["charts", "national", "study", "tables", "words"]

CHAPTER = Chapter(
    name="unit_cost",
    title="Unit cost",
    order=20,
    metrics=(CHANGE,),
    measure=measure,
    measure_options=measure_options,
    inconclusive=inconclusive,
    study=study,
    section=lambda study: [charts.proposals(study), say(words.in_short(study))],
    claims=lambda demand: claims.answers(national().bands, national().totals),
)
