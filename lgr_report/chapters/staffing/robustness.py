"""Robustness: whether economies of scale in running services hang on the fit or on one authority.

Spend on all lines of `overheads` is fitted again without regions, by a robust regression (Huber:
authorities far from the line count less), weighted by residents, and without each authority in
turn. Where some of these find economies of scale and others cannot tell, the answer is sensitive.
"""

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import WLS
from statsmodels.robust.robust_linear_model import RLM

from lgr_report.chapters.staffing.overheads import ALL_LINES
from lgr_report.core import regression
from lgr_report.core.regression import CONTROLS, Regression
from lgr_report.sources.assumptions import assumption

SIZE = "log_population"
ECONOMIES, UNCLEAR = "spends less by the head", "cannot be told from proportional"
DISECONOMIES = "spends more by the head"


def fits(spend: pd.DataFrame) -> pd.DataFrame:
    """Return the elasticity of spend to residents under several fits.

    Parameters
    ----------
    spend : pandas.DataFrame
        As `overheads.spend` returns it.

    Returns
    -------
    pandas.DataFrame
        fit (in words), region (held or not), authorities, value, low, high, and answer: whether a
        larger authority `ECONOMIES`, `UNCLEAR` or `DISECONOMIES`. With region held or not: least
        squares, Huber's fit, weights by residents, and least squares without the one authority
        that lowers and the one that raises the elasticity most.
    """
    money = spend[ALL_LINES]
    frame = regression.authorities().assign(spend=np.log(money.where(money > 0)))
    frame = frame.dropna(subset=["spend", *CONTROLS])
    table = pd.DataFrame([row for region in (True, False) for row in _of(frame, region)])
    answers = np.select([table["high"] < 1, table["low"] > 1], [ECONOMIES, DISECONOMIES], UNCLEAR)
    return table.assign(answer=answers)


def _of(frame: pd.DataFrame, region: bool) -> list[dict[str, object]]:
    matrix, outcome = regression.design(frame, CONTROLS, region), frame["spend"]
    plain = regression.fit(frame, "spend", region=region)
    weighted = WLS(outcome, matrix, weights=frame["population"]).fit(cov_type="HC3", use_t=True)
    found = {
        "least squares": plain,
        "robust (Huber)": Regression(RLM(outcome, matrix).fit()),
        "weighted by residents": Regression(weighted),
    }
    order = plain.influence(SIZE)["without"].sort_values()
    for code in (order.index[0], order.index[-1]):
        name = f"without {frame.loc[code, 'authority_name']}"
        found[name] = regression.fit(frame.drop(code), "spend", region=region)
    level = assumption("interval_level")
    rows = []
    for name, fit in found.items():
        low, high = fit.results.conf_int(1 - level).loc[SIZE]
        row = {"fit": name, "region": region, "authorities": fit.n}
        rows.append(row | {"value": fit.results.params[SIZE], "low": low, "high": high})
    return rows


def sensitive(fits: pd.DataFrame) -> bool:
    """Return whether the answer differs among `fits`."""
    return len(set(fits["answer"])) > 1
