"""What public data say to the published case: one county that is not named, on its own records."""

import numpy as np

from lgr_report.chapters.residence.caseloads import FALL, GROWTH, WORKING_AGE, moved
from lgr_report.chapters.residence.published_case import National
from lgr_report.core.findings import Claim
from lgr_report.page.phrases import about
from lgr_report.sources.assumptions import assumption

USED = ("upper_tier_indicators", "district_indicators", "proposals", "assumptions")


def claims(country: National) -> tuple[Claim, ...]:
    """Answer OR01 to OR03: one county that is not named, on data that only councils hold."""
    done = moved(country.years, np.array([assumption("stay_18_64")])).item()
    horizon = Claim(
        "OR03",
        data=USED,
        how="the period over which our figures are given too: at the assumed stay "
        f"{done:.0%} of the caseload of adults 18–64 has then turned over",
        reason="the length of the period that the case study looks at: a choice, not a result",
        settled_by="nothing to settle: a parameter of the published case",
    )
    return _case(country, "OR01", FALL, -1), _case(country, "OR02", GROWTH, 1), horizon


def _case(country: National, finding_id: str, name: str, sign: int) -> Claim:
    table = country.pairs.set_index(["scope", "measure"]).loc[WORKING_AGE]
    row, both = table.loc[name], table.loc["both"]
    low, high = sorted(float(100 * sign * row[end]) for end in ("low", "high"))
    return Claim(
        finding_id,
        float(100 * sign * row["mean"]),
        low,
        high,
        data=USED,
        how=f"mean over the {len(country.bids)} submitted bids that divide a county of the largest "
        f"{name} among their unitaries; {about(row['as_far'])} of bids and "
        f"{about(row['options_as_far'])} of {len(country.options):,} options have one as large as "
        f"published, and {about(both['as_far'])} and {about(both['options_as_far'])} both",
        reason="the case is one county, not named, on its own records of placements: public data "
        "have neither the district of a placement nor that of its origin, and no beds for working "
        "ages",
        settled_by="DHSC client level data: residential and nursing services by district of the "
        "home and of the client's earlier address (collected, not published)",
    )
