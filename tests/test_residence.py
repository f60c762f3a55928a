"""Ordinary residence: residents leave where beds are and arrive where need is, and none is lost."""

from dataclasses import FrozenInstanceError, replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import AREA_IDS, edit, rows

from lgr_report.chapters import residence
from lgr_report.chapters.residence import (
    apart,
    care_homes,
    caseloads,
    charts,
    children,
    moves,
    published_case,
    tables,
    words,
)
from lgr_report.chapters.residence.caseloads import BOTH, GROUPS, SCOPES, Caseload
from lgr_report.chapters.residence.claims import claims
from lgr_report.core import divisions, findings, options, proposals
from lgr_report.core.demand import of_england
from lgr_report.core.footprints import area_graph
from lgr_report.page import phrases
from lgr_report.sources import areas
from lgr_report.sources.assumptions import ranges

DRAWS = 120
HORIZON = 15
AREAS = ("suffolk", "surrey", "west-sussex")
ESSEX = "essex-southend-thurrock"
SPLITS = "leicestershire-leicester-rutland"


@pytest.fixture(scope="module")
def demand():
    return of_england(DRAWS)


@pytest.fixture(scope="module")
def essex(demand):
    codes = area_graph(ESSEX).gss_codes
    return caseloads.caseload(demand, codes)


