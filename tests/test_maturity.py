"""Maturity: two layers that never mix, gaps that are never level 1, and every risk addressed."""

import math
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from plain import AREA_IDS, THREE, edit, rows, uncounted, write

from lgr_report.across import overview
from lgr_report.assess import form
from lgr_report.assess.records import Assessment, AssessmentError, Maturity
from lgr_report.page import phrases
from lgr_report.risk import charts, maturity, residual, tables, words
from lgr_report.sources import areas, indicators

AREAS = {row["maturity_area_id"]: row["name"] for row in rows("maturity_areas")}
DAY = date(2026, 5, 1)
ROLE = "director of children's services"


def assess(data, *levels, on=DAY, area_id="surrey", evidence="workforce plan of May"):
    """Write an area's assessment of one day: levels of maturity areas, given as pairs."""
    maturities = tuple(Maturity(key, on, level, evidence) for key, level in sorted(levels))
    folder = data / "assessments" / area_id
    folder.mkdir(exist_ok=True)
    one = Assessment(area_id, on, ROLE, False, maturity=maturities)
    (folder / f"{on}.toml").write_text(form.render(one), encoding="utf-8")


# The matrix


def test_the_matrix_has_seven_areas_three_of_them_published():
    assert len(AREAS) == 7
    published = [row["name"] for row in rows("maturity_areas") if row["origin"] == "published"]
    assert published == ["Inspection outcomes", "Quality of practice", "Workforce stability"]


def test_every_area_has_a_descriptor_at_every_level():
    found = tables.descriptors()
    levels = [f"{row['level']} {row['name']}" for row in rows("maturity_levels")]
    assert found["name"].tolist() == list(AREAS.values())
    assert list(found.columns) == ["name", "origin", *levels]
    assert found[levels].map(lambda text: len(text) > 10).all(axis=None)
    by_key = {
        (AREAS[row["maturity_area_id"]], int(row["level"]) - 1): row["descriptor"]
        for row in rows("maturity_descriptors")
    }
    for row in found.itertuples(index=False):
        for k in range(4):
            assert row[2 + k] == by_key[row[0], k]


# The computed layer


@pytest.mark.parametrize(
    ("percentile", "level"),
    [(0, 1), (24.9, 1), (25, 2), (49.9, 2), (50, 3), (74.9, 3), (75, 4), (100, 4)],
)
def test_a_quarter_is_a_level(percentile, level):
    assert maturity.level(pd.Series([float(percentile)])).tolist() == [level]


def test_a_missing_percentile_is_a_missing_level_and_never_level_1():
    found = maturity.level(pd.Series([math.nan, 0.0]))
    assert found.isna().tolist() == [True, False]
    assert found[1] == 1


def test_the_cuts_are_assumptions_that_can_be_edited(data):
    edit("assumptions", data, lambda r: r["assumption_id"] == "maturity_cut_1", value="20")
    assert maturity.level(pd.Series([22.0])).tolist() == [2]


@pytest.mark.parametrize("area_id", THREE)
def test_the_computed_level_is_the_quarter_of_the_mean_percentile(area_id):
    values = indicators.upper_tier()
    links = rows("maturity_indicators")
    for row in maturity.computed(area_id).itertuples():
        mine = [link for link in links if link["maturity_area_id"] == row.maturity_area_id]
        means = {}
        for gss in values.index:
            known = weight = 0.0
            for link in mine:
                column = values[link["indicator"]].dropna()
                if gss in column.index:
                    below, equal = (column < column[gss]).sum(), (column == column[gss]).sum()
                    percentile = 100 * (below + equal / 2) / len(column)
                    signed = percentile if link["sign"] == "1" else 100 - percentile
                    known += float(link["weight"]) * signed
                    weight += float(link["weight"])
            if mine and weight >= 0.5 * sum(float(link["weight"]) for link in mine):
                means[gss] = known / weight
        if row.gss_code not in means:
            assert math.isnan(row.percentile)
            assert row.level is pd.NA
            continue
        ranked = np.array(list(means.values()))
        mean = means[row.gss_code]
        below = (ranked < mean - 1e-9).sum()
        equal = (abs(ranked - mean) <= 1e-9).sum()
        percentile = 100 * (below + equal / 2) / len(ranked)
        assert row.percentile == pytest.approx(percentile)
        if max((abs(ranked - other) <= 1e-9).sum() for other in ranked) > len(ranked) / 4:
            assert row.level is pd.NA
            # The quarters over which its tie extends stand in the place of a level.
            first, last = 4 * below / len(ranked), 4 * (below + equal) / len(ranked)
            assert (row.low, row.high) == (math.floor(first) / 4, math.ceil(last) / 4)
            continue
        assert row.level == 1 + (percentile >= 25) + (percentile >= 50) + (percentile >= 75)
        assert (row.low, row.high) == ((row.level - 1) / 4, row.level / 4)


