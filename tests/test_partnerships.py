"""Partnerships: boards and forces counted fast, against plain loops over the files."""

from collections import Counter, defaultdict
from dataclasses import FrozenInstanceError, replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import AREA_IDS, THREE, icb_counts, rows

from lgr_report.chapters import partnerships
from lgr_report.chapters.partnerships import boards, charts, links, renewed, tables, words
from lgr_report.chapters.partnerships.claims import claims
from lgr_report.core import demand, divisions, findings
from lgr_report.core.footprints import area_graph
from lgr_report.sources import areas
from lgr_report.sources.tables import read

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


@pytest.fixture(scope="module")
def study(estimated):
    """Return the study of an area, each computed once for all tests."""
    return lru_cache(lambda area_id: partnerships.study(divisions.of(area_id, estimated)))


def values(footprints, known):
    return {m.metric.metric: m.value for m in links.measure(footprints, known)}


# Counted, against loops


def test_authorities_of_today_agree_with_the_files():
    groups = list(TODAY.values())
    every = boards.mapped(groups)
    found = every.works_with(groups, 0.05).sum(axis=1)
    assert dict(zip(TODAY, found.tolist(), strict=True)) == icb_counts()


def test_the_authority_of_a_council_is_that_of_the_demand_model(estimated):
    upper = {code: row["upper_tier_code"] for code, row in DISTRICTS.items()}
    assert dict(zip(estimated.gss_codes, estimated.authority, strict=True)) == upper


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_every_proposal_agrees_with_loops(area_id, estimated):
    for bid in divisions.of(area_id, estimated).computable:
        groups = [group for _, group in bid.footprints]
        assert values(groups, estimated) == pytest.approx(
            {
                "icb_links": sum(len(naive_boards(group)) for group in groups),
                "authorities_per_icb": naive_authorities_per_board(groups),
                "police_links": sum(len(naive_forces(group)) for group in groups),
            }
        )


@pytest.mark.parametrize("area_id", ["suffolk", "surrey", "greater-lincolnshire"])
def test_every_option_agrees_with_its_footprints_measured_alone(area_id, estimated):
    here = divisions.of(area_id, estimated)
    assert here.options.graph.gss_codes == area_graph(area_id).gss_codes
    every = links.measure_options(here)
    for k, masks in here.options.masks.items():
        assert len(every.loc[k]) == len(masks)
        for option in np.unique(np.linspace(0, len(masks) - 1, 7).astype(int)):
            groups = [here.options.footprints(mask) for mask in masks[option]]
            alone = values(groups, estimated)
            assert every.loc[k, option].to_dict() == pytest.approx(alone)


@pytest.mark.parametrize("area_id", ["surrey", "essex-southend-thurrock"])
def test_links_of_every_option_agree_with_loops(area_id, estimated):
    here = divisions.of(area_id, estimated)
    masks = here.options.masks[3]
    fast = links.measure_options(here).loc[3, "icb_links"]
    number = {mask: len(naive_boards(here.options.footprints(mask))) for mask in np.unique(masks)}
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
    made = boards.Map(
        pd.DataFrame(lsoas, codes), pd.DataFrame(police, codes), pd.DataFrame(columns=range(3))
    )
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
    found = links.any_of(np.array(members))
    for mask, bits in enumerate(found.tolist()):
        mine = [row for place, row in enumerate(members) if mask >> place & 1]
        expected = [any(column) for column in zip(*mine, strict=True)] if mine else []
        assert bits == sum(there << place for place, there in enumerate(expected))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 333))
def test_the_interval_is_that_of_the_thresholds(option):
    groups = [SURREY.options.footprints(mask) for mask in SURREY.options.masks[3][option]]
    pairs = links.measure(groups, SURREY.demand)[0]
    by_threshold = {t: sum(len(naive_boards(g, t)) for g in groups) for t in (0, 0.05, 0.2)}
    assert pairs.value == by_threshold[0.05]
    assert (pairs.low, pairs.high) == (by_threshold[0.2], by_threshold[0])


SURREY = divisions.of("surrey", demand.estimate(draws=1))


# The published counts


def test_national_counts_agree_with_loops():
    counties = {row["gss_code"] for row in rows("councils") if row["council_type"] == "county"}
    affected = [
        row["gss_code"]
        for row in rows("councils")
        if row["in_invitation"] == "true" and row["council_type"] != "district"
    ]
    assert len(counties) == 21
    for row in partnerships.national().thresholds.itertuples():
        found = [naive_boards(TODAY[code], row.threshold) for code in affected]
        assert row.boards == len(set().union(*found))
        assert row.links == sum(map(len, found))
        assert row.authorities == 40


