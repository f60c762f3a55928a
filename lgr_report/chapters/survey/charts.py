"""The chart of the survey: what officers answered, with the counts and intervals behind it."""

import pandas as pd
from matplotlib.axes import Axes

from lgr_report.page.cells import Table
from lgr_report.page.figures import BLUE, GREY, Figure, no_wider, picture, styled

OPEN = "label not given in the source"
SOURCE = "CCN/Newton, October 2025, p7; counts and intervals computed"


@styled
def confidence(chart: pd.DataFrame) -> Figure:
    """Draw the chart on confidence (`Study.confidence`) with the counts and intervals behind it."""
    n, level = int(chart["n"].iloc[0]), f"{100 * chart['level'].iloc[0]:g}%"
    sure = int(chart.loc[chart["option"].notna(), "count"].sum())
    title = f"{sure} of {n} officers were confident that the risks will be considered"
    canvas = picture(3.6, title, SOURCE)
    axes = canvas.add_subplot()
    _bars(axes, chart)
    axes.set_xlabel(
        f"per cent of respondents; thick lines are {level} Wilson intervals,\n"
        f"thin lines what silence leaves open, if {int(chart['asked'].iloc[0])} were asked"
    )
    spoken = "; ".join(
        f"{row.option} {row.percent}% ({row.count} of {n}, interval {row.low:.0f} to "
        f"{row.high:.0f}%), whatever the silent think {row.worst_low:.0f} to "
        f"{row.worst_high:.0f}%"
        for row in chart.fillna({"option": OPEN}).itertuples(index=False, name="Bar")
    )
    table = Table(chart.drop(columns="level"), "The confidence chart with its counts")
    return Figure(canvas, title, f"Bars, with {level} intervals: {spoken}.", table)


def _bars(axes: Axes, chart: pd.DataFrame) -> None:
    """Draw the bars, those without a label in grey and hatched, with their intervals."""
    known, places = chart["option"].notna(), range(len(chart))
    axes.barh(
        places,
        chart["percent"],
        color=[BLUE if k else "#BFBFBF" for k in known],
        hatch=["" if k else "//" for k in known],
        edgecolor="white",
    )
    axes.hlines(places, chart["worst_low"], chart["worst_high"], color=GREY, linewidth=1)
    axes.hlines(places, chart["low"], chart["high"], color="black", linewidth=2)
    axes.set_yticks(places, no_wider(chart["option"].fillna(OPEN)))
    axes.invert_yaxis()
