"""What `lgr-report check` finds of damage that nobody meant, on real tables.

Some damage is found wherever it is done: a row gone or there twice, a needed cell empty, a number
that is none, or is what a publisher writes where a figure is missing. A number that is another one
of its kind is found where a second table has it too; docs/data.md lists where none has.
"""

import os
from collections import defaultdict

import damages
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain import ROOT, rows

from lgr_report.sources import checks, tables

# Bounds of units are what tells a sentinel: nothing tells it of themselves.
NO_BOUNDS = {("units", damages.sentinel)}
# Numbers that stand twice: table, column, whose rows (an indicator; all where empty).
TWICE = [
    ("councils", "population", ""),
    ("population_by_age", "population", ""),
    ("proposals", "n_unitaries", ""),
    ("decisions", "n_unitaries", ""),
    ("icb_overlap", "lsoa_share", ""),
    ("placements_across_borders", "placed_in", ""),
    ("placements_across_borders", "placed_out", ""),
    *(("upper_tier_indicators", "value", row["indicator"]) for row in rows("same_figures")),
    *(("upper_tier_indicators", "value", row["part"]) for row in rows("indicator_sums")),
    *(
        ("district_indicators", "value", name)
        for name in sorted({row["indicator"] for row in rows("district_indicators")})
        if name.startswith("population")
    ),
    ("district_indicators", "value", "idaci_rate"),
]
MORE = int(os.environ.get("LGR_REPORT_DAMAGES", "12"))  # examples of each test
slowly = settings(
    max_examples=MORE,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def found(name, folder):
    """Return what is wrong with a table and those that refer to it, else with how all agree."""
    referring = defaultdict(set)
    for other in tables.names():
        for key in tables.describe(other)["schema"].get("foreignKeys", []):
            referring[key["reference"]["resource"]].add(other)
    return checks.problems([name, *sorted(referring[name] - {name})], folder)


@slowly
@given(st.sampled_from(tables.names()), st.sampled_from(damages.EVERYWHERE), st.integers(0, 9999))
def test_damage_of_these_kinds_is_found_in_any_table(tmp_path_factory, name, damage, seed):
    folder = tmp_path_factory.mktemp("damage") / "data"
    damages.copy_of(name, folder)
    if damages.damaged(name, damage, seed, folder) and (name, damage) not in NO_BOUNDS:
        assert found(name, folder), f"{damage.__name__} in {name} was not found"


@slowly
@given(st.sampled_from(TWICE), st.sampled_from(damages.INSIDE_BOUNDS), st.integers(0, 9999))
def test_a_number_that_stands_twice_is_found_changed(tmp_path_factory, where, damage, seed):
    name, column, only = where
    folder = tmp_path_factory.mktemp("damage") / "data"
    damages.copy_of(name, folder)
    if damages.damaged(name, damage, seed, folder, column, only):
        assert found(name, folder), f"{damage.__name__} of {only or column} in {name} was not found"


@pytest.mark.parametrize("name", [n for n in tables.names() if damages.numbers(n)])
def test_the_docs_list_what_no_second_table_has(name):
    listed = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    whole = {(table, column) for table, column, only in TWICE if not only}
    alone = [column for column in damages.numbers(name) if (name, column) not in whole]
    assert not alone or f"`{name}`" in listed.split("## What no check can see")[1]
