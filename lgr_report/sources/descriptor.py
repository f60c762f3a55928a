"""The contract itself: a file that describes tables, read and checked before anything trusts it."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from lgr_report.sources.contract import Problem, TableError

# What a table of figures must tell of itself; what officers fill in (rows not in a file) need not.
TOLD = ("title", "sources", "vintage", "licenses", "caveats")
TYPES = ("string", "integer", "number", "boolean", "date")
FILE = re.compile(r"[a-z0-9_]+\.(csv|geojson)")  # in the folder itself: no path, no address


def read(path: Path, stamp: object = None) -> dict:
    """Return what a data package says of its resources; again only if ``stamp`` is another.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    TableError
        If it is no data package, or describes a table so that nobody could read it.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: run from a full clone, or point LGR_REPORT_DATA at a folder that "
            "holds the tables and their datapackage.json"
        )
    return _read(path, stamp)


@lru_cache(maxsize=8)
def _read(path: Path, stamp: object) -> dict:
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        resources = {resource["name"]: resource for resource in package["resources"]}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        reason = f"is no data package ({error}): restore the file"
        raise TableError([Problem(path.name, line, expected=reason)]) from error
    if not resources:
        raise TableError([Problem(path.name, expected="lists no table: restore the file")])
    faults = [
        Problem(path.name, place=f"table {name!r}", expected=f"{fault}: restore the file")
        for name, resource in resources.items()
        for fault in _faults(resource, resources)
    ]
    if len(resources) < len(package["resources"]):
        faults.append(Problem(path.name, expected="names a table twice: keep one"))
    if faults:
        raise TableError(faults)
    return package


def _faults(resource: dict, resources: dict[str, dict]) -> Iterator[str]:
    """Yield what is wrong with the description of one table."""
    try:
        if "data" not in resource:
            if not (isinstance(resource["path"], str) and FILE.fullmatch(resource["path"])):
                yield f"path {resource['path']!r} is no file of this folder"
            yield from (f"{told} is missing" for told in TOLD if not resource.get(told))
        if resource["type"] == "table":
            yield from _schema_faults(resource, resources)
    except (KeyError, TypeError, AttributeError, re.error) as error:
        yield f"the description is damaged ({type(error).__name__}: {error})"


def _schema_faults(resource: dict, resources: dict[str, dict]) -> Iterator[str]:
    schema = resource["schema"]
    names = [field["name"] for field in schema["fields"]]
    for field in schema["fields"]:
        if field.get("type") not in TYPES:
            kind = field.get("type")
            yield f"column {field['name']!r} is {kind!r}, none of {', '.join(TYPES)}"
        re.compile(field.get("constraints", {}).get("pattern", ""))
    if len(set(names)) < len(names) or not names:
        yield "a column is named twice, or none is"
    schema["missingValues"]
    keys = [*schema.get("primaryKey", [])]
    for key in schema.get("foreignKeys", []):
        keys += key["fields"]
        other = key["reference"]["resource"]
        if "data" in resource:
            continue  # what officers fill in refers to the tables of figures
        if other not in resources:
            yield f"its key leads to table {other!r}, which there is not"
            continue
        # Damage of the other table is told there, not here.
        known = {f.get("name") for f in resources[other].get("schema", {}).get("fields", [])}
        for name in sorted(set(key["reference"]["fields"]) - known) if known else ():
            yield f"its key leads to column {name!r} of {other!r}, which has none"
    for rule in resource.get("rules", []):
        keys.append(rule["column"])
        compile(rule["formula"], "rule", "eval")
        if not rule["says"]:
            yield "a rule says nothing"
    for name in sorted(set(keys) - set(names)):
        yield f"a key or rule names column {name!r}, which it does not have"
    if not isinstance(resource.get("rows", 0), int):
        yield f"rows is {resource['rows']!r}, no whole number"
