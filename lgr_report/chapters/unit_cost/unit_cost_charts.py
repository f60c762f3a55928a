"""Charts and tables of unit cost: elasticities, the national sum by size band, an area's proposals.

Each chart is a `figures.Figure` with title, alt text and table.
"""

import numpy as np
import pandas as pd

from lgr_report.chapters.unit_cost import economies, elasticity, unit_cost
from lgr_report.chapters.unit_cost.economies import money, signed
from lgr_report.chapters.unit_cost.elasticity import NO_OUTLIERS, TOGETHER, WHOLE
from lgr_report.core.demand import Demand
from lgr_report.core.options import COMPUTABLE
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    no_wider,
    picture,
    styled,
)
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

SOURCE = "computed from DfE (S251), MHCLG (RO3, IoD), DHSC and ONS figures, 2024-25"
STYLES = (("o", BLUE), ("s", TEAL), ("D", PURPLE), ("^", GREY), ("v", TEAL), ("P", GREY))
LIGHT = "#6BACE6"


@styled
def elasticities() -> Figure:
    """Draw the size elasticity of every series in every sample, and what was published needs."""
    table, needs = elasticity.estimates(), economies.common()
    single = table[table.index.get_level_values("series") != TOGETHER]
    apart = int(((single["low"] > 0) | (single["high"] < 0)).sum())
    title = (
        f"{apart or 'None'} of {len(single)} size elasticities "
        f"{'is' if apart == 1 else 'are'} distinguishable from zero: five series of unit costs in "
        "six samples"
    )
    names = table.index.unique("series")
    samples = table.index.unique("sample")
    drawn = picture(1.0 * len(names) + 2.2, title, SOURCE)
    axes = drawn.add_subplot()
    for step, (sample, (mark, colour)) in enumerate(zip(samples, STYLES, strict=True)):
        part = table.xs(sample, level="sample").loc[names]
        places = np.arange(len(names)) + 0.13 * (step - (len(samples) - 1) / 2)
        wide = 2.5 if sample == WHOLE else 1
        axes.hlines(places, part["low"], part["high"], color=colour, linewidth=wide)
        axes.plot(part["value"], places, mark, color=colour, markersize=5.5, label=sample)
    axes.axvline(0, color="black", linewidth=1)
    label = f"nearest single value to what the published sums need ({signed(needs)})"
    axes.axvline(needs, color=ORANGE, linestyle="--", linewidth=2, label=label)
    labels = table.xs(WHOLE, level="sample").loc[names, "label"]
    axes.set_yticks(range(len(names)), no_wider(labels, 26), fontsize=9.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    level = assumption("interval_level")
    axes.set_xlabel(
        f"elasticity of unit cost to population, {level:.0%} interval; left: larger is cheaper",
        fontsize=9.5,
    )
    axes.legend(loc="lower left", bbox_to_anchor=(-0.35, 1), ncols=2, fontsize=8.5)
    main = table.xs(WHOLE, level="sample")
    spoken = "; ".join(
        f"{r.label} {signed(r.value)} ({signed(r.low)} to {signed(r.high)})"
        for r in main.itertuples()
    )
    return Figure(
        drawn,
        title,
        f"Points with intervals. All authorities: {spoken}. Nearest single value to what the "
        f"published sums need: {signed(needs)}.",
        Table(
            estimates_shown(),
            "Elasticity of unit cost to population, by series and sample",
            {"R squared": "{:.2f}"},
            missing="–",
        ),
    )


def estimates_shown() -> pd.DataFrame:
    """Return `elasticity.estimates` for a page: size, power and income, with intervals."""
    table = elasticity.estimates().reset_index()
    size = [f"{signed(r.value)} ({signed(r.low)} to {signed(r.high)})" for r in table.itertuples()]
    return pd.DataFrame(
        {
            "series": table["label"],
            "sample": table["sample"],
            "authorities": table["n"],
            "R squared": table["r_squared"],
            "elasticity": size,
            "p": table["p"].map("{:.2f}".format),
            "smallest detectable": table["detectable"].map("{:.3f}".format),
        }
    )


def income_shown() -> pd.DataFrame:
    """Return what £5,000 more median pay goes with, by series, for a page (published: p53)."""
    table = elasticity.estimates()
    rows = table.loc[table.index.isin([WHOLE, NO_OUTLIERS], level="sample")].reset_index()
    spoken = [
        f"{r.income:+.1f}% ({r.income_low:+.1f}% to {r.income_high:+.1f}%)".replace("-", "−")
        for r in rows.itertuples()
    ]
    return pd.DataFrame(
        {
            "series": rows["label"],
            "sample": rows["sample"],
            "change of unit cost": spoken,
            "smallest detectable": rows["income_detectable"].map("{:.1f}%".format),
        }
    )


def influential_shown(most: int) -> pd.DataFrame:
    """Return `elasticity.influential` for a page."""
    table = elasticity.influential(most)
    for column, form in (("residual", "{:+.1f}"), ("shift", "{:+.2f}"), ("without", "{:+.3f}")):
        table[column] = [form.format(value).replace("-", "−") for value in table[column]]
    return table.astype({"population": int}).rename(
        columns={
            "authority_name": "authority",
            "residual": "residual (standard errors)",
            "without": "elasticity without it",
            "shift": "shift by that (standard errors)",
        }
    )


@styled
def by_band() -> Figure:
    """Draw the national change of each size band: ours with interval, and the published."""
    table, level = economies.by_band(), assumption("interval_level")
    inside = table["published"].between(table["low"], table["high"]).sum()
    zero = ((table["low"] <= 0) & (table["high"] >= 0)).sum()
    title = (
        f"The national change of spend cannot be told from zero in {zero} of {len(table)} size "
        f"bands; {inside or 'none'} of the published figures "
        f"{'lies' if inside == 1 else 'lie'} within our interval"
    )
    drawn = picture(3.6, title, f"{SOURCE}; published: CCN/Newton, p56")
    axes = drawn.add_subplot()
    places = np.arange(len(table))
    interval = f"computed, with {level:.0%} interval"
    axes.hlines(places, table["low"], table["high"], color=LIGHT, linewidth=6)
    axes.plot(table["value"], places, "o", color=BLUE, markersize=8, label=interval)
    axes.plot(
        table["published"], places, "D", color=ORANGE, markersize=9, label="published (CCN/Newton)"
    )
    axes.axvline(0, color="black", linewidth=1)
    labels = [f"{r.band}\n({r.population:,.0f} people)" for r in table.itertuples()]
    axes.set_yticks(places, labels)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlabel("GBP million a year if every new unitary had the band's average size")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, fontsize=9)
    spoken = "; ".join(
        f"{r.band}: {money(r.value, r.low, r.high)}, published {money(r.published)}"
        for r in table.itertuples()
    )
    caption = "National change of spend by size band, GBP million a year, under each definition"
    shown = implied_shown()
    return Figure(
        drawn, title, f"Points with intervals. {spoken}.", Table(shown, caption, missing="none")
    )


