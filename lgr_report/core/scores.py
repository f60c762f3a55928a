"""Every option of an area scored, and where its proposals stand among them.

An option is scored on population balance, on how evenly it spreads demand, and on the size of its
smallest unitary. Lower spreads are more even; a proposal at the 80th percentile of a spread is less
even than four in five of the options with as many unitaries.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import moocore
import numpy as np
import pandas as pd

from lgr_report.core import intervals
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.footprints import subset_sums
from lgr_report.core.options import (
    COMPUTABLE,
    Options,
    Proposal,
    contiguous_options,
    population_balance,
    proposals,
    standing,
)
from lgr_report.core.variation import (
    MEASURES,
    PEOPLE,
    SPEND,
    AreaDemand,
    area_demand,
)
from lgr_report.page import phrases
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

TOTALS = (PEOPLE, SPEND)
# What a proposal's place is given on: column of `Scores.tables`, and how a sentence names it.
METRICS = {
    "population": "population balance",
    PEOPLE: "demand balance by people",
    SPEND: "demand balance by spend",
}


@dataclass(frozen=True, eq=False)
class Scores:
    """All options of an area with their scores.

    ``tables[k]`` has a row for each option of k unitaries, in the order of ``options.masks[k]``:
    smallest and largest (residents of a unitary), population (their difference over the mean
    unitary), people and spend (largest less smallest rate over the area's, expected over ``draws``
    draws, or at the point estimates if that is 0; 0.2 is 20 %). ``places`` holds, for the option
    that each proposal is (by proposal_id), its percentile in every draw: draws × (people, spend).
    """

    options: Options
    demand: AreaDemand
    draws: int
    tables: Mapping[int, pd.DataFrame]
    places: Mapping[str, np.ndarray]


def score(
    area_id: str, demand: Demand, water_links: bool = True, draws: int | None = None
) -> Scores:
    """Score every option of an area.

    Parameters
    ----------
    area_id : str
        Slug of the area.
    demand : Demand
        As `national_demand` returns it.
    water_links : bool
        Whether tidal and ferry links count as contiguous.
    draws : int, optional
        Draws of demand to average over (``option_draws``); 0 takes point estimates.
    """
    draws = int(assumption("option_draws")) if draws is None else draws
    found = contiguous_options(area_id, water_links=water_links)
    mine = area_demand(demand, found.graph.gss_codes)
    rates = _rates(mine, draws)
    balance = population_balance(found)
    rows = rows_of_proposals(area_id, found)
    tables_by_size, places = {}, {}
    for k, masks in found.masks.items():
        table = balance[k].rename(columns={"spread": "population"})
        here = {bid: row for bid, (size, row) in rows.items() if size == k}
        mean, among = _spreads(rates, masks, list(here.values()))
        tables_by_size[k] = table.assign(**dict(zip(TOTALS, mean, strict=True)))
        places |= {bid: among[:, :, i] for i, bid in enumerate(here)}
    return Scores(found, mine, draws, tables_by_size, places)


def _rates(mine: AreaDemand, draws: int) -> np.ndarray:
    """Return the rate of every subset of councils, relative to the area: draws × totals × 2^n."""
    worlds = mine.draws[:draws] if draws else mine.estimate[None]
    columns = [MEASURES.index(name) for name in TOTALS]
    people = subset_sums(mine.residents.astype(float))
    people[0] = 1  # the empty footprint is in no option
    base = mine.estimate[:, columns].sum(axis=0) / mine.residents.sum()
    sums = subset_sums(np.moveaxis(worlds[:, :, columns], 1, 0))  # 2^n × draws × totals
    return np.ascontiguousarray(np.moveaxis(sums / base / people[:, None, None], 0, -1))


def _spreads(
    rates: np.ndarray, masks: np.ndarray, rows: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return each option's spread, averaged over draws, and some options' place in every draw.

    The spread is totals × options; the place, a percentile among all, draws × totals × rows.
    """
    draws, totals, _ = rates.shape
    mean = np.zeros((totals, len(masks)))
    among = np.full((draws, totals, len(rows)), np.nan)
    for d in range(draws):
        for t in range(totals):
            largest = rates[d, t, masks[:, 0]]
            smallest = largest.copy()
            for column in masks.T[1:]:
                part = rates[d, t, column]
                np.maximum(largest, part, out=largest)
                np.minimum(smallest, part, out=smallest)
            spread = largest - smallest
            mean[t] += spread / draws
            if len(masks) > 1:
                among[d, t] = [_place_among(spread, row) for row in rows]
    return mean, among


