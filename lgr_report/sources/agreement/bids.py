"""Areas, bids and decisions: councils covered once, neighbours, numbers of unitaries, dates."""

from collections.abc import Iterator

import pandas as pd

from lgr_report.sources.agreement.relations import at, between
from lgr_report.sources.contract import Problem

MONTH = r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?"


@between("areas", "councils")
def an_area_has_its_county_and_councils(
    areas: pd.DataFrame, councils: pd.DataFrame
) -> Iterator[Problem]:
    """An area has one county, the one that its row names, and at least two councils."""
    for index, row in areas.iterrows():
        mine = councils[councils["area_id"] == row["area_id"]]
        counties = mine.loc[mine["council_type"] == "county", "gss_code"].tolist()
        if counties != [row["county_gss"]]:
            named = ", ".join(counties) or "no council"
            yield at("areas", areas, index, "county_gss", f"councils.csv has {named} as its county")
        if len(mine) < 3:
            says = "councils.csv has fewer than two councils under its county: nothing to divide"
            yield at("areas", areas, index, "area_id", says)


@between("councils", "districts", "upper_tier")
def councils_are_known_everywhere(
    councils: pd.DataFrame, districts: pd.DataFrame, upper_tier: pd.DataFrame
) -> Iterator[Problem]:
    """A county is an authority; a district lies in its area's county; a unitary is both."""
    own = districts.set_index("gss_code")["upper_tier_code"]
    county = councils[councils["council_type"] == "county"].set_index("area_id")["gss_code"]
    authorities = set(upper_tier["gss_code"])
    for index, row in councils.iterrows():
        kind, code = row["council_type"], row["gss_code"]
        above = code if kind != "district" else county.get(row["area_id"])
        says = ""
        if above not in authorities:
            says = f"upper_tier.csv has no authority {above}"
        elif kind != "county" and code not in own.index:
            says = "districts.csv has no such council"
        elif kind != "county" and own[code] != above:
            says = f"districts.csv has it in {own[code]}, not in {above}: correct one of the two"
        if says:
            yield at("councils", councils, index, "gss_code", says)


@between("councils", "adjacency")
def every_council_has_a_neighbour(
    councils: pd.DataFrame, adjacency: pd.DataFrame
) -> Iterator[Problem]:
    """Every council but the county touches another one of its area, perhaps over water."""
    linked = set(adjacency["gss_a"]) | set(adjacency["gss_b"])
    alone = (councils["council_type"] != "county") & ~councils["gss_code"].isin(linked)
    for index in councils.index[alone]:
        says = "adjacency.csv has no neighbour of it: add its links (a ferry counts as a link)"
        yield at("councils", councils, index, "gss_code", says)


@between("proposals", "proposed_unitaries", "proposed_unitary_councils")
def bids_have_as_many_unitaries_as_they_say(
    bids: pd.DataFrame, unitaries: pd.DataFrame, members: pd.DataFrame
) -> Iterator[Problem]:
    """A bid lists its unitaries; only one whose councils were not found may list fewer."""
    # A bid over two areas lists a unitary that lies in both under each.
    named = unitaries.groupby("proposal_id")["unitary_name"].nunique()
    filled = members.groupby("proposal_id")["unitary_name"].nunique()
    for index, row in bids.iterrows():
        listed = named.get(row["proposal_id"], 0)
        known = filled.get(row["proposal_id"], 0)
        more = listed > row["n_unitaries"]
        if more or (known == listed and listed < row["n_unitaries"]) or listed == 0:
            says = f"proposed_unitaries.csv lists {listed} of it: correct the number, or the list"
            yield at("proposals", bids, index, "n_unitaries", says)


