"""Synthetic controls: they find what was planted, and nothing where nothing was."""

import itertools
import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import THREE, rows
from scipy.optimize import minimize

from lgr_report.chapters import histories
from lgr_report.chapters.histories import (
    comparisons,
    differences,
    evidence,
    panel,
    size,
    synthetic,
    words,
)
from lgr_report.chapters.histories.panel import KIND_LABELS, SPLIT, WHOLE
from lgr_report.chapters.histories.study import of_panel
from lgr_report.chapters.histories.synthetic import Rules
from lgr_report.core import divisions
from lgr_report.risk.register import register
from lgr_report.sources import areas, tables

BEFORE = np.array([True] * 6 + [False] * 3)
FEW = ("sw_agency_pct", "rereferral_pct", "residential_gbp_per_week")


def simulated(generator, donors, effect=0.0, noise=0.5):
    """A panel with levels, a common path, a factor that places feel unlike, and noise.

    The first row is the area, with the effect after; the others are donors.
    """
    years = len(BEFORE)
    level = generator.normal(20, 5, (donors + 1, 1))
    factor = np.cumsum(generator.normal(0, 1, years))
    loading = generator.uniform(0, 1, (donors + 1, 1))
    values = level + np.cumsum(generator.normal(0, 1, years)) + loading * factor
    values += generator.normal(0, noise, values.shape)
    values[0, ~BEFORE] += effect
    return values


def run(values, strength=1.0):
    pool = synthetic.placebos(values[1:], tuple(map(str, range(len(values) - 1))), BEFORE, strength)
    weights, control = synthetic.fit(values[0], pool)
    pre, ratio, gap = synthetic.errors(values[0] - control, BEFORE)
    return pool, weights, control, float(pre), float(ratio), float(gap)


@pytest.fixture(scope="module")
def found():
    return histories.study()


# Weights

matrices = st.integers(2, 12).flatmap(
    lambda n: st.lists(
        st.lists(st.floats(-50, 50, allow_subnormal=False), min_size=4, max_size=4),
        min_size=n + 1,
        max_size=n + 1,
    )
)


@settings(max_examples=60, deadline=None)
@given(matrices, st.sampled_from([0.01, 1.0, 100.0]))
def test_weights_are_not_negative_and_sum_to_one(values, penalty):
    values = np.array(values)
    weights = synthetic.weights(values[0], values[1:], penalty)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 1.0, 10.0]))
