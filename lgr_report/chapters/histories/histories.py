"""What became of the areas reorganised in 2019 to 2023: every measure beside its synthetic control.

Areas that were split in two and areas kept whole are taken apart and together; merged ones have no
figures from before in the panel. There are many measures and very few areas, so every p-value is
also adjusted for the number of tests (false discovery rate).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from lgr_report.chapters.histories.panel import (
    KIND_LABELS,
    SPLIT,
    WHOLE,
    Measure,
    Panel,
    Reorganisation,
    read,
)
from lgr_report.chapters.histories.synthetic import Comparison, Rules, compare, interval
from lgr_report.sources.cache import once_per_batch

ALL = "all three"
STANDS, HINT, NOTHING = "stands", "hint", "nothing"
ADJUSTMENT = "fdr_bh"  # Benjamini and Hochberg
NUMBERS = ("years_before", "years_after", "donors", "pre_error", "gap", "low", "high", "p")


@dataclass(frozen=True, eq=False)
class Histories:
    """Every measure of every reorganised area.

    ``comparisons`` by (measure, area). ``table`` has a row a measure and area: measure, label,
    family, area, kind, years_before, years_after, donors, pre_error, gap, low, high, p, adjusted
    and why_not (why there is none). ``pooled`` has a row a measure and kind: areas, gap (their
    mean), low, high, p, adjusted. Gaps are in the measure's unit, or per cent where it is compared
    as a ratio (``in_per_cent``).
    """

    panel: Panel
    comparisons: Mapping[tuple[str, str], Comparison]
    table: pd.DataFrame
    pooled: pd.DataFrame


def in_unit(about: Measure, gap: float) -> float:
    """Return a gap in the measure's unit, or in per cent where it is compared as a ratio."""
    return 100 * np.expm1(gap) if about.scale == "log" else gap


def national() -> Histories:
    """Return every comparison, computed once for the same tables."""
    return part((), (SPLIT, WHOLE))


def part(measures: Sequence[str], kinds: Sequence[str]) -> Histories:
    """Return the comparisons of a few measures (none: all) and kinds, computed once.

    P-values are adjusted for the tests of this part only.
    """
    return _part(tuple(measures), tuple(kinds))


@once_per_batch
def _part(measures: tuple[str, ...], kinds: tuple[str, ...]) -> Histories:
    panel = read()
    chosen = tuple(m for m in panel.measures if m.measure in measures or not measures)
    changes = tuple(c for c in panel.changes if c.kind in kinds or not measures)
    return histories(replace(panel, measures=chosen, changes=changes))


def histories(panel: Panel | None = None, rules: Rules | None = None) -> Histories:
    """Compare every measure of every reorganised area of a panel."""
    panel = read() if panel is None else panel
    rules = Rules.assumed() if rules is None else rules
    pools, found, rows, pooled = {}, {}, [], []
    for about in panel.measures:
        for change in panel.changes:
            one = compare(panel, about, change, rules, pools)
            if isinstance(one, Comparison):
                found[(about.measure, change.area)] = one
            rows.append(_row(about, change, one))
        mine = [one for (name, _), one in found.items() if name == about.measure]
        pooled += [_pool(about, kind, mine, rules) for kind in (SPLIT, WHOLE)]
    together = pd.DataFrame([row for row in pooled if row])
    return Histories(panel, found, adjusted(pd.DataFrame(rows)), adjusted(together))


def _row(about: Measure, change: Reorganisation, one: Comparison | str) -> dict:
    row = {
        **{name: getattr(about, name) for name in ("measure", "label", "family", "unit")},
        "in_per_cent": about.scale == "log",
        "area": change.area,
        "kind": KIND_LABELS[change.kind],
    }
    if isinstance(one, str):
        none = dict.fromkeys(NUMBERS, np.nan)
        return row | none | {"why_not": one}
    gaps = {name: in_unit(about, getattr(one, name)) for name in ("gap", "low", "high")}
    return row | {
        "years_before": int(one.before.sum()),
        "years_after": int((~one.before).sum()),
        "donors": len(one.weights),
        "pre_error": in_unit(about, one.pre_error),
        **gaps,
        "p": one.p,
        "why_not": None,
    }


