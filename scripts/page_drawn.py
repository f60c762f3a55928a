"""A chart that is composed and not rendered: a dot in its place, which says what was drawn.

Rendering is most of the time of a page. The dot carries the words of the chart, its size and short
hashes of its shapes, so that a label that goes or a bar that grows is told all the same.
"""

import base64
import hashlib
import html
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import Transform
from numpy.typing import ArrayLike
from PIL import Image, PngImagePlugin

KEY = "drawn"  # of the text in the PNG
SAID = re.compile("<desc>(.*?)</desc>", re.DOTALL)
DECIMALS = 4  # of a place that count: the last digits depend on the order of a sum
NOTHING = ("None", "none", " ", "", None)  # how matplotlib names no line and no mark
PLACES = {"d", "x", "y", "width", "height", "points", "transform", "viewBox"}
SHORT = 8  # characters of a hash


def instead_of_drawing() -> None:
    """Let every figure of this process be saved as a dot."""
    Figure.savefig = _save  # type: ignore[method-assign]


def _save(figure: Figure, fname: object, format: str = "png", **_: object) -> None:
    payload = svg(figure) if format == "svg" else dot(figure)
    if hasattr(fname, "write"):
        fname.write(payload)
    elif isinstance(payload, str):
        Path(fname).write_text(payload, encoding="utf-8")
    else:
        Path(fname).write_bytes(payload)


def svg(figure: Figure) -> str:
    """Return an SVG without a shape that says what a figure shows."""
    return f"<svg><desc>{html.escape(json.dumps(_said(figure)))}</desc></svg>"


def dot(figure: Figure) -> bytes:
    """Return a PNG of one pixel that says what a figure shows."""
    about = PngImagePlugin.PngInfo()
    about.add_itxt(KEY, json.dumps(_said(figure)))
    buffer = io.BytesIO()
    Image.new("L", (1, 1), 255).save(buffer, "PNG", pnginfo=about)
    return buffer.getvalue()


def _said(figure: Figure) -> tuple[list[str], str]:
    for axes in figure.get_axes():
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            axis.get_ticklabels()  # the labels have no text before
    artists = _artists(figure)
    words = [artist.get_text() for artist, _ in artists if isinstance(artist, Text)]
    return [word for word in words if word.strip()], _shapes(figure, artists)


def told(picture: object) -> tuple[list[str], str]:
    """Return the words of what was saved and the hash of its shapes; nothing of another picture."""
    if str(picture).startswith("<svg"):
        said = SAID.search(str(picture))
        words, shapes = json.loads(html.unescape(said[1])) if said else _rendered(str(picture))
        return words, shapes
    payload = picture if isinstance(picture, bytes) else base64.b64decode(str(picture))
    words, shapes = json.loads(Image.open(io.BytesIO(payload)).info.get(KEY, '[[], ""]'))
    return words, shapes


def _rendered(svg: str) -> tuple[list[str], str]:
    """Return the words of a picture that was rendered; its size, hashes of places and of styles."""
    root = ElementTree.fromstring(svg)
    places, styles = hashlib.sha256(), hashlib.sha256()
    for element in root.iter():
        for name, value in element.attrib.items():
            (places if name in PLACES else styles).update(
                f"{element.tag} {name} {value}\n".encode()
            )
    texts = ["".join(e.itertext()) for e in root.iter() if e.tag.rpartition("}")[2] == "text"]
    size = f"{root.get('width')} × {root.get('height')}"
    hashes = [whole.hexdigest()[:SHORT] for whole in (places, styles)]
    return [text for text in texts if text.strip()], ", ".join([size, *hashes])


def _artists(figure: Figure) -> list[tuple[Artist, Transform]]:
    """Return what is seen of a figure, each thing with the plot or the page that it stands on."""
    plots = {id(artist): axes for axes in figure.get_axes() for artist in axes.findobj()}
    found = []
    for artist in figure.findobj():
        axes = plots.get(id(artist))
        if artist.get_visible() and (axes is None or axes.get_visible()):
            found.append((artist, figure.transFigure if axes is None else axes.transAxes))
    return found


