"""How far apart two caseloads move: a signed difference, and what noise alone would show.

The largest fall or growth of a division is never below zero, whatever is true, so its interval
cannot hold zero. What can be judged is the difference between the two caseloads that move furthest
apart by the estimate: it has a sign in every draw. As these two are the extremes of several, chance
alone sets them apart too: by how much is what the same draws show where every home stands where
need is estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lgr_report.chapters.residence.caseloads import BOTH, SCOPES, Caseload, changes, people
from lgr_report.core import intervals
from lgr_report.core.variation import membership
from lgr_report.sources.assumptions import assumption

EVEN = {"placed_by_beds": 0.0}  # homes exactly where need is estimated: what moves is noise
ADULTS = SCOPES.index(BOTH)


@dataclass(frozen=True)
class Apart:
    """Two footprints (by place) and the difference of their changes, all adults.

    ``least`` and ``most`` change least and most by the estimate. ``difference`` is the change of
    the second less that of the first (a share: 0.12 is 12 percentage points), with the interval
    ``low`` to ``high`` over paired draws. ``noise`` is what largest less smallest change stays
    below in ``interval_level`` of draws if homes stood where need is estimated.
    """

    least: int
    most: int
    difference: float
    low: float
    high: float
    noise: float

    @property
    def told(self) -> bool:
        """Whether the difference is told from none, and is larger than noise would show."""
        return self.low > 0 and self.difference > self.noise


def apart(
    case: Caseload, even: Caseload, footprints: Sequence[Sequence[str]], years: float
) -> Apart:
    """Set the caseloads that move furthest apart beside what noise alone would show.

    Parameters
    ----------
    case, even : Caseload
        As assumed, and with `EVEN`.
    footprints
        A division of the councils.
    years
        After vesting day.
    """
    member = membership(case.gss_codes, footprints).astype(float)
    start, then = ((member @ people(case, t)).sum(axis=1) for t in (0, years))
    change = then / start - 1
    least, most = int(change.argmin()), int(change.argmax())
    drawn = changes(case, footprints, years)[..., ADULTS]
    low, high = intervals.ends(drawn[:, most] - drawn[:, least])
    alone = np.ptp(changes(even, footprints, years)[..., ADULTS], axis=-1)
    noise = np.quantile(alone, assumption("interval_level"))
    difference = change[most] - change[least]
    return Apart(least, most, *map(float, (difference, low, high, noise)))
