"""What high needs deficits say, in sentences made from a study."""

import pandas as pd

from lgr_report.chapters.high_needs.deficits import FORMULA, MILLION, PLANS, RULES
from lgr_report.chapters.high_needs.spread import PAIRS
from lgr_report.chapters.high_needs.study import SAME, National, Study
from lgr_report.core.proposals import Proposal
from lgr_report.page import phrases
from lgr_report.page.phrases import day, listed, millions, quoted
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.dates import day_of

GRANT = 0.9  # share of an eligible deficit, published: the note named in `data/dates.csv`


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


def grant() -> str:
    """Return what government said in 2026 of deficits: nothing below is what a council will get."""
    note, balance_of, end = (
        day(day_of(name))
        for name in ("stability_grant_note", "stability_grant_balance", "statutory_override_ends")
    )
    return (
        f"Government’s High Needs Stability Grant (explanatory note of {note}) is to pay "
        f"{GRANT:.0%} of the eligible deficit of {balance_of}, once a local SEND reform plan is "
        "approved. Only overspends on high needs count, and where returns differ and nobody "
        "explains it, the lowest is used. The statutory override, which keeps these deficits out "
        f"of councils’ accounts, ends on {end}; from 2028 central government is to carry the cost "
        "of SEND. The eligible balances are not known here: those below are older, or forecasts, "
        "and a surplus of March 2024 may be gone."
    )


def left(study: Study) -> str:
    """Return what would be left of an area's deficits if the grant were paid on what is known."""
    deficits = study.national.held.accounts["deficit"] / MILLION
    latest = deficits.reindex(study.today["gss_code"])
    in_time = study.later[study.later["balance_date"] <= day_of("stability_grant_balance")]
    for row in in_time.sort_values("balance_date").itertuples():
        latest[row.gss_code] = row.deficit_gbp_m
    owed = latest[latest > 0]
    if latest.isna().any():
        return "What the grant would leave cannot be said: a balance is not available."
    if owed.empty:
        return "On the latest balances known here no authority of the area carries a deficit."
    forecasts = in_time["status"].str.contains("forecast").any()
    known = "latest balances known here" + (", forecasts among them" if forecasts else "")
    return (
        f"If the grant were paid on the {known}, "
        f"{millions(owed.sum() * (1 - GRANT), 1)} of {millions(owed.sum(), 1)} would be left for "
        "the new councils; what builds up until vesting day would come on top and is not known."
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
    newer = "; ".join(f"{names[row.gss_code]} {reported(row)}" for row in study.later.itertuples())
    newer = f" Reported since, not divided here: {newer}." if newer else ""
    handed_on = [
        f"{quoted(proposal.name)}: {_handed_on(proposal, study)}."
        for proposal in study.here.proposals
    ]
    return " ".join([f"On 31 March 2024: {now}.{newer}", left(study), *handed_on])


def _handed_on(proposal: Proposal, study: Study) -> str:
    if not proposal.footprints:
        return proposal.status
    largest, worst, _ = study.measured[proposal.proposal_id]
    unitaries = study.inherited[study.inherited["proposal_id"] == proposal.proposal_id]
    if pd.isna(largest.value):
        return f"not available ({largest.note})"
    if len(unitaries) == 1:
        return f"keeps it whole, {balance(largest.value)}"
    if largest.value <= 0:
        return "every unitary would inherit a surplus"
    most, dearest = (
        unitaries.loc[unitaries[column].idxmax(), "unitary"] for column in (PLANS, "ratio")
    )
    deficits = study.national.held.accounts["deficit"] / MILLION
    outside = "".join(
        f"; a council of another area brings {balance(value)}"
        for value in deficits.reindex(proposal.outside_councils)
    )
    return (
        f"the largest deficit is expected to be {phrases.measured(largest)}, most likely in "
        f"{most}; the largest for a year's money {phrases.measured(worst)}, most likely in "
        f"{dearest}{outside}"
    )


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
