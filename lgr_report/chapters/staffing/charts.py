"""Charts of senior staffing: what the published totals imply, real spend, an area's proposals."""

import pandas as pd

from lgr_report.chapters.staffing import tables
from lgr_report.chapters.staffing.overheads import ALL_LINES
from lgr_report.chapters.staffing.study import National, Study
from lgr_report.chapters.staffing.words import directors
from lgr_report.core.size_bands import DEFINITIONS
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Scale, dots
from lgr_report.page.figures import Figure
from lgr_report.page.phrases import distinct, millions, ranged

PUBLISHED = "CCN/Newton (October 2025), p10"
SOURCE = "computed from CCN/Newton (p10), ONS and MHCLG figures (RO3, 2024-25)"
SERIES = {
    "cost": "senior staffing, calibrated to the published totals",
    "implied": "running services, by what councils spend",
}
HEADINGS = {
    "population": "average residents",
    "authorities": "authorities that cover the areas",
    "additional": "more than today",
    "posts_low_each": "posts each, least",
    "posts_high_each": "posts each, most",
    "cost_each": "£m a year each",
}


def per_authority(nation: National) -> Figure:
    """Draw the cost that each published total implies for one authority, by definition of bands."""
    table = nation.statements.dropna(subset=["cost"])
    apart = table.groupby("definition")["cost_each"].agg(lambda cost: cost.max() / cost.min())
    near, far = apart.idxmin(), apart.idxmax()
    rows = table.assign(
        name=pd.Categorical(table["definition"], DEFINITIONS),
        series=[f"{r.band}: {millions(r.cost, 0)} a year" for r in table.itertuples()],
        value=table["cost_each"],
    ).sort_values(["band", "name"], ascending=[False, True], kind="stable")
    spoken = "; ".join(f"{r.definition}, {r.band}: £{r.cost_each:.2f}m" for r in table.itertuples())
    return dots(
        rows[["name", "series", "value"]],
        f"The two published totals imply costs per authority that differ by a factor of "
        f"{apart[near]:.2f} ({near}) to {apart[far]:.1f} ({far})",
        f"computed from {PUBLISHED}, and submitted proposals",
        Scale("£ million a year with each additional authority", low=0),
        Table(
            nation.statements[["definition", "band", *HEADINGS]],
            "What the published totals imply for one authority",
            {"population": "{:,.0f}", "cost_each": "{:.2f}"},
            HEADINGS,
        ),
        lines=Lines(nation.said[["ST07", "ST08"]], ("published range", None)),
        margin=2.4,
        wrap=28,
        columns=3,
        alt=f"Cost per additional authority, {spoken}.",
    )


def scale(nation: National) -> Figure:
    """Draw the elasticity of spend on running services, by series and sample."""
    table, main = nation.elasticities, nation.elasticity
    below = (table["high"] < 1).sum()
    spoken = "; ".join(
        f"{r.series}, {r.sample}: {ranged(r.value, r.low, r.high, '{:.2f}'.format)}"
        for r in table.itertuples()
    )
    return dots(
        table.rename(columns={"series": "group", "sample": "name"}),
        f"Councils' own spend rises by {main.value:.2f}% with 1% more residents "
        f"({main.low:.2f} to {main.high:.2f}); {below or 'none'} of {len(table)} fits "
        f"{'is' if below < 2 else 'are'} below proportion beyond chance",
        "computed from MHCLG RO3 2024-25, ONS and MHCLG figures",
        "elasticity of gross spend on residents; line: interval",
        Table(tables.elasticities(table), "Elasticity of spend on running services"),
        lines=Lines((1,), ("in proportion to residents",)),
        row_height=0.26,
        wrap=44,
        bold=[ALL_LINES],
        alt=f"Elasticities, {spoken}.",
    )


def proposals(study: Study) -> Figure:
    """Draw the change of senior staffing cost of the area's divisions, beside implied spend."""
    table, here, bids = study.divisions, study.here.name, study.proposals
    serving = f"{study.now['directors']:.0f}"
    if bids.empty:
        title = f"{here}: {serving} statutory directors today; no proposal can be computed"
    else:
        title = (
            f"{here}: {directors(bids)} statutory directors under the proposals, {serving} today; "
            f"senior staffing cost would {_span(bids['cost'])}"
        )
    names = distinct(
        f"{row.name} ({row.directors:.0f} directors)" for row in table.itertuples(index=False)
    )
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "name": names,
                    "series": label,
                    "value": table[column],
                    "low": table[f"{column}_low"],
                    "high": table[f"{column}_high"],
                }
            )
            for column, label in SERIES.items()
        ]
    )
    shown = tables.divisions(table)
    spoken = "; ".join(
        f"{name}: {number} directors, {cost}, by spend {implied}"
        for name, _, number, _, cost, _, implied in shown.itertuples(index=False)
    )
    return dots(
        rows,
        title,
        SOURCE,
        "change from today, £ million a year; lines: range, and interval",
        Table(shown, f"Senior staffing, {here}"),
        lines=Lines(),
        row_height=0.62,
        wrap=38,
        columns=1,
        alt=f"Change of cost a year: {spoken}.",
    )


def _span(costs: pd.Series) -> str:
    low, high = (tables.pounds(cost) if cost else "nothing" for cost in (costs.min(), costs.max()))
    if low == high:
        return "stay as it is" if low == "nothing" else f"change by {low} a year"
    return f"change by {low} to {high} a year"
