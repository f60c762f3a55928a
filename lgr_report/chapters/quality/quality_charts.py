"""Charts of service quality: the effect of size, quarters of population, an area's proposals."""

import numpy as np
import pandas as pd

from lgr_report.chapters.quality import judgements, quality, quality_fits
from lgr_report.chapters.quality.chances import AS_PUBLISHED, LINEAR, MODELS, WHOLE
from lgr_report.chapters.quality.judgements import EVERYONE, OVERALL, QUARTERS, WITHOUT_COUNTIES
from lgr_report.chapters.quality.quality_tables import effects_shown, told
from lgr_report.core.demand import Demand
from lgr_report.core.regression import SAMPLES
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

SOURCE = "computed from Ofsted judgements as at 31 March 2025, ONS and MHCLG figures"
STYLES = dict(zip(MODELS, (("o", BLUE), ("s", TEAL), ("D", PURPLE), ("^", ORANGE)), strict=True))
AXIS = "change in the chance of Good or Outstanding, percentage points; line: interval"


@styled
def effects() -> Figure:
    """Draw what half the population means in each sample, by every model."""
    table = quality_fits.effects()
    table = table[(table["judgement"] == OVERALL) & (table["controls"] == AS_PUBLISHED)]
    one = table[(table["sample"] == WHOLE) & (table["model"] == LINEAR)].iloc[0]
    clear = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    title = (
        f"Half the population goes with {told(one)} points in the chance of Good or Outstanding; "
        f"{clear} of {len(table)} intervals are clear of zero"
    )
    drawn = picture(5.6, title, SOURCE)
    axes = drawn.add_subplot()
    for step, name in enumerate(MODELS):
        mine = table[table["model"] == name].set_index("sample").loc[[*SAMPLES]]
        places = np.arange(len(mine)) + 0.18 * (step - 1.5)
        mark, colour = STYLES[name]
        axes.hlines(places, mine["low"], mine["high"], color=colour, linewidth=2)
        axes.plot(mine["value"], places, mark, color=colour, markersize=7, label=name)
    n = table.groupby("sample")["n"].max()
    axes.set_yticks(range(len(SAMPLES)), no_wider([f"{s} ({n[s]})" for s in SAMPLES], 26))
    axes.set_ylim(len(SAMPLES) - 0.5, -0.5)
    axes.axvline(0, color=GREY, linestyle="--", linewidth=1)
    axes.set_xlabel(AXIS, fontsize=10)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.3, 1), ncols=4, fontsize=9)
    spoken = "; ".join(
        f"{sample}: " + ", ".join(f"{r.model} {told(r)}" for r in part.itertuples())
        for sample, part in table.groupby("sample", sort=False)
    )
    caption = "Half the population: change in the chance of Good or Outstanding, percentage points"
    return Figure(drawn, title, f"{spoken}.", Table(effects_shown(), caption))


@styled
def quarters() -> Figure:
    """Draw shares of Good and Outstanding by quarter of authorities, without controls."""
    table = judgements.quarters()
    ends = table[table["quarter"].isin([QUARTERS[0], QUARTERS[-1]])]
    shares = [
        f"{among}, {part['good_share'].iloc[0]:.0%} against {part['good_share'].iloc[1]:.0%}"
        for among, part in ends.groupby("among", sort=False)
    ]
    title = f"Good or Outstanding, smallest quarter against largest: {'; '.join(shares)}"
    drawn = picture(4.4, title, f"{SOURCE}; no controls; Wilson intervals")
    grid = drawn.subplots(1, 2, sharey=True, sharex=True)
    for axes, (name, label) in zip(
        grid, (("good", "Good or Outstanding"), ("outstanding", "Outstanding")), strict=True
    ):
        for step, (among, mark, colour) in enumerate(
            ((EVERYONE, "o", BLUE), (WITHOUT_COUNTIES, "s", ORANGE))
        ):
            mine = table[table["among"] == among]
            places = np.arange(len(mine)) + 0.24 * (step - 0.5)
            low, high = 100 * mine[f"{name}_low"], 100 * mine[f"{name}_high"]
            axes.hlines(places, low, high, color=colour, linewidth=2)
            axes.plot(100 * mine[f"{name}_share"], places, mark, color=colour, label=among)
        axes.set_title(label, fontsize=10.5, loc="left")
        axes.set_xlabel("per cent of authorities", fontsize=10)
    grid[0].set_yticks(range(len(QUARTERS)), QUARTERS)
    grid[0].set_ylim(len(QUARTERS) - 0.5, -0.5)
    grid[0].set_xlim(0, 100)
    grid[1].legend(loc="upper right", fontsize=9)
    spoken = "; ".join(
        f"{r.among}, {r.quarter} ({r.smallest:,} to {r.largest:,} residents): {r.good} of "
        f"{r.authorities} Good or Outstanding, {r.outstanding} Outstanding"
        for r in table.itertuples()
    )
    shares = [
        f"{name}_{end}" for name in ("good", "outstanding") for end in ("share", "low", "high")
    ]
    formats = dict.fromkeys(shares, "{:.0%}")
    return Figure(
        drawn, title, f"{spoken}.", Table(table, "Judgements by quarter of population", formats)
    )


@styled
def section(area_id: str, demand: Demand) -> Figure:
    """Draw what the sizes of the area's proposals go with, under the national estimates."""
    here, found = areas.get(area_id), quality.of_proposals(area_id, demand)
    halved = [(f"half the population: {n}", quality_fits.main(n).halved(), n) for n in MODELS]
    bids = [(bid.name, metric, LINEAR) for bid, measured in found for metric in measured]
    rows, metrics = [*halved, *bids], [metric for _, metric, _ in bids]
    title = f"{here.name}: no proposal can be computed; half the population in England"
    if bids:
        title = (
            f"{here.name}: by size alone, proposals go with {quality.reach(metrics)} points in the "
            f"chance of Good or Outstanding: {quality.undecided(metrics)}"
        )
    drawn = picture(0.36 * len(rows) + 2.0, title, SOURCE)
    axes = drawn.add_subplot()
    for place, (_, one, name) in enumerate(rows):
        mark, colour = STYLES[name] if place < len(halved) else ("P", "black")
        axes.hlines(place, one.low, one.high, color=colour, linewidth=2.5)
        axes.plot(one.value, place, mark, color=colour, markersize=8)
    axes.axhline(len(halved) - 0.5, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linestyle="--", linewidth=1)
    labels = no_wider((label for label, _, _ in rows), 38)
    axes.set_yticks(range(len(rows)), labels, fontsize=9)
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.set_xlabel(AXIS, fontsize=10)
    frame = pd.DataFrame(
        {
            "what": [label for label, _, _ in rows],
            "model": [name for _, _, name in rows],
            "change": [one.value for _, one, _ in rows],
            "low": [one.low for _, one, _ in rows],
            "high": [one.high for _, one, _ in rows],
        }
    )
    missing = [f"{bid.name}: {bid.status}" for bid, measured in found if not measured]
    table = frame.reindex(range(len(rows) + len(missing)))
    table.loc[len(rows) :, "what"] = missing
    spoken = "; ".join(f"{label} {told(m)}" for label, m, _ in rows)
    caption = f"Chance of Good or Outstanding by size alone, percentage points, {here.name}"
    return Figure(drawn, title, f"{spoken}.", Table(table, caption))
