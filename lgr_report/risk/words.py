"""What the register, the maturity matrix and residual risk say, in sentences made from figures."""

from collections.abc import Iterable

import pandas as pd

from lgr_report.page.phrases import count, day, listed
from lgr_report.risk import exposure, gaps
from lgr_report.risk.drivers import SAME, UNKNOWN, UNTOUCHED
from lgr_report.risk.maturity import NOT_ASSESSED
from lgr_report.risk.register import register
from lgr_report.risk.residual import ABOVE, OPEN, WITHIN, View
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption, bounds


def order(study: exposure.Study) -> list[str]:
    """Return what the register says for an area, and how firm its order is."""
    table, firm = study.ordered, study.firm
    top = table[table["score"] == table["score"].max()]
    known = table["exposure"].dropna()
    unknown = table.index[table["exposure"].isna()]
    most, surest = known.idxmax(), firm["top_five"].idxmax()
    return [
        f"The source scores {len(top)} risks {top['score'].iloc[0]} and the other "
        f"{len(table) - len(top)} {table['score'].min()} out of 25. On our bands (assumed) all are "
        f"{' or '.join(table['rating'].unique())}, and the scores alone rank nothing further.",
        f"Public indicators touch {len(known)} of the {len(table)} risks. The highest average "
        f"percentile of {study.area} is {known[most]:.0f} (50 is the middle of "
        f"England's authorities, 100 the most exposed), on {most} ({table.loc[most, 'title']}); it "
        f"rests on {count(int(table.loc[most, 'indicators']), 'indicator')}.",
        f"No public indicator touches {', '.join(unknown)}: for these, only people who know the "
        "services can say how exposed the area is.",
        f"When every score may move by {assumption('score_shift'):.0f} and the weights vary, "
        f"{surest} ({firm.loc[surest, 'title']}) is among the first five in "
        f"{100 * firm.loc[surest, 'top_five']:.0f}% of draws, the most of all risks: treat "
        + (
            "the order as a starting point for discussion, not as a finding."
            if firm["top_five"].max() < assumption("firm_share")
            else "the first places as firm and the rest as a starting point for discussion."
        ),
    ]


def maturity(view: View) -> list[str]:
    """Return what the matrix says for an area: the county by public data, and what officers did."""
    computed, officers = view.computed, view.assessed
    county = computed[computed["gss_code"] == view.area.county_gss].dropna(subset=["level"])
    levels = computed.groupby("maturity_area_id")["level"].count()
    names = tables.read("maturity_areas").set_index("maturity_area_id")["name"]
    bare = names[levels.index[levels == 0]]
    lowest = county[county["level"] == county["level"].min()]
    done = int(officers["level"].notna().sum())
    return [
        f"By public data {view.area.county_name} stands lowest on {_lower(lowest['name'])}: level "
        f"{lowest['level'].iloc[0]} of 4, which is its quarter among England's authorities, not a "
        "judgement of its plans.",
        f"Public data say nothing of {_lower(bare)}."
        if len(bare)
        else "Every area of the matrix has a public indicator.",
        f"Officers have assessed {done} of {len(officers)} areas."
        if done
        else f"No officer's assessment is recorded for {view.name}: the assessed layer is "
        f"{NOT_ASSESSED}.",
    ]


def _lower(names: Iterable[str]) -> str:
    """Return the names of areas of the matrix as a list in a sentence."""
    return listed(name[0].lower() + name[1:] for name in names)


def residual(view: View) -> list[str]:
    """Return how the risks stand against tolerance, and what moved since the last assessment."""
    frame = view.register
    counts = frame["standing"].value_counts()
    done = frame["assessed"].notna()
    least, _, most = bounds("residual_k")
    scored = f"{done.sum()} of {len(frame)}" if done.any() else f"none of the {len(frame)}"
    rest = "every risk" if not done.any() else count(int((~done).sum()), "other risk")
    implied = (
        f" The residual of {rest} is a range, implied by maturity and by an assumption: that full "
        f"maturity takes away {least:.0%} to {most:.0%} of a score."
    )
    words = [
        f"{view.banner}Officers have scored {scored} risks of {view.name}."
        + ("" if done.all() else implied),
        f"Against tolerances that are assumed, {counts.get(ABOVE, 0)} of {len(frame)} risks are "
        f"above, {counts.get(OPEN, 0)} may be above and {counts.get(WITHIN, 0)} within.",
    ]
    given = frame.index[frame["by_assumption"]]
    if len(given):
        words.append(
            f"{listed(given)} {'is' if len(given) == 1 else 'are'} above whatever the area "
            f"does: full maturity takes away {most:.0%} of a score at the most, which leaves more "
            "than the tolerance. Both numbers are assumed, so this is arithmetic and no finding."
        )
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
            f"Between {before} and {now}, {up} of the scores and levels went up and {down} "
            "went down."
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
    words = [
        f"{view.banner}The gap that bears on most is {_lower([first['name']])}: "
        f"{first['points']:.0f} of the {frame['points'].sum():.0f} points by "
        "which the risks are above tolerance, taking the middle of each range that is implied.",
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
            f"Nothing is known of {_lower(unknown)}: the first step there is to assess it."
        )
    return words


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


def all_areas(chances: pd.DataFrame, overall: pd.DataFrame) -> list[str]:
    """Return what the areas beside each other say (`uncertainty.all_areas`)."""
    first, last = overall["median"].idxmax(), overall["median"].idxmin()
    high, low = overall.loc[first], overall.loc[last]
    below = int((overall.drop(first)["high"] < high["low"]).sum())
    often = chances["top_three"].groupby("risk_id", sort=False).mean()
    published = int(overall["assessed"].gt(0).sum())
    return [
        f"By the middle of its draws {high['name']} has the highest mean residual score "
        f"({high['median']:.1f}) and {low['name']} the lowest ({low['median']:.1f}). Nine draws in "
        f"ten of the first lie between {high['low']:.1f} and {high['high']:.1f}; only "
        f"{count(below, 'area')} of the other {len(overall) - 1} "
        f"{'lies' if below == 1 else 'lie'} wholly below: most areas cannot be told apart.",
        f"{often.idxmax()} ({register()['title'][often.idxmax()]}) is among the first three most "
        f"often, in {often.max():.0%} of draws over all areas.",
        f"{published} of {len(overall)} areas published an assessment."
        if published
        else "No area has published an assessment: every score here is implied.",
    ]
