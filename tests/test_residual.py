"""Residual risk: ranges and no made-up numbers, fast paths equal to plain loops, properties."""

import math
import time
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import AREA_IDS, THREE, edit, rows, write

from lgr_report.across import comparison
from lgr_report.assess import form
from lgr_report.assess.records import Assessment, Lesson, Maturity, Risk
from lgr_report.core import divisions
from lgr_report.page.cells import Table
from lgr_report.risk import (
    beside,
    beside_charts,
    drivers,
    gaps,
    maturity,
    residual,
    residual_charts,
    residual_words,
    tables,
    uncertainty,
    words,
)
from lgr_report.risk.residual import View
from lgr_report.risk.uncertainty import Inputs, Uniforms
from lgr_report.sources import areas, decisions

RISKS = [row["risk_id"] for row in rows("risks")]
SOURCE = {row["risk_id"]: int(row["likelihood"]) * int(row["impact"]) for row in rows("risks")}
TOLERANCE = {row["risk_id"]: int(row["tolerance"]) for row in rows("risk_appetite")}
WEIGHTS = {
    risk: {
        row["maturity_area_id"]: float(row["weight"])
        for row in rows("risk_maturity")
        if row["risk_id"] == risk
    }
    for risk in RISKS
}
DAY = date(2026, 5, 1)
LATER = date(2026, 9, 1)


def assessed(*risks, on=DAY, levels=(), lessons=(), publish=False):
    """Return an assessment of Surrey."""
    return Assessment(
        area_id="surrey",
        assessed_on=on,
        assessor_role="programme director",
        publish=publish,
        risks=risks,
        maturity=tuple(Maturity(key, on, level) for key, level in levels),
        lessons=tuple(Lesson(key, status) for key, status in lessons),
    )


def scored(risk_id, likelihood, impact, strength="medium", **other):
    """Return a risk as an officer assessed it."""
    return Risk(risk_id, DAY, likelihood, impact, evidence="minutes", strength=strength, **other)


def seen(*dated, levels=None):
    """Return a view of an area with these assessments and these computed levels."""
    rows = [(key, level) for key, ends in (levels or {}).items() for level in ends]
    computed = pd.DataFrame(rows, columns=["maturity_area_id", "level"]).astype({"level": "Int64"})
    computed = computed.assign(low=(computed["level"] - 1) / 4, high=computed["level"] / 4)
    surrey = areas.get("surrey")
    return View(surrey, dated, residual._maturity(dated, computed), computed)


def put(data, one):
    """Write an assessment into a copied data folder."""
    folder = data / "assessments" / one.area_id
    folder.mkdir(exist_ok=True)
    path = folder / f"{one.assessed_on}.toml"
    path.write_text(form.render(one), encoding="utf-8")


# Inherent, residual, target


@pytest.mark.parametrize("area_id", THREE)
def test_where_nobody_assessed_the_residual_is_a_range_implied_by_maturity(area_id):
    found = residual.register(residual.view(area_id))
    known = maturity.computed(area_id).dropna(subset=["low"])
    for risk in RISKS:
        least = most = 0.0
        for area, weight in WEIGHTS[risk].items():
            mine = known[known["maturity_area_id"] == area]
            least += weight * (mine["low"].min() if len(mine) else 0)
            most += weight * (mine["high"].max() if len(mine) else 1)
        row = found.loc[risk]
        assert row["inherent"] == SOURCE[risk]
        assert row["low"] == pytest.approx(SOURCE[risk] * (1 - 0.6 * most))
        assert row["high"] == pytest.approx(SOURCE[risk] * (1 - 0.3 * least))
        assert pd.isna(row["assessed"])
        assert row["basis"] == "what if"


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_an_implied_residual_is_a_true_range_and_never_above_inherent(area_id):
    found = residual.register(residual.view(area_id))
    assert (found["low"] < found["high"]).all()
    assert (found["high"] <= found["inherent"]).all()
    assert (found["low"] >= 0.4 * found["inherent"]).all()


def test_what_an_officer_assessed_is_shown_with_its_own_range():
    view = seen(assessed(scored("CLGR1", 3, 4, "high"), scored("CLGR2", 1, 5, "low", target=4)))
    found = residual.register(view)
    assert found.loc["CLGR1", ["assessed", "low", "high"]].tolist() == [12, 2.5 * 3.5, 3.5 * 4.5]
    assert found.loc["CLGR2", ["assessed", "low", "high"]].tolist() == [5, 1 * 3, 3 * 5]
    assert found.loc["CLGR2", "target"] == 4
    assert found.loc["CLGR1", "target"] == 8
    assert found.loc["CLGR3", "basis"] == "what if"
    assert found["inherent"].to_dict() == SOURCE


@pytest.mark.parametrize(
    ("likelihood", "impact", "standing"),
    [(3, 4, "may be above"), (5, 5, "above"), (1, 1, "within")],
)
def test_a_score_is_above_or_within_tolerance_only_with_its_whole_range(
    likelihood, impact, standing
):
    assert TOLERANCE["CLGR1"] == 12
    found = residual.register(seen(assessed(scored("CLGR1", likelihood, impact))))
    assert found.loc["CLGR1", "standing"] == standing


def test_what_assumptions_alone_decide_is_said_to_be_no_finding():
    view = residual.view("surrey")
    assert list(view.register.index[view.register["by_assumption"]]) == ["CLGR4", "CLGR5"]
    (said,) = [
        text for text in residual_words.residual(view) if "arithmetic and no finding" in text
    ]
    assert said.startswith("CLGR4 and CLGR5 would be above tolerance whatever the area does")
    scored_by_officers = residual.register(seen(assessed(scored("CLGR4", 1, 1))))
    assert list(scored_by_officers.index[scored_by_officers["by_assumption"]]) == ["CLGR5"]


