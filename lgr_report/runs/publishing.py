"""Put finished reports in the place of the last ones, whole or not at all."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

BUILDING, PREVIOUS = ".building-", ".previous-"
KINDS = (".html", ".ipynb")  # of what is published for a notebook


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


def write_index(outputs: Path, errors: Mapping[str, str] | None = None) -> Path:
    """Write ``index.html``: the 21 areas with key figures, and links to what is published.

    ``errors`` says of areas whose last run failed why.
    """
    from lgr_report.across import overview
    from lgr_report.page import pages

    path = outputs / "index.html"
    write_text(path, pages.render("index.html.j2", **overview.index(outputs, dict(errors or {}))))
    return path


def pages_beside(published: Path, running: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the names of the pages that an area will have once some notebooks have run.

    Parameters
    ----------
    published : Path
        Folder of the area's last good report; it need not exist.
    running : iterable of str
        Names of the notebooks that run.
    known : iterable of str
        Names of all notebooks; a page of another is dropped.
    """
    kept = {page.stem for page in published.glob("*.html")} & set(known)
    return sorted(kept | set(running))


def take_along(published: Path, folder: Path, names: Iterable[str]) -> None:
    """Copy the last good pages, and executed notebooks, of some names into a new folder."""
    for name in names:
        for kind in KINDS:
            file = published / f"{name}{kind}"
            if file.exists():
                shutil.copy2(file, folder)
