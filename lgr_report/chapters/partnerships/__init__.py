"""Partnerships: how many care boards and police forces to work with?"""

from lgr_report.chapters.partnerships import charts, links, tables, words
from lgr_report.chapters.partnerships.claims import claims
from lgr_report.chapters.partnerships.national import national
from lgr_report.chapters.partnerships.study import study
from lgr_report.core.chapter import Chapter
from lgr_report.page.cells import say

__all__ = ["CHAPTER", "charts", "national", "study", "tables", "words"]

CHAPTER = Chapter(
    name="partnerships",
    title="Partnerships",
    order=60,
    metrics=links.METRICS,
    measure=links.measure,
    measure_options=links.measure_options,
    study=study,
    section=lambda result: [charts.partners(result), say(words.in_short(result))],
    claims=lambda demand: claims(),
)