def test_the_published_counts_are_met():
    country = partnerships.national()
    table = country.thresholds.set_index("threshold")["boards"]
    assert table.to_dict() == {0.0: 24, 0.05: 22, 0.1: 22, 0.2: 21}
    more = country.readings.set_index("reading")["additional"].round(2).tolist()
    assert more == [8.26, 9, 7, 19, -2]
    published = read("published_findings").query("theme == 'partnership'")
    judged = findings.judged(published, claims()).set_index("finding_id")
    assert judged["value"].to_dict() == country.published.to_dict()
    assert judged["verdict"].to_dict() == {
        "PA01": findings.REPRODUCED,
        "PA02": findings.NOT_TESTABLE,
        "PA03": findings.DEPENDS,
        "PA04": findings.REPRODUCED,
        "PA05": findings.DEPENDS,
        "PA06": findings.DEPENDS,
        "PA07": findings.REPRODUCED,
    }


def test_a_published_count_is_tested_on_its_own_base_and_on_ours():
    answers = {claim.finding_id: claim for claim in claims()}
    assert answers["PA02"].value == 40
    assert "the bases differ" in answers["PA02"].reason
    (other,) = answers["PA05"].specifications.values()
    # 24.13m residents less the largest, or the smallest, three of 19 unitaries: 46.2 to 47.6.
    assert (other.low, other.high) == (46, 48)
    (other,) = answers["PA04"].specifications.values()
    assert (other.low, other.high) == (9, 11)
    assert "base of 40 authorities" in answers["PA04"].how
    assert "published base is 37" in answers["PA04"].how


def test_authorities_to_a_board_by_a_loop():
    answers = {claim.finding_id: claim for claim in claims()}
    affected = [code for area_id in areas.ids() for code in areas.authorities(area_id)["gss_code"]]
    boards = {code: naive_boards(TODAY[code], 0.05) for code in TODAY}
    ours = set().union(*(boards[code] for code in affected))
    pairs = sum(len(found & ours) for found in boards.values())
    assert answers["PA03"].value == pytest.approx(pairs / len(ours))
    within = sum(len(boards[code]) for code in affected)
    (other,) = answers["PA03"].specifications.values()
    assert other.value == pytest.approx(within / len(ours))


def test_a_reading_of_a_least_or_largest_size_is_not_one_of_the_average():
    table = partnerships.national().readings
    assert table["counts"].tolist() == [True, True, True, False, False]
    people = areas.population("surrey")
    assert people == 1_248_649
    np.testing.assert_allclose(table["mean"] * table["unitaries"], 24_129_727)


def test_bands_sum_over_submitted_proposals():
    table, bids = partnerships.national().bands, partnerships.national().submitted
    assert table["proposals"].sum() == len(bids)
    assert table["icb_links"].sum() == bids["icb_links"].sum()
    assert (table["per_icb"] >= table["per_icb_today"]).all()
    wide = bids[bids["authorities"] > bids["authorities_today"]]
    assert (wide["icb_links"] >= wide["icb_links_today"]).all()


def test_shares_asked_for_are_counted_beside_those_assumed():
    country = partnerships.national(shares=(0.01,))
    assert country.thresholds["threshold"].tolist() == [0, 0.01, 0.05, 0.2]
    assert country.thresholds["links"].is_monotonic_decreasing
    assert "1%: " in words.published(country)[0]
    assert "10%: " not in words.published(country)[0]


# The study of an area


def test_a_study_is_frozen_and_holds_what_is_national(study):
    surrey = study("surrey")
    assert surrey.national is partnerships.national()
    with pytest.raises(FrozenInstanceError):
        surrey.partners = None


@pytest.mark.parametrize("area_id", THREE)
def test_each_division_is_measured_as_its_partners_count(area_id, study):
    working = study(area_id).partners.query("counts")
    pairs = pd.crosstab(working["place"], working["kind"])
    measured = study(area_id).measured
    assert pairs["care board"].tolist() == measured["icb_links"].tolist()
    assert pairs["police force"].tolist() == measured["police_links"].tolist()
    shares = study(area_id).partners.groupby(["place", "authority"])["share"].sum()
    np.testing.assert_allclose(shares, 1)


def test_boards_and_forces_are_named(study):
    table = tables.by_name(study("surrey")).frame
    county = table.iloc[0]
    assert county["authority"] == "Surrey"
    told = county["care boards (share of neighbourhoods)"]
    assert told == "Surrey Heartlands (87%); Frimley (13%)"
    assert county["police forces"] == "Surrey"
    split = tables.by_name(study("greater-lincolnshire")).frame
    assert "Humberside; Lincolnshire" in set(split["police forces"])
    # Hertfordshire has LSOAs in a board that does not count.
    told = tables.by_name(study("hertfordshire")).frame.iloc[0, 2]
    assert "Cambridgeshire and Peterborough (2%, does not count)" in told


