"""A process that has imported the heavy libraries once, and forks itself into kernels.

`forking` starts this file as a script, never as a module of the package: a kernel finds nothing
imported but what was asked for.

What to preload is named in the environment, in order: modules, and functions of modules
(``package.data:load``), which are called once. What fails is left out, and told.

The parent writes one byte and four descriptors for each kernel it wants: a channel, and the three
standard streams. On the channel it sends what the kernel needs (one line of JSON); the answers are
two lines, the process id at once and the exit status at the end. A channel that is closed kills
its kernel; the parent's own socket closed kills them all and ends this process.
"""

import builtins
import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

PRELOAD = "FORKED_KERNELS_PRELOAD"  # environment: what to preload in place of LIBRARIES
PYCACHE = "FORKED_KERNELS_PYCACHE"  # environment: where kernels keep what they compile
# What every kernel is made of. Never matplotlib_inline: on import it looks for the shell whose
# figures it is to show, and there is none here.
KERNEL = ("ipykernel.kernelapp", "ipykernel.debugger", "IPython.display", "comm")
# Third-party only; what is not installed is left out without a word.
LIBRARIES = (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "scipy.stats",
    "scipy.optimize",
    "statsmodels.api",
    "statsmodels.formula.api",
    "seaborn",
)
LONGEST = 500  # characters of why something is not preloaded
LOOK_EVERY = 0.2  # seconds
INLINE = "module://matplotlib_inline.backend_inline"
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Kernel:
    """A forked kernel, as its parent sees it."""

    pid: int
    ended: int  # a descriptor that can be read once the process has ended
    channel: socket.socket


def main() -> None:
    """Import the libraries and serve the parent; in a forked child, become a kernel."""
    # The folder of a script comes first on its path; a kernel has nothing there.
    if sys.path and Path(sys.path[0] or ".").resolve() == Path(__file__).resolve().parent:
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = socket.socket(fileno=int(sys.argv[1]))
    with ending_with(parent):
        failed = preload()
    parent.sendall(json.dumps(failed[:20]).encode() + b"\n")
    order = serve(parent)
    # Only a child has an order. It runs from here, not from inside the loop, so that it ends as
    # any interpreter does.
    if order is not None:
        become_kernel(order)


@contextlib.contextmanager
def ending_with(parent: socket.socket) -> Iterator[None]:
    """End this process if the parent ends, whatever it is importing or loading."""

    def look(*_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            if not parent.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK):
                os._exit(1)

    # By a timer, not a thread: none may run when kernels are forked.
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY, LOOK_EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def preload() -> list[str]:
    """Import and call what was asked for; return what failed, and why."""
    # The debugger would warn, here where nobody debugs, that Python's own modules are frozen.
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    named, failed = os.environ.get(PRELOAD), []
    wanted = LIBRARIES if named is None else named.replace(",", " ").split()
    for name in (*KERNEL, *wanted):
        try:
            with seemingly_in_a_kernel():
                take_in(name)
        except (Exception, SystemExit) as error:
            if named is not None or not isinstance(error, ModuleNotFoundError):
                failed.append(f"{name} ({type(error).__name__}: {error})"[:LONGEST])
    if "matplotlib_inline" in sys.modules:
        raise RuntimeError("matplotlib's inline backend is loaded: kernels would show no figure")
    if threading.active_count() > 1:
        raise RuntimeError("a thread runs that was started by what is preloaded: it has no fork")
    # Collections in a child would write to every object, and so copy every page.
    gc.collect()
    gc.freeze()
    return failed


def take_in(name: str) -> None:
    """Import a module, or call a function of one that is written ``module:function``."""
    module, _, function = name.partition(":")
    found = importlib.import_module(module)
    if function:
        getattr(found, function)()


@contextlib.contextmanager
def seemingly_in_a_kernel() -> Iterator[None]:
    """Let a library that looks for a shell when it is imported find that of a kernel.

    pandas does, and in a plain process settles for the width of a terminal.
    """
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)
    try:
        yield
    finally:
        del builtins.get_ipython


