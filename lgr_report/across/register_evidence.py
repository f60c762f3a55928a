"""Which of the risks CLGR1–14 past reorganisations speak to, and in which direction.

The register scores inherent risk and is not changed here. What the areas reorganised in 2019 to
2023 show is set beside it: for the risk, against it, or neither. The links are assumed
(``data/risk_measures.csv``).
"""

import pandas as pd

from lgr_report.chapters.histories import histories
from lgr_report.chapters.histories.histories import (
    ALL,
    HINT,
    NOTHING,
    Histories,
    amount,
    reading,
    signed,
)
from lgr_report.chapters.histories.panel import KIND_LABELS, SPLIT, WHOLE
from lgr_report.chapters.histories.synthetic import Rules
from lgr_report.page import phrases
from lgr_report.risk.register import register
from lgr_report.sources import decisions, proposals, tables
from lgr_report.sources.assumptions import assumption

FOR, AGAINST, NEITHER = "for the risk", "against the risk", "neither"
NAMES = {
    SPLIT: "Northamptonshire and Cumbria, split in two",
    WHOLE: "Buckinghamshire, North Yorkshire and Somerset, each kept whole",
}


def links() -> pd.DataFrame:
    """Return which measures speak to which risk, and the direction that speaks for it."""
    return tables.read("risk_measures")


def evidence(found: Histories) -> pd.DataFrame:
    """Return what each measure says of each risk, for areas split and kept whole.

    Returns
    -------
    pandas.DataFrame
        risk_id, title, sign, and the columns of `Histories.pooled` (measure, label, unit,
        in_per_cent, kind, areas, gap, low, high, p, adjusted), reading (`STANDS`, `HINT` or
        `NOTHING`), side (`FOR`, `AGAINST` or `NEITHER`).
    """
    table = links().drop(columns="reason").merge(found.pooled, on="measure", how="inner")
    table["title"] = table["risk_id"].map(register()["title"])
    table["reading"] = [reading(row) for _, row in table.iterrows()]
    toward = table["gap"] * table["sign"] > 0
    table["side"] = toward.map({True: FOR, False: AGAINST})
    return table.assign(side=table["side"].where(table["reading"] != NOTHING, NEITHER))


def by_risk(found: Histories) -> pd.DataFrame:
    """Return the whole register with what the histories say of each risk, for a page."""
    table, rows = evidence(found), []
    for risk_id, title in register()["title"].items():
        mine = table[table["risk_id"] == risk_id]
        row = {
            "risk": risk_id,
            "name": title,
            "measures": "; ".join(dict.fromkeys(mine["label"])) or "none in the panel",
        }
        for kind in (SPLIT, WHOLE):
            part = mine[mine["kind"] == KIND_LABELS[kind]]
            row[KIND_LABELS[kind]] = _summed(part) if len(part) else "not touched"
        rows.append(row)
    return pd.DataFrame(rows)


def _summed(part: pd.DataFrame) -> str:
    told = part[part["side"] != NEITHER]
    words = [
        f"{'a hint ' if row['reading'] == HINT else ''}{row['side']}: {row['label']} "
        f"{histories.ranged(row)}"
        for _, row in told.iterrows()
    ]
    leaning = (part["gap"] * part["sign"] > 0).sum()
    rest = f"{leaning} of {len(part)} measures lean towards the risk"
    return "; ".join([*words, rest if words else f"neither; {rest}, within chance"])


def kind_for(area_id: str) -> str:
    """Return the kind of past reorganisation that an area's own is like: split or kept whole.

    An area is kept whole if it becomes one unitary, by decision or, where none is known, in all
    its proposals.
    """
    decided = decisions.get(area_id).n_unitaries
    proposed = proposals.unitaries(area_id).groupby("proposal_id").size()
    one = decided == 1 if decided is not None else len(proposed) > 0 and bool((proposed == 1).all())
    return WHOLE if one else SPLIT