def implied_shown() -> pd.DataFrame:
    """Return `economies.implied` for a page."""
    table = economies.implied()
    return pd.DataFrame(
        {
            "band is": table["definition"],
            "band": table["band"],
            "average unitary": table["population"].round().astype(int),
            "published": table["published"].map(money),
            "computed": [money(r.value, r.low, r.high) for r in table.itertuples()],
            "elasticity that the published needs": [
                "none gives it" if np.isnan(each) else signed(each) for each in table["needed"]
            ],
            "verdict": table["verdict"],
        }
    )


def ratio_shown() -> pd.DataFrame:
    """Return `economies.ratio_test` for a page."""
    table = economies.ratio_test()
    return pd.DataFrame(
        {
            "band is": table["definition"],
            "smallest ÷ middle, published": table["ratio"].map("{:.2f}".format),
            "expected": table["expected"].map("{:.2f}".format),
            "size of today's authority": table["today"].round().astype(int),
            "size that the published ratio needs": table["needed"].round().astype(int),
            "largest ÷ middle, published": table["large_ratio"].map("{:+.2f}".format),
            "expected ": table["large_expected"].map("{:+.2f}".format),
        }
    ).replace("-", "−", regex=True)


@styled
def section(area_id: str, demand: Demand) -> Figure:
    """Draw the change of spend in each proposal: ours, and at the elasticity the report needs."""
    here, table = areas.get(area_id), unit_cost.of_proposals(area_id, demand)
    known = table.dropna(subset=["value"])
    moved = known[(known["low"] != 0) | (known["high"] != 0)]
    unsure = int(((moved["low"] <= 0) & (moved["high"] >= 0)).sum())
    if known.empty:
        title = f"{here.name}: no proposal's unit costs can be computed at district level"
    elif moved.empty:
        title = f"{here.name}: the proposals that can be computed keep today's authority: no change"
    else:
        title = (
            f"{here.name}: by unit cost, {unsure} of {phrases.count(len(moved), 'proposal')} with "
            "other authorities than today's cannot be told from no change of spend"
        )
    drawn = picture(0.62 * len(table) + 2.1, title, f"{SOURCE}; demand of districts is estimated")
    axes = drawn.add_subplot()
    level, places = assumption("interval_level"), np.arange(len(table))
    axes.hlines(places, table["low"], table["high"], color=LIGHT, linewidth=6)
    axes.plot(
        table["value"], places, "o", color=BLUE, markersize=8, label=f"with {level:.0%} interval"
    )
    needs = signed(economies.common())
    axes.plot(
        *(table["as_published"], places, "D"),
        color=ORANGE,
        markersize=7,
        label=f"at {needs}, the nearest single value to what the published sums need",
    )
    for place, status in zip(places, table["status"].where(table["value"].isna()), strict=True):
        if isinstance(status, str):
            text = "not computable: see the table"
            axes.text(0.02, place, text, va="center", transform=axes.get_yaxis_transform())
    axes.axvline(0, color="black", linewidth=1)
    axes.set_yticks(places, no_wider(table["proposal"]), fontsize=9.5)
    axes.set_ylim(len(table) - 0.5, -0.5)
    if moved.empty:
        axes.set_xlim(-1, 1)  # no change is no reason for a scale of pennies
    axes.set_xlabel("change of spend, GBP million a year; right is dearer than today")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.35, 1), ncols=2, fontsize=9)
    spoken = "; ".join(
        f"{r.proposal} {money(r.value, r.low, r.high)}"
        if pd.notna(r.value)
        else f"{r.proposal}: {why(r.status)}"
        for r in table.itertuples()
    )
    shown = pd.DataFrame(
        {
            "proposal": table["proposal"],
            "unitaries": table["n_unitaries"],
            "spend today": [f"£{each:,.0f}m" if each == each else "–" for each in table["spend"]],
            "change a year": [
                money(r.value, r.low, r.high) if pd.notna(r.value) else why(r.status)
                for r in table.itertuples()
            ],
            "at the published sums' elasticity": table["as_published"].map(
                lambda each: money(each) if each == each else "–"
            ),
        }
    )
    caption = f"Change of spend from unit costs, proposals of {here.name}"
    return Figure(drawn, title, f"Points with intervals. {spoken}.", Table(shown, caption))


def why(status: str) -> str:
    """Return why a proposal has no figure."""
    return "an authority did not report spend" if status == COMPUTABLE else status
