"""Ordinary residence in tables for a page."""

import numpy as np
import pandas as pd

from lgr_report.chapters.residence import care_homes
from lgr_report.chapters.residence.care_homes import GROUPS, WORKING_AGE
from lgr_report.chapters.residence.caseloads import (
    BOTH,
    LABELS,
    NURSING_SHARES,
    RANGED,
    SCOPES,
    STAYS,
    assumed,
    changes,
    extremes,
)
from lgr_report.chapters.residence.residence import about, moves, not_moving, ranged, signed
from lgr_report.chapters.residence.residence_pairs import case_of, horizon, pairs
from lgr_report.core.demand import Demand
from lgr_report.core.options import proposals
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption


def shown(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return the caseloads of each proposal's unitaries on day one and later, for a page."""
    rows = []
    for bid in proposals(area_id):
        why = not_moving(bid, demand)
        if why:
            rows.append({"proposal": bid.name, "unitary": why})
            continue
        start = moves(bid, demand, [0]).set_index(["unitary", "scope"])["people"]
        for unitary, part in moves(bid, demand).groupby("unitary", sort=False):
            row = {"proposal": bid.name, "unitary": unitary}
            for move in part.itertuples():
                there = LABELS[move.scope]
                row[f"{there}, day one"] = f"{start[unitary, move.scope]:,.0f}"
                row[f"{there}, change in {move.years:.0f} years"] = ranged(move)
            rows.append(row)
    columns = [f"{LABELS[s]}, {w}" for s in SCOPES for w in ("day one", _later())]
    return pd.DataFrame(rows, columns=["proposal", "unitary", *columns]).fillna("–")


def _later() -> str:
    return f"change in {horizon():.0f} years"


def sensitivity(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return the largest fall and growth of each proposal if an assumption moved, for a page.

    All adults, expected over draws of demand. A proposal that divides no county is left out.
    """
    ends = assumed([*RANGED, "placed_by_beds"])
    low, high = ({name: ends.loc[name, end] for name in ends.index} for end in ("low", "high"))
    half = low.pop("placed_by_beds")
    cases = {
        "as shown": {},
        "short stays": {name: low[name] for name in STAYS},
        "long stays": {name: high[name] for name in STAYS},
        "few in homes with nursing": {name: low[name] for name in NURSING_SHARES},
        "many in homes with nursing": {name: high[name] for name in NURSING_SHARES},
        f"{half:.0%} of placements by beds": {"placed_by_beds": half},
        "none by beds: the estimates' noise alone": {"placed_by_beds": 0},
    }
    rows = []
    for bid in proposals(area_id):
        if not_moving(bid, demand):
            continue
        footprints = [codes for _, codes in bid.footprints]
        row = {"proposal": bid.name}
        for name, fixed in cases.items():
            later = changes(case_of(footprints, demand, fixed), footprints, horizon())
            drawn = extremes(later)[:, SCOPES.index(BOTH)]
            row[name] = " ".join(map(signed, drawn.mean(axis=0) * [-1, 1]))
        rows.append(row)
    return pd.DataFrame(rows or [{"proposal": "none can be computed"}])


def beside_published(demand: Demand) -> pd.DataFrame:
    """Return `residence_pairs.pairs` for a page."""
    level = f"{assumption('interval_level'):.0%} interval"
    rows = []
    for row in pairs(demand).itertuples():
        known = not np.isnan(row.mean)
        case = row.scope == WORKING_AGE and known
        span = f"{row.mean:.0%} ({row.low:.0%} to {row.high:.0%})" if known else "–"
        far = f"{about(row.as_far)} ({about(row.as_far_low)} to {about(row.as_far_high)})"
        rows.append(
            {
                "residents": LABELS[row.scope],
                "largest": row.measure if known else "fall and growth",
                "published case": f"{row.published:.0%}" if case else "–",
                f"mean of proposals, {level}": span,
                f"proposals that move as far as that case, {level}": far,
                "options that do": about(row.options_as_far),
            }
        )
    return pd.DataFrame(rows)


def stays_shown(area_id: str) -> pd.DataFrame:
    """Return lengths of stay for a page: implied for England and the county, and assumed."""
    implied, county = care_homes.implied_stay(), areas.get(area_id)
    rows = []
    for group, stay in zip(GROUPS, assumed(STAYS).itertuples(), strict=True):
        here = implied.loc[county.county_gss, group]
        rows.append(
            {
                "residents": LABELS[group],
                "England, implied": f"{implied.loc['England', group]:.1f}",
                f"{county.county_name}, implied": "–" if np.isnan(here) else f"{here:.1f}",
                "assumed": f"{stay.value:g} ({stay.low:g} to {stay.high:g})",
            }
        )
    return pd.DataFrame(rows)
