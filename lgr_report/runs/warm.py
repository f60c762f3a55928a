"""What the process that kernels are forked from holds: the library, the tables, demand of England.

Every page needs them. A forked kernel finds modules as a fresh one does after importing them, and
results that nobody may change; what one page did reaches no other.
"""

import importlib
import pkgutil

import lgr_report
from lgr_report.core import demand
from lgr_report.sources import reading, tables

RUNNER = ("lgr_report.runs", "lgr_report.cli")  # no notebook imports them


def load() -> None:
    """Import every module that a notebook may, read the tables, take demand from the batch."""
    for module in pkgutil.walk_packages(lgr_report.__path__, "lgr_report."):
        if not module.name.startswith(RUNNER):
            importlib.import_module(module.name)
    for name in tables.names():
        tables.read(name)
    demand.of_england()
    reading.forget()  # a page names what it reads itself
