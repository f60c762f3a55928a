"""The register, the maturity matrix and residual risk as tables of a page."""

from collections.abc import Sequence

import pandas as pd

from lgr_report.assess.records import Assessment, current
from lgr_report.page import phrases
from lgr_report.risk import exposure, gaps, maturity
from lgr_report.risk.beside import ranked
from lgr_report.risk.maturity import NOT_ASSESSED
from lgr_report.risk.register import lessons, register
from lgr_report.risk.residual import LEVELS, SHOWN, View
from lgr_report.sources import areas, indicators, tables

POINTS = "points above tolerance (what-if where not assessed)"


def ordered(study: exposure.Study) -> pd.DataFrame:
    """Return the register in an area's order, a row a risk, with its rank in nine draws in ten.

    A risk on which public data rank nobody has no rank.
    """
    table, firm = study.ordered, study.firm
    shown = ["likelihood", "impact", "score", "rating"]
    why = "no public indicator: " + table["no_indicator_reason"].fillna("figures missing")
    why = why.mask(table["unranked"].notna(), "no percentile: " + table["unranked"])
    exposures = table["exposure"].map("{:.0f}".format).where(table["exposure"].notna(), why)
    ranks = firm.loc[table.index, ["low", "high"]].itertuples(index=False)
    return pd.DataFrame(
        {
            "risk": table.index,
            "name": table["title"].mask(
                table["name"].isna(), "no name in the source; " + table["title"]
            ),
            "what it is": table["description"],
            **table[shown],
            "exposure (percentile in England)": exposures,
            "rank, in nine draws of ten": [
                phrases.span(ends, "{:.0f}".format) if pd.notna(ends.low) else "–" for ends in ranks
            ],
        }
    )


def risk_indicators(study: exposure.Study) -> pd.DataFrame:
    """Return the indicators of each risk: the authorities' figures and percentiles."""
    links, tied = study.indicators, study.ordered["unranked"]
    book = indicators.sources(links["indicator"].tolist())
    return pd.DataFrame(
        {
            "risk": links["risk_id"],
            "indicator": (book["label"] + ", " + book["unit"]).to_numpy(),
            **_figures(study.authorities, links["indicator"]),
            "more means": links["sign"].map({1: "more exposed", -1: "less exposed"}),
            "weight": links["weight"],
            "percentile of the area": links["mean"].mask(
                links["risk_id"].isin(tied.dropna().index)
            ),
            "why it counts": links["reason"],
        }
    )


def _figures(authorities: pd.DataFrame, names: pd.Series) -> dict[str, list[str]]:
    """Return the figures of authorities on indicators, by the name of each authority."""
    values = indicators.upper_tier()
    return {
        row.council_name: [
            f"{value:,.4g}" if pd.notna(value) else "missing"
            for value in values.loc[row.gss_code, names]
        ]
        for row in authorities.itertuples()
    }


def indicator_sources() -> pd.DataFrame:
    """Return label, source, vintage, licence and caveat of the risks' indicators."""
    names = tables.read("risk_indicators")["indicator"].unique()
    return indicators.sources([*names]).fillna({"caveat": "none known"})


def checklist(dated: Sequence[Assessment] = ()) -> pd.DataFrame:
    """Return the lessons, the risks each bears on, and what officers said in assessments."""
    kinds = {"aware": "be aware of", "dont": "don't", "do": "do", "imagine": "imagine"}
    table, said = lessons(), current(dated, "lessons")
    records = [said.get(key) for key in table.index]
    return pd.DataFrame(
        {
            "kind": table["kind"].map(kinds),
            "lesson": table["lesson"],
            "bears on": table["risks"],
            "done": ["not yet assessed" if one is None else one.status for one in records],
            "evidence": ["–" if one is None else one.evidence or "–" for one in records],
        }
    )


def descriptors() -> pd.DataFrame:
    """Return the matrix: maturity areas by levels, with what an authority would show."""
    frame = tables.read("maturity_descriptors").pivot_table(
        index="maturity_area_id", columns="level", values="descriptor", aggfunc="first"
    )
    names = tables.read("maturity_levels").set_index("level")["name"]
    about = tables.read("maturity_areas").set_index("maturity_area_id")[["name", "origin"]]
    table = about.join(frame.rename(columns=lambda k: f"{k} {names[k]}"))
    return table.rename_axis(None, axis=1).reset_index(drop=True)


def assessed(view: View) -> pd.DataFrame:
    """Return what officers assessed of the matrix; what nobody assessed says so."""
    table = view.assessed.reset_index(drop=True)
    levels = tables.read("maturity_levels").set_index("level")["name"]
    texts = {
        "assessed level": table["level"].map(lambda k: f"{k} {levels[k]}", na_action="ignore"),
        "evidence": table["evidence"],
        "assessed on": table["assessed_on"].map(phrases.day, na_action="ignore"),
        "by": table["assessor_role"],
    }
    return pd.DataFrame(
        {
            "area": table["name"],
            **{name: text.astype(object).fillna(NOT_ASSESSED) for name, text in texts.items()},
            "only officers can say": tables.read("maturity_areas")["only_self_assessed"],
        }
    )


def maturity_indicators(authorities: pd.DataFrame) -> pd.DataFrame:
    """Return the indicators of each area of the matrix, with the authorities' figures."""
    links = tables.read("maturity_indicators")
    book = indicators.sources(links["indicator"].tolist())
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    return pd.DataFrame(
        {
            "area": links["maturity_area_id"].map(names),
            "indicator": (book["label"] + ", " + book["unit"]).to_numpy(),
            **_figures(authorities, links["indicator"]),
            "more is": links["sign"].map({1: "better", -1: "worse"}),
            **book[["source", "vintage"]].reset_index(drop=True),
        }
    )


