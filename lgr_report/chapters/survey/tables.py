"""Tables of the survey for a page."""

import numpy as np
import pandas as pd

from lgr_report.chapters.survey.study import Study
from lgr_report.core.intervals import worst_case

MORE = {"<": "Fewer", ">": "More"}
SHARES = {0.1: "one in ten", 0.2: "one in five", 0.5: "half", 0.75: "three quarters"}
NONE = "none: does not add up"
ROLES = {
    "chief executives": "county chief executives",
    "adults": "directors of adult social care",
    "children": "directors of children's services",
}
UNLIKE = "no: the other questions of the figure do not fit"
CANNOT, IF_RANDOM, PROVEN = (
    "cannot be said: the interval allows otherwise",
    "yes, if who answered was chance; no, if silence was not",
    "yes, whatever the silent think, if no more were asked than assumed",
)


def statements(study: Study) -> pd.DataFrame:
    """Return what the chart on confidence allows to say under every labelling of its open bars."""
    rows = study.statements
    texts = [f"{MORE[r.sign]} than {SHARES[r.share]} are {r.who}" for r in rows.itertuples()]
    return pd.DataFrame(
        {
            "statement": texts,
            **rows[["least", "most", "n", "low", "high"]],
            "verdict": rows["held"].map(_verdict),
            "beyond_sample": np.select(
                [rows["proven"], rows["certain"]], [PROVEN, IF_RANDOM], CANNOT
            ),
        }
    )


def reach(study: Study) -> pd.DataFrame:
    """Return how far the answers reach beyond those who gave them, under three readings."""
    level = f"{100 * study.level:g}%"
    rows = study.statements.drop_duplicates("who")
    return pd.DataFrame(
        {
            "officers": rows["who"],
            "of those who answered": [_counted(row) for row in rows.itertuples()],
            f"if silence is chance ({level}, Wilson)": _ends(rows, "low", "high"),
            f"the same, of the {study.asked} asked only ({level}, exact)": _ends(
                rows, "finite_low", "finite_high"
            ),
            f"whatever the silent think, if {study.asked} were asked": _ends(
                rows, "worst_low", "worst_high"
            ),
            f"the same, if {study.asked_by_rates} were asked": [
                _worst(row, study.asked_by_rates) for row in rows.itertuples()
            ],
        }
    ).reset_index(drop=True)


def _counted(row: object) -> str:
    counts = f"{row.least}" if row.least == row.most else f"{row.least} to {row.most}"
    return f"{counts} of {row.n}"


def _worst(row: object, asked: int) -> str:
    low, high = worst_case(row.least, row.n, asked)[0], worst_case(row.most, row.n, asked)[1]
    return f"{100 * low / asked:.0f}% to {100 * high / asked:.0f}%"


def _ends(rows: pd.DataFrame, low: str, high: str) -> list[str]:
    return [
        f"{least:.0f}% to {most:.0f}%" for least, most in zip(rows[low], rows[high], strict=True)
    ]


def response(study: Study) -> pd.DataFrame:
    """Return the published response rates beside what they can be shares of."""
    rows = study.response.reset_index(drop=True)
    nearest = [f"{row.nearest} ({row.nearest_percent:.1f}%)" for row in rows.itertuples()]
    fitting = [NONE if pd.isna(count) else f"{count}" for count in rows["fitting"]]
    return pd.DataFrame(
        {
            "role": rows["role"].map(ROLES),
            "answered, published": rows["percent"].map("{:.0f}%".format),
            f"counties of {rows['counties'].iloc[0]} that give it": fitting,
            "nearest count": nearest,
            "smallest number of officers that gives it": rows["smallest"],
        }
    )


def _verdict(held: float) -> str:
    if 0 < held < 1:
        return "depends on the labelling"
    return f"{'holds' if held else 'fails'} in the sample under every labelling"


def readings(study: Study) -> pd.DataFrame:
    """Return the respondents and counts that explain each question, and which we believe."""
    rows = study.readings
    reasons = {True: f"no: fewer than {study.n_min} respondents", False: UNLIKE}
    why_not = (rows["n"] < study.n_min).map(reasons)
    return pd.DataFrame(
        {
            "figure": rows["chart_id"].str.removeprefix("fig"),
            "question": rows["question"],
            "percentages": [", ".join(map(str, bars)) for bars in rows["percentages"]],
            "respondents": rows["n"],
            "counts": [", ".join(map(str, counts)) for counts in rows["counts"]],
            "believed": why_not.mask(rows["believed"], "yes"),
        }
    )
