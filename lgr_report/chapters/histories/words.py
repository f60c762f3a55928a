"""What past reorganisations allow to be said, in sentences computed from the figures."""

from collections.abc import Mapping

import pandas as pd
from scipy.stats import norm

from lgr_report.chapters.histories.amounts import amount, levels, plain, ranged, score
from lgr_report.chapters.histories.backtest import BEFORE, FIRST, LATEST, Backtest
from lgr_report.chapters.histories.comparisons import ALL, HINT, NOTHING, STANDS
from lgr_report.chapters.histories.evidence import NEITHER, Precedent
from lgr_report.chapters.histories.panel import KIND_LABELS, SPLIT, WHOLE
from lgr_report.chapters.histories.size import ALL_FITS, FITS, KEYS
from lgr_report.chapters.histories.study import SHOWN, Study
from lgr_report.core.variation import LABELS
from lgr_report.page import phrases
from lgr_report.sources.assumptions import assumption

EACH = {SPLIT: "split in two", WHOLE: "each kept whole"}


def backtest(test: Backtest) -> list[str]:
    """Return what the test says of every option's variation figures."""
    latest, first, before = (test.scores.loc[name] for name in (LATEST, FIRST, BEFORE))
    gain = 1 - latest["predicted"] / latest["at_county_rate"]
    wrong = latest.index[latest["in_order"] < latest["pairs"]]
    miss = f"; the miss is {phrases.listed(LABELS[name] for name in wrong)}" if len(wrong) else ""
    growth = test.growth("ehc_plans")
    risen = phrases.listed(f"{rise:.0%} in {area}" for area, rise in growth.items())
    counts = latest[["councils", "inner", "outer", "pairs", "in_order"]].sum().astype(int)
    inner, outer = levels()
    chance = assumption("demand_inner_level") ** counts["pairs"]
    return [
        f"The model divides the split counties with mean errors of "
        f"{latest['predicted'].min():.0%} to {latest['predicted'].max():.0%}, "
        f"{gain.min():.0%} to {gain.max():.0%} less than the county's rate does. It puts "
        f"{counts['in_order']} of {counts['pairs']} pairs in the right order{miss} (in the first "
        f"year {first['in_order'].sum()} of {first['pairs'].sum()}, for children's services only). "
        f"Its {inner} intervals cover {counts['inner']} and its {outer} intervals "
        f"{counts['outer']} of {counts['councils']} figures. Where the true coverage is {inner}, "
        f"{counts['pairs']} independent figures all lie within in {chance:.0%} of cases: a good "
        "sign, no proof.",
        "A planner before the split had only the county's last total. Divided, it is off by "
        f"{before.loc['children_looked_after', 'predicted']:.0%} for looked-after children and "
        f"{before.loc['ehc_plans', 'predicted']:.0%} for EHC plans, whose total grew by {risen} by "
        "the successors' first count: the intervals of this suite hold the division, not the "
        "growth.",
        "Two counties are two throws: within each, one unitary's share fixes the other's. The "
        "model learned from today's authorities, and adults' counts by authority begin in "
        "2024-25, after both splits. Cumberland did not report revenue outturn (RO3): spend is not "
        "tested.",
    ]


def in_short(study: Study) -> list[str]:
    """Return what can and cannot be concluded from before and after."""
    single, least = study.single.dropna(subset=["p"]), study.rules.significance
    donors = int(single["donors"].max())
    scores = study.scores[study.scores["family"] == ALL]
    altogether = "; ".join(map(_altogether, scores.to_dict("records")))
    return [
        f"{_tests(single, 'of one area', least)} With {donors} donors at most, no area can have a "
        f"p below {1 / (donors + 1):.3f}: single areas among {len(single)} tests could hardly "
        f"ever pass. {_two_tests(single, least)}",
        _tests(study.pooled, "of areas of one kind together", least),
        *_sizes(study.sizes, study.pooled["size"], single["alike"], least),
        _plainly(study.pooled, least),
        "All measures with a worse side taken as one score (0 is no change against other "
        f"authorities, above it is worse): {altogether}.",
        _not_computable(study.single[study.single["p"].isna()]),
    ]


def _tests(tests: pd.DataFrame, what: str, least: float) -> str:
    return (
        f"Of {len(tests)} tests {what}, {(tests['p'] < least).sum()} have p below {least:.2f}; "
        f"chance alone gives about {least * len(tests):.0f}. After correction (false discovery "
        f"rate) {(tests['adjusted'] < least).sum() or 'none'} remain; the smallest corrected p is "
        f"{tests['adjusted'].min():.2f}."
    )


