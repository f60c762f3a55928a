"""Charts of past reorganisations: the demand model tested, and measures before and after."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.chapters.histories.backtest import LATEST, Backtest
from lgr_report.chapters.histories.panel import KIND_LABELS, SPLIT, WHOLE, Panel
from lgr_report.chapters.histories.study import Study
from lgr_report.chapters.histories.synthetic import Comparison
from lgr_report.chapters.histories.words import levels, ranged, signed
from lgr_report.core.variation import LABELS
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Look, dots
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

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures"
PANEL_SOURCE = "computed from DfE's Local Authority Interactive Tool, data of April 2026; ONS"
TOGETHER = "together"
MARKS = {"Northamptonshire": ("o", BLUE), "Cumbria": ("s", ORANGE)}
MARKS |= {"Buckinghamshire": ("o", BLUE), "North Yorkshire": ("D", TEAL), "Somerset": ("^", PURPLE)}


def divided(test: Backtest) -> Figure:
    """Draw what was predicted of the four split unitaries beside what they reported last."""
    rows = test.rows[test.rows["total"] == LATEST].reset_index(drop=True)
    base = rows["divided"] / rows.groupby(["area", "service"])["residents"].transform("sum")
    ends = ["predicted", "low", "high", "reported"]
    rates = rows[ends].div(rows["residents"] * base, axis=0)
    rates = rates.assign(name=rows["council_name"], group=rows["service"].map(LABELS))
    scores, level = test.scores.loc[LATEST], levels()[1]
    title = (
        f"In {scores['in_order'].sum():.0f} of {scores['pairs'].sum():.0f} comparisons (two split "
        f"counties, {len(scores)} services) the model put the higher rate on the right side; its "
        f"{level} intervals covered {scores['outer'].sum():.0f} of "
        f"{scores['councils'].sum():.0f} figures"
    )
    spoken = "; ".join(
        f"{r.group}, {r.name} predicted {r.predicted:.2f} ({r.low:.2f} to {r.high:.2f}), reported "
        f"{r.reported:.2f}"
        for r in rates.itertuples()
    )
    shown = rows.assign(service=rates["group"])[["service", "council_name", "reported"]]
    shown = shown.join(rows[["at_county_rate", "predicted", "low", "high"]])
    table = Table(
        shown,
        "Split unitaries predicted and reported, people",
        dict.fromkeys(shown.columns[2:], "{:,.0f}"),
    )
    predicted = rates.assign(value=rates["predicted"], series="predicted")
    reported = rates[["name", "group"]].assign(value=rates["reported"], series="reported")
    return dots(
        pd.concat([predicted, reported], ignore_index=True),
        title,
        f"{SOURCE}; looked after 2025, plans January 2025, adults 2024-25",
        f"rate times the old county's, with {level} intervals",
        table,
        looks={"predicted": Look(), "reported": Look("D", "black", size=6)},
        lines=Lines((1,)),
        side_by_side=False,
        row_height=0.26,
        wrap=44,
        margin=1.7,
        alt=f"Rates relative to the old county: {spoken}.",
    )


@styled
def gaps(study: Study) -> Figure:
    """Draw every measure's change against its synthetic control, for both kinds of area."""
    pooled, least = study.pooled, study.rules.significance
    tests = pd.concat(
        [pooled.assign(area=TOGETHER), study.single.dropna(subset=["gap"])], ignore_index=True
    )
    beyond = pooled[pooled["p"] < least]
    title = (
        f"Of {len(pooled)} before-and-after comparisons of areas together "
        f"{len(beyond)} have p below {least:g}, where chance gives "
        f"{least * len(pooled):.0f}; {(pooled['adjusted'] < least).sum()} after correction"
    )
    measures = study.panel.measures
    source = f"{PANEL_SOURCE}; bands are what chance does to others"
    drawn = picture(0.36 * len(measures) + 2.4, title, source)
    grid = drawn.subplots(1, 2, sharey=True, sharex=True)
    order = [about.measure for about in measures]
    for axes, kind in zip(grid, (SPLIT, WHOLE), strict=True):
        _marks(axes, tests[tests["kind"] == KIND_LABELS[kind]], order)
        axes.set_title(KIND_LABELS[kind].capitalize(), fontsize=11, loc="left", pad=42)
    labels = [
        about.label.replace("looked-after children", "looked-after").replace(" from home", "")
        for about in measures
    ]
    grid[0].set_yticks(range(len(order)), no_wider(labels, 44), fontsize=8.5)
    grid[0].set_ylim(len(order) - 0.5, -0.7)
    spoken = "; ".join(
        f"{row['label']}, {row['kind']}, {ranged(row)}, p {row['p']:.3f}"
        for _, row in beyond.iterrows()
    )
    shown = tests[["label", "kind", "area", "unit", "gap", "low", "high", "p", "adjusted"]]
    shown = shown.assign(unit=tests["unit"].mask(tests["in_per_cent"], "per cent"))
    return Figure(
        drawn,
        title,
        "Marks for each area and for all together, on a band of chance. Beyond it together: "
        f"{spoken or 'none'}.",
        Table(
            shown.rename(columns={"label": "measure", "adjusted": "corrected p"}),
            "Every measure against its synthetic control",
            formats={"p": "{:.3f}", "corrected p": "{:.2f}"},
        ),
    )


