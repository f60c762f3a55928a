"""Tables of past reorganisations for a page: what was seen, and what it allows to be said."""

from collections.abc import Mapping
from itertools import product

import pandas as pd

from lgr_report.chapters.histories.amounts import amount, plain, ranged, score
from lgr_report.chapters.histories.comparisons import HINT, STANDS, reading
from lgr_report.chapters.histories.evidence import NEITHER
from lgr_report.chapters.histories.panel import KIND_LABELS, MERGED, SPLIT, WHOLE, Measure, Panel
from lgr_report.chapters.histories.size import ALL_FITS, KEYS
from lgr_report.chapters.histories.study import Study
from lgr_report.chapters.histories.words import conclusion
from lgr_report.page import phrases
from lgr_report.sources import tables


def concluded(study: Study) -> pd.DataFrame:
    """Return, measure by measure, what was seen and what can be concluded."""
    panel, rows = study.panel, []
    for about in panel.measures:
        pooled = study.pooled[study.pooled["measure"] == about.measure].to_dict("records")
        conclusions = [conclusion(test["kind"], test, study.rules.level) for test in pooled]
        broken = pd.concat(panel.breaks(about, change.area) for change in panel.changes)
        own = broken.loc[broken["measures"] != "all", "break_id"].str.replace("_", " ").unique()
        rows.append(
            {
                "measure": f"{about.label} ({about.unit})",
                **{test["kind"]: ranged(test) for test in pooled},
                **{
                    f"{test['kind']}, plain difference in differences": plain(test)
                    for test in pooled
                },
                "what can be concluded": " ".join(conclusions),
                "breaks of its own": phrases.listed(own) or "none known",
            }
        )
    return pd.DataFrame(rows)


def sizes(study: Study) -> pd.DataFrame:
    """Return how often each test rejects where nothing happened, by how closely controls fitted."""
    shares = study.sizes[[*KEYS]].map(lambda share: phrases.percent(share, 1))
    names = ("one area", "areas together", "plain difference in differences")
    return pd.DataFrame(
        {
            "how closely the control fitted before": [
                fit if fit == ALL_FITS else f"{fit} fifth" for fit in study.sizes.index
            ],
            "true nulls": study.sizes["tests"].to_numpy(),
            **{name: shares[key].to_numpy() for name, key in zip(names, KEYS, strict=True)},
        }
    )


def scores(study: Study) -> pd.DataFrame:
    """Return whether things got worse altogether, by kind and family."""
    table = study.scores
    return pd.DataFrame(
        {
            "areas": table["kind"] + " (" + table["areas"].astype(str) + ")",
            "measures": table["family"] + " (" + table["measures"].astype(str) + ")",
            "score": ["{} ({} to {})".format(*score(row)) for row in table.to_dict("records")],
            "p": table["p"],
            "corrected p": table["adjusted"],
        }
    )


def beside_findings(study: Study) -> pd.DataFrame:
    """Return the published figures that past splits can be held against.

    The links are those of ``data/finding_histories.csv``; figures of one measure share a row.
    """
    links = tables.read("finding_histories").groupby("measure", sort=False)
    split = study.pooled[study.pooled["kind"] == KIND_LABELS[SPLIT]].set_index("measure")
    rows = []
    for measure, linked in links:
        change, concluded = "–", "not computed"
        if measure in split.index:
            change = ranged(split.loc[measure])
            concluded = conclusion("split counties", split.loc[measure], study.rules.level)
        rows.append(
            {
                "published figures": phrases.listed(linked["finding_id"]),
                "measure": study.panel.measure(measure).label,
                "after the splits, against the control": change,
                "what can be concluded": concluded,
                "how the two differ": linked["note"].iloc[0],
            }
        )
    return pd.DataFrame(rows)


def breaks(panel: Panel) -> pd.DataFrame:
    """Return the breaks in the series; their sources stand in ``data/panel_breaks.csv``."""
    table = panel.broken
    years = [table[end].astype(str) for end in ("first_year", "last_year")]
    return pd.DataFrame(
        {
            "break": table["break_id"].str.replace("_", " "),
            "where": table["area"],
            "years": years[0].mask(years[0] != years[1], years[0] + " to " + years[1]),
            "what": table["what"],
            "treatment": table["treatment"].str.replace("_", " "),
            "basis": table["basis"],
        }
    )


