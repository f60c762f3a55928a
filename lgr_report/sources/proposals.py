"""The submitted proposals of an area: who proposed which unitaries, and how large they would be."""

import pandas as pd

from lgr_report.sources import areas, tables


def unitaries(area_id: str) -> pd.DataFrame:
    """Return the unitaries of the area's submitted proposals, with the size of each.

    Returns
    -------
    pandas.DataFrame
        One row a proposed unitary: proposal_id, proposal_name, lead_submitter, n_unitaries,
        boundary_changes, unitary_name, councils (names), row_status, note, splits (bool),
        outside (councils of other areas), population and size_band. A unitary that takes a part of
        a district, or whose councils were not found, has no population and no size band.
    """
    key = ["area_id", "proposal_id"]
    unitaries = _of(area_id, "proposed_unitaries").merge(_of(area_id, "proposals"), on=key)
    members = _of(area_id, "proposed_unitary_councils").merge(
        tables.read("councils")[["gss_code", "council_name", "population", "in_invitation"]],
        on="gss_code",
    )
    details = [_details(members, row) for row in unitaries.itertuples()]
    columns = ["councils", "outside", "splits", "population", "size_band"]
    unitaries[columns] = pd.DataFrame(details, columns=columns, index=unitaries.index)
    unitaries["population"] = unitaries["population"].astype("Int64")
    return unitaries


def found(proposed: pd.DataFrame) -> pd.Series:
    """Return of how many unitaries of each proposal the councils were found, by proposal_id.

    ``proposed`` is what `unitaries` returns.
    """
    return (proposed["councils"] != "").groupby(proposed["proposal_id"], sort=False).sum()


def _of(area_id: str, name: str) -> pd.DataFrame:
    table = tables.read(name)
    return table[table["area_id"] == area_id]


def _details(members: pd.DataFrame, unitary: tuple) -> tuple:
    same = members["proposal_id"] == unitary.proposal_id
    mine = members[same & (members["unitary_name"] == unitary.unitary_name)]
    part = mine["extent"] == "part"
    names = mine["council_name"].where(~part, "part of " + mine["council_name"])
    outside = ", ".join(mine.loc[~mine["in_invitation"], "council_name"])
    # A bid whose boundary changes touch this unitary without naming a split still states its
    # whole-district base case: the population is that of the base case, and the note says so.
    known = len(mine) > 0 and not part.any()
    people = int(mine["population"].sum()) if known else pd.NA
    band = areas.size_band(people) if known else None
    return ", ".join(names), outside, bool(part.any()), people, band
