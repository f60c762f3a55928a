"""What may stand in a cell: a text on one line, a number or a day; nothing that hides or runs."""

import contextlib
import re
import unicodedata
from datetime import date, datetime
from typing import NamedTuple

from lgr_report.assess.fields import Field

LONGEST = 2000  # characters of a cell: a page of evidence belongs in a document that it names
# Characters that turn the direction of a text round can hide what a cell says.
TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}

BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that look like nothing


class Refused(NamedTuple):
    """What stands in a cell and is no value: its text, if it may be shown, and what to do."""

    text: str | None
    expected: str


def readable(value: object, field: Field | None) -> str | date | None:
    """Return a value as a table holds it.

    Numbers become texts, of which validation makes numbers again, as in a CSV file. A key, and
    what belongs to no field, stay what they look like.

    Raises
    ------
    ValueError
        If it can be none, with what is expected in its place.
    """
    if isinstance(value, Refused):
        raise ValueError(value.expected)
    if field is None or field.kind == "key":
        return shown(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = isinstance(value, float) and value.is_integer()
        with contextlib.suppress(ValueError):  # a number of thousands of digits
            return str(int(value) if whole else value)
    if isinstance(value, str):
        text = plain(value)
        if field.kind == "date" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return _day(text)
        return (text.casefold() if field.choices else text) or None
    if value is None or isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    raise ValueError(field.expected)


def _is_seen(text: str) -> bool:
    """Return whether a text has a letter, a digit or a sign that is printed."""
    unseen = ("Cf", "Zs", "Mn", "Cn", "Co")
    return any(unicodedata.category(c) not in unseen and c not in BLANK for c in text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such day") from None


def shown(value: object) -> str | None:
    """Return a value as an error shows it, cut short; None if nothing is to be shown."""
    value = value.text if isinstance(value, Refused) else value
    try:
        text = "" if value is None else str(value)
    except (ValueError, RecursionError):
        return "a value too long or too deep to show"
    return (text if len(text) <= 60 else text[:57] + "...") or None


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
    return text if _is_seen(text) else ""  # characters that nobody sees are no evidence