def test_there_is_no_level_where_ties_leave_no_quarters():
    shared = maturity.ties()
    assert shared.to_dict() == {"M4": 60, "M5": 147}
    assert shared.attrs["authorities"] == {"M4": 153, "M5": 153}
    found = maturity.computed("essex-southend-thurrock")
    found = found[found["maturity_area_id"].isin(["M4", "M5"])].set_index(
        ["maturity_area_id", "council_name"]
    )
    assert found["level"].isna().all()
    assert found["percentile"].notna().all()
    leaders = "ILACS judgement, impact of leaders"
    assert found.loc[("M4", "Essex"), "note"] == f"{leaders}: Outstanding; no level, as many tie"
    assert found.loc[("M4", "Essex"), ["low", "high"]].tolist() == [0.5, 1]
    assert found.loc[("M4", "Southend-on-Sea"), ["low", "high"]].tolist() == [0.25, 0.75]
    assert found.loc[("M5", "Thurrock"), ["low", "high"]].tolist() == [0, 1]
    computed = maturity.computed("essex-southend-thurrock")
    assert maturity.without_level(computed) == {
        "M4": f"no level, as many tie. {leaders}: Essex Outstanding, Southend-on-Sea Good, "
        "Thurrock Outstanding",
        "M5": "no level, as many tie. Integrated care boards that the authority overlaps: Essex 3, "
        "Southend-on-Sea 1, Thurrock 1",
        "M7": "no public indicator",
    }


def test_where_the_most_that_tie_fit_a_quarter_every_level_is_there():
    ranked = maturity.percentiles().drop(columns=["M4", "M5"])
    for area in ranked:
        counts = maturity.level(ranked[area].dropna()).value_counts(normalize=True)
        assert counts.between(0.2, 0.3).all()
        assert len(counts) == 4


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_words_give_the_figure_where_there_is_no_level(area_id):
    said = " ".join(words.maturity(residual.view(area_id)))
    assert "No level is given of partnerships and safeguarding: 147 of England's 153 auth" in said
    for council in areas.authorities(area_id)["council_name"]:
        graded = "(Outstanding|Good|Requires improvement to be good|Inadequate)"
        assert re.search(rf"impact of leaders: ([^.]+, )?{council} {graded}", said)
    assert said.count("(figures of 2024).") == said.count("(figures of 31 March 2025).") == 1
    view = residual.view(area_id)
    assert view.maturity.loc[["M4", "M5"], "level_low"].isna().all()


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_every_authority_has_a_row_for_every_area_of_the_matrix(area_id):
    found = maturity.computed(area_id)
    codes = areas.authorities(area_id)["gss_code"]
    assert len(found) == 7 * len(codes)
    assert set(zip(found["gss_code"], found["maturity_area_id"], strict=True)) == {
        (gss, area) for gss in codes for area in AREAS
    }
    assert found.loc[found["maturity_area_id"] == "M7", "level"].isna().all()  # no indicator


def test_figures_that_are_missing_make_the_level_missing(data):
    mine = [r["indicator"] for r in rows("maturity_indicators") if r["maturity_area_id"] == "M3"]
    edit(
        "upper_tier_indicators",
        data,
        lambda r: r["gss_code"] == "E10000030" and r["indicator"] in mine,
        value="",
    )
    found = maturity.computed("surrey").set_index("maturity_area_id")
    assert found.loc["M3", "level"] is pd.NA
    assert math.isnan(found.loc["M3", "percentile"])
    (said,) = [s for s in words.maturity(residual.view("surrey")) if "Public data say" in s]
    assert said.startswith("Public data say nothing of workforce stability; data, ")


# Coverage of the risks


