"""What councils proposed for an area, in words and as a table."""

import pandas as pd

from lgr_report.page import phrases
from lgr_report.page.phrases import listed, quoted, unitaries
from lgr_report.sources import areas, proposals


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


def in_words(area: str, proposed: pd.DataFrame) -> list[str]:
    """Return what was proposed for an area.

    Parameters
    ----------
    area : str
        Its name.
    proposed : pandas.DataFrame
        As `lgr_report.sources.proposals.unitaries` returns it.
    """
    bids = proposed.drop_duplicates("proposal_id")
    known = proposed.dropna(subset=["population"])
    words = [
        f"{phrases.count(len(bids), 'proposal')} {'was' if len(bids) == 1 else 'were'} found for "
        f"{area}, with {_each(bids['n_unitaries'])} each. {_sized(known)}"
    ]
    splits = bids.loc[bids["proposal_id"].isin(proposed.loc[proposed["splits"], "proposal_id"])]
    if len(splits):
        verb = "splits" if len(splits) == 1 else "split"
        words.append(
            f"{listed(map(quoted, splits['proposal_name']))} {verb} a district: a unitary that "
            "takes a part has no size here, and no dot in the chart of sizes."
        )
    found = proposals.found(proposed)
    for bid in bids.itertuples():
        if found[bid.proposal_id] == 0:
            words.append(f"What each unitary of {quoted(bid.proposal_name)} holds was not found.")
        elif found[bid.proposal_id] < bid.n_unitaries:
            words.append(
                f"Of {quoted(bid.proposal_name)} the councils of only {found[bid.proposal_id]} of "
                f"{bid.n_unitaries} unitaries were found here: the others lie in another area, or "
                "their councils are not known."
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


def _sized(known: pd.DataFrame) -> str:
    """Return in which size bands the unitaries lie whose size can be computed."""
    bands = known["size_band"].value_counts()
    if not len(known):
        return "The size of none of their unitaries can be computed."
    if len(known) == 1:
        return f"The one unitary whose size can be computed lies in the band {bands.index[0]}."
    counted = [f"{bands[label]} in {label}" for label in areas.size_bands() if label in bands]
    return (
        f"By residents, of the {len(known)} unitaries whose size can be computed: "
        f"{', '.join(counted)}."
    )


def _each(numbers: pd.Series) -> str:
    """Return of how many unitaries proposals are: 2 to 4 unitaries."""
    low, high = numbers.min(), numbers.max()
    return unitaries(high) if low == high else f"{low} to {unitaries(high)}"
