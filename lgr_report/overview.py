"""All 21 areas beside one another: what the index page shows."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from lgr_report import areas, decisions, maturity, proposals, risks, tables


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


def in_short(area_id: str, standings: pd.DataFrame) -> list[str]:
    """Return what a report says in short: four sentences computed from its figures.

    Parameters
    ----------
    area_id : str
        Slug of the area.
    standings : pandas.DataFrame
        As `scores.standings` returns it.
    """
    area, made = areas.get(area_id), decisions.get(area_id)
    bids = proposals.unitaries(area_id).drop_duplicates("proposal_id")
    decided = (
        f"government decided for {areas.count(made.n_unitaries, 'unitary').replace('ys', 'ies')}"
        if made.n_unitaries
        else "what government decided is known in part"
        if made.known
        else "what government decided is not known here"
    )
    words = [
        f"{area.name} has {areas.population(area_id):,} residents. "
        f"{areas.count(len(bids), 'proposal')} found; {decided}. The new councils take over on "
        f"{areas.day(made.vesting_day)}."
    ]
    placed = standings[standings["people_percentile"].notna()]
    if len(placed):
        even = placed.loc[placed["people_percentile"].idxmin()]
        odd = placed.loc[placed["people_percentile"].idxmax()]
        words.append(
            "Each proposal was placed among all contiguous options with as many unitaries, by how "
            "unevenly it spreads demand for care (0 is the most even option, 100 the least): "
            + (
                f"“{even['name']}” stands at {even['people_percentile']:.0f}."
                if len(placed) == 1
                else f"best stands “{even['name']}” at {even['people_percentile']:.0f}, worst "
                f"“{odd['name']}” at {odd['people_percentile']:.0f}."
            )
        )
    else:
        words.append("No proposal can be placed among the options: the table says why.")
    table = risks.ordered(area_id)
    first, top = table.index[0], int((table["score"] == table["score"].max()).sum())
    words.append(
        f"Of the {len(table)} risks in the register {top} "
        f"have its highest score, {table['score'].max()}; among these the area is most exposed to "
        f"{first} ({table.loc[first, 'title']})."
        if pd.notna(table.loc[first, "exposure"])
        else "No public indicator touches the risks with the highest score."
    )
    computed = maturity.computed(area_id)
    mine = computed[computed["gss_code"] == area.county_gss].dropna(subset=["level"])
    low = mine[mine["level"] == 1]["name"].str.lower()
    words.append(
        f"By public data {area.county_name} is in the lowest quarter of England's authorities on "
        f"{areas.listed(low)}."
        if len(low)
        else f"By public data {area.county_name} is in the lowest quarter of England's authorities "
        "on none of the maturity areas that have indicators."
    )
    return words


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
