"""A sheet is a table: what a reader took from a file, each value with its place, and checked.

Readers of workbooks and of forms hand over `Sheets`. What stands in them is validated against the
contract (`fields`) as any table is; what no row tells by itself is compared here.
"""

from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from lgr_report.assess.fields import Section, sections
from lgr_report.assess.records import RECORDS, Assessment, AssessmentError
from lgr_report.assess.values import readable, shown
from lgr_report.sources import tables
from lgr_report.sources.contract import RULE, Problem, breaches


class Cell(NamedTuple):
    """A value as it stands in a file, and its place there in words."""

    value: object
    place: str


# The cells of a row by column, empty ones too, in the order of the contract; then any others.
Row = dict[str, Cell]
Wrong = dict[tuple[int, int], str]  # by row and column, from 0: what is expected there


class Sheets(NamedTuple):
    """The rows of each section of one file, and what is wrong with how they are put together.

    ``wrong`` holds cells, or places that stand for one, each with what is expected there.

    ``no_key`` and ``not_asked`` word, for this kind of file, what to do with a key that is unknown
    or stands twice ({keys}: those of the section) and with a surplus cell.
    """

    rows: dict[str, list[Row]]
    wrong: list[tuple[Cell, str]]
    no_key: str
    not_asked: str


class Answer(NamedTuple):
    """A row whose key is known: its cells, and their values; None where none can be read."""

    cells: Row
    values: dict[str, object]


def assessment(sheets: Sheets, file: str, area_id: str, on: date) -> Assessment:
    """Return the assessment that a file holds, validated.

    Parameters
    ----------
    sheets : Sheets
        What a reader took from it.
    file : str
        Its name, for errors.
    area_id, on : str, date
        Area and day that the name of the file promises.

    Raises
    ------
    AssessmentError
        With every problem of the file.
    """
    asked, answers, wrong = sections(), {}, list(sheets.wrong)
    for name, section in asked.items():
        answers[name], cells = _validated(section, sheets)
        wrong += cells
    wrong += _contradictions(answers, area_id, on)
    told: dict[tuple[str, str | None], Problem] = {}  # a cell once, by place and value
    for cell, expected in wrong:
        value = shown(cell.value)
        problem = Problem(file, value=value, expected=expected, place=cell.place)
        told.setdefault((cell.place, value), problem)
    if told:
        raise AssessmentError(list(told.values()))
    (about,) = answers["about"]
    return Assessment(
        area_id=area_id,
        assessed_on=on,
        assessor_role=about.values["assessor_role"],
        publish=about.values["publish"] == "yes",
        **{name: _records(asked[name], answers[name], on) for name in RECORDS},
        file=file,
    )


def _validated(section: Section, sheets: Sheets) -> tuple[list[Answer], list[tuple[Cell, str]]]:
    """Return the rows of a section whose key is known, and each wrong cell with its remedy."""
    rows = sheets.rows.get(section.name, [])
    values, wrong = _values(section, rows, sheets)
    # What a row holds is not told where nobody knows what it is about.
    lost = {row for row, column in wrong if section.key and column == 0}
    cells = [
        (list(rows[row].values())[column], wrong[row, column])
        for row, column in sorted(wrong)
        if row not in lost or column == 0
    ]
    return [Answer(rows[k], values[k]) for k in range(len(rows)) if k not in lost], cells


def _values(
    section: Section, rows: list[Row], sheets: Sheets
) -> tuple[list[dict[str, object]], Wrong]:
    """Return the typed values of each row, None where something is wrong, and what that is."""
    import frictionless

    lines, wrong = _lines(section, rows)
    names = [field.name for field in section.columns]
    resource = frictionless.Resource(
        data=[names, *lines],
        schema=frictionless.Schema.from_descriptor(section.schema),
        dialect=frictionless.Dialect(header_rows=[1]),  # or it guesses by the length of rows
    )
    for breach in breaches(resource, section.rules):
        row, column = breach["rowNumber"] - 2, (breach["fieldNumber"] or 1) - 1
        expected = breach["note"] if breach["type"] == RULE else _expected(section, column, sheets)
        # What is lacking where About is empty is told by comparison.
        if section.key or breach["type"] != "blank-row":
            wrong.setdefault((row, column), expected)
    values = [row.to_dict() for row in resource.read_rows()]
    for row, line in enumerate(lines):
        for column, name in enumerate(names):
            # Frictionless takes 04 for 4, and 2026-4-3 for a day: nothing is guessed here.
            if values[row][name] is not None and str(values[row][name]) != str(line[column]):
                wrong.setdefault((row, column), _expected(section, column, sheets))
            if (row, column) in wrong:
                values[row][name] = None
    return values, wrong


def _lines(section: Section, rows: list[Row]) -> tuple[list[list[object]], Wrong]:
    """Return the values of each row as a table holds them, and what no table can hold."""
    lines, wrong = [], {}
    for number, row in enumerate(rows):
        line = [shown(cell.value) for cell in row.values()]
        for column, (cell, field) in enumerate(zip_longest(row.values(), section.columns)):
            try:
                line[column] = readable(cell.value, field)
            except ValueError as error:
                wrong[number, column] = str(error)
        lines.append(line)
    return lines, wrong


def _expected(section: Section, column: int, sheets: Sheets) -> str:
    if column >= len(section.columns):
        return sheets.not_asked
    if section.key and column == 0:
        return sheets.no_key.format(keys=section.span)
    return section.columns[column].expected


def _contradictions(
    answers: dict[str, list[Answer]], area_id: str, on: date
) -> Iterator[tuple[Cell, str]]:
    """Yield what is wrong with values that are each right by themselves."""
    given = [answer for section in RECORDS for answer in answers[section] if _given(answer)]
    for cells, values in answers["about"]:
        if values["area_id"] != area_id:
            yield cells["area_id"], f"expected {area_id}, the name of its folder"
        if values["assessed_on"] != on:
            yield cells["assessed_on"], f"expected {on}, as in the name of the file"
        if given and values["assessor_role"] is None:
            yield cells["assessor_role"], "say in what role it was assessed"
    for cells, values in given:
        if (values.get("assessed_on") or on) > on:
            yield cells["assessed_on"], f"expected a day no later than {on}, that of the file"
    risks = tables.read("risks").set_index("risk_id")
    sources = (risks["likelihood"] * risks["impact"]).to_dict()
    for cells, values in answers["risks"]:
        score = (values["likelihood"] or 0) * (values["impact"] or 0)
        source = sources.get(values["risk_id"], score)  # unknown, after the last breach told
        if score > source and values["why_above"] is None:
            expected = f"say why the score ({score}) is above the source's ({source})"
            yield cells["why_above"], expected
        if score and (values["target"] or 0) > score:
            yield cells["target"], f"expected no more than the score now ({score})"


def _given(answer: Answer) -> bool:
    """Return whether anything stands in a row beside its key."""
    return sum(value is not None for value in answer.values.values()) > 1


def _records(section: Section, answers: list[Answer], on: date) -> tuple:
    """Return the records of a section, in the order of our tables, whatever that of the file."""
    rows = {answer.values[section.key.name]: answer.values for answer in answers if _given(answer)}
    for values in rows.values():
        if values.get("assessed_on", on) is None:
            values["assessed_on"] = on
    return tuple(RECORDS[section.name](**rows[key]) for key in section.texts if key in rows)
