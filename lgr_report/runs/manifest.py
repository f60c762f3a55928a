"""The manifests of an output folder: write that of a batch, prove that reports belong to theirs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lgr_report.page import phrases
from lgr_report.runs import area_crate, batch_crate, crates, provenance, publishing
from lgr_report.runs.crates import FILE, ManifestError
from lgr_report.runs.provenance import Run
from lgr_report.sources import tables

INDEX = "index.html"
OWN = {INDEX, FILE, "log.jsonl", "README.md"}  # what lies beside the areas' folders


@dataclass(frozen=True)
class Problem:
    """One thing in an output folder that is not as its manifest says; ``where`` is a path in it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


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
        inputs=provenance.of_the_code(),
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
    return batch is not None and not batch.errors and not _of_the_batch(outputs, batch)


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


def told(outputs: Path) -> list[str]:
    """Return which reports are there and what made them, a line an area."""
    lines = []
    for folder in reports(outputs):
        runs = area_crate.read(folder)
        made = sorted({_made_by(run) for run in runs})
        files = sum(len(run.outputs) for run in runs)
        days = sorted({run.ended[:10] for run in runs})
        when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        lines.append(
            f"{folder.name}: {phrases.count(files, 'file')} as made on {when} by {'; '.join(made)}"
        )
    return lines


def _made_by(run: Run) -> str:
    commit = f"commit {run.code.commit[:12]}" if run.code.commit else "a commit that is not known"
    changed = f" {crates.MODIFIED}" if run.code.modified else ""
    moving = "; what it was made from changed meanwhile" if run.key is None else ""
    return commit + changed + moving


def verify(outputs: Path) -> list[Problem]:
    """Return everything in an output folder that is not as the manifests say.

    Every page and notebook is held to its area's manifest, every manifest and the index page to
    that of the batch.

    Raises
    ------
    FileNotFoundError
        If the folder holds no manifest.
    """
    if not (outputs / FILE).exists():
        raise FileNotFoundError(f"{outputs / FILE} is missing: nothing was built here")
    found = []
    try:
        found += _of_the_batch(outputs, batch_crate.read(crates.read(outputs)))
    except ManifestError as error:
        found.append(Problem(FILE, str(error)))
    for folder in reports(outputs):
        found += _of_an_area(folder)
    return found


def _of_the_batch(outputs: Path, batch: batch_crate.Batch) -> list[Problem]:
    found = []
    listed = dict(batch.areas)
    for folder in outputs.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in listed:
            found.append(Problem(f"{folder.name}/", "no batch that ended has published it"))
        elif folder.is_file() and not folder.name.startswith(".") and folder.name not in OWN:
            found.append(Problem(folder.name, "not in the manifest"))
    for key, digest in listed.items():
        path = outputs / key / FILE
        if not path.exists():
            found.append(Problem(f"{key}/{FILE}", "missing"))
        elif provenance.sha256(path) != digest:
            found.append(Problem(f"{key}/{FILE}", "not the one of the last batch"))
    if batch.index:
        found += _file(outputs, INDEX, *batch.index)
    return found


def _of_an_area(folder: Path) -> list[Problem]:
    try:
        runs = area_crate.read(folder)
    except ManifestError as error:
        return [Problem(f"{folder.name}/{FILE}", str(error))]
    listed = {name: about for run in runs for name, about in run.outputs.items()}
    found = [
        Problem(f"{folder.name}/{path.name}", "not in the manifest")
        for path in sorted(folder.iterdir())
        if path.name not in {FILE, *listed}
    ]
    for name, about in sorted(listed.items()):
        found += _file(folder, name, *about, prefix=f"{folder.name}/")
    return found


def _file(folder: Path, name: str, digest: str, size: int, prefix: str = "") -> list[Problem]:
    path = folder / name
    if not path.is_file():
        return [Problem(f"{prefix}{name}", "missing")]
    if path.stat().st_size != size:
        return [Problem(f"{prefix}{name}", f"{path.stat().st_size} bytes, not {size}")]
    if provenance.sha256(path) != digest:
        return [Problem(f"{prefix}{name}", "changed since it was made")]
    return []
