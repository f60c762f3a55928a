"""One function a chart: what it draws, its title, its alt text and the table behind it."""

import textwrap

import matplotlib as mpl
import pandas as pd
import seaborn as sns

from lgr_report.report.cells import Table
from lgr_report.report.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    canvas,
    no_wider,
    styled,
)
from lgr_report.risk.risks import rating
from lgr_report.sources.areas import assumption, count

BANDS = ("low", "medium", "high", "very high")
BAND_COLOURS = ("#F2F2F2", "#ADD1F1", "#6BACE6", "#2073BC")
MARKERS = "osD^vPX"


@styled
def proposal_sizes(proposed: pd.DataFrame) -> Figure:
    """Draw the population of each proposed unitary against the size bands.

    Parameters
    ----------
    proposed : pandas.DataFrame
        As `proposals.unitaries` returns it.
    """
    known = proposed.dropna(subset=["population"])
    small, medium = assumption("band_small_max"), assumption("band_medium_max")
    above = int((known["population"] > medium).sum())
    below = int((known["population"] <= small).sum())
    title = (
        f"Of {len(known)} proposed unitaries whose size can be computed, {above} "
        f"{'has' if above == 1 else 'have'} more than {medium / 1000:.0f},000 people and {below} "
        f"{'has' if below == 1 else 'have'} {small / 1000:.0f},000 or fewer"
    )
    order = proposed.drop_duplicates("proposal_id")
    drawn = canvas(
        0.62 * len(order) + 1.4, title, "ONS mid-2024 population estimates; councils' proposals"
    )
    axes = drawn.add_subplot()
    for place, proposal in enumerate(order["proposal_id"]):
        sizes = known.loc[known["proposal_id"] == proposal, "population"].astype(float)
        axes.plot(
            sizes, [place] * len(sizes), "o", color=BLUE, alpha=0.75, markersize=10, mec="white"
        )
        unknown = int(proposed["proposal_id"].eq(proposal).sum() - len(sizes))
        if unknown:
            note = f"{unknown} not computable at district level"
            axes.text(
                0.99,
                place + 0.3,
                note,
                va="center",
                ha="right",
                fontsize=9,
                transform=axes.get_yaxis_transform(),
            )
    for edge in (small, medium):
        axes.axvline(edge, color=GREY, linestyle="--", linewidth=1.2)
        axes.text(edge, -0.75, f"{edge / 1000:.0f}k", ha="center", fontsize=9, color=GREY)
    axes.set_yticks(range(len(order)), no_wider(order["proposal_name"]))
    axes.set_ylim(len(order) - 0.5, -1)
    axes.set_xlim(0, max(known["population"].max() if len(known) else 0, medium) * 1.08)
    axes.xaxis.set_major_formatter(lambda people, _: f"{people / 1000:.0f}k")
    axes.set_xlabel("residents, mid-2024; each dot is one proposed unitary")
    sizes = "; ".join(f"{r.unitary_name} {r.population:,}" for r in known.itertuples())
    missing = len(proposed) - len(known)
    rest = f" {missing} cannot be computed at district level." if missing else ""
    shown = proposed[["proposal_name", "unitary_name", "population", "size_band"]]
    return Figure(
        drawn,
        title,
        f"Dots on a line for each proposal. {sizes or 'No size is known'}.{rest}",
        Table(shown, "Population of each proposed unitary"),
    )


