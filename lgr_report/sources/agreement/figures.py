"""Indicators: complete, inside the bounds of their units, the same wherever they stand twice."""

from collections.abc import Iterator

import pandas as pd

from lgr_report.sources.agreement.relations import at, at_each_level, between, differing
from lgr_report.sources.contract import Problem


@at_each_level("{level}_indicators", "{places}", "indicators")
def every_place_has_every_indicator(
    level: str, long: pd.DataFrame, places: pd.DataFrame, book: pd.DataFrame
) -> Iterator[Problem]:
    """Every indicator has a row for each place, empty where it is not known; no other is there."""
    wanted = book.loc[book["level"] == level, "indicator"]
    counts = long.groupby("indicator")["gss_code"].nunique()
    for index, name in wanted.items():
        if name in counts.index and counts[name] != len(places):
            says = (
                f"{counts[name]} of {len(places)} councils have a row in {level}_indicators.csv: "
                "put a row for each, its value empty where it is not known"
            )
            yield at("indicators", book, index, "indicator", says)
    for name in sorted(set(counts.index) - set(wanted)):
        index = long.index[long["indicator"] == name][0]
        says = f"indicators.csv has no row of level {level} for it: add one"
        yield at(f"{level}_indicators", long, index, "indicator", says)


@between("upper_tier_indicators", "district_indicators")
def councils_of_one_tier_have_one_figure(
    authorities: pd.DataFrame, districts: pd.DataFrame
) -> Iterator[Problem]:
    """A council that is a district and an authority has the same figure at both levels."""
    key = ["gss_code", "indicator"]
    both = authorities.reset_index().merge(districts, on=key, suffixes=("", "_of_district"))
    known = both[["value", "value_of_district"]].notna()
    one_missing = known.any(axis=1) & ~known.all(axis=1)
    other = one_missing | ((both["value"] - both["value_of_district"]).abs() > 1e-9)
    for row in both[other].itertuples():
        says = f"district_indicators.csv has {row.value_of_district:g}: correct one of the two"
        yield at("upper_tier_indicators", authorities, row.index, "value", says)


@between("upper_tier_indicators", "children_panel", "same_figures")
def indicators_are_as_in_the_panel(
    indicators: pd.DataFrame, panel: pd.DataFrame, same: pd.DataFrame
) -> Iterator[Problem]:
    """An indicator that is a period of a measure in the panel has the same values there."""
    mine = indicators.reset_index().merge(same, on="indicator")
    both = mine.merge(panel, on=["gss_code", "measure", "period"], suffixes=("", "_of_panel"))
    for row in both[(both["value"] - both["value_of_panel"]).abs() > 1e-6].itertuples():
        says = f"children_panel.csv has {row.value_of_panel:g}: correct one of the two"
        yield at("upper_tier_indicators", indicators, row.index, "value", says)


@between("upper_tier_indicators", "placements_across_borders")
def placements_are_as_in_their_table(
    indicators: pd.DataFrame, placements: pd.DataFrame
) -> Iterator[Problem]:
    """Children placed in and out are the same as an indicator and in their own table."""
    for year, rows in placements.groupby("year"):
        for column in ("placed_in", "placed_out"):
            mine = indicators[indicators["indicator"] == f"cla_{column}_{year}"]
            truth = rows.set_index("gss_code")[column]
            says = "placements_across_borders.csv has"
            yield from differing("upper_tier_indicators", mine, "gss_code", "value", truth, says)


def _wide(long: pd.DataFrame) -> pd.DataFrame:
    return long.set_index(["gss_code", "indicator"])["value"].unstack()  # noqa: PD010


def _unequal(
    level: str, long: pd.DataFrame, name: str, true: pd.Series, within: float, says: str
) -> Iterator[Problem]:
    """Yield the values of an indicator that are further from the truth than rounding explains."""
    mine = long[long["indicator"] == name]
    expected = mine["gss_code"].map(true)
    for index in mine.index[(mine["value"] - expected).abs() > within]:
        found = f"{says} {expected[index]:,.6g}: correct one of them"
        yield at(f"{level}_indicators", long, index, "value", found)


