"""The risk register CLGR1-14: scores of the source, exposure of an area, and how firm the order is.

The source's scores are inherent risk and are never overwritten. They take two values only, so the
order within a score comes from public indicators, and a Monte Carlo shows how firm it is.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.assess import assessment_files
from lgr_report.assess.assessment import Assessment, current
from lgr_report.page import phrases
from lgr_report.sources import areas, indicators, tables
from lgr_report.sources.assumptions import assumption


def register() -> pd.DataFrame:
    """Return the register with its scores, rated and ranked.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; name (missing where the source has none), our_label, title (for the page),
        description (ours), likelihood, impact, score (1 to 25), rating, rank (ties share the
        first rank), tied (how many risks share it), no_indicator_reason.
    """
    frame = tables.read("risks").set_index("risk_id")
    frame["title"] = frame["name"].fillna(frame["our_label"])
    frame["score"] = frame["likelihood"] * frame["impact"]
    frame["rating"] = rating(frame["likelihood"], frame["impact"])
    frame["rank"] = frame["score"].rank(ascending=False, method="min").astype(int)
    frame["tied"] = frame.groupby("score")["score"].transform("size")
    return frame


def rating(likelihood: pd.Series, impact: pd.Series) -> pd.Series:
    """Return the band of each likelihood and impact, from ``data/rating_matrix.csv``."""
    matrix = tables.read("rating_matrix").set_index(["likelihood", "impact"])["rating"]
    cells = pd.MultiIndex.from_arrays([likelihood, impact])
    unknown = cells.difference(matrix.index)
    if len(unknown):
        raise ValueError(
            f"no rating for likelihood and impact {list(unknown)}; both go from 1 to 5"
        )
    return pd.Series(matrix.reindex(cells).to_numpy(), index=likelihood.index)


def indicator_percentiles(area_id: str) -> pd.DataFrame:
    """Return where an area's authorities stand on every indicator of every risk.

    Returns
    -------
    pandas.DataFrame
        One row a risk and indicator: risk_id, indicator, sign, weight, reason, mean (the signed
        percentile among England's upper-tier authorities, averaged over the area's authorities by
        children aged 0-17; high is exposed), low and high (the least and most exposed authority),
        missing (authorities without the figure).
    """
    links = tables.read("risk_indicators")
    values = indicators.upper_tier()
    ranked = indicators.percentiles(values[links["indicator"].unique()])
    mine = areas.authorities(area_id)["gss_code"]
    children = values.loc[mine, "population_0_17"].to_numpy()
    signed = ranked.loc[mine, links["indicator"]].to_numpy().T
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


def exposure(area_id: str) -> pd.DataFrame:
    """Return how exposed an area is to each risk, by public indicators.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; exposure (0 to 100, the weighted mean of `indicator_percentiles`; 50 is the
        middle of England's authorities), low and high (the least and most exposed authority of
        the area), indicators (how many count). Missing where no public indicator touches the
        risk, or where those present carry too little weight.
    """
    found = indicator_percentiles(area_id)
    present = found["mean"].notna()
    least = assumption("min_weight_share")
    rows = {}
    for risk_id, part in found.groupby("risk_id"):
        known = part[present[part.index]]
        enough = known["weight"].sum() >= least * part["weight"].sum() and len(known) > 0
        rows[risk_id] = {"indicators": len(known)}
        if enough:
            rows[risk_id]["exposure"] = np.average(known["mean"], weights=known["weight"])
    one_by_one = indicators.composite(
        tables.read("risk_indicators"), "risk_id", indicators.upper_tier()
    ).loc[areas.authorities(area_id)["gss_code"]]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["indicators", "exposure"])
    frame = frame.assign(low=one_by_one.min(), high=one_by_one.max())
    frame = frame.reindex(register().index)
    frame["indicators"] = frame["indicators"].fillna(0).astype(int)
    return frame[["exposure", "low", "high", "indicators"]].astype({"exposure": float})


def ordered(area_id: str) -> pd.DataFrame:
    """Return the register in the order of an area: by score, then by exposure.

    Returns
    -------
    pandas.DataFrame
        `register` joined with `exposure`, and best_rank and worst_rank: the places a risk can
        take within its score. A risk without a public indicator could stand anywhere among those
        of its score, and stands after the others here.
    """
    frame = register().join(exposure(area_id))
    frame = frame.reset_index().assign(place=range(len(frame)))
    frame = frame.sort_values(
        ["score", "exposure", "place"], ascending=[False, False, True], na_position="last"
    )
    bounds = [_bounds(frame, row) for row in frame.itertuples()]
    frame[["best_rank", "worst_rank"]] = bounds
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


def simulate(area_id: str, draws: int | None = None, seed: int | None = None) -> np.ndarray:
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
    frame = register()
    shift = int(assumption("score_shift"))
    scores = np.ones((draws, len(frame)))
    for column in ("likelihood", "impact"):
        moved = generator.integers(-shift, shift + 1, size=(draws, len(frame)))
        scores *= np.clip(frame[column].to_numpy() + moved, 1, 5)
    exposures = generator.uniform(0, 100, size=(draws, len(frame)))
    for risk_id, part in _known_indicators(area_id):
        weights = part["weight"].to_numpy() / part["weight"].sum()
        drawn = generator.dirichlet(assumption("weight_concentration") * weights, size=draws)
        exposures[:, frame.index.get_loc(risk_id)] = drawn @ part["mean"].to_numpy()
    # Scores are whole numbers and exposures lie between 0 and 100, so the sum orders by score
    # first. Exposures are continuous: ties do not occur.
    order = np.argsort(-(scores * 1000 + exposures), axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(frame) + 1)[None, :], axis=1)
    return ranks


def _known_indicators(area_id: str) -> list[tuple[str, pd.DataFrame]]:
    known = exposure(area_id)["exposure"].dropna().index
    found = indicator_percentiles(area_id).dropna(subset=["mean"])
    return [(risk, part) for risk, part in found.groupby("risk_id") if risk in known]


def stability(area_id: str, draws: int | None = None, seed: int | None = None) -> pd.DataFrame:
    """Return how firm each risk's place is, from `simulate`.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; title, median (rank), low and high (the ranks between which nine draws in
        ten lie), top_three and top_five (shares of draws), standard_error (of those shares, at
        most).
    """
    ranks = simulate(area_id, draws, seed)
    frame = register()[["title"]]
    low, median, high = np.quantile(ranks, [0.05, 0.5, 0.95], axis=0)
    return frame.assign(
        median=median,
        low=low,
        high=high,
        top_three=(ranks <= 3).mean(axis=0),
        top_five=(ranks <= 5).mean(axis=0),
        standard_error=0.5 / np.sqrt(len(ranks)),
    )


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ordered register for a page: one row a risk, columns with the names of the field.

    Parameters
    ----------
    table : pandas.DataFrame
        As `ordered` returns it.
    """
    names = table["name"].fillna("no name in the source; " + table["our_label"].fillna(""))
    why = "no public indicator: " + table["no_indicator_reason"].fillna("figures missing")
    exposures = table["exposure"].map("{:.0f}".format).where(table["exposure"].notna(), why)
    ranks = table["best_rank"].astype(str) + " to " + table["worst_rank"].astype(str)
    return pd.DataFrame(
        {
            "risk": table.index,
            "name": names,
            "what it is": table["description"],
            "likelihood": table["likelihood"],
            "impact": table["impact"],
            "score": table["score"],
            "rating": table["rating"],
            "exposure": exposures,
            "possible rank": ranks.where(
                table["best_rank"] < table["worst_rank"], table["best_rank"].astype(str)
            ),
        }
    )


