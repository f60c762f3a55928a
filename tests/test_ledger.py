"""The ledger: every published finding once, judged by rule, the same in words, table and JSON."""

import json

import pandas as pd
import pytest
from plain import ROOT, rows, uncounted

from lgr_report.across import ledger, ledger_charts
from lgr_report.chapters import unit_cost
from lgr_report.core import findings
from lgr_report.core.findings import (
    CONTRADICTED,
    DEPENDS,
    NO_EFFECT,
    NOT_ADDING_UP,
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
    reproduced = {"SC01", "SC09", "SV12", "SV45", "SV46", "SV47", "SV48", "SV49"}
    reproduced |= {"QU01", "QU02", "PA01", "PA04", "PA07"}
    assert tested == (
        dict.fromkeys(reproduced, REPRODUCED)
        | dict.fromkeys({"UC01", "UC02", "UC03", "UC04", "DV01", "DV02"}, DEPENDS)
        | dict.fromkeys({"ST06", "QU03", "PA03", "PA05", "PA06"}, DEPENDS)
        | dict.fromkeys({"SV02", "SV04"}, NOT_ADDING_UP)
    )


def test_what_cannot_be_tested_says_why_and_what_would_settle_it():
    table = ledger.ledger()
    shut = table[table["verdict"] == NOT_TESTABLE]
    assert shut["reason"].str.len().gt(0).all()
    assert shut["settled_by"].str.len().gt(0).all()


def test_what_is_tested_has_a_figure_an_interval_its_tables_and_their_vintage():
    table = ledger.testable()
    # What does not add up has no figure of ours: the rule says why.
    silent = table["verdict"] == NOT_ADDING_UP
    assert table.loc[silent, ["computed", "low", "high"]].isna().all(axis=None)
    table = table[~silent]
    assert table[["computed", "low", "high"]].notna().all(axis=None)
    assert (table["low"] <= table["computed"]).all() & (table["computed"] <= table["high"]).all()
    assert table["how"].str.len().gt(0).all()
    named = {name for names in table["data"] for name in names.split(", ")}
    assert named <= set(tables.names())
    assert table["vintage"].str.len().gt(0).all()


def test_the_sentences_count_what_the_table_holds():
    table, every = ledger.published(), ledger.ledger()
    words, tally = ledger.in_words(), table["verdict"].value_counts()
    assert len(words) == 3 + len(VERDICTS) - 1
    assert words[0].startswith(f"Of {len(table)} published findings")
    assert f"can test {len(table) - tally[NOT_TESTABLE]};" in words[0]
    assert f"{every['counted'].sum()} more rows are inputs that anyone may count" in words[0]
    assert f"{ledger.inferred().sum()} rows stand on no page" in words[0]
    assert f"Reproduced, {tally[REPRODUCED]} figures" in words[2]
    assert words[4] == "Not distinguishable from no effect at all: none."
    assert f"Depends on the specification, {tally[DEPENDS]} figures:" in words[5]
    told = table.loc[table["told"] != findings.NO_ANSWER, "told"]
    assert f"Of {len(told)} findings that assert one: yes for {(told == 'yes').sum()}" in words[1]


def test_rows_that_rest_on_one_effect_are_one_test():
    table = ledger.ledger().set_index("finding_id")
    one = table.loc[["UC01", "UC02", "UC03"], "tests"]
    assert one.nunique() == table.loc[["DV01", "DV02"], "tests"].nunique() == 1
    assert table.loc["ST06", "tests"] == ""
    assert ledger.in_words()[-1] == (
        "These rows rest on 4 distinct effects (how demand variation goes with size; how unit cost "
        "goes with size; how unit cost goes with income; how quality goes with size), each tested "
        "at a 95% interval. If none of them existed, 0.2 would be told from zero by chance alone; "
        "none is in every specification. No interval of chance stands behind ST06: a count over "
        "definitions. No verdict is corrected for this number."
    )


def test_two_questions_have_a_column_each():
    table = ledger.ledger().set_index("finding_id")
    # 108 specifications under four definitions of the bands; −65 is inside under two of them.
    against = "against the published direction"
    for name, told, inside in (
        ("UC01", f"in 60 of 432 specifications, {against}", 248),
        ("UC02", f"in 60 of 432 specifications, {against}", 189),
        ("UC03", f"in 45 of 432 specifications, 15 of them {against}", 216),
    ):
        assert table.loc[name, "told"] == told
        assert table.loc[name, "inside"] == f"in {inside} of 432 specifications"
    assert table.loc["UC04", "told"] == "in 5 of 36 specifications"
    assert table.loc["QU03", "told"] == "in 5 of 40 specifications"
    assert table.loc["ST06", "told"] == f"in 4 of 4 specifications, 1 of them {against}"
    # By all three statistics as the bids stand, by none at equal numbers of unitaries.
    assert table.loc["DV01", "told"] == table.loc["DV02", "told"] == "in 3 of 6 specifications"
    assert table.loc["SC01", "told"] == findings.NO_ANSWER
    assert table.loc["QU03", "inside"] == findings.NO_ANSWER  # only a sign was published
    shown = ledger.shown(table.reset_index()).set_index("finding")
    assert shown.loc["UC01", "published inside our interval?"] == "in 248 of 432 specifications"
    assert "reproduced: 5 specifications" in shown.loc["UC04", "how, or why not"]


def test_inputs_that_anyone_may_count_are_no_findings():
    table = ledger.ledger()
    counted = set(table.loc[table["counted"], "finding_id"])
    assert {"SC01", "QU02"} <= counted
    assert not counted & set(ledger.published()["finding_id"])


def test_what_we_inferred_counts_as_no_published_figure():
    ours = [row["finding_id"] for row in PUBLISHED if row["certainty"] == "inferred"]
    table = ledger.ledger()
    assert table.loc[ledger.inferred(), "finding_id"].tolist() == ours
    shown = ledger.shown(table).set_index("finding")["published"]
    assert all("inferred from p" in shown[name] for name in ours)


def test_counts_by_theme_add_up_to_the_published_findings():
    counts = ledger.counts()
    published = [row for row in PUBLISHED if row["certainty"] != "inferred"]
    assert counts.to_numpy().sum() == len(published) - ledger.ledger()["counted"].sum()
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
    uncounted(data)
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
    unsure = ledger_charts.on_published_scale()["verdict"].isin((NO_EFFECT, DEPENDS)).sum()
    assert f"{unsure} of the verdicts depend on the specification or tell no effect" in beside.title


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


def test_the_readme_and_the_page_on_the_ledger_quote_it_as_it_is():
    table, published = ledger.ledger(), ledger.published()
    of = published["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
    told, inside = (
        published.loc[published[name] != findings.NO_ANSWER, name] for name in ("told", "inside")
    )
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for sentence in (
        f"can test {len(published) - of[NOT_TESTABLE]} of {len(published)} published findings: "
        f"{of[REPRODUCED]} are reproduced, {of[SAME_DIRECTION]} in the published direction but of "
        f"another size, {of[NO_EFFECT]} not distinguishable from no effect, {of[DEPENDS]} depend "
        f"on the specification, {of[CONTRADICTED]} contradicted, {of[NOT_ADDING_UP]} do not add up",
        f"For the other {of[NOT_TESTABLE]} the ledger names",
        f"The {table['counted'].sum()} inputs that anyone may count",
        f"told from zero (yes for {(told == 'yes').sum()} of {len(told)})",
        f"inside our interval (yes for {(inside == 'yes').sum()} of {len(inside)})",
    ):
        assert sentence in readme
    page = " ".join((ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").split())
    assert f"each of the {len(table)} rows" in page
    assert ledger.inferred().sum() == 9
    assert "Nine rows are *inferred*" in page
    assert all(verdict in page for verdict in VERDICTS)