def _place_among(spread: np.ndarray, row: int) -> float:
    """Return the percentile of one option among all: `options.standing`, for many draws."""
    hair = 1e-9 * abs(spread[row])
    below = np.count_nonzero(spread < spread[row] - hair)
    up_to = np.count_nonzero(spread <= spread[row] + hair)
    return 50 * (below + up_to) / len(spread)


def rows_of_proposals(area_id: str, found: Options) -> dict[str, tuple[int, int]]:
    """Return the number of unitaries and the row of each proposal that is one of the options."""
    rows = {}
    for bid in proposals(area_id):
        if bid.footprints and not bid.reaches_outside:
            row = found.find([codes for _, codes in bid.footprints])
            if row is not None:
                rows[bid.proposal_id] = (len(bid.footprints), row)
    return rows


def score_proposal(
    proposal: Proposal, demand: Demand, draws: int | None = None
) -> pd.Series | None:
    """Return one proposal's scores, on the same draws as `score`; None if it is not computable."""
    if not proposal.footprints:
        return None
    draws = int(assumption("option_draws")) if draws is None else draws
    footprints = [codes for _, codes in proposal.footprints]
    mine = area_demand(demand, [code for codes in footprints for code in codes])
    people = dict(zip(mine.gss_codes, mine.residents, strict=True))
    sizes = np.array([sum(people[code] for code in codes) for codes in footprints])
    bits = {code: 1 << place for place, code in enumerate(mine.gss_codes)}
    masks = np.array([[sum(bits[code] for code in codes) for codes in footprints]])
    spread = _spreads(_rates(mine, draws), masks, [])[0][:, 0]
    sized = {
        "smallest": sizes.min(),
        "largest": sizes.max(),
        "population": (sizes.max() - sizes.min()) / sizes.mean(),
    }
    return pd.Series(sized | dict(zip(TOTALS, spread, strict=True)))


def standings(area_id: str, demand: Demand, scores: Scores) -> pd.DataFrame:
    """Return where each proposal of an area stands among the options of as many unitaries.

    Returns
    -------
    pandas.DataFrame
        One row a proposal: proposal_id, name, n_unitaries, status, note (why it has no percentile),
        others (options of that number), smallest, for each of `METRICS` its value and percentile
        (0 is most even; for demand the mean over draws, with low and high, the ends of its
        interval at ``interval_level``), and beaten_by (options that are no worse on population
        balance, demand balance by people and smallest unitary, and better on one). What cannot be
        computed is missing.
    """
    return pd.DataFrame([_standing(bid, demand, scores) for bid in proposals(area_id)])


def _standing(bid: Proposal, demand: Demand, scores: Scores) -> dict:
    row = {
        "proposal_id": bid.proposal_id,
        "name": bid.name,
        "n_unitaries": bid.n_unitaries,
        "status": bid.status,
        "note": _why_no_place(bid, scores),
        "others": len(scores.tables.get(bid.n_unitaries, ())),
    }
    found = score_proposal(bid, demand, scores.draws)
    row["smallest"] = np.nan if found is None else found["smallest"]
    placed = found is not None and row["note"] is None
    for metric in METRICS:
        row[metric] = np.nan if found is None else found[metric]
        row[f"{metric}_percentile"] = np.nan
    if placed:
        among = scores.tables[bid.n_unitaries]["population"]
        row["population_percentile"] = standing(found["population"], among)
    for t, metric in enumerate(TOTALS):
        drawn = scores.places[bid.proposal_id][:, t] if placed else np.array([np.nan])
        row[f"{metric}_percentile"] = drawn.mean()
        row[f"{metric}_low"], row[f"{metric}_high"] = intervals.ends(drawn)
    row["beaten_by"] = np.nan if row["note"] else _beaten_by(found, scores.tables[bid.n_unitaries])
    return row


