"""What high needs deficits say, in sentences made from a study."""

from functools import partial

import pandas as pd

from lgr_report.chapters.high_needs.deficits import FORMULA, MILLION, PLANS, RULES
from lgr_report.chapters.high_needs.outlook import ACTUAL
from lgr_report.chapters.high_needs.spread import PAIRS
from lgr_report.chapters.high_needs.study import SAME, National, Study
from lgr_report.core.proposals import Proposal
from lgr_report.page import phrases
from lgr_report.page.phrases import council, day, listed, millions, percent, quoted, ranged
from lgr_report.sources import decisions
from lgr_report.sources.assumptions import assumption, bounds
from lgr_report.sources.dates import day_of
from lgr_report.sources.later_facts import fact

one_digit = partial(millions, digits=1)
BELOW = "those below are older, or forecasts, and a surplus of March 2024 may be gone"


def balance(value: float) -> str:
    """Return a balance (GBP million) as a sentence has it: a deficit, a surplus, or not known."""
    if pd.isna(value):
        return "not available"
    if value == 0:
        return "neither a deficit nor a surplus"
    return f"a {'surplus' if value < 0 else 'deficit'} of {millions(abs(value), 1)}"


def reported(row: tuple) -> str:
    """Return a balance that was reported later, a row of `deficits.later`."""
    return f"{balance(row.deficit_gbp_m)} at {day(row.balance_date)}, {row.status}"


def in_short(study: Study) -> list[str]:
    """Return the grant of 2026, the national result, this area's proposals, how far to trust it."""
    return [grant(), nationally(study.national), of_area(study), trust(study.inherited)]


def grant(known: str = BELOW) -> str:
    """Return what government said in 2026 of deficits, and where the balances known here stand."""
    note, balance_of, end = (
        day(day_of(name))
        for name in ("stability_grant_note", "stability_grant_balance", "statutory_override_ends")
    )
    share = percent(fact("stability_grant_share").value)
    return (
        f"Government’s High Needs Stability Grant (explanatory note of {note}) is to pay "
        f"{share} of the eligible deficit of {balance_of}, once a local SEND reform plan is "
        "approved. Only overspends on high needs count, and where returns differ and nobody "
        "explains it, the lowest is used. The statutory override, which keeps these deficits out "
        f"of councils’ accounts, ends on {end}; from 2028 central government is to carry the cost "
        f"of SEND. The eligible balances are not known here: {known}."
    )


def of_risk() -> list[str]:
    """Return what the page of a risk says first: the grant bears on CLGR3."""
    known = "balances of other dates are in the part on high needs"
    return [f"CLGR3 (financial sustainability): {grant(known)}"]


def balances(study: Study) -> str:
    """Return the latest balance of each authority with its date, and what is divided here."""
    first = day_of("dsg_balance")
    ahead = study.outlook
    parts = [
        f"{row.council_name} {balance(row.balance)} at {day(row.balance_date)}"
        + ("" if row.balance_date == first else f", {row.status}")
        for row in ahead.itertuples()
    ]
    later = study.later[study.later["balance_date"] > day_of("stability_grant_balance")]
    parts += [
        f"{ahead.loc[row.gss_code, 'council_name']} also {reported(row)}"
        for row in later.itertuples()
    ]
    old = ahead[(ahead["balance"] < 0) & (ahead["balance_date"] == first)]["council_name"]
    unsafe = (
        f" No later balance of {listed(old)} was found: "
        f"{'that surplus' if len(old) == 1 else 'those surpluses'} of March 2024 may be gone."
        if len(old)
        else ""
    )
    return f"Latest balances known here: {'; '.join(parts)}.{unsafe}"


def left(study: Study) -> str:
    """Return what would be left of an area's deficits if the grant were paid on what is known."""
    ahead = study.outlook
    owed = ahead[ahead["balance"] > 0]
    if ahead["balance"].isna().any():
        return "What the grant would leave cannot be said: a balance is not available."
    if owed.empty:
        return "On the latest balances known here no authority of the area carries a deficit."
    computed = owed[owed["same_basis"] & ~owed["left_published"]]
    return " ".join(
        [
            *([_left_of(computed, whole=len(computed) == len(owed))] if len(computed) else []),
            *map(_reported_left, owed[owed["left_published"]].itertuples()),
            *map(_not_left, owed[~owed["same_basis"]].itertuples()),
        ]
    )


