"""Tables that agree: each damage that passed by its contract alone is told, with row and remedy."""

import csv

import pytest
from plain import edit, uncounted

from lgr_report.sources import checks, tables
from lgr_report.sources.contract import TableError


def rewrite(data, name, change):
    """Read a table as text, change the list of rows (dicts) in place, and write it back."""
    path = data / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, head = [*reader], reader.fieldnames
    rows = change(rows) or rows
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def told(data, *names):
    """Return what is said: of the tables named by their contracts, else of how all agree."""
    found = checks.problems(names, data)
    return "\n".join(map(str, found))


def test_the_tables_agree():
    assert checks.problems([]) == []


def test_a_council_has_the_residents_of_its_ages(data):
    row = edit("councils", data, lambda r: r["council_name"] == "Guildford", population="15135")
    said = told(data, "councils")
    assert f"councils.csv, row {row}, column population: found '15135'" in said
    assert "by age (population_by_age.csv) it has 151,359" in said


def test_ages_that_are_scaled_disagree_with_councils(data):
    def scale(rows):
        for row in rows:
            row["population"] = str(round(int(row["population"]) * 1.02))

    rewrite(data, "population_by_age", scale)
    assert "councils.csv, row" in told(data, "population_by_age")


@pytest.mark.parametrize(
    ("indicator", "value", "says"),
    [
        ("pupils_pct_ehcp_2025", "-999999", "per cent: from 0 to 100 (units.csv)"),
        ("sw_vacancy_2025", "101", "per cent: from 0 to 100"),
        ("cla_n_2025", "1100", "children_panel.csv has"),
        ("population_0_17", "250000", "by age (population_by_age.csv) they are"),
        ("ro3_asc_65_gross_k", "1", "(indicator_sums.csv) give"),
    ],
)
def test_an_indicator_out_of_bounds_or_against_another_is_told(data, indicator, value, says):
    def surrey(row):
        return row["gss_code"] == "E10000030" and row["indicator"] == indicator

    row = edit("upper_tier_indicators", data, surrey, value=value)
    said = told(data, "upper_tier_indicators")
    assert f"upper_tier_indicators.csv, row {row}, column value" in said
    assert says in said


@pytest.mark.parametrize("value", ["inf", "NaN", "-inf", "9e999", "1_000", "INF"])
def test_a_number_is_written_in_digits(data, value):
    row = edit(
        "upper_tier_indicators",
        data,
        lambda r: r["gss_code"] == "E10000030" and r["indicator"] == "cla_n_2025",
        value=value,
    )
    with pytest.raises(TableError, match=rf"row {row}, column value: found '{value}'.*number"):
        tables.read("upper_tier_indicators", data)


@pytest.mark.parametrize("name", tables.names())
def test_a_table_of_a_header_alone_is_refused(data, name):
    rewrite(data, name, lambda rows: rows.clear())
    about = tables.describe(name)
    with pytest.raises(TableError) as error:
        tables.read(name, data)
    assert f"{name}.csv" in str(error.value)
    assert f'expected is "{about["rows"]}" and actual is "0"; put back the rows' in str(error.value)


@pytest.mark.parametrize(
    ("name", "of"),
    [("risks", "CLGR14"), ("assumptions", "interval_level"), ("adjacency", "surrey")],
)
def test_a_row_that_is_gone_is_missed(data, name, of):
    def without_one(rows):
        rows.remove(next(row for row in rows if of in row.values()))

    rewrite(data, name, without_one)
    assert "put back the rows that are missing" in told(data, name)


def test_a_new_code_of_a_council_is_told_wherever_the_old_one_stands(data):
    def barnsley(rows):
        for row in rows:
            for column, value in row.items():
                row[column] = value.replace("E08000016", "E08000038")

    rewrite(data, "upper_tier", barnsley)
    said = told(data, "upper_tier", "upper_tier_indicators", "districts")
    assert "upper_tier_indicators.csv" in said
    assert "E08000016" in said


