"""The process from which kernels are forked, and a forked kernel, as the one who asks sees them.

`zygote.py` is what runs there.
"""

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

PRELOAD_TIMEOUT = 60  # seconds to import the libraries, on a machine that does other things too
FORK_TIMEOUT = 10
MOST_SAID = 65536  # bytes of a zygote's first word

log = logging.getLogger("forked_kernels")


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
            said = self.socket.recv(MOST_SAID, socket.MSG_DONTWAIT | socket.MSG_PEEK)
            self._ready = said.endswith(b"\n")
        except BlockingIOError:
            if time.monotonic() > self._deadline:
                raise ForkError("importing the libraries takes too long") from None
            return False
        except OSError:
            pass
        if not self._ready:
            raise ForkError(self.why())
        if not self.shared:  # the one who started it tells, for all who share it
            for why in json.loads(said):
                log.warning("not preloaded: %s", why)
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
            status = self._process.wait(5)  # a busy machine takes its time to end it
        except subprocess.TimeoutExpired:
            return "no answer in time"
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"the process that forks them ended with {status}{': ' + said[-1] if said else ''}"