def _two_tests(single: pd.DataFrame, least: float) -> str:
    """Return that p and interval of one area belong to two tests, and how often they differ."""
    outside = (single["low"] > 0) | (single["high"] < 0)
    number, both = int(outside.sum()), int((outside & (single["p"] < least)).sum())
    leaves = "leave" if number > 1 else "leaves"
    where = f", {both or 'none'} of them where p is below {least:.2f}" if number else ""
    return (
        "This p is of how much the error grew after vesting day; the interval is of the mean gap. "
        f"They are two tests, and may differ: {number or 'none'} of the {len(single)} intervals "
        f"{leaves} out zero{where}."
    )


def _sizes(sizes: pd.DataFrame, pooled: pd.Series, alike: pd.Series, least: float) -> list[str]:
    """Return how often the tests reject where nothing happened."""
    every, closest, loosest = (sizes.loc[fit] for fit in (ALL_FITS, FITS[0], FITS[-1]))
    shares = {
        name: [phrases.percent(fit[name]) for fit in (every, closest, loosest)] for name in KEYS
    }
    one, gap, did = (shares[name] for name in KEYS)
    return [
        "How far p can be trusted: vesting day was given to authorities that were not reorganised, "
        f"{every['tests']:,.0f} times over all measures. At {least:.2f} the test of one area "
        f"rejects {one[0]} of these true nulls, as it must by construction. But it rejects "
        f"{one[1]} in the fifth whose controls happened to fit most closely before, and {one[2]} "
        "in the fifth where they fitted worst: with so few years before, a small p of one area may "
        "be luck of the fit and no change after.",
        "The test of areas together does not divide by the fit. Of one such authority it rejects "
        f"{gap[0]} of true nulls over all, {gap[1]} where controls fit most closely and {gap[2]} "
        f"where they fit worst; plain difference in differences {did[0]}, {did[1]} and {did[2]}. "
        f"Judged among authorities fitted like the areas themselves, the {len(pooled)} tests "
        f"reject {phrases.span(pooled, phrases.percent)} of true nulls, "
        f"{phrases.percent(pooled.mean())} on average. A single area has only "
        f"{phrases.span(alike, '{:.0f}'.format)} authorities fitted like it: too few to tell one "
        "in twenty from one in five.",
    ]


def _plainly(pooled: pd.DataFrame, least: float) -> str:
    """Return whether plain difference in differences says the same."""
    alike = int((pooled["gap"] * pooled["did"] > 0).sum())
    alone, corrected = (int((pooled[name] < least).sum()) for name in ("did_p", "did_adjusted"))
    return (
        "Plain difference in differences (an area's change less the mean change of all donors) "
        f"points the same way in {alike} of {len(pooled)} tests of areas together. By it "
        f"{alone or 'none'} of the {len(pooled)} {'has' if alone == 1 else 'have'} p below "
        f"{least:.2f}, {corrected or 'none'} after correction; the smallest corrected p is "
        f"{pooled['did_adjusted'].min():.2f}. A finding stands only if it does by both."
    )


def _altogether(row: Mapping[str, object]) -> str:
    value, low, high = score(row)
    return (
        f"{row['kind']} {value} standard deviations ({low} to {high}; p {row['p']:.2f}, corrected "
        f"{row['adjusted']:.2f})"
    )


def _not_computable(untested: pd.DataFrame) -> str:
    reasons = "; ".join(
        f"{', '.join(sorted(set(areas)))} ({why}, {len(areas)} measures)"
        for why, areas in untested.groupby("why_not", sort=False)["area"]
    )
    return f"Not computable: {reasons}."


def conclusion(kind: str, row: pd.Series, level: float) -> str:
    """Return what a test of areas together allows to be said; ``level`` is of its interval."""
    if row["reading"] == NOTHING:
        # What is found with this probability is further out than the interval's end.
        power = assumption("test_power")
        reach = (row["high"] - row["low"]) / 2 * (1 + norm.ppf(power) / norm.ppf(0.5 + level / 2))
        effect = amount({**row, "size": reach}, "size").removeprefix("+")
        return (
            f"{kind.capitalize()}: nothing seen; an effect of less than about ±{effect} would be "
            f"found less than {power:.0%} of the time."
        )
    side = "more" if row["gap"] > 0 else "less"
    if row["reading"] == STANDS:
        return (
            f"{kind.capitalize()}: {side} than chance explains, also after correction and by plain "
            "difference in differences."
        )
    return (
        f"{kind.capitalize()}: a hint of {side} (corrected p {row['adjusted']:.2f}; by plain "
        f"difference in differences {plain(row)}, corrected p {row['did_adjusted']:.2f}); not a "
        "finding."
    )


