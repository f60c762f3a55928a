"""Charts of unit cost: elasticities, the national change by size band, an area's proposals."""

import numpy as np
import pandas as pd

from lgr_report.chapters.unit_cost import tables
from lgr_report.chapters.unit_cost.elasticity import TOGETHER
from lgr_report.chapters.unit_cost.specifications import told, verdict
from lgr_report.chapters.unit_cost.study import National, Study
from lgr_report.chapters.unit_cost.tables import change, change_or_why, signed, signed_millions
from lgr_report.core import findings
from lgr_report.core.findings import DEPENDS
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Scale, dots
from lgr_report.page.figures import BLUE, ORANGE, Figure, picture, styled
from lgr_report.sources.assumptions import assumption

SOURCE = "computed from DfE (S251), MHCLG (RO3, IoD), DHSC and ONS figures, 2024-25"
ZERO = Lines(colour="black", style="-")


def elasticities(nation: National) -> Figure:
    """Draw the size elasticity of every series in every sample, and what was published needs."""
    frame = nation.fits.reset_index().drop(columns="series")
    frame = frame.rename(columns={"sample": "series", "label": "name"})
    main = frame[frame["series"] == nation.sample]
    label = f"nearest single value to what the published sums need ({signed(nation.nearest)})"
    spoken = "; ".join(
        f"{r.name} {phrases.ranged(r.value, r.low, r.high, signed)}"
        for r in main.itertuples(index=False)
    )
    return dots(
        frame,
        _title_of_elasticities(nation.fits),
        SOURCE,
        f"elasticity of unit cost to population, {assumption('interval_level'):.0%} interval; "
        "left: larger is cheaper",
        Table(
            tables.fits(nation.fits),
            "Elasticity of unit cost to population, by series and sample",
            {"R squared": "{:.2f}"},
            missing="–",
        ),
        lines=[ZERO, Lines((nation.nearest,), (label,), "black")],
        row_height=1.0,
        wrap=26,
        alt=f"Points with intervals. {nation.sample[0].upper()}{nation.sample[1:]}: {spoken}. "
        f"Nearest single value to what the published sums need: {signed(nation.nearest)}.",
    )


def _title_of_elasticities(fits: pd.DataFrame) -> str:
    single = fits.drop(TOGETHER, level="series")
    apart = int(((single["low"] > 0) | (single["high"] < 0)).sum())
    series, samples = (len(single.index.unique(level)) for level in ("series", "sample"))
    return (
        f"In one year, fitted as published, {apart or 'none'} of {len(single)} size elasticities "
        f"can be told from zero: {phrases.spelled(series)} series in "
        f"{phrases.spelled(samples)} samples"
    )


@styled
def specifications(nation: National) -> Figure:
    """Draw the specification curve: the total, then looked-after children, lowest first."""
    parts = {
        "children and adults together": nation.totals,
        "looked-after children": nation.curve[nation.curve["series"] == "children"],
    }
    title = _title_of_specifications(nation)
    drawn = picture(6.4, title, f"{SOURCE}; children over nine years from 2016-17 on")
    axes = drawn.subplots(len(parts), sharey=True)
    spoken = []
    for ax, (name, part) in zip(axes, parts.items(), strict=True):
        rows = part.sort_values("value", kind="stable").reset_index(drop=True)
        sign = told(rows)
        for kept, look, label in (
            (sign == 0, {"mfc": "white"}, "cannot be told from zero"),
            (sign > 0, {"mfc": BLUE}, "larger is dearer"),
            (sign < 0, {"mfc": ORANGE, "marker": "s"}, "larger is cheaper (published)"),
        ):
            some = rows[kept]
            if len(some):
                reach = (some["value"] - some["low"], some["high"] - some["value"])
                style = {"fmt": "o", "ms": 5, "lw": 1, "color": BLUE, "mec": "black"} | look
                style["fmt"] = style.pop("marker", style["fmt"])
                ax.errorbar(some.index + 1, some["value"], reach, label=label, **style)
        ax.axhline(0, color="black", lw=1)
        ax.axhline(nation.nearest, color="black", lw=1, ls="--")
        ax.set_title(f"{name}: {len(rows)} specifications", loc="left", fontsize=11)
        ax.set_ylabel("elasticity", fontsize=10)
        ax.legend(loc="lower right", fontsize=9, frameon=True)
        counts = tables.says(rows)
        spoken.append(f"{name}, {phrases.span(rows['value'], signed)}: {counts}")
    axes[-1].set_xlabel(
        "specifications, lowest first; dashed: nearest to what the published sums need"
    )
    return Figure(
        drawn,
        title,
        f"Points with {assumption('interval_level'):.0%} intervals. {'. '.join(spoken)}.",
        Table(
            tables.by_series(nation.curve),
            "What every series says of size, over all specifications (number of specifications)",
        ),
    )


