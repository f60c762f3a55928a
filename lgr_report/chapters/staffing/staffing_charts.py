"""Charts of senior staffing: what the published totals imply, and what it means for an area."""

import numpy as np
import pandas as pd

from lgr_report.chapters.staffing.calibration import (
    bands,
    calibration,
    fits,
    fitting_population,
    powers,
    published,
    statements,
    today_residents,
)
from lgr_report.chapters.staffing.staffing import directors, divisions, known, pounds
from lgr_report.core import size_bands
from lgr_report.core.demand import Demand
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import BLUE, GREY, ORANGE, Figure, no_wider, picture, styled
from lgr_report.sources import areas

PUBLISHED = "CCN/Newton (October 2025), p10"
SOURCE = "computed from CCN/Newton (p10), ONS and MHCLG figures (RO3, 2024-25)"
MARKS = ("o", "s")
COLOURS = (BLUE, ORANGE)


@styled
def per_authority() -> Figure:
    """Draw the cost that each published total implies for one authority, by definition of bands."""
    table, found = statements().dropna(subset=["cost"]), published()
    order = [*size_bands.DEFINITIONS][::-1]
    apart = table.groupby("definition")["cost_each"].agg(lambda cost: cost.max() / cost.min())
    near, far = apart.idxmin(), apart.idxmax()
    title = (
        f"The two published totals imply costs per authority that differ by a factor of "
        f"{apart[near]:.2f} ({near}) to {apart[far]:.1f} ({far})"
    )
    drawn = picture(3.9, title, f"computed from {PUBLISHED}, and submitted proposals")
    axes = drawn.add_subplot()
    axes.axvspan(found["ST07"], found["ST08"], color="#E1ECF7", label="published range")
    for step, (band, part) in enumerate(table.groupby("band", sort=False)):
        each = part.set_index("definition")["cost_each"].reindex(order)
        axes.plot(
            each,
            np.arange(len(order)) + 0.1 - 0.2 * step,
            MARKS[step],
            color=COLOURS[step],
            markersize=10,
            label=f"{band}: {pounds(part['cost'].iloc[0])} a year",
        )
    axes.set_yticks(range(len(order)), no_wider(order, 28))
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_xlim(left=0)
    axes.set_xlabel("£ million a year with each additional authority")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=3, fontsize=9)
    columns = ["definition", "band", "population", "authorities", "additional"]
    each = ["posts_low_each", "posts_high_each", "cost_each"]
    shown = statements()[columns + each]
    spoken = "; ".join(f"{r.definition}, {r.band}: £{r.cost_each:.2f}m" for r in table.itertuples())
    headings = {
        "population": "average residents",
        "authorities": "authorities that cover the areas",
        "additional": "more than today",
        "posts_low_each": "posts each, least",
        "posts_high_each": "posts each, most",
        "cost_each": "£m a year each",
    }
    caption = "What the published totals imply for one authority"
    formats = {"population": "{:,.0f}", "cost_each": "{:.2f}"}
    return Figure(
        drawn,
        title,
        f"Cost per additional authority, {spoken}.",
        Table(shown, caption, formats, headings),
    )


@styled
def section(area_id: str, demand: Demand) -> Figure:
    """Draw the change of senior staffing cost of the area's divisions, beside implied spend."""
    table, here = divisions(area_id, demand), areas.get(area_id)
    bids = table.iloc[1:]
    if bids.empty:
        title = (
            f"{here.name}: {table['directors'].iloc[0]:.0f} statutory directors today; no proposal "
            "can be computed"
        )
    else:
        title = (
            f"{here.name}: {directors(bids)} statutory directors under the proposals, "
            f"{table['directors'].iloc[0]:.0f} today; senior staffing cost would "
            f"{_span(bids['cost'])}"
        )
    drawn = picture(0.66 * len(table) + 2.4, title, SOURCE)
    axes = drawn.add_subplot()
    series = {
        "cost": "senior staffing, calibrated to the published totals",
        "implied": "running services, by what councils spend",
    }
    for step, (column, label) in enumerate(series.items()):
        places = np.arange(len(table)) + 0.24 * (step - 0.5)
        colour = COLOURS[step]
        axes.hlines(
            places, table[f"{column}_low"], table[f"{column}_high"], color=colour, linewidth=3
        )
        axes.plot(table[column], places, MARKS[step], color=colour, markersize=8, label=label)
    axes.axvline(0, color=GREY, linestyle="--", linewidth=1)
    names = [
        f"{name}\n({number:.0f} directors)"
        for name, number in zip(no_wider(table["name"], 36), table["directors"], strict=True)
    ]
    axes.set_yticks(range(len(table)), names, fontsize=9.5)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlabel("change from today, £ million a year; lines: range, and interval")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=1, fontsize=9)
    spoken = "; ".join(
        f"{r.name}: {r.directors:.0f} directors, {known(r.cost, r.cost_low, r.cost_high)}, by "
        f"spend {known(r.implied, r.implied_low, r.implied_high)}"
        for r in table.itertuples(index=False)
    )
    return Figure(
        drawn,
        title,
        f"Change of cost a year: {spoken}.",
        Table(shown(table), f"Senior staffing, {here.name}"),
    )


