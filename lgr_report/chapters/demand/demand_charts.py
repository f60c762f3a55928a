"""Charts of demand, by council and by proposed unitary.

Each returns a `figures.Figure` with title, alt text and table.
"""

import numpy as np
import pandas as pd

from lgr_report.core.demand import MISSING, MODELLED, PUBLISHED, Demand
from lgr_report.core.proposals import proposals, statuses
from lgr_report.core.rates import compare
from lgr_report.core.variation import LABELS, PEOPLE, area_demand, footprint_rates
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    PURPLE,
    TEAL,
    Figure,
    no_wider,
    nothing,
    picture,
    shortened,
    styled,
)
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.services import SERVICES, authorities

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures; district figures are estimates"
MARKS = dict(zip((s.service for s in SERVICES), "osD^", strict=True))
COLOURS = dict(zip((s.service for s in SERVICES), (BLUE, TEAL, PURPLE, GREY), strict=True))


def council_rates(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return each council's rate relative to its area, by service, with interval.

    Returns
    -------
    pandas.DataFrame
        council_name, service (label), status, demand, low, high (people), relative, relative_low,
        relative_high (1 is the area's rate per resident of the ages served).
    """
    mine = areas.councils(area_id)
    frame = demand.select(mine["gss_code"]).frame()
    frame = frame.merge(mine[["gss_code", "council_name"]], on="gss_code")
    total = frame.groupby("service")[["demand", "residents"]].sum(min_count=len(mine))
    base = frame["service"].map(total["demand"] / total["residents"])
    for column, source in (("", "demand"), ("_low", "low"), ("_high", "high")):
        frame[f"relative{column}"] = frame[source] / frame["residents"] / base
    frame["label"] = frame["service"].map(LABELS)
    return frame


def _sure(status: str) -> str:
    return "published" if status == PUBLISHED else "an estimate"


@styled
def councils(area_id: str, demand: Demand) -> Figure:
    """Draw each council's estimated rate of each service against its area's."""
    frame, here = council_rates(area_id, demand), areas.get(area_id)
    order = areas.councils(area_id)["council_name"].tolist()[::-1]
    known = frame.dropna(subset=["relative"])
    top = known.loc[known["relative"].idxmax()]
    title = (
        f"{here.name}: the furthest above the area's rate is {top['council_name']}, "
        f"{top['relative']:.1f} times for {top['label']} ({_sure(top['status'])})"
    )
    marks = "circles are estimates with intervals, squares are published"
    drawn = picture(0.32 * len(order) + 2.2, title, f"{SOURCE}; {marks}")
    grid = drawn.subplots(1, len(SERVICES), sharey=True)
    for axes, service in zip(grid, SERVICES, strict=True):
        part = frame[frame["service"] == service.service].set_index("council_name").loc[order]
        places = np.arange(len(order))
        axes.hlines(
            places, part["relative_low"], part["relative_high"], color="#6BACE6", linewidth=4
        )
        sure = (part["status"] == PUBLISHED).to_numpy()
        axes.plot(part["relative"][sure], places[sure], "s", color=GREY, markersize=6)
        axes.plot(part["relative"][~sure], places[~sure], "o", color=BLUE, markersize=6)
        axes.axvline(1, color=GREY, linestyle="--", linewidth=1)
        axes.set_title("\n".join(no_wider([service.label], 17)), fontsize=9.5, loc="left")
        axes.set_xlim(0, 1.08 * np.nanmax([1, *part["relative_high"]]))
        axes.tick_params(labelsize=9)
        axes.set_xlabel("times the area's", fontsize=9)
        if (part["status"] == MISSING).any():
            axes.text(0.5, 0.5, "total missing in part", transform=axes.transAxes, ha="center")
    grid[0].set_yticks(range(len(order)), order)
    spoken = "; ".join(
        f"{label}: " + ", ".join(f"{r.council_name} {r.relative:.2f}" for r in part.itertuples())
        for label, part in known.groupby("label", sort=False)
    )
    shown = frame[["council_name", "label", "status", "demand", "low", "high", "relative"]]
    shown = shown.rename(columns={"label": "service", "demand": "people"})
    table = Table(
        shown,
        f"Demand by council, {here.name}: people and rate relative to the area",
        formats=dict.fromkeys(("people", "low", "high"), "{:,.0f}") | {"relative": "{:.2f}"},
    )
    return Figure(drawn, title, f"Rates relative to the area, {spoken}.", table)


def councils_in_words(area_id: str, demand: Demand) -> list[str]:
    """Return how demand is spread over an area's councils, and how sure the estimates are."""
    frame = council_rates(area_id, demand)
    modelled = frame[frame["status"] == MODELLED]
    words = []
    for service in SERVICES:
        part = frame[frame["service"] == service.service].dropna(subset=["relative"])
        if part.empty:
            continue
        high, low = part.loc[part["relative"].idxmax()], part.loc[part["relative"].idxmin()]
        mine = modelled[modelled["service"] == service.service]
        half = ((mine["high"] - mine["low"]) / 2 / mine["demand"]).median()
        words.append(
            f"{service.label[0].upper()}{service.label[1:]}: from {low['relative']:.2f} times the "
            f"area's rate in {low['council_name']} to {high['relative']:.2f} times in "
            f"{high['council_name']}. The {assumption('interval_level'):.0%} interval of a "
            f"district is typically ±{half:.0%}."
        )
    return words + demand.select(areas.councils(area_id)["gss_code"]).missing()


def worth_in_words(area_id: str, demand: Demand) -> list[str]:
    """Return what an area's district estimates can and cannot say."""
    frame = council_rates(area_id, demand)
    modelled = frame[frame["status"] == MODELLED]
    apart = (modelled["relative_low"] > 1) | (modelled["relative_high"] < 1)
    return [
        f"Of {len(modelled)} district estimates here {apart.sum()} are further from the area's "
        "rate than their interval. The rest could be at the area's rate: read them as directions, "
        "not as counts.",
        "The estimates rest on age and deprivation. They do not know placements, practice or "
        "complexity, and their errors are taken as independent between districts: if neighbours "
        "err alike, unitaries differ more than is shown.",
    ]


def model_shown() -> pd.DataFrame:
    """Return the chosen candidate of each service with its predictors and error, for a page."""
    upper = authorities()
    rows = []
    for service in SERVICES:
        table = compare(upper, service)
        chosen = table[table["chosen"]].iloc[0]
        rows.append(
            {
                "service": service.label,
                "model": chosen.name,
                "predictors": chosen["predictors"],
                "error left out": f"{chosen['error']:.3f}",
                "error of the county's rate": f"{table['error'].iloc[0]:.3f}",
            }
        )
    return pd.DataFrame(rows)


@styled
def footprints(area_id: str, demand: Demand) -> Figure:
    """Draw the demand of each unitary of the computable proposals against the area's."""
    here = areas.get(area_id)
    bids = [bid for bid in proposals(area_id) if len(bid.footprints) > 1]
    frames = []
    for bid in bids:
        codes = [code for _, group in bid.footprints for code in group]
        rates = footprint_rates(area_demand(demand, codes, per_age_band=True), dict(bid.footprints))
        frames.append(rates.assign(proposal=bid.name))
    if not frames:
        title = f"{here.name}: no proposal of several unitaries can be computed"
        return nothing(title, SOURCE, statuses(proposals(area_id)))
    frame = pd.concat(frames, ignore_index=True)
    total = frame[frame["measure"] == PEOPLE].reset_index(drop=True)
    top = total.loc[(total["relative"] - 1).abs().idxmax()]
    side = "above" if top["relative"] > 1 else "below"
    title = (
        f"{here.name}: the unitary furthest from the area's demand would be {top['unitary']} "
        f"({top['proposal']}), {abs(top['relative'] - 1):.0%} {side} it"
    )
    rows = len(total) + len(bids)
    drawn = picture(0.3 * rows + 2.4, title, SOURCE)
    axes = drawn.add_subplot()
    place, ticks, labels = 0, [], []
    for bid in bids:
        ticks.append(place)
        labels.append(shortened(bid.name))
        place += 1
        for unitary, _ in bid.footprints:
            mine = frame[(frame["proposal"] == bid.name) & (frame["unitary"] == unitary)]
            mine = mine.set_index("measure")
            axes.hlines(
                place,
                mine.loc[PEOPLE, "low"],
                mine.loc[PEOPLE, "high"],
                color="#6BACE6",
                linewidth=7,
            )
            axes.plot(
                mine.loc[PEOPLE, "relative"],
                place,
                "|",
                color="black",
                markersize=13,
                markeredgewidth=2.5,
                label="all services, with interval",
            )
            for service in SERVICES:
                axes.plot(
                    mine.loc[service.service, "relative"],
                    place,
                    MARKS[service.service],
                    color=COLOURS[service.service],
                    markersize=5,
                    label=service.label,
                )
            ticks.append(place)
            labels.append(f"   {unitary}")
            place += 1
    axes.axvline(1, color=GREY, linestyle="--", linewidth=1)
    axes.set_yticks(ticks, labels, fontsize=9)
    for text in axes.get_yticklabels():
        if not text.get_text().startswith("   "):
            text.set_fontweight("bold")
    axes.set_ylim(place - 0.5, -0.7)
    axes.set_xlabel(
        "rate times the area's: all services per resident, each per resident of the ages served",
        fontsize=9,
    )
    handles, names = axes.get_legend_handles_labels()
    first = dict(zip(names[: len(SERVICES) + 1], handles, strict=False))
    axes.legend(
        first.values(),
        first.keys(),
        loc="lower left",
        bbox_to_anchor=(-0.4, 1),
        ncols=2,
        fontsize=8.5,
    )
    spoken = "; ".join(
        f"{r.proposal}, {r.unitary} {r.relative:.2f} ({r.low:.2f} to {r.high:.2f})"
        for r in total.itertuples()
    )
    wide = (
        frame.pivot_table(
            index=["proposal", "unitary"],
            columns="measure",
            values="relative",
            sort=False,
            dropna=False,
        )
        .dropna(how="all")  # pairs of a proposal and another's unitary
        .rename(columns=LABELS)
        .reset_index()
    )
    table = Table(
        wide,
        f"Demand of proposed unitaries relative to {here.name}",
        formats=dict.fromkeys(LABELS.values(), "{:.2f}"),
    )
    return Figure(drawn, title, f"All services by people, times the area's rate: {spoken}.", table)