@styled
def confidence(chart: pd.DataFrame) -> Figure:
    """Draw the survey's confidence chart with the counts and intervals behind it."""
    n = int(chart["n"].iloc[0])
    sure = chart.dropna(subset=["option"])
    said = int(sure["count"].sum())
    title = f"{said} of {n} officers were confident that the risks will be considered"
    labels = chart["option"].fillna("label not given in the source")
    drawn = canvas(3.6, title, "CCN/Newton, October 2025, p7; counts and intervals computed")
    axes = drawn.add_subplot()
    known = chart["option"].notna()
    axes.barh(
        range(len(chart)),
        chart["percent"],
        color=[BLUE if k else "#BFBFBF" for k in known],
        hatch=["" if k else "//" for k in known],
        edgecolor="white",
    )
    errors = [chart["percent"] - chart["low"], chart["high"] - chart["percent"]]
    axes.errorbar(
        chart["percent"],
        range(len(chart)),
        xerr=[e.clip(lower=0) for e in errors],
        fmt="none",
        ecolor="black",
        capsize=4,
        linewidth=1.2,
    )
    axes.set_yticks(range(len(chart)), no_wider(labels))
    axes.invert_yaxis()
    level = chart["level"].iloc[0]
    axes.set_xlabel(f"per cent of respondents; lines are {100 * level:g}% Wilson intervals")
    bars = "; ".join(
        f"{label} {row.percent}% ({row.count} of {n}, interval {row.low:.0f} to {row.high:.0f}%)"
        for label, row in zip(labels, chart.itertuples(index=False), strict=True)
    )
    return Figure(
        drawn,
        title,
        f"Bars, with {100 * level:g}% intervals: {bars}.",
        Table(chart.drop(columns="level"), "The confidence chart with its counts"),
    )


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
    drawn = canvas(4.6, title, "Learning from LGR, risk register (scores); bands assumed")
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
    return Figure(
        drawn,
        title,
        f"Matrix of likelihood by impact, numbers are those of CLGR1 to CLGR14. {spoken}.",
        Table(shown, "Scores of the register, as in the source; ratings assumed"),
    )


def _short(risk_ids: pd.Series) -> list[str]:
    return sorted((risk.removeprefix("CLGR") for risk in risk_ids), key=int)


@styled
def exposure(ordered: pd.DataFrame, name: str) -> Figure:
    """Draw an area's exposure to each risk, with the spread between its authorities."""
    known = ordered.dropna(subset=["exposure"]).sort_values("exposure")
    most = known.iloc[-1]
    above = int((known["exposure"] > 50).sum())
    title = (
        f"{name}: above the middle of England's authorities on {above} of {len(known)} risks, "
        f"most on {most.name}"
    )
    drawn = canvas(
        0.42 * len(known) + 1.6, title, "DfE, Ofsted, MHCLG, ONS: see the indicators of each risk"
    )
    axes = drawn.add_subplot()
    places = range(len(known))
    axes.hlines(places, known["low"], known["high"], color="#6BACE6", linewidth=6)
    axes.plot(known["exposure"], places, "D", color=BLUE, markersize=8)
    axes.axvline(50, color=GREY, linestyle="--", linewidth=1.2)
    labels = known.index + " " + known["title"]
    axes.set_yticks(places, no_wider(labels, 38))
    axes.set_xlim(0, 100)
    axes.set_xlabel("percentile, 100 is most exposed; bar: range of its authorities")
    spoken = "; ".join(f"{risk} {row.exposure:.0f}" for risk, row in known[::-1].iterrows())
    without = ", ".join(ordered.index[ordered["exposure"].isna()]) or "none missing"
    return Figure(
        drawn,
        title,
        f"Exposure on a scale of 0 to 100: {spoken}. No public indicator: {without}.",
        Table(
            known.reset_index()[["risk_id", "title", "exposure", "low", "high", "indicators"]],
            "Exposure to each risk, average percentile; low and high: range of the authorities",
        ),
    )


