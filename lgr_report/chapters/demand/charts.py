"""Charts of demand: by council, by proposed unitary, and by size band beside what was published."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.chapters.demand.spreads import design_by_band, inside
from lgr_report.chapters.demand.study import National, Study
from lgr_report.core.demand import MISSING, PUBLISHED
from lgr_report.core.proposals import statuses
from lgr_report.core.variation import LABELS, PEOPLE, STATISTIC_LABELS, STATISTICS
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Look, Scale, dots
from lgr_report.page.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    no_wider,
    nothing,
    picture,
    shortened,
    styled,
)
from lgr_report.page.phrases import percent, span, spelled
from lgr_report.sources.services import SERVICES, Service

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures; district figures are estimates"
TOTAL = "all services, with interval"
LOOKS = {
    TOTAL: Look("|", "black", width=7, size=13),
    **{
        service.label: Look(mark, colour, size=5)
        for service, mark, colour in zip(SERVICES, "osD^", (BLUE, TEAL, PURPLE, GREY), strict=True)
    },
}
PUBLISHED_HERE = "published (CCN/Newton, p38)"
ALL_OPTIONS, OBSERVED = "all contiguous options", "observed in old shire counties"
BY_BAND = {
    PUBLISHED_HERE: Look("o", ORANGE, size=9),
    **{
        f"submitted, {STATISTIC_LABELS[name]}": Look(mark, BLUE, BLUE, 2, 8)
        for name, mark in zip(STATISTICS, "sPX", strict=True)
    },
    ALL_OPTIONS: Look("D", TEAL, size=9),
    OBSERVED: Look("^", GREY, size=9),
}


@styled
def councils(study: Study) -> Figure:
    """Draw each council's estimated rate of each service against its area's."""
    frame, name = study.councils, study.here.name
    known = frame.dropna(subset=["relative"])
    top = known.loc[known["relative"].idxmax()]
    title = (
        f"{name}: the furthest above the area's rate is {top['council_name']}, "
        f"{top['relative']:.1f} times for {top['label']} "
        f"({'published' if top['status'] == PUBLISHED else 'an estimate'})"
    )
    order = study.here.councils["council_name"].tolist()[::-1]
    marks = "circles are estimates with intervals, squares are published"
    drawn = picture(0.32 * len(order) + 2.2, title, f"{SOURCE}; {marks}")
    grid = drawn.subplots(1, len(SERVICES), sharey=True)
    for axes, service in zip(grid, SERVICES, strict=True):
        part = frame[frame["service"] == service.service].set_index("council_name").loc[order]
        _service(axes, service, part)
    grid[0].set_yticks(range(len(order)), order)
    spoken = "; ".join(
        f"{label}: " + ", ".join(f"{r.council_name} {r.relative:.2f}" for r in part.itertuples())
        for label, part in known.groupby("label", sort=False)
    )
    shown = frame[["council_name", "label", "status", "demand", "low", "high", "relative"]]
    table = Table(
        shown.rename(columns={"label": "service", "demand": "people"}),
        f"Demand by council, {name}: people and rate relative to the area",
        formats=dict.fromkeys(("people", "low", "high"), "{:,.0f}") | {"relative": "{:.2f}"},
    )
    return Figure(drawn, title, f"Rates relative to the area, {spoken}.", table)


def _service(axes: Axes, service: Service, part: pd.DataFrame) -> None:
    places, published = np.arange(len(part)), (part["status"] == PUBLISHED).to_numpy()
    low, high = part["relative_low"], part["relative_high"]
    axes.hlines(places, low, high, color="#6BACE6", linewidth=4)
    axes.plot(part["relative"][published], places[published], "s", color=GREY, markersize=6)
    axes.plot(part["relative"][~published], places[~published], "o", color=BLUE, markersize=6)
    axes.axvline(1, color=GREY, linestyle="--", linewidth=1)
    axes.set_title("\n".join(no_wider([service.label], 17)), fontsize=9.5, loc="left")
    axes.set_xlim(0, 1.08 * np.nanmax([1, *high]))
    axes.tick_params(labelsize=9)
    axes.set_xlabel("times the area's", fontsize=9)
    if (part["status"] == MISSING).any():
        axes.text(0.5, 0.5, "total missing in part", transform=axes.transAxes, ha="center")


def unitaries(study: Study) -> Figure:
    """Draw the demand of each unitary of the computable proposals against the area's."""
    frame, name = study.unitaries, study.here.name
    if frame.empty:
        title = f"{name}: no proposal of several unitaries can be computed"
        return nothing(title, SOURCE, statuses(study.here.proposals))
    total = frame[frame["measure"] == PEOPLE].reset_index(drop=True)
    title = f"{name}: {_furthest(total)}"
    series = {PEOPLE: TOTAL} | {service.service: service.label for service in SERVICES}
    points = frame.assign(
        name=frame["unitary"],
        group=frame["proposal"].map(shortened),
        series=pd.Categorical(frame["measure"].map(series), [*series.values()]),
        value=frame["relative"],
        # The services' own intervals would hide one another.
        low=frame["low"].where(frame["measure"] == PEOPLE),
        high=frame["high"].where(frame["measure"] == PEOPLE),
    )
    points = points.dropna(subset=["series"]).sort_values("series", kind="stable")
    spoken = "; ".join(
        f"{r.proposal}, {r.unitary} {r.relative:.2f} "
        + ("(measured)" if np.isclose(r.low, r.high) else f"({r.low:.2f} to {r.high:.2f})")
        for r in total.itertuples()
    )
    keys = ["proposal", "unitary"]
    wide = frame.pivot_table("relative", keys, "measure", sort=False, dropna=False)
    table = Table(
        # Pairs of a proposal and another's unitary are empty.
        wide.dropna(how="all").rename(columns=LABELS).reset_index(),
        f"Demand of proposed unitaries relative to {name}",
        formats=dict.fromkeys(LABELS.values(), "{:.2f}"),
    )
    return dots(
        points,
        title,
        SOURCE,
        "rate times the area's: all services per resident, each per resident of the ages served",
        table,
        looks=LOOKS,
        lines=Lines(at=(1,)),
        row_height=0.3,
        margin=2.4,
        wrap=44,
        side_by_side=False,
        alt=f"All services by people, times the area's rate: {spoken}.",
    )


