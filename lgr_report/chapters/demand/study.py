"""Demand of an area's councils and proposed unitaries; and how unevenly options of England are."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lgr_report.chapters.demand import old_counties, spreads
from lgr_report.core import rates
from lgr_report.core.demand import Demand, of_england
from lgr_report.core.divisions import Divisions
from lgr_report.core.proposals import Proposal
from lgr_report.core.variation import LABELS, area_demand, footprint_rates
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content, once_per_batch


@dataclass(frozen=True, eq=False)
class Study:
    """What the chapter says of one area.

    Parameters
    ----------
    here : Divisions
        The area; its ``demand`` holds for everything here.
    councils : pandas.DataFrame
        `council_rates` of its councils.
    unitaries : pandas.DataFrame
        `unitary_rates` of the proposals of two or more unitaries that can be computed.
    variations : pandas.DataFrame
        `spreads.variations` of its proposals.
    missing : tuple of str
        What its authorities did not publish: a sentence each.
    """

    here: Divisions
    councils: pd.DataFrame
    unitaries: pd.DataFrame
    variations: pd.DataFrame
    missing: tuple[str, ...]

    @cached_property
    def models(self) -> pd.DataFrame:
        """The candidate models of each service (`rates.compare_all`): national, shown at the end.

        Computed when asked for, because a report that does not show it need not wait for it.
        """
        return rates.compare_all(self.here.demand.authorities)


@by_content
def study(here: Divisions) -> Study:
    """Measure demand of an area's councils and of the unitaries proposed there."""
    return Study(
        here=here,
        councils=council_rates(here.councils, here.demand),
        unitaries=unitary_rates(here.computable, here.demand),
        variations=spreads.variations(here.proposals, here.demand),
        missing=tuple(here.demand.select(here.gss_codes).missing()),
    )


def council_rates(councils: pd.DataFrame, demand: Demand) -> pd.DataFrame:
    """Return each council's rate relative to its area, by service, with interval.

    Returns
    -------
    pandas.DataFrame
        council_name, service, label, status, demand, low, high (people), residents (of the ages
        served), relative, relative_low, relative_high (1 is the area's rate per such resident).
    """
    frame = demand.select(councils["gss_code"]).frame()
    frame = frame.merge(councils[["gss_code", "council_name"]], on="gss_code")
    total = frame.groupby("service")[["demand", "residents"]].sum(min_count=len(councils))
    base = frame["service"].map(total["demand"] / total["residents"])
    for column, source in (("", "demand"), ("_low", "low"), ("_high", "high")):
        frame[f"relative{column}"] = frame[source] / frame["residents"] / base
    return frame.assign(label=frame["service"].map(LABELS))


def unitary_rates(bids: Iterable[Proposal], demand: Demand) -> pd.DataFrame:
    """Return the rate of each unitary of proposals relative to the proposal's whole area.

    A service is taken per resident of the ages served, all services per resident.

    Returns
    -------
    pandas.DataFrame
        proposal (name), and the columns of `variation.footprint_rates`; empty if no proposal has
        two unitaries.
    """
    parts = [
        footprint_rates(
            area_demand(demand, bid.gss_codes, per_age_band=True), dict(bid.footprints)
        ).assign(proposal=bid.name, proposal_id=bid.proposal_id)
        for bid in bids
        if len(bid.footprints) > 1
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


@dataclass(frozen=True, eq=False)
class National:
    """How unevenly demand is spread over options of all areas, beside what was published.

    Parameters
    ----------
    published : pandas.Series
        Index band: total demand variation (CCN/Newton, p38), per cent; missing between the ends.
    bands : pandas.DataFrame
        `spreads.bands`: submitted proposals by size band.
    differences : pandas.DataFrame
        `spreads.differences`: by how much they fall from the smallest band to the largest.
    at_equal_numbers : pandas.DataFrame
        `spreads.at_equal_numbers`: the same at equal numbers of unitaries.
    unitaries : pandas.DataFrame
        Submitted proposals by band (index) and number of unitaries (columns).
    every : pandas.DataFrame
        `spreads.every_option`: all contiguous options by area and number of unitaries.
    observed : pandas.DataFrame
        `old_counties.observed_by_band`: shire counties of 1974, without any model.
    """

    published: pd.Series
    bands: pd.DataFrame
    differences: pd.DataFrame
    at_equal_numbers: pd.DataFrame
    unitaries: pd.DataFrame
    every: pd.DataFrame
    observed: pd.DataFrame


def national(draws: int | None = None, design_draws: int = 20) -> National:
    """Return how unevenly options of all areas spread demand, computed once a batch.

    Parameters
    ----------
    draws : int, optional
        Of demand, for the intervals of submitted proposals; by default ``demand_draws``.
    design_draws : int
        Over which all options are averaged; a mean over so many options needs few.
    """
    return _national(int(assumption("demand_draws")) if draws is None else draws, design_draws)


@once_per_batch
def _national(draws: int, design_draws: int) -> National:
    demand = of_england(draws)
    findings = tables.read("published_findings").set_index("finding_id")["value"]
    small, medium, large = areas.size_bands()
    published = pd.Series({small: findings["DV01"], large: findings["DV02"]})
    bids, drawn = spreads.submitted(demand)
    return National(
        published=published.reindex([small, medium, large]),
        bands=spreads.bands(bids, drawn),
        differences=spreads.differences(bids, drawn),
        at_equal_numbers=spreads.at_equal_numbers(bids, drawn),
        unitaries=pd.crosstab(bids["band"], bids["n_unitaries"]),
        every=spreads.every_option(demand, design_draws),
        observed=old_counties.observed_by_band(demand.authorities),
    )
