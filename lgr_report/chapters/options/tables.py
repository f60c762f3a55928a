"""Tables of options as a page shows them."""

from collections.abc import Mapping

import pandas as pd

from lgr_report.chapters.options import places
from lgr_report.chapters.options.study import EVERY
from lgr_report.core.scores import DRAWN, METRICS
from lgr_report.page.phrases import percent


def _filled(column: pd.Series, style: str, missing: str | pd.Series = "–") -> pd.Series:
    """Return numbers in a style, and something else where there is none."""
    return column.map(style.format).where(column.notna(), missing)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return `Study.counts` for a page."""
    shown = table.rename(
        index={EVERY: "land, tidal water and ferries"},
        columns=lambda k: f"{k} {'unitary' if k == 1 else 'unitaries'}",
    )
    return shown.rename_axis("links").reset_index()


def standings(table: pd.DataFrame) -> pd.DataFrame:
    """Return `Study.standings` for a page."""
    shown = pd.DataFrame({"proposal": table["name"], "unitaries": table["n_unitaries"]})
    shown["options of that number"] = table["others"]
    shown["smallest unitary"] = _filled(table["smallest"], "{:,.0f}", "not computable")
    placed = table["note"].isna()
    for metric, label in METRICS.items():
        place = _places(table, metric).where(placed, "no place")
        spread = _filled(table[metric], "{:.0%}", "")
        known = table[metric].notna()
        shown[f"{label}: spread, percentile"] = (spread + ", " + place).where(known, "–")
    shown["of these, options of acceptable size"] = (
        table["meeting"].map("{:,}".format).where(placed, "–")
    )
    shown["of acceptable size itself"] = (
        table["meets"].map({True: "yes", False: "no"}).where(placed, "–")
    )
    for metric, label in METRICS.items():
        among = table[f"{metric}_meeting"].map(places.place)
        if metric in DRAWN:
            among = table.apply(places.meeting, axis=1, args=(metric,))
        shown[f"{label}: percentile among those"] = among
    for by, column in (("people", "beaten_by"), ("spend", "beaten_by_spend")):
        shown[f"central estimates: options as good on all three counts, better on one, by {by}"] = (
            _filled(table[column], "{:,.0f}")
        )
    return shown.assign(note=table["note"].fillna(""))


def _places(table: pd.DataFrame, metric: str) -> pd.Series:
    """Return each proposal's percentile; for demand, which is estimated, with its interval."""
    if metric not in DRAWN:
        return table[f"{metric}_percentile"].map(places.place)
    return table.apply(places.drawn, axis=1, args=(metric,))


def fronts(by_size: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return `Study.fronts` for a page: a row an option that no other beats."""
    rows = []
    for k, front in by_size.items():
        for row in front.to_dict("records"):
            councils = (f"({i}) {row[f'unitary_{i}']}" for i in range(1, k + 1))
            rows.append(
                {
                    "unitaries": k,
                    "councils of each": "; ".join(councils),
                    "smallest unitary": row["smallest"],
                    "population spread": percent(row["population"]),
                    "demand spread by people": percent(row["people"]),
                    "demand spread by spend": percent(row["spend"]),
                    "not beaten, on central estimates": row["unbeaten"],
                    "of acceptable size": "yes" if row["meets"] else "no",
                }
            )
    return pd.DataFrame(rows)


def sensitivity(table: pd.DataFrame) -> pd.DataFrame:
    """Return `Study.sensitivity` for a page: percentiles, or a dash where there is none."""
    names = {"name": "proposal", "n_unitaries": "unitaries"}
    shown = table.drop(columns="proposal_id").rename(columns=names)
    columns = shown.columns[len(names) :]
    return shown.assign(**{column: shown[column].map(places.place) for column in columns})
