"""What senior staffing says, in sentences computed from a study."""

import numpy as np
import pandas as pd

from lgr_report.chapters.staffing import robustness
from lgr_report.chapters.staffing.overheads import LINES
from lgr_report.chapters.staffing.study import National, Study
from lgr_report.chapters.staffing.tables import change, tenths, two_digits, whole_millions
from lgr_report.core import size_bands
from lgr_report.core.regression import Estimate
from lgr_report.page import phrases
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.later_facts import fact


def in_short(study: Study) -> list[str]:
    """Return the national result, the area's proposals, and how far to trust it."""
    nation = study.national
    posts, cost, size = nation.calibration.posts, nation.calibration.cost, nation.elasticity
    fit = "one model fits" if nation.fits["fits"].any() else "no single figure fits"
    return [
        f"Published totals of senior posts imply {posts.value:.0f} posts ({posts.low:.0f} to "
        f"{posts.high:.0f}) and {tenths(cost.value)} a year ({tenths(cost.low)} to "
        f"{tenths(cost.high)}) with each authority; {fit} all of them.",
        f"{_area(study)}.",
        "These posts and costs are calibrated to the published totals, not tested. What councils "
        "spend on commissioning, administration, assessment and safeguarding rises by "
        f"{_percent(size)}. {by_the_head(nation.robustness)}.",
    ]


def by_the_head(fits: pd.DataFrame) -> str:
    """Return whether larger authorities spend less by the head, over all fits, in one clause.

    Parameters
    ----------
    fits : pandas.DataFrame
        As `robustness.fits` returns it.
    """
    n, counts = len(fits), fits["answer"].value_counts()
    span = f"elasticity {phrases.span(fits['value'], two_digits)}; 1 is in proportion"
    if not robustness.sensitive(fits):
        return f"By all {n} fits tried a larger authority {counts.index[0]} ({span})"
    parts = phrases.listed(f"{answer} in {m}" for answer, m in counts.items())
    return (
        f"Economies of scale are sensitive to the fit: a larger authority {parts} of {n} ({span})"
    )


def _percent(size: Estimate) -> str:
    return (
        f"{size.value:.2f}% with one per cent more residents ({assumption('interval_level'):.0%} "
        f"interval {size.low:.2f} to {size.high:.2f})"
    )


def _area(study: Study) -> str:
    name, bids = study.here.name, study.proposals
    out = [bid.name for bid in study.here.proposals if bid.name not in set(bids["name"])]
    without = f"; not computable: {phrases.listed(map(phrases.quoted, out))}" if out else ""
    if bids.empty:
        return f"No proposal of {name} can be computed at district level{without}"
    few, many = bids.loc[bids["more"].idxmin()], bids.loc[bids["more"].idxmax()]
    alike = many["more"] == few["more"]
    change = _change(few) if alike else f"from {_change(few)} to {_change(many)}"
    who = f"The proposals of {name} need"
    if len(bids) == 1:
        who = f"The one proposal of {name} that can be computed needs"
    return (
        f"{who} {directors(bids)} statutory directors, where "
        f"{study.divisions['directors'].iloc[0]:.0f} serve today, and {change}{without}"
    )


def directors(bids: pd.DataFrame) -> str:
    """Return from how many to how many statutory directors proposals need."""
    return phrases.span(bids["directors"], "{:.0f}".format)


def _change(row: pd.Series) -> str:
    if row["more"] == 0:
        return "as many senior posts as today"
    word = "more" if row["more"] > 0 else "fewer"
    posts = sorted(abs(row[["posts_low", "posts_high"]]))
    cost = sorted(abs(row[["cost_low", "cost_high"]]))
    return (
        f"{abs(row['posts']):.0f} senior posts {word} ({posts[0]:.0f} to {posts[1]:.0f}; "
        f"{tenths(abs(row['cost']))} a year, {tenths(cost[0])} to {tenths(cost[1])})"
    )


def fit(nation: National) -> list[str]:
    """Return whether one linear model fits what was published, and what it is calibrated to."""
    return [_ratio(nation.fits), _sign(nation), _fitting(nation), _calibrated(nation)]


def _ratio(fits: pd.DataFrame) -> str:
    small, medium, _ = areas.size_bands()
    each = "; ".join(f"{name} {ratio:.1f}" for name, ratio in fits["ratio"].items())
    return (
        "If only posts that every authority needs change, posts and cost must stand to each other "
        f"as additional authorities do. Published: {fits['published_low'].iloc[0]:.1f} to "
        f"{fits['published_high'].iloc[0]:.1f} times as many {small} as {medium}. By definition "
        f"of the bands: {each}. In step: {_names(fits['ratio_fits'])}."
    )


def _names(fitting: pd.Series) -> str:
    return phrases.listed(fitting.index[fitting]) or "none"


def _sign(nation: National) -> str:
    fits = nation.fits
    each = "; ".join(
        f"{name} {phrases.number(more, plus=True)}" for name, more in fits["above_500k"].items()
    )
    return (
        f"Above 500k a net fall was published. Authorities more or fewer than the "
        f"{len(nation.today)} of today: {each}. Fewer: {_names(fits['sign_fits'])}. One authority "
        "more or less in the baseline, which is not published either, turns the sign of the "
        "figures near zero."
    )


