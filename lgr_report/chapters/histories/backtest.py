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

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.chapters.histories import panel
from lgr_report.chapters.histories.panel import SPLIT, Panel, Reorganisation
from lgr_report.core.demand import learn, simulate
from lgr_report.core.rates import choose, regroup
from lgr_report.core.variation import LABELS
from lgr_report.page.phrases import listed
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.services import SERVICES, Service, authorities, people

LATEST, FIRST, BEFORE = "latest", "first", "before"
# Counts of the same people in the panel, by year.
COUNTS = {"children_looked_after": "cla_number", "ehc_plans": "ehcp_caseload"}


@dataclass(frozen=True, eq=False)
class Backtest:
    """What was predicted of the split unitaries, beside what they reported.

    ``rows`` has a row a total, council and service: total (`LATEST`, `FIRST` or `BEFORE`), area,
    gss_code, council_name, service, year (of what was reported; 2025 stands for 2024-25), divided
    (the total that was shared out, people), residents (of the ages served, mid-2024), reported,
    at_county_rate and predicted (people), inner_low, inner_high, low and high (ends of the
    intervals at ``demand_inner_level`` and ``interval_level``).
    """

    rows: pd.DataFrame

    def scores(self) -> pd.DataFrame:
        """Return how well it did, by total and service.

        Returns
        -------
        pandas.DataFrame
            Index (total, service); councils, predicted and at_county_rate (mean absolute log
            errors), inner and outer (councils within each interval), pairs, and in_order (pairs of
            one county whose higher rate was predicted higher).
        """
        rows = self.rows.assign(
            inner=self.rows["reported"].between(self.rows["inner_low"], self.rows["inner_high"]),
            outer=self.rows["reported"].between(self.rows["low"], self.rows["high"]),
            **{
                f"{name}_error": np.abs(np.log(self.rows[name] / self.rows["reported"]))
                for name in ("predicted", "at_county_rate")
            },
        )
        groups = rows.groupby(["total", "service"], sort=False)
        found = groups.agg(
            councils=("gss_code", "size"),
            predicted=("predicted_error", "mean"),
            at_county_rate=("at_county_rate_error", "mean"),
            inner=("inner", "sum"),
            outer=("outer", "sum"),
        )
        order = groups.apply(lambda part: pd.Series(in_order(part, "area")))
        return found.join(order.set_axis(["in_order", "pairs"], axis=1))


def in_order(rows: pd.DataFrame, by: str) -> tuple[int, int]:
    """Return of how many pairs of one county the higher rate was predicted higher, and pairs."""
    right = pairs = 0
    for _, part in rows.groupby(by):
        reported, predicted = (
            (part[name] / part["residents"]).to_numpy() for name in ("reported", "predicted")
        )
        first, second = np.triu_indices(len(part), 1)
        seen = np.sign(reported[first] - reported[second])
        said = np.sign(predicted[first] - predicted[second])
        right, pairs = right + int((seen == said).sum()), pairs + len(first)
    return right, pairs


