"""What residual risk says in sentences; where officers scored nothing it is a what-if."""

import pandas as pd

from lgr_report.page.phrases import count, day, listed
from lgr_report.risk import gaps
from lgr_report.risk.beside import Beside, ranked, told_apart, unranked
from lgr_report.risk.residual import ABOVE, OPEN, WITHIN, View, never_within
from lgr_report.risk.words import in_sentence
from lgr_report.sources.assumptions import assumption, bounds


def supposed() -> str:
    """Return the question that every what-if on residual risk begins with."""
    least, _, most = bounds("residual_k")
    return f"What if full maturity took away {least:.0%} to {most:.0%} of a score?"


def residual(view: View) -> list[str]:
    """Return how the risks stand against tolerance, and what moved since the last assessment."""
    frame = view.register
    done = frame["assessed"].notna()
    words = [f"{view.banner}{_scored(view)}"]
    if done.any():
        words.append(
            "Against tolerances that are assumed, of the risks that officers scored "
            f"{_standing(frame[done], 'is', 'are', 'may be')}. A risk is above or within only "
            "where its whole range is."
        )
    if not done.all():
        words += _what_if(frame[~done])
    higher = frame[frame["assessed"].gt(frame["inherent"]).fillna(False)]
    words += [
        f"{key} is assessed above the source ({row['assessed']} against {row['inherent']}); "
        f"the reason given: {row['why_above']}"
        for key, row in higher.iterrows()
    ]
    if len(view.dated) > 1:
        up, down = (view.movement["change"].str.startswith(way).sum() for way in ("up ", "down "))
        before, now = (day(pd.Timestamp(one.assessed_on)) for one in view.dated[-2:])
        words.append(
            f"Between {before} and {now}, "
            + (
                f"{up or 'none'} of the scores and levels went up and {down or 'none'} went down."
                if up or down
                else "no score or level went up or down."
            )
        )
    return words


def _scored(view: View) -> str:
    all_of_them, scored = len(view.register), view.scored
    if not scored:
        return (
            f"Officers have scored none of the {all_of_them} risks of {view.name}, so no residual "
            "risk is known."
        )
    of = f"all {all_of_them}" if scored == all_of_them else f"{scored} of {all_of_them}"
    return f"Officers have scored {of} risks of {view.name}."


def _standing(frame: pd.DataFrame, one: str, several: str, open_: str) -> str:
    """Return how many risks are above, may be above, and are within tolerance."""
    above, may, within = (int((frame["standing"] == s).sum()) for s in (ABOVE, OPEN, WITHIN))

    def verb(number: int) -> str:
        return one if number == 1 else several

    return (
        f"{above or 'none'} {verb(above)} above, {may or 'none'} {open_} above and "
        f"{within or 'none'} {verb(within)} within"
    )


def _what_if(frame: pd.DataFrame) -> list[str]:
    """Return what would follow for the risks that nobody scored: no finding about the area."""
    given, most = frame.index[frame["by_assumption"]], bounds("residual_k")[-1]
    rest = frame.drop(given)
    words = []
    if len(rest):
        other = f" other than {listed(given)}" if len(given) else ""
        which = f"the {count(len(rest), 'risk')}{other} without a score"
        words.append(
            f"{supposed()} That share is assumed, and so are the tolerances: no study measures "
            f"them. Of {which}, {_standing(rest, 'would be', 'would be', 'might be')}. This is a "
            "what-if and no finding about the area."
        )
    if len(given):
        words.append(
            f"{listed(given)} would be above tolerance whatever the area does: full maturity takes "
            f"away {most:.0%} of a score at the most, which leaves more than the tolerance. Both "
            "numbers are assumed, so this is arithmetic and no finding."
        )
    return words


