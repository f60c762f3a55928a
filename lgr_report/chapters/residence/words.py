"""Ordinary residence: which unitary's care home caseload falls after vesting day, and which grows.

What `caseloads` gives for one division of councils, in figures, claims and words; `residence_pairs`
sets all proposals and options beside the published case.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.chapters.residence.care_homes import WORKING_AGE
from lgr_report.chapters.residence.caseloads import (
    BOTH,
    FALL,
    GROWTH,
    MEASURED,
    SCOPES,
    assumed,
    caseload,
    changes,
    extremes,
    moved,
    of_masks,
    trajectories,
)
from lgr_report.chapters.residence.residence_pairs import (
    case_of,
    divides,
    horizon,
    interval,
    national,
    pairs,
)
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import Claim
from lgr_report.core.metrics import (
    LOWER,
    Footprints,
    Measurement,
    Metric,
    by_option,
)
from lgr_report.core.options import COMPUTABLE, Proposal, proposals
from lgr_report.page import phrases
from lgr_report.page.phrases import quoted
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

ONE = "one unitary: nobody changes unitary"
UNSURE = " (neither can be told from no change)"
UNDIVIDED = "divides no county: nobody changes unitary"
USED = (
    "upper_tier_indicators",
    "district_indicators",
    "proposals",
    "assumptions",
)


METRICS = tuple(
    Metric(
        f"residence_{name}",
        f"largest {name} of a care home caseload in {{years:.0f}} years",
        "per cent",
        LOWER,
        "{:,.0f}%",
        zero_for_one=True,
        short="growth of a care home caseload" if name == GROWTH else "",
    )
    for name in MEASURED
)


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure one division of councils: largest fall and growth of a caseload, all adults."""
    case, years = case_of(footprints, demand), horizon()
    drawn = 100 * extremes(changes(case, footprints, years))[:, SCOPES.index(BOTH)]
    note = "clients at home or beds were not published for all councils"
    note = note if np.isnan(drawn).any() else ""
    return tuple(
        metric.measured(**interval(drawn[:, i]), note=note, years=years)
        for i, metric in enumerate(METRICS)
    )


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area, at the point estimates."""
    case = caseload(here.demand, here.options.graph.gss_codes)
    columns = [metric.metric for metric in METRICS]
    return by_option(
        {
            k: pd.DataFrame(
                100 * of_masks(case, masks, horizon())[:, SCOPES.index(BOTH)], columns=columns
            )
            for k, masks in here.options.masks.items()
        }
    )


def claims(demand: Demand) -> tuple[Claim, ...]:
    """Answer OR01 to OR03: one county that is not named, on data that only councils hold."""
    table = pairs(demand).set_index(["scope", "measure"]).loc[WORKING_AGE]
    options, bids = national(demand)[2], len(national(demand)[0])
    both = table.loc["both"]
    answers = []
    for finding, name, sign in (("OR01", FALL, -1), ("OR02", GROWTH, 1)):
        row = table.loc[name]
        ends = sorted(float(100 * sign * row[end]) for end in ("low", "high"))
        how = (
            f"mean over the {bids} submitted bids that divide a county of the largest {name} among "
            f"their unitaries; {about(row['as_far'])} of bids and {about(row['options_as_far'])} "
            f"of {len(options):,} options have one as large as published, and "
            f"{about(both['as_far'])} and {about(both['options_as_far'])} both"
        )
        answers.append(
            Claim(
                finding,
                float(100 * sign * row["mean"]),
                *ends,
                data=USED,
                how=how,
                reason="the case is one county, not named, on its own records of placements: "
                "public data have neither the district of a placement nor that of its origin, "
                "and no beds for working ages",
                settled_by="DHSC client level data: residential and nursing services by district "
                "of the home and of the client's earlier address (collected, not published)",
            )
        )
    done = moved(horizon(), np.array([assumption("stay_18_64")])).item()
    how = (
        f"the period over which our figures are given too: at the assumed stay {done:.0%} of the "
        "caseload of adults 18–64 has then turned over"
    )
    horizon_claim = Claim(
        "OR03",
        data=USED,
        how=how,
        reason="the length of the period that the case study looks at: a choice, not a result",
        settled_by="nothing to settle: a parameter of the published case",
    )
    return (*answers, horizon_claim)


def moves(bid: Proposal, demand: Demand, years: Sequence[float] | None = None) -> pd.DataFrame:
    """Return the caseloads of a computable bid's unitaries (see `caseloads.trajectories`)."""
    case = case_of([codes for _, codes in bid.footprints], demand)
    return trajectories(case, bid.footprints, [horizon()] if years is None else years)


