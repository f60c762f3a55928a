"""Run notebooks of a few cells, and look for processes."""

import time
from pathlib import Path

import nbformat
from forked_kernels.manager import IpcKernelManager
from nbclient import NotebookClient

BORN = "import os\nopen(f'/proc/{os.getppid()}/cmdline').read()"


def notebook(*cells: str) -> nbformat.NotebookNode:
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": spec})


def client(*cells: str, cwd: Path = Path("/tmp"), **settings) -> NotebookClient:
    settings = {
        "kernel_manager_class": IpcKernelManager,
        "startup_timeout": 120,
        # A kernel flushes what is printed by a clock: one text may come in one part or in two.
        "coalesce_streams": True,
        **settings,
    }
    place = {"metadata": {"path": str(cwd)}}
    return NotebookClient(notebook(*cells), resources=place, **settings)


def run(*cells: str, **settings) -> list[list]:
    """Run a notebook; return the outputs of each cell, without the names of files and objects."""
    nb = client(*cells, **settings).execute()
    return [[clean(output) for output in cell.outputs] for cell in nb.cells]


def clean(output) -> dict:
    output = dict(output)
    if output["output_type"] == "error":
        return {"ename": output["ename"], "evalue": output["evalue"]}
    return output


def text(outputs: list) -> str:
    (output,) = outputs
    return output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"]


def alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone(pids: list[int], seconds: float = 120) -> bool:
    """Wait until no process runs; by themselves those of the tests would run for ten minutes."""
    end = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(alive, pids))


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def warnings_in(caplog) -> list[str]:
    return [r.getMessage() for r in caplog.records if (r.name, r.levelname) == LOUD]


LOUD = ("forked_kernels", "WARNING")
