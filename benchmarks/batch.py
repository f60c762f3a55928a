"""Time a batch of reports beside other ways to run the same notebooks; print medians and ratios.

    python benchmarks/batch.py [--areas 21] [--repeats 3] [--notebook county_report] [--ways abcdef]
                               [--shared] [--many] [--whole]

(a) papermill's command line in a loop, then nbconvert's    (d) lgr-report, one worker
(b) papermill's execute_notebook in one process             (e) lgr-report, a worker a core
(c) the same in a plain pool of processes                   (f) the cells as plain code, warm

All run in one go, in turns, on the same notebooks. (a) to (c) are what anyone would write: each
notebook does the national work that it needs. With --shared they are given a folder to share it in,
as ours make one: a comparison of ways to run alone. (b) and (c) convert to HTML in process, as ours
do. (f) has the libraries imported before the clock starts, shares national work, draws every figure
and makes no page: it is the limit. The table is printed after every round, and at the end whether
all ways, in all rounds, made the same outputs. --many adds how (e) grows up to 200 reports, and
what a second run costs when nothing changed. --whole compares (e) and (f) over every notebook of
every area and of the whole country: what `make reports` does.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil
from tqdm import tqdm

from lgr_report.page import phrases
from lgr_report.runs import journal, plan
from lgr_report.sources import areas, cache, kept, tables

BIN = Path(sys.executable).parent
WHOLE_GOAL = 0.75  # of (e) beside (f), over everything
GOALS = (
    ("(a) / (e)", "at least", 4.0),
    ("(d) / (f)", "at most", 1.35),
    ("(e) / (f)", "at most", 0.75),
    ("(d) beyond its cells, s a report", "at most", 0.35),
    ("peak memory of (e), MB", "at most", 2000.0),
)


class Memory:
    """The most memory that this process and its children held together, MB.

    Pages that forks share count once (PSS).
    """

    def __enter__(self) -> "Memory":
        self.peak, self._end = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._end.wait(0.5):
            held = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    held += process.memory_full_info().pss
                except (psutil.Error, AttributeError):
                    continue
            self.peak = max(self.peak, held / 2**20)

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def with_command_lines(notebook: Path, ids: list[str], folder: Path) -> None:
    """Run (a)."""
    for area in ids:
        made = folder / f"{area}.ipynb"
        silent = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(
            [BIN / "papermill", notebook, made, "-p", "area", area, "--no-progress-bar"], **silent
        )
        subprocess.run([BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", made], **silent)


def one_with_papermill(notebook: Path, area: str, folder: Path) -> None:
    import papermill

    from lgr_report.page import pages

    made = folder / f"{area}.ipynb"
    papermill.execute_notebook(str(notebook), str(made), {"area": area}, progress_bar=False)
    made.with_suffix(".html").write_text(pages.to_html(made, area), encoding="utf-8")


def quiet() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def in_one_process(notebook: Path, ids: list[str], folder: Path) -> None:
    """Run (b)."""
    with ProcessPoolExecutor(1, get_context("spawn"), quiet) as pool:
        list(pool.map(one_with_papermill, [notebook] * len(ids), ids, [folder] * len(ids)))


def in_a_plain_pool(notebook: Path, ids: list[str], folder: Path) -> None:
    """Run (c)."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), quiet) as pool:
        list(pool.map(one_with_papermill, [notebook] * len(ids), ids, [folder] * len(ids)))


