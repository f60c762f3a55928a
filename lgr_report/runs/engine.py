"""How one notebook is executed: by papermill, with our kernels, and no save at every cell.

Papermill's extension point, an engine. `papermill IN OUT --engine lgr-report` uses it too.
"""

import math
import time
from collections.abc import Mapping
from pathlib import Path

import nbformat
import papermill as pm
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.log import logger

from lgr_report.runs import kernels
from lgr_report.runs.records import Limits

NAME = "lgr-report"
START_TIMEOUT = 120  # seconds for a kernel to start, on a machine that does other things too
OUTPUT_TIMEOUT = 60  # seconds for the last outputs of a cell that has ended, likewise


class KernelStartError(RuntimeError):
    """A kernel did not start: the notebook is not to blame."""


class ReportTimeoutError(RuntimeError):
    """A notebook took longer than it may."""


class NotebookError(RuntimeError):
    """A cell raised an exception."""


class SilentKernelError(RuntimeError):
    """A kernel lives, but no longer says what is still to come."""


# What may go well at a second try: nothing that the notebook did.
PASSING = (KernelStartError, DeadKernelError, SilentKernelError)


class Client(PapermillNotebookClient):
    """Papermill's client, which tells a kernel that did not start from any other error."""

    def start_new_kernel(self, **kwargs: object) -> None:
        """Start the kernel."""
        try:
            super().start_new_kernel(**kwargs)
        except Exception as error:
            raise KernelStartError(f"the kernel did not start: {error}") from error

    def start_new_kernel_client(self, **kwargs: object) -> None:
        """Wait for the kernel's first answer."""
        try:
            super().start_new_kernel_client(**kwargs)
        except Exception as error:
            raise KernelStartError(f"the kernel did not answer: {error}") from error

    def wait_for_reply(self, msg_id: str, cell: nbformat.NotebookNode | None = None) -> dict | None:
        """Wait for the answer to papermill's last question, as long as for that of a cell."""
        try:
            return super().wait_for_reply(msg_id, cell or next(reversed(self.nb.cells), None))
        except CellTimeoutError as error:
            raise SilentKernelError("the kernel fell silent after its last cell") from error


class Engine(NBClientEngine):
    """An engine that starts our kernels, and ends them at once when the notebook is done."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: object = None,
        stderr_file: object = None,
        start_timeout: int = START_TIMEOUT,
        execution_timeout: int | None = None,
        input_path: str | None = None,
        **kwargs: object,
    ) -> None:
        """Execute the notebook; parameters as papermill gives them, the rest for the client."""
        settings = {
            "kernel_manager_class": kernels.manager(),
            "shutdown_kernel": "immediate",
            "record_timing": False,
            # A kernel flushes what is printed by a clock: one text may come in one part or in two.
            "coalesce_streams": True,
            "timeout": execution_timeout,
            "iopub_timeout": OUTPUT_TIMEOUT,
        }
        Client(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            **(settings | kwargs),
        ).execute(env=kernels.environment())


papermill_engines.register(NAME, Engine)


def execute(
    notebook: Path,
    parameters: Mapping[str, object],
    folder: Path,
    limits: Limits,
) -> tuple[nbformat.NotebookNode, float]:
    """Run one notebook in a fresh kernel; return it executed, and the seconds spent in its cells.

    It is the same for the same results. Times of execution are not in it, nor any path: they belong
    to the manifest, or to nobody.

    Parameters
    ----------
    notebook : Path
        The notebook.
    parameters : mapping
        Its parameters.
    folder : Path
        Where it runs.
    limits : Limits
        How long a cell, and the whole notebook, may take.

    Raises
    ------
    NotebookError
        If a cell raised an exception: which cell, and what.
    ReportTimeoutError
        If a cell, or the notebook, took too long.
    KernelStartError, SilentKernelError, nbclient.exceptions.DeadKernelError
        If the kernel did not start, fell silent, or died.
    """
    end = time.monotonic() + limits.report
    too_long = f"{notebook.stem}: the notebook took longer than {limits.report:g} seconds"

    def seconds_left(cell: nbformat.NotebookNode) -> int:
        left = end - time.monotonic()
        if left <= 0:
            raise ReportTimeoutError(too_long)
        # nbclient takes whole seconds, and none for no limit.
        return math.ceil(min(limits.cell, left))

    try:
        nb = pm.execute_notebook(
            str(notebook),
            None,
            parameters=dict(parameters),
            engine_name=NAME,
            progress_bar=False,
            start_timeout=START_TIMEOUT,
            timeout_func=seconds_left,
            resources={"metadata": {"path": str(folder)}},
        )
    except PapermillExecutionError as error:
        where = f"{notebook.stem}, cell {error.exec_count}"
        raise NotebookError(f"{where}: {error.ename}: {error.evalue}") from error
    except CellTimeoutError as error:
        if "message was: Timeout waiting for IOPub" in str(error):
            raise SilentKernelError("the outputs of a cell did not come") from error
        of_cell = f"{notebook.stem}: a cell took longer than {limits.cell:g} seconds"
        raise ReportTimeoutError(too_long if time.monotonic() >= end else of_cell) from error
    in_cells = sum(cell.metadata.papermill["duration"] or 0 for cell in nb.cells)
    return settled(nb), in_cells


def settled(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out of an executed notebook what differs between two equal runs."""
    nb.metadata.pop("papermill", None)
    for number, cell in enumerate(nb.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = f"injected-parameters-{number}"  # papermill makes one up
    return nb
