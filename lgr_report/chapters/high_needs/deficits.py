"""Deficits of the dedicated schools grant: who carries them today, and rules that divide them.

A unitary of today has a balance of its own, which goes whole to the footprint that holds it. A
county's balance has to be divided among its districts, and no one publishes what special
educational needs cost by district. So there are several rules. None is law: a balance is divided by
agreement, or by order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.core.demand import Demand
from lgr_report.sources import areas, indicators, services, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch
from lgr_report.sources.services import SERVICES

PLANS, YOUNG, DEPRIVED, RESIDENTS = "plans", "young", "deprived", "residents"
FORMULA = "formula"
# What may divide a deficit. The first is the main rule: plans stand for spend, as published.
RULES = {
    PLANS: "EHC plans",
    YOUNG: "residents aged 0–25",
    DEPRIVED: "children in income deprivation",
    RESIDENTS: "all residents",
}
# What may divide the annual money. The first is the main rule.
FUNDINGS = {FORMULA: "a formula of children and deprivation", PLANS: "EHC plans"}
MILLION = 1e6
EHC = [service.service for service in SERVICES].index("ehc_plans")


@dataclass(frozen=True, eq=False)
class Balances:
    """Deficit and annual high needs money of councils under every rule, GBP.

    ``deficit`` is rules × draws × councils, in the order of `RULES`, positive for a deficit and
    negative for a surplus; ``money`` is fundings × draws × councils, in the order of `FUNDINGS`.
    Only what EHC plans divide differs between draws. What is not known is missing (NaN), and
    ``missing`` says why.
    """

    gss_codes: tuple[str, ...]
    deficit: np.ndarray
    money: np.ndarray
    missing: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Holdings:
    """What authorities carry and receive, and what part of it each council's residents are.

    Parameters
    ----------
    accounts : pandas.DataFrame
        Index gss_code of upper-tier authorities; authority_name, deficit (of the whole dedicated
        schools grant at 31 March 2024, GBP, after Safety Valve receipts; negative: surplus) and
        money (high needs block of 2023-24, GBP).
    shares : pandas.DataFrame
        Index gss_code of districts and unitaries; their share of their authority under the rules
        that need no estimate: young, deprived, residents (see `RULES`) and formula. A unitary has
        all of itself.
    """

    accounts: pd.DataFrame
    shares: pd.DataFrame


@once_per_batch
def holdings() -> Holdings:
    """Return what is held today, as published, and the shares of councils in it."""
    figures = indicators.upper_tier()
    names = tables.read("upper_tier").set_index("gss_code")["authority_name"]
    accounts = pd.DataFrame(
        {
            "authority_name": names.reindex(figures.index),
            "deficit": figures["dsg_deficit_31mar2024"],
            "money": figures["high_needs_block_2023_24"],
        }
    )
    return Holdings(accounts, shares())


def shares() -> pd.DataFrame:
    """Return each council's share of its authority: see `Holdings`.

    The formula mixes residents aged 2–18 and children in income deprivation, the first with weight
    ``high_needs_formula_children``.
    """
    lower = services.districts()
    ages = tables.read("population_by_age").query("2 <= age <= 18")
    counts = pd.DataFrame(
        {
            YOUNG: lower["0_25"],
            DEPRIVED: lower["idaci_children"],
            RESIDENTS: lower["residents"],
            "children": ages.groupby("gss_code")["population"].sum().reindex(lower.index),
        }
    )
    parts = counts / counts.groupby(lower["authority"]).transform("sum", min_count=1)
    weight = assumption("high_needs_formula_children")
    parts[FORMULA] = weight * parts.pop("children") + (1 - weight) * parts[DEPRIVED]
    return parts


def balances(
    demand: Demand,
    gss_codes: Sequence[str],
    draws: int | None = None,
    held: Holdings | None = None,
) -> Balances:
    """Divide deficits and money among councils.

    Parameters
    ----------
    demand
        Demand of any councils that include these: EHC plans by council, with draws.
    gss_codes
        Districts and unitaries, in the order that masks count bits.
    draws
        How many draws; all by default, 0 takes the point estimate.
    held
        By default `holdings`.

    Returns
    -------
    Balances
        The districts of a county sum to its balance, under every rule and in every draw.
    """
    chosen = demand.select(gss_codes)
    held = holdings() if held is None else held
    accounts, fixed = held.accounts.loc[chosen.authority], held.shares.loc[[*gss_codes]]
    drawn = chosen.estimate[None, :, EHC] if draws == 0 else chosen.draws[:draws, :, EHC]
    # In every draw the districts of an authority sum to the plans that it published.
    total = demand.authorities.loc[chosen.authority, "ehc_plans"].to_numpy(dtype=float)
    alone = fixed[RESIDENTS].to_numpy() == 1
    plans = np.where(alone, 1.0, drawn / total)

    def divided(rules: Sequence[str], whole: pd.Series) -> np.ndarray:
        parts = [
            plans if rule == PLANS else np.broadcast_to(fixed[rule], plans.shape) for rule in rules
        ]
        return np.stack(parts) * whole.to_numpy(dtype=float)

    gaps = {"deficit": "balance of 31 March 2024", "money": "high needs block of 2023-24"}
    return Balances(
        gss_codes=tuple(gss_codes),
        deficit=divided([*RULES], accounts["deficit"]),
        money=divided([*FUNDINGS], accounts["money"]),
        missing=tuple(
            f"{name}: {what} not available"
            for column, what in gaps.items()
            for name in dict.fromkeys(accounts.loc[accounts[column].isna(), "authority_name"])
        )
        + tuple(line for line in chosen.missing() if SERVICES[EHC].label in line),
    )


def carried(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return what the authorities of the 21 areas carry.

    Returns
    -------
    pandas.DataFrame
        area_id, area (its name), gss_code, council_name, council_type, deficit and money (GBP
        million), ratio (deficit over money; negative: surplus); the county of each area first.
    """
    frames = [
        areas.authorities(area_id).assign(area_id=area_id, area=areas.get(area_id).name)
        for area_id in areas.ids()
    ]
    table = pd.concat(frames, ignore_index=True)
    figures = accounts.loc[table["gss_code"], ["deficit", "money"]].to_numpy(dtype=float)
    table["deficit"], table["money"] = figures.T / MILLION
    table["ratio"] = table["deficit"] / table["money"]
    columns = ["area_id", "area", "gss_code", "council_name", "council_type"]
    return table[[*columns, "deficit", "money", "ratio"]]


def later(gss_codes: Sequence[str]) -> pd.DataFrame:
    """Return later balances that council papers and the press report, in the order of the codes.

    Returns
    -------
    pandas.DataFrame
        gss_code, balance_date, deficit_gbp_m, status (actual or forecast), same_basis (as the
        balance of March 2024), source. They are dated differently and made differently, so none is
        divided; they enter `outlook` only.
    """
    reported = tables.read("dsg_deficits_reported")
    reported = reported[reported["gss_code"].isin([*gss_codes])]
    order = {code: place for place, code in enumerate(gss_codes)}
    return reported.sort_values("gss_code", key=lambda c: c.map(order)).reset_index(drop=True)
