"""Options: every contiguous partition once, checked against slow and against closed forms."""

import json
from functools import cache
from math import comb

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgr_report.core import footprints as f
from lgr_report.core import options as o
from lgr_report.core import proposals as bids
from lgr_report.sources import tables

AREAS = sorted(tables.read("areas").area_id)
SMALL_AREAS = [area for area in AREAS if len(f.area_graph(area).gss_codes) <= 8]
WATER = pytest.mark.parametrize("water_links", [True, False], ids=["all", "land"])


def graph_of(n, edges, populations=None):
    """An area with councils "a", "b", …"""
    codes = tuple("abcdefghijklmnop"[:n])
    links = tuple((codes[i], codes[j]) for i, j in edges)
    people = np.arange(1, n + 1) if populations is None else np.array(populations)
    return f.AreaGraph("made-up", codes, tuple(code.upper() for code in codes), people, links)


def path(n):
    return graph_of(n, [(i, i + 1) for i in range(n - 1)])


def cycle(n):
    return graph_of(n, [(i, (i + 1) % n) for i in range(n)])


def complete(n):
    return graph_of(n, [(i, j) for i in range(n) for j in range(i)])


@st.composite
def graphs(draw):
    n = draw(st.integers(1, 7))
    pairs = [(i, j) for i in range(n) for j in range(i)]
    return graph_of(n, draw(st.sets(st.sampled_from(pairs))) if pairs else [])


def set_partitions(items):
    """Every partition of a list: the first item joins each part of the others, or stands alone."""
    if not items:
        yield []
        return
    first, *others = items
    for parts in set_partitions(others):
        for i, part in enumerate(parts):
            yield [*parts[:i], {first, *part}, *parts[i + 1 :]]
        yield [{first}, *parts]


def naive_options(graph, max_unitaries=5):
    net = nx.Graph(graph.links)
    net.add_nodes_from(graph.gss_codes)
    return {
        frozenset(map(frozenset, parts))
        for parts in set_partitions(list(graph.gss_codes))
        if len(parts) <= max_unitaries and all(nx.is_connected(net.subgraph(p)) for p in parts)
    }


def as_sets(options):
    return [
        frozenset(frozenset(options.footprints(mask)) for mask in row)
        for masks in options.masks.values()
        for row in masks
    ]


@cache
def options_of(area_id, water_links=True):
    return o.contiguous_options(area_id, water_links=water_links)


def stirling(n, k):
    if k in (0, n):
        return int(k == n)
    return stirling(n - 1, k - 1) + k * stirling(n - 1, k)


class TestEnumeration:
    @given(graphs(), st.integers(1, 7))
    def test_agrees_with_the_naive_way_on_any_graph(self, graph, max_unitaries):
        found = as_sets(o.enumerate_options(graph, max_unitaries))
        assert len(found) == len(set(found))
        assert set(found) == naive_options(graph, max_unitaries)

    @WATER
    @pytest.mark.parametrize("area_id", SMALL_AREAS)
    def test_agrees_with_the_naive_way_on_small_areas(self, area_id, water_links):
        naive = naive_options(f.area_graph(area_id, water_links))
        assert set(as_sets(options_of(area_id, water_links))) == naive

    @pytest.mark.parametrize("n", range(1, 13))
    def test_a_path_is_cut_at_any_of_its_links(self, n):
        counts = o.enumerate_options(path(n)).counts()
        assert counts == {k: comb(n - 1, k - 1) for k in range(1, 6)}

    @pytest.mark.parametrize("n", range(3, 13))
    def test_a_cycle_is_cut_at_two_links_or_more(self, n):
        counts = o.enumerate_options(cycle(n)).counts()
        assert counts == {1: 1} | {k: comb(n, k) for k in range(2, 6)}

    @pytest.mark.parametrize("n", range(1, 10))
    def test_where_all_touch_every_partition_counts(self, n):
        counts = o.enumerate_options(complete(n), max_unitaries=n).counts()
        assert counts == {k: stirling(n, k) for k in range(1, n + 1)}

    def test_a_single_council_has_one_option(self):
        options = o.enumerate_options(path(1))
        assert options.counts() == {1: 1, 2: 0, 3: 0, 4: 0, 5: 0}
        assert options.footprints(options.masks[1][0, 0]) == ("a",)

    def test_rows_stand_in_order(self):
        for masks in o.enumerate_options(complete(6)).masks.values():
            assert masks.tolist() == sorted(masks.tolist())