def test_a_range_across_tolerance_may_be_above():
    found = residual.register(seen(levels=dict.fromkeys(maturity.coverage(), (1, 4))))
    for risk, row in found.iterrows():
        low, high = 0.4 * SOURCE[risk], SOURCE[risk]
        expected = "above" if low > TOLERANCE[risk] else "may be above"
        assert (row["low"], row["high"]) == pytest.approx((low, high))
        assert row["standing"] == expected
    assert set(found["standing"]) == {"above", "may be above"}


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_one_range_as_shown_has_one_verdict(area_id):
    # Norfolk's CLGR1, "12 to 22, tolerance 12", was above; Suffolk's CLGR2, "12 to 20", might be.
    shown = tables.residual(residual.view(area_id)).set_index("risk")
    for risk, row in shown.iterrows():
        if risk in residual.never_within():
            continue
        low, high = map(float, row["residual"].removeprefix("what if: ").split(" to "))
        verdict = "within" if high <= row["tolerance"] else "might be above"
        verdict = "above" if low > row["tolerance"] else verdict
        assert verdict in row["against tolerance"]
        assert ("might" in row["against tolerance"]) == ("might" in verdict)


def test_a_range_has_one_decimal_in_the_table_and_in_the_picture():
    view = residual.view("suffolk")
    shown = tables.residual(view).set_index("risk")
    assert shown.loc["CLGR2", ["residual", "against tolerance"]].tolist() == [
        "what if: 11.5 to 20.5",
        "what if: might be above",
    ]
    assert "residual what if 11.5 to 20.5, tolerance 12" in residual_charts.register(view).alt


def test_the_end_of_a_range_is_judged_as_it_is_shown():
    # 12.04 is shown as 12.0, which is not above 12.
    view = seen(levels=dict.fromkeys(maturity.coverage(), (1, 4)))
    grown = view.maturity.assign(low=0.0, high=(1 - 12.04 / 25) / 0.6)
    row = residual.register(replace(view, maturity=grown)).loc["CLGR1"]
    assert row["low"] == pytest.approx(12.04)
    assert row["standing"] == "may be above"


def test_titles_name_areas_of_the_matrix_without_an_article_and_none_as_a_word():
    titles = [residual_charts.tornado(residual.view(area_id)).title for area_id in AREA_IDS]
    assert not any("the leadership" in title or "the quality" in title for title in titles)
    assert residual_charts.matrix(residual.view("surrey")).title.startswith(
        "Surrey: officers assessed none of 7 areas of the matrix"
    )


def test_risks_of_one_appetite_have_one_target_and_one_tolerance():
    terms = {}
    for row in rows("risk_appetite"):
        terms.setdefault(row["appetite"], set()).add((int(row["target"]), int(row["tolerance"])))
    assert all(len(pairs) == 1 for pairs in terms.values())
    ordered = [min(terms[level]) for level in ("averse", "minimal", "cautious", "open")]
    assert ordered == sorted(ordered)
    assert all(target < tolerance for target, tolerance in ordered)


def test_assessed_maturity_takes_the_place_of_the_computed_level():
    view = seen(assessed(levels=[("M3", 4)]), levels={"M3": (1, 2), "M5": (2, 3)})
    found = view.maturity
    assert found.loc["M3", ["level_low", "level_high", "basis"]].tolist() == [4, 4, "assessed"]
    assert found.loc["M3", ["low", "high"]].tolist() == [0.75, 1]
    assert found.loc["M5", ["low", "high", "basis"]].tolist() == [0.25, 0.75, "computed"]
    assert found.loc["M1", ["low", "high", "basis"]].tolist() == [0, 1, "not available"]


# Properties of the simulation


@st.composite
def cases(draw):
    """Return inputs of any size with the random numbers of a few draws."""
    areas_, risks_, spans, draws = (draw(st.integers(low, 4)) for low in (1, 2, 1, 1))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    stated = generator.uniform(1, 5, (areas_, risks_, 2))
    apart = generator.uniform(0, 2, (areas_, risks_, 2, 2))
    low, high = np.clip(stated - apart[..., 0], 1, 5), np.clip(stated + apart[..., 1], 1, 5)
    if draw(st.booleans()):  # a degenerate range is a fixed score
        low, high = stated, stated
    inputs = Inputs(
        area_ids=tuple(f"area {k}" for k in range(areas_)),
        risk_ids=tuple(f"risk {k}" for k in range(risks_)),
        maturity_ids=tuple(f"span {k}" for k in range(spans)),
        scores=np.stack([low, stated, high], axis=-1),
        assessed=generator.random((areas_, risks_)) < 0.4,
        maturity=np.sort(generator.random((areas_, spans, 2)), axis=-1),
        weights=generator.dirichlet(np.ones(spans), size=risks_),
        k=tuple(np.sort(generator.uniform(0, 1, 3))),
        tolerance=generator.uniform(1, 25, risks_),
    )
    random = Uniforms(
        scores=generator.random((draws, risks_, 2)),
        maturity=generator.random((draws, areas_, spans)),
        weights=generator.dirichlet(np.ones(spans), size=(draws, risks_)),
        k=generator.random(draws),
    )
    return inputs, random


def triangular(random, low, mode, high):
    """Return one triangular draw from one random number, by the textbook."""
    if high == low:
        return mode
    if random < (mode - low) / (high - low):
        return low + math.sqrt(random * (high - low) * (mode - low))
    return high - math.sqrt((1 - random) * (high - low) * (high - mode))


def naive(inputs, random):
    """Return the residual scores by plain loops."""
    draws, spans = len(random.k), inputs.maturity.shape[1]
    found = np.empty((draws, len(inputs.area_ids), len(inputs.risk_ids)))
    for n in range(draws):
        k = triangular(random.k[n], *inputs.k)
        for a in range(len(inputs.area_ids)):
            for r in range(len(inputs.risk_ids)):
                score = 1.0
                for side in (0, 1):
                    score *= triangular(random.scores[n, r, side], *inputs.scores[a, r, side])
                taken = 0.0
                for m in range(spans):
                    low, high = inputs.maturity[a, m]
                    grown = low + random.maturity[n, a, m] * (high - low)
                    taken += random.weights[n, r, m] * grown
                found[n, a, r] = score if inputs.assessed[a, r] else score * (1 - k * taken)
    return found


