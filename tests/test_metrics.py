"""Metrics: one figure of one option, as every table shows it; and the councils of today."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgr_report.core import metrics as m
from lgr_report.core.metrics import Metric

NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 6))


class Known:
    """As much of a `Demand` as `today` reads: councils with the authority of each."""

    def __init__(self, authority):
        self.of = dict(authority)

    def select(self, codes):
        self.gss_codes, self.authority = tuple(codes), [self.of[code] for code in codes]
        return self


def metric(value, low=None, high=None, **kwargs):
    low, high = (value if end is None else end for end in (low, high))
    return Metric("posts", "posts", "posts", value, low, high, **kwargs)


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
    assert str(metric(value, low, high, style=style)) == text


@given(st.lists(NUMBERS, min_size=3, max_size=3))
def test_the_value_lies_in_its_interval_or_is_refused(numbers):
    low, value, high = sorted(numbers)
    assert metric(value, low, high).value == value
    for wrong in ((high, low, value), (low, value, high)):
        if wrong[1] > wrong[0] or wrong[0] > wrong[2]:
            with pytest.raises(ValueError, match="is not between"):
                metric(*wrong)


@given(NUMBERS, st.floats(-1e-10, 1e-10), st.floats(-1e-10, 1e-10))
def test_noise_in_the_last_digit_is_no_interval(value, below, above):
    found = metric(value, value + below, value + above)
    assert found.value == found.low == found.high == value
    assert "to" not in str(found)


def test_better_is_one_of_three():
    assert {metric(1, better=way).better for way in ("lower", "higher", "neither")} == {
        m.LOWER,
        m.HIGHER,
        m.NEITHER,
    }
    with pytest.raises(ValueError, match="metric posts: better is 'less'"):
        metric(1, better="less")


def test_a_frame_keeps_every_metric_with_its_text_and_note():
    table = m.frame([metric(2, 1, 3, better=m.LOWER), metric(np.nan, note="not reported")])
    expected = ["metric", "label", "unit", "value", "low", "high", "better", "text", "note"]
    assert list(table.columns) == expected
    assert table["text"].tolist() == ["2.0 (1.0 to 3.0)", "–"]
    assert table["note"].tolist() == ["", "not reported"]
    assert pd.isna(table["value"].iloc[1])


def test_a_frame_of_nothing_has_its_columns():
    assert "text" in m.frame([]).columns
    assert len(m.frame([])) == 0


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
