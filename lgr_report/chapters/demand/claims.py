"""Claims about demand variation (DV01-DV04)."""

from dataclasses import replace

import pandas as pd

from lgr_report.chapters.demand import spreads
from lgr_report.core.demand import Demand
from lgr_report.core.findings import METHOD, Claim
from lgr_report.core.variation import PEOPLE, STATISTIC_LABELS, STATISTICS
from lgr_report.sources import areas

DATA = ("upper_tier_indicators", "district_indicators", "proposals")


def of_demand(demand: Demand) -> tuple[Claim, ...]:
    """Return claims for demand variation (DV01–DV04, pp38, 91), by each of the three statistics.

    Which statistic was published is not known, so a verdict holds only if it holds by all.
    """
    bids, drawn = spreads.submitted(demand)
    bands, falls = spreads.bands(bids, drawn), spreads.differences(bids, drawn)
    small, _, large = areas.size_bands()
    return (
        _of_band("DV01", small, bands, falls),
        _of_band("DV02", large, bands, falls),
        Claim("DV03", reason="a ceiling is chosen, not found", settled_by=METHOD),
        Claim("DV04", reason="a base period is chosen, not found", settled_by=METHOD),
    )


def _of_band(name: str, band: str, bands: pd.DataFrame, falls: pd.DataFrame) -> Claim:
    """Return the claim for one size band: by the first statistic, with the others beside it."""
    rows = bands[(bands["measure"] == PEOPLE) & (bands["band"] == band)].set_index("statistic")
    first, *others = (
        _by(name, statistic, rows.loc[statistic], falls.loc[statistic]) for statistic in STATISTICS
    )
    named = [f"by {STATISTIC_LABELS[statistic]}" for statistic in STATISTICS[1:]]
    return replace(first, specifications=dict(zip(named, others, strict=True)))


def _by(name: str, statistic: str, row: pd.Series, fall: pd.Series) -> Claim:
    how = (
        f"mean of {STATISTIC_LABELS[statistic]} of the rates of use over the {row['proposals']} "
        "submitted proposals whose mean unitary lies in the band (baseline: the area's rate); the "
        "effect is the difference between the bands"
    )
    ends = (100 * row[["mean", "low", "high"]]).astype(float)
    return Claim(name, *ends, DATA, how, effect=tuple(map(float, fall)))
