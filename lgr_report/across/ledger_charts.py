"""Charts of the ledger: verdicts by theme, and our figure on the scale of the published one."""

import numpy as np
import pandas as pd

from lgr_report.across import ledger
from lgr_report.core import findings
from lgr_report.core.findings import VERDICTS
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Look, dots
from lgr_report.page.figures import BLUE, ORANGE, TEAL, Figure, picture, styled

SOURCE = "published: CCN/Newton, October 2025, and PwC for CCN; verdicts by rule (docs/ledger.md)"
UNSURE = "computed; no effect told, or depends on the specification"
# Hatching tells the verdicts apart without colour.
STYLES = {
    findings.REPRODUCED: (BLUE, ""),
    findings.SAME_DIRECTION: (TEAL, "//"),
    findings.NO_EFFECT: ("white", ""),
    findings.DEPENDS: ("white", "\\\\"),
    findings.CONTRADICTED: (ORANGE, "xx"),
    findings.NOT_ADDING_UP: (ORANGE, ""),
    findings.NOT_TESTABLE: ("#DDDDDD", ".."),
}


@styled
def verdicts() -> Figure:
    """Draw how many published findings of each theme have each verdict."""
    counts = ledger.counts()
    counts = counts[counts.sum(axis=1) > 0]
    names = [ledger.theme_name(theme) for theme in counts.index]
    total, tested = counts.to_numpy().sum(), counts.drop(columns=findings.NOT_TESTABLE)
    title = (
        f"Public data can test {tested.to_numpy().sum()} of {total} published findings, and "
        f"reproduce {counts[findings.REPRODUCED].sum()}"
    )
    drawn = picture(0.42 * len(counts) + 2.6, title, SOURCE)
    axes = drawn.add_subplot()
    left = np.zeros(len(counts))
    for verdict in VERDICTS:
        colour, hatch = STYLES[verdict]
        look = {"color": colour, "hatch": hatch, "edgecolor": "black", "linewidth": 0.7}
        label = f"{ledger.MARKS[verdict]} {verdict}"
        bars = axes.barh(names, counts[verdict], left=left, label=label, **look)
        texts = [str(n) if n else "" for n in counts[verdict]]
        dark = verdict == findings.REPRODUCED
        box = None if dark else {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        ink = "white" if dark else "black"
        axes.bar_label(bars, texts, label_type="center", fontsize=9, color=ink, bbox=box)
        left += counts[verdict].to_numpy()
    axes.invert_yaxis()
    axes.set_xlabel("published findings")
    axes.legend(loc="lower right", frameon=True, fontsize=9.5)
    spoken = "; ".join(
        f"{name}: " + ", ".join(f"{n} {verdict}" for verdict, n in row.items() if n)
        for name, (_, row) in zip(names, counts.iterrows(), strict=True)
    )
    frame = counts.set_axis(pd.Index(names, name="theme")).reset_index()
    return Figure(drawn, title, f"{spoken}.", Table(frame, "Verdicts by theme"))


def on_published_scale() -> pd.DataFrame:
    """Return the testable figures with an interval, as multiples of the published figure.

    Returns
    -------
    pandas.DataFrame
        finding_id, name, value, low, high (1 is the published figure, 0 none of it), verdict.
        Directions and plain counts have no scale and are left out.
    """
    table = ledger.testable()
    scaled = table[(table["low"] < table["high"]) & (table["unit"] != "sign")].copy()
    ends = scaled[["low", "high"]].div(scaled["value"], axis=0)
    scaled["name"] = scaled["measure"] + ", " + scaled["segment"]
    scaled["value"] = scaled["computed"] / scaled["value"]
    scaled[["low", "high"]] = ends.agg(["min", "max"], axis=1)
    columns = ["finding_id", "name", "value", "low", "high", "verdict"]
    return scaled[columns].reset_index(drop=True)


def beside_published() -> Figure:
    """Draw each testable figure of ours, with its interval, as a multiple of the published one."""
    table = on_published_scale()
    inside = ((table["low"] <= 1) & (table["high"] >= 1)).sum()  # in the specification shown
    unsure = table["verdict"].isin((findings.NO_EFFECT, findings.DEPENDS))
    spoken = "; ".join(
        f"{r.name} {r.value:.1f} ({r.low:.1f} to {r.high:.1f}), {r.verdict}"
        for r in table.itertuples(index=False)
    )
    formats = dict.fromkeys(["value", "low", "high"], "{:.2f}")
    return dots(
        table.assign(
            name=table["name"] + " (" + table["finding_id"] + ")",
            series=np.where(unsure, UNSURE, "computed"),
        ),
        f"Of {len(table)} published figures that can be set on one scale, {inside} lie in our "
        f"interval as first specified; {unsure.sum()} of the verdicts depend on the specification "
        "or tell no effect",
        f"{SOURCE}; lines are intervals",
        "times the published figure",
        Table(table, "Computed figures as multiples of the published ones", formats),
        looks={"computed": Look(), UNSURE: Look(hollow=True)},
        lines=(Lines((1,), ("published",), "black", "-"), Lines((0,), ("none",))),
        side_by_side=False,
        row_height=0.55,
        wrap=38,
        alt=f"{spoken}.",
    )
