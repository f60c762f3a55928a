"""Children's services measures of every authority since 2016, and who was reorganised.

What a publisher withheld stays apart from a zero: the table of the panel has no row for it, and
here it is missing. Years are those in which a period ends: 2022 stands for 31 March
2022, for the financial year 2021-22, or for 30 September 2022, as the measure has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption

ENGLAND = "England"
ENGLAND_CODE = "E92000001"
CHILDREN = "children"  # weight: residents aged 0-17
# No borough of London or a conurbation stands for a county; the demand model has the same rule for
# London.
DONOR_CLASSES = ("county", "unitary")

SPLIT, WHOLE, MERGED = "disaggregation", "whole county", "aggregation"
KIND_LABELS = {SPLIT: "split in two", WHOLE: "kept whole", MERGED: "merged"}
JOINT, LEFT_OUT = "joint", "left_out"  # treatments of breaks


@dataclass(frozen=True)
class Measure:
    """A measure of the panel, and how it is compared (``data/panel_measures.csv``).

    ``scale`` log compares ratios. ``per`` divides a published total by residents aged 0–17 and
    multiplies by it. ``worse`` is 1 if more is worse, −1 if less is, 0 if neither. ``ends`` is the
    month and day on which a period ends; ``note`` what to beware of.
    """

    measure: str
    label: str
    unit: str
    family: str
    scale: str
    per: float | None
    weight: str
    ends: str
    worse: int
    note: str = ""

    @property
    def described(self) -> dict[str, object]:
        """What rows of a table say of this measure; ``in_per_cent`` if ratios are compared."""
        names = ("measure", "label", "family", "unit", "worse")
        return {**{name: getattr(self, name) for name in names}, "in_per_cent": self.scale == "log"}

    def compared(self, values: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
        """Return values on the scale of comparison; what has no logarithm there is missing."""
        return np.log(values.where(values > 0)) if self.scale == "log" else values

    def in_unit(self, gap: float) -> float:
        """Return a gap in the measure's unit, or in per cent where it is compared as a ratio."""
        return 100 * np.expm1(gap) if self.scale == "log" else gap

    def after(self, years: Sequence[int], vesting_day: pd.Timestamp) -> np.ndarray:
        """Return whether each period ends after a vesting day: the successors report it."""
        return pd.to_datetime([f"{year}-{self.ends}" for year in years]).to_numpy() > vesting_day


@dataclass(frozen=True)
class Reorganisation:
    """A reorganisation of 2019 to 2023 (``data/past_reorganisations.csv``).

    ``before`` is the code under which the panel holds the years before: the county that was split,
    or the successor itself where a county was kept whole. It is None where councils were merged:
    the panel holds no figures of them.
    """

    area: str
    kind: str
    vesting_day: pd.Timestamp
    before: str | None
    successors: tuple[tuple[str, str], ...]

    @property
    def codes(self) -> list[str]:
        """Return the codes of the successors."""
        return [code for code, _ in self.successors]


