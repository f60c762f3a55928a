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
from pathlib import Path
from typing import Any

from page_list import InputError, Page, a_number, checkout, imported, pages

CACHE, VALIDATED = "LGR_REPORT_CACHE", "LGR_REPORT_VALIDATED"  # environment, read by the library
FEW = 3  # pages that are not worth importing all of the next
LATE = (  # what the library, or one of its libraries, imports only when it is called
    "firthmodels",
    "moocore",
    "pandas.io.formats.style",
    "scipy.stats",
    "seaborn",
    "shapely.ops",
    "sklearn.base",
    "statsmodels.api",
    "statsmodels.formula.api",
)


def write_all(out: Path, wanted: Sequence[Page], jobs: int = 1) -> list[str]:
    """Write pages, so many at a time; return the names of those that failed.

    Each is written by a fork of this process, which has imported everything and computed nothing:
    as by a fresh kernel, whatever another page would have left in memory. What is national they
    share by the cache.
    """
    # Imported here: --help, and a wrong name, need none of it.
    from page_reader import write
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread beside the one that forks
    import_for(wanted)
    fork = multiprocessing.get_context("fork").Process
    waiting, running, failed = list(wanted[::-1]), {}, []
    with tqdm(total=len(wanted), unit="page") as bar:
        while waiting or running:
            while waiting and len(running) < jobs:
                page = waiting.pop()
                process = fork(target=write, args=(out, page))
                process.start()
                running[process.sentinel] = page, process
            for sentinel in multiprocessing.connection.wait(list(running)):
                page, process = running.pop(sentinel)
                process.join()
                if process.exitcode:
                    failed.append(page.name)
                bar.update()
    return sorted(failed)


def import_for(wanted: Sequence[Page]) -> None:
    """Import what the notebooks of pages import, and what the library imports only when called."""
    for notebook in {page.notebook for page in wanted}:
        for name in imported(notebook):
            with contextlib.suppress(Exception):  # no module, or a broken one: the page will say
                importlib.import_module(name)
    for name in LATE if len(wanted) > FEW else ():
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
        mark = tables_found_valid()
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
