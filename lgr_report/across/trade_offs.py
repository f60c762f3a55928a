"""Trade-offs: each proposal between the best and the worst that any contiguous option reaches.

Metrics have units of their own, so they are set on one scale: 0 is the best of all the area's
options on that metric, 100 the worst. The scale takes points, not intervals: the table of
`comparison` has those.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.across.comparison import metrics
from lgr_report.chapters.registry import registry
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import LOWER, Metric, divides
from lgr_report.core.scores import rows_of_proposals
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    no_wider,
    picture,
    styled,
)
from lgr_report.sources.cache import by_content

SAME = 1e-6  # of the hundred steps: sums in another order differ so
MARKS = "osD^vPX*"
COLOURS = (BLUE, ORANGE, TEAL, PURPLE, GREY)


@dataclass(frozen=True, eq=False)
class Reach:
    """What all options of an area reach on each metric, and where its proposals are.

    ``options`` has a row for each option (index: number of unitaries, row of that number) and a
    column a metric that chapters name for this chart (``short``); ``places`` a row for each
    proposal that is one of the options, with its name, whether it was decided on, and per metric 0
    (best of all options) to 100 (worst); missing where a metric is missing or the same for all
    options, or the proposal divides no authority of today: arithmetic then puts it there, but for
    metrics that count councils, which are drawn and never counted. ``inconclusive`` names the
    metrics whose order may be chance.
    """

    options: pd.DataFrame
    places: pd.DataFrame
    inconclusive: frozenset[str]


def shown_metrics() -> dict[str, Metric]:
    """Return the metrics that the chart shows, by identifier."""
    return {name: metric for name, metric in metrics().items() if metric.short}


@by_content
def reach(here: Divisions) -> Reach:
    """Measure every option of an area on every metric, and place its proposals among them."""
    tables, inconclusive = [], set()
    for chapter in registry():
        if chapter.measure_options is not None and chapter.applies(here):
            table = chapter.measure_options(here)
            tables.append(table[[m.metric for m in chapter.metrics if m.short]])
            inconclusive |= {m.metric for m in chapter.metrics if _holds_zero(table, m.metric)}
            if chapter.inconclusive is not None:
                inconclusive |= chapter.inconclusive(here, table)
    values = pd.concat(tables, axis=1)
    return Reach(values, _places(here, values), frozenset(inconclusive))


def _holds_zero(table: pd.DataFrame, metric: str) -> bool:
    """Return whether every option's interval is known and holds zero."""
    if f"{metric}_low" not in table:
        return False
    return bool(((table[f"{metric}_low"] <= 0) & (table[f"{metric}_high"] >= 0)).all())


def _places(here: Divisions, values: pd.DataFrame) -> pd.DataFrame:
    scale = _scaled(values)
    bids = {proposal.proposal_id: proposal for proposal in here.proposals}
    counting = [name for name in values if metrics()[name].counts_councils]
    rows = []
    for name, row in rows_of_proposals(here.options, here.proposals).items():
        place = scale.loc[row]
        if not divides(bids[name].division, here.demand):
            place = place[counting].reindex(scale.columns)
        about = {"name": bids[name].name, "decided": name == here.decided}
        rows.append({"proposal_id": name} | about | place.to_dict())
    return pd.DataFrame(rows, columns=["proposal_id", "name", "decided", *values])


def _scaled(values: pd.DataFrame) -> pd.DataFrame:
    """Return each value between the best (0) and the worst (100) of its column."""
    lower = pd.Series({name: metrics()[name].better == LOWER for name in values})
    best = values.min().where(lower, values.max())
    worst = values.max().where(lower, values.min())
    # Sums in another order differ in the last digit: such a metric is the same for all options.
    span = (worst - best).where(~np.isclose(worst, best))
    return 100 * (values - best) / span


