"""Charts and tables of high needs deficits: today, over all options, in an area's proposals."""

import numpy as np
import pandas as pd

from lgr_report.chapters.high_needs import high_needs
from lgr_report.chapters.high_needs.deficit_spread import AS_PUBLISHED, PAIRS, by_number
from lgr_report.chapters.high_needs.deficits import (
    FORMULA,
    PLANS,
    RULES,
    balances,
    carried,
    later,
    pounds,
    reported,
)
from lgr_report.chapters.high_needs.high_needs import LARGEST, METRICS, SAME, WORST
from lgr_report.core.demand import Demand
from lgr_report.core.options import contiguous_options, proposals, standing
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    no_wider,
    picture,
    shortened,
    styled,
)
from lgr_report.sources import areas
from lgr_report.sources.assumptions import assumption

SOURCE = "computed from DfE balances of 31 March 2024 and allocations of 2023-24, ONS and MHCLG"
MARKS = dict(zip(RULES, "|sD^", strict=True))
COLOURS = dict(zip(RULES, ("black", TEAL, PURPLE, GREY), strict=True))
MAIN, PLAIN = {"markersize": 13, "markeredgewidth": 2.5}, {"markersize": 4.5}
SURPLUS = "in surplus"
PLACES = {LARGEST.metric: "percentile: largest deficit", WORST.metric: "percentile: worst ratio"}


def carried_shown() -> pd.DataFrame:
    """Return the balances of all authorities of the areas for a page, later figures beside."""
    table = carried()
    names = {area_id: areas.get(area_id).name for area_id in areas.ids()}
    newer = {row.gss_code: reported(row) for row in later(table["gss_code"].tolist()).itertuples()}
    return pd.DataFrame(
        {
            "area": table["area_id"].map(names),
            "authority": table["council_name"],
            "deficit, 31 March 2024, £m (negative: surplus)": table["deficit"],
            "high needs block, 2023-24, £m": table["money"],
            "deficit, % of a year's money": 100 * table["ratio"],
            "a year's money ÷ deficit": _upside_down(table["ratio"]),
            "later figure, not used": table["gss_code"].map(newer).fillna("–"),
        }
    )


def _upside_down(ratio: pd.Series) -> pd.Series:
    """Return the published form of ratios, which a surplus does not have."""
    shown = (1 / ratio).map("{:.1f}".format, na_action="ignore")
    return shown.where(ratio.isna() | (ratio > 0), SURPLUS)


@styled
def today(area_id: str) -> Figure:
    """Draw the deficit of every authority of the 21 areas as a share of a year's money."""
    table = carried()
    known = table.dropna(subset=["ratio"])
    top = known.loc[known["ratio"].idxmax()]
    county = known[known["council_type"] == "county"]
    title = (
        f"{(county['ratio'] > 0).sum()} of {len(county)} county councils carried a deficit; the "
        f"largest for its size, {top['council_name']}'s, was {top['ratio']:.0%} of a year's high "
        "needs money"
    )
    order = county.sort_values("ratio")["area_id"].tolist()
    drawn = picture(0.32 * len(order) + 2.0, title, SOURCE)
    axes = drawn.add_subplot()
    place = known["area_id"].map(order.index)
    kinds = {"county": ("o", BLUE, "county"), "unitary": ("s", ORANGE, "unitary of today")}
    for kind, (mark, colour, label) in kinds.items():
        mine = known["council_type"] == kind
        # Squares a little lower, so that none hides a circle.
        places = place[mine] - 0.2 * (kind == "unitary")
        axes.plot(100 * known["ratio"][mine], places, mark, color=colour, label=label, markersize=7)
    axes.axvline(0, color=GREY, linestyle="--", linewidth=1)
    labels = no_wider([areas.get(one).name for one in order], 40)
    axes.set_yticks(range(len(order)), labels, fontsize=9)
    for text, one in zip(axes.get_yticklabels(), order, strict=True):
        if one == area_id:
            text.set_fontweight("bold")
    axes.set_xlabel("deficit, per cent of a year's high needs block; below 0: surplus", fontsize=10)
    axes.legend(loc="lower right", fontsize=9)
    spoken = "; ".join(f"{r.council_name} {r.ratio:.0%}" for r in known.itertuples())
    shown = carried_shown()
    formats = dict.fromkeys(shown.columns[2:4], "{:,.1f}") | {shown.columns[4]: "{:,.0f}"}
    return Figure(
        drawn,
        title,
        f"Deficit as a share of a year's high needs block, negative for a surplus: {spoken}.",
        Table(
            shown, "Dedicated schools grant deficits of the authorities of the 21 areas", formats
        ),
    )