def test_weights_are_those_of_a_general_optimiser(seed, penalty):
    values = np.random.default_rng(seed).normal(size=(9, 5))
    target, donors = values[0], values[1:]

    def loss(w):
        return ((target - w @ donors) ** 2).sum() + penalty * (w**2).sum()

    start = np.full(8, 1 / 8)
    slow = minimize(
        loss,
        start,
        method="SLSQP",
        bounds=[(0, 1)] * 8,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    fast = synthetic.weights(target, donors, penalty)
    assert loss(fast) <= slow.fun + 1e-9
    np.testing.assert_allclose(fast, slow.x, atol=1e-4)


def test_a_mixture_of_donors_is_found_when_uneven_weights_cost_next_to_nothing():
    donors = np.random.default_rng(1).normal(size=(4, 12))
    truth = np.array([0.6, 0.0, 0.4, 0.0])
    found = synthetic.weights(truth @ donors, donors, 1e-12)
    np.testing.assert_allclose(found, truth, atol=1e-6)


def test_a_heavy_penalty_makes_weights_even():
    donors = np.random.default_rng(2).normal(size=(5, 4))
    found = synthetic.weights(np.zeros(4), donors, 1e9)
    np.testing.assert_allclose(found, 0.2, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_donors_changes_nothing(seed):
    generator = np.random.default_rng(seed)
    values = simulated(generator, 10)
    order = generator.permutation(10)
    _, weights, control, *numbers = run(values)
    _, other, again, *theirs = run(np.vstack([values[:1], values[1:][order]]))
    np.testing.assert_allclose(other, weights[order], atol=1e-8)
    np.testing.assert_allclose(again, control, atol=1e-8)
    np.testing.assert_allclose(theirs, numbers, rtol=1e-6)


def test_a_lasting_difference_of_level_counts_for_nothing():
    values = simulated(np.random.default_rng(5), 12)
    raised = values.copy()
    raised[0] += 100
    assert run(raised)[-1] == pytest.approx(run(values)[-1], abs=1e-8)


# What was planted, and what was not


def test_a_planted_effect_is_recovered():
    gaps = [run(simulated(np.random.default_rng(seed), 25, effect=6))[-1] for seed in range(60)]
    assert np.mean(gaps) == pytest.approx(6, abs=3 * np.std(gaps) / np.sqrt(60))
    assert np.std(gaps) < 2


def test_a_planted_effect_is_seen_and_its_interval_holds_it():
    seen = held = 0
    for seed in range(60):
        pool, _, _, _, ratio, gap = run(simulated(np.random.default_rng(seed), 25, effect=6))
        low, high = synthetic.interval(gap, pool.gap, 0.9)
        seen += synthetic.p_value(ratio, pool) <= 0.1
        held += low <= 6 <= high
    assert seen >= 50
    assert 48 <= held <= 60  # 54 expected


def test_where_nothing_was_planted_the_false_positive_rate_is_nominal():
    p, outside, runs = [], 0, 300
    for seed in range(runs):
        pool, _, _, _, ratio, gap = run(simulated(np.random.default_rng(1000 + seed), 20))
        p.append(synthetic.p_value(ratio, pool))
        low, high = synthetic.interval(gap, pool.gap, 0.9)
        outside += not low <= 0 <= high
    # Three standard errors round one in ten; with 20 donors p below 0.1 is 1/21 or 2/21.
    error = 3 * np.sqrt(0.1 * 0.9 / runs)
    assert abs(np.mean(np.array(p) <= 0.1) - 0.1) < error
    assert abs(outside / runs - 0.1) < error


def test_areas_taken_together_have_the_nominal_rate_too():
    hits, runs = 0, 150
    for seed in range(runs):
        generator = np.random.default_rng(5000 + seed)
        pairs = [run(simulated(generator, 19)) for _ in range(2)]
        gaps, pools = [one[-1] for one in pairs], [one[0].gap for one in pairs]
        hits += differences.together(gaps, pools, 0.9)[-1] <= 0.1
    assert abs(hits / runs - 0.1) < 3 * np.sqrt(0.1 * 0.9 / runs)


# Plain difference in differences, and how often true nulls are rejected


def test_difference_in_differences_is_that_of_a_regression_with_two_way_effects():
    values = simulated(np.random.default_rng(11), 12, effect=6)
    pool = run(values)[0]
    place, year = np.indices(values.shape)
    treated = (place == 0) & ~BEFORE[year]
    long = pd.DataFrame({"y": values.ravel(), "place": place.ravel(), "year": year.ravel()}).assign(
        treated=treated.ravel().astype(float)
    )
    fitted = smf.ols("y ~ treated + C(place) + C(year)", long).fit()
    assert differences.change(values[0], pool) == pytest.approx(fitted.params["treated"])


def test_the_chance_of_difference_in_differences_is_each_donor_against_the_others():
    values = simulated(np.random.default_rng(12), 9)
    pool = run(values)[0]
    for k, found in enumerate(differences.chance(pool)):
        rest = replace(pool, values=np.delete(values[1:], k, axis=0))
        assert found == pytest.approx(differences.change(values[1 + k], rest))


def test_an_effect_is_found_by_difference_in_differences_and_none_where_there_is_none():
    seen, false, runs = 0, 0, 200
    for seed in range(runs):
        pool = run(simulated(np.random.default_rng(300 + seed), 19))[0]
        chance = differences.chance(pool)
        for effect in (0, 8):
            values = simulated(np.random.default_rng(300 + seed), 19, effect=effect)
            p = differences.together([differences.change(values[0], pool)], [chance], 0.9)[-1]
            seen += (p <= 0.1) * (effect > 0)
            false += (p <= 0.1) * (effect == 0)
    assert seen / runs > 0.8
    assert abs(false / runs - 0.1) < 3 * np.sqrt(0.1 * 0.9 / runs)


def test_errors_clustered_by_authority_would_reject_true_nulls_far_too_often():
    """Why p is a placebo's: with one area reorganised clustered errors are far too small."""
    rejected, runs = 0, 40
    for seed in range(runs):
        values = simulated(np.random.default_rng(700 + seed), 19)
        place, year = np.indices(values.shape)
        long = pd.DataFrame({"y": values.ravel(), "place": place.ravel(), "year": year.ravel()})
        long["treated"] = ((place == 0) & ~BEFORE[year]).ravel().astype(float)
        fit = smf.ols("y ~ treated + C(place) + C(year)", long).fit(
            cov_type="cluster", cov_kwds={"groups": long["place"]}
        )
        rejected += fit.pvalues["treated"] < 0.05
    assert rejected / runs > 0.5


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12), st.integers(-6, 6))
def test_a_two_sided_p_counts_both_sides(chance, gap):
    above, below = sum(c >= gap for c in chance), sum(c <= gap for c in chance)
    expected = min(1, 2 * (1 + min(above, below)) / (1 + len(chance)))
    found = differences.two_sided(np.array([float(gap)]), np.array(chance, dtype=float))
    assert found == pytest.approx([expected])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=60), st.sampled_from([0.8, 0.9, 0.95]))
