"""Tables of options as a page shows them."""

from collections.abc import Mapping

import pandas as pd

from lgr_report.chapters.options.study import EVERY
from lgr_report.core.scores import METRICS
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
    for metric, label in METRICS.items():
        place = _filled(table[f"{metric}_percentile"], ", {:.0f}", ", no place")
        shown[f"{label}: spread, percentile"] = (
            _filled(table[metric], "{:.0%}", "") + place
        ).where(table[metric].notna(), "–")
    beaten_by = _filled(table["beaten_by"], "{:,.0f}")
    shown["options at least as good on all three counts, better on one"] = beaten_by
    return shown.assign(note=table["note"].fillna(""))


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
                    "demand spread": percent(row["people"]),
                }
            )
    return pd.DataFrame(rows)


def sensitivity(table: pd.DataFrame) -> pd.DataFrame:
    """Return `Study.sensitivity` for a page: percentiles, or a dash where there is none."""
    names = {"name": "proposal", "n_unitaries": "unitaries"}
    shown = table.drop(columns="proposal_id").rename(columns=names)
    places = shown.columns[len(names) :]
    return shown.assign(**{column: _filled(shown[column], "{:.0f}") for column in places})
