"""Everything that the chapter says of one area: with whom each authority works, now and then."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships import renewed
from lgr_report.chapters.partnerships.boards import counts, mapped
from lgr_report.chapters.partnerships.links import LINKS, measure, measure_options
from lgr_report.chapters.partnerships.national import National, national
from lgr_report.core.divisions import Divisions
from lgr_report.sources.cache import by_content

BOARD, FORCE = "care board", "police force"
PARTNERS = ["place", "division", "authority", "kind", "partner", "share", "counts"]
Authorities = dict[str, tuple[str, ...]]  # councils by the name of their authority


@dataclass(frozen=True, eq=False)
class Study:
    """The partners of an area's authorities, today and under each computable proposal.

    ``partners`` has a row for each authority and board or force with which it has any neighbourhood
    in common: place (0: today, then the proposals in their order) and division (its name),
    authority, kind (care board or police force), partner, share (of the authority's LSOAs; missing
    for police), counts (whether they work together). ``measured`` has a row for each division:
    division, unitaries, and the metrics of `links`. ``possible`` says how few pairs with care
    boards are possible: unitaries, contiguous_options, fewest_pairs, most_pairs,
    options_with_the_fewest (share). The boards from April 2026: ``renewed`` as
    `renewed.by_division` returns it, ``renewed_options`` the pairs of every option, and ``basis``
    how they are known.
    """

    here: Divisions
    national: National
    partners: pd.DataFrame
    measured: pd.DataFrame
    possible: pd.DataFrame
    renewed: pd.DataFrame
    renewed_options: pd.Series
    basis: str


@by_content
def study(here: Divisions) -> Study:
    """Study the care boards and police forces of an area."""
    proposed = [(proposal.name, dict(proposal.footprints)) for proposal in here.computable]
    divided = [("Today", _today(here)), *proposed]
    partners = [
        (place, name, *row)
        for place, (name, authorities) in enumerate(divided)
        for row in _partners(authorities)
    ]
    measured = [
        {"division": name, "unitaries": len(authorities)}
        | {m.metric.metric: m.value for m in measure([*authorities.values()], here.demand)}
        for name, authorities in divided
    ]
    return Study(
        here=here,
        national=national(),
        partners=pd.DataFrame(partners, columns=PARTNERS),
        measured=pd.DataFrame(measured),
        possible=possible(measure_options(here)[LINKS.metric]),
        renewed=renewed.by_division([(name, [*a.values()]) for name, a in divided]),
        renewed_options=renewed.of_options(here),
        basis=renewed.basis([*here.gss_codes]),
    )


def _today(here: Divisions) -> Authorities:
    authority = dict(zip(here.gss_codes, here.demand.select(here.gss_codes).authority, strict=True))
    names = here.demand.authorities["authority_name"]
    return {names[authority[group[0]]]: tuple(group) for group in here.today}


def _partners(authorities: Authorities) -> list[tuple]:
    """Return authority, kind, partner, share, counts; the boards by their share."""
    footprints = [*authorities.values()]
    places = mapped(footprints)
    rows, shares, policed = [], places.shares(footprints), places.policed_by(footprints)
    for authority, share, police in zip(authorities, shares, policed, strict=True):
        for i in np.argsort(-share, kind="stable")[: np.count_nonzero(share)]:
            rows.append((authority, BOARD, places.lsoas.columns[i], share[i], counts(share[i])))
        forces = places.policed.columns[police]
        rows += [(authority, FORCE, force, np.nan, True) for force in forces]
    return rows


def possible(links: pd.Series) -> pd.DataFrame:
    """Return the fewest and the most pairs over options, by their number of unitaries.

    Parameters
    ----------
    links : pandas.Series
        Pairs of every option, as `links.measure_options` returns them.
    """
    by = links.groupby(level="n_unitaries")
    table = by.agg(contiguous_options="size", fewest_pairs="min", most_pairs="max")
    reached = links == by.transform("min")
    table["options_with_the_fewest"] = reached.groupby(level="n_unitaries").mean()
    return table.rename_axis("unitaries").reset_index()
