"""Sentences on the options of an area, and on where its proposals stand among them."""

import pandas as pd

from lgr_report.chapters.options.study import EVERY, LAND, Study
from lgr_report.core.scores import is_inconclusive
from lgr_report.core.variation import PEOPLE
from lgr_report.page.phrases import listed, ordinal, percent, quoted
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
    for note, part in table[table["note"].notna()].groupby("note", sort=False):
        words.append(f"{listed(map(quoted, part['name']))}: {note}.")
    words += by_land(study)
    return words or [f"No proposal of {study.here.name} can be placed."]


def _standing(row: pd.Series) -> str:
    low, high, beaten_by = row[f"{PEOPLE}_low"], row[f"{PEOPLE}_high"], row["beaten_by"]
    vague = is_inconclusive(low, high)
    return (
        f"{quoted(row['name'])} ({row['n_unitaries']} unitaries) "
        f"{_place(row[f'{PEOPLE}_percentile'])} for demand imbalance by people among the "
        f"{row['others']:,} contiguous options of {row['n_unitaries']} unitaries; in "
        f"{percent(assumption('interval_level'))} of draws it lies between {low:.0f} and "
        f"{high:.0f}."
        f"{' Public data do not tell it from most other options.' if vague else ''} The rates of "
        f"its unitaries are expected to differ by {percent(row[PEOPLE])} of the area's. On "
        f"population balance it {_place(row['population_percentile'])}. "
        + (
            "No option is as good on both and on the size of the smallest unitary, and better "
            "on one."
            if beaten_by == 0
            else f"{beaten_by:,.0f} {'option is' if beaten_by == 1 else 'options are'} at least "
            "as good on both and on the size of the smallest unitary, and better on at least one."
        )
    )


def _place(percentile: float) -> str:
    if percentile < 1:
        return "stands below the 1st percentile"
    if percentile > 99:
        return "stands above the 99th percentile"
    return f"stands at the {ordinal(percentile)} percentile"


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
            f"at {row[f'{PEOPLE}_percentile']:.0f} of {row['others']:,} options"
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
    places = "; ".join(
        f"{quoted(row['name'])} at {row[f'{PEOPLE}_percentile']:.0f} (range "
        f"{row[f'{PEOPLE}_low']:.0f} to {row[f'{PEOPLE}_high']:.0f}) among {row['others']:,} "
        f"options of {row['n_unitaries']} unitaries"
        for _, row in placed.iterrows()
    )
    vague = is_inconclusive(placed[f"{PEOPLE}_low"], placed[f"{PEOPLE}_high"]).any()
    hedge = (
        " Where the range in brackets is wide, public data do not tell a proposal from most other "
        "options."
    )
    return [
        "Each proposal was placed among all contiguous options of as many unitaries by how "
        "unevenly it would spread demand for care (0 is the most even option, 100 the least): "
        f"{places}.{hedge if vague else ''}",
        *by_land(study),
    ]
