"""How kernels are reached: over IPC sockets of their own, in place of TCP ports, which race.

A manager and a client for any program that takes a ``kernel_manager_class``, as nbclient and
papermill do. Its kernels are forked (`provisioner`) unless their specification says otherwise.
"""

import logging
import os
import queue
import shutil
import sys
import tempfile
import time
import weakref
from functools import cached_property, partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory
from traitlets import default

from forked_kernels import forks, provisioner

GROUP = KernelProvisionerFactory.GROUP_NAME
RECONNECT = 5  # milliseconds
LAST_WORDS = 2000  # characters of a dead kernel's log that are worth showing

log = logging.getLogger("forked_kernels")


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
        folder = tempfile.mkdtemp(prefix="kernel-")
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
        if spec is not None and "kernel_provisioner" not in spec.metadata and forks.here.wanted():
            # Known to the factory even where only the path leads here, and nothing is installed.
            name, where = provisioner.NAME, f"{provisioner.__name__}:ForkedProvisioner"
            KernelProvisionerFactory.provisioners.setdefault(name, EntryPoint(name, where, GROUP))
            spec.metadata["kernel_provisioner"] = {"provisioner_name": name}
        return spec

    async def start_kernel(self, **kwargs: Any) -> None:
        """Start the kernel; its own output goes to the log unless given streams."""
        if sys.platform == "linux":
            kwargs.setdefault("preexec_fn", partial(provisioner.end_with, os.getpid()))
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
