"""What is asked of officers: the contract of an assessment, ``data/assessments/schema.json``.

A section is a table, and a sheet of the workbook; titles are headings, descriptions guidance. The
workbook, the plain-text form and the validation all follow it.
"""

from typing import NamedTuple

from lgr_report.sources import risks, tables


class Field(NamedTuple):
    """One column: its heading, guidance, and what may stand in it.

    ``kind`` is key, string, integer or date; ``fixed`` says that the template holds the answer.
    """

    name: str
    heading: str
    guidance: str
    kind: str
    choices: tuple[str, ...]
    fixed: bool

    @property
    def free(self) -> bool:
        """Whether any text may stand there."""
        return self.kind == "string" and not self.choices

    @property
    def expected(self) -> str:
        """What must stand there, in words."""
        if self.choices:
            return f"expected {', '.join(self.choices[:-1])} or {self.choices[-1]}"
        return "expected a day, as 2027-04-01" if self.kind == "date" else "expected a text"


class Section(NamedTuple):
    """What the contract says of one section.

    ``columns`` begin with the key, if there is one; ``texts`` are the keys in our tables' order,
    each with what stands beside it; ``schema`` and ``rules`` are what validation takes.
    """

    name: str
    title: str
    columns: tuple[Field, ...]
    texts: dict[str, str]
    schema: dict
    rules: list[dict[str, str]]

    @property
    def key(self) -> Field | None:
        """The column that tells the rows apart; None where there is one row."""
        return self.columns[0] if self.texts else None

    @property
    def span(self) -> str:
        """The first key and the last."""
        first, *_, last = self.texts
        return f"{first} to {last}"

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is asked."""
        return self.columns[1:] if self.texts else self.columns


def sections() -> dict[str, Section]:
    """Return the sections of an assessment by name, in the order in which they are asked.

    Raises
    ------
    FileNotFoundError, TableError
        If the contract is not there, or is none.
    """
    contract = tables.descriptor(tables.data_dir() / "assessments" / "schema.json")
    return {about["name"]: _section(about) for about in contract["resources"]}


def _section(about: dict) -> Section:
    key, *asked = columns = about["schema"]["fields"]
    texts = _texts(about["name"], about["schema"]) if "primaryKey" in about["schema"] else {}
    if texts:
        # The keys lie in a table of ours, which is no part of the file: they are written out.
        constraints = key["constraints"] | {"enum": list(texts)}
        columns = [key | {"constraints": constraints}, *asked]
    fields = [
        Field(
            column["name"],
            column["title"],
            column["description"],
            "key" if texts and column is columns[0] else column["type"],
            tuple(map(str, column.get("constraints", {}).get("enum", ()))),
            column.get("readOnly", False),
        )
        for column in columns
    ]
    schema = about["schema"] | {"fields": columns, "foreignKeys": []}
    rules = about.get("rules", [])
    return Section(about["name"], about["title"], tuple(fields), texts, schema, rules)


def _texts(section: str, schema: dict) -> dict[str, str]:
    """Return the keys of a section, each with the text that stands beside it."""
    table = tables.read(schema["foreignKeys"][0]["reference"]["resource"])
    if section == "risks":
        scores = (table["likelihood"] * table["impact"]).astype(str)
        texts = table["risk_id"].map(risks.titles()) + ": " + table["description"]
        texts += " (score of the source: " + scores + ")"
    elif section == "maturity":
        texts = table["name"] + ": " + table["about"]
    else:
        texts = table["lesson"]
    return dict(zip(table[schema["primaryKey"][0]], texts, strict=True))
