"""Paired differences: what the shared draws tell apart, and how often they would be wrong."""

import numpy as np
import pytest

from lgr_report.core.paired import of_parameter, told_apart


def figures(*means: float, apart: float = 1.0, shared: float = 10.0, draws: int = 2000):
    """Figures × 1 × draws that share most of their error and have a little of their own."""
    rng = np.random.default_rng(1)
    common = shared * rng.standard_normal(draws)
    own = apart * rng.standard_normal((len(means), draws))
    return (np.array(means)[:, None] + common + own)[:, None, :]


def test_a_difference_is_told_although_intervals_overlap_and_not_where_there_is_none():
    drawn = figures(0, 10, 10.2)
    low, high = np.quantile(drawn[:, 0], [0.025, 0.975], axis=-1)
    assert high[0] > low[1]  # the intervals overlap by far
    assert told_apart(drawn, 0.95).tolist() == [
        [False, True, True],
        [True, False, False],
        [True, False, False],
    ]


def test_a_difference_too_small_to_matter_is_not_told():
    drawn = figures(0, 10)
    assert told_apart(drawn, 0.95, least=9)[0, 1]
    assert not told_apart(drawn, 0.95, least=11).any()


def test_a_difference_must_hold_under_every_specification_and_in_one_direction():
    plain, turned, flat = figures(0, 10), figures(10, 0), figures(0, 0)
    assert told_apart(np.concatenate([plain, plain], axis=1), 0.95)[0, 1]
    assert not told_apart(np.concatenate([plain, turned], axis=1), 0.95).any()
    assert not told_apart(np.concatenate([plain, flat], axis=1), 0.95).any()


def test_counts_are_told_apart_without_any_draws_and_equals_are_not():
    drawn = np.array([3.0, 3.0, 4.0])[:, None, None].repeat(5, axis=2)
    assert told_apart(drawn, 0.95).tolist() == [
        [False, False, True],
        [False, False, True],
        [True, True, False],
    ]
    assert told_apart(drawn[:1], 0.95).tolist() == [[False]]


def test_all_pairs_hold_together_at_the_level():
    # An estimate of each figure errs by as much as its draws are spread; none truly differs.
    rng, wrong, single = np.random.default_rng(2), 0, 0
    for _ in range(400):
        drawn = rng.standard_normal((5, 1, 1)) + rng.standard_normal((5, 1, 500))
        wrong += told_apart(drawn, 0.95).any()
        single += told_apart(drawn[:2], 0.95).any()
    assert wrong / 400 == pytest.approx(0.05, abs=0.03)
    assert single / 400 == pytest.approx(0.05, abs=0.03)


def test_a_parameter_is_drawn_from_its_own_interval():
    drawn = of_parameter(2.0, 1.0, 3.0)
    assert drawn.mean() == pytest.approx(2)
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx([1, 3], abs=0.01)
