"""Posts: directors, senior posts and their cost, of any division of councils.

Each authority needs a director of adult social services (DASS), a director of children's services
(DCS) and management below them. How many posts and how much money come with an authority is
calibrated to the published totals (`calibration`): nobody measured it on public data. What councils
spend on running services (`overheads`) stands beside it.
"""

import pandas as pd

from lgr_report.chapters.staffing import overheads
from lgr_report.chapters.staffing.calibration import Calibration
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import LOWER, Footprints, Measurement, Metric, councils_of, today
from lgr_report.core.proposals import SPLITS
from lgr_report.core.regression import Estimate
from lgr_report.sources.assumptions import assumption

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


def measured(unitaries: int, now: int, each: Calibration) -> tuple[Measurement, ...]:
    """Measure so many unitaries in place of the authorities of today: one of each of `METRICS`."""
    more = unitaries - now
    return (
        DIRECTORS.measured(assumption("directors_per_authority") * unitaries),
        POSTS.measured(*each.posts.times(more), CALIBRATED),
        COST.measured(*each.cost.times(more), CALIBRATED),
    )


def of_divisions(
    here: Divisions, each: Calibration, spend: pd.Series, estimate: Estimate
) -> pd.DataFrame:
    """Return the area today and each proposal with its directors, posts and cost.

    A proposal that splits districts still has so many unitaries: directors, posts and cost are
    there, but not the spend implied, which needs residents. Proposals of unknown composition, or
    that reach over two areas, are left out.

    Parameters
    ----------
    here : Divisions
        The area.
    each : Calibration
        Posts and cost of one authority.
    spend, estimate
        As for `overheads.of_division`.

    Returns
    -------
    pandas.DataFrame
        name, authorities, more (than today, of the councils that it takes in), directors, posts,
        posts_low, posts_high, cost, cost_low, cost_high (calibrated; change, GBP million a year),
        spend (on the lines of `overheads` today, GBP million), implied, implied_low, implied_high
        (its change by elasticity; missing where residents or spend are). Today comes first.
    """

    def row(name: str, unitaries: int, footprints: Footprints, now: int) -> dict[str, object]:
        values = {"name": name, "authorities": unitaries, "more": unitaries - now}
        for one in measured(unitaries, now, each):
            column = COLUMNS[one.metric.metric]
            values |= {column: one.value, f"{column}_low": one.low, f"{column}_high": one.high}
        if not footprints:
            return values
        implied = overheads.of_division(footprints, here.demand, spend, estimate)
        names = ("spend", "implied", "implied_low", "implied_high")
        return values | dict(zip(names, implied, strict=True))

    now = len(here.today)
    rows = [row("Today", now, here.today, now)]
    for bid in here.proposals:
        groups = [group for _, group in bid.footprints]
        if groups:
            taken = len(today(here.demand, councils_of(groups)))
            rows.append(row(bid.name, len(groups), groups, taken))
        elif bid.status == SPLITS and not bid.reaches_outside:
            rows.append(row(bid.name, bid.n_unitaries, (), now))
    return pd.DataFrame(rows)
