"""Outlook: the latest balance of each authority, what the grant leaves, what builds up until then.

Three figures stand beside each other and are never added up: the balance has a date, the grant is
on conditions, and what builds up rests on an assumption. Nothing here divides a balance.
"""

import pandas as pd

from lgr_report.sources import decisions
from lgr_report.sources.assumptions import bounds
from lgr_report.sources.dates import day_of
from lgr_report.sources.later_facts import fact

ACTUAL, FORECAST = "actual", "forecast"
YEAR = 365.25  # days


def outlook(today: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Return the outlook of the authorities of one area.

    Parameters
    ----------
    today : pandas.DataFrame
        As `deficits.carried` returns it.
    later : pandas.DataFrame
        As `deficits.later` returns it.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; council_name, balance (GBP million; negative: surplus), balance_date and
        status of the latest figure that is not of a later day than the grant's, same_basis (as
        the balance of March 2024), left (of it, if the grant is paid; missing where the basis is
        another), left_published (whether a report says what is left: then the balance is worked
        back from it), yearly (growth between the balance of March 2024 and the latest figure on the
        same basis), grown_to (the status of that figure), years (from the day of the grant to
        vesting day), and low, builds_up and high (what builds up in these years). Growth is missing
        where no two figures on one basis are known.
    """
    first, until = day_of("dsg_balance"), day_of("stability_grant_balance")
    table = today.set_index("gss_code")[["area_id", "council_name", "deficit"]]
    table = table.rename(columns={"deficit": "balance"})
    table = table.assign(balance_date=first, status=ACTUAL, same_basis=True)
    table = table.assign(published=float("nan"), yearly=float("nan"), grown_to=None)
    for row in later.sort_values("balance_date").itertuples():
        if row.balance_date <= until:
            columns = ["balance", "balance_date", "status", "same_basis", "published"]
            latest = row.deficit_gbp_m, row.balance_date, row.status, row.same_basis, row.left_gbp_m
            table.loc[row.gss_code, columns] = latest
        if row.same_basis:
            start = today.set_index("gss_code").loc[row.gss_code, "deficit"]
            years = (row.balance_date - first).days / YEAR
            grown = (row.deficit_gbp_m - start) / years, row.status
            table.loc[row.gss_code, ["yearly", "grown_to"]] = grown
    share = fact("stability_grant_share").value
    computed = (1 - share) * table["balance"].clip(lower=0)
    table["left_published"] = table["published"].notna()
    table["left"] = table["published"].fillna(computed.where(table["same_basis"]))
    vesting = table["area_id"].map(lambda area_id: decisions.get(area_id).vesting_day)
    table["years"] = (vesting - until).dt.days / YEAR
    value, *ends = (bounds("deficit_growth_goes_on")[place] for place in (1, 0, 2))
    for name, factor in zip(("builds_up", "low", "high"), (value, *ends), strict=True):
        table[name] = factor * table["yearly"] * table["years"]
    return table.drop(columns=["area_id", "published"])
