"""The chapter on options: one study, which every parameter reaches, and what it says."""

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

from lgr_report.chapters import options
from lgr_report.chapters.options.study import EVERY, LAND
from lgr_report.core import divisions, scores
from lgr_report.core.demand import of_england

HAMPSHIRE = "hampshire-iow-portsmouth-southampton"
AREAS = ("norfolk", HAMPSHIRE, "gloucestershire")


@pytest.fixture(scope="module")
def demand():
    return of_england(200)


@pytest.fixture(scope="module")
def studies(demand):
    return {area: options.study(divisions.of(area, demand)) for area in AREAS}


def test_a_study_is_frozen_and_describes_itself(studies):
    study = studies["norfolk"]
    with pytest.raises(FrozenInstanceError):
        study.standings = None
    assert options.CHAPTER.study is options.study


@pytest.mark.parametrize("draws", [0, 2, 7])
@pytest.mark.parametrize("water_links", [True, False])
@pytest.mark.parametrize("area", ["norfolk", "gloucestershire"])
def test_parameters_hold_for_every_part_of_the_page(area, water_links, draws, demand):
    here = divisions.of(area, demand, water_links=water_links, option_draws=draws)
    study = options.study(here)
    assert study.scores.draws == draws
    column = f"by people, {EVERY if water_links else LAND}"
    placed = study.sensitivity.set_index("proposal_id")[column]
    standings = study.standings.set_index("proposal_id")
    pd.testing.assert_series_equal(placed, standings["people_percentile"], check_names=False)
    by_spend = study.sensitivity.set_index("proposal_id")[column.replace("people", "spend")]
    pd.testing.assert_series_equal(by_spend, standings["spend_percentile"], check_names=False)
    other = divisions.of(area, demand, water_links=not water_links, option_draws=draws)
    alone = scores.standings(other.scores, other.proposals)
    links = LAND if water_links else EVERY
    pd.testing.assert_frame_equal(study.standings_by_links[links], alone)


def test_the_page_of_norfolk_with_two_draws_says_one_percentile(demand):
    # Once the standings said 21 and the sensitivity table, scored again by default, 43.
    study = options.study(divisions.of("norfolk", demand, option_draws=2))
    shown = options.tables.sensitivity(study.sensitivity)
    standing = study.standings["people_percentile"].map("{:.0f}".format)
    placed = study.standings["note"].isna()
    assert shown.loc[placed, "by people, all links"].tolist() == standing[placed].tolist()


@pytest.mark.parametrize(("area", "times"), [("norfolk", 1), ("gloucestershire", 2)])
def test_options_are_scored_once_for_each_set_of_links(area, times, demand, monkeypatch):
    calls = []
    score = scores.score
    monkeypatch.setattr(scores, "score", lambda *args: calls.append(1) or score(*args))
    study = options.study(divisions.of(area, demand, option_draws=1))
    assert len(calls) == times
    assert study.same_by_land == (times == 1)


def test_the_words_say_when_public_data_cannot_tell_a_proposal_from_others(studies):
    for study in studies.values():
        table = study.standings
        for row, sentence in zip(
            table[table["note"].isna()].to_dict("records"),
            options.words.standings(study),
            strict=False,
        ):
            wide = row["people_high"] - row["people_low"] > 50
            assert ("do not tell it from most other options" in sentence) == wide


def test_a_bid_across_the_severn_is_no_option_by_land(studies):
    study = studies["gloucestershire"]
    row = study.sensitivity.set_index("proposal_id").loc["glos-2-ew"]
    assert not np.isnan(row["by people, all links"])
    assert np.isnan(row["by people, land only"])
    assert "is not contiguous" in options.words.by_land(study)[0]


def test_where_land_links_change_nothing_no_sentence_says_so(studies):
    assert studies["norfolk"].same_by_land
    assert options.words.by_land(studies["norfolk"]) == []
    assert len(options.words.counts(studies["norfolk"])) == 1


def test_by_land_alone_the_page_says_that_water_does_not_count(demand):
    here = divisions.of(HAMPSHIRE, demand, water_links=False, option_draws=0)
    study = options.study(here)
    first, second = options.words.counts(study)
    # The Isle of Wight stands for itself: one unitary is no option.
    assert f"{sum(here.options.counts().values()):,} ways into 2 to 5" in first
    assert "do not count" in second
    assert options.words.by_land(study) == []


def test_an_area_without_a_place_says_so_and_draws_no_histogram(studies):
    study = studies["norfolk"]
    nowhere = study.standings.assign(
        note="none", people_percentile=np.nan, population_percentile=np.nan
    )
    bare = options.Study(**(vars(study) | {"standings": nowhere}))
    assert options.words.in_short(bare) == [
        "No proposal can be placed among the options: the table says why."
    ]
    figure = options.charts.standing(bare)
    assert figure.title == "Norfolk: no proposal can be placed for demand balance by people"


def test_one_option_and_many_are_in_the_right_number(studies):
    study = studies["norfolk"]
    row = study.standings[study.standings["note"].isna()].head(1)
    for beaten_by, words in (
        (0, "No option is as good on both"),
        (1, "1 option is at least as good"),
        (1234, "1,234 options are at least as good"),
    ):
        one = options.Study(**(vars(study) | {"standings": row.assign(beaten_by=beaten_by)}))
        assert words in options.words.standings(one)[0]


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (0.4, "stands below the 1st percentile"),
        (99.6, "stands above the 99th percentile"),
        (42.4, "stands at the 42nd percentile"),
    ],
)
def test_the_ends_of_the_scale_are_no_percentiles(studies, percentile, words):
    study = studies["norfolk"]
    row = study.standings[study.standings["note"].isna()].head(1)
    one = options.Study(**(vars(study) | {"standings": row.assign(people_percentile=percentile)}))
    assert words in options.words.standings(one)[0]


def test_fronts_are_shown_for_the_sizes_that_were_proposed(studies):
    for study in studies.values():
        shown = options.tables.fronts(study.fronts)
        proposed = {k for k in study.standings["n_unitaries"] if 1 < k <= 5}
        assert set(shown["unitaries"]) == proposed
