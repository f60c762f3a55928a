"""Findings: what was published beside what public data give, with a verdict by rule.

A model answers a published finding with a `Claim`. The verdict follows from the claim's numbers by
`verdict`; nobody types one.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from lgr_report.sources.tables import Problem, TableError

REPRODUCED = "reproduced"
SAME_DIRECTION = "same direction"
NO_EFFECT = "not distinguishable from no effect"
CONTRADICTED = "contradicted"
NOT_TESTABLE = "not testable on public data"
VERDICTS = (REPRODUCED, SAME_DIRECTION, NO_EFFECT, CONTRADICTED, NOT_TESTABLE)

METHOD = "nothing: it is a choice of method, not a finding"  # what would settle some findings

ABOUT, AT_LEAST, AT_MOST, SIGN = "about", "at least", "at most", "sign"


@dataclass(frozen=True)
class Finding:
    """One published figure: the columns of ``data/published_findings.csv`` but its key.

    ``context`` says what the figure is, and where it was published if not by CCN/Newton; ``page``
    is missing (NaN) where there is none.
    """

    theme: str
    measure: str
    segment: str
    value: float
    unit: str
    context: str
    page: str | float = np.nan
    certainty: str = "exact"


@dataclass(frozen=True)
class Claim:
    """What public data say to one published finding.

    Parameters
    ----------
    finding_id : str
        Key of its row in ``data/published_findings.csv``.
    value, low, high : float
        Our figure and its interval, in the unit of the row; low = high = value for a plain count.
    data : tuple of str
        The tables of ``data/`` it comes from; their vintage is read from the data package.
    how : str
        One sentence: how the figure was computed.
    relation : str
        How the published figure is meant: about (it must lie in our interval), at least ("over
        270"), at most, or sign (only a direction was published).
    effect : tuple of float, optional
        (value, low, high) of the effect that the finding asserts, positive in its direction: a
        difference between size bands, say. Without it the finding is a description, which has
        no direction to share.
    reason, settled_by : str, optional
        Why the finding cannot be tested on public data, and the table that would settle it. A
        figure that was calibrated to the published one is given here with its reason too.
    published : Finding, optional
        The finding itself, where that table does not have it: a figure of another publication
        that only one chapter tests.
    """

    finding_id: str
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    data: tuple[str, ...] = ()
    how: str = ""
    relation: str = ABOUT
    effect: tuple[float, float, float] | None = None
    reason: str | None = None
    settled_by: str | None = None
    published: Finding | None = None

    def __post_init__(self) -> None:
        where = f"claim for {self.finding_id}"
        if self.reason is not None:
            if not self.settled_by:
                raise ValueError(f"{where}: name the table that would settle it")
            return
        if self.relation not in (ABOUT, AT_LEAST, AT_MOST, SIGN):
            raise ValueError(f"{where}: relation is {self.relation!r}")
        if self.relation == SIGN and self.effect is None:
            raise ValueError(f"{where}: a direction needs an effect")
        numbers = [self.value, self.low, self.high, *(self.effect or ())]
        if np.isnan(numbers).any():
            raise ValueError(f"{where}: a figure is missing; say why, and what would settle it")
        for value, low, high in [numbers[:3], *([self.effect] if self.effect else [])]:
            if not low <= value <= high:
                raise ValueError(f"{where}: {value} is not between {low} and {high}")


def verdict(published: float, claim: Claim) -> str:
    """Return one of `VERDICTS`.

    1. No figure of ours, or one calibrated to the published: not testable on public data.
    2. The interval of the effect holds zero: not distinguishable from no effect.
    3. It lies against the published direction: contradicted.
    4. The published figure agrees with our interval (see ``relation``): reproduced.
    5. Otherwise: same direction, if the finding asserts an effect; contradicted, if it does not.
    """
    if claim.reason is not None:
        return NOT_TESTABLE
    if claim.effect is not None:
        _, low, high = claim.effect
        if low <= 0 <= high:
            return NO_EFFECT
        if high < 0:
            return CONTRADICTED
    agrees = {
        ABOUT: claim.low <= published <= claim.high,
        AT_LEAST: claim.high >= published,
        AT_MOST: claim.low <= published,
        SIGN: True,
    }[claim.relation]
    if agrees:
        return REPRODUCED
    return CONTRADICTED if claim.effect is None else SAME_DIRECTION


def judged(published: pd.DataFrame, claims: Iterable[Claim]) -> pd.DataFrame:
    """Return published findings with our figures and verdicts.

    Parameters
    ----------
    published : pandas.DataFrame
        ``data/published_findings.csv``.
    claims : iterable of Claim
        One for each row; those that bring a finding of their own add a row.

    Returns
    -------
    pandas.DataFrame
        The columns of ``published``, then computed, low, high, verdict, how, data, reason,
        settled_by.

    Raises
    ------
    TableError
        If a finding has no claim, or a claim no finding: the ledger leaves nothing out.
    """
    found: dict[str, Claim] = {}
    for claim in claims:
        if claim.finding_id in found:
            raise ValueError(f"two claims for {claim.finding_id}: keep one")
        found[claim.finding_id] = claim
    brought = [
        {"finding_id": name, **asdict(claim.published)}
        for name, claim in found.items()
        if claim.published is not None
    ]
    if brought:
        published = pd.concat([published, pd.DataFrame(brought)], ignore_index=True)
    names = [*published["finding_id"]]
    lacks = "a claim answers {}, which the table lacks: put its row back"
    wrong = [f"{name} has no claim" for name in names if name not in found]
    wrong += [lacks.format(name) for name in found if name not in names]
    if wrong:
        place = "published_findings.csv"
        raise TableError([Problem(place, None, "finding_id", None, fault) for fault in wrong])
    answers = [found[name] for name in published["finding_id"]]
    return published.assign(
        computed=[claim.value for claim in answers],
        low=[claim.low for claim in answers],
        high=[claim.high for claim in answers],
        verdict=[verdict(v, claim) for v, claim in zip(published["value"], answers, strict=True)],
        how=[claim.how for claim in answers],
        data=[", ".join(claim.data) for claim in answers],
        reason=[claim.reason for claim in answers],
        settled_by=[claim.settled_by for claim in answers],
    )
