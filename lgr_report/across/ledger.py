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
    """Return how many published findings of each theme have each verdict, inferred rows apart.

    Returns
    -------
    pandas.DataFrame
        Index theme (those of `THEMES` first), a column a verdict.
    """
    table = ledger()[~inferred()]
    found = pd.crosstab(table["theme"], table["verdict"])
    themes = dict.fromkeys([*THEMES, *table["theme"]])
    return found.reindex(index=list(themes), columns=list(findings.VERDICTS), fill_value=0)


def theme_name(theme: str) -> str:
    """Return how a page names a theme; one that a chapter brought has its own name."""
    return THEMES.get(theme, theme.replace("_", " "))


def inferred() -> pd.Series:
    """Return which rows stand on no page: they follow from published figures, by our inference."""
    return ledger()["certainty"] == "inferred"


def testable() -> pd.DataFrame:
    """Return the rows of the ledger that public data can test."""
    table = ledger()
    return table[table["verdict"] != findings.NOT_TESTABLE]


def outside(table: pd.DataFrame) -> pd.Series:
    """Return whether the published figure lies outside our interval; directions never do."""
    beyond = (table["value"] < table["low"]) | (table["value"] > table["high"])
    return beyond & (table["unit"] != "sign")


def in_words() -> list[str]:
    """Return what the ledger says in five sentences."""
    ours = ledger()[inferred()]
    table = ledger()[~inferred()]
    tally = table["verdict"].value_counts().reindex(findings.VERDICTS, fill_value=0)
    tested = int(len(table) - tally[findings.NOT_TESTABLE])
    follow = (ours["verdict"] == findings.REPRODUCED).sum()
    return [
        f"Of {len(table)} published figures, public data can test {tested}; the other "
        f"{tally[findings.NOT_TESTABLE]} rest on returns, replies or choices of method that are "
        "not published, and the ledger names the table that would settle each. "
        f"{len(ours)} more rows stand on no page: they were inferred from printed percentages and "
        f"sums, and {follow} of them follow from those again.",
        *(_sentence(verdict, table[table["verdict"] == verdict]) for verdict in BEGINNINGS),
    ]


def _sentence(verdict: str, rows: pd.DataFrame) -> str:
    """Say which figures have a verdict."""
    begin = BEGINNINGS[verdict]
    if rows.empty:
        return f"{begin}: none."
    parts = [_of_theme(theme, part) for theme, part in rows.groupby("theme", sort=False)]
    sentence = f"{begin}, {phrases.count(len(rows), 'figure')}: {phrases.listed(parts)}."
    names = rows.loc[outside(rows), "finding_id"]
    # An interval that holds no effect may exclude the published figure too.
    if verdict != findings.NO_EFFECT or names.empty:
        return sentence
    return (
        f"{sentence} Of these the published figure itself lies outside our interval for "
        f"{len(names)} ({phrases.listed(names)})."
    )


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
            "verdict": [
                f"{MARKS[name]} {name}"
                + ("; published lies outside our interval" if beyond else "")
                for name, beyond in zip(table["verdict"], outside(table), strict=True)
            ],
            "how, or why not": [
                row.how
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
