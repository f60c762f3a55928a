"""The process from which kernels are forked, and a forked kernel, as the one who asks sees them.

`zygote.py` is what runs there.
"""

import atexit
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

PRELOAD_TIMEOUT = 60  # seconds to import the libraries, on a machine that does other things too
FORK_TIMEOUT = 10
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


class ForkError(RuntimeError):
    """A kernel could not be forked."""


class ForkedKernel:
    """A forked kernel, with what `LocalProvisioner` asks of a `subprocess.Popen`.

    Its parent is the zygote, which alone can wait for it and reports its end on a channel. Closing
    the channel kills the kernel.
    """

    stdin = stdout = stderr = None

    def __init__(self, channel: socket.socket):
        self._channel = channel
        self._said = b""
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id, once the kernel is forked."""
        self._listen()
        pid, end, _ = self._said.partition(b"\n")
        return int(pid) if end else None

    @property
    def lost(self) -> bool:
        """Whether the channel was closed before any kernel was forked."""
        return self.pid is None and self._closed

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or nothing while the kernel runs."""
        self._listen()
        if not self._closed:
            return None
        _, _, status = self._said.partition(b"\n")
        # Without a status the zygote itself is gone, and it takes its kernels with it.
        return int(status) if status.endswith(b"\n") else -signal.SIGKILL

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        while (status := self.poll()) is None:
            time.sleep(0.01)
        return status

    def send_signal(self, signum: int) -> None:
        """Send a signal, unless the kernel has ended: its id may be another's by then."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Let go of the kernel, which kills it."""
        self._closed = True
        self._channel.close()

    def _listen(self) -> None:
        while not self._closed:
            try:
                heard = self._channel.recv(64)
            except BlockingIOError:
                return
            except OSError:
                heard = b""
            self._said += heard
            if not heard:
                self.close()


class Zygote:
    """The process from which kernels are forked, as seen by the one that started it."""

    def __init__(self, env: Mapping[str, str]):
        self.socket, theirs = socket.socketpair()  # a child process may be given it
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (read if the start fails)
        self._ready = False
        self._deadline = time.monotonic() + PRELOAD_TIMEOUT
        self._process: subprocess.Popen | None = None
        with theirs:
            # By its file and from the root: no module of ours, or of the current folder, is
            # imported. In a session of its own: Ctrl-C in the terminal is for us.
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("zygote.py")), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                cwd="/",
                env=dict(env),
                start_new_session=True,
            )

    @classmethod
    def of_parent(cls, shared: socket.socket) -> "Zygote":
        """Return the zygote of this process's parent, of which it was given the socket."""
        zygote = cls.__new__(cls)
        zygote.socket, zygote._process, zygote._ready = shared, None, False
        zygote._deadline = time.monotonic() + PRELOAD_TIMEOUT
        return zygote

    @property
    def shared(self) -> bool:
        """Whether it belongs to a parent of this process."""
        return self._process is None

    def ready(self) -> bool:
        """Return whether the libraries are imported.

        Raises
        ------
        ForkError
            If the process ended, or takes too long.
        """
        if self._ready:
            return True
        try:
            # Left where it is, for others who share the socket.
            self._ready = bool(self.socket.recv(16, socket.MSG_DONTWAIT | socket.MSG_PEEK))
        except BlockingIOError:
            if time.monotonic() > self._deadline:
                raise ForkError("importing the libraries takes too long") from None
            return False
        except OSError:
            pass
        if not self._ready:
            raise ForkError(self.why())
        return True

    def order(self, arguments: list[str], cwd: Path, env: dict, streams: list[int]) -> ForkedKernel:
        """Ask for a kernel; it is forked when its ``pid`` is known."""
        ours, theirs = socket.socketpair()
        order = {"arguments": arguments, "cwd": str(cwd.absolute()), "env": env}
        try:
            with theirs:
                socket.send_fds(self.socket, [b"k"], [theirs.fileno(), *streams])
            ours.settimeout(FORK_TIMEOUT)
            ours.sendall(json.dumps(order).encode() + b"\n")
            ours.setblocking(False)
        except OSError:
            ours.close()
            raise
        return ForkedKernel(ours)

    def forget(self) -> None:
        """Let go of the process, without ending it: it belongs to a parent of this process."""
        self.socket.close()
        if not self.shared:
            self._process.returncode = 0

    def close(self) -> None:
        """End the process, and all its kernels with it; let go of that of a parent."""
        with contextlib.suppress(ForkError):
            self.ready()  # then it ends its kernels, and what they started, by itself
        self.socket.close()
        if self.shared:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2 if self._ready else 0)
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def why(self) -> str:
        """Return why no kernel came, as far as it is known."""
        if self.shared:
            return "the process that forks them is gone"
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "no answer in time"
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"the process that forks them ended with {status}{': ' + said[-1] if said else ''}"


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
