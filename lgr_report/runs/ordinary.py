"""Kernels without the package that forks them: jupyter_client's own, over sockets of their own."""

import tempfile
import uuid
from pathlib import Path

from jupyter_client import AsyncKernelManager
from traitlets import default


class OrdinaryKernelManager(AsyncKernelManager):
    """A manager whose kernel listens on IPC sockets: TCP ports race, and anybody could listen."""

    @default("transport")
    def _ipc(self) -> str:
        return "ipc"

    @default("ip")
    def _own_sockets(self) -> str:
        return str(Path(tempfile.gettempdir(), f"kernel-{uuid.uuid4().hex}"))
