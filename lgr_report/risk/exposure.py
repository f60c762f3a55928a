"""How exposed an area is to each risk by public indicators, and how firm the order of risks is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.risk.register import register
from lgr_report.sources import areas, indicators, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content

MIDDLE = 50  # the place of England's middle authority


@dataclass(frozen=True, eq=False)
class Study:
    """The risks of one area, in its order.

    ``area`` is its name, ``authorities`` those of today. ``indicators`` is as
    `indicator_percentiles` returns it, ``ordered`` as `ordered`, ``firm`` as `stability`.
    """

    area: str
    authorities: pd.DataFrame
    indicators: pd.DataFrame
    ordered: pd.DataFrame
    firm: pd.DataFrame


@by_content
def study(area_id: str, draws: int | None = None, seed: int | None = None) -> Study:
    """Return the risks of an area in its order, and how firm that is.

    Parameters
    ----------
    area_id : str
        One of the 21 areas.
    draws, seed : int, optional
        Of `simulate`; by default ``stability_draws`` and ``stability_seed``.
    """
    authorities = areas.authorities(area_id)
    percentiles = indicator_percentiles(authorities["gss_code"])
    exposures = exposure(percentiles, authorities["gss_code"])
    firm = stability(*simulate(percentiles, exposures, draws, seed))
    area = areas.get(area_id).name
    return Study(area, authorities, percentiles, ordered(exposures), firm)


def indicator_percentiles(gss_codes: Sequence[str]) -> pd.DataFrame:
    """Return where authorities stand on every indicator of every risk.

    Parameters
    ----------
    gss_codes : sequence of str
        Upper-tier authorities of one area.

    Returns
    -------
    pandas.DataFrame
        One row a risk and indicator: risk_id, indicator, sign, weight, reason, mean (the signed
        percentile among England's upper-tier authorities, averaged over these by children aged
        0-17; high is exposed), low and high (the least and most exposed authority), missing
        (authorities without the figure).
    """
    links, values = tables.read("risk_indicators"), indicators.upper_tier()
    children = values.loc[[*gss_codes], "population_0_17"].to_numpy()
    here = values.index.get_indexer([*gss_codes])
    signed = indicators.signed(links, values)[here].T
    weight = np.where(np.isnan(signed), 0, children)
    with np.errstate(invalid="ignore"):
        mean = (np.nan_to_num(signed) * weight).sum(axis=1) / weight.sum(axis=1)
    return links.assign(
        mean=mean,
        low=pd.DataFrame(signed).min(axis=1),
        high=pd.DataFrame(signed).max(axis=1),
        missing=np.isnan(signed).sum(axis=1),
    )


def exposure(percentiles: pd.DataFrame, gss_codes: Sequence[str]) -> pd.DataFrame:
    """Return how exposed an area is to each risk: the place of its mean among England's.

    The mean of some percentiles is no percentile: means crowd round the middle, the more so the
    more indicators there are. So the mean of an area is placed among the means that all upper-tier
    authorities have on the same indicators.

    Parameters
    ----------
    percentiles : pandas.DataFrame
        As `indicator_percentiles` returns it.
    gss_codes : sequence of str
        The same authorities.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; mean (weighted, of the percentiles), exposure (0 to 100: the share of
        England's authorities below that mean, and half of those equal), above (whether the mean is
        above England's middle authority), low and high (the least and most exposed authority of
        the area), indicators (how many count), unranked (why indicators that count rank nobody:
        more than a quarter of the authorities share one mean; else missing). An exposure is
        missing there, where no public indicator touches the risk, and where those present carry
        too little weight.
    """
    national, shared = _national(), ties()
    least, rows = assumption("min_weight_share"), {}
    for risk_id, part in percentiles.groupby("risk_id"):
        known = part.dropna(subset=["mean"])
        rows[risk_id] = {"indicators": len(known)}
        if len(known) and known["weight"].sum() >= least * part["weight"].sum():
            rows[risk_id]["mean"] = np.average(known["mean"], weights=known["weight"])
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["indicators", "mean"])
    frame["exposure"] = indicators.place(frame["mean"], national[frame.index].to_numpy().T)
    # Of many that tie at the middle none is above it.
    frame["above"] = frame["mean"] > national.median()[frame.index] + indicators.EQUAL
    places = indicators.percentiles(national).loc[[*gss_codes]]
    frame = frame.assign(low=places.min(), high=places.max())
    tied = frame.index.isin(shared.index)
    frame.loc[tied, ["exposure", "low", "high"]], frame.loc[tied, "above"] = np.nan, False
    frame = frame.assign(unranked=shared).reindex(register().index)
    frame["indicators"] = frame["indicators"].fillna(0).astype(int)
    frame["above"] = frame["above"].eq(other=True)
    columns = ["mean", "exposure", "above", "low", "high", "indicators", "unranked"]
    return frame[columns].astype({"exposure": float})


def _national() -> pd.DataFrame:
    """Return the mean percentile of every authority of England, by risk."""
    links = tables.read("risk_indicators")
    # Equal means may differ in their last digits, which would give them two places.
    return indicators.composite(links, "risk_id", indicators.upper_tier()).round(9)


def ties() -> pd.Series:
    """Return why no authority is ranked on a risk, by risk: too many of England's share one mean.

    The maturity matrix gives no level for the same reason (`lgr_report.risk.maturity.ties`).
    """
    found = indicators.tied(_national())
    why = "{} of England's {} authorities share one value"
    return pd.Series([why.format(*row) for row in found.to_numpy()], found.index, dtype=object)


def ordered(exposures: pd.DataFrame) -> pd.DataFrame:
    """Return the register in the order of an area: by score, then by exposure.

    Parameters
    ----------
    exposures : pandas.DataFrame
        As `exposure` returns it.

    Returns
    -------
    pandas.DataFrame
        `register` joined with the exposures. A risk without a public indicator could stand
        anywhere among those of its score, and stands after the others here.
    """
    frame = register().join(exposures)
    frame = frame.reset_index().assign(place=range(len(frame)))
    frame = frame.sort_values(
        ["score", "exposure", "place"], ascending=[False, False, True], na_position="last"
    )
    return frame.drop(columns="place").set_index("risk_id")


def simulate(
    percentiles: pd.DataFrame,
    exposures: pd.DataFrame,
    draws: int | None = None,
    seed: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the order of the risks many times, with scores and weights moved.

    In each draw every likelihood and impact moves by a whole number of points between minus and
    plus ``score_shift``, all equally likely. The scale does not cut a draw off (a 5 may become a
    6), for scores that could only fall would fall on average. The weights of each risk's
    indicators are drawn round the stated ones (Dirichlet), for the area and for all authorities
    that it is placed among, and a risk on which public data rank nobody gets an exposure drawn
    evenly from 0 to 100: its own rank says nothing, but it may stand before or after the others.

    Returns
    -------
    ranks : numpy.ndarray
        draws × risks; the rank of each risk, 1 first, in the order of `register`.
    drawn : numpy.ndarray
        draws × risks; the exposures; missing where public data rank nobody.
    """
    draws = int(assumption("stability_draws")) if draws is None else draws
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    generator = np.random.default_rng(int(assumption("stability_seed")) if seed is None else seed)
    book, shift = register(), int(assumption("score_shift"))
    scores = np.ones((draws, len(book)))
    for column in ("likelihood", "impact"):
        moved = generator.integers(-shift, shift + 1, size=(draws, len(book)))
        scores *= book[column].to_numpy() + moved
    unknown, drawn = generator.uniform(0, 100, size=(draws, len(book))), np.empty(scores.shape)
    drawn[:] = np.nan
    values, known = indicators.upper_tier(), exposures.index[exposures["exposure"].notna()]
    for risk_id, part in percentiles.groupby("risk_id"):
        stated = part["weight"].to_numpy() / part["weight"].sum()
        weights = generator.dirichlet(assumption("weight_concentration") * stated, size=draws)
        if risk_id in known:
            among = indicators.weighted(indicators.signed(part, values), stated, weights)
            own = indicators.weighted(part["mean"].to_numpy()[None], stated, weights)[:, 0]
            drawn[:, book.index.get_loc(risk_id)] = indicators.place(own, among)
    # Scores are whole numbers and exposures lie between 0 and 100, so the sum orders by score
    # first. Places among authorities may tie; what was drawn at random for every risk decides.
    exposed = np.where(np.isnan(drawn), unknown, drawn + unknown / 1e6)
    order = np.argsort(-(scores * 1000 + exposed), axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(book) + 1)[None, :], axis=1)
    return ranks, drawn


