"""Every option of an area scored, and where its proposals stand among them.

An option is scored on population balance, on how evenly it spreads demand, and on the size of its
smallest unitary. Lower spreads are more even; a proposal at the 80th percentile of a spread is less
even than four in five of the options with as many unitaries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import moocore
import numpy as np
import pandas as pd

from lgr_report import areas, tables
from lgr_report.areas import assumption
from lgr_report.demand import Demand, estimate
from lgr_report.options import (
    COMPUTABLE,
    Options,
    Proposal,
    contiguous_options,
    population_balance,
    proposals,
    standing,
)
from lgr_report.variation import (
    LABELS,
    MEASURES,
    PEOPLE,
    SPEND,
    STATISTIC_LABELS,
    STATISTICS,
    AreaDemand,
    area_demand,
    drawn_variation,
    option_band,
    variation,
    variation_of_masks,
)

SPREAD = STATISTICS.index("spread")
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
    unitary), and a column for each measure of demand (largest less smallest rate over the area's,
    expected over ``draws`` draws, or at the point estimates if that is 0; 0.2 is 20 %).
    """

    options: Options
    demand: AreaDemand
    draws: int
    tables: Mapping[int, pd.DataFrame]


@lru_cache(maxsize=1)
def _national_demand(fingerprint: str, draws: int) -> Demand:
    return estimate(draws)


def national_demand(draws: int | None = None) -> Demand:
    """Return the demand of every council of England, estimated once for the same tables."""
    draws = int(assumption("demand_draws")) if draws is None else draws
    return _national_demand(tables.fingerprint(), draws)


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
    balance = population_balance(found)
    scored = {}
    for k, masks in found.masks.items():
        table = balance[k].rename(columns={"spread": "population"})
        if k == 1:
            values = np.zeros((len(masks), len(MEASURES)))
        else:
            values = variation_of_masks(mine, masks, draws)[:, :, SPREAD]
        scored[k] = table.join(pd.DataFrame(values, columns=list(MEASURES)))
    return Scores(found, mine, draws, scored)


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
    spread = (
        variation_of_masks(mine, masks, draws)[0, :, SPREAD]
        if len(footprints) > 1
        else np.zeros(len(MEASURES))
    )
    sized = {
        "smallest": sizes.min(),
        "largest": sizes.max(),
        "population": (sizes.max() - sizes.min()) / sizes.mean(),
    }
    return pd.Series(sized | dict(zip(MEASURES, spread, strict=True)))


