"""The national comparison: words follow the numbers."""

import pytest

from lgr_report.chapters.demand import national, old_counties, spreads
from lgr_report.core import rates
from lgr_report.core.demand import of_england
from lgr_report.sources import services


@pytest.fixture(scope="module")
def frame():
    return services.authorities()


@pytest.fixture(scope="module")
def found(frame):
    demand = of_england(300)
    return spreads.bands(demand), spreads.every_option(demand, 5)


def test_the_words_say_the_published_and_the_computed_figures(found, frame):
    bands, every = found
    words = " ".join(national.in_words(bands, every, frame))
    assert "Published: 21% below 300,000 people and 12% above 500,000" in words
    total = bands.set_index(["measure", "statistic", "band"])["mean"]
    assert f"{total[('people', 'spread', '500k+')]:.0%}" in words
    assert "The direction is reproduced" in words
    assert "Here it is children looked after" in words


def test_the_words_turn_round_when_the_numbers_do(found, frame):
    bands, every = found
    turned = bands.copy()
    swap = {"≤300k": "500k+", "500k+": "≤300k"}
    turned["band"] = turned["band"].replace(swap)
    words = " ".join(national.in_words(turned, every, frame))
    assert "The direction is not reproduced" in words


def test_the_nearest_statistic_is_the_one_with_the_least_distance(found):
    bands, every = found
    for totals in (national.submitted_totals(bands), national.design_totals(every)):
        distance = {
            s: abs(100 * totals[(s, "≤300k")] - 21) + abs(100 * totals[(s, "500k+")] - 12)
            for s in ("spread", "departure", "gap")
        }
        assert national.nearest_statistic(totals) == min(distance, key=distance.get)


def test_a_design_mean_weighs_areas_and_not_options(found):
    _, every = found
    part = every[every["in_design"] & (every["band"] == "500k+")]
    by_hand = sum(part["people spread"]) / len(part)
    assert national.design_by_band(every)["500k+"] == pytest.approx(by_hand)


def test_the_candidates_table_marks_one_choice_a_service(frame):
    table = national.candidates(frame)
    assert (table[table["chosen"] == "chosen"].groupby("service").size() == 1).all()
    best = table.loc[table.groupby("service")["error"].idxmin()]
    assert (best["chosen"] == "chosen").all()


def test_what_the_estimate_is_worth_follows_the_judgement(frame):
    judgement = old_counties.judge(frame, rates.choose(frame), 100)
    words = " ".join(national.judged_in_words(judgement))
    errors = judgement.errors().loc["shire"]
    gain = 1 - errors.loc["ehc_plans", "predicted"] / errors.loc["ehc_plans", "at_county_rate"]
    assert f"{gain:.0%} for education, health and care plans" in words
    assert "not for use there" in words
