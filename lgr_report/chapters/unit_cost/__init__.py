"""Unit cost: does care cost more in small councils?"""

from lgr_report.chapters.unit_cost import unit_cost, unit_cost_charts
from lgr_report.core.chapter import Chapter
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import say


def _section(here: Divisions) -> list[object]:
    place = here.area.area_id, here.demand
    return [unit_cost_charts.section(*place), say(unit_cost.in_words(*place))]


CHAPTER = Chapter(
    name="unit_cost",
    title="Unit cost",
    order=20,
    metrics=(unit_cost.CHANGE,),
    measure=unit_cost.measure,
    measure_options=unit_cost.measure_options,
    study=lambda here: here,
    section=_section,
    claims=lambda demand: unit_cost.claims(),
)
