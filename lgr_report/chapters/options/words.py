"""Sentences on the options of an area, and on where its proposals stand among them."""

import pandas as pd

from lgr_report.chapters.options import places
from lgr_report.chapters.options.study import EVERY, LAND, Study
from lgr_report.core.variation import PEOPLE, SPEND
from lgr_report.page.phrases import listed, percent, quoted
from lgr_report.sources.assumptions import assumption


def counts(study: Study) -> list[str]:
    """Return in how many ways the area can be divided."""
    chosen, other = (EVERY, LAND) if study.here.water_links else (LAND, EVERY)
    number, total = study.counts.loc[chosen], study.counts.sum(axis=1)
    least = number.index[number > 0].min()
    words = [
        f"{study.here.name} can be divided in {total[chosen]:,} ways into "
        f"{'one' if least == 1 else least} to {max(number.index)} contiguous unitaries, "
        f"{number.max():,} of them with {number.idxmax()}."
    ]
    if study.same_by_land:
        return words
    if study.here.water_links:
        return [
            *words,
            f"If tidal water and ferries do not count, {total[other]:,} remain: "
            "the page says where that moves a proposal.",
        ]
    return [
        *words,
        "Here tidal water and ferries do not count as links. If they did, there would be "
        f"{total[other]:,}.",
    ]


def standings(study: Study) -> list[str]:
    """Return where the proposals stand, and why some have no place."""
    table = study.standings
    words = [_standing(row) for _, row in table[table["note"].isna()].iterrows()]
    if words:
        words = [_how(), *words]
    for note, part in table[table["note"].notna()].groupby("note", sort=False):
        words.append(f"{listed(map(quoted, part['name']))}: {note}.")
    words += by_land(study)
    return words or [f"No proposal of {study.here.name} can be placed."]


def _how() -> str:
    return (
        "A place is a percentile among all contiguous options of as many unitaries: 0 is the most "
        "even option, 100 the least. Demand is counted by people and by spend, because the two "
        f"can disagree; in brackets, where {percent(assumption('interval_level'))} of draws lie. "
        f"Many options would make small or unequal councils, so that a second place is among those "
        f"that meet the invitation’s tests of size as we read them: {places.tests()}."
    )


def _standing(row: pd.Series) -> str:
    parts = (
        f"{quoted(row['name'])} ({row['n_unitaries']} unitaries): the rates of its unitaries "
        f"are expected to differ by {percent(row[PEOPLE])} of the area’s by people and "
        f"{percent(row[SPEND])} by spend.",
        _by_chance(row),
        f"Among {row['others']:,} options its percentile is {places.both(row)}.",
        _beside_most(row),
        _meeting(row),
        f"For population balance its percentile is {places.place(row['population_percentile'])}.",
        _beaten(row),
    )
    return " ".join(filter(None, parts))


def _by_chance(row: pd.Series) -> str:
    """Return how far rates would seem to differ if no district were known to; nothing if not."""
    chance = [percent(row[f"{metric}_by_chance"]) for metric in (PEOPLE, SPEND)]
    if set(chance) == {"0%"}:
        return ""
    return (
        "If every council had the area’s rate, the uncertainty of the estimates alone would show "
        f"{chance[0]} and {chance[1]}."
    )


def _beside_most(row: pd.Series) -> str:
    """Return what the intervals allow to say beside most options, by people and by spend."""
    said = {by: places.verdict(row[f"{m}_low"], row[f"{m}_high"]) for m, by in places.BY.items()}
    if len(set(said.values())) == 1:
        return f"By people and by spend alike, {next(iter(said.values()))}."
    return " ".join(f"{by[0].upper()}{by[1:]}, {words}." for by, words in said.items())


def _meeting(row: pd.Series) -> str:
    """Return a proposal's place among the options that meet the invitation's tests of size."""
    itself = "" if row["meets"] else " It does not meet the tests of size itself."
    if row["meeting"] < 2:
        number = "One option" if row["meeting"] else "No option"
        return f"{number} of as many unitaries meets the tests of size.{itself}"
    return (
        f"Among the {row['meeting']:,} that meet the tests of size it is "
        f"{places.place(row[f'{PEOPLE}_meeting'])} by people and "
        f"{places.place(row[f'{SPEND}_meeting'])} by spend.{itself}"
    )


def _beaten(row: pd.Series) -> str:
    """Return how many options beat a proposal, by people and by spend."""
    by_people, by_spend = row["beaten_by"], row["beaten_by_spend"]
    if by_people == by_spend == 0:
        return (
            "No option is as good on population balance, on demand balance (by people or by spend) "
            "and on the size of the smallest unitary, and better on one."
        )

    def number(value: float) -> str:
        return f"{value:,.0f}" if value else "none"

    return (
        "At least as good on population balance, demand balance and the size of the smallest "
        f"unitary, and better on one: {number(by_people)} of the options by people, "
        f"{number(by_spend)} by spend."
    )


def by_land(study: Study) -> list[str]:
    """Return where proposals stand if tidal water and ferries do not count; none if all the same.

    None either where only land links count anyway: the page then says nothing else.
    """
    placed = study.standings.loc[study.standings["note"].isna(), "proposal_id"]
    if placed.empty or study.same_by_land or not study.here.water_links:
        return []
    land = study.standings_by_links[LAND].set_index("proposal_id").loc[placed]
    parts = [
        f"{quoted(row['name'])} "
        + (
            f"at percentile {places.both(row, ranged=False)}, among {row['others']:,} options"
            if pd.isna(row["note"])
            else "is not contiguous"
        )
        for _, row in land.iterrows()
    ]
    return [
        "Many options exist only if tidal water and ferries count as links. By land alone, where "
        f"an island stands for itself: {'; '.join(parts)}."
    ]


def in_short(study: Study) -> list[str]:
    """Return where the proposals stand in a sentence or two, for the head of a report."""
    placed = study.standings[study.standings[f"{PEOPLE}_percentile"].notna()]
    if placed.empty:
        return ["No proposal can be placed among the options: the table says why."]
    shown = "; ".join(
        f"{quoted(row['name'])} at percentile {places.both(row)}, among {row['others']:,} options "
        f"of {row['n_unitaries']} unitaries"
        for _, row in placed.iterrows()
    )
    open_ones = [
        row["name"]
        for _, row in placed.iterrows()
        if all(row[f"{m}_low"] <= 50 <= row[f"{m}_high"] for m in places.BY)
    ]
    hedge = (
        " Public data do not tell whether "
        f"{listed(map(quoted, open_ones))} would be more or less even than most options."
    )
    return [
        "Each proposal was placed among all contiguous options of as many unitaries by how "
        "unevenly it would spread demand for care, counted by people and by spend (percentile 0 is "
        f"the most even option, 100 the least; ranges in brackets): {shown}."
        f"{hedge if open_ones else ''}",
        *by_land(study),
    ]
