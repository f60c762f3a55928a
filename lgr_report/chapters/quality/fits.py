"""National fits of service quality: every model, sample, set of controls, judgement and form."""

import pandas as pd

from lgr_report.chapters.quality import judgements
from lgr_report.chapters.quality.chances import (
    AS_PUBLISHED,
    CONTROLLED,
    HALF,
    MODELS,
    SIZE,
    WHOLE,
    Model,
    fit,
)
from lgr_report.chapters.quality.judgements import JUDGEMENTS, OVERALL
from lgr_report.core import regression
from lgr_report.core.regression import SAMPLES, detectable
from lgr_report.sources.cache import once_per_batch

PEOPLE = "population_100k"  # residents, 100,000: size not in logs
CHANCE, SCORE = "chance of Good or Outstanding, points", "grade from 0 to 3, hundredths"


@once_per_batch
def models() -> dict[str, Model]:
    """Return each of `MODELS` for overall effectiveness: all authorities, published controls."""
    frame = judgements.judged()
    return {name: fit(name, frame) for name in MODELS}


def effects() -> pd.DataFrame:
    """Return what half the population means in every model, sample, set of controls, judgement.

    Returns
    -------
    pandas.DataFrame
        judgement, sample, controls, model, n (authorities), good (share Good or Outstanding),
        value, low, high (percentage points), p, detectable (the smallest true effect that would
        be found with probability ``test_power``), separated (predictors, or empty).
    """
    asked = [
        *((OVERALL, sample, AS_PUBLISHED) for sample in SAMPLES),
        *((OVERALL, WHOLE, controls) for controls in [*CONTROLLED][1:]),
        *((judgement, WHOLE, AS_PUBLISHED) for judgement in JUDGEMENTS if judgement != OVERALL),
    ]
    rows = []
    for judgement, sample, controls in asked:
        frame = judgements.judged(judgement)
        for name in MODELS:
            one = fit(name, frame, sample, controls)
            found = one.halved()
            rows.append(
                {
                    "judgement": judgement,
                    "sample": sample,
                    "controls": controls,
                    "model": name,
                    "n": len(one.good),
                    "good": one.good.mean(),
                    "value": found.value,
                    "low": found.low,
                    "high": found.high,
                    "p": found.p,
                    "detectable": detectable(found.error, one.freedom),
                    "separated": ", ".join(one.separated),
                }
            )
    return pd.DataFrame(rows)


def forms() -> pd.DataFrame:
    """Return the linear model in the forms that the published words allow, in each sample.

    One page speaks of the probability of Good or Outstanding (p99), another of the expected score
    (p66); whether population was in logs is not said. Each form is read as what a county council of
    average size loses if its population is halved.

    Returns
    -------
    pandas.DataFrame
        outcome (`CHANCE` or `SCORE`), size (log population, or population), sample, n, value, low,
        high, p (HC3).
    """
    frame = judgements.judged()
    frame = frame.assign(**{PEOPLE: frame["population"] / 100_000})
    county = frame.loc[frame["la_class"] == "county", PEOPLE].mean()
    rows = []
    for outcome, column in ((CHANCE, "good"), (SCORE, "level")):
        for size, step in ((SIZE, HALF), (PEOPLE, -county / 2)):
            for sample in SAMPLES:
                predictors = (size, *CONTROLLED[AS_PUBLISHED][0][1:])
                one = regression.fit(frame, column, predictors, sample)
                found = one.coefficient(size) * (100 * step)
                rows.append(
                    {
                        "outcome": outcome,
                        "size": "log population" if size == SIZE else "population",
                        "sample": sample,
                        "n": one.n,
                        "value": found.value,
                        "low": found.low,
                        "high": found.high,
                        "p": found.p,
                    }
                )
    return pd.DataFrame(rows)
