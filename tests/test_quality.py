"""Service quality: judgements, models of the chance of Good, and what sizes of options go with."""

from dataclasses import replace

import numpy as np
import pandas as pd
import plain
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit, logit
from statsmodels.datasets import spector

from lgr_report.chapters import quality
from lgr_report.chapters.quality import chances, charts, claims, fits, judgements, words
from lgr_report.chapters.quality import divisions as sizes
from lgr_report.chapters.quality.chances import LINEAR, LOGIT, MODELS, ORDERED, REDUCED, SIZE, WHOLE
from lgr_report.core import demand, divisions, findings, proposals, regression
from lgr_report.core.metrics import today
from lgr_report.sources import areas, tables
from lgr_report.sources.dates import day_of

BARE = "deprivation and income"
GOOD = {"Good", "Outstanding"}


@pytest.fixture(scope="module")
def estimated():
    return demand.estimate(draws=5)


@pytest.fixture(scope="module")
def every_effect():
    return quality.national().effects


@pytest.fixture(scope="module")
def models():
    return fits.models()


def made_up(size, outcome, **columns):
    """Authorities of one class and two regions, with controls that do nothing."""
    n = len(size)
    generator = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "la_class": "unitary",
            "region": np.where(np.arange(n) % 2, "East", "West"),
            SIZE: np.asarray(size, dtype=float),
            "deprivation": generator.normal(20, 5, n),
            "median_income": generator.normal(33, 4, n),
            "good": np.asarray(outcome, dtype=float),
            "level": np.where(outcome, 2, 1),
        }
        | columns
    )


# Judgements


def test_counties_by_hand_and_the_published_figure():
    counties = {r["gss_code"] for r in plain.rows("upper_tier") if r["la_class"] == "county"}
    judged = {r["gss_code"]: r["overall"] for r in plain.rows("ofsted_judgements")}
    by_hand = sum(judged[code] in GOOD for code in counties)
    found = judgements.counties()
    assert by_hand == found["good"].sum() == 15
    published = {r["finding_id"]: float(r["value"]) for r in plain.rows("published_findings")}
    then = judgements.counties(day_of(judgements.PUBLISHED_ON))
    assert published["QU01"] == then["good"].sum() == 16
    assert published["QU02"] == len(counties) == len(found) == 21
    assert set(found["gss_code"]) == {areas.get(area_id).county_gss for area_id in areas.ids()}


def test_a_later_judgement_counts_from_the_day_it_was_public():
    changes = judgements.changed()
    for change in changes.itertuples():
        eve = change.public_by - pd.Timedelta(days=1)
        for day, expected in ((eve, change.before), (change.public_by, change.after)):
            found = judgements.counties(day).set_index("authority_name")
            assert found.loc[change.authority_name, "overall"] == expected


def test_quarters_by_hand():
    judged = {r["gss_code"]: r["overall"] for r in plain.rows("ofsted_judgements")}
    size = {
        r["gss_code"]: float(r["value"])
        for r in plain.rows("upper_tier_indicators")
        if r["indicator"] == "population"
    }
    order = sorted(size, key=size.get)
    table = judgements.quarters().query("among == 'all authorities'")
    start = 0
    for row in table.itertuples():
        mine = order[start : start + row.authorities]
        start += row.authorities
        assert (row.smallest, row.largest) == (size[mine[0]], size[mine[-1]])
        assert row.good == sum(judged[code] in GOOD for code in mine)
        assert row.outstanding == sum(judged[code] == "Outstanding" for code in mine)
        # Wilson, as the textbook writes it.
        n, p, z = row.authorities, row.good / row.authorities, stats.norm.ppf(0.975)
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
        assert (row.good_low, row.good_high) == pytest.approx((middle - half, middle + half))
    assert start == len(order) == 153


def test_an_unknown_judgement_is_refused():
    with pytest.raises(ValueError, match=r"no judgement 'adoption': overall, leaders_impact"):
        judgements.judged("adoption")


def test_who_was_not_judged_is_left_out_and_not_failed():
    unjudged = [r["gss_code"] for r in plain.rows("ofsted_judgements") if not r["care_leavers"]]
    frame = judgements.judged("care_leavers")
    assert len(frame) == 153 - len(unjudged)
    assert not frame.index.isin(unjudged).any()


# Models, against known values and independent implementations


@pytest.fixture(scope="module")
def students():
    """Spector and Mazzeo's students, in the columns that models here know."""
    data = spector.load_pandas().data
    names = {"GPA": SIZE, "TUCE": "deprivation", "PSI": "median_income", "GRADE": "good"}
    frame = data.rename(columns=names).assign(la_class="unitary", region="one")
    return frame.assign(level=np.where(frame["good"] == 1, 2, 1))


