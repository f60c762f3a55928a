"""What service quality says, in sentences made from a study."""

from collections.abc import Iterable, Sequence

import pandas as pd

from lgr_report.chapters.quality.chances import AS_PUBLISHED, LINEAR, REDUCED, WHOLE
from lgr_report.chapters.quality.fits import CHANCE, SCORE
from lgr_report.chapters.quality.judgements import JUDGEMENTS
from lgr_report.chapters.quality.study import National, Study
from lgr_report.core.metrics import Measurement
from lgr_report.core.regression import Estimate
from lgr_report.page.phrases import count, day, listed, number, ranged, span
from lgr_report.sources.assumptions import assumption

points = number


def told(one: Estimate | Measurement) -> str:
    """Return percentage points with their interval; any row with value, low and high will do."""
    return ranged(one.value, one.low, one.high, points)


def in_short(study: Study) -> list[str]:
    """Return the national result, this area's proposals, and how far to trust both."""
    nation, found = study.national, study.changes
    one, table = nation.linear.halved(), nation.samples
    clear = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    here = "No proposal here can be computed with whole districts, so none has a figure."
    if found:
        here = f"{by_size(found)}."
    return [
        f"Among {nation.everyone['n'].iloc[0]} authorities, half the population goes with "
        f"{points(one.value)} percentage points in the chance that children's services are Good or "
        f"Outstanding ({assumption('interval_level'):.0%} interval {points(one.low)} to "
        f"{points(one.high)}); of {len(table)} fits over four models and five samples "
        f"{clear or 'none'} {'tell' if clear > 1 else 'tells'} it from no effect.",
        here,
        "The answer depends on the form: smaller authorities are judged worse beyond chance in "
        f"{_told_in(nation)} of {len(nation.forms)} linear fits. "
        "This compares authorities as they are and cannot say what a division does; a true effect "
        f"of half the population below {nation.everyone.loc[LINEAR, 'detectable']:.0f} points "
        "would often go unseen in these data.",
    ]


def _told_in(nation: National) -> str:
    return str(int((nation.forms["high"] < 0).sum()) or "none")


def reach(found: Iterable[Measurement]) -> str:
    """Return the least and the greatest of some figures, one if they look alike."""
    return span((metric.value for metric in found), points)


def by_size(found: Sequence[Measurement]) -> str:
    """Return what the sizes of proposals go with, and whether it is told from no change."""
    one = len(found) == 1
    which = "the one proposal that can" if one else f"the {len(found)} proposals that can"
    if not _moved(found):
        return f"By size alone nothing changes: {which} be computed {_keep(len(found))}"
    return (
        f"By size alone, {which} be computed would go with {reach(found)} percentage points in the "
        f"chance; {undecided(found)}"
    )


def _moved(found: Sequence[Measurement]) -> list[Measurement]:
    return [metric for metric in found if abs(metric.value) > 1e-9]


def _keep(number: int) -> str:
    return "keeps today's size" if number == 1 else "keep today's sizes"


def undecided(found: Sequence[Measurement]) -> str:
    """Return how many intervals hold zero, apart from councils that keep their size."""
    moved = _moved(found)
    holding, n, kept = sum(m.low <= 0 <= m.high for m in moved), len(moved), len(found) - len(moved)
    words = [f"{kept} {_keep(kept)}"] if kept else []
    if n == 1:
        which = "the interval of the other" if kept else "its interval"
        words.append(f"{which} {'holds' if holding else 'does not hold'} zero")
    elif n:
        holds = "holds" if holding < 2 else "hold"
        words.append(
            f"{'both' if n == 2 else f'all {n}'} intervals hold zero"
            if holding == n
            else f"{holding or 'none'} of {n} intervals {holds} zero"
        )
    return listed(words)


