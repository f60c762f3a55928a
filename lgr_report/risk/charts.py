"""Charts of the register and the maturity matrix: matrix of scores, exposure, ranks, levels."""

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns

from lgr_report.page.cells import Table
from lgr_report.page.charts import LIGHT, Lines, Look, Scale, dots
from lgr_report.page.figures import BLUE, Figure, picture, styled
from lgr_report.page.phrases import count, listed
from lgr_report.risk.maturity import without_level
from lgr_report.risk.register import rating
from lgr_report.sources.assumptions import assumption

BANDS = ("low", "medium", "high", "very high")
BAND_COLOURS = ("#F2F2F2", "#ADD1F1", "#6BACE6", "#2073BC")
OFFICERS = "assessed by officers"


@styled
def heat_map(ordered: pd.DataFrame) -> Figure:
    """Draw the risks on the five by five matrix of likelihood and impact."""
    cells = pd.MultiIndex.from_product([range(1, 6), range(1, 6)], names=["impact", "likelihood"])
    grid = cells.to_frame(index=False)
    grid["band"] = rating(grid["likelihood"], grid["impact"]).map(BANDS.index)
    here = ordered.reset_index().groupby(["impact", "likelihood"])["risk_id"]
    counts = here.size()
    ids = here.agg(lambda risk: "\n".join(textwrap.wrap(" ".join(_short(risk)), 8)))
    text = ids.reindex(cells).fillna("").to_numpy().reshape(5, 5)
    title = " and ".join(
        f"{k} of {len(ordered)} risks sit at likelihood {likelihood}, impact {impact}"
        for (impact, likelihood), k in counts.sort_values(ascending=True).items()
    )
    drawn = picture(4.6, title, "Learning from LGR, risk register (scores); bands assumed")
    axes = drawn.add_subplot()
    sns.heatmap(
        grid["band"].to_numpy().reshape(5, 5),
        ax=axes,
        annot=text,
        fmt="",
        cmap=mpl.colors.ListedColormap(BAND_COLOURS),
        vmin=-0.5,
        vmax=3.5,
        linewidths=1.5,
        linecolor="white",
        annot_kws={"fontsize": 10, "fontweight": "bold"},
        cbar_kws={"ticks": range(4), "label": "rating of the cell"},
        xticklabels=range(1, 6),
        yticklabels=range(1, 6),
    )
    axes.collections[0].colorbar.ax.set_yticklabels(BANDS)
    axes.invert_yaxis()
    axes.set_xlabel("likelihood (1 low to 5 high)")
    axes.set_ylabel("impact (1 low to 5 high)")
    spoken = "; ".join(
        f"likelihood {likelihood}, impact {impact}: {', '.join(risk)}"
        for (impact, likelihood), risk in here
    )
    shown = ordered.reset_index()[["risk_id", "title", "likelihood", "impact", "score", "rating"]]
    table = Table(shown, "Scores of the register, as in the source; ratings assumed")
    alt = "Matrix of likelihood by impact, numbers are those of CLGR1 to CLGR14"
    return Figure(drawn, title, f"{alt}. {spoken}.", table)


def _short(risk_ids: pd.Series) -> list[str]:
    return sorted((risk.removeprefix("CLGR") for risk in risk_ids), key=int)


RANGE = {None: Look("D", BLUE, LIGHT, 6)}


def exposure(ordered: pd.DataFrame, name: str) -> Figure:
    """Draw an area's exposure to each risk, with the spread between its authorities.

    Parameters
    ----------
    ordered : pandas.DataFrame
        As `lgr_report.risk.exposure.ordered` returns it.
    name : str
        Of the area.
    """
    known = ordered.dropna(subset=["exposure"]).sort_values("exposure", ascending=False)
    above = known[known["above"]]
    most = listed(above.index[above["exposure"] == above["exposure"].max()])
    title = (
        f"{name}: above the middle of England's authorities on {len(above) or 'none'} of "
        f"{count(len(known), 'risk')} that public data rank{f', most on {most}' if most else ''}"
    )
    spoken = "; ".join(f"{risk} {row.exposure:.0f}" for risk, row in known.iterrows())
    without = ", ".join(ordered.index[ordered["exposure"].isna()]) or "none"
    columns = ["risk_id", "title", "exposure", "low", "high", "indicators"]
    caption = "Exposure to each risk, percentile in England; low and high: its authorities"
    return dots(
        known.assign(name=known.index + " " + known["title"], value=known["exposure"]),
        title,
        "DfE, Ofsted, MHCLG, ONS: see the indicators of each risk",
        Scale("percentile in England, 100 is most exposed; bar: its authorities", 0, 100),
        Table(known.iloc[::-1].reset_index()[columns], caption),
        looks=RANGE,
        lines=Lines(at=[50]),
        margin=1.6,
        wrap=38,
        alt=f"Exposure on a scale of 0 to 100: {spoken}. Not ranked: {without}.",
    )


