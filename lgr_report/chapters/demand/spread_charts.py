"""The chart of how unevenly demand is spread: published, submitted, all options, observed."""

import numpy as np
import pandas as pd

from lgr_report.chapters.demand.demand_charts import SOURCE
from lgr_report.page.cells import Table
from lgr_report.page.figures import BLUE, GREY, ORANGE, TEAL, Figure, picture, styled
from lgr_report.sources import areas, tables


@styled
def published_beside(bands: pd.DataFrame, design: pd.DataFrame, observed: pd.DataFrame) -> Figure:
    """Draw total demand variation by size band: published, submitted, all options, observed."""
    found = tables.read("published_findings").set_index("finding_id")["value"]
    order = [*areas.size_bands()]
    published = pd.Series({order[0]: found["DV01"], order[2]: found["DV02"]})
    mine = bands.query("measure == 'people' and statistic == 'spread'").set_index("band")
    series = {
        "published (CCN/Newton, p38)": published,
        "submitted proposals": 100 * mine["mean"],
        "all contiguous options": 100 * design,
        "observed in old shire counties": 100 * observed,
    }
    title = (
        f"Published {found['DV01']:.0f}% and {found['DV02']:.0f}%; submitted proposals give "
        + " and ".join(f"{100 * mine.loc[b, 'mean']:.0f}% ({b})" for b in (order[0], order[2]))
    )
    drawn = picture(4.6, title, SOURCE)
    axes = drawn.add_subplot()
    for step, (name, values) in enumerate(series.items()):
        places = np.arange(len(order)) + 0.2 * (step - 1.5)
        heights = values.reindex(order).to_numpy(dtype=float)
        axes.plot(
            heights,
            places,
            "osD^"[step],
            markersize=9,
            label=name,
            color=(ORANGE, BLUE, TEAL, GREY)[step],
        )
        if name == "submitted proposals":
            axes.hlines(
                places,
                100 * mine["low"].reindex(order),
                100 * mine["high"].reindex(order),
                color=BLUE,
                linewidth=2,
            )
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_ylabel("mean unitary of the option")
    axes.set_xlabel(
        "(largest - smallest rate) ÷ area's rate, per cent; line: interval", fontsize=10
    )
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, fontsize=9)
    wide = pd.DataFrame({name: values.reindex(order) for name, values in series.items()})
    wide = wide.rename_axis("size band").reset_index()
    spoken = "; ".join(
        f"{name}: " + ", ".join(f"{b} {v:.0f}%" for b, v in values.reindex(order).items() if v == v)
        for name, values in series.items()
    )
    return Figure(
        drawn,
        title,
        f"Total demand variation by size band. {spoken}.",
        Table(wide, "Total demand variation by size band, per cent"),
    )