def test_a_published_teaching_data_set_gives_its_known_values(students):
    # Greene, Econometric Analysis: logit and linear probability on these 32 students.
    found = chances.fit(LOGIT, students, controls=BARE)
    np.testing.assert_allclose(found.parameters, [-13.02135, 2.82611, 0.09516, 2.37869], atol=1e-5)
    errors = np.sqrt(np.diag(found.covariance))
    np.testing.assert_allclose(errors, [4.93132, 1.26294, 0.14155, 1.06456], atol=1e-5)
    linear = chances.fit(LINEAR, students, controls=BARE)
    np.testing.assert_allclose(linear.parameters, [-1.49802, 0.46385, 0.01050, 0.37855], atol=1e-5)


def test_an_ordered_logit_of_two_grades_is_a_logit(students):
    ordered, plain_logit = (chances.fit(n, students, controls=BARE) for n in (ORDERED, LOGIT))
    np.testing.assert_allclose(ordered.parameters, plain_logit.parameters, rtol=1e-3, atol=1e-3)
    a, b = ordered.halved(), plain_logit.halved()
    assert (a.value, a.error) == pytest.approx((b.value, b.error), rel=1e-3)


@pytest.mark.parametrize(
    "cells", [(5, 7, 9, 3), (1, 12, 6, 6), (0, 8, 5, 4), (6, 2, 10, 0), (0, 9, 9, 0)]
)
def test_bias_reduction_adds_half_to_each_cell_of_a_table(cells):
    # Known for a saturated logit; an empty cell separates, and the estimate stays finite.
    yes_0, no_0, yes_1, no_1 = cells
    frame = made_up(np.repeat([0, 0, 1, 1], cells), np.repeat([1, 0, 1, 0], cells))
    found = chances.fit(REDUCED, frame, controls="none")
    low = logit((yes_0 + 0.5) / (yes_0 + no_0 + 1))
    high = logit((yes_1 + 0.5) / (yes_1 + no_1 + 1))
    np.testing.assert_allclose(found.parameters, [low, high - low], atol=1e-5)
    assert (chances.fit(LOGIT, frame, controls="none").separated == ()) == (0 not in cells)


def test_linear_probability_by_normal_equations(models):
    frame = judgements.judged().dropna(subset=["median_income"])
    x = regression.design(frame, regression.CONTROLS).to_numpy()
    y = frame["good"].to_numpy()
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    weight = ((y - x @ beta) / (1 - leverage)) ** 2
    error = np.sqrt(np.diag(inverse @ (x.T * weight) @ x @ inverse))[1]
    found = models[LINEAR].halved()
    step = -100 * np.log(2)
    assert found.value == pytest.approx(step * beta[1])
    assert found.error == pytest.approx(-step * error)
    reach = stats.t.ppf(0.975, len(y) - x.shape[1]) * found.error
    assert (found.low, found.high) == pytest.approx((found.value - reach, found.value + reach))


def test_the_delta_method_by_hand(models):
    model = models[LOGIT]
    x = model.rows.to_numpy()
    moved = x.copy()
    moved[:, 1] -= np.log(2)
    before, after = expit(x @ model.parameters), expit(moved @ model.parameters)
    gradient = ((after * (1 - after))[:, None] * moved - (before * (1 - before))[:, None] * x).mean(
        0
    )
    found = model.halved()
    assert found.value == pytest.approx(100 * (after - before).mean())
    assert found.error == pytest.approx(
        100 * np.sqrt(gradient @ model.covariance @ gradient), rel=1e-6
    )


def test_a_simulated_effect_is_recovered_at_the_nominal_rate(models):
    frame = judgements.judged()
    true = models[REDUCED]
    parameters = true.parameters.copy()
    rows = true.rows.to_numpy()
    parameters[0] -= (0.8 - parameters[1]) * rows[:, 1].mean()
    parameters[1] = 0.8  # a clear effect of size, with as many Good as before
    half = rows.copy()
    half[:, 1] -= np.log(2)
    chance = expit(rows @ parameters)
    effect = 100 * (expit(half @ parameters) - chance).mean()
    generator, hits, runs = np.random.default_rng(4), 0, 120
    used = frame.loc[true.rows.index]
    for _ in range(runs):
        drawn = used.assign(good=(generator.random(len(used)) < chance).astype(float))
        found = chances.fit(REDUCED, drawn).halved()
        hits += found.low <= effect <= found.high
    assert stats.binomtest(hits, runs, 0.95).pvalue > 0.01


