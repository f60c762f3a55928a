"""What unit cost says, in sentences computed from a study."""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from lgr_report.chapters.unit_cost import elasticity, specifications
from lgr_report.chapters.unit_cost.elasticity import TOGETHER, WHOLE
from lgr_report.chapters.unit_cost.study import National, Study
from lgr_report.chapters.unit_cost.tables import (
    change,
    holding,
    percent,
    says,
    signed,
    signed_millions,
)
from lgr_report.core.findings import DEPENDS
from lgr_report.page import phrases
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption, bounds

FEW = 3  # specifications that a sentence names; of more it gives the number


def in_short(study: Study) -> list[str]:
    """Return the national result, this area's proposals, and how far to trust it."""
    return [_england(study.national), _area(study), _reach(study.national)]


def _england(nation: National) -> str:
    total, bands = nation.total, nation.submitted
    ours = phrases.listed(f"{change(row)} for {row.band}" for row in bands.itertuples())
    published = phrases.listed(map(signed_millions, bands["published"]))
    among = "" if nation.sample == WHOLE else f" ({nation.sample})"
    doubled = [100 * (2**each - 1) for each in total[["value", "low", "high"]]]
    level = f"{assumption('interval_level'):.0%} interval"
    return (
        f"Fitted as published, over England's authorities{among}, the elasticity of the cost of "
        f"care to population is {signed(total['value'])} ({level} {signed(total['low'])} to "
        f"{signed(total['high'])}): with twice the residents the same care costs "
        f"{phrases.ranged(*doubled, _more_or_less)}. {_over_all(nation)} "
        f"If every unitary had its band's average size, this fit gives {ours} a year; published "
        f"are {published}."
    )


def _more_or_less(percentage: float) -> str:
    return f"{phrases.number(abs(percentage))}% {'less' if percentage < 0 else 'more'}"


def _over_all(nation: National) -> str:
    """Say what all specifications tell of the whole bill, and what single choices do to it."""
    totals, bill = nation.totals, "for children and adults together"
    n, answer = len(totals), specifications.verdict(totals)
    if answer == DEPENDS:
        none = [
            f"no specification finds {sign}"
            for sign, found in (
                ("larger cheaper, as published", (totals["high"] < 0).any()),
                ("larger dearer", (totals["low"] > 0).any()),
            )
            if not found
        ]
        return (
            f"Whether a larger council pays more or less {bill} depends on the specification: "
            f"{says(totals)} reasonable ones{''.join(f'; {each}' for each in none)}. "
            f"{_without(nation)}"
        )
    meant = {
        "cannot be told from zero": "the data do not tell whether a larger council pays less or "
        "more",
        "larger is dearer": "a larger council pays more",
        "larger is cheaper": "a larger council pays less",
    }
    return f"Under all {n} reasonable specifications {meant[answer]} {bill}."


def _without(nation: National) -> str:
    """Say what leaving out the one most influential authority does."""
    rows = nation.totals[nation.totals["sample"] == specifications.WITHOUT_ONE]
    one = rows[rows["region"]].iloc[0]
    return (
        f"One authority moves it most: without {nation.left_out}, {says(rows)}; with region held "
        f"the elasticity is then {phrases.ranged(one['value'], one['low'], one['high'], signed)}."
    )


def of_specifications(nation: National) -> list[str]:
    """Return what the specification curve says: the total, single series, other intervals."""
    single = nation.curve[nation.curve["series"] != TOGETHER]
    groups = dict([*single.groupby(["series", "years"], sort=False)])
    # Many series are looked at: the chance that one of them stands out grows with their number.
    p = [part["p"].iloc[0] for part in groups.values()]
    corrected = dict(zip(groups, multipletests(p, method="holm")[1], strict=True))
    labels = elasticity.series()["label"]
    return [
        _over_all(nation),
        *(
            f"{_of_series(labels[key[0]], key[1], part)} Its p value is "
            f"{part['p'].iloc[0]:.2f}, and {corrected[key]:.2f} once corrected for "
            f"the {len(groups)} series looked at (Holm)."
            for key, part in groups.items()
            if specifications.told(part).any()
        ),
        _other_levels(nation.totals),
    ]


