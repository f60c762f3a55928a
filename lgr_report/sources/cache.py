"""Work done once: in a process by memory, in all the kernels of a batch by a folder.

A national fit takes seconds and is the same in every report; an area's studies and figures are the
same in its chapters and in its county report. A batch names a private folder in
``LGR_REPORT_CACHE``; the first kernel that needs a result computes it there and the others read it.
An entry is found by content: function, arguments, tables, the code that the function rests on,
versions of the numerical packages. National results go to another folder that stays: for the next
batch, and for whoever opens a notebook. Everything else a process outside of a batch computes anew.
"""

import contextlib
import dataclasses
import hashlib
import inspect
import io
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

from lgr_report.sources import kept, library, reading, tables

FOLDER = "LGR_REPORT_CACHE"  # environment: private folder of the batch
UNUSED = 14 * 86_400  # seconds after which a kept result that nobody asked for goes
ENTRY = ".pickle"
REMEMBERED = 4  # values of each function that a process keeps
PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
PLAIN = (str, int, float, bool, type(None))
DIGEST = hashlib.sha256().digest_size

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("lgr_report")


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
        return _shared(key, lambda: _noted(function, dict(named)), kept.folder() or folder())

    @wraps(function)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        named = tuple(bound.arguments.items())
        for name, value in named:
            _plain(function, name, value)
        # The type belongs to it: 1, 1.0 and True are equal, but not what is computed from them.
        value, names = remembered(_key(function, repr(named).encode()), named)
        reading.note(names)
        return value

    once.cache_clear = remembered.cache_clear
    return once


def by_content(function: Callable[P, T]) -> Callable[P, T]:
    """Compute a result once in a batch for arguments that hold the same; elsewhere at every call.

    The function may depend on nothing but its arguments, the tables of ``data/`` and the library;
    its result can be pickled. Arguments that cannot be (a lambda) have no content to be found by:
    then it is computed at every call. Of a dataclass only its fields count, and only they are kept:
    what it computes when asked (`functools.cached_property`) is computed again.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        if folder() is None:
            return function(*args, **kwargs)
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        try:
            given = _dumped(tuple(bound.arguments.items()))
        except (pickle.PicklingError, AttributeError, TypeError):
            return function(*args, **kwargs)

        def compute() -> tuple[T, list[str]]:
            # From the fields alone: what an argument has computed before would not be read again,
            # and the tables of a result would depend on who asks first.
            return _noted(function, dict(pickle.loads(given)))

        value, names = _shared(_key(function, given), compute, folder())
        reading.note(names)
        return value

    return once


def folder() -> Path | None:
    """Return the folder that the kernels of a batch share; None outside of a batch."""
    named = os.environ.get(FOLDER)
    return Path(named) if named and Path(named).is_dir() else None


def prune(shared: Path, now: float) -> None:
    """Remove the kept results that nobody has asked for in the last two weeks (`UNUSED`)."""
    for path in shared.glob("*"):
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > UNUSED:
                path.unlink()


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


def _key(function: Callable, arguments: bytes) -> str:
    whole = hashlib.sha256(f"{function.__module__}.{function.__qualname__}\n".encode())
    code = library.AT_START.of([function.__module__])
    whole.update("\n".join((tables.fingerprint(), code, _versions(), "")).encode())
    whole.update(arguments)
    return whole.hexdigest()


@lru_cache(maxsize=1)
def _versions() -> str:
    found = [f"python {platform.python_version()} {platform.machine()}"]
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


def _shared(key: str, compute: Callable[[], T], shared: Path | None) -> T:
    if shared is None:
        return _pickled(compute())[1]
    path = shared / f"{key}{ENTRY}"
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
    payload = _dumped(value)
    return payload, pickle.loads(payload)


class _Fields(pickle.Pickler):
    """Pickles of a dataclass its fields, not what it has computed from them since."""

    def reducer_override(self, value: object) -> object:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value)]
            return _with_fields, (type(value), {name: getattr(value, name) for name in names})
        return NotImplemented


def _with_fields(kind: type[T], fields: dict[str, object]) -> T:
    value = object.__new__(kind)
    vars(value).update(fields)
    return value


def _dumped(value: object) -> bytes:
    buffer = io.BytesIO()
    _Fields(buffer, protocol=5).dump(value)
    return buffer.getvalue()


def _read(path: Path) -> tuple[bool, Any]:
    try:
        entry = path.read_bytes()
        os.utime(path)  # it is still asked for
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