@pytest.fixture(scope="module")
def few(demand):
    """Let the national comparison take three areas: all 21 take seconds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(published_case.areas, "ids", lambda: [*AREAS])
        published_case._national.cache_clear()
        residence.national(DRAWS)
        yield demand
    published_case._national.cache_clear()


@pytest.fixture(scope="module")
def study(few):
    """Return the study of an area, each computed once for all tests."""
    return lru_cache(lambda area_id: residence.study(divisions.of(area_id, few)))


def figures(table, indicator):
    return {
        row["gss_code"]: float(row["value"])
        for row in rows(table)
        if row["indicator"] == indicator and row["value"]
    }


def made(located, arising, stay=(10.0, 2.0), draws=3, seed=0):
    """Return a caseload of two groups, its draws round the estimate with the same sum."""
    located, arising = np.asarray(located, float), np.asarray(arising, float)
    noise = np.random.default_rng(seed).lognormal(0, 0.2, (draws, *arising.shape))
    drawn = arising * noise
    drawn *= arising.sum(axis=0) / drawn.sum(axis=1, keepdims=True)
    stay = np.array(stay)
    return Caseload(
        tuple(f"c{i}" for i in range(len(located))),
        located,
        np.tile(located, (draws, 1, 1)),
        arising,
        drawn,
        stay,
        np.tile(stay, (draws, 1)),
    )


@st.composite
def counties(draw):
    """Caseloads of two to six councils whose located and arising residents have one sum."""
    n = draw(st.integers(2, 6))
    people = st.floats(1, 5000, allow_nan=False)
    located, arising = (
        np.array(draw(st.lists(people, min_size=2 * n, max_size=2 * n))).reshape(n, 2)
        for _ in range(2)
    )
    arising *= located.sum(axis=0) / arising.sum(axis=0)
    stay = draw(st.tuples(st.floats(0.5, 30), st.floats(0.5, 30)))
    return made(located, arising, stay)


# Stock and flow


@settings(max_examples=60, deadline=None)
@given(case=counties(), years=st.floats(0, 60))
def test_no_resident_is_lost_or_won_at_any_time(case, years):
    now = caseloads.people(case, years)
    np.testing.assert_allclose(now.sum(axis=0), case.located.sum(axis=0), rtol=1e-12)
    footprints = [[code] for code in case.gss_codes]
    change = caseloads.changes(case, footprints, years)[..., : len(GROUPS)]
    moved = (change * case.located).sum(axis=1)
    np.testing.assert_allclose(moved, 0, atol=1e-8 * case.located.sum())


@settings(max_examples=30, deadline=None)
@given(case=counties())
def test_residents_start_where_homes_are_and_end_where_need_arises(case):
    np.testing.assert_array_equal(caseloads.people(case, 0), case.located)
    np.testing.assert_allclose(caseloads.people(case, 1e5), case.arising, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(case=counties(), years=st.lists(st.floats(0, 40), min_size=2, max_size=6, unique=True))
def test_each_caseload_goes_one_way_and_never_back(case, years):
    distance = [np.abs(case.arising - caseloads.people(case, year)) for year in sorted(years)]
    hair = 1e-9 * case.located.sum()
    assert (np.diff(distance, axis=0) <= hair).all()


@given(years=st.floats(0.1, 40), stay=st.floats(0.5, 20), longer=st.floats(1.1, 3))
def test_the_longer_people_stay_the_slower_a_caseload_moves(years, stay, longer):
    quick, slow = caseloads.moved(years, np.array([stay, stay * longer]))
    assert 0 < slow <= quick <= 1
    assert slow < quick or quick == pytest.approx(1)


def test_after_one_mean_stay_63_per_cent_have_left():
    assert caseloads.moved(2.0, np.array([2.0])).item() == pytest.approx(1 - 1 / np.e)


@settings(max_examples=30, deadline=None)
@given(case=counties(), data=st.data())
def test_order_of_councils_and_of_footprints_means_nothing(case, data):
    n = len(case.gss_codes)
    order = data.draw(st.permutations(range(n)))
    group = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    footprints = [
        [c for c, g in zip(case.gss_codes, group, strict=True) if g == k] for k in set(group)
    ]
    other = Caseload(
        tuple(case.gss_codes[i] for i in order),
        case.located[order],
        case.located_draws[:, order],
        case.arising[order],
        case.arising_draws[:, order],
        case.stay,
        case.stay_draws,
    )
    found = caseloads.changes(case, footprints, HORIZON)
    turned = caseloads.changes(other, [part[::-1] for part in footprints[::-1]], HORIZON)
    np.testing.assert_allclose(turned[:, ::-1], found, rtol=1e-9, atol=1e-9)


def test_a_worked_case_by_hand():
    case = made([[100, 200], [100, 200]], [[50, 200], [150, 200]], stay=(10.0, 2.0), draws=1)
    gone = 1 - np.exp(-1.5)
    np.testing.assert_allclose(
        caseloads.people(case, 15), [[100 - 50 * gone, 200], [100 + 50 * gone, 200]]
    )


# Where residents are taken to stand and to come from


@pytest.mark.parametrize("area", [ESSEX, SPLITS, "devon-plymouth-torbay"])
def test_located_and_arising_residents_sum_to_what_each_authority_published(area, demand):
    codes = area_graph(area).gss_codes
    case = caseloads.caseload(demand, codes)
    authority = demand.select(codes).authority
    for g, group in enumerate(GROUPS):
        clients = figures("upper_tier_indicators", f"{group}_clients")
        home = figures("upper_tier_indicators", f"{group}_clients_at_home")
        for code in set(authority):
            mine = authority == code
            total = clients[code] - home[code]
            for values in (case.located, case.arising, case.located_draws, case.arising_draws):
                sums = values[..., mine, g].sum(axis=-1)
                np.testing.assert_allclose(sums, total, rtol=1e-9)


def test_residents_of_a_county_stand_as_its_beds_do(demand):
    codes = area_graph("surrey").gss_codes
    nursing_share = {"nursing_share_18_64": 0.0, "nursing_share_65_plus": 1.0}
    case = caseloads.caseload(demand, codes, nursing_share)
    older = figures("district_indicators", "population_65_plus")
    every = figures("district_indicators", "beds_per_1000_over_65_jun2021")
    nursing = figures("district_indicators", "nursing_beds_per_1000_over_65_jun2021")
    without = np.array([(every[code] - nursing[code]) * older[code] for code in codes])
    within = np.array([nursing[code] * older[code] for code in codes])
    np.testing.assert_allclose(case.located[:, 0] / 1313, without / without.sum())
    np.testing.assert_allclose(case.located[:, 1] / 4960, within / within.sum())


def test_a_unitary_of_today_keeps_its_own_residents(essex, demand):
    chosen = demand.select(essex.gss_codes)
    alone = np.array(
        [code == own for code, own in zip(essex.gss_codes, chosen.authority, strict=True)]
    )
    assert alone.sum() == 2
    np.testing.assert_allclose(essex.located[alone], essex.arising[alone], rtol=1e-12)
    assert (np.abs(essex.located[~alone] - essex.arising[~alone]) > 1).any()


def test_a_unitary_younger_than_the_directory_of_beds_keeps_its_own_residents_too(demand):
    west_northamptonshire = "E06000062"
    assert care_homes.beds().loc[west_northamptonshire].isna().all()
    case = caseloads.caseload(demand, [west_northamptonshire])
    assert (case.located > 100).all()
    np.testing.assert_allclose(case.located, case.arising)


def test_shares_are_those_of_the_whole_county_even_if_a_part_is_asked_for(essex, demand):
    part = caseloads.caseload(demand, essex.gss_codes[:4])
    np.testing.assert_allclose(part.located, essex.located[:4])
    np.testing.assert_allclose(part.arising, essex.arising[:4])


def test_if_no_placement_follows_beds_nobody_moves(demand):
    codes = area_graph("surrey").gss_codes
    case = caseloads.caseload(demand, codes, {"placed_by_beds": 0})
    np.testing.assert_allclose(case.located, case.arising)


# Lengths of stay, and other assumptions with a range


def test_the_implied_stay_of_england_is_what_published_figures_give():
    implied = care_homes.implied_stay()
    for group, pinned in zip(GROUPS, (10.7308, 2.51187), strict=True):
        tables = [
            figures("upper_tier_indicators", name)
            for name in (
                f"{group}_clients",
                f"{group}_clients_at_home",
                group.replace("adults", "care_home_admissions"),
            )
        ]
        both = set.intersection(*map(set, tables))
        clients, home, admitted = (sum(table[code] for code in both) for table in tables)
        assert implied.loc["England", group] == pytest.approx((clients - home) / admitted - 1)
        assert implied.loc["England", group] == pytest.approx(pinned, abs=5e-5)


def test_assumed_stays_span_what_most_counties_imply():
    counties = [row["gss_code"] for row in rows("upper_tier") if row["la_class"] == "county"]
    implied = care_homes.implied_stay().loc[counties]
    assumed = ranges(caseloads.STAYS)
    for group, stay in zip(GROUPS, assumed.itertuples(), strict=True):
        inside = implied[group].between(stay.low, stay.high).mean()
        assert inside >= 0.8
        assert stay.low < implied[group].median() < stay.high


def test_draws_fill_the_range_round_the_assumed_value():
    table = ranges(caseloads.RANGED)
    values, drawn = caseloads.drawn_within(caseloads.RANGED, 4000)
    np.testing.assert_array_equal(values, table["value"])
    assert (drawn >= table["low"].to_numpy()).all()
    assert (drawn <= table["high"].to_numpy()).all()
    np.testing.assert_allclose(drawn.mean(axis=0), table.mean(axis=1), rtol=2e-3)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(drawn.shape[1])).max() < 0.02
    np.testing.assert_array_equal(caseloads.drawn_within(caseloads.RANGED, 50)[1], drawn[:50])


def test_a_fixed_assumption_has_one_value_and_leaves_the_others_alone():
    free = caseloads.drawn_within(caseloads.RANGED, 20)[1]
    values, drawn = caseloads.drawn_within(caseloads.RANGED, 20, {"stay_18_64": 7})
    assert values[0] == 7
    assert (drawn[:, 0] == 7).all()
    np.testing.assert_array_equal(drawn[:, 1:], free[:, 1:])


# Options


def naive(case, footprints, worlds):
    """Largest fall and growth by scope, averaged over worlds, by plain loops."""
    place = {code: i for i, code in enumerate(case.gss_codes)}
    total = np.zeros((len(SCOPES), 2))
    for located, arising, stay in worlds:
        for s, scope in enumerate(SCOPES):
            groups = range(len(GROUPS)) if scope == BOTH else [s]
            changes = []
            for footprint in footprints:
                before = after = 0.0
                for code in footprint:
                    for g in groups:
                        here, need = located[place[code]][g], arising[place[code]][g]
                        left = np.exp(-HORIZON / stay[g])
                        before += here
                        after += here * left + need * (1 - left)
                changes.append(after / before - 1)
            total[s] += [max(-min(changes), 0), max(*changes, 0)]
    return total / len(worlds)


@pytest.mark.parametrize("draws", [0, 5])
def test_many_options_at_once_equal_plain_loops(draws, demand):
    found = options.contiguous_options("norfolk")
    case = caseloads.caseload(demand, found.graph.gss_codes)
    worlds = [(case.located, case.arising, case.stay)]
    if draws:
        worlds = [
            (case.located_draws[d], case.arising_draws[d], case.stay_draws[d]) for d in range(draws)
        ]
    for k in (1, 2, 3):
        fast = caseloads.of_masks(case, found.masks[k], HORIZON, draws)
        for row, masks in list(enumerate(found.masks[k]))[::3]:
            footprints = [found.footprints(mask) for mask in masks]
            np.testing.assert_allclose(fast[row], naive(case, footprints, worlds), atol=2e-9)


def test_many_options_at_once_equal_each_measured_alone(demand):
    found = options.contiguous_options("suffolk")
    case = caseloads.caseload(demand, found.graph.gss_codes)
    for k, every in found.masks.items():
        fast = 100 * caseloads.of_masks(case, every, HORIZON, DRAWS)[:, SCOPES.index(BOTH)]
        for row, masks in zip(fast, every, strict=True):
            footprints = [found.footprints(mask) for mask in masks]
            alone = moves.measure(footprints, demand)
            assert [m.metric for m in alone] == [*moves.METRICS]
            np.testing.assert_allclose([m.value for m in alone], row, atol=1e-6)
            assert all(m.low <= m.value <= m.high for m in alone), k


@pytest.mark.parametrize("area", AREA_IDS)
def test_nothing_moves_between_the_authorities_of_today(area, demand):
    measured = moves.measure(divisions.of(area, demand).today, demand)
    assert [phrases.measured(m) for m in measured] == ["0%", "0%"]


def test_the_measure_does_not_depend_on_the_order_of_footprints(demand):
    bid = next(b for b in proposals.proposals("surrey") if b.n_unitaries == 3)
    parts = [codes for _, codes in bid.footprints]
    turned = [codes[::-1] for codes in parts[::-1]]
    first, second = (moves.measure(p, demand) for p in (parts, turned))
    for one, other in zip(first, second, strict=True):
        assert one.value == pytest.approx(other.value)
        assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_footprints_that_hold_a_council_twice_are_refused(demand):
    codes = area_graph("suffolk").gss_codes
    with pytest.raises(ValueError, match=f"repeated: {codes[0]}"):
        moves.measure([codes, codes[:1]], demand)


def test_councils_of_another_area_can_join(demand):
    bids = proposals.proposals("oxfordshire")
    joined = next(b for b in bids if b.reaches_outside and b.footprints)
    fall, growth = moves.measure([c for _, c in joined.footprints], demand)
    assert 0 < fall.value < 30
    assert 0 < growth.value < 30


def test_a_missing_figure_stays_missing_and_says_why(data, demand):
    missing = {"gss_code": "E10000029", "indicator": "adults_65_plus_clients_at_home"}
    edit("upper_tier_indicators", data, lambda r: missing.items() <= r.items(), value="")
    codes = area_graph("suffolk").gss_codes
    for metric in moves.measure([codes[:2], codes[2:]], demand):
        assert phrases.measured(metric) == "–"
        assert "not published" in metric.note
    assert moves.measure([area_graph("norfolk").gss_codes], demand)[0].value == 0


def test_one_district_without_beds_leaves_its_county_without_a_figure(data, demand):
    codes = area_graph("suffolk").gss_codes
    gone = {"gss_code": codes[0], "indicator": "beds_per_1000_over_65_jun2021"}
    edit("district_indicators", data, lambda r: gone.items() <= r.items(), value="")
    case = caseloads.caseload(demand, codes)
    assert np.isnan(case.located).all()
    assert not np.isnan(case.arising).any()


# Beside the published case


def test_the_published_case_is_read_from_its_table():
    assert published_case.published() == (0.15, 0.5, 15)


def test_bids_that_divide_no_county_are_left_out(demand):
    for area in ("devon-plymouth-torbay", "east-sussex-brighton"):
        bids = [b for b in proposals.proposals(area) if b.footprints]
        kept = [b for b in bids if not published_case.divides(b, demand)]
        assert kept
        for bid in kept:
            measured = moves.measure([c for _, c in bid.footprints], demand)
            assert [m.value for m in measured] == [0, 0]


def test_shares_beside_the_published_case_count_proposals_draw_by_draw(few):
    country = residence.national(len(few.draws))
    bids, drawn, every = country.bids, country.moves, country.options
    assert set(bids["area_id"]) <= set(every["area_id"]) == set(AREAS)
    for fall, growth, noise in zip(
        drawn[:, :, SCOPES.index(BOTH), 0].mean(axis=1),
        drawn[:, :, SCOPES.index(BOTH), 1].mean(axis=1),
        bids[["noise_fall", "noise_growth"]].to_numpy(),
        strict=True,
    ):
        assert 0 < noise[0] < fall
        assert 0 < noise[1] < growth
    table = country.pairs.set_index(["scope", "measure"])
    for s, scope in enumerate(SCOPES):
        fall = growth = both = 0
        for bid in range(len(bids)):
            for draw in range(DRAWS):
                f, g = drawn[bid, draw, s]
                fall, growth = fall + (f >= 0.15), growth + (g >= 0.5)
                both += (f >= 0.15) & (g >= 0.5)
        counted = [n / len(bids) / DRAWS for n in (fall, growth, both)]
        found = table.loc[scope].loc[["fall", "growth", "both"], "as_far"]
        np.testing.assert_allclose(found, counted)
        far = every[(every[f"{scope} fall"] >= 0.15) & (every[f"{scope} growth"] >= 0.5)]
        shares = [
            len(far[(far["area_id"] == a) & (far["n_unitaries"] == k)]) / len(part)
            for (a, k), part in every.groupby(["area_id", "n_unitaries"], observed=True)
        ]
        assert table.loc[(scope, "both"), "options_as_far"] == pytest.approx(np.mean(shares))


def test_the_case_of_one_county_that_is_not_named_cannot_be_tested(few):
    published = {row["finding_id"]: float(row["value"]) for row in rows("published_findings")}
    answers = claims(residence.national(len(few.draws)))
    assert [claim.finding_id for claim in answers] == ["OR01", "OR02", "OR03"]
    for claim in answers:
        assert findings.verdict(published[claim.finding_id], claim) == findings.NOT_TESTABLE
        assert claim.settled_by
    assert answers[0].low <= answers[0].value <= answers[0].high < 0
    assert 0 < answers[1].low <= answers[1].value <= answers[1].high
    assert np.isnan(answers[2].value)


# The study of an area


def test_a_study_is_frozen_and_holds_what_is_national(study, few):
    surrey = study("surrey")
    assert surrey.national is residence.national(len(few.draws))
    with pytest.raises(FrozenInstanceError):
        surrey.caseloads = None


def test_the_last_year_holds_for_all_of_a_study(few):
    surrey = residence.study(divisions.of("surrey", few), years=3)
    assert surrey.national.years == surrey.caseloads["years"].max() == 3
    for said in (
        words.in_short(surrey)[0],
        charts.caseloads(surrey).title,
        charts.published_case(surrey.national).title,
    ):
        assert "3 years" in said
        assert "15 years" not in said
    later = residence.study(divisions.of("surrey", few))
    soon, late = (s.sensitivity.query("case == 'as shown'") for s in (surrey, later))
    assert (soon["growth"].to_numpy() < late["growth"].to_numpy()).all()
    assert (surrey.national.pairs["mean"].dropna() < later.national.pairs["mean"].dropna()).all()


def test_a_study_says_what_each_bid_measures(study, few):
    surrey = study("surrey")
    shown = surrey.sensitivity.query("case == 'as shown'").set_index("proposal")
    for bid in surrey.here.computable:
        measured = moves.measure([codes for _, codes in bid.footprints], few)
        expected = 100 * shown.loc[bid.name, ["fall", "growth"]].astype(float)
        np.testing.assert_allclose([m.value for m in measured], expected)


def test_day_one_is_no_change_and_residents_of_all_unitaries_are_those_of_the_area(study):
    surrey = study("surrey")
    start = surrey.caseloads.query("years == 0")
    assert (start[["change", "low", "high"]] == 0).all(axis=None)
    totals = surrey.caseloads.groupby(["proposal", "scope", "years"])["people"].sum()
    np.testing.assert_allclose(totals.loc[:, "adults"], 1313 + 4960)


# On a page


def test_a_county_section_is_one_figure_and_three_paragraphs(study):
    said = words.in_short(study("surrey"))
    assert len(said) == 3
    assert "−15" not in said[0]
    assert "15%" in said[0]
    assert "50%" in said[0]
    figure = charts.caseloads(study("surrey"))
    bids = study("surrey").here.computable
    for bid in bids:
        assert bid.name in said[1]
        for name, _ in bid.footprints:
            assert name in figure.alt
    assert len(figure.table.frame) == sum(len(b.footprints) for b in bids)


@pytest.mark.parametrize("area", AREA_IDS)
def test_people_and_their_change_agree(area, demand):
    """Huntingdonshire's change was +1% beside 510 people that became 526."""
    for bid in proposals.proposals(area):
        if not bid.footprints:
            continue
        case = caseloads.caseload(demand, bid.gss_codes)
        moves = caseloads.trajectories(case, bid.footprints, (0, HORIZON))
        start, then = (moves[moves["years"] == t].reset_index(drop=True) for t in (0, HORIZON))
        np.testing.assert_allclose(then["people"] / start["people"] - 1, then["change"])
        assert then["low"].le(then["change"] + 1e-9).all()
        assert then["high"].ge(then["change"] - 1e-9).all()
        if area == "cambridgeshire-peterborough" and "Huntingdonshire" in bid.name:
            last = then.query("scope == 'adults'").set_index("unitary").loc["Huntingdonshire"]
            before = start.query("scope == 'adults'").set_index("unitary").loc["Huntingdonshire"]
            assert (round(before["people"]), round(last["people"])) == (510, 526)
            assert phrases.percent(last["change"], plus=True) == "+3%"


