"""Charts of past reorganisations: the demand model tested, and measures before and after.

Each returns a `figures.Figure` with title, alt text and table.
"""

import numpy as np
import pandas as pd

from lgr_report.chapters.histories import histories
from lgr_report.chapters.histories.backtest import LATEST, Backtest
from lgr_report.chapters.histories.histories import Histories, in_unit, signed
from lgr_report.chapters.histories.panel import KIND_LABELS, SPLIT, WHOLE
from lgr_report.chapters.histories.synthetic import Comparison, Rules
from lgr_report.core.variation import LABELS
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
from lgr_report.page.phrases import count, listed
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.services import SERVICES

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures"
PANEL_SOURCE = "computed from DfE's Local Authority Interactive Tool, data of April 2026; ONS"
LOOKS = {"Northamptonshire": ("o", BLUE), "Cumbria": ("s", ORANGE)}
LOOKS |= {"Buckinghamshire": ("o", BLUE), "North Yorkshire": ("D", TEAL), "Somerset": ("^", PURPLE)}
ENDED = "vesting day"


@styled
def divided(found: Backtest) -> Figure:
    """Draw what was predicted of the four split unitaries beside what they reported last."""
    rows = found.rows[found.rows["total"] == LATEST].reset_index(drop=True)
    scores = found.scores().loc[LATEST]
    base = rows["divided"] / rows.groupby(["area", "service"])["residents"].transform("sum")
    for name in ("predicted", "low", "high", "reported"):
        rows[f"relative_{name}"] = rows[name] / rows["residents"] / base
    level = assumption("interval_level")
    title = (
        f"In {scores['in_order'].sum():.0f} of {scores['pairs'].sum():.0f} comparisons (two split "
        f"counties, {len(scores)} services) the model put the higher rate on the right side; its "
        f"{level:.0%} intervals covered {scores['outer'].sum():.0f} of "
        f"{scores['councils'].sum():.0f} figures"
    )
    drawn = picture(6.4, title, f"{SOURCE}; looked after 2025, plans January 2025, adults 2024-25")
    axes, place, ticks, labels = drawn.add_subplot(), 0, [], []
    for service in SERVICES:
        ticks.append(place)
        labels.append(service.label)
        for _, row in rows[rows["service"] == service.service].iterrows():
            place += 1
            axes.hlines(
                place, row["relative_low"], row["relative_high"], color="#6BACE6", linewidth=5
            )
            axes.plot(row["relative_predicted"], place, "o", color=BLUE, label="predicted")
            axes.plot(row["relative_reported"], place, "D", color="black", label="reported")
            ticks.append(place)
            labels.append(f"   {row['council_name']}")
        place += 1.4
    axes.axvline(1, color=GREY, linestyle="--", linewidth=1)
    axes.set_yticks(ticks, labels, fontsize=9)
    for text in axes.get_yticklabels():
        if not text.get_text().startswith("   "):
            text.set_fontweight("bold")
    axes.set_ylim(place - 0.7, -0.7)
    axes.set_xlabel(f"rate times the old county's, with {level:.0%} intervals", fontsize=10)
    handles, names = axes.get_legend_handles_labels()
    axes.legend(handles[:2], names[:2], loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    spoken = "; ".join(
        f"{LABELS[r.service]}, {r.council_name} predicted {r.relative_predicted:.2f} "
        f"({r.relative_low:.2f} to {r.relative_high:.2f}), reported {r.relative_reported:.2f}"
        for r in rows.itertuples()
    )
    shown = rows.assign(service=rows["service"].map(LABELS))[
        ["service", "council_name", "reported", "at_county_rate", "predicted", "low", "high"]
    ]
    people = dict.fromkeys(("reported", "at_county_rate", "predicted", "low", "high"), "{:,.0f}")
    return Figure(
        drawn,
        title,
        f"Rates relative to the old county: {spoken}.",
        Table(shown, "Split unitaries predicted and reported, people", formats=people),
    )


def _relative(found: Histories) -> pd.DataFrame:
    """Return every gap in units of what chance can do, signed so that more is worse.

    One unit is half the width of the interval: beyond it lie placebos once in twenty, at 95 %.
    """
    parts = []
    for table in (found.pooled.assign(area="together"), found.table.dropna(subset=["gap"])):
        worse = table["measure"].map(lambda name: found.panel.measure(name).worse).replace(0, 1)
        half = (table["high"] - table["low"]) / 2
        parts.append(table.assign(relative=table["gap"] * worse / half, lean=worse))
    return pd.concat(parts, ignore_index=True)


@styled
def gaps(found: Histories) -> Figure:
    """Draw every measure's change against its synthetic control, for both kinds of area."""
    table = _relative(found)
    least = Rules.assumed().significance
    pooled = found.pooled
    title = (
        f"Of {len(pooled)} before-and-after comparisons of areas together "
        f"{(pooled['p'] < least).sum()} have p below {least:g}, where chance gives "
        f"{least * len(pooled):.0f}; {(pooled['adjusted'] < least).sum()} after correction"
    )
    order = [about.measure for about in found.panel.measures]
    drawn = picture(
        0.36 * len(order) + 2.4, title, f"{PANEL_SOURCE}; bands are what chance does to others"
    )
    grid = drawn.subplots(1, 2, sharey=True, sharex=True)
    for axes, kind in zip(grid, (SPLIT, WHOLE), strict=True):
        mine = table[table["kind"] == KIND_LABELS[kind]]
        axes.axvspan(-1, 1, color="#E8F1FA", zorder=0)
        axes.axvline(0, color=GREY, linewidth=1)
        for area, part in mine.groupby("area", sort=False):
            marker, colour = LOOKS.get(area, ("|", "black"))
            axes.plot(
                part["relative"],
                [order.index(name) for name in part["measure"]],
                marker,
                color=colour,
                markersize=13 if area == "together" else 5,
                markeredgewidth=2.5 if area == "together" else 1,
                label=area,
            )
        axes.set_title(KIND_LABELS[kind].capitalize(), fontsize=11, loc="left", pad=42)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8)
        axes.set_xlabel("right is worse (demand: more);\n1 is the edge of chance", fontsize=9)
    short = no_wider([_short(found.panel.measure(name).label) for name in order], 44)
    grid[0].set_yticks(range(len(order)), short, fontsize=8.5)
    grid[0].set_ylim(len(order) - 0.5, -0.7)
    beyond = pooled[pooled["p"] < least]
    spoken = "; ".join(
        f"{row['label']}, {row['kind']}, {histories.ranged(row)}, p {row['p']:.3f}"
        for _, row in beyond.iterrows()
    )
    shown = table[["label", "kind", "area", "unit", "gap", "low", "high", "p", "adjusted"]]
    shown = shown.assign(unit=table["unit"].where(~table["in_per_cent"], "per cent"))
    return Figure(
        drawn,
        title,
        f"Marks for each area and for all together, on a band of chance. Beyond it together: "
        f"{spoken or 'none'}.",
        Table(
            shown.rename(columns={"label": "measure", "adjusted": "corrected p"}),
            "Every measure against its synthetic control",
            formats={"p": "{:.3f}", "corrected p": "{:.2f}"},
        ),
    )


