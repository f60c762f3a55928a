"""Run ``lgr-report`` on the notebooks of another folder: driver.py FOLDER ARGUMENTS..."""

import os
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    # Tests that run in the background of a shell pass on that these are ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

    from lgr_report import cli
    from lgr_report.runs import plan
    from lgr_report.sources import tables

    plan.NOTEBOOKS = Path(sys.argv[1])
    os.environ[tables.VALIDATED] = tables.fingerprint()  # other tests validate them
    sys.argv = ["lgr-report", *sys.argv[2:]]
    cli.main()
