"""Charts of high needs deficits: today, over all options, in an area's proposals."""

import pandas as pd

from lgr_report.chapters.high_needs import tables
from lgr_report.chapters.high_needs.deficits import FORMULA, PLANS, RULES
from lgr_report.chapters.high_needs.spread import AS_PUBLISHED, PAIRS
from lgr_report.chapters.high_needs.study import National, Study
from lgr_report.chapters.high_needs.words import balance, divided
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import LIGHT, Lines, Look, Scale, dots
from lgr_report.page.figures import BLUE, GREY, ORANGE, PURPLE, TEAL, Figure, shortened
from lgr_report.page.phrases import council, day, number, percent, quoted, ranged
from lgr_report.sources.dates import day_of

SOURCE = "computed from DfE balances of 31 March 2024 and allocations of 2023-24, ONS and MHCLG"
COLOURS = (ORANGE, BLUE, TEAL, PURPLE, GREY)
KINDS = {
    "county": ("county", Look(size=7)),
    "unitary": ("unitary of today", Look("s", ORANGE, size=7)),
}
PAIR_LOOKS = dict(
    zip(
        PAIRS.values(),
        (Look(mark, c, c, 1) for mark, c in zip("XosD^", COLOURS, strict=True)),
        strict=True,
    )
)
ALONE = "as published, in areas without a unitary of today"
RULE_LOOKS = {
    f"by {label}": Look(mark, colour, LIGHT, 6, 13 if mark == "|" else 4.5)
    for label, mark, colour in zip(RULES.values(), "|sD^", ("black", *COLOURS[2:]), strict=True)
}


def today(nation: National, area: str) -> Figure:
    """Draw the deficit of every authority of the 21 areas as a share of a year's money.

    Parameters
    ----------
    nation : National
        See `study.National`.
    area : str
        Name of the area that stands in bold.
    """
    known = nation.carried.dropna(subset=["ratio"])
    top = known.loc[known["ratio"].idxmax()]
    county = known[known["council_type"] == "county"].sort_values("ratio", ascending=False)
    title = (
        f"{(county['ratio'] > 0).sum()} of {len(county)} county councils carried a deficit; the "
        f"largest for its size, {top['council_name']}'s, was {top['ratio']:.0%} of a year's high "
        "needs money"
    )
    rows = known.assign(
        name=pd.Categorical(known["area"], county["area"]),
        value=known["ratio"],
        series=[KINDS[kind][0] for kind in known["council_type"]],
    ).sort_values("name", kind="stable")
    table = tables.carried(nation)
    formats = dict.fromkeys(table.columns[2:4], "{:,.1f}") | {table.columns[4]: "{:,.0f}"}
    caption = "Dedicated schools grant deficits of the authorities of the 21 areas"
    spoken = "; ".join(f"{row.council_name} {percent(row.ratio)}" for row in known.itertuples())
    return dots(
        rows,
        title,
        SOURCE,
        Scale("deficit, per cent of a year's high needs block; below 0: surplus", percent=True),
        Table(table, caption, formats),
        looks=dict(KINDS.values()),
        lines=Lines(),
        row_height=0.32,
        margin=2.0,
        wrap=40,
        bold=[area],
        alt=f"Deficit as a share of a year's high needs block, negative for a surplus: {spoken}.",
    )