def serve(parent: socket.socket) -> dict | None:
    """Fork kernels until the parent is gone; return an order in a child, nothing otherwise."""
    # Looked up before any fork: a child has to be bound to this process without delay.
    prctl = ctypes.CDLL(None).prctl
    kernels: dict[int, Kernel] = {}
    selector = selectors.DefaultSelector()
    selector.register(parent, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            kernel = key.data
            if kernel is None:
                message, streams, *_ = socket.recv_fds(parent, 1, 4)
                if not message:
                    for other in kernels.values():
                        kill(other)
                        os.waitpid(other.pid, 0)
                    return None
                channel = socket.socket(fileno=streams.pop(0))
                order, born = fork(channel, streams, prctl)
                if order is not None:
                    # A child: nothing of what keeps its parent and brothers may stay open in it.
                    for other in kernels.values():
                        os.close(other.ended)
                        other.channel.close()
                    selector.close()
                    parent.close()
                    return order
                if born is not None:
                    kernels[born.pid] = born
                    selector.register(born.ended, selectors.EVENT_READ, born)
                    selector.register(channel, selectors.EVENT_READ, born)
            elif kernel.pid not in kernels:
                pass  # it ended in this very round
            elif key.fileobj is kernel.channel:
                # Nothing more is ever said to a kernel here: its manager is gone.
                selector.unregister(kernel.channel)
                kill(kernel)
            else:
                del kernels[kernel.pid]
                selector.unregister(kernel.ended)
                with contextlib.suppress(KeyError):
                    selector.unregister(kernel.channel)
                bury(kernel)


def fork(channel: socket.socket, streams: list[int], prctl) -> tuple[dict | None, Kernel | None]:
    """Fork: return the order in the child, the kernel in the parent, neither if that failed."""
    zygote = os.getpid()
    try:
        with channel.makefile("rb") as lines:
            order = json.loads(lines.readline())
        pid = os.fork()
    except (OSError, ValueError):
        pid = None
    if pid == 0:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != zygote:
            os._exit(1)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    if pid is None or pid == 0:
        channel.close()
        return (None if pid is None else order), None
    with contextlib.suppress(OSError):  # the manager may be gone; the closed channel will tell
        channel.sendall(b"%d\n" % pid)
    return None, Kernel(pid, os.pidfd_open(pid), channel)


def kill(kernel: Kernel) -> None:
    """Kill a kernel and what it started. Its id is its own until it is waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(kernel.pid, signal.SIGKILL)
    os.kill(kernel.pid, signal.SIGKILL)


def bury(kernel: Kernel) -> None:
    """Wait for a kernel that has ended, end what it started, and report its status."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(kernel.pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(kernel.pid, 0)[1])
    with contextlib.suppress(OSError):
        kernel.channel.sendall(b"%d\n" % status)
    kernel.channel.close()
    os.close(kernel.ended)


def become_kernel(order: dict) -> None:
    """Run a kernel as ``python -m ipykernel_launcher`` does, in this forked process."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    time.tzset()
    os.chdir(order["cwd"])
    launcher = importlib.util.find_spec("ipykernel_launcher").origin
    sys.argv = [launcher, *order["arguments"]]
    importlib.invalidate_caches()  # files may have come since the libraries were imported
    private = os.environ.get(PYCACHE)
    if private and sys.dont_write_bytecode:
        # Nothing may be written beside the modules: all kernels that share it compile once.
        sys.pycache_prefix, sys.dont_write_bytecode = private, False
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "numpy" in sys.modules:
        # The legacy generator is seeded at import; `random` reseeds itself when it is forked.
        sys.modules["numpy"].random.seed()
    if "matplotlib" in sys.modules:
        # matplotlib reads the variable when it is imported, which a kernel does after setting it.
        backend = os.environ.get("MPLBACKEND") or INLINE
        sys.modules["matplotlib"].rcParams["backend"] = backend
    from ipykernel import kernelapp

    # Given by hand: ipykernel reads JPY_PARENT_PID when it is imported.
    kernelapp.launch_new_instance(parent_handle=os.getppid())


if __name__ == "__main__":
    main()
