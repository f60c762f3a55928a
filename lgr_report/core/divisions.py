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

    ``councils`` (districts and unitaries, the largest first) and ``authorities`` (of today, the
    county first) are as `areas.councils` and `areas.authorities` return them. ``decided`` is the
    proposal_id that government chose, None where none is known. ``demand`` is that of all
    councils of England: proposals may take in some from outside. Options count as contiguous over
    water if ``water_links``, and are scored over ``option_draws`` draws of demand (None: as
    assumed; 0: at point estimates).
    """

    area: Area
    councils: pd.DataFrame
    authorities: pd.DataFrame
    proposals: tuple[Proposal, ...]
    decided: str | None
    demand: Demand
    water_links: bool = True
    option_draws: int | None = None

    @property
    def name(self) -> str:
        """Name of the area."""
        return self.area.name

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
    return Divisions(
        area=areas.get(area_id),
        councils=areas.councils(area_id),
        authorities=areas.authorities(area_id),
        proposals=proposals(area_id),
        decided=decisions.get(area_id).chosen_proposal_id,
        demand=of_england() if demand is None else demand,
        water_links=water_links,
        option_draws=option_draws,
    )
