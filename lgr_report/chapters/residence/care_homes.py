"""Care homes: who lives in them at a council's cost, where their beds stand, how long people stay.

Public figures only. Residents are published by authority; the directory of June 2021, on that
year's boundaries, is the only supply known by district, and it does not tell homes for working
ages from homes for older people.
"""

import pandas as pd

from lgr_report.sources import indicators, tables
from lgr_report.sources.cache import once_per_batch

WORKING_AGE, OLDER = "adults_18_64", "adults_65_plus"
GROUPS = (WORKING_AGE, OLDER)
NURSING, WITHOUT = "beds of homes with nursing", "beds of homes without nursing"


def beds() -> pd.DataFrame:
    """Return care home beds of every district, June 2021 (CQC directory).

    Published as beds per 1,000 residents over 65 of that year; multiplied here by those of
    mid-2024, so only shares within a county are of use.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; beds of homes with nursing and of homes without. Missing for councils that
        are younger than the directory.
    """
    long = tables.read("district_indicators")
    wide = long.pivot_table(
        index="gss_code", columns="indicator", values="value", dropna=False, aggfunc="first"
    )
    older = wide["population_65_plus"] / 1000
    every = wide["beds_per_1000_over_65_jun2021"] * older
    nursing = wide["nursing_beds_per_1000_over_65_jun2021"] * older
    return pd.DataFrame({NURSING: nursing, WITHOUT: every - nursing})


@once_per_batch
def bed_shares() -> pd.DataFrame:
    """Return the share of each district in the beds of its social care authority.

    A district that is its own authority has the whole, beds or none.

    Returns
    -------
    pandas.DataFrame
        Index gss_code, columns as `beds`; missing where one district of the authority has no
        figure: its part of the whole is not known.
    """
    authority = tables.read("districts").set_index("gss_code")["upper_tier_code"]
    supply = beds().reindex(authority.index)
    total = supply.groupby(authority).transform(lambda column: column.sum(skipna=False))
    alone = authority.map(authority.value_counts()) == 1
    return (supply / total).mask(alone, 1.0)


def in_care_homes() -> pd.DataFrame:
    """Return the clients of a year who do not live at home, by authority and group (2024-25).

    An upper bound of care home residents: a few live in other places, or where is not known.
    """
    published = indicators.upper_tier()
    columns = {
        group: published[f"{group}_clients"] - published[f"{group}_clients_at_home"]
        for group in GROUPS
    }
    return pd.DataFrame(columns)


def implied_stay() -> pd.DataFrame:
    """Return what public figures imply for the mean length of stay, by authority, in years.

    In a steady state stock = admissions × stay. The clients of a year are the stock and the year's
    admissions, so stay = clients not at home ÷ admissions − 1.

    Returns
    -------
    pandas.DataFrame
        Index gss_code, columns `GROUPS`; the row "England" is that of the sums. Missing where
        admissions were not published.
    """
    published, clients = indicators.upper_tier(), in_care_homes()
    admitted = pd.DataFrame(
        {group: published[group.replace("adults", "care_home_admissions")] for group in GROUPS}
    )
    both = clients.notna() & admitted.notna()
    whole = (clients.where(both).sum() / admitted.where(both).sum() - 1).rename("England")
    return pd.concat([(clients / admitted - 1), whole.to_frame().T])
