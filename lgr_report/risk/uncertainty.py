"""What uncertainty does to residual risk: a simulation of any areas, and a tornado of one.

Nothing here is a forecast: the ranges are stated by officers or assumed, and the draws show what
follows from them.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import triang

from lgr_report.assess.records import current
from lgr_report.risk import maturity
from lgr_report.risk.register import register
from lgr_report.risk.residual import View, spread
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption, bounds


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a simulation of A areas, R risks and M areas of the matrix works on.

    ``scores`` is A × R × 2 × 3: likelihood and impact, least, stated and greatest, which may lie
    beyond the scale (`residual.spread`); ``assessed``
    (A × R) where officers assessed, so that maturity takes nothing more away; ``maturity``
    A × M × 2, low and high; ``weights`` R × M; ``k`` low, value, high; ``tolerance`` R.
    """

    area_ids: tuple[str, ...]
    risk_ids: tuple[str, ...]
    maturity_ids: tuple[str, ...]
    scores: np.ndarray
    assessed: np.ndarray
    maturity: np.ndarray
    weights: np.ndarray
    k: tuple[float, float, float]
    tolerance: np.ndarray


@dataclass(frozen=True, eq=False)
class Uniforms:
    """Random numbers of n draws: scores n × R × 2 and maturity n × A × M between 0 and 1, k n.

    ``weights`` (n × R × M) are drawn round the stated ones; rows add to one.
    """

    scores: np.ndarray
    maturity: np.ndarray
    weights: np.ndarray
    k: np.ndarray


def inputs(views: Sequence[View]) -> Inputs:
    """Return what a simulation of these areas works on, risks in the order of the register."""
    book, weights = register(), maturity.coverage()
    tolerance = tables.read("risk_appetite").set_index("risk_id")["tolerance"]
    source = np.array(
        [np.transpose(spread(r.likelihood, r.impact, "score_shift")) for r in book.itertuples()]
    )
    scores = np.repeat(source[None], len(views), axis=0)
    assessed = np.zeros(scores.shape[:2], dtype=bool)
    for a, seen in enumerate(views):
        for key, record in current(seen.dated, "risks").items():
            if record.score is not None:
                r = book.index.get_loc(key)
                points = spread(record.likelihood, record.impact, f"spread_{record.strength}")
                scores[a, r], assessed[a, r] = np.transpose(points), True
    return Inputs(
        area_ids=tuple(seen.area_id for seen in views),
        risk_ids=tuple(book.index),
        maturity_ids=tuple(weights.columns),
        scores=scores,
        assessed=assessed,
        maturity=np.array([seen.maturity[["low", "high"]].to_numpy(float) for seen in views]),
        weights=weights.to_numpy(float),
        k=bounds("residual_k"),
        tolerance=tolerance.reindex(book.index).to_numpy(float),
    )


def draw(given: Inputs, draws: int | None = None, seed: int | None = None) -> Uniforms:
    """Return the random numbers of a simulation.

    Each risk and each area has a stream of its own, by its identifier: neither the order of the
    tables nor which other areas are asked for changes what one area gets. Scores, weights and k
    are drawn alike for all areas, so that areas differ by what is known of them alone.
    """
    draws = int(assumption("stability_draws")) if draws is None else draws
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    seed = int(assumption("stability_seed")) if seed is None else seed

    def stream(*names: str) -> np.random.Generator:
        return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])

    concentration = assumption("weight_concentration")
    weights = np.zeros((draws, *given.weights.shape))
    for r, (risk, stated) in enumerate(zip(given.risk_ids, given.weights, strict=True)):
        # In the order of their identifiers, whatever that of the table.
        links = sorted(np.flatnonzero(stated), key=given.maturity_ids.__getitem__)
        drawn = stream("weights", risk).dirichlet(concentration * stated[links], size=draws)
        weights[:, r, links] = drawn
    return Uniforms(
        scores=np.stack([stream("scores", risk).random((draws, 2)) for risk in given.risk_ids], 1),
        maturity=np.stack(
            [
                np.stack([stream("maturity", a, m).random(draws) for m in given.maturity_ids], 1)
                for a in given.area_ids
            ],
            1,
        ),
        weights=weights,
        k=stream("k").random(draws),
    )


def simulate(given: Inputs, random: Uniforms) -> np.ndarray:
    """Return the residual score of every risk of every area in every draw (n × A × R).

    Likelihood, impact and k are triangular over their stated ranges, maturity is even over its
    span; the residual is likelihood × impact, less k times the weighted maturity where nobody
    assessed.
    """
    common = _triangular(random.scores, np.moveaxis(given.scores[0], -1, 0)).prod(axis=-1)
    scores = np.repeat(common[:, None], len(given.area_ids), axis=1)
    # Where nothing was assessed all areas have the source's scores: drawn once.
    other = (given.scores != given.scores[0]).any(axis=(2, 3))
    for a, r in zip(*np.nonzero(other), strict=True):
        scores[:, a, r] = _triangular(random.scores[:, r], given.scores[a, r].T).prod(axis=-1)
    low, high = given.maturity[..., 0], given.maturity[..., 1]
    grown = low + random.maturity * (high - low)
    taken = grown @ random.weights.transpose(0, 2, 1)
    taken *= _triangular(random.k, np.array(given.k))[:, None, None]
    return scores * (1 - np.where(given.assessed, 0, taken))