def next_actions(view: View) -> list[str]:
    """Return what the gaps to the next levels say, and which actions follow."""
    frame, actions = gaps.gaps(view), gaps.actions(view)
    if actions.empty:
        none = f"No gap or open lesson of {view.name} bears on a risk above tolerance."
        return [view.banner + none]
    first = frame.iloc[0]
    unknown = frame.loc[frame["next_level"].isna() & (frame["points"] > 0), "name"]
    scored = view.scored
    middle = "taking the middle of the what-if range where officers have not scored a risk"
    lead = (
        "The gap that bears on most is"
        if scored
        else "In the what-if, the gap that bears on most is"
    )
    words = [
        f"{view.banner}{lead} {in_sentence([first['name']])}: "
        f"{first['points']:.0f} of the {frame['points'].sum():.0f} points by "
        f"which the risks {'are' if scored else 'would be'} above tolerance"
        + (f", {middle}." if scored < len(view.register) else "."),
        f"{count(len(actions), 'action')} "
        f"{'follows' if len(actions) == 1 else 'follow'}; "
        + (
            "each names the gap or the lesson that it comes from."
            if any(actions["because"].str.startswith("lesson"))
            else "each names its gap. No lesson stands among them, as officers have recorded none "
            "that is not done."
        ),
    ]
    if (view.maturity["basis"] == "computed").any():
        words.append(
            "A computed level is the quarter in which an authority stands today, not a judgement "
            "of its plans: where a gap rests on one, officers should assess the area first."
        )
    if len(unknown):
        words.append(
            f"Nobody has assessed {in_sentence(unknown)}, and public data give no level: the first "
            "step there is to assess."
        )
    return words


def all_areas(beside: Beside) -> list[str]:
    """Return what the areas beside each other say (`uncertainty.all_areas`)."""
    overall, pairs = beside.overall, told_apart(beside)
    published = int(overall["assessed"].gt(0).sum())
    alone = (
        "All areas share the draws of scores and of that effect, so each pair is judged by its own "
        f"difference. {_apart(pairs)}"
    )
    why = unranked(overall)
    means = overall["mean"]
    return [
        *(
            _ranked(overall, pairs, alone)
            if ranked(overall)
            else [
                f"{supposed()} That share is assumed. From area to area the mean score would be "
                f"{means.min():.1f} to {means.max():.1f}, and in nine draws of ten that of any "
                f"one would lie within {(overall['high'] - overall['low']).max():.1f} points. "
                f"{why[0].upper()}{why[1:]}.",
                alone,
            ]
        ),
        f"{listed(never_within())} would be above tolerance in any area that has not scored them: "
        "that is arithmetic on assumed numbers and no finding."
        if never_within()
        else "No risk is above tolerance by arithmetic alone.",
        f"{published} of {len(overall)} areas published an assessment."
        if published
        else "No area has published an assessment: every score here is a what-if, and no finding "
        "about an area.",
    ]


def _ranked(overall: pd.DataFrame, pairs: pd.DataFrame, alone: str) -> list[str]:
    """Return which area has the highest and the lowest score, where all scored all risks."""
    first, last = overall["mean"].idxmax(), overall["mean"].idxmin()
    high, low = overall.loc[first], overall.loc[last]
    own = pairs[(pairs["first"] == first) | (pairs["second"] == first)]
    return [
        f"{high['name']} has the highest mean score, "
        f"{high['mean']:.1f} ({high['low']:.1f} to {high['high']:.1f} in nine draws of ten), and "
        f"{low['name']} the lowest, {low['mean']:.1f} ({low['low']:.1f} to {low['high']:.1f}).",
        f"{alone} {high['name']} is told apart from {own['apart'].sum() or 'none'} of the other "
        f"{len(overall) - 1} areas; in nine draws of ten its rank lies between "
        f"{high['best_rank']} and {high['worst_rank']}.",
    ]


def _apart(pairs: pd.DataFrame) -> str:
    """Return how many pairs of areas are told apart, one by one and all counted."""
    level, apart, left = assumption("firm_share"), pairs["apart"].sum(), pairs["corrected"].sum()
    if not apart:
        return f"None of the {len(pairs)} pairs differs one way in {level:.0%} of draws."
    return (
        f"{apart} of {len(pairs)} pairs {'differs' if apart == 1 else 'differ'} one way in at "
        f"least {level:.0%} of draws. With so many pairs some do by chance: "
        f"{left or 'none'} {'is' if left == 1 else 'are'} left when all are counted (Holm's "
        "correction)."
    )