def _furthest(total: pd.DataFrame) -> str:
    """Return which unitary is furthest from the area's rate, of those that are told from it."""
    told = total[(total["low"] > 1) | (total["high"] < 1)]
    if told.empty:
        return "no proposed unitary's demand per resident can be told from the area's"
    top = told.loc[(told["relative"] - 1).abs().idxmax()]
    off = sorted(abs(top[["low", "high"]] - 1))
    side = "above" if top["relative"] > 1 else "below"
    far = percent(abs(top["relative"] - 1))
    if np.isclose(*off):
        # Whole authorities of today: what they published is no estimate.
        return (
            f"demand per resident is furthest from the area's in {top['unitary']}, {far} {side} "
            "it: measured, since it divides no authority of today"
        )
    return (
        f"of the unitaries whose demand per resident can be told from the area's, {top['unitary']} "
        f"({top['proposal']}) would be furthest, {far} ({span(off, percent)}) {side} it"
    )


def published_beside(national: National) -> Figure:
    """Draw total demand variation by size band: published, submitted, all options, observed."""
    bands, published = national.bands, national.published
    total = bands[bands["measure"] == PEOPLE].set_index(["statistic", "band"])
    submitted = {
        f"submitted, {STATISTIC_LABELS[name]}": 100 * total.loc[name].reindex(published.index)
        for name in STATISTICS
    }
    held = inside(bands, published)
    title = " and ".join(
        f"{published[band]:.0f}% ({band}) by {spelled(int(held[band].sum()))} of three statistics"
        for band in held
    )
    means = {
        PUBLISHED_HERE: published,
        **{name: ends["mean"] for name, ends in submitted.items()},
        ALL_OPTIONS: 100 * design_by_band(national.every),
        OBSERVED: 100 * national.observed[PEOPLE],
    }
    wide = pd.DataFrame(means, index=published.index).rename_axis("size band").astype(float)
    points = wide.reset_index(names="name").melt("name", var_name="series")
    for end in ("low", "high"):
        ends = pd.concat({name: values[end] for name, values in submitted.items()})
        points[end] = ends.reindex(pd.MultiIndex.from_frame(points[["series", "name"]])).to_numpy()
    points["name"] = "mean unitary " + points["name"]
    spoken = "; ".join(
        f"{name}: " + ", ".join(f"{band} {v:.0f}%" for band, v in values.dropna().items())
        for name, values in wide.items()
    )
    return dots(
        points,
        f"Submitted proposals reproduce the published {title}",
        SOURCE,
        Scale(
            "demand variation, per cent; lines: intervals. All options and old\n"
            "counties: (max − min) ÷ baseline",
            low=0,
        ),
        Table(wide.reset_index(), "Total demand variation by size band, per cent"),
        looks=BY_BAND,
        row_height=1.2,
        margin=2,
        alt=f"Total demand variation by size band. {spoken}.",
    )