@at_each_level("{level}_indicators", "indicator_sums")
def sums_are_what_their_parts_give(
    level: str, long: pd.DataFrame, sums: pd.DataFrame
) -> Iterator[Problem]:
    """An indicator that is a sum of others is what they give."""
    wide = _wide(long)
    for name, parts in sums[sums["level"] == level].groupby("indicator", sort=False):
        true = (wide[parts["part"]] * parts["sign"].to_numpy()).sum(axis=1, skipna=False)
        says = f"{', '.join(parts['part'])} (indicator_sums.csv) give"
        yield from _unequal(level, long, name, true, 1e-6, says)


@at_each_level("{level}_indicators", "indicator_rates")
def rates_are_what_their_numbers_give(
    level: str, long: pd.DataFrame, rates: pd.DataFrame
) -> Iterator[Problem]:
    """An indicator that is a rate of others is what they give, but for rounding."""
    wide = _wide(long)
    for rate in rates[rates["level"] == level].itertuples():
        true = rate.per * wide[rate.number] / wide[rate.of]
        says = f"{rate.number} over {rate.of} (indicator_rates.csv) is"
        yield from _unequal(level, long, rate.indicator, true, rate.within, says)


def _bounds(
    table: str, long: pd.DataFrame, name: str, units: dict[str, str], limits: pd.DataFrame
) -> Iterator[Problem]:
    """Yield values that their unit does not allow."""
    unit = long[name].map(units)
    known = limits.set_index("unit")
    least, most = unit.map(known["least"]), unit.map(known["most"])
    for index in long.index[(long["value"] < least) | (long["value"] > most)]:
        says = (
            f"{unit[index]}: from {least[index]:,.0f} to {most[index]:,.0f} (units.csv); leave the "
            "cell empty if the value is not known"
        )
        yield at(table, long, index, "value", says)


@at_each_level("{level}_indicators", "indicators", "units")
def indicators_keep_the_bounds_of_their_unit(
    level: str, long: pd.DataFrame, book: pd.DataFrame, limits: pd.DataFrame
) -> Iterator[Problem]:
    """A share lies between 0 and 1, a percentage between 0 and 100, people are not negative."""
    units = book[book["level"] == level].set_index("indicator")["unit"]
    yield from _bounds(f"{level}_indicators", long, "indicator", units, limits)


@between("indicators", "panel_measures", "units")
def every_unit_has_bounds(
    book: pd.DataFrame, measures: pd.DataFrame, limits: pd.DataFrame
) -> Iterator[Problem]:
    """Every unit that figures are in is listed with its bounds."""
    for table, frame in (("indicators", book), ("panel_measures", measures)):
        for index in frame.index[frame["unit"].notna() & ~frame["unit"].isin(limits["unit"])]:
            yield at(
                table, frame, index, "unit", "units.csv does not have it: add its bounds there"
            )


@between("children_panel", "panel_measures", "units")
def the_panel_keeps_the_bounds_of_its_units(
    panel: pd.DataFrame, measures: pd.DataFrame, limits: pd.DataFrame
) -> Iterator[Problem]:
    """What authorities reported by year lies inside the bounds of its unit."""
    units = measures.set_index("measure")["unit"]
    yield from _bounds("children_panel", panel, "measure", units, limits)


@between("icb_overlap")
def shares_of_boards_sum_to_the_district(overlap: pd.DataFrame) -> Iterator[Problem]:
    """The shares of a district's neighbourhoods in each board sum to one, as their counts do."""
    of_district = overlap.groupby("gss_code")["lsoas"].transform("sum")
    share = overlap["lsoas"] / of_district
    wrong = (share - overlap["lsoa_share"]).abs() > 1e-6
    for index in overlap.index[wrong]:
        says = f"its neighbourhoods are {share[index]:.4f} of all"
        yield at("icb_overlap", overlap, index, "lsoa_share", says)
