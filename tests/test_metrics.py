"""Metrics: one figure of one option, as every table shows it; and the councils of today."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgr_report.core import divisions
from lgr_report.core import metrics as m
from lgr_report.core.metrics import Metric
from lgr_report.page import phrases

NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 6))


class Known:
    """As much of a `Demand` as `today` reads: councils with the authority of each."""

    def __init__(self, authority):
        self.of = dict(authority)

    def select(self, codes):
        self.gss_codes, self.authority = tuple(codes), [self.of[code] for code in codes]
        return self


def measured(value, low=None, high=None, note="", **kwargs):
    return Metric("posts", "posts", "posts", **kwargs).measured(value, low, high, note)


# What a page shows


@pytest.mark.parametrize(
    ("value", "low", "high", "style", "text"),
    [
        (12.34, 12.34, 12.34, "{:,.1f}", "12.3"),
        (12.34, 10, 15.06, "{:,.1f}", "12.3 (10.0 to 15.1)"),
        (-2.5, -3, 1, "£{:,.1f}m", "−£2.5m (−£3.0m to £1.0m)"),
        (1234.5, 1234.5, 1234.5, "£{:,.0f}m", "£1,234m"),
        (-0.01, -0.04, 0.3, "{:,.1f}", "0.0 (0.0 to 0.3)"),
        (5, np.nan, np.nan, "{:,.0f}", "5"),
        (np.nan, np.nan, np.nan, "{:,.0f}", "–"),
    ],
)
def test_a_metric_reads_as_a_page_has_it(value, low, high, style, text):
    assert phrases.measured(measured(value, low, high, style=style)) == text


@given(st.lists(NUMBERS, min_size=3, max_size=3))
def test_the_value_lies_in_its_interval_or_is_refused(numbers):
    low, value, high = sorted(numbers)
    assert measured(value, low, high).value == value
    for wrong in ((high, low, value), (low, value, high)):
        if wrong[1] > wrong[0] or wrong[0] > wrong[2]:
            with pytest.raises(ValueError, match="is not between"):
                measured(*wrong)


@given(NUMBERS, st.floats(-1e-10, 1e-10), st.floats(-1e-10, 1e-10))
def test_noise_in_the_last_digit_is_no_interval(value, below, above):
    found = measured(value, value + below, value + above)
    assert found.value == found.low == found.high == value
    assert "to" not in phrases.measured(found)


def test_better_is_one_of_three():
    assert {measured(1, better=way).metric.better for way in ("lower", "higher", "neither")} == {
        m.LOWER,
        m.HIGHER,
        m.NEITHER,
    }
    with pytest.raises(ValueError, match="metric posts: better is 'less'"):
        measured(1, better="less")


def test_a_frame_keeps_every_measurement_with_its_note():
    table = m.frame([measured(2, 1, 3, better=m.LOWER), measured(np.nan, note="not reported")])
    expected = ["metric", "label", "unit", "value", "low", "high", "note"]
    assert list(table.columns) == [*expected, "better", "counts_councils", "zero_for_one"]
    assert table["better"].tolist() == [m.LOWER, m.NEITHER]
    assert table["note"].tolist() == ["", "not reported"]
    assert pd.isna(table["value"].iloc[1])


def test_a_frame_of_nothing_has_its_columns():
    assert "note" in m.frame([]).columns
    assert len(m.frame([])) == 0


def test_a_label_is_filled_by_the_measurement():
    growth = Metric("growth", "growth in {years:.0f} years", "per cent")
    assert growth.measured(1.0, years=15).label == "growth in 15 years"


# The councils of today


@given(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=12))
def test_today_groups_councils_by_authority_in_order(belongs):
    codes = [f"D{i}" for i in range(len(belongs))]
    groups = m.today(Known(zip(codes, belongs, strict=True)), codes)
    assert sorted(code for group in groups for code in group) == sorted(codes)
    owners = [{belongs[codes.index(code)] for code in group} for group in groups]
    assert all(len(owner) == 1 for owner in owners)
    assert len(groups) == len(set(belongs))
    firsts = [codes.index(group[0]) for group in groups]
    assert firsts == sorted(firsts)
    assert all(list(group) == sorted(group, key=codes.index) for group in groups)


def test_a_division_refines_another_if_each_part_lies_inside_one_of_the_others():
    coarse, fine, across = [["a", "b"], ["c"]], [["a"], ["b"], ["c"]], [["a", "c"], ["b"]]
    assert m.refines(fine, coarse) and m.refines(coarse, coarse)
    assert not m.refines(coarse, fine)
    assert not m.refines(across, coarse) and not m.refines(coarse, across)


def test_joining_authorities_of_today_divides_none():
    here = divisions.of("leicestershire-leicester-rutland")
    undivided = {
        bid.proposal_id for bid in here.computable if not m.divides(bid.division, here.demand)
    }
    assert undivided == {"leics-2-county"}
    assert not m.divides([here.gss_codes], here.demand)
    assert not m.divides(here.today, here.demand)
    assert m.divides([[code] for code in here.gss_codes], here.demand)
