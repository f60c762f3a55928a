"""Senior staffing: how many directors and senior posts, at what cost?"""

from lgr_report.chapters.staffing import staffing, staffing_charts
from lgr_report.core.chapter import Chapter
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import say


def _section(here: Divisions) -> list[object]:
    place = here.area.area_id, here.demand
    return [staffing_charts.section(*place), say(staffing.in_words(*place))]


CHAPTER = Chapter(
    name="staffing",
    title="Senior staffing",
    order=30,
    metrics=staffing.METRICS,
    measure=staffing.measure,
    measure_options=staffing.measure_options,
    study=lambda here: here,
    section=_section,
    claims=lambda demand: staffing.claims(),
)
