"""Outlines of councils, derived from postcodes: right for a small map, not for measuring.

``docs/shapes.md`` says how they were made and how good they are.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import shapely

from lgr_report.sources import tables

SOURCE = "shapes derived from the ONS Postcode Directory (OGL v3.0), not official boundaries"


@lru_cache(maxsize=4)
def _all(path: Path, stamp: int) -> dict[str, shapely.Geometry]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        feature["properties"]["gss_code"]: shapely.geometry.shape(feature["geometry"])
        for feature in features
    }


def shapes(gss_codes: Iterable[str]) -> dict[str, shapely.Geometry]:
    """Return the shapes of councils by GSS code, in degrees (WGS84).

    Raises
    ------
    KeyError
        Naming the councils without a shape.
    """
    path = tables.data_dir() / "council_shapes.geojson"
    known, gss_codes = _all(path, path.stat().st_mtime_ns), [*gss_codes]
    absent = [code for code in gss_codes if code not in known]
    if absent:
        raise KeyError(f"no shape of {', '.join(absent)} in {path.name}: see docs/shapes.md")
    return {code: known[code] for code in gss_codes}
