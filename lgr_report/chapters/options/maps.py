"""Maps of an area: its councils, and its proposals side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from shapely.plotting import patch_from_polygon

from lgr_report.core.proposals import Proposal
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import BLUE, GREY, Figure, no_wider, picture, styled
from lgr_report.sources import tables
from lgr_report.sources.shapes import SOURCE, shapes

# A fill and a hatch for each unitary: colour alone carries nothing.
FILLS = ("#ADD1F1", "#F2F2F2", "#6BACE6", "#D9D9D9", "#CFE8E5")
HATCHES = ("", "///", "", "...", "\\\\")
COLUMNS = 3
MAP_HEIGHT = 2.9  # inches


def _draw(axes: Axes, shape: shapely.Geometry, **style: object) -> None:
    for polygon in shapely.get_parts(shape):
        axes.add_patch(patch_from_polygon(polygon, **style))


def _number(axes: Axes, shape: shapely.Geometry, number: int, **style: object) -> None:
    spot = shape.representative_point()
    style |= {"ha": "center", "va": "center", "fontweight": "bold"}
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.text(spot.x, spot.y, str(number), bbox=box, **style)


def _frame(axes: Axes, outlines: Mapping[str, shapely.Geometry]) -> None:
    west, south, east, north = shapely.total_bounds(list(outlines.values()))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    # A degree of longitude is shorter than one of latitude, by the cosine of the latitude.
    axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    axes.axis("off")


@styled
def councils(name: str, councils: pd.DataFrame) -> Figure:
    """Draw the councils that an area's footprints are made of, numbered by size.

    Parameters
    ----------
    name : str
        Name of the area.
    councils : pandas.DataFrame
        As `areas.councils` returns them.
    """
    unitary = councils["council_type"] == "unitary"
    title = f"{name}: {phrases.count(len(councils), 'council')} to divide"
    if unitary.any():
        title += f", {unitary.sum()} of them unitary already"
    drawn = picture(5.4, title, f"{SOURCE}; ONS mid-2024 population estimates")
    axes, outlines = drawn.add_subplot(), shapes(councils["gss_code"])
    shown = councils.assign(number=range(1, len(councils) + 1))
    for row in shown.itertuples():
        already = row.council_type == "unitary"
        style = {"facecolor": "#D9D9D9" if already else "#ADD1F1", "hatch": "//" if already else ""}
        _draw(axes, outlines[row.gss_code], edgecolor="white", linewidth=1.2, **style)
        _number(axes, outlines[row.gss_code], row.number, fontsize=10)
    _frame(axes, outlines)
    drawn.legend(
        handles=[PathPatch(axes.patches[0].get_path(), alpha=0)] * len(shown),
        labels=[f"{row.number} {row.council_name}" for row in shown.itertuples()],
        loc="outside right center",
        fontsize=9,
        handlelength=0,
        handletextpad=0,
    )
    spoken = ", ".join(f"{row.council_name} {row.population:,}" for row in shown.itertuples())
    columns = ["number", "council_name", "council_type", "population"]
    return Figure(
        drawn,
        title,
        f"Map with numbers, by residents: {spoken}.",
        Table(shown[columns], f"Councils of {name}"),
    )


@styled
def proposals(name: str, councils: pd.DataFrame, bids: Sequence[Proposal]) -> Figure:
    """Draw each submitted proposal as a small map; a bid that splits a district is marked.

    Parameters
    ----------
    name, councils
        As for `councils`.
    bids : sequence of Proposal
        Of the area.
    """
    computable = sum(bool(bid.footprints) for bid in bids)
    title = f"{name}: {phrases.count(len(bids), 'proposal')}, {computable} of whole districts"
    height = -(-len(bids) // COLUMNS)
    drawn = picture(MAP_HEIGHT * height + 1, title, SOURCE)
    grid = drawn.subplots(height, COLUMNS, squeeze=False).ravel()
    for axes, bid in zip(grid, bids, strict=False):
        _proposal(axes, bid, councils["gss_code"].tolist())
    for axes in grid[len(bids) :]:
        axes.axis("off")
    names = tables.read("councils").set_index("gss_code")["council_name"]
    spoken = [f"{bid.name}: {_unitaries(bid, names)}" for bid in bids]
    # A name may hold a colon itself, so nothing is parted at one.
    rows = [(bid.name, bid.status, _unitaries(bid, names)) for bid in bids]
    shown = pd.DataFrame(rows, columns=["proposal", "status", "unitaries"])
    table = Table(shown, "Proposals on the maps")
    return Figure(drawn, title, f"Small maps. {'. '.join(spoken)}.", table)


def _proposal(axes: Axes, bid: Proposal, gss_codes: list[str]) -> None:
    outlines = shapes(gss_codes + list(bid.outside_councils if bid.footprints else ()))
    for k, codes in enumerate(bid.division):
        style = {"facecolor": FILLS[k % 5], "hatch": HATCHES[k % 5]}
        unitary = shapely.union_all([outlines[code] for code in codes])
        _draw(axes, unitary, edgecolor=BLUE, linewidth=1.4, **style)
        _number(axes, unitary, k + 1)
    if not bid.footprints:
        for code, shape in outlines.items():
            split = code in bid.split_councils
            style = {"facecolor": "#FBD5C0" if split else "#F2F2F2", "hatch": "xx" * split}
            _draw(axes, shape, edgecolor=GREY, linewidth=0.6, **style)
    _frame(axes, outlines)
    mark = "" if bid.footprints else "\n(not computable; hatched: split)"
    axes.set_title("\n".join(no_wider([bid.name], 30)) + mark, fontsize=9.5, loc="left")


def _unitaries(bid: Proposal, names: pd.Series) -> str:
    """Return the unitaries of a proposal with their councils, or why they are not drawn."""
    if bid.footprints:
        return "; ".join(
            f"{k} {name}: {', '.join(names[list(codes)])}"
            for k, (name, codes) in enumerate(bid.footprints, start=1)
        )
    split = phrases.listed(names[code] for code in bid.split_councils)
    return bid.status + (f" (splits {split})" if split else "")
