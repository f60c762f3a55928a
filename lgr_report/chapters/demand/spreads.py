"""How unevenly demand is spread by what was submitted, and by every option of the country.

`lgr_report.core.scores` asks how even an option is beside the others of its area. Here the
question is the published one: how much demand varies between unitaries, by size band, by service
and by statistic (see `lgr_report.core.variation`).
"""

import numpy as np
import pandas as pd

from lgr_report.core import intervals
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.options import contiguous_options
from lgr_report.core.proposals import COMPUTABLE, Proposal, proposals
from lgr_report.core.variation import (
    LABELS,
    MEASURES,
    STATISTIC_LABELS,
    STATISTICS,
    area_demand,
    drawn_variation,
    option_band,
    variation,
    variation_of_masks,
)
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch


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
    rows = []
    for band, part in table.groupby("band"):
        means = drawn[part.index].mean(axis=0)
        low, high = intervals.ends(means)
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


def national_options(demand: Demand | None = None, draws: int = 20) -> pd.DataFrame:
    """Return `every_option`, computed once for the same tables and numbers of draws.

    Parameters
    ----------
    demand : Demand, optional
        As `national_demand` returns it (the default), of any number of draws.
    draws : int
        Draws over which the options are averaged; a mean over so many options needs few.
    """
    demand = of_england() if demand is None else demand
    return _national_options(len(demand.draws), draws)


@once_per_batch
def _national_options(demand_draws: int, draws: int) -> pd.DataFrame:
    return every_option(of_england(demand_draws), draws)


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