def is_inconclusive(low: float | pd.Series, high: float | pd.Series) -> bool | pd.Series:
    """Return whether a place is so wide that public data do not tell a proposal from most others.

    Parameters
    ----------
    low, high : float or pandas.Series
        Ends of the interval of a percentile. A missing place is not vague.
    """
    return high - low > assumption("vague_places")


def _beaten_by(found: pd.Series, among: pd.DataFrame) -> int:
    """Count the options that are no worse on all three counts of `front`, and better on one."""
    # A hair's breadth: a proposal is one of the options, and must not beat itself by rounding.
    hair = 1e-9
    worse = (among["population"] > found["population"] + hair) | (
        among[PEOPLE] > found[PEOPLE] + hair
    )
    worse |= among["smallest"] < found["smallest"]
    better = (among["population"] < found["population"] - hair) | (
        among[PEOPLE] < found[PEOPLE] - hair
    )
    better |= among["smallest"] > found["smallest"]
    return int((~worse & better).sum())


def _why_no_place(bid: Proposal, scores: Scores) -> str | None:
    if bid.status != COMPUTABLE:
        return bid.status
    if bid.reaches_outside:
        return "reaches outside the area: not among its options"
    if bid.n_unitaries == 1:
        return "one unitary: nothing to compare"
    if scores.options.find([codes for _, codes in bid.footprints]) is None:
        return "not contiguous by these links: not among the options"
    return None


def front(scores: Scores, k: int) -> pd.DataFrame:
    """Return the options of k unitaries that no other beats on all of three counts.

    The counts are population balance, demand balance by people, and the size of the smallest
    unitary.

    Returns
    -------
    pandas.DataFrame
        unitary_1 … unitary_k (council names), smallest, population, people; most even demand first.
    """
    table = scores.tables[k]
    if table.empty:
        return table
    counts = table[["population", PEOPLE, "smallest"]].to_numpy(dtype=float)
    rows = np.flatnonzero(moocore.is_nondominated(counts, maximise=[False, False, True]))
    best = scores.options.frame(k, rows).reset_index(drop=True)
    best = best.join(table.loc[rows, ["smallest", "population", PEOPLE]].reset_index(drop=True))
    return best.sort_values(PEOPLE, ignore_index=True)