def _left_of(owed: pd.DataFrame, *, whole: bool) -> str:
    """Return what the grant would leave of balances on one basis: of all of them, or of some."""
    forecasts = owed["status"].str.contains("forecast").any()
    known = "latest balances known here" + (", forecasts among them" if forecasts else "")
    whose = "" if whole else f" of {listed(owed['council_name'])}"
    return (
        f"If the grant were paid on the {known}{whose}, {millions(owed['left'].sum(), 1)} of "
        f"{millions(owed['balance'].sum(), 1)} would be left for the new councils (computed)."
    )


def _reported_left(row: tuple) -> str:
    """Return what a report says the grant leaves, from which the balance was worked back."""
    return (
        f"{millions(row.left, 1)} of {row.council_name}’s deficit was reported to be left for the "
        f"new councils (published). The balance of {millions(row.balance, 1)} is worked back from "
        "that figure, so it does not bear it out."
    )


def _not_left(row: tuple) -> str:
    return (
        f"What would be left of {row.council_name}’s deficit is not computed: the latest balance "
        f"known ({row.status}) is on another basis than the others."
    )


def builds_up(study: Study) -> str:
    """Return what builds up between the day of the grant and vesting day, where that is known."""
    ahead, until = study.outlook, day(day_of("stability_grant_balance"))
    known = ahead["yearly"].notna()
    without = listed(ahead.loc[~known, "council_name"])
    reason = f"or {without} no two balances on one basis are known"
    if not known.any():
        return f"What builds up after {until}, until vesting day, cannot be said: f{reason}."
    low, _, high = bounds("deficit_growth_goes_on")
    parts = listed(
        f"{row.council_name} {ranged(row.builds_up, row.low, row.high, one_digit)}"
        for row in ahead[known].itertuples()
    )
    to_forecast = listed(ahead.loc[known & (ahead["grown_to"] != ACTUAL), "council_name"])
    vesting = day(decisions.get(study.here.area.area_id).vesting_day)
    return (
        f"The grant does not cover what builds up after {until}. If the yearly growth from March "
        f"2024 to the latest figure goes on (assumed; the range is for {low:g} to {high:g} times "
        f"that growth), by vesting day, {vesting}, this would be: {parts}."
        + (
            f" For {to_forecast} this is growth to a forecast, not growth seen."
            if to_forecast
            else ""
        )
        + (f" F{reason}." if without else "")
    )


def nationally(nation: National) -> str:
    """Return who carries a deficit, and how far the unitaries of an option would differ."""
    spread = nation.spread.set_index(["pair", "n_unitaries"]).loc[PAIRS[(PLANS, FORMULA)]]
    county = nation.carried[nation.carried["council_type"] == "county"]
    others = nation.carried[nation.carried["council_type"] != "county"]
    owing = county[county["deficit"] > 0]
    few, many = spread.index.min(), spread.index.max()
    return (
        f"On 31 March 2024 {len(owing)} of {len(county)} county councils carried a deficit of the "
        f"dedicated schools grant, £{owing['deficit'].sum():,.0f}m together, and "
        f"{(county['deficit'] < 0).sum()} a surplus; of the {len(others)} unitaries of today in "
        f"the areas {(others['deficit'] > 0).sum()} carried a deficit. Where one rule divides "
        "deficit and money, as published (CCN/Newton, p74), all parts of a county have the "
        "county's ratio. With the deficit by EHC plans and the money by formula, the unitaries of "
        f"an option differ by {spread.loc[few, 'mean']:.0%} of the area's ratio with {few} "
        f"unitaries and {spread.loc[many, 'mean']:.0%} with {many}, averaged over all options of "
        f"the {spread.loc[few, 'areas']} areas in deficit."
    )


def of_area(study: Study) -> str:
    """Return what the area's authorities carry, and what each proposal would hand on."""
    accounts = study.national.held.accounts
    today = study.today["gss_code"]
    names, deficits = accounts["authority_name"], accounts["deficit"] / MILLION
    now = listed(f"{names[code]} {balance(deficits[code])}" for code in today)
    handed_on = [
        f"{quoted(proposal.name)}: {_handed_on(proposal, study)}."
        for proposal in study.here.proposals
    ]
    divided_here = f"What is divided below are the balances of {day(day_of('dsg_balance'))}: {now}."
    return " ".join([balances(study), left(study), builds_up(study), divided_here, *handed_on])