def test_an_interval_holds_what_the_rank_test_does_not_reject(chance, level):
    """The naive way: try every effect, and keep those whose p is not below the level's."""
    gap, chance = 2.0, np.array(chance, dtype=float)
    low, high = synthetic.interval(gap, chance, level)
    tried = np.arange(-15, 15.5, 0.5)
    kept = differences.two_sided(gap - tried, chance) >= round(1 - level, 12)
    np.testing.assert_array_equal(kept, (low <= tried) & (tried <= high))


def test_intervals_and_p_of_one_test_never_contradict_each_other(found):
    """Four areas' difference in differences left out zero at 95% with p from 0.054 to 0.082."""
    tested = found.single.dropna(subset=["p"])
    for table, prefix in (
        (tested, "did_"),
        (found.pooled, "did_"),
        (found.pooled, ""),
        (found.scores, ""),
    ):
        outside = (table[f"{prefix}low"] > 0) | (table[f"{prefix}high"] < 0)
        pd.testing.assert_series_equal(outside, table[f"{prefix}p"] < 0.05, check_names=False)
    north = tested.set_index(["measure", "area"]).loc[("sw_average_caseload", "North Yorkshire")]
    assert north["did_p"] == pytest.approx(6 / 74)
    assert north["did_low"] < 0 < north["did_high"]


def test_the_page_names_the_two_tests_of_one_area_apart(found):
    said = words.in_short(found)[0]
    assert "They are two tests, and may differ: none of the 108 intervals leaves out zero" in said
    shown = histories.charts.gaps(found).table.frame
    single = shown["area"] != "together"
    assert set(shown.loc[single, "what p tests"]) == {"growth of the error"}
    assert set(shown.loc[~single, "what p tests"]) == {"the gap"}


def test_the_share_of_true_nulls_rejected_says_of_how_many(found):
    shown = histories.charts.gaps(found).table.frame
    rejected = shown.set_index(["measure", "area"])[histories.charts.COLUMNS["rejected"]]
    assert rejected[("new EHC plans within 20 weeks", "Cumbria")] == "3 of 14"
    assert set(found.single["alike"].dropna()) == {13, 14}
    assert any(
        "A single area has only 13 to 14 authorities fitted like it" in text
        for text in words.in_short(found)
    )


def test_size_is_what_a_reassignment_of_vesting_day_finds(found):
    """The fast path takes placebos as they are; here all are fitted anew without the donor."""
    pool = found.comparisons[("sw_turnover_pct", "Cumbria")].placebos
    fast, slow = size.nulls(pool), []
    for k in range(0, len(pool.codes), 6):
        mine, rest = np.take(pool.values, k, axis=0), np.delete(pool.values, k, axis=0)
        codes = pool.codes[:k] + pool.codes[k + 1 :]
        without = synthetic.placebos(rest, codes, pool.before, found.rules.penalty)
        _, control = synthetic.fit(mine, without)
        pre, ratio, gap = synthetic.errors(mine - control, pool.before)
        slow.append(
            {
                "pre_error": pre,
                "ratio": synthetic.p_value(ratio, without),
                "gap": differences.two_sided(np.array([gap]), without.gap)[0],
                "plain": differences.together(
                    [differences.change(mine, without)],
                    [differences.chance(without)],
                    0.9,
                )[-1],
            }
        )
    fast, slow = fast.iloc[::6].reset_index(drop=True), pd.DataFrame(slow)
    apart = (fast - slow).abs()[[*size.KEYS]]
    assert apart.to_numpy().max() < 0.1
    assert apart.mean().max() < 0.02
    rejected = [(p[[*size.KEYS]] < 0.05).sum() for p in (fast, slow)]
    assert (rejected[0] - rejected[1]).abs().max() <= 1