# Separation


def separating():
    """Forty authorities; in the East all are Good, in the West only chance decides."""
    generator = np.random.default_rng(3)
    east = np.arange(40) % 2 == 1
    good = np.where(east, 1, generator.random(40) < 0.5)
    return made_up(generator.normal(12, 1, 40), good)


def test_separation_is_found_named_and_only_the_bias_reduced_model_answers():
    frame = separating()
    found = {name: chances.fit(name, frame) for name in MODELS}
    assert "West" in found[LOGIT].separated
    for name in (LOGIT, ORDERED):
        assert np.isnan(found[name].halved().value)
    for name in (LINEAR, REDUCED):
        assert np.isfinite([found[name].halved().value, found[name].halved().error]).all()
    assert found[REDUCED].separated == ()


def test_a_third_grade_can_end_separation():
    # Good against worse separates; Outstanding against Good goes the other way, so that one slope
    # for all thresholds stays finite.
    frame = separating()
    frame["level"] = np.where(frame["region"] == "East", 2, frame["level"])
    frame.loc[frame.index[frame["region"] == "West"][:6], "level"] = 3
    rows = regression.design(frame, regression.CONTROLS)
    assert "West" in chances.separated(rows, frame["good"])
    assert chances.separated(rows, frame["level"]) == ()
    assert np.isfinite(chances.fit(ORDERED, frame).halved().value)


def test_no_fit_of_the_real_tables_is_lost_to_separation_unseen(every_effect):
    lost = every_effect["value"].isna()
    assert (every_effect["separated"] != "").equals(lost)
    assert every_effect.loc[~lost, ["low", "high", "p", "detectable"]].notna().all(axis=None)


# What the fits say


def test_every_judgement_sample_and_set_of_controls_is_there(every_effect):
    overall = every_effect[every_effect["judgement"] == "overall"]
    published = overall[overall["controls"] == chances.AS_PUBLISHED]
    assert set(published["sample"]) == set(regression.SAMPLES)
    assert set(every_effect["judgement"]) == set(judgements.JUDGEMENTS)
    assert set(overall["controls"]) == set(chances.CONTROLLED)
    assert (every_effect.groupby(["judgement", "sample", "controls"]).size() == len(MODELS)).all()


def test_what_can_be_detected_is_wider_than_the_interval(every_effect):
    half = (every_effect["high"] - every_effect["low"]) / 2
    assert (every_effect["detectable"] > half).all()


def test_the_words_name_separated_fits_and_none_as_none():
    nation = quality.national()
    every = nation.effects
    assert every["value"].notna().all()
    said = words.models(nation)[-1]
    assert said == f"All {len(every)} fits have an estimate: no predictor separates the outcomes."
    one = every.assign(
        value=every["value"].where(every.index != every.index[0]),
        separated=["West"] + [""] * (len(every) - 1),
    )
    said = words.models(replace(nation, effects=one))[-1]
    assert said.startswith(f"1 fit of {len(every)} has no maximum likelihood estimate")
    assert said.endswith("separates the outcomes (West).")


def test_forms_agree_with_the_main_model(models):
    table = fits.forms().set_index(["outcome", "size", "sample", "region"])
    row = table.loc[(fits.CHANCE, "log population", WHOLE, True)]
    main = models[LINEAR].halved()
    assert row[["value", "low", "high", "p"]].tolist() == pytest.approx(
        [main.value, main.low, main.high, main.p]
    )
    # What the documentation says of the form that page 66 suggests.
    score = table.loc[(fits.SCORE, "population", WHOLE, True)]
    assert (score["high"] < 0) == (score["p"] < 0.05)


@given(st.floats(0.01, 2), st.sampled_from((-1, 1)), st.sampled_from(MODELS))
@settings(max_examples=30, deadline=None)
def test_a_step_moves_the_chance_as_its_slope_says(models, length, sign, name):
    step = sign * length
    model = models[name]
    slope = model.parameters[model.rows.columns.get_loc(SIZE)]
    there = model.change(model.rows, step)
    assert np.sign(there.value) == np.sign(step * slope)
    assert there.low <= there.value <= there.high
    if name != LINEAR:
        chance = model.probability(model.rows.assign(**{SIZE: model.rows[SIZE] + step}))
        assert ((chance > 0) & (chance < 1)).all()


# Options


