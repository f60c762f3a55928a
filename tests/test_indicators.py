"""Indicators: as published, derived as stated, and ranked so that ties and gaps tell no lie."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import edit, icb_counts, rows

from lgr_report.sources import indicators

SURREY, ISLE_OF_WIGHT, KENT = "E10000030", "E06000046", "E10000016"
FIGURES = {
    (row["gss_code"], row["indicator"]): float(row["value"]) if row["value"] else math.nan
    for row in rows("upper_tier_indicators")
}


def test_there_are_153_authorities_with_every_indicator_of_the_book():
    found = indicators.upper_tier()
    book = [row["indicator"] for row in rows("indicators") if row["level"] != "district"]
    assert len(found) == 153
    assert set(found.index) == {row["gss_code"] for row in rows("upper_tier")}
    assert sorted(found.columns) == sorted(book)


def test_published_figures_stand_as_published_and_gaps_stay_gaps():
    found = indicators.upper_tier()
    for (gss, name), value in FIGURES.items():
        assert found.loc[gss, name] == value or (
            math.isnan(value) and np.isnan(found.loc[gss, name])
        )


@pytest.mark.parametrize("gss", [SURREY, ISLE_OF_WIGHT, KENT])
def test_derived_indicators_are_the_quotients_that_the_book_states(gss):
    found = indicators.upper_tier().loc[gss]
    assert found["csc_spend_per_child"] == pytest.approx(
        1000 * FIGURES[gss, "ro3_csc_total_gross_k"] / FIGURES[gss, "population_0_17"]
    )
    assert found["dsg_deficit_to_high_needs"] == pytest.approx(
        FIGURES[gss, "dsg_deficit_31mar2024"] / FIGURES[gss, "high_needs_block_2023_24"]
    )
    homes = [
        int(row["places"])
        for row in rows("childrens_provision")
        if row["gss_code"] == gss and row["kind"] == "childrens_home" and row["places"]
    ]
    assert found["childrens_home_places_per_100_cla"] == pytest.approx(
        100 * sum(homes) / FIGURES[gss, "cla_n_2025"]
    )


def test_homes_with_a_place_withheld_are_missing_and_no_homes_are_zero(data):
    told = {row["gss_code"] for row in rows("childrens_provision") if "home" in row["kind"]}
    edit(
        "childrens_provision",
        data,
        lambda r: (r["gss_code"], r["kind"], r["sector"]) == (SURREY, "childrens_home", "Private"),
        places="",
    )
    found = indicators.upper_tier()["childrens_home_places_per_100_cla"]
    lambeth = "E09000022"
    assert lambeth not in told
    assert found[lambeth] == 0
    assert np.isnan(found[SURREY])
    assert found[KENT] > 0


def test_ofsted_grades_go_from_1_outstanding_to_4_inadequate():
    scale = ["Outstanding", "Good", "Requires improvement to be good", "Inadequate"]
    found = indicators.upper_tier()
    for row in rows("ofsted_judgements"):
        mine = found.loc[row["gss_code"]]
        assert scale[int(mine["ilacs_overall_grade"]) - 1] == row["overall"]
        assert scale[int(mine["ilacs_leaders_grade"]) - 1] == row["leaders_impact"]
        assert scale[int(mine["ilacs_help_grade"]) - 1] == row["help_and_protection"]


def test_integrated_care_boards_are_counted_from_the_overlaps_of_the_districts():
    found = indicators.icb_counts()
    assert found.to_dict() == icb_counts()
    # Four of Oxfordshire's 429 LSOAs lie in another board: an edge, not a partner.
    assert found["E10000025"] == 1
    assert len(found) == 153


def test_every_indicator_on_a_page_has_a_source_and_a_vintage():
    used = [row["indicator"] for row in rows("risk_indicators") + rows("maturity_indicators")]
    about = indicators.sources(used)
    for column in ("label", "unit", "source", "vintage", "licence"):
        assert about[column].str.strip().ne("").all()


figures = st.lists(st.one_of(st.integers(0, 6).map(float), st.just(math.nan)), min_size=1)


@given(figures)
def test_a_percentile_counts_those_below_and_half_of_those_equal(values):
    found = indicators.percentiles(pd.DataFrame({"x": values}))["x"]
    known = [value for value in values if not math.isnan(value)]
    for value, percentile in zip(values, found, strict=True):
        if math.isnan(value):
            assert math.isnan(percentile)
        else:
            below = sum(other < value for other in known)
            equal = sum(other == value for other in known)
            assert percentile == pytest.approx(100 * (below + equal / 2) / len(known))


@given(figures)
def test_what_is_high_one_way_is_as_low_the_other_way(values):
    frame = pd.DataFrame({"x": values})
    up, down = indicators.percentiles(frame), indicators.percentiles(-frame)
    np.testing.assert_allclose(up["x"], 100 - down["x"])


def test_a_common_grade_stands_in_the_middle_of_its_ties():
    found = indicators.percentiles(pd.DataFrame({"grade": [1, 2, 2, 2, 4]}))["grade"]
    assert found.tolist() == [10, 50, 50, 50, 90]


cells = st.one_of(st.integers(0, 9).map(float), st.just(math.nan))
tables_of_figures = st.lists(st.tuples(cells, cells, cells), min_size=2, max_size=8)
several = st.lists(st.tuples(st.sampled_from([1, -1]), st.integers(1, 4)), min_size=3, max_size=3)


@given(tables_of_figures, several)
def test_a_composite_is_the_weighted_mean_of_what_is_known_or_missing(values, signs):
    frame = pd.DataFrame(values, columns=["a", "b", "c"])
    links = pd.DataFrame(
        [("G", name, *link) for name, link in zip("abc", signs, strict=True)],
        columns=["group", "indicator", "sign", "weight"],
    )
    found = indicators.composite(links, "group", frame)["G"]
    ranked = indicators.percentiles(frame)
    for row in range(len(frame)):
        total = present = 0.0
        for link in links.itertuples():
            percentile = ranked.loc[row, link.indicator]
            if not math.isnan(percentile):
                total += link.weight * (percentile if link.sign > 0 else 100 - percentile)
                present += link.weight
        if present >= 0.5 * links["weight"].sum():  # min_weight_share
            assert found[row] == pytest.approx(total / present)
        else:
            assert math.isnan(found[row])


def test_the_least_share_of_weight_is_an_assumption_that_can_be_edited(data):
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [math.nan, 2.0]})
    links = pd.DataFrame({"group": "G", "indicator": ["a", "b"], "sign": 1, "weight": 1})
    assert indicators.composite(links, "group", frame)["G"].notna().all()
    edit("assumptions", data, lambda r: r["assumption_id"] == "min_weight_share", value="0.6")
    assert indicators.composite(links, "group", frame)["G"].isna().tolist() == [True, False]
