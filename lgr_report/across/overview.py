"""All 21 areas beside one another: what the index page shows."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from lgr_report.across import decided
from lgr_report.core.divisions import Divisions
from lgr_report.page import phrases
from lgr_report.sources import areas, decisions, proposals


def key_figures(area_id: str) -> dict:
    """Return one line about an area: people, councils, proposals, decision, dates."""
    area, made = areas.get(area_id), decisions.get(area_id)
    proposed = proposals.unitaries(area_id)
    smallest = proposed["population"].min()
    return {
        "area_id": area_id,
        "name": area.name,
        "population": areas.population(area_id),
        "councils": len(areas.councils(area_id)),
        "proposals": int(proposed["proposal_id"].nunique()),
        "smallest": None if pd.isna(smallest) else int(smallest),
        "decision": _decision(made),
        "confidence": made.confidence,
        "vesting_day": phrases.day(made.vesting_day),
    }


def _decision(made: decisions.Decision) -> str:
    if made.n_unitaries is not None:
        return "1 unitary" if made.n_unitaries == 1 else f"{made.n_unitaries} unitaries"
    return "known in part" if made.known else "not known here"


def in_short(
    here: Divisions, placed: list[str], ordered: pd.DataFrame, computed: pd.DataFrame
) -> list[str]:
    """Return what a report says in short: a few sentences computed from its figures.

    Parameters
    ----------
    here : Divisions
        The area.
    placed : list of str
        Where its proposals stand among all options, as the chapter on options says it.
    ordered : pandas.DataFrame
        As `lgr_report.risk.exposure.ordered` returns it.
    computed : pandas.DataFrame
        As `lgr_report.risk.maturity.computed` returns it.
    """
    area_id = here.area.area_id
    made = decisions.get(area_id)
    words = [
        f"{here.name} has {areas.population(area_id):,} residents. "
        f"{phrases.count(len(here.proposals), 'proposal')} "
        f"{'was' if len(here.proposals) == 1 else 'were'} found. "
        f"{decided.in_short(made)} The new councils are to take over on "
        f"{phrases.day(made.vesting_day)}."
    ]
    words += placed
    words += _decided_apart(here)
    table = ordered
    first, top = table.index[0], int((table["score"] == table["score"].max()).sum())
    words.append(
        f"Of the {len(table)} risks in the register {top} "
        f"have its highest score, {table['score'].max()}; among these the area is most exposed to "
        f"{first} ({table.loc[first, 'title']})."
        if pd.notna(table.loc[first, "exposure"])
        else "No public indicator touches the risks with the highest score."
    )
    low = computed[computed["level"].eq(1).fillna(False)].groupby("council_name", sort=False)[
        "name"
    ]
    names = {council: [name.lower() for name in part] for council, part in low}
    words.append(
        "Level 1 of 4 on the maturity matrix, by public data (the lowest quarter of England's "
        "authorities, ties at their middle): "
        + "; ".join(f"{council} on {phrases.listed(part)}" for council, part in names.items())
        + "."
        if names
        else "By public data no authority of the area is at level 1 of the maturity matrix."
    )
    return words


def _decided_apart(here: Divisions) -> list[str]:
    """Say it plainly where the decided proposal is not among what can be computed."""
    return [
        f"The decided proposal, {phrases.quoted(bid.name)}, is not analysed here ({bid.status}). "
        "Only its directors and senior posts are given."
        for bid in here.proposals
        if bid.proposal_id == here.decided and not bid.footprints
    ]


def index(outputs: Path, errors: dict[str, str] | None = None) -> dict:
    """Return what the index page shows: a row an area with its links, and what went wrong.

    Parameters
    ----------
    outputs : Path
        Folder of the published pages; an area without a page has no link.
    errors : dict, optional
        For areas whose last run failed, why.
    """
    rows = [
        key_figures(area_id)
        | {"pages": _pages(outputs, area_id), "built": _built(outputs / area_id)}
        for area_id in areas.ids()
    ]
    return {
        "areas": rows,
        "national": _pages(outputs, "national"),
        "errors": errors or {},
    }


def _pages(outputs: Path, key: str) -> list[tuple[str, str]]:
    found = sorted(
        (outputs / key).glob("*.html"), key=lambda p: (p.stem != "county_report", p.stem)
    )
    return [(f"{key}/{page.name}", page.stem.replace("_", " ")) for page in found]


def _built(folder: Path) -> str | None:
    if not folder.exists():
        return None
    return f"{datetime.fromtimestamp(folder.stat().st_mtime):%-d %B %Y, %H:%M}"