def indicators_shown(area_id: str) -> pd.DataFrame:
    """Return the indicators of each risk for a page: the authorities' figures and percentiles."""
    found = indicator_percentiles(area_id)
    book = indicators.sources(found["indicator"].tolist())
    values = indicators.upper_tier()
    figures = {
        row.council_name: [
            f"{v:,.4g}" if v == v else "missing"
            for v in values.loc[row.gss_code, found["indicator"]]
        ]
        for row in areas.authorities(area_id).itertuples()
    }
    return pd.DataFrame(
        {
            "risk": found["risk_id"],
            "indicator": (book["label"] + ", " + book["unit"]).to_numpy(),
            **figures,
            "more means": found["sign"].map({1: "more exposed", -1: "less exposed"}),
            "weight": found["weight"],
            "exposure of the area": found["mean"],
            "why it counts": found["reason"],
        }
    )


def sources(names: list[str]) -> pd.DataFrame:
    """Return label, source, vintage, licence and caveat of indicators, for a page."""
    return indicators.sources(list(names)).fillna({"caveat": "none known"})


def checklist(area_id: str | None = None) -> pd.DataFrame:
    """Return the lessons for a page, with the risks each bears on and what officers said.

    Parameters
    ----------
    area_id : str, optional
        Area whose assessments are shown; without one nothing is ticked.
    """
    return ticked(assessment_files.assessments(area_id) if area_id else ())


