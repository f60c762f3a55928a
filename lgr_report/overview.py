"""All 21 areas beside one another: what the index page shows."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from lgr_report import areas, decisions, proposals, risks, tables


def key_figures(area_id: str) -> dict:
    """Return one line about an area: people, councils, proposals, decision, exposure, dates."""
    area, made = areas.get(area_id), decisions.get(area_id)
    proposed = proposals.unitaries(area_id)
    exposed = risks.exposure(area_id)["exposure"].dropna()
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
        "vesting_day": areas.day(made.vesting_day),
        "most_exposed": exposed.idxmax(),
        "exposure": float(exposed.max()),
    }


def _decision(made: decisions.Decision) -> str:
    if made.n_unitaries is not None:
        return "1 unitary" if made.n_unitaries == 1 else f"{made.n_unitaries} unitaries"
    return "known in part" if made.known else "not known here"


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
        "titles": tables.read("risks").set_index("risk_id")["name"].to_dict(),
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