@between("proposals", "proposed_unitary_councils", "councils")
def bids_cover_their_area_once(
    bids: pd.DataFrame, members: pd.DataFrame, councils: pd.DataFrame
) -> Iterator[Problem]:
    """A bid takes every council of its areas once, whole or in parts, and no council elsewhere."""
    lower = councils[councils["council_type"] != "county"]
    names = councils.set_index("gss_code")["council_name"]
    for proposal_id, heads in bids.groupby("proposal_id", sort=False):
        index = heads.index[0]
        mine = members[members["proposal_id"] == proposal_id]
        allowed = lower[lower["area_id"].isin(heads["area_id"])]
        for row in mine.index[~mine["gss_code"].isin(allowed["gss_code"])]:
            says = "this council is no district or unitary of the bid's area: take the row out"
            yield at("proposed_unitary_councils", members, row, "gss_code", says)
        # Both areas of a bid list a unitary that lies in both.
        once = mine.drop_duplicates(["unitary_name", "gss_code"])
        times = once.groupby("gss_code").size()
        whole = once[(once["extent"] == "whole") & (once["gss_code"].map(times) > 1)]
        for row in whole.index:
            says = (
                f"{proposal_id} holds this council in {times[once.loc[row, 'gss_code']]} unitaries"
            )
            fix = "keep it in one, or write part for each"
            yield at("proposed_unitary_councils", members, row, "gss_code", f"{says}: {fix}")
        if mine["unitary_name"].nunique() < heads["n_unitaries"].iloc[0]:
            continue  # not all of its councils were found
        invited = allowed.loc[allowed["in_invitation"], "gss_code"]
        left = [f"{names[code]} ({code})" for code in invited if code not in times.index]
        if left:
            says = f"proposed_unitary_councils.csv leaves out {', '.join(left)}: add the rows"
            yield at("proposals", bids, index, "proposal_id", says)
        parts = [code for code, n in times.items() if n == 1]
        single = once[(once["extent"] == "part") & once["gss_code"].isin(parts)]
        for row in single.index:
            says = f"{proposal_id} gives only one part of this council: add where the rest goes"
            yield at("proposed_unitary_councils", members, row, "extent", says)


@between("decisions", "proposals")
def decisions_choose_a_bid_of_their_area(
    decisions: pd.DataFrame, bids: pd.DataFrame
) -> Iterator[Problem]:
    """What was chosen was submitted in this area, for as many unitaries as were decided."""
    numbers = bids.set_index(["area_id", "proposal_id"])["n_unitaries"]
    for index, row in decisions.iterrows():
        chosen = row["area_id"], row["chosen_proposal_id"]
        decided = None if pd.isna(row["n_unitaries"]) else row["n_unitaries"]
        if pd.notna(chosen[1]) and chosen not in numbers.index:
            says = f"expected a proposal_id of {chosen[0]} in proposals.csv"
            yield at("decisions", decisions, index, "chosen_proposal_id", says)
        elif pd.notna(chosen[1]) and decided != numbers[chosen]:
            says = f"the chosen bid {chosen[1]} has {numbers[chosen]}: correct one of the two"
            yield at("decisions", decisions, index, "n_unitaries", says)
        names = row["unitary_names"]
        listed = 0 if pd.isna(names) else len(names.split(";"))
        if decided and listed not in (0, decided):
            says = f"{decided} unitaries were decided and {listed} are named"
            yield at("decisions", decisions, index, "unitary_names", says)


@between("decisions")
def decisions_come_before_what_they_decide(decisions: pd.DataFrame) -> Iterator[Problem]:
    """Decision, first elections, vesting day, in this order."""
    elected = decisions["first_elections"]
    for index in decisions.index[~elected.str.fullmatch(MONTH)]:
        says = "write the day as 2027-05-06, or the month as 2027-05"
        yield at("decisions", decisions, index, "first_elections", says)
    rising = pd.DataFrame(
        {
            "decision_date": decisions["decision_date"],
            "first_elections": pd.to_datetime(elected, errors="coerce", format="mixed"),
            "vesting_day": decisions["vesting_day"],
        }
    )
    yield from _in_order("decisions", decisions, rising)


@between("areas")
def dates_of_areas_are_in_order(areas: pd.DataFrame) -> Iterator[Problem]:
    """Invitation, plans, consultation, decision, elections, vesting day, in this order."""
    columns = [
        *("invitation_date", "interim_plan_deadline", "final_proposal_deadline"),
        *("consultation_open", "consultation_close", "decision_date"),
        *("first_elections", "vesting_day"),
    ]
    yield from _in_order("areas", areas, areas[columns])


def _in_order(table: str, frame: pd.DataFrame, dates: pd.DataFrame) -> Iterator[Problem]:
    """Yield dates before the one that is known on their left."""
    before = dates.ffill(axis=1).shift(axis=1)
    for column in dates.columns[1:]:
        for index in frame.index[dates[column] < before[column]]:
            says = f"must come after {before.loc[index, column]:%Y-%m-%d}, the date before it"
            yield at(table, frame, index, column, says)


@between("areas", "decisions")
def areas_and_decisions_have_the_same_dates(
    areas: pd.DataFrame, decisions: pd.DataFrame
) -> Iterator[Problem]:
    """Vesting day and decision are the same in both tables."""
    known = decisions.set_index("area_id")
    for column in ("decision_date", "vesting_day"):
        true = areas["area_id"].map(known[column])
        for index in areas.index[true.notna() & areas[column].notna() & (areas[column] != true)]:
            says = f"decisions.csv has {true[index]:%Y-%m-%d}: correct one of the two"
            yield at("areas", areas, index, column, says)
