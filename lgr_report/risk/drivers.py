"""What each option changes for a risk, as far as a model or a table says so.

A driver never alters a score: it tells those who score what an option does. To add a metric of a
model, put a line with `of_model` into `DRIVERS`; for anything else write a function that takes a
`Setting` and returns `Values`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from lgr_report.page import phrases
from lgr_report.page.phrases import listed
from lgr_report.risk import risks
from lgr_report.sources import areas, decisions, indicators, tables

REFORM_DEADLINE = pd.Timestamp("2027-03-31")  # Families First Partnership, as in the register
STATUTORY = 2  # directors of children's services and of adult social services
SAME = "the same in every option"
UNKNOWN = "not computable"
UNTOUCHED = "no model touches this risk"


@dataclass(frozen=True, eq=False)
class Setting:
    """One area with its submitted proposals.

    ``bids`` has a row a proposal (index proposal_id; proposal_name, n_unitaries), ``members`` the
    councils of each proposed unitary as far as they are known, ``measured`` what
    `comparison.measured` returns.
    """

    area_id: str
    bids: pd.DataFrame
    members: pd.DataFrame
    measured: pd.DataFrame


@dataclass(frozen=True)
class Values:
    """What a driver says: of today, of each proposal (by proposal_id), and in a note."""

    today: str = "–"
    options: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


class Driver(NamedTuple):
    """One thing that an option may change, with the risk it bears on."""

    risk_id: str
    what: str
    kind: str
    values: Callable[[Setting], Values]


def setting(area_id: str, measured: pd.DataFrame) -> Setting:
    """Return an area's proposals with what the drivers need."""
    bids = tables.read("proposals").query("area_id == @area_id").set_index("proposal_id")
    members = tables.read("proposed_unitary_councils").query("area_id == @area_id")
    return Setting(area_id, bids, members, measured)


def directors(here: Setting) -> Values:
    """Return the posts of statutory directors; one person may hold both of a council."""
    today = STATUTORY * len(areas.authorities(here.area_id))
    options = {bid: str(STATUTORY * n) for bid, n in here.bids["n_unitaries"].items()}
    return Values(str(today), options, "one for children and one for adults in each council")


def childrens_directors(here: Setting) -> Values:
    """Return the directors of children's services who must be in post on vesting day."""
    today = len(areas.authorities(here.area_id))
    return Values(str(today), here.bids["n_unitaries"].astype(str).to_dict())


def ways(here: Setting) -> Values:
    """Return over how many unitaries the county council's own staff would be divided."""
    districts = tables.read("districts").set_index("gss_code")["upper_tier_code"]
    county = districts.index[districts == areas.get(here.area_id).county_gss]
    options = {}
    for bid, row in here.bids.iterrows():
        mine = here.members[here.members["proposal_id"] == bid]
        taking = mine.loc[mine["gss_code"].isin(county), "unitary_name"].nunique()
        whole = mine["unitary_name"].nunique() == row["n_unitaries"]
        options[bid] = str(taking) if whole else f"at least {taking}" if taking else UNKNOWN
    return Values("1", options, "unitaries that take in at least one district of the county")


def of_model(metric: str) -> Callable[[Setting], Values]:
    """Return a driver that shows one metric of a model (see `metrics.Metric`)."""

    def values(here: Setting) -> Values:
        mine = here.measured[here.measured["metric"] == metric]
        known = dict(zip(mine["proposal_id"], mine["text"], strict=True))
        today = mine.loc[mine["place"] == 0, "text"]
        options = {bid: known.get(bid, UNKNOWN) for bid in here.bids.index}
        return Values(next(iter(today), "–"), options, next(iter(mine["label"]), ""))

    return values


def placed_far(here: Setting) -> Values:
    """Return the share of looked-after children placed far away, today."""
    column = indicators.upper_tier()["cla_pct_20miles_outside_2025"]
    council = areas.authorities(here.area_id)
    known = [
        f"{row.council_name} {column[row.gss_code]:.0f}%"
        if column[row.gss_code] == column[row.gss_code]
        else f"{row.council_name}: not available"
        for row in council.itertuples()
    ]
    return Values("; ".join(known), {}, "how many a new border would cross is not published")


