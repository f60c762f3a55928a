"""The published counts of care boards and authorities, counted for the country."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships.boards import THRESHOLD, counts, england
from lgr_report.chapters.partnerships.links import measure
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.metrics import Footprints, councils_of, today
from lgr_report.core.proposals import proposals
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption, bounds
from lgr_report.sources.cache import once_per_batch


@dataclass(frozen=True, eq=False)
class National:
    """Care boards and authorities of the country, today and as proposed.

    ``thresholds`` has a row for each least share of LSOAs that makes a board count: threshold,
    and of the authorities of the 21 areas today: authorities, boards, links (pairs). ``readings``
    says how many authorities more than today a unitary of 500k on average can mean: reading,
    unitaries, mean (residents), additional, counts (whether the mean unitary is within
    ``near_500k`` of 500k: the others are readings of a least or a largest size). ``submitted`` has
    the partners of every computable proposal of two or more unitaries: area_id, proposal_id, band
    (of the mean unitary), and authorities, icb_links, authorities_per_icb and police_links, each
    for today too (``authorities_today`` …). ``bands`` has the same by size band: proposals, sums
    of authorities and icb_links, means of per_icb. ``published`` are the findings by finding_id.
    """

    thresholds: pd.DataFrame
    readings: pd.DataFrame
    submitted: pd.DataFrame
    bands: pd.DataFrame
    published: pd.Series


@once_per_batch
def national(shares: tuple[float, ...] = (0.0, 0.05, 0.1)) -> National:
    """Count boards and authorities of the country.

    Parameters
    ----------
    shares : tuple of float
        Least shares of LSOAs under which boards are counted, beside those assumed.
    """
    affected = [code for area_id in areas.ids() for code in areas.authorities(area_id)["gss_code"]]
    bids, findings = submitted(of_england()), tables.read("published_findings")
    return National(
        thresholds=by_threshold(affected, {*shares, *bounds(THRESHOLD)}),
        readings=readings(len(affected)),
        submitted=bids,
        bands=by_band(bids),
        published=findings.query("theme == 'partnership'").set_index("finding_id")["value"],
    )


def by_threshold(authorities: list[str], thresholds: set[float]) -> pd.DataFrame:
    """Return with how many boards authorities (GSS codes) work today: see `National`."""
    shares = england()[1].loc[authorities].to_numpy()
    together = {least: counts(shares, least) for least in sorted(thresholds)}
    columns = {
        "threshold": [*together],
        "authorities": len(authorities),
        "boards": [counted.any(axis=0).sum() for counted in together.values()],
        "links": [counted.sum() for counted in together.values()],
    }
    return pd.DataFrame(columns)


def readings(authorities_today: int) -> pd.DataFrame:
    """Return what 500k residents on average can mean for the number of unitaries."""
    size = assumption("band_medium_max")
    residents = np.array([areas.population(area_id) for area_id in areas.ids()])
    unitaries = {
        "all residents ÷ 500k, not rounded": residents.sum() / size,
        "all residents ÷ 500k, rounded up": np.ceil(residents.sum() / size),
        "each area rounded to the nearest number": np.maximum(np.rint(residents / size), 1).sum(),
        "each area rounded up: none above 500k": np.ceil(residents / size).sum(),
        "each area rounded down: none below 500k": np.maximum(residents // size, 1).sum(),
    }
    table = pd.DataFrame({"reading": [*unitaries], "unitaries": [*map(float, unitaries.values())]})
    table["mean"] = residents.sum() / table["unitaries"]
    table["additional"] = table["unitaries"] - authorities_today
    table["counts"] = (table["mean"] / size - 1).abs() <= assumption("near_500k")
    return table


def submitted(demand: Demand) -> pd.DataFrame:
    """Return the partners of every computable submitted proposal of two or more unitaries."""
    return pd.DataFrame(
        {"area_id": area_id, "proposal_id": bid.proposal_id}
        | _partners([codes for _, codes in bid.footprints], demand)
        for area_id in areas.ids()
        for bid in proposals(area_id)
        if len(bid.footprints) > 1
    )


def _partners(footprints: Footprints, demand: Demand) -> dict[str, object]:
    codes = councils_of(footprints)
    row = {"band": areas.size_band(demand.select(codes).residents.sum() / len(footprints))}
    for ending, division in (("_today", today(demand, codes)), ("", footprints)):
        measured = {m.metric.metric: m.value for m in measure(division, demand)}
        row |= {f"{n}{ending}": v for n, v in {"authorities": len(division), **measured}.items()}
    return row


def by_band(bids: pd.DataFrame) -> pd.DataFrame:
    """Return `submitted` by size band: sums over proposals, means of authorities to a board."""
    bands = [*areas.size_bands()]
    by = bids.groupby(pd.Categorical(bids["band"], bands), observed=False)
    added = by[["authorities_today", "authorities", "icb_links_today", "icb_links"]].sum()
    means = by[["authorities_per_icb_today", "authorities_per_icb"]].mean()
    means.columns = ["per_icb_today", "per_icb"]
    table = pd.concat([by.size().rename("proposals"), added, means], axis=1)
    return table.set_axis(bands).rename_axis("band").reset_index()
