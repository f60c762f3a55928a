"""One run at a time on one output folder."""

import contextlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

LOCK, HOLDER = ".lock", ".lock.json"


class BusyError(RuntimeError):
    """Another run holds the output folder."""


@contextlib.contextmanager
def hold(outputs: Path) -> Iterator[None]:
    """Hold an output folder for this process, or say who does.

    The system lets go of the lock when its holder ends, however it ends.

    Raises
    ------
    BusyError
        Naming the process that holds the folder, and since when.
    """
    lock = FileLock(outputs / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(
            f"{outputs} is in use by {_holder(outputs)}: wait for it to end, or publish elsewhere "
            "with --outputs"
        ) from None
    try:
        about = {"pid": os.getpid(), "since": datetime.now().astimezone().isoformat()}
        with contextlib.suppress(OSError):  # a full disk: the lock holds, it only cannot say who
            (outputs / HOLDER).write_text(json.dumps(about), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            (outputs / HOLDER).unlink(missing_ok=True)
        lock.release()


def _holder(outputs: Path) -> str:
    try:
        about = json.loads((outputs / HOLDER).read_text(encoding="utf-8"))
        since = datetime.fromisoformat(about["since"])
        return f"process {about['pid']:d} since {since:%H:%M} on {since.day} {since:%B %Y}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run that has only just begun"
