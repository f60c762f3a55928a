"""How kernels are reached: over IPC sockets of their own, in place of TCP ports, which race."""

import tempfile
from pathlib import Path

from jupyter_client import AsyncKernelManager
from traitlets import default


class IpcKernelManager(AsyncKernelManager):
    """A kernel manager whose kernel listens on IPC sockets in a folder of its own.

    By default all kernels started in one folder would share the same socket names.
    """

    @default("transport")
    def _ipc(self) -> str:
        return "ipc"

    @default("ip")
    def _own_sockets(self) -> str:
        # Kept on the manager: the folder goes when the manager does.
        self._sockets = tempfile.TemporaryDirectory(prefix="lgr-", ignore_cleanup_errors=True)
        return str(Path(self._sockets.name) / "kernel")
