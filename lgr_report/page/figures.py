"""The house style of figures, and what a figure carries beside its picture.

Style: the Government Analysis Function's (package ``afcharts``). A title states the finding, a
line under the figure gives the source, and colour never carries meaning alone.
"""

import io
import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps

import pandas as pd
from afcharts.af_colours import get_af_colours
from IPython.display import display
from matplotlib import style
from matplotlib.figure import Figure as Picture

from lgr_report.page.cells import SVG, Table
from lgr_report.sources import cache

WIDTH = 8.0
BLUE, TEAL, PURPLE, ORANGE, GREY, LILAC = get_af_colours("categorical")
STYLE = {
    # A font that ships with matplotlib: the same picture on every machine.
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.grid.axis": "x",
    # Words stay words: a reader can search them, and a test compares them.
    "svg.fonttype": "none",
    "svg.hashsalt": "lgr-report",
}
HOUSE = ("afcharts.afcharts", STYLE)  # for `matplotlib.style.context`
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
FONT = "font-family: 'DejaVu Sans', Verdana, sans-serif"
TAG = re.compile(r"<[^>]*>")
LINES = re.compile(r"\s*\n\s*")
NEEDLESS = (
    re.compile(r"(?<=>)\s+(?=<)"),
    re.compile(r'(?<=<g) id="(?![mh][0-9a-f]{8,}")[^"]*"'),
    re.compile(r' transform="rotate\(-0 [^"]*\)"'),
    re.compile(r" ?font-family: 'DejaVu Sans';?"),
)
COORDINATE = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True)
class Figure:
    """A figure with what it shows in words (``alt``) and the table behind it.

    Shown in a notebook it becomes two outputs: the picture, with its alt text in the metadata (and
    as plain text, so that nbval compares it), and the table folded under it. Of a figure
    that another kernel drew there is no ``picture`` any more, only what it was ``drawn`` as.
    """

    picture: Picture | None
    title: str
    alt: str
    table: Table
    drawn: str = ""

    def svg(self) -> str:
        """Return the picture as SVG, the same text for the same figure."""
        if self.picture is None:
            return self.drawn
        buffer = io.StringIO()
        with style.context(HOUSE):
            # Laid out once: matplotlib would do it again for each of its two passes.
            if engine := self.picture.get_layout_engine():
                engine.execute(self.picture)
                self.picture.set_layout_engine(None)
            self.picture.savefig(buffer, format="svg", metadata=NO_METADATA)
        return _tidy(buffer.getvalue())

    def _ipython_display_(self) -> None:
        bundle = {SVG: self.svg(), "text/plain": f"{self.title}. {self.alt}"}
        display(bundle, metadata={SVG: {"alt": bundle["text/plain"]}}, raw=True)
        display(self.table.folded())


def _tidy(svg: str) -> str:
    """Return an SVG from its root on: small, in fonts that a reader may have.

    Shapes are given to a hundredth of a point, and only what is referred to keeps its name.
    """
    svg = TAG.sub(lambda tag: COORDINATE.sub(_rounded, tag[0]), svg[svg.index("<svg") :])
    for needless in NEEDLESS:
        svg = needless.sub("", svg)
    return LINES.sub(" ", svg).replace("*{", f"text{{{FONT}}}*{{", 1).strip()


def _rounded(coordinate: re.Match) -> str:
    return f"{float(coordinate[0]):.2f}".rstrip("0").rstrip(".")


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorate a function that draws: in the house style, and once in a batch for the same data.

    The reader's own matplotlib settings stay alone. A figure that is drawn inside another such
    function is not finished: the other may add to it.
    """

    @wraps(draw)
    def plain(*args: object, **kwargs: object) -> Figure:
        _drawing.append(draw)
        try:
            with style.context(HOUSE):
                return draw(*args, **kwargs)
        finally:
            _drawing.pop()

    @cache.by_content
    @wraps(draw)
    def finished(*args: object, **kwargs: object) -> Figure:
        figure = plain(*args, **kwargs)
        return replace(figure, picture=None, drawn=figure.svg())

    @wraps(draw)
    def inside(*args: object, **kwargs: object) -> Figure:
        alone = not _drawing and cache.folder() is not None
        return finished(*args, **kwargs) if alone else plain(*args, **kwargs)

    return inside


_drawing: list[Callable] = []  # the functions that draw at this moment, the outermost first


def picture(height: float, title: str, source: str) -> Picture:
    """Return an empty picture in the house style: the title above, the source below."""
    drawn = Picture(figsize=(WIDTH, height), layout="constrained")
    drawn.get_layout_engine().set(h_pad=0.12, w_pad=0.08)
    lines = "\n".join(textwrap.wrap(title, 68))
    drawn.suptitle(lines, x=0.01, ha="left", fontsize=13, fontweight="bold")
    lines = "\n".join(textwrap.wrap(f"Source: {source}", 115))
    drawn.supxlabel(lines, x=0.01, ha="left", fontsize=8.5, color="#3D3D3D")
    return drawn


def no_wider(labels: Iterable[object], width: int = 34) -> list[str]:
    """Return labels broken into lines of at most so many characters."""
    return ["\n".join(textwrap.wrap(str(label), width)) for label in labels]


def shortened(label: str, width: int = 44) -> str:
    """Return a label cut to so many characters, the cut shown."""
    return label if len(label) <= width else label[: width - 1] + "…"


@styled
def nothing(title: str, source: str, statuses: pd.DataFrame) -> Figure:
    """Return what stands in the place of a picture where no proposal can be drawn.

    Parameters
    ----------
    title, source : str
        As of any figure.
    statuses : pandas.DataFrame
        proposal, status: why each proposal cannot be drawn.
    """
    drawn = picture(1.6, title, source)
    axes = drawn.add_subplot()
    axes.axis("off")
    axes.text(0, 0.5, "See the table for the status of each proposal.", va="center")
    spoken = "; ".join(f"{row.proposal}: {row.status}" for row in statuses.itertuples())
    return Figure(drawn, title, f"No picture: {spoken}", Table(statuses, title))