def standings(area_id: str, demand: Demand, scores: Scores) -> pd.DataFrame:
    """Return where each proposal of an area stands among the options of as many unitaries.

    Returns
    -------
    pandas.DataFrame
        One row a proposal: proposal_id, name, n_unitaries, status, note (why it has no percentile),
        others (options of that number), smallest, for each of `METRICS` its value and percentile
        (0 is most even), and beaten_by (options that are no worse on population balance, demand
        balance by people and smallest unitary, and better on one). What cannot be computed is
        missing.
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
    for metric in METRICS:
        row[metric] = np.nan if found is None else found[metric]
        placed = found is not None and row["note"] is None and not np.isnan(found[metric])
        among = scores.tables[bid.n_unitaries][metric] if placed else None
        row[f"{metric}_percentile"] = standing(found[metric], among) if placed else np.nan
    row["beaten_by"] = np.nan if row["note"] else _beaten_by(found, scores.tables[bid.n_unitaries])
    return row


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


def submitted(demand: Demand) -> tuple[pd.DataFrame, np.ndarray]:
    """Return how unevenly every computable submitted proposal of two or more unitaries spreads.

    Returns
    -------
    pandas.DataFrame
        area_id, proposal_id, n_unitaries, band (of the mean unitary), row_status.
    numpy.ndarray
        Proposals × draws × measures × statistics.
    """
    rows, drawn = [], []
    for area_id in areas.ids():
        for bid in proposals(area_id):
            if len(bid.footprints) < 2:
                continue
            footprints = [codes for _, codes in bid.footprints]
            mine = area_demand(demand, [code for codes in footprints for code in codes])
            band = option_band(mine.residents.sum(), len(footprints))
            rows.append((area_id, bid.proposal_id, len(footprints), band, bid.row_status))
            drawn.append(drawn_variation(mine, footprints))
    columns = ["area_id", "proposal_id", "n_unitaries", "band", "row_status"]
    return pd.DataFrame(rows, columns=columns), np.stack(drawn)


def bands(demand: Demand) -> pd.DataFrame:
    """Return mean variation of the submitted proposals by size band, with intervals.

    Returns
    -------
    pandas.DataFrame
        band, measure, statistic, proposals, mean, low, high (shares; the interval is that of the
        mean over these proposals, from the draws of demand).
    """
    table, drawn = submitted(demand)
    level = assumption("interval_level")
    rows = []
    for band, part in table.groupby("band"):
        means = drawn[part.index].mean(axis=0)
        low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
        for i, measure in enumerate(MEASURES):
            for j, statistic in enumerate(STATISTICS):
                rows.append(
                    {
                        "band": band,
                        "measure": measure,
                        "statistic": statistic,
                        "proposals": len(part),
                        "mean": means[:, i, j].mean(),
                        "low": low[i, j],
                        "high": high[i, j],
                    }
                )
    return pd.DataFrame(rows)


def every_option(demand: Demand, draws: int | None = None) -> pd.DataFrame:
    """Return mean variation over all contiguous options, by area and number of unitaries.

    Returns
    -------
    pandas.DataFrame
        area_id, n_unitaries, options, band, in_design (whether the published national analysis
        would have a map of this area and number: two or three always, four and five only above
        ``design_min_population``), and one column a measure and statistic, as "people spread".
    """
    draws = int(assumption("option_draws")) if draws is None else draws
    least = assumption("design_min_population")
    rows = []
    for area_id in areas.ids():
        found = contiguous_options(area_id)
        mine = area_demand(demand, found.graph.gss_codes)
        total = mine.residents.sum()
        for k, masks in found.masks.items():
            if k == 1 or not len(masks):
                continue
            means = variation_of_masks(mine, masks, draws).mean(axis=0)
            row = {
                "area_id": area_id,
                "n_unitaries": k,
                "options": len(masks),
                "band": option_band(total, k),
                "in_design": bool(k <= 3 or total > least),
            }
            for i, measure in enumerate(MEASURES):
                row |= {f"{measure} {s}": means[i, j] for j, s in enumerate(STATISTICS)}
            rows.append(row)
    return pd.DataFrame(rows)


def proposal_variation(bid: Proposal, demand: Demand) -> pd.DataFrame:
    """Return the three statistics of one computable proposal, by measure, with intervals."""
    footprints = [codes for _, codes in bid.footprints]
    return variation(area_demand(demand, [c for codes in footprints for c in codes]), footprints)


def variations(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return the variation of each computable proposal for a page: a row a proposal and measure."""
    level = assumption("interval_level")
    rows = []
    for bid in proposals(area_id):
        if len(bid.footprints) < 2:
            why = bid.status if bid.status != COMPUTABLE else "one unitary: nothing varies"
            rows.append({"proposal": bid.name, "measure": why})
            continue
        for measure, part in proposal_variation(bid, demand).groupby("measure", sort=False):
            row = {"proposal": bid.name, "measure": LABELS[measure]}
            for r in part.itertuples():
                row[STATISTIC_LABELS[r.statistic]] = (
                    f"{r.expected:.0%} ({r.low:.0%} to {r.high:.0%})"
                    if r.expected == r.expected
                    else "total not published"
                )
            rows.append(row)
    table = pd.DataFrame(rows, columns=["proposal", "measure", *STATISTIC_LABELS.values()])
    return table.fillna("–").rename(
        columns={label: f"{label}, {level:.0%} interval" for label in STATISTIC_LABELS.values()}
    )


def in_words(area_id: str, table: pd.DataFrame) -> list[str]:
    """Return where an area's proposals stand, in sentences computed from `standings`."""
    placed = table[table["note"].isna()]
    words = [
        f"“{row['name']}” ({row['n_unitaries']} unitaries) "
        f"{_place(row[f'{PEOPLE}_percentile'])} for demand imbalance by people among the "
        f"{row['others']:,} contiguous options of {row['n_unitaries']} unitaries: its rates differ "
        f"by {row[PEOPLE]:.0%} of the area's. On population balance it "
        f"{_place(row['population_percentile'])}. "
        + (
            "No option beats it on both and on the size of its smallest unitary."
            if row["beaten_by"] == 0
            else f"{areas.count(int(row['beaten_by']), 'option')} "
            f"{'is' if row['beaten_by'] == 1 else 'are'} no worse on both and on the size of the "
            "smallest unitary, and better on one."
        )
        for _, row in placed.iterrows()
    ]
    for note, part in table[table["note"].notna()].groupby("note", sort=False):
        names = areas.listed(f"“{name}”" for name in part["name"])
        words.append(f"{names}: {note}.")
    return words or [f"No proposal of {areas.get(area_id).name} can be placed."]


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
    frame["beaten on all counts by"] = (
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
