"""Findings: what was published beside what public data give, with a verdict by rule.

A model answers a published finding with a `Claim`. The verdict follows from the claim's numbers by
`verdict`; nobody types one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd

from lgr_report.sources.tables import Problem, TableError

REPRODUCED = "reproduced"
SAME_DIRECTION = "same direction"
NO_EFFECT = "not distinguishable from no effect"
CONTRADICTED = "contradicted"
DEPENDS = "depends on the specification"
NOT_ADDING_UP = "does not add up"
NOT_TESTABLE = "not testable on public data"
VERDICTS = (
    REPRODUCED,
    SAME_DIRECTION,
    NO_EFFECT,
    DEPENDS,
    CONTRADICTED,
    NOT_ADDING_UP,
    NOT_TESTABLE,
)

FEW = 3  # specifications that are named; of more the number is given
NO_ANSWER = "–"  # where a question does not arise
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
    specifications : mapping of str to Claim, optional
        The same answer under other reasonable specifications (controls, samples, statistics), by a
        name for each in words. A verdict that differs among them depends on it.
    does_not_add_up : str, optional
        One sentence: why no counts or sums can give this published figure together with the others
        published beside it. It needs no figure of ours.
    counted : bool
        Whether the published figure is an input of its study that anyone may count ("21 areas"):
        it is shown and judged, but counts as no finding.
    tests : str
        The effect that an interval at ``interval_level`` tests, in words; claims that name it alike
        are one test. Empty where there is no such interval: a count over definitions, say.
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
    specifications: Mapping[str, "Claim"] = field(default_factory=dict)
    does_not_add_up: str | None = None
    counted: bool = False
    tests: str = ""
    published: Finding | None = None

    def __post_init__(self) -> None:
        where = f"claim for {self.finding_id}"
        if self.does_not_add_up is not None:
            return
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

    1. The published figure cannot hold beside the others published with it: does not add up.
    2. No figure of ours, or one calibrated to the published: not testable on public data.
    3. Other reasonable specifications give another verdict by the rules below: depends on the
       specification.
    4. The interval of the effect holds zero: not distinguishable from no effect.
    5. It lies against the published direction: contradicted.
    6. The published figure agrees with our interval (see ``relation``): reproduced.
    7. Otherwise: same direction, if the finding asserts an effect; contradicted, if it does not.
    """
    if claim.does_not_add_up is not None:
        return NOT_ADDING_UP
    if claim.reason is not None:
        return NOT_TESTABLE
    found = {_verdict(published, each) for each in _answers(claim).values()}
    return found.pop() if len(found) == 1 else DEPENDS


MAIN = "the specification shown"


def _answers(claim: Claim) -> dict[str, Claim]:
    """Return a claim and its answers under other specifications, by name."""
    return {MAIN: claim, **claim.specifications}


def by_verdict(published: float, claim: Claim) -> dict[str, list[str]]:
    """Return which specifications give which verdict: names by verdict; `MAIN` is the claim's."""
    found: dict[str, list[str]] = {}
    for name, each in _answers(claim).items():
        found.setdefault(_verdict(published, each), []).append(name)
    return found


def _verdict(published: float, claim: Claim) -> str:
    if claim.effect is not None:
        _, low, high = claim.effect
        if low <= 0 <= high:
            return NO_EFFECT
        if high < 0:
            return CONTRADICTED
    if inside(published, claim):
        return REPRODUCED
    return CONTRADICTED if claim.effect is None else SAME_DIRECTION


def inside(published: float, claim: Claim) -> bool:
    """Return whether a published figure agrees with our interval, whatever the effect."""
    return {
        ABOUT: claim.low <= published <= claim.high,
        AT_LEAST: claim.high >= published,
        AT_MOST: claim.low <= published,
        SIGN: claim.effect is not None and claim.effect[2] >= 0,
    }[claim.relation]


def _told(claim: Claim) -> str:
    """Say whether an effect is told from zero, and in how many specifications against its sign."""
    answers = _answers(claim).values()
    along = sum(each.effect[1] > 0 for each in answers)
    against = sum(each.effect[2] < 0 for each in answers)
    n, side = len(answers), "against the published direction"
    if (along, against) in ((0, 0), (n, 0), (0, n)):
        return "yes" if along or against else "no"
    ends = "" if not against else f", {side}" if not along else f", {against} of them {side}"
    return f"in {along + against:,} of {n:,} specifications{ends}"


def _among(claim: Claim, holds: Callable[[Claim], bool]) -> str:
    """Say whether something holds of a claim: yes, no, or in how many of its specifications."""
    answers = _answers(claim).values()
    n = sum(map(holds, answers))
    if n in (0, len(answers)):
        return "yes" if n else "no"
    return f"in {n:,} of {len(answers):,} specifications"


def _two_questions(published: float, claim: Claim) -> tuple[str, str]:
    """Answer: is an effect told from zero? Is the published figure inside our interval?

    A dash where the question does not arise: no figure of ours, no effect asserted.
    """
    if claim.reason is not None or claim.does_not_add_up is not None:
        return NO_ANSWER, NO_ANSWER
    told = NO_ANSWER if claim.effect is None else _told(claim)
    if claim.relation == SIGN:
        return told, NO_ANSWER
    return told, _among(claim, lambda each: inside(published, each))


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
        The columns of ``published``, then computed, low, high, verdict, told (is the effect told
        from zero?) and inside (is the published figure inside our interval?): yes, no, in how many
        specifications, or `NO_ANSWER`; verdicts (which specifications say what, in words; empty
        without others), counted, tests, how, data, reason, settled_by. ``how`` of what does not
        add up is why.

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
    both = [*zip(published["value"], answers, strict=True)]
    told, within = zip(*(_two_questions(*each) for each in both), strict=True)
    return published.assign(
        computed=[claim.value for claim in answers],
        low=[claim.low for claim in answers],
        high=[claim.high for claim in answers],
        verdict=[verdict(*each) for each in both],
        told=told,
        inside=within,
        verdicts=[_verdicts(*each) for each in both],
        counted=[claim.counted for claim in answers],
        tests=[claim.tests for claim in answers],
        how=[claim.does_not_add_up or claim.how for claim in answers],
        data=[", ".join(claim.data) for claim in answers],
        reason=[claim.reason for claim in answers],
        settled_by=[claim.settled_by for claim in answers],
    )


def _verdicts(published: float, claim: Claim) -> str:
    """Return which specifications give which verdict, in words; nothing where there is one."""
    if not claim.specifications:
        return ""
    found = by_verdict(published, claim)
    return "; ".join(
        f"{each}: {'; '.join(names) if len(names) <= FEW else f'{len(names)} specifications'}"
        for each, names in found.items()
    )
