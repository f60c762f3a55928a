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
    """Return the decision for one area; ``known`` is False where no outcome was found.

    Raises
    ------
    TableError
        If it names a proposal that was not submitted in this area.
    """
    row = tables.read("decisions").set_index("area_id").loc[area_id]
    _check_chosen(area_id, row["chosen_proposal_id"])
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


def _check_chosen(area_id: str, proposal_id: str) -> None:
    submitted = tables.read("proposals").set_index(["area_id", "proposal_id"]).index
    if pd.notna(proposal_id) and (area_id, proposal_id) not in submitted:
        row = tables.read("decisions")["area_id"].tolist().index(area_id) + 2
        expected = f"expected a proposal_id of {area_id} in proposals.csv"
        problem = tables.Problem("decisions.csv", row, "chosen_proposal_id", proposal_id, expected)
        raise tables.TableError([problem])


def _or_none(value: object) -> object:
    return None if pd.isna(value) else value
