"""The panel: what was not published stays missing, and successors are combined as they must be."""

import numpy as np
import pandas as pd
import pytest
from plain import rows

from lgr_report.chapters.histories import panel
from lgr_report.chapters.histories.panel import ENGLAND_CODE, MERGED, SPLIT, WHOLE
from lgr_report.sources import tables

NORTHAMPTONSHIRE, CUMBRIA, BUCKINGHAMSHIRE = "Northamptonshire", "Cumbria", "Buckinghamshire"
PUBLISHED_ROWS = rows("children_panel")


@pytest.fixture(scope="module")
def history():
    return panel.read()


def without(*keys):
    """The panel's table without some figures, as if they had been suppressed."""
    frame = tables.read("children_panel")
    gone = [tuple(key) in keys for key in frame[["gss_code", "measure", "period"]].to_numpy()]
    assert sum(gone) == len(keys)
    return frame[~np.array(gone)]


# What was not published


def test_there_is_a_figure_exactly_where_one_was_published(history):
    for name, values in history.published.items():
        mine = [r for r in PUBLISHED_ROWS if r["measure"] == name and r["gss_code"] != ENGLAND_CODE]
        assert int(values.notna().to_numpy().sum()) == len(mine)
        zeros = sum(float(row["value"]) == 0 for row in mine)
        assert int((values == 0).to_numpy().sum()) == zeros


def test_a_suppressed_figure_is_missing_never_zero(history):
    holed = panel.read(without(("E06000063", "cla_number", "2024")))
    assert np.isnan(holed.published["cla_number"].loc["E06000063", 2024])
    assert history.published["cla_number"].loc["E06000063", 2024] > 0


@pytest.mark.parametrize(
    ("measure", "period"), [("cla_rate_per_10k", "2024"), ("cla_gross_spend_gbp", "2024-25")]
)
def test_one_successor_never_stands_for_both(history, measure, period):
    holed = panel.read(without(("E06000063", measure, period)))
    about, change = history.measure(measure), history.change(CUMBRIA)
    year = int(period[:4]) + ("-" in period)
    assert np.isfinite(history.path(about, change)[year])
    assert np.isnan(holed.path(about, change)[year])


def test_a_missing_weight_leaves_the_combined_share_missing(history):
    holed = panel.read(without(("E06000064", "cla_number", "2024")))
    about = history.measure("cla_three_plus_placements_pct")
    assert np.isnan(holed.path(about, history.change(CUMBRIA))[2024])


def test_there_are_no_figures_of_authorities_that_did_not_exist(history):
    rates = history.published["cla_rate_per_10k"]
    assert rates.loc["E06000061", :2021].isna().all()
    assert rates.loc["E06000061", 2022:].notna().all()
    assert rates.loc["E10000021", :2021].notna().all()
    assert rates.loc["E10000021", 2022:].isna().all()
    assert rates.loc["E06000060"].notna().all()  # whole counties carry their history


def test_money_is_compared_as_ratios_and_a_gap_is_told_in_per_cent(history):
    about = history.measure("all_cla_gbp_per_week")
    values = pd.Series([100.0, 110.0, 0.0])
    logs = about.compared(values)
    assert about.in_unit(logs[1] - logs[0]) == pytest.approx(10)
    assert np.isnan(logs[2])
    points = history.measure("sw_agency_pct")
    assert points.compared(values).equals(values)
    assert points.in_unit(3.1) == 3.1


# Before and after


@pytest.mark.parametrize(
    ("measure", "first_after"),
    [
        ("cla_rate_per_10k", 2022),  # 31 March 2021 is the eve of vesting day
        ("all_cla_gbp_per_week", 2022),
        ("pupils_with_ehcp_pct", 2022),
        ("sw_agency_pct", 2021),  # 30 September
        ("ehcp_within_20_weeks_pct", 2021),  # calendar year
    ],
)
def test_the_first_year_after_is_the_first_that_the_successors_report(
    history, measure, first_after
):
    about, change = history.measure(measure), history.change(NORTHAMPTONSHIRE)
    values = history.published[measure]
    after = about.after(values.columns, change.vesting_day)
    assert values.columns[after][0] == first_after
    assert values.loc[change.codes].dropna(axis=1).columns[0] == first_after
    assert values.loc[change.before].dropna().index[-1] == values.columns[~after][-1]


def test_kinds_and_predecessors_are_those_of_the_table(history):
    kinds = {change.area: (change.kind, change.before) for change in history.changes}
    assert kinds[NORTHAMPTONSHIRE] == (SPLIT, "E10000021")
    assert kinds[CUMBRIA] == (SPLIT, "E10000006")
    assert kinds["Somerset"] == (WHOLE, "E06000066")
    assert kinds["Dorset and Bournemouth, Poole"] == (MERGED, None)
    assert len(kinds) == 6


def test_merged_councils_have_no_path(history):
    change = history.change("Dorset and Bournemouth, Poole")
    for about in history.measures:
        assert history.path(about, change).isna().all()


