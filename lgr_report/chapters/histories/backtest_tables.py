"""Tables of the demand model put to the test of history, for a page."""

import pandas as pd

from lgr_report.chapters.histories.amounts import levels
from lgr_report.chapters.histories.backtest import BEFORE, FIRST, LATEST, Backtest, in_order
from lgr_report.core.variation import LABELS
from lgr_report.page import phrases
from lgr_report.sources.services import SERVICES, people

TOTALS = {
    LATEST: "the successors' last total",
    FIRST: "the successors' total in their first year",
    BEFORE: "the county's last total before the split",
}


def beside_old_counties(
    test: Backtest, errors: pd.DataFrame, coverage: pd.DataFrame, judged: pd.DataFrame
) -> pd.DataFrame:
    """Return the back-test beside old counties of several authorities, each left out in turn.

    Parameters
    ----------
    test : Backtest
        The four unitaries: their two counties are among the old ones.
    errors : pandas.DataFrame
        Index service; predicted and at_county_rate (mean absolute log errors of old counties).
    coverage : pandas.DataFrame
        Index service; inner and outer (shares of authorities within each interval).
    judged : pandas.DataFrame
        A row an authority of old counties and service: old_county, gss_code, service, reported and
        predicted (people).
    """
    order = []
    for service in SERVICES:
        part = judged[judged["service"] == service.service]
        residents = people(test.authorities, service).loc[part["gss_code"]].to_numpy()
        order.append(in_order(part.assign(residents=residents), "old_county"))
    names = [service.service for service in SERVICES]
    errors, coverage = errors.loc[names], coverage.loc[names].map(phrases.percent)
    scores, (inner, outer) = test.scores.loc[LATEST].loc[names], levels()
    return pd.DataFrame(
        {
            "service": scores.index.map(LABELS),
            "error, four unitaries": scores["predicted"],
            "at county's rate": scores["at_county_rate"],
            "error, old counties": errors["predicted"],
            "at their county's rate": errors["at_county_rate"],
            "order right": _of(scores["in_order"], scores["pairs"]),
            "order right, old counties": [f"{right} of {pairs}" for right, pairs in order],
            f"within {inner}": _of(scores["inner"], scores["councils"]),
            f"within {outer}": _of(scores["outer"], scores["councils"]),
            f"{inner}, old counties": coverage["inner"],
            f"{outer}, old counties": coverage["outer"],
        }
    )


def by_total(test: Backtest) -> pd.DataFrame:
    """Return errors, order and coverage for each total that was divided."""
    scores, (inner, outer) = test.scores.reset_index(), levels()
    return pd.DataFrame(
        {
            "what was divided": scores["total"].map(TOTALS),
            "service": scores["service"].map(LABELS),
            "error": scores["predicted"],
            "order right": _of(scores["in_order"], scores["pairs"]),
            f"within {inner}": _of(scores["inner"], scores["councils"]),
            f"within {outer}": _of(scores["outer"], scores["councils"]),
        }
    )


def _of(some: pd.Series, every: pd.Series) -> pd.Series:
    return some.astype(int).astype(str) + " of " + every.astype(int).astype(str)
