"""Every number that is ours, from ``data/assumptions.csv``: its value and the range it may have."""

from collections.abc import Sequence

import pandas as pd

from lgr_report.sources import tables


def assumption(assumption_id: str) -> float:
    """Return one number that is ours."""
    table = tables.read("assumptions")
    values = dict(zip(table["assumption_id"], table["value"], strict=True))
    if assumption_id not in values:
        raise KeyError(f"no assumption {assumption_id!r} in data/assumptions.csv")
    return float(values[assumption_id])


def ranges(assumption_ids: Sequence[str]) -> pd.DataFrame:
    """Return low, value and high of assumptions, in the order given."""
    table = tables.read("assumptions").set_index("assumption_id")
    return table.loc[[*assumption_ids], ["low", "value", "high"]].astype(float)


def bounds(assumption_id: str) -> tuple[float, float, float]:
    """Return the low end, the value and the high end of one assumption."""
    return tuple(ranges([assumption_id]).iloc[0])