def apart(study: Study) -> pd.DataFrame:
    """Return each successor's own distance from its county's synthetic control.

    It holds whatever set the successor apart from its county before: it is not an effect.
    """
    rows = []
    for comparison in study.comparisons.values():
        if comparison.change.kind == SPLIT:
            about, apart = comparison.measure, pd.Series(comparison.apart, dtype=float).dropna()
            each = "; ".join(f"{name} {_amount(about, gap)}" for name, gap in apart.items())
            each = each or "reported jointly: not available apart"
            together = _amount(about, comparison.gap)
            rows.append((about.label, comparison.change.area, together, each))
    columns = ["measure", "county", "successors together", "successors apart"]
    return pd.DataFrame(rows, columns=columns)


def _amount(about: Measure, gap: float) -> str:
    return amount(about.described | {"gap": about.in_unit(gap)})


def since(panel: Panel) -> pd.DataFrame:
    """Return how merged councils changed since their first year, beside all donors.

    No figures from before are in the panel, so there is no effect to estimate.

    Returns
    -------
    pandas.DataFrame
        council, measure, first and latest year, change (measure's unit, or per cent), percentile
        (of the change among donors; 50 is the middle).
    """
    rows = []
    merged = [change.successors for change in panel.changes if change.kind == MERGED]
    for successors, about in product(merged, panel.measures):
        values = about.compared(panel.wide(about))
        for code, name in successors:
            years = values.loc[code].dropna().index
            changes = values[years[-1]] - values[years[0]]
            others = changes.reindex(panel.donors).dropna()
            percentile = 50 * ((others < changes[code]).mean() + (others <= changes[code]).mean())
            change = _amount(about, changes[code])
            rows.append((name, about.label, f"{years[0]} to {years[-1]}", change, percentile))
    return pd.DataFrame(rows, columns=["council", "measure", "years", "change", "percentile"])


def sensitivity(variants: Mapping[str, Study]) -> pd.DataFrame:
    """Return how the tests come out under other choices (see `study.variants`)."""
    rows = []
    for choice, study in variants.items():
        least = study.rules.significance
        for tests, table in (("one area", study.single), ("areas together", study.pooled)):
            standing = "; ".join(
                f"{row['label']}, {row.get('area', row['kind'])}, {ranged(row)}"
                for _, row in table[reading(table, least) == STANDS].iterrows()
            )
            rows.append(
                {
                    "choice": choice,
                    "tests of": tests,
                    "number": int(table["p"].notna().sum()),
                    f"p below {least:.2f}": int((table["p"] < least).sum()),
                    "smallest corrected p": table["adjusted"].min(),
                    "stand after correction, by both": standing or "none",
                }
            )
    return pd.DataFrame(rows)


def by_risk(bearing: pd.DataFrame) -> pd.DataFrame:
    """Return a whole register with what the histories say of each risk.

    Parameters
    ----------
    bearing : pandas.DataFrame
        As `evidence.of_register` returns it.
    """
    rows = []
    for (risk_id, title), links in bearing.groupby(["risk_id", "title"], sort=False):
        measures = "; ".join(links["label"].dropna().unique()) or "none in the panel"
        row = {"risk": risk_id, "name": title, "measures": measures}
        for kind in (KIND_LABELS[SPLIT], KIND_LABELS[WHOLE]):
            row[kind] = _summed(links[links["kind"] == kind])
        rows.append(row)
    return pd.DataFrame(rows)


def _summed(links: pd.DataFrame) -> str:
    if links.empty:
        return "not touched"
    words = [
        f"{'a hint ' if row['reading'] == HINT else ''}{row['side']}: {row['label']} {ranged(row)}"
        for _, row in links[links["side"] != NEITHER].iterrows()
    ]
    rest = f"{int(links['toward'].sum())} of {len(links)} measures lean towards the risk"
    return "; ".join([*words, rest if words else f"neither; {rest}, within chance"])
