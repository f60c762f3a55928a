"""The ledger: one row for each published finding, with what public data say to it.

The verdicts follow from the figures by the rules of `findings`. A published finding that no model
answers, or a claim that answers nothing published, is an error: the ledger leaves nothing out.
"""

import pandas as pd

from lgr_report.chapters.registry import registry
from lgr_report.core import findings
from lgr_report.core.demand import of_england
from lgr_report.page import phrases
from lgr_report.sources import cache, tables
from lgr_report.sources.assumptions import assumption

THEMES = {
    "scope": "what was examined",
    "survey": "survey of officers",
    "demand": "demand variation",
    "unit_cost": "unit cost",
    "staffing": "senior staffing",
    "quality": "service quality",
    "high_needs": "high needs",
    "partnership": "partnerships",
    "ordinary_residence": "ordinary residence",
    "pwc_2025": "PwC for CCN, 2025",
    "pwc_2020": "PwC for CCN, 2020",
}
NAMED = 4  # findings of one theme that a sentence names; of more it gives the number
MARKS = {  # a sign beside the words, so that colour is not needed
    findings.REPRODUCED: "●",
    findings.SAME_DIRECTION: "◐",
    findings.NO_EFFECT: "○",
    findings.DEPENDS: "◇",
    findings.CONTRADICTED: "✕",
    findings.NOT_ADDING_UP: "≠",
    findings.NOT_TESTABLE: "–",
}
BEGINNINGS = {  # of the sentence on each verdict
    findings.REPRODUCED: "Reproduced",
    findings.SAME_DIRECTION: "In the published direction, but of another size",
    findings.NO_EFFECT: "Not distinguishable from no effect at all",
    findings.DEPENDS: "Depends on the specification",
    findings.CONTRADICTED: "Contradicted",
    findings.NOT_ADDING_UP: "Does not add up",
}


@cache.once_per_batch
def ledger() -> pd.DataFrame:
    """Return every published finding with our figure, its interval and the verdict.

    Returns
    -------
    pandas.DataFrame
        The columns of `findings.judged`, and vintage (of the tables a figure comes from).
    """
    demand = of_england()
    every = [c for chapter in registry() if chapter.claims for c in chapter.claims(demand)]
    table = findings.judged(tables.read("published_findings"), every)
    vintages = {name: tables.describe(name)["vintage"] for name in tables.names()}
    unknown = {n for names in table["data"] for n in _names(names)} - set(vintages)
    if unknown:
        raise ValueError(f"a claim names tables that do not exist: {', '.join(sorted(unknown))}")
    return table.assign(
        vintage=[
            "; ".join(dict.fromkeys(vintages[name] for name in _names(names)))
            for names in table["data"]
        ]
    )


def _names(listed: str) -> list[str]:
    return [name for name in listed.split(", ") if name]


def records() -> list[dict]:
    """Return the ledger for JSON: missing figures are null."""
    table = ledger().astype(object)
    return table.where(table.notna(), None).to_dict("records")


def counts() -> pd.DataFrame:
    """Return how many `published` findings of each theme have each verdict.

    Returns
    -------
    pandas.DataFrame
        Index theme (those of `THEMES` first), a column a verdict.
    """
    table = published()
    found = pd.crosstab(table["theme"], table["verdict"])
    themes = dict.fromkeys([*THEMES, *table["theme"]])
    return found.reindex(index=list(themes), columns=list(findings.VERDICTS), fill_value=0)


def theme_name(theme: str) -> str:
    """Return how a page names a theme; one that a chapter brought has its own name."""
    return THEMES.get(theme, theme.replace("_", " "))


def inferred() -> pd.Series:
    """Return which rows stand on no page: they follow from published figures, by our inference."""
    return ledger()["certainty"] == "inferred"


def published() -> pd.DataFrame:
    """Return the rows that are published findings: without inferred rows and counted inputs.

    An input ("21 areas") that anyone may count is no finding that could be reproduced.
    """
    table = ledger()
    return table[~inferred() & ~table["counted"]]


def testable() -> pd.DataFrame:
    """Return the rows of the ledger that public data can test."""
    table = ledger()
    return table[table["verdict"] != findings.NOT_TESTABLE]


def outside(table: pd.DataFrame) -> pd.Series:
    """Return whether the published figure lies outside our interval in every specification."""
    return table["inside"] == "no"


def in_words() -> list[str]:
    """Return what the ledger says, in sentences: counts, two questions, each verdict, chance."""
    table, every = published(), ledger()
    ours, inputs = every[inferred()], every[every["counted"]]
    tally = table["verdict"].value_counts().reindex(findings.VERDICTS, fill_value=0)
    tested = int(len(table) - tally[findings.NOT_TESTABLE])
    follow = (ours["verdict"] == findings.REPRODUCED).sum()
    agree = (inputs["verdict"] == findings.REPRODUCED).sum()
    return [
        f"Of {len(table)} published findings, public data can test {tested}; the other "
        f"{tally[findings.NOT_TESTABLE]} rest on returns, replies or choices of method that are "
        "not published, and the ledger names the table that would settle each. "
        f"{len(inputs)} more rows are inputs that anyone may count, not findings: {agree} agree. "
        f"{len(ours)} rows stand on no page: they were inferred from printed percentages and "
        f"sums, and {follow} of them follow from those again.",
        _two_questions(table),
        *(_sentence(verdict, table[table["verdict"] == verdict]) for verdict in BEGINNINGS),
        _by_chance(table),
    ]


