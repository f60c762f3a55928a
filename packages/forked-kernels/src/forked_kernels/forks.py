"""Whether this process forks its kernels, and from which zygotes.

Everything that a caller may set is an environment variable of the kernel that is asked for: so it
reaches worker processes and servers by itself, and two callers in one process may differ.
"""

import atexit
import contextlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from forked_kernels.forking import Zygote

SWITCH = "FORKED_KERNELS"  # 0: kernels start the ordinary way
MORE_READ_ONCE = "FORKED_KERNELS_READ_ONCE"  # beginnings of names, for what is preloaded
# Variables that Python and the preloaded libraries read only once, when they start.
READ_ONCE = (
    *("PYTHON", "LD_", "LC_", "LANG", "HOME", "XDG_", "MPL", "NPY_", "NUMEXPR_"),
    *("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "KMP_", "PANDAS_", "SCIPY_"),
    *("PYDEVD_", "DEBUGPY_", "FORKED_KERNELS_PRELOAD"),
)
# Set anew in each kernel.
PER_KERNEL = ("MPLBACKEND", "JPY_PARENT_PID")

log = logging.getLogger("forked_kernels")


class Forks:
    """Whether this process forks kernels, and from which zygotes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._zygotes: dict[tuple, Zygote] = {}
        self._given_up = False
        self._said: Path | None = None

    def wanted(self) -> bool:
        """Return whether kernels are to be forked."""
        if os.environ.get(SWITCH) == "0" or self._given_up:
            return False
        # Elsewhere there is no fork, or system libraries do not survive it; nor would kernels be
        # sure to end with the zygote.
        if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
            self.give_up(f"that needs Linux, and this is {sys.platform}")
        return not self._given_up

    def give_up(self, why: str) -> None:
        """Start ordinary kernels from now on, and say so once.

        Zygotes stay: they may hold running kernels.
        """
        with self._lock:
            if not self._given_up and self._first():
                log.warning("kernels start the ordinary, slower way: cannot fork them (%s)", why)
            self._given_up = True

    def say_once(self, folder: Path) -> None:
        """Let only one of the processes that are given a folder say that it gives up."""
        self._said = folder / "ordinary-kernels"

    def _first(self) -> bool:
        try:
            if self._said is not None:
                self._said.touch(exist_ok=False)
        except FileExistsError:
            return False
        except OSError:
            pass  # the folder is gone or full: better said twice than never
        return True

    def zygote(self, env: Mapping[str, str]) -> Zygote:
        """Return the zygote for kernels with such an environment, started if need be."""
        env = {name: value for name, value in env.items() if name not in PER_KERNEL}
        key = _key(env)
        with self._lock:
            if key not in self._zygotes:
                self._zygotes[key] = Zygote(env)
            return self._zygotes[key]

    @contextlib.contextmanager
    def sharing(self, env: Mapping[str, str], folder: Path) -> Iterator["Shared"]:
        """Start a zygote for the kernels of child processes; end it, and them, afterwards.

        Parameters
        ----------
        env : mapping
            The environment of the kernels.
        folder : Path
            One that lasts as long: of all these processes, only one says if it cannot fork.
        """
        theirs, zygote = Forks(), None
        self.say_once(folder)
        if self.wanted():
            try:
                zygote = theirs.zygote(env)
            except OSError as error:
                self.give_up(str(error))
        try:
            yield Shared(dict(env), folder, zygote and zygote.socket)
        finally:
            theirs.close()

    def join(self, shared: "Shared") -> None:
        """Fork kernels from the zygote of the process that started this one."""
        self.say_once(shared.folder)
        if shared.socket is not None:
            self._zygotes[_key(shared.env)] = Zygote.of_parent(shared.socket)

    def unshare(self) -> bool:
        """Let go of a parent's zygotes, to start some here; return whether there were any."""
        with self._lock:
            shared = [key for key, zygote in self._zygotes.items() if zygote.shared]
            for key in shared:
                self._zygotes.pop(key).close()
        return bool(shared)

    def close(self) -> None:
        """End all zygotes."""
        while self._zygotes:
            self._zygotes.popitem()[1].close()

    def forget(self) -> None:
        """Start afresh, in a fork of this process: it must not keep the zygotes alive."""
        for zygote in self._zygotes.values():
            zygote.forget()
        self.__init__()


@dataclass(frozen=True)
class Shared:
    """What a child process must be given, when it is started, to share a zygote."""

    env: dict[str, str]
    folder: Path
    socket: socket.socket | None


def _key(env: Mapping[str, str]) -> tuple:
    """Return what of an environment is read once."""
    read_once = (*READ_ONCE, *env.get(MORE_READ_ONCE, "").replace(",", " ").split())
    return tuple(
        sorted(
            item
            for item in env.items()
            if item[0].startswith(read_once) and item[0] not in PER_KERNEL
        )
    )


here = Forks()
atexit.register(here.close)
if hasattr(os, "register_at_fork"):
    # By its name when it is called: another may be in its place by then.
    os.register_at_fork(after_in_child=lambda: here.forget())
