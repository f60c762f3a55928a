"""Size: how often the tests of these pages reject what is true, that nothing happened.

Vesting day is given in turn to authorities that were not reorganised, with the real figures of the
real years. Over all of them placebo tests reject as often as they say, by construction: a place
among n is below one in twenty for one in twenty. Not so for places that are alike. With four to
eight years before, how closely a control fits them is much a matter of luck, and the test of one
area divides by it. So each test is judged among the authorities that their controls fitted about as
closely as they fitted the area.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.histories import differences
from lgr_report.chapters.histories.synthetic import Placebos

FIFTHS = 5  # authorities are judged beside the fifth of them that is most alike
ALL_FITS = "all"
KEYS = ("ratio", "gap", "plain")  # one area, areas together, difference in differences
FITS = ("closest", "second", "middle", "fourth", "loosest")


def alike(pool: Placebos, pre_error: float) -> np.ndarray:
    """Return the places of the fifth of donors whose control fitted most nearly as an area's did.

    Parameters
    ----------
    pool : Placebos
        The donors.
    pre_error : float
        Root mean squared error of the area's control before vesting day.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        unlike = np.abs(np.log(pool.pre_error) - np.log(pre_error))
    return np.argsort(unlike, kind="stable")[: max(1, len(unlike) // FIFTHS)]


def nulls(pool: Placebos) -> pd.DataFrame:
    """Return what the tests of one area say of each donor, where nothing happened.

    A donor is set against the others. Their own controls may draw on it, which moves p little: one
    weight among dozens.

    Returns
    -------
    pandas.DataFrame
        A row a donor: pre_error; p-values ratio (growth of the error, as areas are tested one by
        one), gap (as areas are tested together) and plain (difference in differences).
    """
    donors = len(pool.ratio)
    # Others whose error grew at least as much, and the donor itself.
    at_least = donors - np.searchsorted(np.sort(pool.ratio), pool.ratio, side="left")
    return pd.DataFrame(
        {
            "pre_error": pool.pre_error,
            "ratio": at_least / donors,
            "gap": _among(pool.gap),
            "plain": _among(differences.chance(pool)),
        }
    )


def _among(gaps: np.ndarray) -> np.ndarray:
    """Return each gap's two-sided p-value against the others."""
    return np.array(
        [differences.two_sided(gaps[k : k + 1], np.delete(gaps, k))[0] for k in range(len(gaps))]
    )


def of_one(pool: Placebos, pre_error: float, significance: float) -> dict[str, float]:
    """Return the share of true nulls rejected among donors alike (size, did_size), and of how many.

    They are few (``alike``): a share of 0 of 14 is compatible with one of a fifth.
    """
    p = nulls(pool).iloc[alike(pool, pre_error)]
    below = (p < significance).mean()
    sizes = {"size": float(below["ratio"]), "did_size": float(below["plain"])}
    return sizes | {"alike": len(p)}


def of_together(
    pools: Sequence[Placebos], pre_errors: Sequence[float], significance: float
) -> dict[str, float]:
    """Return the same for areas tested together: every combination of donors alike, one an area."""
    near = [alike(pool, error) for pool, error in zip(pools, pre_errors, strict=True)]
    sizes: dict[str, float] = {"alike": math.prod(map(len, near))}
    for name, gaps in (
        ("size", [pool.gap for pool in pools]),
        ("did_size", [differences.chance(pool) for pool in pools]),
    ):
        mine = differences.combined([g[k] for g, k in zip(gaps, near, strict=True)])
        p = differences.two_sided(mine, differences.combined(gaps))
        sizes[name] = float((p < significance).mean())
    return sizes


def by_fit(pools: Iterable[Placebos], significance: float) -> pd.DataFrame:
    """Return the share of true nulls rejected, by how closely a control fitted before.

    Parameters
    ----------
    pools : iterable of Placebos
        One for each measure and number of years.
    significance : float
        The p-value below which a test rejects.

    Returns
    -------
    pandas.DataFrame
        Index fit (`ALL_FITS`, then fifths of donors from closest to loosest); tests (how many),
        and shares ratio, gap and plain, as `nulls` names them.
    """
    parts = []
    for pool in pools:
        p = nulls(pool)
        place = p["pre_error"].rank(method="first").to_numpy() - 1
        fifth = (place * FIFTHS // len(p)).astype(int)
        parts.append((p.drop(columns="pre_error") < significance).assign(fit=fifth))
    tests = pd.concat(parts, ignore_index=True)
    tests["fit"] = pd.Categorical.from_codes(tests["fit"], FITS)
    names = [*KEYS]
    fits = tests.groupby("fit", observed=False)[names].mean()
    fits.insert(0, "tests", tests.groupby("fit", observed=False).size())
    whole = pd.DataFrame([tests[names].mean()], [ALL_FITS]).assign(tests=len(tests))
    return pd.concat([whole[["tests", *names]], fits]).rename_axis("fit")
