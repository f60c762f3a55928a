"""The kernels of our runs: forked from a warm process, or ordinary where that is not installed.

The package ``forked-kernels`` (`packages/` of this repository) forks them. Without it everything
runs all the same, by jupyter_client's own manager (`ordinary`), only slower.
"""

import contextlib
import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lgr_report.runs import address_grammar
from lgr_report.sources import cache

try:
    from forked_kernels import forks
except ImportError:
    forks = None

# One thread each: kernels run side by side, and sums then come out the same on any machine.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# What is imported only when it is used, then the library with all that it imports itself. A library
# that is edited meanwhile is noticed (`Job.library`): no page that was made of it counts as made of
# what is there then.
PRELOAD = (
    f"{address_grammar.__name__}:{address_grammar.skip.__name__}",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "frictionless.formats",
    "frictionless.resources",
    "lgr_report.runs.warm:load",
)


def environment() -> dict[str, str]:
    """Return the environment of the kernels that this process starts.

    In a batch it keeps out what users set for themselves: a startup file of IPython, a style of
    matplotlib. What is published is the same whoever runs it.
    """
    env = THREADS | {"FORKED_KERNELS_PRELOAD": ",".join(PRELOAD)} | dict(os.environ)
    if cache.FOLDER in env:
        env.pop("PYTHONSTARTUP", None)
        env["IPYTHONDIR"] = str(Path(env[cache.FOLDER], "ipython"))
        env["MATPLOTLIBRC"] = _default_style()
        # Where nothing may be written beside the modules, all kernels of a batch compile them once.
        env["FORKED_KERNELS_PYCACHE"] = env[cache.FOLDER]
    return env


@lru_cache(maxsize=1)
def _default_style() -> str:
    """Return the file that matplotlib brings along; found without importing it, which is slow."""
    return str(Path(find_spec("matplotlib").origin).parent / "mpl-data" / "matplotlibrc")


def manager() -> type:
    """Return the class of the managers that start our kernels."""
    # Imported here: whoever starts workers needs no manager.
    if forks is None:
        from lgr_report.runs.ordinary import OrdinaryKernelManager as Manager
    else:
        from forked_kernels.manager import IpcKernelManager as Manager
    return Manager


def forked() -> bool:
    """Return whether kernels are forked here: then one more costs next to nothing."""
    return forks is not None and forks.here.wanted()


def sharing(folder: Path) -> contextlib.AbstractContextManager[Any]:
    """Give what the workers of a run must `join` to fork their kernels from one process.

    ``folder`` is one that lasts as long as they do.
    """
    return contextlib.nullcontext() if forks is None else forks.here.sharing(environment(), folder)


def join(shared: Any) -> None:
    """Take, in a worker, what its parent shares."""
    if shared is not None:
        forks.here.join(shared)
