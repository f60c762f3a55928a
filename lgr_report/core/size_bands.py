"""Size bands: the average unitary of each band, and how many such unitaries would cover the areas.

The published money and posts are stated as if every new unitary had its band's average population
(CCN/Newton, pp10, 56). The averages are not published. Here they come from the submitted
proposals, and other definitions stand beside them, so that a verdict can be shown to move or not.
"""

import numpy as np
import pandas as pd

from lgr_report.core import options
from lgr_report.core.footprints import subset_sums
from lgr_report.sources import areas, cache, proposals
from lgr_report.sources.areas import size_band
from lgr_report.sources.assumptions import assumption

SUBMITTED = "submitted unitaries"
OF_PROPOSALS = "unitaries of proposals in that band on average"
EVERY_OPTION = "unitaries of all contiguous options"
MIDDLE = "middle of the band"
DEFINITIONS = (SUBMITTED, OF_PROPOSALS, EVERY_OPTION, MIDDLE)


def unitaries() -> pd.DataFrame:
    """Return every submitted unitary whose residents are known, of bids for two or more.

    Returns
    -------
    pandas.DataFrame
        area_id, proposal_id, unitary_name, population (residents, mid-2024), band (of the
        unitary), band_of_proposal (of the mean unitary of its bid; missing where not all unitaries
        of the bid are known).
    """
    every = pd.concat([proposals.unitaries(area_id) for area_id in areas.ids()], ignore_index=True)
    every = every[every["n_unitaries"] > 1]
    bid = every.groupby(["area_id", "proposal_id"])["population"]
    whole = bid.transform("count") == every["n_unitaries"]
    means = bid.transform("mean").where(whole)
    every = every.assign(
        band=every["size_band"],
        band_of_proposal=[None if pd.isna(mean) else size_band(mean) for mean in means],
    ).dropna(subset=["population"])
    columns = ["area_id", "proposal_id", "unitary_name", "population", "band", "band_of_proposal"]
    # A bid listed under two areas is one bid.
    return every[columns].drop_duplicates(["proposal_id", "unitary_name"], ignore_index=True)


@cache.once_per_batch
def averages() -> pd.DataFrame:
    """Return the average population of each band under each definition.

    Returns
    -------
    pandas.DataFrame
        definition (of `DEFINITIONS`), band, unitaries (how many are averaged; missing for the
        middle of a band), population (residents of the average unitary), needed (how many such
        unitaries would cover the 21 areas: their residents ÷ population, not rounded).
    """
    submitted = unitaries()
    people, weight = _option_unitaries()
    small, medium = assumption("band_small_max"), assumption("band_medium_max")
    of_option = np.searchsorted([small, medium], people)
    # The highest band has no upper end: its middle is as far above as the one below is wide.
    middle = (small / 2, (small + medium) / 2, 1.5 * medium)
    total = sum(areas.population(area_id) for area_id in areas.ids())
    rows = []
    for place, band in enumerate(areas.size_bands()):
        own = submitted.loc[submitted["band"] == band, "population"].astype(float)
        bid = submitted.loc[submitted["band_of_proposal"] == band, "population"].astype(float)
        mine = of_option == place
        average = np.average(people[mine], weights=weight[mine])
        rows += [
            (SUBMITTED, band, len(own), own.mean()),
            (OF_PROPOSALS, band, len(bid), bid.mean()),
            (EVERY_OPTION, band, weight[mine].sum(), average),
            (MIDDLE, band, pd.NA, middle[place]),
        ]
    table = pd.DataFrame(rows, columns=["definition", "band", "unitaries", "population"])
    table["needed"] = total / table["population"]
    table = table.sort_values("definition", key=lambda d: d.map(DEFINITIONS.index), kind="stable")
    return table.astype({"unitaries": "Int64"}).reset_index(drop=True)


def _option_unitaries() -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes of footprints of options of two or more, and in how many options each is."""
    people, weight = [], []
    for area_id in areas.ids():
        found = options.contiguous_options(area_id)
        size = subset_sums(found.graph.populations)
        for k, masks in found.masks.items():
            if k > 1 and len(masks):
                mask, times = np.unique(masks, return_counts=True)
                people.append(size[mask])
                weight.append(times)
    return np.concatenate(people).astype(float), np.concatenate(weight)
