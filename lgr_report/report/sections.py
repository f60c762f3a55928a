"""The sections of a county report on what an option changes: one model each, figure and words."""

from lgr_report.models import high_needs, partnerships, quality, residence, staffing, unit_cost
from lgr_report.models.demand import Demand
from lgr_report.report import (
    high_needs_charts,
    partnerships_charts,
    quality_charts,
    residence_charts,
    staffing_charts,
    unit_cost_charts,
)
from lgr_report.report.cells import Words, say, subheading
from lgr_report.report.figures import Figure

MODELS = {
    "Unit cost": (unit_cost, unit_cost_charts),
    "Senior staffing": (staffing, staffing_charts),
    "Service quality": (quality, quality_charts),
    "High needs": (high_needs, high_needs_charts),
    "Partnerships": (partnerships, partnerships_charts),
    "Where residents of care homes count": (residence, residence_charts),
}


def of_models(area_id: str, demand: Demand) -> list[Words | Figure]:
    """Return the six sections for display: heading, figure, three sentences of each model."""
    shown: list[Words | Figure] = []
    for name, (model, charts) in MODELS.items():
        shown += [
            subheading(name),
            charts.section(area_id, demand),
            say(model.in_words(area_id, demand)),
        ]
    return shown
