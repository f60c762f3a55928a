"""Histories: what really happened in the reorganisations of 2019 to 2023."""

from lgr_report.core.chapter import Chapter

CHAPTER = Chapter(name="histories", title="What really happened", order=90)
