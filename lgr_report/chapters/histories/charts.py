"""Charts of past reorganisations: the demand model tested, and measures before and after."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.chapters.histories.amounts import levels, plain, ranged, signed
from lgr_report.chapters.histories.backtest import LATEST, Backtest
from lgr_report.chapters.histories.panel import KIND_LABELS, Panel
from lgr_report.chapters.histories.study import Study
from lgr_report.chapters.histories.synthetic import Comparison
from lgr_report.core.variation import LABELS
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Look, dots
from lgr_report.page.figures import BLUE, GREY, ORANGE, Figure, picture, styled
from lgr_report.page.phrases import count, listed

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures"
PANEL_SOURCE = "computed from DfE's Local Authority Interactive Tool, data of April 2026; ONS"
TOGETHER = "together"
PLAIN = "difference in differences"
COLUMNS = {
    "label": "measure",
    "adjusted": "corrected p",
    "did": "plain difference in differences",
    "did_low": "its low",
    "did_high": "its high",
    "did_p": "its p",
    "did_adjusted": "its corrected p",
    "tested": "what p tests",
    "rejected": "true nulls rejected where controls fitted alike",
}


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
    people = ["reported", "at_county_rate", "predicted", "low", "high"]
    table = Table(
        rows.assign(service=rates["group"])[["service", "council_name", *people]],
        "Split unitaries predicted and reported, people",
        dict.fromkeys(people, "{:,.0f}"),
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


def gaps(study: Study) -> Figure:
    """Draw every measure's change against its synthetic control, for both kinds of area.

    Gaps are in units of what chance can do, signed so that more is worse. One unit is half the
    width of the interval: beyond it lie placebos once in twenty, at 95 %.
    """
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
    half = (tests["high"] - tests["low"]) / 2
    sign = tests["worse"].replace(0, 1) / half
    band = (tests["area"] == TOGETHER).map({True: 1.0, False: np.nan})
    frame = pd.DataFrame(
        {
            "name": tests["label"].str.replace(" from home", ""),
            "group": tests["kind"].str.capitalize(),
            "series": tests["area"],
            "value": tests["gap"] * sign,
            "low": -band,
            "high": band,
        }
    )
    plainly = frame[tests["area"] == TOGETHER].assign(
        series=PLAIN, value=tests["did"] * sign, low=np.nan, high=np.nan
    )
    spoken = "; ".join(
        f"{test['label']}, {test['kind']}, {ranged(test)}, corrected p {test['adjusted']:.2f}, by "
        f"plain difference in differences {plain(test)}"
        for test in beyond.to_dict("records")
    )
    names = ["label", "kind", "area", "unit", "gap", "low", "high", "p", "adjusted"]
    shown = tests[[*names, "did", "did_low", "did_high", "did_p", "did_adjusted"]].assign(
        unit=tests["unit"].mask(tests["in_per_cent"], "per cent"),
        tested=np.where(tests["area"] == TOGETHER, "the gap", "growth of the error"),
        rejected=[
            f"{share * alike:,.0f} of {alike:,.0f}"
            for share, alike in zip(tests["size"], tests["alike"], strict=True)
        ],
    )
    return dots(
        pd.concat([frame, plainly], ignore_index=True),
        title,
        f"{PANEL_SOURCE}; bands are what chance does to others",
        "right is worse (demand: more);\n1 is the edge of chance",
        Table(
            shown.rename(columns=COLUMNS),
            "Every measure against its synthetic control, and by plain difference in differences",
            formats={
                **dict.fromkeys(("p", COLUMNS["did_p"]), "{:.3f}"),
                **dict.fromkeys((COLUMNS["adjusted"], COLUMNS["did_adjusted"]), "{:.2f}"),
            },
        ),
        looks={
            TOGETHER: Look("|", "black", "#D5E8F5", width=16, size=15),
            PLAIN: Look("x", ORANGE, size=7),
        },
        lines=Lines((0,)),
        side_by_side=False,
        row_height=0.24,
        margin=2.5,
        wrap=66,
        alt="Marks for each area and for all together, on a band of chance. Beyond it together: "
        f"{spoken or 'none'}.",
    )


@styled
def paths(study: Study, measure: str) -> Figure:
    """Draw one measure of every area beside its synthetic control, before and after."""
    panel, about = study.panel, study.panel.measure(measure)
    comparisons = [c for (name, _), c in study.comparisons.items() if name == measure]
    tests = study.single[study.single["measure"] == measure].dropna(subset=["p"])
    title = (
        f"{about.label[0].upper()}{about.label[1:]}: after vesting day {(tests['gap'] > 0).sum()} "
        f"of {count(len(tests), 'area')} lie above the synthetic control; corrected p is "
        + listed(f"{p:.2f}" for p in tests["adjusted"])
    )
    canvas = picture(5.4, title, f"{PANEL_SOURCE}; {about.unit}")
    grid = canvas.subplots(2, 3, sharey=True, squeeze=False).ravel()
    paths = [_years(comparison) for comparison in comparisons]
    for axes, comparison, path in zip(grid, comparisons, paths, strict=False):
        _path(axes, comparison, path, panel)
    for axes in grid[len(paths) :]:
        axes.axis("off")
    longest = max(grid, key=lambda axes: len(axes.get_legend_handles_labels()[1]))
    grid[-1].legend(*longest.get_legend_handles_labels(), loc="center left", fontsize=9)
    unit = "per cent" if about.scale == "log" else about.unit
    spoken = "; ".join(
        f"{test.area} ({test.kind} {panel.change(test.area).vesting_day.year}): gap "
        f"{signed(test.gap)} ({signed(test.low)} to {signed(test.high)}), error before "
        f"{test.pre_error:.1f}, corrected p {test.adjusted:.2f}; plain difference in differences "
        f"{signed(test.did)} ({signed(test.did_low)} to {signed(test.did_high)})"
        for test in tests.itertuples()
    )
    table = pd.concat(paths).astype({"year": str})
    return Figure(
        canvas,
        title,
        f"Lines of each area and its control. Gaps in {unit}: {spoken}.",
        Table(table, f"{about.label} and synthetic controls, {about.unit}"),
    )


def _years(comparison: Comparison) -> pd.DataFrame:
    """Return what was observed and its control as published, also where ratios are compared."""
    values = pd.DataFrame(
        {"observed": comparison.observed, "synthetic control": comparison.control}
    )
    values = np.exp(values) if comparison.measure.scale == "log" else values
    path = values.rename_axis("year").reset_index()
    path.insert(0, "area", comparison.change.area)
    path.insert(2, "when", np.where(comparison.before, "before", "after"))
    return path


def _path(axes: Axes, comparison: Comparison, path: pd.DataFrame, panel: Panel) -> None:
    years, change = path["year"], comparison.change
    axes.plot(years, path["observed"], "o-", color=BLUE, markersize=4, label="observed")
    axes.plot(years, path["synthetic control"], "--", color=GREY, label="synthetic control")
    last = years[comparison.before].max()
    axes.axvline(last + 0.5, color="black", linewidth=1, linestyle=":", label="vesting day")
    if comparison.apart:
        values = panel.wide(comparison.measure)
        names = ("a successor", "the other successor")
        for mark, code, label in zip("^v", change.codes, names, strict=True):
            after = values.loc[code].dropna()
            axes.plot(after.index, after, mark, color=ORANGE, markersize=4, label=label)
    axes.set_title(f"{change.area}\n({KIND_LABELS[change.kind]})", fontsize=9.5, loc="left")
    axes.set_xticks([y for y in (2016, 2019, 2022, 2025) if years.min() <= y <= years.max()])
    axes.tick_params(labelsize=8.5)
