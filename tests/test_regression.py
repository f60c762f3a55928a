"""Regressions: against certified values, against numpy by hand, and on data of known truth."""

import numpy as np
import pandas as pd
import pytest
from plain import rows
from scipy import stats
from statsmodels.datasets import longley

from lgr_report.core import regression
from lgr_report.core.regression import SAMPLES, Estimate, fit

# NIST Statistical Reference Datasets, Longley: certified estimates and their standard deviations.
LONGLEY = {
    "constant": (-3482258.63459582, 890420.383607373),
    "GNPDEFL": (15.0618722713733, 84.9149257747669),
    "GNP": (-0.358191792925910e-01, 0.334910077722432e-01),
    "UNEMP": (-2.02022980381683, 0.488399681651699),
    "ARMED": (-1.03322686717359, 0.214274163161675),
    "POP": (-0.511041056535807e-01, 0.226073200069370),
    "YEAR": (1829.15146461355, 455.478499142212),
}
CLASSES = ("county", "unitary", "london", "metropolitan")


def made_up(n=60, seed=1):
    """Authorities of three regions and four classes, with errors that grow with the predictor."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": generator.normal(size=n),
            "z": generator.normal(size=n),
            "region": [f"region {i % 3}" for i in range(n)],
            "la_class": [CLASSES[i % 4] for i in range(n)],
        },
        index=[f"A{i:02d}" for i in range(n)],
    )
    noise = generator.normal(size=n) * np.exp(0.5 * frame["x"])
    return frame.assign(y=1 + 2 * frame["x"] - frame["z"] + noise)


def by_hand(y, x):
    """Coefficients, HC3 covariance, leverages and residuals, from the normal equations."""
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ y
    e = y - x @ b
    h = np.array([row @ inverse @ row for row in x])
    meat = sum(
        np.outer(row, row) * (each / (1 - lever)) ** 2
        for row, each, lever in zip(x, e, h, strict=True)
    )
    return b, inverse @ meat @ inverse, h, e


def matrix(frame):
    """The design, written out: constant, two predictors, regions 1 and 2."""
    dummies = [(frame["region"] == f"region {i}").astype(float) for i in (1, 2)]
    return np.column_stack([np.ones(len(frame)), frame["x"], frame["z"], *dummies])


# Known values


@pytest.fixture(scope="module")
def certified():
    data = longley.load_pandas().data
    frame = data.assign(region="one", la_class="county")
    return fit(frame, "TOTEMP", [name for name in LONGLEY if name != "constant"], region=False)


@pytest.mark.parametrize("name", LONGLEY)
def test_longley_coefficients_are_the_certified_ones(certified, name):
    assert certified.coefficient(name).value == pytest.approx(LONGLEY[name][0], rel=1e-7)


@pytest.mark.parametrize("name", LONGLEY)
def test_longley_classical_errors_are_the_certified_ones(certified, name):
    classical = certified.results.model.fit()
    assert classical.bse[name] == pytest.approx(LONGLEY[name][1], rel=1e-7)


def test_longley_fit_is_the_certified_one(certified):
    assert certified.r_squared == pytest.approx(0.995479004577296, rel=1e-10)
    assert certified.n == 16


# By hand


def test_coefficients_errors_and_intervals_by_the_normal_equations():
    frame = made_up()
    found = fit(frame, "y", ["x", "z"])
    b, covariance, _, _ = by_hand(frame["y"].to_numpy(), matrix(frame))
    names = ["constant", "x", "z", "region 1", "region 2"]
    assert found.results.params.index.tolist() == names
    reach = stats.t.ppf(0.975, len(frame) - len(names))
    for place, name in enumerate(names):
        one, error = found.coefficient(name), np.sqrt(covariance[place, place])
        assert one.value == pytest.approx(b[place], rel=1e-10)
        assert one.error == pytest.approx(error, rel=1e-10)
        assert (one.low, one.high) == pytest.approx(
            (b[place] - reach * error, b[place] + reach * error), rel=1e-10
        )
        p = 2 * stats.t.sf(abs(b[place] / error), len(frame) - len(names))
        assert one.p == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("name", ["constant", "x", "region 2"])
def test_influence_is_what_refitting_without_each_authority_gives(name):
    frame = made_up()
    found = fit(frame, "y", ["x", "z"])
    table = found.influence(name).loc[frame.index]
    x, y = matrix(frame), frame["y"].to_numpy()
    place = found.results.params.index.get_loc(name)
    b, covariance, h, e = by_hand(y, x)
    spread = e @ e / (len(y) - x.shape[1])
    for i in range(len(frame)):
        keep = np.arange(len(frame)) != i
        without, _, _, left = by_hand(y[keep], x[keep])
        row = table.iloc[i]
        assert row["without"] == pytest.approx(without[place], rel=1e-8)
        shift = (without[place] - b[place]) / np.sqrt(covariance[place, place])
        assert row["shift"] == pytest.approx(shift, rel=1e-6, abs=1e-9)
        own = left @ left / (keep.sum() - x.shape[1])
        assert row["residual"] == pytest.approx(e[i] / np.sqrt(own * (1 - h[i])), rel=1e-8)
        moved = x @ (b - without)
        assert row["cook"] == pytest.approx(moved @ moved / (x.shape[1] * spread), rel=1e-8)


def test_the_most_influential_comes_first_and_squares_of_steps_are_the_variance():
    found = fit(made_up(), "y", ["x", "z"])
    table, one = found.influence("x"), found.coefficient("x")
    assert table["shift"].abs().is_monotonic_decreasing
    assert ((one.value - table["without"]) ** 2).sum() == pytest.approx(one.error**2, rel=1e-10)


# Samples and missing figures


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_leaves_out_its_classes_and_no_others(sample):
    frame = made_up()
    kept = set(regression.sample_of(frame, sample)["la_class"])
    assert kept == set(CLASSES) - set(SAMPLES[sample])


def test_a_region_that_the_sample_lacks_has_no_column():
    frame = made_up()
    frame["la_class"] = np.where(frame["region"] == "region 1", "london", "county")
    found = fit(frame, "y", ["x"], sample="without London")
    assert found.results.params.index.tolist() == ["constant", "x", "region 2"]


def test_authorities_without_a_figure_are_left_out_not_filled():
    frame = made_up()
    frame.loc["A07", "y"] = np.nan
    frame.loc["A11", "x"] = np.nan
    found = fit(frame, "y", ["x", "z"])
    rest = fit(frame.drop(["A07", "A11"]), "y", ["x", "z"])
    assert found.n == 58
    assert found.coefficient("x") == rest.coefficient("x")


def test_too_few_authorities_are_refused():
    with pytest.raises(ValueError, match="y: 9 authorities are too few for 5 coefficients"):
        fit(made_up(9), "y", ["x", "z"])


def test_a_negative_factor_turns_an_estimate_round():
    assert Estimate(1.0, 0.5, -0.5, 2.5, 0.1) * -2 == Estimate(-2.0, 1.0, -5.0, 1.0, 0.1)


# The authorities of England


def test_authorities_carry_figures_as_published():
    frame = regression.authorities()
    published = {
        (row["gss_code"], row["indicator"]): row["value"] for row in rows("upper_tier_indicators")
    }
    assert len(frame) == 153
    for code in ("E10000030", "E06000017", "E09000001"):
        row = frame.loc[code]
        assert row["population"] == float(published[code, "population"])
        assert row["log_population"] == np.log(row["population"])
        assert row["deprivation"] == float(published[code, "imd_2025_score"])
        pay = published.get((code, "median_weekly_pay_2025"), "")
        if pay:
            assert row["median_income"] == pytest.approx(float(pay) * 52 / 1000, rel=1e-12)
        else:
            assert np.isnan(row["median_income"])
    assert frame["la_class"].value_counts().to_dict() == {
        "unitary": 63,
        "metropolitan": 36,
        "london": 33,
        "county": 21,
    }


# Known truth


def test_a_known_elasticity_is_within_its_interval_as_often_as_promised():
    # The real authorities, their predictors and regions; errors larger in small authorities.
    frame = regression.authorities().dropna(subset=[*regression.CONTROLS])
    level = 0.01 * frame["deprivation"] + 0.01 * frame["median_income"]
    level += frame["region"].map(dict(zip(sorted(set(frame["region"])), range(9), strict=True)))
    truth, fits, generator = -0.02, 300, np.random.default_rng(20250205)
    scale = 0.2 * (frame["population"] / frame["population"].median()) ** -0.3
    inside = 0
    for _ in range(fits):
        noise = scale * generator.normal(size=len(frame))
        one = fit(frame.assign(y=level + truth * frame["log_population"] + noise), "y")
        estimate = one.coefficient("log_population")
        inside += estimate.low <= truth <= estimate.high
    # Binomial bounds that a true coverage of 95 % would leave once in a thousand.
    least, most = stats.binom.ppf([0.0005, 0.9995], fits, 0.95)
    assert least <= inside <= most
