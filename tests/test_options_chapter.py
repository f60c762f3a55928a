"""The chapter on options: one study, which every parameter reaches, and what it says."""

import re
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
    standing = study.standings["people_percentile"].map(options.places.place)
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


def test_more_or_less_even_is_said_only_where_the_whole_interval_lies_on_one_side(studies):
    for study in studies.values():
        table = study.standings
        placed = table[table["note"].isna()].to_dict("records")
        for row, sentence in zip(placed, options.words.standings(study)[1:], strict=False):
            sides = [
                (row[f"{metric}{among}_high"] < 50, row[f"{metric}{among}_low"] > 50)
                for metric in ("people", "spend")
                for among in (("", "_meeting") if row["meeting"] > 1 else ("",))
            ]
            assert ("it is more even than most" in sentence) == any(more for more, _ in sides)
            assert ("it is less even than most" in sentence) == any(less for _, less in sides)
            assert ("do not tell whether" in sentence) == any(not any(side) for side in sides)


def test_leicestershires_places_by_people_and_by_spend_stand_side_by_side():
    study = options.study(divisions.of("leicestershire-leicester-rutland"))
    words = " ".join(options.words.in_short(study))
    assert "“North, City, South” at percentile 59 (27 to 84) by people and 80 (57 to 93)" in words
    assert "plus the city” at percentile 83 (62 to 98) by people and 97 (82 to over 99)" in words
    sentence = next(s for s in options.words.standings(study) if s.startswith("“North"))
    assert "By people, public data do not tell" in sentence
    # By spend 80 (57 to 93) among all, 54 (12 to 96) among those of acceptable size: once the first
    # alone made the verdict.
    assert (
        "By spend, it is less even than most of all 335 options, but public data do not tell "
        "whether it is more or less even than most of the 12 of acceptable size: it depends on "
        "which options it is set beside. Among the 12 of acceptable size its percentile is "
        "51 (4 to 96) by people and 54 (12 to 96) by spend." in sentence
    )
    titles = [options.charts.standing(study, metric).title for metric in ("people", "spend")]
    assert titles[0].endswith(
        "1 of 2 proposals less even than most options, as far as public data tell"
    )
    assert titles[1].endswith(
        "1 of 2 proposals less even than most options, as far as public data tell; for 1 of 2 "
        "proposals that depends on which options are set beside"
    )
    # The verdict stands in the short account too, and not only where there is none.
    assert "plus the city” would be less even than most options, by people and by spend." in words
    assert "“North, City, South” cannot be told from the middle of the options by people" in words


def test_a_near_miss_on_our_own_limit_is_told_as_ours():
    study = options.study(divisions.of("leicestershire-leicester-rutland"))
    sentence = next(s for s in options.words.standings(study) if s.startswith("“One county"))
    assert (
        "Its larger unitary has 2.03 times the people of its smaller, and our limit is 2 (assumed; "
        "1.5 to 3): so it is not among them." in sentence
    )
    how = options.words.standings(study)[0]
    assert "These limits are ours, assumed: the invitation names no number for balance" in how
    assert "invitation’s tests" not in how


def test_population_balance_names_the_ends_and_calls_the_middle_not_more_even():
    study = options.study(divisions.of("leicestershire-leicester-rutland"))
    title = options.charts.standing(study, "population").title
    assert title.endswith(
        "the most even proposal, North, City, South, is at percentile under 1 of all options (0 is "
        "the most even); the least even, One county unitary plus the city, at 48"
    )
    one = options.Study(**(vars(study) | {"standings": study.standings.iloc[:1]}))
    assert "the one proposal is at percentile" in options.charts.standing(one, "population").title
    same = study.standings.assign(population_percentile=50.0)
    two = options.Study(**(vars(study) | {"standings": same}))
    assert (
        "the proposals are all at percentile 50" in options.charts.standing(two, "population").title
    )


