"""Unit cost: what a change in the size of authorities would do to the bill for the same care.

The published report applies predicted(unitary) ÷ predicted(county) to placements (CCN/Newton,
pp52–56). Deprivation, income and region of a place stay what they are when councils are redrawn,
so what is left of the ratio is (residents of the unitary ÷ residents of the authority that pays
today) to the power of the elasticity of `lgr_report.chapters.unit_cost.elasticity`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from lgr_report.chapters.unit_cost import economies, elasticity
from lgr_report.chapters.unit_cost.economies import (
    change,
    elasticities,
    money,
    signed,
    with_interval,
)
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import Claim
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import (
    LOWER,
    Footprints,
    Measurement,
    Metric,
    by_option,
)
from lgr_report.core.options import contiguous_options, proposals
from lgr_report.page import phrases
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.services import SERVICES, people

INCOME_FINDING = "UC04"


@dataclass(frozen=True, eq=False)
class Spend:
    """What councils' residents cost today, and who pays.

    ``amount`` is councils × authorities, gross spend of 2024-25 on the series of
    `elasticity.in_total` in GBP million a year: a council's place is in the column of its present
    authority, missing (NaN) if that did not report. ``residents`` are those of the councils,
    ``present`` those of the whole authorities, named in ``authorities``.
    """

    gss_codes: tuple[str, ...]
    amount: np.ndarray
    residents: np.ndarray
    present: np.ndarray
    authorities: tuple[str, ...]

    @property
    def not_reported(self) -> list[str]:
        """Authorities whose spend is missing."""
        missing = np.isnan(self.amount).any(axis=0)
        return [name for name, gone in zip(self.authorities, missing, strict=True) if gone]


def spend_of(demand: Demand, gss_codes: Iterable[str]) -> Spend:
    """Return the spend on councils' residents.

    An authority's reported spend is shared among its districts by their estimated demand for the
    service (by residents of the ages served, where it published no total); a unitary has its own.
    """
    chosen = demand.select(gss_codes)
    names, group = np.unique(chosen.authority.astype(str), return_inverse=True)
    figures = demand.authorities.loc[names].iloc[group]
    published = elasticity.spend().reindex(names).iloc[group]
    amount = np.zeros(len(group))
    for name, row in elasticity.series().loc[elasticity.in_total()].iterrows():
        place = [service.service for service in SERVICES].index(row["service"])
        share = chosen.estimate[:, place] / figures[row["service"]].to_numpy(dtype=float)
        by_age = chosen.people[:, place] / people(figures, SERVICES[place]).to_numpy(dtype=float)
        amount += np.where(np.isnan(share), by_age, share) * published[name].to_numpy()
    whole = demand.authorities.loc[names]
    return Spend(
        gss_codes=chosen.gss_codes,
        amount=np.where(group[:, None] == np.arange(len(names)), amount[:, None], 0.0),
        residents=chosen.residents.astype(float),
        present=whole["residents"].to_numpy(dtype=float),
        authorities=tuple(whole["authority_name"]),
    )


def of_masks(spend: Spend, masks: np.ndarray) -> np.ndarray:
    """Return the change of each of many options: options × (value, low, high), GBP million a year.

    Parameters
    ----------
    spend
        As `spend_of` returns it; its councils are the bits, the first the lowest.
    masks
        Options × unitaries, as `lgr_report.core.options` makes them: not checked here.
    """
    residents = subset_sums(spend.residents)
    residents[0] = 1  # the empty footprint is in no option
    table = change(subset_sums(spend.amount), residents, spend.present, elasticities())
    total = sum(table[:, column] for column in masks.T)
    return with_interval(total).T


CHANGE = Metric(
    "unit_cost_change",
    "change in spend on care from unit costs",
    "GBP million a year",
    LOWER,
    "£{:,.1f}m",
    short="unit cost of care",
)


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure one division of councils: change in spend from unit cost, GBP million a year."""
    value, low, high = with_interval(_of_footprints(footprints, demand, elasticities()))
    missing = phrases.listed(spend_of(demand, _all(footprints)).not_reported)
    note = f"{missing} did not report spend" if np.isnan(value) else ""
    return (CHANGE.measured(value, low, high, note),)


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area: see `core.chapter.Chapter`."""
    spend = spend_of(here.demand, here.options.graph.gss_codes)
    columns = [CHANGE.metric, f"{CHANGE.metric}_low", f"{CHANGE.metric}_high"]
    return by_option(
        {
            k: pd.DataFrame(of_masks(spend, masks), columns=columns)
            for k, masks in here.options.masks.items()
        }
    )


def _all(footprints: Sequence[Sequence[str]]) -> list[str]:
    return [code for codes in footprints for code in codes]


def _of_footprints(
    footprints: Sequence[Sequence[str]], demand: Demand, at: np.ndarray
) -> np.ndarray:
    """Return the change of one option at some elasticities."""
    spend = spend_of(demand, _all(footprints))
    ends = np.cumsum([0, *(len(codes) for codes in footprints)])
    parts = [slice(start, end) for start, end in pairwise(ends)]
    amount = np.stack([spend.amount[part].sum(axis=0) for part in parts])
    residents = np.array([spend.residents[part].sum() for part in parts])
    return change(amount, residents, spend.present, at).sum(axis=1)


def of_proposals(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return the change of every proposal of an area.

    Returns
    -------
    pandas.DataFrame
        proposal, n_unitaries, status, spend (today, GBP million a year), value, low, high (GBP
        million a year) and as_published (at the one elasticity that comes nearest to the published
        national figures); missing where the proposal cannot be computed.
    """
    needed, rows = economies.common(), []
    for bid in proposals(area_id):
        row = {"proposal": bid.name, "n_unitaries": bid.n_unitaries, "status": bid.status}
        if bid.footprints:
            codes = [codes for _, codes in bid.footprints]
            found = _of_footprints(codes, demand, np.array([*elasticities(), needed]))
            row["spend"] = spend_of(demand, _all(codes)).amount.sum()
            row |= zip(("value", "low", "high"), with_interval(found[:-1]), strict=True)
            row["as_published"] = found[-1]
        rows.append(row)
    numbers = ["spend", "value", "low", "high", "as_published"]
    table = pd.DataFrame(rows, columns=["proposal", "n_unitaries", "status", *numbers])
    return table.astype(dict.fromkeys(numbers, float))


