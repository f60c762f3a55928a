"""Ordinary residence: whose care home caseload grows after vesting day?"""

from lgr_report.chapters.residence import residence, residence_charts
from lgr_report.core.chapter import Chapter
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import say


def _section(here: Divisions) -> list[object]:
    place = here.area.area_id, here.demand
    return [residence_charts.section(*place), say(residence.in_words(*place))]


CHAPTER = Chapter(
    name="residence",
    title="Where residents of care homes count",
    order=70,
    metrics=residence.METRICS,
    measure=residence.measure,
    measure_options=residence.measure_options,
    study=lambda here: here,
    section=_section,
    claims=residence.claims,
)