def deadline(here: Setting) -> Values:
    """Return how the reform deadline lies against elections and vesting day."""
    decided = decisions.get(here.area_id)
    day = tables.read("decisions").set_index("area_id").loc[here.area_id, "first_elections"]
    election = pd.Timestamp(day)
    side = "after" if election > REFORM_DEADLINE else "before"
    days = (decided.vesting_day - REFORM_DEADLINE).days
    note = (
        f"deadline {phrases.day(REFORM_DEADLINE)}; first elections "
        f"({phrases.day_or_month(decided.first_elections)}) come {side} it, and vesting day "
        f"({phrases.day(decided.vesting_day)}) {days} "
        f"{'day' if days == 1 else 'days'} later"
    )
    return Values("–", dict.fromkeys(here.bids.index, SAME), note)


DRIVERS: tuple[Driver, ...] = (
    Driver("CLGR1", "Statutory directors' posts to fill", "computed", directors),
    Driver("CLGR2", "Councils among which the county's staff are divided", "computed", ways),
    Driver("CLGR3", "Cost of a council's size", "computed", of_model("unit_cost_change")),
    Driver("CLGR3", "Worst high-needs deficit", "computed", of_model("deficit_ratio_worst")),
    Driver("CLGR3", "Imbalance of demand for care", "computed", of_model("demand_spread")),
    Driver("CLGR5", "Children in care placed over 20 miles away", "published", placed_far),
    Driver("CLGR9", "Directors of children's services in post", "computed", childrens_directors),
    Driver("CLGR11", "Ofsted grades at councils' sizes", "computed", of_model("quality_change")),
    Driver("CLGR12", "Reform deadline against elections and vesting", "published", deadline),
    Driver("CLGR13", "Links with integrated care boards", "computed", of_model("icb_links")),
    Driver("CLGR13", "Links with police forces", "computed", of_model("police_links")),
)


def table(area_id: str, measured: pd.DataFrame) -> pd.DataFrame:
    """Return what each option changes for each risk, a row a driver; every risk has a row.

    Parameters
    ----------
    area_id : str
        One of the 21 areas.
    measured : pandas.DataFrame
        As `comparison.measured` returns it.

    Returns
    -------
    pandas.DataFrame
        risk, what the option changes, today, one column a proposal (the one that was decided says
        so), kind, note.
    """
    here = setting(area_id, measured)
    chosen = decisions.get(area_id).chosen_proposal_id
    names = {
        bid: row["proposal_name"] + (" (decided)" if bid == chosen else "")
        for bid, row in here.bids.iterrows()
    }
    rows = []
    for risk_id in risks.register().index:
        mine = [one for one in DRIVERS if one.risk_id == risk_id]
        for one in mine:
            found = one.values(here)
            options = {name: found.options.get(bid, "–") for bid, name in names.items()}
            before = {"risk": risk_id, "what the option changes": one.what, "today": found.today}
            rows.append({**before, **options, "kind": one.kind, "note": found.note})
        if not mine:
            blank = dict.fromkeys(["today", *names.values(), "kind"], "–")
            rows.append({"risk": risk_id, "what the option changes": UNTOUCHED, **blank})
    return pd.DataFrame(rows).fillna({"note": ""})


def in_words(found: pd.DataFrame) -> list[str]:
    """Return what `table` says of an area, in sentences computed from it."""
    touched = found[found["what the option changes"] != UNTOUCHED]
    options = touched.drop(columns=["risk", "what the option changes", "today", "kind", "note"])
    values = options.where(~options.isin(["–", UNKNOWN, SAME]))
    several = [len(set(row.dropna())) > 1 for _, row in values.iterrows()]
    differ = touched.loc[several, "risk"].unique()
    bare = found.loc[found["what the option changes"] == UNTOUCHED, "risk"]
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
