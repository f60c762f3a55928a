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
    publisher: str
    source: str
    source_date: str


def get(area_id: str) -> Decision:
    """Return the decision for one area; ``known`` is False where no outcome was found.

    Raises
    ------
    TableError
        If it names a proposal that was not submitted in this area.
    """
    row = tables.read("decisions").set_index("area_id").loc[area_id]
    row = row.astype(object).where(row.notna(), None)
    _check_chosen(area_id, row["chosen_proposal_id"])
    names, number = row["unitary_names"], row["n_unitaries"]
    return Decision(
        known=number is not None or names is not None,
        decided_on=row["decision_date"],
        status=row["decision_status"],
        n_unitaries=None if number is None else int(number),
        unitary_names=tuple(name.strip() for name in names.split(";")) if names else (),
        **row[["chosen_proposal_id", "constituents", "first_elections", "vesting_day"]],
        **row[["confidence", "publisher", "source", "source_date"]],
    )


def _check_chosen(area_id: str, proposal_id: str | None) -> None:
    submitted = tables.read("proposals").set_index(["area_id", "proposal_id"]).index
    if proposal_id is not None and (area_id, proposal_id) not in submitted:
        row = tables.read("decisions")["area_id"].tolist().index(area_id) + 2
        expected = f"expected a proposal_id of {area_id} in proposals.csv"
        problem = tables.Problem("decisions.csv", row, "chosen_proposal_id", proposal_id, expected)
        raise tables.TableError([problem])