def test_the_matrix_addresses_every_risk_whole():
    found = maturity.coverage()
    assert found.index.tolist() == [row["risk_id"] for row in rows("risks")]
    assert found.columns.tolist() == list(AREAS)
    assert found.sum(axis=1).tolist() == pytest.approx([1] * 14)
    for row in rows("risk_maturity"):
        share = found.loc[row["risk_id"], row["maturity_area_id"]]
        assert share == pytest.approx(float(row["weight"]))


def test_a_risk_that_nothing_addresses_is_named(data):
    uncounted(data)
    write("risk_maturity", data, [r for r in rows("risk_maturity") if r["risk_id"] != "CLGR8"])
    with pytest.raises(maturity.CoverageError) as error:
        maturity.coverage()
    assert str(error.value) == (
        "no maturity area addresses CLGR8: add or correct its rows in risk_maturity.csv"
    )


def test_a_deleted_share_is_named_with_what_is_left(data):
    records = rows("risk_maturity")
    records.remove(next(r for r in records if r["risk_id"] == "CLGR2"))
    uncounted(data)
    write("risk_maturity", data, records)
    with pytest.raises(maturity.CoverageError, match=r"the weights of CLGR2 add to 0\.2, not to 1"):
        maturity.coverage()


def test_every_gap_in_the_coverage_is_told_at_once(data):
    uncounted(data)
    write("risk_maturity", data, [r for r in rows("risk_maturity") if r["risk_id"] != "CLGR8"])
    edit(
        "risk_maturity",
        data,
        lambda r: r["risk_id"] == "CLGR13" and r["maturity_area_id"] == "M5",
        weight="0.9",
    )
    with pytest.raises(maturity.CoverageError, match=r"CLGR8; the weights of CLGR13 add to 0\.9"):
        maturity.coverage()


def test_the_coverage_on_a_page_shows_shares_and_dashes():
    found = tables.coverage().set_index("risk")
    assert found.loc["CLGR7"].tolist() == ["–", "–", "–", "100%", "–", "–", "–"]
    assert found.loc["CLGR1", "Workforce stability"] == "40%"


# The assessed layer


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_where_nobody_assessed_every_area_is_not_yet_assessed(area_id):
    assert residual.view(area_id).assessed["level"].isna().all()
    shown = tables.assessed(residual.view(area_id))
    for column in ("assessed level", "evidence", "assessed on", "by"):
        assert set(shown[column]) == {"not yet assessed"}
    assert "the assessed layer is not yet assessed" in words.maturity(residual.view(area_id))[-1]


def test_an_assessment_that_was_written_down_is_shown(data):
    assess(data, ("M3", 3))
    found = residual.view("surrey").assessed.loc["M3"]
    assert found["level"] == 3
    assert found["evidence"] == "workforce plan of May"
    shown = tables.assessed(residual.view("surrey")).set_index("area")
    assert shown.loc["Workforce stability", "assessed level"] == "3 Established"
    assert shown.loc["Workforce stability", "assessed on"] == "1 May 2026"
    assert shown.loc["Workforce stability", "by"] == ROLE
    assert (shown["assessed level"] == "not yet assessed").sum() == 6
    assert words.maturity(residual.view("surrey"))[-1] == "Officers have assessed 1 of 7 areas."


def test_an_assessment_belongs_to_its_area_alone(data):
    assess(data, ("M3", 3))
    assert residual.view("norfolk").assessed["level"].isna().all()


def test_the_latest_assessment_wins_and_what_it_leaves_empty_stays(data):
    assess(data, ("M3", 4), on=date(2026, 9, 1))
    assess(data, ("M3", 3), ("M5", 2))
    found = residual.view("surrey").assessed
    assert found["level"].dropna().to_dict() == {"M3": 4, "M5": 2}
    assert found.loc["M5", "assessed_on"] == pd.Timestamp(DAY)


def test_a_later_assessment_does_not_borrow_the_evidence_of_an_earlier_one(data):
    assess(data, ("M3", 3))
    assess(data, ("M3", 4), on=date(2026, 9, 1), evidence=None)
    found = residual.view("surrey").assessed.loc["M3"]
    assert found["level"] == 4
    assert pd.isna(found["evidence"])


def test_evidence_is_a_text_even_if_it_says_none(data):
    assess(data, ("M3", 3), evidence="None")
    assert residual.view("surrey").assessed.loc["M3", "evidence"] == "None"


