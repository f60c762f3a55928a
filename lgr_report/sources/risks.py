"""What each risk of the register is called."""

import pandas as pd

from lgr_report.sources import tables


def titles() -> pd.Series:
    """Return the title of each risk by risk_id: its name in the source, else our label."""
    risks = tables.read("risks").set_index("risk_id")
    return risks["name"].fillna(risks["our_label"]).rename("title")
