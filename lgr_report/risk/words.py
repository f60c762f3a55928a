"""What the register and the maturity matrix say, in sentences made from figures."""

from collections.abc import Iterable

import pandas as pd

from lgr_report.page.phrases import count, listed
from lgr_report.risk import exposure
from lgr_report.risk import maturity as levels
from lgr_report.risk.drivers import SAME, UNKNOWN, UNTOUCHED
from lgr_report.risk.maturity import NOT_ASSESSED
from lgr_report.risk.residual import View
from lgr_report.sources import indicators, tables
from lgr_report.sources.assumptions import assumption


def order(study: exposure.Study) -> list[str]:
    """Return what the register says for an area, and how firm its order is."""
    table, firm = study.ordered, study.firm
    top = table[table["score"] == table["score"].max()]
    unknown = table[table["exposure"].isna()]
    bare = unknown.index[unknown["unranked"].isna()]
    words = [
        f"The source scores {count(len(top), 'risk')} at {top['score'].iloc[0]} out of 25"
        + (
            f" and the other {len(table) - len(top)} at {listed(_scores(table, top))}"
            if len(top) < len(table)
            else ""
        )
        + f". On our bands (assumed) all are {' or '.join(table['rating'].unique())}, and the "
        "scores alone rank nothing further.",
        f"Public indicators touch {len(table) - len(bare)} of the {len(table)} risks. "
        + most(study.area, table),
    ]
    tied = unknown["unranked"].dropna()
    if len(tied):
        words.append(
            "Their figures rank nobody "
            + ", and ".join(
                f"on {key} ({unknown['title'][key]}), where {why}" for key, why in tied.items()
            )
            + "."
        )
    if len(bare):
        words.append(
            f"No public indicator touches {listed(bare)}: for these, only people who know the "
            "services can say how exposed the area is."
        )
    if len(unknown):
        words.append(
            f"Public data give {count(len(unknown), 'risk')} no exposure, so in the draws "
            f"{'it gets' if len(unknown) == 1 else 'they get'} any exposure at all and "
            f"{'has' if len(unknown) == 1 else 'have'} no rank."
        )
    touched = firm[firm["touched"]]
    if len(touched):
        words.append(_firm(touched))
    return words


def _scores(table: pd.DataFrame, top: pd.DataFrame) -> list[str]:
    return [str(score) for score in table["score"].drop(top.index).unique()]


def most(area: str, table: pd.DataFrame) -> str:
    """Return on which risk an area is most exposed, among those of the highest score and among all.

    Parameters
    ----------
    area : str
        Its name.
    table : pandas.DataFrame
        As `exposure.ordered` returns it.
    """
    known, top = table.dropna(subset=["exposure"]), table[table["score"] == table["score"].max()]
    first = known[known.index.isin(top.index)]
    words = (
        f"Of the {count(len(top), 'risk')} scored {top['score'].iloc[0]}, public data can rank "
        f"{area} on {len(first) or 'none'}{_highest(first)}."
    )
    if len(top) == len(table):
        return words
    return (
        f"{words} Of all {len(table)}, they can rank it on {len(known) or 'none'}"
        f"{_highest(known, _named(first))}."
    )


def _highest(known: pd.DataFrame, before: str = "") -> str:
    """Return on how many of some risks an area is above England's middle, and on which the most."""
    above = known[known["above"]]
    if known.empty:
        return ""
    if above.empty:
        return ", and on none of these is it more exposed than England's middle authority"
    first = above[above["exposure"] == above["exposure"].max()]
    rests = listed(count(int(n), "indicator") for n in first["indicators"])
    words = f", and on {len(above)} of these it is more exposed than England's middle authority"
    if _named(known) == before:
        return f"{words}. Among these it is most exposed on {before} again"
    share = than(first["exposure"].iloc[0])
    return (
        f"{words}. Among these it is most exposed on {_named(known)}: more than {share} of "
        f"England's authorities. That rests on {rests}"
    )


def _named(known: pd.DataFrame) -> str:
    """Return the risks on which an area is most exposed, if above England's middle."""
    above = known[known["above"]]
    first = above[above["exposure"] == above["exposure"].max()]
    return listed(f"{risk} ({title})" for risk, title in first["title"].items())


def than(percentile: float) -> str:
    """Return a percentile as the share of authorities that lie below it."""
    if percentile >= 99.5:
        return "99%"
    return "under 1%" if percentile < 0.5 else f"about {percentile:.0f}%"