def _span(costs: pd.Series) -> str:
    low, high = (pounds(cost, 1) if cost else "nothing" for cost in (costs.min(), costs.max()))
    if low == high:
        return "stay as it is" if low == "nothing" else f"change by {low} a year"
    return f"change by {low} to {high} a year"


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return `staffing.divisions` for a page."""
    rows = [*table.itertuples(index=False)]
    return pd.DataFrame(
        {
            "division": table["name"],
            "authorities": table["authorities"],
            "statutory directors": table["directors"].map("{:.0f}".format),
            "senior posts, change": [
                f"{r.posts:.0f} ({r.posts_low:.0f} to {r.posts_high:.0f})" for r in rows
            ],
            "cost a year, change (calibrated)": [
                known(r.cost, r.cost_low, r.cost_high) for r in rows
            ],
            "spend on running services today": [
                "not available" if np.isnan(r.spend) else pounds(r.spend) for r in rows
            ],
            "its change by elasticity": [
                known(r.implied, r.implied_low, r.implied_high) for r in rows
            ],
        }
    )


def bands_shown() -> pd.DataFrame:
    """Return published, calibrated and implied figures of each band for a page."""
    rows = [*bands().itertuples(index=False)]
    return pd.DataFrame(
        {
            "band": [r.band for r in rows],
            "authorities more than today": [f"{r.additional:.1f}" for r in rows],
            "published posts": [
                "net fall" if np.isnan(r.published_posts) else f"{r.published_posts:,.0f}"
                for r in rows
            ],
            "published cost a year": [
                "net fall" if np.isnan(r.published_cost) else pounds(r.published_cost) for r in rows
            ],
            "calibrated posts": [
                f"{r.posts:,.0f} ({r.posts_low:,.0f} to {r.posts_high:,.0f})" for r in rows
            ],
            "calibrated cost a year": [known(r.cost, r.cost_low, r.cost_high) for r in rows],
            "running services, by elasticity": [
                known(r.implied, r.implied_low, r.implied_high) for r in rows
            ],
        }
    ).replace("-", "−", regex=True)


def fit_in_words() -> list[str]:
    """Return whether one linear model fits what was published, in sentences computed from it."""
    found, table, said = calibration(), fits(), published()
    fitting = table.loc[table["fits"], "definition"]
    ratio = table.set_index("definition")["ratio"]
    above = table.set_index("definition")["above_500k"]
    low, high = fitting_population()
    small, medium, _ = areas.size_bands()
    only = phrases.listed(table.loc[table["ratio_fits"], "definition"]) or "none"
    falls = phrases.listed(table.loc[table["sign_fits"], "definition"]) or "none"
    return [
        "If only posts that every authority needs change, posts and cost must stand to each other "
        f"as additional authorities do. Published: {table['published_low'].iloc[0]:.1f} to "
        f"{table['published_high'].iloc[0]:.1f} times as many {small} as {medium}. By definition "
        "of the bands: " + "; ".join(f"{name} {ratio[name]:.1f}" for name in ratio.index) + ". "
        f"In step: {only}.",
        f"Above 500k a net fall was published. Authorities more or fewer than the "
        f"{len(today_residents())} of today: "
        + "; ".join(f"{name} {above[name]:+.1f}".replace("-", "−") for name in above.index)
        + f". Fewer: {falls}. One authority more or less in the baseline, which is not published "
        "either, turns the sign of the figures near zero.",
        (
            f"One linear model fits all three statements under: {phrases.listed(fitting)}."
            if len(fitting)
            else "Under none of the four definitions does one linear model fit all three "
            "statements."
        )
        + f" It would fit both totals if the average unitary {small} had {low / 1000:.0f},000 to "
        f"{high / 1000:.0f},000 residents; that of the submitted ones has "
        f"{_average(small) / 1000:.0f},000.",
        f"Calibrated: {found.posts.value:.0f} posts ({found.posts.low:.0f} to "
        f"{found.posts.high:.0f}) and £{found.cost.value:.1f}m a year (£{found.cost.low:.1f}m to "
        f"£{found.cost.high:.1f}m) with each authority. The value is that of “{found.definition}”, "
        f"on which the totals agree best; the range holds every definition, and £"
        f"{said['ST07']:.0f}–{said['ST08']:.0f}m as published. Posts that grow with residents "
        "cannot be told from totals of change: they stay free.",
    ]


def _average(band: str) -> float:
    table = statements().set_index(["definition", "band"])
    return float(table.loc[(size_bands.SUBMITTED, band), "population"])


def _signed(power: float) -> str:
    return f"{power:.2f}".replace("-", "−")


def powers_in_words() -> list[str]:
    """Return what posts that go with a power of residents would imply."""
    table = powers()
    parts = [
        f"{r.definition}: no such power"
        if np.isnan(r.power)
        else f"{r.definition}: power {_signed(r.power)}, above 500k {pounds(r.above_500k)} a year, "
        f"senior posts of today {pounds(r.today)}"
        for r in table.itertuples()
    ]
    risen = (table["above_500k"] > 0).sum()
    return [
        "The other way to meet both costs is to let an authority's posts go with a power of its "
        f"residents (0: the same in each; 1: in proportion). What would fit, and what it implies: "
        f"{'; '.join(parts)}. In {risen} of "
        f"{table['power'].notna().sum()} that do, cost above 500k would rise, where a fall was "
        "published: once posts grow with residents, a few large and several "
        "small authorities, as today, need fewer together than as many of equal size."
    ]
