"""Answers of unit cost to published findings: UC01–UC04 (pp53–56), and PwC's (PW01–PW10)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from lgr_report.core.findings import ABOUT, AT_LEAST, MAIN, Claim
from lgr_report.sources import tables

BANDS = ("UC01", "UC02", "UC03")  # the smallest size band first
INCOME = "UC04"


def answers(bands: pd.DataFrame, curve: pd.DataFrame) -> tuple[Claim, ...]:
    """Return a claim for each finding.

    Parameters
    ----------
    bands : pandas.DataFrame
        As `economies.bands` returns it: the first definition is shown, and others, as the average
        of a band was not published, are specifications too.
    curve : pandas.DataFrame
        The total's rows of `specifications.curve`, the published one first: of which income is
        taken.
    """
    findings = tables.read("published_findings")
    pwc = findings.loc[findings["theme"].str.startswith("pwc"), "finding_id"]
    by_band = [_over_definitions(part) for _, part in bands.groupby("band", sort=False)]
    return (*by_band, of_income(curve), *map(_of_pwc, pwc))


def _over_definitions(rows: pd.DataFrame) -> Claim:
    """Return the claim of one band under its first definition, with those under every other."""
    first, *others = zip(rows["definition"], rows["claim"], strict=True)
    under = dict(first[1].specifications)
    for definition, claim in others:
        for name, each in {MAIN: claim, **claim.specifications}.items():
            under[f"{name}, average of {definition}"] = each
    return replace(first[1], specifications=under)


def of_band(row: NamedTuple, under: Mapping[str, Sequence[float]]) -> Claim:
    """Return our answer to one of `BANDS`.

    Parameters
    ----------
    row : NamedTuple
        finding_id, published, population, value, low, high: as in `economies.bands`.
    under : mapping of str to sequence of float
        Value, low and high under other reasonable specifications, by name.
    """
    main = _band(row.finding_id, row.published, (row.value, row.low, row.high))
    others = {n: _band(row.finding_id, row.published, each) for n, each in under.items()}
    how = (
        "gross spend of the 21 areas on looked-after children and adults' long-term support × "
        f"((residents of the average unitary, {row.population:,.0f} ÷ residents of today's "
        "authority) to the power of the elasticity − 1); the elasticity as published: population, "
        "deprivation and income held"
    )
    return replace(
        main,
        data=("upper_tier_indicators", "cost_series", "proposed_unitaries", "children_panel"),
        how=how,
        tests="how unit cost goes with size",
        specifications=others,
    )


def _band(finding_id: str, published: float, figures: Sequence[float]) -> Claim:
    value, low, high = map(float, figures)
    effect = (-value, -high, -low) if published < 0 else (value, low, high)
    # "over 270": more would agree too
    relation = AT_LEAST if finding_id == BANDS[0] else ABOUT
    return Claim(finding_id, value, low, high, relation=relation, effect=effect)


def of_income(curve: pd.DataFrame) -> Claim:
    """Return our answer to `INCOME`, under every specification that has the published controls."""
    rows = curve.dropna(subset=["income"])
    figures = rows[["income", "income_low", "income_high"]].astype(float)
    each = [
        Claim(INCOME, *row, effect=tuple(row)) for row in figures.itertuples(index=False, name=None)
    ]
    return replace(
        each[0],
        data=("upper_tier_indicators", "cost_series", "children_panel"),
        how="per cent of unit cost for £5,000 more median gross pay of residents, with "
        "population and deprivation held; mean of three series weighted by spend",
        tests="how unit cost goes with income",
        specifications=dict(zip(rows["name"].iloc[1:], each[1:], strict=True)),
    )


def _of_pwc(finding_id: str) -> Claim:
    return Claim(
        finding_id,
        reason="PwC's model adds up costs and savings of whole councils, of transition "
        "and back office, from returns and assumptions that are not published",
        settled_by="MHCLG revenue outturn (RO) and the statutory accounts of the new "
        "councils, five years after vesting day, beside those of their predecessors",
    )
