"""Answers of service quality to published findings (QU01–QU03, CCN/Newton pp5, 99)."""

import numpy as np

from lgr_report.chapters.quality.chances import WHOLE
from lgr_report.chapters.quality.fits import SCORE
from lgr_report.chapters.quality.study import National
from lgr_report.core.findings import SIGN, Claim
from lgr_report.page.phrases import day

DATA = ("ofsted_judgements", "upper_tier_indicators")


def answers(nation: National) -> tuple[Claim, ...]:
    """Return a claim for each published figure of service quality."""
    (as_at, ours), (published_on, then) = nation.good.iloc[:2].items()
    halved = nation.linear.halved() * -1  # positive if smaller means less likely
    estimates = (halved.value, halved.low, halved.high)
    forms = nation.forms.set_index(["outcome", "size", "sample"])
    return (
        Claim(
            "QU01",
            then,
            min(ours, then),
            max(ours, then),
            ("ofsted_judgements", "later_judgements"),
            f"county councils judged Good or Outstanding overall: {ours} in Ofsted's table of "
            f"{day(as_at)}, {then} with the judgements found that were public by "
            f"{day(published_on)}",
        ),
        Claim(
            "QU02",
            *[len(nation.counties)] * 3,
            ("upper_tier",),
            "county councils with social care",
            counted=True,
        ),
        Claim(
            "QU03",
            *(float(np.sign(each)) for each in estimates),
            DATA,
            "sign of what half the population takes from the chance of Good or Outstanding: linear "
            "probability on log population, deprivation, median income and region; with grades as "
            "a score and population not in logs p is "
            f"{forms.loc[(SCORE, 'population', WHOLE), 'p']:.3f}",
            relation=SIGN,
            effect=estimates,
        ),
    )
