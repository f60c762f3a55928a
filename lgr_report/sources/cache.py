"""National work done once: in a process by memory, in all the kernels of a batch by a folder.

A national fit takes seconds and is the same in every report. A batch names a private folder in
``LGR_REPORT_CACHE``; the first kernel that needs a fit computes it there and the others read it.
An entry is found by content: function, arguments, tables, library, versions of the numerical
packages. Without a folder (JupyterLab, tests) a process remembers its own.
"""

import contextlib
import hashlib
import inspect
import logging
import os
import pickle
import platform
import tempfile
from collections.abc import Callable
from functools import lru_cache, wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from filelock import FileLock

from lgr_report.sources import reading, tables

FOLDER = "LGR_REPORT_CACHE"  # environment: private folder of the batch
ENTRY = ".pickle"
REMEMBERED = 4  # values of each function that a process keeps
PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
PLAIN = (str, int, float, bool, type(None))
DIGEST = hashlib.sha256().digest_size

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("lgr_report")


def library() -> str:
    """Return one SHA-256 over the files of this package, templates included."""
    package = Path(__file__).parents[1]
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            whole.update(path.relative_to(package).as_posix().encode() + b"\0")
            whole.update(bytes.fromhex(tables.sha256(path)))
    return whole.hexdigest()


# Taken at import: a module edited later is not the one that computes here.
LIBRARY = library()


def once_per_batch(function: Callable[P, T]) -> Callable[P, T]:
    """Compute a national result once for the same tables, library and arguments.

    The function may depend on nothing but its arguments, the tables of ``data/`` and the library.
    Its arguments are texts, numbers, true or false, nothing, or tuples of these; its result can be
    pickled. Every caller in a process gets the same object and must not change it.

    Two kernels that ask at the same time do not compute twice: the second waits. An entry that is
    torn or altered is computed again. A folder that cannot be written is no error: the result is
    computed all the same.

    Raises
    ------
    TypeError
        If an argument is of another type.

    Examples
    --------
    >>> @once_per_batch
    ... def fit(draws: int = 1000) -> float: ...
    """
    signature = inspect.signature(function)

    @lru_cache(maxsize=REMEMBERED)
    def remembered(key: str, named: tuple[tuple[str, Any], ...]) -> tuple[T, list[str]]:
        # The folder is no part of the key: the result does not depend on it.
        return _shared(key, lambda: _noted(function, dict(named)))

    @wraps(function)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        named = tuple(bound.arguments.items())
        for name, value in named:
            _plain(function, name, value)
        value, names = remembered(_key(function, named), named)
        reading.note(names)
        return value

    once.cache_clear = remembered.cache_clear
    return once


def _noted(function: Callable[..., T], arguments: dict[str, Any]) -> tuple[T, list[str]]:
    """Return a result with the names of the tables that it was computed from."""
    with reading.noting() as names:
        value = function(**arguments)
    return value, list(names)


def _plain(function: Callable, name: str, value: object) -> None:
    if isinstance(value, tuple):
        for part in value:
            _plain(function, name, part)
    elif type(value) not in PLAIN:
        raise TypeError(
            f"{function.__qualname__} is shared between kernels: {name} must be a text, a number "
            f"or a tuple of these, not {type(value).__name__}"
        )


def _key(function: Callable, named: tuple) -> str:
    # The type belongs to it: 1, 1.0 and True are equal, but not what is computed from them.
    parts = (
        f"{function.__module__}.{function.__qualname__}",
        repr(named),
        tables.fingerprint(),
        LIBRARY,
        _versions(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@lru_cache(maxsize=1)
def _versions() -> str:
    found = [f"python {platform.python_version()} {platform.machine()}"]
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


def _shared(key: str, compute: Callable[[], T]) -> T:
    folder = os.environ.get(FOLDER)
    if not folder or not Path(folder).is_dir():
        return _pickled(compute())[1]
    path = Path(folder) / f"{key}{ENTRY}"
    with contextlib.ExitStack() as held:
        # The system lets go of the lock of a kernel that dies. Where there is none to be had, two
        # may compute the same.
        with contextlib.suppress(OSError):
            held.enter_context(FileLock(path.with_suffix(".lock")))
        found, value = _read(path)
        if not found:
            payload, value = _pickled(compute())
            _write(path, payload)
        return value


def _pickled(value: T) -> tuple[bytes, T]:
    """Return a value pickled, and as whoever reads the pickle gets it.

    The one who computes takes the copy too: an array may come back in another layout, and sums
    over it in another last digit.
    """
    payload = pickle.dumps(value, protocol=5)
    return payload, pickle.loads(payload)


def _read(path: Path) -> tuple[bool, Any]:
    try:
        entry = path.read_bytes()
    except OSError:
        return False, None
    digest, payload = entry[:DIGEST], memoryview(entry)[DIGEST:]
    if hashlib.sha256(payload).digest() != digest:
        log.info("a shared national result is damaged: computed again")
        return False, None
    return True, pickle.loads(payload)


def _write(path: Path, payload: bytes) -> None:
    """Write an entry in one step; leave nothing where that fails."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            file.write(hashlib.sha256(payload).digest())
            file.write(payload)
        temporary.replace(path)
    except OSError as error:
        log.debug("a national result is not shared: %s", error)
        if temporary is not None:
            temporary.unlink(missing_ok=True)
