"""Variation: how unevenly an option spreads demand, against hand and against a slow reference."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lgr_report.core import demand
from lgr_report.core import variation as v
from lgr_report.core.demand import MODELLED, Demand
from lgr_report.sources import tables
from lgr_report.sources.services import SERVICES

NAMES = [service.service for service in SERVICES]
SPREAD, DEPARTURE, GAP = range(3)


def made_up(counts, residents, draws=None, spend=None):
    """An area of one authority; `counts` has a row a council and a column a service."""
    counts, residents = np.asarray(counts, dtype=float), np.asarray(residents)
    n = len(counts)
    totals = {f"{name}_spend": [1000.0] for name in NAMES} if spend is None else spend
    figures = {name: [total] for name, total in zip(NAMES, counts.sum(axis=0), strict=True)}
    return Demand(
        gss_codes=tuple(f"D{i}" for i in range(n)),
        estimate=counts,
        draws=counts[None] if draws is None else np.asarray(draws, dtype=float),
        people=np.column_stack([residents // 4] * len(NAMES)),
        residents=residents,
        status=np.full(counts.shape, MODELLED, dtype=object),
        authority=np.full(n, "C", dtype=object),
        authorities=pd.DataFrame({**figures, **totals, "authority_name": "County"}, index=["C"]),
    )


def area_of(counts, residents, **kwargs):
    one = made_up(counts, residents, **kwargs)
    return v.area_demand(one, one.gss_codes)


def slow(rates, baseline):
    """The three statistics of one list of rates, as the definition says."""
    spread = (max(rates) - min(rates)) / baseline
    departure = max(abs(rate - baseline) for rate in rates) / baseline
    return [spread, departure, (max(rates) - min(rates)) / min(rates)]


@st.composite
def areas(draw):
    """An area of 2 to 7 councils, and an option of it as a list of unitary numbers."""
    n = draw(st.integers(2, 7))
    residents = draw(st.lists(st.integers(1000, 500_000), min_size=n, max_size=n))
    rate = st.floats(0.001, 0.2)
    row = st.lists(rate, min_size=4, max_size=4)
    counts = np.array(draw(st.lists(row, min_size=n, max_size=n))) * np.array(residents)[:, None]
    belongs = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return counts, np.array(residents), belongs


def footprints_of(belongs):
    return [
        [f"D{i}" for i, unitary in enumerate(belongs) if unitary == number]
        for number in sorted(set(belongs))
    ]


# By hand


def test_statistics_by_hand():
    rates = np.array([[0.02], [0.03], [0.05]])
    found = v.statistics(rates, np.array([0.04]))
    np.testing.assert_allclose(found, [[0.03 / 0.04, 0.02 / 0.04, 0.03 / 0.02]])


def test_an_option_by_hand():
    # Two unitaries of 100 and 300 residents; 10 and 15 children looked after: rates 0.1 and
    # 0.05, baseline 25/400 = 0.0625.
    area = area_of([[4, 1, 1, 1], [6, 1, 1, 1], [15, 2, 2, 6]], [40, 60, 300])
    found = v.variation(area, [["D0", "D1"], ["D2"]]).set_index(["measure", "statistic"])
    assert found.loc[(NAMES[0], "spread"), "from_point"] == pytest.approx(0.8)
    assert found.loc[(NAMES[0], "departure"), "from_point"] == pytest.approx(0.6)
    assert found.loc[(NAMES[0], "gap"), "from_point"] == pytest.approx(1.0)
    # People: 16 of 100 and 25 of 300, baseline 41/400.
    spread = (16 / 100 - 25 / 300) / (41 / 400)
    assert found.loc[("people", "spread"), "from_point"] == pytest.approx(spread)


def test_spend_weighs_a_service_by_what_it_costs_the_area():
    spend = {f"{name}_spend": [cost] for name, cost in zip(NAMES, [1000, 0, 0, 30], strict=True)}
    area = area_of([[4, 0, 0, 1], [6, 5, 5, 2]], [40, 60], spend=spend)
    spent = area.estimate[:, v.MEASURES.index("spend")]
    np.testing.assert_allclose(spent, [4 * 100 + 1 * 10, 6 * 100 + 2 * 10])


def test_a_footprint_rate_stands_beside_the_area():
    area = area_of([[4, 1, 1, 1], [6, 1, 1, 1]], [40, 60])
    found = v.footprint_rates(area, {"West": ["D0"], "East": ["D1"]})
    west = found[(found["unitary"] == "West") & (found["measure"] == "people")].iloc[0]
    assert west["residents"] == 40
    assert west["demand"] == 7
    assert west["rate"] == pytest.approx(7 / 40)
    assert west["relative"] == pytest.approx(7 / 40 / (16 / 100))


def test_rates_per_age_band_divide_services_but_not_totals():
    one = made_up([[4, 1, 1, 1], [6, 1, 1, 1]], [40, 60])
    area = v.area_demand(one, one.gss_codes, per_age_band=True)
    np.testing.assert_array_equal(area.population[:, :4], np.repeat([[10], [15]], 4, axis=1))
    np.testing.assert_array_equal(area.population[:, 4:], np.repeat([[40], [60]], 2, axis=1))


def test_bands():
    assert v.option_band(900_000, 3) == "≤300k"
    assert v.option_band(900_001, 3) == "300–500k"
    assert v.option_band(1_000_001, 2) == "500k+"


# Properties


@given(areas())
def test_fast_and_slow_agree(made):
    counts, residents, belongs = made
    area = area_of(counts, residents)
    footprints = footprints_of(belongs)
    found = v.variation(area, footprints).set_index(["measure", "statistic"])["from_point"]
    for s, name in enumerate(NAMES):
        rates = []
        for number in sorted(set(belongs)):
            mine = [i for i, unitary in enumerate(belongs) if unitary == number]
            rates.append(sum(counts[i][s] for i in mine) / sum(residents[i] for i in mine))
        expected = slow(rates, counts[:, s].sum() / residents.sum())
        np.testing.assert_allclose(found[name].loc[[*v.STATISTICS]], expected, atol=1e-9)


@given(areas(), st.floats(0.1, 10))
def test_scaling_demand_or_residents_changes_nothing(made, factor):
    counts, residents, belongs = made
    footprints = footprints_of(belongs)
    plain = v.drawn_variation(area_of(counts, residents), footprints)
    more = v.drawn_variation(area_of(counts * factor, residents), footprints)
    larger = v.drawn_variation(area_of(counts, residents * 3), footprints)
    for measure in range(len(v.MEASURES) - 1):  # spend has a price, which demand alone moves
        np.testing.assert_allclose(more[:, measure], plain[:, measure], atol=1e-9)
    np.testing.assert_allclose(larger, plain, atol=1e-9)


@given(areas(), st.randoms())
def test_order_and_names_of_unitaries_do_not_matter(made, random):
    counts, residents, belongs = made
    area = area_of(counts, residents)
    footprints = footprints_of(belongs)
    shuffled = [random.sample(footprint, len(footprint)) for footprint in footprints]
    random.shuffle(shuffled)
    np.testing.assert_allclose(
        v.drawn_variation(area, shuffled), v.drawn_variation(area, footprints), atol=1e-12
    )


@given(areas(), st.floats(0.001, 0.2))
def test_equal_rates_have_no_variation(made, rate):
    _, residents, belongs = made
    counts = np.repeat(rate * residents[:, None], 4, axis=1)
    found = v.drawn_variation(area_of(counts, residents), footprints_of(belongs))
    np.testing.assert_allclose(found, 0, atol=1e-9)


@given(areas())
def test_one_unitary_has_no_variation_and_bounds_hold(made):
    counts, residents, belongs = made
    area = area_of(counts, residents)
    whole = v.drawn_variation(area, [area.gss_codes])
    np.testing.assert_allclose(whole, 0, atol=1e-9)
    found = v.drawn_variation(area, footprints_of(belongs))[0, :5]
    # The baseline lies between the smallest and the largest rate.
    assert (found[:, DEPARTURE] <= found[:, SPREAD] + 1e-12).all()
    assert (found[:, SPREAD] <= found[:, GAP] + 1e-12).all()


@settings(max_examples=50)
@given(areas(), st.integers(1, 3))
def test_masks_and_footprints_agree(made, draws):
    counts, residents, belongs = made
    worlds = counts * np.array([1.0, 1.0, 1.0])[:, None, None]
    worlds[1] = counts[::-1]
    area = area_of(counts, residents, draws=worlds)
    footprints = footprints_of(belongs)
    masks = np.array([[sum(1 << int(code[1:]) for code in codes) for codes in footprints]])
    point = v.variation_of_masks(area, masks)[0]
    found = v.variation(area, footprints)["from_point"].to_numpy().reshape(point.shape)
    np.testing.assert_allclose(point, found, atol=1e-9)
    mean = v.variation_of_masks(area, np.vstack([masks, masks]), draws)
    expected = v.drawn_variation(area, footprints)[:draws].mean(axis=0)
    np.testing.assert_allclose(mean[0], expected, atol=1e-9)
    np.testing.assert_allclose(mean[1], expected, atol=1e-9)


# Bad input


@pytest.mark.parametrize(
    ("footprints", "message"),
    [
        ([["D0"], ["D1"]], "missing: D2"),
        ([["D0", "D1"], ["D1", "D2"]], "repeated: D1"),
        ([["D0", "D1", "D2"], ["X"]], "unknown: X"),
        ([["D0", "D1", "D2"], []], "empty: footprint 2"),
    ],
)
def test_an_option_that_misses_or_repeats_a_council_is_refused(footprints, message):
    area = area_of([[4, 1, 1, 1], [6, 1, 1, 1], [5, 1, 1, 1]], [40, 60, 50])
    with pytest.raises(ValueError, match=message):
        v.variation(area, footprints)


def test_a_missing_service_is_marked_and_totals_go_on_without_it():
    counts = np.array([[4, 1, 1, 1], [6, 2, 3, 4]], dtype=float)
    holed = counts.copy()
    holed[1, 1] = np.nan
    area = area_of(holed, [40, 60])
    found = v.variation(area, [["D0"], ["D1"]]).set_index(["measure", "statistic"])
    assert found.loc["ehc_plans"].isna().all(axis=None)
    without = counts.copy()
    without[:, 1] = 0
    expected = v.statistics((without.sum(axis=1) / [40, 60])[:, None], without.sum() / 100)
    np.testing.assert_allclose(found.loc["people", "from_point"], expected[0])
    others = found[found.index.get_level_values("measure") != "ehc_plans"]
    assert others.notna().all(axis=None)


# On published figures


@pytest.fixture(scope="module")
def estimated():
    return demand.estimate(draws=200)


@pytest.fixture(scope="module")
def surrey(estimated):
    councils = tables.read("councils")
    mine = councils[(councils["area_id"] == "surrey") & (councils["council_type"] == "district")]
    return v.area_demand(estimated, sorted(mine["gss_code"]))


def test_the_baseline_is_the_published_rate_in_every_draw(surrey):
    total = surrey.estimate.sum(axis=0)
    assert total[0] == pytest.approx(932)  # looked-after children of Surrey, 31 March 2025
    np.testing.assert_allclose(surrey.draws.sum(axis=1), np.broadcast_to(total, (200, 6)))


def test_point_estimates_shrink_variation(surrey):
    half = len(surrey.gss_codes) // 2
    found = v.variation(surrey, [surrey.gss_codes[:half], surrey.gss_codes[half:]])
    spread = found[found["statistic"] == "spread"]
    assert (spread["expected"] > spread["from_point"]).mean() > 0.5
    assert (found["low"] <= found["expected"]).all()
    assert (found["expected"] <= found["high"]).all()


def test_spend_of_the_districts_sums_to_what_the_county_reported(surrey):
    spend = surrey.estimate[:, v.MEASURES.index("spend")].sum()
    upper = tables.read("upper_tier_indicators").query("gss_code == 'E10000030'")
    figure = upper.set_index("indicator")["value"]
    expected = sum(figure[service.spend] * service.spend_unit for service in SERVICES)
    assert spend == pytest.approx(expected)
