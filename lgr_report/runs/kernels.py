"""How kernels are started and reached.

They are reached over IPC sockets of their own, in place of TCP ports, which race. They are started
by forking a process that has imported the heavy libraries (`zygote.py`), through jupyter_client's
extension point, a kernel provisioner. Our own runs use it by themselves. For any other program
(JupyterLab, nbval, papermill) set ``JUPYTER_DEFAULT_PROVISIONER_NAME=lgr-forked``, or
``KernelProvisionerFactory.default_provisioner_name`` in its configuration.

Where forking is not possible, an ordinary kernel is started; ``LGR_REPORT_FORK=0`` turns it off.
"""

import asyncio
import contextlib
import ctypes
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import default

from lgr_report.runs.forking import FORK_TIMEOUT, ForkedKernel, ForkError
from lgr_report.runs.forks import THREADS, forks

PROVISIONER = "lgr-forked"
GROUP = KernelProvisionerFactory.GROUP_NAME
PR_SET_PDEATHSIG = 1
RECONNECT = 5  # milliseconds
LAST_WORDS = 2000  # characters of a dead kernel's log that are worth showing

log = logging.getLogger("lgr_report")


class IpcKernelClient(AsyncKernelClient):
    """A client that is ready when its kernel has answered and is idle.

    jupyter_client goes on to wait until nothing has come for 0.2 seconds. Here the kernel's own
    word that it is done with the first question is the end of what it had to say.
    """

    def _context_default(self) -> Any:
        # A socket that the kernel has not bound yet is tried again soon, not in 0.1 seconds: late,
        # a channel would miss the kernel's first words.
        context = super()._context_default()
        context.RECONNECT_IVL = RECONNECT
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the kernel's first answer, on both channels that a notebook needs.

        Raises
        ------
        RuntimeError
            If the kernel died, or does not answer in so many seconds.
        """
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._answered(self.kernel_info()):
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _answered(self, question: str) -> bool:
        """Return whether the answer to a question came, and word that it was the last."""

        def about(message: dict) -> bool:
            return message["parent_header"].get("msg_id") == question

        try:
            while not about(answer := await self.get_shell_msg(timeout=1)):
                pass
            # Where nothing comes, this channel was not yet connected when the kernel spoke.
            while not (
                about(told := await self.get_iopub_msg(timeout=0.2))
                and told["content"].get("execution_state") == "idle"
            ):
                pass
        except queue.Empty:
            return False
        self._handle_kernel_info_reply(answer)
        return True


class IpcKernelManager(AsyncKernelManager):
    """A kernel manager whose kernel listens on IPC sockets in a folder of its own.

    By default all kernels started in one folder would share the same socket names. What the kernel
    writes past its notebook goes to a log in that folder, and is shown only if the kernel dies.
    """

    _reported = False

    @default("client_class")
    def _our_client(self) -> str:
        return f"{__name__}.{IpcKernelClient.__name__}"

    @default("client_factory")
    def _our_clients(self) -> type[AsyncKernelClient]:
        return IpcKernelClient

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
        if sys.platform == "linux":
            kwargs.setdefault("preexec_fn", partial(_end_with, os.getpid()))
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


# Looked up before any fork, in which little may be done.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _end_with(parent: int) -> None:
    """Bind an ordinary kernel, before it starts, to the process that starts it.

    By itself a kernel looks once a second whether its parent lives, and not before it is set up.
    """
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class ForkedProvisioner(LocalProvisioner):
    """Starts kernels by forking, or as usual where that is not possible."""

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel; it is gone in no time, and others look only every 0.1 seconds."""
        await super().kill(restart)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_until(lambda: not self._runs(), 0.002), 1)

    def _runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

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
            if forks.unshare():
                return await self.launch_kernel(cmd, **kwargs)
            forks.give_up(str(error))
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel
        self.pid = self.pgid = kernel.pid  # each leads a process group of its own
        self.cwd = cwd
        return self.connection_info


def _forkable(cmd: list[str], cwd: Path, kwargs: Mapping[str, Any]) -> bool:
    """Return whether this kernel, as it is asked for, can be forked."""
    if cmd[:3] != [sys.executable, "-m", "ipykernel_launcher"]:
        return False  # another language, or another environment
    # What is to be called before the kernel starts is ours: a forked kernel does it by itself.
    if not kwargs.keys() <= {"env", "cwd", "stdin", "stdout", "stderr", "preexec_fn"}:
        return False
    before = kwargs.get("preexec_fn")
    if before is not None and getattr(before, "func", None) is not _end_with:
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
