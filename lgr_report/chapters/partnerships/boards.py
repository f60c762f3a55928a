"""Boards: the integrated care boards and police forces among some councils.

The boards are those of 2024; mergers since are not followed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption

THRESHOLD = "icb_min_lsoa_share"


@dataclass(frozen=True, eq=False)
class Map:
    """Where the boards and forces lie among some councils.

    ``lsoas`` is councils × boards (LSOAs in common), ``policed`` councils × forces (whether the
    council lies in the force's area).
    """

    gss_codes: tuple[str, ...]
    boards: tuple[str, ...]
    lsoas: np.ndarray
    forces: tuple[str, ...]
    policed: np.ndarray

    def rows(self, footprints: Sequence[Sequence[str]]) -> np.ndarray:
        """Return footprints × councils: whether a footprint holds a council."""
        return np.array([[code in set(group) for code in self.gss_codes] for group in footprints])

    def shares(self, footprints: Sequence[Sequence[str]]) -> np.ndarray:
        """Return footprints × boards: share of the footprint's LSOAs."""
        lsoas = self.rows(footprints).astype(int) @ self.lsoas
        return lsoas / lsoas.sum(axis=1, keepdims=True)

    def works_with(
        self, footprints: Sequence[Sequence[str]], threshold: float | None = None
    ) -> np.ndarray:
        """Return footprints × boards: whether they work together, at a least share of LSOAs."""
        return counts(self.shares(footprints), threshold)

    def policed_by(self, footprints: Sequence[Sequence[str]]) -> np.ndarray:
        """Return footprints × forces: whether they work together."""
        return self.rows(footprints).astype(int) @ self.policed.astype(int) > 0


def counts(shares: np.ndarray, threshold: float | None = None) -> np.ndarray:
    """Return whether shares of LSOAs make a board count; a share of zero never does."""
    threshold = assumption(THRESHOLD) if threshold is None else threshold
    return (shares >= threshold) & (shares > 0)


def thresholds() -> tuple[float, float, float]:
    """Return the least share of LSOAs that makes a board count: value, low end, high end."""
    row = tables.read("assumptions").set_index("assumption_id").loc[THRESHOLD]
    return float(row["value"]), float(row["low"]), float(row["high"])


def mapped(gss_codes: Iterable[str]) -> Map:
    """Return the boards and forces of some councils (districts and unitaries).

    Raises
    ------
    KeyError
        If a council is not among the districts and unitaries of England.
    """
    codes = tuple(gss_codes)
    districts = tables.read("districts").set_index("gss_code")
    unknown = [code for code in codes if code not in districts.index]
    if unknown:
        raise KeyError(f"no council {', '.join(unknown)} among districts and unitaries")
    overlap = tables.read("icb_overlap")
    lsoas = overlap[overlap["gss_code"].isin(codes)].pivot_table(
        index="gss_code", columns="icb_name", values="lsoas", aggfunc="sum", fill_value=0
    )
    lsoas = lsoas.reindex(codes)
    forces = districts.loc[[*codes], "police_force_name"]
    names = sorted(forces.unique())
    return Map(
        codes,
        tuple(lsoas.columns),
        lsoas.to_numpy(dtype=int),
        tuple(names),
        forces.to_numpy()[:, None] == np.array(names),
    )
