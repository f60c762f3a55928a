"""Partners in tables for a page."""

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships.links import LINKS
from lgr_report.chapters.partnerships.study import BOARD, FORCE, Study
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.phrases import about


def tally(partners: pd.DataFrame) -> pd.DataFrame:
    """Return with how many authorities each board and force works, by division.

    Returns
    -------
    pandas.DataFrame
        kind (care board or police force), name, then a column a division (today, each computable
        proposal): authorities of the division. Boards that never count are left out.
    """
    working = partners[partners["counts"]]
    table = pd.crosstab([working["kind"], working["partner"]], working["place"])
    table.columns = partners.drop_duplicates("place")["division"].tolist()
    return table.rename_axis(["kind", "name"]).reset_index()


def short(board: str) -> str:
    """Return the name of a board without what every board is called."""
    return board.removeprefix("NHS ").removesuffix(" Integrated Care Board")


def by_name(study: Study) -> Table:
    """Return each authority of each division with the boards and forces that it works with."""
    rows = []
    for (_, division, authority), part in study.partners.groupby(
        ["place", "division", "authority"], sort=False
    ):
        forces = part.loc[part["kind"] == FORCE, "partner"]
        boards = map(_board, part[part["kind"] == BOARD].itertuples())
        rows.append((division, authority, "; ".join(boards), "; ".join(forces)))
    columns = ["division", "authority", "care boards (share of neighbourhoods)", "police forces"]
    return Table(
        pd.DataFrame(rows, columns=columns),
        f"Care boards and police forces of authorities in {study.here.name}",
    )


def then_and_now(study: Study) -> Table:
    """Return the pairs of each division with the boards of 2024 and with those from April 2026."""
    table = pd.DataFrame(
        {
            "division": study.renewed["division"],
            "unitaries": study.renewed["unitaries"],
            "pairs, boards of 2024": study.measured[LINKS.metric].map("{:.0f}".format),
            "pairs, boards from April 2026": study.renewed["pairs"],
            "boards from April 2026": [
                "; ".join(map(short, boards)) for boards in study.renewed["boards"]
            ],
            "basis": study.basis,
        }
    )
    return Table(table, f"Care boards of {study.here.name}, 2024 and from April 2026")


def _board(row: object) -> str:
    return f"{short(row.partner)} ({about(row.share)}{'' if row.counts else ', does not count'})"


def possible(study: Study) -> Table:
    """Return how few pairs with care boards are possible, beside the pairs of the proposals."""
    inside = np.array([not bid.reaches_outside for bid in study.here.computable], dtype=bool)
    bids = study.measured.iloc[1:][inside]
    pairs = bids["division"] + ": " + bids[LINKS.metric].map("{:.0f}".format)
    pairs = pairs.groupby(bids["unitaries"]).agg("; ".join).to_dict()
    proposed = [pairs.get(k, "none that is computable") for k in study.possible["unitaries"]]
    formats = dict.fromkeys(("fewest_pairs", "most_pairs"), "{:,.0f}")
    formats["options_with_the_fewest"] = "{:.1%}"
    renewed = study.renewed_options.groupby(level="n_unitaries").agg(["min", "max"])
    ends = [phrases.span(renewed.loc[k], "{:.0f}".format) for k in study.possible["unitaries"]]
    table = study.possible.assign(proposals=proposed)
    table["fewest to most pairs, boards from April 2026"] = ends
    return Table(table, "Pairs over all contiguous options", formats)
