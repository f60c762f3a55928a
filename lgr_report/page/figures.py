"""The house style of figures, and what a figure carries beside its picture.

Style: the Government Analysis Function's (package ``afcharts``). A title states the finding, a
line under the figure gives the source, and colour never carries meaning alone.
"""

import io
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps

import pandas as pd
from afcharts.af_colours import get_af_colours
from IPython.display import display
from matplotlib import style
from matplotlib.figure import Figure as Picture

from lgr_report.page.cells import Table

WIDTH = 8.0
DOTS_PER_INCH = 144
BLUE, TEAL, PURPLE, ORANGE, GREY, LILAC = get_af_colours("categorical")
STYLE = {
    # A font that ships with matplotlib: the same picture on every machine.
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.grid.axis": "x",
    "svg.hashsalt": "lgr-report",
}


@dataclass(frozen=True)
class Figure:
    """A figure with what it shows in words (``alt``) and the table behind it.

    Shown in a notebook it becomes two outputs: the picture, with its alt text in the metadata (and
    as plain text, so that nbval compares it), and the table folded under it.
    """

    picture: Picture
    title: str
    alt: str
    table: Table

    def png(self) -> bytes:
        """Return the picture as PNG."""
        buffer = io.BytesIO()
        self.picture.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": ""})
        return buffer.getvalue()

    def _ipython_display_(self) -> None:
        bundle = {"image/png": self.png(), "text/plain": f"{self.title}. {self.alt}"}
        display(bundle, metadata={"image/png": {"alt": bundle["text/plain"]}}, raw=True)
        display(self.table.folded())


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorate a function that draws, so that the reader's own matplotlib settings stay alone."""

    @wraps(draw)
    def inside(*args: object, **kwargs: object) -> Figure:
        with style.context(["afcharts.afcharts", STYLE]):
            return draw(*args, **kwargs)

    return inside


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