@styled
def spread() -> Figure:
    """Draw how far the unitaries of an option differ, by number of unitaries and pair of rules."""
    table = by_number()
    mixed, same = PAIRS[(PLANS, FORMULA)], PAIRS[AS_PUBLISHED]
    means = table.pivot_table(index="n_unitaries", columns="pair", values="mean", sort=False)
    few, many = means.index.min(), means.index.max()
    begin = (
        "The more unitaries, the further apart their deficits for a year's money"
        if means[mixed].is_monotonic_increasing
        else "How far apart the unitaries' deficits for a year's money are"
    )
    ends = f"{means.loc[few, mixed]:.0%} of the area's with {few}, {means.loc[many, mixed]:.0%}"
    title = f"{begin}: {ends} with {many}"
    drawn = picture(6.4, title, f"{SOURCE}; lines: from the least to the most of any option")
    axes = drawn.add_subplot()
    marks = zip("XosD^", (ORANGE, BLUE, TEAL, PURPLE, GREY), strict=True)
    for step, (pair, (mark, colour)) in enumerate(zip(PAIRS.values(), marks, strict=True)):
        places = means.index + 0.14 * (step - 2)
        axes.plot(100 * means[pair], places, mark, color=colour, label=pair, markersize=8)
        mine = table[table["pair"] == pair]
        axes.hlines(places, 100 * mine["least"], 100 * mine["most"], color=colour, linewidth=1)
    alone = table[table["pair"] == same].set_index("n_unitaries")["mean_alone"]
    axes.plot(
        100 * alone,
        means.index + 0.42,
        "|",
        color="black",
        markersize=11,
        markeredgewidth=3,
        label="as published, in areas without a unitary of today",
    )
    axes.set_yticks(means.index, [f"{k} unitaries" for k in means.index])
    axes.set_ylim(many + 0.6, few - 0.5)
    axes.set_xlabel("largest − smallest ratio of deficit to money, % of the area's", fontsize=10)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=1, fontsize=9)
    spoken = "; ".join(
        f"{pair}: " + ", ".join(f"{k} unitaries {value:.0%}" for k, value in means[pair].items())
        for pair in PAIRS.values()
    )
    formats = dict.fromkeys(("mean", "least", "most", "mean_alone"), "{:.0%}")
    headings = {
        "pair": "rules",
        "n_unitaries": "unitaries",
        "least": "least of any option",
        "most": "most of any option",
        "mean_alone": "mean, areas without a unitary of today",
    }
    caption = "How far ratios of deficit to money differ within an option, over the area's ratio"
    return Figure(
        drawn,
        title,
        f"Means over areas in deficit; lines from the least to the most of any option. {spoken}.",
        Table(table, caption, formats, headings),
    )


@styled
def section(area_id: str, demand: Demand) -> Figure:
    """Draw what each unitary of the area's proposals would inherit under every rule."""
    here, table = areas.get(area_id), high_needs.of_proposals(area_id, demand)
    now = carried().query("area_id == @area_id")
    groups = [("Today", now.rename(columns={"council_name": "unitary"}).assign(own=now["deficit"]))]
    groups += [(name, part) for name, part in table.groupby("proposal", sort=False)]
    title = _title(here.name, table, now)
    rows = sum(len(part) + 1 for _, part in groups)
    drawn = picture(0.3 * rows + 2.4, title, f"{SOURCE}; line: interval under EHC plans")
    axes = drawn.add_subplot()
    place, ticks, labels = 0, [], []
    for name, part in groups:
        ticks.append(place)
        labels.append(shortened(name))
        for row in part.to_dict("records"):
            place += 1
            ticks.append(place)
            labels.append("   " + row["unitary"][:44])
            if name == "Today":
                axes.plot(row["own"], place, "P", color="black", markersize=8, label="today")
                continue
            axes.hlines(place, row["low"], row["high"], color="#6BACE6", linewidth=6)
            for step, (rule, label) in enumerate(RULES.items()):
                # Marks side by side, so that none hides another.
                axes.plot(
                    row[rule],
                    place + 0.2 * (step - 2) * (step > 0),
                    MARKS[rule],
                    color=COLOURS[rule],
                    label=f"by {label}",
                    **(PLAIN if step else MAIN),
                )
        place += 1
    axes.axvline(0, color=GREY, linestyle="--", linewidth=1)
    axes.set_yticks(ticks, labels, fontsize=9)
    for text in axes.get_yticklabels():
        if not text.get_text().startswith("   "):
            text.set_fontweight("bold")
    axes.set_ylim(place - 0.5, -0.7)
    axes.set_xlabel("deficit at 31 March 2024, £ million; below 0: surplus", fontsize=10)
    handles, names = axes.get_legend_handles_labels()
    legend = dict(zip(names, handles, strict=True))
    axes.legend(
        legend.values(),
        legend.keys(),
        loc="lower left",
        bbox_to_anchor=(-0.5, 1),
        ncols=3,
        fontsize=8.5,
    )
    spoken = [f"{r.council_name} today {r.deficit:,.1f}" for r in now.itertuples()]
    spoken += [
        f"{r.proposal}, {r.unitary} {r.plans:,.1f} ({r.low:,.1f} to {r.high:,.1f})"
        for r in table.itertuples()
    ]
    caption = f"Deficit that each proposed unitary of {here.name} would inherit, by rule"
    alt = f"£ million by EHC plans, with intervals: {'; '.join(spoken)}."
    return Figure(drawn, title, alt, Table(_inherited(area_id, table), caption, missing="–"))


