"""What a batch did, for machines: a line of JSON for each event, beside the words for people."""

import contextlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from lgr_report.page import phrases
from lgr_report.runs import provenance
from lgr_report.runs.batch import BUILT, FAILED, UNCHANGED, Result

FILE = "log.jsonl"


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
        log, noted = logging.getLogger("lgr_report"), logging.Handler(logging.WARNING)
        noted.emit = lambda record: self.note("warning", text=record.getMessage())
        both = (noted, logging.lastResort)  # Python's own, to stderr, gives way to any other
        for handler in both:
            log.addHandler(handler)
        try:
            yield
        finally:
            for handler in both:
                log.removeHandler(handler)

    def result(self, result: Result) -> None:
        """Write what became of a report."""
        about = {"key": result.key, "seconds": round(result.seconds, 3)}
        about["in_cells"] = round(result.in_cells, 3)
        if result.error is not None:
            about["error"] = result.error
        if result.accidents:
            about["accidents"] = list(result.accidents)
        self.note(result.status, **about)


def summary(results: list[Result], planned: int, seconds: float) -> str:
    """Return a batch in one line, fit for the subject of a mail."""
    keys = {
        status: [result.key for result in results if result.status == status]
        for status in (BUILT, UNCHANGED, FAILED)
    }
    parts = [f"{len(keys[BUILT])} of {phrases.count(planned, 'report')} built"]
    if keys[UNCHANGED]:
        parts.append(f"{len(keys[UNCHANGED])} unchanged")
    if keys[FAILED]:
        parts.append(f"{len(keys[FAILED])} failed ({', '.join(keys[FAILED])})")
    missing = planned - len(results)
    if missing:
        parts.append(f"{missing} not reached")
    return f"lgr-report: {', '.join(parts)} in {seconds:.0f} s"
