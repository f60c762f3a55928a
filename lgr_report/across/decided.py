"""What government decided for an area, in words and at a glance."""

import pandas as pd

from lgr_report.core.divisions import Divisions
from lgr_report.page.phrases import day, day_or_month, listed, quoted, unitaries
from lgr_report.sources.decisions import Decision

OFFICIAL_PAGE = (
    "https://www.gov.uk/government/publications/"
    "local-government-reorganisation-decision-letters-to-council-leaders"
)
UNREAD = "no official page or order was read"


def at_a_glance(here: Divisions, decision: Decision) -> pd.DataFrame:
    """Return the first facts about an area: fact, value, kind (published or computed)."""
    area, authorities, councils = here.area, here.authorities, here.councils
    included = authorities.loc[authorities["council_type"] == "unitary", "council_name"]
    consultation = f"{day(area.consultation_open)} to {day(area.consultation_close)}"
    standing = "reported, not verified" if decision.confidence == "low" else "published"
    facts = [
        ("County council", area.county_council, "published"),
        ("Included unitaries", ", ".join(included) or "none", "published"),
        ("Districts", str((councils["council_type"] == "district").sum()), "computed"),
        ("Residents, mid-2024", f"{councils['population'].sum():,}", "computed"),
        ("Programme", area.programme, "published"),
        ("Invitation", day(area.invitation_date), "published"),
        ("Proposals due", day(area.final_proposal_deadline), "published"),
        ("Proposals found", str(len(here.proposals)), "computed"),
        ("Consultation", consultation, "published"),
        ("Decision", day(decision.decided_on), f"{standing}; how sure: {decision.confidence}"),
        ("First elections", day_or_month(decision.first_elections), "published"),
        ("Vesting day", day(decision.vesting_day), "published"),
    ]
    return pd.DataFrame(facts, columns=["fact", "value", "kind"])


def in_short(decision: Decision) -> str:
    """Return a decision in one sentence, hedged by how sure we are of it."""
    sure = decision.confidence == "high"
    if decision.n_unitaries is not None:
        number = unitaries(decision.n_unitaries)
        if sure:
            return f"Government decided on {number}."
        return f"Government most likely decided on {number}: {UNREAD}."
    if decision.known:
        part = f"What government decided is known in part: {decision.unitary_names[0]}"
        return f"{part}." if sure else f"{part}; {UNREAD}."
    return "What government decided is not known here."


def in_words(here: Divisions, decision: Decision) -> list[str]:
    """Return what was decided for an area and how sure we are, or where to look."""
    look = f"The official page is {OFFICIAL_PAGE}."
    read = f"Read in: {decision.publisher} ({decision.source_date})."
    sure = f"How sure we are: {decision.confidence}. {read}"
    if not decision.known:
        unknown = f"What government decided for {here.name} is not known here"
        return [f"{unknown} (status: {decision.status}). {look}", sure]
    when = f" on {day(decision.decided_on)}" if decision.decided_on is not None else ""
    number = decision.n_unitaries
    number = "in part" if number is None else f"for {unitaries(number)}"
    names = listed(decision.unitary_names) or "names not known here"
    begin = "Government" if decision.confidence == "high" else "As far as is known here, government"
    first = f"{begin} decided{when} {number}: {names}. Status: {decision.status}."
    for proposal in here.proposals:
        if proposal.proposal_id == decision.chosen_proposal_id:
            first += f" That is the bid {quoted(proposal.name)} of {proposal.lead_submitter}."
    councils = [f"Councils of each: {decision.constituents}."] if decision.constituents else []
    second_hand = (
        [] if decision.confidence == "high" else [f"It is known at second hand: {UNREAD}."]
    )
    return [first, *councils, *second_hand, f"{sure} {look}"]
