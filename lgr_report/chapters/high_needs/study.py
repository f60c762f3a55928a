"""What high needs deficits say of England, and of one area: computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lgr_report.chapters.high_needs import inherited, spread
from lgr_report.chapters.high_needs.deficits import Holdings, carried, holdings, later
from lgr_report.chapters.high_needs.outlook import outlook
from lgr_report.core.demand import of_england
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import Claim
from lgr_report.core.metrics import Measurement
from lgr_report.core.proposals import proposals
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content, once_per_batch

SAME = 1e-6  # £m: an interval narrower than a pound is none


@dataclass(frozen=True, eq=False)
class National:
    """High needs in the 21 areas.

    Parameters
    ----------
    held : Holdings
        What authorities carry and receive, and councils' shares in it.
    carried : pandas.DataFrame
        What the authorities of the areas carry: see `deficits.carried`.
    later : pandas.DataFrame
        What they reported later, used only for what the grant would leave: see `deficits.later`.
    spread : pandas.DataFrame
        How far ratios differ within an option: see `spread.by_number`.
    submitted : pandas.DataFrame
        What the unitaries of all proposals would inherit: see `inherited.of_proposals`.
    """

    held: Holdings
    carried: pd.DataFrame
    later: pd.DataFrame
    spread: pd.DataFrame
    submitted: pd.DataFrame


@once_per_batch
def national() -> National:
    """Return high needs in the 21 areas, with the national estimate of demand."""
    demand, held = of_england(), holdings()
    every = [proposal for area_id in areas.ids() for proposal in proposals(area_id)]
    today = carried(held.accounts)
    return National(
        held=held,
        carried=today,
        later=later(today["gss_code"].tolist()),
        spread=spread.by_number(spread.every_option(demand, held)),
        submitted=inherited.of_proposals(every, demand, held),
    )


@dataclass(frozen=True, eq=False)
class Study:
    """High needs in one area.

    Parameters
    ----------
    here : Divisions
        The area.
    national : National
        The 21 areas.
    today : pandas.DataFrame
        The rows of ``national.carried`` of this area, the county first.
    later : pandas.DataFrame
        The rows of ``national.later`` of this area.
    outlook : pandas.DataFrame
        Latest balance, what the grant leaves, what builds up: see `outlook.outlook`.
    inherited : pandas.DataFrame
        What each unitary of each proposal would inherit: see `inherited.of_proposals`.
    measured : mapping of str to tuple of Measurement
        By proposal_id, for those that can be computed: see `inherited.measure`.
    """

    here: Divisions
    national: National
    today: pd.DataFrame
    later: pd.DataFrame
    outlook: pd.DataFrame
    inherited: pd.DataFrame
    measured: Mapping[str, tuple[Measurement, ...]]

    @cached_property
    def options(self) -> pd.DataFrame:
        """Every option measured over ``high_needs_draws`` draws: see `inherited.METRICS`."""
        draws = int(assumption("high_needs_draws"))
        return inherited.measure_options(self.here, self.national.held, draws)


@by_content
def study(here: Divisions, nation: National | None = None) -> Study:
    """Return what high needs deficits say of an area; by default with `national`."""
    nation = national() if nation is None else nation
    today = nation.carried[nation.carried["area_id"] == here.area.area_id]
    reported = nation.later[nation.later["gss_code"].isin(today["gss_code"])]
    measured = {
        proposal.proposal_id: inherited.measure(
            [codes for _, codes in proposal.footprints], here.demand, nation.held
        )
        for proposal in here.computable
    }
    unitaries = inherited.of_proposals(here.proposals, here.demand, nation.held)
    ahead = outlook(today, reported)
    return Study(here, nation, today, reported, ahead, unitaries, measured)


def claims() -> tuple[Claim, ...]:
    """Return the claim for the one published figure on high needs (HN01, p74)."""
    return (
        Claim(
            "HN01",
            reason="three years of spend are a choice of method, not a finding; our tables hold "
            "one year's balance and no spend by district, so other periods cannot be tried",
            settled_by="each council's spend on special educational needs by district, by year",
        ),
    )
