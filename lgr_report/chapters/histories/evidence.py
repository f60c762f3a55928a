"""Which risks of a register past reorganisations speak to, and in which direction.

The register scores inherent risk and is not changed here. What the areas reorganised in 2019 to
2023 show is set beside it: for the risk, against it, or neither. The links are assumed
(``data/risk_measures.csv``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from lgr_report.chapters.histories.comparisons import NOTHING
from lgr_report.chapters.histories.panel import KIND_LABELS, SPLIT, WHOLE
from lgr_report.chapters.histories.study import Study, study
from lgr_report.core.divisions import Divisions
from lgr_report.sources import decisions, tables

FOR, AGAINST, NEITHER = "for the risk", "against the risk", "neither"


@dataclass(frozen=True, eq=False)
class Precedent:
    """What past reorganisations of one kind say of one risk.

    ``kind`` is `panel.SPLIT` or `panel.WHOLE`, ``areas`` names those of this kind. ``moved`` has a
    row a measure that speaks to the risk (the columns of `comparisons.pooled`, and note); ``level``
    is the coverage of its intervals, ``tests`` the number of tests that
    p is corrected for.
    """

    risk_id: str
    kind: str
    areas: tuple[str, ...]
    moved: pd.DataFrame
    level: float
    tests: int


def links() -> pd.DataFrame:
    """Return which measures speak to which risk (risk_id, measure), and the sign that is for it."""
    return tables.read("risk_measures").drop(columns="reason")


def of_register(pooled: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return what each measure says of each risk of a register.

    Parameters
    ----------
    pooled : pandas.DataFrame
        As `comparisons.pooled` returns it.
    register : pandas.DataFrame
        Index risk_id, in the order of a page; title.

    Returns
    -------
    pandas.DataFrame
        One row a risk, measure and kind of area: risk_id, title, sign, the columns of ``pooled``,
        toward (whether the measure leans towards the risk) and side (`FOR`, `AGAINST` or
        `NEITHER`). A risk that no measure speaks to has one row, and no measure.
    """
    bearing = links().merge(pooled, on="measure")
    bearing["toward"] = bearing["gap"] * bearing["sign"] > 0
    side = bearing["toward"].map({True: FOR, False: AGAINST})
    bearing["side"] = side.mask(bearing["reading"] == NOTHING, NEITHER)
    return register[["title"]].reset_index().merge(bearing, on="risk_id", how="left")


def kind_of(here: Divisions) -> str:
    """Return the kind of past reorganisation that an area's own is like: split or kept whole.

    An area is kept whole if it becomes one unitary, by decision or, where none is known, in all
    its proposals.
    """
    decided = decisions.get(here.area.area_id).n_unitaries
    planned = {bid.n_unitaries for bid in here.proposals} if decided is None else {decided}
    return WHOLE if planned == {1} else SPLIT


def of_risk(risk_id: str, kind: str, past: Study | None = None) -> Precedent | None:
    """Return what past reorganisations of a kind say of a risk; None if no measure speaks to it.

    By default ``past`` is the whole study, whose tests p is corrected for: a page of one area and
    the national one say the same.
    """
    known = links()
    names = tuple(known.loc[known["risk_id"] == risk_id, "measure"])
    if not names:
        return None
    past = study() if past is None else past
    pooled = past.pooled[past.pooled["kind"] == KIND_LABELS[kind]].set_index("measure")
    moved = pooled.loc[[name for name in names if name in pooled.index]].reset_index()
    moved["note"] = [past.panel.measure(name).note for name in moved["measure"]]
    areas = tuple(change.area for change in past.panel.changes if change.kind == kind)
    return Precedent(risk_id, kind, areas, moved, past.rules.level, len(past.pooled))


def of_area(here: Divisions, order: Iterable[str], past: Study | None = None) -> Precedent | None:
    """Return what they say of the first risk, in the order of an area, that they speak to."""
    touched = set(links()["risk_id"])
    first = next((risk_id for risk_id in order if risk_id in touched), "")
    return of_risk(first, kind_of(here), past)
