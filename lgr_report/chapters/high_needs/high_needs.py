"""High needs: which unitary would inherit how much of a deficit, against a year's money for it.

The published method shares a county's deficit by three years of spend on special educational needs
and divides a year's spend by the share: the lower, the riskier (CCN/Newton, pp74, 77). Here the
ratio is upside down, deficit over money, so that it exists for a surplus too, and the grant's high
needs block stands for spend. Several rules divide the deficit (see `deficits`): the
range over rules stands beside the interval of the estimate.

Where one rule divides both deficit and money, every part of a county has the county's ratio, by
arithmetic. Footprints then differ only by the unitaries of today that they take in. They differ
more once the deficit follows one rule and the money another, as grant paid by formula does.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs.deficit_spread import PAIRS, by_number
from lgr_report.chapters.high_needs.deficits import (
    FORMULA,
    MILLION,
    PLANS,
    RULES,
    Balances,
    accounts,
    balances,
    carried,
    later,
    pounds,
    reported,
)
from lgr_report.core import intervals
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import Claim
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import (
    LOWER,
    Footprints,
    Measurement,
    Metric,
    by_option,
    councils_of,
)
from lgr_report.core.options import Proposal, proposals
from lgr_report.core.variation import membership
from lgr_report.page import phrases
from lgr_report.page.phrases import listed
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

LARGEST = Metric(
    "deficit_largest",
    "Largest inherited deficit, whichever unitary (31 March 2024)",
    "£m",
    LOWER,
    "£{:,.1f}m",
)
WORST = Metric(
    "deficit_ratio_worst",
    "Worst deficit over a year's high needs money, whichever unitary",
    "% of a year's money",
    LOWER,
    "{:,.0f}%",
    short="worst deficit over a year's money",
)
RULE = Metric(
    "deficit_rule_spread",
    "How far the dividing rule moves a deficit",
    "£m",
    LOWER,
    "£{:,.1f}m",
    zero_for_one=True,
)
METRICS = (LARGEST, WORST, RULE)
SAME = 1e-6  # £m: an interval narrower than a pound is none


def _of_footprints(held: Balances, footprints: Sequence[Sequence[str]]) -> tuple[np.ndarray, ...]:
    """Return deficit and money by footprint: rules × draws × footprints, GBP."""
    member = membership(held.gss_codes, footprints).astype(float).T
    return held.deficit @ member, held.money @ member


def _ends(drawn: np.ndarray) -> tuple[float, float]:
    """Return the lowest and highest end, over rules, of the intervals over draws (last axis)."""
    low, high = intervals.ends(drawn, axis=-1)
    return float(low.min()), float(high.max())


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure one division of councils into footprints.

    Returns
    -------
    tuple of Measurement
        `LARGEST` (the largest deficit of a footprint), `WORST` (the largest deficit over a year's
        money), `RULE` (how far the rule alone moves the footprint that it moves most). The first
        two are expected over draws under the main rules, and their interval holds those of all
        the other rules.
    """
    held = balances(demand, councils_of(footprints))
    deficit, money = _of_footprints(held, footprints)
    largest = deficit.max(axis=-1)
    worst = (deficit[:, None] / money[None]).max(axis=-1)
    moved = np.ptp(deficit, axis=0).max(axis=-1)
    note = "; ".join(held.missing)
    if largest[0].mean() < 0:
        note = "every unitary in surplus: the smallest surplus, as a negative deficit"
    measurements = []
    for metric, drawn, main, scale in (
        (LARGEST, largest, largest[0], MILLION),
        (WORST, worst, worst[0, 0], 0.01),
        (RULE, moved, moved, MILLION),
    ):
        value, (low, high) = main.mean() / scale, (end / scale for end in _ends(drawn))
        measurements.append(metric.measured(value, min(low, value), max(high, value), note))
    return tuple(measurements)


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area, at the point estimates."""
    held = balances(here.demand, here.options.graph.gss_codes, draws=0)
    columns = [metric.metric for metric in METRICS]
    return by_option(
        {
            k: pd.DataFrame(of_masks(held, masks), columns=columns)
            for k, masks in here.options.masks.items()
        }
    )


def of_masks(held: Balances, masks: np.ndarray) -> np.ndarray:
    """Measure many options at once, on the draws of `held`.

    Parameters
    ----------
    held
        Balances of the area's councils; these are the bits, the first the lowest.
    masks
        Options × unitaries, as `lgr_report.core.options` makes them.

    Returns
    -------
    numpy.ndarray
        Options × `METRICS`, in the units of `measure`: the values without their intervals.
    """
    draws = held.deficit.shape[1]
    total = np.zeros((len(METRICS), len(masks)))
    for d in range(draws):
        deficit, money = subset_sums(held.deficit[:, d].T), subset_sums(held.money[0, d])
        money[0] = 1  # the empty footprint is in no option
        of_footprint = (
            deficit[:, 0] / MILLION,
            100 * deficit[:, 0] / money,
            np.ptp(deficit, axis=1) / MILLION,
        )
        for row, table in zip(total, of_footprint, strict=True):
            largest = table[masks[:, 0]]
            for column in masks.T[1:]:
                np.maximum(largest, table[column], out=largest)
            row += largest / draws
    return total.T


def footprint_table(
    demand: Demand, footprints: Sequence[tuple[str, Sequence[str]]], draws: int | None = None
) -> pd.DataFrame:
    """Return what each named footprint would inherit under every rule.

    Returns
    -------
    pandas.DataFrame
        unitary; a column for each of `RULES`: deficit, GBP million (EHC plans: mean over draws);
        low and high (ends of its interval under EHC plans), rule_range and interval_width (GBP
        million); money (a year's, by formula, GBP million); ratio (deficit by plans over that
        money), ratio_low and ratio_high (over draws and rules), as_published (both by plans).
        Ratios are shares: 0.5 is half a year's money.
    """
    held = balances(demand, [code for _, codes in footprints for code in codes], draws)
    deficit, money = _of_footprints(held, [codes for _, codes in footprints])
    ratio = deficit[:, None] / money[None]
    ends = intervals.ends(ratio, axis=2)
    table = pd.DataFrame(deficit.mean(axis=1).T / MILLION, columns=[*RULES])
    table["low"], table["high"] = intervals.ends(deficit[0]) / MILLION
    table["rule_range"] = np.ptp(table[[*RULES]].to_numpy(), axis=1)
    table["interval_width"] = table["high"] - table["low"]
    table["money"] = money[0].mean(axis=0) / MILLION
    table["ratio"], table["as_published"] = ratio[0, 0].mean(axis=0), ratio[0, 1].mean(axis=0)
    table["ratio_low"], table["ratio_high"] = ends[0].min(axis=(0, 1)), ends[1].max(axis=(0, 1))
    table.insert(0, "unitary", [name for name, _ in footprints])
    return table


def of_proposals(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return `footprint_table` for each computable proposal of an area.

    Returns
    -------
    pandas.DataFrame
        area_id, proposal_id, proposal (name), n_unitaries, then the columns of `footprint_table`.
        A proposal whose whole councils are not known is left out: `options.proposals` says why.
    """
    frames = [
        footprint_table(demand, bid.footprints).assign(
            area_id=area_id,
            proposal_id=bid.proposal_id,
            proposal=bid.name,
            n_unitaries=bid.n_unitaries,
        )
        for bid in proposals(area_id)
        if bid.footprints
    ]
    keys = ["area_id", "proposal_id", "proposal", "n_unitaries"]
    if not frames:
        return pd.DataFrame(columns=[*keys, "unitary", *RULES])
    table = pd.concat(frames, ignore_index=True)
    return table[[*keys, *table.columns.drop(keys)]]


