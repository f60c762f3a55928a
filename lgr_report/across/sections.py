"""The sections of a county report on what an option changes: one model each, figure and words."""

from lgr_report.chapters.high_needs import high_needs, high_needs_charts
from lgr_report.chapters.partnerships import partnerships, partnerships_charts
from lgr_report.chapters.quality import quality, quality_charts
from lgr_report.chapters.residence import residence, residence_charts
from lgr_report.chapters.staffing import staffing, staffing_charts
from lgr_report.chapters.unit_cost import unit_cost, unit_cost_charts
from lgr_report.core.demand import Demand
from lgr_report.page.cells import Words, say, subheading
from lgr_report.page.figures import Figure

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