def _handed_on(proposal: Proposal, study: Study) -> str:
    if not proposal.footprints:
        return proposal.status
    largest, worst, _ = study.measured[proposal.proposal_id]
    unitaries = study.inherited[study.inherited["proposal_id"] == proposal.proposal_id]
    if pd.isna(largest.value):
        return f"not available ({largest.note})"
    parts = divided(unitaries)
    deficits = study.national.held.accounts["deficit"] / MILLION
    outside = "".join(
        f"; a council of another area brings {balance(value)}"
        for value in deficits.reindex(proposal.outside_councils)
    )
    if parts.empty:
        return f"{_whole(unitaries, study)}{outside}"
    if largest.value <= 0:
        return f"every unitary would inherit a surplus{outside}"
    dearest = unitaries.loc[unitaries["ratio"].idxmax(), "unitary"]
    return (
        f"{_parts(unitaries, parts)}; the largest deficit for a year's money is "
        f"{phrases.measured(worst)}, that of {council(dearest)}{outside}"
    )


def _whole(unitaries: pd.DataFrame, study: Study) -> str:
    """Return what unitaries take over of balances that nobody divides: arithmetic, no estimate."""
    if len(unitaries) > 1:
        each = listed(
            f"{council(row.unitary)} {balance(row.plans)}" for row in unitaries.itertuples()
        )
        return f"divides no balance, and hands on what is there: {each}"
    total, today = balance(unitaries[PLANS].iloc[0]), study.today["council_name"]
    if len(today) == 1:
        return f"keeps it whole, {total}"
    return f"joins the balances of {listed(today)}: {total}"


def _parts(unitaries: pd.DataFrame, parts: pd.DataFrame) -> str:
    """Return the largest part of a balance that is divided, and a larger one that is not."""
    top, most = parts.loc[parts[PLANS].idxmax()], unitaries.loc[unitaries[PLANS].idxmax()]
    size = ranged(*top[[PLANS, "lowest", "highest"]], one_digit)
    first = (
        f"the largest part is expected to be {size}, that of {council(top['unitary'])}"
        if top[PLANS] > 0
        else "every part of a balance that it divides is a surplus"
    )
    if most.name == top.name:
        return first
    return f"{first}; {council(most['unitary'])} takes over {balance(most[PLANS])} undivided"


def trust(inherited: pd.DataFrame) -> str:
    """Return how far the rule moves what is inherited, and what the figures leave out."""
    split = divided(inherited)
    moved, level = split.get("rule_range"), assumption("interval_level")
    text = (
        f"The choice of rule moves a unitary's part by up to £{moved.max():,.1f}m here, "
        f"£{moved.median():,.1f}m in the median; the {level:.0%} interval of the estimated EHC "
        f"plans is typically £{split['interval_width'].median():,.1f}m wide."
        if len(split)
        else "No computable proposal here divides a county's balance, so no rule matters."
    )
    return (
        f"{text} Intervals cover the division of the balance, not the balance, which has moved "
        "since. It is of the whole grant after Safety Valve receipts; spend by district is not "
        "published, and the published three-year shares cannot be rebuilt."
    )


def divided(inherited: pd.DataFrame) -> pd.DataFrame:
    """Return the unitaries that would inherit a part of a balance."""
    return inherited[inherited["interval_width"] > SAME] if len(inherited) else inherited


def rules(submitted: pd.DataFrame) -> list[str]:
    """Return how far the rule alone moves the answer, over all submitted proposals."""
    split = divided(submitted)
    moved = split["rule_range"] / split[PLANS].abs()
    wide = split["interval_width"] / split[PLANS].abs()
    wins = (split["rule_range"] > split["interval_width"]).sum()
    return [
        f"Of the submitted proposals {len(split)} unitaries would inherit a part of a county's "
        f"balance. In the median the choice among {len(RULES)} rules moves that part by "
        f"{moved.median():.0%} of it, and the {assumption('interval_level'):.0%} interval of the "
        f"estimated EHC plans is {wide.median():.0%} of it wide; for {wins} the rule moves it "
        "further than the interval.",
    ]
