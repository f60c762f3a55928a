"""High needs: who inherits which deficit?"""

from lgr_report.chapters.high_needs import high_needs, high_needs_charts
from lgr_report.core.chapter import Chapter
from lgr_report.core.divisions import Divisions
from lgr_report.page.cells import say


def _section(here: Divisions) -> list[object]:
    place = here.area.area_id, here.demand
    return [high_needs_charts.section(*place), say(high_needs.in_words(*place))]


CHAPTER = Chapter(
    name="high_needs",
    title="High needs",
    order=50,
    metrics=high_needs.METRICS,
    measure=high_needs.measure,
    measure_options=high_needs.measure_options,
    study=lambda here: here,
    section=_section,
    claims=lambda demand: high_needs.claims(),
)