def ticked(dated: Sequence[Assessment]) -> pd.DataFrame:
    """Return the lessons with what officers said in assessments; see `checklist`."""
    kinds = {"aware": "be aware of", "dont": "don't", "do": "do", "imagine": "imagine"}
    table, said = lessons(), current(dated, "lessons")
    told = [said.get(key) for key in table.index]
    return pd.DataFrame(
        {
            "kind": table["kind"].map(kinds),
            "lesson": table["lesson"],
            "bears on": table["risks"],
            "done": ["not yet assessed" if one is None else one.status for one in told],
            "evidence": ["–" if one is None else one.evidence or "–" for one in told],
        }
    )


def lessons() -> pd.DataFrame:
    """Return the lessons from Northamptonshire, each with the risks that it bears on."""
    links = tables.read("lesson_risks").groupby("lesson_id")["risk_id"].agg(", ".join)
    return tables.read("lessons").set_index("lesson_id").assign(risks=links)


def in_words(area_id: str, draws: int | None = None, seed: int | None = None) -> list[str]:
    """Return what the register says for an area, in sentences computed from the figures."""
    table, firm = ordered(area_id), stability(area_id, draws, seed)
    top = table[table["score"] == table["score"].max()]
    known = table["exposure"].dropna()
    unknown = table.index[table["exposure"].isna()]
    most = known.idxmax()
    surest = firm["top_five"].idxmax()
    return [
        f"The source scores {len(top)} risks {top['score'].iloc[0]} and the other "
        f"{len(table) - len(top)} {table['score'].min()} out of 25. On our bands (assumed) all are "
        f"{' or '.join(table['rating'].unique())}, and the scores alone rank nothing further.",
        f"Public indicators touch {len(known)} of the {len(table)} risks. The highest average "
        f"percentile of {areas.get(area_id).name} is {known[most]:.0f} (50 is the middle of "
        f"England's authorities, 100 the most exposed), on {most} ({table.loc[most, 'title']}); it "
        f"rests on {phrases.count(int(table.loc[most, 'indicators']), 'indicator')}.",
        f"No public indicator touches {', '.join(unknown)}: for these, only people who know the "
        "services can say how exposed the area is.",
        f"When every score may move by {assumption('score_shift'):.0f} and the weights vary, "
        f"{surest} ({firm.loc[surest, 'title']}) is among the first five in "
        f"{100 * firm.loc[surest, 'top_five']:.0f}% of draws, the most of all risks: treat "
        + (
            "the order as a starting point for discussion, not as a finding."
            if firm["top_five"].max() < assumption("firm_share")
            else "the first places as firm and the rest as a starting point for discussion."
        ),
    ]
