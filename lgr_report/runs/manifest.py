"""The manifests of an output folder, ``manifest.json``: what was made of what, and the proof.

An area's folder has one of its pages, the output folder one of the last batch: a `Published` and a
`Batch` as plain JSON. Beside each lies the same as RO-Crate, which we only write.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import TypeVar, get_args, get_origin

from lgr_report.page import phrases
from lgr_report.runs import crates, provenance, publishing
from lgr_report.runs.records import Batch, Page, Published
from lgr_report.sources import tables

FILE, INDEX = crates.MANIFEST, "index.html"
OWN = {INDEX, FILE, crates.FILE, "log.jsonl", "README.md"}  # what lies beside the areas' folders
VERSION = 1
HOW_IT_WENT = {"error", "accidents", "seconds", "in_cells"}  # of a page: in the log, not here
SHARED = "inputs_of_all_pages"  # most inputs are; each is written once

Record = TypeVar("Record", Published, Batch)


class ManifestError(ValueError):
    """A manifest that is missing, damaged, or written by something else or something newer."""


def write_area(folder: Path, area: str, name: str, pages: Iterable[Page]) -> None:
    """Write the manifest, and the crate, of the pages in an area's folder."""
    pages = tuple(sorted(pages, key=lambda page: page.name))
    _write(folder, Published(area, name, pages, provenance.licences()))


def write(
    outputs: Path, started: str, errors: Mapping[str, str], asked: Mapping[str, object]
) -> None:
    """Write the manifest, and the crate, of a batch that has just ended.

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
    made = [path for path in (outputs / INDEX, *sorted(outputs.glob(f"*/{FILE}"))) if path.exists()]
    valid = os.environ.get(tables.VALIDATED)
    batch = Batch(
        outputs={path.relative_to(outputs).as_posix(): provenance.of_file(path) for path in made},
        errors={key: " ".join(why.split()) for key, why in errors.items()},
        started=started,
        ended=provenance.now(),
        code=provenance.code(),
        environment=provenance.environment(),
        tables=valid if valid == tables.fingerprint() else None,
        inputs=provenance.code_inputs(),
        asked=asked,
    )
    _write(outputs, batch)


def _write(folder: Path, made: Published | Batch) -> None:
    publishing.write_text(folder / FILE, text(made))
    publishing.write_text(folder / crates.FILE, crates.text(made))


def text(made: Published | Batch) -> str:
    """Return a manifest as the text of its file."""
    plain = {"version": VERSION, **asdict(made)}
    if isinstance(made, Published):
        pages = [{k: v for k, v in page.items() if k not in HOW_IT_WENT} for page in plain["pages"]]
        shared = set.intersection(*(set(page["inputs"].items()) for page in pages)) if pages else ()
        for page in pages:
            page["inputs"] = dict(sorted(page["inputs"].items() - shared))
        plain |= {"pages": pages, SHARED: dict(sorted(shared))}
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read(kind: type[Record], folder: Path) -> Record:
    """Return what the manifest of a folder tells.

    Parameters
    ----------
    kind : type
        `Published` for an area's folder, `Batch` for the output folder.
    folder : Path
        Where it lies.

    Raises
    ------
    ManifestError
        If there is none, or none of ours.
    """
    try:
        plain = json.loads((folder / FILE).read_text(encoding="utf-8"))
        version = plain.pop("version")
        if version == VERSION:
            for page in plain.get("pages", ()):
                page["inputs"] |= plain[SHARED]
            plain.pop(SHARED, None)
            return _record(kind, plain)
        reason = f"is of version {version!r}, which this lgr-report cannot read"
    except FileNotFoundError as error:
        raise ManifestError("is missing") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reason = f"is damaged ({type(error).__name__}: {error})"
    raise ManifestError(f"{reason}: build again with --force")


def _record(kind: object, plain: object) -> object:
    """Return plain JSON as the record, or the part of one, that a type says it is."""
    outer, inner = get_origin(kind), get_args(kind)
    if kind is object or type(plain) is kind:
        return plain
    if is_dataclass(kind) and isinstance(plain, dict):
        kinds = {part.name: part.type for part in fields(kind) if part.name not in HOW_IT_WENT}
        if kinds.keys() != plain.keys():
            raise ValueError(f"{kind.__name__}: {', '.join(sorted(kinds.keys() ^ plain.keys()))}")
        return kind(**{name: _record(kinds[name], value) for name, value in plain.items()})
    if outer is Mapping and isinstance(plain, dict):
        return {name: _record(inner[1], value) for name, value in plain.items()}
    if outer is tuple and isinstance(plain, list):
        kinds = inner[:1] * len(plain) if inner[-1] is Ellipsis else inner
        return tuple(_record(*both) for both in zip(kinds, plain, strict=True))
    if outer is UnionType:  # with None
        return None if plain is None else _record(inner[0], plain)
    raise ValueError(f"{plain!r:.40} where {kind} should be")


def files(made: Published) -> set[str]:
    """Return the names of all files that an area's folder should hold."""
    return {FILE, crates.FILE, *made.outputs}