def stability(ranks: np.ndarray, drawn: np.ndarray) -> pd.DataFrame:
    """Return how firm each risk's place is, from what `simulate` drew.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; title, touched (by an indicator that ranks authorities), median (rank), low
        and high (the ranks between which nine draws in ten lie), top_three and top_five (shares of
        draws), leads (share of draws in which its exposure is above England's middle and the
        highest of the touched risks of its score), standard_error (of those shares, at most). All
        but the first two are missing for a risk that is not touched: its ranks were drawn.
    """
    low, median, high = np.quantile(ranks, [0.05, 0.5, 0.95], axis=0)
    book = register()
    touched, leads = ~np.isnan(drawn).any(axis=0), np.full(len(book), np.nan)
    for score in book["score"].unique():
        same = touched & (book["score"] == score).to_numpy()
        if same.any():
            first = drawn[:, same] >= drawn[:, same].max(axis=1)[:, None]
            leads[same] = (first & (drawn[:, same] > MIDDLE)).mean(axis=0)
    frame = book[["title"]].assign(
        touched=touched,
        median=median,
        low=low,
        high=high,
        top_three=(ranks <= 3).mean(axis=0),
        top_five=(ranks <= 5).mean(axis=0),
        leads=leads,
        standard_error=0.5 / np.sqrt(len(ranks)),
    )
    frame.loc[~touched, frame.columns.drop(["title", "touched"])] = np.nan
    return frame