def even_and_planted(shift, noise, seed=1):
    """Return two councils of 1,000 residents each: ``shift`` beds too many stand in the first."""
    arising = np.full((2, 2), 500.0)
    drawn = arising * np.random.default_rng(seed).normal(1, noise, (400, 2, 2))
    drawn *= 1000 / drawn.sum(axis=1, keepdims=True)
    stay = np.array([1.0, 1.0])

    def at(located):
        many = np.tile(located, (400, 1, 1))
        return Caseload(("a", "b"), located, many, arising, drawn, stay, np.tile(stay, (400, 1)))

    return at(arising + shift / 2 * np.array([[1, 1], [-1, -1]])), at(arising)


def test_a_planted_move_is_told_and_noise_is_not():
    far = apart.apart(*even_and_planted(300, 0.05), [["a"], ["b"]], 50)
    assert (far.least, far.most) == (0, 1)
    assert far.difference == pytest.approx(300 / 700 + 300 / 1300, rel=1e-6)
    assert far.told
    near = apart.apart(*even_and_planted(10, 0.2), [["a"], ["b"]], 50)
    assert near.low < 0 < near.high
    assert not near.told
    none = apart.apart(*even_and_planted(0, 0.1), [["a"], ["b"]], 50)
    assert none.difference == 0
    assert not none.told
    told = [apart.apart(*even_and_planted(0, 0.1, s), [["a"], ["b"]], 50).told for s in range(20)]
    assert not any(told)