@styled
def trade_offs(area: str, found: Reach) -> Figure:
    """Draw where each proposal lies between the best and the worst of all options."""
    places = found.places
    names = [name for name in found.options if found.options[name].notna().any()]
    title = _title(area, found)
    height = 0.5 * len(names) + 0.3 * len(places) + 2.6
    drawn = picture(height, title, _source(names, _hollow(found, names)))
    axes = drawn.add_subplot()
    axes.hlines(range(len(names)), 0, 100, color="#B1B4B6", linewidth=1)
    for i, row in enumerate(places.itertuples()):
        # Marks of one metric stand a little apart, so that equal ones are all seen.
        shift = (i - (len(places) - 1) / 2) * min(0.14, 0.6 / max(len(places), 1))
        colour, mark = COLOURS[i % len(COLOURS)], MARKS[i % len(MARKS)]
        at = np.array([getattr(row, name) for name in names])
        for hollow in (False, True):
            rows = np.array([(name in found.inconclusive) == hollow for name in names])
            axes.plot(
                at[rows],
                np.flatnonzero(rows) + shift,
                mark,
                color="white" if hollow else colour,
                markersize=9,
                markeredgecolor=colour if hollow else "black",
                markeredgewidth=2 if row.decided or hollow else 0.5,
                label=None if hollow else "\n".join(no_wider([_named(row)], 60)),
            )
    axes.set_yticks(range(len(names)), no_wider([_label(name) for name in names], 24))
    axes.invert_yaxis()
    axes.set_xlim(-4, 104)
    axes.set_xticks(
        [0, 25, 50, 75, 100], ["best of\nall options", "25", "50", "75", "worst of\nall"]
    )
    if len(places):
        axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.14), frameon=False, fontsize=9.5)
    return Figure(drawn, title, _alt(found, names), _table(area, found, names))


def _label(name: str) -> str:
    metric = metrics()[name]
    return metric.short + (" (counts councils)" if metric.counts_councils else "")


def _named(row: object) -> str:
    return f"{row.name} (decided)" if row.decided else row.name


def _title(area: str, found: Reach) -> str:
    """Return how many proposals are the best or the worst of all options, not by construction."""
    places, n = found.places, f"{len(found.options):,}"
    if places.empty:
        return f"{area}: no proposal is one of the {n} contiguous options"
    counted = [
        name
        for name in found.options
        if not metrics()[name].counts_councils and name not in found.inconclusive
    ]
    scale = places[counted].astype(float)
    if scale.isna().all(axis=None):
        return (
            f"{area}: public data and arithmetic leave no metric on which a proposal could be the "
            f"best or the worst of {n} options"
        )
    best, worst = (np.isclose(scale, end, atol=SAME).any(axis=1).sum() for end in (0, 100))
    many = phrases.count(len(places), "proposal")
    if not best and not worst:
        who = "the one proposal is neither" if len(places) == 1 else f"none of {many} is"
        end = "nor" if len(places) == 1 else "or"
        return (
            f"{area}: {who} the best {end} the worst of {n} options on any metric that arithmetic "
            "does not decide"
        )
    return (
        f"{area}: of {many} {_are(best)} the best of {n} options on a metric that arithmetic does "
        f"not decide; {_are(worst)} the worst on one"
    )


def _are(number: int) -> str:
    return "none is" if not number else f"{number} {'is' if number == 1 else 'are'}"


def _hollow(found: Reach, names: list[str]) -> list[str]:
    """Return the metrics on which a proposal has a place in an order that may be chance."""
    placed = found.places[names].notna().any()
    return [name for name in names if name in found.inconclusive and placed[name]]


def _source(names: list[str], hollow: list[str]) -> str:
    missing = [metric.short for name, metric in shown_metrics().items() if name not in names]
    gone = f"; not available: {', '.join(missing)}" if missing else ""
    unsure = "; hollow: public data do not settle the order" if hollow else ""
    uncut = "; who divides no council of today is placed on counts of councils only"
    return f"computed, points; intervals are in the table of proposals{unsure}{uncut}{gone}"


def _alt(found: Reach, names: list[str]) -> str:
    labels = {name: _label(name) for name in shown_metrics()}
    unsure = phrases.listed(labels[name] for name in _hollow(found, names))

    def known(value: float) -> str:
        return "no place" if pd.isna(value) else f"{value:.0f}"

    spoken = "; ".join(
        f"{_named(row)}: "
        + ", ".join(f"{labels[name]} {known(getattr(row, name))}" for name in names)
        for row in found.places.itertuples()
    )
    return (
        f"From 0, the best of {len(found.options):,} contiguous options, to 100, the worst. "
        f"{spoken}. " + (f"Public data do not settle the order on {unsure}." if unsure else "")
    ).strip()


def _table(area: str, found: Reach, names: list[str]) -> Table:
    rows = []
    for name in names:
        metric = metrics()[name]
        ends = found.options[name].agg(["min", "max"])
        best, worst = ends if metric.better == LOWER else ends[::-1]
        places = {_named(row): getattr(row, name) for row in found.places.itertuples()}
        rows.append({"metric": _label(name), "best of all options": best, "worst": worst} | places)
    frame = pd.DataFrame(rows)
    caption = f"Proposals between best (0) and worst (100) of all options, {area}"
    return Table(frame, caption, dict.fromkeys(frame.columns[3:], "{:.0f}"))