def stability(firm: pd.DataFrame, ordered: pd.DataFrame) -> Figure:
    """Draw the ranks that each risk takes when scores and weights move.

    A risk on which public data rank nobody has a row in the table and no rank.

    Parameters
    ----------
    firm, ordered : pandas.DataFrame
        As `lgr_report.risk.exposure.stability` and `ordered` return them.
    """
    ranks = firm.loc[ordered.index]
    touched = ranks[ranks["touched"]]
    share = touched["top_five"].max()
    surest = listed(touched.index[touched["top_five"] == share])
    certain = "The top is firm" if share >= assumption("firm_share") else "No order is certain"
    title = (
        f"{certain}: {surest}, the most often among the first five of what public data rank, "
        f"{'is' if ' and ' not in surest else 'are'} there in {100 * share:.0f}% of draws"
        if len(touched)
        else "No order is known: public data rank the area on no risk"
    )
    shift = count(int(assumption("score_shift")), "point")
    spoken = "; ".join(
        f"{risk} median {row['median']:.0f}, from {row['low']:.0f} to {row['high']:.0f}"
        for risk, row in touched.iterrows()
    )
    without = ", ".join(ranks.index[~ranks["touched"]]) or "none"
    shares = dict.fromkeys(["top_three", "top_five", "leads"], "{:.0%}")
    formats = shares | {"standard_error": "{:.1%}"}
    headings = {
        "touched": "Ranked by public data",
        "leads": "Most exposed of its score, and above England's middle",
    }
    shown = ranks.assign(touched=np.where(ranks["touched"], "yes", "no"))
    caption = "Ranks over all draws; low and high hold nine draws in ten"
    label = "rank, 1 is first; mark: median, bar: nine draws in ten"
    return dots(
        touched.assign(name=touched.index, value=touched["median"]),
        title,
        f"computed; likelihood and impact moved by up to {shift} either way, weights and unknown "
        "exposures drawn at random",
        Scale(label, 0.5, len(ranks) + 0.5),
        Table(shown.reset_index(), caption, formats, headings, missing="–"),
        looks=RANGE,
        row_height=0.28,
        margin=1.9,
        alt=f"Ranks: {spoken or 'none'}. Not ranked: {without}.",
    )


@styled
def maturity(computed: pd.DataFrame, assessed: pd.DataFrame) -> Figure:
    """Draw the matrix: the computed level of each authority, and what officers assessed."""
    here = computed.dropna(subset=["level"])
    levels = {
        name: here[here["council_name"] == name] for name in computed["council_name"].unique()
    }
    counts = ", ".join(f"{name} {(own['level'] == 1).sum()}" for name, own in levels.items())
    title = (
        f"Areas of the matrix at level 1 of 4 by public data, of "
        f"{here['maturity_area_id'].nunique()} that have levels: {counts}"
    )
    officers = assessed.dropna(subset=["level"])
    without = without_level(computed)
    # The figures stand in the table: they are too long for a row.
    note = computed["maturity_area_id"].map(without).fillna("").str.split(".").str[0]
    marks = computed.drop(columns=["low", "high"])
    marks = marks.assign(series=computed["council_name"] + " (computed)", note=note)
    marks = pd.concat([marks, officers.assign(series=OFFICERS)])
    spoken = "; ".join(f"{name}: {_levels(own)}" for name, own in levels.items())
    names = assessed["name"]
    blank = "; ".join(f"{names[area]}: {why}" for area, why in without.items())
    columns = ["council_name", "name", "percentile", "level", "note"]
    figure = dots(
        marks.assign(value=marks["level"].astype("Float64")),
        title,
        "computed from DfE, Ofsted, MHCLG and ONS figures; assessed by officers where recorded",
        Scale("level, 4 is best (computed: quarter among authorities)", 0.6, 4.4),
        Table(computed[columns], "Computed levels of the maturity matrix"),
        looks={OFFICERS: Look("*", "black", size=12, hollow=True)},
        row_height=0.5,
        margin=1.5,
        alt=f"Computed levels. {spoken}. Without a level: {blank or 'none'}. "
        f"Assessed by officers: {_levels(officers, '; ') or 'nothing yet'}.",
    )
    axes = figure.picture.axes[0]
    axes.set_xticks([1, 2, 3, 4])
    for text in axes.texts:  # between two levels, where no mark can be
        text.set(x=0.5, ha="center")
    return figure


def _levels(known: pd.DataFrame, between: str = ", ") -> str:
    return between.join(f"{row.name} {row.level}" for row in known.itertuples(index=False))