def _title(name: str, table: pd.DataFrame, now: pd.DataFrame) -> str:
    split = table[table["n_unitaries"] > 1] if len(table) else table
    if split.empty or split[PLANS].isna().all():
        total = now["deficit"].sum(min_count=len(now))
        balance = "not available" if pd.isna(total) else pounds(total)
        return f"{name}: no proposal of several unitaries can be computed; the balance is {balance}"
    top = split.loc[split[PLANS].idxmax()]
    if top[PLANS] <= 0:
        return f"{name}: every proposed unitary would inherit a surplus"
    return (
        f"{name}: where a proposal divides the balance of 31 March 2024, the largest part is "
        f"{top['unitary']}'s, {pounds(top[PLANS])} ({top['proposal']})"
    )


def _inherited(area_id: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return `high_needs.of_proposals` for a page, with the proposals that cannot be computed."""
    level = assumption("interval_level")
    rows = []
    for bid in proposals(area_id):
        if not bid.footprints:
            rows.append({"proposal": bid.name, "unitary": bid.status})
        for r in table[table["proposal_id"] == bid.proposal_id].to_dict("records"):
            row = {"proposal": bid.name, "unitary": r["unitary"]}
            row |= {f"by {label}, £m": f"{r[rule]:,.1f}" for rule, label in RULES.items()}
            row[f"{level:.0%} interval by EHC plans"] = f"{r['low']:,.1f} to {r['high']:,.1f}"
            row["% of a year's money, by formula"] = (
                f"{100 * r['ratio']:.0f} ({100 * r['ratio_low']:.0f} to "
                f"{100 * r['ratio_high']:.0f})"
            )
            row["a year's money ÷ deficit, as published"] = _upside_down(
                pd.Series([r["as_published"]])
            ).iloc[0]
            rows.append(row)
    return pd.DataFrame(rows)


def standings(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return the metrics of each proposal for a page, and its place among all options.

    A place is the percentile among the contiguous options of as many unitaries, over
    ``high_needs_draws`` draws; 0 is the least deficit. It is a dash where the proposal is none of
    them, or the only one.
    """
    found = contiguous_options(area_id)
    held = balances(demand, found.graph.gss_codes, int(assumption("high_needs_draws")))
    among = {k: high_needs.of_masks(held, masks) for k, masks in found.masks.items()}
    rows = []
    for bid in proposals(area_id):
        row = {"proposal": bid.name, "unitaries": bid.n_unitaries, "note": bid.status}
        if bid.footprints:
            footprints = [codes for _, codes in bid.footprints]
            measured = high_needs.measure(footprints, demand)
            row |= {one.label.lower(): phrases.measured(one) for one in measured}
            row["note"] = measured[0].note
            if not bid.reaches_outside:
                row |= _places(among.get(len(footprints)), found.find(footprints))
        rows.append(row)
    table = pd.DataFrame(rows)
    return table[[*table.columns.drop("note"), "note"]].fillna("–")


def _places(values: np.ndarray | None, row: int | None) -> dict[str, str]:
    places = dict.fromkeys(("options of that number", *PLACES.values()), "–")
    if values is None or row is None or len(values) < 2 or np.isnan(values).any():
        return places
    places["options of that number"] = f"{len(values):,}"
    for name, label in PLACES.items():
        column = values[:, [m.metric for m in METRICS].index(name)]
        places[label] = f"{standing(column[row], column):.0f}"
    return places


def rules_in_words() -> list[str]:
    """Return how far the rule alone moves the answer, over all submitted proposals."""
    table = high_needs.submitted()
    split = table[table["interval_width"] > SAME]
    moved = split["rule_range"] / split[PLANS].abs()
    wide = split["interval_width"] / split[PLANS].abs()
    wins = (split["rule_range"] > split["interval_width"]).sum()
    return [
        f"Of the submitted proposals {len(split)} unitaries would inherit a part of a county's "
        f"balance. In the median the choice among {len(RULES)} rules moves that part by "
        f"{moved.median():.0%} of it, and the {assumption('interval_level'):.0%} interval of the "
        f"estimated EHC plans is {wide.median():.0%} of it wide; for {wins} the rule moves it "
        "further than the interval.",
    ]