@styled
def stability(firm: pd.DataFrame, ordered: pd.DataFrame) -> Figure:
    """Draw the ranks that each risk takes when scores and weights move."""
    frame = firm.loc[ordered.index[::-1]]
    surest = frame["top_five"].idxmax()
    share = frame.loc[surest, "top_five"]
    firm_at_all = "The top is firm" if share >= assumption("firm_share") else "No order is certain"
    title = (
        f"{firm_at_all}: {surest}, the most often among the first five, is there in "
        f"{100 * share:.0f}% of draws"
    )
    shift = count(int(assumption("score_shift")), "point")
    drawn = canvas(
        5.4,
        title,
        f"computed; likelihood and impact moved by up to {shift}, weights and unknown exposures "
        "drawn at random",
    )
    axes = drawn.add_subplot()
    places = range(len(frame))
    axes.hlines(places, frame["low"], frame["high"], color="#6BACE6", linewidth=6)
    axes.plot(frame["median"], places, "D", color=BLUE, markersize=8)
    axes.set_yticks(places, frame.index)
    axes.set_xlim(0.5, len(frame) + 0.5)
    axes.set_xlabel("rank, 1 is first; diamond: median, bar: nine draws in ten")
    spoken = "; ".join(
        f"{risk} median {row['median']:.0f}, from {row['low']:.0f} to {row['high']:.0f}"
        for risk, row in frame[::-1].iterrows()
    )
    shown = frame[::-1].reset_index()
    return Figure(
        drawn,
        title,
        f"Ranks: {spoken}.",
        Table(
            shown,
            "Ranks over all draws; low and high hold nine draws in ten",
            {"top_three": "{:.0%}", "top_five": "{:.0%}", "standard_error": "{:.1%}"},
        ),
    )


@styled
def maturity(computed: pd.DataFrame, assessed: pd.DataFrame) -> Figure:
    """Draw the matrix: the computed level of each authority, and what officers assessed."""
    names = computed["council_name"].unique()
    areas = assessed["name"]
    here = computed.dropna(subset=["level"])
    low = here[here["level"] == 1].groupby("council_name").size()
    counts = ", ".join(f"{name} {low.get(name, 0)}" for name in names)
    title = (
        f"Areas of the matrix at level 1 of 4 by public data, of "
        f"{here['maturity_area_id'].nunique()} that have any: {counts}"
    )
    drawn = canvas(
        5.0,
        title,
        "computed from DfE, Ofsted, MHCLG and ONS figures; assessed by officers where recorded",
    )
    axes = drawn.add_subplot()
    rows = {code: k for k, code in enumerate(assessed.index)}
    step = 0.8 / max(len(names), 1)
    for k, name in enumerate(names):
        mine = here[here["council_name"] == name]
        heights = [
            rows[code] + step * (k - (len(names) - 1) / 2) for code in mine["maturity_area_id"]
        ]
        axes.plot(
            mine["level"].astype(float),
            heights,
            MARKERS[k % len(MARKERS)],
            markersize=8,
            color=(BLUE, TEAL, PURPLE, GREY)[k % 4],
            label=f"{name} (computed)",
        )
    officers = assessed.dropna(subset=["level"])
    if len(officers):
        axes.plot(
            officers["level"].astype(float),
            [rows[code] for code in officers.index],
            "*",
            markersize=16,
            markerfacecolor="none",
            color=ORANGE,
            label="assessed by officers",
        )
    for code, row in rows.items():
        if code not in set(here["maturity_area_id"]):
            axes.text(2.5, row, "no public indicator", ha="center", va="center", fontsize=9.5)
    axes.set_yticks(range(len(rows)), no_wider(areas))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks([1, 2, 3, 4])
    axes.set_xlim(0.6, 4.4)
    axes.set_xlabel("level, 4 is best (computed: quarter among authorities)")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.3, 1), ncols=2, fontsize=9)
    spoken = "; ".join(
        f"{name}: "
        + ", ".join(
            f"{r.name} {r.level}"
            for r in here[here["council_name"] == name].itertuples(index=False)
        )
        for name in names
    )
    blank = sorted(set(assessed["name"]) - set(here["name"]))
    done = "; ".join(f"{r.name} {r.level}" for r in officers.itertuples(index=False))
    return Figure(
        drawn,
        title,
        f"Computed levels. {spoken}. No public indicator: {', '.join(blank) or 'none missing'}. "
        f"Assessed by officers: {done or 'nothing yet'}.",
        Table(
            computed[["council_name", "name", "percentile", "level"]],
            "Computed levels of the maturity matrix",
        ),
    )
