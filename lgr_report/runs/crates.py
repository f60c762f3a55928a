"""Manifests, ``ro-crate-metadata.json`` (RO-Crate 1.1): what those of areas and batches share.

They are written as plain JSON-LD: the same runs give the same bytes, and what is written can be
read back. The package `rocrate` makes up identifiers and dates of its own; the tests use it to read
what is written here.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import lgr_report
from lgr_report.runs.records import Code, Environment

FILE = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
MIT = {"@id": "https://spdx.org/licenses/MIT", "@type": "CreativeWork", "name": "MIT License"}
COMPLETED = "http://schema.org/CompletedActionStatus"
FAILED = "http://schema.org/FailedActionStatus"
FORMATS = {".html": "text/html", ".ipynb": "application/x-ipynb+json"}
AS_COMMITTED, MODIFIED = "as committed", "with changes that are not committed"

Entity = dict[str, object]
Crate = dict[str, object]


class ManifestError(ValueError):
    """A manifest that is no manifest of ours: damaged, or written by something else."""


def text(crate: Crate) -> str:
    """Return a crate as the text of its file."""
    return json.dumps(crate, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read(folder: Path) -> Crate:
    """Return the crate of a folder.

    Raises
    ------
    FileNotFoundError
        If the folder has none.
    ManifestError
        If it cannot be read.
    """
    try:
        crate = json.loads((folder / FILE).read_text(encoding="utf-8"))
        by_id(crate)["./"]["hasPart"]
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"is damaged ({type(error).__name__}: {error}): build again with --force"
        raise ManifestError(reason) from error
    return crate


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Say of a crate that lacks what is read from it that it is damaged.

    Raises
    ------
    ManifestError
        In the place of what goes wrong when an entity or a property is missing.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"{FILE} is damaged ({type(error).__name__}: {error})") from error


def crate(root: Entity, entities: Iterable[Entity]) -> Crate:
    """Return a crate: its own description, the root, and every entity once."""
    own = {
        "@id": FILE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": SPECIFICATION},
        "about": {"@id": "./"},
    }
    named = {entity["@id"]: entity for entity in [own, root, *entities]}
    return {"@context": CONTEXT, "@graph": list(named.values())}


def by_id(crate: Crate) -> dict[str, Entity]:
    """Return the entities of a crate by their identifiers."""
    return {entity["@id"]: entity for entity in crate["@graph"]}


def references(entities: Iterable[Entity]) -> list[Entity]:
    """Return references to entities, each once, in their order."""
    return [{"@id": name} for name in dict.fromkeys(entity["@id"] for entity in entities)]


def file(name: str, digest: str, size: int) -> Entity:
    """Return the entity of a file in the crate."""
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": FORMATS.get(Path(name).suffix, "application/octet-stream"),
        "contentSize": str(size),
        "sha256": digest,
    }


def source(name: str, digest: str) -> Entity:
    """Return the entity of a file that something was made from, outside the crate."""
    address = f"#{name}@{digest[:12]}"
    return {"@id": address, "@type": "CreativeWork", "name": name, "sha256": digest}


def parameters(action: str, given: Mapping[str, object]) -> list[Entity]:
    """Return the entities of the parameters that an action was given."""
    return [
        {"@id": f"{action}-{name}", "@type": "PropertyValue", "name": name, "value": value}
        for name, value in given.items()
    ]


def sources_and_parameters(objects: Iterable[Entity]) -> tuple[dict[str, str], dict[str, object]]:
    """Return the SHA-256 of sources, and the values of parameters, by name."""
    objects = list(objects)
    return (
        {o["name"]: o["sha256"] for o in objects if o["@type"] == "CreativeWork"},
        {o["name"]: o["value"] for o in objects if o["@type"] == "PropertyValue"},
    )


def application(code: Code, environment: Environment) -> Entity:
    """Return the entity of what ran: this library in an environment."""
    about = {
        "@type": "SoftwareApplication",
        "name": "lgr-report",
        "softwareVersion": lgr_report.__version__,
        "license": {"@id": MIT["@id"]},
        "runtimePlatform": environment.python,
        "operatingSystem": environment.system,
        "softwareRequirements": list(environment.packages),
    }
    if code.commit is not None:
        about["identifier"] = code.commit
    if code.modified is not None:
        about["creativeWorkStatus"] = MODIFIED if code.modified else AS_COMMITTED
    whole = json.dumps(about, sort_keys=True).encode()
    return {"@id": f"#lgr-report-{hashlib.sha256(whole).hexdigest()[:12]}", **about}


def code_and_environment(application: Entity) -> tuple[Code, Environment]:
    """Return what `application` was given."""
    status = application.get("creativeWorkStatus")
    code = Code(application.get("identifier"), None if status is None else status == MODIFIED)
    environment = Environment(
        application["runtimePlatform"],
        application["operatingSystem"],
        tuple(application["softwareRequirements"]),
    )
    return code, environment
