"""What is to run: for each area, and for the whole country, its notebooks with their parameters.

Everything is checked here, before any kernel starts.
"""

import ast
import difflib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from lgr_report.runs.records import Job
from lgr_report.sources import areas

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NATIONAL = "national"
OURS = "lgr_report"  # key of a notebook's metadata in which it declares itself
TYPES: dict[str, type | tuple] = {"str": str, "int": int, "float": (int, float), "bool": bool}


class ParameterError(ValueError):
    """A parameter that the notebook does not have, or of another type or size than it declares."""


class NotebookError(ValueError):
    """A notebook that cannot be read, or does not say what it is for."""


def notebooks(scope: str | None = None) -> list[Path]:
    """Return the notebooks that declare themselves, by name; of one scope (area or national) only.

    Raises
    ------
    NotebookError
        If one cannot be read, or declares itself wrongly.
    """
    mine = [path for path in _here() if _metadata(path, _stamp(path)).get(OURS) is not None]
    return [path for path in mine if scope in (None, declared(path)["scope"])]


def left_out() -> list[Path]:
    """Return the notebooks that declare nothing: drafts beside the suite, which no run takes."""
    return [path for path in _here() if _metadata(path, _stamp(path)).get(OURS) is None]


def unclean() -> list[Path]:
    """Return the notebooks of the suite that hold outputs: somebody ran and saved them."""
    return [path for path in notebooks() if _holds_outputs(path, _stamp(path))]


def _here() -> list[Path]:
    return sorted(p for p in NOTEBOOKS.glob("*.ipynb") if not p.name.startswith((".", "~")))


def jobs(
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
    keys = [
        key if key == NATIONAL else areas.get(key).area_id
        for key in area_ids or [NATIONAL, *areas.ids()]
    ]
    known = {path.stem: path for path in notebooks()}
    scopes = {name: declared(path)["scope"] for name, path in known.items()}
    wanted = list(known) if names is None else list(names)
    for name in wanted:
        if name not in known:
            raise ParameterError(f"no notebook {name!r}: {_there_are(name, list(known))}")
        _check_code(known[name], _stamp(known[name]))
    extra = dict(parameters or {})
    _check_names(extra, [known[name] for name in wanted])
    plan: dict[str, tuple[Job, ...]] = {}
    for key in keys:
        # That a notebook has a parameter `area` is what its scope means.
        scope, own = (NATIONAL, {}) if key == NATIONAL else ("area", {"area": key})
        of_scope = [known[name] for name in wanted if scopes[name] == scope]
        if of_scope:
            plan[key] = tuple(_job(path, key, own, extra) for path in of_scope)
    if not plan:
        raise ParameterError(
            f"{', '.join(wanted)}: nothing to run for {', '.join(keys)}; name other areas, or "
            f"{NATIONAL!r} for the notebooks of the whole country"
        )
    return plan


def _job(path: Path, area: str, own: Mapping[str, object], extra: Mapping[str, object]) -> Job:
    taken = {name: value for name, value in extra.items() if name in _parameters(path)}
    check_parameters(path, taken)
    return Job(path, area, {**own, **taken})


def _check_names(parameters: Collection[str], paths: list[Path]) -> None:
    if not parameters:
        return  # papermill, which reads those of the notebooks, takes half a second to import
    known = {name for path in paths for name in _parameters(path)}
    for name in parameters:
        if name not in known:
            raise ParameterError(_no_parameter(name, known, "any of the notebooks"))


def check_parameters(notebook: Path, parameters: Mapping[str, object]) -> None:
    """Check parameters against the notebook's own: papermill only warns, and checks no types.

    Raises
    ------
    ParameterError
        If the notebook has no such parameter, or declares another type or range for it.
    """
    if not parameters:
        return
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
    return f"no parameter {name!r} in {where}: {_there_are(name, sorted(known))}"


def _there_are(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}there are {', '.join(known)}"


def declared(notebook: Path) -> dict:
    """Return what a notebook's metadata declare.

    scope, figures and tables (how many); where it has any, ranges of its numbers and national_work.
    """
    metadata = _metadata(notebook, _stamp(notebook))
    about = metadata.get(OURS)
    wrong = None
    if not isinstance(about, dict) or about.get("scope") not in ("area", NATIONAL):
        wrong = f"its metadata {OURS!r} must name a scope, area or {NATIONAL}"
    elif not all(isinstance(about.get(what), int) for what in ("figures", "tables")):
        wrong = f"its metadata {OURS!r} must say how many figures and tables it shows"
    elif not isinstance(metadata.get("kernelspec"), dict) or "name" not in metadata["kernelspec"]:
        wrong = "it names no kernel: open it in JupyterLab, choose a Python kernel and save it"
    if wrong:
        raise NotebookError(f"{notebook}: {wrong}")
    return about


def _stamp(notebook: Path) -> tuple[int, int]:
    found = notebook.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=128)
