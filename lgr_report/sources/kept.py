"""The folder that outlives a process: national results, and which tables were found valid.

In a clone it is there without being named: the first kernel that needs a national fit leaves it for
every other, and tables that a build or `lgr-report check` found valid are not validated again. What
lies there is found by content.
"""

import contextlib
import os
from pathlib import Path

FOLDER = "LGR_REPORT_KEPT"  # environment: names another folder; empty: nothing is to be kept
ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".national_results"


def folder() -> Path | None:
    """Return the folder; None where there is none, or none that can be written."""
    named = os.environ.get(FOLDER)
    if named is not None:
        return Path(named) if named and Path(named).is_dir() else None
    with contextlib.suppress(OSError):
        if (ROOT / "pyproject.toml").exists():
            HOME.mkdir(exist_ok=True)
            return HOME
    return None
