"""An area's divisions side by side on every metric: councils today, and each computable proposal.

Every model measures every division by the same function, so a column of the table can be compared
along its row. What government decided is marked where it is one of the proposals.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs import high_needs
from lgr_report.chapters.partnerships import partnerships
from lgr_report.chapters.quality import quality
from lgr_report.chapters.residence import residence
from lgr_report.chapters.staffing import staffing
from lgr_report.chapters.unit_cost import unit_cost
from lgr_report.core.demand import Demand
from lgr_report.core.metrics import LOWER, NEITHER, Metric, frame, today
from lgr_report.core.options import proposals
from lgr_report.core.variation import PEOPLE, area_demand, variation
from lgr_report.sources import areas, decisions
from lgr_report.sources.areas import assumption

BEST, WORST = "▲ best", "▼ worst"
# These only count councils: whoever makes fewer has fewer.
COUNTING = ("directors", "senior_posts_change", "senior_cost_change", "icb_links")
COUNTING += ("authorities_per_icb", "police_links")
# These are zero for one council by definition, which is then no achievement.
ZERO_FOR_ONE = ("demand_spread", "deficit_rule_spread", "residence_fall", "residence_growth")
# The same where the intervals of best and worst overlap: by value only.
BEST_BY_VALUE, WORST_BY_VALUE = "△ best, by value", "▽ worst, by value"


@dataclass(frozen=True)
class Division:
    """A division of an area's councils into footprints: a proposal, or the councils of today."""

    name: str
    footprints: tuple[tuple[str, ...], ...]
    proposal_id: str | None = None
    decided: bool = False

    @property
    def heading(self) -> str:
        """The name, with what government decided marked."""
        return f"{self.name} (decided)" if self.decided else self.name


def divisions(area_id: str, demand: Demand) -> list[Division]:
    """Return the councils of today and every proposal that can be computed, in that order."""
    codes = areas.councils(area_id)["gss_code"].tolist()
    chosen = decisions.get(area_id).chosen_proposal_id
    now = tuple(tuple(group) for group in today(demand, codes))
    return [
        Division("Today", now),
        *(
            Division(
                bid.name,
                tuple(footprint for _, footprint in bid.footprints),
                bid.proposal_id,
                bid.proposal_id == chosen,
            )
            for bid in proposals(area_id)
            if bid.footprints
        ),
    ]


def left_out(area_id: str) -> list[str]:
    """Return a sentence for the proposals that cannot be computed; none if all can."""
    chosen = decisions.get(area_id).chosen_proposal_id
    bids = [bid for bid in proposals(area_id) if not bid.footprints]
    words = []
    for status in dict.fromkeys(bid.status for bid in bids):
        names = areas.listed(
            f"“{bid.name}”" + (" (the decided one)" if bid.proposal_id == chosen else "")
            for bid in bids
            if bid.status == status
        )
        words.append(f"Not in the table: {names}: {status}.")
    return words


def size_and_balance(
    area_id: str, footprints: Sequence[Sequence[str]], demand: Demand
) -> tuple[Metric, ...]:
    """Measure what a division is before any model: unitaries, the smallest, demand balance."""
    mine = area_demand(demand, [code for footprint in footprints for code in footprint])
    people = dict(zip(mine.gss_codes, mine.residents, strict=True))
    sizes = [sum(people[code] for code in footprint) for footprint in footprints]
    count, least = float(len(sizes)), float(min(sizes))
    found = [
        Metric(
            "unitaries", "unitary councils", "councils", count, count, count, NEITHER, "{:,.0f}"
        ),
        Metric("smallest", "smallest council", "people", least, least, least, NEITHER, "{:,.0f}"),
    ]
    if len(sizes) > 1:
        table = variation(mine, footprints).set_index(["measure", "statistic"])
        row = table.loc[(PEOPLE, "spread")]
        value = row[["expected", "low", "high"]].to_numpy(dtype=float) * 100
    else:
        value = np.zeros(3)  # one council cannot differ from itself
    label = "demand imbalance: largest less smallest rate, over the area's"
    return (*found, Metric("demand_spread", label, "per cent", *value, LOWER, "{:,.0f}%"))


MODELS: tuple[Callable[..., tuple[Metric, ...]], ...] = (
    size_and_balance,
    unit_cost.measure,
    staffing.measure,
    quality.measure,
    high_needs.measure,
    partnerships.measure,
    residence.measure,
)


