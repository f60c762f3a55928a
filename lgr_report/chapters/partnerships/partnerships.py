"""Partnerships: the integrated care boards and police forces that an authority works with.

An authority works with a board if at least ``icb_min_lsoa_share`` of its neighbourhoods (LSOAs) lie
in the board's area; with a police force if any of its councils does: no council lies in two. The
boards are those of 2024; mergers since are not followed. A split county brings more authorities to
each board's table, and one that a border cuts may bring a board that mattered little before.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships.boards import Map, counts, mapped, thresholds
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import Claim
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import (
    LOWER,
    Footprints,
    Measurement,
    Metric,
    by_option,
    councils_of,
    today,
)
from lgr_report.core.options import proposals
from lgr_report.page import phrases
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

READINGS = (0.0, 0.05, 0.1)  # shares of LSOAs under which the national counts are shown
DATA = ("icb_overlap", "districts", "councils")


@once_per_batch
def _links(threshold: float) -> pd.DataFrame:
    """Return authorities of England × boards: whether they work together today."""
    districts = tables.read("districts")
    groups = districts.groupby("upper_tier_code")["gss_code"].agg(list)
    every = mapped(districts["gss_code"])
    return pd.DataFrame(every.works_with([*groups], threshold), groups.index, every.boards)


def _others(mine: Map, threshold: float) -> np.ndarray:
    """Return how many authorities outside these councils each of their boards works with today."""
    districts = tables.read("districts").set_index("gss_code")
    inside = districts.loc[[*mine.gss_codes], "upper_tier_code"].unique()
    return _links(threshold).drop(index=inside)[[*mine.boards]].sum().to_numpy(dtype=int)


LINKS = Metric(
    "icb_links",
    "pairs of an authority and a care board",
    "pairs",
    LOWER,
    "{:,.0f}",
    counts_councils=True,
    short="partnerships with care boards",
)
PER_BOARD = Metric(
    "authorities_per_icb",
    "authorities to a care board",
    "authorities",
    LOWER,
    "{:,.1f}",
    counts_councils=True,
)
POLICE = Metric(
    "police_links",
    "pairs of an authority and a police force",
    "pairs",
    LOWER,
    "{:,.0f}",
    counts_councils=True,
)
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
    mine = mapped(councils_of(footprints))
    now = today(demand, mine.gss_codes)
    links, each = [], []
    for threshold in thresholds():
        together = mine.works_with(footprints, threshold).sum(axis=0)
        partners = mine.works_with(now, threshold).any(axis=0)
        links.append(float(together.sum()))
        each.append(float((together + _others(mine, threshold))[partners].mean()))
    return (
        LINKS.measured(links[0], min(links), max(links)),
        PER_BOARD.measured(each[0], min(each), max(each)),
        POLICE.measured(float(mine.policed_by(footprints).sum())),
    )


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area, at the value of ``icb_min_lsoa_share``."""
    mine = mapped(here.options.graph.gss_codes)
    lsoas = subset_sums(mine.lsoas)
    lsoas[0, 0] = 1  # the empty footprint is in no option; it must not divide by zero
    boards = counts(lsoas / lsoas.sum(axis=1, keepdims=True))
    boards[0] = False
    police = np.bitwise_count(_any(mine.policed)).astype(int)
    partners = mine.works_with(today(here.demand, mine.gss_codes)).any(axis=0)
    others = _others(mine, thresholds()[0])[partners].sum()
    parts = {}
    for k, masks in here.options.masks.items():
        among = boards[:, partners].sum(axis=1)[masks].sum(axis=1)
        parts[k] = pd.DataFrame(
            {
                LINKS.metric: boards.sum(axis=1)[masks].sum(axis=1).astype(float),
                PER_BOARD.metric: (among + others) / partners.sum(),
                POLICE.metric: police[masks].sum(axis=1).astype(float),
            }
        )
    return by_option(parts)


def _any(members: np.ndarray) -> np.ndarray:
    """Return for every subset of councils the columns that any of them has, as bits."""
    bits = members.astype(np.int64) @ (1 << np.arange(members.shape[1]))
    found = np.zeros(1 << len(bits), dtype=np.int64)
    for place, own in enumerate(bits):
        found[1 << place : 2 << place] = found[: 1 << place] | own
    return found


@once_per_batch
def national() -> pd.DataFrame:
    """Return how the authorities of the 21 areas and boards work together today, by threshold.

    Returns
    -------
    pandas.DataFrame
        threshold (of `READINGS`), authorities, boards, links (pairs), boards_per_authority,
        authorities_per_board.
    """
    affected = [code for area_id in areas.ids() for code in areas.authorities(area_id)["gss_code"]]
    rows = []
    for threshold in sorted({*READINGS, *thresholds()}):
        together = _links(threshold).loc[affected].to_numpy()
        boards, links = int(together.any(axis=0).sum()), int(together.sum())
        of = links / len(affected), links / boards
        rows.append((threshold, len(affected), boards, links, *of))
    columns = ["threshold", "authorities", "boards", "links"]
    return pd.DataFrame(rows, columns=[*columns, "boards_per_authority", "authorities_per_board"])


