"""The maturity matrix: what public data show and what officers assessed, never mixed.

Seven areas (three named in public by Northamptonshire Children's Trust, four ours) by four levels.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.assess.records import Assessment
from lgr_report.sources import areas, indicators, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.cache import once_per_batch

NOT_ASSESSED = "not yet assessed"


class CoverageError(ValueError):
    """A risk of the register has no area of the matrix that addresses it."""


def computed(area_id: str) -> pd.DataFrame:
    """Return the level of each of an area's upper-tier authorities, from public data.

    The signed percentiles of an area's indicators (high is good) are averaged, the averages ranked
    among all upper-tier authorities of England, and the quartile is the level.

    Returns
    -------
    pandas.DataFrame
        One row an authority and maturity area: gss_code, council_name, maturity_area_id, name,
        percentile (0 to 100, high is good), level (1 to 4). Both are missing where there is no
        public indicator, or where the figures present carry too little weight: a missing level is
        never level 1.
    """
    ranked = percentiles()
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    authorities = areas.authorities(area_id)
    levels = ranked.reindex(index=authorities["gss_code"], columns=names.index)
    long = levels.rename_axis(index="gss_code", columns="maturity_area_id").reset_index()
    long = long.melt(id_vars="gss_code", value_name="percentile")
    long["level"] = level(long["percentile"])
    long["council_name"] = long["gss_code"].map(authorities.set_index("gss_code")["council_name"])
    long["name"] = long["maturity_area_id"].map(names)
    columns = ["gss_code", "council_name", "maturity_area_id", "name", "percentile", "level"]
    return long[columns]


@once_per_batch
def percentiles() -> pd.DataFrame:
    """Return the percentile of every upper-tier authority of England, by maturity area."""
    links = tables.read("maturity_indicators")
    score = indicators.composite(links, "maturity_area_id", indicators.upper_tier())
    return indicators.percentiles(score)


def level(percentile: pd.Series) -> pd.Series:
    """Return the level (1 to 4) of each percentile; missing stays missing."""
    cuts = [assumption(f"maturity_cut_{k}") for k in (1, 2, 3)]
    levels = pd.Series(np.digitize(percentile, cuts) + 1, index=percentile.index, dtype="Int64")
    return levels.mask(percentile.isna())


def recorded(dated: Sequence[Assessment]) -> pd.DataFrame:
    """Return the latest level of each area of the matrix in dated assessments.

    Returns
    -------
    pandas.DataFrame
        Index maturity_area_id (all seven); name, level (missing: nobody assessed it), evidence,
        assessed_on, assessor_role.
    """
    frame = tables.read("maturity_areas").set_index("maturity_area_id")[["name"]]
    columns = ["level", "evidence", "assessed_on", "assessor_role"]
    frame[columns] = pd.DataFrame(None, frame.index, columns, dtype=object)
    for one in dated:
        for record in one.maturity:
            known = record.level, record.evidence, record.assessed_on, one.assessor_role
            frame.loc[record.maturity_area_id, columns] = known
    frame["assessed_on"] = pd.to_datetime(frame["assessed_on"])
    return frame.astype({"level": "Int64"})


def coverage() -> pd.DataFrame:
    """Return which maturity areas address each risk, with weights.

    Returns
    -------
    pandas.DataFrame
        Risks by maturity areas: share of the risk that the area addresses; rows add to one.

    Raises
    ------
    CoverageError
        Naming every risk that no area addresses, or whose weights do not add to one.
    """
    risk_ids = tables.read("risks")["risk_id"]
    links = tables.read("risk_maturity")
    table = links.pivot_table(
        index="risk_id", columns="maturity_area_id", values="weight", aggfunc="sum", fill_value=0
    ).reindex(
        index=risk_ids, columns=tables.read("maturity_areas")["maturity_area_id"], fill_value=0
    )
    total = table.sum(axis=1)
    bare = total.index[total == 0].tolist()
    uneven = total.index[(total != 0) & ~np.isclose(total, 1)].tolist()
    wrong = [f"no maturity area addresses {risk}" for risk in bare]
    wrong += [f"the weights of {risk} add to {total[risk]:g}, not to 1" for risk in uneven]
    if wrong:
        raise CoverageError("; ".join(wrong) + ": add or correct its rows in risk_maturity.csv")
    return table
