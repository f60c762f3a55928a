"""All areas beside each other: their mean scores, ranks, and which of them are told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from statsmodels.stats.multitest import multipletests

from lgr_report.risk import uncertainty
from lgr_report.risk.register import register
from lgr_report.risk.residual import View
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import by_content


@dataclass(frozen=True, eq=False)
class Beside:
    """All areas beside each other.

    ``chances`` is as `uncertainty.chances` returns it. ``overall`` has a row an area: index
    area_id; name, assessed (how many risks), mean (of the scores over the risks, see
    `uncertainty.expected`), low and high (nine draws in ten), best_rank and worst_rank (1 is the
    highest mean; nine draws in ten), above (mean number of risks above tolerance). ``higher``
    (areas × areas) is the share of draws in which the area of the row is above that of the column,
    a tie counting half; ``draws`` how many.
    """

    chances: pd.DataFrame
    overall: pd.DataFrame
    higher: pd.DataFrame
    draws: int


@by_content
def all_areas(views: Sequence[View], draws: int | None = None, seed: int | None = None) -> Beside:
    """Return all 21 areas beside each other.

    Parameters
    ----------
    views : sequence of View
        As `residual.views` returns them; never an example.
    draws, seed : int, optional
        By default the assumptions.
    """
    if any(view.example for view in views):
        raise ValueError("an example is not set beside real areas")
    given = uncertainty.inputs(views)
    scores = uncertainty.simulate(given, uncertainty.draw(given, draws, seed))
    mean, index = scores.mean(axis=-1), pd.Index(given.area_ids, name="area_id")
    low, high = np.quantile(mean, [0.05, 0.95], axis=0)
    ranks = rankdata(-mean, axis=1)
    overall = pd.DataFrame(
        {
            "name": [v.name for v in views],
            "assessed": given.assessed.sum(axis=1),
            "mean": uncertainty.expected(given).mean(axis=1),
            "low": low,
            "high": high,
            "best_rank": np.floor(np.quantile(ranks, 0.05, axis=0)).astype(int),
            "worst_rank": np.ceil(np.quantile(ranks, 0.95, axis=0)).astype(int),
            "above": (scores > given.tolerance).sum(axis=-1).mean(axis=0),
        },
        index=index,
    )
    higher = pd.DataFrame([(column[:, None] > mean).mean(axis=0) for column in mean.T])
    higher = (higher + 1 - higher.T) / 2
    return Beside(
        uncertainty.chances(given, scores),
        overall,
        higher.set_axis(index).set_axis(index, axis=1),
        len(mean),
    )


def ranked(overall: pd.DataFrame) -> bool:
    """Return whether areas can be ranked: all scored all risks, so that no what-if ranks them.

    Parameters
    ----------
    overall : pandas.DataFrame
        As `Beside` has it.
    """
    return bool(overall["assessed"].eq(len(register())).all())


def unranked(overall: pd.DataFrame) -> str:
    """Return in words why no area can be ranked (see `ranked`)."""
    if overall["assessed"].gt(0).any():
        return "no area can be ranked, as not every area has scored every risk"
    return "no area can be ranked, as nobody has assessed anything"


def told_apart(beside: Beside) -> pd.DataFrame:
    """Return which areas are told apart, judged by the difference of each pair in the same draws.

    Scores, weights and k are shared by all areas in a draw, so that two areas whose ranges overlap
    may still differ in nearly every draw.

    Returns
    -------
    pandas.DataFrame
        One row a pair: first (area_id, the one that is more often above), second, share (of draws
        in which it is), apart (share of at least ``firm_share``), corrected (still apart if all
        pairs are counted: Holm's correction).
    """
    higher, ids = beside.higher.to_numpy(), beside.higher.index
    level = assumption("firm_share")
    rows, columns = np.triu_indices(len(ids), 1)
    share = higher[rows, columns]
    first, second = np.where(share >= 0.5, (rows, columns), (columns, rows))
    share = np.maximum(share, 1 - share)
    p = np.minimum(1, 2 * ((1 - share) * beside.draws + 1) / (beside.draws + 1))
    corrected = multipletests(p, alpha=2 * (1 - level), method="holm")[0] if len(p) else []
    return pd.DataFrame(
        {
            "first": ids[first],
            "second": ids[second],
            "share": share,
            "apart": share >= level,
            "corrected": corrected,
        }
    )