def reports(outputs: Path) -> list[Path]:
    """Return the folders of an output folder that have a manifest."""
    return sorted(path.parent for path in outputs.glob(f"*/{FILE}"))


def last_batch(outputs: Path) -> Batch | None:
    """Return the last batch, or nothing where no manifest can be read."""
    with contextlib.suppress(ManifestError):
        return read(Batch, outputs)
    return None


def is_current(outputs: Path) -> bool:
    """Return whether the manifest of the last batch fits the folder, and that batch went well."""
    batch = last_batch(outputs)
    return batch is not None and not batch.errors and not _problems_of_batch(outputs, batch)


def origins(outputs: Path) -> list[str]:
    """Return which reports are there and what made them, a line an area."""
    lines = []
    for folder in reports(outputs):
        made = read(Published, folder)
        made_by = sorted({_made_by(page) for page in made.pages})
        days = sorted({page.ended[:10] for page in made.pages})
        when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        what = phrases.count(len(made.outputs), "file")
        lines.append(f"{folder.name}: {what} as made on {when} by {'; '.join(made_by)}")
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
    that of the batch, every crate to the manifest beside it.

    Raises
    ------
    FileNotFoundError
        If the folder holds no manifest.
    """
    if not (outputs / FILE).exists():
        raise FileNotFoundError(f"{outputs / FILE} is missing: nothing was built here")
    try:
        lines = _problems_of_batch(outputs, read(Batch, outputs))
    except ManifestError as error:
        lines = [f"{FILE}: {error}"]
    for folder in reports(outputs):
        lines += [f"{folder.name}/{line}" for line in _problems_of_area(folder)]
    return lines


def _problems_of_batch(outputs: Path, batch: Batch) -> list[str]:
    listed = OWN | {name.split("/")[0] for name in batch.outputs}
    others = [path for path in sorted(outputs.iterdir()) if path.name not in listed]
    problems = [
        f"{path.name}/: no batch that ended has published it"
        if path.is_dir()
        else f"{path.name}: not in the manifest"
        for path in others
        if publishing.counts(path.name)
    ]
    return problems + _problems_of_listed(outputs, batch)


def _problems_of_area(folder: Path) -> list[str]:
    try:
        made = read(Published, folder)
    except ManifestError as error:
        return [f"{FILE}: {error}"]
    there = {path.name for path in folder.iterdir() if publishing.counts(path.name)}
    others = sorted(there - files(made))
    return [f"{name}: not in the manifest" for name in others] + _problems_of_listed(folder, made)


def _problems_of_listed(folder: Path, made: Published | Batch) -> list[str]:
    found = [(name, problem_of(folder / name, *of)) for name, of in sorted(made.outputs.items())]
    problems = [f"{name}: {problem}" for name, problem in found if problem]
    if not crates.is_drawn_from(made, folder):
        problems.append(f"{crates.FILE}: not the one that {FILE} gives")
    return problems


def problem_of(path: Path, digest: str, size: int) -> str | None:
    """Return what is wrong with a file that should have a SHA-256 and a size."""
    if not path.is_file():
        return "missing"
    if path.stat().st_size != size:
        return f"{path.stat().st_size} bytes, not {size}"
    return None if provenance.sha256(path) == digest else "changed since it was made"