def sensitivity(variants: Mapping[str, Study]) -> str:
    """Return which conclusions hang on a choice of ours."""
    pooled = pd.concat({choice: study.pooled for choice, study in variants.items()})
    standing = pooled[pooled["reading"] == STANDS]
    shown = pooled.loc[SHOWN].query("reading == @STANDS")["label"]
    hanging = [
        f"with {choice}, {row['label']} ({row['kind']}, {ranged(row)}) would stand"
        for (choice, _), row in standing[~standing["label"].isin(shown)].iterrows()
    ]
    if not hanging:
        return "No conclusion hangs on these choices."
    return (
        f"One thing hangs on a choice of ours: {'; '.join(hanging)}. The years are left out "
        "because a new authority may hold no earlier referrals to count; that reading is assumed."
    )


def of_register(study: Study, bearing: pd.DataFrame) -> list[str]:
    """Return what the histories say of a register (``bearing``: `evidence.of_register`)."""
    links = bearing.dropna(subset=["measure"])
    touched, risks = links["risk_id"].unique(), bearing["risk_id"].nunique()
    firm = links[(links["side"] != NEITHER) & (links["reading"] != HINT)]
    hints = "; ".join(
        f"{row['label']} in areas {row['kind']}, {amount(row)}, {row['side']} {row['risk_id']}"
        for row in links[links["reading"] == HINT].to_dict("records")
    )
    hints = f" Hints that do not: {hints}." if hints else ""
    split = links[links["kind"] == KIND_LABELS[SPLIT]].drop_duplicates("measure")
    tested = study.scores.set_index(["kind", "family"]).loc[(KIND_LABELS[SPLIT], ALL)]
    verdict = "more" if tested["adjusted"] < study.rules.significance else "no more"
    value, low, high = score(tested)
    return [
        f"The panel holds measures that speak to {len(touched)} of the {risks} risks: "
        f"{phrases.listed(touched)}. Of the others these histories say nothing.",
        f"{len(firm) or 'None'} of {len(links)} links of a risk, a measure and a kind of area "
        f"stand after correction.{hints}",
        f"In the split counties {int(split['toward'].sum())} of {len(split)} measures lean towards "
        f"a risk. Measures move together, so they are tested as one score: {value} standard "
        f"deviations towards the worse ({low} to {high}, corrected p {tested['adjusted']:.2f}), "
        f"{verdict} than chance would do. Two counties neither bear the register out nor refute "
        "it.",
    ]


def of_risk(precedent: Precedent | None) -> list[str]:
    """Return what past reorganisations say of one risk; nothing where no measure speaks to it."""
    if precedent is None:
        return []
    moved = precedent.moved
    count = int(moved["areas"].max())
    spoken = "; ".join(
        f"{row['label']} {ranged(row)}"
        + ("" if row["areas"] == count else f" in {phrases.count(row['areas'], 'area')}")
        for row in moved.to_dict("records")
    )
    where = f"{phrases.listed(precedent.areas)}, {EACH[precedent.kind]}"
    return [
        f"What happened before ({precedent.risk_id}): in {where}, measures moved against synthetic "
        "controls after vesting day by "
        f"({phrases.percent(precedent.level)} intervals) {spoken}.",
        f"{_limit(precedent)} {phrases.count(count, 'area')} can neither show the risk nor rule it "
        "out.",
    ]


def _limit(precedent: Precedent) -> str:
    """Return which measures lie beyond chance, and what correction leaves of them."""
    moved, tests = precedent.moved, precedent.tests
    beyond = moved[(moved["low"] >= 0) | (moved["high"] <= 0)]
    chance = "beyond what chance does to other authorities"
    if beyond.empty:
        return (
            f"None lies {chance}: corrected for {phrases.count(tests, 'test')} the smallest p is "
            f"{moved['adjusted'].min():.2f}."
        )
    said = f"Taken alone, {phrases.listed(beyond['label'])} "
    said += f"{'lies' if len(beyond) == 1 else 'lie'} {chance}."
    return " ".join([said, *(_corrected(row, precedent) for row in beyond.to_dict("records"))])


def _corrected(row: Mapping[str, object], precedent: Precedent) -> str:
    """Return what correction and plain difference in differences leave of a measure."""
    stands = row["reading"] == STANDS
    note = f" Beware: {row['note']}." if precedent.kind == SPLIT and row["note"] else ""
    return (
        f"Corrected for {phrases.count(precedent.tests, 'test')}, p is {row['adjusted']:.2f} for "
        f"{row['label']}; plain difference in differences gives {plain(row)}, corrected p "
        f"{row['did_adjusted']:.2f}: {'a finding' if stands else 'not a finding'}.{note}"
    )