def _of_series(label: str, years: str, part: pd.DataFrame) -> str:
    """Say what a series shows under some specification or all: the first is as published."""
    first, sign = part.iloc[0], specifications.told(part)
    against = "" if (sign < 0).any() else " No specification finds the published sign."
    cheaper = "" if (sign > 0).any() else " No specification finds the opposite sign."
    return (
        f"One series alone, {label} ({years}): {says(part)} specifications. Fitted as published "
        f"its elasticity is {phrases.ranged(first['value'], first['low'], first['high'], signed)}."
        f"{against}{cheaper}"
    )


def _other_levels(totals: pd.DataFrame) -> str:
    parts = []
    for level in bounds("interval_level"):
        at = specifications.at_level(totals, level)
        parts.append(f"at {level:.0%} intervals: {says(at)}")
    return f"The same for children and adults together {'; '.join(parts)}."


def _area(study: Study) -> str:
    name, table = study.here.name, study.proposals
    computed = table.dropna(subset=["value"])
    if computed.empty:
        return f"No proposal of {name} can be computed here."
    each = phrases.listed(
        f"{change(row)} for {phrases.quoted(row.proposal)}" for row in computed.itertuples()
    )
    rest = len(table) - len(computed)
    without = f" {phrases.count(rest, 'proposal')} cannot be computed." if rest else ""
    unsure = computed[(computed["low"] < 0) & (computed["high"] > 0)]
    return (
        f"{name}, change in what care costs a year, by this fit: {each}."
        f"{_unsure(unsure, len(computed))}{without}"
    )


def _unsure(unsure: pd.DataFrame, computed: int) -> str:
    """Return which changes cannot be told from none, by name where others can."""
    if unsure.empty:
        return ""
    if len(unsure) == computed:
        which = "This cannot" if computed == 1 else "Not one of these can"
        return f" {which} be told from no change."
    names = phrases.listed(map(phrases.quoted, unsure["proposal"]))
    those = "That" if len(unsure) == 1 else "Those"
    return f" {those} of {names} cannot be told from no change."


def _reach(nation: National) -> str:
    total, nearest, n = nation.total, nation.nearest, len(nation.totals)
    holds = ((nation.totals["low"] <= nearest) & (nearest <= nation.totals["high"])).sum()
    needed = phrases.listed(
        "none that gives it" if np.isnan(each) else signed(each)
        for each in nation.submitted["needed"]
    )
    inside = "lies in" if total["low"] <= nearest <= total["high"] else "lies outside"
    between = (
        "these data neither bear the published sums out nor rule them out"
        if holds
        else ("these data rule the published sums out")
    )
    return (
        f"The published figures need elasticities of {needed}. The nearest single value, "
        f"{signed(nearest)}, {inside} this fit's interval, and is within that of {holds} of {n} "
        f"specifications: {between}. They would find an effect "
        f"{assumption('test_power'):.0%} of the time only from {total['detectable']:.3f} on, "
        f"{total['detectable'] / abs(nearest):.0f} times what was published. No effect "
        "found is no proof that there is none, and no ground for a sum in a "
        "budget."
    )


def base(present: pd.DataFrame) -> list[str]:
    """Return what the national figures are taken of, and what the spend leaves out.

    Parameters
    ----------
    present : pandas.DataFrame
        As `elasticity.present` returns it.
    """
    missing = present.loc[present["total"].isna(), "authority_name"]
    rest = (
        f"{phrases.listed(missing)} did not report: left out."
        if len(missing)
        else "All of them reported."
    )
    return [
        f"The base is what {present['total'].count()} authorities of the 21 areas spend on "
        "looked-after children and on adults' long-term support: "
        f"{phrases.millions(present['total'].sum(), 0)} gross in 2024-25. {rest} The published "
        "base, placements alone, is not known and is smaller: on it the published figures would "
        "need a steeper elasticity than the table says."
    ]