def sensitivity(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return each proposal's percentile for demand balance under other choices.

    Returns
    -------
    pandas.DataFrame
        proposal_id, name, n_unitaries, and percentiles: as shown (all links, by people), by land
        links only, by spend, and by land and spend.
    """
    rows = {}
    for water, where in ((True, "all links"), (False, "land only")):
        table = standings(area_id, demand, score(area_id, demand, water_links=water))
        table = table.set_index(["proposal_id", "name", "n_unitaries"])
        rows[f"by people, {where}"] = table[f"{PEOPLE}_percentile"]
        rows[f"by spend, {where}"] = table[f"{SPEND}_percentile"]
    return pd.DataFrame(rows).reset_index()


def in_words(area_id: str, table: pd.DataFrame) -> list[str]:
    """Return where an area's proposals stand, in sentences computed from `standings`."""
    placed = table[table["note"].isna()]
    level = assumption("interval_level")
    words = []
    for _, row in placed.iterrows():
        low, high = row[f"{PEOPLE}_low"], row[f"{PEOPLE}_high"]
        hedge = (
            " Public data do not tell it from most other options."
            if is_inconclusive(low, high)
            else ""
        )
        words.append(
            f"“{row['name']}” ({row['n_unitaries']} unitaries) "
            f"{_place(row[f'{PEOPLE}_percentile'])} for demand imbalance by people among the "
            f"{row['others']:,} contiguous options of {row['n_unitaries']} unitaries; in "
            f"{level:.0%} of draws it lies between {low:.0f} and {high:.0f}.{hedge} The rates of "
            f"its unitaries are expected to differ by {row[PEOPLE]:.0%} of the area's. On "
            f"population balance it {_place(row['population_percentile'])}. "
            + (
                "No option is as good on both and on the size of the smallest unitary, and better "
                "on one."
                if row["beaten_by"] == 0
                else f"{row['beaten_by']:,.0f} "
                f"{'option is' if row['beaten_by'] == 1 else 'options are'} at least as good on "
                "both and on the size of the smallest unitary, and better on at least one."
            )
        )
    for note, part in table[table["note"].notna()].groupby("note", sort=False):
        names = phrases.listed(f"“{name}”" for name in part["name"])
        words.append(f"{names}: {note}.")
    land = by_land(area_id, table)
    if land:
        words.append(land)
    return words or [f"No proposal of {areas.get(area_id).name} can be placed."]


def by_land(area_id: str, table: pd.DataFrame) -> str | None:
    """Return where proposals stand when tidal water and ferries do not count; None if all the same.

    Parameters
    ----------
    area_id : str
        Slug of the area.
    table : pandas.DataFrame
        As `standings` returns it, with all links.
    """
    placed = table[table["note"].isna()]
    every, land = (contiguous_options(area_id, water_links=water) for water in (True, False))
    if placed.empty or every.counts() == land.counts():
        return None
    found = standings(area_id, of_england(), score(area_id, of_england(), False))
    found = found.set_index("proposal_id").loc[placed["proposal_id"]]
    parts = [
        f"“{row['name']}” "
        + (
            f"at {row[f'{PEOPLE}_percentile']:.0f} of {row['others']:,} options"
            if pd.isna(row["note"])
            else "is not contiguous"
        )
        for _, row in found.iterrows()
    ]
    return (
        "Many options exist only if tidal water and ferries count as links. By land alone, where "
        f"an island stands for itself: {'; '.join(parts)}."
    )


def _place(percentile: float) -> str:
    if percentile < 1:
        return "stands below the 1st percentile"
    if percentile > 99:
        return "stands above the 99th percentile"
    return f"stands at the {ordinal(percentile)} percentile"


def ordinal(number: float) -> str:
    """Return a number, rounded, as 1st, 2nd, 3rd, 4th …"""
    whole = round(number)
    ending = (
        {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
        if whole % 100 not in (11, 12, 13)
        else "th"
    )
    return f"{whole}{ending}"


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return `standings` for a page."""
    frame = pd.DataFrame({"proposal": table["name"], "unitaries": table["n_unitaries"]})
    frame["options of that number"] = table["others"]
    frame["smallest unitary"] = (
        table["smallest"].map("{:,.0f}".format).where(table["smallest"].notna(), "not computable")
    )
    for metric, label in METRICS.items():
        values = (
            table[metric].map("{:.0%}".format)
            + ", "
            + table[f"{metric}_percentile"].map("{:.0f}".format)
        )
        frame[f"{label}: spread, percentile"] = values.where(
            table[f"{metric}_percentile"].notna(),
            table[metric].map("{:.0%}, no place".format).where(table[metric].notna(), "–"),
        )
    frame["options at least as good on all three counts, better on one"] = (
        table["beaten_by"].map("{:,.0f}".format).where(table["beaten_by"].notna(), "–")
    )
    frame["note"] = table["note"].fillna("")
    return frame


def front_shown(scores: Scores, ks: list[int]) -> pd.DataFrame:
    """Return the options that no other beats, for a page, for each number of unitaries given."""
    rows = []
    for k in ks:
        for row in front(scores, k).itertuples():
            parts = [getattr(row, f"unitary_{i}") for i in range(1, k + 1)]
            rows.append(
                {
                    "unitaries": k,
                    "councils of each": "; ".join(f"({i}) {p}" for i, p in enumerate(parts, 1)),
                    "smallest unitary": row.smallest,
                    "population spread": f"{row.population:.0%}",
                    "demand spread": f"{row.people:.0%}",
                }
            )
    return pd.DataFrame(rows)


def sensitivity_shown(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return `sensitivity` for a page: percentiles, or a dash where there is none."""
    table = sensitivity(area_id, demand).drop(columns="proposal_id")
    for column in table.columns[2:]:
        table[column] = table[column].map("{:.0f}".format).where(table[column].notna(), "–")
    return table.rename(columns={"name": "proposal", "n_unitaries": "unitaries"})
