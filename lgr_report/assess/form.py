"""An assessment as a plain-text form (TOML), for those who keep it in git."""

import json
import tomllib
from datetime import date
from pathlib import Path

from lgr_report.assess.fields import Section, sections
from lgr_report.assess.records import Assessment, AssessmentError
from lgr_report.assess.sheets import Cell, Row, Sheets

LARGEST = 1_000_000  # bytes; a filled-in form has some tens of thousands
HEAD = """\
# Assessment of {area} on {on}.
#
# Fill in what you know between the quotation marks; leave the rest empty. What is empty is shown
# as not yet assessed, never as a low risk. A risk that is scored needs likelihood, impact, evidence
# and strength of knowledge. Put down roles, not people's names.
# `lgr-report assessments` checks the file and names every line to mend.
"""
NO_KEY = "not asked here: expected a table of a key that the template has"


def render(assessment: Assessment) -> str:
    """Return a form for officers to fill in, with what an assessment holds already."""
    lines = [HEAD.format(area=assessment.area_id, on=assessment.assessed_on)]
    for section in sections().values():
        answers = assessment.answers(section.name)
        if section.key is None:
            lines += [f"[{section.name}]", *_answers(section, answers[""], guided=True)]
            continue
        lines += ["", "", f"# {section.title}. What is asked of each:"]
        lines += [f"#   {field.name}: {field.guidance}" for field in section.fields]
        for key, text in section.texts.items():
            lines += ["", f"# {' '.join(text.split())}", f"[{section.name}.{key}]"]
            lines += _answers(section, answers.get(key, {}))
    return "\n".join(lines) + "\n"


def _answers(section: Section, values: dict[str, object], guided: bool = False) -> list[str]:
    return [
        f"{field.name} = {_written(values.get(field.name))}"
        + (f"  # {field.guidance}" if guided else "")
        for field in section.fields
    ]


def _written(value: object) -> str:
    if isinstance(value, int | date):
        return str(value)
    # A JSON string is a TOML string, once no control character is in it.
    return json.dumps(value or "", ensure_ascii=False)


def read(path: Path, file: str) -> Sheets:
    """Return what a form holds, each value with its key, and what is wrong with its tables.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        Its name, for errors.

    Raises
    ------
    AssessmentError
        If the file is no TOML, with the line; or is too large, or is not UTF-8.
    """
    form, asked = _parsed(path, file), sections()
    rows: dict[str, list[Row]] = {name: [] for name in asked}
    wrong = []
    for name, content in ({"about": {}} | form).items():
        if name not in asked or not isinstance(content, dict):
            expected = f"expected one of the tables {', '.join(asked)}"
            wrong.append((Cell(None, f"key {_printed(name)}"), expected))
            continue
        for key, answers in content.items() if asked[name].key else [("", content)]:
            place = f"key {_printed('.'.join(filter(None, (name, key))))}"
            if isinstance(answers, dict):
                rows[name].append(_row(asked[name], key, answers, place))
            else:
                wrong.append((Cell(None, place), NO_KEY))
    return Sheets(rows, wrong, NO_KEY, "not asked here")


def _parsed(path: Path, file: str) -> dict[str, object]:
    if path.stat().st_size > LARGEST:
        reason = f"larger than {LARGEST:,} bytes: an assessment holds text only"
        raise AssessmentError.of(file, reason)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise AssessmentError.of(file, "save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:  # ValueError: also a number beyond all bounds
        reason = f"is no TOML that can be read: {str(error)[:200]}"
        raise AssessmentError.of(file, reason) from error


def _row(section: Section, key: str, answers: dict[str, object], place: str) -> Row:
    row = {section.key.name: Cell(key, place)} if section.key else {}
    asked = [field.name for field in section.fields]
    row |= {name: Cell(answers.get(name), f"{place}.{name}") for name in asked}
    for name, value in answers.items():
        if name not in asked:  # with a dot, for it may have the name of the key
            row[f".{name}"] = Cell(value, f"{place}.{_printed(name)}")
    return row


def _printed(key: str) -> str:
    """Return a key as a terminal may show it: cut short, control characters escaped."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in key[:60])
