"""How kernels are started and reached.

They are reached over IPC sockets of their own, in place of TCP ports, which race. They are started
by forking a process that has imported the heavy libraries (`zygote.py`), through jupyter_client's
extension point, a kernel provisioner. Our own runs use it by themselves. For any other program
(JupyterLab, nbval, papermill) set ``JUPYTER_DEFAULT_PROVISIONER_NAME=lgr-forked``, or
``KernelProvisionerFactory.default_provisioner_name`` in its configuration.

Where forking is not possible, an ordinary kernel is started; ``LGR_REPORT_FORK=0`` turns it off.
"""

import asyncio
import atexit
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import default

PROVISIONER = "lgr-forked"
GROUP = KernelProvisionerFactory.GROUP_NAME
PRELOAD_TIMEOUT = 60  # seconds to import the libraries, on a machine that does other things too
FORK_TIMEOUT = 10
# One thread each: kernels run side by side, and sums then come out the same on any machine.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Variables that Python and the preloaded libraries read only once, when they start.
READ_ONCE = (
    *("PYTHON", "LD_", "LC_", "LANG", "HOME", "XDG_", "MPL", "NPY_", "NUMEXPR_"),
    *("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "KMP_", "PANDAS_", "SCIPY_"),
)
# Set anew in each kernel.
PER_KERNEL = ("MPLBACKEND", "JPY_PARENT_PID")
LAST_WORDS = 2000  # characters of a dead kernel's log that are worth showing

log = logging.getLogger("lgr_report")


class IpcKernelManager(AsyncKernelManager):
    """A kernel manager whose kernel listens on IPC sockets in a folder of its own.

    By default all kernels started in one folder would share the same socket names. What the kernel
    writes past its notebook goes to a log in that folder, and is shown only if the kernel dies.
    """

    _reported = False

    @default("transport")
    def _ipc(self) -> str:
        return "ipc"

    @default("ip")
    def _own_sockets(self) -> str:
        return str(self._folder / "kernel")

    @cached_property
    def _folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="lgr-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    @cached_property
    def _log(self) -> int:
        # Open as long as the manager lives: a restart starts the new kernel with the same streams.
        file = os.open(self._folder / "kernel.log", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        weakref.finalize(self, os.close, file)
        return file

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """The kernel's specification, which names our provisioner unless it names another."""
        spec = super().kernel_spec
        if spec is not None and "kernel_provisioner" not in spec.metadata and forks.wanted():
            # Known to the factory even where an old installation lacks the entry point.
            ours = EntryPoint(PROVISIONER, f"{__name__}:ForkedProvisioner", GROUP)
            KernelProvisionerFactory.provisioners.setdefault(PROVISIONER, ours)
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER}
        return spec

    async def start_kernel(self, **kwargs: Any) -> None:
        """Start the kernel; its own output goes to the log unless given streams."""
        kwargs["env"] = THREADS | dict(kwargs.get("env") or os.environ)
        kwargs = {"stdout": self._log, "stderr": self._log} | kwargs
        self._reported = False
        await super().start_kernel(**kwargs)

    async def is_alive(self) -> bool:
        """Return whether the kernel lives; if it died by itself, log what it wrote last."""
        alive = await super().is_alive()
        if self.has_kernel and not (alive or self.shutting_down or self._reported):
            self._reported = True
            said = (self._folder / "kernel.log").read_text(errors="replace")[-LAST_WORDS:].strip()
            log.error("a kernel died%s", f"; it wrote last:\n{said}" if said else " without a word")
        return alive


class ForkedProvisioner(LocalProvisioner):
    """Starts kernels by forking, or as usual where that is not possible."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Start a kernel.

        Parameters
        ----------
        cmd : list of str
            The kernel's command line. Only that of ipykernel in this same Python can be forked.
        **kwargs
            As for `subprocess.Popen`; only environment, folder and open streams can be forked.
        """
        cwd = Path(kwargs.get("cwd") or Path.cwd())
        if not (forks.wanted() and _forkable(cmd, cwd, self._scrub_kwargs(kwargs))):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            kernel = await _fork(cmd, cwd, kwargs)
        except (ForkError, OSError) as error:
            forks.give_up(str(error))
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel
        self.pid = self.pgid = kernel.pid  # each leads a process group of its own
        self.cwd = cwd
        return self.connection_info


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
        self._socket, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (read if the start fails)
        self._ready = False
        self._deadline = time.monotonic() + PRELOAD_TIMEOUT
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
            self._ready = bool(self._socket.recv(16, socket.MSG_DONTWAIT))
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
                socket.send_fds(self._socket, [b"k"], [theirs.fileno(), *streams])
            ours.settimeout(FORK_TIMEOUT)
            ours.sendall(json.dumps(order).encode() + b"\n")
            ours.setblocking(False)
        except OSError:
            ours.close()
            raise
        return ForkedKernel(ours)

    def forget(self) -> None:
        """Let go of the process, without ending it: it belongs to a parent of this process."""
        self._socket.close()
        self._process.returncode = 0

    def close(self) -> None:
        """End the process, and all its kernels with it."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2 if self._ready else 0)
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def why(self) -> str:
        """Return why no kernel came, as far as it is known."""
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
            if not self._given_up:
                log.warning("kernels start the ordinary, slower way: cannot fork them (%s)", why)
            self._given_up = True

    def zygote(self, env: Mapping[str, str]) -> Zygote:
        """Return the zygote for kernels with such an environment, started if need be."""
        env = {name: value for name, value in env.items() if name not in PER_KERNEL}
        key = tuple(sorted(item for item in env.items() if item[0].startswith(READ_ONCE)))
        with self._lock:
            if key not in self._zygotes:
                self._zygotes[key] = Zygote(env)
            return self._zygotes[key]

    def close(self) -> None:
        """End all zygotes."""
        while self._zygotes:
            self._zygotes.popitem()[1].close()

    def forget(self) -> None:
        """Start afresh, in a fork of this process: it must not keep the zygotes alive."""
        for zygote in self._zygotes.values():
            zygote.forget()
        self.__init__()


forks = Forks()
atexit.register(forks.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forks.forget)


def _forkable(cmd: list[str], cwd: Path, kwargs: Mapping[str, Any]) -> bool:
    """Return whether this kernel, as it is asked for, can be forked."""
    if cmd[:3] != [sys.executable, "-m", "ipykernel_launcher"]:
        return False  # another language, or another environment
    if not kwargs.keys() <= {"env", "cwd", "stdin", "stdout", "stderr"}:
        return False
    if any(kwargs.get(name) == subprocess.PIPE for name in ("stdin", "stdout", "stderr")):
        return False
    # matplotlib reads its settings from the folder in which it is imported.
    return cwd.is_dir() and not (cwd / "matplotlibrc").exists()


async def _fork(cmd: list[str], cwd: Path, kwargs: Mapping[str, Any]) -> ForkedKernel:
    env = dict(kwargs.get("env") or os.environ)
    zygote = forks.zygote(env)
    await _until(zygote.ready, 0.02)
    with open(os.devnull, "r+b") as null:  # noqa: PTH123 (Path has no such mode for a device)

        def descriptor(name: str, inherited: int) -> int:
            stream = kwargs.get(name)
            if stream is None:
                return inherited
            if stream == subprocess.DEVNULL:
                return null.fileno()
            if stream == subprocess.STDOUT:
                return descriptor("stdout", 1)
            return stream if isinstance(stream, int) else stream.fileno()

        streams = [
            descriptor("stdin", null.fileno()),
            descriptor("stdout", 1),
            descriptor("stderr", 2),
        ]
        kernel = zygote.order(cmd[3:], cwd, env, streams)
    deadline = time.monotonic() + FORK_TIMEOUT

    def forked() -> bool:
        if kernel.lost or time.monotonic() > deadline:
            raise ForkError(zygote.why())
        return kernel.pid is not None

    try:
        await _until(forked, 0.002)
    except BaseException:
        kernel.close()  # a kernel that nobody waits for must not run on
        raise
    return kernel


async def _until(condition: Callable[[], bool], pause: float) -> None:
    while not condition():
        await asyncio.sleep(pause)
