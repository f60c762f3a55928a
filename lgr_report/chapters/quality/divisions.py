"""What the sizes of a division go with: the chance of Good or Outstanding, by size alone.

The published report regresses this on population, deprivation, median income and region, over all
authorities (CCN/Newton, pp66, 99), and finds that smaller means less likely; the coefficient is not
published, nor whether population was in logs. Here population is in logs, so that half the
population means the same everywhere; `fits.forms` has the other readings.

All of it compares authorities as they are. None of them was divided for the comparison, so that
what a division does to services, or its transition, is not in these figures.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.quality.chances import LINEAR, Model
from lgr_report.core import paired
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import (
    HIGHER,
    Footprints,
    Measurement,
    Metric,
    by_option,
    councils_of,
    today,
)
from lgr_report.core.variation import membership

CHANGE = Metric(
    "quality_change",
    "chance of Good or Outstanding, by size alone",
    "percentage points",
    HIGHER,
    "{:,.1f}",
    short="chance of Good or Outstanding",
)
METRICS = (CHANGE,)
ASSOCIATION = "an association between authorities: it does not say what a division does"


def measured(footprints: Footprints, demand: Demand, model: Model) -> Measurement:
    """Measure the change in the chance of Good or better that the sizes of a division go with.

    Each resident's footprint is compared with the resident's authority of today, by size alone.
    The mean is over residents, so that the councils of today measure zero.
    """
    rows, steps, people = sizes(footprints, demand, model)
    change = model.change(rows, steps, people)
    drawn = None
    if model.name == LINEAR:
        one = model.change(rows[:1], 1.0)
        # A linear model moves in proportion to the step: one coefficient is behind every division.
        drawn = paired.of_parameter(one.value, one.low, one.high) * change.value / one.value
    return CHANGE.measured(change.value, change.low, change.high, ASSOCIATION, drawn)


def sizes(
    footprints: Footprints, demand: Demand, model: Model
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each council's row of predictors, step of log size from today, and residents.

    The row is that of its authority of today; councils stand in the order of the footprints.
    """
    codes = councils_of(footprints)
    chosen = demand.select(codes)
    people = chosen.residents.astype(float)
    new, old = (
        membership(codes, groups).astype(float) for groups in (footprints, today(chosen, codes))
    )
    steps = np.log((new @ people) @ new) - np.log((old @ people) @ old)
    return model.rows.loc[chosen.authority].to_numpy(), steps, people


def of_options(here: Divisions, model: Model) -> pd.DataFrame:
    """Measure every option of an area by the linear model: as far from zero as the step is."""
    chosen = here.demand.select(here.options.graph.gss_codes)
    people = chosen.residents.astype(float)
    size = subset_sums(people)
    size[0] = 1  # the empty footprint is in no option
    now = membership(chosen.gss_codes, here.today) @ people
    one = model.change(model.rows.iloc[:1].to_numpy(), 1.0)
    parts = {}
    for k, masks in here.options.masks.items():
        steps = (size * np.log(size))[masks].sum(axis=1) - now @ np.log(now)
        ends = steps[:, None] / size[-1] * [one.value, one.low, one.high]
        parts[k] = pd.DataFrame(
            {
                CHANGE.metric: ends[:, 0],
                f"{CHANGE.metric}_low": ends[:, 1:].min(axis=1),
                f"{CHANGE.metric}_high": ends[:, 1:].max(axis=1),
            }
        )
    return by_option(parts)


def unitaries(
    division: Sequence[tuple[str, Sequence[str]]],
    demand: Demand,
    model: Model,
) -> pd.DataFrame:
    """Return the chance of Good or Outstanding of each unitary, by size alone.

    Everything but size is taken as in the authorities of today: what a district's own deprivation
    or income would add is left out.

    Parameters
    ----------
    division : sequence of (str, sequence of str)
        Name and councils of each unitary.
    demand : Demand
        Who runs the services of the councils today, and their residents.
    model : Model
        The bias-reduced logit keeps chances between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        unitary, residents, before (residents of the authority of today, mean over residents),
        today and after (chance, 0 to 1), value, low, high (change, percentage points).
    """
    rows, steps, people = sizes([codes for _, codes in division], demand, model)
    found, start = [], 0
    for name, codes in division:
        mine = slice(start, start := start + len(codes))
        share = people[mine] / people[mine].sum()
        moved = model.change(rows[mine], steps[mine], share)
        found.append(
            {
                "unitary": name,
                "residents": people[mine].sum(),
                "before": share @ (people[mine].sum() / np.exp(steps[mine])),
                "today": share @ model.probability(rows[mine]),
                "after": share @ model.probability(rows[mine]) + moved.value / 100,
                "value": moved.value,
                "low": moved.low,
                "high": moved.high,
            }
        )
    return pd.DataFrame(found)