@settings(deadline=None, max_examples=60)
@given(cases())
def test_the_simulation_is_equal_to_a_naive_loop(case):
    np.testing.assert_allclose(uncertainty.simulate(*case), naive(*case), rtol=1e-12)


@settings(deadline=None, max_examples=30)
@given(cases(), st.integers(0, 1), st.floats(0, 1))
def test_the_residual_never_falls_when_likelihood_or_impact_rises(case, side, more):
    inputs, random = case
    raised = inputs.scores.copy()
    raised[:, :, side] = np.clip(raised[:, :, side] + more, 1, 5)
    after = uncertainty.simulate(replace(inputs, scores=raised), random)
    assert (after >= uncertainty.simulate(inputs, random) - 1e-9).all()


@settings(deadline=None, max_examples=30)
@given(cases(), st.floats(0, 1))
def test_the_residual_never_rises_with_maturity_or_with_its_effect(case, more):
    inputs, random = case
    before = uncertainty.simulate(inputs, random)
    grown = replace(inputs, maturity=np.clip(inputs.maturity + more, 0, 1))
    assert (uncertainty.simulate(grown, random) <= before + 1e-9).all()
    stronger = replace(inputs, k=tuple(min(1, k + more) for k in inputs.k))
    assert (uncertainty.simulate(stronger, random) <= before + 1e-9).all()


@settings(deadline=None, max_examples=30)
@given(cases())
def test_an_implied_residual_is_never_above_the_score_it_is_drawn_from(case):
    inputs, random = case
    whole = replace(inputs, k=(0.0, 0.0, 0.0))
    drawn, inherent = uncertainty.simulate(inputs, random), uncertainty.simulate(whole, random)
    assert (drawn <= inherent + 1e-9).all()
    assert (drawn >= 0).all()
    assert (inherent <= 25 + 1e-9).all()


@settings(deadline=None, max_examples=30)
@given(cases(), st.randoms())
def test_the_order_of_risks_and_areas_does_not_matter(case, shuffler):
    inputs, random = case
    a, r = (list(range(len(ids))) for ids in (inputs.area_ids, inputs.risk_ids))
    shuffler.shuffle(a)
    shuffler.shuffle(r)
    moved = replace(
        inputs,
        area_ids=tuple(inputs.area_ids[k] for k in a),
        risk_ids=tuple(inputs.risk_ids[k] for k in r),
        scores=inputs.scores[a][:, r],
        assessed=inputs.assessed[a][:, r],
        maturity=inputs.maturity[a],
        weights=inputs.weights[r],
        tolerance=inputs.tolerance[r],
    )
    drawn = replace(
        random,
        scores=random.scores[:, r],
        maturity=random.maturity[:, a],
        weights=random.weights[:, r],
    )
    before, after = uncertainty.simulate(inputs, random), uncertainty.simulate(moved, drawn)
    np.testing.assert_allclose(after, before[:, a][:, :, r], rtol=1e-12)


@settings(deadline=None, max_examples=20)
@given(cases())
def test_labels_change_nothing(case):
    inputs, random = case
    named = replace(
        inputs,
        area_ids=tuple(f"place {k}" for k in inputs.area_ids),
        risk_ids=tuple(f"other {k}" for k in inputs.risk_ids),
    )
    scores = uncertainty.simulate(inputs, random)
    np.testing.assert_array_equal(uncertainty.simulate(named, random), scores)
    if len(inputs.risk_ids) >= 5:
        first, second = (uncertainty.chances(given, scores) for given in (inputs, named))
        np.testing.assert_array_equal(first.to_numpy(), second.to_numpy())


# The simulation of real areas


@pytest.fixture(scope="module")
def everywhere():
    """Return the inputs of all 21 areas, of which Surrey has an assessment."""
    views = [residual.view(area_id) for area_id in AREA_IDS]
    k = AREA_IDS.index("surrey")
    mine = assessed(scored("CLGR1", 2, 5, "low"), scored("CLGR9", 4, 4))
    views[k] = replace(views[k], dated=(mine,))
    return uncertainty.inputs(views)


def test_all_areas_at_once_are_equal_to_a_naive_loop(everywhere):
    random = uncertainty.draw(everywhere, 20, 1)
    np.testing.assert_allclose(
        uncertainty.simulate(everywhere, random), naive(everywhere, random), rtol=1e-12
    )
    assert everywhere.assessed.sum() == 2


def test_ten_thousand_draws_of_all_areas_take_less_than_a_second(everywhere):
    taken = []
    for _ in range(3):
        start = time.process_time()
        scores = uncertainty.simulate(everywhere, uncertainty.draw(everywhere, 10_000, 1))
        uncertainty.chances(everywhere, scores)
        taken.append(time.process_time() - start)
    assert scores.shape == (10_000, 21, 14)
    assert min(taken) < 1


def test_chances_are_shares_of_draws(everywhere):
    scores = uncertainty.simulate(everywhere, uncertainty.draw(everywhere, 200, 1))
    found = uncertainty.chances(everywhere, scores)
    for a, area_id in list(enumerate(AREA_IDS))[::5]:
        for r, risk in enumerate(RISKS):
            higher = (scores[:, a] > scores[:, a, r][:, None]).sum(axis=1)
            row = found.loc[(area_id, risk)]
            assert row["top_three"] == (higher < 3).mean()
            assert row["top_five"] == (higher < 5).mean()
            assert row["above_tolerance"] == (scores[:, a, r] > TOLERANCE[risk]).mean()
            assert 1 <= row["low"] <= row["mean"] <= row["high"] <= 25
    by_area = found.groupby("area_id")[["top_three", "top_five"]].sum()
    np.testing.assert_allclose(by_area["top_three"], 3)
    np.testing.assert_allclose(by_area["top_five"], 5)


