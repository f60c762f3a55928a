"""Every way to divide an area, scored, and where its proposals stand among them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from lgr_report.core import fronts, scores
from lgr_report.core.divisions import Divisions
from lgr_report.core.scores import Scores
from lgr_report.sources.cache import by_content

LAND, EVERY = "land only", "all links"


@dataclass(frozen=True, eq=False)
class Study:
    """What the chapter says of one area.

    Parameters
    ----------
    here : Divisions
        The area; its ``water_links`` and ``option_draws`` hold for everything here.
    scores : Scores
        Every option by the links that count here.
    standings : pandas.DataFrame
        `scores.standings` of the proposals among these options.
    standings_by_links : mapping of str to pandas.DataFrame
        The same if all links count (`EVERY`) and by land links alone (`LAND`).
    counts : pandas.DataFrame
        Number of options: index links (`LAND`, `EVERY`), a column a number of unitaries.
    fronts : mapping of int to pandas.DataFrame
        `fronts.front` for each number of unitaries, two or more, that a proposal has.
    sensitivity : pandas.DataFrame
        `scores.sensitivity`: percentiles for demand balance by links and by people or spend.
    """

    here: Divisions
    scores: Scores
    standings: pd.DataFrame
    standings_by_links: Mapping[str, pd.DataFrame]
    counts: pd.DataFrame
    fronts: Mapping[int, pd.DataFrame]
    sensitivity: pd.DataFrame

    @property
    def same_by_land(self) -> bool:
        """Whether the options are the same if tidal water and ferries do not count."""
        return self.counts.loc[LAND].equals(self.counts.loc[EVERY])


@by_content
def study(here: Divisions) -> Study:
    """Place an area's proposals among all its options, over all links and by land alone."""
    other = replace(here, water_links=not here.water_links)
    counts = {side.water_links: side.options.counts() for side in (here, other)}
    # By land an option is an option over all links too: if there are as many, they are the same.
    scored = {True: here.scores, False: here.scores}
    if counts[True] != counts[False]:
        scored[other.water_links] = other.scores
    standings = {
        links: scores.standings(scored[water], here.proposals)
        for links, water in ((EVERY, True), (LAND, False))
    }
    chosen = standings[EVERY if here.water_links else LAND]
    sizes = sorted({k for k in chosen["n_unitaries"] if k > 1} & set(here.options.masks))
    return Study(
        here=here,
        scores=here.scores,
        standings=chosen,
        standings_by_links=standings,
        counts=pd.DataFrame.from_dict({LAND: counts[False], EVERY: counts[True]}, orient="index"),
        fronts={k: fronts.front(here.scores, k) for k in sizes},
        sensitivity=scores.sensitivity(standings),
    )