def _pool(about: Measure, kind: str, comparisons: list[Comparison], rules: Rules) -> dict | None:
    """Take the areas of a kind together: their mean gap, against every combination of placebos."""
    mine = [c for c in comparisons if c.change.kind == kind]
    if not mine:
        return None
    gap, low, high, p = together([c.gap for c in mine], [c.placebos.gap for c in mine], rules.level)
    return {
        "measure": about.measure,
        "label": about.label,
        "family": about.family,
        "unit": about.unit,
        "in_per_cent": about.scale == "log",
        "worse": about.worse,
        "kind": KIND_LABELS[kind],
        "areas": len(mine),
        "gap": in_unit(about, gap),
        "low": in_unit(about, low),
        "high": in_unit(about, high),
        "p": p,
    }


def together(
    gaps: Sequence[float], placebos: Sequence[np.ndarray], level: float
) -> tuple[float, float, float, float]:
    """Return the mean gap of several areas, its interval, and a two-sided p-value.

    The chance distribution is the mean over every combination of one placebo for each area.
    """
    chance = np.zeros(1)
    for one in placebos:
        chance = np.add.outer(chance, one / len(gaps)).ravel()
    gap = float(np.mean(gaps))
    sides = min((chance >= gap).sum(), (chance <= gap).sum())
    return gap, *interval(gap, chance, level), min(1.0, 2 * (1 + sides) / (1 + len(chance)))


def index(found: Histories) -> pd.DataFrame:
    """Return one score for many measures: whether things got worse altogether.

    A gap is signed so that more is worse, and divided by the standard deviation of its placebos;
    the score is the mean over measures. The same donor's measures are averaged alike, so that
    measures which move together count for no more than they should.

    Returns
    -------
    pandas.DataFrame
        kind, family (or "all three"), areas, measures, score (standard deviations; above 0 is
        worse), low, high, p, adjusted.
    """
    rules, rows = Rules.assumed(), []
    judged = [c for c in found.comparisons.values() if c.measure.worse]
    families = tuple(dict.fromkeys(c.measure.family for c in judged))
    for kind in (SPLIT, WHOLE):
        for family in (*families, ALL):
            mine = [
                c for c in judged if c.change.kind == kind and family in (c.measure.family, ALL)
            ]
            areas = list(dict.fromkeys(c.change.area for c in mine))
            scores = [_scores([c for c in mine if c.change.area == area]) for area in areas]
            score, low, high, p = together(*zip(*scores, strict=True), rules.level)
            rows.append(
                {
                    "kind": KIND_LABELS[kind],
                    "family": family,
                    "areas": len(areas),
                    "measures": len({c.measure.measure for c in mine}),
                    "score": score,
                    "low": low,
                    "high": high,
                    "p": p,
                }
            )
    return adjusted(pd.DataFrame(rows))


def _scores(comparisons: list[Comparison]) -> tuple[float, np.ndarray]:
    """Return the score of one area, and of every donor that has at least half of its measures."""
    mine, columns = [], {}
    for one in comparisons:
        deviation = one.placebos.gap.std() * one.measure.worse
        mine.append(one.gap / deviation)
        columns[one.measure.measure] = pd.Series(one.placebos.gap / deviation, one.placebos.codes)
    table = pd.DataFrame(columns)
    enough = table.notna().sum(axis=1) >= len(mine) / 2
    return float(np.mean(mine)), table[enough].mean(axis=1).to_numpy()


def adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of tests with p adjusted over all of them (false discovery rate)."""
    known = table["p"].notna()
    table = table.assign(adjusted=np.nan)
    if known.any():
        table.loc[known, "adjusted"] = multipletests(table.loc[known, "p"], method=ADJUSTMENT)[1]
    return table


def amount(row: Mapping[str, object], name: str = "gap") -> str:
    """Return a gap in words: +3.1 points, +4%, −0.6 cases."""
    if row["in_per_cent"]:
        return signed(row[name], 0) + "%"
    unit = "points" if row["unit"].startswith("%") else row["unit"].split(", ")[0]
    return f"{signed(row[name])} {unit}"


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def ranged(row: Mapping[str, object]) -> str:
    """Return a gap with its interval, the unit said once: +3.1 points (−7.9 to +12.9)."""
    digits = 0 if row["in_per_cent"] else 1
    low, high = (signed(row[name], digits) for name in ("low", "high"))
    return f"{amount(row)} ({low} to {high})"


def reading(row: Mapping[str, object]) -> str:
    """Return what one test of areas taken together allows to be said: STANDS, HINT or NOTHING."""
    least = Rules.assumed().significance
    if row["adjusted"] < least:
        return STANDS
    return HINT if row["p"] < least else NOTHING
