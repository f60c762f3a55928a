"""Children placed across borders, and homes and places for them, by upper-tier authority.

No figure of districts is published, neither of children placed nor of the places where they came
from, so nothing can be computed for a footprint. What can be seen is how a county and its
neighbours stand now: who sends children elsewhere, who takes them in, and where homes are.
"""

from collections.abc import Iterable

import pandas as pd

from lgr_report.sources import indicators, tables

PLACED = 2024  # 31 March of; children looked after are taken at the same date
FIGURES = {
    "placed_out_per_100": "own children placed elsewhere, per 100 looked after",
    "placed_in_per_100": "children of others placed here, per 100 looked after",
    "far_pct": "placed outside, more than 20 miles away, per cent",
    "homes_per_100": "children's homes here per 100 looked after",
    "places_per_100": "places in these homes per 100 looked after",
}


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
    panel = tables.read("children_panel").query("measure == 'cla_number'")
    by_year = panel.pivot_table(index="gss_code", columns="period", values="value")
    placed = tables.read("placements_across_borders").query("year == @PLACED")
    placed = placed.set_index("gss_code")[["placed_in", "placed_out"]].astype(float)
    far = indicators.upper_tier()["cla_pct_20miles_outside_2025"].rename("far_pct")
    frame = upper.join([placed, far, _homes(upper.index), by_year[str(PLACED)]])
    frame = frame.rename(columns={str(PLACED): "looked_after"})
    later = by_year[str(PLACED + 1)].reindex(frame.index)
    for name in ("placed_out", "placed_in"):
        frame[f"{name}_per_100"] = 100 * frame[name] / frame["looked_after"]
    for name in ("homes", "places"):
        frame[f"{name}_per_100"] = 100 * frame[name] / later
    return frame


def _homes(index: pd.Index) -> pd.DataFrame:
    """Return children's homes and their places by authority; one that is not listed has none."""
    listed = tables.read("childrens_provision").query("kind == 'childrens_home'")
    listed = listed.astype({"places": float}).groupby("gss_code")
    homes = listed["providers"].sum().reindex(index, fill_value=0)
    places = listed["places"].apply(lambda column: column.sum(skipna=False))
    return pd.DataFrame({"homes": homes, "places": places.reindex(index, fill_value=0)})


def beside(gss_codes: Iterable[str]) -> pd.DataFrame:
    """Return some authorities, then medians of the region of the first and of England.

    Returns
    -------
    pandas.DataFrame
        The columns of `authorities`, and median: whether the row is one. Then its
        numbers are missing, its ratios are medians. Authorities of the region include those given.
    """
    every = authorities()
    chosen = every.loc[[*gss_codes]]
    region, ratios = chosen["region"].iloc[0], [*FIGURES]
    medians = pd.DataFrame(
        [every.loc[every["region"] == region, ratios].median(), every[ratios].median()]
    )
    names = [f"median of {region}", "median of England"]
    medians = medians.assign(authority_name=names, median=True)
    return pd.concat([chosen.assign(median=False), medians], ignore_index=True)
