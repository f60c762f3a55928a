"""What a division of councils is before any model: unitaries, the smallest, demand balance."""

import numpy as np
import pandas as pd

from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import (
    LOWER,
    Footprints,
    Measurement,
    Metric,
    by_option,
    councils_of,
)
from lgr_report.core.scores import is_inconclusive
from lgr_report.core.variation import (
    MEASURES,
    PEOPLE,
    STATISTICS,
    area_demand,
    drawn_variation,
    uncertainty_alone,
)

UNITARIES = Metric("unitaries", "unitary councils", "councils", style="{:,.0f}")
SMALLEST = Metric("smallest", "smallest council", "people", style="{:,.0f}")
SPREAD = Metric(
    "demand_spread",
    "demand imbalance: largest less smallest rate, over the area's",
    "per cent",
    LOWER,
    "{:,.0f}%",
    zero_for_one=True,
    moves_with_number=True,
    short="demand imbalance",
)
METRICS = (UNITARIES, SMALLEST, SPREAD)


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure number, smallest and demand balance of a division."""
    area = area_demand(demand, councils_of(footprints))
    people = dict(zip(area.gss_codes, area.residents, strict=True))
    sizes = [sum(people[code] for code in codes) for codes in footprints]
    drawn, chance = np.zeros(len(area.draws)), 0.0  # one council cannot differ from itself
    if len(sizes) > 1:
        which = MEASURES.index(PEOPLE), STATISTICS.index("spread")
        drawn = 100 * drawn_variation(area, footprints)[:, *which]
        chance = 100 * uncertainty_alone(area, footprints)[which]
    return (
        UNITARIES.measured(len(sizes)),
        SMALLEST.measured(min(sizes)),
        SPREAD.measured(*intervals.around(drawn), drawn=drawn, by_chance=chance),
    )


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area, expected over the draws of its scores."""
    parts = {}
    for k, table in here.scores.tables.items():
        parts[k] = pd.DataFrame(
            {
                UNITARIES.metric: float(k),
                SMALLEST.metric: table["smallest"].astype(float),
                SPREAD.metric: 100 * table[PEOPLE],
            }
        )
    return by_option(parts)


def inconclusive(here: Divisions, options: pd.DataFrame) -> set[str]:
    """Return demand imbalance, where no proposal's place can be told from most others."""
    ends = [intervals.ends(drawn[:, 0]) for drawn in here.scores.places.values()]
    placed = [pair for pair in ends if not np.isnan(pair).any()]
    wide = bool(placed) and all(is_inconclusive(low, high) for low, high in placed)
    return {SPREAD.metric} if wide else set()