def test_an_area_gets_the_same_whoever_else_is_asked_for():
    alone = uncertainty.one_area(residual.view("surrey"), 300, 5)
    among = beside.all_areas(residual.views(residual.view("surrey")), 300, 5)
    among = among.chances.loc["surrey"]
    np.testing.assert_allclose(alone[among.columns].to_numpy(float), among.to_numpy(float))
    again = uncertainty.one_area(residual.view("surrey"), 300, 5)
    pd.testing.assert_frame_equal(alone, again)
    other = uncertainty.one_area(residual.view("surrey"), 300, 6)
    assert (alone["low"] != other["low"]).all()


def test_the_order_of_the_tables_does_not_matter(data):
    before = uncertainty.one_area(residual.view("surrey"), 300)
    for table in ("risks", "risk_appetite", "risk_maturity", "maturity_areas"):
        write(table, data, rows(table)[::-1])
    after = uncertainty.one_area(residual.view("surrey"), 300).loc[before.index]
    numbers = before.columns.drop("title")
    np.testing.assert_allclose(after[numbers].to_numpy(float), before[numbers].to_numpy(float))


def test_more_draws_do_not_move_the_shares_beyond_their_error():
    small = uncertainty.one_area(residual.view("surrey"), 2_000, 1)
    large = uncertainty.one_area(residual.view("surrey"), 20_000, 2)
    error = 4 * np.hypot(small["standard_error"], large["standard_error"])
    for column in ("top_three", "top_five", "above_tolerance"):
        assert ((small[column] - large[column]).abs() < error).all()


@pytest.mark.parametrize("draws", [0, -1])
def test_no_draws_are_refused(draws):
    with pytest.raises(ValueError, match=f"draws must be at least 1, not {draws}"):
        uncertainty.one_area(residual.view("surrey"), draws)


# One mean, and differences judged as differences


def test_the_score_that_a_draw_moves_keeps_its_mean():
    low, stated, high = residual.spread(5, 5, "score_shift")
    assert (low.tolist(), stated.tolist(), high.tolist()) == ([4, 4], [5, 5], [6, 6])
    given_inputs = uncertainty.inputs(
        [seen(assessed(scored("CLGR1", 5, 5), scored("CLGR2", 1, 1)))]
    )
    drawn = uncertainty.simulate(given_inputs, uncertainty.draw(given_inputs, 40_000, 1))[:, 0]
    assert drawn[:, 0].mean() == pytest.approx(25, abs=0.1)
    assert drawn[:, 1].mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("area_id", ["leicestershire-leicester-rutland", "norfolk"])
def test_two_charts_of_one_area_show_one_mean(area_id):
    view = residual.view(area_id)
    found = beside.all_areas([view], 20_000, 1)
    shown = found.overall.loc[area_id, "mean"]
    assert uncertainty.tornado(view).attrs["base"] == pytest.approx(shown)
    assert found.chances["mean"].mean() == pytest.approx(shown)
    given_inputs = uncertainty.inputs([view])
    drawn = uncertainty.simulate(given_inputs, uncertainty.draw(given_inputs, 20_000, 1))
    assert drawn.mean() == pytest.approx(shown, abs=0.05)
    of = {"leicestershire-leicester-rutland": "16.8", "norfolk": "16.2"}[area_id]
    title = beside_charts.comparison(view, found).title
    nobody = "no area can be ranked, as nobody has assessed anything"
    assert title.endswith(f": mean what-if score {of}; {nobody}")
    assert f"The mean score is {of} " in residual_charts.tornado(view).alt


@settings(deadline=None, max_examples=20)
@given(cases())
def test_the_expected_score_is_the_mean_of_many_draws(case):
    given_inputs, _ = case
    drawn = uncertainty.simulate(given_inputs, uncertainty.draw(given_inputs, 4000, 3))
    error = drawn.std(axis=0) / math.sqrt(4000)
    assert (abs(drawn.mean(axis=0) - uncertainty.expected(given_inputs)) <= 5 * error + 1e-9).all()


def planted(*scores):
    """Return areas beside each other, of which each has the draws of its mean score given."""
    mean, ids = np.array(scores), [f"area {k}" for k in range(len(scores))]
    higher = [[(a > b).mean() + (a == b).mean() / 2 for b in mean] for a in mean]
    frame = pd.DataFrame(higher, ids, ids).rename_axis("area_id")
    return beside.Beside(pd.DataFrame(), pd.DataFrame(), frame, mean.shape[1])


def test_areas_whose_ranges_overlap_are_told_apart_by_their_difference():
    common = np.random.default_rng(1).normal(0, 10, 2000)
    found = beside.told_apart(planted(common, common + 0.1, common[::-1]))
    assert found["apart"].tolist() == [True, False, False]
    assert found.loc[0, ["first", "second", "share"]].tolist() == ["area 1", "area 0", 1]
    assert found["corrected"].tolist() == [True, False, False]


def test_equal_areas_are_not_told_apart():
    same = np.ones(100)
    found = beside.told_apart(planted(same, same))
    assert found["share"].tolist() == [0.5]
    assert not found["apart"].any()


def test_all_pairs_counted_leave_fewer_than_each_alone():
    generator = np.random.default_rng(2)
    some = [generator.normal(0.5 * k, 1, 3000) for k in range(15)]
    found = beside.told_apart(planted(*some))
    assert 0 < found["corrected"].sum() < found["apart"].sum() < len(found)


