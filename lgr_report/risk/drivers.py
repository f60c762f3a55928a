"""What each option changes for a risk, as far as a metric or a table says so.

A driver never alters a score: it tells those who score what an option does. Which driver bears on
which risk stands in ``data/risk_drivers.csv``: the identifier of a metric, or one of `FROM_TABLES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from lgr_report.core.divisions import Divisions
from lgr_report.page.phrases import day, day_or_month
from lgr_report.risk.register import register
from lgr_report.sources import dates, decisions, indicators, tables
from lgr_report.sources.assumptions import assumption

SAME = "the same in every option"
UNKNOWN = "not computable"
UNTOUCHED = "no model touches this risk"


@dataclass(frozen=True)
class Values:
    """What a driver says: of today, of each proposal (by proposal_id), and in a note."""

    today: str = "–"
    options: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def directors(here: Divisions) -> Values:
    """Return the posts of statutory directors; one person may hold both of a council."""
    posts = int(assumption("directors_per_authority"))
    options = {p.proposal_id: str(posts * p.n_unitaries) for p in here.proposals}
    return Values(str(posts * len(here.authorities)), options)


def councils(here: Divisions) -> Values:
    """Return the councils, each of which must have a director of children's services in post."""
    options = {p.proposal_id: str(p.n_unitaries) for p in here.proposals}
    return Values(str(len(here.authorities)), options)


def dividing_councils(here: Divisions) -> Values:
    """Return over how many unitaries the county council's own staff would be divided."""
    authority = tables.read("districts").set_index("gss_code")["upper_tier_code"]
    county = authority.index[authority == here.area.county_gss]
    members = tables.read("proposed_unitary_councils")
    members = members[members["area_id"] == here.area.area_id]
    options = {}
    for proposal in here.proposals:
        own = members[members["proposal_id"] == proposal.proposal_id]
        taking = own.loc[own["gss_code"].isin(county), "unitary_name"].nunique()
        whole = own["unitary_name"].nunique() == proposal.n_unitaries
        known = f"at least {taking}" if taking else UNKNOWN
        options[proposal.proposal_id] = str(taking) if whole else known
    return Values("1", options)


def placed_far(here: Divisions) -> Values:
    """Return the share of looked-after children placed far away, today."""
    shares = indicators.upper_tier()["cla_pct_20miles_outside_2025"]
    known = [
        f"{row.council_name}: not available"
        if pd.isna(shares[row.gss_code])
        else f"{row.council_name} {shares[row.gss_code]:.0f}%"
        for row in here.authorities.itertuples()
    ]
    return Values("; ".join(known))


def reform_deadline(here: Divisions) -> Values:
    """Return how the reform deadline lies against elections and vesting day."""
    decision, deadline = decisions.get(here.area.area_id), dates.day_of("families_first_deadline")
    side = "after" if pd.Timestamp(decision.first_elections) > deadline else "before"
    days = (decision.vesting_day - deadline).days
    note = (
        f"deadline {day(deadline)}; first elections ({day_or_month(decision.first_elections)}) "
        f"come {side} it, and vesting day ({day(decision.vesting_day)}) {days} "
        f"{'day' if days == 1 else 'days'} later"
    )
    return Values("–", {p.proposal_id: SAME for p in here.proposals}, note)


FROM_TABLES: Mapping[str, Callable[[Divisions], Values]] = {
    driver.__name__: driver
    for driver in (directors, councils, dividing_councils, placed_far, reform_deadline)
}


def of_metric(metric: str, here: Divisions, measured: pd.DataFrame) -> Values:
    """Return what one metric says of today and of each proposal (see `table`)."""
    rows = measured[measured["metric"] == metric]
    known = dict(zip(rows["proposal_id"], rows["text"], strict=True))
    today = rows.loc[rows["place"] == 0, "text"]
    options = {p.proposal_id: known.get(p.proposal_id, UNKNOWN) for p in here.proposals}
    return Values(next(iter(today), "–"), options, next(iter(rows["label"]), ""))


def table(here: Divisions, measured: pd.DataFrame) -> pd.DataFrame:
    """Return what each option changes for each risk, a row a driver; every risk has a row.

    Parameters
    ----------
    here : Divisions
        The area.
    measured : pandas.DataFrame
        A row a division and metric: metric, label, place (0 is today), proposal_id, text.

    Returns
    -------
    pandas.DataFrame
        risk, what the option changes, today, one column a proposal (the one that was decided says
        so), kind, note.
    """
    names = {
        p.proposal_id: p.name + (" (decided)" if p.proposal_id == here.decided else "")
        for p in here.proposals
    }
    drivers, rows = tables.read("risk_drivers"), []
    for risk_id in register().index:
        own = drivers[drivers["risk_id"] == risk_id]
        for driver in own.itertuples():
            from_table = FROM_TABLES.get(driver.driver)
            values = from_table(here) if from_table else of_metric(driver.driver, here, measured)
            before = {"risk": risk_id, "what the option changes": driver.what}
            options = {name: values.options.get(key, "–") for key, name in names.items()}
            note = driver.note if pd.notna(driver.note) else values.note
            rows.append(
                {**before, "today": values.today, **options, "kind": driver.kind, "note": note}
            )
        if own.empty:
            blank = dict.fromkeys(["today", *names.values(), "kind"], "–")
            rows.append({"risk": risk_id, "what the option changes": UNTOUCHED, **blank})
    return pd.DataFrame(rows).fillna({"note": ""})
