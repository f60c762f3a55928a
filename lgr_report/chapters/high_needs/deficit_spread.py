"""Deficit spread: how far the unitaries of one option differ, over all contiguous options.

What differs is the deficit over a year's high needs money. It is computed for several pairs of
rules, one for the deficit and one for the money (see `lgr_report.chapters.high_needs.deficits`).
"""

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs.deficits import FORMULA, FUNDINGS, PLANS, RULES, balances
from lgr_report.core.demand import of_england
from lgr_report.core.footprints import subset_sums
from lgr_report.core.options import contiguous_options
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

# Pairs of rules (deficit, money) that are shown over all options.
AS_PUBLISHED = (PLANS, PLANS)
PAIRS = {
    AS_PUBLISHED: "deficit and money by EHC plans, as published",
    **{(rule, FORMULA): f"deficit by {label}, money by formula" for rule, label in RULES.items()},
}


@once_per_batch
def every_option() -> pd.DataFrame:
    """Return how far the ratio differs within an option, over all contiguous options.

    Returns
    -------
    pandas.DataFrame
        area_id, n_unitaries, options, pair (label of `PAIRS`), alone (whether the county is the
        only authority of the area), area_ratio (deficit over a year's money of the whole area;
        negative: surplus), and of largest less smallest ratio within an
        option (expected over ``high_needs_draws`` draws; shares): mean, least, most over options.
    """
    demand, draws = of_england(), int(assumption("high_needs_draws"))
    rows = []
    for area_id in areas.ids():
        found = contiguous_options(area_id)
        held = balances(demand, found.graph.gss_codes, draws)
        alone = len(areas.authorities(area_id)) == 1
        area_ratio = held.deficit[0, 0].sum() / held.money[0, 0].sum()
        for rules, label in PAIRS.items():
            deficit = held.deficit[[*RULES].index(rules[0])]
            money = held.money[[*FUNDINGS].index(rules[1])]
            for k, masks in found.masks.items():
                if k > 1 and len(masks):
                    spread = _spread(deficit, money, masks)
                    ends = spread.mean(), spread.min(), spread.max()
                    rows.append((area_id, k, len(masks), label, alone, area_ratio, *ends))
    columns = ["area_id", "n_unitaries", "options", "pair", "alone", "area_ratio"]
    return pd.DataFrame(rows, columns=[*columns, "mean", "least", "most"])


def _spread(deficit: np.ndarray, money: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Return largest less smallest ratio of each option, averaged over draws (rows)."""
    if (deficit == deficit[0]).all() and (money == money[0]).all():
        deficit, money = deficit[:1], money[:1]
    total = np.zeros(len(masks))
    for over, under in zip(deficit, money, strict=True):
        below = subset_sums(under)
        below[0] = 1  # the empty footprint is in no option
        ratio = subset_sums(over) / below
        largest = ratio[masks[:, 0]]
        smallest = largest.copy()
        for column in masks.T[1:]:
            np.maximum(largest, ratio[column], out=largest)
            np.minimum(smallest, ratio[column], out=smallest)
        total += largest - smallest
    return total / len(deficit)


@once_per_batch
def by_number() -> pd.DataFrame:
    """Return how far ratios differ within an option, by pair of rules and number of unitaries.

    Returns
    -------
    pandas.DataFrame
        pair, n_unitaries, areas, mean, least, most, mean_alone: largest less smallest ratio within
        an option, over the area's ratio. The mean is over areas, each the mean of its options;
        least and most are over single options; mean_alone is over areas without a unitary of
        today. Areas whose balance is a surplus have no ratio to divide by, and are left out.
    """
    every = every_option()
    every = every[every["area_ratio"] > 0]
    for column in ("mean", "least", "most"):
        every = every.assign(**{column: every[column] / every["area_ratio"]})
    every = every.assign(mean_alone=every["mean"].where(every["alone"]))
    by_pair = every.groupby(["pair", "n_unitaries"], sort=False)
    found = by_pair.agg({"mean": "mean", "least": "min", "most": "max", "mean_alone": "mean"})
    found.insert(0, "areas", by_pair.size())
    return found.reset_index()
