"""The back-test: the model never saw the four split unitaries; what they reported judges it."""

import numpy as np
import pandas as pd
import pytest

from lgr_report.chapters.demand import old_counties
from lgr_report.chapters.histories import backtest, backtest_tables, charts, panel, words
from lgr_report.chapters.histories.backtest import BEFORE, FIRST, LATEST
from lgr_report.core import rates
from lgr_report.sources import services
from lgr_report.sources.services import SERVICES

SPLIT = ["E06000061", "E06000062", "E06000063", "E06000064"]


@pytest.fixture(scope="module")
def frame():
    return services.authorities()


@pytest.fixture(scope="module")
def history():
    return panel.read()


@pytest.fixture(scope="module")
def found(frame, history):
    return backtest.run(frame, history, draws=200)


def cell(found, total, code, service, column):
    rows = found.rows.set_index(["total", "gss_code", "service"])
    return rows.loc[(total, code, service), column]


def test_reported_figures_are_those_published(found):
    assert cell(found, LATEST, "E06000061", "children_looked_after", "reported") == 568
    assert cell(found, LATEST, "E06000063", "adults_65_plus", "reported") == 3208
    assert cell(found, FIRST, "E06000062", "ehc_plans", "reported") == 2847
    assert cell(found, BEFORE, "E06000061", "children_looked_after", "divided") == 1144
    assert cell(found, BEFORE, "E06000063", "ehc_plans", "divided") == 4489


def test_adults_have_no_total_from_before(found):
    early = found.rows[found.rows["total"] != LATEST]
    assert set(early["service"]) == {"children_looked_after", "ehc_plans"}
    assert len(found.rows) == 4 * (4 + 2 + 2)


def test_predictions_divide_the_total_exactly(found):
    sums = found.rows.groupby(["total", "area", "service"])
    for column in ("predicted", "at_county_rate"):
        np.testing.assert_allclose(sums[column].sum(), sums["divided"].first(), rtol=1e-12)


def test_the_model_never_saw_what_it_predicts(frame, history, found):
    """Other figures of the four change their total, but not the shares predicted."""
    names = [service.service for service in SERVICES if not service.apart]
    changed = frame.copy()
    changed.loc[SPLIT, names] *= 2
    other = backtest.run(changed, history, draws=20)
    mine = found.rows[found.rows["service"].isin(names)]
    theirs = other.rows[other.rows["service"].isin(names)]
    np.testing.assert_allclose(
        (theirs["predicted"] / theirs["divided"]).to_numpy(),
        (mine["predicted"] / mine["divided"]).to_numpy(),
        rtol=1e-12,
    )


def test_a_world_that_follows_the_model_is_predicted_without_error(frame, history):
    world = frame[frame["residents"] > 30_000].copy()
    chosen = rates.choose(world)
    for fit in rates.fit_all(world, chosen):
        people = services.people(world, fit.service)
        world[fit.service.service] = people * np.exp(fit.log_rate(world))
        world[f"{fit.service.service}_apart"] = 0.0
    scores = backtest.run(world, history, draws=20).scores.loc[LATEST]
    assert scores["predicted"].max() < 1e-9
    assert (scores["in_order"] == scores["pairs"]).all()
    assert scores["at_county_rate"].min() > 0.01


def test_a_figure_that_is_missing_leaves_its_county_out_and_is_not_zero(frame, history):
    holed = frame.copy()
    holed.loc["E06000063", "adults_18_64"] = np.nan
    rows = backtest.run(holed, history, draws=20).rows
    part = rows[rows["service"] == "adults_18_64"]
    assert set(part["area"]) == {"Northamptonshire"}
    assert rows["reported"].notna().all()


def test_intervals_hold_the_prediction_and_widen_with_their_level(found):
    rows = found.rows
    assert (rows["low"] <= rows["inner_low"]).all()
    assert (rows["inner_low"] <= rows["predicted"]).all()
    assert (rows["predicted"] <= rows["inner_high"]).all()
    assert (rows["inner_high"] <= rows["high"]).all()