def test_noise_of_more_unitaries_is_larger(demand):
    codes = area_graph("surrey").gss_codes
    case, even = (caseloads.caseload(demand, codes, f) for f in (None, apart.EVEN))
    two, eleven = (
        apart.apart(case, even, d, HORIZON)
        for d in ([codes[:5], codes[5:]], [[code] for code in codes])
    )
    assert two.noise < eleven.noise


def test_a_sentence_rests_on_the_signed_difference(study):
    """The largest growth cannot be below zero: what it says is tested against noise."""
    surrey = study("surrey")
    said = words.in_short(surrey)[1]
    assert "the proposed “East Surrey” council" in said
    assert "public data tell the two apart" in said
    (name,) = [bid.name for bid in surrey.here.computable if len(bid.footprints) == 2]
    assert surrey.apart[name].told
    blurred = replace(surrey, apart={k: replace(a, noise=9.0) for k, a in surrey.apart.items()})
    said = words.in_short(blurred)[1]
    assert (
        "chance alone sets such a pair up to 900 points apart, so public data cannot tell" in said
    )
    assert "The range does not allow for the picking." in said
    alike = replace(surrey, apart={k: replace(a, low=-0.01) for k, a in surrey.apart.items()})
    assert "The range includes zero, so public data cannot" in words.in_short(alike)[1]
    assert "no proposal's care home caseloads can be told apart" in charts.caseloads(blurred).title