def _metadata(notebook: Path, stamp: tuple[int, int]) -> dict:
    """Return a notebook's metadata.

    Raises
    ------
    NotebookError
        If the file is no notebook.
    """
    return _read(notebook)["metadata"]


@lru_cache(maxsize=128)
def _holds_outputs(notebook: Path, stamp: tuple[int, int]) -> bool:
    cells = _read(notebook)["cells"]
    return any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@lru_cache(maxsize=128)
def _check_code(notebook: Path, stamp: tuple[int, int]) -> None:
    """Check that each cell is whole: an unfinished line would stop every page, one by one."""
    cells = _read(notebook)["cells"]
    for number, cell in enumerate(cells, start=1):
        source = "".join(cell.get("source", ""))
        if cell.get("cell_type") != "code" or source.lstrip().startswith(("%", "!")):
            continue
        try:
            ast.parse(source)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = f"{notebook}, cell {number}" + (f", line {line}" if line else "")
            reason = getattr(error, "msg", None) or str(error)
            raise NotebookError(
                f"{where}: {reason}: finish it, or restore the notebook (git checkout)"
            ) from None


def _read(notebook: Path) -> dict:
    try:
        whole = json.loads(notebook.read_text(encoding="utf-8"))
        if isinstance(whole["metadata"], dict) and isinstance(whole["cells"], list):
            return whole
        reason = "its parts are not those of a notebook"
    except UnicodeDecodeError:
        reason = "it is not UTF-8: save it again as UTF-8"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
    raise NotebookError(
        f"{notebook} is no notebook ({reason}): restore it, or move it out of {notebook.parent}"
    )


def in_turns(plan: Mapping[str, Iterable[Job]], workers: int) -> list[Job]:
    """Return the jobs of a plan in the order in which they are best begun.

    As many areas at a time as there are workers, of each first the page with the most figures: it
    makes what the others then find made, while the other workers are busy with other areas.
    """
    areas_left, queue = list(plan), []
    while areas_left:
        together, areas_left = areas_left[:workers], areas_left[workers:]
        jobs = [job for area in together for job in plan[area]]
        queue += sorted(jobs, key=lambda job: -declared(job.notebook)["figures"])
    return queue


def national_work(jobs: Iterable[Job]) -> list[Job]:
    """Return the national work that notebooks declare they need, each call once, in their order.

    Calls of functions that are `once_per_batch`, as ``chapters.quality.study.national()``,
    for a notebook that runs with its own parameters: with others it needs other results. To leave
    one out costs time and nothing else: the first notebook that needs it computes it.
    """
    work: dict[str, Job] = {}
    for job in jobs:
        if set(job.parameters) <= {"area"}:  # as the notebook is
            for call in declared(job.notebook).get("national_work", ()):
                work.setdefault(call, replace(job, area=NATIONAL, parameters={}, call=call))
    return list(work.values())


def _parameters(notebook: Path) -> dict:
    return _inspected(notebook, _stamp(notebook))


@lru_cache(maxsize=128)
def _inspected(notebook: Path, stamp: tuple[int, int]) -> dict:
    from papermill import inspect_notebook

    return inspect_notebook(str(notebook))
