"""National fits of service quality: every model, sample, set of controls, judgement and form."""

from collections.abc import Mapping
from itertools import product

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
MAIN = (OVERALL, WHOLE, AS_PUBLISHED)
# Judgement, sample and controls of every fit.
ASKED = (
    *((OVERALL, sample, AS_PUBLISHED) for sample in SAMPLES),
    *((OVERALL, WHOLE, controls) for controls in CONTROLLED if controls != AS_PUBLISHED),
    *((judgement, WHOLE, AS_PUBLISHED) for judgement in JUDGEMENTS if judgement != OVERALL),
)


@once_per_batch
def models() -> dict[str, Model]:
    """Return the main fit by each of `MODELS`: overall, all authorities, the published controls."""
    everyone = judgements.judged()
    return {name: fit(name, everyone) for name in MODELS}


def effects(main: Mapping[str, Model]) -> pd.DataFrame:
    """Return what half the population means in every model, sample, set of controls, judgement.

    Parameters
    ----------
    main : mapping of str to Model
        As `models` returns it: these fits are not made again.

    Returns
    -------
    pandas.DataFrame
        judgement, sample, controls, model, n (authorities), good (share Good or Outstanding),
        value, low, high (percentage points), p, detectable (the smallest true effect that would
        be found with probability ``test_power``), separated (predictors, or empty).
    """
    rows = []
    for asked in ASKED:
        judgement, sample, controls = asked
        authorities = judgements.judged(judgement)
        for name in MODELS:
            model = main[name] if asked == MAIN else fit(name, authorities, sample, controls)
            variant = {"judgement": judgement, "sample": sample, "controls": controls}
            rows.append({**variant, "model": name, **_halved(model)})
    return pd.DataFrame(rows)


def _halved(model: Model) -> dict[str, object]:
    effect = model.halved()
    return {
        "n": len(model.good),
        "good": model.good.mean(),
        "value": effect.value,
        "low": effect.low,
        "high": effect.high,
        "p": effect.p,
        "detectable": detectable(effect.error, model.freedom),
        "separated": ", ".join(model.separated),
    }


def forms() -> pd.DataFrame:
    """Return the linear model in the forms that the published words allow, in each sample.

    One page speaks of the probability of Good or Outstanding (p99), another of the expected score
    (p66); whether population was in logs is not said. Each form is read as what a county council of
    average size loses if its population is halved. Each form is fitted with region held, as in the
    main model, and without.

    Returns
    -------
    pandas.DataFrame
        outcome (`CHANCE` or `SCORE`), size (log population, or population), sample, region (held
        or not), n, value, low, high, p (HC3).
    """
    everyone = judgements.judged()
    everyone = everyone.assign(**{PEOPLE: everyone["population"] / 100_000})
    county = everyone.loc[everyone["la_class"] == "county", PEOPLE].mean()
    rows = []
    for outcome, column in ((CHANCE, "good"), (SCORE, "level")):
        for size, label, step in (
            (SIZE, "log population", HALF),
            (PEOPLE, "population", -county / 2),
        ):
            predictors = (size, *CONTROLLED[AS_PUBLISHED][0][1:])
            for sample, region in product(SAMPLES, (True, False)):
                linear = regression.fit(everyone, column, predictors, sample, region)
                effect = linear.coefficient(size) * (100 * step)
                ends = effect.value, effect.low, effect.high, effect.p
                rows.append((outcome, label, sample, region, linear.n, *ends))
    columns = ["outcome", "size", "sample", "region", "n", "value", "low", "high", "p"]
    return pd.DataFrame(rows, columns=columns)
