"""What government decided for an area, in words and at a glance."""

import pandas as pd

from lgr_report.page.phrases import day, day_or_month, listed
from lgr_report.sources import areas, decisions, tables

OFFICIAL_PAGE = (
    "https://www.gov.uk/government/publications/"
    "local-government-reorganisation-decision-letters-to-council-leaders"
)


def at_a_glance(area_id: str) -> pd.DataFrame:
    """Return the first facts about an area: fact, value, kind (published or computed)."""
    area, made = areas.get(area_id), decisions.get(area_id)
    row = tables.read("areas").set_index("area_id").loc[area_id]
    whole, mine = areas.authorities(area_id), areas.councils(area_id)
    unitaries = whole.loc[whole["council_type"] == "unitary", "council_name"]
    bids = tables.read("proposals").query("area_id == @area_id")
    facts = [
        ("County council", row["county_council"], "published"),
        ("Included unitaries", ", ".join(unitaries) or "none", "published"),
        ("Districts", str((mine["council_type"] == "district").sum()), "computed"),
        ("Residents, mid-2024", f"{mine['population'].sum():,}", "computed"),
        ("Programme", area.programme, "published"),
        ("Invitation", day(row["invitation_date"]), "published"),
        ("Proposals due", day(row["final_proposal_deadline"]), "published"),
        ("Proposals found", str(len(bids)), "computed"),
        (
            "Consultation",
            f"{day(row['consultation_open'])} to {day(row['consultation_close'])}",
            "published",
        ),
        ("Decision", day(made.decided_on), f"{_standing(made)}; how sure: {made.confidence}"),
        ("First elections", day_or_month(made.first_elections), "published"),
        ("Vesting day", day(made.vesting_day), "published"),
    ]
    return pd.DataFrame(facts, columns=["fact", "value", "kind"])


def _standing(made: decisions.Decision) -> str:
    """Return what kind of figure a decision is: one of low confidence was only reported."""
    return "reported, not verified" if made.confidence == "low" else "published"


def in_short(made: decisions.Decision) -> str:
    """Return a decision in one sentence, hedged by how sure we are of it."""
    sure = "" if made.confidence == "high" else f" (how sure we are: {made.confidence})"
    if made.n_unitaries is not None:
        return f"Government decided on {_unitaries(made.n_unitaries)}{sure}."
    if made.known:
        return f"What government decided is known in part: {made.unitary_names[0]}{sure}."
    return "What government decided is not known here."


def _unitaries(number: int) -> str:
    return f"{number} {'unitary' if number == 1 else 'unitaries'}"


def in_words(area_id: str) -> list[str]:
    """Return what was decided for an area and how sure we are, or where to look."""
    made, area = decisions.get(area_id), areas.get(area_id)
    when = f" on {day(made.decided_on)}" if made.decided_on is not None else ""
    look = f"The official page is {OFFICIAL_PAGE}."
    sure = f"How sure we are: {made.confidence}. Read in: {made.source} ({made.source_date})."
    if not made.known:
        return [
            f"What government decided for {area.name} is not known here (status: {made.status}). "
            f"{look}",
            *([f"Note: {made.note}."] if made.note else []),
            sure,
        ]
    names = listed(made.unitary_names) or "names not known here"
    number = "in part" if made.n_unitaries is None else f"for {_unitaries(made.n_unitaries)}"
    hedge = "" if made.confidence == "high" else "As far as is known here, "
    begin = f"{hedge}{'g' if hedge else 'G'}overnment decided{when} {number}: "
    words = [f"{begin}{names}. Status: {made.status}."]
    if made.chosen_proposal_id:
        bid = _chosen(area_id, made.chosen_proposal_id)
        words[0] += f" That is the bid “{bid['proposal_name']}” of {bid['lead_submitter']}."
    if made.constituents:
        words.append(f"Councils of each: {made.constituents}.")
    if made.note:
        words.append(f"Note: {made.note}.")
    return [*words, f"{sure} {look}"]


def _chosen(area_id: str, proposal_id: str) -> pd.Series:
    bids = tables.read("proposals").set_index(["area_id", "proposal_id"])
    if (area_id, proposal_id) in bids.index:
        return bids.loc[(area_id, proposal_id)]
    row = tables.read("decisions")["area_id"].tolist().index(area_id) + 2
    expected = f"expected a proposal_id of {area_id} in proposals.csv"
    problem = tables.Problem("decisions", row, "chosen_proposal_id", proposal_id, expected)
    raise tables.TableError([problem])
