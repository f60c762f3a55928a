"""Put finished reports in the place of the last ones, whole or not at all."""

import shutil
from collections.abc import Iterable
from pathlib import Path

BUILDING, PREVIOUS = ".building-", ".previous-"
KINDS = (".html", ".ipynb")  # of what is published for a notebook
LITTER = {"Thumbs.db", "desktop.ini"}  # what systems leave in any folder that was looked at


def counts(name: str) -> bool:
    """Return whether a file is somebody's work: not hidden, no lock of an editor, no litter."""
    return not name.startswith((".", "~$")) and name not in LITTER


def publish(folder: Path, destination: Path) -> None:
    """Put a finished folder in the place of the last one.

    Two renames on one file system: if the second fails, or the run is stopped between them, the
    first is undone.
    """
    previous = destination.with_name(f"{PREVIOUS}{destination.name}")
    shutil.rmtree(previous, ignore_errors=True)
    kept = destination.exists()
    try:
        if kept:
            destination.rename(previous)
        folder.chmod(0o755)  # mkdtemp makes folders that only their owner can read
        folder.rename(destination)
    except BaseException:
        if previous.exists() and not destination.exists():
            previous.rename(destination)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def restore(outputs: Path) -> None:
    """Clean up after a killed run: put back a folder that was moved aside, drop the rest."""
    for previous in outputs.glob(f"{PREVIOUS}*"):
        destination = previous.with_name(previous.name.removeprefix(PREVIOUS))
        if destination.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(destination)
    for folder in outputs.glob(f"{BUILDING}*"):
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it finds the old text or the new."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def take_along(published: Path, folder: Path, names: Iterable[str]) -> None:
    """Copy the last good pages, and executed notebooks, of some names into a new folder."""
    for name in names:
        for kind in KINDS:
            file = published / f"{name}{kind}"
            if file.exists():
                shutil.copy2(file, folder)
