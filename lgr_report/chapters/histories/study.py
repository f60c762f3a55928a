"""What became of the areas reorganised in 2019 to 2023, computed once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from lgr_report.chapters.histories import comparisons, size
from lgr_report.chapters.histories.panel import LEFT_OUT, Panel, read
from lgr_report.chapters.histories.synthetic import Comparison, Rules
from lgr_report.sources.assumptions import bounds
from lgr_report.sources.cache import once_per_batch

SHOWN = "as shown"


@dataclass(frozen=True, eq=False)
class Study:
    """Every measure of every reorganised area, beside its synthetic control.

    Parameters
    ----------
    panel : Panel
        What is compared.
    rules : Rules
        What the comparisons rest on that is ours.
    comparisons : mapping of (str, str) to Comparison
        By measure and area, where both sides of vesting day are known.
    single, pooled, scores : pandas.DataFrame
        Tests of one area, of areas of one kind together, and of many measures in one score: see
        `comparisons.single`, `comparisons.pooled` and `comparisons.scores`.
    sizes : pandas.DataFrame
        How often the tests reject where nothing happened: see `size.by_fit`.
    """

    panel: Panel
    rules: Rules
    comparisons: Mapping[tuple[str, str], Comparison]
    single: pd.DataFrame
    pooled: pd.DataFrame
    scores: pd.DataFrame
    sizes: pd.DataFrame


@once_per_batch
def study(measures: tuple[str, ...] = (), kinds: tuple[str, ...] = ()) -> Study:
    """Return the comparisons of a few measures and kinds of reorganisation; of all by default.

    P-values are adjusted for the tests of this part only.

    Parameters
    ----------
    measures : tuple of str
        As ``data/panel_measures.csv`` names them.
    kinds : tuple of str
        Of `panel.SPLIT`, `panel.WHOLE` and `panel.MERGED`.
    """
    panel = read()
    chosen = tuple(about for about in panel.measures if about.measure in measures or not measures)
    changes = tuple(change for change in panel.changes if change.kind in kinds or not kinds)
    return of_panel(replace(panel, measures=chosen, changes=changes), Rules.assumed())


def of_panel(panel: Panel, rules: Rules) -> Study:
    """Compare every measure of every reorganised area of a panel."""
    tried = comparisons.every(panel, rules)
    known = {key: made for key, made in tried.items() if isinstance(made, Comparison)}
    made = [*known.values()]
    tests = (comparisons.pooled(made, rules), comparisons.scores(made, rules))
    # Areas of the same years share their placebos.
    pools = {id(one.placebos): one.placebos for one in made}.values()
    sizes = size.by_fit(pools, rules.significance)
    return Study(panel, rules, known, comparisons.single(panel, tried, rules), *tests, sizes)


def variants(shown: Study) -> dict[str, Study]:
    """Return a study under other choices of ours: penalties, and years put back."""
    panel, broken = shown.panel, shown.panel.broken
    variants = {SHOWN: shown}
    low, _, high = bounds("synthetic_penalty")
    for penalty in (low, high):
        variants[f"penalty {penalty:g}"] = of_panel(panel, replace(shown.rules, penalty=penalty))
    whole = replace(panel, broken=broken[broken["treatment"] != LEFT_OUT])
    variants["years left out put back"] = of_panel(whole, shown.rules)
    return variants
