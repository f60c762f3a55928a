"""The register in all 21 areas beside each other, for the national page."""

import pandas as pd

from lgr_report.page import phrases
from lgr_report.risk import residual, risks
from lgr_report.sources import areas


def ranges(overall: pd.DataFrame) -> pd.DataFrame:
    """Return the residual score of each risk of each area, a row an area, for a page.

    Parameters
    ----------
    overall : pandas.DataFrame
        As `uncertainty.all_areas` returns it.

    Returns
    -------
    pandas.DataFrame
        area, layer (computed, or how many risks it published), one column a risk: the range, or
        the score that was assessed; mean (median of the draws).
    """
    rows = []
    for area_id in areas.ids():
        seen = residual.view(area_id, published_only=True)
        shown = residual.shown(seen)
        done = int(overall.loc[area_id, "assessed"])
        layer = f"{phrases.count(done, 'risk')} assessed" if done else "implied, on assumptions"
        row = {"area": seen.name, "layer": layer, **shown["residual"]}
        rows.append(row | {"mean": overall.loc[area_id, "median"]})
    return pd.DataFrame(rows)


def exposures() -> pd.DataFrame:
    """Return the exposure to each risk of each area; risks without an indicator are left out."""
    frame = pd.DataFrame({areas.get(k).name: risks.exposure(k)["exposure"] for k in areas.ids()}).T
    frame = frame.dropna(axis=1, how="all").round().astype("Int64")
    return frame.rename_axis(None, axis=1).rename_axis("area").reset_index()


def in_words(chances: pd.DataFrame, overall: pd.DataFrame) -> list[str]:
    """Return what the areas beside each other say, in sentences computed from the draws."""
    first, last = overall["median"].idxmax(), overall["median"].idxmin()
    high, low = overall.loc[first], overall.loc[last]
    apart = [
        f"{row['name']}" for _, row in overall.drop(first).iterrows() if row["high"] < high["low"]
    ]
    often = chances["top_three"].groupby("risk_id", sort=False).mean()
    title = risks.register()["title"]
    published = int(overall["assessed"].gt(0).sum())
    return [
        f"By the middle of its draws {high['name']} has the highest mean residual score "
        f"({high['median']:.1f}) and {low['name']} the lowest ({low['median']:.1f}). Nine draws in "
        f"ten of the first lie between {high['low']:.1f} and {high['high']:.1f}; only "
        f"{phrases.count(len(apart), 'area')} of the other {len(overall) - 1} "
        f"{'lies' if len(apart) == 1 else 'lie'} wholly below: most areas cannot be told apart.",
        f"{often.idxmax()} ({title[often.idxmax()]}) is among the first three most often, in "
        f"{often.max():.0%} of draws over all areas.",
        f"{published} of {len(overall)} areas published an assessment."
        if published
        else "No area has published an assessment: every score here is implied.",
    ]