def test_scores_are_what_counting_by_hand_gives(found):
    part = found.rows.query("total == 'latest' and service == 'ehc_plans'")
    errors = [abs(np.log(r.predicted / r.reported)) for r in part.itertuples()]
    within = sum(r.low <= r.reported <= r.high for r in part.itertuples())
    right = 0
    for _, pair in part.groupby("area"):
        first, second = pair.itertuples()
        said = first.predicted / first.residents > second.predicted / second.residents
        seen = first.reported / first.residents > second.reported / second.residents
        right += said == seen
    scores = found.scores.loc[(LATEST, "ehc_plans")]
    assert scores["predicted"] == pytest.approx(np.mean(errors), rel=1e-12)
    assert (scores["outer"], scores["in_order"], scores["pairs"]) == (within, right, 2)


def test_pairs_in_order_are_counted_within_counties_only():
    rows = pd.DataFrame(
        {
            "county": ["a", "a", "a", "b"],
            "residents": [10.0, 10, 10, 10],
            "reported": [1.0, 2, 3, 9],
            "predicted": [1.0, 3, 2, 0],
        }
    )
    assert backtest.in_order(rows, "county") == (2, 3)


def test_the_order_of_authorities_changes_no_prediction(frame, history, found):
    other = backtest.run(frame.sample(frac=1, random_state=3), history, draws=20)
    np.testing.assert_allclose(
        other.rows["predicted"].to_numpy(), found.rows["predicted"].to_numpy(), rtol=1e-9
    )


def test_the_test_stands_beside_old_counties_left_out(frame, found):
    shires = frame.query("kind == 'shire'")["old_county"].unique()
    few = frame.assign(old_county=frame["old_county"].where(frame["old_county"].isin(shires[:10])))
    judgement = old_counties.judge(few, rates.choose(frame), draws=20)
    errors, coverage = judgement.errors().loc["shire"], judgement.coverage().loc["shire"]
    judged = judgement.authorities.query("kind == 'shire'")
    table = backtest_tables.beside_old_counties(found, errors, coverage, judged)
    scores = found.scores.loc[LATEST]
    assert table["error, four unitaries"].tolist() == scores["predicted"].tolist()
    assert table["error, old counties"].tolist() == errors["predicted"].tolist()
    sizes = judgement.counties.query("kind == 'shire' and service == 'ehc_plans'")["authorities"]
    pairs = int((sizes * (sizes - 1) / 2).sum())
    assert table["order right, old counties"].str.endswith(f" of {pairs}").all()


def test_growth_before_the_first_count_is_not_the_models(found):
    growth = found.growth("ehc_plans")
    for area, codes in {"Northamptonshire": SPLIT[:2], "Cumbria": SPLIT[2:]}.items():
        first = sum(cell(found, BEFORE, code, "ehc_plans", "reported") for code in codes)
        old = cell(found, BEFORE, codes[0], "ehc_plans", "divided")
        assert growth[area] == pytest.approx(first / old - 1)


def test_words_tables_and_chart_have_the_numbers_of_the_test(found):
    said = words.backtest(found)
    counts = found.scores.loc[LATEST].sum()
    assert f"{counts['in_order']:.0f} of {counts['pairs']:.0f} pairs" in said[0]
    assert "8% in Cumbria and 17% in Northamptonshire" in said[1]
    table = backtest_tables.by_total(found)
    assert len(table) == 8
    assert table["order right"].iloc[0] == "2 of 2"
    figure = charts.divided(found)
    assert f"In {counts['in_order']:.0f} of {counts['pairs']:.0f} comparisons" in figure.title
    assert figure.alt.count("reported") == 16
    labels = [
        text.get_text().replace("\n", " ") for text in figure.picture.axes[0].get_yticklabels()
    ]
    assert labels.count("Cumberland") == len(SERVICES)


def test_the_draws_and_the_seed_are_parameters(frame, history):
    few = backtest.run(frame, history, draws=20, seed=5)
    pd.testing.assert_frame_equal(few.rows, backtest.run(frame, history, draws=20, seed=5).rows)
    other = backtest.run(frame, history, draws=20, seed=6)
    assert (few.rows["predicted"] == other.rows["predicted"]).all()
    assert (few.rows["low"] != other.rows["low"]).any()
