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
    drivers,
    gaps,
    maturity,
    residual,
    residual_charts,
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
    computed = pd.DataFrame(rows, columns=["maturity_area_id", "level"])
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
    levels = maturity.computed(area_id).dropna(subset=["level"])
    for risk in RISKS:
        least = most = 0.0
        for area, weight in WEIGHTS[risk].items():
            mine = levels.loc[levels["maturity_area_id"] == area, "level"]
            least += weight * ((mine.min() - 1) / 4 if len(mine) else 0)
            most += weight * (mine.max() / 4 if len(mine) else 1)
        row = found.loc[risk]
        assert row["inherent"] == SOURCE[risk]
        assert row["low"] == pytest.approx(SOURCE[risk] * (1 - 0.6 * most))
        assert row["high"] == pytest.approx(SOURCE[risk] * (1 - 0.3 * least))
        assert pd.isna(row["assessed"])
        assert row["basis"] == "implied"


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
    assert found.loc["CLGR3", "basis"] == "implied"
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
    (said,) = [text for text in words.residual(view) if "arithmetic and no finding" in text]
    assert said.startswith("CLGR4 and CLGR5 are above whatever the area does")
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
            assert row["low"] <= row["median"] <= row["high"]
    by_area = found.groupby("area_id")[["top_three", "top_five"]].sum()
    np.testing.assert_allclose(by_area["top_three"], 3)
    np.testing.assert_allclose(by_area["top_five"], 5)


def test_an_area_gets_the_same_whoever_else_is_asked_for():
    alone = uncertainty.one_area(residual.view("surrey"), 300, 5)
    among = uncertainty.all_areas(residual.views(residual.view("surrey")), 300, 5)[0].loc["surrey"]
    np.testing.assert_allclose(alone[among.columns].to_numpy(float), among.to_numpy(float))
    again = uncertainty.one_area(residual.view("surrey"), 300, 5)
    pd.testing.assert_frame_equal(alone, again)
    other = uncertainty.one_area(residual.view("surrey"), 300, 6)
    assert (alone["median"] != other["median"]).all()


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


def test_only_published_assessments_reach_pages_of_all_areas(data, monkeypatch):
    monkeypatch.setattr(areas, "ids", lambda: ["norfolk", "surrey"])
    put(data, assessed(scored("CLGR1", 1, 1)))
    assert uncertainty.all_areas(residual.views(), 10)[1].loc["surrey", "assessed"] == 0
    assert (
        uncertainty.all_areas(residual.views(residual.view("surrey")), 10)[1].loc[
            "surrey", "assessed"
        ]
        == 1
    )
    put(data, assessed(scored("CLGR2", 1, 1), on=LATER, publish=True))
    found = uncertainty.all_areas(residual.views(), 10)[1]
    assert found["assessed"].sum() == found.loc["surrey", "assessed"] == 1
    shown = tables.ranges(residual.views(), found).set_index("area").loc["Surrey"]
    assert shown["layer"] == "1 risk assessed"
    assert shown["CLGR2"] == "1"
    assert " to " in shown["CLGR1"]


def test_the_range_of_k_is_an_assumption_that_can_be_edited(data):
    edit("assumptions", data, lambda r: r["assumption_id"] == "residual_k", low="0", high="0")
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
        scores[:, r] = inputs.scores[:, r]
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
    said = words.residual(seen(first, second))[-1]
    assert said == (
        "Between 1 May 2026 and 1 September 2026, 1 of the scores and levels went up and 1 went "
        "down."
    )


def test_one_assessment_does_not_move():
    assert residual.movement(seen(assessed(scored("CLGR1", 1, 1)))).empty
    assert tables.movement(seen()).loc[0, "item"].startswith("fewer than two")


def test_the_words_give_the_reason_of_a_score_above_the_source():
    view = seen(assessed(scored("CLGR6", 5, 5, why_above="a team resigned")))
    said = words.residual(view)
    assert said[0].startswith("Officers have scored 1 of 14 risks of Surrey. ")
    assert "CLGR6 is assessed above the source (25 against 20); the reason given: a team" in said[3]
    said = words.residual(seen())
    assert said[0].startswith("Officers have scored none of the 14 risks of Surrey. ")
    assert "takes away 30% to 60% of a score" in said[0]


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
    assert words.next_actions(view) == [
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
    found, overall = uncertainty.all_areas(residual.views(view), 50)
    figures = [
        residual_charts.register(view),
        residual_charts.tornado(view),
        residual_charts.comparison(view, overall),
        residual_charts.matrix(view),
        residual_charts.all_areas(found, overall),
    ]
    assert len({figure.title for figure in figures}) == len(figures)
    assert len({figure.table.caption for figure in figures}) == len(figures)
    for figure in figures[:4]:
        assert areas.get(area_id).name in figure.title
        assert "xample" not in figure.title
    assert all(risk in figures[0].alt for risk in RISKS)
    assert all(name in figures[3].alt for name in view.maturity["name"])
    assert not any("nan" in figure.alt.split() for figure in figures)
    assert "No area has published" in words.all_areas(found, overall)[-1]


def test_the_two_layers_of_the_matrix_are_drawn_apart():
    view = replace(seen(assessed(levels=[("M3", 2)])), computed=maturity.computed("surrey"))
    drawn = residual_charts.matrix(view)
    axes = drawn.picture.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("★ assessed") == 1
    assert texts.count("Surrey") == 6
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
    assert words.residual(view)[0].startswith("Example, not a real area: ")
    assert words.next_actions(view)[0].startswith("Example, not a real area: ")


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


def test_exposures_of_all_areas_leave_out_what_no_indicator_touches(monkeypatch):
    monkeypatch.setattr(areas, "ids", lambda: ["norfolk", "surrey"])
    found = tables.exposures()
    assert found["area"].tolist() == ["Norfolk", "Surrey"]
    touched = {row["risk_id"] for row in rows("risk_indicators")}
    assert list(found.columns[1:]) == [risk for risk in RISKS if risk in touched]
