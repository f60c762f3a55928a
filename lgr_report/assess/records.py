"""What officers assessed of one area on one day: frozen records of what they filled in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from lgr_report.sources.contract import Problem, TableError


class AssessmentError(TableError):
    """An assessment cannot be read, or not be written; ``problems`` holds every problem of it."""

    @classmethod
    def of(cls, file: str, expected: str) -> "AssessmentError":
        """Return the error of a file of which no part can be named."""
        return cls([Problem(file, expected=expected)])


@dataclass(frozen=True)
class Risk:
    """One risk as officers assessed it; what they left empty is None."""

    risk_id: str
    assessed_on: date
    likelihood: int | None = None
    impact: int | None = None
    controls: str | None = None
    target: int | None = None
    owner_role: str | None = None
    evidence: str | None = None
    strength: str | None = None
    treatment: str | None = None
    actions: str | None = None
    why_above: str | None = None

    @property
    def score(self) -> int | None:
        return None if self.likelihood is None else self.likelihood * self.impact


@dataclass(frozen=True)
class Maturity:
    """One area of the maturity matrix as officers assessed it."""

    maturity_area_id: str
    assessed_on: date
    level: int
    evidence: str | None = None


@dataclass(frozen=True)
class Lesson:
    """One lesson: whether it was done, and what shows it."""

    lesson_id: str
    status: str
    evidence: str | None = None


# The sections that have a record a row, of which the first field is the key.
RECORDS = {"risks": Risk, "maturity": Maturity, "lessons": Lesson}


@dataclass(frozen=True)
class Assessment:
    """One dated assessment of one area; only what officers filled in."""

    area_id: str
    assessed_on: date
    assessor_role: str | None
    publish: bool
    risks: tuple[Risk, ...] = ()
    maturity: tuple[Maturity, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    file: str = field(default="", compare=False)

    @property
    def blank(self) -> bool:
        """Whether nothing was filled in yet."""
        return not any(getattr(self, section) for section in RECORDS)

    def answers(self, section: str) -> dict[str, dict[str, object]]:
        """Return the rows of a section by key, each from field to value.

        The section about has one row, without a key.
        """
        if section == "about":
            return {"": vars(self) | {"publish": "yes" if self.publish else "no"}}
        return {key: vars(record) for key, record in current([self], section).items()}


def current(dated: Iterable[Assessment], section: str) -> dict[str, Risk | Maturity | Lesson]:
    """Return the latest record of each key of a section: a row left empty keeps the one before.

    Parameters
    ----------
    dated : iterable of Assessment
        Oldest first.
    section : {"risks", "maturity", "lessons"}
        Which records.
    """
    records = [record for assessment in dated for record in getattr(assessment, section)]
    return {next(iter(vars(record).values())): record for record in records}
