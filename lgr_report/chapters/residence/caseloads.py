"""Caseloads of care home residents after a county is divided: stock and flow.

The published rule (CCN/Newton, pp46–49, 91): on day one a person in a care home belongs to the
unitary where the home stands; whoever needs a home later belongs to the unitary where the need
arises. So a unitary with many beds starts with many residents and loses them as they leave, and
the others take over the new ones, until every caseload is where its need arises:

    people(t) = located · e^(−t / stay) + arising · (1 − e^(−t / stay))

for each group of ages and footprint. The authorities' totals stay as they are: growth of need is
left out. A unitary of today passes on its own residents whole; only a county's are divided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
from scipy.stats import qmc, triang

from lgr_report.chapters.residence import care_homes
from lgr_report.chapters.residence.care_homes import GROUPS, NURSING, OLDER, WITHOUT, WORKING_AGE
from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.footprints import least_and_most, subset_sums
from lgr_report.core.metrics import Footprints, councils_of
from lgr_report.core.variation import membership
from lgr_report.sources.assumptions import assumption, ranges
from lgr_report.sources.services import SERVICES

BOTH = "adults"
SCOPES = (*GROUPS, BOTH)
LABELS = {
    WORKING_AGE: "adults 18–64 in care homes",
    OLDER: "adults 65 and over in care homes",
    BOTH: "all adults in care homes",
}
STAYS = ("stay_18_64", "stay_65_plus")
NURSING_SHARES = ("nursing_share_18_64", "nursing_share_65_plus")
RANGED = (*STAYS, *NURSING_SHARES)
FALL, GROWTH = "fall", "growth"
MEASURED = (FALL, GROWTH)


@dataclass(frozen=True, eq=False)
class Caseload:
    """Care home residents of councils by group (in the order of `GROUPS`), in people.

    ``located`` (councils × groups) is where they stand and ``arising`` where their need arose, with
    draws × councils × groups in ``located_draws`` and ``arising_draws``; missing (NaN) where the
    authority published no figure or a council no beds. ``stay`` (groups) and ``stay_draws`` (draws
    × groups) are mean lengths of stay in years. Over all councils of an authority, located and
    arising have one sum, in every draw.
    """

    gss_codes: tuple[str, ...]
    located: np.ndarray
    located_draws: np.ndarray
    arising: np.ndarray
    arising_draws: np.ndarray
    stay: np.ndarray
    stay_draws: np.ndarray


def caseload(
    demand: Demand, gss_codes: Sequence[str], fixed: Mapping[str, float] | None = None
) -> Caseload:
    """Collect where care home residents of councils stand, and where their need arose.

    Residents stand as beds do, in homes with nursing or without as ``nursing_share_…`` says, but
    for a share (1 − ``placed_by_beds``) that stands where it arises. They arise as estimated
    demand does.

    Parameters
    ----------
    demand
        As `of_england` returns it.
    gss_codes
        Councils, in the order that masks count bits.
    fixed
        Values of assumptions to take in place of the assumed, in every draw.
    """
    chosen = demand.select(gss_codes)
    places = [[service.service for service in SERVICES].index(group) for group in GROUPS]
    clients = chosen.authorities[[*GROUPS]].loc[chosen.authority].to_numpy(dtype=float)
    residents = care_homes.in_care_homes().reindex(chosen.authority)[[*GROUPS]].to_numpy()
    arising = chosen.estimate[:, places] / clients * residents
    shares = care_homes.bed_shares().loc[[*chosen.gss_codes], [NURSING, WITHOUT]].to_numpy().T
    by_beds = {"placed_by_beds": assumption("placed_by_beds"), **(fixed or {})}["placed_by_beds"]

    def located(nursing: np.ndarray) -> np.ndarray:
        nursing = nursing[..., None, :]
        share = nursing * shares[0][:, None] + (1 - nursing) * shares[1][:, None]
        return by_beds * share * residents + (1 - by_beds) * arising

    values, value_draws = drawn_within(RANGED, len(chosen.draws), fixed)
    stay, nursing = np.split(values, [len(STAYS)])
    stay_draws, nursing_draws = np.split(value_draws, [len(STAYS)], axis=1)
    return Caseload(
        gss_codes=chosen.gss_codes,
        located=located(nursing),
        located_draws=located(nursing_draws),
        arising=arising,
        arising_draws=chosen.draws[:, :, places] / clients * residents,
        stay=stay,
        stay_draws=stay_draws,
    )


def drawn_within(
    assumption_ids: Sequence[str], draws: int, fixed: Mapping[str, float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return assumed values, and draws from a triangle over the range of each.

    The assumptions are columns of one Halton sequence: it needs no seed, and its first points are
    spread as evenly as all of them.

    Returns
    -------
    tuple of numpy.ndarray
        As many values as assumptions; draws × assumptions. A fixed one has one value throughout.
    """
    low, mode, high = ranges(assumption_ids).to_numpy().T
    points = qmc.Halton(len(assumption_ids), scramble=False).random(draws)
    drawn = triang.ppf(points, (mode - low) / (high - low), loc=low, scale=high - low)
    values = mode.copy()
    for column, name in enumerate(assumption_ids):
        if name in (fixed or {}):
            values[column] = drawn[:, column] = fixed[name]
    return values, drawn


