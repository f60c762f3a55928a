"""Demand: rates are fitted to authorities, carried down to districts, and judged."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lgr_report.chapters.demand import old_counties
from lgr_report.core import demand, rates
from lgr_report.core.demand import MISSING, MODELLED, PUBLISHED
from lgr_report.sources import services, tables
from lgr_report.sources.services import SERVICES

NAMES = [service.service for service in SERVICES]
LOOKED_AFTER, EHC, YOUNGER, OLDER = SERVICES
NORFOLK, SURREY = "E10000020", "E10000030"


@pytest.fixture(scope="module")
def lower():
    return services.districts()


@pytest.fixture(scope="module")
def upper(lower):
    return services.authorities(lower)


@pytest.fixture(scope="module")
def choice(upper):
    return rates.choose(upper)


@pytest.fixture(scope="module")
def estimated():
    return demand.estimate(draws=200)


def simulated(upper, sd, seed, chosen):
    """Authorities whose counts follow the chosen models exactly, but for noise of a known sd."""
    generator = np.random.default_rng(seed)
    frame = upper[upper["residents"] > 30_000].copy()
    for fit in rates.fit_all(frame, chosen):
        noise = generator.normal(0, sd, len(frame))
        residents = services.people(frame, fit.service)
        frame[fit.service.service] = residents * np.exp(fit.log_rate(frame) + noise)
        frame[f"{fit.service.service}_apart"] = 0.0
    return frame


# Places


def test_every_authority_is_the_sum_of_its_districts(lower, upper):
    published = tables.read("upper_tier_indicators").pivot_table(
        index="gss_code", columns="indicator", values="value", aggfunc="first"
    )
    for ours, theirs in {
        "residents": "population",
        "0_17": "population_0_17",
        "18_64": "population_18_64",
        "65_plus": "population_65_plus",
        "85_plus": "population_85_plus",
    }.items():
        assert (upper[ours] == published[theirs].reindex(upper.index)).all()
    assert len(lower) == 296
    assert len(upper) == 153


def test_predictors_of_authorities_agree_with_the_published_rates(upper):
    published = tables.read("upper_tier_indicators").pivot_table(
        index="gss_code", columns="indicator", values="value", aggfunc="first"
    )
    ours = services.predictors(upper)
    rate = published["idaopi_rate"].reindex(upper.index)
    np.testing.assert_allclose(ours["older_income_deprivation"], rate, atol=1e-6)


def test_a_predictor_is_the_same_for_a_unitary_and_for_its_only_district(lower, upper):
    below = services.predictors(lower).loc["E06000002"]
    above = services.predictors(upper).loc["E06000002"]
    pd.testing.assert_series_equal(below, above)


def test_an_unknown_predictor_is_named_and_the_known_ones_listed(upper):
    with pytest.raises(ValueError, match=r"no predictor log_luck; they are: .*health_deprivation"):
        rates.design(upper, ["log_luck"])


def test_a_missing_predictor_names_the_place(lower):
    holed = lower.copy()
    holed.loc["E07000148", "health_deprivation_2025"] = np.nan
    with pytest.raises(ValueError, match="health_deprivation: missing for E07000148"):
        rates.design(holed, ["health_deprivation"])


# Models


def test_known_coefficients_are_recovered(upper, choice):
    frame = simulated(upper, 0.0, 1, choice)
    for fit in rates.fit_all(upper[upper["residents"] > 30_000], choice):
        again = rates.fit(frame, fit.service, fit.names)
        np.testing.assert_allclose(again.results.params, fit.results.params, rtol=1e-6)


def test_noisy_coefficients_lie_within_their_intervals(upper):
    frame = upper[upper["residents"] > 30_000].copy()
    x = services.predictors(frame)["health_deprivation"]
    inside = 0
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(0, 0.2, len(frame))
        frame[LOOKED_AFTER.service] = frame["0_17"] * np.exp(-5 + 0.6 * x + noise)
        frame[f"{LOOKED_AFTER.service}_apart"] = 0.0
        fitted = rates.fit(frame, LOOKED_AFTER, ["health_deprivation"])
        low, high = fitted.results.conf_int().loc["health_deprivation"]
        inside += low < 0.6 < high
    assert 33 <= inside <= 40  # 38 expected


def test_london_and_tiny_authorities_teach_the_model_nothing(upper):
    used = rates.usable(upper, EHC)
    assert not used["la_class"].eq("london").any()
    assert "E06000053" not in used.index  # Isles of Scilly
    assert "E06000017" in used.index  # Rutland


def test_leaving_out_agrees_with_fitting_without(upper, choice):
    names = rates.candidates(OLDER)[choice[OLDER.service]]
    unseen = rates.leave_out(upper, OLDER, names, upper["old_county"])
    berkshire = upper[upper["old_county"] == "Berkshire"]
    without = rates.fit(upper.drop(berkshire.index), OLDER, names)
    np.testing.assert_allclose(unseen[berkshire.index], without.log_rate(berkshire))
    assert unseen[upper["old_county"].isna()].isna().all()


def test_the_candidate_chosen_has_the_least_error_and_the_county_rate_never_wins(upper):
    for service in SERVICES:
        compared = rates.compare(upper, service)
        chosen = compared[compared["chosen"]]
        assert len(chosen) == 1
        assert chosen["error"].item() <= compared["error"].min() + 0.0005
        assert chosen["error"].item() < compared.loc["county rate", "error"]


def test_of_equal_candidates_the_one_with_fewer_predictors_is_chosen():
    compared = pd.DataFrame(
        {"predictors": ["a b", "c", ""], "error": [0.10011, 0.10049, 0.2]},
        index=["two", "one", "none"],
    )
    assert rates._best(compared) == "one"


# Benchmarking


def test_benchmarked_values_sum_to_totals_and_keep_their_proportions():
    raw = np.array([[1.0, 3.0, 5.0], [2.0, 2.0, 7.0]])
    found = rates.benchmark(raw, np.array([0, 0, 1]), np.array([8.0, 10.0]))
    np.testing.assert_allclose(found, [[2, 6, 10], [4, 4, 10]])


def test_what_is_spread_by_population_does_not_follow_the_rates():
    found = rates.apportion(
        np.log([1.0, 3.0]),
        np.array([100.0, 100.0]),
        np.array([0, 0]),
        np.array([50.0]),
        np.array([10.0]),
    )
    np.testing.assert_allclose(found, [10 + 5, 30 + 5])


def test_districts_sum_to_the_published_total_in_the_estimate_and_in_every_draw(estimated):
    for code, place in estimated.authorities.iterrows():
        mine = estimated.authority == code
        for s, service in enumerate(SERVICES):
            total = place[service.service]
            if np.isnan(total):
                continue
            assert estimated.estimate[mine, s].sum() == pytest.approx(total, rel=1e-12)
            np.testing.assert_allclose(estimated.draws[:, mine, s].sum(axis=1), total, rtol=1e-12)


def test_a_unitary_has_its_published_figure_and_no_uncertainty(estimated):
    reading = estimated.select(["E06000038"]).frame()
    assert (reading["status"] == PUBLISHED).all()
    published = estimated.authorities.loc["E06000038", NAMES].to_numpy(dtype=float)
    for column in ("demand", "low", "high"):
        np.testing.assert_allclose(reading[column].to_numpy(), published)


def test_a_district_has_an_interval_round_its_estimate(estimated):
    woking = estimated.select(["E07000217"]).frame()
    assert (woking["status"] == MODELLED).all()
    assert (woking["low"] < woking["demand"]).all()
    assert (woking["demand"] < woking["high"]).all()
    assert (estimated.draws[~np.isnan(estimated.draws)] > 0).all()


def test_all_164_districts_are_modelled_and_nothing_else(estimated):
    assert ((estimated.status == MODELLED).sum(axis=0) == 164).all()


def test_draws_are_seeded(estimated):
    again = demand.estimate(draws=200)
    np.testing.assert_array_equal(again.draws, estimated.draws)
    other = demand.estimate(draws=200, seed=1)
    assert not np.array_equal(other.draws, estimated.draws)


def test_no_draws_are_refused():
    with pytest.raises(ValueError, match="draws must be at least 1, not 0"):
        demand.estimate(draws=0)


def test_an_unknown_council_is_named(estimated):
    with pytest.raises(KeyError, match="E99999999"):
        estimated.select(["E07000217", "E99999999"])


# A missing total


@pytest.fixture(scope="module")
def without_norfolk(lower, upper):
    holed = upper.copy()
    holed.loc[NORFOLK, LOOKED_AFTER.service] = np.nan
    return demand.estimate(draws=20, lower=lower, upper=holed)


def test_a_missing_total_is_marked_and_never_zero(without_norfolk):
    mine = without_norfolk.authority == NORFOLK
    assert (without_norfolk.status[mine, 0] == MISSING).all()
    assert np.isnan(without_norfolk.estimate[mine, 0]).all()
    assert np.isnan(without_norfolk.draws[:, mine, 0]).all()


def test_a_missing_total_is_named_in_words(without_norfolk):
    codes = [
        c
        for c, a in zip(without_norfolk.gss_codes, without_norfolk.authority, strict=True)
        if a == NORFOLK
    ]
    assert without_norfolk.select(codes).missing() == [
        "Norfolk: no published number of children looked after; left out"
    ]
    assert without_norfolk.select(["E07000217"]).missing() == []


def test_a_missing_total_leaves_everything_else_standing(without_norfolk):
    mine = without_norfolk.authority == NORFOLK
    assert not np.isnan(without_norfolk.estimate[mine, 1:]).any()
    surrey = without_norfolk.authority == SURREY
    total = without_norfolk.authorities.loc[SURREY, LOOKED_AFTER.service]
    assert without_norfolk.estimate[surrey, 0].sum() == pytest.approx(total)


# The predictive distribution


def test_the_bootstrap_is_least_squares_of_each_resample(upper, choice):
    fitted = rates.fit_all(upper, choice)[0]
    x, y = fitted.results.model.exog, fitted.results.model.endog
    weights = np.random.default_rng(0).multinomial(len(y), np.full(len(y), 1 / len(y)), size=5)
    labels = fitted.results.model.data.row_labels
    found = demand._resampled(fitted, pd.DataFrame(weights, columns=labels))
    for row, coefficients in zip(weights, found, strict=True):
        repeated = np.repeat(np.arange(len(y)), row)
        expected = np.linalg.lstsq(x[repeated], y[repeated], rcond=None)[0]
        np.testing.assert_allclose(coefficients, expected, rtol=1e-6)


def test_bootstrap_and_cluster_robust_errors_agree(upper, choice):
    model = demand.learn(upper, choice)
    quiet = replace(model, scatter=1e-12 * np.eye(len(SERVICES)))
    place = upper.loc[["E06000038"]]
    drawn = demand.simulate(quiet, place, 2000, np.random.default_rng(0))[:, 0, 0]
    row = rates.design(place, model.fits[0].names).to_numpy()[0]
    expected = np.sqrt(row @ model.fits[0].results.cov_params().to_numpy() @ row)
    assert drawn.std() == pytest.approx(expected, rel=0.2)


def test_scatter_finds_a_known_noise(upper, choice):
    found = demand.scatter(demand.residuals(simulated(upper, 0.2, 5, choice), choice))
    np.testing.assert_allclose(np.sqrt(np.diag(found)), 0.2, rtol=0.25)


def test_smaller_places_depart_further_only_if_the_assumption_says_so(upper, choice, monkeypatch):
    model = demand.learn(upper, choice)
    still = replace(model, scatter=0.04 * np.eye(len(SERVICES)))
    place = upper.loc[["E06000017"]]  # Rutland
    widths = {}
    for power in (0.0, -1.0):
        monkeypatch.setattr(
            demand, "assumption", lambda name, power=power: {"demand_size_power": power}[name]
        )
        drawn = demand.simulate(still, place, 2000, np.random.default_rng(0))
        widths[power] = drawn[:, 0, 0].std()
    expected = (place["residents"].item() / model.typical_size) ** -0.5
    assert widths[-1.0] / widths[0.0] == pytest.approx(expected, rel=0.1)


def test_intervals_cover_at_about_their_nominal_rate_on_simulated_authorities(upper, choice):
    frame = simulated(upper, 0.15, 11, choice)
    frame.loc[frame["kind"] != "shire", ["old_county", "kind"]] = np.nan
    coverage = old_counties.judge(frame, choice, draws=300).coverage()
    assert coverage["inner"].mean() == pytest.approx(0.80, abs=0.06)
    assert coverage["outer"].mean() == pytest.approx(0.95, abs=0.03)


# Judged where the truth is known


@pytest.fixture(scope="module")
def judged(upper, choice):
    return old_counties.judge(upper, choice, draws=300)


def test_the_model_beats_the_county_rate_in_old_shire_counties_for_every_service(judged):
    errors = judged.errors().loc["shire"]
    assert (errors["predicted"] < errors["at_county_rate"]).all()
    assert errors.loc[LOOKED_AFTER.service, "predicted"] < 0.13  # the probe's error
    assert errors.loc[EHC.service, "predicted"] < 0.105
    assert errors.loc[OLDER.service, "predicted"] < 0.105


def test_intervals_cover_in_old_shire_counties(judged):
    coverage = judged.coverage().loc["shire"]
    assert coverage["inner"].between(0.72, 0.90).all()
    assert coverage["outer"].between(0.88, 0.99).all()


def test_draws_show_the_spread_that_point_estimates_shrink(judged):
    spreads = judged.spreads().loc["shire"]
    assert (spreads["from_point"] < 0.8 * spreads["observed"]).all()
    ratio = spreads["expected"] / spreads["observed"]
    assert ratio.between(0.8, 1.25).all()


def test_predictions_sum_to_what_the_old_county_reported(judged):
    totals = judged.authorities.groupby(["old_county", "service"])[
        ["reported", "at_county_rate", "predicted"]
    ].sum()
    np.testing.assert_allclose(totals["predicted"], totals["reported"])
    np.testing.assert_allclose(totals["at_county_rate"], totals["reported"])


def test_an_old_county_with_a_missing_figure_is_left_out_for_that_service_only(upper, choice):
    holed = upper[upper["old_county"].isin(["Kent", "Essex"]) | upper["old_county"].isna()].copy()
    holed.loc["E06000035", OLDER.service] = np.nan
    frame = pd.concat([holed, upper[upper["old_county"].isin(["Cheshire", "Avon", "Cleveland"])]])
    counties = old_counties.judge(frame, choice, draws=20).counties
    kent = counties.loc[counties["old_county"] == "Kent", "service"]
    assert set(kent) == {*NAMES} - {OLDER.service}
    assert (counties["service"] == OLDER.service).sum() == 4


def test_observed_variation_by_hand():
    frame = pd.DataFrame(
        {
            "old_county": ["A", "A"],
            "kind": ["shire", "shire"],
            "residents": [100_000, 300_000],
            **{name: [200.0, 200.0] for name in NAMES},
        }
    )
    found = old_counties.observed(frame).set_index("measure")
    # Rates 0.002 and 0.000667, baseline 0.001.
    assert found.loc[NAMES[0], "spread"] == pytest.approx(4 / 3)
    assert found.loc[NAMES[0], "departure"] == pytest.approx(1.0)
    assert found.loc["people", "gap"] == pytest.approx(2.0)
    assert found.loc["people", "mean_population"] == 200_000
    assert set(found["band"]) == {"≤300k"}


def test_old_counties_are_whole_and_once(upper):
    listed = tables.read("old_counties")
    assert listed["gss_code"].is_unique
    assert set(listed["gss_code"]) <= set(upper.index)
    assert (listed.groupby("old_county").size() >= 2).all()
    assert listed.groupby("kind")["old_county"].nunique().to_dict() == {
        "shire": 26,
        "metropolitan": 6,
    }


def test_size_trend_recovers_a_known_power(upper, choice):
    generator = np.random.default_rng(2)
    frame = simulated(upper, 0.0, 2, choice)
    sd = 0.2 * np.sqrt(250_000 / frame["residents"])
    for name in NAMES:
        frame[name] *= np.exp(generator.normal(0, sd))
    found = old_counties.size_trend(frame, choice)
    assert found["power"].mean() == pytest.approx(-1, abs=0.4)
    assert found["low"].mean() < -1 < found["high"].mean()
