"""The survey: counts behind rounded percentages, against brute force and a second formula."""

import dataclasses
import math
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import DATA, ROOT, edit, rows, uncounted, write
from scipy.stats import norm

from lgr_report.chapters import survey
from lgr_report.chapters.survey import labellings, respondents, response, words
from lgr_report.chapters.survey.respondents import Reading
from lgr_report.core import intervals
from lgr_report.runs import plan

FIG4 = [39, 33, 22, 6, 0]
STUDY = survey.study()
# Odd ones, so that no tail is exactly half of what they leave.
LEVELS = [0.5123, 0.8077, 0.9513]


def half_up(count: int, n: int) -> int:
    """Round a percentage as a person does: halves up."""
    return math.floor(100 * count / n + 0.5)


def brute_force(percentages: list[int], n: int) -> set[tuple[int, ...]]:
    """Return every way to give n answers to the bars that rounds to the percentages."""
    return {
        counts
        for counts in product(range(n + 1), repeat=len(percentages))
        if sum(counts) == n and [half_up(c, n) for c in counts] == percentages
    }


def wilson(count: int, n: int, level: float) -> tuple[float, float]:
    """Return the Wilson interval by its closed form."""
    z = norm.ppf(0.5 + level / 2)
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0), min(middle + half, 1)


# Readings


def test_the_confidence_chart_fits_36_respondents_and_one_set_of_counts():
    assert respondents.readings(FIG4, 20, 39) == [Reading(36, (14, 12, 8, 2, 0))]


def test_18_would_fit_too_and_nothing_else_up_to_39():
    assert respondents.readings(FIG4, 1, 39) == [
        Reading(18, (7, 6, 4, 1, 0)),
        Reading(36, (14, 12, 8, 2, 0)),
    ]


def test_figure_1_had_35_respondents_and_figure_6_had_37():
    assert survey.study().common == {"fig4": (36,), "fig1": (35,), "fig6": (37,)}


@pytest.mark.parametrize("question", ["column 1", "column 2", "column 3", "column 4"])
@pytest.mark.parametrize(("figure", "n"), [("fig1", 35), ("fig6", 37)])
def test_the_counts_of_a_question_round_to_its_published_bars(figure, n, question):
    bars = [
        int(row["percent"])
        for row in rows("survey_bars")
        if row["chart_id"] == figure and row["question"] == question
    ]
    found = respondents.readings(bars, n, n)
    assert len(found) == 1
    assert [half_up(count, n) for count in found[0].counts] == bars


@settings(max_examples=60)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=3), st.integers(1, 12))
def test_readings_are_those_that_brute_force_finds(percentages, n):
    assert {r.counts for r in respondents.readings(percentages, n, n)} == brute_force(
        percentages, n
    )


@given(st.lists(st.integers(0, 15), min_size=1, max_size=4).filter(any))
def test_counts_that_were_rounded_are_among_the_readings(counts):
    n = sum(counts)
    percentages = [half_up(count, n) for count in counts]
    assert Reading(n, tuple(counts)) in respondents.readings(percentages, n, n)


@given(st.integers(0, 60), st.integers(1, 60))
def test_a_share_is_rounded_with_halves_up(count, n):
    assert respondents.rounded(min(count, n), n) == half_up(min(count, n), n)


def test_a_half_is_rounded_up():
    assert [respondents.rounded(1, 8), respondents.rounded(1, 200)] == [13, 1]  # 12.5 and 0.5


@pytest.mark.parametrize("bars", [[101], [-1, 50]])
def test_a_percentage_outside_0_to_100_is_refused(bars):
    with pytest.raises(ValueError, match="percentages lie between 0 and 100"):
        respondents.readings(bars, 1, 10)


# Intervals


