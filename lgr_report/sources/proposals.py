"""The submitted proposals of an area: who proposed which unitaries, and how large they would be."""

import pandas as pd

from lgr_report.sources import areas, tables
from lgr_report.sources.areas import listed


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
    unitaries = tables.read("proposed_unitaries").merge(tables.read("proposals"), on=key)
    unitaries = unitaries[unitaries["area_id"] == area_id].reset_index(drop=True)
    members = tables.read("proposed_unitary_councils").merge(
        tables.read("councils")[["gss_code", "council_name", "population", "in_invitation"]],
        on="gss_code",
    )
    members = members[members["area_id"] == area_id]
    details = [_details(members, row) for row in unitaries.itertuples()]
    columns = ["councils", "outside", "splits", "population", "size_band"]
    unitaries[columns] = pd.DataFrame(details, columns=columns, index=unitaries.index)
    unitaries["population"] = unitaries["population"].astype("Int64")
    return unitaries


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


def shown(proposed: pd.DataFrame) -> pd.DataFrame:
    """Return the proposed unitaries for a page: bid, unitary, councils, size, how sure it is."""
    people = proposed["population"].map("{:,}".format, na_action="ignore").astype(object)
    size = people.fillna("not computable at district level")
    return pd.DataFrame(
        {
            "proposal": proposed["proposal_name"],
            "submitted by": proposed["lead_submitter"],
            "unitary": proposed["unitary_name"],
            "councils": proposed["councils"],
            "residents, mid-2024": size,
            "size band": proposed["size_band"].fillna("–"),
            "grouping": proposed["row_status"],
        }
    )


def in_words(area_id: str) -> list[str]:
    """Return what was proposed for an area, in sentences computed from the tables."""
    proposed = unitaries(area_id)
    bids = proposed.drop_duplicates("proposal_id")
    known = proposed.dropna(subset=["population"])
    bands = known["size_band"].value_counts()
    counted = ", ".join(f"{bands.get(label, 0)} {label}" for label in areas.size_bands())
    words = [
        f"{areas.count(len(bids), 'proposal')} {'was' if len(bids) == 1 else 'were'} found for "
        f"{areas.get(area_id).name}, with {_range(bids['n_unitaries'])} each. By residents, of the "
        f"{len(known)} {'unitary' if len(known) == 1 else 'unitaries'} whose size can be "
        f"computed: {counted}."
    ]
    splits = bids.loc[bids["proposal_id"].isin(proposed.loc[proposed["splits"], "proposal_id"])]
    if len(splits):
        verb = "splits" if len(splits) == 1 else "split"
        words.append(
            f"{listed(map(quoted, splits['proposal_name']))} {verb} a district: not computable at "
            "district level."
        )
    found = proposed.groupby("proposal_id")["unitary_name"].count()
    for bid in bids.itertuples():
        if found[bid.proposal_id] < bid.n_unitaries:
            words.append(
                f"Of {quoted(bid.proposal_name)} only {found[bid.proposal_id]} of "
                f"{bid.n_unitaries} unitaries lie in this area or were found."
            )
    for row in proposed[proposed["outside"] != ""].itertuples():
        words.append(
            f"{row.unitary_name} in {quoted(row.proposal_name)} takes in {row.outside}, which "
            "lies outside the area that was invited."
        )
    unsure = proposed.loc[proposed["row_status"] != "confirmed", "proposal_name"].unique()
    if len(unsure):
        words.append(
            f"The grouping is inferred or unverified in part for {listed(map(quoted, unsure))}."
        )
    return words


def quoted(name: str) -> str:
    """Return the name of a bid in quotation marks."""
    return f"“{name}”"


def _range(numbers: pd.Series) -> str:
    low, high = numbers.min(), numbers.max()
    span = str(low) if low == high else f"{low} to {high}"
    return f"{span} {'unitary' if high == 1 else 'unitaries'}"
