"""One build that all tests share: three very different areas and the whole country.

It is made by the command itself and stays for the next run, which makes again only what changed.
LGR_REPORT_TEST_REPORTS names another folder for it.
"""

import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock
from plain import ROOT, THREE

from lgr_report.runs import plan

REPORTS = Path(os.environ.get("LGR_REPORT_TEST_REPORTS") or ROOT / ".test_reports")
KEYS = (*THREE, plan.NATIONAL)
# What is compared with golden notebooks: every notebook once, what differs most between areas for
# all three.
EVERYWHERE = ("county_report", "risks", "maturity")
GOLDEN = [
    *((path.stem, THREE[0]) for path in plan.notebooks("area")),
    *((name, area_id) for area_id in THREE[1:] for name in EVERYWHERE),
    *((path.stem, plan.NATIONAL) for path in plan.notebooks("national")),
]


def build(run: Path | None = None) -> str:
    """Build what is stale; return what went wrong, or nothing.

    Of the processes that share a folder ``run`` only the first builds, while the others wait.
    """
    with FileLock(f"{REPORTS}.lock"):
        ended = None if run is None else run / "reports"
        if ended is not None and ended.exists():
            return ended.read_text(encoding="utf-8")
        command = [sys.executable, "-m", "lgr_report.cli", "build", *KEYS, "--outputs", REPORTS]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        wrong = "" if done.returncode == 0 else done.stdout + done.stderr
        if ended is not None:
            ended.write_text(wrong, encoding="utf-8")
        return wrong
