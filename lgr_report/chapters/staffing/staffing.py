"""Senior staffing: directors, posts and cost of any division of an area's councils.

Each authority needs a director of adult social services (DASS), a director of children's services
(DCS) and management below them. How many posts and how much money come with an authority is
calibrated to the published totals (`calibration`): nobody measured it on public data. What councils
spend on running services (`overheads`) stands beside it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.staffing import overheads
from lgr_report.chapters.staffing.calibration import (
    USED,
    above_500k,
    calibration,
    fits,
    published,
    statements,
)
from lgr_report.core import size_bands
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import Claim
from lgr_report.core.metrics import (
    LOWER,
    Footprints,
    Measurement,
    Metric,
    by_option,
    councils_of,
    today,
)
from lgr_report.core.options import SPLITS, proposals
from lgr_report.page import phrases
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

RETURNS = "CCN/Newton's returns of senior posts by council and their band averages, not published"
DIRECTORS = Metric(
    "directors",
    "statutory directors (DASS and DCS) needed",
    "posts",
    LOWER,
    "{:,.0f}",
    counts_councils=True,
)
POSTS = Metric(
    "senior_posts_change",
    "senior posts, change from today",
    "posts",
    LOWER,
    "{:,.0f}",
    counts_councils=True,
)
COST = Metric(
    "senior_cost_change",
    "senior staffing cost, change from today",
    "GBP million a year",
    LOWER,
    "£{:,.1f}m",
    counts_councils=True,
    short="senior posts",
)
METRICS = (DIRECTORS, POSTS, COST)
COLUMNS = {DIRECTORS.metric: "directors", POSTS.metric: "posts", COST.metric: "cost"}
CALIBRATED = "calibrated to the published totals, not measured"


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure directors, posts and cost of a division, against the authorities of today.

    Councils of no area invited count with their authority of today.
    """
    return _measured(len(footprints), len(today(demand, councils_of(footprints))))


def _measured(unitaries: int, now: int) -> tuple[Measurement, ...]:
    more, each = unitaries - now, calibration()
    return (
        DIRECTORS.measured(assumption("directors_per_authority") * unitaries),
        POSTS.measured(*each.posts.times(more), CALIBRATED),
        COST.measured(*each.cost.times(more), CALIBRATED),
    )


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area; those with as many unitaries are equal here."""
    parts = {}
    for k, masks in here.options.masks.items():
        values = {m.metric.metric: m.value for m in _measured(k, len(here.today))}
        parts[k] = pd.DataFrame(values, index=range(len(masks)))
    return by_option(parts)


def divisions(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return the area today and each proposal with its directors, posts and cost.

    A proposal that splits districts still has so many unitaries: directors, posts and cost are
    there, but not the spend implied, which needs residents. Proposals of unknown composition, or
    that reach over two areas, are left out.

    Returns
    -------
    pandas.DataFrame
        name, authorities, more (than today, of the councils that it takes in), directors, posts,
        posts_low, posts_high, cost, cost_low, cost_high (calibrated; change, GBP million a year),
        spend (on the lines of `overheads` today, GBP million), implied, implied_low, implied_high
        (its change by elasticity; missing where residents or spend are). Today comes first.
    """
    now = today(demand, areas.councils(area_id)["gss_code"])
    rows = [_row("Today", now, len(now), len(now), demand)]
    for bid in proposals(area_id):
        groups = [group for _, group in bid.footprints]
        if groups:
            taken = len(today(demand, [code for group in groups for code in group]))
            rows.append(_row(bid.name, groups, len(groups), taken, demand))
        elif bid.status == SPLITS and not bid.reaches_outside:
            rows.append(_row(bid.name, (), bid.n_unitaries, len(now), demand))
    return pd.DataFrame(rows)


def _row(
    name: str, footprints: Sequence[Sequence[str]], unitaries: int, now: int, demand: Demand
) -> dict:
    row = {"name": name, "authorities": unitaries, "more": unitaries - now}
    for one in _measured(unitaries, now):
        column = COLUMNS[one.metric.metric]
        row |= {column: one.value, f"{column}_low": one.low, f"{column}_high": one.high}
    implied = overheads.of_division(footprints, demand) if footprints else (np.nan,) * 4
    return row | dict(
        zip(("spend", "implied", "implied_low", "implied_high"), implied, strict=True)
    )


