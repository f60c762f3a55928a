"""Children placed across borders, and homes and places for them, by upper-tier authority.

No figure of districts is published, neither of children placed nor of the places where they came
from, so nothing can be computed for a footprint. What can be seen is how a county and its
neighbours stand now: who sends children elsewhere, who takes them in, and where homes are.
"""

import pandas as pd

from lgr_report.page import phrases
from lgr_report.sources import areas, indicators, tables
from lgr_report.sources.cache import once_per_batch

PLACED = 2024  # 31 March of; children looked after are taken at the same date
SETTLED_BY = (
    "DfE children looked after return: placements by district of the placement and of the home "
    "address (collected by postcode, not published by district)"
)
FIGURES = {
    "placed_out_per_100": "own children placed elsewhere, per 100 looked after",
    "placed_in_per_100": "children of others placed here, per 100 looked after",
    "far_pct": "placed outside, more than 20 miles away, per cent",
    "homes_per_100": "children's homes here per 100 looked after",
    "places_per_100": "places in these homes per 100 looked after",
}


@once_per_batch
def authorities() -> pd.DataFrame:
    """Return placements and provision of every upper-tier authority of England.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; authority_name, region, looked_after and placed_out, placed_in (children,
        31 March 2024), far_pct (2025), homes and places (children's homes, 31 March 2025), and the
        ratios of `FIGURES` (to children looked after of 2024 for placements, of 2025 for homes).
        Missing where not published; places are missing where one row of them is.
    """
    upper = tables.read("upper_tier").set_index("gss_code")[["authority_name", "region"]]
    panel = tables.read("children_panel")
    panel = panel[panel["measure"] == "cla_number"]
    by_year = panel.pivot_table(index="gss_code", columns="period", values="value")
    placed = tables.read("placements_across_borders")
    placed = (
        placed[placed["year"] == PLACED]
        .set_index("gss_code")[["placed_in", "placed_out"]]
        .astype(float)
    )
    far = indicators.upper_tier()["cla_pct_20miles_outside_2025"].rename("far_pct")
    frame = upper.join(placed).join(far)
    frame = frame.join(_homes(upper.index))
    frame["looked_after"] = by_year[str(PLACED)].reindex(frame.index)
    later = by_year[str(PLACED + 1)].reindex(frame.index)
    for name in ("placed_out", "placed_in"):
        frame[f"{name}_per_100"] = 100 * frame[name] / frame["looked_after"]
    for name in ("homes", "places"):
        frame[f"{name}_per_100"] = 100 * frame[name] / later
    return frame


def _homes(index: pd.Index) -> pd.DataFrame:
    """Return children's homes and their places by authority; one that is not listed has none."""
    listed = tables.read("childrens_provision")
    listed = (
        listed[listed["kind"] == "childrens_home"].astype({"places": float}).groupby("gss_code")
    )
    homes = listed["providers"].sum().reindex(index, fill_value=0)
    places = listed["places"].apply(lambda column: column.sum(skipna=False))
    return pd.DataFrame({"homes": homes, "places": places.reindex(index, fill_value=0)})


def beside(area_id: str) -> pd.DataFrame:
    """Return the area's authorities (the county first), then medians of its region and England.

    Returns
    -------
    pandas.DataFrame
        The columns of `authorities`, authority_name first; numbers of a median row are missing,
        ratios are medians. Authorities of the region include those of the area.
    """
    every = authorities()
    mine = every.loc[areas.authorities(area_id)["gss_code"]]
    region = mine["region"].iloc[0]
    ratios = [*FIGURES]
    medians = {
        f"median of {region}": every.loc[every["region"] == region, ratios].median(),
        "median of England": every[ratios].median(),
    }
    rows = pd.DataFrame(medians).T.rename_axis("authority_name").reset_index()
    return pd.concat([mine.reset_index(drop=True), rows], ignore_index=True)


def shown(area_id: str) -> pd.DataFrame:
    """Return `beside` for a page: numbers of children, homes and places, and the ratios."""
    table = beside(area_id)
    counts = {
        "looked_after": f"looked after, {PLACED}",
        "placed_out": "placed elsewhere",
        "placed_in": "others' placed here",
        "homes": "children's homes",
        "places": "places",
    }
    for name in counts:
        column = table[name].map("{:,.0f}".format, na_action="ignore").astype(object)
        medians = table["authority_name"].str.startswith("median of ")
        table[name] = column.fillna("not available").mask(medians, "–")
    for name in FIGURES:
        table[name] = table[name].map("{:.0f}".format, na_action="ignore").astype(object)
    table = table.rename(columns={"authority_name": "authority", **counts, **FIGURES})
    return table[["authority", *counts.values(), *FIGURES.values()]]


def in_words(area_id: str) -> list[str]:
    """Return how the area's authorities stand now, and why no footprint can be computed."""
    mine = beside(area_id)
    england = mine.iloc[-1]
    area = mine[~mine["authority_name"].str.startswith("median of ")]
    words = []
    known = area.dropna(subset=["placed_in", "placed_out"])
    for row in known.itertuples():
        more = row.placed_in - row.placed_out
        side = (
            f"takes in {more:,.0f} more children than it places elsewhere"
            if more > 0
            else f"places {-more:,.0f} more children elsewhere than it takes in"
            if more < 0
            else "takes in as many children as it places elsewhere"
        )
        words.append(f"{row.authority_name} {side}")
    sentences = [f"On 31 March {PLACED}: {'; '.join(words)}."] if words else []
    unknown = area.loc[area[["placed_in", "placed_out"]].isna().any(axis=1), "authority_name"]
    if len(unknown):
        sentences.append(f"Not published for {phrases.listed(unknown)}.")
    places = "; ".join(
        f"{row.authority_name} {row.places_per_100:.0f}"
        for row in area.dropna(subset=["places_per_100"]).itertuples()
    )
    return [
        " ".join(sentences),
        f"Places in children's homes per 100 children looked after: {places}; the median "
        f"authority of England has {england['places_per_100']:.0f}. Places are where homes stand, "
        "whoever uses them.",
        "No public table has these figures by district, so a proposed unitary cannot be computed. "
        f"It would be settled by: {SETTLED_BY}.",
    ]