@once_per_batch
def submitted() -> pd.DataFrame:
    """Return `of_proposals` for all areas, with the national estimate of demand."""
    demand = of_england()
    found = [of_proposals(area_id, demand) for area_id in areas.ids()]
    return pd.concat([table for table in found if len(table)], ignore_index=True)


def claims() -> tuple[Claim, ...]:
    """Return the claim for the one published figure on high needs (HN01, p74)."""
    return (
        Claim(
            "HN01",
            reason="three years of spend are a choice of method, not a finding; our tables hold "
            "one year's balance and no spend by district, so other periods cannot be tried",
            settled_by="each council's spend on special educational needs by district, by year",
        ),
    )


def in_words(area_id: str, demand: Demand) -> list[str]:
    """Return three paragraphs: the national result, this area's proposals, how far to trust it."""
    table = of_proposals(area_id, demand)
    return [_nationally(), _here(area_id, demand, table), _trust(area_id, table)]


def _nationally() -> str:
    table, spread = carried(), by_number().set_index(["pair", "n_unitaries"])
    county = table[table["council_type"] == "county"]
    other = table[table["council_type"] != "county"]
    owing, mixed = county[county["deficit"] > 0], spread.loc[PAIRS[(PLANS, FORMULA)]]
    few, many = mixed.index.min(), mixed.index.max()
    return (
        f"On 31 March 2024 {len(owing)} of {len(county)} county councils carried a deficit of the "
        f"dedicated schools grant, £{owing['deficit'].sum():,.0f}m together, and "
        f"{(county['deficit'] < 0).sum()} a surplus; of the {len(other)} unitaries of today in the "
        f"areas {(other['deficit'] > 0).sum()} carried a deficit. Where one rule divides deficit "
        "and money, as published (CCN/Newton, p74), all parts of a county have the county's ratio. "
        "With the deficit by EHC plans and the money by formula, the unitaries of an option differ "
        f"by {mixed.loc[few, 'mean']:.0%} of the area's ratio with {few} unitaries and "
        f"{mixed.loc[many, 'mean']:.0%} with {many}, averaged over all options of the "
        f"{mixed.loc[few, 'areas']} areas in deficit."
    )


