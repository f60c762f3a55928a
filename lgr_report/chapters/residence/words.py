"""Ordinary residence in sentences."""

from functools import partial

import numpy as np
import pandas as pd

from lgr_report.chapters.residence.apart import Apart
from lgr_report.chapters.residence.care_homes import WORKING_AGE
from lgr_report.chapters.residence.caseloads import BOTH, MEASURED, SCOPES
from lgr_report.chapters.residence.children import PLACED
from lgr_report.chapters.residence.published_case import National
from lgr_report.chapters.residence.study import Study
from lgr_report.page.phrases import about, council, listed, percent, points, quoted, ranged

signed = partial(percent, plus=True)
SETTLED_BY = (
    "DfE children looked after return: placements by district of the placement and of the home "
    "address (collected by postcode, not published by district)"
)


def in_short(study: Study) -> list[str]:
    """Return three sentences or short paragraphs: the country, this area's proposals, the trust."""
    return [country(study.national), _proposals(study), _trust(study.elsewhere)]


def country(nation: National) -> str:
    """Return what all proposals and options say, beside the published case and the noise."""
    table = nation.pairs.set_index(["scope", "measure"])
    adults, case, noise = table.loc[BOTH], table.loc[WORKING_AGE], nation.bids
    fall, growth = (
        ranged(row["mean"], row["low"], row["high"], percent)
        for _, row in adults.loc[["fall", "growth"]].iterrows()
    )
    told, bids = int(noise["told"].sum()), len(noise)
    expected = nation.moves[:, :, SCOPES.index(WORKING_AGE)].mean(axis=1)
    far = [int((expected[:, i] >= case.loc[m, "published"]).sum()) for i, m in enumerate(MEASURED)]
    return (
        f"{bids} submitted proposals divide a county and can be computed. Over {nation.years} "
        f"years the care home caseload that falls most in each loses {fall} on average, and the "
        f"one that grows most gains {growth}. These are extremes, which are never below zero: were "
        "homes exactly where need is, the uncertainty of district estimates alone would show "
        f"{percent(noise['noise_fall'].mean())} and {percent(noise['noise_growth'].mean())}. In "
        f"{told or 'none'} of the {bids} the two caseloads that move furthest apart can be told "
        "from each other. The "
        f"published case of adults 18–64 has a fall of {percent(case.loc['fall', 'published'])} "
        f"and a growth of {percent(case.loc['growth', 'published'])} (CCN/Newton, p48): by our "
        f"figures {far[0] or 'none'} of the {bids} proposals {_are(far[0])} expected to have such "
        f"a fall (the chance is {about(case.loc['fall', 'as_far'])} on average) and "
        f"{far[1] or 'none'} such a growth ({about(case.loc['growth', 'as_far'])}); of all options "
        f"{about(case.loc['both', 'options_as_far'])} are expected to have both."
    )


def _are(number: int) -> str:
    return "are" if number > 1 else "is"


def _proposals(study: Study) -> str:
    last = study.caseloads.query("scope == @BOTH and years == @study.national.years")
    words = [
        _moves(name, part, study.apart[name]) for name, part in last.groupby("proposal", sort=False)
    ]
    for status, bids in study.statuses.query("status != ''").groupby("status", sort=False):
        words.append(f"{listed(map(quoted, bids['proposal']))}: {status}.")
    return " ".join(words)


def _moves(proposal: str, moves: pd.DataFrame, apart: Apart) -> str:
    least, most = moves.iloc[apart.least], moves.iloc[apart.most]
    fall, growth = (ranged(m["change"], m["low"], m["high"], signed) for m in (least, most))
    if pd.isna(apart.difference):
        return f"Under {quoted(proposal)} no caseload is known: a figure was not published."
    return (
        f"Under {quoted(proposal)} the care home caseload of {council(least['unitary'])} is "
        f"expected to change by {fall} and that of {council(most['unitary'])} by {growth}: "
        f"{ranged(apart.difference, apart.low, apart.high, points)} percentage points apart. "
        f"{_told(apart)}"
    )


def _told(apart: Apart) -> str:
    """Return whether two caseloads are told apart: they are the two that differ most of several."""
    if apart.told:
        return (
            f"Noise alone would show up to {points(apart.noise)} points, so public data tell the "
            "two apart."
        )
    if apart.low <= 0:
        return "The range includes zero, so public data cannot tell the two apart."
    return (
        "The two were picked because they differ most, and chance alone sets such a pair up to "
        f"{points(apart.noise)} points apart, so public data cannot tell the two apart. The range "
        "does not allow for the picking."
    )


def _trust(elsewhere: pd.Series) -> str:
    half, (full, part) = elsewhere.index[1], elsewhere
    if np.isnan(full):
        return "Clients at home or beds were not published for all councils here: no figure."
    return (
        f"How far to trust it: by these figures {percent(full)} of the area's care home residents "
        "would have to live elsewhere for each district to have as many as its need, but where "
        "councils' placements really are is not published. They are taken to stand as beds did in "
        f"June 2021, whoever pays; if only {percent(half)} of them do and the rest stay near home, "
        f"it is {percent(part)}. Lengths of stay and the share in homes with nursing are assumed, "
        "within a range; growth of need is left out."
    )


def children(beside: pd.DataFrame) -> list[str]:
    """Return how the area's authorities stand now, and why no footprint can be computed.

    Parameters
    ----------
    beside : pandas.DataFrame
        As `children.beside` returns it.
    """
    area, england = beside[~beside["median"]], beside.iloc[-1]
    unknown = area[["placed_in", "placed_out"]].isna().any(axis=1)
    sides = "; ".join(map(_side, area[~unknown].itertuples()))
    sentences = [f"On 31 March {PLACED}: {sides}."] if sides else []
    if unknown.any():
        sentences.append(f"Not published for {listed(area.loc[unknown, 'authority_name'])}.")
    places = "; ".join(
        f"{row.authority_name} {row.places_per_100:.0f}"
        for row in area.dropna(subset=["places_per_100"]).itertuples()
    )
    return [
        " ".join(sentences),
        f"Places in children's homes per 100 children looked after: {places}; the median "
        f"authority of England has {england['places_per_100']:.0f}. Places are where homes stand, "
        "whoever uses them.",
        "No public table has these figures by district, so a proposed unitary cannot be computed. "
        f"It would be settled by: {SETTLED_BY}.",
    ]


def _side(row: object) -> str:
    more = row.placed_in - row.placed_out
    if more > 0:
        return f"{row.authority_name} takes in {more:,.0f} more children than it places elsewhere"
    if more < 0:
        return f"{row.authority_name} places {-more:,.0f} more children elsewhere than it takes in"
    return f"{row.authority_name} takes in as many children as it places elsewhere"
