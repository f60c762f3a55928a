"""Whether this process forks its kernels, and from which zygotes; what environment they get."""

import atexit
import logging
import os
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from lgr_report.runs.forking import Zygote

# One thread each: kernels run side by side, and sums then come out the same on any machine.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Variables that Python and the preloaded libraries read only once, when they start.
READ_ONCE = (
    *("PYTHON", "LD_", "LC_", "LANG", "HOME", "XDG_", "MPL", "NPY_", "NUMEXPR_"),
    *("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "KMP_", "PANDAS_", "SCIPY_"),
    *("PYDEVD_", "DEBUGPY_"),
)
# Set anew in each kernel.
PER_KERNEL = ("MPLBACKEND", "JPY_PARENT_PID")

log = logging.getLogger("lgr_report")


class Forks:
    """Whether this process forks kernels, and from which zygotes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._zygotes: dict[tuple, Zygote] = {}
        self._given_up = False
        self._said: Path | None = None

    def wanted(self) -> bool:
        """Return whether kernels are to be forked."""
        if os.environ.get("LGR_REPORT_FORK") == "0" or self._given_up:
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

    def share(self, env: Mapping[str, str], of_parent: socket.socket) -> None:
        """Take the parent's zygote for kernels with such an environment."""
        self._zygotes[_key(env)] = Zygote.of_parent(of_parent)

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


def _key(env: Mapping[str, str]) -> tuple:
    """Return what of an environment is read once."""
    return tuple(
        sorted(
            item
            for item in env.items()
            if item[0].startswith(READ_ONCE) and item[0] not in PER_KERNEL
        )
    )


forks = Forks()
atexit.register(forks.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forks.forget)


def environment() -> dict[str, str]:
    """Return the environment of the kernels that this process starts."""
    return THREADS | dict(os.environ)
