"""The demand model put to the test that history set: two counties that were really split.

Northamptonshire (2021) and Cumbria (2023) became two unitaries each. All four are left out of the
fit, predicted as footprints of their old county, benchmarked to the county's total, and compared
with what they have reported since. The model learns from the other authorities as they are today,
so this tests how a total is divided, not a forecast.

Three totals are divided. ``latest`` and ``first`` are what the two successors together reported
(last, and in their first year): the error is the division's alone. ``before`` is the county's last
figure before the split: what a planner had. Only children's services have it; adults' counts by
authority begin in 2024-25, after both splits.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.histories import panel
from lgr_report.chapters.histories.panel import SPLIT, Panel, Reorganisation
from lgr_report.core import intervals
from lgr_report.core.demand import learn, simulate
from lgr_report.core.rates import choose, regroup
from lgr_report.sources import services
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.services import SERVICES, Service, people

TOTALS = LATEST, FIRST, BEFORE = "latest", "first", "before"
# Counts of the same people in the panel, by year.
COUNTS = {"children_looked_after": "cla_number", "ehc_plans": "ehcp_caseload"}
Total = tuple[str, float, np.ndarray]  # its name, people to divide, what each successor reported


@dataclass(frozen=True, eq=False)
class Backtest:
    """What was predicted of the split unitaries, beside what they reported.

    Parameters
    ----------
    authorities : pandas.DataFrame
        As `lgr_report.sources.services.authorities` returns them.
    rows : pandas.DataFrame
        A row a total, council and service: total (`LATEST`, `FIRST` or `BEFORE`), area, gss_code,
        council_name, service, divided (the total that was shared out, people), residents (of the
        ages served, mid-2024), reported, at_county_rate and predicted (people), inner_low,
        inner_high, low and high (ends of the intervals at ``demand_inner_level`` and
        ``interval_level``).
    scores : pandas.DataFrame
        How well it did, by total and service: see `scores`.
    """

    authorities: pd.DataFrame
    rows: pd.DataFrame
    scores: pd.DataFrame

    def growth(self, service: str) -> pd.Series:
        """Return by area how much a service grew from the county's last total to the first after.

        A share: 0.17 is 17 %.
        """
        rows = self.rows[(self.rows["total"] == BEFORE) & (self.rows["service"] == service)]
        counties = rows.groupby("area")
        return counties["reported"].sum() / counties["divided"].first() - 1


def run(
    authorities: pd.DataFrame | None = None,
    history: Panel | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> Backtest:
    """Predict the four split unitaries by a model that saw none of them.

    Parameters
    ----------
    authorities : pandas.DataFrame, optional
        As `lgr_report.sources.services.authorities` returns them.
    history : Panel, optional
        For the counts of earlier years.
    draws, seed : int, optional
        Of the predictive distribution, by default ``demand_draws`` and ``demand_seed``. The
        candidates are chosen anew without these four.
    """
    authorities = services.authorities() if authorities is None else authorities
    history = panel.read() if history is None else history
    draws = int(assumption("demand_draws")) if draws is None else draws
    generator = np.random.default_rng(int(assumption("demand_seed")) if seed is None else seed)
    changes = [change for change in history.changes if change.kind == SPLIT]
    rest = authorities.drop(index=[code for change in changes for code in change.codes])
    model, parts = learn(rest, choose(rest)), []
    for change in changes:
        county = authorities.loc[change.codes].assign(old_county=change.area)
        simulated = simulate(model, county, draws, generator)
        for s, service in enumerate(SERVICES):
            values = np.vstack([model.fits[s].log_rate(county), simulated[..., s]])
            shares = regroup(values, county, service, "old_county")
            shares /= shares.sum(axis=-1, keepdims=True)
            totals = _totals(county, service, history, change)
            parts += [_rows(county, service, change, shares, total) for total in totals]
    rows = pd.concat(parts).sort_values(
        "total", key=lambda totals: totals.map(TOTALS.index), kind="stable", ignore_index=True
    )
    return Backtest(authorities, rows, scores(rows))


def _totals(
    county: pd.DataFrame, service: Service, history: Panel, change: Reorganisation
) -> list[Total]:
    """Return what can be divided."""
    latest = county[service.service].to_numpy(dtype=float)
    totals = [(LATEST, latest.sum(), latest)]
    if service.service in COUNTS:
        counts = history.published[COUNTS[service.service]]
        first = counts.loc[change.codes].dropna(axis=1).iloc[:, 0].to_numpy()
        old = float(counts.loc[change.before].dropna().iloc[-1])
        totals += [(FIRST, first.sum(), first), (BEFORE, old, first)]
    # Without both successors' figures there is no total to divide.
    return [total for total in totals if np.isfinite(total[1])]


def _rows(
    county: pd.DataFrame,
    service: Service,
    change: Reorganisation,
    shares: np.ndarray,
    total: Total,
) -> pd.DataFrame:
    """Return a row a council; the first row of ``shares`` is the prediction, the others draws."""
    name, divided, reported = total
    low, high = intervals.ends(divided * shares[1:])
    inner_low, inner_high = intervals.ends(divided * shares[1:], assumption("demand_inner_level"))
    residents = people(county, service).to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "total": name,
            "area": change.area,
            "gss_code": county.index,
            "council_name": [name for _, name in change.successors],
            "service": service.service,
            "divided": divided,
            "residents": residents,
            "reported": reported,
            "at_county_rate": divided * residents / residents.sum(),
            "predicted": divided * shares[0],
            "inner_low": inner_low,
            "inner_high": inner_high,
            "low": low,
            "high": high,
        }
    )


def scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how well the model did, by total and service.

    Parameters
    ----------
    rows : pandas.DataFrame
        As `Backtest` holds them.

    Returns
    -------
    pandas.DataFrame
        Index (total, service); councils, predicted and at_county_rate (mean absolute log errors),
        inner and outer (councils within each interval), in_order (pairs of one county whose higher
        rate was predicted higher), and pairs.
    """
    keys = rows[["total", "service"]]
    judged = keys.assign(
        councils=1,
        predicted=np.abs(np.log(rows["predicted"] / rows["reported"])),
        at_county_rate=np.abs(np.log(rows["at_county_rate"] / rows["reported"])),
        inner=rows["reported"].between(rows["inner_low"], rows["inner_high"]),
        outer=rows["reported"].between(rows["low"], rows["high"]),
    )
    how = {"councils": "sum", "predicted": "mean", "at_county_rate": "mean"}
    table = judged.groupby([*keys], sort=False).agg(how | {"inner": "sum", "outer": "sum"})
    parts = rows.groupby([*keys], sort=False)
    table[["in_order", "pairs"]] = [in_order(part, "area") for _, part in parts]
    return table


def in_order(rows: pd.DataFrame, by: str) -> tuple[int, int]:
    """Return of how many pairs of one county the higher rate was predicted higher, and pairs."""
    right = pairs = 0
    for _, part in rows.groupby(by):
        rates = part[["reported", "predicted"]].div(part["residents"], axis=0).to_numpy()
        first, second = np.triu_indices(len(part), 1)
        reported, predicted = np.sign(rates[first] - rates[second]).T
        right += int((reported == predicted).sum())
        pairs += len(first)
    return right, pairs
