"""Claims about demand variation (DV01-DV04)."""

import numpy as np

from lgr_report.chapters.demand import spreads
from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.findings import METHOD, Claim
from lgr_report.core.variation import MEASURES, PEOPLE, STATISTICS
from lgr_report.sources import areas


def of_demand(demand: Demand) -> tuple[Claim, ...]:
    """Return claims for demand variation (DV01–DV04, pp38, 91): mean spread of submitted bids."""
    table, drawn = spreads.submitted(demand)
    variation = drawn[:, :, MEASURES.index(PEOPLE), STATISTICS.index("spread")]
    small, _, large = areas.size_bands()
    means = {
        band: variation[np.flatnonzero(table["band"] == band)].mean(axis=0)
        for band in (small, large)
    }
    effect = intervals.around(means[small] - means[large])
    data = ("upper_tier_indicators", "district_indicators", "proposals")
    how = (
        "mean of (largest − smallest rate) ÷ the area's rate over the {} submitted proposals whose "
        "mean unitary lies in the band; the effect is the difference between the bands"
    )
    return (
        *(
            Claim(
                name,
                *intervals.around(100 * means[band]),
                data,
                how.format((table["band"] == band).sum()),
                effect=effect,
            )
            for name, band in (("DV01", small), ("DV02", large))
        ),
        Claim("DV03", reason="a ceiling is chosen, not found", settled_by=METHOD),
        Claim("DV04", reason="a base period is chosen, not found", settled_by=METHOD),
    )
