"""The 21 areas: their councils, people, dates, submitted proposals and decisions."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from lgr_report.sources import tables


class UnknownAreaError(ValueError):
    """No area has this identifier; the message suggests the nearest one."""


@dataclass(frozen=True)
class Area:
    """One of the 21 areas invited on 5 February 2025 (``data/areas.csv``)."""

    area_id: str
    name: str
    county_name: str
    county_gss: str
    programme: str


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
        near = " or ".join(map(repr, _nearest(str(area_id), list(frame.index))))
        hint = f"did you mean {near}? " if near else ""
        raise UnknownAreaError(
            f"unknown area {area_id!r}: {hint}`lgr-report areas` lists all {len(frame)}"
        )
    row = frame.loc[area_id]
    return Area(
        area_id=area_id,
        name=row["area_name"],
        county_name=row["county_council"].removesuffix(" County Council"),
        county_gss=row["county_gss"],
        programme=row["programme"].replace("_", " "),
    )


def _nearest(typed: str, known: list[str]) -> list[str]:
    """Return the identifiers that hold what was typed (a county's own name), else the likest."""
    slug = "-".join(typed.lower().split())
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
    frame = tables.read("councils")
    keep = (frame["area_id"] == area_id) & frame["in_invitation"]
    keep &= frame["council_type"] != "county"
    columns = ["gss_code", "council_name", "council_type", "population"]
    return frame.loc[keep, columns].sort_values("population", ascending=False, ignore_index=True)


def authorities(area_id: str) -> pd.DataFrame:
    """Return the area's upper-tier authorities today: the county, then its included unitaries.

    Returns
    -------
    pandas.DataFrame
        gss_code, council_name, council_type, population; the county first.
    """
    frame = tables.read("councils")
    keep = (frame["area_id"] == area_id) & frame["in_invitation"]
    keep &= frame["council_type"] != "district"
    columns = ["gss_code", "council_name", "council_type", "population"]
    found = frame.loc[keep, columns].sort_values(["council_type", "council_name"])
    return found.reset_index(drop=True)


def population(area_id: str) -> int:
    """Return the area's residents, mid-2024: its districts and included unitaries."""
    return int(councils(area_id)["population"].sum())


def assumption(assumption_id: str) -> float:
    """Return one number that is ours, from ``data/assumptions.csv``."""
    values = tables.read("assumptions").set_index("assumption_id")["value"]
    if assumption_id not in values.index:
        raise KeyError(f"no assumption {assumption_id!r} in data/assumptions.csv")
    return float(values[assumption_id])


def assumptions_shown() -> pd.DataFrame:
    """Return every number that is ours for a page: value, range, where it is used, why."""
    table = tables.read("assumptions")
    for column in ("value", "low", "high"):
        table[column] = (
            table[column].map(_plain, na_action="ignore").where(table[column].notna(), "–")
        )
    return table.drop(columns="assumption_id")[
        ["what", "value", "low", "high", "unit", "used_in", "reason"]
    ]


def _plain(number: float) -> str:
    """Return a number without exponent; a seed without separators would read as a year."""
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def size_band(population: float) -> str:
    """Return the size band of a council, in the bands of CCN/Newton (p10)."""
    small, medium = assumption("band_small_max"), assumption("band_medium_max")
    if population <= small:
        return f"≤{small / 1000:.0f}k"
    return (
        f"{small / 1000:.0f}–{medium / 1000:.0f}k"
        if population <= medium
        else (f"{medium / 1000:.0f}k+")
    )


def size_bands() -> tuple[str, str, str]:
    """Return the names of the three size bands, the smallest first."""
    small, medium = assumption("band_small_max"), assumption("band_medium_max")
    return size_band(small), size_band(medium), size_band(medium + 1)


def day(date: pd.Timestamp | None) -> str:
    """Return a date as a sentence has it; a missing one as "not known here"."""
    return "not known here" if date is None or pd.isna(date) else f"{date.day} {date:%B %Y}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it needs one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def distinct(names: Iterable[str]) -> list[str]:
    """Return names of which none is there twice: two bids may bear one name."""
    names = list(names)
    return [
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})"
        for i, name in enumerate(names)
    ]


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence: a, b and c."""
    names = list(names)
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
