"""An area with every way to divide it: what a chapter is given to study."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lgr_report.core import scores
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.metrics import today
from lgr_report.core.options import Options, contiguous_options
from lgr_report.core.proposals import Proposal, proposals
from lgr_report.sources import areas, decisions
from lgr_report.sources.areas import Area


@dataclass(frozen=True, eq=False)
class Divisions:
    """An area, its councils and their demand, the proposals, and every contiguous option.

    Each part is read when it is first asked for: a page rests on no table that it does not use.
    Options count as contiguous over water if ``water_links``, and are scored over ``option_draws``
    draws of demand (None: as assumed; 0: at point estimates). ``other_demand`` stands in for
    `demand.of_england`.
    """

    area: Area
    water_links: bool = True
    option_draws: int | None = None
    other_demand: Demand | None = None

    @property
    def name(self) -> str:
        """Name of the area."""
        return self.area.name

    @cached_property
    def councils(self) -> pd.DataFrame:
        """Districts and unitaries, the largest first: see `areas.councils`."""
        return areas.councils(self.area.area_id)

    @cached_property
    def authorities(self) -> pd.DataFrame:
        """Authorities of today, the county first: see `areas.authorities`."""
        return areas.authorities(self.area.area_id)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """What was submitted to government: see `core.proposals`."""
        return proposals(self.area.area_id)

    @cached_property
    def decided(self) -> str | None:
        """The proposal_id that government chose; None where none is known."""
        return decisions.get(self.area.area_id).chosen_proposal_id

    @cached_property
    def demand(self) -> Demand:
        """Demand of all councils of England: proposals may take in some from outside."""
        return of_england() if self.other_demand is None else self.other_demand

    @property
    def gss_codes(self) -> list[str]:
        """GSS codes of the councils, the largest first."""
        return self.councils["gss_code"].tolist()

    @property
    def computable(self) -> list[Proposal]:
        """The proposals whose unitaries are whole councils."""
        return [proposal for proposal in self.proposals if proposal.footprints]

    @cached_property
    def today(self) -> list[list[str]]:
        """Councils by the authority that runs their services today."""
        return today(self.demand, self.gss_codes)

    @cached_property
    def options(self) -> Options:
        """Every contiguous option."""
        return contiguous_options(self.area.area_id, water_links=self.water_links)

    @cached_property
    def scores(self) -> scores.Scores:
        """Every option scored."""
        return scores.score(self.options, self.demand, self.proposals, self.option_draws)


def of(
    area_id: str,
    demand: Demand | None = None,
    water_links: bool = True,
    option_draws: int | None = None,
) -> Divisions:
    """Return an area with every way to divide it; by default with `demand.of_england`.

    Raises
    ------
    UnknownAreaError
        With the nearest identifier, if there is no such area.
    """
    return Divisions(areas.get(area_id), water_links, option_draws, demand)
