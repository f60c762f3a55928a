"""Demand: districts estimated and judged, and how unevenly options spread it."""

from lgr_report.chapters.demand import balance, claims
from lgr_report.core.chapter import Chapter

CHAPTER = Chapter(
    name="demand",
    title="Demand",
    order=10,
    metrics=balance.METRICS,
    measure=balance.measure,
    measure_options=balance.measure_options,
    inconclusive=balance.inconclusive,
    claims=claims.of_demand,
)
