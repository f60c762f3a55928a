"""The manifest of an area's folder: one action for each notebook that ran.

Profile Process Run Crate: inputs, parameters, outputs, code, environment, start and end. The inputs
lie outside the crate and are named with their SHA-256.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from lgr_report.runs import crates
from lgr_report.runs.crates import MIT, Crate, Entity, ManifestError
from lgr_report.runs.provenance import Run
from lgr_report.sources import tables


def crate(key: str, name: str, found: Iterable[Run]) -> Crate:
    """Return the crate of one area (or ``national``) from the runs of its notebooks."""
    found = sorted(found, key=lambda run: run.notebook)
    files = [
        crates.file(path, *about) for run in found for path, about in sorted(run.outputs.items())
    ]
    licences = _licences()
    actions = [entity for run in found for entity in _action(run)]
    inputs = [_input(path, sha, licences) for run in found for path, sha in run.inputs.items()]
    used = {entity["license"]["@id"] for entity in inputs if "license" in entity}
    named = [licence for _, licence in sorted(_by_address(licences).items())]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": key,
        "name": f"Reports: {name}",
        "description": f"What public data say of care services and reorganisation: {name}.",
        "datePublished": max((run.ended for run in found), default=""),
        "license": crates.references(one for one in named if one["@id"] in used),
        "conformsTo": {"@id": crates.PROFILE},
        "hasPart": crates.references(files),
        "mentions": [{"@id": f"#run-{run.notebook}"} for run in found],
    }
    return crates.crate(root, [*files, *actions, *inputs, *named])


def _action(run: Run) -> list[Entity]:
    """Return the action of a run, with the application and the parameters that it names."""
    application = crates.application(run.code, run.environment)
    own = f"#run-{run.notebook}"
    given = crates.parameters(own, run.parameters)
    inputs = [crates.source(name, digest) for name, digest in run.inputs.items()]
    action = {
        "@id": own,
        "@type": "CreateAction",
        "name": run.notebook,
        "identifier": run.key or "",
        "instrument": {"@id": application["@id"]},
        "object": crates.references([*inputs, *given]),
        "result": [{"@id": name} for name in sorted(run.outputs)],
        "startTime": run.started,
        "endTime": run.ended,
        "actionStatus": {"@id": crates.COMPLETED},
    }
    if run.key is None:
        action["description"] = "An input changed while the notebook ran."
    return [action, application, *given]


def _input(name: str, digest: str, licences: Mapping[str, Entity]) -> Entity:
    entity = crates.source(name, digest)
    if name in licences or not name.startswith("data/"):
        entity["license"] = {"@id": licences.get(name, MIT)["@id"]}
    return entity


def _licences() -> dict[str, Entity]:
    """Return the licence of each file of ``data/``, as the data package names it."""
    path = tables.data_dir() / tables.PACKAGE
    return _licences_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _licences_of(path: Path, stamp: int) -> dict[str, Entity]:
    found = {}
    for about in json.loads(path.read_text(encoding="utf-8"))["resources"]:
        for licence in about.get("licenses", [])[:1]:
            at = MIT["@id"] if licence["name"] == "MIT" else licence.get("path")
            found[f"data/{about['path']}"] = {
                "@id": at or f"#{licence['name']}",
                "@type": "CreativeWork",
                "name": licence.get("title", licence["name"]),
            }
    return found


def _by_address(licences: Mapping[str, Entity]) -> dict[str, Entity]:
    return {entity["@id"]: entity for entity in licences.values()} | {MIT["@id"]: MIT}


def runs(crate: Crate) -> list[Run]:
    """Return the runs that an area's crate was made of.

    Raises
    ------
    ManifestError
        If the crate lacks what `crate` writes.
    """
    try:
        by_id = crates.by_id(crate)
        return [_run(by_id[one["@id"]], by_id) for one in by_id["./"]["mentions"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(
            f"{crates.FILE} is damaged ({type(error).__name__}: {error})"
        ) from error


def _run(action: Entity, by_id: Mapping[str, Entity]) -> Run:
    inputs, parameters = crates.sources_and_parameters(by_id[o["@id"]] for o in action["object"])
    results = [by_id[one["@id"]] for one in action["result"]]
    code, environment = crates.code_and_environment(by_id[action["instrument"]["@id"]])
    return Run(
        notebook=action["name"],
        key=action["identifier"] or None,
        parameters=parameters,
        inputs=inputs,
        outputs={r["@id"]: (r["sha256"], int(r["contentSize"])) for r in results},
        code=code,
        environment=environment,
        started=action["startTime"],
        ended=action["endTime"],
    )


def read(folder: Path) -> list[Run]:
    """Return the runs that an area's folder says it was made of; none where it says nothing."""
    try:
        return runs(crates.read(folder))
    except FileNotFoundError:
        return []
