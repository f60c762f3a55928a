"""The survey of officers: counts behind rounded percentages."""

from lgr_report.chapters.survey import claims
from lgr_report.core.chapter import Chapter

CHAPTER = Chapter(name="survey", title="Survey", order=80, claims=lambda demand: claims.of_survey())