def test_a_path_is_the_county_before_and_its_successors_after(history):
    about = history.measure("cla_rate_per_10k")
    path = history.path(about, history.change(CUMBRIA))
    assert path[2023] == 82  # published, Cumbria
    hand = (93 * 52019 + 63 * 39177) / (52019 + 39177)  # published rates and children, mid-2023
    assert path[2024] == pytest.approx(hand, rel=1e-12)


def test_a_combined_rate_agrees_with_the_combined_number(history):
    numbers = history.published["cla_number"]
    about = history.measure("cla_rate_per_10k")
    for change in (c for c in history.changes if c.kind == SPLIT):
        path = history.path(about, change)
        after = about.after(path.index, change.vesting_day)
        people = history.residents(about, path.index).loc[change.codes].sum(skipna=False)
        counted = 1e4 * numbers.loc[change.codes].sum(skipna=False) / people
        # Published rates are rounded to a whole number.
        np.testing.assert_allclose(path[after], counted[after], atol=0.6)


def test_totals_become_totals_per_child(history):
    about = history.measure("cla_gross_spend_gbp")
    path = history.path(about, history.change(NORTHAMPTONSHIRE))
    spend = {
        r["gss_code"]: float(r["value"])
        for r in PUBLISHED_ROWS
        if (r["measure"], r["period"]) == ("cla_gross_spend_gbp", "2021-22")
    }
    hand = (spend["E06000061"] + spend["E06000062"]) / (79186 + 92050)  # children, mid-2021
    assert path[2022] == pytest.approx(hand, rel=1e-12)


def test_a_figure_reported_jointly_is_taken_once(history):
    about, change = history.measure("sw_number"), history.change(NORTHAMPTONSHIRE)
    both = history.published["sw_number"].loc[change.codes, 2021:]
    assert (both.iloc[0] == both.iloc[1]).all()
    assert history.path(about, change)[2021] == pytest.approx(1e4 * 329.9 / (79186 + 92050))


def test_plans_of_a_calendar_year_are_weighed_by_the_next_january(history):
    about = history.measure("ehcp_within_20_weeks_pct")
    path = history.path(about, history.change(CUMBRIA))
    assert path[2023] == pytest.approx((27.1 * 2656 + 55.3 * 2196) / (2656 + 2196))


def test_years_with_a_break_are_left_out_and_others_stay(history):
    about = history.measure("rereferral_pct")
    path = history.path(about, history.change(CUMBRIA))
    assert np.isnan(path[2024])
    assert path.drop(2024).notna().all()
    assert history.path(about, history.change("Somerset")).notna().all()
    caseload = history.measure("sw_average_caseload")
    assert np.isnan(history.path(caseload, history.change("Somerset"))[2016])


def test_children_of_a_county_kept_whole_go_back_before_vesting_day(history):
    about = history.measure("cla_rate_per_10k")
    people = history.residents(about, [2019, 2020, 2021, 2025])
    assert people.loc["E06000060"].tolist() == [121452, 122137, 122495, 130466]


def test_the_last_estimate_of_children_stands_for_one_year_more(history):
    about = history.measure("sw_number")
    people = history.residents(about, [2024, 2025, 2026])
    assert people.loc["E06000060", 2025] == people.loc["E06000060", 2024] == 130466
    assert people[2026].isna().all()


# Donors, names, order of rows


def test_no_donor_was_reorganised_and_none_is_tiny_or_in_a_conurbation(history):
    changed = {row["successor_code"] for row in rows("past_reorganisations")}
    classes = {row["gss_code"]: row["la_class"] for row in rows("upper_tier")}
    assert not changed & set(history.donors)
    assert {classes[code] for code in history.donors} == {"county", "unitary"}
    assert "E06000053" not in history.donors
    assert "E06000017" in history.donors  # Rutland has more than 30,000 people


def test_every_measure_and_weight_is_in_the_panel(history):
    known = set(history.published) | {"children"}
    assert {about.measure for about in history.measures} <= known
    assert {about.weight for about in history.measures} <= known


def test_breaks_name_areas_measures_and_families_that_exist(history):
    names = {"all", *history.published, *(about.family for about in history.measures)}
    for row in rows("panel_breaks"):
        assert set(row["measures"].split()) <= names
        assert row["area"] in {"England", *(change.area for change in history.changes)}
        assert row["first_year"] <= row["last_year"]
        assert row["source"] or row["basis"] != "published"


def test_the_order_of_rows_changes_nothing(history):
    frame = tables.read("children_panel").sample(frac=1, random_state=7)
    other = panel.read(frame)
    for name, values in history.published.items():
        pd.testing.assert_frame_equal(values, other.published[name])


def test_an_unknown_measure_or_area_is_named(history):
    with pytest.raises(KeyError, match=r"no measure 'luck'; they are: sw_agency_pct"):
        history.measure("luck")
    with pytest.raises(KeyError, match=r"no reorganisation of 'Rutland'; they are: .*Cumbria"):
        history.change("Rutland")
