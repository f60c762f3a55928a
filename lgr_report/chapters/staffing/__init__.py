"""Senior staffing: how many directors and senior posts, at what cost?"""

from lgr_report.chapters.staffing import charts, claims, tables, words
from lgr_report.chapters.staffing.posts import METRICS
from lgr_report.chapters.staffing.study import measure, measure_options, national, study
from lgr_report.core.chapter import Chapter
from lgr_report.core.findings import Claim
from lgr_report.page.cells import say

__all__ = ["charts", "national", "study", "tables", "words"]


def _claims() -> tuple[Claim, ...]:
    nation = national()
    figures = nation.statements, nation.calibration, nation.published
    return claims.answers(*figures, len(nation.today))


CHAPTER = Chapter(
    name="staffing",
    title="Senior staffing",
    order=30,
    metrics=METRICS,
    measure=measure,
    measure_options=measure_options,
    study=study,
    section=lambda study: [charts.divisions(study), say(words.in_short(study))],
    claims=lambda demand: _claims(),
)
