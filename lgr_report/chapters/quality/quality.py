"""Service quality: whether larger authorities are likelier to be judged Good or Outstanding.

The published report regresses this on population, deprivation, median income and region, over all
authorities (CCN/Newton, pp66, 99), and finds that smaller means less likely; the coefficient is not
published, nor whether population was in logs. Here population is in logs, so that half the
population means the same everywhere; `quality_fits.forms` shows the other readings.

All of it compares authorities as they are. None of them was divided for the comparison, so that
what a division does to services, or its transition, is not in these figures.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.quality import judgements
from lgr_report.chapters.quality.chances import AS_PUBLISHED, LINEAR, REDUCED, WHOLE
from lgr_report.chapters.quality.judgements import OVERALL
from lgr_report.chapters.quality.quality_fits import SCORE, effects, forms, main
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import SIGN, Claim
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import (
    HIGHER,
    Footprints,
    Measurement,
    Metric,
    by_option,
    today,
)
from lgr_report.core.options import Proposal, proposals
from lgr_report.core.variation import membership
from lgr_report.page import phrases
from lgr_report.sources.assumptions import assumption

DATA = ("ofsted_judgements", "upper_tier_indicators")


CHANGE = Metric(
    "quality_change",
    "chance of Good or Outstanding, by size alone",
    "percentage points",
    HIGHER,
    "{:,.1f}",
    short="chance of Good or Outstanding",
)
ASSOCIATION = "an association between authorities: it does not say what a division does"


def measure(footprints: Footprints, demand: Demand, model: str = LINEAR) -> tuple[Measurement, ...]:
    """Measure what the sizes of a division go with: the change in the chance of Good or better.

    Each resident's footprint is compared with the resident's authority of today, by size alone.
    The mean is over residents, so that the councils of today measure zero.
    """
    rows, steps, people = sizes(footprints, demand, model)
    change = main(model).change(rows, steps, people)
    return (CHANGE.measured(change.value, change.low, change.high, ASSOCIATION),)


def sizes(
    footprints: Sequence[Sequence[str]], demand: Demand, model: str = LINEAR
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each council's row of predictors, step of log size from today, and residents.

    The row is that of its authority of today; councils stand in the order of the footprints.
    """
    codes = [code for footprint in footprints for code in footprint]
    chosen = demand.select(codes)
    people = chosen.residents.astype(float)
    new, old = (
        membership(codes, groups).astype(float) for groups in (footprints, today(chosen, codes))
    )
    steps = np.log((new @ people) @ new) - np.log((old @ people) @ old)
    return main(model).rows.loc[chosen.authority].to_numpy(), steps, people


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area by the linear model: as far from zero as the step is."""
    chosen = here.demand.select(here.options.graph.gss_codes)
    people = chosen.residents.astype(float)
    size = subset_sums(people)
    size[0] = 1  # the empty footprint is in no option
    now = membership(chosen.gss_codes, today(chosen, chosen.gss_codes)) @ people
    one = main().change(main().rows.iloc[:1].to_numpy(), 1.0)
    parts = {}
    for k, masks in here.options.masks.items():
        steps = (size * np.log(size))[masks].sum(axis=1) - now @ np.log(now)
        ends = steps[:, None] / size[-1] * [one.value, one.low, one.high]
        parts[k] = pd.DataFrame(
            {
                CHANGE.metric: ends[:, 0],
                f"{CHANGE.metric}_low": ends[:, 1:].min(axis=1),
                f"{CHANGE.metric}_high": ends[:, 1:].max(axis=1),
            }
        )
    return by_option(parts)


def unitaries(footprints: Sequence[tuple[str, Sequence[str]]], demand: Demand) -> pd.DataFrame:
    """Return the chance of Good or Outstanding of each unitary, by size alone.

    Everything but size is taken as in the authorities of today: what a district's own deprivation
    or income would add is left out. By the bias-reduced logit, which keeps chances between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        unitary, residents, before (residents of the authority of today, mean over residents),
        today and after (chance, 0 to 1), value, low, high (change, percentage points).
    """
    rows, steps, people = sizes([codes for _, codes in footprints], demand, REDUCED)
    model, found, start = main(REDUCED), [], 0
    for name, codes in footprints:
        mine = slice(start, start := start + len(codes))
        share = people[mine] / people[mine].sum()
        moved = model.change(rows[mine], steps[mine], share)
        found.append(
            {
                "unitary": name,
                "residents": people[mine].sum(),
                "before": share @ (people[mine].sum() / np.exp(steps[mine])),
                "today": share @ model.probability(rows[mine]),
                "after": share @ model.probability(rows[mine]) + moved.value / 100,
                "value": moved.value,
                "low": moved.low,
                "high": moved.high,
            }
        )
    return pd.DataFrame(found)


def claims() -> tuple[Claim, ...]:
    """Return claims for service quality (QU01–QU03, pp5, 99)."""
    known = judgements.counties(judgements.PUBLISHED_ON)
    ours = int(judgements.counties(judgements.AS_AT)["good"].sum())
    then = int(known["good"].sum())
    halved = main().halved() * -1  # positive if smaller means less likely
    estimates = (halved.value, halved.low, halved.high)
    return (
        Claim(
            "QU01",
            then,
            min(ours, then),
            max(ours, then),
            ("ofsted_judgements", "later_judgements"),
            f"county councils judged Good or Outstanding overall: {ours} in Ofsted's table of "
            f"{judgements.AS_AT:%-d %B %Y}, {then} with the judgements found that were public by "
            f"{judgements.PUBLISHED_ON:%-d %B %Y}",
        ),
        Claim("QU02", *[len(known)] * 3, ("upper_tier",), "county councils with social care"),
        Claim(
            "QU03",
            *(float(np.sign(each)) for each in estimates),
            DATA,
            "sign of what half the population takes from the chance of Good or Outstanding: linear "
            "probability on log population, deprivation, median income and region; with grades as "
            f"a score and population not in logs p is {_score()['p']:.3f}",
            relation=SIGN,
            effect=estimates,
        ),
    )


def _score() -> pd.Series:
    """Return the form that p66 suggests: an expected score, and size not in logs."""
    table = forms().set_index(["outcome", "size", "sample"])
    return table.loc[(SCORE, "population", WHOLE)]


def of_proposals(
    area_id: str, demand: Demand, models: Sequence[str] = (LINEAR,)
) -> list[tuple[Proposal, tuple[Measurement, ...]]]:
    """Return the proposals of an area with quality_change by each model, where computable."""
    found = []
    for bid in proposals(area_id):
        parts = [codes for _, codes in bid.footprints]
        measured = [measure(parts, demand, name)[0] for name in models if parts]
        found.append((bid, tuple(measured)))
    return found


def in_words(area_id: str, demand: Demand) -> list[str]:
    """Return the national result, this area's proposals, and how far to trust both."""
    one, found = main().halved(), [m for _, ms in of_proposals(area_id, demand) for m in ms]
    table = effects().query(f"judgement == '{OVERALL}' and controls == '{AS_PUBLISHED}'")
    everyone = table[table["sample"] == WHOLE]
    clear = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    here = "No proposal here can be computed with whole districts, so none has a figure."
    if found:
        here = (
            f"By size alone, {phrases.count(len(found), 'computable proposal')} would go with "
            f"{reach(found)} percentage points; {undecided(found)}."
        )
    return [
        f"Among {everyone['n'].iloc[0]} authorities, half the population goes with "
        f"{points(one.value)} percentage points in the chance that children's services are Good or "
        f"Outstanding ({assumption('interval_level'):.0%} interval {points(one.low)} to "
        f"{points(one.high)}); of {len(table)} fits over four models and five samples "
        f"{clear or 'none'} {'tell' if clear > 1 else 'tells'} it from no effect.",
        here,
        "This compares authorities as they are and cannot say what a division does; a true effect "
        f"of half the population below {everyone['detectable'].iloc[0]:.0f} points would often go "
        "unseen in these data.",
    ]


def reach(found: Iterable[Measurement]) -> str:
    """Return the least and the greatest of some figures, one if they look alike."""
    values = [metric.value for metric in found]
    return " to ".join(dict.fromkeys([points(min(values)), points(max(values))]))


def undecided(found: Sequence[Measurement]) -> str:
    """Return how many intervals hold zero, apart from councils that keep their size."""
    moved = [metric for metric in found if abs(metric.value) > 1e-9]
    holding, kept = sum(m.low <= 0 <= m.high for m in moved), len(found) - len(moved)
    words = []
    if moved:
        verb = "holds" if len(moved) == 1 else "hold"
        words = [f"{holding} of {phrases.count(len(moved), 'interval')} {verb} zero"]
    if kept:
        words += [f"{kept} {'keeps' if kept == 1 else 'keep'} today's size"]
    return phrases.listed(words)


def points(value: float) -> str:
    """Return percentage points with their sign, one decimal."""
    text = f"{abs(value):.1f}"
    return text if value >= 0 or not float(text) else f"−{text}"
