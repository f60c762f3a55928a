"""Tables of the chapter on past reorganisations: what was seen, and what it allows to be said."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from lgr_report.chapters.histories.histories import (
    HINT,
    NOTHING,
    STANDS,
    Histories,
    amount,
    histories,
    in_unit,
    index,
    national,
    ranged,
    reading,
    signed,
)
from lgr_report.chapters.histories.panel import KIND_LABELS, MERGED, SPLIT, Panel
from lgr_report.chapters.histories.synthetic import Rules
from lgr_report.page import phrases
from lgr_report.sources import tables
from lgr_report.sources.assumptions import assumption


def concluded(found: Histories) -> pd.DataFrame:
    """Return, measure by measure, what was seen and what can be concluded, for a page."""
    rows = []
    for (measure, label), mine in found.pooled.groupby(["measure", "label"], sort=False):
        about = found.panel.measure(measure)
        seen = {row["kind"]: row for _, row in mine.iterrows()}
        said = [_said(kind, row) for kind, row in seen.items()]
        touched = pd.concat(
            found.panel.breaks(about, area).query("measures != 'all'")
            for area in dict.fromkeys(found.table["area"])
        )
        shown = {kind: ranged(row) for kind, row in seen.items()}
        rows.append(
            {"measure": f"{label} ({about.unit})", **shown}
            | {"what can be concluded": " ".join(said)}
            | {
                "breaks of its own": phrases.listed(
                    touched["break_id"].str.replace("_", " ").unique()
                )
                or "none known"
            }
        )
    return pd.DataFrame(rows)


def beside_findings(found: Histories) -> pd.DataFrame:
    """Return the published figures that past splits can be held against, for a page.

    The links are those of ``data/finding_histories.csv``; figures of one measure share a row.
    """
    links = tables.read("finding_histories")
    split = found.pooled[found.pooled["kind"] == KIND_LABELS[SPLIT]].set_index("measure")
    rows = []
    for measure, mine in links.groupby("measure", sort=False):
        about = found.panel.measure(measure)
        seen = split.loc[measure] if measure in split.index else None
        rows.append(
            {
                "published figures": phrases.listed(mine["finding_id"]),
                "measure": about.label,
                "after the splits, against the control": "–" if seen is None else ranged(seen),
                "what can be concluded": "not computed"
                if seen is None
                else _said("split counties", seen),
                "how the two differ": mine["note"].iloc[0],
            }
        )
    return pd.DataFrame(rows)


def _said(kind: str, row: pd.Series) -> str:
    # What is found with a probability of ``test_power`` is further out than the interval's end.
    level, power = (
        norm.ppf(p) for p in (0.5 + Rules.assumed().level / 2, assumption("test_power"))
    )
    reach = (row["high"] - row["low"]) / 2 * (1 + power / level)
    seen = amount({**row, "size": reach}, "size").removeprefix("+")
    side = "more" if row["gap"] > 0 else "less"
    return {
        STANDS: f"{kind.capitalize()}: {side} than chance explains, also after correction.",
        HINT: f"{kind.capitalize()}: a hint of {side} (p {row['p']:.3f}, corrected "
        f"{row['adjusted']:.2f}); not a finding.",
        NOTHING: f"{kind.capitalize()}: nothing seen; an effect of less than about ±{seen} would "
        f"be found less than {assumption('test_power'):.0%} of the time.",
    }[reading(row)]


def breaks() -> pd.DataFrame:
    """Return the breaks in the series, for a page; their sources stand in the table itself."""
    table = tables.read("panel_breaks")
    years = table["first_year"].astype(str) + " to " + table["last_year"].astype(str)
    single = table["first_year"] == table["last_year"]
    return pd.DataFrame(
        {
            "break": table["break_id"].str.replace("_", " "),
            "where": table["area"],
            "years": years.mask(single, table["first_year"].astype(str)),
            "what": table["what"],
            "treatment": table["treatment"].str.replace("_", " "),
            "basis": table["basis"],
        }
    )


def apart(found: Histories) -> pd.DataFrame:
    """Return each successor's own distance from its county's synthetic control, for a page.

    It holds whatever set the successor apart from its county before: it is not an effect.
    """
    rows = []
    for one in found.comparisons.values():
        if one.change.kind != SPLIT:
            continue
        row = {"label": one.measure.label, "unit": one.measure.unit}
        row["in_per_cent"] = one.measure.scale == "log"
        gaps = {name: in_unit(one.measure, gap) for name, gap in one.apart.items()}
        shown = {name: amount(row | {"gap": gap}) for name, gap in gaps.items() if gap == gap}
        combined = amount(row | {"gap": in_unit(one.measure, one.gap)})
        together = "; ".join(f"{name} {text}" for name, text in shown.items())
        rows.append(
            {
                "measure": one.measure.label,
                "county": one.change.area,
                "successors together": combined,
                "successors apart": together or "reported jointly: not available apart",
            }
        )
    return pd.DataFrame(rows)


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
    for change in (c for c in panel.changes if c.kind == MERGED):
        for about in panel.measures:
            values = panel.wide(about)
            values = np.log(values.where(values > 0)) if about.scale == "log" else values
            for code, name in change.successors:
                known = values.loc[code].dropna()
                first, last = known.index[0], known.index[-1]
                moved = (values[last] - values[first]).reindex(panel.donors).dropna()
                mine = known[last] - known[first]
                low, up = (moved < mine).mean(), (moved <= mine).mean()
                row = {"unit": about.unit, "in_per_cent": about.scale == "log"}
                rows.append(
                    {
                        "council": name,
                        "measure": about.label,
                        "years": f"{first} to {last}",
                        "change": amount(row | {"gap": in_unit(about, mine)}),
                        "percentile": 50 * (low + up),
                    }
                )
    return pd.DataFrame(rows)


def variants() -> dict[str, Histories]:
    """Return the histories under other choices of ours: penalties, and years put back."""
    listed = tables.read("assumptions").set_index("assumption_id").loc["synthetic_penalty"]
    shown, rules = national(), Rules.assumed()
    kept = shown.panel.broken[shown.panel.broken["treatment"] != "left_out"]
    return {
        "as shown": shown,
        **{
            f"penalty {listed[end]:g}": histories(
                shown.panel, replace(rules, penalty=float(listed[end]))
            )
            for end in ("low", "high")
        },
        "years left out put back": histories(replace(shown.panel, broken=kept), rules),
    }


def sensitivity(found: Mapping[str, Histories]) -> pd.DataFrame:
    """Return how the tests come out under other choices (see `variants`), for a page."""
    least, rows = Rules.assumed().significance, []
    for choice, one in found.items():
        for tests, table in (("one area", one.table), ("areas together", one.pooled)):
            stand = table[table["adjusted"] < least]
            rows.append(
                {
                    "choice": choice,
                    "tests of": tests,
                    "number": int(table["p"].notna().sum()),
                    f"p below {least:.2f}": int((table["p"] < least).sum()),
                    "smallest corrected p": table["adjusted"].min(),
                    "stand after correction": "; ".join(
                        f"{row['label']}, {row.get('area', row['kind'])}, {ranged(row)}"
                        for _, row in stand.iterrows()
                    )
                    or "none",
                }
            )
    return pd.DataFrame(rows)


def sensitivity_in_words(found: Mapping[str, Histories]) -> str:
    """Return which conclusions hang on a choice of ours, in a sentence."""
    least = Rules.assumed().significance
    standing = {choice: (one.pooled["adjusted"] < least) for choice, one in found.items()}
    base = set(found["as shown"].pooled.loc[standing["as shown"], "label"])
    told = [
        f"with {choice}, {row['label']} ({row['kind']}, {ranged(row)}) would stand"
        for choice, one in found.items()
        for _, row in one.pooled[standing[choice]].iterrows()
        if row["label"] not in base
    ]
    if not told:
        return "No conclusion hangs on these choices."
    return (
        f"One thing hangs on a choice of ours: {'; '.join(told)}. The years are left out because "
        "a new authority may hold no earlier referrals to count; that reading is assumed."
    )


def indexed(found: Histories) -> pd.DataFrame:
    """Return whether things got worse altogether, by kind and family, for a page."""
    table = index(found)
    return pd.DataFrame(
        {
            "areas": table["kind"] + " (" + table["areas"].astype(str) + ")",
            "measures": table["family"] + " (" + table["measures"].astype(str) + ")",
            "score": [
                f"{signed(r.score, 2)} ({signed(r.low, 2)} to {signed(r.high, 2)})"
                for r in table.itertuples()
            ],
            "p": table["p"],
            "corrected p": table["adjusted"],
        }
    )


def in_words(found: Histories) -> list[str]:
    """Return what can and cannot be concluded from before and after, computed from the figures."""
    single, pooled, summed = found.table, found.pooled, index(found)
    least = Rules.assumed().significance
    known = single[single["p"].notna()]
    words = []
    for table, what in ((known, "of one area"), (pooled, "of areas of one kind together")):
        words.append(
            f"Of {len(table)} tests {what}, {(table['p'] < least).sum()} have p below {least:.2f}; "
            f"chance alone gives about {least * len(table):.0f}. After correction (false discovery "
            f"rate) {(table['adjusted'] < least).sum()} remain; the smallest corrected p is "
            f"{table['adjusted'].min():.2f}."
        )
    donors, tests = int(known["donors"].max()), len(known)
    words[0] += (
        f" With {donors} donors at most, no area can have a p below {1 / (donors + 1):.3f}: single "
        f"areas among {tests} tests could hardly ever pass."
    )
    whole = summed[summed["family"] == "all three"].set_index("kind")
    words.append(
        "All measures with a worse side taken as one score (0 is no change against other "
        "authorities, above it is worse): "
        + "; ".join(
            f"{kind} {signed(row['score'], 2)} standard deviations ({signed(row['low'], 2)} to "
            f"{signed(row['high'], 2)}; p {row['p']:.2f}, corrected {row['adjusted']:.2f})"
            for kind, row in whole.iterrows()
        )
        + "."
    )
    none = single[single["p"].isna()]
    reasons = none.groupby("why_not", sort=False)["area"].agg(lambda a: sorted(set(a)))
    words.append(
        "Not computable: "
        + "; ".join(
            f"{', '.join(places)} ({why}, {(none['why_not'] == why).sum()} measures)"
            for why, places in reasons.items()
        )
        + "."
    )
    return words
