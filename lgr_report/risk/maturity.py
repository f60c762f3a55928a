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
LEVELS = 4
NOTHING = "no public indicator"
KEY = "maturity_area_id"


class CoverageError(ValueError):
    """A risk of the register has no area of the matrix that addresses it."""


def computed(area_id: str) -> pd.DataFrame:
    """Return the level of each of an area's upper-tier authorities, from public data.

    The signed percentiles of an area's indicators (high is good) are averaged, the averages ranked
    among all upper-tier authorities of England, and the quartile is the level. Where more
    authorities share one average than a quarter holds, there are no quarters and no level.

    Returns
    -------
    pandas.DataFrame
        One row an authority and maturity area: gss_code, council_name, maturity_area_id, name,
        percentile (0 to 100, high is good), level (1 to 4), low and high (0 to 1: the quarter
        of a level, or the quarters over which a tie extends), note (why there is no level, with
        what public data do say; empty where there is one). Percentile and level are missing where
        there is no public indicator, or where the figures present carry too little weight: a
        missing level is never level 1.
    """
    ranked, shared = percentiles(), ties()
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    authorities = areas.authorities(area_id)
    levels = ranked.reindex(index=authorities["gss_code"], columns=names.index)
    long = levels.rename_axis(index="gss_code", columns="maturity_area_id").reset_index()
    long = long.melt(id_vars="gss_code", value_name="percentile")
    tied = long["maturity_area_id"].isin(shared.index)
    long["level"] = level(long["percentile"]).mask(tied)
    long["low"], long["high"] = (long["level"] - 1) / LEVELS, long["level"] / LEVELS
    ends = [quarters(area)[gss] for gss, area in long.loc[tied, ["gss_code", KEY]].to_numpy()]
    long.loc[tied, ["low", "high"]] = np.array(ends).reshape(-1, 2)
    long["council_name"] = long["gss_code"].map(authorities.set_index("gss_code")["council_name"])
    long["name"] = long["maturity_area_id"].map(names)
    keys = zip(long["gss_code"], long["maturity_area_id"], long["percentile"], tied, strict=True)
    long["note"] = [_note(*key) for key in keys]
    columns = ["gss_code", "council_name", "maturity_area_id", "name"]
    return long[[*columns, "percentile", "level", "low", "high", "note"]]


def _note(gss_code: str, maturity_area_id: str, percentile: float, tied: bool) -> str:
    """Return why an authority has no level, and what its figures are where ties are the reason."""
    if pd.isna(percentile):
        return NOTHING
    if not tied:
        return ""
    links = tables.read("maturity_indicators").query("maturity_area_id == @maturity_area_id")
    book = indicators.sources(links["indicator"].tolist())
    figures = [
        f"{label.split(' (')[0]}: {indicators.shown(gss_code, name)}"
        for name, label in book["label"].items()
    ]
    return f"{'; '.join(figures)}; no level, as many tie"


def without_level(computed: pd.DataFrame) -> dict[str, str]:
    """Return why no authority of an area has a level, by area of the matrix where none has.

    Parameters
    ----------
    computed : pandas.DataFrame
        As `computed` returns it.
    """
    reasons = {}
    for key, part in computed.groupby("maturity_area_id"):
        tied = part[part["note"].str.contains(";")]
        if part["level"].isna().all():
            reasons[key] = f"no level, as many tie. {owned(tied)}" if len(tied) else NOTHING
    return reasons


def owned(tied: pd.DataFrame) -> str:
    """Return the figures in the notes of rows of `computed`, each after its authority."""
    told = [note.split(";")[0].rpartition(": ") for note in tied["note"]]
    figures = (f"{n} {figure}" for n, (*_, figure) in zip(tied["council_name"], told, strict=True))
    return f"{told[0][0]}: {', '.join(figures)}"


@once_per_batch
def percentiles() -> pd.DataFrame:
    """Return the percentile of every upper-tier authority of England, by maturity area."""
    links = tables.read("maturity_indicators")
    score = indicators.composite(links, "maturity_area_id", indicators.upper_tier())
    # Equal averages may differ in their last digits, which would part what ties.
    return indicators.percentiles(score.round(9))


def ties() -> pd.Series:
    """Return how many authorities share one average, where that is more than a quarter of all.

    Returns
    -------
    pandas.Series
        By maturity area, those without levels alone: the authorities of the largest tie. How many
        have an average is in ``attrs["authorities"]``, by maturity area.
    """
    found = indicators.tied(percentiles(), LEVELS)
    shared = found["shared"]
    shared.attrs["authorities"] = found["authorities"].to_dict()
    return shared


def quarters(maturity_area_id: str) -> dict[str, tuple[float, float]]:
    """Return by authority the quarters of England (0 to 1) over which its tie extends."""
    ranked = percentiles()[maturity_area_id].dropna()
    last = ranked.rank(method="max") / len(ranked)
    first = (ranked.rank(method="min") - 1) / len(ranked)
    low, high = np.floor(first * LEVELS) / LEVELS, np.ceil(last * LEVELS) / LEVELS
    return {gss: (low[gss], high[gss]) for gss in ranked.index}


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
