"""Manifests once more, as RO-Crate 1.1 (profile Process Run Crate), for whoever reads those.

A crate is drawn from a manifest and from nothing else, so anybody can draw it again and compare.
Nothing here reads one. It is plain JSON-LD: the package `rocrate` makes up identifiers and dates of
its own, and the tests use it to read what is written here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from lgr_report.runs.records import Batch, Code, Environment, Licence, Page, Published

FILE, MANIFEST = "ro-crate-metadata.json", "manifest.json"  # what is drawn, and from what
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
MIT = Licence("https://spdx.org/licenses/MIT", "MIT License", files=())
COMPLETED = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"
AS_COMMITTED, MODIFIED = "as committed", "with changes that are not committed"
FORMATS = {".html": "text/html", ".ipynb": "application/x-ipynb+json", ".json": "application/json"}

Entity = dict[str, object]


def text(made: Published | Batch) -> str:
    """Return the crate of a manifest as the text of its file."""
    draw = _area if isinstance(made, Published) else _batch
    own = _entity(FILE, "CreativeWork", conformsTo=_to(SPECIFICATION), about=_to("./"))
    once = {entity["@id"]: entity for entity in [own, *draw(made)]}
    # An entity a line: indented, a crate takes Python's own encoder, ten times as long.
    graph = ",\n".join(_json(entity) for entity in once.values())
    return f'{{"@context": {_json(CONTEXT)}, "@graph": [\n{graph}\n]}}\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def is_drawn_from(made: Published | Batch, folder: Path) -> bool:
    """Return whether a folder holds the very crate of a manifest."""
    path = folder / FILE
    return path.is_file() and path.read_bytes() == text(made).encode()


def _area(made: Published) -> list[Entity]:
    """Return the entities of an area's folder: an action for each notebook that ran."""
    under = {file: licence.address for licence in made.licences for file in licence.files}
    files = [_file(*file) for file in made.outputs.items()]
    runs = [entity for page in made.pages for entity in _run(page, under)]
    used = {entity["license"]["@id"] for entity in runs if "license" in entity}
    licences = sorted({licence.address: licence.name for licence in (*made.licences, MIT)}.items())
    root = _root(
        f"Reports: {made.name}",
        f"What public data say of care services and reorganisation: {made.name}.",
        files,
        identifier=made.area,
        datePublished=max((page.ended for page in made.pages), default=""),
        license=[_to(address) for address, _ in licences if address in used],
        mentions=[_to(f"#run-{page.name}") for page in made.pages],
    )
    return [root, *files, *runs, *(_entity(at, "CreativeWork", name=name) for at, name in licences)]


def _run(page: Page, under: Mapping[str, str]) -> list[Entity]:
    """Return the action that made a page, with all that it names but the files."""
    own, made_from = f"#run-{page.name}", []
    for name, digest in sorted(page.inputs.items()):
        ours = None if name.startswith("data/") else MIT.address
        licence = under.get(name, ours)
        made_from.append(_source(name, digest) | ({"license": _to(licence)} if licence else {}))
    about = {} if page.key else {"description": "An input changed while the notebook ran."}
    return _action(
        own,
        page,
        [*made_from, *_parameters(own, page.parameters)],
        [_to(name) for name in sorted(page.outputs)],
        COMPLETED,
        name=page.name,
        identifier=page.key or "",
        **about,
    )


def _batch(batch: Batch) -> list[Entity]:
    """Return the entities of the output folder: the areas' folders, and one action, the batch."""
    parts, manifests = _parts(batch)
    valid = _source("The tables of data/, found valid", batch.tables or "") | _to("#tables")
    sources = [_source(name, digest) for name, digest in batch.inputs.items()]
    errors = [f"{area}: {why}" for area, why in sorted(batch.errors.items())]
    action = _action(
        "#batch",
        batch,
        [valid, *sources, *_parameters("#batch", batch.asked)],
        _references(parts),
        FAILED if errors else COMPLETED,
        name="Last batch",
        **({"error": errors} if errors else {}),
    )
    root = _root(
        "Reports of all areas",
        "What public data say of care services and reorganisation, area by area.",
        parts,
        datePublished=batch.ended,
        license=_to(MIT.address),
        mentions=[_to("#batch")],
    )
    licence = _entity(MIT.address, "CreativeWork", name=MIT.name)
    return [root, *parts, *manifests, *action, licence]