def for_risk(risk_id: str, kind: str = SPLIT, found: Histories | None = None) -> list[str]:
    """Return one or two sentences on what past reorganisations of a kind say of a risk.

    Without ``found`` (see `histories.national`) only the measures of this risk are compared: a
    fraction of a second. Empty where no measure speaks to the risk.
    """
    names = links().query("risk_id == @risk_id")["measure"].tolist()
    if not names:
        return []
    found = histories.part(names, (kind,)) if found is None else found
    pooled = found.pooled[found.pooled["kind"] == KIND_LABELS[kind]].set_index("measure")
    told = pooled.loc[[name for name in names if name in pooled.index]]
    told = told.assign(chance=(told["low"] < 0) & (told["high"] > 0))
    level, count = f"{assumption('interval_level'):.0%}", int(told["areas"].max())
    spoken = "; ".join(
        f"{row['label']} {histories.ranged(row)}"
        + ("" if row["areas"] == count else f" in {phrases.count(row['areas'], 'area')}")
        for _, row in told.iterrows()
    )
    beyond = told.loc[~told["chance"], "label"].tolist()
    notes = tables.read("panel_measures").set_index("label")["note"]
    partly = [notes[label] for label in beyond if kind == SPLIT and pd.notna(notes[label])]
    limit = (
        f"Beyond what chance does to other authorities lies {phrases.listed(beyond)}, before any "
        "correction for the number of tests" + "".join(f" ({note})" for note in partly)
        if beyond
        else "None lies beyond what chance does to other authorities"
    )
    return [
        f"What happened before ({risk_id}): in {NAMES[kind]}, measures moved against synthetic "
        f"controls after vesting day by ({level} intervals) {spoken}.",
        f"{limit}; {phrases.count(count, 'area')} can neither show the risk nor rule it out.",
    ]


def in_words_for_area(area_id: str, order: pd.Index, found: Histories | None = None) -> list[str]:
    """Return what past reorganisations say of the first risk of an area that they speak to."""
    touched = set(links()["risk_id"])
    first = next(risk_id for risk_id in order if risk_id in touched)
    return for_risk(first, kind_for(area_id), found)


def in_words(found: Histories) -> list[str]:
    """Return what the histories say of the register, in sentences computed from the figures."""
    table = evidence(found)
    touched = table["risk_id"].nunique()
    book = register()
    firm = table[(table["side"] != NEITHER) & (table["reading"] != HINT)]
    hints = table[table["reading"] == HINT]
    words = [
        f"The panel holds measures that speak to {touched} of the {len(book)} risks: "
        f"{phrases.listed(dict.fromkeys(table['risk_id']))}. Of the others these histories say "
        "nothing.",
        f"{len(firm) or 'None'} of {len(table)} links of a risk, a measure and a kind of area "
        "stand after correction."
        + (
            " Hints that do not: "
            + "; ".join(
                f"{row['label']} in areas {row['kind']}, {amount(row)}, {row['side']} "
                f"{row['risk_id']}"
                for _, row in hints.iterrows()
            )
            + "."
            if len(hints)
            else ""
        ),
    ]
    split = table[table["kind"] == KIND_LABELS[SPLIT]].drop_duplicates("measure")
    leaning = int((split["gap"] * split["sign"] > 0).sum())
    score = histories.index(found).set_index(["kind", "family"]).loc[(KIND_LABELS[SPLIT], ALL)]
    verdict = (
        "more than chance would do"
        if score["p"] < Rules.assumed().significance
        else "no more than chance would do"
    )
    words.append(
        f"In the split counties {leaning} of {len(split)} measures lean towards a risk. Measures "
        f"move together, so they are tested as one score: {signed(score['score'], 2)} standard "
        f"deviations towards the worse ({signed(score['low'], 2)} to {signed(score['high'], 2)}, p "
        f"{score['p']:.2f}), {verdict}. Two counties neither bear the register out nor refute it."
    )
    return words
