"""Ofsted's judgements of children's services: by authority, by quartile of size, and of counties.

A judgement is the latest of an inspection of local authority children's services (ILACS), with
four grades. Whether services are Good or better is what the published report asks of size.
"""

import pandas as pd

from lgr_report.core import regression
from lgr_report.core.intervals import wilson
from lgr_report.sources import tables
from lgr_report.sources.dates import day_of
from lgr_report.sources.indicators import GRADES

OVERALL = "overall"
JUDGEMENTS = {
    OVERALL: "overall effectiveness",
    "leaders_impact": "impact of leaders",
    "help_and_protection": "help and protection",
    "children_in_care": "children in care",
    "care_leavers": "care leavers (since 2023)",
}
# The order of Ofsted's grades, the worst 0.
LEVELS = {grade: max(GRADES.values()) - place for grade, place in GRADES.items()}
GOOD, OUTSTANDING = LEVELS["Good"], LEVELS["Outstanding"]
# Identifiers of dates: of Ofsted's table, and of the judgements that the published report had.
AS_AT, PUBLISHED_ON = "ofsted_judgements", "published_ratings"
EVERYONE, WITHOUT_COUNTIES = "all authorities", "without counties"
QUARTERS = ("smallest quarter", "second quarter", "third quarter", "largest quarter")


def judged(judgement: str = OVERALL) -> pd.DataFrame:
    """Return authorities with one judgement, and what regressions need.

    Parameters
    ----------
    judgement : str
        A key of `JUDGEMENTS`.

    Returns
    -------
    pandas.DataFrame
        `regression.authorities`, and level (0 for Inadequate to 3 for Outstanding) and good (1 for
        Good or Outstanding, else 0). Who was not judged on it is left out.

    Raises
    ------
    ValueError
        If there is no such judgement.
    """
    if judgement not in JUDGEMENTS:
        raise ValueError(f"no judgement {judgement!r}: {', '.join(JUDGEMENTS)}")
    level = tables.read("ofsted_judgements").set_index("gss_code")[judgement].map(LEVELS)
    frame = regression.authorities().assign(level=level).dropna(subset=["level"])
    return frame.assign(level=frame["level"].astype(int), good=(frame["level"] >= GOOD) * 1.0)


def quarters() -> pd.DataFrame:
    """Return shares of Good and Outstanding by quarter of authorities, ordered by population.

    This is the reading of critics: no controls. The District Councils' Network's analysis (March
    2025) took unitary councils, so that counties were left out; both readings are given.

    Returns
    -------
    pandas.DataFrame
        among (`EVERYONE`, `WITHOUT_COUNTIES`), quarter (of `QUARTERS`), authorities, smallest,
        largest (residents), and for good (Good or Outstanding) and outstanding the number, the
        share, and its Wilson interval: good, good_share, good_low, good_high, and so on.
    """
    everyone = judged()
    readings = {EVERYONE: everyone, WITHOUT_COUNTIES: everyone[everyone["la_class"] != "county"]}
    rows = []
    for among, authorities in readings.items():
        quarter = pd.qcut(authorities["population"], len(QUARTERS), labels=QUARTERS)
        for name, part in authorities.groupby(quarter, observed=True):
            row = {
                "among": among,
                "quarter": name,
                "authorities": len(part),
                "smallest": int(part["population"].min()),
                "largest": int(part["population"].max()),
            }
            row |= _share("good", part["level"] >= GOOD)
            rows.append(row | _share("outstanding", part["level"] == OUTSTANDING))
    return pd.DataFrame(rows)


def _share(name: str, reached: pd.Series) -> dict[str, float]:
    count = int(reached.sum())
    low, high = wilson(count, len(reached))
    share = count / len(reached)
    return {name: count, f"{name}_share": share, f"{name}_low": low, f"{name}_high": high}


def counties(on: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return the judgement of each county council of the two-tier areas as known on a day.

    Judgements published after Ofsted's table are added from ``data/later_judgements.csv``, which
    holds those that we found and may miss some.

    Parameters
    ----------
    on : pandas.Timestamp, optional
        The day; by default that of Ofsted's table.

    Returns
    -------
    pandas.DataFrame
        gss_code, authority_name, population, overall, known (date: of publication, or by which a
        later judgement was public), later (bool), good (bool); largest county first.
    """
    upper = regression.authorities()
    upper = upper.loc[upper["la_class"] == "county", ["authority_name", "population"]]
    first = tables.read("ofsted_judgements").rename(columns={"publication_date": "known"})
    later = tables.read("later_judgements").rename(columns={"public_by": "known"})
    later = later[later["known"] <= (day_of(AS_AT) if on is None else on)].sort_values("known")
    columns = ["gss_code", "overall", "known"]
    every = pd.concat([first[columns].assign(later=False), later[columns].assign(later=True)])
    latest = upper.join(every.groupby("gss_code").last())
    latest = latest.sort_values("population", ascending=False)
    return latest.assign(good=latest["overall"].map(LEVELS) >= GOOD).reset_index()


def changed() -> pd.DataFrame:
    """Return the counties whose judgement is known to have changed after Ofsted's table.

    Returns
    -------
    pandas.DataFrame
        authority_name, before, after, public_by (date), source.
    """
    later = tables.read("later_judgements").merge(
        counties()[["gss_code", "authority_name", "overall"]],
        on="gss_code",
        suffixes=("", "_before"),
    )
    later = later.rename(columns={"overall_before": "before", "overall": "after"})
    return later[["authority_name", "before", "after", "public_by", "source"]]
