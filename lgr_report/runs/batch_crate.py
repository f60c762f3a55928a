"""The manifest of the outputs folder: a crate of the areas' crates, and how the last batch went."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lgr_report.runs import crates
from lgr_report.runs.crates import MIT, Crate
from lgr_report.runs.records import Code, Environment

TABLES = "The tables of data/, found valid"


@dataclass(frozen=True)
class Batch:
    """A batch, as its manifest tells it.

    ``areas`` gives the SHA-256 of every published area's manifest, ``index`` SHA-256 and size of
    the index page; ``errors`` says why an area failed; ``tables`` is the fingerprint of the tables
    found valid, if they were validated; ``inputs`` gives the SHA-256 of the library and the lock
    file, ``asked`` the areas, notebooks and parameters of the command.
    """

    areas: Mapping[str, str]
    index: tuple[str, int] | None
    errors: Mapping[str, str]
    started: str
    ended: str
    code: Code
    environment: Environment
    tables: str | None
    inputs: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)


def crate(batch: Batch) -> Crate:
    """Return the crate of the outputs folder."""
    application = crates.application(batch.code, batch.environment)
    files = [crates.file("index.html", *batch.index)] if batch.index else []
    folders = [
        {
            "@id": f"{key}/",
            "@type": "Dataset",
            "name": key,
            "conformsTo": {"@id": crates.SPECIFICATION},
            "subjectOf": {"@id": f"{key}/{crates.FILE}"},
        }
        for key in sorted(batch.areas)
    ]
    manifests = [
        {
            "@id": f"{key}/{crates.FILE}",
            "@type": "CreativeWork",
            "name": f"Manifest of {key}",
            "encodingFormat": "application/ld+json",
            "sha256": digest,
        }
        for key, digest in sorted(batch.areas.items())
    ]
    valid = {**crates.source(TABLES, batch.tables or ""), "@id": "#tables"}
    given = [
        *(crates.source(name, digest) for name, digest in batch.inputs.items()),
        *crates.parameters("#batch", batch.asked),
    ]
    action = {
        "@id": "#batch",
        "@type": "CreateAction",
        "name": "Last batch",
        "instrument": {"@id": application["@id"]},
        "object": crates.references([valid, *given]),
        "result": crates.references([*files, *folders]),
        "startTime": batch.started,
        "endTime": batch.ended,
        "actionStatus": {"@id": crates.FAILED if batch.errors else crates.COMPLETED},
    }
    if batch.errors:
        action["error"] = [f"{key}: {why}" for key, why in sorted(batch.errors.items())]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": "Reports of all areas",
        "description": "What public data say of care services and reorganisation, area by area.",
        "datePublished": batch.ended,
        "license": {"@id": MIT["@id"]},
        "conformsTo": {"@id": crates.PROFILE},
        "hasPart": crates.references([*files, *folders]),
        "mentions": [{"@id": "#batch"}],
    }
    entities = [*files, *folders, *manifests, action, valid, *given, application, MIT]
    return crates.crate(root, entities)


def read(crate: Crate) -> Batch:
    """Return the batch that a crate tells of.

    Raises
    ------
    ManifestError
        If it lacks what `crate` writes.
    """
    with crates.reading():
        by_id = crates.by_id(crate)
        action = by_id["#batch"]
        code, environment = crates.code_and_environment(by_id[action["instrument"]["@id"]])
        parts = [by_id[part["@id"]] for part in by_id["./"]["hasPart"]]
        inputs, asked = crates.sources_and_parameters(by_id[o["@id"]] for o in action["object"])
        valid = inputs.pop(TABLES)
        index = [(p["sha256"], int(p["contentSize"])) for p in parts if p["@type"] == "File"]
        return Batch(
            areas={
                part["name"]: by_id[part["subjectOf"]["@id"]]["sha256"]
                for part in parts
                if part["@type"] == "Dataset"
            },
            index=index[0] if index else None,
            errors=dict(line.split(": ", 1) for line in action.get("error", [])),
            started=action["startTime"],
            ended=action["endTime"],
            code=code,
            environment=environment,
            tables=valid or None,
            inputs=inputs,
            asked=asked,
        )