def claims(definition: str = size_bands.SUBMITTED) -> tuple[Claim, ...]:
    """Return claims for the published figures of senior staffing (ST01–ST11).

    Parameters
    ----------
    definition : str
        Of size bands, by which the additional authorities are counted.
    """
    found, said = calibration(), published()
    table = statements()
    more = table[table["definition"] == definition].set_index("band")["additional"]
    small, medium, large = areas.size_bands()
    per = "additional authorities of the band times {} per authority"
    calibrated = [
        ("ST01", found.posts.times(more[small]), per.format("posts")),
        ("ST02", found.posts.times(more[small]), per.format("posts")),
        ("ST03", found.posts.times(more[medium]), per.format("posts")),
        ("ST04", found.cost.times(more[small]), per.format("cost")),
        ("ST05", found.cost.times(more[medium]), per.format("cost")),
    ]
    each = table["cost_each"].dropna()
    own = table.loc[table["definition"] == definition, "cost_each"].dropna()
    ends = (float(each.min()), float(each.max()))
    how = "published cost over the additional authorities of its band"
    calibrated += [
        ("ST07", (float(own.min()), *ends), how + ", the least"),
        ("ST08", (float(own.max()), *ends), how + ", the largest"),
    ]
    quotients = [
        ("ST10", said["ST04"] / said["ST02"], said["ST04"] / said["ST01"]),
        ("ST11", said["ST05"] / said["ST03"], said["ST05"] / said["ST03"]),
    ]
    return (
        *(
            Claim(
                name,
                *numbers,
                data=USED,
                how=how,
                reason="our model is calibrated to the published totals, so it cannot test them",
                settled_by=RETURNS,
            )
            for name, numbers, how in calibrated
        ),
        above_500k(more[large], table.loc[table["band"] == large, "additional"]),
        Claim(
            "ST09",
            reason="no public table here counts vacancies in adult social care",
            settled_by="Skills for Care, Adult Social Care Workforce Data Set, vacancy rates",
        ),
        *(
            Claim(
                name,
                1000 * low,
                1000 * low,
                1000 * high,
                data=("published_findings",),
                how="published cost over published posts",
                reason="a quotient of two published figures, with nothing of ours in it",
                settled_by=RETURNS,
            )
            for name, low, high in quotients
        ),
    )


def in_words(area_id: str, demand: Demand) -> list[str]:
    """Return the national result, the area's proposals, and how far to trust it."""
    table, found, here = divisions(area_id, demand), calibration(), areas.get(area_id)
    size = overheads.elasticity()
    level = assumption("interval_level")
    bids = table.iloc[1:]
    now = table.iloc[0]
    if bids.empty:
        told = f"No proposal of {here.name} can be computed at district level"
    else:
        few, many = bids.loc[bids["more"].idxmin()], bids.loc[bids["more"].idxmax()]
        told = (
            f"The proposals of {here.name} need {directors(bids)} statutory directors, where "
            f"{now['directors']:.0f} serve today, and {_change(few)}"
        )
        told += f" to {_change(many)}" if many["more"] != few["more"] else ""
    names = [bid.name for bid in proposals(area_id) if bid.name not in set(bids["name"])]
    told += f"; not computable: {phrases.listed(f'“{name}”' for name in names)}" if names else ""
    return [
        f"Published totals of senior posts imply {found.posts.value:.0f} posts "
        f"({found.posts.low:.0f} to {found.posts.high:.0f}) and {pounds(found.cost.value, 1)} a "
        f"year ({pounds(found.cost.low, 1)} to {pounds(found.cost.high, 1)}) with each authority; "
        + (
            "one model fits all of them."
            if fits()["fits"].any()
            else "no single figure fits all of them."
        ),
        f"{told}.",
        "These posts and costs are calibrated to the published totals, not tested. What councils "
        "spend on commissioning, administration, assessment and safeguarding rises by "
        f"{size.value:.2f}% with one per cent more residents ({level:.0%} interval {size.low:.2f} "
        f"to {size.high:.2f}): "
        + (
            "cheaper by the head in larger authorities."
            if size.high < 1
            else "that larger authorities spend less by the head on it cannot be told from chance."
        ),
    ]


def directors(bids: pd.DataFrame) -> str:
    """Return from how many to how many statutory directors proposals need."""
    least, most = bids["directors"].min(), bids["directors"].max()
    return f"{least:.0f}" if least == most else f"{least:.0f} to {most:.0f}"


def _change(row: pd.Series) -> str:
    if row["more"] == 0:
        return "no senior posts more than today"
    word = "more" if row["more"] > 0 else "fewer"
    posts = sorted(abs(row[name]) for name in ("posts_low", "posts_high"))
    cost = sorted(abs(row[name]) for name in ("cost_low", "cost_high"))
    return (
        f"{abs(row['posts']):.0f} senior posts {word} ({posts[0]:.0f} to {posts[1]:.0f}; "
        f"{pounds(abs(row['cost']), 1)} a year, {pounds(cost[0], 1)} to {pounds(cost[1], 1)})"
    )


def pounds(millions: float, digits: int = 0) -> str:
    """Return GBP million as a sentence has it."""
    text = f"{abs(millions):,.{digits}f}"
    minus = "−" if millions < 0 and text.strip("0.,") else ""
    return f"{minus}£{text}m"


def known(value: float, low: float, high: float) -> str:
    """Return a change in GBP million with its interval, as a table has it."""
    if np.isnan(value):
        return "not available"
    if value == low == high == 0:
        return "no change"
    return f"{pounds(value, 1)} ({pounds(low, 1)} to {pounds(high, 1)})"