def moved(years: float, stay: np.ndarray) -> np.ndarray:
    """Return the share of a caseload that has turned over after some years."""
    return -np.expm1(-years / stay)


def people(case: Caseload, years: float) -> np.ndarray:
    """Return the estimated care home residents after some years: councils × groups."""
    return case.located + (case.arising - case.located) * moved(years, case.stay)


def changes(case: Caseload, footprints: Sequence[Sequence[str]], years: float) -> np.ndarray:
    """Return how far each footprint's caseload has changed after some years, in every draw.

    Returns
    -------
    numpy.ndarray
        draws × footprints × `SCOPES`, relative to day one: −0.15 is 15 % fewer people.
    """
    member = membership(case.gss_codes, footprints).astype(float)
    shift = (case.arising_draws - case.located_draws) * moved(years, case.stay_draws)[:, None]
    return _with_both(member @ shift) / _with_both(member @ case.located_draws)


def _with_both(groups: np.ndarray) -> np.ndarray:
    """Return … × groups with their sum as a further column."""
    return np.concatenate([groups, groups.sum(axis=-1, keepdims=True)], axis=-1)


def largest(
    demand: Demand,
    footprints: Footprints,
    years: float,
    fixed: Mapping[str, float] | None = None,
) -> np.ndarray:
    """Return the largest fall and the largest growth among footprints, in every draw.

    Parameters
    ----------
    demand, fixed
        As `caseload` takes them.
    footprints
        A division of councils.
    years
        After vesting day.

    Returns
    -------
    numpy.ndarray
        Draws × `SCOPES` × (fall, growth); shares, both from 0 up.
    """
    case = caseload(demand, councils_of(footprints), fixed)
    return extremes(changes(case, footprints, years))


def extremes(change: np.ndarray) -> np.ndarray:
    """Return the largest fall and growth of `changes`, in every draw: see `largest`."""
    return _fall_and_growth(change.min(axis=-2), change.max(axis=-2))


def _fall_and_growth(least: np.ndarray, most: np.ndarray) -> np.ndarray:
    # Rounding: a footprint that keeps all its residents must not seem to lose a hair.
    return np.maximum(np.round(np.stack([-least, most], axis=-1), 9), 0)


def elsewhere(case: Caseload) -> float:
    """Return the share of residents who would live elsewhere if each council had its need."""
    return float(np.abs(case.located - case.arising).sum() / 2 / case.located.sum())


def trajectories(
    case: Caseload, footprints: Sequence[tuple[str, Sequence[str]]], years: Sequence[float]
) -> pd.DataFrame:
    """Return the caseload of each footprint, year by year.

    Returns
    -------
    pandas.DataFrame
        unitary, scope, years, people and change (share of day one), both of the one estimate, so
        that they agree; low and high (of the change over draws, at ``interval_level``).
    """
    codes = [group for _, group in footprints]
    member = membership(case.gss_codes, codes).astype(float)
    names, parts = [name for name, _ in footprints], []
    start = _with_both(member @ case.located)
    for year in years:
        low, high = intervals.ends(changes(case, codes, year))
        then = _with_both(member @ people(case, year))
        values = {"people": then, "change": then / start - 1, "low": low, "high": high}
        parts.append(intervals.long(values, unitary=names, scope=SCOPES, years=[year]))
    return pd.concat(parts, ignore_index=True)


def of_masks(case: Caseload, masks: np.ndarray, years: float, draws: int = 0) -> np.ndarray:
    """Return the largest fall and growth of each of many options.

    Parameters
    ----------
    case
        The area; its councils are the bits, the first the lowest.
    masks
        Options × unitaries, as `lgr_report.core.options` makes them: not checked here.
    years
        After vesting day.
    draws
        How many draws to average over; 0 takes the point estimates.

    Returns
    -------
    numpy.ndarray
        Options × `SCOPES` × (fall, growth); shares.
    """
    worlds = zip(case.located_draws, case.arising_draws, case.stay_draws, strict=True)
    worlds = [*islice(worlds, draws)] if draws else [(case.located, case.arising, case.stay)]
    total = np.zeros((len(masks), len(SCOPES), len(MEASURED)))
    for located, arising, stay in worlds:
        start = subset_sums(_with_both(located))
        start[0] = 1  # the empty footprint is in no option
        shift = subset_sums(_with_both((arising - located) * moved(years, stay)))
        # Scopes first: a look-up then reads one short row, and does not gather columns.
        for scope, change in enumerate(np.ascontiguousarray((shift / start).T)):
            total[:, scope] += _fall_and_growth(*least_and_most(change, masks))
    return total / len(worlds)
