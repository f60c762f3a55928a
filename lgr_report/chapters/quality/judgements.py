"""Ofsted's judgements of children's services: by authority, by quartile of size, and of counties.

A judgement is the latest of an inspection of local authority children's services (ILACS), with
four grades. Whether services are Good or better is what the published report asks of size.
"""

import pandas as pd

from lgr_report.core import regression
from lgr_report.core.intervals import wilson
from lgr_report.sources import tables
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
# The judgements that the published report had (CCN/Newton, p99) and the date of ours.
PUBLISHED_ON = pd.Timestamp(2025, 9, 30)
AS_AT = pd.Timestamp(2025, 3, 31)
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
    frame = judged()
    rows = []
    for among, part in (
        (EVERYONE, frame),
        (WITHOUT_COUNTIES, frame[frame["la_class"] != "county"]),
    ):
        quarter = pd.qcut(part["population"], len(QUARTERS), labels=QUARTERS)
        for name in QUARTERS:
            mine = part[quarter == name]
            row = {
                "among": among,
                "quarter": name,
                "authorities": len(mine),
                "smallest": int(mine["population"].min()),
                "largest": int(mine["population"].max()),
            }
            for column, count in (
                ("good", int(mine["good"].sum())),
                ("outstanding", int((mine["level"] == OUTSTANDING).sum())),
            ):
                low, high = wilson(count, len(mine))
                row |= {
                    column: count,
                    f"{column}_share": count / len(mine),
                    f"{column}_low": low,
                    f"{column}_high": high,
                }
            rows.append(row)
    return pd.DataFrame(rows)


def counties(on: pd.Timestamp = AS_AT) -> pd.DataFrame:
    """Return the judgement of each county council of the two-tier areas as known on a day.

    Ofsted's table is as at 31 March 2025. Judgements published later are added from
    ``data/later_judgements.csv``, which holds those that we found and may miss some.

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
    later = later[later["known"] <= on].sort_values("known")
    columns = ["gss_code", "overall", "known"]
    every = pd.concat([first[columns].assign(later=False), later[columns].assign(later=True)])
    latest = every.groupby("gss_code").last()
    found = upper.join(latest).sort_values("population", ascending=False)
    good = found["overall"].map(LEVELS) >= GOOD
    return found.assign(good=good).reset_index()


def changed() -> pd.DataFrame:
    """Return the counties whose judgement is known to have changed after 31 March 2025.

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
