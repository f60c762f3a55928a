"""Sentences on the options of an area, and on where its proposals stand among them."""

import pandas as pd

from lgr_report.chapters.options import places
from lgr_report.chapters.options.study import EVERY, LAND, Study
from lgr_report.core.variation import PEOPLE, SPEND
from lgr_report.page.phrases import listed, number, percent, quoted
from lgr_report.sources.assumptions import assumption, bounds


def counts(study: Study) -> list[str]:
    """Return in how many ways the area can be divided."""
    chosen, other = (EVERY, LAND) if study.here.water_links else (LAND, EVERY)
    by_size, total = study.counts.loc[chosen], study.counts.sum(axis=1)
    least = by_size.index[by_size > 0].min()
    words = [
        f"{study.here.name} can be divided in {total[chosen]:,} ways into "
        f"{'one' if least == 1 else least} to {max(by_size.index)} contiguous unitaries, "
        f"{by_size.max():,} of them with {by_size.idxmax()}."
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
        names = listed(map(quoted, part["name"]))
        words.append(f"There is no place for {names}: {note.replace(': ', ', so ')}.")
    words += by_land(study)
    return words or [f"No proposal of {study.here.name} can be placed."]


def _how() -> str:
    return (
        "A place is a percentile among all contiguous options of as many unitaries: 0 is the most "
        "even option, 100 the least. Demand is counted by people and by spend, because the two "
        f"can disagree; in brackets, where {percent(assumption('interval_level'))} of draws lie. "
        "Many options would make small or unequal councils, so that a second place is among those "
        f"of acceptable size: {places.limits()}."
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
    said = {by: _whichever(row, metric) for metric, by in places.BY.items()}
    if len(set(said.values())) == 1:
        return f"By people and by spend alike, {next(iter(said.values()))}."
    return " ".join(f"{by[0].upper()}{by[1:]}, {words}." for by, words in said.items())


def _whichever(row: pd.Series, metric: str) -> str:
    """Return a verdict on one metric, and whether it hangs on the options that are set beside."""
    ends, among = (
        [f"{metric}{part}_{end}" for end in ("low", "high")] for part in ("", "_meeting")
    )
    if places.told_of(row, metric) != places.DEPENDS:
        return places.verdict(*row[ends])
    every = places.verdict(*row[ends], f"of all {row['others']:,} options")
    sized = places.verdict(*row[among], f"of the {row['meeting']:,} of acceptable size")
    return f"{every}, but {sized}: it depends on which options it is set beside"


def _meeting(row: pd.Series) -> str:
    """Return a proposal's place among the options of acceptable size, and why it is none itself."""
    if row["meeting"] < 2:
        which = "One option" if row["meeting"] else "No option"
        return f"{which} of as many unitaries is of acceptable size. {_beyond(row)}".strip()
    among = " and ".join(f"{places.meeting(row, metric)} {by}" for metric, by in places.BY.items())
    return (
        f"Among the {row['meeting']:,} of acceptable size its percentile is {among}. {_beyond(row)}"
    ).strip()


def _beyond(row: pd.Series) -> str:
    """Return which of our limits of size a proposal is beyond; nothing if none."""
    smaller, larger = ("smaller", "larger") if row["n_unitaries"] == 2 else ("smallest", "largest")
    least, (low, ratio, high) = assumption("band_small_max"), bounds("reference_ratio")
    times = row["largest"] / row["smallest"]
    parts = []
    if row["smallest"] <= least:
        parts.append(
            f"its {smaller} unitary has {row['smallest']:,.0f} people, and our limit is more than "
            f"{least:,.0f}"
        )
    if times > ratio:
        digits = 2 if round(times, 2) > ratio else 4
        parts.append(
            f"its {larger} unitary has {number(times, digits)} times the people of its {smaller}, "
            f"and our limit is {ratio:g} (assumed; {low:g} to {high:g})"
        )
    why = "; ".join(parts)
    return f"{why[0].upper()}{why[1:]}: so it is not among them." if why else ""


def _beaten(row: pd.Series) -> str:
    """Return how many options beat a proposal, by people and by spend."""
    by_people, by_spend = row["beaten_by"], row["beaten_by_spend"]
    central = "On central estimates, which noise could reorder,"
    if by_people == by_spend == 0:
        return (
            f"{central} no option is as good on population balance, on demand balance (by people "
            "or by spend) and on the size of the smallest unitary, and better on one."
        )

    def options(many: float) -> str:
        return "no option" if not many else f"{many:,.0f} option{'' if many == 1 else 's'}"

    return (
        f"{central} {options(by_people)} by people and {options(by_spend)} by spend "
        f"{'is' if max(by_people, by_spend) == 1 else 'are'} at least as good on population "
        "balance, demand balance and the size of the smallest unitary, and better on one."
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
    return [
        "Each proposal was placed among all contiguous options of as many unitaries by how "
        "unevenly it would spread demand for care, counted by people and by spend (percentile 0 is "
        f"the most even option, 100 the least; ranges in brackets): {shown}."
        f" {' '.join(_verdicts(placed))}",
        *by_land(study),
    ]


def _verdicts(placed: pd.DataFrame) -> list[str]:
    """Return what the places tell of each proposal, those together of which they tell the same."""
    told = {
        row["name"]: tuple(places.told_of(row, metric) for metric in places.BY)
        for _, row in placed.iterrows()
    }
    return [
        _verdict([name for name, other in told.items() if other == answers], *answers)
        for answers in dict.fromkeys(told.values())
    ]


def _verdict(names: list[str], by_people: str, by_spend: str) -> str:
    """Return what the places tell of some proposals, by people and by spend."""
    who, one = listed(map(quoted, names)), len(names) == 1
    most = {
        places.MORE: "would be more even than most options",
        places.LESS: "would be less even than most options",
        places.UNTOLD: "cannot be told from the middle of the options",
        places.DEPENDS: "would be more or less even depending on whether all options or only those "
        f"of acceptable size are set beside {'it' if one else 'them'}",
    }
    if by_people == by_spend == places.UNTOLD:
        return (
            f"Public data do not tell whether {who} would be more or less even than most options."
        )
    if by_people == by_spend:
        return f"{who} {most[by_people]}, by people and by spend."
    return (
        f"{who} {most[by_people]} by people; by spend {'it' if one else 'they'} {most[by_spend]}."
    )
