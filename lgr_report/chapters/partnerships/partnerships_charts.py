"""Charts of partnerships: boards and forces by division of an area, and the national counts."""

import numpy as np
import pandas as pd

from lgr_report.chapters.partnerships import partnerships
from lgr_report.chapters.partnerships.boards import mapped, thresholds
from lgr_report.core import divisions
from lgr_report.core.demand import Demand
from lgr_report.core.metrics import today
from lgr_report.core.options import proposals
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.figures import BLUE, GREY, ORANGE, Figure, no_wider, picture, styled
from lgr_report.page.phrases import count
from lgr_report.sources import areas, tables

SOURCE = "computed from ONS lookups of 2024 (LSOAs by integrated care board, police force areas)"


def _divisions(area_id: str, demand: Demand) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    """Return the area today and each computable proposal: name, and councils by authority."""
    names = demand.authorities["authority_name"]
    codes = areas.councils(area_id)["gss_code"].tolist()
    authority = dict(zip(codes, demand.select(codes).authority, strict=True))
    now = {names[authority[group[0]]]: tuple(group) for group in today(demand, codes)}
    bids = [(bid.name, dict(bid.footprints)) for bid in proposals(area_id) if bid.footprints]
    return [("Today", now), *bids]


def tally(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return with how many authorities each board and force works, by division.

    Returns
    -------
    pandas.DataFrame
        kind (care board or police force), name, then a column a division (today, each computable
        proposal): authorities of the division. Boards that never count are left out.
    """
    columns, headings = {}, []
    for place, (name, division) in enumerate(_divisions(area_id, demand)):
        groups = [*division.values()]
        mine = mapped(code for group in groups for code in group)
        boards = pd.Series(mine.works_with(groups).sum(axis=0), mine.boards)
        forces = pd.Series(mine.policed_by(groups).sum(axis=0), mine.forces)
        columns[place] = pd.concat({"care board": boards, "police force": forces})
        headings.append(name)
    table = pd.DataFrame(columns).fillna(0).astype(int)
    table = table[table.any(axis=1)].sort_index(kind="stable")
    table.columns = headings
    return table.rename_axis(["kind", "name"]).reset_index()


def by_name(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return each authority of each division with the boards and forces that it works with."""
    least, rows = thresholds()[0], []
    for name, division in _divisions(area_id, demand):
        groups = [*division.values()]
        mine = mapped(code for group in groups for code in group)
        for unitary, share, police in zip(
            division, mine.shares(groups), mine.policed_by(groups), strict=True
        ):
            order = [i for i in np.argsort(-share, kind="stable") if share[i] > 0]
            told = [
                f"{short(mine.boards[i])} ({_share(share[i])}"
                + (", does not count)" if share[i] < least else ")")
                for i in order
            ]
            forces = [force for force, there in zip(mine.forces, police, strict=True) if there]
            rows.append((name, unitary, "; ".join(told), "; ".join(forces)))
    columns = ["division", "authority", "care boards (share of neighbourhoods)", "police forces"]
    return pd.DataFrame(rows, columns=columns)


def _share(share: float) -> str:
    return "under 1%" if share < 0.005 else f"{share:.0%}"


def short(board: str) -> str:
    """Return the name of a board without what every board is called."""
    return board.removeprefix("NHS ").removesuffix(" Integrated Care Board")


@styled
def section(area_id: str, demand: Demand) -> Figure:
    """Draw with how many authorities each board and force works, today and by proposal."""
    table, here = tally(area_id, demand), areas.get(area_id)
    values = table.iloc[:, 2:]
    pairs = values[table["kind"] == "care board"].sum().to_numpy()
    title = f"{here.name}: {count(pairs[0], 'pair')} of an authority and a care board today, "
    title += f"{_span(pairs[1:])} under the proposals" if len(pairs) > 1 else "no proposal computed"
    labels = [
        f"{short(r.name)} ({'ICB' if r.kind == 'care board' else 'police'})"
        for r in table[["kind", "name"]].itertuples(index=False)
    ]
    drawn = picture(0.5 * len(table) + 3.4, title, SOURCE)
    axes = drawn.add_subplot()
    axes.imshow(values, cmap="Blues", vmin=0, vmax=max(12, 2 * values.to_numpy().max()))
    axes.set_aspect("auto")
    for (row, column), number in np.ndenumerate(values.to_numpy()):
        axes.text(column, row, f"{number}" if number else "–", ha="center", va="center")
    width = 22 if len(values.columns) < 5 else 15
    axes.set_xticks(range(len(values.columns)), no_wider(values.columns, width), fontsize=9)
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(table)), no_wider(labels, 30), fontsize=9)
    axes.grid(False)
    axes.set_xlabel("authorities of the area that the board or force works with", fontsize=9.5)
    spoken = "; ".join(
        f"{label}: " + ", ".join(f"{name} {number}" for name, number in row.items())
        for label, (_, row) in zip(labels, values.iterrows(), strict=True)
    )
    shown = table.assign(name=table["name"])
    shown.columns = phrases.distinct(shown.columns)
    caption = f"Authorities of {here.name} by care board and police force"
    return Figure(drawn, title, f"Authorities by board and force: {spoken}.", Table(shown, caption))