def test_the_national_register_judges_pairs_by_their_own_difference():
    found = beside.all_areas(residual.views())
    pairs, overall = beside.told_apart(found), found.overall
    assert len(pairs) == 210
    assert (pairs["apart"].sum(), pairs["corrected"].sum()) == (33, 1)
    first = overall["mean"].idxmax()
    assert first == "staffordshire-stoke"
    assert pairs.loc[pairs["first"] == first, "apart"].sum() == 6
    # Ranges of the areas alone would have told nobody apart from it.
    assert not (overall["high"] < overall.loc[first, "low"]).any()
    assert overall.loc[first, ["best_rank", "worst_rank"]].tolist() == [1, 10]
    said = residual_words.all_areas(found)
    assert said[0] == (
        "What if full maturity took away 30% to 60% of a score? That share is assumed. From area "
        "to area the mean score would be 15.1 to 18.5, and in nine draws of ten that of any one "
        "would lie within 5.1 points. No area can be ranked, as nobody has assessed anything."
    )
    assert "33 of 210 pairs differ one way in at least 95% of draws." in said[1]
    assert "1 is left when all are counted (Holm's correction)" in said[1]
    assert "CLGR4 and CLGR5 would be above tolerance in any area" in said[2]
    assert not any(name in " ".join(said) for name in overall["name"])


def test_a_what_if_ranks_no_area():
    # Leicestershire: "mean what-if score 16.8, rank 2 to 21 of 21".
    views, view = residual.views(), residual.view("leicestershire-leicester-rutland")
    found = beside.all_areas(views, 300, 1)
    drawn = beside_charts.comparison(view, found)
    names = [areas.get(area_id).name for area_id in areas.ids()]
    assert "rank " not in drawn.title
    assert drawn.table.frame["name"].tolist() == sorted(names)
    assert not {"best_rank", "worst_rank"} & {*drawn.table.frame}
    assert drawn.alt.startswith("Areas by name: ")
    assert beside_charts.all_areas(found).table.frame["area"].tolist() == sorted(names)
    assert not any("rank" in column for column in tables.ranges(views, found.overall))


def test_areas_that_all_scored_all_risks_are_ranked():
    high = seen(assessed(*(scored(risk, 5, 5) for risk in RISKS)))
    low = replace(
        seen(assessed(*(scored(risk, 1, 1) for risk in RISKS))), area=areas.get("norfolk")
    )
    found = beside.all_areas([low, high], 300, 1)
    assert beside_charts.comparison(high, found).title.endswith(
        "rank 1 of 2 in nine draws of ten; told apart from 1 of the other 1 areas"
    )
    assert found.overall.loc["surrey", "mean"] > found.overall.loc["norfolk", "mean"]
    assert beside_charts.comparison(low, found).table.frame["name"].tolist() == [
        "Surrey",
        "Norfolk",
    ]
    assert tables.ranges([low, high], found.overall)["rank, in nine draws of ten"].tolist() == [
        "2",
        "1",
    ]
    partly = beside.all_areas([residual.view("norfolk"), high], 300, 1)
    assert "as not every area has scored every risk" in beside_charts.comparison(high, partly).title


def test_levels_that_ties_forbid_had_told_most_areas_apart(monkeypatch):
    # With the levels that 147 tied authorities had: 16 of 20, and 84 of 210 pairs.
    none = pd.Series(dtype=int)
    none.attrs["authorities"] = {}
    monkeypatch.setattr(maturity, "ties", lambda: none)
    pairs = beside.told_apart(beside.all_areas(residual.views()))
    first = pairs.loc[pairs["apart"], "first"].mode()[0]
    assert (pairs.loc[pairs["first"] == first, "apart"].sum(), pairs["apart"].sum()) == (16, 84)


def test_ranks_and_pairs_come_from_the_same_draws():
    views = [residual.view(area_id) for area_id in THREE]
    found = beside.all_areas(views, 400, 1)
    given_inputs = uncertainty.inputs(views)
    mean = uncertainty.simulate(given_inputs, uncertainty.draw(given_inputs, 400, 1)).mean(axis=-1)
    for a, one in enumerate(THREE):
        ranks = sorted(1 + sum(other > draw[a] for other in draw) for draw in mean)
        assert found.overall.loc[one, "best_rank"] == ranks[20]
        assert found.overall.loc[one, "worst_rank"] == ranks[379]
        for b, other in enumerate(THREE):
            if a != b:
                share = (mean[:, a] > mean[:, b]).mean()
                assert found.higher.loc[one, other] == pytest.approx(share)


# Nothing assessed: a what-if, and never a headline


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_where_nobody_scored_a_risk_all_is_a_what_if(area_id):
    view = residual.view(area_id)
    assert residual_charts.register(view).title.endswith(
        ": officers scored none of 14 risks; what is shown is a what-if, no finding"
    )
    assert "mean what-if score" in residual_charts.tornado(view).title
    said = residual_words.residual(view)
    assert "no residual risk is known" in said[0]
    assert "Of the 12 risks other than CLGR4 and CLGR5 without a score, " in said[1]
    assert said[1].startswith("What if ")
    assert said[1].endswith("This is a what-if and no finding about the area.")
    assert residual_words.next_actions(view)[0].startswith("In the what-if, the gap ")
    shown = tables.residual(view).set_index("risk")
    assert shown["residual"].str.startswith("what if: ").all()
    assert set(shown["how it is known"]) == {"not yet assessed"}
    assert shown["against tolerance"].str.startswith("what if: ").all()
    for risk in ("CLGR4", "CLGR5"):
        assert shown.loc[risk, "against tolerance"] == "what if: above by arithmetic, no finding"


def test_what_was_scored_is_counted_apart_from_the_what_if():
    view = seen(assessed(scored("CLGR1", 5, 5), scored("CLGR4", 1, 1), scored("CLGR5", 2, 4)))
    said = residual_words.residual(view)
    assert said[1] == (
        "Against tolerances that are assumed, of the risks that officers scored 1 is above, 1 may "
        "be above and 1 is within. A risk is above or within only where its whole range is."
    )
    assert "Of the 11 risks without a score, " in said[2]
    assert not any("arithmetic" in text for text in said)
    assert residual_charts.register(view).title == (
        "Surrey: of 3 risks that officers scored, on assumed tolerances 1 is above, 1 may be and 1 "
        "is within"
    )
    shown = tables.residual(view).set_index("risk")["against tolerance"]
    assert shown[["CLGR1", "CLGR4", "CLGR5"]].tolist() == ["above", "within", "may be above"]


