"""The national picture of demand: how the model was chosen and judged, and what was published.

Published (CCN/Newton, October 2025, p38): average demand variation of 21 % where unitaries have
300,000 people or fewer and 12 % above 500,000, least at 500,000 and more for every service, and
most for SEND. Which statistic was taken is not known: three are set beside it.
"""

import pandas as pd

from lgr_report.chapters.demand import old_counties
from lgr_report.core import rates
from lgr_report.core.variation import LABELS, PEOPLE, STATISTIC_LABELS, STATISTICS
from lgr_report.page import phrases
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption
from lgr_report.sources.services import SERVICES


def candidates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every candidate model with its leave-one-region-out error, for a page.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `services.authorities` returns it.
    """
    parts = []
    for service in SERVICES:
        part = rates.compare(frame, service).reset_index()
        parts.append(part.assign(service=service.label))
    table = pd.concat(parts, ignore_index=True)
    table["chosen"] = table["chosen"].map({True: "chosen", False: ""})
    first = ["service", "candidate", "predictors"]
    table["predictors"] = table["predictors"].fillna("none")
    return table[[*first, *(c for c in table.columns if c not in first)]]


def judged(judgement: old_counties.Judgement) -> pd.DataFrame:
    """Return the judgement of the model on old counties, for a page.

    Mean absolute log errors of predictions and of the county's rate, the share of authorities
    within each interval, and the spread observed beside that of point estimates and draws.
    """
    table = judgement.errors().join(judgement.coverage()).join(judgement.spreads())
    table = table.reset_index()
    table["service"] = table["service"].map(LABELS)
    inner, outer = (f"{assumption(name):.0%}" for name in ("demand_inner_level", "interval_level"))
    return table.drop(columns="inside").rename(
        columns={
            "kind": "old counties",
            "counties": "how many",
            "at_county_rate": "error at county rate",
            "predicted": "error of model",
            "inner": f"{inner} interval covers",
            "outer": f"{outer} interval covers",
            "observed": "spread observed",
            "from_point": "spread of point estimates",
            "expected": "spread over draws",
        }
    )


def judged_in_words(judgement: old_counties.Judgement) -> list[str]:
    """Return what the estimate is worth, in sentences computed from the judgement."""
    errors = judgement.errors()
    shire = errors.loc["shire"]
    gain = 1 - shire["predicted"] / shire["at_county_rate"]
    cover, spreads = judgement.coverage().loc["shire"], judgement.spreads().loc["shire"]
    share_point = spreads["from_point"] / spreads["observed"]
    share_draws = spreads["expected"] / spreads["observed"]
    metro = errors.loc["metropolitan"]
    lost = metro.index[metro["predicted"] > metro["at_county_rate"]]
    words = [
        f"In {shire['counties'].max()} old shire counties the model errs less than the county's "
        "rate by "
        + phrases.listed(f"{gain[s.service]:.0%} for {s.label}" for s in SERVICES)
        + f". Its {assumption('demand_inner_level'):.0%} intervals cover "
        f"{cover['inner'].min():.0%} to {cover['inner'].max():.0%} of the authorities, its "
        f"{assumption('interval_level'):.0%} intervals {cover['outer'].min():.0%} to "
        f"{cover['outer'].max():.0%}.",
        f"Point estimates show only {share_point.min():.0%} to {share_point.max():.0%} of the "
        f"spread that is there; draws show {share_draws.min():.0%} to {share_draws.max():.0%}. "
        "So every variation shown comes from draws.",
    ]
    if len(lost):
        words.append(
            "In metropolitan counties the model does worse than the county's rate for "
            f"{phrases.listed(LABELS[name] for name in lost)}: it is not for use there."
        )
    return words


def observed_by_band(frame: pd.DataFrame, kind: str = "shire") -> pd.DataFrame:
    """Return the mean spread observed between the authorities of old counties: no model.

    Returns
    -------
    pandas.DataFrame
        Index band; counties, and a column a measure (shares of the county's rate).
    """
    found = old_counties.observed(frame).query("kind == @kind")
    table = found.pivot_table(index="band", columns="measure", values="spread", dropna=False)
    counties = found.groupby("band")["old_county"].nunique()
    return table.assign(counties=counties).reindex([*areas.size_bands()])


def design_by_band(every: pd.DataFrame, statistic: str = "spread") -> pd.Series:
    """Return the mean total variation of all options by band, built like the published design.

    Options are averaged within an area and number of unitaries first, so that an area with many
    options counts no more than one with few.
    """
    inside = every[every["in_design"]]
    return inside.groupby("band")[f"{PEOPLE} {statistic}"].mean().reindex([*areas.size_bands()])


def by_statistic(bands: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    """Return total variation by band and statistic, submitted and all options, for a page."""
    found = tables.read("published_findings").set_index("finding_id")["value"]
    order = [*areas.size_bands()]
    row = {"options": "published", "statistic": "not stated"}
    row |= dict(
        zip(order, (f"{found['DV01']:.0f}%", "not known", f"{found['DV02']:.0f}%"), strict=True)
    )
    rows = [row]
    total = bands[bands["measure"] == PEOPLE].set_index(["statistic", "band"])
    for statistic in STATISTICS:
        cells = {}
        for band in order:
            if (statistic, band) in total.index:
                r = total.loc[(statistic, band)]
                cells[band] = f"{r['mean']:.0%} ({r['low']:.0%} to {r['high']:.0%}), " + (
                    phrases.count(int(r["proposals"]), "bid")
                )
        rows.append({"options": "submitted", "statistic": STATISTIC_LABELS[statistic]} | cells)
    for statistic in STATISTICS:
        means = design_by_band(every, statistic).dropna()
        cells = {band: f"{value:.0%}" for band, value in means.items()}
        rows.append({"options": "all", "statistic": STATISTIC_LABELS[statistic]} | cells)
    return pd.DataFrame(rows)


def by_service(bands: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the spread by service and band: submitted proposals beside old counties."""
    mine = bands[bands["statistic"] == "spread"].pivot_table(
        index="measure", columns="band", values="mean", sort=False
    )
    seen = observed_by_band(frame)
    rows = []
    for measure in mine.index:
        cells = {f"submitted, {band}": mine.loc[measure].get(band) for band in areas.size_bands()}
        if measure in seen:
            cells |= {f"observed, {band}": seen.loc[band, measure] for band in areas.size_bands()}
        rows.append({"measure": LABELS[measure]} | cells)
    return pd.DataFrame(rows)


def nearest_statistic(found: pd.Series) -> str:
    """Return the statistic that lies nearest the two published figures.

    Parameters
    ----------
    found : pandas.Series
        Total variation (shares) by statistic and band. Each published figure weighs the same,
        however few proposals a band holds.
    """
    published = tables.read("published_findings").set_index("finding_id")["value"]
    small, _, large = areas.size_bands()
    distance = {
        statistic: abs(100 * found[(statistic, small)] - published["DV01"])
        + abs(100 * found[(statistic, large)] - published["DV02"])
        for statistic in STATISTICS
    }
    return min(distance, key=distance.get)


def submitted_totals(bands: pd.DataFrame) -> pd.Series:
    """Return total variation of submitted proposals by statistic and band (shares)."""
    return bands[bands["measure"] == PEOPLE].set_index(["statistic", "band"])["mean"]


def design_totals(every: pd.DataFrame) -> pd.Series:
    """Return total variation of all options by statistic and band (shares)."""
    parts = {statistic: design_by_band(every, statistic) for statistic in STATISTICS}
    return pd.concat(parts, names=["statistic", "band"])


def in_words(bands: pd.DataFrame, every: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Return what is and is not reproduced, in sentences computed from the figures."""
    small, _, large = areas.size_bands()
    found = tables.read("published_findings").set_index("finding_id")["value"]
    total = bands.set_index(["measure", "statistic", "band"])
    low, high = (total.loc[(PEOPLE, "spread", band)] for band in (small, large))
    design = design_by_band(every)
    services = [s.service for s in SERVICES]
    spread = total.xs("spread", level="statistic")["mean"]
    down = [s for s in services if spread[(s, small)] > spread[(s, large)]]
    largest = max(services, key=lambda s: spread[(s, large)])
    smallest = min(services, key=lambda s: spread[(s, large)])
    seen = observed_by_band(frame)
    seen_largest = seen[services].mean().idxmax()
    bigger = "less" if seen.loc[large, PEOPLE] < seen.loc[small, PEOPLE] else "no less"
    same = low["mean"] > high["mean"]
    return [
        f"Published: {found['DV01']:.0f}% below 300,000 people and {found['DV02']:.0f}% above "
        f"500,000. Submitted proposals of whole districts give {low['mean']:.0%} "
        f"({low['low']:.0%} to {low['high']:.0%}, {phrases.count(int(low['proposals']), 'bid')} "
        f"only) and {high['mean']:.0%} ({high['low']:.0%} to {high['high']:.0%}, "
        f"{phrases.count(int(high['proposals']), 'bid')}); all contiguous options, averaged like "
        f"the published maps, {design[small]:.0%} and {design[large]:.0%}. The direction is "
        f"{'reproduced' if same else 'not reproduced'}.",
        _nearest_in_words(
            nearest_statistic(submitted_totals(bands)), nearest_statistic(design_totals(every))
        ),
        f"In submitted proposals variation is lower above 500,000 than below 300,000 for "
        f"{phrases.listed(LABELS[s] for s in down)}"
        + ("" if len(down) == len(services) else "; for the other services it is not")
        + f". Below 300,000 that rests on {phrases.count(int(low['proposals']), 'bid')}.",
        f"The published report finds SEND the most uneven. Here it is {LABELS[largest]} "
        f"({spread[(largest, large)]:.0%} above 500,000), and {LABELS[smallest]} vary least "
        f"({spread[(smallest, large)]:.0%}). Without any model, between the authorities of old "
        f"shire counties, it is {LABELS[seen_largest]} too. A possible reason, untested: the "
        "report counts placements in SEND settings and home-to-school transport, which follow "
        "distance and schools; public data count plans.",
        f"Part of the fall is arithmetic: more unitaries have a wider range whatever their size. "
        f"In old shire counties whose authorities average more than 500,000 the observed total "
        f"varies {bigger} than where they average 300,000 or fewer "
        f"({seen.loc[large, PEOPLE]:.0%} against {seen.loc[small, PEOPLE]:.0%}).",
    ]


def _nearest_in_words(submitted: str, design: str) -> str:
    if submitted == design:
        return (
            f"Of the three statistics {STATISTIC_LABELS[design]} comes nearest to the published "
            "figures, over the submitted proposals and over all options alike."
        )
    return (
        f"Of the three statistics {STATISTIC_LABELS[design]} comes nearest to the published "
        f"figures over all options, {STATISTIC_LABELS[submitted]} over the submitted proposals, "
        "few of which are small."
    )
