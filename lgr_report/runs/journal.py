"""What a batch did, for machines: a line of JSON for each event, beside the words for people."""

import contextlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from lgr_report.page import phrases
from lgr_report.runs import provenance
from lgr_report.runs.records import BUILT, FAILED, UNCHANGED, Report

FILE = "log.jsonl"
LOGS = ("lgr_report", "forked_kernels")  # whose warnings are those of a run


class Journal:
    """Appends events to the log of an output folder. Lines of one batch share its ``batch``."""

    def __init__(self, outputs: Path):
        self.path = outputs / FILE
        self.started = provenance.now()
        self.batch = f"{self.started}/{os.getpid()}"

    def note(self, event: str, **about: object) -> None:
        """Write one event; a disk that is full stops no run."""
        line = {"at": provenance.now(), "batch": self.batch, "event": event, **about}
        with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    @contextlib.contextmanager
    def of_warnings(self) -> Iterator[None]:
        """Note the warnings of this process, which people are shown."""
        noted = logging.Handler(logging.WARNING)
        noted.emit = lambda record: self.note("warning", text=record.getMessage())
        both = (noted, logging.lastResort)  # Python's own, to stderr, gives way to any other
        pairs = [(log, handler) for log in map(logging.getLogger, LOGS) for handler in both]
        for log, handler in pairs:
            log.addHandler(handler)
        try:
            yield
        finally:
            for log, handler in pairs:
                log.removeHandler(handler)

    def report(self, report: Report) -> None:
        """Write what became of a report."""
        about = {"key": report.area, "seconds": round(report.seconds, 3)}
        about["in_cells"] = round(report.in_cells, 3)
        if report.error is not None:
            about["error"] = report.error
        if report.accidents:
            about["accidents"] = list(report.accidents)
        self.note(report.status, **about)


def summary(reports: list[Report], planned: int, seconds: float) -> str:
    """Return a batch in one line, fit for the subject of a mail."""
    by_status = {
        status: [report.area for report in reports if report.status == status]
        for status in (BUILT, UNCHANGED, FAILED)
    }
    parts = [f"{len(by_status[BUILT])} of {phrases.count(planned, 'report')} built"]
    if by_status[UNCHANGED]:
        parts.append(f"{len(by_status[UNCHANGED])} unchanged")
    if by_status[FAILED]:
        parts.append(f"{len(by_status[FAILED])} failed ({', '.join(by_status[FAILED])})")
    missing = planned - len(reports)
    if missing:
        parts.append(f"{missing} not reached")
    return f"lgr-report: {', '.join(parts)} in {seconds:.0f} s"