class TestEveryArea:
    @WATER
    @pytest.mark.parametrize("area_id", AREAS)
    def test_options_cover_the_area_once_with_contiguous_footprints(self, area_id, water_links):
        councils, links = tables.read("councils"), tables.read("adjacency")
        mine = (councils.area_id == area_id) & (councils.council_type != "county")
        links = links[(links.area_id == area_id) & (water_links | (links.link_type == "land"))]
        net = nx.Graph(zip(links.gss_a, links.gss_b, strict=True))
        net.add_nodes_from(councils.gss_code[mine])

        options = options_of(area_id, water_links)
        assert set(options.graph.gss_codes) == set(councils.gss_code[mine & councils.in_invitation])
        whole = (1 << len(options.graph.gss_codes)) - 1
        for k, masks in options.masks.items():
            assert masks.shape[1] == k
            assert (np.bitwise_or.reduce(masks, axis=1) == whole).all()  # cover …
            assert (masks.sum(axis=1) == whole).all()  # … without overlap
            assert len(np.unique(np.sort(masks, axis=1), axis=0)) == len(masks)
        for mask in np.unique(np.concatenate([m.ravel() for m in options.masks.values()])):
            assert nx.is_connected(net.subgraph(options.footprints(mask)))

    @pytest.mark.parametrize("area_id", AREAS)
    def test_an_option_by_land_is_an_option_over_all_links(self, area_id):
        land, over_all = (options_of(area_id, water_links).masks for water_links in (False, True))
        for k in land:
            assert set(map(tuple, land[k].tolist())) <= set(map(tuple, over_all[k].tolist()))

    def test_by_land_alone_an_island_is_a_footprint_of_its_own(self):
        options = options_of("hampshire-iow-portsmouth-southampton", water_links=False)
        assert options.counts()[1] == 0
        island = options.graph.mask(["E06000046"])
        for masks in options.masks.values():
            assert (masks == island).any(axis=1).all()


class TestGraph:
    def test_leaves_out_the_county_and_who_is_not_invited(self):
        graph = f.area_graph("oxfordshire")
        assert "E10000025" not in graph.gss_codes
        assert "E06000037" not in graph.gss_codes
        assert "E06000037" in f.area_graph("oxfordshire", outside=["E06000037"]).gss_codes

    def test_an_unknown_area_is_named_with_the_known_ones(self):
        with pytest.raises(ValueError, match=r"unknown area 'surry'.*surrey"):
            f.area_graph("surry")

    def test_a_council_out_of_reach_is_an_error(self, monkeypatch):
        full = tables.read("adjacency")
        cut = full[(full.gss_a != "E06000046") & (full.gss_b != "E06000046")]
        read = tables.read
        monkeypatch.setattr(tables, "read", lambda name: cut if name == "adjacency" else read(name))
        with pytest.raises(ValueError, match=r"adjacency\.csv: hampshire.*Isle of Wight"):
            f.area_graph("hampshire-iow-portsmouth-southampton")

    @given(graphs())
    def test_connected_subsets_are_those_of_networkx(self, graph):
        net = nx.Graph(graph.links)
        net.add_nodes_from(graph.gss_codes)
        connected = f.pieces_of(graph) == 1
        assert not connected[0]
        for mask in range(1, len(connected)):
            assert connected[mask] == nx.is_connected(net.subgraph(graph.footprint(mask)))

    @given(graphs(), st.data())
    def test_masks_and_footprints_are_inverse(self, graph, data):
        mask = data.draw(st.integers(0, (1 << len(graph.gss_codes)) - 1))
        assert graph.mask(graph.footprint(mask)) == mask


class TestCheck:
    def test_returns_masks_in_the_order_given(self):
        assert f.check_option(path(4), [["d", "c"], ["a", "b"]]) == (0b1100, 0b0011)

    @pytest.mark.parametrize(
        ("footprints", "fault"),
        [
            ([["a"], ["c"]], r"missing: B \(b\)"),
            ([["a", "b"], ["b", "c"]], r"repeated: B \(b\)"),
            ([["a", "a"], ["b", "c"]], r"repeated: A \(a\)"),
            ([["a", "b"], ["c", "z"]], "unknown: z"),
            ([["a", "b", "c"], []], "empty: footprint 2"),
            ([["a", "z"], ["a"]], r"missing: B \(b\), C \(c\); repeated: A \(a\); unknown: z"),
        ],
    )
    def test_names_what_is_wrong(self, footprints, fault):
        with pytest.raises(ValueError, match=f"not an option of made-up: {fault}"):
            f.check_option(path(3), footprints)


