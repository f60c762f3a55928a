"""Sentences on demand: of an area, on what the estimate is worth, and beside what was published."""

import pandas as pd

from lgr_report.chapters.demand.old_counties import Judgement
from lgr_report.chapters.demand.spreads import (
    design_by_band,
    design_totals,
    inside,
    nearest_statistic,
    submitted_totals,
)
from lgr_report.chapters.demand.study import National, Study
from lgr_report.core.demand import MODELLED
from lgr_report.core.variation import LABELS, PEOPLE, STATISTIC_LABELS
from lgr_report.page.phrases import count, listed, number, percent, ranged, span
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.services import SERVICES


def councils(study: Study) -> list[str]:
    """Return how demand is spread over an area's councils, and how sure the estimates are."""
    words = []
    for service in SERVICES:
        part = study.councils[study.councils["service"] == service.service]
        part = part.dropna(subset=["relative"])
        if part.empty:
            continue
        high, low = part.loc[part["relative"].idxmax()], part.loc[part["relative"].idxmin()]
        modelled = part[part["status"] == MODELLED]
        half = ((modelled["high"] - modelled["low"]) / 2 / modelled["demand"]).median()
        words.append(
            f"{service.label[0].upper()}{service.label[1:]}: from {low['relative']:.2f} times the "
            f"area's rate in {low['council_name']} to {high['relative']:.2f} times in "
            f"{high['council_name']}. The {percent(assumption('interval_level'))} interval of a "
            f"district is typically ±{half:.0%}."
        )
    return [*words, *study.missing]


def worth(study: Study) -> list[str]:
    """Return what an area's district estimates can and cannot say."""
    modelled = study.councils[study.councils["status"] == MODELLED]
    apart = int(((modelled["relative_low"] > 1) | (modelled["relative_high"] < 1)).sum())
    rest = len(modelled) - apart
    return [
        f"Of {len(modelled)} district estimates here {apart or 'none'} "
        f"{'is' if apart < 2 else 'are'} further from the area's rate than the interval reaches. "
        + (
            f"The other {rest} cannot be told from the area's rate: read "
            f"{'it as a direction' if rest == 1 else 'them as directions'}, not as counts."
            if rest and apart
            else "None can be told from the area's rate: read them as directions, not as counts."
            if rest
            else "That tells that they differ, not by exactly how much."
        ),
        "The estimates rest on age and deprivation. They do not know placements, practice or "
        "complexity, and their errors are taken as independent between districts: if neighbours "
        "err alike, unitaries differ more than is shown.",
    ]


def judged(judgement: Judgement) -> list[str]:
    """Return what the estimate is worth where the truth is known: in old counties."""
    errors = judgement.errors()
    shire, metro = errors.loc["shire"], errors.loc["metropolitan"]
    gain = 1 - shire["predicted"] / shire["at_county_rate"]
    cover, spreads = judgement.coverage().loc["shire"], judgement.spreads().loc["shire"]
    of_points, of_draws = (spreads[n] / spreads["observed"] for n in ("from_point", "expected"))
    lost = metro.index[metro["predicted"] > metro["at_county_rate"]]
    words = [
        f"In {shire['counties'].max()} old shire counties the model errs less than the county's "
        f"rate by {listed(f'{percent(gain[s.service])} for {s.label}' for s in SERVICES)}"
        f". Its {percent(assumption('demand_inner_level'))} intervals cover "
        f"{span(cover['inner'], percent)} of the authorities, its "
        f"{percent(assumption('interval_level'))} intervals {span(cover['outer'], percent)}.",
        f"Point estimates show only {span(of_points, percent)} of the spread that is there; draws "
        f"show {span(of_draws, percent)}. So every variation shown comes from draws.",
    ]
    if len(lost):
        words.append(
            "In metropolitan counties the model does worse than the county's rate for "
            f"{listed(LABELS[name] for name in lost)}: it is not for use there."
        )
    return words


def compared(national: National) -> list[str]:
    """Return what of the published findings on demand variation is and is not reproduced."""
    return [
        _direction(national),
        _figures(national),
        _nearest(
            nearest_statistic(submitted_totals(national.bands), national.published),
            nearest_statistic(design_totals(national.every), national.published),
        ),
        *_services(national),
    ]


def _direction(national: National) -> str:
    published, design = national.published, design_by_band(national.every)
    total = national.bands.set_index(["measure", "statistic", "band"])
    small, _, large = published.index
    low, high = (total.loc[(PEOPLE, "spread", band)] for band in (small, large))
    return (
        f"Published: {published[small]:.0f}% below 300,000 people and {published[large]:.0f}% "
        "above 500,000. By (max − min) ÷ baseline submitted proposals of whole districts give "
        f"{_submitted(low, ' only')} and {_submitted(high)}; all contiguous options, averaged "
        f"like the published maps, {percent(design[small])} and {percent(design[large])}. "
        f"{_at_equal_numbers(national)}"
    )


