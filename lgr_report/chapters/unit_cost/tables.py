"""Tables of unit cost as a page shows them, made from the frames of a study."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from lgr_report.chapters.unit_cost.elasticity import JOINT, NO_OUTLIERS, TOGETHER, WHOLE, series
from lgr_report.chapters.unit_cost.specifications import by_series as counted
from lgr_report.chapters.unit_cost.specifications import told
from lgr_report.core import findings
from lgr_report.core.proposals import COMPUTABLE
from lgr_report.page.phrases import millions, number, ranged, styled

signed_millions = partial(millions, plus=True)
signed = partial(number, digits=3, plus=True)
percent = partial(styled, style="{:.1f}%", plus=True)


def change(row: NamedTuple) -> str:
    """Return a change in GBP million (value, low, high), with its interval where it has one."""
    if row.low < row.high:
        return ranged(row.value, row.low, row.high, signed_millions)
    return signed_millions(row.value)


def change_or_why(row: NamedTuple) -> str:
    """Return the change of a proposal, or why there is none."""
    if pd.notna(row.value):
        return change(row)
    return "an authority did not report spend" if row.status == COMPUTABLE else row.status


def fits(fits: pd.DataFrame) -> pd.DataFrame:
    """Return `elasticity.estimates` for a page: size and its power, with intervals."""
    rows = fits.reset_index()
    return pd.DataFrame(
        {
            "series": rows["label"],
            "sample": rows["sample"],
            "authorities": rows["n"],
            "R squared": rows["r_squared"],
            "elasticity": _ranged(rows, ("value", "low", "high"), signed),
            "p": rows["p"].map("{:.2f}".format),
            "smallest detectable": rows["detectable"].map("{:.3f}".format),
        }
    )


def specifications(curve: pd.DataFrame) -> pd.DataFrame:
    """Return `specifications.curve` for a page: a row a specification, with what it says."""
    sign = told(curve)
    return pd.DataFrame(
        {
            "controls": curve["controls"],
            "region held": curve["region"].map({True: "yes", False: "no"}),
            "sample or fit": curve["sample"],
            "years": curve["years"],
            "authorities": curve["n"],
            "elasticity": _ranged(curve, ("value", "low", "high"), signed),
            "says": sign.map({-1: "larger is cheaper", 0: "not told apart", 1: "larger is dearer"}),
        }
    )


def says(curve: pd.DataFrame) -> str:
    """Return how many rows of `specifications.curve` say what of size, in words."""
    sign = told(curve)
    parts = {
        "larger is dearer": (sign > 0).sum(),
        "larger is cheaper": (sign < 0).sum(),
        "not told apart": (sign == 0).sum(),
    }
    return ", ".join(f"{name} in {n}" for name, n in parts.items() if n) + f" of {len(curve)}"


def by_series(curve: pd.DataFrame) -> pd.DataFrame:
    """Return `specifications.by_series` for a page."""
    labels = series()["label"].to_dict() | {TOGETHER: JOINT}
    rows = counted(curve).reset_index()
    return pd.DataFrame(
        {
            "series": rows["series"].map(labels),
            "years": rows["years"],
            "specifications": rows["specifications"],
            "estimates from": rows["least"].map(signed),
            "to": rows["greatest"].map(signed),
            "larger is cheaper": rows["cheaper"],
            "not told apart": rows["unclear"],
            "larger is dearer": rows["dearer"],
        }
    )


def income(fits: pd.DataFrame, sample: str = WHOLE) -> pd.DataFrame:
    """Return what £5,000 more median pay goes with, by series, for a page (published: p53)."""
    rows = fits[fits.index.isin([sample, NO_OUTLIERS], level="sample")].reset_index()
    return pd.DataFrame(
        {
            "series": rows["label"],
            "sample": rows["sample"],
            "change of unit cost": _ranged(rows, ("income", "income_low", "income_high"), percent),
            "smallest detectable": rows["income_detectable"].map("{:.1f}%".format),
        }
    )


def _ranged(
    rows: pd.DataFrame, columns: tuple[str, str, str], form: Callable[[float], str]
) -> list[str]:
    """Return three columns of each row as a figure with its range."""
    return [ranged(*row, form) for row in rows[[*columns]].itertuples(index=False)]


def influential(influential: pd.DataFrame) -> pd.DataFrame:
    """Return `elasticity.influential` for a page."""
    table = influential.astype({"population": int})
    for column, digits in (("residual", 1), ("shift", 2), ("without", 3)):
        table[column] = table[column].map(partial(number, digits=digits, plus=True))
    names = {
        "authority_name": "authority",
        "residual": "residual (standard errors)",
        "without": "elasticity without it",
        "shift": "shift by that (standard errors)",
    }
    return table.rename(columns=names)


def bands(bands: pd.DataFrame) -> pd.DataFrame:
    """Return `economies.bands` for a page."""
    return pd.DataFrame(
        {
            "band is": bands["definition"],
            "band": bands["band"],
            "average unitary": bands["population"].round().astype(int),
            "published": bands["published"].map(signed_millions),
            "computed": [change(row) for row in bands.itertuples()],
            "elasticity that the published needs": [
                "none gives it" if np.isnan(each) else signed(each) for each in bands["needed"]
            ],
            "specifications whose interval holds the published": [
                f"{sum(found)} of {len(found)}"
                for found in (holding(row.published, row.claim) for row in bands.itertuples())
            ],
            "verdict": bands["verdict"],
        }
    )


def holding(published: float, claim: findings.Claim) -> list[bool]:
    """Return of each specification of a claim whether its interval holds the published figure."""
    return [findings.inside(published, each) for each in (claim, *claim.specifications.values())]


def under_definitions(bands: pd.DataFrame) -> pd.DataFrame:
    """Return how verdicts on money by size band move with the definition of the bands."""
    columns = {"the average unitary is that of": bands["definition"].unique()}
    for band, part in bands.groupby("band", sort=False):
        columns[f"average of {band}"] = part["population"].map("{:,.0f}".format).array
        columns[f"verdict on {band}"] = part["verdict"].array
    return pd.DataFrame(columns)


def ratios(ratios: pd.DataFrame) -> pd.DataFrame:
    """Return `economies.ratios` for a page."""
    two_digits = partial(number, digits=2, plus=True)
    return pd.DataFrame(
        {
            "band is": ratios["definition"],
            "smallest ÷ middle, published": ratios["ratio"].map("{:.2f}".format),
            "expected": ratios["expected"].map(partial(number, digits=2)),
            "size of today's authority": ratios["today"].round().astype(int),
            "size that the published ratio needs": ratios["needed"].round().astype(int),
            "largest ÷ middle, published": ratios["large_ratio"].map(two_digits),
            "expected ": ratios["large_expected"].map(two_digits),
        }
    )


def proposals(proposals: pd.DataFrame) -> pd.DataFrame:
    """Return `Study.proposals` for a page."""
    return pd.DataFrame(
        {
            "proposal": proposals["proposal"],
            "unitaries": proposals["n_unitaries"],
            "spend today": [_or_dash(each, "£{:,.0f}m".format) for each in proposals["spend"]],
            "change a year": [change_or_why(row) for row in proposals.itertuples()],
            "at the published sums' elasticity": [
                _or_dash(each, signed_millions) for each in proposals["as_published"]
            ],
        }
    )


def _or_dash(value: float, form: object) -> str:
    return "–" if np.isnan(value) else form(value)


def options(options: pd.DataFrame) -> pd.DataFrame:
    """Return what all options of an area cost, by number of unitaries.

    Parameters
    ----------
    options : pandas.DataFrame
        As `study.measure_options` returns it.

    Returns
    -------
    pandas.DataFrame
        unitaries, options, least, median and most change (GBP million a year, at the estimate),
        low and high (ends of the widest interval among them).
    """
    rows = []
    for k, part in options.groupby(level="n_unitaries"):
        value, low, high = part.to_numpy().T
        ends = (low.min(), high.max())
        rows.append((k, len(part), value.min(), np.median(value), value.max(), *ends))
    columns = ["unitaries", "options", "least", "median", "most", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