class TestLookup:
    def test_find_tells_the_row_whatever_the_order(self):
        options = o.enumerate_options(path(4))
        row = options.find([["d", "c"], ["b"], ["a"]])
        assert as_sets(options)[1 + 3 + row] == {frozenset("a"), frozenset("b"), frozenset("cd")}

    def test_find_tells_that_an_option_is_not_contiguous_or_too_large(self):
        options = o.enumerate_options(path(4), max_unitaries=2)
        assert options.find([["a", "c"], ["b", "d"]]) is None
        assert options.find([["a"], ["b"], ["c", "d"]]) is None

    def test_a_frame_shows_names(self):
        frame = o.enumerate_options(path(3)).frame(2)
        assert frame.to_dict("list") == {"unitary_1": ["A", "A, B"], "unitary_2": ["B, C", "C"]}
        assert o.enumerate_options(path(3)).frame(2, [1]).index.tolist() == [1]
        assert o.enumerate_options(path(3)).frame(4).shape == (0, 4)


class TestScores:
    @given(graphs(), st.data())
    def test_least_and_most_are_those_of_every_unitary(self, graph, data):
        n = len(graph.gss_codes)
        values = np.array(data.draw(st.lists(st.floats(-9, 9), min_size=1 << n, max_size=1 << n)))
        for masks in o.enumerate_options(graph).masks.values():
            least, most = f.least_and_most(values, masks)
            assert least.tolist() == [min(values[row]) for row in masks]
            assert most.tolist() == [max(values[row]) for row in masks]

    @given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=7))
    def test_subset_sums_are_sums_over_the_members(self, values):
        sums = f.subset_sums(values)
        for mask, total in enumerate(sums):
            assert total == sum(v for bit, v in enumerate(values) if mask >> bit & 1)

    def test_subset_sums_take_rows_and_keep_what_is_missing_apart(self):
        sums = f.subset_sums([[1.0, 10.0], [np.nan, 20.0]])
        np.testing.assert_array_equal(sums, [[0, 0], [1, 10], [np.nan, 20], [np.nan, 30]])

    def test_population_balance_by_hand(self):
        options = o.enumerate_options(graph_of(3, [(0, 1), (1, 2)], [100, 200, 600]))
        balance = o.population_balance(options)
        assert balance[2].to_dict("list") == {
            "smallest": [100, 300],
            "largest": [800, 600],
            "spread": [pytest.approx(700 / 450), pytest.approx(300 / 450)],
        }
        assert balance[1].spread.tolist() == [0]
        assert balance[5].empty

    @pytest.mark.parametrize(
        ("value", "expected"), [(0, 0), (1, 12.5), (2, 50), (2.5, 75), (3, 87.5), (4, 100)]
    )
    def test_standing_is_the_mid_rank(self, value, expected):
        assert o.standing(value, [1, 2, 2, 3]) == expected

    @given(st.lists(st.integers(-9, 9), min_size=1), st.integers(-9, 9))
    def test_standing_is_the_same_from_either_end(self, values, value):
        mirrored = o.standing(-value, -np.array(values))
        assert o.standing(value, values) == pytest.approx(100 - mirrored)

    def test_standing_takes_rounding_for_a_tie(self):
        assert o.standing(0.1 + 0.2, [0.3]) == 50

    @pytest.mark.parametrize(("value", "values"), [(1, []), (1, [1, np.nan]), (np.nan, [1])])
    def test_standing_refuses_a_rank_among_some(self, value, values):
        with pytest.raises(ValueError, match="no missing values"):
            o.standing(value, values)


def proposal(area_id, proposal_id):
    # Not the shared result: some tests alter what the tables say.
    found = bids.proposals.__wrapped__(area_id)
    return next(p for p in found if p.proposal_id == proposal_id)