def members(rows, bid):
    return [row for row in rows if row["proposal_id"] == bid]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda rows: members(rows, "surrey-3")[0].update(gss_code="E07000223"),
            "no district or unitary of the bid's area",
        ),
        (
            lambda rows: members(rows, "surrey-3")[0].update(gss_code="E10000030"),
            "no district or unitary of the bid's area",
        ),
        (
            lambda rows: members(rows, "surrey-3")[0].update(
                gss_code=members(rows, "surrey-3")[-1]["gss_code"]
            ),
            "surrey-3 holds this council in 2 unitaries: keep it in one",
        ),
        (
            lambda rows: members(rows, "surrey-3")[0].update(
                gss_code=members(rows, "surrey-3")[-1]["gss_code"]
            ),
            "proposed_unitary_councils.csv leaves out Epsom and Ewell (E07000208): add the rows",
        ),
        (
            lambda rows: members(rows, "surrey-3")[0].update(extent="part"),
            "surrey-3 gives only one part of this council",
        ),
    ],
)
def test_a_bid_covers_its_area_once(data, change, says):
    rewrite(data, "proposed_unitary_councils", change)
    assert says in told(data, "proposed_unitary_councils")


def test_a_bid_has_as_many_unitaries_as_it_lists(data):
    edit("proposals", data, lambda r: r["proposal_id"] == "surrey-3", n_unitaries="2")
    assert "proposed_unitaries.csv lists 3 of it" in told(data, "proposals")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n_unitaries": "7"}, "the chosen bid surrey-2 has 2"),
        ({"chosen_proposal_id": "surrey-3"}, "the chosen bid surrey-3 has 3"),
        ({"chosen_proposal_id": "norfolk-3"}, "expected a proposal_id of surrey"),
        ({"unitary_names": "East Surrey"}, "2 unitaries were decided and 1 are named"),
        ({"first_elections": "2027-13"}, "or the month as 2027-05"),
        ({"vesting_day": "2025-04-01"}, "must come after 2026-05-07"),
        ({"decision_date": "2027-10-28"}, "must come after 2027-10-28"),
    ],
)
def test_a_decision_fits_its_bid_and_its_dates(data, changes, says):
    row = edit("decisions", data, lambda r: r["area_id"] == "surrey", **changes)
    said = told(data, "decisions")
    assert f"decisions.csv, row {row}" in said
    assert says in said


def test_dates_of_an_area_are_in_order(data):
    row = edit("areas", data, lambda r: r["area_id"] == "surrey", consultation_close="2025-01-01")
    said = told(data, "areas")
    assert f"areas.csv, row {row}, column consultation_close: found '2025-01-01'" in said
    assert "must come after 2025-06-17" in said


def test_an_island_needs_a_link(data):
    def away(rows):
        for row in rows:
            for column in ("gss_a", "gss_b"):
                if row[column] == "E06000046":  # the Isle of Wight
                    row[column] = "E06000044"
        unique = {(row["gss_a"], row["gss_b"]): row for row in rows}
        return [row for row in unique.values() if row["gss_a"] != row["gss_b"]]

    rewrite(data, "adjacency", away)
    uncounted(data)
    assert "adjacency.csv has no neighbour of it" in told(data)


@pytest.mark.parametrize(
    ("name", "key", "changes", "says"),
    [
        ("risk_maturity", "CLGR1", {"weight": "0.9"}, "sum to 1.8, not to 1"),
        ("assumptions", "band_small_max", {"value": "600000"}, "must be above band_small_max"),
        ("assumptions", "interval_level", {"high": "inf"}, "found 'inf'"),
        ("assumptions", "interval_level", {"value": "0.5"}, "put it between low and high"),
        ("icb_overlap", "E09000033", {"lsoa_share": "0.5"}, "its neighbourhoods are 1.0000"),
    ],
)
def test_weights_shares_and_assumptions_are_told(data, name, key, changes, says):
    edit(name, data, lambda r: key in r.values(), **changes)
    assert says in told(data, name)


def test_every_relation_is_about_tables_that_there_are():
    from lgr_report.sources.agreement.relations import relations

    known = set(tables.names())
    assert all(known.issuperset(names) for _, names in relations)