def test_the_layers_never_mix(data):
    computed = maturity.computed("surrey")
    assess(data, *((area, 1) for area in AREAS))
    pd.testing.assert_frame_equal(maturity.computed("surrey"), computed)
    assert residual.view("surrey").assessed["level"].tolist() == [1] * 7
    shown = charts.maturity(maturity.computed("surrey"), residual.view("surrey").assessed)
    assert "level" in shown.table.frame.columns
    assert "assessor_role" not in shown.table.frame.columns
    spoken = shown.alt.split("Assessed by officers: ")[1]
    assert spoken == "; ".join(f"{name} 1" for name in AREAS.values()) + "."


def test_a_wrong_assessment_stops_the_page_and_is_named(data):
    assess(data, ("M3", 5))
    with pytest.raises(
        AssessmentError, match=r"2026-05-01\.toml, key maturity\.M3\.level: found '5'"
    ):
        residual.view("surrey")


def test_an_empty_assessment_is_not_yet_assessed(data):
    assess(data)
    assert residual.view("surrey").assessed["level"].isna().all()


@pytest.mark.parametrize("area_id", ["../../etc", "atlantis"])
def test_an_unknown_area_has_no_assessment(area_id):
    with pytest.raises(areas.UnknownAreaError):
        residual.view(area_id)


# Words


def between(names):
    """Return names as a list, with semicolons where a name holds an "and" itself."""
    return "; ".join(names) if any(" and " in name for name in names) else phrases.listed(names)


def test_names_that_hold_an_and_stand_between_semicolons():
    names = ["Leadership and governance", "Quality of practice"]
    assert words.in_sentence(names) == "leadership and governance; quality of practice"
    assert words.in_sentence(names[1:]) == "quality of practice"


def test_a_county_without_a_level_is_said_to_have_none():
    view = residual.view("surrey")
    computed = view.computed.assign(level=pd.Series(pd.NA, view.computed.index, dtype="Int64"))
    assert words.maturity(replace(view, computed=computed))[0] == (
        "Public data give Surrey no level."
    )


def test_level_1_in_short_names_each_authority_once():
    assert overview._lowest(maturity.computed("surrey")) == (
        "Level 1 of 4 on the maturity matrix, by public data (the lowest quarter of England's "
        "authorities): Surrey (resources and sufficiency)."
    )
    assert overview._lowest(maturity.computed("surrey").query("level != 1")) == (
        "By public data no authority of the area is at level 1 of the maturity matrix."
    )


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_words_name_the_areas_in_which_each_authority_stands_lowest(area_id):
    computed, expected = maturity.computed(area_id).dropna(subset=["level"]), []
    for council in areas.authorities(area_id)["council_name"]:
        mine = computed[computed["council_name"] == council]
        lowest = mine["level"].min()
        named = [name[0].lower() + name[1:] for name in mine.loc[mine["level"] == lowest, "name"]]
        if len(named) == len(mine):
            expected.append(
                f"By public data {council} stands at level {lowest} of 4 on all {len(mine)} areas "
                "that have one."
            )
        else:
            expected.append(
                f"By public data {council} stands lowest on {between(named)}: level {lowest} of 4."
            )
    said = words.maturity(residual.view(area_id))
    assert said[: len(expected) + 1] == [
        *expected,
        "A level is the quarter of England's authorities in which an authority stands, not a "
        "judgement of its plans.",
    ]


def test_leicester_and_rutland_have_a_sentence_as_leicestershire_has():
    assert words.maturity(residual.view("leicestershire-leicester-rutland"))[:3] == [
        "By public data Leicestershire stands lowest on quality of practice: level 1 of 4.",
        "By public data Leicester stands lowest on inspection outcomes: level 1 of 4.",
        "By public data Rutland stands lowest on resources and sufficiency: level 1 of 4.",
    ]


def test_an_area_without_a_public_indicator_is_named():
    said = words.maturity(residual.view("surrey"))[-2]
    assert said == "Public data say nothing of data, systems and support services."


def test_the_indicators_on_the_page_are_those_of_the_links():
    shown = tables.maturity_indicators(areas.authorities("essex-southend-thurrock"))
    assert len(shown) == len(rows("maturity_indicators"))
    assert {"Essex", "Southend-on-Sea", "Thurrock"} <= set(shown.columns)
    signs = [{"1": "better", "-1": "worse"}[r["sign"]] for r in rows("maturity_indicators")]
    assert shown["more is"].tolist() == signs
