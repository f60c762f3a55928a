"""Partnerships in sentences."""

from functools import partial

from lgr_report.chapters.partnerships.boards import THRESHOLD
from lgr_report.chapters.partnerships.links import LINKS, PER_BOARD
from lgr_report.chapters.partnerships.national import National
from lgr_report.chapters.partnerships.renewed import INFERRED, UNCHANGED
from lgr_report.chapters.partnerships.study import Study
from lgr_report.chapters.partnerships.tables import short
from lgr_report.page import phrases
from lgr_report.sources.assumptions import assumption, bounds

whole = partial(phrases.number, digits=0)


def in_short(study: Study) -> list[str]:
    """Return the national result, the area's proposals, and how far to trust it."""
    _, least, most = bounds(THRESHOLD)
    boards = study.national.thresholds.set_index("threshold")["boards"]
    unknown = [phrases.quoted(bid.name) for bid in study.here.proposals if not bid.footprints]
    left_out = f"; not computable: {phrases.listed(unknown)}" if unknown else ""
    return [
        f"{boards[least]} integrated care boards work with the "
        f"{study.national.thresholds['authorities'].iloc[0]} upper-tier authorities of the 21 "
        f"areas ({boards.min()} to {boards.max()} by threshold; published: "
        f"{study.national.published['PA01']:.0f}).",
        f"{_proposals(study)}{left_out}.",
        f"{since_2026(study)} A board counts from "
        f"{least:.0%} of an authority's neighbourhoods (ranges: any to {most:.0%}): a share of "
        "the map, not of the work that two bodies do together.",
    ]


def _proposals(study: Study) -> str:
    name, now, bids = study.here.name, study.measured.iloc[0], study.measured.iloc[1:]
    if bids.empty:
        return f"No proposal of {name} can be computed at district level"
    return (
        f"Under the computable proposals of {name} there would be "
        f"{phrases.span(bids[LINKS.metric], whole)} pairs of an authority and a care board "
        f"of 2024, against {whole(now[LINKS.metric])} with the councils of today; a board would "
        f"work with {phrases.span(bids[PER_BOARD.metric], phrases.number)} authorities on average, "
        f"those outside {name} counted, against {phrases.number(now[PER_BOARD.metric])}"
    )


def since_2026(study: Study) -> str:
    """Return the boards from April 2026: then and now, and how they are known."""
    now, bids = study.renewed.iloc[0], study.renewed.iloc[1:]
    if study.basis == UNCHANGED:
        return (
            "The counts are of the boards of 2024. New boards took over elsewhere on 1 April 2026; "
            "no merger that touches this area was found in the ministerial statement of 9 "
            "September 2025."
        )
    names = phrases.listed(phrases.quoted(short(board)) for board in now["boards"])
    moved = "board" if len(now["boards"]) == 1 else "boards"
    then = study.measured[LINKS.metric]
    proposed = (
        f" and {phrases.span(bids['pairs'], whole)} under the proposals "
        f"(2024: {phrases.span(then.iloc[1:], whole)})"
        if len(bids) and len(then) > 1
        else ""
    )
    known = (
        "The ministerial statement of 9 September 2025 names the footprint; that every district "
        "here lies in it is inferred."
        if study.basis == INFERRED
        else "NHS England and the ministerial statement of 9 September 2025 say so."
    )
    return (
        f"The counts above are of the boards of 2024. From 1 April 2026 the authorities work with "
        f"the care {moved} {names}: {phrases.count(int(now['pairs']), 'pair')} with the councils "
        f"of today (2024: {whole(then.iloc[0])}){proposed}. {known}"
    )


def published(country: National) -> list[str]:
    """Return the published counts beside ours, by reading."""
    boards = "; ".join(
        f"{'any' if not r.threshold else f'{r.threshold:.0%}'}: {r.boards} boards, {r.links} pairs"
        for r in country.thresholds.itertuples()
    )
    ways = "; ".join(
        f"{r.reading}: {phrases.number(r.additional, int(r.additional % 1 > 0), plus=True)}"
        for r in country.readings.itertuples()
    )
    return [
        f"Published: {country.published['PA01']:.0f} integrated care boards (CCN/Newton, p71). "
        "Computed, by the least share of an authority's neighbourhoods that makes a board count: "
        f"{boards}. This page uses {assumption(THRESHOLD):.0%}.",
        f"Published: {country.published['PA04']:.0f} more upper-tier authorities at an average of "
        f"500,000 (p71). Computed, by reading: {ways}.",
    ]
