"""Pairs of a largest fall and a largest growth: of submitted proposals, of all options, published.

The published case: in one county that is not named, one unitary's demand for residential care of
working-age adults falls by 15 % over 15 years and its neighbour's grows by 50 % (CCN/Newton, p48).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.residence.caseloads import (
    BOTH,
    GROWTH,
    MEASURED,
    SCOPES,
    Caseload,
    caseload,
    changes,
    extremes,
    of_masks,
)
from lgr_report.core import intervals
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.options import Proposal, contiguous_options, proposals
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch


def published() -> tuple[float, float, float]:
    """Return fall and growth (shares from 0 up) and years of the published case (p48)."""
    found = tables.read("published_findings").set_index("finding_id")["value"]
    return -found["OR01"] / 100, found["OR02"] / 100, float(found["OR03"])


def horizon() -> float:
    """Return the years of the published case."""
    return published()[2]


def case_of(
    footprints: Sequence[Sequence[str]],
    demand: Demand,
    fixed: Mapping[str, float] | None = None,
) -> Caseload:
    """Return the caseloads of the councils of some footprints (see `caseloads.caseload`)."""
    return caseload(demand, [code for codes in footprints for code in codes], fixed)


def interval(drawn: np.ndarray) -> dict[str, float]:
    """Return the mean of draws with the ends of their interval, by name."""
    return dict(zip(("value", "low", "high"), intervals.around(drawn), strict=True))


def divides(bid: Proposal, demand: Demand) -> bool:
    """Return whether a bid divides an authority of today; otherwise nobody changes unitary."""
    chosen = demand.select([code for _, codes in bid.footprints for code in codes])
    of = dict(zip(chosen.gss_codes, chosen.authority, strict=True))
    parts = {(place, of[code]) for place, (_, codes) in enumerate(bid.footprints) for code in codes}
    return len(parts) > len(set(of.values()))


def submitted(demand: Demand) -> tuple[pd.DataFrame, np.ndarray]:
    """Return how far caseloads move under every computable bid that divides a county.

    Returns
    -------
    pandas.DataFrame
        area_id, proposal_id, name, n_unitaries, noise_fall, noise_growth (shares, all adults: what
        the uncertainty of district estimates alone shows where homes stand as need is estimated).
    numpy.ndarray
        Proposals × draws × scopes × (fall, growth): shares, after `horizon` years.
    """
    rows, drawn = [], []
    for area_id in areas.ids():
        for bid in proposals(area_id):
            if bid.footprints and divides(bid, demand):
                footprints = [codes for _, codes in bid.footprints]
                moves = changes(case_of(footprints, demand), footprints, horizon())
                drawn.append(extremes(moves))
                even = case_of(footprints, demand, {"placed_by_beds": 0})
                noise = extremes(changes(even, footprints, horizon()))[:, SCOPES.index(BOTH)]
                named = (area_id, bid.proposal_id, bid.name, len(footprints))
                rows.append((*named, *noise.mean(axis=0)))
    columns = ["area_id", "proposal_id", "name", "n_unitaries", "noise_fall", "noise_growth"]
    return pd.DataFrame(rows, columns=columns), np.stack(drawn)


def every_option(demand: Demand, draws: int) -> pd.DataFrame:
    """Return how far caseloads move under every contiguous option that divides a county.

    Returns
    -------
    pandas.DataFrame
        area_id, n_unitaries, and for each scope its fall and growth (as "adults fall"), expected
        over draws; shares, after `horizon` years.
    """
    columns = [f"{scope} {name}" for scope in SCOPES for name in MEASURED]
    frames = []
    for area_id in areas.ids():
        found = contiguous_options(area_id)
        case = caseload(demand, found.graph.gss_codes)
        for k, masks in found.masks.items():
            moves = of_masks(case, masks, horizon(), draws).reshape(len(masks), -1)
            frame = pd.DataFrame(moves.astype(np.float32), columns=columns)
            frame.insert(0, "n_unitaries", k)
            frame.insert(0, "area_id", area_id)
            frames.append(frame[frame[f"{BOTH} {GROWTH}"] > 0])
    return pd.concat(frames, ignore_index=True).astype({"area_id": "category"})


@once_per_batch
def _national(draws: int) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    demand = of_england(draws)
    return *submitted(demand), every_option(demand, int(assumption("residence_option_draws")))


def national(demand: Demand | None = None) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Return `submitted` (two values) and `every_option`, computed once for the same tables.

    Parameters
    ----------
    demand : Demand, optional
        As `of_england` returns it (the default), of any number of draws.
    """
    demand = of_england() if demand is None else demand
    return _national(len(demand.draws))


def pairs(demand: Demand) -> pd.DataFrame:
    """Return how far caseloads move beside the published case, by scope.

    Returns
    -------
    pandas.DataFrame
        scope, measure (fall, growth, or both in one option), published (share), mean over bids
        with low and high, as_far (share of bids with a unitary that moves as far, expected over
        draws) with as_far_low and as_far_high, and options_as_far (share of options whose expected
        move is as far: within each area and number of unitaries, then their mean).
    """
    _, drawn, options = national(demand)
    *limits, _ = published()
    rows = []
    for s, scope in enumerate(SCOPES):
        far = [drawn[:, :, s, i] >= limit for i, limit in enumerate(limits)]
        among = [options[f"{scope} {n}"] >= c for n, c in zip(MEASURED, limits, strict=True)]
        for i, name in enumerate(MEASURED):
            mean = interval(drawn[:, :, s, i].mean(axis=0))
            rows.append((scope, name, limits[i], mean, far[i], _evenly(options, among[i])))
        none = dict.fromkeys(("value", "low", "high"), np.nan)
        rows.append(
            (scope, "both", np.nan, none, far[0] & far[1], _evenly(options, among[0] & among[1]))
        )
    found = []
    for scope, name, limit, mean, far, among in rows:
        share = interval(far.mean(axis=0))
        found.append(
            {
                "scope": scope,
                "measure": name,
                "published": limit,
                "mean": mean["value"],
                "low": mean["low"],
                "high": mean["high"],
                "as_far": share["value"],
                "as_far_low": share["low"],
                "as_far_high": share["high"],
                "options_as_far": among,
            }
        )
    return pd.DataFrame(found)


def _evenly(options: pd.DataFrame, chosen: pd.Series) -> float:
    """Return the share of options chosen: the mean over areas and numbers of unitaries.

    Otherwise the few areas with most councils, divided into five, would decide.
    """
    return chosen.groupby([options["area_id"], options["n_unitaries"]], observed=True).mean().mean()
