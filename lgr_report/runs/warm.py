"""What the process that kernels are forked from holds: the library, the tables, demand of England.

Every page needs them. A forked kernel finds modules as a fresh one does after importing them, and
results that nobody may change; what one page did reaches no other.
"""

import importlib

from lgr_report.core import demand
from lgr_report.sources import library, reading, tables

RUNNER = ("lgr_report.runs", "lgr_report.cli")  # no notebook imports them


def load() -> None:
    """Import every module that a notebook may, read the tables, take demand from the batch."""
    for name in library.AT_START.files:
        if not name.startswith(RUNNER):
            importlib.import_module(name)
    for name in tables.names():
        tables.read(name)
    demand.of_england()
    reading.forget()  # a page names what it reads itself