def coverage() -> pd.DataFrame:
    """Return the coverage of the risks; an area that bears nothing has a dash."""
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    table = maturity.coverage()
    table = table.map(lambda weight: f"{weight:.0%}" if weight else "–").rename(columns=names)
    return table.rename_axis("risk", axis=0).rename_axis(None, axis=1).reset_index()


AGAINST = {"above": "would be above", "may be above": "might be above", "within": "would be within"}


def residual(view: View) -> pd.DataFrame:
    """Return inherent, residual and target of each risk; what nobody assessed is a what-if."""
    frame = view.register
    guessed = frame["assessed"].isna()
    strength = frame["strength"].map("{} strength of knowledge".format, na_action="ignore")
    days = pd.to_datetime(frame["assessed_on"]).map(phrases.day).where(~guessed)
    standing = frame["standing"].mask(guessed, "what if: " + frame["standing"].map(AGAINST))
    standing = standing.mask(frame["by_assumption"], "what if: above by arithmetic, no finding")
    return pd.DataFrame(
        {
            "risk": frame.index,
            "name": frame["title"],
            "inherent (source)": frame["inherent"],
            "residual": _scores(view).mask(guessed, "what if: " + _scores(view)),
            "how it is known": ("assessed " + days + ", " + strength).fillna(NOT_ASSESSED),
            **frame[["category", "appetite"]],
            "target": frame["target"].astype(int),
            "tolerance": frame["tolerance"],
            "against tolerance": standing,
            "treatment": frame["treatment"].fillna("–"),
            "owner": frame["owner_role"].fillna("–"),
        }
    )


def _scores(view: View) -> pd.Series:
    """Return the score that officers gave each risk, else the range of the what-if."""
    frame = view.register
    span = frame["low"].map(SHOWN.format) + " to " + frame["high"].map(SHOWN.format)
    scored = frame["assessed"].map("{:.0f}".format, na_action="ignore").astype(object)
    return scored.fillna(span)


def recorded(view: View) -> pd.DataFrame:
    """Return what officers recorded of each risk; one row says so if it is nothing."""
    columns = ["controls", "evidence", "strength", "treatment", "actions"]
    records = current(view.dated, "risks")
    rows = [
        {
            "risk": key,
            "assessed on": phrases.day(pd.Timestamp(records[key].assessed_on)),
            **{name: getattr(records[key], name) or "–" for name in columns},
        }
        for key in register().index
        if key in records
    ]
    nobody = {"risk": NOT_ASSESSED, **dict.fromkeys(["assessed on", *columns], "–")}
    frame = pd.DataFrame(rows or [nobody])
    return frame.rename(columns={"strength": "strength of knowledge", "actions": "further actions"})


def movement(view: View) -> pd.DataFrame:
    """Return what moved between two assessments; one row says so if there is nothing to compare."""
    if len(view.movement):
        return view.movement
    none = "fewer than two assessments are recorded"
    return pd.DataFrame([{"item": none, "before": "–", "now": "–", "change": "–"}])


def to_next_level(view: View) -> pd.DataFrame:
    """Return the gap of each area of the matrix to its next level."""
    frame = gaps.gaps(view)
    unknown = frame["next_level"].isna() & ~frame["level"].str.startswith(str(LEVELS))
    descriptor = frame["descriptor"].astype(object)
    descriptor = descriptor.mask(unknown, "assess it first").fillna("at the highest level")
    return pd.DataFrame(
        {
            "area": frame["name"],
            "level now": frame["level"],
            "what the next level asks": descriptor,
            "risks that the gap drives (share of the risk)": frame["risks"],
            POINTS: frame["points"],
        }
    )


def actions(view: View) -> pd.DataFrame:
    """Return the next actions."""
    frame = gaps.actions(view)
    return pd.DataFrame(
        {
            "next": range(1, len(frame) + 1),
            "action": frame["action"],
            "because": frame["because"],
            "risks above tolerance it bears on": frame["bears_on"],
            POINTS: frame["points"],
            "open lessons beside": frame["lessons"].replace("", "–"),
        }
    )


def ranges(views: Sequence[View], overall: pd.DataFrame) -> pd.DataFrame:
    """Return the residual score of each risk, a row an area.

    Parameters
    ----------
    views : sequence of View
        Of all areas.
    overall : pandas.DataFrame
        As `lgr_report.risk.beside.all_areas` has it.

    Returns
    -------
    pandas.DataFrame
        area, layer (what-if, or how many risks it published), one column a risk: the range, or
        the score that was assessed; mean and, where all areas scored all risks, the rank by it in
        nine draws of ten.
    """
    rows = []
    for view in views:
        done = int(overall.loc[view.area_id, "assessed"])
        layer = f"{phrases.count(done, 'risk')} assessed" if done else "what-if, none assessed"
        row = {"area": view.name, "layer": layer, **_scores(view)}
        own = overall.loc[view.area_id]
        ranks = phrases.span(own[["best_rank", "worst_rank"]], str)
        rank = {"rank, in nine draws of ten": ranks} if ranked(overall) else {}
        rows.append(row | {"mean": own["mean"], **rank})
    return pd.DataFrame(rows)


def exposures() -> pd.DataFrame:
    """Return the exposure to each risk of each area; without those that rank nobody."""
    columns = {}
    for area_id in areas.ids():
        codes = areas.authorities(area_id)["gss_code"]
        percentiles = exposure.indicator_percentiles(codes)
        columns[areas.get(area_id).name] = exposure.exposure(percentiles, codes)["exposure"]
    frame = pd.DataFrame(columns).T.dropna(axis=1, how="all").round().astype("Int64")
    return frame.rename_axis(None, axis=1).rename_axis("area").reset_index()