def naive(footprint_codes, estimated, fitted):
    """Resident by resident: what the size of the new council against the old goes with."""
    size = dict(zip(estimated.gss_codes, estimated.residents, strict=True))
    codes = [code for footprint in footprint_codes for code in footprint]
    now = {code: group for group in today(estimated, codes) for code in group}
    of = dict(zip(estimated.gss_codes, estimated.authority, strict=True))
    total = 0.0
    for footprint in footprint_codes:
        for code in footprint:
            step = np.log(
                sum(size[each] for each in footprint) / sum(size[each] for each in now[code])
            )
            row = fitted.rows.loc[[of[code]]]
            moved = row.assign(**{SIZE: row[SIZE] + step})
            before, after = fitted.probability(row), fitted.probability(moved)
            total += size[code] * float((after - before)[0])
    return 100 * total / sum(size[code] for code in codes)


@pytest.mark.parametrize("area_id", plain.AREA_IDS)
def test_the_councils_of_today_measure_zero(area_id, estimated, models):
    groups = today(estimated, areas.councils(area_id)["gss_code"])
    metric = sizes.measured(groups, estimated, models[LINEAR])
    assert (metric.value, metric.low, metric.high) == pytest.approx((0, 0, 0), abs=1e-9)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_a_measure_and_its_naive_reference_agree(estimated, models, data):
    area_id = data.draw(st.sampled_from(plain.THREE))
    codes = areas.councils(area_id)["gss_code"].tolist()
    belongs = data.draw(st.lists(st.integers(0, 3), min_size=len(codes), max_size=len(codes)))
    parts = [[c for c, b in zip(codes, belongs, strict=True) if b == k] for k in set(belongs)]
    name = data.draw(st.sampled_from(MODELS))
    metric = sizes.measured(parts, estimated, models[name])
    assert metric.value == pytest.approx(naive(parts, estimated, models[name]), abs=1e-9)
    assert metric.low <= metric.value <= metric.high
    turned = [part[::-1] for part in parts[::-1]]
    again = sizes.measured(turned, estimated, models[name])
    assert again.value == pytest.approx(metric.value, abs=1e-9)


@pytest.mark.parametrize("area_id", plain.THREE)
def test_many_options_and_each_alone_agree(area_id, estimated, models):
    here = divisions.of(area_id, estimated)
    fast = quality.CHAPTER.measure_options(here)
    assert fast.shape == (sum(map(len, here.options.masks.values())), 3)
    for k, masks in here.options.masks.items():
        for row in np.linspace(0, len(masks) - 1, min(6, len(masks))).astype(int):
            parts = [here.options.footprints(mask) for mask in masks[row]]
            metric = sizes.measured(parts, estimated, models[LINEAR])
            expected = (metric.value, metric.low, metric.high)
            assert fast.loc[k].iloc[row].tolist() == pytest.approx(expected, abs=1e-9), k


def test_dividing_a_footprint_never_raises_the_chance_while_larger_is_likelier(estimated, models):
    assert models[LINEAR].halved().value < 0
    found = quality.CHAPTER.measure_options(divisions.of("surrey", estimated))["quality_change"]
    assert (found.drop(1, level="n_unitaries") < found.loc[1].iloc[0]).all()


def test_unitaries_add_up_to_their_proposal(estimated, models):
    (bid, *_) = [bid for bid in proposals.proposals("surrey") if bid.footprints]
    table = sizes.unitaries(bid.footprints, estimated, models[REDUCED])
    metric = sizes.measured([c for _, c in bid.footprints], estimated, models[REDUCED])
    mean = np.average(table["value"], weights=table["residents"])
    assert mean == pytest.approx(metric.value)
    change = 100 * (table["after"] - table["today"])
    np.testing.assert_allclose(change, table["value"], atol=1e-9)
    rows = models[REDUCED].rows.loc[["E10000030"]]
    county = estimated.residents[estimated.authority == "E10000030"].sum()
    for (_, codes), row in zip(bid.footprints, table.itertuples(), strict=True):
        people = estimated.select(codes).residents.sum()
        assert (row.residents, row.before) == pytest.approx((people, county))
        smaller = rows.assign(**{SIZE: rows[SIZE] + np.log(people / county)})
        chance = models[REDUCED].probability(smaller)
        assert row.after == pytest.approx(float(chance[0]))


def test_a_council_twice_is_refused(estimated):
    code = areas.councils("surrey")["gss_code"].iloc[0]
    with pytest.raises(ValueError, match=f"repeated: {code}"):
        quality.CHAPTER.measure([[code], [code]], estimated)


