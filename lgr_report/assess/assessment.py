"""What officers assessed of one area on one day: a frozen model, validated as a whole.

Files are read by `assessment_files`, from a workbook or from a plain-text form. What either reader
found is validated here, alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import NamedTuple

from lgr_report.assess.assessment_fields import FIELDS, keys, value_of
from lgr_report.sources import tables


class Problem(NamedTuple):
    """One thing wrong with a file: where (sheet and cell, or line or key), and what is expected."""

    file: str
    place: str
    value: str | None
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.place}" if self.place else self.file
        found = f": found {self.value!r}" if self.value is not None else ""
        return f"{place}{found}: {self.expected}"


class AssessmentError(tables.TableError):
    """An assessment cannot be read, or not be written; ``problems`` holds everything found."""


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
        return not (self.risks or self.maturity or self.lessons)


class Cell(NamedTuple):
    """One value as a reader found it, with its place in words."""

    value: object
    place: str


Raw = Mapping[tuple[str, str, str], Cell]  # section, key (risk, area, lesson; "" in about), field


def build(
    raw: Raw, file: str, area_id: str, on: date, before: Iterable[Problem] = ()
) -> Assessment:
    """Return the assessment that a reader found, validated.

    Parameters
    ----------
    raw : mapping
        Section, key and field to the `Cell` found there; absent or empty means not filled in.
    file : str
        Name of the file, for errors.
    area_id, on : str, date
        Area and day that the name of the file promises.
    before : iterable of Problem
        What the reader found wrong.

    Raises
    ------
    AssessmentError
        With every problem of the file.
    """
    found = list(before)
    failed = set()
    values: dict[tuple[str, str, str], object] = {}
    known = {section: keys(section) for section in FIELDS}
    asked = {(s, one.name): one for s, fields in FIELDS.items() for one in fields}
    for (section, key, name), cell in raw.items():
        if (section, name) not in asked or key not in known[section]:
            found.append(Problem(file, cell.place, _told(key or name), "not asked here"))
            continue
        try:
            values[section, key, name] = value_of(asked[section, name], cell.value)
        except ValueError as error:
            found.append(Problem(file, cell.place, _told(cell.value), str(error)))
            failed.add((section, key, name))
    given = {place: value for place, value in values.items() if value is not None}
    places = {where: cell.place for where, cell in raw.items()}
    wrong = _contradictions(given, places, file, area_id, on)
    # What stands in a cell but cannot be read is told once.
    found += [problem for where, problem in wrong if where not in failed]
    if found:
        raise AssessmentError(found)
    rows = {section: _rows(given, section, known[section]) for section in FIELDS}
    about = rows["about"].get("", {})
    return Assessment(
        area_id=area_id,
        assessed_on=on,
        assessor_role=about.get("assessor_role"),
        publish=about.get("publish") == "yes",
        risks=tuple(Risk(key, **({"assessed_on": on} | r)) for key, r in rows["risks"].items()),
        maturity=tuple(
            Maturity(key, **({"assessed_on": on} | r)) for key, r in rows["maturity"].items()
        ),
        lessons=tuple(Lesson(key, **r) for key, r in rows["lessons"].items()),
        file=file,
    )


def _rows(given: dict, section: str, known: Iterable[str]) -> dict[str, dict[str, object]]:
    rows: dict[str, dict[str, object]] = {}
    for key in known:  # in our order, whatever that of the file
        row = {name: v for (s, k, name), v in given.items() if (s, k) == (section, key)}
        if row:
            rows[key] = row
    return rows


def _told(value: object) -> str:
    try:
        text = str(value)
    except (ValueError, RecursionError):
        return "a value too long or too deep to show"
    return text if len(text) <= 60 else text[:57] + "..."


def _contradictions(
    given: dict, places: dict, file: str, area_id: str, on: date
) -> list[tuple[tuple, Problem]]:
    """Return what is wrong with values that are each right by themselves, each with its key."""
    found = []

    def wrong(where: tuple[str, str, str], expected: str) -> None:
        place = places.get(where, f"key {'.'.join(filter(None, where))}")
        told = _told(given[where]) if where in given else None
        found.append((where, Problem(file, place, told, expected)))

    if given.get(("about", "", "area_id")) != area_id:
        wrong(("about", "", "area_id"), f"expected {area_id}, the name of its folder")
    if given.get(("about", "", "assessed_on")) != on:
        wrong(("about", "", "assessed_on"), f"expected {on}, as in the name of the file")
    filled = {(section, key) for section, key, _ in given if section != "about"}
    if filled and ("about", "", "assessor_role") not in given:
        wrong(("about", "", "assessor_role"), "say in what role it was assessed")
    for (section, key, name), value in given.items():
        if section != "about" and name == "assessed_on" and value > on:
            wrong((section, key, name), f"expected a day no later than {on}, that of the file")
    scores = tables.read("risks").set_index("risk_id")[["likelihood", "impact"]].prod(axis=1)
    for section, key in sorted(filled):
        row = {name: v for (s, k, name), v in given.items() if (s, k) == (section, key)}
        if section == "maturity" and "level" not in row:
            wrong((section, key, "level"), "give the level, or empty the row")
        if section == "lessons" and "status" not in row:
            wrong((section, key, "status"), "say done, partly, not or unknown, or empty the row")
        if section != "risks" or not {"likelihood", "impact"} & set(row):
            continue
        for name in ("likelihood", "impact", "evidence", "strength"):
            if name not in row:
                wrong((section, key, name), "needed where a risk is scored")
        score = row.get("likelihood", 0) * row.get("impact", 0)
        if score > scores[key] and "why_above" not in row:
            expected = f"say why the score ({score}) is above the source's ({scores[key]})"
            wrong((section, key, "why_above"), expected)
        if "target" in row and score and row["target"] > score:
            wrong((section, key, "target"), f"expected no more than the score now ({score})")
    return found


def current(dated: Iterable[Assessment], section: str) -> dict[str, object]:
    """Return the latest record of each key of a section: a row left empty keeps the one before.

    Parameters
    ----------
    dated : iterable of Assessment
        Oldest first.
    section : str
        One of risks, maturity and lessons.
    """
    # The key is the first field of every record.
    return {next(iter(asdict(r).values())): r for one in dated for r in getattr(one, section)}
