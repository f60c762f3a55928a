"""What is asked of officers: sections, fields, what may stand in each, and guidance.

The workbook, the plain-text form and the validation all follow what is set down here.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from lgr_report.sources import tables

LONGEST = 2000  # characters of a cell: a page of evidence belongs in a document that it names
SCORES = sorted({likelihood * impact for likelihood in range(1, 6) for impact in range(1, 6)})
# Characters that turn the direction of a text round can hide what a cell says.
TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@dataclass(frozen=True)
class Field:
    """One thing asked of officers: its heading, what may stand there, and guidance."""

    name: str
    heading: str
    guidance: str
    choices: tuple[str, ...] = ()
    kind: str = "text"  # text, choice, number or date


def _numbers(values: Iterable[int]) -> tuple[str, ...]:
    return tuple(map(str, values))


ON = Field("assessed_on", "Date", "Day of the assessment; empty: that of the file", kind="date")
EVIDENCE = Field("evidence", "Evidence", "What it rests on: a report, a figure, a meeting")
FIELDS: dict[str, tuple[Field, ...]] = {
    "about": (
        Field("area_id", "Area", "Leave as it is"),
        Field("assessed_on", "Date of this assessment", "Leave as it is", kind="date"),
        Field("assessor_role", "Assessed by", "A role, not a person's name"),
        Field(
            "publish",
            "Show on the national page",
            "yes only if the assessment has been published; else no",
            ("yes", "no"),
            "choice",
        ),
    ),
    "risks": (
        Field(
            "likelihood",
            "Likelihood now",
            "1 low to 5 high, with the controls that are in place",
            _numbers(range(1, 6)),
            "number",
        ),
        Field(
            "impact",
            "Impact now",
            "1 low to 5 high, with the controls that are in place",
            _numbers(range(1, 6)),
            "number",
        ),
        Field("controls", "Controls in place", "What already makes the risk less"),
        Field(
            "target",
            "Target score",
            "Likelihood times impact that is aimed for; empty: the assumed one",
            _numbers(SCORES),
            "number",
        ),
        Field("owner_role", "Owner", "A role, not a person's name"),
        ON,
        EVIDENCE,
        Field(
            "strength",
            "Strength of knowledge",
            "How much is known: low, medium or high",
            ("low", "medium", "high"),
            "choice",
        ),
        Field(
            "treatment",
            "Treatment",
            "What is decided about the risk",
            ("treat", "tolerate", "transfer", "terminate"),
            "choice",
        ),
        Field("actions", "Further actions", "What will be done, and by when"),
        Field(
            "why_above",
            "Why above the source",
            "Needed only where the score is above that of the source",
        ),
    ),
    "maturity": (
        Field("level", "Level", "1 Emerging to 4 Leading", _numbers(range(1, 5)), "number"),
        EVIDENCE,
        ON,
    ),
    "lessons": (
        Field(
            "status",
            "Done?",
            "done, partly, not or unknown",
            ("done", "partly", "not", "unknown"),
            "choice",
        ),
        EVIDENCE,
    ),
}


def keys(section: str) -> dict[str, str]:
    """Return the keys of a section with the text that stands beside each, in our tables' order."""
    if section == "about":
        return {"": ""}
    if section == "risks":
        frame = tables.read("risks")
        names = frame["name"].fillna(frame["our_label"]) + ": " + frame["description"]
        scores = frame["likelihood"] * frame["impact"]
        texts = names + " (score of the source: " + scores.astype(str) + ")"
        return dict(zip(frame["risk_id"], texts, strict=True))
    table, key, text = {
        "maturity": ("maturity_areas", "maturity_area_id", "name"),
        "lessons": ("lessons", "lesson_id", "lesson"),
    }[section]
    frame = tables.read(table)
    if section == "maturity":
        frame["name"] = frame["name"] + ": " + frame["about"]
    return dict(zip(frame[key], frame[text], strict=True))


def value_of(asked: Field, value: object) -> object:
    """Return a value of the type that a field has; raise ValueError with what is expected."""
    if isinstance(value, str):
        value = plain(value)
    if value is None or value == "":
        return None
    if asked.kind == "date":
        return _day(value)
    if asked.kind == "text":
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise ValueError("expected a text")
        return str(value)
    text = _whole(value) if asked.kind == "number" else str(value).casefold()
    if text not in asked.choices or isinstance(value, bool):
        raise ValueError(f"expected {', '.join(asked.choices[:-1])} or {asked.choices[-1]}")
    return int(text) if asked.kind == "number" else text


def _whole(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _day(value: object) -> date:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError("there is no such day") from None
    if not isinstance(value, date):
        raise ValueError("expected a day, as 2027-04-01")
    return value


def plain(text: str) -> str:
    """Return a text on one line; raise ValueError if it holds characters that do not print.

    Line breaks and tabs, which people type, become spaces.
    """
    text = unicodedata.normalize("NFC", re.sub(r"[\t\n\r\u2028\u2029]+", " ", text))
    bad = sorted({c for c in text if unicodedata.category(c) in ("Cc", "Cs") or c in TURNING})
    bad += [c for c in "\ufffe\uffff" if c in text]
    if bad:
        codes = ", ".join(f"U+{ord(c):04X}" for c in bad)
        raise ValueError(f"take out the control characters ({codes})")
    text = " ".join(text.split())
    if len(text) > LONGEST:
        raise ValueError(f"expected at most {LONGEST} characters, not {len(text)}")
    return text
