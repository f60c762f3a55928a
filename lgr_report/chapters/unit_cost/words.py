"""What unit cost says, in sentences computed from a study."""

import numpy as np
import pandas as pd

from lgr_report.chapters.unit_cost.elasticity import NO_OUTLIERS, TOGETHER, WHOLE
from lgr_report.chapters.unit_cost.study import National, Study
from lgr_report.chapters.unit_cost.tables import change, percent, signed, signed_millions
from lgr_report.page import phrases
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption


def in_short(study: Study) -> list[str]:
    """Return the national result, this area's proposals, and how far to trust it."""
    return [_england(study.national), _area(study), _reach(study.national)]


def _england(nation: National) -> str:
    total, bands = nation.total, nation.submitted
    ours = phrases.listed(f"{change(row)} for {row.band}" for row in bands.itertuples())
    published = phrases.listed(map(signed_millions, bands["published"]))
    sure = "cannot be told from zero" if total["low"] <= 0 <= total["high"] else "differs from zero"
    among = "" if nation.sample == WHOLE else f" ({nation.sample})"
    return (
        f"Across England's authorities{among} the elasticity of unit cost to population is "
        f"{signed(total['value'])} ({assumption('interval_level'):.0%} interval "
        f"{signed(total['low'])} to {signed(total['high'])}): it {sure}. If every unitary had its "
        f"band's average size that would be {ours} a year; published are {published}."
    )


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
    return f"{name}, GBP a year: {each}.{without}"


def _reach(nation: National) -> str:
    total, nearest = nation.total, nation.nearest
    inside = "lies in" if total["low"] <= nearest <= total["high"] else "is not in"
    needed = phrases.listed(
        "none that gives it" if np.isnan(each) else signed(each)
        for each in nation.submitted["needed"]
    )
    return (
        f"The published figures need elasticities of {needed}; the nearest single value, "
        f"{signed(nearest)}, {inside} our interval. These data find an effect "
        f"{assumption('test_power'):.0%} of the time only from {total['detectable']:.3f} on, "
        f"{total['detectable'] / abs(nearest):.0f} times that: no effect found is no proof that "
        "there is none, and no ground for a sum in a budget."
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
    """Return whether any verdict on money by size band moves with the definition of the bands.

    Parameters
    ----------
    bands : pandas.DataFrame
        As `economies.bands` returns it.
    """
    verdicts = bands.groupby("band", sort=False)["verdict"].nunique()
    moved, definitions = verdicts.index[verdicts > 1], bands["definition"].nunique()
    if len(moved):
        names = ", ".join(moved)
        return [f"Under {definitions} definitions of the bands the verdict moves for {names}."]
    return [
        f"Under all {definitions} definitions of the bands the verdicts on money stay the same: "
        "how large a band's average unitary is taken to be moves the figures, not the verdicts."
    ]


def income(nation: National) -> list[str]:
    """Return how the published finding on income fares."""
    table = nation.fits.xs(nation.sample, level="sample")
    rest = nation.fits.loc[(TOGETHER, NO_OUTLIERS)]
    total, single = table.loc[TOGETHER], table.drop(TOGETHER)
    clear = ((single["income_low"] > 0) | (single["income_high"] < 0)).sum()
    return [
        f"Published: {nation.published_income:+.0f}% of unit cost for £5,000 more median income. "
        f"Computed for the total: {_of_income(total)}; without outliers {_of_income(rest)}. "
        f"{clear or 'None'} of the {len(single)} series alone can be told from zero, and these "
        f"data find an effect {assumption('test_power'):.0%} of the time only from "
        f"{total['income_detectable']:.1f}% on.",
    ]


def _of_income(row: pd.Series) -> str:
    return phrases.ranged(row["income"], row["income_low"], row["income_high"], percent)
