"""Answers of partnerships to published findings: PA01–PA07 (p71), each with the base it is of.

The published counts start from 37 authorities, which are not listed; the 21 areas have 40. The 37
fit the 21 counties and the 16 neighbouring unitaries that took part (p18): which three of the 19
unitaries that leaves out is not known, so every three are tried.
"""

import numpy as np

from lgr_report.chapters.partnerships.boards import THRESHOLD, counts, england
from lgr_report.chapters.partnerships.national import National, national
from lgr_report.core.findings import Claim
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption, bounds

AUTHORITIES_TODAY = "PA02"
OTHER_BASE = "a base of 37 authorities as published, any three of the 19 unitaries left out"


def claims() -> tuple[Claim, ...]:
    """Return claims for PA01–PA07."""
    country = national()
    return (_boards(country), _base(country), *_after(country), *_per_board(country))


def _boards(country: National) -> Claim:
    least = assumption(THRESHOLD)
    boards = country.thresholds.set_index("threshold")["boards"].astype(float)
    return Claim(
        "PA01",
        float(boards[least]),
        float(boards.min()),
        float(boards.max()),
        data=("icb_overlap", "districts", "councils"),
        how=f"boards with at least {least:.0%} of the LSOAs of an authority of the areas; "
        f"range over thresholds from any LSOA to {boards.index.max():.0%}",
    )


def _base(country: National) -> Claim:
    today = float(country.thresholds["authorities"].iloc[0])
    return Claim(
        AUTHORITIES_TODAY,
        today,
        today,
        today,
        data=("councils",),
        reason=f"the bases differ: the 21 areas have {today:.0f} county and unitary authorities; "
        "the published number fits the 21 counties and the 16 neighbouring unitaries that took "
        "part (p18), which are not named",
        settled_by="CCN/Newton's list of the authorities behind p71, which is not published",
    )


def _after(country: National) -> tuple[Claim, Claim]:
    """Return claims for the authorities more than today, and for their number after."""
    whole, part = _unitaries(country)
    ours = country.thresholds["authorities"].iloc[0]
    published = country.published[AUTHORITIES_TODAY]
    how = (
        f"residents of the areas divided by 500,000{{}}, from a base of {ours:.0f} authorities; "
        "range over ways to round to whole unitaries. The published base is "
        f"{published:.0f} authorities: that too is tried"
    )
    more = [np.subtract(each, base) for each, base in ((whole, ours), (part, published))]
    return (
        _of("PA04", more[0], more[1], how.format(", less authorities today")),
        _of("PA05", whole, part, how.format("")),
    )


def _of(finding_id: str, ours: np.ndarray, other: np.ndarray, how: str) -> Claim:
    specifications = {OTHER_BASE: Claim(finding_id, *other)}
    return Claim(finding_id, *ours, ("councils",), how, specifications=specifications)


def _unitaries(country: National) -> tuple[np.ndarray, np.ndarray]:
    """Return unitaries of 500k on average (value, low, high): of all areas, and without any three.

    The value without three is the middle of what leaving out the smallest and the largest gives.
    """
    used = country.readings[country.readings["counts"]]["unitaries"]
    whole = np.array([used.iloc[0], used.min(), used.max()])
    every = [areas.authorities(area_id) for area_id in areas.ids()]
    people = sorted(
        n for table in every for n in table.loc[table["council_type"] == "unitary", "population"]
    )
    without = np.array([sum(people[-3:]), sum(people[:3])]) / assumption("band_medium_max")
    low, high = whole[0] - without
    return whole, np.array([(low + high) / 2, np.floor(low), np.ceil(high)])


def _per_board(country: National) -> tuple[Claim, ...]:
    """Return claims for the authorities of a board today and after, and the boards that gain."""
    everyone, within = _mean_per_board()
    today = country.thresholds["authorities"].iloc[0]
    more = _unitaries(country)[0] - today
    boards = country.thresholds.set_index("threshold")["boards"][assumption(THRESHOLD)]
    each = country.bands.set_index("band")
    gained = each["icb_links"] - each["icb_links_today"]
    rates = (gained / (each["authorities"] - each["authorities_today"]))[[*areas.size_bands()][:2]]
    middle = float(rates.iloc[1])
    # Arithmetic on our own count, not on the published one: that would agree with itself.
    gaining = more * np.array([middle, rates.min(), rates.max()])
    data = ("icb_overlap", "districts", "councils", "proposed_unitaries")
    now = (
        "authorities of England that have a share in the boards of the areas, for each board; "
        "range over thresholds"
    )
    then = (
        f"as PA03, and for each authority more (our PA04) {middle:.2f} boards more, as in "
        "submitted proposals of 300–500k"
    )
    only = "only authorities of the 21 areas counted"
    return (
        Claim("PA03", *everyone, data, now, specifications={only: Claim("PA03", *within)}),
        Claim(
            "PA06",
            *(everyone + gaining / boards),
            data,
            then,
            specifications={only: Claim("PA06", *(within + gaining / boards))},
        ),
        Claim(
            "PA07",
            *gaining,
            data,
            f"authorities more (our PA04) × boards more for each authority more in submitted "
            f"proposals ({middle:.2f} in 300–500k; range over the bands below 500k)",
        ),
    )


def _mean_per_board() -> tuple[np.ndarray, np.ndarray]:
    """Return authorities to a board (value, low, high over thresholds): England's, the areas'."""
    shares = england()[1]
    codes = [code for area_id in areas.ids() for code in areas.authorities(area_id)["gss_code"]]
    found = {}
    for least in {*bounds(THRESHOLD)}:
        with_us = counts(shares.loc[codes].to_numpy(), least)
        here = with_us.any(axis=0)
        all_of_them = counts(shares.to_numpy(), least)[:, here].sum()
        found[least] = np.array([all_of_them, with_us.sum()]) / here.sum()
    table = np.array([*found.values()])
    rows = zip(found[assumption(THRESHOLD)], table.min(axis=0), table.max(axis=0), strict=True)
    everyone, within = (np.array(row) for row in rows)
    return everyone, within
