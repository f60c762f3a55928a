"""Charts of options: where proposals stand among all of them, and how large their unitaries are."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lgr_report.chapters.options import places
from lgr_report.chapters.options.study import Study
from lgr_report.core.proposals import statuses
from lgr_report.core.scores import DRAWN, METRICS
from lgr_report.core.variation import PEOPLE
from lgr_report.page import phrases
from lgr_report.page.cells import Table
from lgr_report.page.charts import Lines, Look, Scale, dots
from lgr_report.page.figures import BLUE, Figure, nothing, picture, shortened, styled
from lgr_report.sources import proposals
from lgr_report.sources.assumptions import assumption

SOURCE = "computed from DfE, DHSC, ONS and MHCLG figures; district figures are estimates"
AXES = {
    "population": "largest less smallest unitary, per cent of the mean; in brackets: percentile",
    None: "spread, per cent of the area's rate; left is more even; in brackets: percentile",
}
STEP = 0.2  # of a panel's height, from the name of one proposal down to the next


def _finding(placed: pd.DataFrame, metric: str) -> str:
    """Return what the places of proposals allow to say beside most options."""
    if metric not in DRAWN:
        return _counted(placed, f"{metric}_percentile")
    told = placed.apply(places.told_of, axis=1, args=(metric,)).value_counts()
    only = len(placed) == 1

    def some(answer: str) -> str:
        return "the one proposal" if only else f"{told[answer]} of {len(placed)} proposals"

    said = [
        f"{some(answer)} {answer} than most options, as far as public data tell"
        for answer in (places.MORE, places.LESS)
        if answer in told
    ]
    if places.DEPENDS in told:
        about = "that" if said else "whether more or less even than most"
        said.append(f"for {some(places.DEPENDS)} {about} depends on which options are set beside")
    if not said:
        who, tell = ("the one proposal", "do not tell") if only else ("no proposal", "tell")
        return f"public data {tell} {who} from the middle of all options"
    return "; ".join(said)


def _counted(placed: pd.DataFrame, column: str) -> str:
    """Return where proposals stand on what is counted: such places have no interval."""
    ends = [placed.loc[placed[column].idxmin()], placed.loc[placed[column].idxmax()]]
    at = [places.place(end[column]) for end in ends]
    if len(placed) == 1:
        return f"the one proposal is at percentile {at[0]} (0 is the most even of all options)"
    names = [end["name"] for end in ends]
    if at[0] == at[1]:
        return f"the proposals are all at percentile {at[0]} (0 is the most even of all options)"
    return (
        f"the most even proposal, {names[0]}, is at percentile {at[0]} of all options (0 is the "
        f"most even); the least even, {names[1]}, at {at[1]}"
    )


@styled
def standing(study: Study, metric: str = PEOPLE) -> Figure:
    """Draw each proposal in the distribution of all options with as many unitaries."""
    name, table, column = study.here.name, study.standings, f"{metric}_percentile"
    placed = table[table["note"].isna() & table[column].notna()]
    if placed.empty:
        title = f"{name}: no proposal can be placed for {METRICS[metric]}"
        return nothing(title, SOURCE, statuses(study.here.proposals))
    title = f"{name}: for {METRICS[metric]}, " + _finding(placed, metric)
    by_size = {k: study.scores.tables[k][metric] for k in sorted(placed["n_unitaries"].unique())}
    drawn = picture(1.5 * len(by_size) + 1.6, title, SOURCE)
    grid = drawn.subplots(len(by_size), 1, squeeze=False, sharex=True).ravel()
    widest = max(np.quantile(values, 0.99) for values in by_size.values())
    widest = max(widest, placed[metric].max() * 1.05)
    for axes, (k, values) in zip(grid, by_size.items(), strict=True):
        _distribution(axes, k, 100 * values, 100 * widest)
        _lines(axes, placed[placed["n_unitaries"] == k].sort_values(metric), metric)
    grid[-1].set_xlabel(AXES.get(metric, AXES[None]), fontsize=10)
    spoken = "; ".join(
        f"{bid['name']} ({bid['n_unitaries']} unitaries) {bid[metric]:.0%}, percentile "
        f"{places.place(bid[column])} among {bid['others']:,} options"
        for _, bid in placed.iterrows()
    )
    shown = placed[["name", "n_unitaries", "others", metric]].rename(
        columns={metric: "spread", "others": "options"}
    )
    shown["percentile"] = placed[column].map(places.place)
    if metric in DRAWN:
        shown["percentile"] = placed.apply(places.drawn, axis=1, args=(metric,))
    among = placed[f"{metric}_meeting"].map(places.place)
    if metric in DRAWN:
        among = placed.apply(places.meeting, axis=1, args=(metric,))
    shown["among those of acceptable size"] = among
    return Figure(
        drawn,
        title,
        f"Histograms of all options with lines for proposals: {spoken}.",
        Table(
            shown,
            f"Proposals among all options: {METRICS[metric]}",
            formats={"spread": "{:.0%}"},
        ),
    )


def _distribution(axes: Axes, k: int, values: pd.Series, widest: float) -> None:
    axes.hist(values[values <= widest], bins=60, range=(0, widest), color="#ADD1F1")
    label = f"{k} unitaries\n{len(values):,} options"
    axes.set_ylabel(label, fontsize=9, rotation=0, ha="right", va="center")
    axes.set_yticks([])


def _lines(axes: Axes, bids: pd.DataFrame, metric: str) -> None:
    height = axes.get_ylim()[1]
    for step, (_, bid) in enumerate(bids.iterrows()):
        down = STEP * (step % 4)
        axes.axvline(100 * bid[metric], color=BLUE, linewidth=2, ymax=0.98 - down)
        text = f" {shortened(bid['name'])} ({places.place(bid[f'{metric}_percentile'])})"
        axes.text(100 * bid[metric], height * (0.95 - down), text, fontsize=8.5, va="top")


def proposal_sizes(proposed: pd.DataFrame) -> Figure:
    """Draw the population of each proposed unitary against the size bands.

    Parameters
    ----------
    proposed : pandas.DataFrame
        As `proposals.unitaries` returns it.
    """
    known = proposed.dropna(subset=["population"])
    small, medium = assumption("band_small_max"), assumption("band_medium_max")
    title = _sizes(known["population"], small, medium)
    spoken = "; ".join(f"{r.unitary_name} {r.population:,}" for r in known.itertuples())
    missing = proposed.drop_duplicates("proposal_id")["n_unitaries"].sum() - len(known)
    why = "they split a district, lie in another area, or their councils were not found"
    rest = f" Not shown: {phrases.unitaries(missing)} ({why})." if missing else ""
    shown = proposed[["proposal_name", "unitary_name", "population", "size_band"]]
    edges = [edge / 1000 for edge in (small, medium)]
    bands = f"ends of size bands: {' and '.join(f'{edge:.0f}k' for edge in edges)}"
    most = max([medium, *known["population"]]) * 1.08 / 1000
    return dots(
        _dots(proposed),
        title,
        "ONS mid-2024 population estimates; councils' proposals",
        Scale("residents in thousands, mid-2024; each ring is one proposed unitary", 0, most),
        Table(shown, "Population of each proposed unitary"),
        looks={"proposed unitaries": Look(hollow=True, size=10)},
        lines=Lines(edges, (bands, None)),
        row_height=0.62,
        margin=1.8,
        alt=f"Dots on a line for each proposal. {spoken or 'No size is known'}.{rest}",
    )


def _sizes(people: pd.Series, small: float, medium: float) -> str:
    """Return how many unitaries lie above and below the size bands' ends."""
    if people.empty:
        return "The size of no proposed unitary can be computed"
    if len(people) == 1:
        return (
            "The one proposed unitary whose size can be computed has "
            f"{phrases.number(people.item(), 0)} people"
        )

    def have(number: int) -> str:
        return "none has" if not number else f"{number} {'has' if number == 1 else 'have'}"

    return (
        f"Of {len(people)} proposed unitaries whose size can be computed, "
        f"{have(int((people > medium).sum()))} more than {medium:,.0f} people and "
        f"{have(int((people <= small).sum()))} {small:,.0f} or fewer"
    )


def _dots(proposed: pd.DataFrame) -> pd.DataFrame:
    """Return a dot a unitary, in a row a proposal that says how many have none, and why."""
    bids = proposed.groupby("proposal_id", sort=False)
    names = phrases.distinct(bids["proposal_name"].first())
    splits = bids["splits"].sum()
    hidden = bids["n_unitaries"].first() - proposals.found(proposed)
    labels = [_label(*about) for about in zip(names, splits, hidden, strict=True)]
    name = proposed["proposal_id"].map(dict(zip(splits.index, labels, strict=True)))
    value = proposed["population"].astype(float) / 1000
    return pd.DataFrame({"name": name, "value": value, "series": "proposed unitaries"})


def _label(name: str, splits: int, hidden: int) -> str:
    why = [f"{splits} split{'s' if splits == 1 else ''} a district"] if splits else []
    why += [f"{hidden} not found in this area"] if hidden else []
    return f"{name} ({', '.join(why)})" if why else name
