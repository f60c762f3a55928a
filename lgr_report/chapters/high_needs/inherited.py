"""Inherited deficits: what each unitary of a division would take over, against a year's money.

The published method shares a county's deficit by three years of spend on special educational needs
and divides a year's spend by the share: the lower, the riskier (CCN/Newton, pp74, 77). Here the
ratio is upside down, deficit over money, so that it exists for a surplus too, and the grant's high
needs block stands for spend. Several rules divide the deficit (see `deficits`): the range over
rules stands beside the interval of the estimate.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs.deficits import MILLION, RULES, Balances, Holdings, balances
from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.footprints import least_and_most, subset_sums
from lgr_report.core.metrics import (
    LOWER,
    Footprints,
    Measurement,
    Metric,
    by_option,
    councils_of,
)
from lgr_report.core.proposals import Proposal
from lgr_report.core.variation import membership

LARGEST = Metric(
    "deficit_largest",
    "Largest inherited deficit, whichever unitary (31 March 2024)",
    "£m",
    LOWER,
    "£{:,.1f}m",
    moves_with_number=True,
)
WORST = Metric(
    "deficit_ratio_worst",
    "Worst deficit over a year's high needs money, whichever unitary",
    "% of a year's money",
    LOWER,
    "{:,.0f}%",
    moves_with_number=True,
    short="worst deficit over a year's money",
)
# Not better if lower: it says how far a choice of ours goes, not how well a division does.
RULE = Metric(
    "deficit_rule_spread",
    "How far the dividing rule moves an expected deficit",
    "£m",
    style="£{:,.1f}m",
    zero_for_one=True,
)
METRICS = (LARGEST, WORST, RULE)


def _of_footprints(divided: Balances, footprints: Footprints) -> tuple[np.ndarray, ...]:
    """Return deficit and money by footprint: rules × draws × footprints, GBP."""
    member = membership(divided.gss_codes, footprints).astype(float).T
    return divided.deficit @ member, divided.money @ member


def _ends(drawn: np.ndarray) -> tuple[float, float]:
    """Return the lowest and highest end, over rules, of the intervals over draws (last axis)."""
    low, high = intervals.ends(drawn, axis=-1)
    return float(low.min()), float(high.max())


def measure(
    footprints: Footprints, demand: Demand, held: Holdings | None = None
) -> tuple[Measurement, ...]:
    """Measure one division of councils into footprints.

    Returns
    -------
    tuple of Measurement
        `LARGEST` (of the footprint that is expected to inherit most), `WORST` (of the one with most
        for a year's money), `RULE` (how far the rule alone moves what the footprint that it moves
        most is expected to inherit: the largest ``rule_range`` of `by_unitary`). The first two are
        expected over draws under the main rules, and their interval holds those of all the other
        rules; they are drawn under every rule. They are rows of `by_unitary`: the mean of the
        largest of every draw would be more than any unitary is expected to inherit.
    """
    divided = balances(demand, councils_of(footprints), held=held)
    deficit, money = _of_footprints(divided, footprints)
    ratio = deficit[:, None] / money[None]
    largest = deficit[..., deficit[0].mean(axis=0).argmax()]
    worst = ratio[..., ratio[0, 0].mean(axis=0).argmax()]
    moved = _moved(deficit).max()
    note = "; ".join(divided.missing)
    if largest[0].mean() < 0:
        note = "every unitary in surplus: the smallest surplus, as a negative deficit"
    measurements = []
    for metric, drawn, main, scale in (
        (LARGEST, largest, largest[0], MILLION),
        (WORST, worst, worst[0, 0], 0.01),
    ):
        value, (low, high) = main.mean() / scale, (end / scale for end in _ends(drawn))
        ends = min(low, value), max(high, value)
        by_rule = drawn.reshape(-1, drawn.shape[-1]) / scale
        measurements.append(metric.measured(value, *ends, note, by_rule))
    return (*measurements, RULE.measured(moved / MILLION, note=note))


def _moved(deficit: np.ndarray) -> np.ndarray:
    """Return how far the rule moves each footprint's expected deficit: rules × draws × footprints.

    Draws are averaged first: the range over rules in every draw holds the noise of the estimated
    plans too, which is no matter of the rule.
    """
    return np.ptp(deficit.mean(axis=1), axis=0)


def measure_options(here: Divisions, held: Holdings | None = None, draws: int = 0) -> pd.DataFrame:
    """Measure every option of an area, by default at the point estimates."""
    divided = balances(here.demand, here.options.graph.gss_codes, draws, held)
    columns = [metric.metric for metric in METRICS]
    return by_option(
        {
            k: pd.DataFrame(of_masks(divided, masks), columns=columns)
            for k, masks in here.options.masks.items()
        }
    )


def of_masks(divided: Balances, masks: np.ndarray) -> np.ndarray:
    """Measure many options at once, on the draws of the balances.

    Parameters
    ----------
    divided
        Balances of the area's councils; these are the bits, the first the lowest.
    masks
        Options × unitaries, as `lgr_report.core.options` makes them.

    Returns
    -------
    numpy.ndarray
        Options × `METRICS`, in the units of `measure`: the values without their intervals.
    """
    expected = subset_sums(divided.deficit.mean(axis=1).T) / MILLION
    ratio = np.zeros(len(expected))
    for owed, received in zip(divided.deficit[0], divided.money[0], strict=True):
        money = subset_sums(received)
        money[0] = 1  # the empty footprint is in no option
        ratio += 100 * subset_sums(owed) / money / len(divided.deficit[0])
    of_footprint = expected[:, 0], ratio, np.ptp(expected, axis=1)
    return np.column_stack([least_and_most(table, masks)[1] for table in of_footprint])


def by_unitary(
    demand: Demand,
    footprints: Sequence[tuple[str, Sequence[str]]],
    held: Holdings | None = None,
) -> pd.DataFrame:
    """Return what each named footprint would inherit under every rule.

    Returns
    -------
    pandas.DataFrame
        unitary; a column for each of `RULES`: deficit, GBP million (EHC plans: mean over draws);
        low and high (ends of its interval under EHC plans), lowest and highest (over draws and
        rules), rule_range and interval_width (GBP million); money (a year's, by formula, GBP
        million); ratio (deficit by plans over that money), ratio_low and ratio_high (over draws
        and rules), as_published (both by plans).
        Ratios are shares: 0.5 is half a year's money.
    """
    groups = [codes for _, codes in footprints]
    deficit, money = _of_footprints(balances(demand, councils_of(groups), held=held), groups)
    ratio = deficit[:, None] / money[None]
    ends = intervals.ends(ratio, axis=2)
    table = pd.DataFrame(deficit.mean(axis=1).T / MILLION, columns=[*RULES])
    table["low"], table["high"] = intervals.ends(deficit[0]) / MILLION
    over_rules = intervals.ends(deficit, axis=1) / MILLION
    table["lowest"], table["highest"] = over_rules[0].min(axis=0), over_rules[1].max(axis=0)
    table["rule_range"] = _moved(deficit) / MILLION
    table["interval_width"] = table["high"] - table["low"]
    table["money"] = money[0].mean(axis=0) / MILLION
    table["ratio"], table["as_published"] = ratio[0, 0].mean(axis=0), ratio[0, 1].mean(axis=0)
    table["ratio_low"], table["ratio_high"] = ends[0].min(axis=(0, 1)), ends[1].max(axis=(0, 1))
    table.insert(0, "unitary", [name for name, _ in footprints])
    return table


def of_proposals(
    proposals: Sequence[Proposal], demand: Demand, held: Holdings | None = None
) -> pd.DataFrame:
    """Return `by_unitary` for each computable proposal.

    Returns
    -------
    pandas.DataFrame
        area_id, proposal_id, proposal (name), n_unitaries, then the columns of `by_unitary`. A
        proposal whose whole councils are not known is left out: its status says why.
    """
    keys = ["area_id", "proposal_id", "proposal", "n_unitaries"]
    frames = [
        by_unitary(demand, proposal.footprints, held).assign(
            area_id=proposal.area_id,
            proposal_id=proposal.proposal_id,
            proposal=proposal.name,
            n_unitaries=proposal.n_unitaries,
        )
        for proposal in proposals
        if proposal.footprints
    ]
    if not frames:
        return pd.DataFrame(columns=[*keys, "unitary", *RULES])
    table = pd.concat(frames, ignore_index=True)
    return table[[*keys, *table.columns.drop(keys)]]