def _triangular(random: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return triangular draws; ``bounds`` holds least, stated and greatest on its first axis."""
    low, mode, high = bounds
    width = np.where(high > low, high - low, 1)
    drawn = triang.ppf(random, (mode - low) / width, loc=low, scale=width)
    return np.where(high > low, drawn, mode)


def expected(given: Inputs) -> np.ndarray:
    """Return the mean that the draws of `simulate` have in the long run (A × R).

    Likelihood, impact, k and maturity are drawn apart, so the mean of their product is the product
    of their means; scores spread evenly round the stated ones, which therefore are their means.
    """
    grown = given.maturity.mean(axis=-1)
    taken = np.where(given.assessed, 0, np.mean(given.k) * (grown @ given.weights.T))
    return given.scores.mean(axis=-1).prod(axis=-1) * (1 - taken)


def chances(given: Inputs, scores: np.ndarray) -> pd.DataFrame:
    """Return how often each risk is among the first, and above tolerance.

    Returns
    -------
    pandas.DataFrame
        Index area_id, risk_id; mean (`expected`), low and high (nine draws in ten, cut to the
        scale of 1 to 25), top_three, top_five and above_tolerance (shares of draws),
        standard_error (of those shares, at most). Risks that tie at a place all count.
    """
    ordered = np.sort(scores, axis=-1)
    low, high = np.clip(np.quantile(scores, [0.05, 0.95], axis=0), 1, 25)
    index = pd.MultiIndex.from_product(
        [given.area_ids, given.risk_ids], names=["area_id", "risk_id"]
    )
    columns = {
        "mean": expected(given),
        "low": low,
        "high": high,
        "top_three": (scores >= ordered[..., -3:-2]).mean(axis=0),
        "top_five": (scores >= ordered[..., -5:-4]).mean(axis=0),
        "above_tolerance": (scores > given.tolerance).mean(axis=0),
    }
    frame = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index)
    return frame.assign(standard_error=0.5 / np.sqrt(len(scores)))


def one_area(seen: View, draws: int | None = None, seed: int | None = None) -> pd.DataFrame:
    """Return `chances` of one area, index risk_id, with the title of each risk."""
    given = inputs([seen])
    found = chances(given, simulate(given, draw(given, draws, seed))).droplevel("area_id")
    found.insert(0, "title", register()["title"])
    return found


def tornado(seen: View) -> pd.DataFrame:
    """Return what moves the overall picture of an area: each input alone, from its low to its high.

    Returns
    -------
    pandas.DataFrame
        what, kind (score, maturity, assumption), at_low and at_high (mean residual score over the
        risks with the input at its least and its greatest), swing; the widest first. The base case
        (everything at its stated value, or in the middle of its span) is in ``attrs["base"]``.
    """
    given = inputs([seen])
    # A score is shown at the ends of its scale, beyond which only draws go.
    scores, spans = np.clip(given.scores[0], 1, 5), given.maturity[0]
    base = {"scores": scores[:, :, 1], "grown": spans.mean(axis=1), "k": np.mean(given.k)}

    def overall(**moved: object) -> float:
        at = base | moved
        taken = np.where(given.assessed[0], 0, at["k"] * (given.weights @ at["grown"]))
        return float((at["scores"].prod(axis=1) * (1 - taken)).mean())

    ends = [overall(k=given.k[end]) for end in (0, 2)]
    rows = [("Share of a score that full maturity takes away (k)", "assumption", *ends)]
    for m, name in enumerate(seen.maturity["name"]):
        ends = [_with(base["grown"], m, spans[m, end]) for end in (0, 1)]
        kind = f"maturity, {seen.maturity['basis'].iloc[m]}"
        rows.append((name, kind, *(overall(grown=grown) for grown in ends)))
    for r, risk in enumerate(given.risk_ids):
        ends = [_with(base["scores"], r, scores[r, :, end]) for end in (0, 2)]
        kind = "score, assessed" if given.assessed[0, r] else "score, of the source"
        rows.append((f"{risk} likelihood and impact", kind, *(overall(scores=s) for s in ends)))
    frame = pd.DataFrame(rows, columns=["what", "kind", "at_low", "at_high"])
    frame["swing"] = (frame["at_high"] - frame["at_low"]).abs()
    frame = frame.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    frame.attrs["base"] = overall()
    return frame


def _with(values: np.ndarray, place: int, value: object) -> np.ndarray:
    moved = values.copy()
    moved[place] = value
    return moved
