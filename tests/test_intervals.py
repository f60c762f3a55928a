"""Intervals over draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lgr_report.core import intervals
from lgr_report.sources.assumptions import assumption


@given(arrays(float, (40, 3), elements=st.floats(-1e6, 1e6)), st.floats(0.5, 0.99))
def test_the_ends_hold_the_share_of_draws_that_the_level_says(drawn, level):
    low, high = intervals.ends(drawn, level)
    assert (low <= high).all()
    inside = ((drawn >= low - 1e-9) & (drawn <= high + 1e-9)).mean(axis=0)
    assert (inside >= level - 2 / len(drawn)).all()


def test_the_level_is_the_assumed_one_unless_another_is_named():
    drawn = np.arange(1001.0)
    tail = (1 - assumption("interval_level")) / 2
    assert intervals.ends(drawn) == pytest.approx([1000 * tail, 1000 * (1 - tail)])
    assert intervals.ends(drawn, 0.5) == pytest.approx([250, 750])


def test_draws_may_lie_along_any_axis():
    drawn = np.random.default_rng(7).normal(size=(50, 4))
    assert intervals.ends(drawn.T, axis=-1) == pytest.approx(intervals.ends(drawn))
