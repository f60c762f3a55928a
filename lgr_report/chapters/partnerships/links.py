"""Links: the pairs of an authority and a care board or police force under any division.

An authority works with a board if at least ``icb_min_lsoa_share`` of its neighbourhoods (LSOAs) lie
in the board's area; with a police force if any of its councils does: no council lies in two. A
split county brings more authorities to each board's table, and one that a border cuts may bring a
board that mattered little before.
"""

from functools import partial

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships.boards import THRESHOLD, Map, counts, mapped
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import LOWER, Footprints, Measurement, Metric, by_option, today
from lgr_report.sources.assumptions import bounds

COUNT = partial(Metric, better=LOWER, counts_councils=True, style="{:,.0f}")
LINKS = COUNT(
    "icb_links",
    "pairs of an authority and a care board of 2024",
    "pairs",
    short="partnerships with care boards",
)
PER_BOARD = COUNT(
    "authorities_per_icb",
    "authorities to a care board of 2024, those outside the area counted",
    "authorities",
    style="{:,.1f}",
)
POLICE = COUNT("police_links", "pairs of an authority and a police force", "pairs")
METRICS = (LINKS, PER_BOARD, POLICE)


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure the partners of a division.

    Returns
    -------
    tuple of Measurement
        `LINKS`, `PER_BOARD` (mean over the boards that work with these councils' authorities
        today; authorities elsewhere that they work with count as they are today), `POLICE`. Ends
        of the intervals are those over the range of ``icb_min_lsoa_share``.
    """
    places = mapped(footprints)
    now = today(demand, places.lsoas.index)
    low, value, high = bounds(THRESHOLD)
    by_threshold = [_board_links(places, footprints, now, least) for least in (value, low, high)]
    links, each = zip(*by_threshold, strict=True)
    return (
        LINKS.measured(links[0], min(links), max(links)),
        PER_BOARD.measured(each[0], min(each), max(each)),
        POLICE.measured(float(places.policed_by(footprints).sum())),
    )


def _board_links(
    places: Map, footprints: Footprints, now: Footprints, threshold: float
) -> tuple[float, float]:
    """Return `LINKS` and `PER_BOARD` at a least share of LSOAs."""
    together = places.works_with(footprints, threshold).sum(axis=0)
    partners = places.works_with(now, threshold).any(axis=0)
    return float(together.sum()), float((together + places.others(threshold))[partners].mean())


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area, at the value of ``icb_min_lsoa_share``."""
    places = mapped([here.options.graph.gss_codes])
    lsoas = subset_sums(places.lsoas.to_numpy())
    lsoas[0, 0] = 1  # the empty footprint is in no option; it must not divide by zero
    boards = counts(lsoas / lsoas.sum(axis=1, keepdims=True))
    partners = places.works_with(today(here.demand, places.lsoas.index)).any(axis=0)
    others = places.others()[partners].sum()
    police = np.bitwise_count(any_of(places.policed.to_numpy()))
    footprints = np.array([boards.sum(axis=1), boards[:, partners].sum(axis=1), police], float)
    parts = {}
    for k, masks in here.options.masks.items():
        pairs, among, forces = footprints[:, masks].sum(axis=2)
        values = np.column_stack([pairs, (among + others) / partners.sum(), forces])
        parts[k] = pd.DataFrame(values, columns=[metric.metric for metric in METRICS])
    return by_option(parts)


def any_of(members: np.ndarray) -> np.ndarray:
    """Return for every subset of councils (rows) the columns that any of them has, as bits."""
    bits = members.astype(np.int64) @ (1 << np.arange(members.shape[1]))
    together = np.zeros(1 << len(bits), dtype=np.int64)
    for place, own in enumerate(bits):
        together[1 << place : 2 << place] = together[: 1 << place] | own
    return together
