"""Fronts: the options that no other beats on population, demand and the smallest unitary.

Demand is counted by people and by spend: an option may be beaten by one and not by the other.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import moocore
import numpy as np
import pandas as pd

from lgr_report.core.variation import (
    MEASURES,
    PEOPLE,
    SPEND,
    STATISTICS,
    AreaDemand,
    area_demand,
    drawn_variation,
)

if TYPE_CHECKING:
    from lgr_report.core.scores import Scores

TOTALS = (PEOPLE, SPEND)
COUNTS = {"population": 1, "smallest": -1}  # 1: less is better; and demand, by people or by spend
DECIMALS = 9  # scores that differ by less are the same


def _compared(table: pd.DataFrame, total: str) -> np.ndarray:
    """Return options × counts, less being better, rounded: what differs by a hair is equal."""
    signs = {**COUNTS, total: 1}
    return table[[*signs]].to_numpy(dtype=float).round(DECIMALS) * [*signs.values()]


def beaten_by(table: pd.DataFrame, row: int, total: str = PEOPLE) -> int:
    """Return how many options beat one: no worse on any of three counts, and better on one.

    The counts are population balance, demand balance by ``total`` (people or spend), and the size
    of the smallest unitary.

    Parameters
    ----------
    table : pandas.DataFrame
        Options of as many unitaries, as in `Scores.tables`.
    row : int
        Of the one.
    total : str
        One of `TOTALS`.
    """
    counts = _compared(table, total)
    no_worse, better = counts <= counts[row], counts < counts[row]
    return int((no_worse.all(axis=1) & better.any(axis=1)).sum())


def on_front(table: pd.DataFrame, total: str = PEOPLE) -> np.ndarray:
    """Return for each option whether no other beats it (see `beaten_by`), whatever their number."""
    return moocore.is_nondominated(_compared(table, total), keep_weakly=True)


def front(scores: "Scores", k: int) -> pd.DataFrame:
    """Return the options of k unitaries that no other beats, by people or by spend.

    Returns
    -------
    pandas.DataFrame
        option (its row), unitary_1 … unitary_k (council names), smallest, population, people and
        spend (over all draws of demand, as a proposal's are), unbeaten (by people, by spend or by
        both), meets; most even demand by people first.
    """
    table = scores.tables[k]
    if table.empty:
        return table
    by = {total: on_front(table, total) for total in TOTALS}
    rows = np.flatnonzero(by[PEOPLE] | by[SPEND])
    best = scores.options.frame(k, rows).reset_index()
    best = best.join(table.loc[rows, ["smallest", "population", "meets"]].reset_index(drop=True))
    area = area_demand(scores.demand, scores.options.graph.gss_codes)
    spreads = [_spread(area, scores, masks) for masks in scores.options.masks[k][rows]]
    best[[*TOTALS]] = np.array(spreads)
    both = by[PEOPLE][rows] & by[SPEND][rows]
    best["unbeaten"] = np.where(
        both, "by both", np.where(by[PEOPLE][rows], f"by {PEOPLE}", f"by {SPEND}")
    )
    return best.sort_values(PEOPLE, ignore_index=True)


def _spread(area: AreaDemand, scores: "Scores", masks: np.ndarray) -> np.ndarray:
    """Return the spread of one option by each of `TOTALS`, as `score_proposal` has it."""
    footprints = [scores.options.footprints(mask) for mask in masks]
    worlds = area if scores.draws else replace(area, draws=area.estimate[None])
    drawn = drawn_variation(worlds, footprints).mean(axis=0)
    columns = [MEASURES.index(total) for total in TOTALS]
    return drawn[columns, STATISTICS.index("spread")]