@pytest.mark.parametrize("area_id", THREE)
def test_an_area_has_one_figure_with_every_division(area_id, study):
    figure, table = charts.partners(study(area_id)), tables.tally(study(area_id).partners)
    assert (table.iloc[:, 2:].sum(axis=1) > 0).all()
    pairs = table[table["kind"] == "care board"].iloc[:, 2:].sum()
    new = study(area_id).basis != renewed.UNCHANGED
    then = f"({pairs.iloc[0]} in 2024, as drawn)" if new else f": {pairs.iloc[0]} pair"
    assert then in figure.title
    assert f": {study(area_id).renewed['pairs'].iloc[0]} pair" in figure.title
    for bid in study(area_id).here.proposals:
        assert (bid.name in figure.alt) == bool(bid.footprints)


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_three_sentences_for_every_area(area_id, study):
    said = words.in_short(study(area_id))
    assert len(said) == 3
    assert "22 integrated care boards work with the 40" in said[0]
    assert areas.get(area_id).name in said[1]
    for bid in study(area_id).here.proposals:
        assert (f"“{bid.name}”" in said[1]) == (not bid.footprints)


def test_an_area_without_computable_proposals_says_so(study):
    surrey = study("surrey")
    here = replace(surrey.here)
    vars(here)["proposals"] = ()
    none = replace(
        surrey,
        here=here,
        partners=surrey.partners.query("place == 0"),
        measured=surrey.measured.iloc[:1],
        renewed=surrey.renewed.iloc[:1],
    )
    assert words.in_short(none)[1].startswith("No proposal of Surrey can be computed")
    assert charts.partners(none).title == (
        "Surrey: 1 pair of an authority and a care board since April 2026 (2 in 2024, as drawn), "
        "no proposal computed"
    )
    assert set(tables.possible(none).frame["proposals"]) == {"none that is computable"}


NEW = {row["gss_code"]: row["icb_name"] for row in rows("icb_footprints_2026")}


def naive_new_boards(footprint):
    """The boards of a footprint from April 2026, council by council."""
    total = Counter()
    for code in footprint:
        own = LSOAS[code]
        total += Counter({NEW[code]: own.total()}) if NEW[code] else own
    return {name for name, number in total.items() if number / total.total() >= 0.05}


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_boards_of_2026_agree_with_loops(area_id, study):
    known = study(area_id)
    bids = known.here.computable
    for bid, row in zip(bids, known.renewed.iloc[1:].itertuples(), strict=True):
        each = [naive_new_boards(group) for _, group in bid.footprints]
        assert row.pairs == sum(map(len, each))
        assert set(row.boards) == set().union(*each)
        if bid.reaches_outside:
            continue
        found = known.here.options.find([group for _, group in bid.footprints])
        if found is not None:
            assert known.renewed_options.loc[len(bid.footprints), found] == row.pairs


def test_new_boards_lessen_pairs_only_where_an_old_border_cut_the_area(study):
    for area_id, then, now in (("surrey", 2, 1), ("essex-southend-thurrock", 5, 3)):
        known = study(area_id)
        assert known.measured.loc[0, "icb_links"] == then
        assert known.renewed.loc[0, "pairs"] == now
    assert study("surrey").basis == renewed.INFERRED
    assert "that every district here lies in it is inferred" in words.in_short(study("surrey"))[2]
    essex = words.in_short(study("essex-southend-thurrock"))[2]
    assert "“Essex”: 3 pairs with the councils of today (2024: 5)" in essex
    assert "3 to 5 under the proposals (2024: 5 to 7)" in essex
    assert "inferred" not in essex
    kent = study("kent-medway")
    assert kent.basis == renewed.UNCHANGED
    assert (kent.renewed["pairs"] == kent.measured["icb_links"]).all()
    assert "no merger that touches this area was found" in words.in_short(kent)[2]


def test_what_holds_since_april_2026_stands_first(study):
    # Once "2 pairs of an authority and a care board today" stood beside "1 since April 2026".
    suffolk = study("suffolk")
    assert charts.partners(suffolk).title == (
        "Suffolk: 1 pair of an authority and a care board since April 2026 (2 in 2024, as drawn), "
        "1 under the proposals (2)"
    )
    said = words.in_short(study("norfolk"))[1]
    assert "pairs of an authority and a care board of 2024, against" in said
    assert "authorities on average, those outside Norfolk counted, against 2.0" in said


def test_the_published_count_stays_on_the_boards_of_2024():
    boards_2024 = next(claim for claim in claims() if claim.finding_id == "PA01")
    assert boards_2024.value == 22
    assert "icb_footprints_2026" not in boards_2024.data


def test_without_a_computable_proposal_the_new_boards_are_named_alone(study):
    surrey = study("surrey")
    alone = replace(surrey, renewed=surrey.renewed.iloc[:1], measured=surrey.measured.iloc[:1])
    said = words.since_2026(alone)
    assert "1 pair with the councils of today (2024: 2). The" in said


def test_the_fewest_pairs_are_among_all_options(study):
    table = tables.possible(study("surrey")).frame.set_index("unitaries")
    assert table.loc[2, "proposals"] == "Two unitaries (East/West): 3"
    assert (table["fewest_pairs"] <= table["most_pairs"]).all()
    assert table["options_with_the_fewest"].between(0, 1).all()
    assert table.loc[1, "contiguous_options"] == 1


def test_a_council_that_is_none_is_refused():
    with pytest.raises(KeyError, match="no council E07999999 among districts and unitaries"):
        boards.mapped([["E07000207"], ["E07999999"]])
