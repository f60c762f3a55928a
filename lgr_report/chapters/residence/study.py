"""Everything that the chapter says of one area: whose caseload moves how far, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import pandas as pd

from lgr_report.chapters.residence import care_homes, caseloads, children
from lgr_report.chapters.residence.apart import EVEN, Apart, apart
from lgr_report.chapters.residence.care_homes import GROUPS
from lgr_report.chapters.residence.caseloads import BOTH, NURSING_SHARES, RANGED, SCOPES, STAYS
from lgr_report.chapters.residence.published_case import National, divides, national
from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.proposals import COMPUTABLE, Proposal
from lgr_report.sources.assumptions import bounds, ranges
from lgr_report.sources.cache import by_content

ONE = "one unitary, so nobody changes unitary"
UNDIVIDED = "divides no county, so nobody changes unitary"


@dataclass(frozen=True, eq=False)
class Study:
    """Care home residents of an area: where they stand, where need arises, how caseloads move.

    ``statuses`` says of each proposal (its name) why it has no caseloads to show; empty if it has.
    ``caseloads`` has a row for each of the others, unitary, scope and year after vesting day until
    ``national.years``: proposal, and the columns of `caseloads.trajectories`. ``apart`` says of
    each of them (by name) how far apart its caseloads move. ``sensitivity`` has
    their largest fall and growth (shares, all adults, expected over draws) if an assumption moved:
    proposal, case, fall, growth. ``supply`` has the county's councils, the least need first: beds
    and need with their intervals (``beds_low`` …), in per cent of the county's residents.
    ``stays`` has mean lengths of stay by group (index) in years: england and county (implied),
    low, value and high (assumed). ``elsewhere`` is the share of residents who would have to live
    elsewhere for each district to have as many as its need, by the share of placements that stand
    as beds do (index). ``children`` is as `children.beside` returns it.
    """

    here: Divisions
    national: National
    statuses: pd.DataFrame
    caseloads: pd.DataFrame
    apart: Mapping[str, Apart]
    sensitivity: pd.DataFrame
    supply: pd.DataFrame
    stays: pd.DataFrame
    elsewhere: pd.Series
    children: pd.DataFrame


@by_content
def study(here: Divisions, years: int | None = None) -> Study:
    """Study the care home residents of an area.

    Parameters
    ----------
    here : Divisions
        The area.
    years : int, optional
        After vesting day; by default those of the published case.
    """
    country = national(len(here.demand.draws), years)
    statuses = [_status(bid, here.demand) for bid in here.proposals]
    moving = [bid for bid, status in zip(here.proposals, statuses, strict=True) if not status]
    names = [bid.name for bid in here.proposals]
    return Study(
        here=here,
        national=country,
        statuses=pd.DataFrame({"proposal": names, "status": statuses}),
        caseloads=_caseloads(moving, here.demand, country.years),
        apart={bid.name: _apart(bid, here.demand, country.years) for bid in moving},
        sensitivity=_sensitivity(moving, here.demand, country.years),
        supply=_supply(here),
        stays=_stays(here.area.county_gss),
        elsewhere=_elsewhere(here),
        children=children.beside(here.authorities["gss_code"]),
    )


def _status(bid: Proposal, demand: Demand) -> str:
    if bid.status != COMPUTABLE:
        return bid.status
    if len(bid.footprints) == 1:
        return ONE
    return "" if divides(bid, demand) else UNDIVIDED


def _caseloads(bids: list[Proposal], demand: Demand, years: int) -> pd.DataFrame:
    parts = []
    for bid in bids:
        case = caseloads.caseload(demand, bid.gss_codes)
        moves = caseloads.trajectories(case, bid.footprints, range(years + 1))
        parts.append(moves.assign(proposal=bid.name))
    if not parts:
        return pd.DataFrame(columns=["proposal", "unitary", "scope", "years"])
    return pd.concat(parts, ignore_index=True)


def _apart(bid: Proposal, demand: Demand, years: int) -> Apart:
    case, even = (caseloads.caseload(demand, bid.gss_codes, fixed) for fixed in (None, EVEN))
    return apart(case, even, bid.division, years)


def _sensitivity(bids: list[Proposal], demand: Demand, years: int) -> pd.DataFrame:
    rows = []
    for bid, (case, fixed) in product(bids, _cases().items()):
        adults = caseloads.largest(demand, bid.division, years, fixed)[:, SCOPES.index(BOTH)]
        rows.append((bid.name, case, *adults.mean(axis=0)))
    return pd.DataFrame(rows, columns=["proposal", "case", "fall", "growth"])


def _cases() -> dict[str, dict[str, float]]:
    """Return values to fix by the name of a case."""
    low, high = (ranges(RANGED)[end] for end in ("low", "high"))
    half = bounds("placed_by_beds")[0]
    return {
        "as shown": {},
        "short stays": {name: low[name] for name in STAYS},
        "long stays": {name: high[name] for name in STAYS},
        "few in homes with nursing": {name: low[name] for name in NURSING_SHARES},
        "many in homes with nursing": {name: high[name] for name in NURSING_SHARES},
        f"{half:.0%} of placements by beds": {"placed_by_beds": half},
        "none by beds: the estimates' noise alone": EVEN,
    }


def _supply(here: Divisions) -> pd.DataFrame:
    chosen = here.demand.select(here.gss_codes)
    county = here.councils[chosen.authority == here.area.county_gss]
    case = caseloads.caseload(here.demand, county["gss_code"])
    total = case.arising.sum()
    frame = pd.DataFrame({"council": county["council_name"].tolist()})
    for name, values, draws in (
        ("beds", case.located, case.located_draws),
        ("need", case.arising, case.arising_draws),
    ):
        frame[name] = 100 * values.sum(axis=1) / total
        low, high = intervals.ends(100 * draws.sum(axis=2) / total)
        frame[f"{name}_low"], frame[f"{name}_high"] = low, high
    return frame.sort_values("need", ignore_index=True)


def _stays(county_gss: str) -> pd.DataFrame:
    implied = care_homes.implied_stay()[[*GROUPS]]
    table = ranges(STAYS).set_axis([*GROUPS])
    return table.assign(england=implied.loc["England"], county=implied.loc[county_gss])


def _elsewhere(here: Divisions) -> pd.Series:
    by_beds = [1, bounds("placed_by_beds")[0]]
    cases = [
        caseloads.caseload(here.demand, here.gss_codes, {"placed_by_beds": b}) for b in by_beds
    ]
    return pd.Series([caseloads.elsewhere(case) for case in cases], by_beds)
