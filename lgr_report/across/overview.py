"""What the report of an area says in short."""

import pandas as pd

from lgr_report.across import decided
from lgr_report.core.divisions import Divisions
from lgr_report.page import phrases
from lgr_report.risk import words as risks
from lgr_report.sources import areas, decisions


def in_short(
    here: Divisions, placed: list[str], ordered: pd.DataFrame, computed: pd.DataFrame
) -> list[str]:
    """Return what a report says in short: a few sentences computed from its figures.

    Parameters
    ----------
    here : Divisions
        The area.
    placed : list of str
        Where its proposals stand among all options, as the chapter on options says it.
    ordered : pandas.DataFrame
        As `lgr_report.risk.exposure.ordered` returns it.
    computed : pandas.DataFrame
        As `lgr_report.risk.maturity.computed` returns it.
    """
    area_id = here.area.area_id
    made = decisions.get(area_id)
    words = [
        f"{here.name} has {areas.population(area_id):,} residents. "
        f"{phrases.count(len(here.proposals), 'proposal')} "
        f"{'was' if len(here.proposals) == 1 else 'were'} found. "
        f"{decided.in_short(made)} The new councils are to take over on "
        f"{phrases.day(made.vesting_day)}."
    ]
    words += placed
    words += _decided_apart(here)
    words += [
        f"The register has {len(ordered)} risks. {risks.most(here.name, ordered)}",
        _lowest(computed),
    ]
    return words


def _decided_apart(here: Divisions) -> list[str]:
    """Say it plainly where the decided proposal is not among what can be computed."""
    return [
        f"The decided proposal, {phrases.quoted(bid.name)}, is not analysed here ({bid.status}). "
        "Only its directors and senior posts are given."
        for bid in here.proposals
        if bid.proposal_id == here.decided and not bid.footprints
    ]


def _lowest(computed: pd.DataFrame) -> str:
    """Say on what an authority is in England's lowest quarter."""
    low = computed[computed["level"].eq(1).fillna(False)]
    if low.empty:
        return "By public data no authority of the area is at level 1 of the maturity matrix."
    named = low["name"].str.lower().groupby(low["council_name"], sort=False).agg("; ".join)
    return (
        "Level 1 of 4 on the maturity matrix, by public data (the lowest quarter of England's "
        "authorities): " + ", ".join(f"{council} ({on})" for council, on in named.items()) + "."
    )
