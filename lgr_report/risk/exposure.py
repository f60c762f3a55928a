"""How exposed an area is to each risk by public indicators, and how firm the order of risks is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.risk.register import register
from lgr_report.sources import areas, indicators, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content


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
    ranks = simulate(percentiles, exposures, draws, seed)
    area = areas.get(area_id).name
    return Study(area, authorities, percentiles, ordered(exposures), stability(ranks))


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
    ranked = indicators.percentiles(values[links["indicator"].unique()])
    children = values.loc[[*gss_codes], "population_0_17"].to_numpy()
    signed = ranked.loc[[*gss_codes], links["indicator"]].to_numpy().T
    signed = np.where((links["sign"] > 0).to_numpy()[:, None], signed, 100 - signed)
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
    """Return how exposed an area is to each risk.

    Parameters
    ----------
    percentiles : pandas.DataFrame
        As `indicator_percentiles` returns it.
    gss_codes : sequence of str
        The same authorities.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; exposure (0 to 100, the weighted mean of the percentiles; 50 is the middle
        of England's authorities), low and high (the least and most exposed authority of the area),
        indicators (how many count). Missing where no public indicator touches the risk, or where
        those present carry too little weight.
    """
    least, rows = assumption("min_weight_share"), {}
    for risk_id, part in percentiles.groupby("risk_id"):
        known = part.dropna(subset=["mean"])
        rows[risk_id] = {"indicators": len(known)}
        if len(known) and known["weight"].sum() >= least * part["weight"].sum():
            rows[risk_id]["exposure"] = np.average(known["mean"], weights=known["weight"])
    by_authority = indicators.composite(
        tables.read("risk_indicators"), "risk_id", indicators.upper_tier()
    ).loc[[*gss_codes]]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["indicators", "exposure"])
    frame = frame.assign(low=by_authority.min(), high=by_authority.max())
    frame = frame.reindex(register().index)
    frame["indicators"] = frame["indicators"].fillna(0).astype(int)
    return frame[["exposure", "low", "high", "indicators"]].astype({"exposure": float})


def ordered(exposures: pd.DataFrame) -> pd.DataFrame:
    """Return the register in the order of an area: by score, then by exposure.

    Parameters
    ----------
    exposures : pandas.DataFrame
        As `exposure` returns it.

    Returns
    -------
    pandas.DataFrame
        `register` joined with the exposures, and best_rank and worst_rank: the places a risk can
        take within its score. A risk without a public indicator could stand anywhere among those
        of its score, and stands after the others here.
    """
    frame = register().join(exposures)
    frame = frame.reset_index().assign(place=range(len(frame)))
    frame = frame.sort_values(
        ["score", "exposure", "place"], ascending=[False, False, True], na_position="last"
    )
    frame[["best_rank", "worst_rank"]] = [_bounds(frame, row) for row in frame.itertuples()]
    return frame.drop(columns="place").set_index("risk_id")


def _bounds(frame: pd.DataFrame, risk: tuple) -> tuple[int, int]:
    above = int((frame["score"] > risk.score).sum())
    same = frame[frame["score"] == risk.score]
    if np.isnan(risk.exposure):
        return above + 1, above + len(same)
    more = int((same["exposure"] > risk.exposure).sum())
    ties = int((same["exposure"] == risk.exposure).sum())
    unknown = int(same["exposure"].isna().sum())
    return above + more + 1, above + more + ties + unknown


def simulate(
    percentiles: pd.DataFrame,
    exposures: pd.DataFrame,
    draws: int | None = None,
    seed: int | None = None,
) -> np.ndarray:
    """Draw the order of the risks many times, with scores and weights moved.

    In each draw every likelihood and impact moves by a whole number of points between minus and
    plus ``score_shift`` (all equally likely, kept within 1 to 5), the weights of each risk's
    indicators are drawn round the stated ones (Dirichlet), and a risk without a public indicator
    gets an exposure drawn evenly from 0 to 100.

    Returns
    -------
    numpy.ndarray
        draws × risks; the rank of each risk, 1 first, in the order of `register`.
    """
    draws = int(assumption("stability_draws")) if draws is None else draws
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    generator = np.random.default_rng(int(assumption("stability_seed")) if seed is None else seed)
    book, shift = register(), int(assumption("score_shift"))
    scores = np.ones((draws, len(book)))
    for column in ("likelihood", "impact"):
        moved = generator.integers(-shift, shift + 1, size=(draws, len(book)))
        scores *= np.clip(book[column].to_numpy() + moved, 1, 5)
    drawn = generator.uniform(0, 100, size=(draws, len(book)))
    known = exposures.index[exposures["exposure"].notna()]
    for risk_id, part in percentiles.dropna(subset=["mean"]).groupby("risk_id"):
        if risk_id in known:
            stated = part["weight"].to_numpy() / part["weight"].sum()
            weights = generator.dirichlet(assumption("weight_concentration") * stated, size=draws)
            drawn[:, book.index.get_loc(risk_id)] = weights @ part["mean"].to_numpy()
    # Scores are whole numbers and exposures lie between 0 and 100, so the sum orders by score
    # first. Exposures are continuous: ties do not occur.
    order = np.argsort(-(scores * 1000 + drawn), axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(book) + 1)[None, :], axis=1)
    return ranks


def stability(ranks: np.ndarray) -> pd.DataFrame:
    """Return how firm each risk's place is, from the ranks of `simulate`.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; title, median (rank), low and high (the ranks between which nine draws in
        ten lie), top_three and top_five (shares of draws), standard_error (of those shares, at
        most).
    """
    low, median, high = np.quantile(ranks, [0.05, 0.5, 0.95], axis=0)
    return register()[["title"]].assign(
        median=median,
        low=low,
        high=high,
        top_three=(ranks <= 3).mean(axis=0),
        top_five=(ranks <= 5).mean(axis=0),
        standard_error=0.5 / np.sqrt(len(ranks)),
    )
