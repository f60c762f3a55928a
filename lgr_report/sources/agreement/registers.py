"""Weights that sum, and assumptions in their order."""

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from lgr_report.sources.agreement.relations import at, between
from lgr_report.sources.contract import Problem


@between("risks", "risk_maturity")
def weights_of_maturity_sum_to_one(risks: pd.DataFrame, links: pd.DataFrame) -> Iterator[Problem]:
    """The weights of the maturity areas that bear on a risk sum to one."""
    sums = links.groupby("risk_id")["weight"].sum()
    for index, name in risks["risk_id"].items():
        if abs(sums.get(name, 0) - 1) > 1e-9:
            says = f"its weights in risk_maturity.csv sum to {sums.get(name, 0):g}, not to 1"
            yield at("risks", risks, index, "risk_id", says)


@between("assumptions")
def assumptions_are_ordered(assumptions: pd.DataFrame) -> Iterator[Problem]:
    """Bands, cuts and spreads rise in the order in which they are used."""
    rising: tuple[tuple[str, ...], ...] = (
        ("band_small_max", "band_medium_max"),
        ("survey_min_respondents", "survey_max_respondents"),
        ("maturity_cut_1", "maturity_cut_2", "maturity_cut_3"),
        ("spread_high", "spread_medium", "spread_low"),
    )
    where = {name: index for index, name in assumptions["assumption_id"].items()}
    for names in rising:
        for lower, upper in pairwise(names):
            if lower not in where or upper not in where:
                continue
            least = assumptions.loc[where[lower], "value"]
            if assumptions.loc[where[upper], "value"] <= least:
                says = f"must be above {lower}, which is {least:g}"
                yield at("assumptions", assumptions, where[upper], "value", says)
