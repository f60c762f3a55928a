"""The manifests of an output folder: write that of a batch, prove that reports belong to theirs."""

import os
from collections.abc import Mapping
from pathlib import Path

from lgr_report.page import phrases
from lgr_report.runs import area_crate, batch_crate, crates, provenance, publishing
from lgr_report.runs.crates import FILE, ManifestError
from lgr_report.runs.records import Page
from lgr_report.sources import tables

INDEX = "index.html"
OWN = {INDEX, FILE, "log.jsonl", "README.md"}  # what lies beside the areas' folders


def write(
    outputs: Path, started: str, errors: Mapping[str, str], asked: Mapping[str, object]
) -> Path:
    """Write the manifest of a batch that has just ended; return its path.

    Parameters
    ----------
    outputs : Path
        The output folder, with the reports of this batch and of earlier ones.
    started : str
        When the batch began.
    errors : mapping
        Why an area failed, by area.
    asked : mapping
        The areas, notebooks and parameters of the command, by name.
    """
    index = outputs / INDEX
    valid = os.environ.get(tables.VALIDATED)
    batch = batch_crate.Batch(
        areas={folder.name: provenance.sha256(folder / FILE) for folder in reports(outputs)},
        index=(provenance.sha256(index), index.stat().st_size) if index.exists() else None,
        errors={key: " ".join(why.split()) for key, why in errors.items()},
        started=started,
        ended=provenance.now(),
        code=provenance.code(),
        environment=provenance.environment(),
        tables=valid if valid == tables.fingerprint() else None,
        inputs=provenance.code_inputs(),
        asked=asked,
    )
    path = outputs / FILE
    publishing.write_text(path, crates.text(batch_crate.crate(batch)))
    return path


def reports(outputs: Path) -> list[Path]:
    """Return the folders of an output folder that have a manifest."""
    return sorted(path.parent for path in outputs.glob(f"*/{FILE}"))


def read(outputs: Path) -> batch_crate.Batch | None:
    """Return the last batch, or nothing where no manifest can be read."""
    try:
        return batch_crate.read(crates.read(outputs))
    except (OSError, ManifestError):
        return None


def is_current(outputs: Path) -> bool:
    """Return whether the manifest of the last batch fits the folder, and that batch went well."""
    batch = read(outputs)
    return batch is not None and not batch.errors and not _problems_of_batch(outputs, batch)


def take_tables_as_valid(outputs: Path) -> bool:
    """Take the tables as valid if the last batch here found the same tables valid.

    The same by content, with the same packages; their contract is part of the content.
    """
    batch = read(outputs)
    same = (
        batch is not None
        and batch.tables == tables.fingerprint()
        and batch.environment == provenance.environment()
    )
    if same:
        os.environ[tables.VALIDATED] = batch.tables
    return same


def origins(outputs: Path) -> list[str]:
    """Return which reports are there and what made them, a line an area."""
    lines = []
    for folder in reports(outputs):
        pages = area_crate.read(folder)
        made_by = sorted({_made_by(page) for page in pages})
        files = phrases.count(sum(len(page.outputs) for page in pages), "file")
        days = sorted({page.ended[:10] for page in pages})
        when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        lines.append(f"{folder.name}: {files} as made on {when} by {'; '.join(made_by)}")
    return lines


def _made_by(page: Page) -> str:
    code = page.code
    commit = f"commit {code.commit[:12]}" if code.commit else "a commit that is not known"
    changed = f" {crates.MODIFIED}" if code.modified else ""
    moving = "; what it was made from changed meanwhile" if page.key is None else ""
    return commit + changed + moving


def problems(outputs: Path) -> list[str]:
    """Return everything in an output folder that is not as the manifests say, with its path.

    Every page and notebook is held to its area's manifest, every manifest and the index page to
    that of the batch.

    Raises
    ------
    FileNotFoundError
        If the folder holds no manifest.
    """
    if not (outputs / FILE).exists():
        raise FileNotFoundError(f"{outputs / FILE} is missing: nothing was built here")
    try:
        lines = _problems_of_batch(outputs, batch_crate.read(crates.read(outputs)))
    except ManifestError as error:
        lines = [f"{FILE}: {error}"]
    for folder in reports(outputs):
        lines += _problems_of_area(folder)
    return lines


def _problems_of_batch(outputs: Path, batch: batch_crate.Batch) -> list[str]:
    problems = []
    for path in outputs.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir() and path.name not in batch.areas:
            problems.append(f"{path.name}/: no batch that ended has published it")
        elif path.is_file() and path.name not in OWN:
            problems.append(f"{path.name}: not in the manifest")
    for area, digest in batch.areas.items():
        path = outputs / area / FILE
        if not path.exists():
            problems.append(f"{area}/{FILE}: missing")
        elif provenance.sha256(path) != digest:
            problems.append(f"{area}/{FILE}: not the one of the last batch")
    return problems + (_problems_of_file(outputs, INDEX, *batch.index) if batch.index else [])


def _problems_of_area(folder: Path) -> list[str]:
    try:
        pages = area_crate.read(folder)
    except ManifestError as error:
        return [f"{folder.name}/{FILE}: {error}"]
    listed = {name: about for page in pages for name, about in page.outputs.items()}
    problems = [
        f"{folder.name}/{path.name}: not in the manifest"
        for path in sorted(folder.iterdir())
        if path.name not in {FILE, *listed}
    ]
    for name, about in sorted(listed.items()):
        problems += _problems_of_file(folder.parent, f"{folder.name}/{name}", *about)
    return problems


def _problems_of_file(outputs: Path, name: str, digest: str, size: int) -> list[str]:
    path = outputs / name
    if not path.is_file():
        return [f"{name}: missing"]
    if path.stat().st_size != size:
        return [f"{name}: {path.stat().st_size} bytes, not {size}"]
    return [] if provenance.sha256(path) == digest else [f"{name}: changed since it was made"]
