"""An assessment as a plain-text form (TOML), for those who keep it in git."""

import json
import tomllib
from datetime import date
from pathlib import Path

from lgr_report.assess.assessment import Assessment, AssessmentError, Cell, Problem, Raw
from lgr_report.assess.assessment_fields import FIELDS, keys

LARGEST = 1_000_000  # bytes; a filled-in form has some tens of thousands
HEAD = """\
# Assessment of {area} on {on}.
#
# Fill in what you know between the quotation marks; leave the rest empty. What is empty is shown
# as not yet assessed, never as a low risk. A risk that is scored needs likelihood, impact, evidence
# and strength of knowledge. Put down roles, not people's names.
# `lgr-report assessments` checks the file and names every line to mend.
"""


def render(assessment: Assessment) -> str:
    """Return a form for officers to fill in, with what an assessment holds already."""
    about = {
        "area_id": assessment.area_id,
        "assessed_on": assessment.assessed_on,
        "assessor_role": assessment.assessor_role,
        "publish": "yes" if assessment.publish else "no",
    }
    lines = [HEAD.format(area=assessment.area_id, on=assessment.assessed_on), "[about]"]
    lines += _answers("about", about, guided=True)
    for section in ("risks", "maturity", "lessons"):
        filled = {}
        for record in getattr(assessment, section):
            key, *_ = vars(record).values()
            filled[key] = vars(record)
        lines += ["", "", f"# {section.capitalize()}. What is asked of each:"]
        lines += [f"#   {asked.name}: {asked.guidance}" for asked in FIELDS[section]]
        for key, text in keys(section).items():
            lines += ["", f"# {' '.join(text.split())}", f"[{section}.{key}]"]
            lines += _answers(section, filled.get(key, {}))
    return "\n".join(lines) + "\n"


def _answers(section: str, values: dict, guided: bool = False) -> list[str]:
    return [
        f"{asked.name} = {_written(values.get(asked.name))}"
        + (f"  # {asked.guidance}" if guided else "")
        for asked in FIELDS[section]
    ]


def _written(value: object) -> str:
    if isinstance(value, int | date):
        return str(value)
    # A JSON string is a TOML string, once no control character is in it.
    return json.dumps(value or "", ensure_ascii=False)


def read(path: Path, shown: str) -> tuple[Raw, list[Problem]]:
    """Return what a form holds, with the key of each value, and what is wrong with its keys.

    Raises
    ------
    AssessmentError
        If the file is no TOML, with the line; or is too large, or is not UTF-8.
    """
    if path.stat().st_size > LARGEST:
        reason = f"larger than {LARGEST:,} bytes: an assessment holds text only"
        raise AssessmentError([Problem(shown, "", None, reason)])
    try:
        text = path.read_text(encoding="utf-8-sig")
        form = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise AssessmentError([Problem(shown, "", None, "save the file as UTF-8")]) from error
    except (ValueError, RecursionError) as error:  # ValueError: also a number beyond all bounds
        reason = f"is no TOML that can be read: {str(error)[:200]}"
        raise AssessmentError([Problem(shown, "", None, reason)]) from error
    raw: dict[tuple[str, str, str], Cell] = {}
    found: list[Problem] = []
    for section, content in form.items():
        if section not in FIELDS or not isinstance(content, dict):
            expected = f"expected one of the tables {', '.join(FIELDS)}"
            found.append(Problem(shown, f"key {_shown(section)}", None, expected))
            continue
        tables = {"": content} if section == "about" else content
        for key, row in tables.items():
            place = _shown(".".join(filter(None, (section, key))))
            if not isinstance(row, dict) or key not in keys(section):
                reason = "not asked here: expected a table of a key that the template has"
                found.append(Problem(shown, f"key {place}", None, reason))
                continue
            for name, value in row.items():
                raw[section, key, name] = Cell(value, f"key {place}.{_shown(name)}")
    return raw, found


def _shown(key: str) -> str:
    """Return a key as a terminal may show it: cut short, control characters escaped."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in key[:60])