def readings() -> pd.DataFrame:
    """Return how many authorities more than today a unitary of 500k on average can mean.

    Returns
    -------
    pandas.DataFrame
        reading, unitaries, mean (residents), additional, counts (whether the mean unitary is within
        ``near_500k`` of 500k: the others are readings of a least or a largest size).
    """
    size, now = assumption("band_medium_max"), int(national()["authorities"].iloc[0])
    parts = np.array([areas.population(area_id) for area_id in areas.ids()])
    found = {
        "all residents ÷ 500k, not rounded": parts.sum() / size,
        "all residents ÷ 500k, rounded up": np.ceil(parts.sum() / size),
        "each area rounded to the nearest number": np.maximum(np.rint(parts / size), 1).sum(),
        "each area rounded up: none above 500k": np.ceil(parts / size).sum(),
        "each area rounded down: none below 500k": np.maximum(parts // size, 1).sum(),
    }
    table = pd.DataFrame({"reading": [*found], "unitaries": [*map(float, found.values())]})
    table["mean"] = parts.sum() / table["unitaries"]
    table["additional"] = table["unitaries"] - now
    table["counts"] = (table["mean"] / size - 1).abs() <= assumption("near_500k")
    return table


@once_per_batch
def submitted() -> pd.DataFrame:
    """Return the partners of every computable submitted proposal of two or more unitaries.

    Returns
    -------
    pandas.DataFrame
        area_id, proposal_id, band (of the mean unitary), authorities_today, authorities, and
        icb_links, authorities_per_icb and police_links with the same columns for today
        (``icb_links_today`` …).
    """
    demand, rows = of_england(), []
    for area_id in areas.ids():
        for bid in proposals(area_id):
            if len(bid.footprints) < 2:
                continue
            groups = [group for _, group in bid.footprints]
            codes = [code for group in groups for code in group]
            now = today(demand, codes)
            residents = demand.select(codes).residents.sum()
            row = {"area_id": area_id, "proposal_id": bid.proposal_id}
            row["band"] = areas.size_band(residents / len(groups))
            for ending, footprints in (("_today", now), ("", groups)):
                row[f"authorities{ending}"] = len(footprints)
                for one in measure(footprints, demand):
                    row[f"{one.metric.metric}{ending}"] = one.value
            rows.append(row)
    return pd.DataFrame(rows)


def claims() -> tuple[Claim, ...]:
    """Return claims for the published figures of partnerships (PA01, PA04)."""
    table = national().set_index("threshold")
    value = float(table.loc[thresholds()[0], "boards"])
    more = readings()
    used = more.loc[more["counts"], "additional"]
    ends = float(used.min()), float(used.max())
    return (
        Claim(
            "PA01",
            value,
            float(table["boards"].min()),
            float(table["boards"].max()),
            data=DATA,
            how=f"boards with at least {thresholds()[0]:.0%} of the LSOAs of an authority of the "
            f"areas; range over thresholds from any LSOA to {table.index.max():.0%}",
        ),
        Claim(
            "PA04",
            float(more["additional"].iloc[0]),
            *ends,
            data=("councils",),
            how="residents of the areas divided by 500,000, less authorities today; range over "
            "ways to round to whole unitaries",
            effect=(float(more["additional"].iloc[0]), *ends),
        ),
    )


def in_words(area_id: str, demand: Demand) -> list[str]:
    """Return the national result, the area's proposals, and how far to trust it."""
    here, counted = areas.get(area_id), national().set_index("threshold")
    value, _, high = thresholds()
    published = tables.read("published_findings").set_index("finding_id")["value"]
    codes = areas.councils(area_id)["gss_code"].tolist()
    now = measure(today(demand, codes), demand)
    bids = [bid for bid in proposals(area_id) if bid.footprints]
    found = [measure([g for _, g in bid.footprints], demand) for bid in bids]
    links = [metrics[0].value for metrics in found]
    each = [metrics[1].value for metrics in found]
    if bids:
        told = (
            f"Under the computable proposals of {here.name} there would be {_span(links, 0)} pairs "
            f"of an authority and a care board, against {now[0].value:.0f} today; a board "
            f"would work with {_span(each, 1)} authorities on average, against {now[1].value:.1f}"
        )
    else:
        told = f"No proposal of {here.name} can be computed at district level"
    left = phrases.listed(f"“{bid.name}”" for bid in proposals(area_id) if not bid.footprints)
    return [
        f"{counted.loc[value, 'boards']:.0f} integrated care boards work with the "
        f"{counted['authorities'].iloc[0]:.0f} upper-tier authorities of the 21 areas "
        f"({counted['boards'].min():.0f} to {counted['boards'].max():.0f} by threshold; published: "
        f"{published['PA01']:.0f}).",
        f"{told}{f'; not computable: {left}' if left else ''}.",
        f"The boards are those of 2024, and boards are being merged. A board counts from "
        f"{value:.0%} of an authority's neighbourhoods (ranges: any to {high:.0%}): a share of "
        "the map, not of the work that two bodies do together.",
    ]


def _span(values: Sequence[float], digits: int) -> str:
    ends = [f"{end:.{digits}f}" for end in (min(values), max(values))]
    return " to ".join(dict.fromkeys(ends))