def _at_equal_numbers(national: National) -> str:
    """Say whether variation falls with size, as bids stand and at equal numbers of unitaries."""
    small, _, large = national.published.index
    seen, frames = national.observed[PEOPLE], (national.differences, national.at_equal_numbers)
    stand, held = (ranged(*100 * frame.loc["spread"], number) for frame in frames)
    clear = [int((frame["low"] > 0).sum()) for frame in frames]
    of = f"of {len(national.differences)} statistics"
    if all(n == len(national.differences) for n in clear):
        answer = "So the direction is reproduced by all statistics, both ways."
    elif any(clear):
        answer = "So whether the direction is reproduced depends on how it is compared."
    else:
        answer = "So the direction is not reproduced."
    numbers = "; ".join(
        f"{band}: {_numbers(national.unitaries.loc[band])}" for band in (small, large)
    )
    return (
        f"As the bids stand variation falls by {stand} points, told from zero by {clear[0]} {of}. "
        f"But a range grows with the number of unitaries ({numbers}): at equal numbers it falls "
        f"by {held} points, told from zero by {clear[1] or 'none'} {of} (over bids that "
        f"might have been made, not over draws of demand). {answer} Old shire "
        f"counties, which need no model, give {percent(seen[large])} above 500,000 and "
        f"{percent(seen[small])} below 300,000."
    )


def _numbers(bids: pd.Series) -> str:
    return listed(f"{count(n, 'bid')} for {k} unitaries" for k, n in bids[bids > 0].items())


def _figures(national: National) -> str:
    """Return by which statistics the published figures are reproduced, one by one and together."""
    within = inside(national.bands, national.published)
    total = national.bands[national.bands["measure"] == PEOPLE]
    total = total.set_index(["statistic", "band"])[["mean", "low", "high"]]

    def given(band: str, names: pd.Index) -> str:
        return listed(
            f"{STATISTIC_LABELS[name]}, {ranged(*total.loc[(name, band)], percent)}"
            for name in names
        )

    parts = []
    for band, held in within.items():
        sides = {"inside": held.index[held], "outside": held.index[~held]}
        where = "; ".join(
            f"{side} the interval by {given(band, names)}"
            for side, names in sides.items()
            if len(names)
        )
        parts.append(f"The {national.published[band]:.0f}% ({band}) lies {where}.")
    return (
        "The report does not say which statistic its figures are, so three are tried. "
        f"{' '.join(parts)} {_together(within)}"
    )


def _together(within: pd.DataFrame) -> str:
    """Return what holds of the published figures over all statistics."""
    both = listed(STATISTIC_LABELS[name] for name in within.index[within.all(axis=1)])
    if within.all(axis=None):
        return "Both are reproduced, whichever it is."
    if not within.any(axis=None):
        return "Neither is reproduced, whichever it is."
    return (
        "So whether a figure is reproduced depends on the statistic; "
        f"{both or 'none of the three'} reproduces both."
    )


def _submitted(band: pd.Series, only: str = "") -> str:
    bids = count(int(band["proposals"]), "bid")
    ends = f"{percent(band['low'])} to {percent(band['high'])}"
    return f"{percent(band['mean'])} ({ends}, {bids}{only})"


def _nearest(submitted: str, design: str) -> str:
    if submitted == design:
        return (
            f"Of the three statistics {STATISTIC_LABELS[design]} comes nearest to the published "
            "figures, over the submitted proposals and over all options alike."
        )
    return (
        f"Of the three statistics {STATISTIC_LABELS[design]} comes nearest to the published "
        f"figures over all options, {STATISTIC_LABELS[submitted]} over the submitted proposals, "
        "few of which are small."
    )


def _services(national: National) -> list[str]:
    """Return for which services variation falls with size, and which vary most and least."""
    small, _, large = national.published.index
    services = [service.service for service in SERVICES]
    spreads = national.bands.query("statistic == 'spread'").set_index("measure")
    below, above = (spreads[spreads["band"] == band] for band in (small, large))
    spread = above.loc[services, "mean"]
    down = [name for name in services if below.loc[name, "mean"] > spread[name]]
    most, least = spread.idxmax(), spread.idxmin()
    seen = national.observed[services].mean().idxmax()
    bids = count(int(below.loc[PEOPLE, "proposals"]), "bid")
    return [
        "In submitted proposals variation is lower above 500,000 than below 300,000 for "
        f"{listed(LABELS[name] for name in down)}"
        + ("" if len(down) == len(services) else "; for the other services it is not")
        + f". Below 300,000 that rests on {bids}.",
        f"The published report finds SEND the most uneven. Here it is {LABELS[most]} "
        f"({percent(spread[most])} above 500,000), and {LABELS[least]} vary least "
        f"({percent(spread[least])}). Without any model, between the authorities of old "
        f"shire counties, it is {LABELS[seen]} too. A possible reason, untested: the "
        "report counts placements in SEND settings and home-to-school transport, which follow "
        "distance and schools; public data count plans.",
    ]
