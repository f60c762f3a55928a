"""The manifest of an area's folder: one action for each notebook that ran.

Profile Process Run Crate: inputs, parameters, outputs, code, environment, start and end. The inputs
lie outside the crate and are named with their SHA-256.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from lgr_report.runs import crates
from lgr_report.runs.crates import MIT, Crate, Entity
from lgr_report.runs.records import Page
from lgr_report.sources import tables


def crate(area: str, title: str, pages: Iterable[Page]) -> Crate:
    """Return the crate of one area (or ``national``) from the pages that it has."""
    pages = sorted(pages, key=lambda page: page.name)
    files = [
        crates.file(name, *about) for page in pages for name, about in sorted(page.outputs.items())
    ]
    licences = _licences()
    actions = [entity for page in pages for entity in _action(page)]
    inputs = [_input(*source, licences) for page in pages for source in page.inputs.items()]
    used = {entity["license"]["@id"] for entity in inputs if "license" in entity}
    by_address = {entity["@id"]: entity for entity in licences.values()} | {MIT["@id"]: MIT}
    named = [licence for _, licence in sorted(by_address.items())]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": area,
        "name": f"Reports: {title}",
        "description": f"What public data say of care services and reorganisation: {title}.",
        "datePublished": max((page.ended for page in pages), default=""),
        "license": crates.references(licence for licence in named if licence["@id"] in used),
        "conformsTo": {"@id": crates.PROFILE},
        "hasPart": crates.references(files),
        "mentions": [{"@id": f"#run-{page.name}"} for page in pages],
    }
    return crates.crate(root, [*files, *actions, *inputs, *named])


def _action(page: Page) -> list[Entity]:
    """Return the action that made a page, with the application and the parameters that it names."""
    application = crates.application(page.code, page.environment)
    own = f"#run-{page.name}"
    given = crates.parameters(own, page.parameters)
    inputs = [crates.source(name, digest) for name, digest in page.inputs.items()]
    action = {
        "@id": own,
        "@type": "CreateAction",
        "name": page.name,
        "identifier": page.key or "",
        "instrument": {"@id": application["@id"]},
        "object": crates.references([*inputs, *given]),
        "result": [{"@id": name} for name in sorted(page.outputs)],
        "startTime": page.started,
        "endTime": page.ended,
        "actionStatus": {"@id": crates.COMPLETED},
    }
    if page.key is None:
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
    licences = {}
    for about in json.loads(path.read_text(encoding="utf-8"))["resources"]:
        for licence in about.get("licenses", [])[:1]:
            at = MIT["@id"] if licence["name"] == "MIT" else licence.get("path")
            licences[f"data/{about['path']}"] = {
                "@id": at or f"#{licence['name']}",
                "@type": "CreativeWork",
                "name": licence.get("title", licence["name"]),
            }
    return licences


def pages(crate: Crate) -> list[Page]:
    """Return the pages that an area's crate was made of.

    Raises
    ------
    ManifestError
        If the crate lacks what `crate` writes.
    """
    with crates.reading():
        by_id = crates.by_id(crate)
        root = by_id["./"]
        actions = [by_id[action["@id"]] for action in root["mentions"]]
        return [_page(root["identifier"], action, by_id) for action in actions]


def _page(area: str, action: Entity, by_id: Mapping[str, Entity]) -> Page:
    inputs, parameters = crates.sources_and_parameters(by_id[o["@id"]] for o in action["object"])
    files = [by_id[result["@id"]] for result in action["result"]]
    code, environment = crates.code_and_environment(by_id[action["instrument"]["@id"]])
    return Page(
        name=action["name"],
        area=area,
        key=action["identifier"] or None,
        parameters=parameters,
        inputs=inputs,
        outputs={file["@id"]: (file["sha256"], int(file["contentSize"])) for file in files},
        code=code,
        environment=environment,
        started=action["startTime"],
        ended=action["endTime"],
    )


def read(folder: Path) -> list[Page]:
    """Return the pages of an area's folder as its manifest says; empty where there is none."""
    try:
        return pages(crates.read(folder))
    except FileNotFoundError:
        return []