def ratios(ratios: pd.DataFrame) -> list[str]:
    """Return what the ratios of the published figures say.

    Parameters
    ----------
    ratios : pandas.DataFrame
        As `economies.ratios` returns it.
    """
    small, medium, large = areas.size_bands()
    main = ratios.iloc[0]
    near = ratios.loc[(ratios["expected"] - ratios["ratio"]).abs().idxmin()]
    opposite = (ratios["large_expected"] * ratios["large_ratio"] < 0).sum()
    return [
        f"Published, the change in {small} is {main['ratio']:.2f} times that in {medium}. Whatever "
        f"the spend and the elasticity, today's authorities (typically {main['today']:,.0f} "
        f"residents) would give {main['expected']:.2f} if a band is the average of "
        f"{main['definition']}; nearest comes {phrases.quoted(near['definition'])} with "
        f"{near['expected']:.2f}.",
        f"For {large} a saving is published where the other bands cost more. Under {opposite} of "
        f"the {len(ratios)} definitions its average unitary is smaller than today's typical "
        "authority, so that one elasticity cannot give a saving there and a cost in the other "
        "bands. The published figures rest on one map for each area, in which neighbours gain "
        "scale; that is not known here.",
    ]


def under_definitions(bands: pd.DataFrame) -> list[str]:
    """Return what moves with the definition of the bands: verdicts, and what lies inside.

    Parameters
    ----------
    bands : pandas.DataFrame
        As `economies.bands` returns it.
    """
    verdicts = bands.groupby("band", sort=False)["verdict"].nunique()
    moved, definitions = verdicts.index[verdicts > 1], bands["definition"].nunique()
    if len(moved):
        names = ", ".join(moved)
        begin = f"Under {definitions} definitions of the bands the verdict moves for {names}."
    else:
        begin = f"Under all {definitions} definitions of the bands the verdicts stay the same."
    held = bands.assign(
        inside=[sum(holding(row.published, row.claim)) for row in bands.itertuples()],
        of=[len(holding(row.published, row.claim)) for row in bands.itertuples()],
    )
    each = "; ".join(
        f"{signed_millions(part['published'].iloc[0])} ({band}) in "
        f"{phrases.listed(part['inside'].map(str))} of {part['of'].iloc[0]} specifications"
        for band, part in held.groupby("band", sort=False)
    )
    return [
        f"{begin} How large a band's average unitary is taken to be decides whether a published "
        f"figure lies inside our interval. By definition, in the order of the table: {each}."
    ]


def income(nation: National) -> list[str]:
    """Return how the published finding on income fares."""
    rows = nation.totals.dropna(subset=["income"])
    total, published = nation.total, nation.published_income
    above = (rows["income_low"] > 0).sum()
    below = (rows["income_high"] < 0).sum()
    inside = ((rows["income_low"] <= published) & (published <= rows["income_high"])).sum()
    found = rows.loc[(rows["income_low"] > 0) | (rows["income_high"] < 0), "name"]
    which = f" ({'; '.join(found)})" if 0 < len(found) <= FEW else ""
    answer = (
        f"depends on the specification: it is told from zero in {above + below} of {len(rows)}"
        f"{which}"
        if 0 < len(found) < len(rows)
        else f"{'is' if len(found) else 'cannot be'} told from zero in any of {len(rows)} "
        "specifications"
    )
    return [
        f"Published: {phrases.number(published, 0, plus=True)}% of unit cost for £5,000 more "
        f"median income. Fitted as published we find {_of_income(total)}. Whether income matters "
        f"{answer}. The interval holds the published figure in {inside} of {len(rows)}. These data "
        f"find an effect {assumption('test_power'):.0%} of the time only from "
        f"{total['income_detectable']:.1f}% on.",
    ]


def _of_income(row: pd.Series) -> str:
    return phrases.ranged(row["income"], row["income_low"], row["income_high"], percent)
