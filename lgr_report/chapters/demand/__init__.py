"""Demand: districts estimated and judged, and how unevenly options spread it."""

from lgr_report.chapters.demand import balance, charts, claims, old_counties, tables, words
from lgr_report.chapters.demand.study import National, Study, national, study
from lgr_report.core.chapter import Chapter

__all__ = [
    "CHAPTER",
    "National",
    "Study",
    "charts",
    "national",
    "old_counties",
    "study",
    "tables",
    "words",
]

CHAPTER = Chapter(
    name="demand",
    title="Demand",
    order=10,
    metrics=balance.METRICS,
    measure=balance.measure,
    measure_options=balance.measure_options,
    inconclusive=balance.inconclusive,
    study=study,
    claims=claims.of_demand,
)