def _firm(touched: pd.DataFrame) -> str:
    most = touched["top_five"].max()
    surest = touched.index[touched["top_five"] == most]
    named = listed(f"{risk} ({touched['title'][risk]})" for risk in surest)
    return (
        f"When every score may move by {assumption('score_shift'):.0f} up or down and the weights "
        f"vary, {named} {'is' if len(surest) == 1 else 'are'} among the first five in "
        f"{100 * most:.0f}% of draws, the most of the risks that public data rank: treat "
        + (
            "the order as a starting point for discussion, not as a finding."
            if most < assumption("firm_share")
            else "the first places as firm and the rest as a starting point for discussion."
        )
    )


def maturity(view: View) -> list[str]:
    """Return what the matrix says: each authority by public data, and what officers did."""
    computed, officers = view.computed, view.assessed
    silent = computed.groupby("maturity_area_id")["percentile"].count() == 0
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    bare = names[silent.index[silent]]
    done = int(officers["level"].notna().sum())
    return [
        *(_lowest(name, own) for name, own in computed.groupby("council_name", sort=False)),
        *_meaning(computed),
        *_ties(computed),
        f"Public data say nothing of {in_sentence(bare)}."
        if len(bare)
        else "Every area of the matrix has a public indicator.",
        f"Officers have assessed {done} of {len(officers)} areas."
        if done
        else f"No officer's assessment is recorded for {view.name}: the assessed layer is "
        f"{NOT_ASSESSED}.",
    ]


def _lowest(council: str, own: pd.DataFrame) -> str:
    """Return on what one authority stands lowest."""
    known = own.dropna(subset=["level"])
    lowest = known[known["level"] == known["level"].min()]
    if lowest.empty:
        return f"Public data give {council} no level."
    at = f"level {lowest['level'].iloc[0]} of {levels.LEVELS}"
    if len(lowest) == len(known) > 1:
        return f"By public data {council} stands at {at} on all {len(known)} areas that have one."
    return f"By public data {council} stands lowest on {in_sentence(lowest['name'])}: {at}."


def _meaning(computed: pd.DataFrame) -> list[str]:
    if computed["level"].isna().all():
        return []
    return [
        "A level is the quarter of England's authorities in which an authority stands, not a "
        "judgement of its plans."
    ]


def _ties(computed: pd.DataFrame) -> list[str]:
    """Return where ties leave no quarters, with the figures of each authority."""
    shared = levels.ties()
    of = shared.attrs["authorities"]
    tied = computed[
        computed["maturity_area_id"].isin(shared.index) & computed["percentile"].notna()
    ]
    return [
        f"No level is given of {in_sentence(own['name'].unique())}: {shared[key]} of England's "
        f"{of[key]} authorities share one value, so that they do not fall into quarters. "
        f"{levels.owned(own)} (figures of {_vintage(key)})."
        for key, own in tied.groupby("maturity_area_id")
    ]


def _vintage(maturity_area_id: str) -> str:
    links = tables.read("maturity_indicators").query("maturity_area_id == @maturity_area_id")
    return listed(indicators.sources(links["indicator"].tolist())["vintage"].unique())


def in_sentence(names: Iterable[str]) -> str:
    """Return the names of areas of the matrix as a list in a sentence."""
    names = [name[0].lower() + name[1:] for name in names]
    return "; ".join(names) if any(" and " in name for name in names) else listed(names)


def changes(table: pd.DataFrame) -> list[str]:
    """Return what options change for the risks (`drivers.table`)."""
    touched = table[table["what the option changes"] != UNTOUCHED]
    options = touched.drop(columns=["risk", "what the option changes", "today", "kind", "note"])
    values = options.where(~options.isin(["–", UNKNOWN, SAME]))
    several = [len(set(row.dropna())) > 1 for _, row in values.iterrows()]
    differ = touched.loc[several, "risk"].unique()
    bare = table.loc[table["what the option changes"] == UNTOUCHED, "risk"]
    first = (
        f"The proposals differ in what they change for {listed(differ)}."
        if len(differ)
        else "On what can be computed, the proposals change the same for every risk."
    )
    return [
        f"{first} Where ranges overlap, public data do not tell the proposals apart. None of this "
        "alters a score: it is there for those who score.",
        f"No model touches {listed(bare)}: only people who know the services can say.",
    ]
