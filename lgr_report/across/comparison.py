"""An area's divisions side by side on every metric: councils today, and each computable proposal.

Every chapter measures every division by the same function, so a column of the table can be compared
along its row. What government decided is marked where it is one of the proposals.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.registry import registry
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import LOWER, NEITHER, Footprints, Metric, frame
from lgr_report.page import phrases
from lgr_report.page.phrases import quoted
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content

BEST, WORST = "▲ best", "▼ worst"
# The same where the intervals of best and worst overlap: by value only.
BEST_BY_VALUE, WORST_BY_VALUE = "△ best, by value", "▽ worst, by value"


@dataclass(frozen=True)
class Division:
    """A division of an area's councils into footprints: a proposal, or the councils of today."""

    name: str
    footprints: Footprints
    proposal_id: str | None = None
    decided: bool = False

    @property
    def heading(self) -> str:
        """The name, with what government decided marked."""
        return f"{self.name} (decided)" if self.decided else self.name


def metrics() -> dict[str, Metric]:
    """Return the metrics of all chapters by identifier, in the order of the chapters."""
    return {m.metric: m for chapter in registry() for m in chapter.metrics}


def divisions(here: Divisions) -> list[Division]:
    """Return the councils of today and every proposal that can be computed, in that order."""
    proposed = [
        Division(
            proposal.name,
            tuple(codes for _, codes in proposal.footprints),
            proposal.proposal_id,
            proposal.proposal_id == here.decided,
        )
        for proposal in here.computable
    ]
    return [Division("Today", here.today), *proposed]


def left_out(here: Divisions) -> list[str]:
    """Return a sentence for the proposals that cannot be computed; none if all can."""
    names: dict[str, list[str]] = {}
    for proposal in here.proposals:
        if not proposal.footprints:
            decided = " (the decided one)" if proposal.proposal_id == here.decided else ""
            names.setdefault(proposal.status, []).append(quoted(proposal.name) + decided)
    return [
        f"Not in the table: {phrases.listed(those)}: {status}." for status, those in names.items()
    ]


@by_content
def measured(here: Divisions) -> pd.DataFrame:
    """Return every metric of every division of an area.

    Returns
    -------
    pandas.DataFrame
        One row a division and metric: division (heading), place (order), proposal_id, decided, the
        columns of `metrics.frame`, text (value and interval for a page), and mark: best or worst
        among the proposals whose value is known, and whether intervals tell them apart; else
        empty. Today is never marked.
    """
    chapters = [c for c in registry() if c.measure is not None and c.applies(here)]
    parts = []
    for place, division in enumerate(divisions(here)):
        measurements = [
            m for chapter in chapters for m in chapter.measure(division.footprints, here.demand)
        ]
        parts.append(
            frame(measurements).assign(
                text=[phrases.measured(m) for m in measurements],
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
    proposed = proposed[~(single & proposed["zero_for_one"])]
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
    wish = (" (" + table["better"] + " is better)").where(table["better"] != NEITHER, "")
    label = table["label"].str[:1].str.upper() + table["label"].str[1:] + wish
    rows, columns = ["metric", "label", "unit"], ["place", "division"]
    wide = table.assign(text=text, label=label)
    wide = wide.pivot_table(index=rows, columns=columns, values="text", aggfunc="first")
    order = table["metric"].drop_duplicates()
    wide = wide.reindex(order, level="metric").fillna("–")
    wide.columns = phrases.distinct([name for _, name in wide.columns])
    return wide.reset_index(level=["label", "unit"]).rename(columns={"label": "metric"})


def in_words(here: Divisions, table: pd.DataFrame) -> list[str]:
    """Return what the comparison shows, in sentences computed from `measured`."""
    bids = table[table["place"] > 0]
    names = bids.drop_duplicates("place")["division"].tolist()
    if not names:
        none = f"No proposal of {here.name} can be computed: only the councils of today are shown."
        return [none, *left_out(here)]
    if len(names) == 1:
        lone = f"Only {quoted(names[0])} can be computed: there is nothing to compare it with but "
        return [f"{lone}today.", *left_out(here)]
    marked = bids[bids["mark"] != ""]
    counting = marked["counts_councils"].astype(bool)
    told, count = marked["metric"].nunique(), marked.loc[counting, "metric"].nunique()
    apart = marked.loc[(marked["mark"] == BEST) & ~counting, "metric"].nunique()
    words = [
        f"The proposals differ on {phrases.count(told, 'metric')}. {count} of them only count "
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
    return [*words, *left_out(here)]