def test_over_all_donors_a_test_rejects_as_it_says_and_not_so_where_controls_fit_closely(found):
    """Pinned on the real panel: a lucky fit makes the test of one area reject three times more."""
    sizes = found.sizes
    assert sizes.loc["all", "tests"] == sizes["tests"].iloc[1:].sum() == 5130
    assert (sizes.loc["all", ["ratio", "gap", "plain"]] <= 0.05).all()
    assert sizes.loc["closest", "ratio"] == pytest.approx(0.174, abs=0.001)
    assert sizes.loc["loosest", "ratio"] == 0
    assert sizes.loc["closest", "gap"] < 0.05 < sizes.loc["loosest", "gap"]


def test_a_test_is_judged_among_those_fitted_alike():
    pool = run(simulated(np.random.default_rng(13), 25))[0]
    near = size.alike(pool, float(pool.pre_error[4]))
    assert len(near) == 5
    assert near[0] == 4
    distance = np.abs(np.log(pool.pre_error / pool.pre_error[4]))
    assert distance[near].max() <= np.delete(distance, near).min()


def test_areas_together_are_judged_among_every_combination_of_those_alike():
    pools = [run(simulated(np.random.default_rng(seed), 15))[0] for seed in (21, 22)]
    errors = [float(pool.pre_error[0]) for pool in pools]
    found = size.of_together(pools, errors, 0.3)["size"]
    near = [size.alike(pool, error) for pool, error in zip(pools, errors, strict=True)]
    chance = np.array([np.mean(pair) for pair in itertools.product(*(p.gap for p in pools))])
    rejected = []
    for pair in itertools.product(*near):
        gap = np.mean([pool.gap[k] for pool, k in zip(pools, pair, strict=True)])
        sides = min((chance >= gap - 1e-12).sum(), (chance <= gap + 1e-12).sum())
        rejected.append(2 * (1 + sides) / (1 + len(chance)) < 0.3)
    assert found == pytest.approx(np.mean(rejected))


def test_a_control_that_fits_without_error_is_judged_all_the_same():
    pool = run(simulated(np.random.default_rng(14), 10))[0]
    assert 0 <= size.of_one(pool, 0.0, 0.05)["size"] <= 1


# Placebos and p-values


def test_placebos_are_fits_of_each_donor_on_the_others():
    values = simulated(np.random.default_rng(8), 7)
    pool = run(values)[0]
    for k in range(7):
        rest = np.delete(values[1:], k, axis=0)
        shape = synthetic.centred(rest, BEFORE)
        mine = values[1 + k]
        weights = synthetic.weights(
            synthetic.centred(mine, BEFORE)[BEFORE], shape[:, BEFORE], pool.penalty
        )
        gaps = mine - mine[BEFORE].mean() - weights @ shape
        assert pool.gap[k] == pytest.approx(gaps[~BEFORE].mean())
        assert pool.pre_error[k] == pytest.approx(np.sqrt((gaps[BEFORE] ** 2).mean()))


def test_a_p_value_counts_the_area_among_its_placebos():
    pool = run(simulated(np.random.default_rng(9), 9))[0]
    assert synthetic.p_value(np.inf, pool) == 1 / 10
    assert synthetic.p_value(0, pool) == 1
    assert synthetic.p_value(np.sort(pool.ratio)[-2], pool) == 3 / 10


def test_areas_together_are_set_against_every_combination_of_placebos():
    generator = np.random.default_rng(3)
    placebos = [generator.normal(size=5), generator.normal(size=4), generator.normal(size=3)]
    gaps = [1.0, 2.0, 0.5]
    chance = np.array([np.mean(one) for one in itertools.product(*placebos)])
    gap, low, high, p = differences.together(gaps, placebos, 0.9)
    assert gap == pytest.approx(3.5 / 3)
    # At 90% with 60 placebos the third from either end: 2 × (1 + 3) ÷ 61 is above 0.1, 6 ÷ 61 not.
    assert (low, high) == pytest.approx((gap - np.sort(chance)[-3], gap - np.sort(chance)[2]))
    sides = min((chance >= gap).sum(), (chance <= gap).sum())
    assert p == pytest.approx(min(1, 2 * (1 + sides) / 61))