def test_a_chance_is_no_count_of_proposals(study):
    # Once "1% [have] such a growth" stood beside "growth from 2 to 33": none reaches 50.
    surrey = study("surrey")
    said = words.in_short(surrey)[0]
    assert "and none such a growth (2%)" in said
    assert "expected to have such a fall (the chance is" in said
    grown = replace(surrey.national, moves=surrey.national.moves + 1)
    bids = len(grown.bids)
    assert f"{bids} of the {bids} proposals are expected to have" in words.country(grown)


def test_a_change_of_the_table_has_one_minus_and_zero_no_sign(study):
    surrey = study("surrey")
    figure = charts.caseloads(replace(surrey, caseloads=surrey.caseloads.assign(low=-0.001)))
    shown = figure.table._repr_html_()
    assert "<td>0%</td>" in shown
    assert not any(text in shown for text in (">-", ">+0%<", ">−0%<"))


def test_bids_that_split_districts_are_named_and_never_computed(study):
    said = words.in_short(study(SPLITS))[1]
    split = [b for b in study(SPLITS).here.proposals if b.status == proposals.SPLITS]
    assert split
    assert proposals.SPLITS in said
    shown = tables.caseloads(study(SPLITS)).frame.set_index("proposal")
    for bid in split:
        assert (shown.loc[[bid.name]].drop(columns="unitary") == "–").all(axis=None)


