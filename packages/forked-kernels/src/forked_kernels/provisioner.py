"""How kernels are started: forked, through jupyter_client's extension point, a provisioner.

For any program (JupyterLab, papermill, nbval) set ``JUPYTER_DEFAULT_PROVISIONER_NAME`` to
``forked-kernels``, or ``KernelProvisionerFactory.default_provisioner_name`` in its configuration.
Where forking is not possible, an ordinary kernel is started.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from forked_kernels import forks
from forked_kernels.forking import FORK_TIMEOUT, ForkedKernel, ForkError

NAME = "forked-kernels"
PR_SET_PDEATHSIG = 1

# Looked up before any fork, in which little may be done.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def end_with(parent: int) -> None:
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
        if not (forks.here.wanted() and _forkable(cmd, cwd, self._scrub_kwargs(kwargs))):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            kernel = await _fork(cmd, cwd, kwargs)
        except (ForkError, OSError) as error:
            if forks.here.unshare():
                return await self.launch_kernel(cmd, **kwargs)
            forks.here.give_up(str(error))
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel
        self.pid = self.pgid = kernel.pid  # each leads a process group of its own
        self.cwd = cwd
        return self.connection_info


def _forkable(cmd: list[str], cwd: Path, kwargs: Mapping[str, Any]) -> bool:
    """Return whether this kernel, as it is asked for, can be forked."""
    if cmd[:3] != [sys.executable, "-m", "ipykernel_launcher"]:
        return False  # another language, or another environment
    # What is to be called before the kernel starts may be ours: a forked kernel does it by itself.
    if not kwargs.keys() <= {"env", "cwd", "stdin", "stdout", "stderr", "preexec_fn"}:
        return False
    before = kwargs.get("preexec_fn")
    if before is not None and getattr(before, "func", None) is not end_with:
        return False
    if any(kwargs.get(name) == subprocess.PIPE for name in ("stdin", "stdout", "stderr")):
        return False
    # matplotlib reads its settings from the folder in which it is imported.
    return cwd.is_dir() and not (cwd / "matplotlibrc").exists()


async def _fork(cmd: list[str], cwd: Path, kwargs: Mapping[str, Any]) -> ForkedKernel:
    env = dict(kwargs.get("env") or os.environ)
    zygote = forks.here.zygote(env)
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
