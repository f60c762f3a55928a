"""``python -m lgr_report.cli``."""

from lgr_report.cli import main

if __name__ == "__main__":
    main()