@given(st.integers(1, 200), st.data(), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_interval_is_wilsons(n, data, level):
    count = data.draw(st.integers(0, n))
    low, high = intervals.wilson(count, n, level)
    assert (low, high) == pytest.approx(wilson(count, n, level), abs=1e-9)
    assert 0 <= low <= count / n <= high <= 1


def test_the_confidence_chart_has_its_published_bars_with_intervals():
    chart = survey.study().confidence
    assert chart["percent"].tolist() == FIG4
    assert chart["count"].tolist() == [14, 12, 8, 2, 0]
    assert set(chart["n"]) == {36}
    assert chart["option"].isna().tolist() == [True, True, True, False, False]
    assert chart["option"].tolist()[3:] == ["confident", "very confident"]
    for row in chart.itertuples():
        low, high = wilson(row.count, 36, 0.95)
        assert (row.low, row.high) == pytest.approx((100 * low, 100 * high))


def test_the_level_of_the_intervals_is_a_parameter():
    studies = [survey.study(level) for level in (0.99, 0.8)]
    for wide, narrow in zip(*((s.confidence, s.statements) for s in studies), strict=True):
        assert (wide["high"] - wide["low"] > narrow["high"] - narrow["low"]).all()


# Those who were asked and did not answer


def drawn_share(count: int, population: int, there: int, n: int) -> float:
    """Return the chance of a count, from every way to draw the sample."""
    ways = math.comb(there, count) * math.comb(population - there, n - count)
    return ways / math.comb(population, n)


@given(st.integers(1, 40), st.data(), st.sampled_from(LEVELS))
def test_the_exact_interval_holds_whom_neither_tail_rules_out(population, data, level):
    n = data.draw(st.integers(1, population))
    count = data.draw(st.integers(0, n))
    held = []
    for there in range(population + 1):
        chances = [drawn_share(c, population, there, n) for c in range(n + 1)]
        tails = sum(chances[: count + 1]), sum(chances[count:])
        if min(tails) > (1 - level) / 2:
            held.append(there)
    low, high = intervals.finite(count, n, population, level)
    assert (low, high) == pytest.approx((held[0] / population, held[-1] / population))


def test_the_exact_interval_of_2_in_36_of_63_is_3_to_14_per_cent():
    low, high = intervals.finite(2, 36, 63, 0.95)
    assert (low, high) == pytest.approx((2 / 63, 9 / 63))
    assert intervals.worst_case(2, 36, 63) == (2, 29)


def test_the_exact_interval_covers_as_often_as_it_says_whoever_is_confident():
    for there in range(64):
        covered = sum(
            drawn_share(count, 63, there, 36)
            for count in range(max(0, 36 - (63 - there)), min(36, there) + 1)
            if intervals.finite(count, 36, 63, 0.95)[0] <= there / 63
            and there / 63 <= intervals.finite(count, 36, 63, 0.95)[1]
        )
        assert covered >= 0.95


def test_who_all_answered_leaves_nothing_open():
    assert intervals.finite(5, 20, 20, 0.95) == (0.25, 0.25)
    assert intervals.worst_case(5, 20, 20) == (5, 5)
    with pytest.raises(ValueError, match="each must hold the one before"):
        intervals.finite(5, 20, 19, 0.95)


def test_silence_bounds_what_every_labelling_leaves_open():
    table = survey.tables.reach(STUDY).set_index("officers")
    assert table.loc["confident or very confident"].tolist() == [
        "2 of 36",
        "2% to 18%",
        "3% to 14%",
        "3% to 46%",
        "3% to 51%",
    ]
    # 20 of 63 if none of the 27 silent doubt, 26 + 27 of 63 if all do.
    doubtful = table.loc["not confident or not at all confident"]
    assert doubtful.iloc[-2] == f"{100 * 20 / 63:.0f}% to {100 * 53 / 63:.0f}%"
    assert doubtful.iloc[-1] == f"{100 * 20 / 70:.0f}% to {100 * 60 / 70:.0f}%"
    assert not STUDY.statements["proven"].any()


def test_where_everyone_asked_answered_the_words_say_so(data):
    edit("assumptions", data, lambda r: r["assumption_id"] == "survey_asked", value="36")
    full = survey.study()
    assert "all of them answered: nothing is left open" in words.in_short(full)[1]
    assert full.statements["proven"].tolist() == [True, True, False, True]


# Response rates


def fits(percent: int, base: int) -> bool:
    """Return whether some count of a base is a whole percentage, halves rounded either way."""
    return any(
        percent in (math.floor(100 * c / base + 0.5), math.ceil(100 * c / base - 0.5))
        for c in range(base + 1)
    )


def test_two_of_the_three_response_rates_are_shares_of_no_number_of_21_counties():
    assert [fits(rate, 21) for rate in (39, 62, 66)] == [False, True, False]
    assert STUDY.response["fitting"].isna().tolist() == [True, False, True]
    assert STUDY.response.loc["SV03", "fitting"] == 13
    assert STUDY.response["smallest"].tolist() == [18, 8, 29]


def test_no_number_under_56_gives_all_three_response_rates():
    together = [base for base in range(1, 70) if all(fits(r, base) for r in (39, 62, 66))]
    assert together[0] == 56 == STUDY.common_base


@given(st.integers(1, 80), st.data())
def test_a_rate_that_was_computed_is_a_share_of_its_base(base, data):
    count = data.draw(st.integers(0, base))
    assert count in response.counts(half_up(count, base), base)
    assert response.least_base([half_up(count, base)]) <= base


def test_a_response_rate_above_100_is_refused():
    with pytest.raises(ValueError, match="percentages lie between 0 and 100"):
        response.least_base([101])


def test_the_words_say_which_rates_do_not_add_up():
    assert words.response(STUDY).startswith(
        "The response rates do not add up: no number of counties out of 21 gives 39% (county chief "
        "executives) or 66% (directors of children's services). 62% (directors of adult social "
        "care) is 13 of 21. No number of officers below 56 gives all three rates."
    )


def test_rates_that_add_up_are_said_to(data):
    for finding, value in {"SV02": "38", "SV04": "67"}.items():
        edit("published_findings", data, lambda r, f=finding: r["finding_id"] == f, value=value)
    assert words.response(survey.study()) == (
        "Each published response rate is a share of 21 counties."
    )


# What holds under every labelling

OPTIONS = ("neutral", "not confident", "not at all confident")
LABELLINGS = [dict(zip(OPTIONS, order, strict=True)) for order in permutations([14, 12, 8])]


def test_the_three_open_bars_have_six_labellings():
    found = labellings.labellings(survey.study().confidence)
    assert len(found) == 6
    assert {tuple(row) for row in found[list(OPTIONS)].to_numpy()} == {
        tuple(labelling.values()) for labelling in LABELLINGS
    }
    assert set(found["confident"]) == {2}
    assert set(found["very confident"]) == {0}
    assert (found.sum(axis=1) == 36).all()


def test_statements_hold_fail_or_depend_as_the_six_labellings_say():
    doubts = [way["not confident"] + way["not at all confident"] for way in LABELLINGS]
    claims = [
        [2 / 36 < 0.1] * 6,
        [doubt / 36 > 0.5 for doubt in doubts],
        [doubt / 36 > 0.75 for doubt in doubts],
        [2 / 36 < 0.2] * 6,
    ]
    verdicts = {
        (True, True): "holds in the sample under every labelling",
        (True, False): "depends on the labelling",
        (False, False): "fails in the sample under every labelling",
    }
    found = survey.tables.statements(survey.study())
    assert found["verdict"].tolist() == [verdicts[any(c), all(c)] for c in claims]
    assert found["least"].tolist() == [2, min(doubts), min(doubts), 2]
    assert found["most"].tolist() == [2, max(doubts), max(doubts), 2]
    assert (min(doubts), max(doubts)) == (20, 26)


def test_a_statement_reaches_beyond_the_sample_only_if_its_interval_allows_nothing_else():
    found = survey.tables.statements(survey.study())
    assert wilson(2, 36, 0.95)[1] < 0.2
    assert wilson(2, 36, 0.95)[1] > 0.1
    assert wilson(20, 36, 0.95)[0] < 0.5
    assert [said.startswith("yes") for said in found["beyond_sample"]] == [
        False,
        False,
        False,
        True,
    ]


def test_a_labelling_can_decide_a_statement(data):
    # With the largest bar known to be neutral, doubt is 12 + 8 of 36 whichever bar is which.
    edit("survey_bars", data, lambda r: r["finding_id"] == "SV08", option="neutral")
    write("survey_open_labels", data, rows("survey_open_labels")[1:])
    uncounted(data)
    found = survey.study().statements
    assert set(found["least"]) == {2, 20}
    assert set(found["most"]) == {2, 20}


# Words


def test_the_words_give_the_counts_the_interval_and_the_other_fit():
    said = words.in_short(survey.study())
    assert said[0].startswith(
        "The published percentages fit 36 respondents (18 would fit too, but is fewer than we "
        "believe), of the 39 who replied: 2 of them were confident or very confident"
    )
    low, high = wilson(2, 36, 0.95)
    assert f"That is 6%; the 95% interval is {100 * low:.0f}% to {100 * high:.0f}%," in said[0]
    assert "between 2 and 9 of the 63 would be confident (3% to 14%)" in said[1]
    assert (
        "if 63 were asked the share lies between 3% (none of them is confident) and 46%" in said[1]
    )
    # 39 replies at (39 + 62 + 66) ÷ 3 per cent; then 2 + 34 of 70 at most.
    assert said[1].endswith("70 were, and the share lies between 3% and 51%.")
    assert "between 20 and 26 of 36 (56% to 72%)" in said[2]


def test_the_words_name_the_level_that_was_asked_for():
    low, high = wilson(2, 36, 0.8)
    said = words.in_short(survey.study(0.8))[0]
    assert f"the 80% interval is {100 * low:.0f}% to {100 * high:.0f}%," in said


def test_each_figure_is_said_to_fit_its_one_number_of_respondents():
    assert words.respondents(survey.study()) == [
        f"Every question of figure {figure} fits {n} respondents: of the numbers from 20 to 39 it "
        "is the only one that fits all."
        for figure, n in [(4, 36), (1, 35), (6, 37)]
    ]
    # Single questions fit others too: that is why the sentence is of all of them.
    columns = survey.study().readings.query("chart_id == 'fig1'")
    assert {29, 35} <= set(columns["n"])


def test_hopes_are_told_with_their_condition_and_counts_that_fit():
    hopes, worries = words.hopes(survey.study())
    low, high = wilson(27, 36, 0.95)
    assert "only if it is delivered in the right way" in hopes
    assert "Of 36 that is 27; 26 of 35 and 28 of 37 would be called the same." in hopes
    assert f"27 in 36 is {100 * low:.0f}% to {100 * high:.0f}%" in hopes
    assert "ministers decide between competing proposals" in worries
    assert "not all local proposals consider the risks" in worries
    assert "beyond the one-off impact" in worries


def test_each_opportunity_is_shown_with_the_risks_that_it_bears_on():
    found = survey.study().opportunities.set_index("name")["risks"]
    assert found["Enhanced service integration"].startswith("CLGR5 Corporate parenting; CLGR6 ")
    links = rows("opportunity_risks")
    assert sum(text.count("CLGR") for text in found) == len(links)


def test_every_reading_is_shown_and_says_why_it_is_not_believed():
    found = survey.tables.readings(survey.study()).set_index(["figure", "question", "respondents"])[
        "believed"
    ]
    assert found["4", "confidence", 36] == "yes"
    assert found["4", "confidence", 18] == "no: fewer than 20 respondents"
    assert found["1", "column 3", 29] == "no: the other questions of the figure do not fit"
    assert (found == "yes").sum() == 9


def test_the_most_respondents_that_are_considered_are_a_parameter_of_everything():
    wide = survey.study(n_max=48)
    assert wide.readings["n"].max() > 39
    assert words.respondents(wide)[0].endswith("from 20 to 48 it is the only one that fits all.")
    assert "of the 39 who replied" in words.in_short(wide)[0]
    with pytest.raises(ValueError, match="0 readings explain figure 4"):
        survey.study(n_max=35)


@pytest.mark.parametrize("n_max", [36, 48])
def test_the_notebook_takes_only_numbers_of_respondents_that_have_one_reading(n_max):
    assert plan.declared(ROOT / "notebooks" / "survey.ipynb")["ranges"]["n_max"] == [36, 48]
    assert survey.study(n_max=n_max).common["fig4"] == (36,)


def test_49_respondents_would_explain_the_confidence_chart_too():
    with pytest.raises(ValueError, match="2 readings explain figure 4"):
        survey.study(n_max=49)


def test_a_study_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        survey.study().level = 0.5


def test_a_chart_that_no_number_explains_says_so(data):
    edit("survey_bars", data, lambda r: r["finding_id"] == "SV08", percent="90")
    with pytest.raises(ValueError, match="0 readings explain figure 4"):
        survey.study()
    none = dataclasses.replace(STUDY, common={"fig1": ()})
    assert words.respondents(none) == [
        "No number of respondents up to 39 explains every question of figure 1."
    ]


def test_a_reading_of_18_is_believed_when_the_assumption_allows_it(data):
    edit("assumptions", data, lambda r: r["assumption_id"] == "survey_min_respondents", value="10")
    with pytest.raises(ValueError, match="2 readings explain figure 4"):
        survey.study()
    asked = respondents.questions()
    several = respondents.common(asked, respondents.explained(asked, 39), 10)
    assert several["fig4"] == (18, 36)
    assert words.respondents(dataclasses.replace(STUDY, common=several))[0].startswith(
        "Figure 4 fits 18 and 36 respondents"
    )


def test_the_published_response_rates_are_repeated_without_naming_a_respondent():
    said = words.of_county(STUDY, "Surrey")
    rates = {row["finding_id"]: float(row["value"]) for row in rows("published_findings", DATA)}
    assert f"Of county chief executives {rates['SV02']:.0f}% answered" in said
    assert said.endswith("no reply can be attributed to Surrey.")


def test_the_bars_of_a_chart_are_the_published_findings():
    findings = {row["finding_id"]: float(row["value"]) for row in rows("published_findings")}
    for bar in rows("survey_bars"):
        assert findings[bar["finding_id"]] == float(bar["percent"])