def measured(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return every metric of every division of an area.

    Returns
    -------
    pandas.DataFrame
        One row a division and metric: division (heading), place (order), proposal_id, decided, the
        columns of `metrics.frame`, and mark: best or worst among the proposals whose value is
        known, and whether intervals tell them apart; else empty. Today is never marked.
    """
    parts = []
    for place, division in enumerate(divisions(area_id, demand)):
        found = [m for model in MODELS for m in model(area_id, division.footprints, demand)]
        parts.append(
            frame(found).assign(
                division=division.heading,
                place=place,
                proposal_id=division.proposal_id,
                decided=division.decided,
            )
        )
    table = pd.concat(parts, ignore_index=True)
    return table.assign(mark=_marks(table))


def _marks(table: pd.DataFrame) -> pd.Series:
    marks = pd.Series("", index=table.index)
    proposed = table[(table["place"] > 0) & table["value"].notna()]
    councils = table[table["metric"] == "unitaries"].set_index("place")["value"]
    single = proposed["place"].map(councils) == 1
    proposed = proposed[~(single & proposed["metric"].isin(ZERO_FOR_ONE))]
    for _, part in proposed.groupby("metric"):
        better = part["better"].iloc[0]
        if better == NEITHER or part["text"].nunique() < 2:
            continue
        ranked = part["value"] if better == LOWER else -part["value"]
        best, worst = np.isclose(ranked, ranked.min()), np.isclose(ranked, ranked.max())
        first, last = part[best].iloc[0], part[worst].iloc[0]
        apart = first["high"] < last["low"] or first["low"] > last["high"]
        marks[part.index[best]] = BEST if apart else BEST_BY_VALUE
        marks[part.index[worst]] = WORST if apart else WORST_BY_VALUE
    return marks


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return `measured` for a page: a row a metric, a column a division."""
    text = (table["text"] + " " + table["mark"]).str.strip()
    label = (
        table["label"].str[:1].str.upper()
        + table["label"].str[1:]
        + " ("
        + table["better"].map(_wish)
        + ")"
    )
    wide = table.assign(text=text, label=label.str.removesuffix(" ()")).pivot_table(
        index=["metric", "label", "unit"],
        columns=["place", "division"],
        values="text",
        aggfunc="first",
    )
    order = table["metric"].drop_duplicates()
    wide = wide.reindex(order, level="metric").fillna("–")
    wide.columns = areas.distinct([name for _, name in wide.columns])
    return wide.reset_index(level=["label", "unit"]).rename(columns={"label": "metric"})


def _wish(better: str) -> str:
    return "" if better == NEITHER else f"{better} is better"


def in_words(area_id: str, table: pd.DataFrame) -> list[str]:
    """Return what the comparison shows, in sentences computed from `measured`."""
    bids = table[table["place"] > 0]
    names = bids.drop_duplicates("place").set_index("place")["division"]
    if names.empty:
        return [
            f"No proposal of {areas.get(area_id).name} can be computed: only the councils of "
            "today are shown.",
            *left_out(area_id),
        ]
    if len(names) == 1:
        return [
            f"Only “{names.iloc[0]}” can be computed: there is nothing to compare it with but "
            "today.",
            *left_out(area_id),
        ]
    marked = bids[bids["mark"] != ""]
    counting = marked["metric"].isin(COUNTING)
    told, count = marked["metric"].nunique(), marked.loc[counting, "metric"].nunique()
    apart = marked.loc[(marked["mark"] == BEST) & ~counting, "metric"].nunique()
    words = [
        f"The proposals differ on {areas.count(told, 'metric')}. {count} of them only count "
        "councils and their partners: fewer councils need fewer. On "
        f"{apart} of the other {told - count} the {assumption('interval_level'):.0%} intervals of "
        "best and worst do not overlap (▲ ▼); where they overlap (△ ▽), a difference may still be "
        "there, but these intervals do not show it. Nobody has weighed the metrics against one "
        "another here: that is for those who decide."
    ]
    if (bids.loc[bids["metric"] == "unitaries", "value"] == 1).any():
        words.append(
            "One council cannot differ from itself: where a metric measures differences between "
            "unitaries, its zero is no achievement, and it is not marked."
        )
    return [*words, *left_out(area_id)]