# Claims and pages


def test_claims_answer_every_published_finding_of_quality():
    published = tables.read("published_findings").query("theme == 'quality'")
    answers = {claim.finding_id: claim for claim in claims.answers(quality.national())}
    assert set(answers) == set(published["finding_id"])
    assert {name for claim in answers.values() for name in claim.data} <= set(tables.names())


def test_the_claim_of_a_size_effect_follows_the_interval(models):
    claim = {claim.finding_id: claim for claim in claims.answers(quality.national())}["QU03"]
    main = models[LINEAR].halved()
    assert claim.effect == pytest.approx((-main.value, -main.high, -main.low))
    # Grades as a score and population not in logs tell it, and other forms do not.
    forms = fits.forms()
    assert len(claim.specifications) == len(forms) - 1 == 39
    assert findings.verdict(1, claim) == findings.DEPENDS
    found = findings.by_verdict(1, claim)
    assert {verdict: len(names) for verdict, names in found.items()} == {
        findings.NO_EFFECT: 35,
        findings.REPRODUCED: 5,
    }
    assert all(fits.SCORE in name for name in found[findings.REPRODUCED])
    told = forms[forms["p"] < 0.05].set_index(["sample", "region"])["p"].round(3)
    assert told.to_dict() == {
        (WHOLE, True): 0.010,
        (WHOLE, False): 0.016,
        ("without London", True): 0.014,
        ("without London", False): 0.017,
        ("without metropolitan boroughs", True): 0.037,
    }
    said = words.forms(quality.national())[0]
    assert said == (
        "Whether size matters depends on the form. Of 40 linear fits 5 have p below 0.05, 5 of "
        "them in the published direction; 5 take grades as a score and population not in logs."
    )


@pytest.mark.parametrize("area_id", plain.THREE)
def test_a_county_gets_three_sentences_and_one_figure(area_id, estimated):
    study = quality.study(divisions.of(area_id, estimated))
    assert len(words.in_short(study)) == 3
    figure = charts.proposals(study)
    assert areas.get(area_id).name in figure.title
    computed = [bid for bid in proposals.proposals(area_id) if bid.footprints]
    assert all(bid.name in figure.alt for bid in computed)
    shown = quality.tables.proposals(study)
    names = [bid.name for bid in proposals.proposals(area_id)]
    assert shown["proposal"].tolist() == ["councils today", *names]


@pytest.mark.parametrize(
    ("area_id", "text"),
    [
        (
            "suffolk",
            "By size alone nothing changes: the one proposal that can be computed keeps today's "
            "size.",
        ),
        ("norfolk", "points in the chance; 1 keeps today's size and the interval of the other "),
        ("surrey", "the 2 proposals that can be computed would go with"),
    ],
)
def test_one_proposal_and_one_that_keeps_its_size_have_their_own_words(area_id, text, estimated):
    study = quality.study(divisions.of(area_id, estimated))
    assert text in words.in_short(study)[1]
    said = charts.proposals(study).title
    assert "1 of 1" not in said
    assert "0 of" not in said


def test_a_bid_that_splits_districts_gets_its_reason_and_no_figure(estimated):
    area_id = "hampshire-iow-portsmouth-southampton"
    shown = quality.tables.proposals(quality.study(divisions.of(area_id, estimated)))
    split = [not bid.footprints for bid in proposals.proposals(area_id)]
    assert any(split)
    assert set(shown[LINEAR].iloc[1:][split]) <= {
        proposals.SPLITS,
        proposals.UNKNOWN,
        proposals.CROSSES,
    }


def test_no_fit_is_made_twice(models, monkeypatch):
    made = []

    def counting(name, frame, sample=WHOLE, controls=chances.AS_PUBLISHED):
        made.append(name)
        return models[LINEAR]

    monkeypatch.setattr(fits, "fit", counting)
    table = fits.effects(models)
    assert len(made) == len(table) - len(models) == (len(fits.ASKED) - 1) * len(MODELS)


# Dates


def test_dates_are_those_of_the_table():
    for row in plain.rows("dates"):
        assert day_of(row["date_id"]) == pd.Timestamp(row["date"])
    as_at, published = day_of(judgements.AS_AT), day_of(judgements.PUBLISHED_ON)
    assert as_at < published < day_of("families_first_deadline")
    assert quality.national().good.index[:2].tolist() == [as_at, published]


def test_an_unknown_date_is_refused_with_those_there_are():
    with pytest.raises(KeyError, match=r"no date 'easter'.*families_first_deadline"):
        day_of("easter")
