"""Tables of senior staffing as a page shows them, made from the frames of a study."""

from collections.abc import Sequence
from functools import partial

import pandas as pd

from lgr_report.page.phrases import millions, ranged
from lgr_report.sources.assumptions import assumption

pounds = partial(millions, digits=1)


def change(value: float, low: float, high: float) -> str:
    """Return a change in GBP million with its interval, as a table has it."""
    if pd.isna(value):
        return "not available"
    return "no change" if value == low == high == 0 else ranged(value, low, high, pounds)


def _changes(frame: pd.DataFrame, name: str) -> list[str]:
    columns = [name, f"{name}_low", f"{name}_high"]
    return [change(*row) for row in frame[columns].itertuples(index=False)]


def _posts(frame: pd.DataFrame, style: str) -> list[str]:
    rows: Sequence = [*frame[["posts", "posts_low", "posts_high"]].itertuples(index=False)]
    return [ranged(*row, style.format) for row in rows]


def divisions(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `divisions.of_area` for a page."""
    return pd.DataFrame(
        {
            "division": frame["name"],
            "authorities": frame["authorities"],
            "statutory directors": frame["directors"].map("{:.0f}".format),
            "senior posts, change": _posts(frame, "{:.0f}"),
            "cost a year, change (calibrated)": _changes(frame, "cost"),
            "spend on running services today": [
                "not available" if pd.isna(spend) else millions(spend, 0)
                for spend in frame["spend"]
            ],
            "its change by elasticity": _changes(frame, "implied"),
        }
    )


def bands(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `calibration.bands` for a page."""

    def published(column: str, style: str) -> list[str]:
        return ["net fall" if pd.isna(n) else style.format(n) for n in frame[column]]

    return pd.DataFrame(
        {
            "band": frame["band"],
            "authorities more than today": frame["additional"].map("{:.1f}".format),
            "published posts": published("published_posts", "{:,.0f}"),
            "published cost a year": published("published_cost", "£{:,.0f}m"),
            "calibrated posts": _posts(frame, "{:,.0f}"),
            "calibrated cost a year": _changes(frame, "cost"),
            "running services, by elasticity": _changes(frame, "implied"),
        }
    ).replace("-", "−", regex=True)


def elasticities(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `overheads.elasticities` for a page."""
    rows = [*frame.itertuples()]
    return pd.DataFrame(
        {
            "spend": frame["series"],
            "sample": frame["sample"],
            "authorities": frame["authorities"],
            f"elasticity, {assumption('interval_level'):.0%} interval": [
                f"{r.value:.2f} ({r.low:.2f} to {r.high:.2f})" for r in rows
            ],
            "p of proportional": frame["p_proportional"].map("{:.2f}".format),
            "moved most by leaving out": [f"{r.mover}: {r.without:.2f}" for r in rows],
        }
    )
