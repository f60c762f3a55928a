"""Trade-offs: each proposal between the best and the worst that any contiguous option reaches.

Metrics have units of their own, so they are set on one scale: 0 is the best of all the area's
options on that metric, 100 the worst. The scale takes points, not intervals: the table of
`comparison` has those.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs import deficits, high_needs
from lgr_report.chapters.partnerships import partnerships
from lgr_report.chapters.quality import quality
from lgr_report.chapters.residence import caseloads, residence_pairs
from lgr_report.chapters.staffing import staffing
from lgr_report.chapters.unit_cost import unit_cost
from lgr_report.core import intervals
from lgr_report.core.demand import Demand
from lgr_report.core.metrics import HIGHER, LOWER
from lgr_report.core.options import proposals
from lgr_report.core.scores import Scores, rows_of_proposals, vague
from lgr_report.core.variation import PEOPLE
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    canvas,
    no_wider,
    styled,
)
from lgr_report.sources import areas, decisions

# Metric, how a chart names it, and which way is better.
SHOWN = {
    "demand_spread": ("demand imbalance", LOWER),
    "unit_cost_change": ("unit cost of care", LOWER),
    "senior_cost_change": ("senior posts", LOWER),
    "quality_change": ("chance of Good or Outstanding", HIGHER),
    "deficit_ratio_worst": ("worst deficit over a year's money", LOWER),
    "icb_links": ("partnerships with care boards", LOWER),
    "residence_growth": ("growth of a care home caseload", LOWER),
}
NEAR = 5  # of the hundred steps from best to worst that count as there
MARKS = "osD^vPX*"
COLOURS = (BLUE, ORANGE, TEAL, PURPLE, GREY)


@dataclass(frozen=True, eq=False)
class Reach:
    """What all options of an area reach on each metric, and where its proposals are.

    ``options`` has a row for each option (index: number of unitaries, row of that number) and a
    column a metric of `SHOWN`; ``places`` a row for each proposal that is one of the options, with
    its name, whether it was decided on, and per metric 0 (best of all options) to 100 (worst);
    missing where a metric is missing or the same for all options. ``unsure`` names the metrics
    whose order may be chance: size has no effect that can be told from none, or places are vague.
    """

    options: pd.DataFrame
    places: pd.DataFrame
    unsure: frozenset[str]


def reach(area_id: str, scored: Scores, demand: Demand) -> Reach:
    """Measure every option of an area on every metric, and place its proposals among them."""
    codes = scored.options.graph.gss_codes
    spend = unit_cost.spend_of(demand, codes)
    held = deficits.balances(demand, codes, draws=0)
    case, years = caseloads.caseload(demand, codes), residence_pairs.horizon()
    both, growth = caseloads.SCOPES.index(caseloads.BOTH), caseloads.MEASURED.index("growth")
    worst = high_needs.METRICS.index("deficit_ratio_worst")
    frames, ends = {}, {"unit_cost_change": [], "quality_change": []}
    for k, masks in scored.options.masks.items():
        cost, chance = (
            unit_cost.of_masks(spend, masks),
            quality.of_masks(area_id, masks, demand),
        )
        ends["unit_cost_change"].append(cost)
        ends["quality_change"].append(chance)
        frames[k] = pd.DataFrame(
            {
                "demand_spread": 100 * scored.tables[k][PEOPLE].to_numpy(),
                "unit_cost_change": cost[:, 0],
                "senior_cost_change": staffing.of_masks(area_id, masks, demand)[
                    "senior_cost_change"
                ].to_numpy(),
                "quality_change": chance[:, 0],
                "deficit_ratio_worst": high_needs.of_masks(held, masks)[:, worst],
                "icb_links": partnerships.of_masks(area_id, masks, demand)["icb_links"].to_numpy(),
                "residence_growth": 100 * caseloads.of_masks(case, masks, years)[:, both, growth],
            }
        )
    values = pd.concat(frames, names=["n_unitaries", "option"])
    unsure = {name for name, parts in ends.items() if _holds_zero(np.concatenate(parts))}
    if _vague(scored):
        unsure.add("demand_spread")
    return Reach(values, _places(area_id, scored, values), frozenset(unsure))


def _vague(scored: Scores) -> bool:
    """Return whether no proposal's place for demand by people can be told from most others."""
    ends = [intervals.ends(drawn[:, 0]) for drawn in scored.places.values()]
    placed = [pair for pair in ends if not np.isnan(pair).any()]
    return bool(placed) and all(vague(low, high) for low, high in placed)


def _holds_zero(found: np.ndarray) -> bool:
    """Return whether every interval (options × value, low, high) holds zero."""
    return bool(((found[:, 1] <= 0) & (found[:, 2] >= 0)).all())


