"""The ledger: every published finding once, judged by rule, the same in words, table and JSON."""

import json

import pandas as pd
import pytest
from plain import ROOT, rows

from lgr_report.across import ledger, ledger_charts
from lgr_report.chapters import unit_cost
from lgr_report.core import findings
from lgr_report.core.findings import (
    CONTRADICTED,
    NO_EFFECT,
    NOT_TESTABLE,
    REPRODUCED,
    SAME_DIRECTION,
    VERDICTS,
)
from lgr_report.sources import tables

PUBLISHED = rows("published_findings")


def test_every_published_finding_has_one_row_in_its_order():
    table = ledger.ledger()
    assert table["finding_id"].tolist() == [row["finding_id"] for row in PUBLISHED]
    assert table["value"].tolist() == [float(row["value"]) for row in PUBLISHED]
    assert set(table["verdict"]) <= set(VERDICTS)


def test_the_verdicts_of_today_are_pinned():
    """A verdict that moves is news: this test says which, and the change must say why."""
    verdict = ledger.ledger().set_index("finding_id")["verdict"]
    tested = verdict[verdict != NOT_TESTABLE].to_dict()
    no_effect = {"UC01", "UC02", "UC03", "UC04", "ST06", "QU03"}
    reproduced = {"SC01", "SC09", "SV12", "SV45", "SV46", "SV47", "SV48", "SV49"}
    reproduced |= {"DV02", "QU01", "QU02", "PA01", "PA04"}
    assert tested == (
        dict.fromkeys(no_effect, NO_EFFECT)
        | dict.fromkeys(reproduced, REPRODUCED)
        | {"DV01": SAME_DIRECTION}
    )


def test_what_cannot_be_tested_says_why_and_what_would_settle_it():
    table = ledger.ledger()
    shut = table[table["verdict"] == NOT_TESTABLE]
    assert shut["reason"].str.len().gt(0).all()
    assert shut["settled_by"].str.len().gt(0).all()


def test_what_is_tested_has_a_figure_an_interval_its_tables_and_their_vintage():
    table = ledger.testable()
    assert table[["computed", "low", "high"]].notna().all(axis=None)
    assert (table["low"] <= table["computed"]).all() & (table["computed"] <= table["high"]).all()
    assert table["how"].str.len().gt(0).all()
    named = {name for names in table["data"] for name in names.split(", ")}
    assert named <= set(tables.names())
    assert table["vintage"].str.len().gt(0).all()


def test_the_sentences_count_what_the_table_holds():
    table = ledger.ledger()[~ledger.inferred()]
    words, tally = ledger.in_words(), table["verdict"].value_counts()
    assert len(words) == 5
    assert words[0].startswith(f"Of {len(table)} published figures")
    assert f"can test {len(table) - tally[NOT_TESTABLE]};" in words[0]
    assert f"{len(PUBLISHED) - len(table)} more rows stand on no page" in words[0]
    assert f"Reproduced, {tally[REPRODUCED]} figures" in words[1]
    assert f", {tally[NO_EFFECT]} figures:" in words[3]
    assert words[4] == "Contradicted: none."


def test_an_interval_that_excludes_the_published_figure_is_said_whatever_the_verdict():
    table = ledger.ledger()
    beyond = set(table.loc[ledger.outside(table), "finding_id"])
    assert {"UC01", "UC02"} <= beyond  # +270 and +180 against an upper end of 250 and 120
    assert "outside our interval for 2 (UC01 and UC02)" in ledger.in_words()[3]
    shown = ledger.shown(table).set_index("finding")["verdict"]
    assert shown["UC01"].endswith("published lies outside our interval")
    assert shown["UC03"].endswith(NO_EFFECT)


def test_what_we_inferred_counts_as_no_published_figure():
    ours = [row["finding_id"] for row in PUBLISHED if row["certainty"] == "inferred"]
    table = ledger.ledger()
    assert table.loc[ledger.inferred(), "finding_id"].tolist() == ours
    shown = ledger.shown(table).set_index("finding")["published"]
    assert all("inferred from p" in shown[name] for name in ours)


def test_counts_by_theme_add_up_to_the_published_findings():
    counts = ledger.counts()
    published = [row for row in PUBLISHED if row["certainty"] != "inferred"]
    assert counts.to_numpy().sum() == len(published)
    assert list(counts.columns) == list(VERDICTS)
    assert counts.loc["survey"].sum() == sum(row["theme"] == "survey" for row in published)


def test_a_page_never_shows_a_missing_reason_as_nan():
    shown = ledger.shown(ledger.ledger())
    words = {word for cell in shown.astype(str).to_numpy().ravel() for word in cell.split()}
    assert not words & {"nan", "None", "nan;"}
    assert shown["verdict"].str[0].isin(list(ledger.MARKS.values())).all()


