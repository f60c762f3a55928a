"""Tables of demand as a page shows them."""

import pandas as pd

from lgr_report.chapters.demand.old_counties import Judgement
from lgr_report.chapters.demand.spreads import design_by_band
from lgr_report.chapters.demand.study import National
from lgr_report.core.variation import LABELS, PEOPLE, STATISTIC_LABELS, STATISTICS
from lgr_report.page.phrases import count, percent, ranged
from lgr_report.sources.assumptions import assumption


def variations(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `Study.variations` for a page: a row a proposal and measure."""
    level = percent(assumption("interval_level"))
    columns = {s: f"{label}, {level} interval" for s, label in STATISTIC_LABELS.items()}
    rows = []
    for (_, measure), part in frame.groupby(["proposal_id", "measure"], sort=False, dropna=False):
        first = part.iloc[0]
        row = {"proposal": first["proposal"], "measure": LABELS.get(measure, first["note"])}
        if measure in LABELS:
            row |= {columns[r.statistic]: _with_interval(r) for r in part.itertuples()}
        rows.append(row)
    names = ["proposal", "measure", *columns.values()]
    return pd.DataFrame(rows, columns=names, dtype=object).fillna("–")


def _with_interval(row: object) -> str:
    if pd.isna(row.expected):
        return "total not published"
    return ranged(row.expected, row.low, row.high, percent)


def models(compared: pd.DataFrame) -> pd.DataFrame:
    """Return the chosen candidate of each service with its predictors and error.

    Parameters
    ----------
    compared : pandas.DataFrame
        As `rates.compare_all` returns it: the first candidate is the county's own rate.
    """
    first = compared.drop_duplicates("service").set_index("service")["error"]
    chosen = compared[compared["chosen"]]
    return pd.DataFrame(
        {
            "service": chosen["service"].map(LABELS),
            "model": chosen["candidate"],
            "predictors": chosen["predictors"],
            "error left out": chosen["error"].map("{:.3f}".format),
            "error of the county's rate": chosen["service"].map(first).map("{:.3f}".format),
        }
    )


def candidates(compared: pd.DataFrame) -> pd.DataFrame:
    """Return every candidate model (`rates.compare_all`) with its errors."""
    return compared.assign(
        service=compared["service"].map(LABELS),
        chosen=compared["chosen"].map({True: "chosen", False: ""}),
    )


def judged(judgement: Judgement) -> pd.DataFrame:
    """Return the judgement of the model on old counties.

    Mean absolute log errors of predictions and of the county's rate, the share of authorities
    within each interval, and the spread observed beside that of point estimates and draws.
    """
    table = judgement.errors().join(judgement.coverage()).join(judgement.spreads())
    table = table.reset_index()
    table["service"] = table["service"].map(LABELS)
    inner, outer = (percent(assumption(name)) for name in ("demand_inner_level", "interval_level"))
    return table.drop(columns="inside").rename(
        columns={
            "kind": "old counties",
            "counties": "how many",
            "at_county_rate": "error at county rate",
            "predicted": "error of model",
            "inner": f"{inner} interval covers",
            "outer": f"{outer} interval covers",
            "observed": "spread observed",
            "from_point": "spread of point estimates",
            "expected": "spread over draws",
        }
    )


def by_statistic(national: National) -> pd.DataFrame:
    """Return total variation by band and statistic: published, submitted, all options."""
    published = national.published.map(lambda value: f"{value:.0f}%", na_action="ignore")
    rows = [
        {"options": "published", "statistic": "not stated"}
        | published.fillna("not known").to_dict()
    ]
    total = national.bands[national.bands["measure"] == PEOPLE]
    for statistic in STATISTICS:
        part = total[total["statistic"] == statistic].set_index("band")
        cells = {
            band: f"{ranged(row['mean'], row['low'], row['high'], percent)}, "
            f"{count(int(row['proposals']), 'bid')}"
            for band, row in part.iterrows()
        }
        rows.append({"options": "submitted", "statistic": STATISTIC_LABELS[statistic]} | cells)
    for statistic in STATISTICS:
        cells = design_by_band(national.every, statistic).dropna().map(percent).to_dict()
        rows.append({"options": "all", "statistic": STATISTIC_LABELS[statistic]} | cells)
    return pd.DataFrame(rows)


def by_service(national: National) -> pd.DataFrame:
    """Return the spread by service and band: submitted proposals beside old counties."""
    bands, observed = [*national.published.index], national.observed
    submitted = national.bands[national.bands["statistic"] == "spread"].pivot_table(
        index="measure", columns="band", values="mean", sort=False
    )
    table = pd.concat(
        {
            "submitted": submitted.reindex(columns=bands),
            "observed": observed.T.reindex(index=submitted.index, columns=bands),
        },
        axis=1,
    )
    table.columns = [f"{options}, {band}" for options, band in table.columns]
    return table.rename(index=LABELS).rename_axis("measure").reset_index()
