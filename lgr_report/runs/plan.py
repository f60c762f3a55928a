"""What is to run: for each area, and for the whole country, its notebooks with their parameters.

Everything is checked here, before any kernel starts.
"""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lgr_report.sources import areas

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NATIONAL = "national"
TYPES: dict[str, type | tuple] = {"str": str, "int": int, "float": (int, float), "bool": bool}


class ParameterError(ValueError):
    """A parameter that the notebook does not have, or of another type or size than it declares."""


@dataclass(frozen=True)
class Job:
    """One notebook to run for one area (or ``national``), with its parameters."""

    notebook: Path
    key: str
    parameters: Mapping[str, object]

    @property
    def name(self) -> str:
        return self.notebook.stem


def notebooks(scope: str | None = None) -> list[Path]:
    """Return the notebooks, by name; only those of one scope (area or national) if given."""
    found = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [path for path in found if scope in (None, declared(path)["scope"])]


def plan(
    area_ids: Iterable[str] | None = None,
    names: Iterable[str] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> dict[str, tuple[Job, ...]]:
    """Return what is to run: for each area, and for ``national``, its notebooks.

    Everything is checked here, before any kernel starts.

    Parameters
    ----------
    area_ids : iterable of str, optional
        By default all 21 areas and ``national``, the notebooks for the whole country.
    names : iterable of str, optional
        Names of notebooks; by default all.
    parameters : mapping, optional
        Further parameters, given to every notebook that has them; each must be able to take them.

    Raises
    ------
    UnknownAreaError, ParameterError
        Saying what is wrong and what would be right.
    """
    keys = list(area_ids or [NATIONAL, *areas.ids()])
    chosen = [key if key == NATIONAL else areas.get(key).area_id for key in keys]
    known = {path.stem: path for path in notebooks()}
    wanted = list(known) if names is None else list(names)
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ParameterError(f"no notebook {name!r}: {hint}there are {', '.join(known)}")
    extra = dict(parameters or {})
    _all_known(extra, [known[name] for name in wanted])
    jobs: dict[str, tuple[Job, ...]] = {}
    for key in chosen:
        scope = NATIONAL if key == NATIONAL else "area"
        mine = [known[name] for name in wanted if declared(known[name])["scope"] == scope]
        given = extra if key == NATIONAL else {"area": key, **extra}
        if mine:
            jobs[key] = tuple(_job(path, key, given) for path in mine)
    if not jobs:
        raise ParameterError(
            f"{', '.join(wanted)}: nothing to run for {', '.join(chosen)}; name other areas, or "
            f"{NATIONAL!r} for the notebooks of the whole country"
        )
    return jobs


def _job(path: Path, key: str, given: Mapping[str, object]) -> Job:
    mine = {name: value for name, value in given.items() if name in _parameters(path)}
    check_parameters(path, mine)
    return Job(path, key, mine)


def _all_known(extra: Mapping[str, object], paths: list[Path]) -> None:
    anywhere = {name for path in paths for name in _parameters(path)}
    for name in extra:
        if name not in anywhere:
            raise ParameterError(_no_parameter(name, anywhere, "any of the notebooks"))


def check_parameters(notebook: Path, parameters: Mapping[str, object]) -> None:
    """Check parameters against the notebook's own: papermill only warns, and checks no types.

    Raises
    ------
    ParameterError
        If the notebook has no such parameter, or declares another type or range for it.
    """
    known, ranges = _parameters(notebook), declared(notebook).get("ranges", {})
    for name, value in parameters.items():
        if name not in known:
            raise ParameterError(_no_parameter(name, known, notebook.stem))
        kind = known[name]["inferred_type_name"]
        right = isinstance(value, TYPES.get(kind, object))
        if not right or (isinstance(value, bool) and kind != "bool"):
            raise ParameterError(
                f"parameter {name!r} of {notebook.stem} is {kind} ({known[name]['help']}), "
                f"not {type(value).__name__} {value!r}"
            )
        if name in ranges:
            least, most = ranges[name]
            if not least <= value <= most:
                raise ParameterError(
                    f"parameter {name!r} of {notebook.stem} lies between {least:,} and {most:,}, "
                    f"not {value!r} (--notebook names those that are to take it)"
                )


def _no_parameter(name: str, known: Iterable[str], where: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"no parameter {name!r} in {where}: {hint}there are {', '.join(sorted(known))}"


def declared(notebook: Path) -> dict:
    """Return what a notebook's metadata declare.

    scope, figures and tables (how many); where it has any, ranges of its numbers and national_work.
    """
    metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
    return metadata.get("lgr_report", {"scope": "area", "figures": 0, "tables": 0})


def national_work(jobs: Iterable[Job]) -> tuple[str, ...]:
    """Return the national results that notebooks declare they need, each once, in their order.

    Calls of functions that are `once_per_batch`, as ``chapters.quality.quality_fits.effects()``,
    for a notebook that runs with its own parameters: with others it needs other results. To leave
    one out costs time and nothing else: the first notebook that needs it computes it.
    """
    as_it_is = (job for job in jobs if set(job.parameters) <= {"area"})
    calls = (call for job in as_it_is for call in declared(job.notebook).get("national_work", ()))
    return tuple(dict.fromkeys(calls))


def _parameters(notebook: Path) -> dict:
    return _inspected(notebook, notebook.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _inspected(notebook: Path, stamp: int) -> dict:
    from papermill import inspect_notebook

    return inspect_notebook(str(notebook))