def _two_questions(table: pd.DataFrame) -> str:
    parts = []
    for column, question in (
        ("told", "Is an effect told from zero? Of {} findings that assert one"),
        ("inside", "Does our interval hold the published figure? Of {} figures with one"),
    ):
        asked = table.loc[table[column] != findings.NO_ANSWER, column]
        yes, no = (asked == "yes").sum(), (asked == "no").sum()
        depends = len(asked) - yes - no
        parts.append(
            f"{question.format(len(asked))}: yes for {yes}, no for {no}, and for {depends} it "
            "depends on the specification."
        )
    return " ".join(parts)


def _by_chance(table: pd.DataFrame) -> str:
    """Say how many distinct effects are tested: rows that rest on one effect count as one test."""
    asserted = table[table["told"] != findings.NO_ANSWER]
    effects = asserted[asserted["tests"] != ""].groupby("tests", sort=False)["told"]
    told, level = (
        effects.agg(lambda each: (each == "yes").all()).sum(),
        assumption("interval_level"),
    )
    rest = asserted.loc[asserted["tests"] == "", "finding_id"]
    counted = (
        f" No interval of chance stands behind {phrases.listed(rest)}: a count over definitions."
        if len(rest)
        else ""
    )
    return (
        f"These rows rest on {phrases.count(len(effects), 'distinct effect')} "
        f"({'; '.join(effects.groups)}), each tested at a {level:.0%} interval. If none of them "
        f"existed, {phrases.number((1 - level) * len(effects))} would be told from zero by chance "
        f"alone; {told or 'none'} {'is' if told < 2 else 'are'} in every specification.{counted} "
        "No verdict is corrected for this number."
    )


def _sentence(verdict: str, rows: pd.DataFrame) -> str:
    """Say which figures have a verdict."""
    begin = BEGINNINGS[verdict]
    if rows.empty:
        return f"{begin}: none."
    parts = [_of_theme(theme, part) for theme, part in rows.groupby("theme", sort=False)]
    sentence = f"{begin}, {phrases.count(len(rows), 'figure')}: {phrases.listed(parts)}."
    if verdict != findings.NO_EFFECT:
        return sentence
    # An interval that holds no effect may exclude the published figure too.
    ends = []
    if len(names := rows.loc[outside(rows), "finding_id"]):
        ends.append(f"in every specification for {len(names)} ({phrases.listed(names)})")
    some = rows.loc[rows["inside"].str.startswith("in "), "finding_id"]
    if len(some):
        ends.append(f"in some specifications for {len(some)} ({phrases.listed(some)})")
    if not ends:
        return f"{sentence} Our interval holds the published figure too in each of these."
    return f"{sentence} The published figure lies outside our interval {', and '.join(ends)}."


def _of_theme(theme: str, rows: pd.DataFrame) -> str:
    if len(rows) > NAMED:
        return f"{len(rows)} on {theme_name(theme)}"
    named = [f"{row.measure}, {row.segment}" for row in rows.itertuples()]
    return f"{len(rows)} on {theme_name(theme)} ({'; '.join(named)})"


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the ledger for a page: published beside computed, with the verdict."""
    return pd.DataFrame(
        {
            "finding": table["finding_id"],
            "published": [
                f"{row.measure}, {row.segment}: {_number(row.value)} {row.unit}" + _page(row)
                for row in table.itertuples()
            ],
            "certainty of the published figure": table["certainty"].str.replace("_", " "),
            "computed, with interval": [_computed(row) for row in table.itertuples()],
            "effect told from zero?": table["told"],
            "published inside our interval?": table["inside"],
            "verdict": [f"{MARKS[name]} {name}" for name in table["verdict"]],
            "how, or why not": [
                f"{row.how}{f' ({row.verdicts})' if row.verdict == findings.DEPENDS else ''}"
                if pd.isna(row.reason)
                else f"{row.reason}; would settle it: {row.settled_by}"
                for row in table.itertuples()
            ],
            "vintage": table["vintage"],
        }
    )


def _page(row: tuple) -> str:
    if pd.isna(row.page):
        return ""
    return f" (inferred from p{row.page})" if row.certainty == "inferred" else f" (p{row.page})"


def _computed(row: tuple) -> str:
    if pd.isna(row.computed):
        return "–"
    if pd.isna(row.low) or row.low == row.high:
        return _number(row.computed)
    return phrases.ranged(row.computed, row.low, row.high, _number)


def _number(value: float) -> str:
    """Return a number with as many digits as it is worth."""
    digits = 0 if value == int(value) or abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    return phrases.number(value, digits)