def test_an_area_without_a_computable_division_says_so(study):
    none = study("east-sussex-brighton")
    figure = charts.caseloads(none)
    assert "no proposal that divides a county" in figure.title
    assert len(figure.table.frame) == len(none.here.proposals)
    assert tables.sensitivity(none).frame["proposal"].tolist() == ["none can be computed"]
    assert "care home caseload" not in words.in_short(none)[1]
    assert (tables.caseloads(none).frame.iloc[:, 2:] == "–").all(axis=None)


def test_without_a_figure_no_sentence_makes_one_up(study):
    missing = replace(study("surrey"), elsewhere=pd.Series([np.nan, np.nan], [1, 0.5]))
    assert words.in_short(missing)[2].endswith("not published for all councils here: no figure.")


def test_the_sensitivity_moves_as_its_assumption_says(study):
    table = tables.sensitivity(study("surrey")).frame.set_index("proposal")
    falls = table.map(lambda text: -int(text.split("%")[0].replace("−", "-")))
    assert (falls["long stays"] <= falls["short stays"]).all()
    assert (falls["50% of placements by beds"] < falls["as shown"]).all()


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (0.001, "under 1%"), (0.005, "under 1%"), (0.42, "42%")]
)
def test_a_small_share_is_not_shown_as_none(share, text):
    assert phrases.about(share) == text