def not_moving(bid: Proposal, demand: Demand) -> str | None:
    """Return why a bid has no caseloads to show; None if it has."""
    if bid.status != COMPUTABLE:
        return bid.status
    if len(bid.footprints) == 1:
        return ONE
    return None if divides(bid, demand) else UNDIVIDED


def signed(share: float) -> str:
    """Return a change as +4%, −15% or 0%."""
    text = f"{abs(share):.0%}"
    return text if text == "0%" else f"{'+' if share > 0 else '−'}{text}"


def ranged(move: object) -> str:
    """Return a move with its interval, as −15% (−24% to −7%)."""
    return f"{signed(move.change)} ({signed(move.low)} to {signed(move.high)})"


def about(share: float) -> str:
    """Return a share in per cent; a small one not as none."""
    text = f"{share:.0%}"
    return "under 1%" if share > 0 and text == "0%" else text


def in_words(area_id: str, demand: Demand) -> list[str]:
    """Return three sentences or short paragraphs: the country, this area's proposals, the trust."""
    return [_country(demand), _proposals(area_id, demand), _trust(area_id, demand)]


def _country(demand: Demand) -> str:
    bids = national(demand)[0]
    table = pairs(demand).set_index(["scope", "measure"])
    mine = table.loc[WORKING_AGE]
    spans = {
        name: f"{row['mean']:.0%} ({row['low']:.0%} to {row['high']:.0%})"
        for name, row in table.loc[BOTH].iterrows()
    }
    return (
        f"Over {horizon():.0f} years, in the {len(bids)} submitted proposals that divide a county "
        f"and can be computed, the care home caseload that falls most loses {spans[FALL]} on "
        f"average, and the one that grows most gains {spans[GROWTH]}; were homes exactly where "
        "need is, the uncertainty of district estimates alone would show "
        f"{bids['noise_fall'].mean():.0%} and {bids['noise_growth'].mean():.0%}. The published "
        f"case of adults 18–64 has a fall of {mine.loc[FALL, 'published']:.0%} and a growth of "
        f"{mine.loc[GROWTH, 'published']:.0%} (CCN/Newton, p48): by our figures "
        f"{about(mine.loc[FALL, 'as_far'])} of these proposals have such a fall, "
        f"{about(mine.loc[GROWTH, 'as_far'])} such a growth, and of all options "
        f"{about(mine.loc['both', 'options_as_far'])} have both."
    )


def _proposals(area_id: str, demand: Demand) -> str:
    words, others = [], {}
    for bid in proposals(area_id):
        why = not_moving(bid, demand)
        if why:
            others.setdefault(why, []).append(quoted(bid.name))
            continue
        found = moves(bid, demand)
        found = found[found["scope"] == BOTH]
        least, most = found.loc[found["change"].idxmin()], found.loc[found["change"].idxmax()]
        sure = "" if least["high"] < 0 or most["low"] > 0 else UNSURE
        words.append(
            f"Under {quoted(bid.name)} the care home caseload of {least['unitary']} would change "
            f"by {ranged(least)} and that of {most['unitary']} by {ranged(most)}{sure}."
        )
    words += [f"{phrases.listed(names)}: {why}." for why, names in others.items()]
    return " ".join(words)


def _trust(area_id: str, demand: Demand) -> str:
    half = assumed(["placed_by_beds"])["low"].item()
    mine = areas.councils(area_id)["gss_code"]
    full, part = (_elsewhere(demand, mine, share) for share in (1, half))
    if np.isnan(full):
        return "Clients at home or beds were not published for all councils here: no figure."
    return (
        f"How far to trust it: by these figures {full:.0%} of the area's care home residents would "
        "have to live elsewhere for each district to have as many as its need, but where councils' "
        "placements really are is not published. They are taken to stand as beds did in June "
        f"2021, whoever pays; if only {half:.0%} of them do and the rest stay near home, "
        f"it is {part:.0%}. Lengths of stay and the share in homes with nursing are assumed, "
        "within a range; growth of need is left out."
    )


def _elsewhere(demand: Demand, codes: Sequence[str], by_beds: float) -> float:
    """Return the share of care home residents who would move for each district to have its need."""
    case = caseload(demand, codes, {"placed_by_beds": by_beds})
    return float(np.abs(case.located - case.arising).sum() / 2 / case.located.sum())
