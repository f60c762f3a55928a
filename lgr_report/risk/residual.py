"""Inherent, residual and target risk, and what uncertainty does to them.

Inherent is the source's score. Residual is what officers assessed. Where nobody did nothing is
known of it, and what is shown is a *what-if*: the range that would follow from the maturity of the
areas that address the risk, if full maturity took away the share of a score that ``residual_k``
assumes. Target and tolerance are assumed (``data/risk_appetite.csv``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from lgr_report.assess.files import assessments, read_folder
from lgr_report.assess.records import Assessment, current
from lgr_report.risk import maturity
from lgr_report.risk.register import lessons
from lgr_report.risk.register import register as risk_register
from lgr_report.sources import areas, tables
from lgr_report.sources.areas import Area
from lgr_report.sources.assumptions import assumption, bounds
from lgr_report.sources.cache import by_content

EXAMPLE = "exampleshire"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BANNER = "Example, not a real area"
LEVELS = maturity.LEVELS
ABOVE, WITHIN, OPEN = "above", "within", "may be above"
WHAT_IF = "what if"  # nobody assessed it: what would follow if maturity took away what is assumed
TIED = "computed, no level as many tie"
SHOWN = "{:.1f}"  # the ends of a range of scores, on every page


@dataclass(frozen=True, eq=False)
class View:
    """What is known of the risks of one area.

    ``dated`` are its assessments, the oldest first. ``maturity`` has a row an area of the matrix:
    name, level_low and level_high (missing: nobody knows), basis (assessed, computed, `TIED`, not
    available), low and high (0 to 1, the span of the levels, or of a tie, on the way from nothing
    to full maturity). ``computed`` are the levels by public data (`maturity.computed`), None for an
    example.
    """

    area: Area
    dated: tuple[Assessment, ...]
    maturity: pd.DataFrame
    computed: pd.DataFrame | None = None

    @property
    def area_id(self) -> str:
        """Identifier of the area."""
        return self.area.area_id

    @property
    def name(self) -> str:
        """Name of the area."""
        return self.area.name

    @property
    def example(self) -> bool:
        """Whether the area does not exist."""
        return self.area_id == EXAMPLE

    @cached_property
    def register(self) -> pd.DataFrame:
        """Each risk with inherent, residual and target: see `register`."""
        return register(self)

    @cached_property
    def assessed(self) -> pd.DataFrame:
        """What officers assessed of each area of the matrix: see `maturity.recorded`."""
        return maturity.recorded(self.dated)

    @cached_property
    def movement(self) -> pd.DataFrame:
        """What changed between the two latest assessments: see `movement`."""
        return movement(self)

    @property
    def scored(self) -> int:
        """How many risks officers scored; where they scored none all else is a what-if."""
        return int(self.register["assessed"].notna().sum())

    @property
    def banner(self) -> str:
        """What stands before the title of everything that shows an example."""
        return f"{BANNER}: " if self.example else ""


@by_content
def view(area_id: str, published_only: bool = False) -> View:
    """Return what is known of an area: its assessments, and maturity from both layers.

    Parameters
    ----------
    area_id : str
        One of the 21 areas.
    published_only : bool
        Leave out the assessments that the area has not published (for pages that show all areas).
    """
    dated = assessments(area_id)
    if published_only:
        dated = tuple(one for one in dated if one.publish)
    computed = maturity.computed(area_id)
    return View(areas.get(area_id), dated, _maturity(dated, computed), computed)


def views(seen: View | None = None) -> list[View]:
    """Return what is known of all areas: what they published, beside the computed layer.

    Parameters
    ----------
    seen : View, optional
        An area to show with all that is known of it.
    """
    return [
        seen if seen is not None and area_id == seen.area_id else view(area_id, True)
        for area_id in areas.ids()
    ]


def example() -> View:
    """Return the worked example: an area that does not exist, with two invented assessments.

    It has no computed layer, for there are no public data of it.
    """
    dated = read_folder(EXAMPLES / EXAMPLE, EXAMPLE)
    area = Area(EXAMPLE, EXAMPLE.capitalize(), EXAMPLE.capitalize(), county_gss="")
    return View(area, dated, _maturity(dated, None))


def _maturity(dated: Sequence[Assessment], computed: pd.DataFrame | None) -> pd.DataFrame:
    frame = tables.read("maturity_areas").set_index("maturity_area_id")[["name"]]
    columns = ["level_low", "level_high", "low", "high"]
    frame[columns] = pd.DataFrame(None, frame.index, columns, dtype="Float64")
    if computed is not None:
        known = computed.groupby("maturity_area_id").agg(
            level_low=("level", "min"),
            level_high=("level", "max"),
            low=("low", "min"),
            high=("high", "max"),
        )
        frame.update(known.astype("Float64"))
    # A tie that extends over all quarters says nothing; one that does not bounds a maturity that
    # has no level.
    told = (frame["high"] - frame["low"]).lt(1).fillna(value=False)
    frame["basis"] = np.select(
        [frame["level_low"].notna(), told], ["computed", TIED], "not available"
    )
    for key, record in current(dated, "maturity").items():
        frame.loc[key, columns[:2]] = record.level
        # A level is a quarter of the way: even the lowest is a span and never a point.
        frame.loc[key, columns[2:]] = (record.level - 1) / LEVELS, record.level / LEVELS
        frame.loc[key, "basis"] = "assessed"
    frame["low"] = frame["low"].fillna(0).astype(float)
    frame["high"] = frame["high"].fillna(1).astype(float)
    return frame.astype(dict.fromkeys(columns[:2], "Int64"))


def register(seen: View) -> pd.DataFrame:
    """Return each risk with inherent, residual and target, and whether it is within tolerance.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; title, likelihood, impact, inherent (the source's), category, appetite,
        target, tolerance (assumed, or the officers' target), assessed (their score), strength,
        assessed_on, owner_role, treatment, low and high (the residual range), basis (assessed, or
        what if), standing (above, within, may be above tolerance), by_assumption (above by
        assumptions alone: even full maturity would leave more than the tolerance), why_above.
    """
    frame = risk_register()[["title", "likelihood", "impact", "score"]]
    frame = frame.rename(columns={"score": "inherent"})
    frame = frame.join(tables.read("risk_appetite").set_index("risk_id").drop(columns="reason"))
    cover = maturity.coverage().loc[frame.index, seen.maturity.index].to_numpy()
    least, _, most = bounds("residual_k")
    frame["low"] = frame["inherent"] * (1 - most * cover @ seen.maturity["high"].to_numpy())
    frame["high"] = frame["inherent"] * (1 - least * cover @ seen.maturity["low"].to_numpy())
    frame["basis"] = WHAT_IF
    asked = ["assessed", "strength", "assessed_on", "owner_role", "treatment", "why_above"]
    frame[asked] = pd.DataFrame(None, frame.index, asked, dtype=object)
    for key, record in current(seen.dated, "risks").items():
        for name in asked[1:]:
            frame.loc[key, name] = getattr(record, name)
        if record.target is not None:
            frame.loc[key, "target"] = record.target
        if record.score is not None:
            points = spread(record.likelihood, record.impact, f"spread_{record.strength}")
            low, _, high = np.clip(points, 1, 5)
            frame.loc[key, ["low", "high"]] = low.prod(), high.prod()
            frame.loc[key, ["assessed", "basis"]] = record.score, "assessed"
    frame["assessed"] = frame["assessed"].astype("Int64")
    # A range that straddles the tolerance settles nothing, whoever scored it. Its ends are judged
    # as a page shows them, so that one range has one verdict.
    low, high = (frame[end].map(SHOWN.format).astype(float) for end in ("low", "high"))
    above, within = low > frame["tolerance"], high <= frame["tolerance"]
    frame["standing"] = np.select([above, within], [ABOVE, WITHIN], OPEN)
    beyond = frame["inherent"] * (1 - most) > frame["tolerance"]
    frame["by_assumption"] = (frame["basis"] == WHAT_IF) & beyond
    return frame


def never_within() -> list[str]:
    """Return the risks that not even full maturity would bring within tolerance: arithmetic."""
    frame, most = risk_register(), bounds("residual_k")[-1]
    tolerance = tables.read("risk_appetite").set_index("risk_id")["tolerance"]
    return [*frame.index[frame["score"] * (1 - most) > tolerance[frame.index]]]


def spread(
    likelihood: float, impact: float, assumption_id: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the least, the stated and the greatest likelihood and impact.

    They lie evenly round the stated ones and may leave the scale of 1 to 5: a score of 5 that could
    only fall would fall on average. Whoever shows them cuts them to the scale.
    """
    stated = np.array([likelihood, impact], dtype=float)
    points = assumption(assumption_id)
    return stated - points, stated, stated + points


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
        ("risks", risk_register()["title"]),
        ("maturity", seen.maturity["name"]),
        ("lessons", lessons()["lesson"]),
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
