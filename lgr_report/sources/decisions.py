"""What government decided for each area, and how sure we are of it."""

from dataclasses import dataclass

import pandas as pd

from lgr_report.sources import tables


@dataclass(frozen=True)
class Decision:
    """What government decided for an area, and how sure we are (``data/decisions.csv``)."""

    known: bool
    decided_on: pd.Timestamp | None
    status: str
    n_unitaries: int | None
    unitary_names: tuple[str, ...]
    chosen_proposal_id: str | None
    constituents: str | None
    first_elections: str
    vesting_day: pd.Timestamp
    confidence: str
    source: str
    source_date: str
    note: str | None


def get(area_id: str) -> Decision:
    """Return the decision for one area; ``known`` is False where no outcome was found."""
    row = tables.read("decisions").set_index("area_id").loc[area_id]
    names = row["unitary_names"]
    return Decision(
        known=pd.notna(row["n_unitaries"]) or pd.notna(names),
        decided_on=_or_none(row["decision_date"]),
        status=row["decision_status"],
        n_unitaries=None if pd.isna(row["n_unitaries"]) else int(row["n_unitaries"]),
        unitary_names=() if pd.isna(names) else tuple(n.strip() for n in names.split(";")),
        chosen_proposal_id=_or_none(row["chosen_proposal_id"]),
        constituents=_or_none(row["constituents"]),
        first_elections=row["first_elections"],
        vesting_day=row["vesting_day"],
        confidence=row["confidence"],
        source=row["source"],
        source_date=row["source_date"],
        note=_or_none(row["note"]),
    )


def _or_none(value: object) -> object:
    return None if pd.isna(value) else value