def _fitting(nation: National) -> str:
    fits, (low, high), small = nation.fits, nation.fitting, areas.size_bands()[0]
    sizes = nation.statements.set_index(["definition", "band"])["population"]
    models = (
        f"One linear model fits all three statements under: {_names(fits['fits'])}."
        if fits["fits"].any()
        else f"Under none of the {phrases.spelled(len(fits))} definitions does one linear model "
        "fit all three statements."
    )
    return (
        f"{models} It would fit both totals if the average unitary {small} had "
        f"{low / 1000:.0f},000 to {high / 1000:.0f},000 residents; that of the submitted ones has "
        f"{sizes[size_bands.SUBMITTED, small] / 1000:.0f},000."
    )


def _calibrated(nation: National) -> str:
    each, least, most = nation.calibration, *nation.published[["ST07", "ST08"]]
    posts, cost = each.posts, each.cost
    return (
        f"Calibrated: {posts.value:.0f} posts ({posts.low:.0f} to {posts.high:.0f}) and "
        f"{tenths(cost.value)} a year ({tenths(cost.low)} to {tenths(cost.high)}) with each "
        f"authority. The value is that of {phrases.quoted(each.definition)}, on which the totals "
        f"agree best; the range holds every definition, and £{least:.0f}–{most:.0f}m as published. "
        "Posts that grow with residents cannot be told from totals of change: they stay free."
    )


def vacancies(nation: National) -> list[str]:
    """Return the vacancy rate of adult social care: the one quoted, and a later one."""
    later = fact("asc_vacancy_2024_25")
    return [
        "Published (CCN/Newton, p10): "
        f"{nation.published['ST09']:.1f}% of posts in adult social care stand vacant, quoted "
        f"from another source. {later.source}: {later.value:.1f}% in {later.period}, England. "
        "Neither is of this area, and neither says what dividing a council would change."
    ]


def powers(powers: pd.DataFrame) -> list[str]:
    """Return what posts that go with a power of residents would imply.

    Parameters
    ----------
    powers : pandas.DataFrame
        As `calibration.powers` returns it.
    """
    parts = [
        f"{r.definition}: no such power"
        if np.isnan(r.power)
        else f"{r.definition}: power {two_digits(r.power)}, above 500k "
        f"{whole_millions(r.above_500k)} a year, senior posts of today {whole_millions(r.today)}"
        for r in powers.itertuples()
    ]
    risen = (powers["above_500k"] > 0).sum()
    return [
        "The other way to meet both costs is to let an authority's posts go with a power of its "
        f"residents (0: the same in each; 1: in proportion). What would fit, and what it implies: "
        f"{'; '.join(parts)}. In {risen} of "
        f"{powers['power'].notna().sum()} that do, cost above 500k would rise, where a fall was "
        "published: once posts grow with residents, a few large and several "
        "small authorities, as today, need fewer together than as many of equal size."
    ]


def robustness_of(fits: pd.DataFrame) -> str:
    """Return whether economies of scale hang on the fit, or on one authority.

    Parameters
    ----------
    fits : pandas.DataFrame
        As `robustness.fits` returns it.
    """
    counts = fits["answer"].value_counts()
    if not robustness.sensitive(fits):
        return f"All {len(fits)} fits tried give one answer: a larger authority {counts.index[0]}."
    parts = ", ".join(f"{answer} in {n}" for answer, n in counts.items())
    first = fits.iloc[0]
    alone = fits[fits["fit"].str.startswith("without ") & (fits["region"] == first["region"])]
    one = alone.loc[(alone["value"] - first["value"]).abs().idxmax()]
    return (
        f"The answer is sensitive to the fit. Over {len(fits)} fits (robust, weighted, with and "
        f"without regions, without one authority) a larger authority {parts}; the elasticity runs "
        f"from {phrases.span(fits['value'], two_digits)}. W{one['fit'][1:]} alone it is "
        f"{phrases.ranged(one['value'], one['low'], one['high'], two_digits)}."
    )


def scale(nation: National) -> list[str]:
    """Return what councils' own spend says of economies of scale, beside the calibrated cost."""
    table, size, medium = nation.elasticities, nation.elasticity, nation.bands.iloc[1]
    admin = table.set_index(["series", "sample"]).loc[(next(iter(LINES)), nation.sample)]
    more = change(*medium[["implied", "implied_low", "implied_high"]])
    return [
        f"Spend on running services rises by {_percent(size)}, at equal deprivation, income "
        "and region. One is in proportion: "
        + (
            "larger authorities spend less by the head."
            if size.high < 1
            else "by this fit alone, economies of scale cannot be told from none."
            if size.value < 1
            else "there is no sign of economies of scale."
        ),
        robustness_of(nation.robustness),
        "Adults' commissioning and administration alone gives "
        f"{phrases.ranged(*admin[['value', 'low', 'high']], two_digits)}, and rests on single "
        f"authorities: without {admin['mover']} it is {admin['without']:.2f}. What authorities "
        "book on this line differs widely.",
        f"If it were so, authorities of the size {medium['band']} would spend {more} a year more "
        "than today on running services, beside a published "
        f"{whole_millions(medium['published_cost'])} for senior staff. The two are not the same "
        "thing: these lines also hold social workers and their teams.",
    ]
