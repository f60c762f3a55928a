"""What the register and the maturity matrix say, in sentences made from figures."""

from collections.abc import Iterable

import pandas as pd

from lgr_report.page.phrases import count, listed
from lgr_report.risk import exposure
from lgr_report.risk import maturity as levels
from lgr_report.risk.drivers import SAME, UNKNOWN, UNTOUCHED
from lgr_report.risk.maturity import NOT_ASSESSED
from lgr_report.risk.residual import View
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption


def order(study: exposure.Study) -> list[str]:
    """Return what the register says for an area, and how firm its order is."""
    table, firm = study.ordered, study.firm
    top = table[table["score"] == table["score"].max()]
    known, unknown = table.dropna(subset=["exposure"]), table.index[table["exposure"].isna()]
    words = [
        f"The source scores {count(len(top), 'risk')} at {top['score'].iloc[0]} out of 25"
        + (
            f" and the other {len(table) - len(top)} at {listed(_scores(table, top))}"
            if len(top) < len(table)
            else ""
        )
        + f". On our bands (assumed) all are {' or '.join(table['rating'].unique())}, and the "
        "scores alone rank nothing further.",
        f"Public indicators touch {len(known)} of the {len(table)} risks. "
        + _most(study.area, known),
    ]
    if len(unknown):
        words.append(
            f"No public indicator touches {listed(unknown)}: for these, only people who know the "
            "services can say how exposed the area is. In the draws they get any exposure at all, "
            "so their ranks say nothing of the area."
        )
    touched = firm[firm["touched"]]
    if len(touched):
        words.append(_firm(touched))
    return words


def _scores(table: pd.DataFrame, top: pd.DataFrame) -> list[str]:
    return [str(score) for score in table["score"].drop(top.index).unique()]


def _most(area: str, known: pd.DataFrame) -> str:
    """Return on how many risks an area is above England's middle, and on which the most."""
    above = known[known["above"]]
    if above.empty:
        return f"On none of them is {area} more exposed than England's middle authority."
    most = above[above["exposure"] == above["exposure"].max()]
    named = listed(f"{risk} ({title})" for risk, title in most["title"].items())
    rests = listed(count(int(n), "indicator") for n in most["indicators"])
    return (
        f"On {len(above)} of them {area} is more exposed than England's middle authority. It is "
        f"most exposed on {named}: more than {than(most['exposure'].iloc[0])} of England's "
        f"authorities. That rests on {rests}."
    )


def than(percentile: float) -> str:
    """Return a percentile as the share of authorities that lie below it."""
    if percentile >= 99.5:
        return "over 99%"
    return "under 1%" if percentile < 0.5 else f"about {percentile:.0f}%"


def _firm(touched: pd.DataFrame) -> str:
    most = touched["top_five"].max()
    surest = touched.index[touched["top_five"] == most]
    named = listed(f"{risk} ({touched['title'][risk]})" for risk in surest)
    return (
        f"When every score may move by {assumption('score_shift'):.0f} up or down and the weights "
        f"vary, {named} {'is' if len(surest) == 1 else 'are'} among the first five in "
        f"{100 * most:.0f}% of draws, the most of the risks that an indicator touches: treat "
        + (
            "the order as a starting point for discussion, not as a finding."
            if most < assumption("firm_share")
            else "the first places as firm and the rest as a starting point for discussion."
        )
    )


def maturity(view: View) -> list[str]:
    """Return what the matrix says for an area: the county by public data, and what officers did."""
    computed, officers = view.computed, view.assessed
    county = computed[computed["gss_code"] == view.area.county_gss]
    known = county.dropna(subset=["level"])
    silent = computed.groupby("maturity_area_id")["percentile"].count() == 0
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    bare = names[silent.index[silent]]
    lowest = known[known["level"] == known["level"].min()]
    done = int(officers["level"].notna().sum())
    return [
        f"By public data {view.area.county_name} stands lowest on {in_sentence(lowest['name'])}: "
        f"level {lowest['level'].iloc[0]} of 4, which is its quarter among England's authorities, "
        "not a judgement of its plans."
        if len(lowest)
        else f"Public data give {view.area.county_name} no level.",
        *_ties(county),
        f"Public data say nothing of {in_sentence(bare)}."
        if len(bare)
        else "Every area of the matrix has a public indicator.",
        f"Officers have assessed {done} of {len(officers)} areas."
        if done
        else f"No officer's assessment is recorded for {view.name}: the assessed layer is "
        f"{NOT_ASSESSED}.",
    ]


def _ties(county: pd.DataFrame) -> list[str]:
    """Return where ties leave no quarters, with the figures of the county."""
    shared = levels.ties()
    mine = county.set_index("maturity_area_id")
    mine = mine[mine.index.isin(shared.index) & mine["percentile"].notna()]
    of = shared.attrs["authorities"]
    return [
        f"No level is given of {in_sentence([row['name']])}: {shared[key]} of England's {of[key]} "
        "authorities share one value, so that they do not fall into quarters. "
        f"{row['council_name']}'s own figure: {row['note'].split(';')[0]}."
        for key, row in mine.iterrows()
    ]


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
