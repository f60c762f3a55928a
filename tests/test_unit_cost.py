"""Unit cost: elasticities by hand, sums in pounds by slow reference, claims by rule."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import THREE, rows
from scipy import stats
from statsmodels.regression.linear_model import WLS
from statsmodels.robust.robust_linear_model import RLM

from lgr_report.chapters import unit_cost
from lgr_report.chapters.unit_cost import (
    changes,
    charts,
    claims,
    economies,
    elasticity,
    specifications,
    tables,
    words,
    years,
)
from lgr_report.chapters.unit_cost.elasticity import EVERY_SAMPLE, TOGETHER, WHOLE
from lgr_report.chapters.unit_cost.study import measure, measure_options
from lgr_report.core import findings, metrics, options, regression, size_bands
from lgr_report.core.demand import of_england
from lgr_report.core.divisions import of as divided
from lgr_report.sources import areas

SURREY, WEST_BERKSHIRE = "E10000030", "E06000037"
BANDS = ("≤300k", "300–500k", "500k+")
SERIES = ("residential", "fostering", "children", "adults_18_64", "adults_65_plus")


@pytest.fixture(scope="module", autouse=True)
def averages():
    """Average unitaries as computed from all options, which takes long: written down here."""
    sizes = {
        size_bands.SUBMITTED: (190_811.6, 390_663.7, 613_189.4),
        size_bands.OF_PROPOSALS: (287_290.9, 408_588.8, 595_215.5),
        size_bands.EVERY_OPTION: (165_859.4, 396_268.6, 787_025.4),
        size_bands.MIDDLE: (150_000.0, 400_000.0, 750_000.0),
    }
    table = [(d, b, p) for d, of in sizes.items() for b, p in zip(BANDS, of, strict=True)]
    frame = pd.DataFrame(table, columns=["definition", "band", "population"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(size_bands, "averages", frame.copy)
        unit_cost.national.cache_clear()
        yield
    unit_cost.national.cache_clear()


@pytest.fixture(scope="module")
def nation(averages):
    return unit_cost.national()


@pytest.fixture(scope="module")
def reported(nation):
    return nation.present.dropna()


@pytest.fixture(scope="module")
def demand():
    return of_england(5)


@pytest.fixture(scope="module")
def england():
    return elasticity.costs()


def numbers(indicator):
    """An indicator as the csv module reads it."""
    return {
        row["gss_code"]: float(row["value"])
        for row in rows("upper_tier_indicators")
        if row["indicator"] == indicator and row["value"]
    }


# Inputs


def test_the_published_figures_are_pinned():
    assert economies.published().to_dict() == dict(zip(BANDS, (270, 180, -65), strict=True))
    assert economies.published_income() == 5


def test_each_series_names_published_indicators():
    table = elasticity.series()
    known = {row["indicator"] for row in rows("indicators") if row["level"] == "upper_tier"}
    assert tuple(table.index) == SERIES
    assert set(table["indicator"]) | set(table["spend"]) <= known
    # All looked-after children contain those in residential and in foster care.
    assert [*elasticity.added_up().index] == ["children", "adults_18_64", "adults_65_plus"]


def test_spend_today_is_as_reported(nation):
    found = nation.present.loc[SURREY]
    assert found["children"] == numbers("s251_cla_gross_2425")[SURREY] / 1e6
    assert found["adults_18_64"] == pytest.approx(numbers("ro3_asc_18_64_gross_k")[SURREY] / 1e3)
    assert found["adults_65_plus"] == pytest.approx(numbers("ro3_asc_65_gross_k")[SURREY] / 1e3)
    assert len(nation.present) == 40
    assert nation.present.notna().all(axis=None)
    assert "40 authorities" in words.base(nation.present)[0]


# Elasticities


@pytest.fixture(scope="module")
def by_hand():
    """Return size and income coefficients with their steps, from the tables by normal equations."""
    pay, deprivation = numbers("median_weekly_pay_2025"), numbers("imd_2025_score")
    residents = numbers("population")
    found = {}
    for row in rows("cost_series"):
        cost = numbers(row["indicator"]) | {}
        if row["series"].startswith("adults"):
            # Derived again from its parts: gross spend over clients and weeks.
            clients, spend = numbers(f"{row['series']}_clients"), numbers(row["spend"])
            again = {c: spend[c] * 1000 / clients[c] / 52 for c in spend if clients.get(c)}
            assert {c: pytest.approx(cost[c]) for c in cost} == {c: again[c] for c in cost}
        codes = [code for code in sorted(cost) if code in pay and code in deprivation]
        x = np.array([[1, np.log(residents[c]), deprivation[c], pay[c] * 52 / 1000] for c in codes])
        y = np.log([cost[c] for c in codes])
        inverse = np.linalg.inv(x.T @ x)
        b = inverse @ x.T @ y
        weight = (y - x @ b) / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))
        steps = pd.DataFrame(inverse @ x.T * weight, columns=codes).T
        found[row["series"]] = (b, steps)
    return found


@pytest.mark.parametrize("name", SERIES)
def test_elasticities_and_hc3_errors_by_the_normal_equations(by_hand, nation, name):
    b, steps = by_hand[name]
    row = nation.fits.loc[(name, WHOLE)]
    assert row["n"] == len(steps)
    assert row["value"] == pytest.approx(b[1], rel=1e-8)
    assert row["error"] == pytest.approx(np.sqrt((steps[1] ** 2).sum()), rel=1e-8)
    assert row["income"] == pytest.approx(100 * np.expm1(5 * b[3]), rel=1e-7)


def test_the_total_has_the_variance_of_a_joint_sandwich(by_hand, nation):
    shares = elasticity.weights(nation.present)
    joint = pd.concat([by_hand[name][1][1].rename(name) for name in shares.index], axis=1).fillna(0)
    covariance = joint.T @ joint
    row = nation.fits.loc[(TOGETHER, WHOLE)]
    value = sum(shares[name] * by_hand[name][0][1] for name in shares.index)
    assert row["value"] == pytest.approx(value, rel=1e-8)
    assert row["error"] == pytest.approx(np.sqrt(shares @ covariance @ shares), rel=1e-8)
    assert shares.sum() == pytest.approx(1)


def test_what_the_fits_say_is_pinned(nation):
    found = nation.fits.xs(WHOLE, level="sample")
    pinned = {
        "residential": (-0.029, -0.086, 0.028),
        "fostering": (0.006, -0.074, 0.086),
        "children": (0.016, -0.039, 0.071),
        "adults_18_64": (0.041, -0.029, 0.112),
        "adults_65_plus": (0.003, -0.048, 0.053),
        TOGETHER: (0.020, -0.020, 0.059),
    }
    for name, figures in pinned.items():
        rounded = found.loc[name, ["value", "low", "high"]].astype(float).round(3)
        assert tuple(rounded) == figures


def test_one_series_alone_is_its_own_total(england):
    one = elasticity.fit(england, "children", WHOLE)
    alone = elasticity.pooled({"children": one}, pd.Series({"children": 1.0}), elasticity.SIZE)
    own = one.coefficient(elasticity.SIZE)
    for field in ("value", "error", "low", "high", "p"):
        assert getattr(alone, field) == pytest.approx(getattr(own, field), rel=1e-9)


def test_the_interval_of_the_total_covers_a_known_truth(england, nation):
    # Errors of the three series move together, as those of one authority do.
    frame = england.dropna(subset=["median_income"])
    sample = "without London and metropolitan boroughs"
    truth = pd.Series({"children": 0.02, "adults_18_64": -0.05, "adults_65_plus": 0.0})
    shares, generator = elasticity.weights(nation.present), np.random.default_rng(20250205)
    worlds, inside = 40, 0
    for _ in range(worlds):
        noise = 0.1 * generator.normal(size=(len(frame), 3)) + 0.1 * generator.normal(
            size=(len(frame), 1)
        )
        costs = np.outer(frame["log_population"], truth) + noise
        made = frame.assign(
            **{elasticity.COST + n: c for n, c in zip(truth.index, costs.T, strict=True)}
        )
        fits = {name: elasticity.fit(made, name, sample) for name in truth.index}
        found = elasticity.pooled(fits, shares, elasticity.SIZE)
        inside += found.low <= shares @ truth <= found.high
    least, most = stats.binom.ppf([0.0005, 0.9995], worlds, 0.95)
    assert least <= inside <= most


def test_the_smallest_detectable_effect_is_found_four_times_in_five():
    error, freedom = 0.022, 136
    effect = regression.detectable(error, freedom)
    beyond = stats.nct.sf(stats.t.ppf(0.975, freedom), freedom, effect / error)
    assert beyond == pytest.approx(0.8, abs=0.005)


def test_outliers_pass_the_mark_and_leave_their_sample(england):
    one = elasticity.fit(england, "children", WHOLE)
    far = elasticity.outliers(one)
    residual = one.influence(elasticity.SIZE)["residual"]
    assert set(far) == set(residual.index[residual.abs() > 3])
    rest = elasticity.fit(england, "children", elasticity.NO_OUTLIERS)
    assert not set(far) & set(rest.results.model.data.row_labels)
    assert rest.n == one.n - len(far)


def test_every_outlier_is_shown(england):
    fits = {name: elasticity.fit(england, name, WHOLE) for name in SERIES}
    shown = elasticity.influential(fits, england, 2)
    for name, label in elasticity.series()["label"].items():
        far = elasticity.outliers(fits[name])
        mine = shown[shown["series"] == label]
        marked = mine.loc[mine["outlier"] == "yes", "authority_name"]
        assert set(marked) == set(england.loc[far, "authority_name"])
        assert len(mine) >= 2


# Specifications


def of(nation, series, **choice):
    """The row of the curve for one series and specification, rounded."""
    rows = nation.curve[
        (nation.curve["series"] == series)
        & (nation.curve["name"] == specifications.Choice(**choice).name)
    ]
    return tuple(rows[["value", "low", "high"]].astype(float).round(3).squeeze())


def test_the_curve_begins_with_what_was_published_and_holds_every_choice_once(nation):
    every = [choice.name for choice in specifications.choices()]
    assert nation.totals["name"].tolist() == every
    assert len(set(every)) == 108
    assert of(nation, TOGETHER) == (0.020, -0.020, 0.059)
    assert of(nation, TOGETHER, region=True) == (0.031, -0.012, 0.075)
    for name, sample in (("children", WHOLE), (TOGETHER, "without London")):
        row = nation.fits.loc[(name, sample), ["value", "low", "high"]].astype(float)
        assert of(nation, name, sample=sample) == tuple(row.round(3))


def test_nine_years_of_children_find_larger_dearer_and_say_so(nation):
    nine = specifications.NINE_YEARS
    assert of(nation, "children", region=True, years=nine) == (0.042, 0.008, 0.077)
    assert of(nation, "children", years=nine) == (0.049, 0.007, 0.090)
    part = nation.curve[(nation.curve["series"] == "children") & (nation.curve["years"] == nine)]
    assert specifications.verdict(part) == findings.DEPENDS
    assert (specifications.told(part) >= 0).all()
    said = " ".join(words.of_specifications(nation))
    label = "all children looked after, per week (children over nine years)"
    assert f"{label}: larger is dearer in 33, not told apart in 21 of 54" in said
    assert "No specification finds the published sign." in said
    title = charts.specifications(nation).title
    assert "children alone: depends on the specification (larger is dearer in 33" in title


def test_without_rutland_larger_is_dearer_and_the_verdict_depends(nation, england):
    one = specifications.WITHOUT_ONE
    assert nation.left_out == "Rutland"
    assert of(nation, TOGETHER, region=True, sample=one) == (0.046, 0.010, 0.082)
    nine = {"sample": one, "years": specifications.NINE_YEARS}
    assert of(nation, TOGETHER, **nine) == (0.039, 0.006, 0.072)
    # No other authority moves the total so far: each left out in turn.
    shares, fits = elasticity.weights(nation.present), {}
    for code in england.index[england["median_income"].notna()]:
        each = {n: elasticity.fit(england.drop(code), n, WHOLE) for n in shares.index}
        fits[code] = sum(shares[n] * each[n].coefficient(elasticity.SIZE).value for n in each)
    moved = (pd.Series(fits) - nation.total["value"]).abs()
    assert england.loc[moved.idxmax(), "authority_name"] == "Rutland"
    assert specifications.verdict(nation.totals) == findings.DEPENDS
    said = words.of_specifications(nation)[0]
    assert said == (
        "Whether a larger council pays more or less for children and adults together depends on "
        "the specification: larger is dearer in 15, not told apart in 93 of 108 reasonable ones; "
        "no specification finds larger cheaper, as published. One authority moves it most: without "
        "Rutland, larger is dearer in 6, not told apart in 6 of 12; with region held the "
        "elasticity is then +0.046 (+0.010 to +0.082)."
    )
    assert said in words.in_short(unit_cost.study(divided("surrey", of_england(5))))[0]
    title = charts.specifications(nation).title
    assert "depends on the specification (larger is dearer in 15, not told apart in 93" in title


@pytest.mark.parametrize(("sign", "meant"), [(0, "do not tell whether"), (1, "pays more")])
def test_where_all_specifications_agree_the_sentence_names_the_bill(nation, sign, meant):
    ends = {0: (-1.0, 1.0), 1: (0.1, 0.3)}[sign]
    low, high = (np.where(nation.curve["series"] == TOGETHER, e, e) for e in ends)
    same = replace(nation, curve=nation.curve.assign(low=low, high=high))
    said = words.of_specifications(same)[0]
    assert said.startswith("Under all 108 reasonable specifications")
    assert meant in said
    assert said.endswith("for children and adults together.")


def test_weights_and_robust_fits_are_those_of_statsmodels(england):
    one = elasticity.fit(england, "children", WHOLE)
    y, x = one.results.model.endog, one.results.model.exog
    people = np.exp(x[:, 1])
    weighted = WLS(y, x, weights=people).fit(cov_type="HC3", use_t=True)
    ours = regression.reweighted(one, people).coefficient(elasticity.SIZE)
    assert ours.value == pytest.approx(weighted.params[1], rel=1e-8)
    assert ours.error == pytest.approx(weighted.bse[1], rel=1e-8)
    huber, ours = RLM(y, x).fit(), regression.robust(one).coefficient(elasticity.SIZE)
    assert ours.value == pytest.approx(huber.params[1], abs=1e-6)
    # Its own errors assume that all authorities vary alike; ours do not.
    assert ours.error == pytest.approx(huber.bse[1], rel=0.2)


def test_verdicts_hold_at_wider_intervals_and_not_at_narrower_ones(nation):
    same = specifications.at_level(nation.totals, 0.95)
    np.testing.assert_allclose(same["low"], nation.totals["low"], atol=1e-12)
    for level, dearer in ((0.99, 2), (0.95, 15), (0.8, 45)):
        told = specifications.told(specifications.at_level(nation.totals, level))
        assert ((told == 1).sum(), (told == -1).sum()) == (dearer, 0)


@pytest.mark.parametrize(
    ("ends", "answer"),
    [
        ([(-1, 1), (-2, 1)], "cannot be told from zero"),
        ([(1, 2), (0.5, 2)], "larger is dearer"),
        ([(-2, -1), (-2, -1)], "larger is cheaper"),
        ([(-2, -1), (-2, 1)], findings.DEPENDS),
        ([(-2, -1), (1, 2)], findings.DEPENDS),
    ],
)
def test_a_verdict_holds_over_all_specifications_or_depends(ends, answer):
    assert specifications.verdict(pd.DataFrame(ends, columns=["low", "high"])) == answer


def test_errors_are_clustered_by_authority_as_by_a_loop(england):
    panel = years.panel("children", england)
    one = years.fit(panel, region=True)
    x, e = one.results.model.exog, one.results.resid.to_numpy()
    codes = panel.dropna(subset=["median_income"])["gss_code"].to_numpy()
    inverse, meat = np.linalg.inv(x.T @ x), 0
    for code in set(codes):
        score = x[codes == code].T @ e[codes == code]
        meat = meat + np.outer(score, score)
    groups, (n, k) = len(set(codes)), x.shape
    covariance = inverse @ meat @ inverse * groups / (groups - 1) * (n - 1) / (n - k)
    place = list(one.results.params.index).index("log_population")
    error = one.coefficient("log_population").error
    assert error == pytest.approx(np.sqrt(covariance[place, place]), rel=1e-9)
    steps = one.steps("log_population")
    assert np.sqrt((steps**2).sum()) == pytest.approx(error, rel=1e-9)
    assert (one.n, set(steps.index)) == (groups, set(codes))
    # Nine years of one council are not nine councils.
    assert error > 1.5 * one.results.model.fit().bse["log_population"]


def test_the_years_cover_a_planted_effect_though_they_hang_together(england):
    panel = years.panel("children", england).dropna(subset=["median_income"])
    place, generator = pd.factorize(panel["gss_code"])[0], np.random.default_rng(20250205)
    truth, worlds, inside = -0.02, 60, 0
    for _ in range(worlds):
        noise = 0.15 * generator.normal(size=place.max() + 1)[place]
        noise += 0.1 * generator.normal(size=len(panel))
        made = panel.assign(log_cost=truth * panel["log_population"] + noise)
        found = years.fit(made).coefficient("log_population")
        inside += found.low <= truth <= found.high
    least, most = stats.binom.ppf([0.0005, 0.9995], worlds, 0.95)
    assert least <= inside <= most


# The change of a bill


def slow(amount, residents, present, each):
    """The change of spend, footprint by footprint and authority by authority."""
    return [
        sum(
            cost * ((people / whole) ** each - 1)
            for cost, whole in zip(row, present, strict=True)
            if cost
        )
        for row, people in zip(amount, residents, strict=True)
    ]


@st.composite
def divisions(draw):
    """Footprints that take over parts of 1 to 3 authorities."""
    authorities, footprints = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    cost = st.floats(0, 500)
    amount = draw(
        st.lists(
            st.lists(cost, min_size=authorities, max_size=authorities),
            min_size=footprints,
            max_size=footprints,
        )
    )
    people = st.integers(50_000, 2_000_000)
    residents = draw(st.lists(people, min_size=footprints, max_size=footprints))
    present = draw(st.lists(people, min_size=authorities, max_size=authorities))
    return (np.array(each, dtype=float) for each in (amount, residents, present))


@given(divisions(), st.floats(-0.5, 0.5))
def test_fast_and_slow_agree(made, each):
    amount, residents, present = made
    found = economies.change(amount, residents, present, np.array([each]))[0]
    np.testing.assert_allclose(found, slow(amount, residents, present, each), atol=1e-7)


@given(st.integers(100_000, 2_000_000), st.floats(0.05, 0.95), st.floats(0.001, 0.3))
def test_splitting_costs_and_joining_saves_where_larger_is_cheaper(people, share, each):
    parts = np.array([share, 1 - share]) * people
    spend = 100 * parts / people
    split = economies.change(spend[:, None], parts, np.array([people]), np.array([-each, each]))
    assert (split[0] > 0).all()
    assert (split[1] < 0).all()
    joined = economies.change(spend[None], np.array([people]), parts, np.array([-each, each]))
    assert joined[0] < 0 < joined[1]


@given(st.integers(100_000, 2_000_000), st.floats(0.05, 0.9), st.floats(-0.3, 0.3))
def test_a_steeper_elasticity_costs_a_smaller_authority_more(people, share, each):
    amount, size = np.array([[100.0]]), np.array([share * people])
    steps = np.array([each - 0.01, each, each + 0.01])
    found = economies.change(amount, size, np.array([people]), steps)[:, 0]
    assert (np.diff(found) < 0).all()


@given(divisions(), st.floats(-0.020, 0.059))
def test_the_interval_holds_the_change_at_every_elasticity_within(nation, made, each):
    amount, residents, present = made
    row = nation.total
    each = min(max(each, row["low"]), row["high"])
    found = economies.change(amount, residents, present, nation.elasticities).sum(axis=1)
    value, low, high = economies.with_interval(found)
    there = economies.change(amount, residents, present, np.array([each]))[0].sum()
    # Between two points of the grid a convex curve can dip by no more than its bend.
    hair = 1e-9 + 0.002 * np.abs(amount).sum()
    assert low - hair <= there <= high + hair
    assert low <= value <= high


# Councils


def test_the_councils_of_today_change_nothing_at_all(demand):
    for area_id in areas.ids():
        codes = areas.councils(area_id)["gss_code"].tolist()
        (found,) = measure(metrics.today(demand, codes), demand)
        assert (found.value, found.low, found.high) == (0, 0, 0)


def test_districts_share_what_their_county_reported(demand, nation):
    codes = areas.councils(THREE[1])["gss_code"]
    spend = changes.spend_of(demand, codes, nation.spend)
    total = nation.present.set_index("authority_name")["total"]
    for name, amount in zip(spend.authorities, spend.amount.T, strict=True):
        assert amount.sum() == pytest.approx(total[name], rel=1e-9)
    assert ((spend.amount > 0).sum(axis=1) == 1).all()


def test_a_split_county_by_hand(demand, nation):
    codes = areas.councils("surrey")["gss_code"].tolist()
    groups = [codes[:4], codes[4:]]
    (found,) = measure(groups, demand)
    each, total = nation.total["value"], 0.0
    residents = dict(zip(demand.gss_codes, demand.residents, strict=True))
    county = sum(residents[code] for code in codes)
    for group in groups:
        size, part = sum(residents[code] for code in group), demand.select(group).estimate
        whole = demand.select(codes).estimate.sum(axis=0)
        shares = (part.sum(axis=0) / whole)[[0, 2, 3]]
        spend = nation.spend.loc[SURREY].to_numpy(dtype=float)
        total += shares @ spend * ((size / county) ** each - 1)
    assert found.value == pytest.approx(total, rel=1e-9)
    assert found.low < found.value < found.high
    assert found.metric.better == metrics.LOWER


def test_an_outside_council_is_measured_against_its_own_authority(demand, nation):
    codes = areas.councils("oxfordshire")["gss_code"].tolist()
    (same,) = measure([codes, [WEST_BERKSHIRE]], demand)
    (joined,) = measure([[*codes, WEST_BERKSHIRE]], demand)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    table = changes.spend_of(demand, [*codes, WEST_BERKSHIRE], nation.spend)
    each = nation.total["value"]
    by_hand = slow([table.amount.sum(axis=0)], [table.residents.sum()], table.present, each)[0]
    assert joined.value == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("area_id", THREE)
def test_all_options_at_once_are_measured_as_one_by_one(area_id, demand):
    here = divided(area_id, demand)
    together = measure_options(here)
    assert together.notna().all(axis=None)
    for row in np.random.default_rng(4).choice(len(together), 5, replace=False):
        k, place = together.index[row]
        footprints = [here.options.footprints(mask) for mask in here.options.masks[k][place]]
        (one,) = measure(footprints, demand)
        np.testing.assert_allclose(together.iloc[row], (one.value, one.low, one.high), atol=1e-9)


# Missing figures


@pytest.fixture
def without_surrey(monkeypatch):
    """Take the reported spend of one authority away."""
    spend = elasticity.spend()
    spend.loc[SURREY, "adults_18_64"] = np.nan
    monkeypatch.setattr(elasticity, "spend", spend.copy)
    unit_cost.national.cache_clear()
    yield
    unit_cost.national.cache_clear()


@pytest.mark.usefixtures("without_surrey")
def test_missing_spend_is_said_and_never_zero(demand):
    codes = areas.councils("surrey")["gss_code"].tolist()
    (found,) = measure([codes[:4], codes[4:]], demand)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.note == "Surrey did not report spend"
    (same,) = measure([codes], demand)
    assert (same.value, same.note) == (0, "")
    study = unit_cost.study(divided("surrey", demand))
    assert study.national.present["total"].count() == 39
    (base,) = words.base(study.national.present)
    assert "39 authorities" in base
    assert "Surrey did not report: left out." in base
    assert study.proposals["value"].isna().all()
    assert "an authority did not report spend" in charts.proposals(study).alt
    assert tables.options(study.options).iloc[-1]["least":].isna().all()


def test_a_missing_count_shares_spend_by_residents_of_the_ages_served(demand, nation):
    codes = areas.councils("surrey")["gss_code"].tolist()
    gone = demand.estimate.copy()
    gone[:, 2] = np.nan
    fewer = replace(demand, estimate=gone)
    left = changes.spend_of(fewer, codes, nation.spend).amount.sum(axis=1)
    there = changes.spend_of(demand, codes, nation.spend).amount.sum(axis=1)
    assert left.sum() == pytest.approx(there.sum(), rel=1e-9)
    chosen, spend = demand.select(codes), nation.spend.loc[SURREY]
    parts = chosen.estimate / chosen.estimate.sum(axis=0)
    ages = chosen.people[:, 2] / chosen.people[:, 2].sum()
    by_hand = parts[:, 0] * spend["children"] + parts[:, 3] * spend["adults_65_plus"]
    np.testing.assert_allclose(left, by_hand + ages * spend["adults_18_64"], rtol=1e-9)


# The published figures


def test_the_elasticity_that_is_needed_gives_the_published_figure(nation, reported):
    for row in nation.bands.itertuples():
        if np.isnan(row.needed):
            grid = economies.national_change(reported, row.population, np.linspace(-1, 1, 2001))
            assert grid.min() > row.published
        else:
            there = economies.national_change(reported, row.population, np.array([row.needed]))
            assert there[0] == pytest.approx(row.published, abs=1e-6)
            nearer = np.linspace(-0.999, 0.999, 400) * abs(row.needed)
            off = economies.national_change(reported, row.population, nearer) - row.published
            assert (off > 0).all() or (off < 0).all()


def test_the_nearest_elasticity_is_the_best_of_a_fine_grid(nation, reported):
    grid = np.linspace(-0.2, 0.2, 4001)
    off = [
        economies.national_change(reported, row.population, grid) - row.published
        for row in nation.submitted.itertuples()
    ]
    best = grid[np.square(off).sum(axis=0).argmin()]
    assert nation.nearest == pytest.approx(best, abs=1e-4)


def test_national_sums_by_a_slow_loop(nation):
    for row in nation.submitted.itertuples():
        total = sum(
            authority[[*SERIES[2:]]].sum()
            * ((row.population / authority["residents"]) ** nation.total["value"] - 1)
            for _, authority in nation.present.iterrows()
        )
        assert row.value == pytest.approx(total, rel=1e-9)


def test_the_ratio_is_what_a_small_elasticity_gives(nation, reported):
    table = nation.ratios.set_index("definition")
    for definition, part in nation.bands.groupby("definition"):
        sizes, nearly_none = part["population"], np.array([-1e-7])
        small, medium, large = (
            economies.national_change(reported, size, nearly_none)[0] for size in sizes
        )
        row = table.loc[definition]
        assert row["expected"] == pytest.approx(small / medium, rel=1e-5)
        assert row["large_expected"] == pytest.approx(large / medium, rel=1e-4)
        # At the size that the published ratio needs, the test gives back the published ratio.
        gaps = np.log(row["needed"] / sizes.to_numpy())
        assert gaps[0] / gaps[1] == pytest.approx(270 / 180, rel=1e-9)
        assert row["ratio"] == 270 / 180


# Claims


@pytest.fixture(scope="module")
def answers(nation):
    return {claim.finding_id: claim for claim in unit_cost.CHAPTER.claims(None)}


def test_every_finding_of_this_model_is_answered_once(nation):
    found = [claim.finding_id for claim in claims.answers(nation.bands, nation.totals)]
    themes = ("unit_cost", "pwc_2025", "pwc_2020")
    published = [r["finding_id"] for r in rows("published_findings") if r["theme"] in themes]
    assert sorted(found) == sorted(published)


def test_verdicts_follow_from_the_figures(answers):
    published = {r["finding_id"]: float(r["value"]) for r in rows("published_findings")}
    verdicts = {name: findings.verdict(published[name], claim) for name, claim in answers.items()}
    for name in ("UC01", "UC02", "UC03"):
        assert verdicts[name] == findings.DEPENDS
        # Fitted as published, our interval holds what was published.
        assert findings.inside(published[name], answers[name])
        # A band's average was not published: each definition of it is a specification too.
        assert len(answers[name].specifications) == 4 * 108 - 1
        assert answers[name].effect[1] <= 0 <= answers[name].effect[2]
    assert verdicts["UC04"] == findings.DEPENDS
    under = findings.by_verdict(published["UC04"], answers["UC04"])
    assert {verdict: len(names) for verdict, names in under.items()} == {
        findings.NO_EFFECT: 31,
        findings.REPRODUCED: 5,
    }
    assert all("with region" in name for name in under[findings.REPRODUCED])
    pwc = [name for name in answers if name.startswith("PW")]
    assert len(pwc) == 10
    assert {verdicts[name] for name in pwc} == {findings.NOT_TESTABLE}
    assert all(answers[name].settled_by for name in pwc)
    # A saving was published: the effect is positive where money is saved.
    assert answers["UC03"].effect[0] == -answers["UC03"].value


def test_the_table_of_definitions_has_the_verdict_of_the_claims(answers, nation):
    for row, name in zip(nation.submitted.itertuples(), claims.BANDS, strict=True):
        assert row.finding_id == name
        assert row.verdict == findings.verdict(row.published, answers[name])
        assert row.claim.specifications.items() <= answers[name].specifications.items()


# One study


def test_a_study_is_frozen_and_holds_what_england_says(demand, nation):
    study = unit_cost.study(divided("surrey", demand))
    assert study.national is unit_cost.national()
    with pytest.raises(FrozenInstanceError):
        study.proposals = None
    with pytest.raises(FrozenInstanceError):
        nation.nearest = 0


def test_another_sample_and_another_number_reach_the_whole_study(demand, nation):
    here = divided("surrey", demand)
    other = unit_cost.study(here, most=1, sample="without London")
    assert other.national.total.name == (TOGETHER, "without London")
    assert len(other.national.influential) < len(nation.influential)
    value = other.national.total["value"]
    assert value != nation.total["value"]
    for table, own in (
        (other.proposals, unit_cost.study(here).proposals),
        (other.options.loc[2:], measure_options(here).loc[2:]),
        (other.national.bands, nation.bands),
    ):
        assert not np.allclose(
            table.filter(regex="value|change$"), own.filter(regex="value|change$")
        )
    assert f"{value:+.3f}" in words.in_short(other)[0]
    assert "(without London)" in words.in_short(other)[0]
    assert "Without London: " in charts.elasticities(other.national).alt
    assert "without London" in set(tables.income(other.national.fits, "without London")["sample"])


def test_an_unknown_sample_is_named_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"no sample 'all'; they are: all authorities, .*outliers"):
        unit_cost.national(sample="all")


def test_nothing_national_is_fitted_twice_for_a_page(demand, monkeypatch):
    unit_cost.national()
    monkeypatch.setattr(elasticity, "fit", None)
    study = unit_cost.study(divided("surrey", demand))
    assert charts.elasticities(study.national).title
    assert unit_cost.CHAPTER.section(study)
    assert measure([study.here.gss_codes], demand)


# Words and pictures


@pytest.mark.parametrize("area_id", [*THREE, "east-sussex-brighton", "suffolk"])
def test_an_area_has_three_paragraphs_and_a_figure_with_every_proposal(area_id, demand):
    study = unit_cost.study(divided(area_id, demand))
    said = words.in_short(study)
    assert len(said) == 3
    assert said[1].startswith(study.here.name)
    drawn = charts.proposals(study)
    for bid in options.proposals(area_id):
        assert bid.name in drawn.alt
        assert (f"“{bid.name}”" in said[1]) == bool(bid.footprints)


def test_two_bids_of_one_name_are_two_rows(demand):
    study = unit_cost.study(divided("surrey", demand))
    twice = pd.concat([study.proposals.iloc[:1]] * 2, ignore_index=True)
    drawn = charts.proposals(replace(study, proposals=twice))
    (axes,) = drawn.picture.axes
    assert len(axes.get_yticks()) == 2


def test_an_area_without_a_proposal_that_can_be_computed_says_so(demand):
    study = unit_cost.study(divided("surrey", demand))
    none = study.proposals.assign(**dict.fromkeys(["spend", "value", "low", "high"], np.nan))
    none = none.assign(as_published=np.nan, status="not known")
    study = replace(study, proposals=none)
    assert words.in_short(study)[1] == "No proposal of Surrey can be computed here."
    drawn = charts.proposals(study)
    assert drawn.title.startswith("Surrey: no proposal's unit costs can be computed")
    assert drawn.alt.count(": not known") == len(none)


def test_one_proposal_and_what_cannot_be_told_have_their_own_words(demand):
    alone = unit_cost.study(divided("suffolk", demand))
    assert charts.proposals(alone).title == (
        "Suffolk: the one proposal that can be computed keeps today's authority, so unit cost "
        "changes nothing"
    )
    norfolk = unit_cost.study(divided("norfolk", demand))
    assert "the one proposal with other authorities than today's cannot be told" in (
        charts.proposals(norfolk).title
    )
    assert " That of “Two unitaries” cannot be told from no change." in words.in_short(norfolk)[1]
    surrey = unit_cost.study(divided("surrey", demand))
    assert " Not one of these can be told from no change." in words.in_short(surrey)[1]
    assert "none of 2 proposals with other authorities" in charts.proposals(surrey).title


def test_no_change_is_one_figure_and_an_interval_is_three():
    row = pd.DataFrame({"value": [12.34, 0], "low": [-3.21, 0], "high": [1234.5, 0]})
    told = [tables.change(each) for each in row.itertuples()]
    assert told == ["+£12m (−£3.2m to +£1,234m)", "£0m"]


def test_a_verdict_that_moves_with_the_definition_is_said(nation):
    (moves,) = words.under_definitions(nation.bands)
    assert moves.startswith("Under 4 definitions of the bands the verdict moves for 500k+.")
    assert "−£65m (500k+) in 108, 108, 0 and 0 of 108 specifications" in moves
    same = nation.bands.assign(verdict=findings.NO_EFFECT)
    (said,) = words.under_definitions(same)
    assert (
        "the verdicts stay the same. How large a band's average unitary is taken to be decides"
        in said
    )
    frame = tables.under_definitions(nation.bands)
    assert len(frame) == len(size_bands.DEFINITIONS)
    assert frame["average of ≤300k"].iloc[0] == "190,812"


def test_national_figures_name_every_series_and_band(nation):
    drawn = charts.elasticities(nation)
    assert all(label in drawn.alt for label in elasticity.series()["label"])
    assert len(drawn.table.frame) == (len(SERIES) + 1) * len(EVERY_SAMPLE)
    drawn = charts.by_band(nation)
    assert all(band in drawn.alt for band in BANDS)
    assert len(drawn.table.frame) == len(BANDS) * len(size_bands.DEFINITIONS)