def test_p_values_are_adjusted_as_benjamini_and_hochberg_have_it():
    table = pd.DataFrame({"p": [0.01, np.nan, 0.04, 0.03, 0.5]})
    adjusted = comparisons.adjusted(table)["adjusted"]
    hand = [0.04, np.nan, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5]
    np.testing.assert_allclose(adjusted, hand)


# The histories


def test_every_measure_of_every_area_is_there_or_says_why_not(found):
    table = found.single
    assert len(table) == len(found.panel.measures) * len(found.panel.changes)
    assert (table["p"].isna() == table["why_not"].notna()).all()
    merged = table[table["kind"] == "merged"]
    assert merged["why_not"].str.startswith("no periods before vesting day").all()
    stability = table.set_index(["measure", "area"]).loc[
        ("cla_long_term_stability_pct", "Buckinghamshire")
    ]
    assert stability["why_not"] == "3 periods before vesting day in the panel, 4 needed"


def test_controls_use_donors_only_and_their_weights_sum_to_one(found):
    for one in found.comparisons.values():
        assert set(one.weights.index) <= set(found.panel.donors)
        assert one.weights.min() >= 0
        assert one.weights.sum() == pytest.approx(1)


def test_the_gap_is_observed_less_control_after_vesting_day(found):
    for one in found.comparisons.values():
        after = one.observed.index[~one.before]
        assert one.gap == pytest.approx((one.observed - one.control)[after].mean())
        before = (one.observed - one.control)[one.before]
        assert before.mean() == pytest.approx(0, abs=1e-9)


def test_no_correction_leaves_a_finding_and_chance_explains_the_count(found):
    """The conclusion of the page, pinned: a new vintage that changes it must be looked at."""
    assert len(found.single["p"].dropna()) == 108
    assert len(found.pooled) == 44
    assert (found.single["adjusted"] < 0.05).sum() == 0
    assert (found.pooled["adjusted"] < 0.05).sum() == 0
    assert (found.pooled["p"] < 0.05).sum() == 2


def test_the_order_of_rows_changes_no_result():
    frame = tables.read("children_panel")
    mine = studied(_some(panel.read(frame)))
    other = studied(_some(panel.read(frame.sample(frac=1, random_state=11))))
    pd.testing.assert_frame_equal(mine.single, other.single)
    pd.testing.assert_frame_equal(mine.pooled, other.pooled)


def studied(whole):
    return of_panel(whole, Rules.assumed())


def _some(whole, names=FEW):
    return replace(whole, measures=tuple(m for m in whole.measures if m.measure in names))


def test_a_part_has_the_same_comparisons_as_the_whole(found):
    part = histories.study(("sw_agency_pct",), (SPLIT,))
    mine = part.pooled.set_index("kind").loc[KIND_LABELS[SPLIT]]
    whole = found.pooled.set_index(["measure", "kind"]).loc[("sw_agency_pct", KIND_LABELS[SPLIT])]
    names = ["gap", "low", "high", "p"]
    assert mine[names].tolist() == whole[names].tolist()
    assert len(part.pooled) == 1


def test_a_suppressed_figure_of_a_donor_takes_it_out_and_is_not_zero():
    frame = tables.read("children_panel")
    gone = (frame["gss_code"] == "E10000030") & (frame["measure"] == "sw_agency_pct")
    gone &= frame["period"] == "2020"
    assert gone.sum() == 1
    holed = _some(panel.read(frame[~gone]), ("sw_agency_pct",))
    about, rules = holed.measures[0], Rules.assumed()
    one = synthetic.compare(holed, about, holed.change("Somerset"), rules, {})
    assert "E10000030" not in one.weights.index
    whole = _some(panel.read(frame), ("sw_agency_pct",))
    full = synthetic.compare(whole, about, whole.change("Somerset"), rules, {})
    assert set(full.weights.index) - set(one.weights.index) == {"E10000030"}


def test_successors_apart_average_to_the_two_together_where_weights_are_even(found):
    one = found.comparisons[("cla_rate_per_10k", "Cumbria")]
    low, high = sorted(one.apart.values())
    assert low < one.gap < high
    joint = found.comparisons[("sw_agency_pct", "Northamptonshire")]
    assert joint.apart == {}