def spread(by_number: pd.DataFrame) -> Figure:
    """Draw how far the unitaries of an option differ, by number of unitaries and pair of rules.

    Parameters
    ----------
    by_number : pandas.DataFrame
        As `spread.by_number` returns it.
    """
    mixed, same = PAIRS[(PLANS, FORMULA)], PAIRS[AS_PUBLISHED]
    means = by_number.pivot_table(index="n_unitaries", columns="pair", values="mean", sort=False)
    few, many = means.index.min(), means.index.max()
    begin = (
        "The more unitaries, the further apart their deficits for a year's money"
        if means[mixed].is_monotonic_increasing
        else "How far apart the unitaries' deficits for a year's money are"
    )
    ends = f"{means.loc[few, mixed]:.0%} of the area's with {few}, {means.loc[many, mixed]:.0%}"
    alone = by_number[by_number["pair"] == same].drop(columns=["mean", "least", "most"])
    rows = pd.concat(
        [by_number, alone.assign(mean=alone["mean_alone"], pair=ALONE)], ignore_index=True
    )
    rows = rows.assign(
        name=[phrases.unitaries(k) for k in rows["n_unitaries"]], series=rows["pair"]
    ).rename(columns={"mean": "value", "least": "low", "most": "high"})
    spoken = "; ".join(
        f"{pair}: " + ", ".join(f"{k} unitaries {value:.0%}" for k, value in means[pair].items())
        for pair in PAIRS.values()
    )
    return dots(
        rows,
        f"{begin}: {ends} with {many}",
        f"{SOURCE}; lines: from the least to the most of any option",
        Scale("largest − smallest ratio of deficit to money, % of the area's", percent=True),
        Table(
            by_number,
            "How far ratios of deficit to money differ within an option, over the area's ratio",
            dict.fromkeys(("mean", "least", "most", "mean_alone"), "{:.0%}"),
            {
                "pair": "rules",
                "n_unitaries": "unitaries",
                "least": "least of any option",
                "most": "most of any option",
                "mean_alone": "mean, areas without a unitary of today",
            },
        ),
        looks=PAIR_LOOKS | {ALONE: Look("|", "black", size=11)},
        row_height=0.95,
        margin=2.6,
        columns=1,
        alt="Means over areas in deficit; lines from the least to the most of any option. "
        f"{spoken}.",
    )


def proposals(study: Study) -> Figure:
    """Draw what each unitary of the area's proposals would inherit under every rule."""
    balance_day = day(day_of("dsg_balance"))
    reported = study.today["council_name"] + f", {balance_day}"
    now = study.today.assign(group="Balance reported", name=reported, series="as reported")
    parts = [now.rename(columns={"deficit": "value"})]
    for place, (rule, label) in enumerate(RULES.items()):
        part = study.inherited.assign(
            group=study.inherited["proposal"].map(shortened),
            name=study.inherited["unitary"].str[:44],
            series=f"by {label}",
            value=study.inherited[rule],
        )
        # The interval is that of the estimated plans, the first rule.
        parts.append(part if place == 0 else part.assign(low=float("nan"), high=float("nan")))
    columns = ["group", "name", "series", "value", "low", "high"]
    rows = pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)
    spoken = [
        f"{r.council_name} at {balance_day} {number(r.deficit)}" for r in study.today.itertuples()
    ]
    spoken += [
        f"{r.proposal}, {r.unitary} {ranged(r.plans, r.low, r.high, number)}"
        for r in study.inherited.itertuples()
    ]
    caption = f"Deficit that each proposed unitary of {study.here.name} would inherit, by rule"
    return dots(
        rows,
        _title(study),
        f"{SOURCE}; line: interval under EHC plans",
        "deficit at 31 March 2024, £ million; below 0: surplus",
        Table(tables.inherited(study), caption, missing="–"),
        looks={"as reported": Look("P", "black"), **RULE_LOOKS},
        lines=Lines(),
        row_height=0.3,
        margin=2.4,
        wrap=50,
        columns=3,
        alt=f"£ million by EHC plans, with intervals: {'; '.join(spoken)}.",
    )


def _title(study: Study) -> str:
    name, inherited = study.here.name, study.inherited
    parts = divided(inherited)
    if parts.empty or parts[PLANS].isna().all():
        return f"{name}: no proposal that can be computed divides {_undivided(study)}"
    top = parts.loc[parts[PLANS].idxmax()]
    if top[PLANS] <= 0:
        return f"{name}: every part of a balance that a proposal divides is a surplus"
    return (
        f"{name}: where a proposal divides the balance of 31 March 2024, the largest part is that "
        f"of {council(top['unitary'])}, {balance(top[PLANS])} ({quoted(top['proposal'])})"
    )


def _undivided(study: Study) -> str:
    """Return the balance of its day that nobody divides, and later figures where any is known."""
    first, ahead = day_of("dsg_balance"), study.outlook
    alone = len(study.today) == 1
    total = balance(study.today["deficit"].sum(skipna=False))
    newer = [
        f"; the latest figure known{'' if alone else f' of {row.council_name}'} is "
        f"{balance(row.balance)} ({row.status.split(',')[0]}, {day(row.balance_date)})"
        for row in ahead[ahead["balance_date"] != first].itertuples()
    ]
    begin = "the balance. It was" if alone else "a balance. Together the balances were"
    return f"{begin} {total} at {day(first)}{''.join(newer)}"
