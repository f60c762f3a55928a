"""Write what a reader sees of every page, as plain text: one file a page.

All notebooks run in forks of one warm process, and charts are composed but not rendered, so that
every page of a state of the project is written in little more than the time of its numbers. The
library and the notebooks are those of the checkout that Python finds `lgr_report` in:

    PYTHONPATH=/that/checkout python scripts/page_texts.py /tmp/texts
    python scripts/page_texts.py /tmp/texts --area surrey --notebook risks

writes /tmp/texts/surrey/risks.txt. The same state gives the same bytes. A notebook that fails ends
its file with a line ERROR; the others are written all the same, and the exit code is 1.
`scripts/same_as.py` compares two such folders.
"""

import argparse
import contextlib
import gc
import importlib
import multiprocessing
import multiprocessing.connection
import os
import pkgutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from page_list import InputError, Page, a_number, checkout, pages

CACHE, VALIDATED = "LGR_REPORT_CACHE", "LGR_REPORT_VALIDATED"  # environment, read by the library
FORK = multiprocessing.get_context("fork")
FEW = 3  # pages that are not worth importing what only some of them need
OTHERS = (  # third-party only: each page imports the library's modules in its notebook's own order
    "afcharts",
    "filelock",
    "jinja2",
    "pandas.io.formats.style",
    "scipy.stats",
)
OTHERS_OF_SOME = (
    "firthmodels",
    "frictionless.formats",
    "frictionless.resources",
    "moocore",
    "scipy.optimize",
    "seaborn",
    "shapely.ops",
    "shapely.plotting",
    "sklearn.base",
    "statsmodels.api",
    "statsmodels.formula.api",
)


def write_all(out: Path, wanted: Sequence[Page], jobs: int = 1) -> list[str]:
    """Write pages, so many at a time; return the names of those that failed.

    Each is written by a fork of this process, which has imported other libraries and computed
    nothing: as by a fresh kernel, whatever another page would have left in memory. What is national
    they share by the cache.
    """
    # Imported here: --help, and a wrong name, need none of it.
    from page_reader import write
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread beside the one that forks
    import_others(len(wanted) > FEW)
    waiting, running, failed = list(wanted[::-1]), {}, []
    with tqdm(total=len(wanted), unit="page") as bar:
        while waiting or running:
            while waiting and len(running) < jobs:
                page = waiting.pop()
                process = FORK.Process(target=write, args=(out, page))
                process.start()
                running[process.sentinel] = page, process
            for sentinel in multiprocessing.connection.wait(list(running)):
                page, process = running.pop(sentinel)
                process.join()
                if process.exitcode:
                    failed.append(page.name)
                bar.update()
    return sorted(failed)


def import_others(many: bool) -> None:
    """Import what the pages need beside the library itself; for a few pages, what all of them need.

    What is missing here costs time, and nothing else.
    """
    for name in OTHERS + (OTHERS_OF_SOME if many else ()):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page of memory


@contextlib.contextmanager
def surroundings() -> Iterator[None]:
    """Give the run an empty working folder, a cache of national results, and valid tables."""
    with tempfile.TemporaryDirectory(prefix="page-texts-") as folder:
        cache, here = Path(folder, "cache"), Path(folder, "here")
        cache.mkdir()
        here.mkdir()
        os.environ |= {CACHE: str(cache), "IPYTHONDIR": folder, "MPLBACKEND": "agg"}
        # In a fork: this process is to import no module of the library.
        with ProcessPoolExecutor(1, FORK) as pool:
            mark = pool.submit(tables_found_valid).result()
        if mark:
            os.environ[VALIDATED] = mark
        with contextlib.chdir(here):
            yield


def tables_found_valid() -> str | None:
    """Return the fingerprint of the tables, so that no process validates them; None if unknown.

    The module may move from package to package: it is known by its name and its function.
    """
    library = importlib.import_module("lgr_report")
    for module in pkgutil.walk_packages(library.__path__, "lgr_report.", lambda _: None):
        if module.name.endswith(".tables"):
            with contextlib.suppress(Exception):  # what is wrong with it, every page will say
                found: Any = importlib.import_module(module.name)
                return found.fingerprint()
    return None


def main() -> int:
    """Write the pages that the command names; return the exit code."""
    about = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    about.add_argument("out", type=Path, metavar="OUT", help="folder for the texts")
    several = {"nargs": "+", "action": "extend", "default": []}
    about.add_argument("--area", metavar="A", help="only these areas, or national", **several)
    about.add_argument("--notebook", metavar="N", help="only these notebooks", **several)
    about.add_argument(
        "--jobs", metavar="J", type=a_number, default=1, help="processes (default: 1)"
    )
    asked = about.parse_args()
    try:
        wanted = pages(checkout(), asked.area, asked.notebook)
    except InputError as error:
        print(f"page_texts: {error}", file=sys.stderr)
        return 2
    out = asked.out.resolve()
    with surroundings():
        failed = write_all(out, wanted, asked.jobs)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