def with_ours(workers: int) -> Callable[[Path, list[str], Path], None]:
    """Return (d) or (e): the command, from its start to its end."""

    def run(notebook: Path | None, ids: list[str], folder: Path) -> None:
        subprocess.run(
            [
                *(BIN / "lgr-report", "build", *ids),
                *(("--notebook", notebook.stem) if notebook else ()),
                *("--outputs", folder / "outputs", "--workers", str(workers)),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        log = (folder / "outputs" / journal.FILE).read_text(encoding="utf-8").splitlines()
        built = [event for event in map(json.loads, log) if event["event"] == "built"]
        BEYOND[workers] = [event["seconds"] - event["in_cells"] for event in built]

    return run


BEYOND: dict[int, list[float]] = {}  # by workers: what reports of the last run took beyond cells
OUTPUTS: dict[str, list[str]] = defaultdict(list)  # by area: SHA-256 of what each run showed
PLAIN = """
import importlib, json, pkgutil, sys, time
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
import matplotlib
matplotlib.use("agg")

import lgr_report
work = json.loads(sys.argv[1])  # cells and area, a notebook at a time
for module in pkgutil.walk_packages(lgr_report.__path__, "lgr_report."):
    importlib.import_module(module.name)
shell = InteractiveShell.instance()

def report(cells, area):
    shell.reset(new_session=False)
    with capture_output() as shown:
        for number, cell in enumerate(cells):
            shell.run_cell(cell).raise_error()
            if number == 0 and area != "national":
                shell.user_ns["area"] = area
    for output in shown.outputs:
        output._repr_mimebundle_() if hasattr(output, "_repr_mimebundle_") else output.data

start = time.perf_counter()
for cells, area in work:
    report(cells, area)
print(time.perf_counter() - start)
"""


def as_plain_code(notebook: Path | None, ids: list[str], folder: Path) -> float:
    """Run (f); return its seconds, without what imports take."""
    os.environ[cache.FOLDER] = str(folder)
    names = None if notebook is None else [notebook.stem]
    jobs = [job for of_area in plan.jobs(ids, names).values() for job in of_area]
    work = [(code_of(job.notebook), job.area) for job in jobs]
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, json.dumps(work)], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


def code_of(notebook: Path) -> list[str]:
    """Return the code cells of a notebook."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]


def timed(run: Callable, *arguments: object, share: bool = False) -> tuple[float, float]:
    """Return the seconds that a way took in an empty folder, and the most memory it held."""
    folder = Path(tempfile.mkdtemp(prefix="lgr-bench-"))
    # No run finds what another has kept.
    os.environ[kept.FOLDER] = tempfile.mkdtemp(dir=folder)
    if share:
        os.environ[cache.FOLDER] = tempfile.mkdtemp(dir=folder)
    try:
        with Memory() as memory:
            start = time.perf_counter()
            itself = run(*arguments, folder)
            took = itself if isinstance(itself, float) else time.perf_counter() - start
        remember(folder)
        return took, memory.peak
    finally:
        for name in (cache.FOLDER, kept.FOLDER):
            os.environ.pop(name, None)
        shutil.rmtree(folder, ignore_errors=True)


def remember(folder: Path) -> None:
    """Note what the executed notebooks of a folder show, figures included."""
    for path in folder.rglob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        shown = json.dumps([cell.get("outputs") for cell in cells], sort_keys=True)
        area = path.stem if path.parent == folder else path.parent.name
        OUTPUTS[area].append(hashlib.sha256(shown.encode()).hexdigest())


def show(
    seconds: Mapping[str, list[float]], ways: Mapping[str, object], reports: int
) -> dict[str, float]:
    """Print the table of the rounds so far; return the medians."""
    middle = {name: statistics.median(found) for name, found in seconds.items()}
    print(f"{'':40}{'median':>9}{'least':>9}{'most':>9}{'a report':>10}{'/ (f)':>8}{'(a) /':>8}")
    slowest, limit = (middle.get(name, float("nan")) for name in ("(a)", "(f)"))
    for name in ways:
        found, mine = seconds[name[:3]], middle[name[:3]]
        print(
            f"{name:40}{mine:8.1f}s{min(found):8.1f}s{max(found):8.1f}s{mine / reports:9.2f}s"
            f"{mine / limit:8.2f}{slowest / mine:8.2f}",
            flush=True,
        )
    return middle


WAYS: dict[str, Callable] = {
    "(a) papermill and nbconvert commands": with_command_lines,
    "(b) execute_notebook, one process": in_one_process,
    "(c) execute_notebook, plain pool": in_a_plain_pool,
    "(d) lgr-report, one worker": with_ours(1),
    "(e) lgr-report, all cores": with_ours(os.cpu_count() or 1),
    "(f) plain code, one warm process": as_plain_code,
}


def compare(notebook: Path, ids: list[str], repeats: int, letters: str, share: bool) -> None:
    """Run the ways in turns; print the table, and how the goals are met where all have run."""
    ways = {name: run for name, run in WAYS.items() if name[1] in letters}
    seconds: dict[str, list[float]] = {name[:3]: [] for name in ways}
    memory, beyond = 0.0, []
    with tqdm(total=repeats * len(ways), unit="run", disable=None) as bar:
        for number in range(1, repeats + 1):
            for name, run in ways.items():
                bar.set_description(name)
                took, peak = timed(run, notebook, ids, share=share and name[1] in "abc")
                seconds[name[:3]].append(took)
                memory = max(memory, peak) if name.startswith("(e)") else memory
                beyond += BEYOND[1] if name.startswith("(d)") else []
                bar.update()
            print(f"\nround {number} of {repeats}", flush=True)
            middle = show(seconds, ways, len(ids))
    runs = repeats * sum(name[1] in "abcde" for name in ways)
    other = [area for area in ids if len(set(OUTPUTS[area])) > 1 or len(OUTPUTS[area]) != runs]
    print(
        f"\nOutputs of {runs} runs, figures included: "
        + (f"NOT the same for {', '.join(other)}" if other else "the same for every area")
    )
    if not {*"adef"} <= {*letters}:
        return
    found = (
        middle["(a)"] / middle["(e)"],
        middle["(d)"] / middle["(f)"],
        middle["(e)"] / middle["(f)"],
        statistics.median(beyond),
        memory,
    )
    whole = (middle["(d)"] - middle["(f)"]) / len(ids)
    print(f"(d) takes {whole:.2f} s a report more than (f): start, kernels, pages and manifest\n")
    for (what, how, goal), value in zip(GOALS, found, strict=True):
        met = value >= goal if how == "at least" else value <= goal
        print(f"{what:32}{value:9.2f}   goal: {how} {goal:g}   {'met' if met else 'NOT MET'}")


def compare_whole(ids: list[str], repeats: int) -> None:
    """Print (e) beside (f) over every notebook, and how the goal is met."""
    ways = {name: run for name, run in WAYS.items() if name[1] in "ef"}
    seconds: dict[str, list[float]] = {name[:3]: [] for name in ways}
    memory = 0.0
    for number in range(1, repeats + 1):
        for name, run in ways.items():
            took, peak = timed(run, None, [*ids, plan.NATIONAL])
            seconds[name[:3]].append(took)
            memory = max(memory, peak) if name.startswith("(e)") else memory
        print(f"\nevery notebook, round {number} of {repeats}", flush=True)
        middle = show(seconds, ways, len(ids) + 1)
    ratio = middle["(e)"] / middle["(f)"]
    met = "met" if ratio <= WHOLE_GOAL else "NOT MET"
    print(
        f"(e) / (f){ratio:9.2f}   goal: at most {WHOLE_GOAL:g}   {met}; at its peak {memory:.0f} MB"
    )


def grow(notebook: Path, ids: list[str]) -> None:
    """Print how long 50, 100 and 200 reports take, and a run in which nothing changed."""
    from lgr_report.runs import batch
    from lgr_report.runs.records import Job

    print()
    batch.name_of = str
    for count in (50, 100, 200):
        jobs = {
            f"report-{k:03}": (Job(notebook, f"report-{k:03}", {"area": ids[k % len(ids)]}),)
            for k in range(count)
        }

        def build(folder: Path, jobs: dict = jobs) -> None:
            failed = [report.error for report in batch.run(jobs, folder) if not report.ok]
            if failed:
                sys.exit(f"{len(failed)} reports failed: {failed[0]}")

        took, _ = timed(build)
        print(
            f"{count:4} reports on all cores     {took:9.1f} s   {took / count:.2f} s a report",
            flush=True,
        )
    folder = Path(tempfile.mkdtemp(prefix="lgr-bench-"))
    try:
        again = []
        for _ in range(4):
            start = time.perf_counter()
            with_ours(os.cpu_count() or 1)(notebook, ids, folder)
            again.append(time.perf_counter() - start)
        start = time.perf_counter()
        imports = "import lgr_report.cli, papermill"
        subprocess.run([sys.executable, "-c", imports], check=True)
        imported = time.perf_counter() - start
        mine = statistics.median(again[1:]) - imported
        print(
            f"nothing changed           {mine:9.2f} s beyond {imported:.2f} s of imports"
            f"   goal: at most 1   {'met' if mine <= 1 else 'NOT MET'}"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=int, default=21, help="how many areas")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--notebook", default="county_report")
    parser.add_argument("--ways", default="abcdef", help="the letters of those to run")
    parser.add_argument("--shared", action="store_true", help="(a) to (c) share national work, too")
    parser.add_argument("--many", action="store_true", help="up to 200 reports, and a second run")
    parser.add_argument("--whole", action="store_true", help="(e) and (f) over every notebook")
    arguments = parser.parse_args()
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # All ways find their libraries compiled, as on a machine that is used every day.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    tables.check_once()  # for all ways alike: it is not what is compared
    ids = areas.ids()[: arguments.areas]
    notebook = plan.NOTEBOOKS / f"{arguments.notebook}.ipynb"
    print(f"{phrases.count(len(ids), 'report')} of {notebook.stem}, {os.cpu_count()} cores\n")
    if arguments.repeats:
        compare(notebook, ids, arguments.repeats, arguments.ways, arguments.shared)
    if arguments.whole:
        compare_whole(ids, arguments.repeats or 3)
    if arguments.many:
        grow(notebook, ids)


if __name__ == "__main__":
    main()