def backtest(
    frame: pd.DataFrame | None = None,
    history: Panel | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> Backtest:
    """Predict the four split unitaries by a model that saw none of them.

    Parameters
    ----------
    frame
        Authorities (see `lgr_report.sources.services.authorities`).
    history
        The panel, for the counts of earlier years.
    draws, seed
        Of the predictive distribution, by default ``demand_draws`` and ``demand_seed``. The
        candidates are chosen anew without these four.
    """
    frame = authorities() if frame is None else frame
    history = panel.read() if history is None else history
    draws = int(assumption("demand_draws")) if draws is None else draws
    generator = np.random.default_rng(int(assumption("demand_seed")) if seed is None else seed)
    changes = [change for change in history.changes if change.kind == SPLIT]
    split = [code for change in changes for code in change.codes]
    rest = frame.drop(index=split)
    model = learn(rest, choose(rest))
    rows = []
    for change in changes:
        county = frame.loc[change.codes].assign(old_county=change.area)
        simulated = simulate(model, county, draws, generator)
        for s, service in enumerate(SERVICES):
            rate = model.fits[s].log_rate(county)
            drawn = simulated[..., s]
            for total, year, divided, reported in _totals(county, service, history, change):
                share = regroup(np.vstack([rate, drawn]), county, service, "old_county")
                share /= share.sum(axis=-1, keepdims=True)
                about = {"total": total, "year": year, "divided": divided}
                rows.append(_rows(county, service, change, divided * share, reported, about))
    order = {total: k for k, total in enumerate((LATEST, FIRST, BEFORE))}
    table = pd.concat(rows, ignore_index=True)
    return Backtest(
        table.sort_values("total", key=lambda t: t.map(order), kind="stable", ignore_index=True)
    )


def _totals(
    county: pd.DataFrame, service: Service, history: Panel, change: Reorganisation
) -> list[tuple[str, int, float, np.ndarray]]:
    """Return what can be divided: total, year, people to divide, and what was reported."""
    latest = county[service.service].to_numpy(dtype=float)
    found = [(LATEST, 2025, latest.sum(), latest)]
    if service.service in COUNTS:
        counts = history.published[COUNTS[service.service]]
        after = counts.loc[change.codes].dropna(axis=1)
        old = counts.loc[change.before].dropna()
        first = after.iloc[:, 0].to_numpy()
        found.append((FIRST, int(after.columns[0]), first.sum(), first))
        found.append((BEFORE, int(after.columns[0]), float(old.iloc[-1]), first))
    # Without both successors' figures there is no total to divide.
    return [one for one in found if np.isfinite(one[2])]


def _rows(
    county: pd.DataFrame,
    service: Service,
    change: Reorganisation,
    values: np.ndarray,
    reported: np.ndarray,
    about: Mapping[str, object],
) -> pd.DataFrame:
    """Return a row a council; the first row of ``values`` is the prediction, the others draws."""
    inner, outer = assumption("demand_inner_level"), assumption("interval_level")
    ends = [(1 - outer) / 2, (1 - inner) / 2, (1 + inner) / 2, (1 + outer) / 2]
    low, inner_low, inner_high, high = np.quantile(values[1:], ends, axis=0)
    residents = people(county, service).to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "total": about["total"],
            "area": change.area,
            "gss_code": county.index,
            "council_name": [name for _, name in change.successors],
            "service": service.service,
            "year": about["year"],
            "divided": about["divided"],
            "residents": residents,
            "reported": reported,
            "at_county_rate": about["divided"] * residents / residents.sum(),
            "predicted": values[0],
            "inner_low": inner_low,
            "inner_high": inner_high,
            "low": low,
            "high": high,
        }
    )


