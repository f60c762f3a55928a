"""Public indicators of upper-tier authorities: as published, and the few that we derive."""

import numpy as np
import pandas as pd

from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

GRADES = {"Outstanding": 1, "Good": 2, "Requires improvement to be good": 3, "Inadequate": 4}
EQUAL = 1e-9  # percentile points by which equal means may differ in computing


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


def shown(gss_code: str, indicator: str) -> str:
    """Return the figure of an authority as a sentence has it; an Ofsted grade by its name."""
    value = _upper_tier().loc[gss_code, indicator]
    if pd.isna(value):
        return "missing"
    names = {number: grade for grade, number in GRADES.items()}
    return names[int(value)] if indicator.endswith("_grade") else f"{value:,.4g}"


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


def tied(values: pd.DataFrame, parts: int = 4) -> pd.DataFrame:
    """Return the columns in which so many authorities share one value that there is no ranking.

    Parameters
    ----------
    values : pandas.DataFrame
        Authorities by columns; equal values must be equal to the last digit.
    parts : int
        A ranking has to part the authorities into so many groups of one size: where more share one
        value than such a group holds, it does not.

    Returns
    -------
    pandas.DataFrame
        Index: those columns alone; shared (authorities that have the commonest value), authorities
        (that have a value).
    """
    shared, known = values.apply(lambda one: one.value_counts().max()), values.notna().sum()
    frame = pd.DataFrame({"shared": shared, "authorities": known})
    return frame[shared > known / parts].astype(int)


def composite(links: pd.DataFrame, group: str, values: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted mean percentile of each group of indicators, signed.

    A mean of percentiles is no percentile: `place` says where it stands.

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
    found = {
        name: weighted(signed(part, values), part["weight"].to_numpy())
        for name, part in links.groupby(group, sort=False)
    }
    return pd.DataFrame(found, index=values.index)


def signed(links: pd.DataFrame, values: pd.DataFrame) -> np.ndarray:
    """Return the percentile of every authority on every indicator of ``links``, turned by sign."""
    ranked = percentiles(values[links["indicator"].unique()])[links["indicator"]].to_numpy()
    return np.where(links["sign"].to_numpy() > 0, ranked, 100 - ranked)


def weighted(ranked: np.ndarray, stated: np.ndarray, drawn: np.ndarray | None = None) -> np.ndarray:
    """Return the weighted mean over indicators of each authority.

    Parameters
    ----------
    ranked : numpy.ndarray
        Authorities × indicators, as `signed` returns it.
    stated : numpy.ndarray
        The weight of each indicator; it decides which means are missing (see `composite`).
    drawn : numpy.ndarray, optional
        … × indicators: weights drawn round the stated ones, to take instead.

    Returns
    -------
    numpy.ndarray
        … × authorities.
    """
    weights, known = stated if drawn is None else drawn, ~np.isnan(ranked)
    enough = known @ stated >= assumption("min_weight_share") * stated.sum()
    with np.errstate(invalid="ignore"):
        mean = weights @ np.nan_to_num(ranked).T / (weights @ known.T)
    return np.where(enough, mean, np.nan)


def place(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return the percentile of values among those of all authorities that have one, 0 to 100.

    Parameters
    ----------
    values : numpy.ndarray
        Any shape.
    among : numpy.ndarray
        The same shape with authorities as one more axis, the last; missing ones do not count.

    Returns
    -------
    numpy.ndarray
        The share below, and half of that equal, as `percentiles` ranks ties. Missing stays missing.
    """
    apart = among - np.asarray(values)[..., None]
    # Means that are equal may differ in their last digits.
    below, equal = apart < -EQUAL, np.abs(apart) <= EQUAL
    at = 100 * (below.sum(axis=-1) + equal.sum(axis=-1) / 2) / (~np.isnan(among)).sum(axis=-1)
    return np.where(np.isnan(values), np.nan, at)


def sources(names: list[str]) -> pd.DataFrame:
    """Return label, unit, source, vintage, licence and caveat of the indicators named."""
    book = tables.read("indicators").query("level != 'district'").set_index("indicator")
    return book.loc[names, ["label", "unit", "source", "vintage", "licence", "caveat"]]