def test_where_all_was_scored_there_is_no_what_if():
    view = seen(assessed(*(scored(risk, 1, 1) for risk in RISKS)))
    said = residual_words.residual(view)
    assert said[0] == "Officers have scored all 14 risks of Surrey."
    assert "none are above, none may be above and 14 are within" in said[1]
    assert len(said) == 2
    found = beside.all_areas([view], 50)
    assert residual_words.all_areas(found)[0].startswith("Surrey has the highest mean score, 1.0 (")


def test_two_assessments_without_a_change_say_so():
    one = assessed(scored("CLGR1", 3, 3))
    said = residual_words.residual(seen(one, replace(one, assessed_on=LATER)))[-1]
    assert said == "Between 1 May 2026 and 1 September 2026, no score or level went up or down."


def test_a_range_of_the_example_that_straddles_its_tolerance_may_be_above():
    view = residual.example()
    frame = view.register
    straddles = (frame["low"] <= frame["tolerance"]) & (frame["high"] > frame["tolerance"])
    assert set(frame.loc[straddles, "standing"]) == {"may be above"}
    row = frame[(frame["low"] == 3) & (frame["high"] == 15) & (frame["tolerance"] == 8)].iloc[0]
    shown = tables.residual(view).set_index("risk")
    assert shown.loc[row.name, "against tolerance"] == "may be above"
    assert residual_words.residual(view)[1].startswith(
        "Against tolerances that are assumed, of the risks that officers scored 3 are above, 7 may "
        "be above and none are within."
    )


def test_what_no_area_can_bring_within_tolerance_is_arithmetic():
    assert residual.never_within() == [
        risk for risk in RISKS if SOURCE[risk] * (1 - 0.6) > TOLERANCE[risk] + 1e-9
    ]
    assert residual.never_within() == ["CLGR4", "CLGR5"]
    found = beside.all_areas([residual.view("surrey")], 200)
    title = beside_charts.all_areas(found).title
    assert title.startswith("What-if on assumed tolerances: ")
    assert "of 12 risks would be above" in title
    assert "CLGR4 and CLGR5 by arithmetic alone" in title


def test_only_published_assessments_reach_pages_of_all_areas(data, monkeypatch):
    monkeypatch.setattr(areas, "ids", lambda: ["norfolk", "surrey"])
    put(data, assessed(scored("CLGR1", 1, 1)))
    assert beside.all_areas(residual.views(), 10).overall.loc["surrey", "assessed"] == 0
    assert (
        beside.all_areas(residual.views(residual.view("surrey")), 10).overall.loc[
            "surrey", "assessed"
        ]
        == 1
    )
    put(data, assessed(scored("CLGR2", 1, 1), on=LATER, publish=True))
    found = beside.all_areas(residual.views(), 10).overall
    assert found["assessed"].sum() == found.loc["surrey", "assessed"] == 1
    shown = tables.ranges(residual.views(), found).set_index("area").loc["Surrey"]
    assert shown["layer"] == "1 risk assessed"
    assert shown["CLGR2"] == "1"
    assert " to " in shown["CLGR1"]


def test_the_range_of_k_is_an_assumption_that_can_be_edited(data):
    edit(
        "assumptions",
        data,
        lambda r: r["assumption_id"] == "residual_k",
        value="0",
        low="0",
        high="0",
    )
    found = residual.register(residual.view("surrey"))
    assert found["low"].tolist() == found["high"].tolist() == found["inherent"].tolist()


# The tornado


@pytest.mark.parametrize(
    "view", [seen(), seen(assessed(scored("CLGR1", 2, 3), levels=[("M3", 2)]))]
)
def test_the_tornado_moves_one_input_at_a_time(view):
    found = uncertainty.tornado(view)
    inputs = uncertainty.inputs([view])
    swing = found["swing"].tolist()
    assert swing == sorted(swing, reverse=True)
    assert len(found) == 1 + 7 + 14
    # Triangular draws reach the ends of a range at 0 and 1; a fixed range leaves an input alone.
    middle = inputs.maturity.mean(axis=-1, keepdims=True).repeat(2, axis=-1)
    fixed = inputs.scores[..., 1:2].repeat(3, axis=-1)
    still = replace(inputs, maturity=middle, scores=fixed, k=(inputs.k[1],) * 3)

    def overall(given, end):
        ends = Uniforms(
            scores=np.full((1, 14, 2), end),
            maturity=np.full((1, 1, 7), end),
            weights=inputs.weights[None],
            k=np.full(1, end),
        )
        return naive(given, ends).mean()

    assert found.attrs["base"] == pytest.approx(overall(still, 0.0))
    named = found.set_index("what")
    moved = {"Share of a score that full maturity takes away (k)": replace(still, k=inputs.k)}
    for m, name in enumerate(view.maturity["name"]):
        spans = middle.copy()
        spans[:, m] = inputs.maturity[:, m]
        moved[name] = replace(still, maturity=spans)
    for r, risk in enumerate(RISKS):
        scores = fixed.copy()
        scores[:, r] = np.clip(inputs.scores[:, r], 1, 5)  # shown at the ends of the scale
        moved[f"{risk} likelihood and impact"] = replace(still, scores=scores)
    for what, given_inputs in moved.items():
        for column, end in (("at_low", 0.0), ("at_high", 1.0)):
            assert named.loc[what, column] == pytest.approx(overall(given_inputs, end)), what


# Movement