def test_a_verdict_in_short_joins_the_proposals_of_which_it_holds(studies):
    study = studies["norfolk"]
    row = study.standings[study.standings["note"].isna()].head(1)
    ends = {
        f"{metric}{among}_{end}": place
        for metric in ("people", "spend")
        for among in ("", "_meeting")
        for end, place in (("low", 60.0), ("high", 90.0))
    }
    pair = pd.concat([row.assign(name="A and B"), row.assign(name="C")]).assign(**ends)
    said = options.words.in_short(options.Study(**(vars(study) | {"standings": pair})))[0]
    assert said.endswith(
        "“A and B” and “C” would be less even than most options, by people and by spend."
    )
    pair = pair.assign(spend_meeting_low=10.0, people_low=10.0, people_meeting_low=10.0)
    said = options.words.in_short(options.Study(**(vars(study) | {"standings": pair})))[0]
    assert said.endswith(
        "“A and B” and “C” cannot be told from the middle of the options by people; by spend they "
        "would be more or less even depending on whether all options or only those of acceptable "
        "size are set beside them."
    )


def test_lancashires_bids_are_placed_among_options_that_meet_the_tests_of_size_too():
    study = options.study(divisions.of("lancashire-blackburn-blackpool"))
    table = study.scores.tables[3]
    assert (table["smallest"] <= 300_000).mean() == pytest.approx(0.83, abs=0.005)
    row = study.standings.set_index("proposal_id").loc["lancs-3"]
    assert (row["meeting"], row["meets"]) == (table["meets"].sum(), True) == (284, True)
    sentence = next(s for s in options.words.standings(study) if s.startswith("“Three"))
    assert "Among the 284 of acceptable size its percentile is 74 (" in sentence
    five = next(s for s in options.words.standings(study) if s.startswith("“Five"))
    assert "No option of as many unitaries is of acceptable size. Its smallest unitary" in five


@pytest.mark.parametrize("area", AREAS)
def test_a_place_is_never_written_like_a_rank(studies, area):
    study = studies[area]
    words = " ".join(options.words.in_short(study) + options.words.standings(study))
    assert not re.search(r"\bat \d+ (of|among)\b", words)


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
    for beaten_by, by_spend, words in (
        (0, 0, "no option is as good on population balance, on demand balance (by people or by"),
        (1, 0, "1 option by people and no option by spend is at least as good"),
        (1234, 2, "1,234 options by people and 2 options by spend are at least as good"),
    ):
        changed = row.assign(beaten_by=beaten_by, beaten_by_spend=by_spend)
        one = options.Study(**(vars(study) | {"standings": changed}))
        said = options.words.standings(one)[1]
        assert f"On central estimates, which noise could reorder, {words}" in said


@pytest.mark.parametrize(
    ("percentile", "shown"),
    [(0.4, "under 1"), (0.99, "under 1"), (1.2, "1"), (42.4, "42"), (99.6, "over 99")],
)
def test_a_percentile_is_written_the_same_in_sentences_tables_and_charts(
    studies, percentile, shown
):
    # Once a sentence said "below the 1st percentile" and the table beside it 1.
    study = studies["norfolk"]
    row = study.standings[study.standings["note"].isna()].head(1)
    changed = row.assign(people_percentile=percentile, population_percentile=percentile)
    one = options.Study(**(vars(study) | {"standings": changed}))
    sentence = options.words.standings(one)[1]
    assert f"its percentile is {shown} (" in sentence
    assert f"For population balance its percentile is {shown}." in sentence
    assert f"at percentile {shown} (" in options.words.in_short(one)[0]
    table = options.tables.standings(changed)
    assert table["population balance: spread, percentile"].item().endswith(f", {shown}")
    for metric in ("people", "population"):
        drawn = options.charts.standing(one, metric)
        assert str(drawn.table.frame["percentile"].item()).split(" (")[0] == shown
        assert f"percentile {shown} among" in drawn.alt


def test_fronts_are_shown_for_the_sizes_that_were_proposed(studies):
    for study in studies.values():
        shown = options.tables.fronts(study.fronts)
        proposed = {k for k in study.standings["n_unitaries"] if 1 < k <= 5}
        assert set(shown["unitaries"]) == proposed
        assert set(shown["not beaten, on central estimates"]) <= {
            "by people",
            "by spend",
            "by both",
        }
        assert "by both" in set(shown["not beaten, on central estimates"])
