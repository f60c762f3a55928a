"""What stands between an area and the next level of the matrix, and the actions that follow.

Gaps and lessons are weighed by one measure: the points of residual score above tolerance that they
bear on. A gap bears on a share of each risk (``data/risk_maturity.csv``); a lesson that is not done
shares each risk's points equally with the other lessons that bear on that risk. Both are assumed.
"""

import pandas as pd

from lgr_report.assess.records import current
from lgr_report.risk import maturity
from lgr_report.risk.register import lessons
from lgr_report.risk.residual import LEVELS, TIED, View
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption

COLUMNS = ["action", "because", "bears_on", "points", "lessons"]


def above_tolerance(view: View) -> pd.Series:
    """Return by how many points each risk's residual is above tolerance, nothing if it is not.

    Where nobody assessed a risk the middle of its range stands for it.
    """
    frame = view.register
    middle = frame["assessed"].astype("Float64").fillna((frame["low"] + frame["high"]) / 2)
    return (middle - frame["tolerance"]).clip(lower=0).astype(float)


def gaps(view: View) -> pd.DataFrame:
    """Return the gap of each area of the matrix to its next level.

    Returns
    -------
    pandas.DataFrame
        Index maturity_area_id; name, level (in words, with its layer), next_level (missing: at
        the top, or the level is not known), descriptor (of the next level), risks (that the gap
        drives, with the share that the area addresses), points (above tolerance that it bears on);
        in the order of points.
    """
    frame = view.maturity[["name", "level_low", "level_high", "basis"]].copy()
    frame["level"] = [_level(row) for row in frame.itertuples()]
    following = frame["level_low"] + 1
    frame["next_level"] = following.where(following <= LEVELS)
    descriptors = tables.read("maturity_descriptors")
    descriptors = descriptors.set_index(["maturity_area_id", "level"])["descriptor"]
    frame["descriptor"] = [
        None if pd.isna(level) else descriptors[area, level]
        for area, level in frame["next_level"].items()
    ]
    cover, points = maturity.coverage(), above_tolerance(view)
    frame["risks"] = [_driven(cover[area], points) for area in frame.index]
    frame["points"] = cover.T @ points.reindex(cover.index)
    # At the top no gap is left, whatever risk remains.
    frame.loc[frame["level_low"].eq(LEVELS).fillna(False), "points"] = 0.0
    frame = frame.sort_values("points", ascending=False, kind="stable")
    return frame[["name", "level", "next_level", "descriptor", "risks", "points"]]


def _level(row: tuple) -> str:
    if pd.isna(row.level_low):
        because = "many authorities tie on" if row.basis == TIED else "no level comes from"
        return f"nobody has assessed it, and {because} public data"
    span = str(row.level_low)
    if row.level_high != row.level_low:
        span += f" to {row.level_high}"
    return f"{span} ({row.basis})"


def _driven(shares: pd.Series, points: pd.Series) -> str:
    weighed = (shares * points)[shares > 0].sort_values(ascending=False, kind="stable")
    return ", ".join(f"{risk} ({shares[risk]:.0%})" for risk in weighed.index)


def actions(view: View, most: int = 5) -> pd.DataFrame:
    """Return the next actions, each traced to a gap or to a lesson that is not done.

    Returns
    -------
    pandas.DataFrame
        At most ``most`` rows: action, because (the gap or the lesson), bears_on (risks), points,
        lessons (open ones that bear on the same risks; empty where officers recorded none).
    """
    points = above_tolerance(view)
    open_lessons = _open_lessons(view, points)
    rows = []
    for area, gap in gaps(view).iterrows():
        share = maturity.coverage()[area]
        mine = share.index[(share > 0) & (points.reindex(share.index) > 0)]
        if gap["points"] <= 0:
            continue
        if pd.isna(gap["next_level"]):
            action = f"Assess {gap['name'][0].lower()}{gap['name'][1:]}"
            because = f"gap: {gap['name']}: {gap['level']}"
        else:
            action = f"Reach level {gap['next_level']} of {gap['name'][0].lower()}"
            action += f"{gap['name'][1:]}: {gap['descriptor'][0].lower()}{gap['descriptor'][1:]}"
            because = f"gap: {gap['name']} is at level {gap['level']}"
        beside = [k for k, one in open_lessons.items() if set(one["risks"]) & set(mine)]
        rows.append([action, because, ", ".join(mine), gap["points"], ", ".join(beside)])
    for key, one in open_lessons.items():
        because = f"lesson {key}: officers recorded “{one['status']}”"
        rows.append([one["lesson"], because, ", ".join(one["risks"]), one["points"], key])
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"points": float})
    frame = frame.sort_values("points", ascending=False, kind="stable", ignore_index=True)
    return frame.head(most)


def _open_lessons(view: View, points: pd.Series) -> dict[str, dict]:
    """Return the lessons that officers recorded as not or partly done, with what they bear on."""
    links = tables.read("lesson_risks")
    sharing = links.groupby("risk_id")["lesson_id"].transform("size")
    links["points"] = links["risk_id"].map(points) / sharing
    texts = lessons()["lesson"]
    weights = {"not": 1.0, "partly": assumption("lesson_partly_share")}
    found = {}
    for key, record in current(view.dated, "lessons").items():
        mine = links[(links["lesson_id"] == key) & (links["points"] > 0)]
        if record.status in weights and len(mine):
            found[key] = {
                "lesson": texts[key],
                "status": record.status,
                "risks": mine["risk_id"].tolist(),
                "points": weights[record.status] * mine["points"].sum(),
            }
    return found