def test_movement_compares_the_two_latest_assessments():
    oldest = assessed(scored("CLGR3", 1, 1), on=date(2026, 1, 1))
    first = assessed(
        scored("CLGR1", 5, 5), scored("CLGR2", 4, 4), levels=[("M3", 1)], lessons=[("A1", "not")]
    )
    second = assessed(
        scored("CLGR1", 3, 5),
        scored("CLGR4", 2, 2),
        on=LATER,
        levels=[("M3", 2)],
        lessons=[("A1", "done")],
    )
    found = residual.movement(seen(oldest, first, second)).set_index("item")
    changes = {key.split()[0]: row["change"] for key, row in found.iterrows()}
    assert changes == {
        "CLGR1": "down 10",
        "CLGR2": "not assessed again",
        "CLGR4": "newly assessed",
        "M3": "up 1",
        "A1": "not to done",
    }
    same = residual.movement(seen(first, replace(first, assessed_on=LATER)))
    assert set(same["change"]) == {"no change"}
    said = residual_words.residual(seen(first, second))[-1]
    assert said == (
        "Between 1 May 2026 and 1 September 2026, 1 of the scores and levels went up and 1 went "
        "down."
    )


def test_one_assessment_does_not_move():
    assert residual.movement(seen(assessed(scored("CLGR1", 1, 1)))).empty
    assert tables.movement(seen()).loc[0, "item"].startswith("fewer than two")


def test_the_words_give_the_reason_of_a_score_above_the_source():
    view = seen(assessed(scored("CLGR6", 5, 5, why_above="a team resigned")))
    said = residual_words.residual(view)
    assert said[0] == "Officers have scored 1 of 14 risks of Surrey."
    assert any(
        s == "CLGR6 is assessed above the source (25 against 20); the reason given: a team resigned"
        for s in said
    )
    said = residual_words.residual(seen())
    assert said[0].startswith("Officers have scored none of the 14 risks of Surrey, ")
    assert "so no residual risk is known" in said[0]
    assert said[1].startswith("What if full maturity took away 30% to 60% of a score?")


def test_what_officers_wrote_is_shown_and_nothing_else():
    view = seen(assessed(scored("CLGR2", 1, 1, controls="a list", treatment="treat")))
    (row,) = tables.recorded(view).to_dict("records")
    assert row == {
        "risk": "CLGR2",
        "assessed on": "1 May 2026",
        "controls": "a list",
        "evidence": "minutes",
        "strength of knowledge": "medium",
        "treatment": "treat",
        "further actions": "–",
    }
    assert tables.recorded(seen())["risk"].tolist() == ["not yet assessed"]


# Gaps and actions


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_gaps_share_out_all_points_above_tolerance(area_id):
    view = residual.view(area_id)
    found, points = gaps.gaps(view), gaps.above_tolerance(view)
    top = view.maturity["level_low"].eq(4).fillna(False)
    for area, row in found.iterrows():
        borne = sum(points[risk] * WEIGHTS[risk].get(area, 0) for risk in RISKS)
        assert row["points"] == pytest.approx(0 if top[area] else borne)
        level = view.maturity.loc[area, "level_low"]
        assert pd.isna(row["next_level"]) == (pd.isna(level) or level == 4)
        driven = [told.split()[0] for told in row["risks"].split(", ")]
        assert set(driven) == {risk for risk in RISKS if area in WEIGHTS[risk]}
    if not top.any():
        assert found["points"].sum() == pytest.approx(points.sum())


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_every_action_traces_to_a_gap(area_id):
    view = residual.view(area_id)
    found = gaps.actions(view)
    assert 1 <= len(found) <= 5
    assert found["points"].is_monotonic_decreasing
    descriptors = {row["descriptor"].casefold() for row in rows("maturity_descriptors")}
    names = {row["name"] for row in rows("maturity_areas")}
    for row in found.itertuples():
        assert row.because.startswith("gap: ")
        assert any(row.because.startswith(f"gap: {name}") for name in names)
        assert row.action.startswith("Assess ") or any(
            row.action.casefold().endswith(told) for told in descriptors
        )
        assert row.lessons == ""


def test_a_lesson_that_is_not_done_becomes_an_action():
    levels = dict.fromkeys(maturity.coverage(), (4, 4))
    lessons = [("A5", "not"), ("D5", "partly"), ("D2", "done"), ("D3", "unknown")]
    view = seen(assessed(lessons=lessons), levels=levels)
    found = gaps.actions(view).set_index("lessons")
    assert found.index.tolist() == ["D5", "A5"]
    points = gaps.above_tolerance(view)
    bearing = [row["risk_id"] for row in rows("lesson_risks")]
    mine = [row["risk_id"] for row in rows("lesson_risks") if row["lesson_id"] == "D5"]
    expected = 0.5 * sum(points[risk] / bearing.count(risk) for risk in mine)
    assert found.loc["D5", "points"] == pytest.approx(expected)
    assert found.loc["A5", "because"] == "lesson A5: officers recorded “not”"


def test_nothing_above_tolerance_asks_for_nothing():
    view = seen(assessed(*(scored(risk, 1, 1) for risk in RISKS)))
    assert gaps.actions(view).empty
    assert residual_words.next_actions(view) == [
        "No gap or open lesson of Surrey bears on a risk above tolerance."
    ]


def test_what_nobody_knows_is_to_be_assessed_and_is_not_level_1():
    found = tables.to_next_level(seen(levels={"M1": (4, 4)})).set_index("area")
    assert found.loc["Inspection outcomes", "what the next level asks"] == "at the highest level"
    assert found.loc["Workforce stability", "what the next level asks"] == "assess it first"
    assert found.loc["Workforce stability", "level now"].startswith("nobody has assessed it")


# What the option changes


