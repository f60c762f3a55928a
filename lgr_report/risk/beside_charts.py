"""Figures of all areas beside each other: their mean scores, and chances above tolerance."""

import numpy as np
import pandas as pd
import seaborn as sns

from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import LIGHT, Look, dots
from lgr_report.page.figures import ORANGE, Figure, no_wider, picture, styled
from lgr_report.risk.beside import Beside, ranked, told_apart, unranked
from lgr_report.risk.residual import View, never_within
from lgr_report.risk.residual_charts import mean_of, source_of

APART, ALIKE = "told apart from it", "not told apart from it"


def comparison(view: View, beside: Beside) -> Figure:
    """Draw the mean residual score of an area among all areas.

    Parameters
    ----------
    view : View
        The area that is marked.
    beside : Beside
        As `lgr_report.risk.beside.all_areas` returns it for this area.
    """
    areas, known = _in_order(beside.overall), ranked(beside.overall)
    own, pairs = areas.loc[view.area_id], told_apart(beside)
    pairs = pairs[pairs["apart"] & pairs[["first", "second"]].eq(view.area_id).any(axis=1)]
    apart = areas.index.isin({*pairs["first"], *pairs["second"]} - {view.area_id})
    ranks = phrases.span(own[["best_rank", "worst_rank"]], str)
    title = f"{view.name}: mean {mean_of(view)} {own['mean']:.1f}" + (
        f", rank {ranks} of {len(areas)} in nine draws of ten; told apart from "
        f"{apart.sum() or 'none'} of the other {len(areas) - 1} areas"
        if known
        else f"; {unranked(areas)}"
    )
    marked = areas.index == view.area_id
    other = np.where(apart, APART, ALIKE)
    caption = f"Mean score of all areas, what-if unless assessed; low, high{', ranks' * known}: "
    shown = areas if known else areas.drop(columns=["best_rank", "worst_rank"])
    headings = {"assessed": "Risks assessed", "above": "Risks above tolerance, mean of draws"}
    return dots(
        areas.assign(
            name=np.where(marked, "▸ " + areas["name"], areas["name"]),
            value=areas["mean"],
            series=np.where(marked, view.name, other),
        ),
        title,
        source_of(view),
        "mean score over the risks; mark: mean, bar: nine draws in ten",
        Table(shown.reset_index(drop=True), f"{caption}nine draws in ten", headings=headings),
        looks={
            view.name: Look("D", ORANGE, LIGHT, 6, 11),
            APART: Look(size=6),
            ALIKE: Look(size=6, hollow=True),
        },
        side_by_side=False,
        row_height=0.34,
        margin=2.6,
        columns=1,
        wrap=42,
        alt=f"Areas {'from the highest score down' if known else 'by name'}: "
        + "; ".join(
            f"{row['name']} {phrases.ranged(row['mean'], row['low'], row['high'], phrases.number)}"
            for _, row in areas.iterrows()
        )
        + f". Pairs are judged by their own differences: {view.name} is told apart from "
        f"{'; '.join(areas['name'][apart]) or 'none'}.",
    )


@styled
def all_areas(beside: Beside) -> Figure:
    """Draw the chance that each risk of each area is above tolerance, were the what-if true.

    Parameters
    ----------
    beside : Beside
        As `lgr_report.risk.beside.all_areas` returns it.
    """
    order = _in_order(beside.overall)
    grid = 100 * _wide(beside.chances["above_tolerance"]).loc[order.index]
    given = never_within()
    sure = int((grid.drop(columns=given) >= 95).all().sum())
    assessed = int(order["assessed"].gt(0).sum())
    title = (
        f"What-if on assumed tolerances: {sure or 'none'} of {grid.shape[1] - len(given)} risks "
        "would be above in every area in at least 95% of draws"
        + (f", {phrases.listed(given)} by arithmetic alone" if given else "")
        + f"; {assessed or 'no'} area{'' if assessed == 1 else 's'} published an assessment"
    )
    source = "computed from the register, maturity and assumptions; tolerances assumed"
    drawn = picture(0.36 * len(grid) + 2.2, title, source)
    axes = drawn.add_subplot()
    sns.heatmap(
        grid,
        ax=axes,
        annot=True,
        fmt=".0f",
        cmap="Blues",
        vmin=0,
        vmax=100,
        linewidths=1,
        annot_kws={"fontsize": 8.5},
        cbar_kws={"label": "per cent of draws above tolerance"},
        xticklabels=[key.removeprefix("CLGR") for key in grid.columns],
        yticklabels=no_wider(order["name"], 34),
    )
    axes.set_xlabel("risk, CLGR1 to CLGR14")
    axes.set_ylabel("")
    axes.tick_params(axis="y", rotation=0, labelsize=8.5)
    spoken = "; ".join(f"{key} {grid[key].min():.0f} to {grid[key].max():.0f}" for key in grid)
    table = grid.round(0).astype(int)
    table.insert(0, "area", order["name"])
    table = Table(table.reset_index(drop=True), "What-if: per cent of draws above tolerance")
    alt = "Per cent of draws in which a risk would be above tolerance, least to greatest area"
    return Figure(drawn, title, f"{alt}: {spoken}.", table)


def _in_order(overall: pd.DataFrame) -> pd.DataFrame:
    """Return the areas with the highest score first; by name where none can be ranked."""
    known = ranked(overall)
    return overall.sort_values("mean" if known else "name", ascending=not known, kind="stable")


def _wide(column: pd.Series) -> pd.DataFrame:
    """Return areas by risks of a column of chances, both in the order given."""
    areas, risks = (column.index.unique(name) for name in ("area_id", "risk_id"))
    return pd.DataFrame(column.to_numpy().reshape(len(areas), -1), areas, risks)