def _places(area_id: str, scored: Scores, values: pd.DataFrame) -> pd.DataFrame:
    scale = _scaled(values)
    found = rows_of_proposals(area_id, scored.options)
    names = {bid.proposal_id: bid.name for bid in proposals(area_id)}
    chosen = decisions.get(area_id).chosen_proposal_id
    rows = [
        {"proposal_id": bid, "name": names[bid], "decided": bid == chosen, **scale.loc[row]}
        for bid, row in found.items()
    ]
    return pd.DataFrame(rows, columns=["proposal_id", "name", "decided", *SHOWN])


def _scaled(values: pd.DataFrame) -> pd.DataFrame:
    """Return each value between the best (0) and the worst (100) of its column."""
    better = pd.Series({name: way for name, (_, way) in SHOWN.items()})
    best = values.min().where(better == LOWER, values.max())
    worst = values.max().where(better == LOWER, values.min())
    # Sums in another order differ in the last digit: such a metric is the same for all options.
    span = (worst - best).where(~np.isclose(worst, best))
    return 100 * (values - best) / span


@styled
def trade_offs(area_id: str, scored: Scores, demand: Demand) -> Figure:
    """Draw where each proposal lies between the best and the worst of all options."""
    found, here = reach(area_id, scored, demand), areas.get(area_id)
    places, n = found.places, len(found.options)
    metrics = [name for name in SHOWN if found.options[name].notna().any()]
    title = _title(here.name, places, n)
    drawn = canvas(
        0.5 * len(metrics) + 0.3 * len(places) + 2.6, title, _source(metrics, found.unsure)
    )
    axes = drawn.add_subplot()
    axes.hlines(range(len(metrics)), 0, 100, color="#B1B4B6", linewidth=1)
    for i, row in enumerate(places.itertuples()):
        # Marks of one metric stand a little apart, so that equal ones are all seen.
        shift = (i - (len(places) - 1) / 2) * min(0.14, 0.6 / max(len(places), 1))
        colour, mark = COLOURS[i % len(COLOURS)], MARKS[i % len(MARKS)]
        at = np.array([getattr(row, name) for name in metrics])
        for hollow in (False, True):
            rows = np.array([(name in found.unsure) == hollow for name in metrics])
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
    axes.set_yticks(range(len(metrics)), no_wider([SHOWN[name][0] for name in metrics], 24))
    axes.invert_yaxis()
    axes.set_xlim(-4, 104)
    axes.set_xticks(
        [0, 25, 50, 75, 100], ["best of\nall options", "25", "50", "75", "worst of\nall"]
    )
    if len(places):
        axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.14), frameon=False, fontsize=9.5)
    return Figure(drawn, title, _alt(found, metrics), _table(here.name, found, metrics))


def _named(row: object) -> str:
    return f"{row.name} (decided)" if row.decided else row.name


def _title(area: str, places: pd.DataFrame, n: int) -> str:
    if places.empty:
        return f"{area}: no proposal is one of the {n:,} contiguous options"
    first = places[[*SHOWN]].min(axis=1) <= NEAR
    last = places[[*SHOWN]].max(axis=1) >= 100 - NEAR
    return (
        f"{area}: of {areas.count(len(places), 'proposal')} {first.sum()} reach the best of "
        f"{n:,} options on some metric and {last.sum()} the worst on some"
    )


def _source(metrics: list[str], unsure: frozenset[str]) -> str:
    missing = [label for name, (label, _) in SHOWN.items() if name not in metrics]
    gone = f"; not available: {', '.join(missing)}" if missing else ""
    hollow = "; hollow: public data do not settle the order" if unsure else ""
    return f"computed, points; intervals are in the table of proposals{hollow}{gone}"


def _alt(found: Reach, metrics: list[str]) -> str:
    unsure = areas.listed(SHOWN[name][0] for name in metrics if name in found.unsure)

    def known(value: float) -> str:
        return "no place" if pd.isna(value) else f"{value:.0f}"

    spoken = "; ".join(
        f"{_named(row)}: "
        + ", ".join(f"{SHOWN[name][0]} {known(getattr(row, name))}" for name in metrics)
        for row in found.places.itertuples()
    )
    return (
        f"From 0, the best of {len(found.options):,} contiguous options, to 100, the worst. "
        f"{spoken}. " + (f"Public data do not settle the order on {unsure}." if unsure else "")
    ).strip()


def _table(area: str, found: Reach, metrics: list[str]) -> Table:
    rows = []
    for name in metrics:
        label, better = SHOWN[name]
        column = found.options[name]
        ends = (column.min(), column.max())
        best, worst = ends if better == LOWER else ends[::-1]
        places = {_named(row): getattr(row, name) for row in found.places.itertuples()}
        rows.append({"metric": label, "best of all options": best, "worst": worst} | places)
    frame = pd.DataFrame(rows)
    formats = dict.fromkeys(frame.columns[3:], "{:.0f}")
    return Table(
        frame, f"Proposals between best (0) and worst (100) of all options, {area}", formats
    )