def _short(label: str) -> str:
    return label.replace("looked-after children", "looked-after").replace(" from home", "")


@styled
def paths(found: Histories, measure: str) -> Figure:
    """Draw one measure of every area beside its synthetic control, before and after."""
    about = found.panel.measure(measure)
    mine = [one for (name, _), one in found.comparisons.items() if name == measure]
    above = sum(one.gap > 0 for one in mine)
    title = (
        f"{about.label[0].upper()}{about.label[1:]}: after vesting day {above} of "
        f"{count(len(mine), 'area')} lie above the synthetic control; p is "
        + listed(f"{one.p:.2f}" for one in mine)
    )
    drawn = picture(5.4, title, f"{PANEL_SOURCE}; {about.unit}")
    grid = drawn.subplots(2, 3, sharey=True, squeeze=False).ravel()
    for axes, one in zip(grid, mine, strict=False):
        _one_path(axes, one, found)
    for axes in grid[len(mine) :]:
        axes.axis("off")
    longest = max(grid, key=lambda axes: len(axes.get_legend_handles_labels()[1]))
    handles, names = longest.get_legend_handles_labels()
    grid[-1].legend(handles, names, loc="center left", fontsize=9)
    spoken = "; ".join(
        f"{one.change.area} ({KIND_LABELS[one.change.kind]} {one.change.vesting_day.year}): gap "
        f"{signed(in_unit(about, one.gap))} ({signed(in_unit(about, one.low))} to "
        f"{signed(in_unit(about, one.high))}), error before {in_unit(about, one.pre_error):.1f}, "
        f"p {one.p:.2f}"
        for one in mine
    )
    unit = "per cent" if about.scale == "log" else about.unit
    shown = pd.concat(
        pd.DataFrame(
            {
                "area": one.change.area,
                "year": one.observed.index.astype(str),
                "when": np.where(one.before, "before", "after"),
                "observed": _shown(one, one.observed),
                "synthetic control": _shown(one, one.control),
            }
        )
        for one in mine
    )
    return Figure(
        drawn,
        title,
        f"Lines of each area and its control. Gaps in {unit}: {spoken}.",
        Table(shown, f"{about.label} and synthetic controls, {about.unit}"),
    )


def _shown(one: Comparison, values: pd.Series) -> np.ndarray:
    """Return values as published, also where they are compared as ratios."""
    return np.exp(values.to_numpy()) if one.measure.scale == "log" else values.to_numpy()


def _one_path(axes: object, one: Comparison, found: Histories) -> None:
    years = list(one.observed.index)
    axes.plot(years, _shown(one, one.observed), "o-", color=BLUE, markersize=4, label="observed")
    axes.plot(years, _shown(one, one.control), "--", color=GREY, label="synthetic control")
    last = max(year for year, before in zip(years, one.before, strict=True) if before)
    axes.axvline(last + 0.5, color="black", linewidth=1, linestyle=":", label=ENDED)
    if one.apart:
        values = found.panel.wide(one.measure).reindex(one.change.codes)
        for mark, (code, _) in zip("^v", one.change.successors, strict=True):
            after = values.loc[code].dropna()
            label = "a successor" if mark == "^" else "the other successor"
            axes.plot(after.index, after, mark, color=ORANGE, markersize=4, label=label)
    label = f"{one.change.area}\n({KIND_LABELS[one.change.kind]})"
    axes.set_title(label, fontsize=9.5, loc="left")
    axes.set_xticks([y for y in (2016, 2019, 2022, 2025) if years[0] <= y <= years[-1]])
    axes.tick_params(labelsize=8.5)
