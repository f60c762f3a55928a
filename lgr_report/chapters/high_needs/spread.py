"""Deficit spread: how far the unitaries of one option differ, over all contiguous options.

What differs is the deficit over a year's high needs money. It is computed for several pairs of
rules, one for the deficit and one for the money (see `lgr_report.chapters.high_needs.deficits`).
"""

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs.deficits import (
    FORMULA,
    FUNDINGS,
    PLANS,
    RULES,
    Holdings,
    balances,
)
from lgr_report.core.demand import Demand
from lgr_report.core.footprints import least_and_most, subset_sums
from lgr_report.core.options import contiguous_options
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

# Pairs of rules (deficit, money) that are shown over all options.
AS_PUBLISHED = (PLANS, PLANS)
PAIRS = {
    AS_PUBLISHED: "deficit and money by EHC plans, as published",
    **{(rule, FORMULA): f"deficit by {label}, money by formula" for rule, label in RULES.items()},
}


def every_option(demand: Demand, held: Holdings) -> pd.DataFrame:
    """Return how far the ratio differs within an option, over all contiguous options.

    Returns
    -------
    pandas.DataFrame
        area_id, n_unitaries, options, pair (label of `PAIRS`), alone (whether the county is the
        only authority of the area), area_ratio (deficit over a year's money of the whole area;
        negative: surplus), and of largest less smallest ratio within an option (expected over
        ``high_needs_draws`` draws; shares): mean, least, most over options.
    """
    draws, rows = int(assumption("high_needs_draws")), []
    for area_id in areas.ids():
        options = contiguous_options(area_id)
        divided = balances(demand, options.graph.gss_codes, draws, held)
        alone = len(areas.authorities(area_id)) == 1
        area_ratio = divided.deficit[0, 0].sum() / divided.money[0, 0].sum()
        for rules, label in PAIRS.items():
            deficit = divided.deficit[[*RULES].index(rules[0])]
            money = divided.money[[*FUNDINGS].index(rules[1])]
            for k, masks in options.masks.items():
                if k > 1 and len(masks):
                    apart = _apart(deficit, money, masks)
                    ends = apart.mean(), apart.min(), apart.max()
                    rows.append((area_id, k, len(masks), label, alone, area_ratio, *ends))
    columns = ["area_id", "n_unitaries", "options", "pair", "alone", "area_ratio"]
    return pd.DataFrame(rows, columns=[*columns, "mean", "least", "most"])


def _apart(deficit: np.ndarray, money: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Return largest less smallest ratio of each option, averaged over draws (rows)."""
    if (deficit == deficit[0]).all() and (money == money[0]).all():
        deficit, money = deficit[:1], money[:1]
    total = np.zeros(len(masks))
    for over, under in zip(deficit, money, strict=True):
        below = subset_sums(under)
        below[0] = 1  # the empty footprint is in no option
        smallest, largest = least_and_most(subset_sums(over) / below, masks)
        total += largest - smallest
    return total / len(deficit)


def by_number(every: pd.DataFrame) -> pd.DataFrame:
    """Return how far ratios differ within an option, by pair of rules and number of unitaries.

    Parameters
    ----------
    every : pandas.DataFrame
        As `every_option` returns it.

    Returns
    -------
    pandas.DataFrame
        pair, n_unitaries, areas, mean, least, most, mean_alone: largest less smallest ratio within
        an option, over the area's ratio. The mean is over areas, each the mean of its options;
        least and most are over single options; mean_alone is over areas without a unitary of
        today. Areas whose balance is a surplus have no ratio to divide by, and are left out.
    """
    every = every[every["area_ratio"] > 0]
    for column in ("mean", "least", "most"):
        every = every.assign(**{column: every[column] / every["area_ratio"]})
    every = every.assign(mean_alone=every["mean"].where(every["alone"]))
    by_pair = every.groupby(["pair", "n_unitaries"], sort=False)
    table = by_pair.agg({"mean": "mean", "least": "min", "most": "max", "mean_alone": "mean"})
    table.insert(0, "areas", by_pair.size())
    return table.reset_index()
