"""The index page: all 21 areas beside one another, with links to what is published."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from lgr_report.page import pages, phrases
from lgr_report.sources import areas, decisions, proposals


def html(outputs: Path, errors: Mapping[str, str] | None = None) -> str:
    """Return the index page of an output folder: a row an area with its links.

    Parameters
    ----------
    outputs : Path
        Folder of the published pages; an area without a page has no link.
    errors : mapping, optional
        For areas whose last run failed, why.
    """
    rows = [
        key_figures(area_id)
        | {"pages": _pages(outputs, area_id), "built": _built(outputs / area_id)}
        for area_id in areas.ids()
    ]
    national = _pages(outputs, "national")
    return pages.render("index.html.j2", areas=rows, national=national, errors=dict(errors or {}))


def _pages(outputs: Path, key: str) -> list[tuple[str, str]]:
    published = sorted(
        (outputs / key).glob("*.html"), key=lambda page: (page.stem != "county_report", page.stem)
    )
    return [(f"{key}/{page.name}", page.stem.replace("_", " ")) for page in published]


def _built(folder: Path) -> str | None:
    if not folder.exists():
        return None
    built = datetime.fromtimestamp(folder.stat().st_mtime)
    return f"{phrases.day(built)}, {built:%H:%M}"


def key_figures(area_id: str) -> dict:
    """Return one line about an area: people, councils, proposals, decision, dates."""
    area, decision = areas.get(area_id), decisions.get(area_id)
    proposed = proposals.unitaries(area_id)
    smallest = proposed["population"].min()
    made = "known in part" if decision.known else "not known here"
    if decision.n_unitaries is not None:
        made = phrases.unitaries(decision.n_unitaries)
    return {
        "area_id": area_id,
        "name": area.name,
        "population": areas.population(area_id),
        "councils": len(areas.councils(area_id)),
        "proposals": int(proposed["proposal_id"].nunique()),
        "smallest": None if pd.isna(smallest) else int(smallest),
        "decision": made,
        "confidence": decision.confidence,
        "vesting_day": phrases.day(decision.vesting_day),
    }
