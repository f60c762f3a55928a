"""Dates that are data."""

import pandas as pd

# Families First Partnership, as in the register.
DATES = {"families_first_deadline": "2027-03-31"}


def day_of(date_id: str) -> pd.Timestamp:
    """Return a date by its identifier."""
    return pd.Timestamp(DATES[date_id])