def _span(values: np.ndarray) -> str:
    low, high = values.min(), values.max()
    return f"{low}" if low == high else f"{low} to {high}"


def by_band() -> pd.DataFrame:
    """Return how partners change with the submitted proposals, by size band of the mean unitary.

    Returns
    -------
    pandas.DataFrame
        band, proposals, and of the sum over these proposals: authorities today and after, pairs of
        an authority and a board today and after; and the mean over proposals of authorities per
        board today and after.
    """
    table, rows = partnerships.submitted(), []
    for band in areas.size_bands():
        part = table[table["band"] == band]
        rows.append(
            {
                "band": band,
                "proposals": len(part),
                "authorities_today": part["authorities_today"].sum(),
                "authorities": part["authorities"].sum(),
                "icb_links_today": part["icb_links_today"].sum(),
                "icb_links": part["icb_links"].sum(),
                "per_icb_today": part["authorities_per_icb_today"].mean(),
                "per_icb": part["authorities_per_icb"].mean(),
            }
        )
    return pd.DataFrame(rows)


@styled
def national() -> Figure:
    """Draw authorities per board of the submitted proposals, today and after, by size band."""
    table = by_band()
    counted = partnerships.national().set_index("threshold")
    published = _published()
    value, boards = thresholds()[0], counted["boards"]
    most = table.loc[table["proposals"].idxmax()]
    title = (
        f"{boards[value]} care boards work with the areas' {counted['authorities'].iloc[0]} "
        f"authorities (published: {published['PA01']:.0f}); proposals of {most['band']} bring "
        f"{most['per_icb']:.1f} authorities to each board, {most['per_icb_today']:.1f} today"
    )
    drawn = picture(3.6, title, f"{SOURCE}; submitted whole-district proposals")
    axes = drawn.add_subplot()
    places = np.arange(len(table))
    axes.hlines(places, table["per_icb_today"], table["per_icb"], color=GREY, linewidth=1.5)
    axes.plot(table["per_icb_today"], places, "s", color=ORANGE, markersize=9, label="today")
    axes.plot(table["per_icb"], places, "o", color=BLUE, markersize=9, label="as proposed")
    labels = [
        f"{r.band}\n({count(r.proposals, 'proposal')})" for r in table.itertuples(index=False)
    ]
    axes.set_yticks(places, labels)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_ylabel("mean unitary")
    axes.set_xlabel("authorities that one care board works with, mean over proposals")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, fontsize=9)
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
    whole = dict.fromkeys(("icb_links_today", "icb_links"), "{:,.0f}")
    return Figure(
        drawn,
        title,
        f"Authorities per care board, {spoken}.",
        Table(table, "Care boards and submitted proposals by size band", whole, headings),
    )


def _published() -> pd.Series:
    found = tables.read("published_findings").query("theme == 'partnership'")
    return found.set_index("finding_id")["value"]


def national_in_words() -> list[str]:
    """Return the published counts beside ours, by reading."""
    counted, published = partnerships.national(), _published()
    value = thresholds()[0]
    boards = "; ".join(
        f"{'any' if not r.threshold else f'{r.threshold:.0%}'}: {r.boards} boards, {r.links} pairs"
        for r in counted.itertuples()
    )
    more = partnerships.readings()
    ways = "; ".join(f"{r.reading}: {_signed(r.additional)}" for r in more.itertuples())
    return [
        f"Published: {published['PA01']:.0f} integrated care boards (CCN/Newton, p71). Computed, "
        f"by the least share of an authority's neighbourhoods that makes a board count: {boards}. "
        f"This page uses {value:.0%}.",
        f"Published: {published['PA04']:.0f} more upper-tier authorities at an average of 500,000 "
        f"(p71). Computed, by reading: {ways}.",
    ]


def _signed(number: float) -> str:
    text = f"{number:+.1f}" if number != round(number) else f"{number:+.0f}"
    return text.replace("-", "−")


def among_options(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return how few pairs with care boards are possible, by number of unitaries.

    Returns
    -------
    pandas.DataFrame
        unitaries, contiguous options, fewest and most pairs, share of options with the fewest, and
        proposals (their pairs).
    """
    bids = [bid for bid in proposals(area_id) if bid.footprints]
    rows = []
    here = divisions.of(area_id, demand)
    every = partnerships.measure_options(here)["icb_links"]
    for k, masks in here.options.masks.items():
        if not len(masks):
            continue
        links = every.loc[k]
        mine = [
            f"{bid.name}: "
            f"{partnerships.measure([g for _, g in bid.footprints], demand)[0].value:.0f}"
            for bid in bids
            if len(bid.footprints) == k and not bid.reaches_outside
        ]
        least = links.min()
        rows.append((k, len(masks), least, links.max(), (links == least).mean(), "; ".join(mine)))
    columns = ["unitaries", "contiguous options", "fewest pairs", "most pairs"]
    table = pd.DataFrame(rows, columns=[*columns, "options with the fewest", "proposals"])
    return table.replace({"proposals": {"": "none that is computable"}})
