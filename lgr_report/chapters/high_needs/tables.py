"""High needs deficits as tables of a page."""

from functools import partial

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs.deficits import RULES
from lgr_report.chapters.high_needs.inherited import LARGEST, WORST
from lgr_report.chapters.high_needs.outlook import ACTUAL
from lgr_report.chapters.high_needs.study import National, Study
from lgr_report.chapters.high_needs.words import reported
from lgr_report.core.options import standing
from lgr_report.core.proposals import Proposal
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.phrases import number, ranged
from lgr_report.sources.assumptions import assumption, bounds

SURPLUS = "in surplus"
one_digit = partial(phrases.millions, digits=1)
whole = partial(number, digits=0)
PLACES = {
    LARGEST.metric: "percentile: largest deficit",
    WORST.metric: "percentile: worst ratio",
}


def carried(nation: National) -> pd.DataFrame:
    """Return the balances of all authorities of the areas, later figures beside."""
    table = nation.carried
    newer = {row.gss_code: reported(row) for row in nation.later.itertuples()}
    return pd.DataFrame(
        {
            "area": table["area"],
            "authority": table["council_name"],
            "deficit, 31 March 2024, £m (negative: surplus)": table["deficit"],
            "high needs block, 2023-24, £m": table["money"],
            "deficit, % of a year's money": 100 * table["ratio"],
            "a year's money ÷ deficit": as_published(table["ratio"]),
            "later figure, not divided": table["gss_code"].map(newer).fillna("–"),
        }
    )


def as_published(ratio: pd.Series) -> pd.Series:
    """Return the published form of ratios, which a surplus does not have."""
    upside_down = (1 / ratio).map("{:.1f}".format, na_action="ignore")
    return upside_down.where(ratio.isna() | (ratio > 0), SURPLUS)


def outlook(study: Study) -> Table:
    """Return each authority's latest balance, what the grant would leave, and what builds up."""
    ahead, level = study.outlook, bounds("deficit_growth_goes_on")
    grows = [
        phrases.ranged(row.builds_up, row.low, row.high, one_digit)
        if pd.notna(row.yearly)
        else "no two balances on one basis"
        for row in ahead.itertuples()
    ]
    columns = {
        "authority": ahead["council_name"],
        "latest balance, £m (negative: surplus)": ahead["balance"],
        "as at": ahead["balance_date"].map(phrases.day),
        "status": ahead["status"],
        "left if the grant is paid, £m": [_left(row) for row in ahead.itertuples()],
        f"builds up to vesting day, {level[0]:g} to {level[2]:g} times the growth": grows,
        "growth from March 2024 to": ahead["grown_to"].map(_short, na_action="ignore"),
    }
    caption = f"The grant and what it leaves in {study.here.name}: three figures, never added up"
    table = pd.DataFrame(columns).reset_index(drop=True)
    return Table(table, caption, missing="not available")


def _left(row: tuple) -> str:
    """Return what the grant leaves of a balance, and how that is known."""
    if pd.isna(row.balance):
        return "not available"
    if pd.isna(row.left):
        return "not computed: on another basis"
    return f"{row.left:,.1f} ({'published' if row.left_published else 'computed'})"


def _short(status: str) -> str:
    return "an actual balance" if status == ACTUAL else "a forecast"


def inherited(study: Study) -> pd.DataFrame:
    """Return what each unitary would inherit, and the proposals that cannot be computed."""
    level, rows = assumption("interval_level"), []
    for proposal in study.here.proposals:
        if not proposal.footprints:
            rows.append({"proposal": proposal.name, "unitary": proposal.status})
        unitaries = study.inherited[study.inherited["proposal_id"] == proposal.proposal_id]
        for unitary in unitaries.to_dict("records"):
            ratio = (100 * unitary[name] for name in ("ratio", "ratio_low", "ratio_high"))
            published = as_published(pd.Series([unitary["as_published"]])).iloc[0]
            rows.append(
                {
                    "proposal": proposal.name,
                    "unitary": unitary["unitary"],
                    **{f"by {label}, £m": number(unitary[rule]) for rule, label in RULES.items()},
                    f"{level:.0%} interval by EHC plans": (
                        f"{number(unitary['low'])} to {number(unitary['high'])}"
                    ),
                    "% of a year's money, by formula": ranged(*ratio, whole),
                    "a year's money ÷ deficit, as published": published,
                }
            )
    return pd.DataFrame(rows)


def standings(study: Study) -> pd.DataFrame:
    """Return the metrics of each proposal, and its place among all options.

    A place is the percentile among the contiguous options of as many unitaries, over
    ``high_needs_draws`` draws; 0 is the least deficit. It is a dash where the proposal is none of
    them, or the only one.
    """
    rows = []
    for proposal in study.here.proposals:
        row = {"proposal": proposal.name, "unitaries": proposal.n_unitaries}
        measured = study.measured.get(proposal.proposal_id, ())
        row |= {one.label.lower(): phrases.measured(one) for one in measured}
        if proposal.footprints and not proposal.reaches_outside:
            row |= _places(study, proposal)
        rows.append(row | {"note": measured[0].note if measured else proposal.status})
    table = pd.DataFrame(rows)
    return table[[*table.columns.drop("note"), "note"]].fillna("–")


def _places(study: Study, proposal: Proposal) -> dict[str, str]:
    places = dict.fromkeys(("options of that number", *PLACES.values()), "–")
    options, k = study.here.options, len(proposal.footprints)
    row = options.find([codes for _, codes in proposal.footprints])
    if row is None or len(options.masks.get(k, ())) < 2:
        return places
    values = study.options.loc[k]
    if np.isnan(values.to_numpy()).any():
        return places
    places["options of that number"] = f"{len(values):,}"
    for metric, label in PLACES.items():
        places[label] = f"{standing(values[metric].loc[row], values[metric]):.0f}"
    return places
