"""Renewed: the care boards from 1 April 2026, then and now, under every division.

A council whose board is new lies whole in it; the others keep their boards of 2024. Only councils
of the 21 areas are known, so authorities elsewhere are not counted, and the published count stays
tested on the boards of 2024, which it was made of.
"""

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships.boards import counts, england
from lgr_report.core.divisions import Divisions
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import Footprints, by_option, councils_of
from lgr_report.core.variation import membership
from lgr_report.sources import tables
from lgr_report.sources.cache import once_per_batch

UNCHANGED, STATED, INFERRED = "unchanged", "stated", "inferred"


@once_per_batch
def lsoas() -> pd.DataFrame:
    """Return LSOAs in common of councils (index gss_code) and boards (columns) from April 2026."""
    new = tables.read("icb_footprints_2026").set_index("gss_code")
    old = england()[0].loc[new.index]
    kept = old.where(new["basis"] == UNCHANGED, 0)
    moved = new["icb_name"].dropna()
    whole = pd.get_dummies(moved, dtype=int).mul(old.loc[moved.index].sum(axis=1), axis=0)
    table = pd.concat([kept, whole.reindex(new.index, fill_value=0)], axis=1)
    return table.loc[:, table.any()]


def basis(gss_codes: list[str]) -> str:
    """Return how the boards of some councils are known: the least sure of theirs."""
    of = set(tables.read("icb_footprints_2026").set_index("gss_code").loc[gss_codes, "basis"])
    return next(kind for kind in (INFERRED, STATED, UNCHANGED) if kind in of)


def works_with(footprints: Footprints) -> pd.DataFrame:
    """Return footprints × boards from April 2026: whether they work together."""
    among = lsoas().loc[councils_of(footprints)]
    among = among.loc[:, among.any()]
    own = membership(among.index, footprints).astype(int) @ among.to_numpy()
    shares = own / own.sum(axis=1, keepdims=True)
    return pd.DataFrame(counts(shares), columns=among.columns)


def of_options(here: Divisions) -> pd.Series:
    """Return the pairs of an authority and a board from April 2026, of every option."""
    among = lsoas().loc[[*here.options.graph.gss_codes]]
    sums = subset_sums(among.loc[:, among.any()].to_numpy())
    sums[0, 0] = 1  # the empty footprint is in no option; it must not divide by zero
    pairs = counts(sums / sums.sum(axis=1, keepdims=True)).sum(axis=1)
    masks = here.options.masks
    parts = {
        k: pd.DataFrame({"pairs": pairs[m].sum(axis=1).astype(float)}) for k, m in masks.items()
    }
    return by_option(parts)["pairs"]


def by_division(divided: list[tuple[str, Footprints]]) -> pd.DataFrame:
    """Return the boards and pairs from April 2026 of each division (its name, its footprints).

    Returns
    -------
    pandas.DataFrame
        division, unitaries, boards (their names), pairs.
    """
    rows = []
    for name, footprints in divided:
        together = works_with(footprints)
        boards = tuple(together.columns[together.any()])
        rows.append((name, len(footprints), boards, int(np.count_nonzero(together))))
    return pd.DataFrame(rows, columns=["division", "unitaries", "boards", "pairs"])