def beside(found: Backtest, judgement: object, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the test beside the leave-one-old-county-out results, for a page.

    Parameters
    ----------
    found
        As `backtest` returns it.
    judgement
        As the demand chapter judges old counties: the two counties are among its 26.
    frame
        The authorities that were judged.
    """
    mine = found.scores().loc[LATEST]
    errors, covered = judgement.errors().loc["shire"], judgement.coverage().loc["shire"]
    members = judgement.authorities.query("kind == 'shire'")
    inner, outer = (f"{assumption(name):.0%}" for name in ("demand_inner_level", "interval_level"))
    rows = []
    for service in SERVICES:
        name = service.service
        part = members[members["service"] == name]
        residents = people(frame, service).loc[part["gss_code"]].to_numpy()
        right, pairs = in_order(part.assign(residents=residents), "old_county")
        one = mine.loc[name]
        rows.append(
            {
                "service": LABELS[name],
                "error, four unitaries": one["predicted"],
                "at county's rate": one["at_county_rate"],
                "error, old counties": errors.loc[name, "predicted"],
                "at their county's rate": errors.loc[name, "at_county_rate"],
                "order right": f"{one['in_order']:.0f} of {one['pairs']:.0f}",
                "order right, old counties": f"{right} of {pairs}",
                f"within {inner}": f"{one['inner']:.0f} of {one['councils']:.0f}",
                f"within {outer}": f"{one['outer']:.0f} of {one['councils']:.0f}",
                f"{inner}, old counties": f"{covered.loc[name, 'inner']:.0%}",
                f"{outer}, old counties": f"{covered.loc[name, 'outer']:.0%}",
            }
        )
    return pd.DataFrame(rows)


def by_total(found: Backtest) -> pd.DataFrame:
    """Return errors, order and coverage for each total that was divided, for a page."""
    scores = found.scores().reset_index()
    said = {
        LATEST: "the successors' last total",
        FIRST: "the successors' total in their first year",
        BEFORE: "the county's last total before the split",
    }
    inner, outer = (f"{assumption(name):.0%}" for name in ("demand_inner_level", "interval_level"))
    return pd.DataFrame(
        {
            "what was divided": scores["total"].map(said),
            "service": scores["service"].map(LABELS),
            "error": scores["predicted"],
            "order right": _of(scores["in_order"], scores["pairs"]),
            f"within {inner}": _of(scores["inner"], scores["councils"]),
            f"within {outer}": _of(scores["outer"], scores["councils"]),
        }
    )


def _of(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part.astype(int).astype(str) + " of " + whole.astype(int).astype(str)


def in_words(found: Backtest) -> list[str]:
    """Return what the test says of every option's variation figures, computed from the test."""
    scores = found.scores()
    latest, first, before = (scores.loc[name] for name in (LATEST, FIRST, BEFORE))
    gain = 1 - latest["predicted"] / latest["at_county_rate"]
    wrong = latest.index[latest["in_order"] < latest["pairs"]]
    rows = found.rows[found.rows["total"] == BEFORE]
    plans = rows[rows["service"] == "ehc_plans"].groupby("area")
    growth = plans["reported"].sum() / plans["divided"].first() - 1
    counts = latest[["councils", "inner", "outer", "pairs", "in_order"]].sum().astype(int)
    inner, outer = (f"{assumption(name):.0%}" for name in ("demand_inner_level", "interval_level"))
    return [
        f"The model divides the split counties with mean errors of "
        f"{latest['predicted'].min():.0%} to {latest['predicted'].max():.0%}, "
        f"{gain.min():.0%} to {gain.max():.0%} less than the county's rate does. It puts "
        f"{counts['in_order']} of {counts['pairs']} pairs in the right order"
        + (f"; the miss is {listed(LABELS[name] for name in wrong)}" if len(wrong) else "")
        + f" (in the first year {first['in_order'].sum():.0f} of {first['pairs'].sum():.0f}, for "
        "children's services only)"
        + f". Its {inner} intervals cover {counts['inner']} and its {outer} intervals "
        f"{counts['outer']} of {counts['councils']} figures. Where the true coverage is {inner}, "
        f"{counts['pairs']} independent figures all lie within in "
        f"{assumption('demand_inner_level') ** counts['pairs']:.0%} of cases: a good sign, no "
        "proof.",
        "A planner before the split had only the county's last total. Divided, it is off by "
        f"{before.loc['children_looked_after', 'predicted']:.0%} for looked-after children and "
        f"{before.loc['ehc_plans', 'predicted']:.0%} for EHC plans, whose total grew by "
        + listed(f"{rise:.0%} in {area}" for area, rise in growth.items())
        + " by the successors' first count: the intervals of this suite hold the division, not "
        "the growth.",
        "Two counties are two throws: within each, one unitary's share fixes the other's. The "
        "model learned from today's authorities, and adults' counts by authority begin in "
        "2024-25, after both splits. Cumberland did not report revenue outturn (RO3): spend is not "
        "tested.",
    ]
