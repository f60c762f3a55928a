"""Public indicators of upper-tier authorities: as published, and the few that we derive."""

import numpy as np
import pandas as pd

from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

GRADES = {"Outstanding": 1, "Good": 2, "Requires improvement to be good": 3, "Inadequate": 4}


def upper_tier() -> pd.DataFrame:
    """Return every indicator of every upper-tier authority of England.

    Returns
    -------
    pandas.DataFrame
        Index gss_code (153 authorities), one column an indicator (``data/indicators.csv`` says
        what each is); NaN where a figure was not published, was suppressed or was not found.
    """
    return _upper_tier().copy()


@once_per_batch
def _upper_tier() -> pd.DataFrame:
    published = tables.wide("upper_tier_indicators", "indicator", "value")
    return published.join(_derived(published))


def _derived(published: pd.DataFrame) -> pd.DataFrame:
    index = published.index
    homes = tables.read("childrens_provision").query("kind == 'childrens_home'")
    # Places are summed only where every row is known; an authority that Ofsted does not list
    # has no home registered, which is a true zero.
    places = homes.groupby("gss_code")["places"].sum().reindex(index, fill_value=0)
    places = places.mask(index.isin(homes.loc[homes["places"].isna(), "gss_code"])).astype(float)
    spend, deficit = 1000 * published["ro3_csc_total_gross_k"], published["dsg_deficit_31mar2024"]
    judged = tables.read("ofsted_judgements").set_index("gss_code").reindex(index)
    return pd.DataFrame(
        {
            "csc_spend_per_child": spend / published["population_0_17"],
            "dsg_deficit_to_high_needs": deficit / published["high_needs_block_2023_24"],
            "childrens_home_places_per_100_cla": 100 * places / published["cla_n_2025"],
            "icb_count": icb_counts().reindex(index),
            "ilacs_overall_grade": judged["overall"].map(GRADES),
            "ilacs_leaders_grade": judged["leaders_impact"].map(GRADES),
            "ilacs_help_grade": judged["help_and_protection"].map(GRADES),
            "area_send_outcome": judged["area_send_outcome"].astype(float),
        },
        index=index,
    )


def icb_counts() -> pd.Series:
    """Return how many integrated care boards each upper-tier authority overlaps (2024).

    A board counts from ``icb_min_lsoa_share`` of the authority's LSOAs.
    """
    districts = tables.read("districts")[["gss_code", "upper_tier_code"]]
    overlap = tables.read("icb_overlap").merge(districts, on="gss_code")
    lsoas = overlap.groupby(["upper_tier_code", "icb_code"])["lsoas"].sum()
    share = lsoas / lsoas.groupby("upper_tier_code").transform("sum")
    counted = share[share >= assumption("icb_min_lsoa_share")]
    return counted.groupby("upper_tier_code").size().rename_axis("gss_code")


def percentiles(values: pd.DataFrame) -> pd.DataFrame:
    """Return each value's percentile among the authorities that have one, 0 to 100.

    Ties share their middle rank, so that a common grade does not count as the best of its kind.
    Missing stays missing.
    """
    return 100 * (values.rank(method="average") - 0.5) / values.notna().sum()


def composite(links: pd.DataFrame, group: str, values: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted mean percentile of each group of indicators, signed.

    Parameters
    ----------
    links : pandas.DataFrame
        ``group``, indicator, sign (1 or -1), weight.
    group : str
        Column that names the group (a risk, a maturity area).
    values : pandas.DataFrame
        Authorities by indicators, as `upper_tier` returns them.

    Returns
    -------
    pandas.DataFrame
        Authorities by groups, 0 to 100; missing where the indicators present carry less than
        ``min_weight_share`` of the group's weight.
    """
    ranked = percentiles(values[links["indicator"].unique()])
    least = assumption("min_weight_share")
    columns = {}
    for name, part in links.groupby(group, sort=False):
        signed = ranked[part["indicator"]].to_numpy()
        signed = np.where(part["sign"].to_numpy() > 0, signed, 100 - signed)
        weight = np.where(np.isnan(signed), 0, part["weight"].to_numpy())
        present = weight.sum(axis=1)
        with np.errstate(invalid="ignore"):
            mean = np.nansum(np.nan_to_num(signed) * weight, axis=1) / present
        columns[name] = np.where(present >= least * part["weight"].sum(), mean, np.nan)
    return pd.DataFrame(columns, index=values.index)


def sources(names: list[str]) -> pd.DataFrame:
    """Return label, unit, source, vintage, licence and caveat of the indicators named."""
    book = tables.read("indicators").query("level != 'district'").set_index("indicator")
    return book.loc[names, ["label", "unit", "source", "vintage", "licence", "caveat"]]