def test_beds_and_need_leave_out_the_unitaries_of_today(study):
    figure = charts.beds_and_need(study(ESSEX))
    shown = set(figure.table.frame["council"])
    mine = areas.councils(ESSEX)
    assert shown == set(mine.loc[mine["council_type"] == "district", "council_name"])
    np.testing.assert_allclose(figure.table.frame[["beds", "need"]].sum(), 100)


# Children


def test_placements_of_children_are_those_of_the_tables():
    found = children.authorities()
    surrey = found.loc["E10000030"]
    placed = next(r for r in rows("placements_across_borders") if r["gss_code"] == "E10000030")
    assert surrey["placed_out"] == float(placed["placed_out"]) == 546
    homes = [
        r
        for r in rows("childrens_provision")
        if r["gss_code"] == "E10000030" and r["kind"] == "childrens_home"
    ]
    assert surrey["homes"] == sum(int(r["providers"]) for r in homes)
    assert surrey["places"] == sum(int(r["places"]) for r in homes)
    number = next(
        float(r["value"])
        for r in rows("children_panel")
        if (r["gss_code"], r["measure"], r["period"]) == ("E10000030", "cla_number", "2024")
    )
    assert surrey["placed_out_per_100"] == pytest.approx(100 * 546 / number)


def test_what_was_not_published_of_children_is_named_and_not_zero(study):
    shown = tables.children(study(SPLITS)).frame.set_index("authority")
    assert shown.loc["Rutland", "placed elsewhere"] == "not available"
    said = " ".join(words.children(study(SPLITS).children))
    assert "Not published for Rutland." in said
    assert "Rutland places" not in said


def test_one_home_with_unknown_places_leaves_the_authority_without_a_sum(data):
    home = {"gss_code": "E10000030", "kind": "childrens_home", "sector": "Private"}
    edit("childrens_provision", data, lambda r: home.items() <= r.items(), places="")
    found = children.authorities().loc["E10000030"]
    assert np.isnan(found["places"])
    assert found["homes"] > 0


def test_medians_of_region_and_country_stand_below_the_area():
    table = children.beside(areas.authorities("surrey")["gss_code"])
    assert table["median"].tolist() == [False, True, True]
    assert table["authority_name"].tolist() == [
        "Surrey",
        "median of South East",
        "median of England",
    ]
    every = children.authorities()
    median = table.iloc[-1]["places_per_100"]
    assert median == pytest.approx(pd.to_numeric(every["places_per_100"]).median())