def test_one_score_sets_measures_that_move_together_against_the_same_donors(found):
    table = found.scores.set_index(["kind", "family"])
    row = table.loc[(KIND_LABELS[SPLIT], "workforce")]
    mine = [
        c
        for c in found.comparisons.values()
        if c.measure.family == "workforce" and c.change.kind == SPLIT
    ]
    by_area = {
        area: np.mean(
            [c.gap * c.measure.worse / c.placebos.gap.std() for c in mine if c.change.area == area]
        )
        for area in ("Northamptonshire", "Cumbria")
    }
    assert row["score"] == pytest.approx(np.mean(list(by_area.values())))
    assert row["measures"] == 5
    assert row["low"] < row["score"] < row["high"]


def test_a_harm_planted_in_every_measure_is_seen_in_the_score():
    whole = _some(panel.read(), ("sw_agency_pct", "sw_vacancy_pct", "sw_turnover_pct"))
    codes = [c for change in whole.changes if change.kind == SPLIT for c in change.codes]
    harmed = {name: values.copy() for name, values in whole.published.items()}
    for about in whole.measures:
        harmed[about.measure].loc[codes] += 25
    table = studied(replace(whole, published=harmed)).scores
    scores = table.set_index(["kind", "family"])["p"]
    assert scores[(KIND_LABELS[SPLIT], "all three")] < 0.01
    assert scores[(KIND_LABELS[WHOLE], "all three")] > 0.05


# Words, tables and figures


@pytest.mark.parametrize(
    ("p", "adjusted", "said"),
    [(0.001, 0.01, "stands"), (0.01, 0.2, "hint"), (0.2, 0.9, "nothing"), (0.05, 0.05, "nothing")],
)
def test_what_a_test_allows_to_be_said_follows_from_its_p_values(p, adjusted, said):
    tests = pd.DataFrame(
        {"p": [p], "adjusted": [adjusted], "gap": 2.0, "did": 1.0, "did_adjusted": [adjusted]}
    )
    assert comparisons.reading(tests, 0.05).tolist() == [said]


@pytest.mark.parametrize(("did", "did_adjusted"), [(1.0, 0.2), (-1.0, 0.01)])
def test_a_finding_stands_only_if_plain_difference_in_differences_agrees(did, did_adjusted):
    tests = pd.DataFrame(
        {"p": [0.001], "adjusted": 0.01, "gap": 2.0, "did": did, "did_adjusted": did_adjusted}
    )
    assert comparisons.reading(tests, 0.05).tolist() == ["hint"]


def test_gaps_are_told_in_the_unit_of_the_measure():
    points = {"gap": -3.14, "unit": "% of referrals", "in_per_cent": False}
    assert words.amount(points) == "−3.1 points"
    assert words.amount({"gap": 4.4, "unit": "GBP a week", "in_per_cent": True}) == "+4%"
    rate = {"gap": 1.0, "unit": "per 10,000 children", "in_per_cent": False}
    assert words.amount(rate) == "+1.0 per 10,000 children"
    # What rounds to zero has no sign: neither "−0.0" nor "+0%".
    assert words.amount(rate | {"gap": -0.04}) == "0.0 per 10,000 children"
    assert words.amount({"gap": 0.3, "unit": "GBP a week", "in_per_cent": True}) == "0%"


def test_every_measure_gets_a_conclusion(found):
    table = histories.tables.concluded(found)
    assert len(table) == len(found.panel.measures)
    said = table.set_index("measure")["what can be concluded"]
    caseload = said["cases per social worker (cases)"]
    assert "Kept whole: a hint of more" in caseload
    assert "Split in two: nothing seen; an effect of less than about" in caseload


def test_no_number_of_a_table_has_a_sign_and_is_zero_or_a_hyphen_for_a_minus(found):
    shown = pd.concat(
        [
            histories.tables.concluded(found),
            histories.tables.beside_findings(found),
            histories.tables.apart(found),
            histories.tables.since(found.panel),
        ]
    ).to_csv()
    assert re.findall(r"[+−-]0(?:\.0+)?(?![\d.])", shown) == []
    assert re.findall(r"(?<![\w–])-\d", shown) == []


