"""Charts of partnerships: boards and forces by division of an area, and the national counts."""

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships.boards import THRESHOLD
from lgr_report.chapters.partnerships.national import National
from lgr_report.chapters.partnerships.renewed import UNCHANGED
from lgr_report.chapters.partnerships.study import BOARD, Study
from lgr_report.chapters.partnerships.tables import short, tally
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import Scale, dots
from lgr_report.page.figures import Figure, no_wider, picture, styled
from lgr_report.sources.assumptions import assumption

SOURCE = "computed from ONS lookups of 2024 (LSOAs by integrated care board, police force areas)"


@styled
def partners(study: Study) -> Figure:
    """Draw with how many authorities each board and force works, today and by proposal."""
    name, table = study.here.name, tally(study.partners)
    values = table.iloc[:, 2:]
    title = _title(study, values[table["kind"] == BOARD].sum().to_numpy())
    labels = [
        f"{short(partner)} ({'ICB' if kind == BOARD else 'police'})"
        for kind, partner in zip(table["kind"], table["name"], strict=True)
    ]
    spoken = "; ".join(
        f"{label}: " + ", ".join(f"{name} {number}" for name, number in row.items())
        for label, (_, row) in zip(labels, values.iterrows(), strict=True)
    )
    shown = table.set_axis(phrases.distinct(table.columns), axis=1)
    return Figure(
        _heat_map(values, labels, title),
        title,
        f"Authorities of the area by board of 2024 and force: {spoken}.",
        Table(shown, f"Authorities of {name} by care board of 2024 and police force"),
    )


def _title(study: Study, then: np.ndarray) -> str:
    """Return the pairs with the boards of today first; those of 2024, which are drawn, beside."""
    now = study.renewed["pairs"].to_numpy()
    first, proposed = phrases.count(now[0], "pair"), "no proposal computed"
    if len(now) > 1:
        proposed = f"{phrases.span(now[1:], str)} under the proposals"
    if study.basis == UNCHANGED:
        return f"{study.here.name}: {first} of an authority and a care board today, {proposed}"
    before = f" ({phrases.span(then[1:], str)})" if len(then) > 1 else ""
    return (
        f"{study.here.name}: {first} of an authority and a care board since April 2026 "
        f"({then[0]} in 2024, as drawn), {proposed}{before}"
    )


def _heat_map(values: pd.DataFrame, labels: list[str], title: str) -> object:
    drawn = picture(0.5 * len(values) + 3.4, title, SOURCE)
    axes = drawn.add_subplot()
    darkest = max(12, 2 * values.to_numpy().max())
    axes.imshow(values, cmap="Blues", vmin=0, vmax=darkest, aspect="auto")
    for (row, column), number in np.ndenumerate(values.to_numpy()):
        axes.text(column, row, f"{number}" if number else "–", ha="center", va="center")
    width = 22 if len(values.columns) < 5 else 15
    axes.set_xticks(range(len(values.columns)), no_wider(values.columns, width), fontsize=9)
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(values)), no_wider(labels, 30), fontsize=9)
    axes.grid(False)
    axes.set_xlabel("authorities of the area that the board or force works with", fontsize=9.5)
    return drawn


def bands(country: National) -> Figure:
    """Draw authorities per board of the submitted proposals, today and after, by size band."""
    table, counted = country.bands, country.thresholds.set_index("threshold")
    most = table.loc[table["proposals"].idxmax()]
    title = (
        f"{counted.loc[assumption(THRESHOLD), 'boards']} care boards work with the areas' "
        f"{counted['authorities'].iloc[0]} authorities (published: "
        f"{country.published['PA01']:.0f}); proposals of {most['band']} bring "
        f"{most['per_icb']:.1f} authorities to each board, {most['per_icb_today']:.1f} today"
    )
    spoken = "; ".join(
        f"{r.band}: {r.per_icb_today:.1f} today, {r.per_icb:.1f} as proposed"
        for r in table.itertuples(index=False)
    )
    headings = {
        "icb_links_today": "pairs with a board today",
        "icb_links": "pairs as proposed",
        "per_icb_today": "authorities per board today",
        "per_icb": "authorities per board as proposed",
    }
    formats = dict.fromkeys(("icb_links_today", "icb_links"), "{:,.0f}")
    return dots(
        _by_series(table),
        title,
        f"{SOURCE}; submitted whole-district proposals",
        Scale("authorities that one care board works with, mean over proposals", low=0),
        Table(table, "Care boards and submitted proposals by size band", formats, headings),
        alt=f"Authorities per care board, {spoken}.",
    )


def _by_series(bands: pd.DataFrame) -> pd.DataFrame:
    rows = zip(bands["band"], bands["proposals"], strict=True)
    names = [f"{band} ({phrases.count(number, 'proposal')})" for band, number in rows]
    series = {"today": "per_icb_today", "as proposed": "per_icb"}
    return pd.concat(
        pd.DataFrame({"group": "mean unitary", "name": names, "series": s, "value": bands[column]})
        for s, column in series.items()
    )
