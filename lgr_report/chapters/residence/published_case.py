"""The published case beside the country: falls and growths of all proposals and all options.

In one county that is not named, one unitary's demand for residential care of working-age adults
falls by 15 % over 15 years and its neighbour's grows by 50 % (CCN/Newton, p48).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.residence.caseloads import (
    BOTH,
    GROWTH,
    MEASURED,
    SCOPES,
    caseload,
    changes,
    extremes,
    of_masks,
)
from lgr_report.core import intervals
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.metrics import councils_of
from lgr_report.core.options import contiguous_options
from lgr_report.core.proposals import Proposal, proposals
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch


@dataclass(frozen=True, eq=False)
class National:
    """How far caseloads move under all proposals and options, after so many ``years``.

    ``bids`` has a row for each computable bid that divides a county: area_id, proposal_id, name,
    n_unitaries, noise_fall and noise_growth (shares, all adults: what the uncertainty of district
    estimates alone shows where homes stand as need is estimated). ``moves`` is bids × draws ×
    `SCOPES` × (fall, growth), shares. ``options`` has a row for each contiguous option that divides
    a county: area_id, n_unitaries, and for each scope its fall and growth (as "adults fall"),
    expected over draws, shares.

    ``pairs`` has a row for each scope and measure (fall, growth, or both in one option): published
    (share), mean over bids with low and high, as_far (share of bids with a unitary that moves as
    far, expected over draws) with as_far_low and as_far_high, and options_as_far (share of options
    whose expected move is as far: within each area and number of unitaries, then their mean).
    """

    years: int
    bids: pd.DataFrame
    moves: np.ndarray
    options: pd.DataFrame
    pairs: pd.DataFrame


def published() -> tuple[float, float, int]:
    """Return fall and growth (shares from 0 up) and years of the published case (p48)."""
    values = tables.read("published_findings").set_index("finding_id")["value"]
    return -values["OR01"] / 100, values["OR02"] / 100, int(values["OR03"])


def horizon() -> int:
    """Return the years of the published case."""
    return published()[2]


def national(draws: int | None = None, years: int | None = None) -> National:
    """Set all proposals and options beside the published case, once a batch.

    Parameters
    ----------
    draws : int, optional
        Of demand; by default as many as `of_england` takes.
    years : int, optional
        After vesting day; by default those of the published case.
    """
    draws = len(of_england().draws) if draws is None else draws
    return _national(draws, horizon() if years is None else years)


@once_per_batch
def _national(draws: int, years: int) -> National:
    demand = of_england(draws)
    bids, moves = submitted(demand, years)
    options = every_option(demand, int(assumption("residence_option_draws")), years)
    return National(years, bids, moves, options, pairs(moves, options))


def divides(bid: Proposal, demand: Demand) -> bool:
    """Return whether a bid divides an authority of today; otherwise nobody changes unitary."""
    chosen = demand.select([code for _, codes in bid.footprints for code in codes])
    of = dict(zip(chosen.gss_codes, chosen.authority, strict=True))
    parts = {(place, of[code]) for place, (_, codes) in enumerate(bid.footprints) for code in codes}
    return len(parts) > len(set(of.values()))


def submitted(demand: Demand, years: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return ``bids`` and ``moves`` of `National`."""
    rows, drawn = [], []
    for bid in (bid for area_id in areas.ids() for bid in proposals(area_id)):
        if bid.footprints and divides(bid, demand):
            footprints = [codes for _, codes in bid.footprints]
            moves, even = (
                extremes(
                    changes(caseload(demand, councils_of(footprints), fixed), footprints, years)
                )
                for fixed in ({}, {"placed_by_beds": 0})
            )
            drawn.append(moves)
            noise = even[:, SCOPES.index(BOTH)].mean(axis=0)
            rows.append((bid.area_id, bid.proposal_id, bid.name, len(footprints), *noise))
    columns = ["area_id", "proposal_id", "name", "n_unitaries", "noise_fall", "noise_growth"]
    return pd.DataFrame(rows, columns=columns), np.stack(drawn)


def every_option(demand: Demand, draws: int, years: int) -> pd.DataFrame:
    """Return ``options`` of `National`, expected over so many draws."""
    columns = [f"{scope} {name}" for scope in SCOPES for name in MEASURED]
    frames = []
    for area_id in areas.ids():
        every = contiguous_options(area_id)
        case = caseload(demand, every.graph.gss_codes)
        for k, masks in every.masks.items():
            moves = of_masks(case, masks, years, draws).reshape(len(masks), -1)
            frame = pd.DataFrame(moves.astype(np.float32), columns=columns)
            frame.insert(0, "n_unitaries", k)
            frame.insert(0, "area_id", area_id)
            frames.append(frame[frame[f"{BOTH} {GROWTH}"] > 0])
    return pd.concat(frames, ignore_index=True).astype({"area_id": "category"})


def pairs(moves: np.ndarray, options: pd.DataFrame) -> pd.DataFrame:
    """Return ``pairs`` of `National`."""
    *limits, _ = published()
    rows = []
    for s, scope in enumerate(SCOPES):
        largest = [moves[:, :, s, i] for i in range(len(MEASURED))]
        far = [values >= limit for values, limit in zip(largest, limits, strict=True)]
        among = [options[f"{scope} {n}"] >= c for n, c in zip(MEASURED, limits, strict=True)]
        rows += [(scope, *row) for row in zip(MEASURED, limits, largest, far, among, strict=True)]
        none = np.full_like(largest[0], np.nan)
        rows.append((scope, "both", np.nan, none, far[0] & far[1], among[0] & among[1]))
    columns = ["scope", "measure", "published", "mean", "low", "high"]
    return pd.DataFrame(
        [
            (
                *(scope, name, limit, *intervals.around(largest.mean(axis=0))),
                *(*intervals.around(far.mean(axis=0)), _evenly(options, among)),
            )
            for scope, name, limit, largest, far, among in rows
        ],
        columns=[*columns, "as_far", "as_far_low", "as_far_high", "options_as_far"],
    )


def _evenly(options: pd.DataFrame, chosen: pd.Series) -> float:
    """Return the share of options chosen: the mean over areas and numbers of unitaries.

    Otherwise the few areas with most councils, divided into five, would decide.
    """
    return chosen.groupby([options["area_id"], options["n_unitaries"]], observed=True).mean().mean()