class TestProposals:
    @pytest.mark.parametrize("area_id", AREAS)
    def test_every_row_of_the_table_is_a_proposal(self, area_id):
        heads = tables.read("proposals")
        assert [p.proposal_id for p in bids.proposals(area_id)] == (
            heads.proposal_id[heads.area_id == area_id].tolist()
        )

    @pytest.mark.parametrize("area_id", AREAS)
    def test_a_computable_proposal_is_an_option_exactly_once_if_contiguous(self, area_id):
        for p in bids.proposals(area_id):
            if p.status != bids.COMPUTABLE or p.reaches_outside:
                continue
            footprints = [codes for _, codes in p.footprints]
            for water_links, contiguous in ((True, p.contiguous_all), (False, p.contiguous_land)):
                options = options_of(area_id, water_links)
                wanted = sorted(map(options.graph.mask, footprints))
                among = np.sort(options.masks[len(wanted)], axis=1)
                assert (among == wanted).all(axis=1).sum() == contiguous
                assert (options.find(footprints) is not None) == contiguous

    @pytest.mark.parametrize("area_id", AREAS)
    def test_only_a_computable_proposal_has_footprints(self, area_id):
        for p in bids.proposals(area_id):
            computable = p.status == bids.COMPUTABLE
            assert len(p.footprints) == (p.n_unitaries if computable else 0)
            assert (p.contiguous_land is not None) == (p.contiguous_all is not None) == computable
            assert not (computable and p.split_councils)

    def test_a_bid_across_the_severn_needs_the_water_link(self):
        p = proposal("gloucestershire", "glos-2-ew")
        assert (p.contiguous_land, p.contiguous_all) == (False, True)

    def test_a_bid_with_west_berkshire_is_computed_but_stands_outside(self):
        p = proposal("oxfordshire", "oxon-2")
        assert (p.status, p.outside_councils) == (bids.COMPUTABLE, ("E06000037",))
        assert p.contiguous_land
        entry = o.summary("oxfordshire")["proposals"][1]
        assert sum(entry["populations"].values()) > 900_000  # with West Berkshire
        assert entry["population_spread_percentile"] == {"land": None, "all": None}

    @pytest.mark.parametrize("area_id", ["east-sussex-brighton", "west-sussex"])
    def test_the_bid_for_all_sussex_stands_under_both_areas(self, area_id):
        p = proposal(area_id, "sussex-bhcc-5")
        assert (p.status, p.reaches_outside, p.n_unitaries) == (bids.SPLITS, True, 5)
        assert p.split_councils == ("E07000063", "E07000065")

    @pytest.mark.parametrize(
        ("area_id", "proposal_id", "status", "boundary_changes", "row_status"),
        [
            ("kent-medway", "kent-4d", bids.UNKNOWN, True, "unverified"),
            (
                "lancashire-blackburn-blackpool",
                "lancs-4-blackpool",
                bids.UNKNOWN,
                True,
                "unverified",
            ),
            ("hertfordshire", "herts-3", bids.COMPUTABLE, True, "inferred"),
            ("hertfordshire", "herts-4", bids.SPLITS, True, "confirmed"),
            ("essex-southend-thurrock", "essex-4-thurrock", bids.COMPUTABLE, False, "inferred"),
        ],
    )
    def test_status(self, area_id, proposal_id, status, boundary_changes, row_status):
        p = proposal(area_id, proposal_id)
        found = (p.status, p.boundary_changes, p.row_status)
        assert found == (status, boundary_changes, row_status)

    def test_a_proposal_that_misses_a_council_is_an_error(self, monkeypatch):
        read = tables.read

        def without_tandridge(name):
            frame = read(name)
            if name != "proposed_unitary_councils":
                return frame
            return frame[(frame.proposal_id != "surrey-2") | (frame.gss_code != "E07000215")]

        monkeypatch.setattr(tables, "read", without_tandridge)
        with pytest.raises(
            ValueError, match=r"proposal surrey-2.*missing: Tandridge \(E07000215\)"
        ):
            bids.proposals.__wrapped__("surrey")

    def test_a_whole_district_bid_over_two_areas_is_not_computed_in_one(self, monkeypatch):
        read = tables.read

        def without_splits(name):
            frame = read(name)
            return frame[frame.extent == "whole"] if "extent" in frame else frame

        monkeypatch.setattr(tables, "read", without_splits)
        assert proposal("west-sussex", "sussex-bhcc-5").status == bids.CROSSES


class TestSummary:
    @pytest.mark.parametrize("area_id", AREAS)
    def test_is_plain_json(self, area_id):
        summary = o.summary(area_id)
        assert json.loads(json.dumps(summary, allow_nan=False)) == summary
        assert list(summary) == ["area_id", "councils", "counts", "proposals"]
        assert list(summary["counts"]) == ["land", "all"]

    def test_surrey(self):
        summary = o.summary("surrey")
        assert summary["councils"] == 11
        assert summary["counts"]["all"] == {"1": 1, "2": 43, "3": 334, "4": 1132, "5": 2058}
        two = summary["proposals"][0]
        assert two["populations"] == {"East Surrey": 563643, "West Surrey": 685006}
        assert two["population_spread_percentile"]["all"] == pytest.approx(100 * 2.5 / 43)

    def test_a_bid_stands_only_among_options_of_which_it_is_one(self):
        across_the_severn = o.summary("gloucestershire")["proposals"][1]
        assert across_the_severn["contiguous"] == {"land": False, "all": True}
        assert across_the_severn["population_spread_percentile"] == {
            "land": None,
            "all": pytest.approx(100 * 1.5 / 17),
        }

    def test_the_only_option_of_its_size_has_no_percentile(self):
        one = o.summary("worcestershire")["proposals"][0]
        assert one["population_spread_percentile"] == {"land": None, "all": None}