def counties(nation: National) -> list[str]:
    """Return how many counties are Good or Outstanding, at which date, against the published."""
    (first, at_first), (then, at_then), (last, at_last) = nation.good.items()
    moves = listed(
        f"{r.authority_name} ({r.before} to {r.after}, public by {day(r.public_by)})"
        for r in nation.changed.itertuples()
    )
    return [
        f"Published: {nation.published['QU01']:.0f} of {nation.published['QU02']:.0f} counties "
        "Good or Outstanding, on ratings of September 2025 (CCN/Newton, pp5, 99). Ofsted's table "
        f"of inspections to {day(first)}, some published later, gives {at_first}; with the later "
        f"judgements that we found, {at_then} by "
        f"{day(then)} and {at_last} by {day(last)}. These are {moves}; there may be others."
    ]


def forms(nation: National) -> list[str]:
    """Return how far the answer depends on the form of the regression."""
    table = nation.forms.set_index(["region", "outcome", "size", "sample"])
    alpha = 1 - assumption("interval_level")
    seen = table[table["p"] < alpha]
    chance, score = (table.loc[(True, outcome, "population", WHOLE)] for outcome in (CHANCE, SCORE))
    largest = nation.counties.head(4)
    best = int((largest["overall"] == "Outstanding").sum())
    apart = table.xs("without counties", level="sample").xs("population", level="size")["p"]
    smaller = int((seen["value"] < 0).sum())
    return [
        f"Whether size matters depends on the form. Of {len(table)} linear fits {len(seen)} have p "
        f"below {alpha:.2f}, {smaller} of them in the published direction; {_scored(seen)} take "
        "grades as a score and population not in logs.",
        f"With population not in logs, halving an average county goes with "
        f"{told(chance)} points in the chance "
        f"(p = {chance['p']:.3f}) and {points(score['value'] / 100)} grades "
        f"(p = {score['p']:.3f}). There the largest counties weigh most, and {best} of the "
        f"{len(largest)} largest are Outstanding; without counties p is {apart.min():.2f} or more.",
    ]


def _separated(gaps: pd.DataFrame, fits: int) -> str:
    """Return which fits have no maximum likelihood estimate."""
    if gaps.empty:
        return f"All {fits} fits have an estimate: no predictor separates the outcomes."
    return (
        f"{count(len(gaps), 'fit')} of {fits} {'has' if len(gaps) == 1 else 'have'} no maximum "
        "likelihood estimate because a predictor separates the outcomes "
        f"({listed(sorted(set(gaps['separated'])))})."
    )


def _scored(seen: pd.DataFrame) -> int:
    return sum(index[1:3] == (SCORE, "population") for index in seen.index)


def models(nation: National) -> list[str]:
    """Return what the models say together, and which of them could not be fitted."""
    table, mine = nation.effects, nation.everyone
    whole = table[(table["sample"] == WHOLE) & (table["controls"] == AS_PUBLISHED)]
    gaps = table[table["value"].isna()]
    clear = whole[(whole["high"] < 0) | (whole["low"] > 0)]
    which = listed(f"{JUDGEMENTS[r.judgement]} by the {r.model}" for r in clear.itertuples())
    return [
        "Four models side by side, all authorities: "
        + "; ".join(f"{name} {told(row)}" for name, row in mine.iterrows())
        + (". Every one leans to larger authorities." if (mine["value"] < 0).all() else "."),
        f"Over the five judgements, {len(clear) or 'none'} of {len(whole)} fits on all authorities "
        f"{'is' if len(clear) < 2 else 'are'} clear of zero{f': {which}' if which else ''}. With "
        "so many fits, one in twenty would be by chance.",
        "Half the population would have to move the chance by "
        f"{mine.loc[LINEAR, 'detectable']:.0f} points ({mine.loc[REDUCED, 'detectable']:.0f} in "
        f"the bias-reduced logit) to be found with a probability of "
        f"{assumption('test_power'):.0%}. Smaller effects, which would still matter, these data "
        "cannot show or rule out.",
        _separated(gaps, len(table)),
    ]