def of_options(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return what all options of an area cost, by number of unitaries.

    Returns
    -------
    pandas.DataFrame
        unitaries, options, least, median and most change (GBP million a year, at the estimate),
        low and high (ends of the widest interval among them).
    """
    found = contiguous_options(area_id)
    spend, rows = spend_of(demand, found.graph.gss_codes), []
    for k, masks in found.masks.items():
        value, low, high = of_masks(spend, masks).T
        rows.append((k, len(masks), value.min(), np.median(value), value.max(), low, high))
    columns = ["unitaries", "options", "least", "median", "most", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(low=table["low"].map(np.min), high=table["high"].map(np.max))


def claims() -> tuple[Claim, ...]:
    """Return claims for unit cost (UC01–UC04, pp53–56) and for PwC's figures (PW01–PW10)."""
    table = economies.by_band()
    row = elasticity.estimate()
    income = (row["income"], row["income_low"], row["income_high"])
    pwc = tables.read("published_findings").query("theme.str.startswith('pwc')")["finding_id"]
    return (
        *(
            economies.claim_of(name, row)
            for name, row in zip(economies.BAND_FINDINGS, table.itertuples(), strict=True)
        ),
        Claim(
            INCOME_FINDING,
            *income,
            data=("upper_tier_indicators", "cost_series"),
            how="per cent of unit cost for £5,000 more median gross pay of residents, with "
            "population, deprivation and region held; mean of three series weighted by spend",
            effect=income,
        ),
        *(
            Claim(
                name,
                reason="PwC's model adds up costs and savings of whole councils, of transition "
                "and back office, from returns and assumptions that are not published",
                settled_by="MHCLG revenue outturn (RO) and the statutory accounts of the new "
                "councils, five years after vesting day, beside those of their predecessors",
            )
            for name in pwc
        ),
    )


def income_in_words() -> list[str]:
    """Return how the published finding on income fares, in sentences computed from the fits."""
    told = tables.read("published_findings").set_index("finding_id")["value"][INCOME_FINDING]
    table = elasticity.estimates().xs(elasticity.WHOLE, level="sample")
    rest = elasticity.estimates().loc[(elasticity.TOGETHER, elasticity.NO_OUTLIERS)]
    row, single = table.loc[elasticity.TOGETHER], table.drop(elasticity.TOGETHER)
    clear = ((single["income_low"] > 0) | (single["income_high"] < 0)).sum()
    return [
        f"Published: {told:+.0f}% of unit cost for £5,000 more median income. Computed for the "
        f"total: {_percent(row)}; without outliers {_percent(rest)}. {clear or 'None'} of the "
        f"{len(single)} series alone can be told from zero, and these data find an effect "
        f"{assumption('test_power'):.0%} of the time only from {row['income_detectable']:.1f}% on.",
    ]


def _percent(row: pd.Series) -> str:
    value, low, high = (
        f"{row[name]:+.1f}%".replace("-", "−") for name in ("income", "income_low", "income_high")
    )
    return f"{value} ({low} to {high})"


def in_words(area_id: str, demand: Demand) -> list[str]:
    """Return what unit cost says: the national result, this area's proposals, how far to trust."""
    row, here, level = elasticity.estimate(), areas.get(area_id), assumption("interval_level")
    nation = economies.by_band()
    spoken = phrases.listed(
        f"{money(r.value, r.low, r.high)} for {r.band}" for r in nation.itertuples()
    )
    told = phrases.listed(money(value) for value in nation["published"])
    sure = "cannot be told from zero" if row["low"] <= 0 <= row["high"] else "differs from zero"
    table, needs = of_proposals(area_id, demand), economies.common()
    known = table.dropna(subset=["value"])
    each = phrases.listed(
        f"{money(r.value, r.low, r.high)} for “{r.proposal}”" for r in known.itertuples()
    )
    local = (
        f"{here.name}, GBP a year: {each}."
        if len(known)
        else f"No proposal of {here.name} can be computed here."
    )
    rest = len(table) - len(known)
    local += (
        f" {phrases.count(rest, 'proposal')} cannot be computed." if rest and len(known) else ""
    )
    inside = row["low"] <= needs <= row["high"]
    return [
        "Across England's authorities the elasticity of unit cost to population is "
        f"{signed(row['value'])} ({level:.0%} interval {signed(row['low'])} to "
        f"{signed(row['high'])}): it {sure}. If every unitary had its band's average size that "
        f"would be {spoken} a year; published are {told}.",
        local,
        f"The published figures need elasticities of {_needed(nation)}; the nearest single value, "
        f"{signed(needs)}, {'lies in' if inside else 'is not in'} our interval. These data "
        f"find an effect {assumption('test_power'):.0%} of the time only from "
        f"{row['detectable']:.3f} on, {row['detectable'] / abs(needs):.0f} times that: "
        "no effect found is no proof that there is none, and no ground for a sum in a budget.",
    ]


def _needed(nation: pd.DataFrame) -> str:
    return phrases.listed(
        "none that gives it" if np.isnan(each) else signed(each) for each in nation["needed"]
    )
