"""Residents by age: of districts, their councils, counties and indicators."""

from collections.abc import Iterator

import pandas as pd

from lgr_report.sources.agreement.relations import at, at_each_level, between, differing
from lgr_report.sources.contract import Problem

ENGLAND = "E92000001"


@between("councils", "districts", "population_by_age")
def councils_have_the_residents_of_their_ages(
    councils: pd.DataFrame, districts: pd.DataFrame, by_age: pd.DataFrame
) -> Iterator[Problem]:
    """A council has as many residents as its ages; a county as its districts."""
    ages = by_age.groupby("gss_code")["population"].sum()
    counties = ages.reindex(districts["gss_code"]).groupby(districts["upper_tier_code"].array).sum()
    truth = pd.concat([ages.drop(counties.index, errors="ignore"), counties])
    says = "by age (population_by_age.csv) it has"
    yield from differing("councils", councils, "gss_code", "population", truth, says)


@between("population_by_age", "districts")
def ages_of_districts_sum_to_their_county(
    by_age: pd.DataFrame, districts: pd.DataFrame
) -> Iterator[Problem]:
    """Each age of a county, and of England, is the sum of its districts."""
    rows = by_age.merge(districts[["gss_code", "upper_tier_code"]], on="gss_code")
    above = [rows["upper_tier_code"], pd.Series(ENGLAND, index=rows.index)]
    sums = pd.concat([rows.groupby([codes, "age"])["population"].sum() for codes in above])
    true = sums.reindex(pd.MultiIndex.from_frame(by_age[["gss_code", "age"]])).to_numpy()
    for index in by_age.index[by_age["population"].ne(true) & ~pd.isna(true)]:
        says = f"its districts sum to {true[index]:,.0f}: correct one of them"
        yield at("population_by_age", by_age, index, "population", says)


@between("districts", "population_by_age")
def every_district_has_its_ages(districts: pd.DataFrame, by_age: pd.DataFrame) -> Iterator[Problem]:
    """Every district has residents of every age."""
    counts = by_age.groupby("gss_code")["age"].nunique()
    all_ages = by_age["age"].nunique()
    lacks = districts["gss_code"].map(counts).fillna(0) < all_ages
    for index in districts.index[lacks]:
        says = f"population_by_age.csv lacks ages of it: put its {all_ages} rows there"
        yield at("districts", districts, index, "gss_code", says)


@at_each_level("{level}_indicators", "population_by_age")
def residents_are_the_sum_of_their_ages(
    level: str, indicators: pd.DataFrame, by_age: pd.DataFrame
) -> Iterator[Problem]:
    """An indicator that counts residents of some ages is the sum of those ages."""
    ages = by_age.set_index(["gss_code", "age"])["population"].unstack()  # noqa: PD010
    for name in indicators["indicator"].unique():
        first, last = _ages(name)
        if first is None:
            continue
        truth = ages.loc[:, first:last].sum(axis=1)
        mine = indicators[indicators["indicator"] == name]
        says = "by age (population_by_age.csv) they are"
        yield from differing(f"{level}_indicators", mine, "gss_code", "value", truth, says)


def _ages(indicator: str) -> tuple[int | None, int]:
    """Return the first and the last age that an indicator counts; None if it counts no ages."""
    head, *ends = indicator.split("_")
    if head != "population":
        return None, 0
    if not ends:
        return 0, 90
    return int(ends[0]), 90 if ends[1] == "plus" else int(ends[1])


@between("children_by_year", "population_by_age")
def children_by_year_end_with_their_ages(
    by_year: pd.DataFrame, by_age: pd.DataFrame
) -> Iterator[Problem]:
    """The last year of the children by year is the sum of their ages."""
    last = by_year[by_year["year"] == by_year["year"].max()]
    truth = by_age[by_age["age"] < 18].groupby("gss_code")["population"].sum()
    says = "by age (population_by_age.csv) they are"
    yield from differing("children_by_year", last, "gss_code", "population_0_17", truth, says)
