"""Partnerships: boards and forces counted fast, against plain loops over the files."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import AREA_IDS, THREE, icb_counts, rows

from lgr_report.chapters.partnerships import boards, partnerships
from lgr_report.chapters.partnerships import partnerships_charts as charts
from lgr_report.core import demand, findings, options
from lgr_report.core.footprints import area_graph
from lgr_report.sources import areas, tables

DISTRICTS = {row["gss_code"]: row for row in rows("districts")}
LSOAS = defaultdict(Counter)
for _row in rows("icb_overlap"):
    LSOAS[_row["gss_code"]][_row["icb_name"]] += int(_row["lsoas"])
TODAY = defaultdict(list)
for _code, _row in DISTRICTS.items():
    TODAY[_row["upper_tier_code"]].append(_code)


def naive_boards(footprint, threshold=0.05):
    """The boards of a footprint, council by council."""
    total = Counter()
    for code in footprint:
        total += LSOAS[code]
    return {name for name, number in total.items() if number / total.total() >= threshold}


def naive_forces(footprint):
    return {DISTRICTS[code]["police_force_name"] for code in footprint}


def naive_authorities_per_board(footprints):
    codes = {code for footprint in footprints for code in footprint}
    inside = {DISTRICTS[code]["upper_tier_code"] for code in codes}
    here = [[code for code in TODAY[name] if code in codes] for name in inside]
    others = [group for name, group in TODAY.items() if name not in inside]
    partners = set().union(*map(naive_boards, here))
    per_board = [
        sum(name in naive_boards(group) for group in [*footprints, *others]) for name in partners
    ]
    return sum(per_board) / len(per_board)


@pytest.fixture(scope="module")
def estimated():
    return demand.estimate(draws=2)


def values(area_id, footprints, known):
    found = partnerships.measure(area_id, footprints, known)
    return {one.metric: one.value for one in found}


# Counted, against loops


def test_authorities_of_today_agree_with_the_files():
    groups = list(TODAY.values())
    every = boards.mapped(code for group in groups for code in group)
    found = every.works_with(groups, 0.05).sum(axis=1)
    assert dict(zip(TODAY, found.tolist(), strict=True)) == icb_counts()


def test_the_authority_of_a_council_is_that_of_the_demand_model(estimated):
    upper = {code: row["upper_tier_code"] for code, row in DISTRICTS.items()}
    assert dict(zip(estimated.gss_codes, estimated.authority, strict=True)) == upper


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_every_proposal_agrees_with_loops(area_id, estimated):
    for bid in options.proposals(area_id):
        if not bid.footprints:
            continue
        groups = [group for _, group in bid.footprints]
        assert values(area_id, groups, estimated) == pytest.approx(
            {
                "icb_links": sum(len(naive_boards(group)) for group in groups),
                "authorities_per_icb": naive_authorities_per_board(groups),
                "police_links": sum(len(naive_forces(group)) for group in groups),
            }
        )


@pytest.mark.parametrize("area_id", ["suffolk", "surrey", "greater-lincolnshire"])
def test_masks_agree_with_footprints(area_id, estimated):
    found = options.contiguous_options(area_id)
    assert found.graph.gss_codes == area_graph(area_id).gss_codes
    for masks in found.masks.values():
        fast = partnerships.of_masks(area_id, masks, estimated)
        assert len(fast) == len(masks)
        for option in np.unique(np.linspace(0, len(masks) - 1, 7).astype(int)):
            groups = [found.footprints(mask) for mask in masks[option]]
            slow = values(area_id, groups, estimated)
            assert fast.loc[option].to_dict() == pytest.approx(slow)


@pytest.mark.parametrize("area_id", ["surrey", "essex-southend-thurrock"])
def test_links_of_every_option_agree_with_loops(area_id, estimated):
    found = options.contiguous_options(area_id)
    masks = found.masks[3]
    fast = partnerships.of_masks(area_id, masks, estimated)["icb_links"]
    number = {mask: len(naive_boards(found.footprints(mask))) for mask in np.unique(masks)}
    assert fast.tolist() == [sum(number[mask] for mask in option) for option in masks.tolist()]


# Properties


@given(
    st.lists(
        st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any), min_size=1, max_size=6
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_higher_threshold_never_brings_a_board(lsoas, one, two):
    lsoas = np.array(lsoas)
    codes = tuple(f"D{i}" for i in range(len(lsoas)))
    police = np.ones((len(lsoas), 1), dtype=bool)
    made = boards.Map(codes, ("A", "B", "C"), lsoas, ("F",), police)
    groups = [[code] for code in codes]
    low, high = (made.works_with(groups, threshold) for threshold in sorted((one, two)))
    assert (low | ~high).all()
    np.testing.assert_array_equal(made.works_with(groups, 0), lsoas > 0)
    np.testing.assert_allclose(made.shares(groups).sum(axis=1), 1)
    # Together they have every board that any of them has, and no other.
    np.testing.assert_array_equal(made.works_with([codes], 0)[0], (lsoas > 0).any(axis=0))


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=6
        )
    )
)
def test_bits_of_a_subset_are_those_of_any_member(members):
    found = partnerships._any(np.array(members))
    for mask, bits in enumerate(found.tolist()):
        mine = [row for place, row in enumerate(members) if mask >> place & 1]
        expected = [any(column) for column in zip(*mine, strict=True)] if mine else []
        assert bits == sum(there << place for place, there in enumerate(expected))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 333))
def test_the_interval_is_that_of_the_thresholds(option):
    found = options.contiguous_options("surrey")
    groups = [found.footprints(mask) for mask in found.masks[3][option]]
    links = {one.metric: one for one in partnerships.measure("surrey", groups, DEMAND)}["icb_links"]
    by_threshold = {t: sum(len(naive_boards(g, t)) for g in groups) for t in (0, 0.05, 0.2)}
    assert links.value == by_threshold[0.05]
    assert (links.low, links.high) == (by_threshold[0.2], by_threshold[0])


DEMAND = demand.estimate(draws=1)


# The published counts


def test_national_counts_agree_with_loops():
    counties = {row["gss_code"] for row in rows("councils") if row["council_type"] == "county"}
    affected = [
        row["gss_code"]
        for row in rows("councils")
        if row["in_invitation"] == "true" and row["council_type"] != "district"
    ]
    assert len(counties) == 21
    for row in partnerships.national().itertuples():
        found = [naive_boards(TODAY[code], row.threshold) for code in affected]
        assert row.boards == len(set().union(*found))
        assert row.links == sum(map(len, found))
        assert row.authorities == 40


def test_the_published_counts_are_met():
    table = partnerships.national().set_index("threshold")["boards"]
    assert table.to_dict() == {0.0: 24, 0.05: 22, 0.1: 22, 0.2: 21}
    more = partnerships.readings().set_index("reading")["additional"].round(2).tolist()
    assert more == [8.26, 9, 7, 19, -2]
    published = tables.read("published_findings").query("theme == 'partnership'")
    judged = findings.judged(published, partnerships.claims()).set_index("finding_id")
    assert judged["value"].to_dict() == {"PA01": 22, "PA04": 9}
    assert (judged["verdict"] == findings.REPRODUCED).all()


def test_a_reading_of_a_least_or_largest_size_is_not_one_of_the_average():
    table = partnerships.readings()
    assert table["counts"].tolist() == [True, True, True, False, False]
    people = areas.population("surrey")
    assert people == 1_248_649
    np.testing.assert_allclose(table["mean"] * table["unitaries"], 24_129_727)


def test_bands_sum_over_submitted_proposals():
    table, bids = charts.by_band(), partnerships.submitted()
    assert table["proposals"].sum() == len(bids)
    assert table["icb_links"].sum() == bids["icb_links"].sum()
    assert (table["per_icb"] >= table["per_icb_today"]).all()
    wide = bids[bids["authorities"] > bids["authorities_today"]]
    assert (wide["icb_links"] >= wide["icb_links_today"]).all()


# What is said


def test_boards_and_forces_are_named(estimated):
    table = charts.by_name("surrey", estimated)
    county = table.iloc[0]
    assert county["authority"] == "Surrey"
    told = county["care boards (share of neighbourhoods)"]
    assert told == "Surrey Heartlands (87%); Frimley (13%)"
    assert county["police forces"] == "Surrey"
    split = charts.by_name("greater-lincolnshire", estimated)
    assert "Humberside; Lincolnshire" in set(split["police forces"])
    # Hertfordshire has LSOAs in a board that does not count.
    told = charts.by_name("hertfordshire", estimated).iloc[0, 2]
    assert "Cambridgeshire and Peterborough (2%, does not count)" in told


@pytest.mark.parametrize("area_id", THREE)
def test_an_area_has_one_figure_with_every_division(area_id, estimated):
    figure, table = charts.section(area_id, estimated), charts.tally(area_id, estimated)
    assert (table.iloc[:, 2:].sum(axis=1) > 0).all()
    pairs = table[table["kind"] == "care board"].iloc[:, 2:].sum()
    assert f": {pairs.iloc[0]} pair" in figure.title
    for bid in options.proposals(area_id):
        assert (bid.name in figure.alt) == bool(bid.footprints)


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_three_sentences_for_every_area(area_id, estimated):
    words = partnerships.in_words(area_id, estimated)
    assert len(words) == 3
    assert "22 integrated care boards work with the 40" in words[0]
    assert areas.get(area_id).name in words[1]
    for bid in options.proposals(area_id):
        assert (f"“{bid.name}”" in words[1]) == (not bid.footprints)


def test_the_fewest_pairs_are_among_all_options(estimated):
    table = charts.among_options("surrey", estimated).set_index("unitaries")
    assert table.loc[2, "proposals"] == "Two unitaries (East/West): 3"
    assert (table["fewest pairs"] <= table["most pairs"]).all()
    assert table["options with the fewest"].between(0, 1).all()
    assert table.loc[1, "contiguous options"] == 1


def test_a_council_that_is_none_is_refused():
    with pytest.raises(KeyError, match="no council E07999999 among districts and unitaries"):
        boards.mapped(["E07000207", "E07999999"])
