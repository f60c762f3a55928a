"""Tables of the survey for a page."""

import pandas as pd

from lgr_report.chapters.survey.study import Study

MORE = {"<": "Fewer", ">": "More"}
SHARES = {0.1: "one in ten", 0.2: "one in five", 0.5: "half", 0.75: "three quarters"}
UNLIKE = "no: the other questions of the figure do not fit"
BEYOND = ("cannot be said: the interval allows otherwise", "yes, if the replies were random")


def statements(study: Study) -> pd.DataFrame:
    """Return what the chart on confidence allows to say under every labelling of its open bars."""
    rows = study.statements
    texts = [f"{MORE[r.sign]} than {SHARES[r.share]} are {r.who}" for r in rows.itertuples()]
    return pd.DataFrame(
        {
            "statement": texts,
            **rows[["least", "most", "n", "low", "high"]],
            "verdict": rows["held"].map(_verdict),
            "beyond_sample": [BEYOND[certain] for certain in rows["certain"]],
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
