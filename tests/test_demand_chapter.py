"""The chapter on demand: one study of an area, and what it says of it."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from plain import AREA_IDS, edit

from lgr_report.chapters import demand as chapter
from lgr_report.chapters.demand import spreads
from lgr_report.core import divisions, rates
from lgr_report.core.demand import MODELLED, estimate, of_england
from lgr_report.core.variation import MEASURES

DRAWS = 200


@pytest.fixture(scope="module")
def demand():
    return of_england(DRAWS)


@pytest.fixture(scope="module")
def study(demand):
    return chapter.study(divisions.of("kent-medway", demand))


def test_a_study_is_frozen_and_the_chapter_names_it(study):
    with pytest.raises(FrozenInstanceError):
        study.councils = None
    assert chapter.CHAPTER.study is chapter.study


def test_draws_reach_every_part_of_the_page(study):
    few = chapter.study(divisions.of("kent-medway", of_england(3)))
    modelled = study.councils["status"] == MODELLED
    assert not np.isclose(few.councils["low"], study.councils["low"])[modelled].any()
    assert not np.isclose(few.unitaries["low"], study.unitaries["low"]).all()
    assert not np.isclose(few.variations["expected"], study.variations["expected"]).all()


def test_relative_rates_average_to_one(study):
    for _, part in study.councils.groupby("service"):
        mean = (part["relative"] * part["residents"]).sum() / part["residents"].sum()
        assert mean == pytest.approx(1)


def test_every_unitary_of_every_computable_proposal_has_its_rates(study):
    people = study.unitaries[study.unitaries["measure"] == "people"]
    expected = [
        (bid.name, unitary)
        for bid in study.here.computable
        if len(bid.footprints) > 1
        for unitary, _ in bid.footprints
    ]
    assert [*zip(people["proposal"], people["unitary"], strict=True)] == expected


def test_a_proposal_that_cannot_vary_says_why(study):
    notes = study.variations.set_index("proposal_id")["note"]
    table = chapter.tables.variations(study.variations)
    assert notes["kent-1a"] == "one unitary: nothing varies"
    assert notes["kent-4d"] == "composition not known"
    row = table[table["measure"] == "composition not known"].iloc[0]
    assert (row.iloc[2:] == "–").all()
    assert table["proposal"].nunique() == len(study.here.proposals)


@pytest.mark.parametrize("area", AREA_IDS)
def test_every_proposal_has_its_row_in_every_area(area, demand):
    # Of Suffolk no proposal varies: one is a single unitary, the other splits districts.
    here = divisions.of(area, demand)
    table = chapter.tables.variations(spreads.variations(here.proposals, demand))
    assert [*dict.fromkeys(table["proposal"])] == [*dict.fromkeys(b.name for b in here.proposals)]
    varying = sum(len(bid.footprints) > 1 for bid in here.proposals)
    assert len(table) == len(here.proposals) - varying + varying * len(MEASURES)


def test_an_area_with_one_unitary_proposed_says_so_in_place_of_a_chart(demand):
    here = divisions.of("kent-medway", demand)
    alone = tuple(bid for bid in here.proposals if len(bid.footprints) < 2)
    vars(here)["proposals"] = alone
    bare = chapter.study(here)
    figure = chapter.charts.unitaries(bare)
    assert figure.title == "Kent and Medway: no proposal of several unitaries can be computed"
    assert "composition not known" in figure.alt


@pytest.mark.parametrize(
    ("area", "title"),
    [
        # Once "West and North Norfolk, 3% above it" (0.94 to 1.12), "East Kent, 8%" (0.97 to 1.20).
        ("norfolk", "no proposed unitary's demand per resident can be told from the area's"),
        ("kent-medway", "no proposed unitary's demand per resident can be told from the area's"),
        (
            "leicestershire-leicester-rutland",
            "demand per resident is furthest from the area's in Leicester, 10% above it: measured, "
            "since it divides no authority of today",
        ),
    ],
)
def test_the_headline_names_no_unitary_whose_interval_holds_the_areas_rate(area, title):
    study = chapter.study(divisions.of(area))
    figure = chapter.charts.unitaries(study)
    assert figure.title == f"{study.here.name}: {title}"
    assert "Leicester 1.10 (measured)" in figure.alt or "Leicester" not in study.here.name
    assert "(1.10 to 1.10)" not in figure.alt


def test_the_headline_gives_the_range_of_an_estimate():
    study = chapter.study(divisions.of("essex-southend-thurrock"))
    people = study.unitaries[study.unitaries["measure"] == "people"]
    told = people[(people["low"] > 1) | (people["high"] < 1)]
    top = told.loc[(told["relative"] - 1).abs().idxmax()]
    assert chapter.charts.unitaries(study).title.endswith(
        f"{top['unitary']} ({top['proposal']}) would be furthest, {1 - top['relative']:.0%} "
        f"({1 - top['high']:.0%} to {1 - top['low']:.0%}) below it"
    )


def test_the_model_shown_is_the_one_chosen(study):
    shown = chapter.tables.models(study.models).set_index("service")
    choice = rates.choose(study.here.demand.authorities)
    for name, candidate in choice.items():
        assert candidate in shown["model"].tolist(), name
    assert (shown["error left out"] < shown["error of the county's rate"]).all()


def test_the_words_name_the_ends_and_count_what_is_told_apart(study):
    frame = study.councils[study.councils["service"] == "ehc_plans"].set_index("council_name")
    high, low = frame["relative"].idxmax(), frame["relative"].idxmin()
    words = chapter.words.councils(study)[1]
    assert f"{frame.loc[low, 'relative']:.2f} times the area's rate in {low}" in words
    assert f"{frame.loc[high, 'relative']:.2f} times in {high}" in words
    modelled = study.councils[study.councils["status"] == MODELLED]
    apart = sum(
        not low <= 1 <= high
        for low, high in zip(modelled["relative_low"], modelled["relative_high"], strict=True)
    )
    said = chapter.words.worth(study)[0]
    verb = "is" if apart < 2 else "are"
    assert f"Of {len(modelled)} district estimates here {apart or 'none'} {verb} further" in said
    assert f"The other {len(modelled) - apart} cannot be told" in said
    for high, end in ((2.0, "not by exactly how much."), (0.9, "not by exactly how much.")):
        sure = study.councils.assign(relative_low=high - 0.1, relative_high=high)
        assert chapter.words.worth(replace(study, councils=sure))[0].endswith(end)
    none = replace(study, councils=study.councils.assign(relative_low=0.5, relative_high=1.5))
    assert "here none is further" in chapter.words.worth(none)[0]


def test_submitted_proposals_are_those_of_whole_districts_with_two_unitaries_or_more(demand):
    table, drawn = spreads.submitted(demand)
    assert drawn.shape[:2] == (len(table), DRAWS)
    assert len(table) == 42
    assert table["band"].value_counts().to_dict() == {"300–500k": 25, "500k+": 15, "≤300k": 2}
    means = spreads.bands(table, drawn).set_index(["band", "measure", "statistic"])
    by_hand = drawn[table.index[table["band"] == "500k+"]].mean(axis=0).mean(axis=0)[4, 0]
    assert means.loc[("500k+", "people", "spread"), "mean"] == pytest.approx(by_hand)
    assert (means["low"] <= means["mean"]).all()
    assert (means["mean"] <= means["high"]).all()


def test_the_published_design_takes_four_and_five_only_above_a_million(demand):
    table = spreads.every_option(demand, draws=0)
    small = table["area_id"].isin(["suffolk", "gloucestershire"])
    assert table.loc[small & table["in_design"], "n_unitaries"].max() == 3
    assert table.loc[table["area_id"].eq("kent-medway"), "in_design"].all()
    # All options but the single unitary of each area; none is sampled.
    assert table["options"].sum() == 244_260 - 21


def test_a_missing_total_is_named_and_the_rest_goes_on(data):
    edit(
        "upper_tier_indicators",
        data,
        lambda r: r["gss_code"] == "E10000030" and r["indicator"] == "adults_18_64_clients",
        value="",
    )
    holed = estimate(50)
    surrey, norfolk = (chapter.study(divisions.of(area, holed)) for area in ("surrey", "norfolk"))
    words = chapter.words.councils(surrey)
    assert any("Surrey: no published number of adults 18–64" in sentence for sentence in words)
    assert "adults 18–64" not in chapter.charts.councils(surrey).alt
    table = chapter.tables.variations(surrey.variations)
    gone = table["measure"].str.startswith("adults 18–64")
    assert (table.loc[gone].iloc[:, 2] == "total not published").all()
    assert not (table.iloc[:, 2] == "total not published").all()
    other = chapter.tables.variations(norfolk.variations)
    assert not other.eq("total not published").any(axis=None)
