"""Answers of unit cost to published findings: UC01–UC04 (pp53–56), and PwC's (PW01–PW10)."""

from typing import NamedTuple

import pandas as pd

from lgr_report.core.findings import ABOUT, AT_LEAST, Claim
from lgr_report.sources import tables

BANDS = ("UC01", "UC02", "UC03")  # the smallest size band first
INCOME = "UC04"


def answers(bands: pd.DataFrame, total: pd.Series) -> tuple[Claim, ...]:
    """Return a claim for each finding.

    Parameters
    ----------
    bands : pandas.DataFrame
        Rows of `economies.bands` under one definition.
    total : pandas.Series
        Row of `elasticity.estimates`: of which income is taken.
    """
    findings = tables.read("published_findings")
    pwc = findings.loc[findings["theme"].str.startswith("pwc"), "finding_id"]
    return (*map(of_band, bands.itertuples()), _of_income(total), *map(_of_pwc, pwc))


def of_band(row: NamedTuple) -> Claim:
    """Return our answer to one of `BANDS`, from a row of `economies.bands`."""
    saving = row.published < 0
    ends = (-row.high, -row.low) if saving else (row.low, row.high)
    return Claim(
        row.finding_id,
        row.value,
        row.low,
        row.high,
        data=("upper_tier_indicators", "cost_series", "proposed_unitaries"),
        how="gross spend of the 21 areas on looked-after children and adults' long-term support × "
        f"((residents of the average unitary, {row.population:,.0f} ÷ residents of today's "
        "authority) to the power of the elasticity − 1)",
        # "over 270": more would agree too
        relation=AT_LEAST if row.finding_id == BANDS[0] else ABOUT,
        effect=(-row.value if saving else row.value, *ends),
    )


def _of_income(total: pd.Series) -> Claim:
    income = tuple(total[["income", "income_low", "income_high"]])
    return Claim(
        INCOME,
        *income,
        data=("upper_tier_indicators", "cost_series"),
        how="per cent of unit cost for £5,000 more median gross pay of residents, with "
        "population, deprivation and region held; mean of three series weighted by spend",
        effect=income,
    )


def _of_pwc(finding_id: str) -> Claim:
    return Claim(
        finding_id,
        reason="PwC's model adds up costs and savings of whole councils, of transition "
        "and back office, from returns and assumptions that are not published",
        settled_by="MHCLG revenue outturn (RO) and the statutory accounts of the new "
        "councils, five years after vesting day, beside those of their predecessors",
    )
