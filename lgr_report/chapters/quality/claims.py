"""Answers of service quality to published findings (QU01–QU03, CCN/Newton pp5, 99)."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from lgr_report.chapters.quality.study import National
from lgr_report.core.findings import SIGN, Claim
from lgr_report.page.phrases import day

DATA = ("ofsted_judgements", "upper_tier_indicators")


def answers(nation: National) -> tuple[Claim, ...]:
    """Return a claim for each published figure of service quality."""
    (as_at, ours), (published_on, then) = nation.good.iloc[:2].items()
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
        _of_size(nation.forms),
    )


def _of_size(forms: pd.DataFrame) -> Claim:
    """Return our answer to the published sign, by every form that the published words allow.

    The first is linear probability of Good or Outstanding on log population, over all authorities.
    """
    claims = {f"{_form(row)}, {row.sample}": _sign(row) for row in forms.itertuples()}
    (_, main), *others = claims.items()
    return replace(
        main,
        data=DATA,
        how="sign of what half the population takes from the chance of Good or Outstanding: linear "
        "probability on log population, deprivation, median income and region; other forms take "
        "grades as a score, population not in logs, no region, or leave authorities out",
        tests="how quality goes with size",
        specifications=dict(others),
    )


def _form(row: NamedTuple) -> str:
    return f"{row.outcome}, {row.size}, {'with' if row.region else 'without'} region"


def _sign(row: NamedTuple) -> Claim:
    # Positive if smaller means less likely, or a worse grade.
    effect = (-row.value, -row.high, -row.low)
    return Claim("QU03", *map(float, np.sign(effect)), relation=SIGN, effect=effect)
