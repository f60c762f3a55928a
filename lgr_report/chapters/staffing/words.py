"""What senior staffing says, in sentences made from a study."""

import pandas as pd

from lgr_report.chapters.staffing.overheads import LINES
from lgr_report.chapters.staffing.study import National, Study
from lgr_report.chapters.staffing.tables import change, pounds
from lgr_report.core import size_bands
from lgr_report.page.phrases import listed, millions, span
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

posts = "{:.0f}".format


def in_short(study: Study) -> list[str]:
    """Return the national result, the area's proposals, and how far to trust it."""
    each, size = study.national.each, study.national.elasticity
    fitting = "one model fits" if study.national.fits["fits"].any() else "no single figure fits"
    return [
        f"Published totals of senior posts imply {each.posts.value:.0f} posts "
        f"({each.posts.low:.0f} to {each.posts.high:.0f}) and {pounds(each.cost.value)} a year "
        f"({pounds(each.cost.low)} to {pounds(each.cost.high)}) with each authority; {fitting} "
        "all of them.",
        of_area(study),
        "These posts and costs are calibrated to the published totals, not tested. What councils "
        "spend on commissioning, administration, assessment and safeguarding rises by "
        f"{size.value:.2f}% with one per cent more residents "
        f"({assumption('interval_level'):.0%} interval {size.low:.2f} to {size.high:.2f}): "
        + (
            "cheaper by the head in larger authorities."
            if size.high < 1
            else "that larger authorities spend less by the head on it cannot be told from chance."
        ),
    ]


def of_area(study: Study) -> str:
    """Return how many directors and posts the proposals need, and which cannot be computed."""
    bids, name = study.proposals, study.here.name
    if bids.empty:
        told = f"No proposal of {name} can be computed at district level"
    else:
        few, many = bids.loc[bids["more"].idxmin()], bids.loc[bids["more"].idxmax()]
        told = (
            f"The proposals of {name} need {directors(bids)} statutory directors, where "
            f"{study.now['directors']:.0f} serve today, and {_posts_of(few)}"
        )
        told += f" to {_posts_of(many)}" if many["more"] != few["more"] else ""
    names = [bid.name for bid in study.here.proposals if bid.name not in set(bids["name"])]
    told += f"; not computable: {listed(f'“{name}”' for name in names)}" if names else ""
    return f"{told}."


def directors(bids: pd.DataFrame) -> str:
    """Return from how many to how many statutory directors proposals need."""
    return span(bids["directors"], posts)


def _posts_of(row: pd.Series) -> str:
    if row["more"] == 0:
        return "no senior posts more than today"
    word = "more" if row["more"] > 0 else "fewer"
    few, many = sorted(abs(row[name]) for name in ("posts_low", "posts_high"))
    low, high = sorted(abs(row[name]) for name in ("cost_low", "cost_high"))
    return (
        f"{abs(row['posts']):.0f} senior posts {word} ({few:.0f} to {many:.0f}; "
        f"{pounds(abs(row['cost']))} a year, {pounds(low)} to {pounds(high)})"
    )


def fit(nation: National) -> list[str]:
    """Return whether one linear model fits what was published."""
    each, table = nation.each, nation.fits.set_index("definition")
    fitting, first = table.index[table["fits"]], table.iloc[0]
    small, medium, _ = areas.size_bands()
    average = nation.statements.set_index(["definition", "band"])["population"]
    low, high = nation.fitting
    ratios = "; ".join(f"{name} {ratio:.1f}" for name, ratio in table["ratio"].items())
    above = "; ".join(f"{name} {more:+.1f}" for name, more in table["above_500k"].items())
    return [
        "If only posts that every authority needs change, posts and cost must stand to each other "
        f"as additional authorities do. Published: {first['published_low']:.1f} to "
        f"{first['published_high']:.1f} times as many {small} as {medium}. By definition "
        f"of the bands: {ratios}. "
        f"In step: {listed(table.index[table['ratio_fits']]) or 'none'}.",
        f"Above 500k a net fall was published. Authorities more or fewer than the {nation.now} of "
        f"today: {above.replace('-', '−')}. Fewer: "
        f"{listed(table.index[table['sign_fits']]) or 'none'}. One authority more or less in the "
        "baseline, which is not published either, turns the sign of the figures near zero.",
        (
            f"One linear model fits all three statements under: {listed(fitting)}."
            if len(fitting)
            else "Under none of the four definitions does one linear model fit all three "
            "statements."
        )
        + f" It would fit both totals if the average unitary {small} had {low / 1000:.0f},000 to "
        f"{high / 1000:.0f},000 residents; that of the submitted ones has "
        f"{average[size_bands.SUBMITTED, small] / 1000:.0f},000.",
        f"Calibrated: {each.posts.value:.0f} posts ({each.posts.low:.0f} to "
        f"{each.posts.high:.0f}) and £{each.cost.value:.1f}m a year (£{each.cost.low:.1f}m to "
        f"£{each.cost.high:.1f}m) with each authority. The value is that of “{each.definition}”, "
        "on which the totals agree best; the range holds every definition, and £"
        f"{nation.said['ST07']:.0f}–{nation.said['ST08']:.0f}m as published. Posts that grow with "
        "residents cannot be told from totals of change: they stay free.",
    ]


def powers(table: pd.DataFrame) -> list[str]:
    """Return what posts that go with a power of residents would imply: `calibration.powers`."""
    parts = [
        f"{r.definition}: no such power"
        if pd.isna(r.power)
        else f"{r.definition}: power {r.power:.2f}".replace("-", "−")
        + f", above 500k {millions(r.above_500k, 0)} a year, "
        f"senior posts of today {millions(r.today, 0)}"
        for r in table.itertuples()
    ]
    return [
        "The other way to meet both costs is to let an authority's posts go with a power of its "
        f"residents (0: the same in each; 1: in proportion). What would fit, and what it implies: "
        f"{'; '.join(parts)}. In {(table['above_500k'] > 0).sum()} of "
        f"{table['power'].notna().sum()} that do, cost above 500k would rise, where a fall was "
        "published: once posts grow with residents, a few large and several "
        "small authorities, as today, need fewer together than as many of equal size."
    ]


def scale(nation: National) -> list[str]:
    """Return what councils' own spend says of economies of scale, beside the calibrated cost."""
    table, size = nation.elasticities, nation.elasticity
    one = table[table["series"] == next(iter(LINES))].iloc[0]
    medium = nation.bands.iloc[1]
    implied = change(*medium[["implied", "implied_low", "implied_high"]])
    return [
        f"Spend on running services rises by {size.value:.2f}% with one per cent more residents "
        f"({assumption('interval_level'):.0%} interval {size.low:.2f} to {size.high:.2f}), at "
        "equal deprivation, income and region. One is in proportion: "
        + (
            "larger authorities spend less by the head."
            if size.high < 1
            else "economies of scale are likely in direction, but cannot be told from none."
            if size.value < 1
            else "there is no sign of economies of scale."
        ),
        f"Adults' commissioning and administration alone gives {one['value']:.2f} "
        f"({one['low']:.2f} to {one['high']:.2f}), and rests on single authorities: without "
        f"{one['mover']} it is {one['without']:.2f}. What authorities book on this line differs "
        "widely.",
        f"If it were so, authorities of the size {medium['band']} would spend {implied} a year "
        "more than today on running services, beside a published "
        f"{millions(medium['published_cost'], 0)} for senior staff. The two are not the same "
        "thing: these lines also hold social workers and their teams.",
    ]