def _marks(axes: Axes, tests: pd.DataFrame, order: list[str]) -> None:
    """Draw gaps in units of what chance can do, signed so that more is worse.

    One unit is half the width of the interval: beyond it lie placebos once in twenty, at 95 %.
    """
    half = (tests["high"] - tests["low"]) / 2
    tests = tests.assign(relative=tests["gap"] * tests["worse"].replace(0, 1) / half)
    axes.axvspan(-1, 1, color="#E8F1FA", zorder=0)
    axes.axvline(0, color=GREY, linewidth=1)
    for area, part in tests.groupby("area", sort=False):
        marker, colour = MARKS.get(area, ("|", "black"))
        size, edge = (13, 2.5) if area == TOGETHER else (5, 1)
        places = [order.index(name) for name in part["measure"]]
        look = {"color": colour, "markersize": size, "markeredgewidth": edge}
        axes.plot(part["relative"], places, marker, label=area, **look)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8)
    axes.set_xlabel("right is worse (demand: more);\n1 is the edge of chance", fontsize=9)


@styled
def paths(study: Study, measure: str) -> Figure:
    """Draw one measure of every area beside its synthetic control, before and after."""
    about = study.panel.measure(measure)
    made = [c for (name, _), c in study.comparisons.items() if name == measure]
    above = sum(comparison.gap > 0 for comparison in made)
    title = (
        f"{about.label[0].upper()}{about.label[1:]}: after vesting day {above} of "
        f"{count(len(made), 'area')} lie above the synthetic control; p is "
        + listed(f"{comparison.p:.2f}" for comparison in made)
    )
    drawn = picture(5.4, title, f"{PANEL_SOURCE}; {about.unit}")
    grid = drawn.subplots(2, 3, sharey=True, squeeze=False).ravel()
    for axes, comparison in zip(grid, made, strict=False):
        _path(axes, comparison, study.panel)
    for axes in grid[len(made) :]:
        axes.axis("off")
    longest = max(grid, key=lambda axes: len(axes.get_legend_handles_labels()[1]))
    grid[-1].legend(*longest.get_legend_handles_labels(), loc="center left", fontsize=9)
    unit = "per cent" if about.scale == "log" else about.unit
    spoken = "; ".join(map(_spoken, made))
    table = pd.concat(map(_years, made))
    return Figure(
        drawn,
        title,
        f"Lines of each area and its control. Gaps in {unit}: {spoken}.",
        Table(table, f"{about.label} and synthetic controls, {about.unit}"),
    )


def _spoken(made: Comparison) -> str:
    change = made.change
    numbers = (made.gap, made.low, made.high, made.pre_error)
    gap, low, high, error = map(made.measure.in_unit, numbers)
    return (
        f"{change.area} ({KIND_LABELS[change.kind]} {change.vesting_day.year}): gap {signed(gap)} "
        f"({signed(low)} to {signed(high)}), error before {error:.1f}, p {made.p:.2f}"
    )


def _as_published(made: Comparison) -> tuple[np.ndarray, np.ndarray]:
    """Return what was observed and its control as published, also where ratios are compared."""
    values = made.observed.to_numpy(), made.control.to_numpy()
    return tuple(map(np.exp, values)) if made.measure.scale == "log" else values


def _years(made: Comparison) -> pd.DataFrame:
    observed, control = _as_published(made)
    return pd.DataFrame(
        {
            "area": made.change.area,
            "year": made.observed.index.astype(str),
            "when": np.where(made.before, "before", "after"),
            "observed": observed,
            "synthetic control": control,
        }
    )


def _path(axes: Axes, made: Comparison, panel: Panel) -> None:
    years, change = made.observed.index, made.change
    observed, control = _as_published(made)
    axes.plot(years, observed, "o-", color=BLUE, markersize=4, label="observed")
    axes.plot(years, control, "--", color=GREY, label="synthetic control")
    last = years[made.before].max()
    axes.axvline(last + 0.5, color="black", linewidth=1, linestyle=":", label="vesting day")
    if made.apart:
        values = panel.wide(made.measure)
        names = ("a successor", "the other successor")
        for mark, code, label in zip("^v", change.codes, names, strict=True):
            after = values.loc[code].dropna()
            axes.plot(after.index, after, mark, color=ORANGE, markersize=4, label=label)
    axes.set_title(f"{change.area}\n({KIND_LABELS[change.kind]})", fontsize=9.5, loc="left")
    axes.set_xticks([y for y in (2016, 2019, 2022, 2025) if years[0] <= y <= years[-1]])
    axes.tick_params(labelsize=8.5)
