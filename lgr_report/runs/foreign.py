"""What in an output folder is not ours: it is never deleted and never written over."""

import json
from pathlib import Path

from lgr_report.runs import crates, manifest, publishing
from lgr_report.runs.plan import notebooks


class ForeignFolderError(ValueError):
    """A folder that holds what no run of ours put there."""


def check_folder(outputs: Path) -> None:
    """Check that a folder is one we may publish into: new, empty, or published into before.

    Raises
    ------
    ForeignFolderError
        Naming what it holds.
    """
    if not outputs.is_dir() or _is_ours(outputs):
        return
    others = sorted(path.name for path in outputs.iterdir() if publishing.counts(path.name))
    others = [name for name in others if name != "README.md"]
    if others:
        raise ForeignFolderError(
            f"{outputs} holds what lgr-report did not make ({_few(others)}): name an empty folder "
            "with --outputs, or one that it has published into"
        )


def check_area(published: Path) -> None:
    """Check that the folder of an area holds nothing but pages of ours, before it is replaced.

    Raises
    ------
    ForeignFolderError
        Naming what else it holds.
    """
    if not published.is_dir():
        return
    ours = {manifest.FILE, crates.FILE}
    ours |= {f"{path.stem}{kind}" for path in notebooks() for kind in publishing.KINDS}
    ours |= _listed(published)
    there = {path.name for path in published.iterdir() if publishing.counts(path.name)}
    others = sorted(there - ours)
    if others:
        raise ForeignFolderError(
            f"{published} holds what lgr-report did not make ({_few(others)}): move it elsewhere, "
            "or it would be lost with the report that is replaced"
        )


def _is_ours(outputs: Path) -> bool:
    """Return whether a run of ours has begun or ended here."""
    if manifest.last_batch(outputs) is not None or any(map(_listed, manifest.reports(outputs))):
        return True
    try:
        with (outputs / "log.jsonl").open(encoding="utf-8") as log:
            return "event" in json.loads(log.readline())
    except (OSError, ValueError, TypeError):
        return False


def _listed(published: Path) -> set[str]:
    """Return the names of what the last run made: a notebook may have gone since."""
    try:
        return manifest.files(manifest.read(manifest.Published, published))
    except manifest.ManifestError:
        return set()


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