def _shapes(figure: Figure, artists: list[tuple[Artist, Transform]]) -> str:
    """Return the size of a figure and short hashes of where things stand, and of how they look.

    In whatever order they were drawn.
    """
    seen = [each for artist, ground in artists if (each := _seen(artist, ground))[1]]
    width, height = figure.get_size_inches()
    places = _short(f"{kind} {where.hex()}" for kind, where, _ in seen)
    looks = _short(f"{kind} {where.hex()} {how.hex()}" for kind, where, how in seen)
    return f"{width:.3g} by {height:.3g} inches, places {places}, looks {looks}"


def _short(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:SHORT]


def _seen(artist: Artist, ground: Transform) -> tuple[str, bytes, bytes]:
    """Return what kind of thing an artist is, where, and how it looks; empty where none is seen."""
    if isinstance(artist, Text) and artist.get_text().strip():
        where = _places(ground, artist.get_transform(), [artist.get_unitless_position()])
        # Which word stands there belongs to it: two labels may change places.
        return "text", where + artist.get_text().encode(), _colours(artist.get_color())
    if isinstance(artist, Line2D):
        return "line", *_of_line(artist, ground)
    if isinstance(artist, Patch) and not isinstance(artist, Spine):  # a spine is placed when drawn
        where = _places(ground, artist.get_transform(), artist.get_path().vertices)
        colours = _colours(artist.get_facecolor(), artist.get_edgecolor())
        return "patch", where, colours + str(artist.get_hatch()).encode()
    if isinstance(artist, Collection):
        return "collection", *_of_collection(artist, ground)
    if isinstance(artist, AxesImage):
        return "image", _rounded(artist.get_array()), b""
    return "", b"", b""


def _of_line(line: Line2D, ground: Transform) -> tuple[bytes, bytes]:
    strokes = line.get_linestyle() not in NOTHING
    marks = line.get_marker() not in NOTHING
    if not (strokes or marks):
        return b"", b""
    looks = b""
    if strokes:
        looks += str((line.get_linestyle(), line.get_linewidth())).encode()
        looks += _colours(line.get_color())
    if marks:
        looks += str((line.get_marker(), line.get_markersize())).encode()
        looks += _colours(line.get_markerfacecolor(), line.get_markeredgecolor())
    return _places(ground, line.get_transform(), line.get_xydata()), looks


def _of_collection(many: Collection, ground: Transform) -> tuple[bytes, bytes]:
    offsets, paths = many.get_offsets(), [path.vertices for path in many.get_paths()]
    looks = _colours(many.get_facecolor(), many.get_edgecolor())
    if hasattr(many, "get_sizes"):
        looks += _rounded(many.get_sizes())
    if np.any(offsets):
        where = [_places(ground, many.get_offset_transform(), offsets)]
        looks += b"".join(map(_rounded, paths))
    else:  # the paths say where
        where = sorted(_places(ground, many.get_transform(), path) for path in paths)
    return b"".join(where), looks


def _places(ground: Transform, transform: Transform, points: ArrayLike) -> bytes:
    """Return points as shares of the plot or page that they stand on, in no order.

    The data's units play no part: whoever turns an axis and the data around draws the same picture.
    """
    if not len(points):
        return b""
    shown = transform.transform(np.ma.filled(np.ma.asarray(points, dtype=float), np.nan))
    kept = np.round(ground.inverted().transform(shown), DECIMALS) + 0.0  # one zero of two
    return kept[np.lexsort(kept.T)].tobytes()


def _colours(*colours: object) -> bytes:
    """Return colours as bytes, however they were named."""
    return _rounded(np.concatenate([to_rgba_array(colour) for colour in colours]))


def _rounded(values: ArrayLike) -> bytes:
    numbers = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    return (np.round(numbers, DECIMALS) + 0.0).tobytes()
