"""The survey of officers: counts behind rounded percentages, and what they allow to say."""

from lgr_report.chapters.survey import charts, claims, tables, words
from lgr_report.chapters.survey.study import Study, study
from lgr_report.core.chapter import Chapter

__all__ = ["CHAPTER", "Study", "charts", "claims", "study", "tables", "words"]

CHAPTER = Chapter(
    name="survey",
    title="Survey",
    order=80,
    claims=lambda demand: claims.of_study(study()),
)
