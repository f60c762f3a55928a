"""People services, and what is known of the places that use them: districts and authorities.

Counts of people with a service are published for social care authorities only. What can explain
them is collected here for districts, and summed to authorities, so that a model fitted to
authorities can be carried down to districts.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.sources import tables


@dataclass(frozen=True)
class Service:
    """A people service: which published count, for residents of which ages.

    ``count``, ``spend`` and ``apart`` are indicators of ``data/upper_tier_indicators.csv``;
    ``spend_unit`` is the pounds that one unit of ``spend`` stands for. ``apart`` is a part of the
    count that is spread by population, not by need: the National Transfer Scheme brings
    unaccompanied asylum-seeking children to an authority, not to a district.
    """

    service: str
    label: str
    count: str
    youngest: int
    oldest: int
    spend: str
    spend_unit: int = 1
    apart: str | None = None


OLDEST = 90  # the last single year of age published; it holds everyone older
SERVICES = (
    Service(
        "children_looked_after",
        "children looked after",
        "cla_n_2025",
        0,
        17,
        "s251_cla_gross_2425",
        apart="uasc_n_2025",
    ),
    Service(
        "ehc_plans",
        "education, health and care plans",
        "ehcp_n_jan2025",
        0,
        25,
        "high_needs_block_2023_24",
    ),
    Service(
        "adults_18_64",
        "adults 18–64 with long-term support",
        "adults_18_64_clients",
        18,
        64,
        "ro3_asc_18_64_gross_k",
        1000,
    ),
    Service(
        "adults_65_plus",
        "adults 65 and over with long-term support",
        "adults_65_plus_clients",
        65,
        OLDEST,
        "ro3_asc_65_gross_k",
        1000,
    ),
)

# Age bands that a predictor needs, and district indicators that are means: the number of people
# whose mean they are makes them additive, so that authorities are exact sums of districts.
AGES = {
    "0_4": (0, 4),
    "0_15": (0, 15),
    "0_17": (0, 17),
    "0_25": (0, 25),
    "5_18": (5, 18),
    "16_17": (16, 17),
    "18_25": (18, 25),
    "18_64": (18, 64),
    "25_34": (25, 34),
    "60_plus": (60, OLDEST),
    "65_plus": (65, OLDEST),
    "75_plus": (75, OLDEST),
    "85_plus": (85, OLDEST),
    "residents": (0, OLDEST),
}
MEANS = (
    "imd_2025_score",
    "health_deprivation_2025",
    "disabled_share",
    "income_per_head_2023",
)
SUMS = ("idaci_children", "idaopi_people", "band_d_equivalent_dwellings_gross", "total_dwellings")


def districts() -> pd.DataFrame:
    """Return what the predictors are made of, for the 296 lower-tier authorities of England.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; every column but the first two adds up over districts: authority (GSS code
        of the social care authority), region, residents by age band (mid-2024), people in income
        deprivation, dwellings, and means times the residents whose mean they are.
    """
    places = tables.read("districts").set_index("gss_code")
    ages = tables.wide("population_by_age", "age", "population").loc[places.index]
    published = tables.wide("district_indicators", "indicator", "value").loc[places.index]
    frame = places[["upper_tier_code", "region"]].set_axis(["authority", "region"], axis=1)
    for name, (youngest, oldest) in AGES.items():
        frame[name] = ages.loc[:, youngest:oldest].sum(axis=1, min_count=1)
    frame[[*SUMS]] = published[[*SUMS]]
    frame[[*MEANS]] = published[[*MEANS]].mul(frame["residents"], axis=0)
    return frame


def authorities(lower: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the social care authorities: sums of their districts, and the counts they publish.

    Returns
    -------
    pandas.DataFrame
        Index gss_code; the columns of `districts` (but ``authority``), authority_name, la_class,
        old_county and kind (see ``data/old_counties.csv``; missing outside them), and for each
        service its count (people), the part spread by population (people) and gross spend (GBP).
    """
    lower = districts() if lower is None else lower
    frame = tables.read("upper_tier").set_index("gss_code")
    totals = lower.drop(columns="region").groupby("authority").sum(min_count=1)
    frame = frame.join(totals).join(tables.read("old_counties").set_index("gss_code"))
    published = tables.wide("upper_tier_indicators", "indicator", "value").reindex(frame.index)
    for service in SERVICES:
        frame[service.service] = published[service.count]
        apart = published[service.apart] if service.apart else 0.0
        frame[f"{service.service}_apart"] = apart
        frame[f"{service.service}_spend"] = published[service.spend] * service.spend_unit
    # An authority that publishes its children but not the asylum seekers among them is modelled
    # whole: nothing is known to be set apart.
    apart = [f"{service.service}_apart" for service in SERVICES]
    frame[apart] = frame[apart].fillna(0)
    return frame


def people(frame: pd.DataFrame, service: Service) -> pd.Series:
    """Return the residents of the ages that a service serves."""
    last = "plus" if service.oldest == OLDEST else service.oldest
    return frame[f"{service.youngest}_{last}"]


def predictors(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every predictor that a candidate may name, for districts or authorities alike.

    Shares are of residents (people, mid-2024; disability: Census 2021); ``log_`` is the natural
    logarithm. Deprivation is the Index of Multiple Deprivation 2025, its health domain (a score
    that may be negative) and its two income measures. ``log_band_d_per_dwelling`` stands for
    house values, which decide who pays for care themselves. The column region holds names.
    """
    share = {
        "child_income_deprivation": frame["idaci_children"] / frame["0_15"],
        "older_income_deprivation": frame["idaopi_people"] / frame["60_plus"],
        "deprivation": frame["imd_2025_score"] / frame["residents"],
        "disabled": frame["disabled_share"] / frame["residents"],
        "income_per_head": frame["income_per_head_2023"] / frame["residents"],
        "band_d_per_dwelling": frame["band_d_equivalent_dwellings_gross"]
        / frame["total_dwellings"],
        "aged_0_4": frame["0_4"] / frame["0_17"],
        "aged_16_17": frame["16_17"] / frame["0_17"],
        "aged_5_18": frame["5_18"] / frame["0_25"],
        "aged_18_25": frame["18_25"] / frame["0_25"],
        "aged_25_34": frame["25_34"] / frame["18_64"],
        "aged_75_plus": frame["75_plus"] / frame["65_plus"],
        "aged_85_plus": frame["85_plus"] / frame["65_plus"],
    }
    shares = pd.DataFrame(share)
    logs = np.log(shares.where(shares > 0)).add_prefix("log_")
    return logs.assign(
        older_income_deprivation=share["older_income_deprivation"],
        health_deprivation=frame["health_deprivation_2025"] / frame["residents"],
        region=frame["region"],
    )
