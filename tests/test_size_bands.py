"""Size bands: averages against the tables counted by hand."""

from collections import defaultdict

import numpy as np
import pytest
from plain import rows

from lgr_report.core import options, size_bands
from lgr_report.core.footprints import subset_sums
from lgr_report.sources import areas

SMALL, MEDIUM = 300_000, 500_000


def band(people):
    return "≤300k" if people <= SMALL else "300–500k" if people <= MEDIUM else "500k+"


@pytest.fixture(scope="module")
def by_hand():
    """Whole-district unitaries of bids for two or more: (bid, unitary) to residents, once each."""
    people = {row["gss_code"]: int(row["population"]) for row in rows("councils")}
    wanted = {row["proposal_id"]: int(row["n_unitaries"]) for row in rows("proposals")}
    found, split = defaultdict(dict), set()
    for row in rows("proposed_unitary_councils"):
        key = row["proposal_id"], row["unitary_name"]
        found[key][row["gss_code"]] = people[row["gss_code"]]
        if row["extent"] == "part":
            split.add(key)
    return {
        key: sum(parts.values())
        for key, parts in found.items()
        if wanted[key[0]] > 1 and key not in split
    }


@pytest.fixture(scope="module")
def averages():
    return size_bands.averages().set_index(["definition", "band"])


def test_bands_are_named_smallest_first():
    assert areas.size_bands() == ("≤300k", "300–500k", "500k+")


def test_every_known_unitary_is_there_once(by_hand):
    table = size_bands.unitaries()
    mine = table.set_index(["proposal_id", "unitary_name"])["population"].astype(int).to_dict()
    assert len(mine) == len(table)
    # A bid over two areas may have a unitary whose councils lie in both: it is in neither.
    assert set(mine) <= set(by_hand)
    assert {key: by_hand[key] for key in mine} == mine
    assert table["band"].tolist() == [band(people) for people in table["population"]]


@pytest.mark.parametrize("name", ["≤300k", "300–500k", "500k+"])
def test_submitted_averages_are_plain_means(averages, name):
    table = size_bands.unitaries()
    mine = [int(people) for people in table["population"] if band(people) == name]
    row = averages.loc[(size_bands.SUBMITTED, name)]
    assert row["unitaries"] == len(mine)
    assert row["population"] == pytest.approx(sum(mine) / len(mine))


@pytest.mark.parametrize("name", ["≤300k", "300–500k", "500k+"])
def test_bids_are_banded_by_their_mean_unitary(averages, name):
    table = size_bands.unitaries()
    wanted = {row["proposal_id"]: int(row["n_unitaries"]) for row in rows("proposals")}
    bids = defaultdict(list)
    for row in table.itertuples():
        bids[row.area_id, row.proposal_id].append(int(row.population))
    mine = [
        people
        for (_, bid), sizes in bids.items()
        if len(sizes) == wanted[bid] and band(sum(sizes) / len(sizes)) == name
        for people in sizes
    ]
    row = averages.loc[(size_bands.OF_PROPOSALS, name)]
    assert row["unitaries"] == len(mine)
    assert row["population"] == pytest.approx(sum(mine) / len(mine))


def test_unitaries_of_every_option_count_as_often_as_they_occur(averages):
    sizes = []
    for area_id in areas.ids():
        found = options.contiguous_options(area_id)
        people = subset_sums(found.graph.populations)
        sizes += [people[masks].ravel() for k, masks in found.masks.items() if k > 1]
    sizes = np.concatenate(sizes)
    edges = {"≤300k": (0, SMALL), "300–500k": (SMALL, MEDIUM), "500k+": (MEDIUM, np.inf)}
    for name, (low, high) in edges.items():
        mine = sizes[(sizes > low) & (sizes <= high)]
        row = averages.loc[(size_bands.EVERY_OPTION, name)]
        assert row["unitaries"] == len(mine)
        assert row["population"] == pytest.approx(mine.mean())


def test_middles_of_bands(averages):
    middle = averages.loc[size_bands.MIDDLE, "population"]
    assert middle.tolist() == [150_000, 400_000, 750_000]


def test_what_is_needed_covers_the_areas(averages):
    total = sum(
        int(row["population"])
        for row in rows("councils")
        if row["in_invitation"] == "true" and row["council_type"] != "county"
    )
    np.testing.assert_allclose(averages["needed"] * averages["population"], total)
    assert total == 24_129_727


def test_an_average_lies_in_its_band(averages):
    assert len(averages) == len(size_bands.DEFINITIONS) * 3
    for (_, name), row in averages.iterrows():
        assert band(row["population"]) == name
