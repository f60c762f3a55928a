"""Histories: what really happened in the reorganisations of 2019 to 2023."""

from lgr_report.chapters.histories import backtest, backtest_tables, charts, evidence, tables, words
from lgr_report.chapters.histories.study import Study, study, variants
from lgr_report.core.chapter import Chapter

__all__ = [
    "CHAPTER",
    "Study",
    "backtest",
    "backtest_tables",
    "charts",
    "evidence",
    "study",
    "tables",
    "variants",
    "words",
]

# The history of a whole area is no section: what it says of a risk stands under the risks.
CHAPTER = Chapter(name="histories", title="What really happened", order=90)
