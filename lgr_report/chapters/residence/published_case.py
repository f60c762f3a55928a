"""The published case beside the country: falls and growths of all proposals and all options.

In one county that is not named, one unitary's demand for residential care of working-age adults
falls by 15 % over 15 years and its neighbour's grows by 50 % (CCN/Newton, p48).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.residence import caseloads
from lgr_report.chapters.residence.apart import ADULTS, EVEN, apart
from lgr_report.chapters.residence.caseloads import BOTH, GROWTH, MEASURED, SCOPES
from lgr_report.core import intervals
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.metrics import today
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
    estimates alone shows where homes stand as need is estimated), told (whether the caseloads that
    move furthest apart are told from each other and from noise). ``moves`` is bids × draws ×
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
    kept_whole = [
        any(set(councils) <= set(footprint) for footprint in bid.division)
        for councils in today(demand, bid.gss_codes)
    ]
    return not all(kept_whole)


def submitted(demand: Demand, years: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return ``bids`` and ``moves`` of `National`."""
    rows, moves = [], []
    for bid in (bid for area_id in areas.ids() for bid in proposals(area_id)):
        if bid.footprints and divides(bid, demand):
            case, even = (caseloads.caseload(demand, bid.gss_codes, f) for f in (None, EVEN))
            moves.append(caseloads.extremes(caseloads.changes(case, bid.division, years)))
            alone = caseloads.extremes(caseloads.changes(even, bid.division, years))
            noise, told = alone[:, ADULTS].mean(axis=0), apart(case, even, bid.division, years).told
            rows.append((bid.area_id, bid.proposal_id, bid.name, len(bid.division), *noise, told))
    columns = ["area_id", "proposal_id", "name", "n_unitaries", "noise_fall", "noise_growth"]
    return pd.DataFrame(rows, columns=[*columns, "told"]), np.stack(moves)


def every_option(demand: Demand, draws: int, years: int) -> pd.DataFrame:
    """Return ``options`` of `National`, expected over so many draws."""
    columns = [f"{scope} {name}" for scope in SCOPES for name in MEASURED]
    frames = []
    for area_id in areas.ids():
        every = contiguous_options(area_id)
        case = caseloads.caseload(demand, every.graph.gss_codes)
        for k, masks in every.masks.items():
            moves = caseloads.of_masks(case, masks, years, draws).reshape(len(masks), -1)
            frame = pd.DataFrame(moves.astype(np.float32), columns=columns)
            frame = frame[frame[f"{BOTH} {GROWTH}"] > 0]
            frames.append(frame.assign(area_id=area_id, n_unitaries=k))
    return pd.concat(frames, ignore_index=True).astype({"area_id": "category"})


def pairs(moves: np.ndarray, options: pd.DataFrame) -> pd.DataFrame:
    """Return ``pairs`` of `National`."""
    *limits, _ = published()
    rows = []
    for s, scope in enumerate(SCOPES):
        far = moves[:, :, s] >= limits
        among = options[[f"{scope} {name}" for name in MEASURED]].to_numpy() >= limits
        for i, (name, limit) in enumerate(zip(MEASURED, limits, strict=True)):
            mean = intervals.around(moves[:, :, s, i].mean(axis=0))
            rows.append((scope, name, limit, *mean, *_as_far(far[..., i], among[:, i], options)))
        both = _as_far(far.all(axis=-1), among.all(axis=-1), options)
        rows.append((scope, "both", np.nan, np.nan, np.nan, np.nan, *both))
    columns = ["scope", "measure", "published", "mean", "low", "high"]
    columns += ["as_far", "as_far_low", "as_far_high", "options_as_far"]
    return pd.DataFrame(rows, columns=columns)


def _as_far(
    bids: np.ndarray, among: np.ndarray, options: pd.DataFrame
) -> tuple[float, float, float, float]:
    """Return the share of bids that move as far (bids × draws), its interval, that of options.

    The latter is the mean over areas and numbers of unitaries: otherwise the few areas with most
    councils, divided into five, would decide.
    """
    sizes = options.assign(far=among).groupby(["area_id", "n_unitaries"], observed=True)
    return *intervals.around(bids.mean(axis=0)), sizes["far"].mean().mean()
