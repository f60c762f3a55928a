"""The maturity matrix: what public data show and what officers assessed, never mixed.

Seven areas (three named in public by Northamptonshire Children's Trust, four ours) by four levels.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.assess import assessment_files
from lgr_report.assess.assessment import Assessment
from lgr_report.page import phrases
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
    ranked = _national()
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    council = areas.authorities(area_id)
    found = ranked.reindex(index=council["gss_code"], columns=names.index)
    long = found.rename_axis(index="gss_code", columns="maturity_area_id").reset_index()
    long = long.melt(id_vars="gss_code", value_name="percentile")
    long["level"] = level(long["percentile"])
    long["council_name"] = long["gss_code"].map(council.set_index("gss_code")["council_name"])
    long["name"] = long["maturity_area_id"].map(names)
    columns = ["gss_code", "council_name", "maturity_area_id", "name", "percentile", "level"]
    return long[columns]


@once_per_batch
def _national() -> pd.DataFrame:
    """Return the percentile of every upper-tier authority of England."""
    links = tables.read("maturity_indicators")
    score = indicators.composite(links, "maturity_area_id", indicators.upper_tier())
    return indicators.percentiles(score)


def level(percentile: pd.Series) -> pd.Series:
    """Return the level (1 to 4) of each percentile; missing stays missing."""
    cuts = [assumption(f"maturity_cut_{k}") for k in (1, 2, 3)]
    found = pd.Series(np.digitize(percentile, cuts) + 1, index=percentile.index, dtype="Int64")
    return found.mask(percentile.isna())


def assessed(area_id: str) -> pd.DataFrame:
    """Return what officers of an area assessed: the latest level of each maturity area.

    Returns
    -------
    pandas.DataFrame
        Index maturity_area_id (all seven); name, level (missing: nobody assessed it), evidence,
        assessed_on, assessor_role.

    Raises
    ------
    AssessmentError
        If a file of the area cannot be read, with every problem.
    """
    dated = assessment_files.assessments(area_id)
    return recorded(dated)


def recorded(dated: Sequence[Assessment]) -> pd.DataFrame:
    """Return the latest level of each area of the matrix in assessments; see `assessed`."""
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


def descriptors() -> pd.DataFrame:
    """Return the matrix: maturity areas by levels, with what an authority would show."""
    frame = tables.read("maturity_descriptors").pivot_table(
        index="maturity_area_id", columns="level", values="descriptor", aggfunc="first"
    )
    names = tables.read("maturity_levels").set_index("level")["name"]
    about = tables.read("maturity_areas").set_index("maturity_area_id")[["name", "origin"]]
    table = about.join(frame.rename(columns=lambda k: f"{k} {names[k]}"))
    return table.rename_axis(None, axis=1).reset_index(drop=True)


def assessed_shown(area_id: str) -> pd.DataFrame:
    """Return the assessed layer for a page; what nobody assessed says so."""
    table = assessed(area_id).reset_index(drop=True)
    about = tables.read("maturity_areas")
    levels = tables.read("maturity_levels").set_index("level")["name"]
    named = table["level"].map(lambda k: f"{k} {levels[k]}", na_action="ignore")
    return pd.DataFrame(
        {
            "area": table["name"],
            "assessed level": named.astype(object).fillna(NOT_ASSESSED),
            "evidence": table["evidence"].astype(object).fillna(NOT_ASSESSED),
            "assessed on": table["assessed_on"]
            .map(phrases.day, na_action="ignore")
            .astype(object)
            .fillna(NOT_ASSESSED),
            "by": table["assessor_role"].astype(object).fillna(NOT_ASSESSED),
            "only officers can say": about["only_self_assessed"],
        }
    )


def indicators_shown(area_id: str) -> pd.DataFrame:
    """Return the indicators of each area of the matrix, with the authorities' figures."""
    links = tables.read("maturity_indicators")
    values = indicators.upper_tier()
    book = indicators.sources(links["indicator"].tolist())
    figures = {
        row.council_name: [
            f"{v:,.4g}" if v == v else "missing"
            for v in values.loc[row.gss_code, links["indicator"]]
        ]
        for row in areas.authorities(area_id).itertuples()
    }
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    return pd.DataFrame(
        {
            "area": links["maturity_area_id"].map(names),
            "indicator": (book["label"] + ", " + book["unit"]).to_numpy(),
            **figures,
            "more is": links["sign"].map({1: "better", -1: "worse"}),
            "source": book["source"].to_numpy(),
            "vintage": book["vintage"].to_numpy(),
        }
    )


def coverage_shown() -> pd.DataFrame:
    """Return the coverage of the risks for a page; an area that bears nothing has a dash."""
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    table = coverage()
    table = table.map(lambda weight: f"{weight:.0%}" if weight else "–").rename(columns=names)
    return table.rename_axis("risk", axis=0).rename_axis(None, axis=1).reset_index()


def in_words(area_id: str) -> list[str]:
    """Return what the matrix says for an area, in sentences computed from the figures."""
    table, officers = computed(area_id), assessed(area_id)
    area = areas.get(area_id)
    mine = table[table["gss_code"] == area.county_gss].dropna(subset=["level"])
    blank = table.groupby("maturity_area_id")["level"].count()
    bare = [
        tables.read("maturity_areas").set_index("maturity_area_id")["name"][k]
        for k in blank.index[blank == 0]
    ]
    lowest = mine[mine["level"] == mine["level"].min()]
    done = int(officers["level"].notna().sum())
    words = [
        f"By public data {area.county_name} stands lowest on {_listed(lowest['name'])}: level "
        f"{lowest['level'].iloc[0]} of 4, which is its quarter among England's authorities, not a "
        "judgement of its plans.",
        f"Public data say nothing of {_listed(bare)}."
        if bare
        else "Every area of the matrix has a public indicator.",
        f"Officers have assessed {done} of {len(officers)} areas."
        if done
        else f"No officer's assessment is recorded for {area.name}: the assessed layer is "
        f"{NOT_ASSESSED}.",
    ]
    return words


def _listed(names: list[str] | pd.Series) -> str:
    return phrases.listed(name[0].lower() + name[1:] for name in names)
