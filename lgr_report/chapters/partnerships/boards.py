"""Boards: the integrated care boards and police forces among some councils.

The boards are those of 2024; `renewed` has those from April 2026.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.core.metrics import Footprints, councils_of
from lgr_report.core.variation import membership
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

THRESHOLD = "icb_min_lsoa_share"


@dataclass(frozen=True, eq=False)
class Map:
    """Where the boards and forces lie among some councils (GSS codes).

    ``lsoas`` is councils × boards (LSOAs in common), ``policed`` councils × forces (whether the
    council lies in the force's area), ``elsewhere`` the other authorities of England × boards
    (share of the authority's LSOAs).
    """

    lsoas: pd.DataFrame
    policed: pd.DataFrame
    elsewhere: pd.DataFrame

    def shares(self, footprints: Footprints) -> np.ndarray:
        """Return footprints × boards: share of the footprint's LSOAs."""
        lsoas = membership(self.lsoas.index, footprints).astype(int) @ self.lsoas.to_numpy()
        return lsoas / lsoas.sum(axis=1, keepdims=True)

    def works_with(self, footprints: Footprints, threshold: float | None = None) -> np.ndarray:
        """Return footprints × boards: whether they work together, at a least share of LSOAs."""
        return counts(self.shares(footprints), threshold)

    def policed_by(self, footprints: Footprints) -> np.ndarray:
        """Return footprints × forces: whether they work together."""
        return membership(self.policed.index, footprints) @ self.policed.to_numpy()

    def others(self, threshold: float | None = None) -> np.ndarray:
        """Return how many authorities elsewhere each board works with today."""
        return counts(self.elsewhere.to_numpy(), threshold).sum(axis=0)


def counts(shares: np.ndarray, threshold: float | None = None) -> np.ndarray:
    """Return whether shares of LSOAs make a board count; a share of zero never does."""
    threshold = assumption(THRESHOLD) if threshold is None else threshold
    return (shares >= threshold) & (shares > 0)


@once_per_batch
def england() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the boards (columns) of England.

    Returns
    -------
    tuple of pandas.DataFrame
        LSOAs in common of every district and unitary (index gss_code); share of the LSOAs of every
        upper-tier authority of today (index upper_tier_code).
    """
    upper = tables.read("districts").set_index("gss_code")["upper_tier_code"]
    lsoas = tables.read("icb_overlap").pivot_table(
        index="gss_code", columns="icb_name", values="lsoas", aggfunc="sum", fill_value=0
    )
    lsoas = lsoas.reindex(upper.index).astype(int)
    authorities = lsoas.groupby(upper).sum()
    return lsoas, authorities.div(authorities.sum(axis=1), axis=0)


def mapped(footprints: Footprints) -> Map:
    """Return the boards and forces of the councils of some footprints.

    Raises
    ------
    KeyError
        If a council is not among the districts and unitaries of England.
    """
    codes = councils_of(footprints)
    lsoas, authorities = england()
    unknown = [code for code in codes if code not in lsoas.index]
    if unknown:
        raise KeyError(f"no council {', '.join(unknown)} among districts and unitaries")
    districts = tables.read("districts").set_index("gss_code").loc[codes]
    within = lsoas.loc[codes, lsoas.loc[codes].any()]
    elsewhere = authorities.drop(index=districts["upper_tier_code"].unique())[within.columns]
    return Map(within, pd.get_dummies(districts["police_force_name"]), elsewhere)