def measured_of(area_id):
    """Return what a model says of the first proposal of an area, and nothing of the others."""
    bid = next(row["proposal_id"] for row in rows("proposals") if row["area_id"] == area_id)
    columns = ["proposal_id", "place", "metric", "label", "text"]
    known = [[None, 0, "icb_links", "links", "3"], [bid, 1, "icb_links", "links", "5"]]
    return pd.DataFrame(known, columns=columns)


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_every_risk_has_a_driver_or_says_that_no_model_touches_it(area_id):
    found = drivers.table(divisions.of(area_id), measured_of(area_id))
    assert list(dict.fromkeys(found["risk"])) == RISKS
    touched = {row["risk_id"] for row in rows("risk_drivers")}
    bare = found["what the option changes"] == drivers.UNTOUCHED
    assert set(found.loc[~bare, "risk"]) == touched
    assert set(found.loc[bare, "risk"]) == set(RISKS) - touched
    assert found.notna().all(axis=None)
    bids = [row for row in rows("proposals") if row["area_id"] == area_id]
    assert len(found.columns) == 5 + len({bid["proposal_name"] for bid in bids})
    first = found.set_index("risk").loc["CLGR1"]
    for bid in bids:
        chosen = decisions.get(area_id).chosen_proposal_id == bid["proposal_id"]
        name = bid["proposal_name"] + (" (decided)" if chosen else "")
        assert first[name] == str(2 * int(bid["n_unitaries"]))
    assert first["today"] == str(2 * len(areas.authorities(area_id)))


def test_the_drivers_of_surrey():
    found = drivers.table(divisions.of("surrey"), measured_of("surrey")).set_index("risk")
    two, three = (c for c in found.columns if "unitaries" in c)
    assert two.endswith("(decided)")
    assert found.loc["CLGR2", ["today", two, three]].tolist() == ["1", "2", "3"]
    assert set(found.loc["CLGR3", two]) == {"not computable"}
    assert found.loc["CLGR5", "today"] == "Surrey 35%"
    assert found.loc["CLGR12", "note"] == (
        "deadline 31 March 2027; first elections (7 May 2026) come before it, and vesting day "
        "(1 April 2027) 1 day later"
    )
    sentences = words.changes(found.reset_index())
    assert sentences[0].startswith(
        "The proposals differ in what they change for CLGR1, CLGR2 and CLGR9. "
    )
    assert sentences[1].startswith("No model touches CLGR4, CLGR6, ")


def test_a_metric_of_a_model_is_shown_for_the_proposals_that_it_measured():
    area_id = "hampshire-iow-portsmouth-southampton"
    here, measured = divisions.of(area_id), measured_of(area_id)
    found = drivers.of_metric("icb_links", here, measured)
    first, *others = (proposal.proposal_id for proposal in here.proposals)
    assert (found.today, found.note) == ("3", "links")
    assert found.options == {first: "5", **dict.fromkeys(others, "not computable")}
    assert drivers.of_metric("no such metric", here, measured).today == "–"


def test_every_metric_of_a_driver_is_measured_by_a_model():
    here = divisions.of("surrey")
    found = drivers.table(here, comparison.measured(here).table)
    touched = found[found["what the option changes"] != drivers.UNTOUCHED]
    modelled = touched[touched["risk"].isin(["CLGR3", "CLGR11", "CLGR13"])]
    assert len(modelled) == 6
    assert not modelled.isin(["not computable", ""]).any(axis=None)
    assert not modelled["today"].eq("–").all()


# Figures and pages


@pytest.mark.parametrize("area_id", THREE)
def test_every_figure_says_in_words_what_it_shows(area_id):
    view = residual.view(area_id)
    found = beside.all_areas(residual.views(view), 50)
    figures = [
        residual_charts.register(view),
        residual_charts.tornado(view),
        beside_charts.comparison(view, found),
        residual_charts.matrix(view),
        beside_charts.all_areas(found),
    ]
    assert len({figure.title for figure in figures}) == len(figures)
    assert len({figure.table.caption for figure in figures}) == len(figures)
    for figure in figures[:4]:
        assert areas.get(area_id).name in figure.title
        assert "xample" not in figure.title
    assert all(risk in figures[0].alt for risk in RISKS)
    assert all(name in figures[3].alt for name in view.maturity["name"])
    assert not any("nan" in figure.alt.split() for figure in figures)
    assert "No area has published" in residual_words.all_areas(found)[-1]


def test_the_two_layers_of_the_matrix_are_drawn_apart():
    view = replace(seen(assessed(levels=[("M3", 2)])), computed=maturity.computed("surrey"))
    drawn = residual_charts.matrix(view)
    axes = drawn.picture.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("★ assessed") == 1
    assert texts.count("Surrey") == 4
    assert sum(text.startswith("no level, as many tie") for text in texts) == 2
    assert len(axes.patches) == 1
    assert "Workforce stability: computed level 2 (Surrey); assessed level 2" in drawn.alt


def test_every_figure_of_an_example_carries_its_banner():
    view = residual.example()
    for figure in (
        residual_charts.register(view),
        residual_charts.tornado(view),
        residual_charts.matrix(view),
    ):
        assert figure.title.startswith("Example, not a real area: ")
        assert figure.table.caption.startswith("Example, not a real area: ")
        assert "EXAMPLE, NOT A REAL AREA" in [text.get_text() for text in figure.picture.texts]
    assert residual_words.residual(view)[0].startswith("Example, not a real area: ")
    assert residual_words.next_actions(view)[0].startswith("Example, not a real area: ")


def test_a_sortable_table_is_the_same_table_with_a_mark():
    table = Table(tables.residual(seen()), "Risks of an area")
    plain_table, marked = (
        BeautifulSoup(one._repr_html_(), "html.parser") for one in (table, table.sortable())
    )
    assert marked.select_one(".table.sortable") is not None
    assert plain_table.select_one(".sortable") is None
    assert marked.table == plain_table.table
    assert len(marked.find_all("tr")) == 15
    assert repr(table.sortable()) == repr(table)


def test_exposures_of_all_areas_leave_out_what_ranks_nobody(monkeypatch):
    monkeypatch.setattr(areas, "ids", lambda: ["norfolk", "surrey"])
    found = tables.exposures()
    assert found["area"].tolist() == ["Norfolk", "Surrey"]
    # Too many authorities share one value on CLGR9 and CLGR13.
    ranked = {row["risk_id"] for row in rows("risk_indicators")} - {"CLGR9", "CLGR13"}
    assert list(found.columns[1:]) == [risk for risk in RISKS if risk in ranked]