def test_merged_councils_are_shown_since_their_first_year_only(found):
    table = histories.tables.since(found.panel)
    assert len(table) == 2 * len(found.panel.measures)
    assert table["percentile"].between(0, 100).all()
    row = table.set_index(["council", "measure"]).loc[("Dorset", "agency social workers")]
    assert (row["years"], row["change"]) == ("2019 to 2025", "+1.3 points")  # 10.8 to 12.1


def test_the_page_says_which_conclusion_hangs_on_years_left_out(found):
    kept = found.panel.broken[found.panel.broken["treatment"] != "left_out"]
    back = studied(replace(found.panel, broken=kept))
    variants = {"as shown": found, "years left out put back": back}
    table = histories.tables.sensitivity(variants)
    assert table["stand after correction, by both"].str.contains("re-referrals").tolist() == [
        False,
        False,
        False,
        True,
    ]
    said = words.sensitivity(variants)
    assert "with years left out put back, re-referrals within 12 months (split in two" in said
    assert words.sensitivity({"as shown": found}).startswith("No conclusion")


def test_words_have_the_counts_of_the_tables(found):
    said = words.in_short(found)
    assert any(text.endswith("A finding stands only if it does by both.") for text in said)
    assert any("But it rejects 17% in the fifth whose controls" in text for text in said)
    assert any("the 44 tests reject 0% to 14% of true nulls, 4% on average" in t for t in said)
    small = int((found.single["p"] < 0.05).sum())
    assert said[0].startswith(f"Of 108 tests of one area, {small} have p below 0.05")
    assert "Dorset and Bournemouth, Poole" in said[-1]


def test_links_to_the_register_name_risks_and_measures_that_exist(found):
    links = evidence.links()
    assert set(links["measure"]) <= {about.measure for about in found.panel.measures}
    worse = {about.measure: about.worse for about in found.panel.measures}
    assert all(row.sign == worse[row.measure] for row in links.itertuples())
    table = histories.tables.by_risk(evidence.of_register(found.pooled, register()))
    assert table["risk"].tolist() == register().index.tolist()
    touched = table["measures"] != "none in the panel"
    assert set(table["risk"][touched]) == set(links["risk_id"])
    assert (table.loc[~touched, ["split in two", "kept whole"]] == "not touched").all(axis=None)


def test_a_register_of_other_risks_is_taken_as_it_is(found):
    few = pd.DataFrame({"title": ["ours", "theirs"]}, index=pd.Index(["X1", "CLGR10"]))
    bearing = evidence.of_register(found.pooled, few.rename_axis("risk_id"))
    assert words.of_register(found, bearing)[0].startswith(
        "The panel holds measures that speak to 1 of the 2 risks: CLGR10."
    )
    assert len(bearing) == 1 + 2 * (evidence.links()["risk_id"] == "CLGR10").sum()


def test_a_measure_speaks_for_a_risk_only_beyond_chance_and_in_its_direction(found):
    measure = evidence.links().query("risk_id == 'CLGR13'").iloc[0]
    sides = {}
    for reading, gap in itertools.product(("nothing", "hint", "stands"), (-1.0, 1.0)):
        pooled = found.pooled.assign(reading=reading, gap=gap * measure["sign"])
        row = evidence.of_register(pooled, register()).set_index("risk_id").loc["CLGR13"].iloc[0]
        sides[reading, gap] = row["side"]
    assert {sides["nothing", gap] for gap in (-1, 1)} == {"neither"}
    assert {sides[reading, 1.0] for reading in ("hint", "stands")} == {"for the risk"}
    assert {sides[reading, -1.0] for reading in ("hint", "stands")} == {"against the risk"}


def test_a_risk_that_no_measure_touches_has_nothing_to_cite():
    assert evidence.of_risk("CLGR8", SPLIT) is None
    assert words.of_risk(None) == []
    assert evidence.of_area(divisions.of("surrey"), ["CLGR8", "CLGR9"]) is None


def test_a_county_cites_what_the_whole_says(found):
    quick = evidence.of_risk("CLGR10", SPLIT)
    said = words.of_risk(quick)
    assert said == words.of_risk(evidence.of_risk("CLGR10", SPLIT, found))
    row = found.pooled.set_index(["measure", "kind"]).loc[("sw_turnover_pct", KIND_LABELS[SPLIT])]
    assert f"turnover of social workers {words.ranged(row)}" in said[0]
    assert "in Northamptonshire and Cumbria, split in two, measures moved" in said[0]
    assert (
        f"corrected for 44 tests the smallest p is {quick.moved['adjusted'].min():.2f}." in said[1]
    )
    assert len(said) == 2


