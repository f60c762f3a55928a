"""The proposals that councils submitted, as sets of footprints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lgr_report.core.footprints import area_graph, check_option, pieces_of
from lgr_report.sources import tables
from lgr_report.sources.cache import once_per_batch
from lgr_report.sources.contract import Problem, TableError

COMPUTABLE = "computable"
SPLITS = "splits a district, so it cannot be computed at district level"
UNKNOWN = "composition not known"
CROSSES = "reaches over two areas, so it cannot be computed in one"
ROW_STATUSES = ("confirmed", "inferred", "unverified")  # best first


@dataclass(frozen=True)
class Proposal:
    """A proposal that councils submitted.

    `footprints` pairs each unitary's name with its councils. It is empty unless `status` is
    computable, so that nobody computes with the whole districts of a bid that splits some.
    `outside_councils` are not invited in this area: a proposal that has any is no option of it.
    """

    area_id: str
    proposal_id: str
    name: str
    lead_submitter: str | None
    n_unitaries: int
    boundary_changes: bool
    row_status: str  # the worst of its rows
    status: str
    split_councils: tuple[str, ...]
    outside_councils: tuple[str, ...]
    footprints: tuple[tuple[str, tuple[str, ...]], ...] = ()
    contiguous_land: bool | None = None
    contiguous_all: bool | None = None

    @property
    def reaches_outside(self) -> bool:
        """Whether the proposal uses councils outside the area's invitation."""
        return bool(self.outside_councils)

    @property
    def division(self) -> list[tuple[str, ...]]:
        """Councils (GSS codes) of each unitary; empty unless the proposal is computable."""
        return [codes for _, codes in self.footprints]

    @property
    def gss_codes(self) -> list[str]:
        """All its councils, unitary by unitary; empty unless the proposal is computable."""
        return [code for codes in self.division for code in codes]


@once_per_batch
def proposals(area_id: str) -> tuple[Proposal, ...]:
    """Return the proposals submitted in an area, in the order of the table.

    A proposal listed under two areas is one: its parts are read together, and the councils of
    the other area are its `outside_councils`.
    """
    heads, unitaries = tables.read("proposals"), tables.read("proposed_unitaries")
    members, invited = tables.read("proposed_unitary_councils"), area_graph(area_id).gss_codes
    bids = []
    for head in heads[heads.area_id == area_id].itertuples():
        rows = unitaries[unitaries.proposal_id == head.proposal_id]
        councils = members[members.proposal_id == head.proposal_id]
        bids.append(_proposal(head, rows, councils, invited))
    return tuple(bids)


def _proposal(
    head: Any, rows: pd.DataFrame, councils: pd.DataFrame, invited: Sequence[str]
) -> Proposal:
    """Return a proposal from its rows of the three tables, and the councils invited."""
    outside = tuple(sorted(set(councils.gss_code) - set(invited)))
    split = tuple(sorted(set(councils.gss_code[councils.extent == "part"])))
    status, composition = _status(head, councils), {}
    if status == COMPUTABLE:
        try:
            composition = _composition(head.area_id, councils, outside)
        except ValueError as error:
            says = f"proposal {head.proposal_id}: {error}"
            raise TableError([Problem("proposed_unitary_councils.csv", expected=says)]) from error
    return Proposal(
        area_id=head.area_id,
        proposal_id=head.proposal_id,
        name=head.proposal_name,
        lead_submitter=head.lead_submitter if pd.notna(head.lead_submitter) else None,
        n_unitaries=int(head.n_unitaries),
        boundary_changes=bool(head.boundary_changes),
        row_status=max(rows.row_status, key=ROW_STATUSES.index),
        status=status,
        split_councils=split,
        outside_councils=outside,
        **composition,
    )


def _status(head: Any, councils: pd.DataFrame) -> str:
    if councils.unitary_name.nunique() < head.n_unitaries:
        return UNKNOWN
    if (councils.extent == "part").any():
        return SPLITS
    return CROSSES if len(set(councils.area_id)) > 1 else COMPUTABLE


def _composition(area_id: str, members: pd.DataFrame, outside: Iterable[str]) -> dict[str, Any]:
    """Return the footprints of a whole-district proposal, and whether they hang together."""
    groups = members.groupby("unitary_name", sort=False).gss_code
    footprints = tuple((name, tuple(codes)) for name, codes in groups)
    contiguous = {}
    for field, water_links in (("contiguous_land", False), ("contiguous_all", True)):
        graph = area_graph(area_id, water_links, outside)
        masks = check_option(graph, [codes for _, codes in footprints])
        contiguous[field] = bool((pieces_of(graph)[[*masks]] == 1).all())
    return {"footprints": footprints, **contiguous}


def statuses(bids: Iterable[Proposal]) -> pd.DataFrame:
    """Return proposal (name) and status of proposals."""
    rows = [(bid.name, bid.status) for bid in bids]
    return pd.DataFrame(rows, columns=["proposal", "status"])
