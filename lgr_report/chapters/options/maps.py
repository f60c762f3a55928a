"""Maps of an area: its councils, and its proposals side by side.

Shapes are derived from postcodes (``docs/shapes.md``): right for a small map, not for measuring.
"""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from shapely.plotting import patch_from_polygon

from lgr_report.core import options
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import BLUE, GREY, Figure, no_wider, picture, styled
from lgr_report.sources import areas, tables

SOURCE = "shapes derived from the ONS Postcode Directory (OGL v3.0), not official boundaries"
# A fill and a hatch for each unitary: colour alone carries nothing.
FILLS = ("#ADD1F1", "#F2F2F2", "#6BACE6", "#D9D9D9", "#CFE8E5")
HATCHES = ("", "///", "", "...", "\\\\")
COLUMNS = 3
MAP_HEIGHT = 2.9  # inches


@lru_cache(maxsize=4)
def _all_shapes(path: Path, stamp: int) -> dict[str, shapely.Geometry]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        feature["properties"]["gss_code"]: shapely.geometry.shape(feature["geometry"])
        for feature in features
    }


def shapes(gss_codes: list[str]) -> dict[str, shapely.Geometry]:
    """Return the shapes of councils by GSS code, in degrees (WGS84).

    Raises
    ------
    KeyError
        Naming the councils without a shape.
    """
    path = tables.data_dir() / "council_shapes.geojson"
    found = _all_shapes(path, path.stat().st_mtime_ns)
    absent = [code for code in gss_codes if code not in found]
    if absent:
        raise KeyError(f"no shape of {', '.join(absent)} in {path.name}: see docs/shapes.md")
    return {code: found[code] for code in gss_codes}


def _draw(axes: Axes, shape: shapely.Geometry, **style: object) -> None:
    for polygon in shapely.get_parts(shape):
        axes.add_patch(patch_from_polygon(polygon, **style))


def _frame(axes: Axes, drawn: dict[str, shapely.Geometry]) -> None:
    west, south, east, north = shapely.total_bounds(list(drawn.values()))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    # A degree of longitude is shorter than one of latitude, by the cosine of the latitude.
    axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    axes.axis("off")


@styled
def councils(area_id: str) -> Figure:
    """Draw the councils that an area's footprints are made of, numbered by size."""
    here, mine = areas.get(area_id), areas.councils(area_id)
    unitary = mine["council_type"] == "unitary"
    title = f"{here.name}: {phrases.count(len(mine), 'council')} to divide"
    if unitary.any():
        title += f", {unitary.sum()} of them unitary already"
    drawn = picture(5.4, title, f"{SOURCE}; ONS mid-2024 population estimates")
    axes = drawn.add_subplot()
    found = shapes(mine["gss_code"].tolist())
    for number, row in enumerate(mine.itertuples(), start=1):
        already = row.council_type == "unitary"
        style = {"facecolor": "#D9D9D9" if already else "#ADD1F1", "hatch": "//" if already else ""}
        _draw(axes, found[row.gss_code], edgecolor="white", linewidth=1.2, **style)
        spot = found[row.gss_code].representative_point()
        axes.text(
            spot.x,
            spot.y,
            str(number),
            ha="center",
            va="center",
            fontsize=10,
            fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    _frame(axes, found)
    names = [f"{k} {name}" for k, name in enumerate(mine["council_name"], start=1)]
    drawn.legend(
        handles=[PathPatch(axes.patches[0].get_path(), alpha=0) for _ in names],
        labels=names,
        loc="outside right center",
        fontsize=9,
        handlelength=0,
        handletextpad=0,
    )
    spoken = ", ".join(f"{row.council_name} {row.population:,}" for row in mine.itertuples())
    shown = mine.assign(number=range(1, len(mine) + 1))
    shown = shown[["number", "council_name", "council_type", "population"]]
    return Figure(
        drawn,
        title,
        f"Map with numbers, by residents: {spoken}.",
        Table(shown, f"Councils of {here.name}"),
    )


@styled
def proposals(area_id: str) -> Figure:
    """Draw each submitted proposal as a small map; a bid that splits a district is marked."""
    here, bids = areas.get(area_id), options.proposals(area_id)
    computable = sum(bid.status == options.COMPUTABLE for bid in bids)
    title = f"{here.name}: {phrases.count(len(bids), 'proposal')}, {computable} of whole districts"
    rows = -(-len(bids) // COLUMNS)
    drawn = picture(MAP_HEIGHT * rows + 1, title, SOURCE)
    grid = drawn.subplots(rows, COLUMNS, squeeze=False).ravel()
    mine = areas.councils(area_id)
    names = tables.read("councils").set_index("gss_code")["council_name"]
    spoken = []
    for axes, bid in zip(grid, bids, strict=False):
        outside = list(bid.outside_councils) if bid.footprints else []
        found = shapes(mine["gss_code"].tolist() + outside)
        if bid.footprints:
            for k, (_, codes) in enumerate(bid.footprints):
                style = {"facecolor": FILLS[k % 5], "hatch": HATCHES[k % 5]}
                merged = shapely.union_all([found[code] for code in codes])
                _draw(axes, merged, edgecolor=BLUE, linewidth=1.4, **style)
                spot = merged.representative_point()
                axes.text(
                    spot.x,
                    spot.y,
                    str(k + 1),
                    ha="center",
                    va="center",
                    fontweight="bold",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                )
            parts = "; ".join(
                f"{k} {name}: {', '.join(names[list(codes)])}"
                for k, (name, codes) in enumerate(bid.footprints, start=1)
            )
        else:
            for code, shape in found.items():
                split = code in bid.split_councils
                style = {"facecolor": "#FBD5C0" if split else "#F2F2F2", "hatch": "xx" * split}
                _draw(axes, shape, edgecolor=GREY, linewidth=0.6, **style)
            crossed = [names[code] for code in bid.split_councils]
            parts = bid.status + (f" (splits {phrases.listed(crossed)})" if crossed else "")
        _frame(axes, found)
        mark = "" if bid.footprints else "\n(not computable; hatched: split)"
        axes.set_title("\n".join(no_wider([bid.name], 30)) + mark, fontsize=9.5, loc="left")
        spoken.append(f"{bid.name}: {parts}")
    for axes in grid[len(bids) :]:
        axes.axis("off")
    shown = pd.DataFrame(
        [
            {"proposal": bid.name, "status": bid.status, "unitaries": text.partition(": ")[2]}
            for bid, text in zip(bids, spoken, strict=True)
        ]
    )
    return Figure(
        drawn,
        title,
        "Small maps. " + ". ".join(spoken) + ".",
        Table(shown, "Proposals on the maps"),
    )
