"""Charts of senior staffing: what the published totals imply, and what it means for an area."""

import pandas as pd

from lgr_report.chapters.staffing import tables
from lgr_report.chapters.staffing.study import National, Study
from lgr_report.chapters.staffing.tables import change, tenths, whole_millions
from lgr_report.chapters.staffing.words import by_the_head, directors
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Scale, dots
from lgr_report.page.figures import Figure

PUBLISHED = "CCN/Newton (October 2025), p10"
SOURCE = "computed from CCN/Newton (p10), ONS and MHCLG figures (RO3, 2024-25)"


def per_authority(nation: National) -> Figure:
    """Draw the cost that each published total implies for one authority, by definition of bands."""
    table = nation.statements.dropna(subset=["cost"])
    apart = table.groupby("definition")["cost_each"].agg(lambda cost: cost.max() / cost.min())
    near, far = apart.idxmin(), apart.idxmax()
    spoken = "; ".join(f"{r.definition}, {r.band}: £{r.cost_each:.2f}m" for r in table.itertuples())
    total = table["band"] + ": " + table["cost"].map(whole_millions) + " a year"
    return dots(
        pd.DataFrame({"name": table["definition"], "value": table["cost_each"], "series": total}),
        "The two published totals imply costs per authority that differ by a factor of "
        f"{apart[near]:.2f} ({near}) to {apart[far]:.1f} ({far})",
        f"computed from {PUBLISHED}, and submitted proposals",
        Scale("£ million a year with each additional authority", low=0),
        tables.statements(nation.statements),
        lines=Lines(nation.published[["ST07", "ST08"]], ("published range", None)),
        row_height=0.5,
        wrap=28,
        columns=3,
        alt=f"Cost per additional authority, {spoken}.",
    )


def scale(nation: National) -> Figure:
    """Draw the elasticity of spend on running services, by series and sample."""
    table, main = nation.elasticities, nation.elasticity
    spoken = "; ".join(
        f"{r.series}, {r.sample}: {phrases.ranged(r.value, r.low, r.high, tables.two_digits)}"
        for r in table.itertuples()
    )
    return dots(
        table.rename(columns={"series": "name", "sample": "series"}),
        f"Councils' own spend rises by {main.value:.2f}% with 1% more residents "
        f"({main.low:.2f} to {main.high:.2f}). {by_the_head(nation.robustness)}",
        "computed from MHCLG RO3 2024-25, ONS and MHCLG figures",
        "elasticity of gross spend on residents; line: interval",
        Table(tables.elasticities(table), "Elasticity of spend on running services"),
        lines=Lines((1,), ("in proportion to residents",)),
        row_height=1.0,
        wrap=22,
        alt=f"Elasticities, {spoken}.",
    )


def divisions(study: Study) -> Figure:
    """Draw the change of senior staffing cost of the area's divisions, beside implied spend."""
    table, name = study.divisions, study.here.name
    spoken = "; ".join(
        f"{r.name}: {r.directors:.0f} directors, {change(r.cost, r.cost_low, r.cost_high)}, by "
        f"spend {change(r.implied, r.implied_low, r.implied_high)}"
        for r in table.itertuples(index=False)
    )
    return dots(
        _beside(table),
        _title_of_divisions(study),
        SOURCE,
        "change from today, £ million a year; lines: range, and interval",
        Table(tables.divisions(table), f"Senior staffing, {name}"),
        lines=Lines(),
        row_height=0.66,
        wrap=36,
        columns=1,
        alt=f"Change of cost a year: {spoken}.",
    )


def _beside(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows for `dots`: the cost of each division, then the spend implied."""
    names = phrases.distinct(table["name"] + table["directors"].map(" ({:.0f} directors)".format))
    series = {
        "cost": "senior staffing, calibrated to the published totals",
        "implied": "running services, by what councils spend",
    }
    parts = [
        table[[column, f"{column}_low", f"{column}_high"]]
        .set_axis(["value", "low", "high"], axis=1)
        .assign(name=names, series=label)
        for column, label in series.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _title_of_divisions(study: Study) -> str:
    name, now, bids = study.here.name, study.divisions["directors"].iloc[0], study.proposals
    if bids.empty:
        return f"{name}: {now:.0f} statutory directors today; no proposal can be computed"
    return (
        f"{name}: {directors(bids)} statutory directors under the proposals, {now:.0f} today; "
        f"senior staffing cost would {_span(bids['cost'])}"
    )


def _span(costs: pd.Series) -> str:
    low, high = costs.min(), costs.max()
    if low == high == 0:
        return "stay as it is"
    if low == 0 or high == 0:
        way = "rise" if low == 0 else "fall"
        return f"stay as it is or {way} by up to {tenths(max(-low, high))} a year"
    return f"change by {phrases.span((low, high), tenths)} a year"
