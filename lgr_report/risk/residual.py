"""Inherent, residual and target risk, and what uncertainty does to them.

Inherent is the source's score. Residual is what officers assessed; where nobody did it is a range,
implied by the maturity of the areas that address the risk and by how much of a score full maturity
takes away (``residual_k``, assumed). Target and tolerance are assumed (``data/risk_appetite.csv``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lgr_report.assess import assessment_files
from lgr_report.assess.assessment import Assessment, current
from lgr_report.page import phrases
from lgr_report.risk import maturity, risks
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption

EXAMPLE = "exampleshire"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BANNER = "Example, not a real area"
LEVELS = 4
ABOVE, WITHIN, OPEN = "above", "within", "may be above"


@dataclass(frozen=True, eq=False)
class View:
    """What is known of the risks of one area.

    ``maturity`` has a row an area of the matrix: name, level_low and level_high (missing: nobody
    knows), basis (assessed, computed, not available), low and high (0 to 1, the span of the levels
    on the way from nothing to full maturity).
    """

    area_id: str
    name: str
    dated: tuple[Assessment, ...]
    maturity: pd.DataFrame

    @property
    def example(self) -> bool:
        return self.area_id == EXAMPLE

    @property
    def banner(self) -> str:
        """What stands before the title of everything that shows an example."""
        return f"{BANNER}: " if self.example else ""


def view(area_id: str, published_only: bool = False) -> View:
    """Return what is known of an area: its assessments, and maturity from both layers.

    Parameters
    ----------
    area_id : str
        One of the 21 areas.
    published_only : bool
        Leave out the assessments that the area has not published (for pages that show all areas).
    """
    dated = assessment_files.assessments(area_id)
    if published_only:
        dated = tuple(one for one in dated if one.publish)
    computed = maturity.computed(area_id).groupby("maturity_area_id")["level"].agg(["min", "max"])
    return View(area_id, areas.get(area_id).name, dated, _maturity(dated, computed))


def example() -> View:
    """Return the worked example: an area that does not exist, with two invented assessments.

    It has no computed layer, for there are no public data of it.
    """
    dated = assessment_files.read_folder(EXAMPLES / EXAMPLE, EXAMPLE)
    return View(EXAMPLE, EXAMPLE.capitalize(), dated, _maturity(dated, pd.DataFrame()))


def _maturity(dated: Sequence[Assessment], computed: pd.DataFrame) -> pd.DataFrame:
    frame = tables.read("maturity_areas").set_index("maturity_area_id")[["name"]]
    bounds = computed.reindex(index=frame.index, columns=["min", "max"]).astype("Int64")
    frame[["level_low", "level_high"]] = bounds
    frame["basis"] = np.where(bounds["min"].notna(), "computed", "not available")
    for key, record in current(dated, "maturity").items():
        frame.loc[key, ["level_low", "level_high", "basis"]] = (
            record.level,
            record.level,
            "assessed",
        )
    # A level is a quarter of the way: even the lowest is a span and never a point.
    frame["low"] = ((frame["level_low"] - 1) / LEVELS).astype("Float64").fillna(0).astype(float)
    frame["high"] = (frame["level_high"] / LEVELS).astype("Float64").fillna(1).astype(float)
    return frame


def bounds_of(assumption_id: str) -> tuple[float, float, float]:
    """Return the low end, the value and the high end of an assumption."""
    row = tables.read("assumptions").set_index("assumption_id").loc[assumption_id]
    return float(row["low"]), float(row["value"]), float(row["high"])


def register(seen: View) -> pd.DataFrame:
    """Return each risk with inherent, residual and target, and whether it is within tolerance.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; title, likelihood, impact, inherent (the source's), category, appetite,
        target, tolerance (assumed, or the officers' target), assessed (their score), strength,
        assessed_on, owner_role, treatment, low and high (the residual range), basis (assessed, or
        implied), standing (above, within, may be above tolerance), why_above.
    """
    frame = risks.register()[["title", "likelihood", "impact", "score"]]
    frame = frame.rename(columns={"score": "inherent"})
    frame = frame.join(tables.read("risk_appetite").set_index("risk_id").drop(columns="reason"))
    cover = maturity.coverage().loc[frame.index, seen.maturity.index].to_numpy()
    least, _, most = bounds_of("residual_k")
    frame["low"] = frame["inherent"] * (1 - most * cover @ seen.maturity["high"].to_numpy())
    frame["high"] = frame["inherent"] * (1 - least * cover @ seen.maturity["low"].to_numpy())
    frame["basis"] = "implied"
    asked = ["assessed", "strength", "assessed_on", "owner_role", "treatment", "why_above"]
    frame[asked] = pd.DataFrame(None, frame.index, asked, dtype=object)
    for key, record in current(seen.dated, "risks").items():
        for name in asked[1:]:
            frame.loc[key, name] = getattr(record, name)
        if record.target is not None:
            frame.loc[key, "target"] = record.target
        if record.score is not None:
            low, _, high = spread(record.likelihood, record.impact, f"spread_{record.strength}")
            frame.loc[key, ["low", "high"]] = low.prod(), high.prod()
            frame.loc[key, ["assessed", "basis"]] = record.score, "assessed"
    frame["assessed"] = frame["assessed"].astype("Int64")
    known = frame["assessed"].astype("Float64")
    above = known.fillna(frame["low"]) > frame["tolerance"]
    within = known.fillna(frame["high"]) <= frame["tolerance"]
    frame["standing"] = np.select([above, within], [ABOVE, WITHIN], OPEN)
    return frame


def spread(
    likelihood: float, impact: float, assumption_id: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the least, the stated and the greatest likelihood and impact, within 1 to 5."""
    stated = np.array([likelihood, impact], dtype=float)
    points = assumption(assumption_id)
    return np.clip(stated - points, 1, 5), stated, np.clip(stated + points, 1, 5)


def movement(seen: View) -> pd.DataFrame:
    """Return what changed between the two latest assessments, risk by risk and area by area.

    Returns
    -------
    pandas.DataFrame
        item, before, now, change; a row where either assessment holds something, in the order of
        our tables. Empty where there are fewer than two assessments.
    """
    if len(seen.dated) < 2:
        return pd.DataFrame(columns=["item", "before", "now", "change"])
    before, now = seen.dated[-2:]
    rows = []
    for section, names in (
        ("risks", risks.register()["title"]),
        ("maturity", seen.maturity["name"]),
        ("lessons", risks.lessons()["lesson"]),
    ):
        old, new = current([before], section), current([now], section)
        for key, name in names.items():
            if key in old or key in new:
                states = [_state(records.get(key)) for records in (old, new)]
                if any(state is not None for state in states):
                    rows.append({"item": f"{key} {name}", **_moved(*states)})
    return pd.DataFrame(rows, columns=["item", "before", "now", "change"])


def _state(record: object) -> int | str | None:
    """Return what moves of a record: the score of a risk, a level, whether a lesson is done."""
    for name in ("score", "level", "status"):
        if hasattr(record, name):
            return getattr(record, name)
    return None


def _moved(old: int | str | None, new: int | str | None) -> dict[str, str]:
    if old is None or new is None:
        change = "newly assessed" if old is None else "not assessed again"
    elif old == new:
        change = "no change"
    elif isinstance(old, int):
        change = f"{'up' if new > old else 'down'} {abs(new - old)}"
    else:
        change = f"{old} to {new}"
    told = [maturity.NOT_ASSESSED if state is None else str(state) for state in (old, new)]
    return {"before": told[0], "now": told[1], "change": change}


def movement_shown(seen: View) -> pd.DataFrame:
    """Return `movement` for a page; one row says so where there is nothing to compare."""
    found = movement(seen)
    if len(found):
        return found
    none = "fewer than two assessments are recorded"
    return pd.DataFrame([{"item": none, "before": "–", "now": "–", "change": "–"}])


def shown(seen: View) -> pd.DataFrame:
    """Return `register` for a page."""
    frame = register(seen)
    span = frame["low"].map("{:.0f}".format) + " to " + frame["high"].map("{:.0f}".format)
    scored = frame["assessed"].map("{:.0f}".format, na_action="ignore").astype(object)
    strength = frame["strength"].map("{} strength of knowledge".format, na_action="ignore")
    days = pd.to_datetime(frame["assessed_on"]).map(phrases.day).where(frame["assessed"].notna())
    return pd.DataFrame(
        {
            "risk": frame.index,
            "name": frame["title"],
            "inherent (source)": frame["inherent"],
            "residual": scored.fillna(span),
            "how it is known": ("assessed " + days + ", " + strength).fillna("implied by maturity"),
            "category": frame["category"],
            "appetite": frame["appetite"],
            "target": frame["target"].astype(int),
            "tolerance": frame["tolerance"],
            "against tolerance": frame["standing"],
            "treatment": frame["treatment"].fillna("–"),
            "owner": frame["owner_role"].fillna("–"),
        }
    )


def recorded(seen: View) -> pd.DataFrame:
    """Return what officers recorded of each risk, for a page; one row says so if it is nothing."""
    columns = ["controls", "evidence", "strength", "treatment", "actions"]
    found = current(seen.dated, "risks")
    rows = [
        {
            "risk": key,
            "assessed on": phrases.day(pd.Timestamp(found[key].assessed_on)),
            **{name: getattr(found[key], name) or "–" for name in columns},
        }
        for key in risks.register().index
        if key in found
    ]
    nobody = {"risk": maturity.NOT_ASSESSED, **dict.fromkeys(["assessed on", *columns], "–")}
    frame = pd.DataFrame(rows or [nobody])
    return frame.rename(columns={"strength": "strength of knowledge", "actions": "further actions"})


def in_words(seen: View) -> list[str]:
    """Return what the register says of an area, in sentences computed from it."""
    frame = register(seen)
    counts = frame["standing"].value_counts()
    done = frame["assessed"].notna()
    least, _, most = bounds_of("residual_k")
    scored = f"{done.sum()} of {len(frame)}" if done.any() else f"none of the {len(frame)}"
    implied = (
        f" is a range, implied by maturity and by an assumption: that full maturity takes away "
        f"{least:.0%} to {most:.0%} of a score."
    )
    rest = "every risk" if not done.any() else phrases.count(int((~done).sum()), "other risk")
    words = [
        f"{seen.banner}Officers have scored {scored} risks of {seen.name}."
        + ("" if done.all() else f" The residual of {rest}{implied}"),
        f"Against tolerances that are assumed, {counts.get(ABOVE, 0)} of {len(frame)} risks are "
        f"above, {counts.get(OPEN, 0)} may be above and {counts.get(WITHIN, 0)} within.",
    ]
    higher = frame[frame["assessed"].gt(frame["inherent"]).fillna(False)]
    for key, row in higher.iterrows():
        words.append(
            f"{key} is assessed above the source ({row['assessed']} against {row['inherent']}); "
            f"the reason given: {row['why_above']}"
        )
    if len(seen.dated) > 1:
        moved = movement(seen)
        up, down = (moved["change"].str.startswith(way).sum() for way in ("up ", "down "))
        days = [phrases.day(pd.Timestamp(one.assessed_on)) for one in seen.dated[-2:]]
        words.append(
            f"Between {days[0]} and {days[1]}, {up} of the scores and levels went up and {down} "
            "went down."
        )
    return words
