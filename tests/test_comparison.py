"""The proposals side by side, and where each lies between the best and worst of all options."""

import numpy as np
import pandas as pd
import pytest
from plain import rows

from lgr_report.across import comparison, sections, trade_offs
from lgr_report.chapters.registry import registry
from lgr_report.core import divisions, scores
from lgr_report.core.metrics import HIGHER, LOWER, NEITHER, Measurement, Metric
from lgr_report.page import phrases
from lgr_report.page.cells import Words
from lgr_report.page.figures import Figure

AREA = "kent-medway"  # five bids, of which three can be computed, one unitary among them


@pytest.fixture(scope="module")
def here():
    return divisions.of(AREA)


@pytest.fixture(scope="module")
def table(here):
    return comparison.measured(here)


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
    options = chapter.measure_options(here)
    assert {metric.metric for metric in chapter.metrics} <= set(options)
    assert options.groupby("n_unitaries").size().to_dict() == here.options.counts()


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


def test_marks_are_the_best_and_worst_of_the_proposals(table):
    assert (table.loc[table["place"] == 0, "mark"] == "").all()
    single = table["division"].str.contains("single unitary")
    assert single.any()
    for metric, part in table[table["place"] > 0].groupby("metric"):
        if comparison.metrics()[metric].zero_for_one:
            # One council cannot differ from itself: its zero wins nothing.
            assert (part.loc[single.loc[part.index], "mark"] == "").all()
            part = part[~single.loc[part.index]]
        sign = {LOWER: 1, HIGHER: -1, NEITHER: 0}[part["better"].iloc[0]]
        marked = part[part["mark"].isin([comparison.BEST, comparison.BEST_BY_VALUE])]
        if not sign or len(set(part["text"])) == 1:
            assert (part["mark"] == "").all()
        else:
            assert (sign * marked["value"]).max() == pytest.approx((sign * part["value"]).min())
            assert len(marked) >= 1


def measured_as(*measurements: tuple[Measurement, ...]) -> pd.DataFrame:
    frames = [
        comparison.frame(those).assign(
            text=[phrases.measured(m) for m in those], division=f"bid {i}", place=i
        )
        for i, those in enumerate(measurements)
    ]
    return pd.concat(frames, ignore_index=True)


def cost(value: float, low: float, high: float, better: str = LOWER) -> tuple[Measurement, ...]:
    return (Metric("cost", "cost", "£m", better).measured(value, low, high),)


@pytest.mark.parametrize(
    ("first", "second", "marks"),
    [
        ((1, 0, 2), (5, 4, 6), [comparison.BEST, comparison.WORST]),
        ((1, 0, 4.5), (5, 4, 6), [comparison.BEST_BY_VALUE, comparison.WORST_BY_VALUE]),
        ((1, 0, 2), (1, 0, 2), ["", ""]),
        ((1, 0, 2), (np.nan, np.nan, np.nan), ["", ""]),
    ],
)
def test_a_full_mark_needs_intervals_that_do_not_overlap(first, second, marks):
    table = measured_as(cost(0, 0, 0), cost(*first), cost(*second))
    assert comparison._marks(table).tolist() == ["", *marks]


def test_higher_is_better_turns_the_marks_round():
    table = measured_as(cost(0, 0, 0, HIGHER), cost(1, 0, 2, HIGHER), cost(5, 4, 6, HIGHER))
    assert comparison._marks(table).tolist() == ["", comparison.WORST, comparison.BEST]


def test_a_page_shows_a_row_a_metric_and_a_column_a_division(table):
    shown = comparison.shown(table)
    assert len(shown) == table["metric"].nunique()
    assert shown.columns[:3].tolist() == ["metric", "unit", "Today"]
    assert shown.shape[1] == 2 + table["place"].nunique()
    assert shown["metric"].str.contains("is better").sum() >= 10


def test_two_bids_of_one_name_keep_their_columns():
    assert phrases.distinct(["a", "b", "a"]) == ["a (1)", "b", "a (2)"]


def test_the_words_name_what_is_left_out_and_weigh_nothing(table, here):
    words = " ".join(comparison.in_words(here, table))
    for bid in here.proposals:
        assert bid.footprints or (bid.name in words and bid.status in words)
    assert "Nobody has weighed" in words
    assert "its zero is no achievement" in words
    marked = table[table["mark"] != ""]
    assert f"differ on {marked['metric'].nunique()} metrics" in words


def test_an_area_without_a_computable_proposal_says_so(table, here):
    words = comparison.in_words(here, table[table["place"] == 0])
    assert words[0].startswith("No proposal of Kent")
    only = comparison.in_words(here, table[table["place"] < 2])
    assert "nothing to compare it with" in only[0]


def test_the_decided_bid_is_marked_where_it_can_be_computed():
    chosen = {r["area_id"]: r["chosen_proposal_id"] for r in rows("decisions")}
    found = comparison.divisions(divisions.of("surrey"))
    assert [d.heading for d in found if d.decided] == ["Two unitaries (East/West) (decided)"]
    assert chosen["surrey"] in {d.proposal_id for d in found if d.decided}
    # Hampshire's splits districts: it is named among those left out.
    words = comparison.left_out(divisions.of("hampshire-iow-portsmouth-southampton"))
    assert any("(the decided one)" in sentence for sentence in words)


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
