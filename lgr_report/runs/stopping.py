"""Stop a run from outside: Ctrl-C, SIGTERM, or the terminal that was closed."""

import contextlib
import signal
import threading
from collections.abc import Iterator

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(KeyboardInterrupt):
    """A signal asks the run to end; ``signum`` is which."""

    def __init__(self, signum: int):
        self.signum = signum
        super().__init__(f"stopped by {signal.Signals(signum).name}")


@contextlib.contextmanager
def on_signals() -> Iterator[None]:
    """Raise `Stopped` in the main thread at the first signal; ignore those that follow.

    What was ignored before (``nohup``) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    heeded = [signum for signum in wanted if signal.getsignal(signum) != signal.SIG_IGN]

    def stop(signum: int, _: object) -> None:
        for other in heeded:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(signum)

    before = {signum: signal.signal(signum, stop) for signum in heeded}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
