"""The chart of the survey: what officers answered, with the counts and intervals behind it."""

import pandas as pd

from lgr_report.page.cells import Table
from lgr_report.page.figures import BLUE, Figure, no_wider, picture, styled


@styled
def confidence(chart: pd.DataFrame) -> Figure:
    """Draw the survey's confidence chart with the counts and intervals behind it."""
    n = int(chart["n"].iloc[0])
    sure = chart.dropna(subset=["option"])
    said = int(sure["count"].sum())
    title = f"{said} of {n} officers were confident that the risks will be considered"
    labels = chart["option"].fillna("label not given in the source")
    drawn = picture(3.6, title, "CCN/Newton, October 2025, p7; counts and intervals computed")
    axes = drawn.add_subplot()
    known = chart["option"].notna()
    axes.barh(
        range(len(chart)),
        chart["percent"],
        color=[BLUE if k else "#BFBFBF" for k in known],
        hatch=["" if k else "//" for k in known],
        edgecolor="white",
    )
    errors = [chart["percent"] - chart["low"], chart["high"] - chart["percent"]]
    axes.errorbar(
        chart["percent"],
        range(len(chart)),
        xerr=[e.clip(lower=0) for e in errors],
        fmt="none",
        ecolor="black",
        capsize=4,
        linewidth=1.2,
    )
    axes.set_yticks(range(len(chart)), no_wider(labels))
    axes.invert_yaxis()
    level = chart["level"].iloc[0]
    axes.set_xlabel(f"per cent of respondents; lines are {100 * level:g}% Wilson intervals")
    bars = "; ".join(
        f"{label} {row.percent}% ({row.count} of {n}, interval {row.low:.0f} to {row.high:.0f}%)"
        for label, row in zip(labels, chart.itertuples(index=False), strict=True)
    )
    return Figure(
        drawn,
        title,
        f"Bars, with {100 * level:g}% intervals: {bars}.",
        Table(chart.drop(columns="level"), "The confidence chart with its counts"),
    )
