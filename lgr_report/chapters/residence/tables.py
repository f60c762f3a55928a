"""Ordinary residence in tables for a page."""

from functools import partial

import numpy as np
import pandas as pd

from lgr_report.chapters.residence.care_homes import WORKING_AGE
from lgr_report.chapters.residence.caseloads import LABELS, SCOPES
from lgr_report.chapters.residence.children import FIGURES, PLACED
from lgr_report.chapters.residence.study import Study
from lgr_report.page.cells import Table
from lgr_report.page.phrases import about, percent, ranged
from lgr_report.sources.assumptions import assumption

signed = partial(percent, plus=True)


def caseloads(study: Study) -> Table:
    """Return the caseloads of each proposal's unitaries on day one and later."""
    years = study.national.years
    rows = []
    for proposal, status in study.statuses.itertuples(index=False):
        moves = study.caseloads[study.caseloads["proposal"] == proposal]
        rows += [{"proposal": proposal, "unitary": status}] if status else []
        for unitary, part in moves.groupby("unitary", sort=False):
            row = {"proposal": proposal, "unitary": unitary}
            for start in part[part["years"] == 0].itertuples():
                row[f"{LABELS[start.scope]}, day one"] = f"{start.people:,.0f}"
            for move in part[part["years"] == years].itertuples():
                change = ranged(move.change, move.low, move.high, signed)
                row[f"{LABELS[move.scope]}, change in {years} years"] = change
            rows.append(row)
    whens = "day one", f"change in {years} years"
    columns = ["proposal", "unitary", *(f"{LABELS[s]}, {when}" for s in SCOPES for when in whens)]
    caption = f"Care home residents by proposed unitary of {study.here.name}"
    return Table(pd.DataFrame(rows, columns=columns, dtype=object).fillna("–"), caption)


def sensitivity(study: Study) -> Table:
    """Return the largest fall and growth of each proposal if an assumption moved."""
    rows = [
        {"proposal": proposal}
        | {r.case: f"{signed(-r.fall)} {signed(r.growth)}" for r in part.itertuples()}
        for proposal, part in study.sensitivity.groupby("proposal", sort=False)
    ]
    return Table(
        pd.DataFrame(rows or [{"proposal": "none can be computed"}]),
        "Largest fall and growth, all adults, if an assumption moved",
    )


def beside_published(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of `published_case.National` for a page."""
    level = f"{assumption('interval_level'):.0%} interval"
    rows = []
    for row in pairs.itertuples():
        known = not np.isnan(row.mean)
        case = row.scope == WORKING_AGE and known
        far = ranged(row.as_far, row.as_far_low, row.as_far_high, about)
        mean = ranged(row.mean, row.low, row.high, percent)
        rows.append(
            {
                "residents": LABELS[row.scope],
                "largest": row.measure if known else "fall and growth",
                "published case": percent(row.published) if case else "–",
                f"mean of proposals, {level}": mean if known else "–",
                f"proposals that move as far as that case, {level}": far,
                "options that do": about(row.options_as_far),
            }
        )
    return pd.DataFrame(rows)


def stays(study: Study) -> Table:
    """Return lengths of stay: implied for England and the county, and assumed."""
    implied = study.stays[["england", "county"]].map("{:.1f}".format, na_action="ignore")
    columns = {
        "residents": study.stays.index.map(LABELS),
        "England, implied": implied["england"],
        f"{study.here.area.county_name}, implied": implied["county"].fillna("–"),
        "assumed": [f"{r.value:g} ({r.low:g} to {r.high:g})" for r in study.stays.itertuples()],
    }
    return Table(
        pd.DataFrame(columns), "Mean length of stay in care homes, years: implied and assumed"
    )


def children(study: Study) -> Table:
    """Return numbers of children, homes and places of the area's authorities, and the ratios."""
    table = study.children.rename(columns={"authority_name": "authority"})
    counts = {
        "looked_after": f"looked after, {PLACED}",
        "placed_out": "placed elsewhere",
        "placed_in": "others' placed here",
        "homes": "children's homes",
        "places": "places",
    }
    for name in counts:
        column = table[name].map("{:,.0f}".format, na_action="ignore").astype(object)
        table[name] = column.fillna("not available").mask(table["median"], "–")
    table = table.rename(columns=counts | FIGURES)
    return Table(
        table[["authority", *counts.values(), *FIGURES.values()]],
        f"Looked-after children placed across borders, and homes: {study.here.name}",
        dict.fromkeys(FIGURES.values(), "{:.0f}"),
    )