@dataclass(frozen=True, eq=False)
class Panel:
    """Every measure by authority and year, with what is needed to compare it.

    ``published`` holds each measure as it was (authorities × years, missing where nothing was
    published, England left out), ``children`` residents aged 0–17 (authorities × mid-years),
    ``donors`` the authorities that may stand for a county: counties and unitaries that were not
    reorganised. ``broken`` is the table of breaks.
    """

    published: Mapping[str, pd.DataFrame]
    children: pd.DataFrame
    measures: tuple[Measure, ...]
    changes: tuple[Reorganisation, ...]
    broken: pd.DataFrame
    donors: tuple[str, ...]

    def measure(self, name: str) -> Measure:
        """Return one measure; the message of the error names them all."""
        return _named({about.measure: about for about in self.measures}, name, "measure")

    def change(self, area: str) -> Reorganisation:
        """Return the reorganisation of one area; the message of the error names them all."""
        return _named({change.area: change for change in self.changes}, area, "reorganisation of")

    def residents(self, about: Measure, years: Sequence[int]) -> pd.DataFrame:
        """Return residents aged 0–17 that belong to the periods of a measure.

        A period to 31 March has the middle of the year before, one to September that of its own
        year. After the last estimate the last one stands, for one year.
        """
        shift = 1 if about.ends < "06-30" else 0
        last = self.children.columns.max()
        wanted = [year - shift for year in years]
        people = self.children.reindex(columns=[last if y == last + 1 else y for y in wanted])
        return people.set_axis(list(years), axis=1)

    def wide(self, about: Measure) -> pd.DataFrame:
        """Return a measure in the unit in which it is compared: authorities × years."""
        values = self.published[about.measure]
        if about.per is None:
            return values
        return about.per * values / self.residents(about, values.columns).reindex(values.index)

    def breaks(self, about: Measure, area: str) -> pd.DataFrame:
        """Return the breaks that touch a measure there or in all England."""
        broken = self.broken[self.broken["area"].isin([area, ENGLAND])]
        touching = {"all", about.family, about.measure}
        return broken[[bool(touching & set(names.split())) for names in broken["measures"]]]

    def broken_years(self, about: Measure, area: str, treatment: str) -> set[int]:
        """Return the years of a measure whose break, there or in all England, is treated so.

        Successors reported a year that is `JOINT` together, as one figure; one that is `LEFT_OUT`
        is not compared.
        """
        broken = self.breaks(about, area)
        rows = broken[broken["treatment"] == treatment].itertuples()
        return {year for row in rows for year in range(row.first_year, row.last_year + 1)}

    def combine(self, about: Measure, change: Reorganisation) -> pd.Series:
        """Return a measure of all successors of an area together, by year.

        Totals are summed, shares and rates weighed as ``panel_measures`` says. If one successor's
        figure or weight was not published, the year is missing: the other does not stand for
        both. What they report as one figure (`JOINT`) is taken once.
        """
        values = self.published[about.measure].reindex(change.codes)
        together = values.columns.isin(self.broken_years(about, change.area, JOINT))
        once = values.iloc[0].where(values.eq(values.iloc[0]).all())
        if about.per is None:
            weight = self._weights(about, values.columns).reindex(change.codes)
            known = (values * weight).sum(skipna=False) / weight.sum(skipna=False)
            return known.mask(together, once)
        people = self.residents(about, values.columns).reindex(change.codes)
        totals = values.sum(skipna=False).mask(together, once)
        return about.per * totals / people.sum(skipna=False)

    def _weights(self, about: Measure, years: Sequence[int]) -> pd.DataFrame:
        people = self.residents(about, years)
        if about.weight == CHILDREN:
            return people
        # The plans of a calendar year are weighed by the plans of the January after it.
        shift = 1 if about.ends == "12-31" else 0
        other = self.published[about.weight].reindex(columns=[year + shift for year in years])
        other = other.set_axis(list(years), axis=1)
        # A rate becomes a number when it meets the children that it is a rate of.
        return other * people.reindex(other.index) if "_rate_" in about.weight else other

    def path(self, about: Measure, change: Reorganisation) -> pd.Series:
        """Return a measure of a reorganised area by year: its county before, then combined.

        Years that are `LEFT_OUT` are missing. All are, where nothing is known from before.
        """
        values = self.wide(about)
        if change.before is None:
            return pd.Series(np.nan, index=values.columns)
        path = values.loc[change.before].copy()
        if change.kind == SPLIT:
            after = about.after(values.columns, change.vesting_day)
            path[after] = self.combine(about, change)[after]
        return path.mask(path.index.isin(self.broken_years(about, change.area, LEFT_OUT)))


def _named(known: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in known:
        raise KeyError(f"no {what} {name!r}; they are: {', '.join(known)}")
    return known[name]


def read(frame: pd.DataFrame | None = None) -> Panel:
    """Return the panel; ``frame`` may stand for the table ``children_panel``."""
    frame = tables.read("children_panel") if frame is None else frame
    frame = frame[frame["gss_code"] != ENGLAND_CODE]
    financial = frame["period"].str.contains("-")
    frame = frame.assign(year=frame["period"].str[:4].astype(int) + financial.astype(int))
    values = {
        name: part.pivot_table(index="gss_code", columns="year", values="value")
        for name, part in frame.groupby("measure")
    }
    changes = _changes()
    reorganised = {code for change in changes for code in change.codes}
    place = tables.read("upper_tier").set_index("gss_code")
    people = tables.read("upper_tier_indicators").query("indicator == 'population'")
    enough = people.set_index("gss_code")["value"] >= assumption("demand_min_population")
    usable = place["la_class"].isin(DONOR_CLASSES) & enough.reindex(place.index)
    donors = tuple(sorted(set(place.index[usable]) - reorganised))
    broken = tables.read("panel_breaks")
    return Panel(values, _children(), _measures(), changes, broken, donors)


def _measures() -> tuple[Measure, ...]:
    frame = tables.read("panel_measures").fillna({"note": ""})[[*Measure.__annotations__]]
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return tuple(Measure(**row) for row in rows)


def _changes() -> tuple[Reorganisation, ...]:
    frame, changes = tables.read("past_reorganisations"), []
    for (area, kind, day), part in frame.groupby(["area", "kind", "vesting_day"], sort=False):
        names = {SPLIT: "predecessor_codes", WHOLE: "successor_code"}
        before = part[names[kind]].iloc[0] if kind in names else None
        successors = tuple(zip(part["successor_code"], part["successor"], strict=True))
        changes.append(Reorganisation(area, kind, day, before, successors))
    return tuple(sorted(changes, key=lambda change: (change.vesting_day, change.area)))


def _children() -> pd.DataFrame:
    """Return residents aged 0–17; a county kept whole has its predecessor's before vesting day."""
    counts = tables.read("children_by_year").pivot_table(
        index="gss_code", columns="year", values="population_0_17"
    )
    past = tables.read("past_reorganisations").query("kind == @WHOLE")
    successors = past.set_index("predecessor_codes")["successor_code"]
    before = counts.loc[successors.index].rename(index=successors)
    return counts.combine_first(before).astype(float)