def test_the_command_prints_the_same_as_json(command):
    code, out, _ = command("ledger", "--json")
    records = json.loads(out)
    assert code == 0
    assert [r["finding_id"] for r in records] == [row["finding_id"] for row in PUBLISHED]
    table = ledger.ledger().set_index("finding_id")
    for record in records:
        assert record["verdict"] == table.loc[record["finding_id"], "verdict"]
    missing = next(r for r in records if r["finding_id"] == "SC02")
    assert missing["computed"] is None


def test_the_command_prints_a_line_a_finding_and_the_sentences(command):
    code, out, _ = command("ledger")
    assert code == 0
    assert all(row["finding_id"] in out for row in PUBLISHED)
    assert ledger.in_words()[0] in out


def test_a_new_published_row_without_a_claim_stops_the_ledger(data):
    path = data / "published_findings.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "UC99,unit_cost,something new,all,1,percent,56,added,exact\n", "utf-8")
    with pytest.raises(ValueError, match="UC99 has no claim"):
        ledger.ledger()


def test_the_scale_of_the_published_figure_is_one():
    scaled = ledger_charts.on_published_scale().set_index("finding_id")
    table = ledger.ledger().set_index("finding_id")
    for name, row in scaled.iterrows():
        assert row["value"] == pytest.approx(table.loc[name, "computed"] / table.loc[name, "value"])
        assert row["low"] <= row["value"] <= row["high"]
    # A published saving: the ends of its interval change sides.
    assert scaled.loc["UC03", "high"] == pytest.approx(table.loc["UC03", "low"] / -65)


def test_the_charts_say_in_words_what_they_draw():
    drawn = ledger_charts.verdicts()
    tally = ledger.counts().sum()
    assert f"reproduce {tally[REPRODUCED]}" in drawn.title
    assert f"{ledger.counts().loc['survey', NOT_TESTABLE]} {NOT_TESTABLE}" in drawn.alt
    beside = ledger_charts.beside_published()
    assert all(name in beside.alt for name in ledger_charts.on_published_scale()["name"])
    assert f"{(ledger_charts.on_published_scale()['verdict'] == NO_EFFECT).sum()} of ours" in (
        beside.title
    )


def test_other_size_bands_are_judged_by_the_same_rules():
    bands = unit_cost.national().bands
    frame = unit_cost.tables.under_definitions(bands)
    verdicts = frame[[name for name in frame if name.startswith("verdict")]]
    assert set(verdicts.to_numpy().ravel()) <= set(VERDICTS)
    first = verdicts.iloc[0].tolist()
    own = ledger.ledger().set_index("finding_id")["verdict"]
    assert first == own[["UC01", "UC02", "UC03"]].tolist()
    same = all(len(set(column)) == 1 for _, column in verdicts.items())
    assert ("stay the same" in unit_cost.words.under_definitions(bands)[0]) == same


def test_numbers_have_as_many_digits_as_they_are_worth():
    assert [ledger._number(x) for x in (36.0, -632.31, 4.186, 0.123, -1.0)] == [
        "36",
        "−632",
        "4.2",
        "0.12",
        "−1",
    ]


def test_themes_cover_the_table():
    assert set(ledger.THEMES) == {row["theme"] for row in PUBLISHED}
    assert set(ledger.MARKS) == set(findings.VERDICTS)
    assert pd.Series(ledger.MARKS).is_unique


def test_the_readme_says_what_the_ledger_says():
    counts = ledger.counts().sum()
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    tested = counts.sum() - counts[NOT_TESTABLE]
    assert (
        f"can test {tested} of {counts.sum()} published figures: {counts[REPRODUCED]} are" in text
    )
    assert f"{counts[NO_EFFECT]} cannot be told from no effect" in text
    assert f"For the other {counts[NOT_TESTABLE]} the ledger" in text


def test_the_readme_and_the_page_on_the_ledger_quote_it_as_it_is():
    table = ledger.ledger()
    published = table[table["certainty"] != "inferred"]
    of = published["verdict"].value_counts()
    tested = len(published) - of[NOT_TESTABLE]
    outside = published[
        (published["verdict"] == NO_EFFECT)
        & ((published["value"] < published["low"]) | (published["value"] > published["high"]))
    ]
    number = {1: "one", 2: "two"}
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for sentence in (
        f"can test {tested} of {len(published)} published figures: {of[REPRODUCED]} are "
        f"reproduced, {number[of[SAME_DIRECTION]]} has the published direction but another size, "
        f"{of[NO_EFFECT]} cannot be told from no effect",
        "none is contradicted",
        f"For {number[len(outside)]} of the six",
        f"For the other {of[NOT_TESTABLE]} the ledger names",
    ):
        assert sentence in readme
    assert CONTRADICTED not in of
    page = " ".join((ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").split())
    assert f"each of the {len(table)} rows" in page
    assert len(table) - len(published) == 9
    assert "Nine rows are *inferred*" in page
