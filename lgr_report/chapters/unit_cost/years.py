"""Years: the same series of children's unit costs over nine years, pooled.

One year of a unit cost is noisy. The panel has 2016-17 to 2024-25 for looked-after children and two
of their placements. Every year has a level of its own. An authority's years are not independent, so
standard errors are clustered by authority: nine years of one council are not nine councils.
Population, deprivation, pay and region are those of today in every year.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from lgr_report.core import regression
from lgr_report.core.regression import CONTROLS, Regression
from lgr_report.sources import tables

# The measure of ``data/children_panel.csv`` that holds a series over the years.
MEASURES = {
    "residential": "residential_gbp_per_week",
    "fostering": "fostering_gbp_per_week",
    "children": "all_cla_gbp_per_week",
}


def panel(name: str, authorities: pd.DataFrame) -> pd.DataFrame:
    """Return one series over the years.

    Parameters
    ----------
    name : str
        One of `MEASURES`.
    authorities : pandas.DataFrame
        As `regression.authorities` returns it: only these take part.

    Returns
    -------
    pandas.DataFrame
        A row an authority and year: the columns of ``authorities`` that regressions need,
        gss_code, period and log_cost; missing or zero costs are left out.
    """
    table = tables.read("children_panel")
    table = table[(table["measure"] == MEASURES[name]) & (table["value"] > 0)]
    columns = ["region", "la_class", "log_population", "deprivation", "median_income", "log_income"]
    joined = table.join(authorities[columns], on="gss_code", how="inner")
    joined["log_cost"] = np.log(joined["value"].astype(float))
    return joined.drop(columns=["measure", "value"]).reset_index(drop=True)


def fit(
    panel: pd.DataFrame, predictors: Sequence[str] = CONTROLS, region: bool = False
) -> Regression:
    """Regress log cost on predictors, a level for each year, and regions where wanted.

    Parameters
    ----------
    panel : pandas.DataFrame
        As `panel` returns it.
    predictors : sequence of str
        Columns that explain the cost, the same in every year.
    region : bool
        Whether each region has a level of its own.
    """
    used = panel.dropna(subset=["log_cost", *predictors]).reset_index(drop=True)
    years = pd.get_dummies(used["period"].astype(str), drop_first=True, dtype=float)
    matrix = regression.design(used, predictors, region).join(years)
    # Whole numbers for the clusters: statsmodels sorts them, and texts would sort by locale.
    groups, codes = pd.factorize(used["gss_code"].astype(str))
    fitted = OLS(used["log_cost"], matrix).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    return Regression(fitted, tuple(codes), tuple(groups))
