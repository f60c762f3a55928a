"""Claims about demand variation (DV01-DV04)."""

from dataclasses import replace

import pandas as pd

from lgr_report.chapters.demand import spreads
from lgr_report.core.demand import Demand
from lgr_report.core.findings import METHOD, Claim
from lgr_report.core.variation import PEOPLE, STATISTIC_LABELS, STATISTICS
from lgr_report.sources import areas

AT_EQUAL_NUMBERS = ", at equal numbers of unitaries"
TESTS = "how demand variation goes with size"
DATA = ("upper_tier_indicators", "district_indicators", "proposals")


def of_demand(demand: Demand) -> tuple[Claim, ...]:
    """Return claims for demand variation (DV01–DV04, pp38, 91), by each of the three statistics.

    Which statistic was published is not known, so a verdict holds only if it holds by all. Nor
    may the effect come from the number of unitaries alone: it must hold at equal numbers too.
    """
    bids, drawn = spreads.submitted(demand)
    bands, falls = spreads.bands(bids, drawn), spreads.differences(bids, drawn)
    held = spreads.at_equal_numbers(bids, drawn)
    small, _, large = areas.size_bands()
    return (
        _of_band("DV01", small, bands, falls, held),
        _of_band("DV02", large, bands, falls, held),
        Claim("DV03", reason="a ceiling is chosen, not found", settled_by=METHOD),
        Claim("DV04", reason="a base period is chosen, not found", settled_by=METHOD),
    )


def _of_band(
    name: str, band: str, bands: pd.DataFrame, falls: pd.DataFrame, held: pd.DataFrame
) -> Claim:
    """Return the claim for one size band: by the first statistic, with the others beside it."""
    rows = bands[(bands["measure"] == PEOPLE) & (bands["band"] == band)].set_index("statistic")
    answers = {
        f"by {STATISTIC_LABELS[statistic]}{ending}": _by(
            name, statistic, rows.loc[statistic], effects.loc[statistic]
        )
        for ending, effects in (("", falls), (AT_EQUAL_NUMBERS, held))
        for statistic in STATISTICS
    }
    (_, first), *others = answers.items()
    return replace(first, specifications=dict(others))


def _by(name: str, statistic: str, row: pd.Series, fall: pd.Series) -> Claim:
    how = (
        f"mean of {STATISTIC_LABELS[statistic]} of the rates of use over the {row['proposals']} "
        "submitted proposals whose mean unitary lies in the band (baseline: the area's rate); the "
        "effect is the difference between the bands, as the bids stand or at equal numbers of "
        "unitaries"
    )
    ends = (100 * row[["mean", "low", "high"]]).astype(float)
    return Claim(name, *ends, DATA, how, effect=tuple(map(float, fall)), tests=TESTS)
