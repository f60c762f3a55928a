"""The proposals side by side, and where each lies between the best and worst of all options."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from plain import rows

from lgr_report.across import comparison, sections, trade_offs
from lgr_report.across.marks import BEST, WORST
from lgr_report.chapters import high_needs, options
from lgr_report.chapters.registry import registry
from lgr_report.core import divisions, intervals, scores
from lgr_report.core.metrics import HIGHER, LOWER, NEITHER, Measurement, Metric
from lgr_report.page import phrases
from lgr_report.page.cells import Words
from lgr_report.page.figures import Figure

AREA = "kent-medway"  # five bids, of which three can be computed, one unitary among them


@pytest.fixture(scope="module")
def here():
    return divisions.of(AREA)


@pytest.fixture(scope="module")
def found(here):
    return comparison.measured(here)


@pytest.fixture(scope="module")
def table(found):
    return found.table


MEASURING = [chapter for chapter in registry() if chapter.measure is not None]


# The table


def test_today_comes_first_then_every_proposal_that_can_be_computed(table, here):
    named = table.drop_duplicates("place").sort_values("place")
    assert named["division"].tolist() == ["Today", *(bid.name for bid in here.computable)]
    assert named["proposal_id"].tolist()[1:] == [bid.proposal_id for bid in here.computable]


def test_every_division_is_measured_on_every_metric_by_the_chapters_themselves(table, here):
    for division in comparison.divisions(here):
        mine = table[table["division"] == division.heading].set_index("metric")
        for chapter in MEASURING:
            for one in chapter.measure(division.footprints, here.demand):
                row = mine.loc[one.metric.metric]
                assert row["value"] == pytest.approx(one.value, nan_ok=True)
                assert row["text"] == phrases.measured(one)
    assert table["metric"].nunique() * table["place"].nunique() == len(table)


@pytest.mark.parametrize("chapter", MEASURING, ids=lambda chapter: chapter.name)
def test_a_chapter_measures_what_it_says_it_measures(chapter, here):
    (codes,) = here.today if len(here.today) == 1 else [here.gss_codes]
    measurements = chapter.measure([codes], here.demand)
    assert [one.metric for one in measurements] == list(chapter.metrics)
    table = chapter.measure_options(here)
    assert {metric.metric for metric in chapter.metrics} <= set(table)
    assert table.groupby("n_unitaries").size().to_dict() == here.options.counts()


def test_the_order_of_footprints_and_councils_does_not_matter(here):
    bid = next(bid for bid in here.proposals if len(bid.footprints) > 2)
    footprints = [codes for _, codes in bid.footprints]
    turned = [tuple(reversed(codes)) for codes in reversed(footprints)]
    for chapter in MEASURING:
        one, other = (chapter.measure(division, here.demand) for division in (footprints, turned))
        assert [phrases.measured(m) for m in one] == [phrases.measured(m) for m in other]


def test_what_changes_nothing_measures_no_change(table):
    now = table[table["place"] == 0].set_index("metric")["value"]
    for metric in ("unit_cost_change", "senior_posts_change", "quality_change", "residence_growth"):
        assert now[metric] == pytest.approx(0, abs=1e-9)


COST = Metric("cost", "cost", "£m", LOWER)


def drawn_as(*means: float, metric: Metric = COST, apart: float = 1.0) -> list[list[Measurement]]:
    """Proposals with one measurement each, which share most of their error."""
    rng = np.random.default_rng(1)
    common = 10 * rng.standard_normal(1000)
    values = [mean + common + apart * rng.standard_normal(1000) for mean in means]
    return [[metric.measured(*intervals.around(v), drawn=v)] for v in values]


# Four councils, of which today's one authority runs all, in three unlike divisions and a finer one.
AB, AC, AD, FINER = (
    (("a", "b"), ("c", "d")),
    (("a", "c"), ("b", "d")),
    (("a", "d"), ("b", "c")),
    (("a",), ("b",), ("c", "d")),
)


@pytest.mark.parametrize(
    ("means", "marks"),
    [
        ((1, 5, 9), [BEST, "", WORST]),  # intervals overlap, differences do not hold zero
        ((1, 5, 5.1), [BEST, "", ""]),  # told from every other, or no mark
        ((1, 1.1, 1.2), ["", "", ""]),
        ((1, 1, 1), ["", "", ""]),
        ((np.nan, 1, 9), ["", BEST, WORST]),
    ],
)
def test_a_mark_needs_a_paired_difference_from_every_other_proposal(means, marks):
    assert comparison.marks(drawn_as(*means, apart=0.5), (AB, AC, AD)).mark == marks


def test_higher_is_better_turns_the_marks_round():
    metric = Metric("cost", "cost", "£m", HIGHER)
    assert comparison.marks(drawn_as(1, 9, metric=metric), (AB, AC)).mark == [WORST, BEST]


@pytest.mark.parametrize(
    ("metric", "bids"),
    [
        (Metric("cost", "cost", "£m", NEITHER), (AB, AC)),
        (Metric("cost", "cost", "£m", LOWER, counts_councils=True), (AB, AC)),
        (Metric("cost", "cost", "£m", LOWER), (AB, FINER)),  # only divides the other further
        (Metric("cost", "cost", "£m", LOWER, moves_with_number=True), (AC, FINER)),
        (Metric("cost", "cost", "£m", LOWER), (AB, None)),  # one divides nothing
        (Metric("cost", "cost", "£m", LOWER), (None, None)),
    ],
)
def test_what_arithmetic_decides_has_no_mark_and_is_not_compared(metric, bids):
    found = comparison.marks(drawn_as(1, 100, metric=metric), bids)
    assert (found.mark, found.compared, found.pairs) == (["", ""], (), 0)


def test_figures_without_draws_are_not_told_apart():
    metric = Metric("cost", "cost", "£m", LOWER)
    rows = [[metric.measured(value, value - 1, value + 1)] for value in (0, 100)]
    assert comparison.marks(rows, (AB, AC)).mark == ["", ""]


def test_a_difference_below_the_least_that_matters_has_no_mark():
    metric = comparison.metrics()["demand_spread"]
    least = float(
        next(r for r in rows("assumptions") if r["assumption_id"] == "matters_demand_spread")[
            "value"
        ]
    )
    for gap, marked in ((least * 0.9, False), (least * 1.2, True)):
        found = comparison.marks(drawn_as(20, 20 + gap, metric=metric, apart=0.01), (AB, AC))
        assert (found.mark == [BEST, WORST]) == marked


def test_every_metric_that_can_earn_a_mark_has_a_least_difference_that_matters():
    for name, metric in comparison.metrics().items():
        if metric.better != NEITHER and not metric.counts_councils:
            assert comparison.matters(name) > 0, name


def marked(area: str) -> tuple[comparison.Comparison, set[tuple[str, str, str]]]:
    found = comparison.measured(divisions.of(area))
    table = found.table[found.table["mark"] != ""]
    return found, set(table[["metric", "division", "mark"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("area", "undivided"),
    [
        ("leicestershire-leicester-rutland", "One county unitary plus the city"),
        ("devon-plymouth-torbay", "Devon unitary with Plymouth and Torbay kept"),
        ("norfolk", "One Norfolk, One Council"),
    ],
)
def test_a_bid_that_divides_nothing_wins_nothing_and_loses_nothing(area, undivided):
    found, those = marked(area)
    assert found.undivided == (undivided,)
    assert those == set() and found.pairs == 0
    words = " ".join(comparison.in_words(divisions.of(area), found))
    assert f"“{undivided}” has no mark either" in words
    assert "none is marked as best or worst" in words


def test_marks_of_real_areas_rest_on_paired_differences():
    # Two councils spread demand less than four, and cut no authority as deep, by number alone.
    assert marked("greater-lincolnshire")[1] == set()
    _, those = marked("derbyshire-derby")
    assert those == {
        ("deficit_largest", "Two councils, option A", BEST),
        ("deficit_largest", "Two councils, option B", WORST),
    }
    # The largest deficit of three councils is below that of two because it is cut smaller.
    assert marked("surrey")[1] == set()


def test_a_page_shows_a_row_a_metric_and_a_column_a_division(table, found):
    shown = comparison.shown(found).drop(columns=comparison.MATTERS)
    assert len(shown) == table["metric"].nunique()
    assert shown.columns[:3].tolist() == ["metric", "unit", "Today"]
    assert shown.shape[1] == 2 + table["place"].nunique()
    assert shown["metric"].str.contains("is better").sum() >= 10


def test_two_bids_of_one_name_keep_their_columns():
    assert phrases.distinct(["a", "b", "a"]) == ["a (1)", "b", "a (2)"]


def test_the_words_name_what_is_left_out_and_weigh_nothing(found, here):
    words = " ".join(comparison.in_words(here, found))
    for bid in here.proposals:
        assert bid.footprints or (bid.name in words and bid.status in words)
    assert "Nobody has weighed" in words
    assert "a zero where nothing is cut is no achievement" in words
    assert f"We compared the proposals on {len(found.compared)} measures. " in words
    assert f"(we are 95% sure of all {found.pairs} differences together" in words


@pytest.mark.parametrize(
    ("number", "marked", "words"),
    [
        (
            6,
            [],
            "on 6 measures. No proposal is clearly the best or the worst on any of them. Where",
        ),
        (1, [], "on 1 measure. No proposal is clearly the best or the worst on it. Where"),
        (6, ["demand_spread"], "on 6 measures. On one of them a proposal is clearly the best (▲)"),
        (1, ["demand_spread"], "on 1 measure. On it a proposal is clearly the best (▲) or the"),
    ],
)
def test_what_the_marks_tell_is_said_in_a_plain_sentence(found, number, marked, words):
    assert words in comparison._told(number, found, marked)


def test_what_noise_alone_would_show_stands_beside_extremes():
    here = divisions.of("norfolk")
    found = comparison.measured(here)
    table = found.table.set_index(["division", "metric"])["by_chance"]["Two unitaries"]
    standing = options.study(here).standings.set_index("proposal_id").loc["norfolk-2"]
    assert table["demand_spread"] == pytest.approx(100 * standing["people_by_chance"])
    assert 3 < table["residence_fall"] < 5  # of a fall of 5%
    assert table.isna()["quality_change"]
    shown = comparison.shown(found)
    assert shown.loc["demand_spread", "Two unitaries"] == "8% (0% to 22%); noise alone 7%"
    assert shown.loc["residence_fall", "Two unitaries"] == "5% (0% to 13%); noise alone 4%"
    assert not shown["Today"].str.contains("noise").any()  # nothing is divided, nothing folded
    assert any("“Noise alone” is what" in sentence for sentence in comparison.in_words(here, found))


def test_an_area_without_a_computable_proposal_says_so(found, here):
    def upto(place):
        return replace(found, table=found.table[found.table["place"] < place])

    assert comparison.in_words(here, upto(1))[0].startswith("No proposal of Kent")
    assert "nothing to compare it with" in comparison.in_words(here, upto(2))[0]


def test_the_decided_bid_is_marked_where_it_can_be_computed():
    chosen = {r["area_id"]: r["chosen_proposal_id"] for r in rows("decisions")}
    found = comparison.divisions(divisions.of("surrey"))
    assert [d.heading for d in found if d.decided] == ["Two unitaries (East/West) (decided)"]
    assert chosen["surrey"] in {d.proposal_id for d in found if d.decided}
    # Hampshire's splits districts: it is named among those left out.
    words = comparison.left_out(divisions.of("hampshire-iow-portsmouth-southampton"))
    assert any("(the decided one)" in sentence for sentence in words)


@pytest.mark.parametrize(
    "area", ["norfolk", "devon-plymouth-torbay", "lancashire-blackburn-blackpool"]
)
def test_a_quantity_has_one_value_on_the_whole_page(area):
    here = divisions.of(area)
    studies, divided = sections.studies(here), options.study(here)
    table = comparison.measured(here).table.set_index(["proposal_id", "metric"])["text"]
    standings = divided.standings.set_index("proposal_id")
    deficits = high_needs.tables.standings(studies.high_needs).set_index("proposal")
    for bid in here.computable:
        text = table[bid.proposal_id]
        spread = phrases.percent(standings.loc[bid.proposal_id, "people"])
        assert text["demand_spread"].split(" ")[0] == spread
        shown = options.tables.standings(divided.standings).set_index("proposal")
        assert shown.loc[bid.name, "demand balance by people: spread, percentile"].startswith(
            spread
        )
        for metric in high_needs.CHAPTER.metrics:
            assert deficits.loc[bid.name, metric.label.lower()] == text[metric.metric]
        change = studies.quality.measured[bid.proposal_id]["linear probability"]
        assert phrases.measured(change) == text["quality_change"]


# Trade-offs


@pytest.fixture(scope="module")
def reached(here):
    return trade_offs.reach(here)


def test_every_option_is_measured(reached, here):
    assert reached.options.groupby("n_unitaries").size().to_dict() == here.options.counts()
    assert list(reached.options.columns) == list(trade_offs.shown_metrics())


def test_a_proposal_among_the_options_has_the_value_that_its_chapter_gives(reached, table, here):
    placed = scores.rows_of_proposals(here.options, here.proposals)
    assert set(placed) == set(table["proposal_id"].dropna())
    exact = ["unit_cost_change", "senior_cost_change", "quality_change", "icb_links"]
    for proposal_id, row in placed.items():
        mine = table[table["proposal_id"] == proposal_id].set_index("metric")["value"]
        assert reached.options.loc[row, exact].to_numpy() == pytest.approx(mine[exact].to_numpy())


def test_the_scale_runs_from_the_best_of_all_options_to_the_worst(reached):
    scaled = trade_offs._scaled(reached.options)
    assert scaled.min().to_numpy() == pytest.approx(np.zeros(scaled.shape[1]), abs=1e-9)
    assert scaled.max().to_numpy() == pytest.approx(np.full(scaled.shape[1], 100))
    best = scaled["quality_change"].idxmin()  # higher is better here
    assert reached.options.loc[best, "quality_change"] == reached.options["quality_change"].max()
    cheap = scaled["unit_cost_change"].idxmin()
    assert reached.options.loc[cheap, "unit_cost_change"] == (
        reached.options["unit_cost_change"].min()
    )


def test_a_metric_that_all_options_share_has_no_scale():
    values = pd.DataFrame({name: [1.0, 1.0 + 1e-12] for name in trade_offs.shown_metrics()})
    assert trade_offs._scaled(values).isna().all(axis=None)


def test_metrics_without_an_effect_are_drawn_hollow_and_said(reached, here):
    assert reached.inconclusive == {"demand_spread", "unit_cost_change", "quality_change"}
    drawn = trade_offs.trade_offs(here.name, reached)
    said = "do not settle the order on demand imbalance, unit cost of care and chance of Good"
    assert said in drawn.alt
    assert f"{len(reached.options):,}" in drawn.title


@pytest.mark.parametrize("area", [AREA, "leicestershire-leicester-rutland"])
def test_one_option_does_not_settle_what_no_specification_tells(area):
    # One of Kent's thousands of options has a change whose interval holds no zero: once that
    # placed unit cost firmly, beside "the data do not tell whether a larger council pays less".
    here = divisions.of(area)
    reached = trade_offs.reach(here)
    assert "unit_cost_change" in reached.inconclusive
    unsure = trade_offs.trade_offs(here.name, reached).alt.split("do not settle the order on")[1]
    assert "unit cost of care" in unsure


def test_without_a_place_no_order_is_spoken_of():
    here = divisions.of("suffolk")  # its one computable bid is a single unitary
    drawn = trade_offs.trade_offs(here.name, trade_offs.reach(here))
    assert "do not settle" not in drawn.alt
    assert "unit cost of care no place" in drawn.alt


def test_who_divides_nothing_has_a_place_only_on_what_counts_councils():
    reached = trade_offs.reach(divisions.of("leicestershire-leicester-rutland"))
    places = reached.places.set_index("name").loc["One county unitary plus the city"]
    known = {name for name in reached.options if pd.notna(places[name])}
    assert known == {"senior_cost_change", "icb_links"}
    assert (
        reached.places.set_index("name")
        .loc["North, City, South", list(reached.options)]
        .notna()
        .all()
    )


def reach_with(**places: list[float]) -> trade_offs.Reach:
    count = len(next(iter(places.values())))
    names = [f"bid {i}" for i in range(count)]
    about = {"proposal_id": names, "name": names, "decided": False}
    options = pd.DataFrame({name: [1.0, 2.0, 3.0] for name in places})
    return trade_offs.Reach(options, pd.DataFrame(about | places), frozenset({"quality_change"}))


@pytest.mark.parametrize(
    ("places", "title"),
    [
        # Within 5 of 100 is not the best; zeros by construction and of no settled order count not.
        (
            {"demand_spread": [2.8, 4.4], "icb_links": [0, 100], "quality_change": [0, 100]},
            "X: none of 2 proposals is the best or the worst of 3 options on any metric that "
            "arithmetic does not decide",
        ),
        (
            {"demand_spread": [1e-9, 50]},
            "X: of 2 proposals 1 is the best of 3 options on a metric that arithmetic does not "
            "decide; none is the worst on one",
        ),
        (
            {"demand_spread": [100, 100]},
            "X: of 2 proposals none is the best of 3 options on a metric that arithmetic does not "
            "decide; 2 are the worst on one",
        ),
        (
            {"demand_spread": [50]},
            "X: the one proposal is neither the best nor the worst of 3 options on any metric "
            "that arithmetic does not decide",
        ),
        (
            {"demand_spread": [np.nan], "icb_links": [0]},
            "X: public data and arithmetic leave no metric on which a proposal could be the best "
            "or the worst of 3 options",
        ),
        ({"demand_spread": []}, "X: no proposal is one of the 3 contiguous options"),
    ],
)
def test_the_headline_counts_only_who_is_the_best_or_the_worst(places, title):
    assert trade_offs._title("X", reach_with(**places)) == title


@pytest.mark.parametrize("area", ["norfolk", "devon-plymouth-torbay", "surrey"])
def test_no_bid_of_these_areas_is_the_best_of_all_options(area):
    # Norfolk's two unitaries are within 5 of 100 on two metrics, and once "reached the best".
    here = divisions.of(area)
    title = trade_offs._title(here.name, trade_offs.reach(here))
    assert "the worst of" in title and "on any metric that arithmetic does not decide" in title


# The sections of the county report


def test_each_chapter_has_a_heading_one_figure_and_three_paragraphs():
    studies = sections.studies(divisions.of("surrey"))
    assert list(studies) == [c.name for c in registry() if c.section is not None]
    assert studies.unit_cost is studies["unit_cost"]
    with pytest.raises(AttributeError, match="no study 'unit_costs'; they are: unit_cost, "):
        studies.unit_costs  # noqa: B018
    shown = sections.shown(studies)
    assert len(shown) == 3 * len(studies)
    parts = zip(studies, shown[::3], shown[1::3], shown[2::3], strict=True)
    for name, title, figure, words in parts:
        assert isinstance(title, Words) and title.markdown.startswith("### ")
        assert isinstance(figure, Figure) and figure.alt and "Surrey" in figure.title
        # What government said of deficits in 2026 stands before what can be computed.
        assert len(words.markdown.split("\n\n")) == (4 if name == "high_needs" else 3)
