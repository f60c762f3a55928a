"""Partnerships: how many care boards and police forces to work with?"""

from lgr_report.chapters.partnerships import partnerships, partnerships_charts
from lgr_report.core.chapter import Chapter
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import say


def _section(here: Divisions) -> list[object]:
    place = here.area.area_id, here.demand
    return [partnerships_charts.section(*place), say(partnerships.in_words(*place))]


CHAPTER = Chapter(
    name="partnerships",
    title="Partnerships",
    order=60,
    metrics=partnerships.METRICS,
    measure=partnerships.measure,
    measure_options=partnerships.measure_options,
    study=lambda here: here,
    section=_section,
    claims=lambda demand: partnerships.claims(),
)