def _here(area_id: str, demand: Demand, table: pd.DataFrame) -> str:
    held = accounts()
    today = listed(
        f"{held.loc[code, 'authority_name']} {pounds(held.loc[code, 'deficit'] / MILLION)}"
        for code in areas.authorities(area_id)["gss_code"]
    )
    words = [f"On 31 March 2024: {today}.{_later(area_id)}"]
    for bid in proposals(area_id):
        mine = table[table["proposal_id"] == bid.proposal_id]
        words.append(f"“{bid.name}”: {_handed_on(bid, mine, demand)}.")
    return " ".join(words)


def _handed_on(bid: Proposal, mine: pd.DataFrame, demand: Demand) -> str:
    if not bid.footprints:
        return bid.status
    measured = measure([codes for _, codes in bid.footprints], demand)
    largest, worst, _ = measured
    if pd.isna(largest.value):
        return f"not available ({largest.note})"
    if len(mine) == 1:
        return f"keeps it whole, {pounds(largest.value)}"
    if largest.value <= 0:
        return "every unitary would inherit a surplus"
    first, last = (mine.loc[mine[column].idxmax(), "unitary"] for column in (PLANS, "ratio"))
    own = accounts()["deficit"].reindex(bid.outside_councils) / MILLION
    outside = "".join(f"; a council of another area brings {pounds(value)}" for value in own)
    return (
        f"the largest deficit is expected to be {phrases.measured(largest)}, most likely in "
        f"{first}; the largest for a year's money {phrases.measured(worst)}, most likely in "
        f"{last}{outside}"
    )


def _trust(area_id: str, table: pd.DataFrame) -> str:
    split = table[table["interval_width"] > SAME] if len(table) else table
    moved, level = split.get("rule_range"), assumption("interval_level")
    text = (
        f"The choice of rule moves a unitary's part by up to £{moved.max():,.1f}m here, "
        f"£{moved.median():,.1f}m in the median; the {level:.0%} interval of the estimated EHC "
        f"plans is typically £{split['interval_width'].median():,.1f}m wide."
        if len(split)
        else "No computable proposal here divides a county's balance, so no rule matters."
    )
    text += (
        " Intervals cover the division of the balance, not the balance, which has moved since. "
        "It is of the whole grant after Safety Valve receipts; spend by district is not published, "
        "and the published three-year shares cannot be rebuilt."
    )
    return text


def _later(area_id: str) -> str:
    """Return the balances that were reported later, which the figures do not use."""
    names = accounts()["authority_name"]
    newer = [
        f"{names[row.gss_code]} {reported(row)}"
        for row in later(areas.authorities(area_id)["gss_code"].tolist()).itertuples()
    ]
    return f" Reported since, not used in the figures: {'; '.join(newer)}." if newer else ""
