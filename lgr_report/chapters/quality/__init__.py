"""Service quality: are small councils judged worse?"""

from lgr_report.chapters.quality import quality, quality_charts
from lgr_report.core.chapter import Chapter
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import say


def _section(here: Divisions) -> list[object]:
    place = here.area.area_id, here.demand
    return [quality_charts.section(*place), say(quality.in_words(*place))]


CHAPTER = Chapter(
    name="quality",
    title="Service quality",
    order=40,
    metrics=(quality.CHANGE,),
    measure=quality.measure,
    measure_options=quality.measure_options,
    study=lambda here: here,
    section=_section,
    claims=lambda demand: quality.claims(),
)
