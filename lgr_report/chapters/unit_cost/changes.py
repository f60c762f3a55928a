"""Changes: what another division of councils would do to the bill for the same care.

The published report applies predicted(unitary) ÷ predicted(county) to placements (CCN/Newton,
pp52–56). Deprivation, income and region of a place stay what they are when councils are redrawn,
so what is left of the ratio is (residents of the unitary ÷ residents of the authority that pays
today) to the power of the elasticity of `lgr_report.chapters.unit_cost.elasticity`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from lgr_report.chapters.unit_cost import elasticity
from lgr_report.chapters.unit_cost.economies import change, with_interval
from lgr_report.core.demand import Demand
from lgr_report.core.footprints import subset_sums
from lgr_report.core.metrics import Footprints
from lgr_report.sources.services import SERVICES, people


@dataclass(frozen=True, eq=False)
class Spend:
    """What councils' residents cost today, and who pays.

    ``amount`` is councils × authorities, gross spend of 2024-25 on the series of
    `elasticity.added_up` in GBP million a year: a council's place is in the column of its present
    authority, missing (NaN) if that did not report. ``residents`` are those of the councils,
    ``present`` those of the whole authorities, named in ``authorities``.
    """

    amount: np.ndarray
    residents: np.ndarray
    present: np.ndarray
    authorities: tuple[str, ...]

    @property
    def not_reported(self) -> list[str]:
        """Authorities whose spend is missing."""
        missing = np.isnan(self.amount).any(axis=0)
        return [name for name, gone in zip(self.authorities, missing, strict=True) if gone]


def spend_of(demand: Demand, gss_codes: Iterable[str], reported: pd.DataFrame) -> Spend:
    """Return the spend on councils' residents.

    An authority's reported spend (`elasticity.spend`) is shared among its districts by their
    estimated demand for the service (by residents of the ages served, where it published no
    total); a unitary has its own.
    """
    chosen = demand.select(gss_codes)
    names, group = np.unique(chosen.authority.astype(str), return_inverse=True)
    figures, published = demand.authorities.loc[names].iloc[group], reported.reindex(names)
    amount = np.zeros(len(group))
    for name, served in elasticity.added_up()["service"].items():
        place = [service.service for service in SERVICES].index(served)
        share = chosen.estimate[:, place] / figures[served].to_numpy(dtype=float)
        by_age = chosen.people[:, place] / people(figures, SERVICES[place]).to_numpy(dtype=float)
        amount += np.where(np.isnan(share), by_age, share) * published[name].to_numpy()[group]
    whole = demand.authorities.loc[names]
    return Spend(
        amount=np.where(group[:, None] == np.arange(len(names)), amount[:, None], 0.0),
        residents=chosen.residents.astype(float),
        present=whole["residents"].to_numpy(dtype=float),
        authorities=tuple(whole["authority_name"]),
    )


def of_masks(spend: Spend, masks: np.ndarray, elasticities: np.ndarray) -> np.ndarray:
    """Return the change of each of many options: options × (value, low, high), GBP million a year.

    Parameters
    ----------
    spend
        As `spend_of` returns it; its councils are the bits, the first the lowest.
    masks
        Options × unitaries, as `lgr_report.core.options` makes them: not checked here.
    elasticities
        Value first, then points of its interval.
    """
    residents = subset_sums(spend.residents)
    residents[0] = 1  # the empty footprint is in no option
    table = change(subset_sums(spend.amount), residents, spend.present, elasticities)
    return with_interval(sum(table[:, column] for column in masks.T)).T


def of_footprints(spend: Spend, footprints: Footprints, elasticities: np.ndarray) -> np.ndarray:
    """Return the change of one division at some elasticities, GBP million a year.

    The councils of ``spend`` are those of the footprints, in their order.
    """
    ends = np.cumsum([0, *(len(codes) for codes in footprints)])
    parts = [slice(start, end) for start, end in pairwise(ends)]
    amount = np.stack([spend.amount[part].sum(axis=0) for part in parts])
    residents = np.array([spend.residents[part].sum() for part in parts])
    return change(amount, residents, spend.present, elasticities).sum(axis=1)
