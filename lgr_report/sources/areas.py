"""The 21 areas: their councils, people, dates, submitted proposals and decisions."""

import difflib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption


class UnknownAreaError(ValueError):
    """No area has this identifier; the message suggests the nearest one."""


@dataclass(frozen=True)
class Area:
    """One of the 21 areas invited on 5 February 2025 (``data/areas.csv``)."""

    area_id: str
    name: str
    county_name: str
    county_gss: str
    county_council: str = ""
    programme: str = ""
    invitation_date: pd.Timestamp | None = None
    final_proposal_deadline: pd.Timestamp | None = None
    consultation_open: pd.Timestamp | None = None
    consultation_close: pd.Timestamp | None = None


def ids() -> list[str]:
    """Return the identifiers of all areas, in the order of the table."""
    return tables.read("areas")["area_id"].tolist()


def get(area_id: str) -> Area:
    """Return one area.

    Raises
    ------
    UnknownAreaError
        With the nearest identifier, if there is no such area.
    """
    frame = tables.read("areas").set_index("area_id")
    if area_id not in frame.index:
        near = " or ".join(map(repr, nearest(str(area_id))))
        hint = f"did you mean {near}? " if near else ""
        raise UnknownAreaError(
            f"unknown area {area_id!r}: {hint}`lgr-report areas` lists all {len(frame)}"
        )
    row = frame.loc[area_id]
    return Area(
        area_id=area_id,
        name=row["area_name"],
        county_name=row["county_council"].removesuffix(" County Council"),
        programme=row["programme"].replace("_", " "),
        **row[["county_gss", "county_council"]],
        **row[["invitation_date", "final_proposal_deadline"]],
        **row[["consultation_open", "consultation_close"]],
    )


def nearest(typed: str) -> list[str]:
    """Return the identifiers that hold what was typed (a county's own name), else the likest."""
    slug, known = "-".join(typed.lower().split()), ids()
    holding = [area_id for area_id in known if slug and slug in area_id]
    return holding or difflib.get_close_matches(slug, known, n=1, cutoff=0.3)


def councils(area_id: str) -> pd.DataFrame:
    """Return the councils that the area's footprints are made of: districts and unitaries.

    Returns
    -------
    pandas.DataFrame
        gss_code, council_name, council_type, population (residents, mid-2024), largest first.
        The county itself and councils outside the invitation are left out.
    """
    frame = _invited(area_id, without="county")
    return frame.sort_values("population", ascending=False, ignore_index=True)


def authorities(area_id: str) -> pd.DataFrame:
    """Return the area's upper-tier authorities today: the county, then its included unitaries.

    Returns
    -------
    pandas.DataFrame
        gss_code, council_name, council_type, population; the county first.
    """
    frame = _invited(area_id, without="district")
    return frame.sort_values(["council_type", "council_name"], ignore_index=True)


def _invited(area_id: str, without: str) -> pd.DataFrame:
    frame = tables.read("councils")
    keep = (frame["area_id"] == area_id) & frame["in_invitation"]
    columns = ["gss_code", "council_name", "council_type", "population"]
    return frame.loc[keep & (frame["council_type"] != without), columns]


def population(area_id: str) -> int:
    """Return the area's residents, mid-2024: its districts and included unitaries."""
    return int(councils(area_id)["population"].sum())


def size_band(population: float) -> str:
    """Return the size band of a council, in the bands of CCN/Newton (p10)."""
    return size_bands()[np.searchsorted(_edges(), population)]


def size_bands() -> tuple[str, str, str]:
    """Return the names of the three size bands, the smallest first."""
    small, medium = (edge / 1000 for edge in _edges())
    return f"≤{small:.0f}k", f"{small:.0f}–{medium:.0f}k", f"{medium:.0f}k+"


def _edges() -> tuple[float, float]:
    return assumption("band_small_max"), assumption("band_medium_max")