def _parts(batch: Batch) -> tuple[list[Entity], list[Entity]]:
    """Return the index page and the areas' folders; their manifests and crates."""
    files = {name: _file(name, about) for name, about in batch.outputs.items()}
    own = f"/{MANIFEST}"
    areas = [name.removesuffix(own) for name in files if name.endswith(own)]
    manifests, folders = [], []
    for area in areas:
        plain = files.pop(area + own) | {"@type": "CreativeWork"}
        about = {"name": f"Crate of {area}", "encodingFormat": "application/ld+json"}
        both = [plain, _entity(f"{area}/{FILE}", "CreativeWork", **about)]
        about = {"conformsTo": _to(SPECIFICATION), "subjectOf": _references(both)}
        folders.append(_entity(f"{area}/", "Dataset", name=area, **about))
        manifests += both
    return [*files.values(), *folders], manifests


def _root(name: str, description: str, parts: list[Entity], **about: object) -> Entity:
    about |= {"conformsTo": _to(PROFILE), "hasPart": _references(parts)}
    return _entity("./", "Dataset", name=name, description=description, **about)


def _action(
    address: str,
    made: Page | Batch,
    made_from: list[Entity],
    results: list[Entity],
    status: str,
    **about: object,
) -> list[Entity]:
    """Return an action, with what ran and what it was made from."""
    application = _application(made.code, made.environment)
    about |= {"startTime": made.started, "endTime": made.ended, "actionStatus": _to(status)}
    about |= {"instrument": _to(application["@id"]), "result": results}
    about["object"] = _references(made_from)
    return [_entity(address, "CreateAction", **about), application, *made_from]


def _application(code: Code, environment: Environment) -> Entity:
    """Return the entity of what ran: this library in an environment."""
    about = {
        "name": "lgr-report",
        "softwareVersion": code.version,
        "license": _to(MIT.address),
        "runtimePlatform": environment.python,
        "operatingSystem": environment.system,
        "softwareRequirements": list(environment.packages),
    }
    if code.commit is not None:
        about["identifier"] = code.commit
    if code.modified is not None:
        about["creativeWorkStatus"] = MODIFIED if code.modified else AS_COMMITTED
    whole = json.dumps(about, sort_keys=True).encode()
    address = f"#lgr-report-{hashlib.sha256(whole).hexdigest()[:12]}"
    return _entity(address, "SoftwareApplication", **about)


def _file(name: str, about: tuple[str, int]) -> Entity:
    kind, (digest, size) = FORMATS.get(Path(name).suffix, "application/octet-stream"), about
    own = {"encodingFormat": kind, "contentSize": str(size), "sha256": digest}
    return _entity(name, "File", name=name, **own)


def _source(name: str, digest: str) -> Entity:
    """Return the entity of a file that something was made from, outside the crate."""
    return _entity(f"#{name}@{digest[:12]}", "CreativeWork", name=name, sha256=digest)


def _parameters(action: str, given: Mapping[str, object]) -> list[Entity]:
    return [
        _entity(f"{action}-{name}", "PropertyValue", name=name, value=value)
        for name, value in given.items()
    ]


def _entity(address: str, kind: str, **about: object) -> Entity:
    return {"@id": address, "@type": kind, **about}


def _to(address: str) -> Entity:
    return {"@id": address}


def _references(entities: Iterable[Entity]) -> list[Entity]:
    """Return references to entities, each once, in their order."""
    return [_to(address) for address in dict.fromkeys(entity["@id"] for entity in entities)]
