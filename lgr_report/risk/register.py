"""The risk register CLGR1-14 and the lessons that go with it, as their source has them.

The source's scores are inherent risk and are never overwritten. They take two values only, so the
order within a score comes from public indicators (`lgr_report.risk.exposure`).
"""

import pandas as pd

from lgr_report.sources import risks, tables


def register() -> pd.DataFrame:
    """Return the register with its scores, rated.

    Returns
    -------
    pandas.DataFrame
        Index risk_id; name (missing where the source has none), our_label, title (for the page),
        description (ours), likelihood, impact, score (1 to 25), rating, no_indicator_reason.
    """
    frame = tables.read("risks").set_index("risk_id")
    frame["title"] = risks.titles()
    frame["score"] = frame["likelihood"] * frame["impact"]
    frame["rating"] = rating(frame["likelihood"], frame["impact"])
    return frame


def rating(likelihood: pd.Series, impact: pd.Series) -> pd.Series:
    """Return the band of each likelihood and impact, from ``data/rating_matrix.csv``."""
    matrix = tables.read("rating_matrix").set_index(["likelihood", "impact"])["rating"]
    cells = pd.MultiIndex.from_arrays([likelihood, impact])
    unknown = cells.difference(matrix.index)
    if len(unknown):
        raise ValueError(
            f"no rating for likelihood and impact {list(unknown)}; both go from 1 to 5"
        )
    return pd.Series(matrix.reindex(cells).to_numpy(), index=likelihood.index)


def lessons() -> pd.DataFrame:
    """Return the lessons from Northamptonshire by lesson_id, with the risks each bears on."""
    links = tables.read("lesson_risks").groupby("lesson_id")["risk_id"].agg(", ".join)
    return tables.read("lessons").set_index("lesson_id").assign(risks=links)
