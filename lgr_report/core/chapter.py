"""What a chapter says of itself, so that whatever loops over chapters never names one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import Claim
from lgr_report.core.metrics import Footprints, Measurement, Metric


@dataclass(frozen=True, eq=False)
class Chapter:
    """One noun of the suite, as the ``CHAPTER`` of its folder describes it.

    Parameters
    ----------
    name : str
        That of its folder.
    title : str
        Heading of its section in a county report.
    order : int
        Its place among chapters.
    metrics : tuple of Metric
        What it measures of a division of councils.
    measure : callable, optional
        Footprints and demand to the measurements of one division, in the order of ``metrics``.
    measure_options : callable, optional
        An area to a table of all its options: index number of unitaries and row among these
        (`Divisions.options`), a column a metric; with the ends of an interval in columns
        ``<metric>_low`` and ``<metric>_high`` where one is known.
    inconclusive : callable, optional
        An area and that table to the metrics whose order of the options may be chance.
    study : callable, optional
        An area to everything that the chapter says of it: one frozen result.
    section : callable, optional
        That result to what a county report shows of it: figures, tables, words.
    claims : callable, optional
        Demand of England to the chapter's answers to published findings.
    applies : callable
        An area to whether the chapter has anything to say of it.
    """

    name: str
    title: str
    order: int = 100
    metrics: tuple[Metric, ...] = ()
    measure: Callable[[Footprints, Demand], tuple[Measurement, ...]] | None = None
    measure_options: Callable[[Divisions], pd.DataFrame] | None = None
    inconclusive: Callable[[Divisions, pd.DataFrame], set[str]] | None = None
    study: Callable[[Divisions], object] | None = None
    section: Callable[[object], Sequence[object]] | None = None
    claims: Callable[[Demand], tuple[Claim, ...]] | None = None
    applies: Callable[[Divisions], bool] = lambda here: True