def test_counties_kept_whole_are_named_where_one_is_likened_to_them(found):
    said = words.of_risk(evidence.of_risk("CLGR2", WHOLE, found))
    assert "in Buckinghamshire, North Yorkshire and Somerset, each kept whole, meas" in said[0]
    row = found.pooled.set_index(["measure", "kind"]).loc[
        ("sw_average_caseload", KIND_LABELS[WHOLE])
    ]
    assert said[1].startswith(
        "Taken alone, cases per social worker lies beyond what chance does to other authorities. "
        f"Corrected for 44 tests, p is {row['adjusted']:.2f} for cases per social worker; plain "
        f"difference in differences gives {words.plain(row)}, corrected p "
        f"{row['did_adjusted']:.2f}: not a finding. 3 areas can neither"
    )


def test_two_measures_beyond_chance_are_named_together_and_corrected_apart(found):
    precedent = evidence.of_risk("CLGR2", WHOLE, found)
    moved = precedent.moved.assign(low=0.1, gap=1.0, high=2.0, reading=["stands", *["hint"] * 3])
    said = words.of_risk(replace(precedent, moved=moved))[1]
    labels = moved["label"].tolist()
    assert f"Taken alone, {', '.join(labels[:-1])} and {labels[-1]} lie beyond what" in said
    assert said.count(": a finding.") == 1
    assert said.count(": not a finding.") == 3


def test_the_first_risk_that_any_measure_touches_is_cited_and_corrected_for_all_tests(found):
    precedent = evidence.of_area(divisions.of("surrey"), ["CLGR8", "CLGR13", "CLGR2"])
    assert precedent.risk_id == "CLGR13"
    assert precedent.tests == len(found.pooled) == 44


@pytest.mark.parametrize("area_id", THREE)
def test_an_area_has_words_for_its_first_risk(found, area_id):
    said = words.of_risk(evidence.of_area(divisions.of(area_id), register().index, found))
    assert len(said) == 2
    assert "nan" not in " ".join(said)


def test_an_area_is_likened_to_counties_that_went_the_same_way():
    kinds = {area_id: evidence.kind_of(divisions.of(area_id)) for area_id in areas.ids()}
    decided = {row["area_id"]: row["n_unitaries"] for row in rows("decisions")}
    assert all(kinds[a] == (WHOLE if n == "1" else SPLIT) for a, n in decided.items() if n)
    assert kinds["surrey"] == SPLIT


def test_a_study_is_frozen_and_asked_for_once_computed_once(found):
    with pytest.raises(FrozenInstanceError):
        found.pooled = None
    assert histories.study() is found


@pytest.mark.parametrize("measure", ["sw_agency_pct", "cla_gross_spend_gbp", "cla_rate_per_10k"])
def test_paths_show_every_area_that_can_be_compared(found, measure):
    figure = histories.charts.paths(found, measure)
    areas_shown = set(figure.table.frame["area"])
    assert areas_shown == {area for name, area in found.comparisons if name == measure}
    assert all(area in figure.alt for area in areas_shown)


def test_the_chart_of_gaps_counts_what_lies_beyond_chance(found):
    figure = histories.charts.gaps(found)
    assert "Of 44 before-and-after comparisons" in figure.title
    assert "0 after correction" in figure.title
    assert len(figure.table.frame) == 44 + 108


def test_published_figures_stand_beside_what_happened(found):
    table = histories.tables.beside_findings(found)
    linked = {row["finding_id"] for row in rows("finding_histories")}
    shown = {name for cell in table["published figures"] for name in re.findall(r"[A-Z]+\d+", cell)}
    assert shown == linked
    pooled = found.pooled.set_index(["measure", "kind"])
    for row, measure in zip(
        table.to_dict("records"),
        dict.fromkeys(r["measure"] for r in rows("finding_histories")),
        strict=True,
    ):
        seen = pooled.loc[(measure, panel.KIND_LABELS[panel.SPLIT])]
        assert row["after the splits, against the control"] == words.ranged(seen)
        assert "would be found" in row["what can be concluded"] or seen["p"] < 0.05
