"""Tables of senior staffing as a page shows them, made from the frames of a study."""

from functools import partial

import numpy as np
import pandas as pd

from lgr_report.page.cells import Table
from lgr_report.page.phrases import millions, number, ranged, styled
from lgr_report.sources.assumptions import assumption

whole_millions = partial(millions, digits=0)
tenths = partial(styled, style="£{:,.1f}m")
two_digits = partial(number, digits=2)


def change(value: float, low: float, high: float) -> str:
    """Return a change in GBP million with its interval, or that there is none."""
    if np.isnan(value):
        return "not available"
    return "no change" if value == low == high == 0 else ranged(value, low, high, tenths)


def _changes(table: pd.DataFrame, name: str) -> list[str]:
    columns = [table[name], table[f"{name}_low"], table[f"{name}_high"]]
    return [change(*row) for row in zip(*columns, strict=True)]


def statements(statements: pd.DataFrame) -> Table:
    """Return `calibration.statements` as the table behind its chart."""
    headings = {
        "definition": "Definition",
        "band": "Band",
        "population": "average residents",
        "authorities": "authorities that cover the areas",
        "additional": "more than today",
        "posts_low_each": "posts each, least",
        "posts_high_each": "posts each, most",
        "cost_each": "£m a year each",
    }
    caption = "What the published totals imply for one authority"
    formats = {"population": "{:,.0f}", "cost_each": "{:.2f}"}
    return Table(statements[[*headings]], caption, formats, headings)


def elasticities(elasticities: pd.DataFrame) -> pd.DataFrame:
    """Return `overheads.elasticities` for a page."""
    rows = [*elasticities.itertuples()]
    return pd.DataFrame(
        {
            "spend": elasticities["series"],
            "sample": elasticities["sample"],
            "authorities": elasticities["authorities"],
            f"elasticity, {assumption('interval_level'):.0%} interval": [
                ranged(r.value, r.low, r.high, two_digits) for r in rows
            ],
            "p of proportional": elasticities["p_proportional"].map("{:.2f}".format),
            "moved most by leaving out": [f"{r.mover}: {r.without:.2f}" for r in rows],
        }
    )


def robustness(fits: pd.DataFrame) -> pd.DataFrame:
    """Return `robustness.fits` for a page."""
    return pd.DataFrame(
        {
            "fit": fits["fit"],
            "region held": fits["region"].map({True: "yes", False: "no"}),
            "authorities": fits["authorities"],
            f"elasticity, {assumption('interval_level'):.0%} interval": [
                ranged(r.value, r.low, r.high, two_digits) for r in fits.itertuples()
            ],
            "a larger authority": fits["answer"],
        }
    )


def divisions(divisions: pd.DataFrame) -> pd.DataFrame:
    """Return `posts.of_divisions` for a page."""
    return pd.DataFrame(
        {
            "division": divisions["name"],
            "authorities": divisions["authorities"],
            "statutory directors": divisions["directors"].map("{:.0f}".format),
            "senior posts, change": [
                ranged(r.posts, r.posts_low, r.posts_high, partial(number, digits=0))
                for r in divisions.itertuples()
            ],
            "cost a year, change (calibrated)": _changes(divisions, "cost"),
            "spend on running services today": [
                "not available" if np.isnan(each) else whole_millions(each)
                for each in divisions["spend"]
            ],
            "its change by elasticity": _changes(divisions, "implied"),
        }
    )


def bands(bands: pd.DataFrame) -> pd.DataFrame:
    """Return published, calibrated and implied figures of each band for a page."""
    whole = partial(number, digits=0)
    return pd.DataFrame(
        {
            "band": bands["band"],
            "authorities more than today": bands["additional"].map(number),
            "published posts": _or_fall(bands["published_posts"], whole),
            "published cost a year": _or_fall(bands["published_cost"], whole_millions),
            "calibrated posts": [
                ranged(r.posts, r.posts_low, r.posts_high, whole) for r in bands.itertuples()
            ],
            "calibrated cost a year": _changes(bands, "cost"),
            "running services, by elasticity": _changes(bands, "implied"),
        }
    )


def _or_fall(values: pd.Series, form: partial) -> list[str]:
    return ["net fall" if np.isnan(value) else form(value) for value in values]
