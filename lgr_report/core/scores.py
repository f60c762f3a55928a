"""Every option of an area scored, and where its proposals stand among them.

An option is scored on population balance, on how evenly it spreads demand, and on the size of its
smallest unitary. Lower spreads are more even; a proposal at the 80th percentile of a spread is less
even than four in five of the options with as many unitaries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.footprints import least_and_most, subset_sums
from lgr_report.core.fronts import TOTALS, beaten_by
from lgr_report.core.options import Options, balance, population_balance, standing
from lgr_report.core.proposals import COMPUTABLE, Proposal
from lgr_report.core.variation import (
    MEASURES,
    PEOPLE,
    SPEND,
    STATISTICS,
    AreaDemand,
    area_demand,
    drawn_variation,
    uncertainty_alone,
)
from lgr_report.sources.assumptions import assumption

DRAWN = TOTALS  # the metrics whose places have an interval
# What a proposal's place is given on: column of `Scores.tables`, and how a sentence names it.
METRICS = {
    "population": "population balance",
    PEOPLE: "demand balance by people",
    SPEND: "demand balance by spend",
}


@dataclass(frozen=True, eq=False)
class Scores:
    """All options of an area with their scores.

    ``demand`` is that of any councils which include these and those of the proposals.
    ``tables[k]`` has a row for each option of k unitaries, in the order of ``options.masks[k]``:
    smallest and largest (residents of a unitary), population (their difference over the mean
    unitary), people and spend (largest less smallest rate over the area's, expected over ``draws``
    draws, or at the point estimates if that is 0; 0.2 is 20 %), meets (whether it meets the
    invitation's tests of size: see `meets_tests`). ``rows`` tells for each proposal that is an
    option (by proposal_id) its number of unitaries and its row, ``places`` its percentile in every
    draw: draws × (people, spend); ``places_meeting`` the same among the options that meet these
    tests.
    """

    options: Options
    demand: Demand
    draws: int
    tables: Mapping[int, pd.DataFrame]
    rows: Mapping[str, tuple[int, int]]
    places: Mapping[str, np.ndarray]
    places_meeting: Mapping[str, np.ndarray]


def meets_tests(table: pd.DataFrame) -> pd.Series:
    """Return whether each option meets the invitation's tests of size.

    Every unitary is above the smallest size band, and the largest has at most ``reference_ratio``
    times the residents of the smallest: our reading, since no number is named for balance.

    Parameters
    ----------
    table : pandas.DataFrame
        smallest and largest (residents of a unitary).
    """
    large = table["smallest"] > assumption("band_small_max")
    return large & (table["largest"] <= assumption("reference_ratio") * table["smallest"])


def score(
    options: Options,
    demand: Demand,
    proposals: Iterable[Proposal] = (),
    draws: int | None = None,
) -> Scores:
    """Score every option of an area.

    Parameters
    ----------
    options : Options
        Of the area, by the links that are to count.
    demand : Demand
        Of any councils that include these, as `demand.of_england` returns it.
    proposals : iterable of Proposal
        To find among the options, and to place in every draw.
    draws : int, optional
        Draws of demand to average over (``option_draws``); 0 takes point estimates.
    """
    draws = int(assumption("option_draws")) if draws is None else draws
    rates = _rates(area_demand(demand, options.graph.gss_codes), draws)
    balances = population_balance(options)
    rows = rows_of_proposals(options, proposals)
    by_size, places, meeting = {}, {}, {}
    for k, masks in options.masks.items():
        those = {bid: row for bid, (size, row) in rows.items() if size == k}
        table = balances[k].rename(columns={"spread": "population"})
        meets = meets_tests(table)
        sets = np.ones(len(masks), bool), meets.to_numpy()
        mean, among = _spreads(rates, masks, list(those.values()), sets)
        by_size[k] = table.assign(**dict(zip(TOTALS, mean, strict=True)), meets=meets)
        places |= {bid: among[0, :, :, i] for i, bid in enumerate(those)}
        meeting |= {bid: among[1, :, :, i] for i, bid in enumerate(those)}
    return Scores(options, demand, draws, by_size, rows, places, meeting)


def _rates(area: AreaDemand, draws: int) -> np.ndarray:
    """Return the rate of every subset of councils, relative to the area: draws × totals × 2^n."""
    worlds = area.draws[:draws] if draws else area.estimate[None]
    columns = [MEASURES.index(name) for name in TOTALS]
    people = subset_sums(area.residents.astype(float))
    people[0] = 1  # the empty footprint is in no option
    base = area.estimate[:, columns].sum(axis=0) / area.residents.sum()
    sums = subset_sums(np.moveaxis(worlds[:, :, columns], 1, 0))  # 2^n × draws × totals
    return np.ascontiguousarray(np.moveaxis(sums / base / people[:, None, None], 0, -1))


def _spreads(
    rates: np.ndarray, masks: np.ndarray, rows: list[int], sets: Sequence[np.ndarray] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Return each option's spread, averaged over draws, and some options' place in every draw.

    The spread is totals × options; the place, a percentile among each set of options (a truth value
    for each), is sets × draws × totals × rows; missing in a set of fewer than two.
    """
    draws, totals, _ = rates.shape
    mean = np.zeros((totals, len(masks)))
    among = np.full((len(sets), draws, totals, len(rows)), np.nan)
    for d in range(draws):
        for t in range(totals):
            smallest, largest = least_and_most(rates[d, t], masks)
            spread = largest - smallest
            mean[t] += spread / draws
            for s, chosen in enumerate(sets):
                if rows and chosen.sum() > 1:
                    others = spread[chosen]
                    among[s, d, t] = [standing(spread[row], others) for row in rows]
    return mean, among


def rows_of_proposals(
    options: Options, proposals: Iterable[Proposal]
) -> dict[str, tuple[int, int]]:
    """Return the number of unitaries and the row of each proposal that is one of the options."""
    rows = {}
    for bid in proposals:
        if bid.footprints and not bid.reaches_outside:
            row = options.find(bid.division)
            if row is not None:
                rows[bid.proposal_id] = (len(bid.footprints), row)
    return rows


def score_proposal(
    proposal: Proposal, demand: Demand, draws: int | None = None
) -> pd.Series | None:
    """Return one proposal's scores; None if it is not computable.

    Over all draws of demand by default, as `lgr_report.chapters.demand` measures it: a page has
    one value of a proposal, whatever the draws over which thousands of options are averaged.
    """
    if not proposal.footprints:
        return None
    draws = len(demand.draws) if draws is None else draws
    councils = area_demand(demand, proposal.gss_codes)
    bits = {code: 1 << place for place, code in enumerate(councils.gss_codes)}
    masks = np.array([[sum(bits[code] for code in codes) for codes in proposal.division]])
    sizes = subset_sums(councils.residents)[masks[0]]
    worlds = councils.draws[:draws] if draws else councils.estimate[None]
    drawn = drawn_variation(replace(councils, draws=worlds), proposal.division).mean(axis=0)
    spread = drawn[[MEASURES.index(total) for total in TOTALS], STATISTICS.index("spread")]
    sized = balance(sizes[None]).iloc[0].rename({"spread": "population"})
    return pd.concat([sized, pd.Series(spread, TOTALS)])


def standings(scores: Scores, proposals: Iterable[Proposal]) -> pd.DataFrame:
    """Return where each proposal of an area stands among the options of as many unitaries.

    Returns
    -------
    pandas.DataFrame
        One row a proposal: proposal_id, name, n_unitaries, status, note (why it has no percentile),
        others (options of that number), smallest and largest (residents), for each of `METRICS` its
        value and percentile (0 is most even; for demand the mean over draws, with low and high, the
        ends of its interval at ``interval_level``), people_by_chance and spend_by_chance (see
        `variation.uncertainty_alone`), meets (whether it meets the invitation's tests of size),
        meeting (options of that number that do) and the percentile among these (``_meeting``, for
        demand with ``_meeting_low`` and ``_meeting_high``), and beaten_by and beaten_by_spend (see
        `fronts.beaten_by`). What cannot be computed is missing.
    """
    return pd.DataFrame([_standing(bid, scores) for bid in proposals])


def _standing(bid: Proposal, scores: Scores) -> dict:
    row = {name: getattr(bid, name) for name in ("proposal_id", "name", "n_unitaries", "status")}
    row["note"] = _why_no_place(bid, scores)
    row["others"] = len(scores.tables.get(bid.n_unitaries, ()))
    # At point estimates the proposals are at theirs; else over all draws, not those of options.
    own = score_proposal(bid, scores.demand, None if scores.draws else 0)
    for column in ("smallest", "largest", *METRICS):
        row[column] = np.nan if own is None else own[column]
    chance = _by_chance(bid, scores.demand) if own is not None else [np.nan] * len(TOTALS)
    row |= {f"{total}_by_chance": share for total, share in zip(TOTALS, chance, strict=True)}
    row["meets"] = own is not None and bool(meets_tests(own.to_frame().T).item())
    placed = own is not None and row["note"] is None
    among = scores.tables[bid.n_unitaries] if placed else None
    row["meeting"] = int(among["meets"].sum()) if placed else 0
    for name, others in (
        ("percentile", among["population"] if placed else ()),
        ("meeting", among.loc[among["meets"], "population"] if placed else ()),
    ):
        known = placed and len(others) > 1
        row[f"population_{name}"] = standing(own["population"], others) if known else np.nan
    for t, metric in enumerate(TOTALS):
        places = scores.places[bid.proposal_id][:, t] if placed else np.array([np.nan])
        row[f"{metric}_percentile"] = places.mean()
        row[f"{metric}_low"], row[f"{metric}_high"] = intervals.ends(places)
        meeting = scores.places_meeting[bid.proposal_id][:, t] if placed else np.array([np.nan])
        row[f"{metric}_meeting"] = meeting.mean()
        row[f"{metric}_meeting_low"], row[f"{metric}_meeting_high"] = intervals.ends(meeting)
    for column, total in (("beaten_by", PEOPLE), ("beaten_by_spend", SPEND)):
        place = scores.rows[bid.proposal_id][1] if placed else None
        row[column] = beaten_by(among, place, total) if placed else np.nan
    return row


def _by_chance(bid: Proposal, demand: Demand) -> np.ndarray:
    """Return the spread that uncertainty alone would show, by each of `TOTALS`."""
    shown = uncertainty_alone(area_demand(demand, bid.gss_codes), bid.division)
    return shown[[MEASURES.index(total) for total in TOTALS], STATISTICS.index("spread")]


def is_inconclusive(low: float | pd.Series, high: float | pd.Series) -> bool | pd.Series:
    """Return whether a place is so wide that public data do not tell a proposal from most others.

    Parameters
    ----------
    low, high : float or pandas.Series
        Ends of the interval of a percentile. A missing place is not vague.
    """
    return high - low > assumption("vague_places")


def _why_no_place(bid: Proposal, scores: Scores) -> str | None:
    if bid.status != COMPUTABLE:
        return bid.status
    if bid.reaches_outside:
        return "reaches outside the area: not among its options"
    if bid.n_unitaries == 1:
        return "one unitary: nothing to compare"
    if bid.proposal_id not in scores.rows:
        return "not contiguous by these links: not among the options"
    return None


def sensitivity(by_links: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return each proposal's percentile for demand balance under other choices.

    Parameters
    ----------
    by_links : mapping of str to pandas.DataFrame
        `standings` by the links that count, as "all links", "land only".

    Returns
    -------
    pandas.DataFrame
        proposal_id, name, n_unitaries, and percentiles by people and by spend for each, as
        "by people, all links".
    """
    columns = {}
    for links, table in by_links.items():
        table = table.set_index(["proposal_id", "name", "n_unitaries"])
        for total in TOTALS:
            columns[f"by {total}, {links}"] = table[f"{total}_percentile"]
    return pd.DataFrame(columns).reset_index()
