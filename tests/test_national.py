"""The national comparison: words follow the numbers."""

import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from lgr_report.chapters import demand
from lgr_report.chapters.demand import old_counties, spreads
from lgr_report.core import rates
from lgr_report.core.demand import of_england
from lgr_report.core.variation import MEASURES, PEOPLE, STATISTICS
from lgr_report.runs.deliverables import is_empty
from lgr_report.sources import services


@pytest.fixture(scope="module")
def frame():
    return services.authorities()


@pytest.fixture(scope="module")
def national():
    return demand.national(300, 5)


def test_it_is_frozen_and_computed_once(national):
    with pytest.raises(FrozenInstanceError):
        national.bands = None
    assert demand.national(300, 5) is national


def test_both_numbers_of_draws_hold(national):
    fewer = demand.national(2, 5)
    assert not fewer.bands["low"].equals(national.bands["low"])
    assert (
        not demand.national(300, 1).every["people spread"].equals(national.every["people spread"])
    )


def test_the_words_say_the_published_and_the_computed_figures(national):
    words = " ".join(demand.words.compared(national))
    assert "Published: 21% below 300,000 people and 12% above 500,000" in words
    total = national.bands.set_index(["measure", "statistic", "band"])["mean"]
    assert f"{total[('people', 'spread', '500k+')]:.0%}" in words
    assert (
        "told from zero by 3 of 3 statistics. But a range grows with the number of unitaries "
        "(≤300k: 2 bids for 4 unitaries; 500k+: 11 bids for 2 unitaries, 3 bids for 3 unitaries "
        "and 1 bid for 4 unitaries): at equal numbers it falls by 1."
    ) in words
    assert "So whether the direction is reproduced depends on how it is compared." in words
    assert "need no model, give 24% above 500,000 and 23% below 300,000" in words
    assert "Here it is children looked after" in words


def test_the_words_turn_round_when_the_numbers_do(national):
    swap = {"≤300k": "500k+", "500k+": "≤300k"}
    turned = national.bands.assign(band=national.bands["band"].replace(swap))
    falls = -national.differences[["mean", "high", "low"]].set_axis(["mean", "low", "high"], axis=1)
    words = " ".join(demand.words.compared(replace(national, bands=turned, differences=falls)))
    assert "So the direction is not reproduced." in words
    assert "for the other services it is not" in words


def test_a_direction_that_only_one_statistic_shows_is_not_said_of_all(national):
    falls = national.differences.assign(low=[-0.01, 0.02, -0.03])
    words = " ".join(demand.words.compared(replace(national, differences=falls)))
    assert "told from zero by 1 of 3 statistics. But" in words
    assert "So whether the direction is reproduced depends on how it is compared." in words
    clear = national.at_equal_numbers.assign(low=0.01)
    words = " ".join(demand.words.compared(replace(national, at_equal_numbers=clear)))
    assert "So the direction is reproduced by all statistics, both ways." in words


def test_whether_the_published_figures_are_reproduced_depends_on_the_statistic():
    said = demand.words.compared(demand.national(1000, 5))[1]
    assert said == (
        "The report does not say which statistic its figures are, so three are tried. The 21% "
        "(≤300k) lies inside the interval by largest departure ÷ baseline, 19% (17% to 22%); "
        "outside the interval by (max − min) ÷ baseline, 30% (24% to 36%) and (max − min) ÷ min, "
        "34% (26% to 44%). The 12% (500k+) lies inside the interval by (max − min) ÷ baseline, 13% "
        "(11% to 16%) and (max − min) ÷ min, 14% (12% to 17%); outside the interval by largest "
        "departure ÷ baseline, 8% (7% to 10%). So whether a figure is reproduced depends on the "
        "statistic; none of the three reproduces both."
    )


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ([0.0] * 3, [0.5] * 3, "Both are reproduced, whichever it is."),
        ([0.5] * 3, [0.6] * 3, "Neither is reproduced, whichever it is."),
        ([0.5, 0.0, 0.5], [0.6, 0.5, 0.6], "largest departure ÷ baseline reproduces both."),
    ],
)
def test_what_holds_over_all_statistics_is_said(national, low, high, said):
    by_statistic = [dict(zip(STATISTICS, ends, strict=True)) for ends in (low, high)]
    ends = [national.bands["statistic"].map(end) for end in by_statistic]
    bands = national.bands.assign(low=ends[0], high=ends[1])
    assert demand.words.compared(replace(national, bands=bands))[1].endswith(said)


def test_the_fall_with_size_is_a_difference_of_the_same_draws(national):
    bids, drawn = spreads.submitted(of_england(300))
    people = drawn[:, :, MEASURES.index(PEOPLE)]
    for s, name in enumerate(STATISTICS):
        falls = [
            people[bids["band"] == "≤300k", draw, s].mean()
            - people[bids["band"] == "500k+", draw, s].mean()
            for draw in range(300)
        ]
        tail = (1 - 0.95) / 2
        expected = [np.mean(falls), *np.quantile(falls, [tail, 1 - tail])]
        assert national.differences.loc[name].tolist() == pytest.approx(expected)


def test_a_single_bid_is_named_in_the_singular(national):
    single = replace(national, bands=national.bands.assign(proposals=1))
    words = " ".join(demand.words.compared(single))
    assert "1 bid only)" in words
    assert not re.search(r"\b1 bids", words)


def test_the_nearest_statistic_is_the_one_with_the_least_distance(national):
    for totals in (
        spreads.submitted_totals(national.bands),
        spreads.design_totals(national.every),
    ):
        distance = {
            s: abs(100 * totals[(s, "≤300k")] - 21) + abs(100 * totals[(s, "500k+")] - 12)
            for s in ("spread", "departure", "gap")
        }
        nearest = spreads.nearest_statistic(totals, national.published)
        assert nearest == min(distance, key=distance.get)


def test_a_design_mean_weighs_areas_and_not_options(national):
    every = national.every
    part = every[every["in_design"] & (every["band"] == "500k+")]
    by_hand = sum(part["people spread"]) / len(part)
    assert spreads.design_by_band(every)["500k+"] == pytest.approx(by_hand)


def test_the_chart_says_what_each_series_gives(national):
    figure = demand.charts.published_beside(national)
    assert "published (CCN/Newton, p38): ≤300k 21%, 500k+ 12%;" in figure.alt
    assert figure.table.frame["size band"].tolist() == ["≤300k", "300–500k", "500k+"]
    assert not is_empty(figure.svg())


def test_the_candidates_table_marks_one_choice_a_service(frame):
    table = demand.tables.candidates(rates.compare_all(frame))
    assert (table[table["chosen"] == "chosen"].groupby("service").size() == 1).all()
    best = table.loc[table.groupby("service")["error"].idxmin()]
    assert (best["chosen"] == "chosen").all()


def test_what_the_estimate_is_worth_follows_the_judgement(frame):
    judgement = old_counties.judge(frame, rates.choose(frame), 100)
    words = " ".join(demand.words.judged(judgement))
    errors = judgement.errors().loc["shire"]
    gain = 1 - errors.loc["ehc_plans", "predicted"] / errors.loc["ehc_plans", "at_county_rate"]
    assert f"{gain:.0%} for education, health and care plans" in words
    assert "not for use there" in words
