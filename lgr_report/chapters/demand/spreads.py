"""How unevenly demand is spread by what was submitted, and by every option of the country.

`lgr_report.core.scores` asks how even an option is beside the others of its area. Here the
question is the published one: how much demand varies between unitaries, by size band, by service
and by statistic (see `lgr_report.core.variation`). Published (CCN/Newton, October 2025, p38):
average demand variation of 21 % where unitaries have 300,000 people or fewer and 12 % above
500,000, least at 500,000 and more for every service, and most for SEND. Which statistic was taken
is not known: three are set beside it.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.options import contiguous_options
from lgr_report.core.proposals import COMPUTABLE, Proposal, proposals
from lgr_report.core.regression import Regression
from lgr_report.core.variation import (
    MEASURES,
    PEOPLE,
    STATISTICS,
    area_demand,
    drawn_variation,
    option_band,
    variation,
    variation_of_masks,
)
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption


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
    for bid in (bid for area_id in areas.ids() for bid in proposals(area_id)):
        unitaries = len(bid.footprints)
        if unitaries > 1:
            area = area_demand(demand, bid.gss_codes)
            band = option_band(area.residents.sum(), unitaries)
            rows.append((bid.area_id, bid.proposal_id, unitaries, band, bid.row_status))
            drawn.append(drawn_variation(area, bid.division))
    columns = ["area_id", "proposal_id", "n_unitaries", "band", "row_status"]
    return pd.DataFrame(rows, columns=columns), np.stack(drawn)


def bands(bids: pd.DataFrame, drawn: np.ndarray) -> pd.DataFrame:
    """Return mean variation of the submitted proposals by size band, with intervals.

    Parameters
    ----------
    bids, drawn
        As `submitted` returns them.

    Returns
    -------
    pandas.DataFrame
        band, measure, statistic, proposals, mean, low, high (shares; the interval is that of the
        mean over these proposals, from the draws of demand).
    """
    index = pd.MultiIndex.from_product([MEASURES, STATISTICS], names=["measure", "statistic"])
    parts = {}
    for band, part in bids.groupby("band"):
        means = drawn[part.index].mean(axis=0)
        low, high = intervals.ends(means)
        values = {"mean": means.mean(axis=0), "low": low, "high": high}
        columns = {name: value.ravel() for name, value in values.items()}
        parts[band] = pd.DataFrame({"proposals": len(part)} | columns, index=index)
    return pd.concat(parts, names=["band"]).reset_index()


def differences(bids: pd.DataFrame, drawn: np.ndarray) -> pd.DataFrame:
    """Return by how much total variation is greater in the smallest band than in the largest.

    Both bands stand in the same draws, so the difference has an interval of its own.

    Parameters
    ----------
    bids, drawn
        As `submitted` returns them.

    Returns
    -------
    pandas.DataFrame
        Index statistic; mean, low, high (shares).
    """
    total = drawn[:, :, MEASURES.index(PEOPLE)]
    small, _, large = areas.size_bands()
    means = [total[np.flatnonzero(bids["band"] == band)].mean(axis=0) for band in (small, large)]
    falls = means[0] - means[1]
    rows = [intervals.around(falls[:, s]) for s in range(len(STATISTICS))]
    index = pd.Index(STATISTICS, name="statistic")
    return pd.DataFrame(rows, index, ["mean", "low", "high"])


def at_equal_numbers(bids: pd.DataFrame, drawn: np.ndarray) -> pd.DataFrame:
    """Return the smallest band less the largest at equal numbers of unitaries.

    A largest less a smallest rate grows with the number of rates, whatever their size, and small
    unitaries come in greater number. So the mean variation of each bid is regressed on its number
    of unitaries (a level for each) and its band. The interval (HC3) is that of other bids that
    might have been made, not of draws.

    Parameters
    ----------
    bids, drawn
        As `submitted` returns them.

    Returns
    -------
    pandas.DataFrame
        As `differences` returns it.
    """
    total = drawn[:, :, MEASURES.index(PEOPLE)].mean(axis=1)
    small, _, large = areas.size_bands()
    levels = pd.get_dummies(bids[["n_unitaries", "band"]].astype(str), dtype=float)
    # The constant stands for the largest band, and for one of the numbers.
    matrix = levels.drop(columns=[f"band_{large}", levels.columns[0]]).assign(constant=1.0)
    rows = []
    for s in range(len(STATISTICS)):
        fitted = OLS(total[:, s], matrix).fit(cov_type="HC3", use_t=True)
        found = Regression(fitted).coefficient(f"band_{small}")
        rows.append((found.value, found.low, found.high))
    index = pd.Index(STATISTICS, name="statistic")
    return pd.DataFrame(rows, index, ["mean", "low", "high"])


def inside(bands: pd.DataFrame, published: pd.Series) -> pd.DataFrame:
    """Return whether each published figure lies in the interval of each statistic.

    Parameters
    ----------
    bands : pandas.DataFrame
        As `bands` returns it.
    published : pandas.Series
        Per cent, by band; missing where nothing was published.

    Returns
    -------
    pandas.DataFrame
        Statistics × the bands for which a figure was published: true or false.
    """
    total = bands[bands["measure"] == PEOPLE]
    wide = total.pivot_table(index="statistic", columns="band", values=["low", "high"])
    share = published.dropna() / 100
    low, high = (wide[end].loc[[*STATISTICS], share.index] for end in ("low", "high"))
    return low.le(share) & high.ge(share)


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
    names = [f"{measure} {statistic}" for measure in MEASURES for statistic in STATISTICS]
    rows = []
    for area_id in areas.ids():
        options = contiguous_options(area_id)
        area = area_demand(demand, options.graph.gss_codes)
        total = area.residents.sum()
        for k, masks in options.masks.items():
            if k == 1 or not len(masks):
                continue
            row = {
                "area_id": area_id,
                "n_unitaries": k,
                "options": len(masks),
                "band": option_band(total, k),
                "in_design": bool(k <= 3 or total > least),
            }
            means = variation_of_masks(area, masks, draws).mean(axis=0)
            rows.append(row | dict(zip(names, means.ravel(), strict=True)))
    return pd.DataFrame(rows)


def design_by_band(every: pd.DataFrame, statistic: str = "spread") -> pd.Series:
    """Return the mean total variation of all options by band, built like the published design.

    Options are averaged within an area and number of unitaries first, so that an area with many
    options counts no more than one with few.
    """
    inside = every[every["in_design"]]
    return inside.groupby("band")[f"{PEOPLE} {statistic}"].mean().reindex([*areas.size_bands()])


def submitted_totals(bands: pd.DataFrame) -> pd.Series:
    """Return total variation of submitted proposals by statistic and band (shares)."""
    return bands[bands["measure"] == PEOPLE].set_index(["statistic", "band"])["mean"]


def design_totals(every: pd.DataFrame) -> pd.Series:
    """Return total variation of all options by statistic and band (shares)."""
    parts = {statistic: design_by_band(every, statistic) for statistic in STATISTICS}
    return pd.concat(parts, names=["statistic", "band"])


def nearest_statistic(totals: pd.Series, published: pd.Series) -> str:
    """Return the statistic that lies nearest the published figures.

    Parameters
    ----------
    totals : pandas.Series
        Total variation (shares) by statistic and band. Each published figure weighs the same,
        however few proposals a band holds.
    published : pandas.Series
        Per cent, by band; missing where nothing was published.
    """
    distance = {
        statistic: (100 * totals[statistic] - published.dropna()).abs().sum()
        for statistic in STATISTICS
    }
    return min(distance, key=distance.get)


def variations(bids: Iterable[Proposal], demand: Demand) -> pd.DataFrame:
    """Return how unevenly each proposal spreads demand, by measure and statistic.

    Returns
    -------
    pandas.DataFrame
        proposal_id, proposal (name), note, and the columns of `variation.variation`. A proposal
        that cannot vary has one row, with nothing but a note that says why.
    """
    figures = ["measure", "statistic", "expected", "low", "high", "from_point"]
    parts = []
    for bid in bids:
        if len(bid.footprints) > 1:
            part = variation(area_demand(demand, bid.gss_codes), bid.division).assign(note="")
        else:
            why = bid.status if bid.status != COMPUTABLE else "one unitary: nothing varies"
            part = pd.DataFrame({"note": [why]})
        parts.append(part.assign(proposal_id=bid.proposal_id, proposal=bid.name))
    # Where no proposal varies, no part brings the columns of one that does.
    table = pd.concat(parts, ignore_index=True)
    return table.reindex(columns=["proposal_id", "proposal", "note", *figures])