def _title_of_specifications(nation: National) -> str:
    total, children = nation.totals, nation.curve[nation.curve["series"] == "children"]
    return (
        f"Effect of a council's size on the cost of care: {_answer(total)}; on looked-after "
        f"children alone: {_answer(children)}"
    )


def _answer(curve: pd.DataFrame) -> str:
    answer, n = verdict(curve), len(curve)
    if answer != DEPENDS:
        return f"{answer} under all {n} specifications"
    return f"depends on the specification ({tables.says(curve)})"


def by_band(nation: National) -> Figure:
    """Draw the national change of each size band: ours with interval, and the published."""
    table = nation.submitted
    table["name"] = table["band"] + table["population"].map(" ({:,.0f} people)".format)
    inside = sum(map(findings.inside, table["published"], table["claim"]))
    zero = ((table["low"] <= 0) & (table["high"] >= 0)).sum()
    ours = f"computed, with {assumption('interval_level'):.0%} interval"
    spoken = "; ".join(
        f"{r.band}: {change(r)}, published {signed_millions(r.published)}"
        for r in table.itertuples()
    )
    return dots(
        _beside(table, ours, "published", "published (CCN/Newton)"),
        f"Fitted as published, the national change of spend cannot be told from zero in {zero} of "
        f"{len(table)} size bands; our interval holds {inside or 'none'} of the "
        f"{len(table)} published figures",
        f"{SOURCE}; published: CCN/Newton, p56",
        "GBP million a year if every new unitary had the band's average size",
        Table(
            tables.bands(nation.bands),
            "National change of spend by size band, GBP million a year, under each definition",
            missing="none",
        ),
        lines=ZERO,
        row_height=0.6,
        alt=f"Points with intervals. {spoken}.",
    )


def _beside(table: pd.DataFrame, series: str, column: str, label: str) -> pd.DataFrame:
    """Return rows for `dots`: our figures with intervals, then a column of the same table."""
    other = pd.DataFrame({"name": table["name"], "value": table[column], "series": label})
    return pd.concat([table.assign(series=series), other], ignore_index=True)


def proposals(study: Study) -> Figure:
    """Draw the change of spend in each proposal: ours, and at the elasticity the report needs."""
    name, table, needed = study.here.name, study.proposals, signed(study.national.nearest)
    computed = table.dropna(subset=["value"])
    ends = (None, None) if computed[["low", "high"]].any(axis=None) else (-1, 1)
    notes = np.where(table["value"].isna(), "not computable: see the table", "")
    rows = _beside(
        table.assign(name=phrases.distinct(table["proposal"]), note=notes),
        f"with {assumption('interval_level'):.0%} interval",
        "as_published",
        f"at {needed}, the nearest single value to what the published sums need",
    )
    spoken = "; ".join(
        f"{r.proposal}{':' if np.isnan(r.value) else ''} {change_or_why(r)}"
        for r in table.itertuples()
    )
    return dots(
        rows,
        _title_of_proposals(name, computed, len(study.here.today)),
        f"{SOURCE}; demand of districts is estimated",
        # No change is no reason for a scale of pennies.
        Scale("change of spend, GBP million a year; right is dearer than today", *ends),
        Table(tables.proposals(table), f"Change of spend from unit costs, proposals of {name}"),
        lines=ZERO,
        row_height=0.62,
        alt=f"Points with intervals. {spoken}.",
    )


def _title_of_proposals(name: str, computed: pd.DataFrame, today: int) -> str:
    moved = computed[(computed["low"] != 0) | (computed["high"] != 0)]
    unsure = int(((moved["low"] <= 0) & (moved["high"] >= 0)).sum())
    if computed.empty:
        return f"{name}: no proposal's unit costs can be computed at district level"
    if moved.empty:
        keep = "the one proposal that can be computed keeps"
        if len(computed) > 1:
            keep = f"the {len(computed)} proposals that can be computed keep"
        kept = "authority" if today == 1 else "authorities"
        return f"{name}: {keep} today's {kept}, so unit cost changes nothing"
    others = "other authorities than today's"
    if len(moved) == 1:
        told = "cannot" if unsure else "can"
        return (
            f"{name}: by unit cost, the one proposal with {others} {told} be told from no change "
            "of spend"
        )
    some = (
        f"none of {len(moved)}"
        if unsure == len(moved)
        else f"{len(moved) - unsure} of {len(moved)}"
    )
    return (
        f"{name}: by unit cost, {some} proposals with {others} can be told from no change of spend"
    )
