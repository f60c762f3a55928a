"""Moves: the largest fall and the largest growth of a caseload under any division."""

import numpy as np
import pandas as pd

from lgr_report.chapters.residence import caseloads
from lgr_report.chapters.residence.apart import EVEN
from lgr_report.chapters.residence.caseloads import BOTH, GROWTH, MEASURED, SCOPES
from lgr_report.chapters.residence.published_case import horizon
from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import LOWER, Footprints, Measurement, Metric, by_option

METRICS = tuple(
    Metric(
        f"residence_{name}",
        f"largest {name} of a care home caseload in {{years:.0f}} years",
        "per cent",
        LOWER,
        "{:,.0f}%",
        zero_for_one=True,
        moves_with_number=True,
        short="growth of a care home caseload" if name == GROWTH else "",
    )
    for name in MEASURED
)


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure one division of councils: largest fall and growth of a caseload, all adults."""
    years = horizon()
    adults = 100 * caseloads.largest(demand, footprints, years)[:, SCOPES.index(BOTH)]
    even = caseloads.largest(demand, footprints, years, EVEN)[:, SCOPES.index(BOTH)]
    chance = 100 * even.mean(axis=0)
    note = "clients at home or beds were not published for all councils"
    note = note if np.isnan(adults).any() else ""
    return tuple(
        metric.measured(*intervals.around(adults[:, i]), note, adults[:, i], chance[i], years=years)
        for i, metric in enumerate(METRICS)
    )


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area, at the point estimates."""
    case = caseloads.caseload(here.demand, here.options.graph.gss_codes)
    names, parts = [metric.metric for metric in METRICS], {}
    for k, masks in here.options.masks.items():
        adults = 100 * caseloads.of_masks(case, masks, horizon())[:, SCOPES.index(BOTH)]
        parts[k] = pd.DataFrame(adults, columns=names)
    return by_option(parts)
