"""Numbers, money, ranges, lists and dates as sentences and tables have them.

Every minus is a true minus (U+2212), and a number that rounds to zero has no sign.
"""

from collections.abc import Callable, Iterable

import pandas as pd


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it needs one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unitaries(number: int) -> str:
    """Return a number of unitaries: 1 unitary, 2 unitaries."""
    return f"{number} {'unitary' if number == 1 else 'unitaries'}"


def spelled(number: int) -> str:
    """Return a small number in words, as a title has it: two series, ten samples."""
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return words[number] if 0 <= number < len(words) else f"{number:,}"


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence: a, b and c.

    Where a name holds "and" and no quotation marks hold it together, semicolons part the names:
    Brighton and Hove; and East Sussex.
    """
    names = list(names)
    if len(names) > 1 and any(" and " in name and not name.startswith("“") for name in names):
        return "; ".join([*names[:-1], f"and {names[-1]}"])
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def distinct(names: Iterable[str]) -> list[str]:
    """Return names of which none is there twice: two bids may bear one name."""
    names = list(names)
    return [
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})"
        for i, name in enumerate(names)
    ]


def quoted(name: str) -> str:
    """Return the name of a bid in quotation marks."""
    return f"“{name}”"


def council(name: str) -> str:
    """Return a proposed unitary as a sentence has it: the proposed “South” council."""
    return f"the proposed {quoted(name)} council"


def day(date: pd.Timestamp | None) -> str:
    """Return a date as a sentence has it; a missing one as "not known here"."""
    return "not known here" if date is None or pd.isna(date) else f"{date.day} {date:%B %Y}"


def day_or_month(date: str) -> str:
    """Return a date as text (2027-05-06, or 2027-05 where the day is not known) as words."""
    stamp = pd.Timestamp(date)
    return day(stamp) if len(date) == 10 else f"{stamp:%B %Y}"


def ordinal(number: float) -> str:
    """Return a number, rounded, as 1st, 2nd, 3rd, 4th …"""
    whole = round(number)
    teen = whole % 100 in (11, 12, 13)
    return f"{whole}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(whole % 10, 'th')}"


def styled(value: float, style: str, plus: bool = False) -> str:
    """Return a number in a format of its own, as "£{:,.1f}m": the sign stands before all of it.

    Parameters
    ----------
    value : float
        Any number.
    style : str
        Format of its size.
    plus : bool
        Whether a number above zero has a sign too.
    """
    text = style.format(abs(value))
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'−' if value < 0 else '+' if plus else ''}{text}"


def number(value: float, digits: int = 1, plus: bool = False) -> str:
    """Return a number with so many digits after the point."""
    return styled(value, f"{{:,.{digits}f}}", plus)


def percent(share: float, digits: int = 0, plus: bool = False) -> str:
    """Return a share (0.21) in per cent (21%)."""
    return styled(share, f"{{:.{digits}%}}", plus)


def about(share: float) -> str:
    """Return a share in per cent; a small one as under 1%, so that it is not shown as none."""
    text = percent(share)
    return "under 1%" if share > 0 and text == "0%" else text


def points(share: float, plus: bool = False) -> str:
    """Return a difference of two shares (0.12) in percentage points, without the words."""
    return styled(100 * share, "{:.0f}", plus)


def millions(value: float, digits: int | None = None, plus: bool = False) -> str:
    """Return GBP million, as £12m; with one digit below ten where none is asked for."""
    if digits is None:
        digits = 0 if abs(value) >= 10 else 1
    text = styled(value, f"£{{:,.{digits}f}}m", plus)
    return text if any(digit in text for digit in "123456789") else "£0m"


def ranged(value: float, low: float, high: float, form: Callable[[float], str]) -> str:
    """Return a number with its range in brackets, each in the same form: 3.1 (1.0 to 5.2)."""
    return f"{form(value)} ({form(low)} to {form(high)})"


def span(values: Iterable[float], form: Callable[[float], str]) -> str:
    """Return the least and the greatest of some numbers, one if they look alike."""
    values = [*values]
    return " to ".join(dict.fromkeys([form(min(values)), form(max(values))]))


def measured(measurement: object) -> str:
    """Return a measurement (`lgr_report.core.metrics`) with its interval; a dash where none is."""
    if pd.isna(measurement.value):
        return "–"

    def form(value: float) -> str:
        return styled(value, measurement.metric.style)

    if pd.isna(measurement.low) or measurement.low == measurement.high:
        return form(measurement.value)
    return ranged(measurement.value, measurement.low, measurement.high, form)
