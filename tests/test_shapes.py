"""The shipped council shapes: complete, valid, edge to edge, and near the published facts."""

import csv
import json
import math
from itertools import combinations
from pathlib import Path

import pytest
import shapely

DATA = Path(__file__).resolve().parent.parent / "data"
KM_PER_DEGREE = 111.25  # of latitude, in England


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of the suite."""
    with (DATA / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def square_km(shape: shapely.Geometry) -> float:
    """Return the area of a small shape in degrees; good to half a per cent in England."""
    return shape.area * KM_PER_DEGREE**2 * math.cos(math.radians(shape.centroid.y))


@pytest.fixture(scope="module")
def features() -> list[dict]:
    """Return the features of the shipped file."""
    return json.loads((DATA / "council_shapes.geojson").read_text(encoding="utf-8"))["features"]


@pytest.fixture(scope="module")
def shapes(features) -> dict[str, shapely.Geometry]:
    """Return the shapes by council code."""
    return {
        feature["properties"]["gss_code"]: shapely.geometry.shape(feature["geometry"])
        for feature in features
    }


@pytest.fixture(scope="module")
def councils() -> dict[str, dict[str, str]]:
    """Return the councils that need a shape: a county is the union of its districts."""
    return {row["gss_code"]: row for row in rows("councils.csv") if row["council_type"] != "county"}


@pytest.fixture(scope="module")
def neighbours(shapes, councils) -> set[frozenset[str]]:
    """Return the pairs of councils of one area that share more than a point."""
    tree = shapely.STRtree(list(shapes.values()))
    codes = list(shapes)
    return {
        frozenset([codes[i], codes[j]])
        for i, j in tree.query(list(shapes.values()), predicate="intersects").T
        if i < j
        and councils[codes[i]]["area_id"] == councils[codes[j]]["area_id"]
        and shapes[codes[i]].intersection(shapes[codes[j]]).length > 0
    }


def test_every_council_but_the_counties_has_one_shape(features, shapes, councils):
    assert len(features) == len(shapes)
    assert set(shapes) == set(councils)
    names = {f["properties"]["gss_code"]: f["properties"]["name"] for f in features}
    assert names == {code: row["council_name"] for code, row in councils.items()}


def test_file_is_small_enough_to_put_into_a_page():
    assert (DATA / "council_shapes.geojson").stat().st_size < 800_000


def test_coordinates_are_degrees_in_england_with_four_decimals(shapes):
    corners = shapely.get_coordinates(list(shapes.values()))
    assert corners[:, 0].min() > -5
    assert corners[:, 0].max() < 2
    assert corners[:, 1].min() > 50
    assert corners[:, 1].max() < 55
    assert (corners == corners.round(4)).all()


def test_shapes_are_valid_and_hold_ground(shapes):
    broken = {code: shapely.is_valid_reason(s) for code, s in shapes.items() if not s.is_valid}
    assert not broken
    assert min(square_km(shape) for shape in shapes.values()) > 10


def test_shapes_lie_edge_to_edge(shapes):
    """No overlap, and neighbours share every corner of their border."""
    assert shapely.coverage_is_valid(list(shapes.values()))


def test_overlap_within_an_area_is_nil(shapes, councils):
    by_area: dict[str, list[shapely.Geometry]] = {}
    for code, shape in shapes.items():
        by_area.setdefault(councils[code]["area_id"], []).append(shape)
    assert len(by_area) == 21
    for area, members in by_area.items():
        overlap = sum(
            square_km(a.intersection(b)) for a, b in combinations(members, 2) if a.intersects(b)
        )
        assert overlap < 0.01, area


def test_the_shapes_of_an_area_leave_no_gap_between_them(shapes, councils):
    """A hole in the union of an area is ground of another area, or is too large to be a slip."""
    everything = shapely.union_all(list(shapes.values()))
    for area in {row["area_id"] for row in councils.values()}:
        union = shapely.union_all(
            [shape for code, shape in shapes.items() if councils[code]["area_id"] == area]
        )
        holes = [
            shapely.Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors
        ]
        slips = [h for h in holes if not everything.contains(h) and square_km(h) < 1]
        assert not slips, area


def test_no_piece_is_a_scrap(shapes):
    pieces = [part for shape in shapes.values() for part in shapely.get_parts(shape)]
    assert min(square_km(piece) for piece in pieces) > 1.5


def test_areas_are_near_the_published_land_areas(shapes):
    published = {row["gss_code"]: float(row["area_km2"]) for row in rows("centres.csv")}
    ratios = sorted(square_km(shape) / published[code] for code, shape in shapes.items())
    assert ratios[0] > 0.85
    assert ratios[-1] < 1.20
    assert ratios[len(ratios) // 2] == pytest.approx(1, abs=0.01)
    assert sum(0.9 < ratio < 1.1 for ratio in ratios) / len(ratios) > 0.95


def test_every_centre_lies_in_its_shape(shapes):
    outside = [
        row["gss_code"]
        for row in rows("centres.csv")
        if row["gss_code"] in shapes
        and not shapes[row["gss_code"]].contains(
            shapely.Point(float(row["longitude"]), float(row["latitude"]))
        )
    ]
    assert not outside


def test_every_land_link_is_a_shared_border(neighbours):
    land = {
        frozenset([row["gss_a"], row["gss_b"]])
        for row in rows("adjacency.csv")
        if row["link_type"] == "land"
    }
    assert len(land & neighbours) == len(land)


def test_shared_borders_without_a_link_are_the_two_known_ones(neighbours):
    """Both run in an estuary that is too narrow for these shapes: docs/shapes.md names them."""
    linked = {frozenset([row["gss_a"], row["gss_b"]]) for row in rows("adjacency.csv")}
    plymouth_west_devon = frozenset(["E06000026", "E07000047"])
    fylde_west_lancashire = frozenset(["E07000119", "E07000127"])
    assert neighbours - linked == {plymouth_west_devon, fylde_west_lancashire}


def test_no_ferry_link_is_a_shared_border(neighbours):
    ferry = {
        frozenset([row["gss_a"], row["gss_b"]])
        for row in rows("adjacency.csv")
        if row["link_type"] == "ferry"
    }
    assert not ferry & neighbours
