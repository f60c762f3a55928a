"""However a kernel ends, it is told; however a program ends, nothing of it is left."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from forked_kernels.manager import IpcKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from running import alive, children, client, gone, run, text

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


@pytest.mark.parametrize(
    "death, status",
    [("os._exit(3)", 3), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -6)],
)
def test_a_dead_kernel_is_seen_and_its_last_words_are_logged(forked, caplog, death, status):
    dying = client(f"import os\nos.write(2, b'to the notebook')\n{death}")
    manager = dying.create_kernel_manager()
    polled = []

    async def is_alive():
        alive = await IpcKernelManager.is_alive(manager)
        polled.append(await manager.provisioner.poll())
        return alive

    manager.is_alive = is_alive
    with caplog.at_level(logging.ERROR, "forked_kernels"), pytest.raises(DeadKernelError):
        dying.execute()
    assert status in polled
    assert [record.message for record in caplog.records if "a kernel died" in record.message]


def test_a_cell_that_takes_too_long_is_interrupted(forked):
    slow = {"timeout": 2, "interrupt_on_timeout": True, "allow_errors": True}
    outputs = run("import time\ntime.sleep(600)", "1 + 1", **slow)
    assert outputs[0][0]["ename"] == "KeyboardInterrupt"
    assert text(outputs[1]) == "2"


def test_a_kernel_that_ignores_everything_is_killed(forked):
    stubborn = "import os, signal, time\nprint(os.getpid(), flush=True)\n"
    stubborn += "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\ntime.sleep(600)"
    stuck = client(stubborn, timeout=2, shutdown_kernel="immediate")
    with pytest.raises(CellTimeoutError):
        stuck.execute()
    assert gone([int(text(stuck.nb.cells[0].outputs))])


def test_nothing_is_left_after_a_run_and_nothing_is_said(fresh, capfd):
    pid = int(text(run("import os; print(os.getpid())", "import time; time.sleep(0.1)")[0]))
    (zygote,) = fresh._zygotes.values()
    assert gone([pid])
    assert not children(zygote._process.pid)
    assert len(os.listdir(f"/proc/{zygote._process.pid}/fd")) < 10  # noqa: PTH208
    fresh.close()
    assert not alive(zygote._process.pid)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("how", "told"), [(signal.SIGKILL, "Kernel died"), (signal.SIGSTOP, "didn't respond in 2 s")]
)
def test_a_kernel_that_never_answers_is_told(warm, how, told):
    async def wait():
        manager = IpcKernelManager()
        await manager.start_kernel()
        os.kill(manager.provisioner.pid, how)
        talk = manager.client()
        talk.start_channels()
        try:
            with pytest.raises(RuntimeError, match=told):
                await talk.wait_for_ready(timeout=2)
        finally:
            talk.stop_channels()
            await manager.shutdown_kernel(now=True)

    asyncio.run(asyncio.wait_for(wait(), 600))  # it does end


PARENT = """
import os, sys, threading, time
from nbclient import NotebookClient
import nbformat
from forked_kernels.manager import IpcKernelManager
if os.fork() == 0:
    time.sleep(600)  # a fork from before, and one from after, keep nothing alive
cell = "import os, subprocess, time; p = subprocess.Popen(['sleep', '600']); "
cell += "print(os.getpid(), os.getppid(), p.pid, file=open(PATH, 'w'), flush=True); "
cell = cell.replace("PATH", repr(sys.argv[1]))
nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell + "time.sleep(600)")])
threading.Thread(target=lambda: (time.sleep(1), os.fork() or time.sleep(600)), daemon=True).start()
NotebookClient(nb, kernel_manager_class=IpcKernelManager, startup_timeout=120).execute()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_parent_leaves_nothing_behind(forked, tmp_path, how):
    said = tmp_path / "pids"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(said)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 90
        while not (said.exists() and said.read_text().endswith("\n")):
            assert time.monotonic() < end and parent.poll() is None
            time.sleep(0.05)
        kernel, zygote, started = map(int, said.read_text().split())
        assert "zygote.py" in Path(f"/proc/{zygote}/cmdline").read_text()
        parent.send_signal(how)
        assert gone([parent.pid, kernel, zygote, started])
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()


@pytest.mark.parametrize("load", ["", "import time\ntime.sleep(600)"])
def test_a_parent_killed_while_the_libraries_load_leaves_nothing_behind(
    forked, tmp_path, monkeypatch, load
):
    if load:
        (tmp_path / "mine.py").write_text(load)
        monkeypatch.setenv("FORKED_KERNELS_PRELOAD", "mine")
        path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
        monkeypatch.setenv("PYTHONPATH", path)
    script = "import os, time; from forked_kernels.forking import Zygote\n"
    script += "print(Zygote(os.environ)._process.pid, flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        zygote = int(parent.stdout.readline())
        if load:
            time.sleep(2)  # it has begun to load by then, or has not: it ends with the parent
        parent.kill()
        assert gone([zygote])
