"""Unit cost: elasticities by hand, sums in pounds by slow reference, claims by rule."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import THREE, rows
from scipy import stats

from lgr_report.chapters.unit_cost import economies, elasticity, unit_cost, unit_cost_charts
from lgr_report.chapters.unit_cost.elasticity import TOGETHER, WHOLE
from lgr_report.core import findings, metrics, options, regression, size_bands
from lgr_report.core.demand import of_england
from lgr_report.sources import areas, tables

SURREY, WEST_BERKSHIRE = "E10000030", "E06000037"
BANDS = ("≤300k", "300–500k", "500k+")
SERIES = ("residential", "fostering", "children", "adults_18_64", "adults_65_plus")


@pytest.fixture(scope="module", autouse=True)
def averages():
    """Average unitaries as computed from all options, which takes long: written down here."""
    sizes = {
        size_bands.SUBMITTED: (190_811.6, 390_663.7, 613_189.4),
        size_bands.OF_OPTIONS: (287_290.9, 408_588.8, 595_215.5),
        size_bands.EVERY_OPTION: (165_859.4, 396_268.6, 787_025.4),
        size_bands.MIDDLE: (150_000.0, 400_000.0, 750_000.0),
    }
    table = [(d, b, p) for d, of in sizes.items() for b, p in zip(BANDS, of, strict=True)]
    frame = pd.DataFrame(table, columns=["definition", "band", "population"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(size_bands, "averages", frame.copy)
        for function in (economies.implied, economies.common):
            function.cache_clear()
            function()  # before a test takes figures away
        yield
    for function in (economies.implied, economies.common):
        function.cache_clear()


@pytest.fixture(scope="module")
def demand():
    return of_england(5)


@pytest.fixture(scope="module")
def england():
    return elasticity.frame()


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
    found = tables.read("published_findings").set_index("finding_id")["value"]
    assert found[unit_cost.INCOME_FINDING] == 5


def test_each_series_names_published_indicators():
    table = elasticity.series()
    known = {row["indicator"] for row in rows("indicators") if row["level"] == "upper_tier"}
    assert tuple(table.index) == SERIES
    assert set(table["indicator"]) | set(table["spend"]) <= known
    # All looked-after children contain those in residential and in foster care.
    assert elasticity.in_total() == ["children", "adults_18_64", "adults_65_plus"]


def test_spend_today_is_as_reported():
    found = elasticity.present().loc[SURREY]
    assert found["children"] == numbers("s251_cla_gross_2425")[SURREY] / 1e6
    assert found["adults_18_64"] == pytest.approx(numbers("ro3_asc_18_64_gross_k")[SURREY] / 1e3)
    assert found["adults_65_plus"] == pytest.approx(numbers("ro3_asc_65_gross_k")[SURREY] / 1e3)
    assert len(elasticity.present()) == 40
    assert economies.not_reported() == []


# Elasticities


@pytest.fixture(scope="module")
def by_hand():
    """Return size and income coefficients with their steps, from the tables by normal equations."""
    pay, deprivation = numbers("median_weekly_pay_2025"), numbers("imd_2025_score")
    residents = numbers("population")
    region = {row["gss_code"]: row["region"] for row in rows("upper_tier")}
    others = sorted(set(region.values()))[1:]
    found = {}
    for row in rows("cost_series"):
        cost = numbers(row["indicator"]) | {}
        if row["series"].startswith("adults"):
            # Derived again from its parts: gross spend over clients and weeks.
            clients, spend = numbers(f"{row['series']}_clients"), numbers(row["spend"])
            again = {c: spend[c] * 1000 / clients[c] / 52 for c in spend if clients.get(c)}
            assert {c: pytest.approx(cost[c]) for c in cost} == {c: again[c] for c in cost}
        codes = [code for code in sorted(cost) if code in pay and code in deprivation]
        x = np.array(
            [
                [1, np.log(residents[c]), deprivation[c], pay[c] * 52 / 1000]
                + [float(region[c] == other) for other in others]
                for c in codes
            ]
        )
        y = np.log([cost[c] for c in codes])
        inverse = np.linalg.inv(x.T @ x)
        b = inverse @ x.T @ y
        weight = (y - x @ b) / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))
        steps = pd.DataFrame(inverse @ x.T * weight, columns=codes).T
        found[row["series"]] = (b, steps)
    return found


@pytest.mark.parametrize("name", SERIES)
def test_elasticities_and_hc3_errors_by_the_normal_equations(by_hand, name):
    b, steps = by_hand[name]
    row = elasticity.estimates().loc[(name, WHOLE)]
    assert row["n"] == len(steps)
    assert row["value"] == pytest.approx(b[1], rel=1e-8)
    assert row["error"] == pytest.approx(np.sqrt((steps[1] ** 2).sum()), rel=1e-8)
    assert row["income"] == pytest.approx(100 * np.expm1(5 * b[3]), rel=1e-7)


def test_the_total_has_the_variance_of_a_joint_sandwich(by_hand):
    shares = elasticity.weights()
    joint = pd.concat([by_hand[name][1][1].rename(name) for name in shares.index], axis=1).fillna(0)
    covariance = joint.T @ joint
    row = elasticity.estimates().loc[(TOGETHER, WHOLE)]
    value = sum(shares[name] * by_hand[name][0][1] for name in shares.index)
    assert row["value"] == pytest.approx(value, rel=1e-8)
    assert row["error"] == pytest.approx(np.sqrt(shares @ covariance @ shares), rel=1e-8)
    assert shares.sum() == pytest.approx(1)


def test_what_the_fits_say_is_pinned():
    found = elasticity.estimates().xs(WHOLE, level="sample")
    pinned = {
        "residential": (-0.040, -0.100, 0.021),
        "fostering": (-0.028, -0.104, 0.048),
        "children": (0.018, -0.034, 0.070),
        "adults_18_64": (0.063, -0.015, 0.142),
        "adults_65_plus": (0.011, -0.044, 0.065),
        TOGETHER: (0.031, -0.012, 0.075),
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


def test_the_interval_of_the_total_covers_a_known_truth(england):
    # Errors of the three series move together, as those of one authority do.
    frame = england.dropna(subset=["median_income"])
    sample = "without London and metropolitan boroughs"
    truth = pd.Series({"children": 0.02, "adults_18_64": -0.05, "adults_65_plus": 0.0})
    shares, generator = elasticity.weights(), np.random.default_rng(20250205)
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
    effect = elasticity.detectable(error, freedom)
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
    shown = elasticity.influential(2)
    for name, label in elasticity.series()["label"].items():
        far = elasticity.outliers(elasticity.fit(england, name, WHOLE))
        mine = shown[shown["series"] == label]
        marked = mine.loc[mine["outlier"] == "yes", "authority_name"]
        assert set(marked) == set(england.loc[far, "authority_name"])
        assert len(mine) >= 2


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


@given(divisions(), st.floats(-0.012, 0.075))
def test_the_interval_holds_the_change_at_every_elasticity_within(made, each):
    amount, residents, present = made
    row = elasticity.estimate()
    each = min(max(each, row["low"]), row["high"])
    found = economies.change(amount, residents, present, economies.elasticities()).sum(axis=1)
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
        (found,) = unit_cost.measure(area_id, metrics.today(demand, codes), demand)
        assert (found.value, found.low, found.high) == (0, 0, 0)


def test_districts_share_what_their_county_reported(demand):
    codes = areas.councils(THREE[1])["gss_code"]
    spend = unit_cost.spend_of(demand, codes)
    reported = elasticity.present().set_index("authority_name")
    total = reported[elasticity.in_total()].sum(axis=1)
    for name, amount in zip(spend.authorities, spend.amount.T, strict=True):
        assert amount.sum() == pytest.approx(total[name], rel=1e-9)
    assert ((spend.amount > 0).sum(axis=1) == 1).all()


def test_a_split_county_by_hand(demand):
    codes = areas.councils("surrey")["gss_code"].tolist()
    groups = [codes[:4], codes[4:]]
    (found,) = unit_cost.measure("surrey", groups, demand)
    each, total = elasticity.estimate()["value"], 0.0
    residents = dict(zip(demand.gss_codes, demand.residents, strict=True))
    county = sum(residents[code] for code in codes)
    for group in groups:
        size, part = sum(residents[code] for code in group), demand.select(group).estimate
        whole = demand.select(codes).estimate.sum(axis=0)
        shares = (part.sum(axis=0) / whole)[[0, 2, 3]]
        spend = elasticity.present().loc[SURREY, elasticity.in_total()].to_numpy(dtype=float)
        total += shares @ spend * ((size / county) ** each - 1)
    assert found.value == pytest.approx(total, rel=1e-9)
    assert found.low < found.value < found.high
    assert found.better == metrics.LOWER


def test_an_outside_council_is_measured_against_its_own_authority(demand):
    codes = areas.councils("oxfordshire")["gss_code"].tolist()
    today = [codes, [WEST_BERKSHIRE]]
    (same,) = unit_cost.measure("oxfordshire", today, demand)
    (joined,) = unit_cost.measure("oxfordshire", [[*codes, WEST_BERKSHIRE]], demand)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    table = unit_cost.spend_of(demand, [*codes, WEST_BERKSHIRE])
    each = elasticity.estimate()["value"]
    by_hand = slow([table.amount.sum(axis=0)], [table.residents.sum()], table.present, each)[0]
    assert joined.value == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("area_id", THREE)
def test_all_options_at_once_are_measured_as_one_by_one(area_id, demand):
    found = options.contiguous_options(area_id, max_unitaries=3)
    spend = unit_cost.spend_of(demand, found.graph.gss_codes)
    masks = found.masks[3]
    together = unit_cost.of_masks(spend, masks)
    assert together.shape == (len(masks), 3)
    for row in np.random.default_rng(4).choice(len(masks), 5, replace=False):
        footprints = [found.footprints(mask) for mask in masks[row]]
        (one,) = unit_cost.measure(area_id, footprints, demand)
        np.testing.assert_allclose(together[row], (one.value, one.low, one.high), atol=1e-9)


# Missing figures


def without(name, monkeypatch):
    """Take the reported spend of one authority away."""
    spend = elasticity.spend()
    spend.loc[name, "adults_18_64"] = np.nan
    monkeypatch.setattr(elasticity, "spend", spend.copy)


def test_missing_spend_is_said_and_never_zero(demand, monkeypatch):
    codes = areas.councils("surrey")["gss_code"].tolist()
    without(SURREY, monkeypatch)
    (found,) = unit_cost.measure("surrey", [codes[:4], codes[4:]], demand)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.note == "Surrey did not report spend"
    (same,) = unit_cost.measure("surrey", [codes], demand)
    assert (same.value, same.note) == (0, "")
    assert economies.not_reported() == ["Surrey"]
    assert len(economies.today().spend) == 39
    assert "Surrey did not report: left out." in economies.base_in_words()[0]
    table = unit_cost.of_proposals("surrey", demand)
    assert table["value"].isna().all()
    drawn = unit_cost_charts.section("surrey", demand)
    assert "an authority did not report spend" in drawn.alt


def test_a_missing_count_shares_spend_by_residents_of_the_ages_served(demand):
    codes = areas.councils("surrey")["gss_code"].tolist()
    gone = demand.estimate.copy()
    gone[:, 2] = np.nan
    left = unit_cost.spend_of(replace(demand, estimate=gone), codes).amount.sum(axis=1)
    there = unit_cost.spend_of(demand, codes).amount.sum(axis=1)
    assert left.sum() == pytest.approx(there.sum(), rel=1e-9)
    chosen, spend = demand.select(codes), elasticity.present().loc[SURREY]
    parts = chosen.estimate / chosen.estimate.sum(axis=0)
    ages = chosen.people[:, 2] / chosen.people[:, 2].sum()
    by_hand = parts[:, 0] * spend["children"] + parts[:, 3] * spend["adults_65_plus"]
    np.testing.assert_allclose(left, by_hand + ages * spend["adults_18_64"], rtol=1e-9)


# The published figures


def test_the_elasticity_that_is_needed_gives_the_published_figure():
    now = economies.today()
    for row in economies.implied().itertuples():
        if np.isnan(row.needed):
            grid = economies.national(now, row.population, np.linspace(-1, 1, 2001))
            assert grid.min() > row.published
        else:
            there = economies.national(now, row.population, np.array([row.needed]))[0]
            assert there == pytest.approx(row.published, abs=1e-6)
            nearer = np.linspace(-0.999, 0.999, 400) * abs(row.needed)
            off = economies.national(now, row.population, nearer) - row.published
            assert (off > 0).all() or (off < 0).all()


def test_the_common_elasticity_is_the_best_of_a_fine_grid():
    now, table = economies.today(), economies.by_band()
    grid = np.linspace(-0.2, 0.2, 4001)
    off = [economies.national(now, r.population, grid) - r.published for r in table.itertuples()]
    best = grid[np.square(off).sum(axis=0).argmin()]
    assert economies.common() == pytest.approx(best, abs=1e-4)


def test_national_sums_by_a_slow_loop():
    today, each = elasticity.present(), elasticity.estimate()["value"]
    for row in economies.by_band().itertuples():
        total = sum(
            authority[elasticity.in_total()].sum()
            * ((row.population / authority["residents"]) ** each - 1)
            for _, authority in today.iterrows()
        )
        assert row.value == pytest.approx(total, rel=1e-9)


def test_the_ratio_is_what_a_small_elasticity_gives():
    now, table = economies.today(), economies.ratio_test().set_index("definition")
    for definition in size_bands.DEFINITIONS:
        bands = economies.by_band(definition)["population"]
        small, medium, large = (economies.national(now, p, np.array([-1e-7]))[0] for p in bands)
        row = table.loc[definition]
        assert row["expected"] == pytest.approx(small / medium, rel=1e-5)
        assert row["large_expected"] == pytest.approx(large / medium, rel=1e-4)
        # At the size that the published ratio needs, the test gives back the published ratio.
        gaps = np.log(row["needed"] / bands)
        assert gaps[0] / gaps[1] == pytest.approx(270 / 180, rel=1e-9)
        assert row["ratio"] == 270 / 180


# Claims


def test_every_finding_of_this_model_is_answered_once():
    found = [claim.finding_id for claim in unit_cost.claims()]
    themes = ("unit_cost", "pwc_2025", "pwc_2020")
    published = [r["finding_id"] for r in rows("published_findings") if r["theme"] in themes]
    assert sorted(found) == sorted(published)


def test_verdicts_follow_from_the_figures():
    published = {r["finding_id"]: float(r["value"]) for r in rows("published_findings")}
    found = {claim.finding_id: claim for claim in unit_cost.claims()}
    verdicts = {name: findings.verdict(published[name], claim) for name, claim in found.items()}
    for name in ("UC01", "UC02", "UC03", "UC04"):
        assert verdicts[name] == findings.NO_EFFECT
        assert found[name].effect[1] <= 0 <= found[name].effect[2]
    pwc = [name for name in found if name.startswith("PW")]
    assert len(pwc) == 10
    assert {verdicts[name] for name in pwc} == {findings.NOT_TESTABLE}
    assert all(found[name].settled_by for name in pwc)
    # A saving was published: the effect is positive where money is saved.
    assert found["UC03"].effect[0] == -found["UC03"].value


def test_the_table_of_definitions_has_the_verdict_of_the_claims():
    published = economies.published()
    claims = {claim.finding_id: claim for claim in unit_cost.claims()}
    for row, name in zip(economies.by_band().itertuples(), economies.BAND_FINDINGS, strict=True):
        assert row.verdict == findings.verdict(published[row.band], claims[name])


# Words and pictures


@pytest.mark.parametrize("area_id", [*THREE, "east-sussex-brighton", "suffolk"])
def test_an_area_has_three_paragraphs_and_a_figure_with_every_proposal(area_id, demand):
    words = unit_cost.in_words(area_id, demand)
    assert len(words) == 3
    assert words[1].startswith(areas.get(area_id).name)
    drawn = unit_cost_charts.section(area_id, demand)
    for bid in options.proposals(area_id):
        assert bid.name in drawn.alt
        assert (f"“{bid.name}”" in words[1]) == bool(bid.footprints)


def test_money_and_elasticities_are_written_plainly():
    assert economies.money(12.34, -3.21, 1234.5) == "+£12m (−£3.2m to +£1,234m)"
    assert economies.money(0.0, 0.0, 0.0) == "£0m"
    assert economies.money(-0.04) == "£0m"
    assert economies.signed(-0.0132) == "−0.013"


def test_national_figures_name_every_series_and_band():
    drawn = unit_cost_charts.elasticities()
    assert all(label in drawn.alt for label in elasticity.series()["label"])
    assert len(drawn.table.frame) == 6 * len(regression.SAMPLES) + 6
    drawn = unit_cost_charts.by_band()
    assert all(band in drawn.alt for band in BANDS)
    assert len(drawn.table.frame) == len(BANDS) * len(size_bands.DEFINITIONS)
