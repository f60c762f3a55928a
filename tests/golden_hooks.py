"""Golden notebooks under nbval: kernels that share what they compute, failures a reader can read.

pytest finds the two hooks where `conftest` imports them.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from unittest import mock

import nbval.kernel
import page_changes
import page_form
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory as Provisioners
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, NbCellError

from lgr_report.runs import executors, kernels
from lgr_report.sources import cache, kept

TESTS_CACHE = "LGR_REPORT_TESTS_CACHE"  # a folder that all processes of a run know
FORKED = "forked-kernels"  # who starts kernels, where that package is installed
NATIONAL = kept.HOME  # where the build that all tests share keeps national results
PATIENCE = 120  # seconds for outputs on a busy machine; nbval's own five are too few


@contextlib.contextmanager
def sharing() -> Iterator[None]:
    """Let the kernels that start meanwhile share results with those of other tests.

    Tests in this process must never see these folders: what a test patched would stay in them.
    """
    shared = Path(os.environ[TESTS_CACHE], "kernels")
    for folder in (shared, NATIONAL):
        folder.mkdir(exist_ok=True)
    with (
        executors.environ({cache.FOLDER: str(shared), kept.FOLDER: str(NATIONAL)}),
        executors.environ(kernels.environment()),
    ):
        yield


@contextlib.contextmanager
def _as_ours() -> Iterator[None]:
    """Let nbval start kernels as our runs do: forked, and over sockets of their own."""
    factory = Provisioners.instance()
    before = factory.default_provisioner_name
    if FORKED in entry_points(group=Provisioners.GROUP_NAME).names:
        factory.default_provisioner_name = FORKED
    # TCP ports race between the workers of a run.
    place = Path(tempfile.mkdtemp(dir=os.environ[TESTS_CACHE]), "kernel")
    manager = partial(KernelManager, transport="ipc", ip=str(place))
    try:
        with mock.patch.object(nbval.kernel, "KernelManager", manager):
            yield
    finally:
        factory.default_provisioner_name = before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Start the kernel of a golden notebook, which nbval does in the set-up of its first cell."""
    if not isinstance(item, IPyNbCell):
        left = [name for name in (cache.FOLDER, kept.FOLDER) if os.environ.get(name)]
        assert not left, "a test left the folders of shared results behind"
        return (yield)
    item.output_timeout = PATIENCE
    with sharing(), _as_ours():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Tell what a reader would find changed, in place of a difference of markup."""
    report = yield
    error = call.excinfo and call.excinfo.value
    if isinstance(item, IPyNbCell) and isinstance(error, NbCellError):
        differ = str(error) == "Cell outputs differ"
        if differ and item.test_outputs is not None:
            report.longrepr = _report(item)
    return report


def _report(item: IPyNbCell) -> str:
    cells = item.parent.nb.cells
    before = cells[: next(k for k, cell in enumerate(cells) if cell is item.cell)]
    name, _, key = item.path.stem.partition("__")
    of = f" of {key}" if key else ""
    lines = [f"{name}{of} no longer shows what its golden notebook does, cell {item.cell_num}:"]
    lines += told(item.cell.outputs, item.test_outputs, section(before))
    lines += ["", "If that is meant: `make golden`, read the diff, commit it."]
    return "\n".join(lines)


def section(cells: Iterable[NotebookNode]) -> str:
    """Return the last heading of the second level in some cells."""
    found = ""
    for cell in cells:
        texts = [o.get("data", {}).get("text/markdown", "") for o in cell.get("outputs", [])]
        for line in "\n".join([cell.source if cell.cell_type == "markdown" else "", *texts]).split(
            "\n"
        ):
            if line.startswith("## "):
                found = line
    return found


def told(
    golden: Iterable[NotebookNode], fresh: Iterable[NotebookNode], under: str = ""
) -> list[str]:
    """Return what a reader would find changed between the outputs of a cell, a line each."""
    golden, fresh = list(golden), list(fresh)
    old, new = (
        page_changes.blocks("\n".join([under, *(line for o in side for line in _lines(o))]))
        for side in (golden, fresh)
    )
    lines, last = [], None
    for change in page_changes.changes(old, new):
        if change.section != last:
            last = change.section
            lines.append(f"  under “{last}”")
        lines.append(f"    {change.where}: {change.what}")
    return lines or [f"  a reader sees no difference; {_unseen(golden, fresh)}"]


def _lines(output: NotebookNode) -> list[str]:
    """Return what a reader sees of an output."""
    if output.output_type == "stream":
        return page_form.of_print(output.text)
    if output.output_type == "error":
        return [f"{page_form.ERROR}: {output.ename}: {output.evalue}"]
    return page_form.of_output(output.data, output.get("metadata", {}))


def _unseen(golden: list[NotebookNode], fresh: list[NotebookNode]) -> str:
    """Return where outputs differ that look the same: in which of them, in which format."""
    if len(golden) != len(fresh):
        return f"there are {len(fresh)} outputs, {len(golden)} before"
    places = [
        f"{kind} of output {number}"
        for number, (old, new) in enumerate(zip(golden, fresh, strict=True), start=1)
        for kind in sorted({*old.get("data", {}), *new.get("data", {})})
        if old.get("data", {}).get(kind) != new.get("data", {}).get(kind)
    ]
    return f"written in another way: {', '.join(places) or 'nothing that is shown'}"
