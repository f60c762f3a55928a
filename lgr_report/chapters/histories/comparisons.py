"""Every measure of every reorganised area beside its synthetic control: apart, and together.

Areas that were split in two and areas kept whole are taken apart and together; merged ones have no
figures from before in the panel. There are many measures and very few areas, so every p-value is
also adjusted for the number of tests (false discovery rate).
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from lgr_report.chapters.histories import differences, size
from lgr_report.chapters.histories.differences import together
from lgr_report.chapters.histories.panel import KIND_LABELS, SPLIT, WHOLE, Panel
from lgr_report.chapters.histories.synthetic import Comparison, Rules, compare

ALL = "all three"  # families of measures that have a worse side
STANDS, HINT, NOTHING = "stands", "hint", "nothing"
ADJUSTMENT = "fdr_bh"  # Benjamini and Hochberg
Tried = Mapping[tuple[str, str], Comparison | str]


def every(panel: Panel, rules: Rules) -> Tried:
    """Return by (measure, area) the comparison, or why there is none."""
    pools: dict = {}
    return {
        (about.measure, change.area): compare(panel, about, change, rules, pools)
        for about in panel.measures
        for change in panel.changes
    }


def single(panel: Panel, tried: Tried, rules: Rules) -> pd.DataFrame:
    """Return the tests of one area.

    Returns
    -------
    pandas.DataFrame
        One row a measure and area: measure, label, family, unit, worse, in_per_cent, area, kind,
        years_before, years_after, donors, pre_error, gap, low, high (in the measure's unit, or per
        cent), p, adjusted, did, did_low, did_high, did_p, did_adjusted (the same by plain
        difference in differences), size, did_size (how often the tests reject where nothing
        happened, see `size.of_one`), alike (of how many), and why_not (why there is none). The
        interval is of the mean gap, p of the growth of the error: two tests.
    """
    rows = []
    for (measure, area), comparison in tried.items():
        place = {"area": area, "kind": KIND_LABELS[panel.change(area).kind]}
        rows.append(panel.measure(measure).described | place | _numbers(comparison, rules))
    return adjusted(pd.DataFrame(rows))


def _numbers(comparison: Comparison | str, rules: Rules) -> dict[str, object]:
    if isinstance(comparison, str):
        return {"p": np.nan, "did_p": np.nan, "why_not": comparison}
    names = ("pre_error", "gap", "low", "high")
    return {
        "years_before": int(comparison.before.sum()),
        "years_after": int((~comparison.before).sum()),
        "donors": len(comparison.weights),
        **{name: comparison.measure.in_unit(getattr(comparison, name)) for name in names},
        "p": comparison.p,
        **_plain([comparison], rules),
        **size.of_one(comparison.placebos, comparison.pre_error, rules.significance),
        "why_not": None,
    }


def _plain(alike: Sequence[Comparison], rules: Rules) -> dict[str, float]:
    """Return the difference in differences of areas together, in the measure's unit."""
    changes = [differences.change(c.observed.to_numpy(), c.placebos) for c in alike]
    *ends, p = together(changes, [differences.chance(c.placebos) for c in alike], rules.level)
    did, low, high = map(alike[0].measure.in_unit, ends)
    return {"did": did, "did_low": low, "did_high": high, "did_p": p}


def pooled(comparisons: Sequence[Comparison], rules: Rules) -> pd.DataFrame:
    """Return the tests of areas of one kind together.

    Returns
    -------
    pandas.DataFrame
        One row a measure and kind: measure, label, family, unit, worse, in_per_cent, kind, areas,
        gap (their mean), low, high, p, adjusted, did, did_low, did_high, did_p, did_adjusted,
        size, did_size, alike (as in `single`), and reading (`STANDS`, `HINT` or `NOTHING`).
    """
    rows = []
    for about in dict.fromkeys(comparison.measure for comparison in comparisons):
        for kind in (SPLIT, WHOLE):
            alike = [c for c in comparisons if c.measure == about and c.change.kind == kind]
            if alike:
                gaps, chance = [c.gap for c in alike], [c.placebos.gap for c in alike]
                *ends, p = together(gaps, chance, rules.level)
                gap, low, high = map(about.in_unit, ends)
                place = {"kind": KIND_LABELS[kind], "areas": len(alike)}
                numbers = {"gap": gap, "low": low, "high": high, "p": p}
                sizes = size.of_together(
                    [c.placebos for c in alike], [c.pre_error for c in alike], rules.significance
                )
                rows.append(about.described | place | numbers | _plain(alike, rules) | sizes)
    table = adjusted(pd.DataFrame(rows))
    return table.assign(reading=reading(table, rules.significance))


def scores(comparisons: Sequence[Comparison], rules: Rules) -> pd.DataFrame:
    """Return one score for many measures: whether things got worse altogether.

    A gap is signed so that more is worse, and divided by the standard deviation of its placebos;
    the score is the mean over measures. The same donor's measures are averaged alike, so that
    measures which move together count for no more than they should.

    Returns
    -------
    pandas.DataFrame
        kind, family (or `ALL`), areas, measures, score (standard deviations; above 0 is worse),
        low, high, p, adjusted.
    """
    judged, rows = [c for c in comparisons if c.measure.worse], []
    families = dict.fromkeys([*(c.measure.family for c in judged), ALL])
    for kind, family in product((SPLIT, WHOLE), families):
        alike = [c for c in judged if c.change.kind == kind and family in (c.measure.family, ALL)]
        areas = dict.fromkeys(c.change.area for c in alike)
        if areas:
            by_area = [_score([c for c in alike if c.change.area == area]) for area in areas]
            numbers = together(*zip(*by_area, strict=True), rules.level)
            measures = len({c.measure for c in alike})
            rows.append((KIND_LABELS[kind], family, len(areas), measures, *numbers))
    columns = ["kind", "family", "areas", "measures", "score", "low", "high", "p"]
    return adjusted(pd.DataFrame(rows, columns=columns))


def _score(comparisons: Sequence[Comparison]) -> tuple[float, np.ndarray]:
    """Return the score of one area, and of every donor that has at least half of its measures."""
    deviations = [c.placebos.gap.std() * c.measure.worse for c in comparisons]
    pairs = [*zip(comparisons, deviations, strict=True)]
    donors = pd.DataFrame(
        {c.measure.measure: pd.Series(c.placebos.gap / by, c.placebos.codes) for c, by in pairs}
    )
    enough = donors.notna().sum(axis=1) >= len(comparisons) / 2
    score = float(np.mean([c.gap / by for c, by in pairs]))
    return score, donors[enough].mean(axis=1).to_numpy()


def adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of tests with p adjusted over all of them (false discovery rate).

    Difference in differences, where it is there (did_p), is a family of its own.
    """
    for p, name in (("p", "adjusted"), ("did_p", "did_adjusted")):
        if p in table:
            known = table[p].notna()
            table = table.assign(**{name: np.nan})
            if known.any():
                table.loc[known, name] = multipletests(table.loc[known, p], method=ADJUSTMENT)[1]
    return table


def reading(table: pd.DataFrame, significance: float) -> np.ndarray:
    """Return what each test allows to be said: `STANDS`, `HINT` or `NOTHING`.

    A finding stands if it does after correction, by synthetic control and by plain difference in
    differences, on the same side.
    """
    corrected = table[["adjusted", "did_adjusted"]].max(axis=1) < significance
    agree = np.sign(table["gap"]) == np.sign(table["did"])
    return np.select([corrected & agree, table["p"] < significance], [STANDS, HINT], NOTHING)
