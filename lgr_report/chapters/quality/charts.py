"""Charts of service quality: the effect of size, quarters of population, an area's proposals."""

import pandas as pd

from lgr_report.chapters.quality import tables
from lgr_report.chapters.quality.chances import LINEAR, MODELS
from lgr_report.chapters.quality.judgements import EVERYONE, QUARTERS, WITHOUT_COUNTIES
from lgr_report.chapters.quality.study import National, Study
from lgr_report.chapters.quality.words import by_size, told
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Look, Scale, dots
from lgr_report.page.figures import BLUE, ORANGE, PURPLE, TEAL, Figure
from lgr_report.page.phrases import distinct

SOURCE = "computed from Ofsted judgements of inspections to 31 March 2025, ONS and MHCLG figures"
AXIS = "change in the chance of Good or Outstanding, percentage points; line: interval"
LOOKS = {
    name: Look(mark, colour, colour, 2, 7)
    for name, mark, colour in zip(MODELS, "osD^", (BLUE, TEAL, PURPLE, ORANGE), strict=True)
}
AMONG = {EVERYONE: LOOKS[MODELS[0]], WITHOUT_COUNTIES: LOOKS[MODELS[-1]]}
GRADES = {"good": "Good or Outstanding", "outstanding": "Outstanding"}
ENDS = ("share", "low", "high")
PROPOSAL = "a proposal, by linear probability"


def effects(nation: National) -> Figure:
    """Draw what half the population means in each sample, by every model."""
    table = nation.samples
    clear = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    n = table.groupby("sample")["n"].max()
    spoken = "; ".join(
        f"{sample}: " + ", ".join(f"{r.model} {told(r)}" for r in part.itertuples())
        for sample, part in table.groupby("sample", sort=False)
    )
    return dots(
        table.assign(name=[f"{s} ({n[s]})" for s in table["sample"]], series=table["model"]),
        f"Half the population goes with {told(nation.everyone.loc[LINEAR])} points in the chance "
        f"of Good or Outstanding; {clear or 'none'} of {len(table)} intervals "
        f"{'is' if clear < 2 else 'are'} clear of zero",
        SOURCE,
        AXIS,
        Table(
            tables.effects(nation.effects),
            "Half the population: change in the chance of Good or Outstanding, percentage points",
        ),
        looks=LOOKS,
        lines=Lines(),
        row_height=0.7,
        wrap=26,
        columns=4,
        alt=f"{spoken}.",
    )


def quarters(table: pd.DataFrame) -> Figure:
    """Draw `judgements.quarters`: shares of Good and of Outstanding, without controls."""
    ends = table[table["quarter"].isin([QUARTERS[0], QUARTERS[-1]])]
    shares = [
        f"{among}, {part['good_share'].iloc[0]:.0%} against {part['good_share'].iloc[1]:.0%}"
        for among, part in ends.groupby("among", sort=False)
    ]
    rows = pd.concat(
        table.rename(
            columns={f"{grade}_share": "value", f"{grade}_low": "low", f"{grade}_high": "high"}
        ).assign(group=label, name=table["quarter"], series=table["among"])[
            ["group", "name", "series", "value", "low", "high"]
        ]
        for grade, label in GRADES.items()
    )
    spoken = "; ".join(
        f"{r.among}, {r.quarter} ({r.smallest:,} to {r.largest:,} residents): {r.good} of "
        f"{r.authorities} Good or Outstanding, {r.outstanding} Outstanding"
        for r in table.itertuples()
    )
    formats = {f"{grade}_{end}": "{:.0%}" for grade in GRADES for end in ENDS}
    return dots(
        rows,
        f"Good or Outstanding, smallest quarter against largest: {'; '.join(shares)}",
        f"{SOURCE}; no controls; Wilson intervals",
        Scale("per cent of authorities", 0, 100, percent=True),
        Table(table, "Judgements by quarter of population", formats),
        looks=AMONG,
        alt=f"{spoken}.",
    )


def proposals(study: Study) -> Figure:
    """Draw what the sizes of the area's proposals go with, under the national estimates."""
    here, found = study.here, study.changes
    title = f"{here.name}: no proposal can be computed; half the population in England"
    if found:
        said = by_size(found)
        title = f"{here.name}, children's services Good or Outstanding: {said[0].lower()}{said[1:]}"
    halved = [
        (f"half the population: {name}", name, name, model.halved())
        for name, model in study.national.models.items()
    ]
    bids = [
        (bid.name, PROPOSAL, LINEAR, one) for bid, one in zip(here.computable, found, strict=True)
    ]
    rows = pd.DataFrame(
        [
            (label, series, model, one.value, one.low, one.high)
            for label, series, model, one in [*halved, *bids]
        ],
        columns=["what", "series", "model", "change", "low", "high"],
    )
    missing = [f"{b.name}: {b.status}" for b in here.proposals if not b.footprints]
    table = rows.drop(columns="series").reindex(range(len(rows) + len(missing)))
    table.loc[len(rows) :, "what"] = missing
    caption = f"Chance of Good or Outstanding by size alone, percentage points, {here.name}"
    return dots(
        rows.rename(columns={"change": "value"}).assign(name=distinct(rows["what"])),
        title,
        SOURCE,
        AXIS,
        Table(table, caption),
        looks=LOOKS | {PROPOSAL: Look("P", "black", "black", 2.5)},
        lines=Lines(),
        row_height=0.36,
        wrap=38,
        side_by_side=False,
        alt="; ".join(f"{label} {told(one)}" for label, _, _, one in [*halved, *bids]) + ".",
    )
