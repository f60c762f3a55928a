"""Kernels are forked from a warm process, and nobody can tell the difference but by the clock."""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_async_kernel
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from lgr_report.runs import forking, kernels
from lgr_report.runs.forks import Forks
from lgr_report.runs.kernels import IpcKernelManager

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]

# A kernel is ready before all channels of its client are connected, each with a descriptor.
SETTLED = "time.sleep(1)"
# Nor has it the descriptor of what prints before something is printed; an ordinary kernel may have
# printed a warning of its debugger's by then, into no cell.
PRINTED = "print('first', flush=True)"
# What a notebook can see of its kernel, and what must not depend on how the kernel was started.
CELLS = [
    f"import os, signal, sys, threading, time, warnings, logging\n{SETTLED}\n{PRINTED}",
    "os.getcwd(), os.environ['LGR_TEST'], os.environ.get('MPLBACKEND')",
    "sys.path, sys.argv[0], len(sys.argv), sys.flags, __name__",
    "len(os.listdir('/proc/self/fd')), os.read(0, 1)",
    "[t.name.split('-')[0] for t in threading.enumerate()], len(os.listdir('/proc/self/task'))",
    "[signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]",
    "signal.pthread_sigmask(signal.SIG_BLOCK, []), os.getpgid(0) == os.getpid() == os.getsid(0)",
    "int(os.environ['JPY_PARENT_PID']) == os.getppid(), logging.getLogger().handlers",
    "'get_ipython' in dir(__builtins__), type(get_ipython()).__name__",
    "import pandas as pd\n"
    "{o: pd.get_option(f'display.{o}') for o in ('max_columns', 'width', 'max_rows')}",
    "pd.DataFrame([range(40)])",
    "print(pd.DataFrame([range(40)]))",
    "import matplotlib as mpl\ndict(mpl.rcParams)",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);",
    "plt.get_backend(), plt.isinteractive(), plt.get_fignums()",
    "import seaborn as sns\nsns.lineplot(x=[1, 2], y=[2, 1]);",
    "import numpy as np\nnp.random.seed(1)\nnp.random.rand(3), np.random.default_rng(1).random()",
    "a = np.random.default_rng(0).random((300, 300))\n(a @ a).tobytes()[:64], np.linalg.det(a)",
    "import scipy.stats as st, statsmodels.api as sm\nsm.OLS(a[0], a[:, :3]).fit().params",
    "display({'text/plain': 'shown'}, raw=True)\nprint('out'); print('error', file=sys.stderr)",
    "os.system('echo from a process')",
    "1 / 0",
]
BORN = "import os\nopen(f'/proc/{os.getppid()}/cmdline').read()"


@pytest.fixture(scope="module")
def warm():
    """Return zygotes that the tests of this module share."""
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture
def forked(warm, monkeypatch):
    """Fork kernels, whatever the tests' environment says."""
    monkeypatch.setattr(kernels, "forks", warm)
    monkeypatch.delenv("LGR_REPORT_FORK", raising=False)
    monkeypatch.setenv("LGR_TEST", "set after the zygote started")


@pytest.fixture
def fresh(forked, monkeypatch):
    """Fork kernels from a zygote that this test may break."""
    forks = Forks()
    monkeypatch.setattr(kernels, "forks", forks)
    yield forks
    forks.close()


def notebook(*cells: str) -> nbformat.NotebookNode:
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": spec})


def client(*cells: str, cwd: Path = Path("/tmp"), **settings) -> NotebookClient:
    settings = {"kernel_manager_class": IpcKernelManager, "startup_timeout": 120} | settings
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


def gone(pids: list[int], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(alive, pids))


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_a_forked_kernel_gives_the_outputs_of_an_ordinary_one(forked, tmp_path, monkeypatch):
    after_fork = run(BORN, *CELLS, cwd=tmp_path, allow_errors=True)
    monkeypatch.setenv("LGR_REPORT_FORK", "0")
    ordinary = run(BORN, *CELLS, cwd=tmp_path, allow_errors=True)
    assert "zygote.py" in text(after_fork[0])
    assert "zygote.py" not in text(ordinary[0])
    for cell, mine, expected in zip(CELLS, after_fork[1:], ordinary[1:], strict=True):
        assert mine == expected, cell
    images = [output for cell in after_fork for output in cell if "image/png" in str(output)]
    assert len(images) == 2


def debugged(source: str, line: int) -> list:
    """Run a cell under the debugger, as JupyterLab does; return how and where it stops."""
    numbers = itertools.count(1)

    async def whole() -> list:
        manager = IpcKernelManager()
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(120)

        async def ask(command: str, **arguments) -> dict:
            request = {"type": "request", "seq": next(numbers), "command": command}
            message = client.session.msg("debug_request", request | {"arguments": arguments})
            client.control_channel.send(message)
            while True:
                answer = await client.control_channel.get_msg(timeout=60)
                if answer["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                    assert answer["content"]["success"], answer["content"]
                    return answer["content"].get("body")

        try:
            await ask("initialize", clientID="test", adapterID="", pathFormat="path")
            await ask("attach")
            file = {"path": (await ask("dumpCell", code=source))["sourcePath"]}
            await ask("setBreakpoints", source=file, breakpoints=[{"line": line}])
            await ask("configurationDone")
            client.execute(source)
            while True:
                told = await client.get_iopub_msg(timeout=60)
                if told["msg_type"] == "debug_event" and told["content"]["event"] == "stopped":
                    stop = told["content"]["body"]
                    break
            top = (await ask("stackTrace", threadId=stop["threadId"]))["stackFrames"][0]
            scopes = (await ask("scopes", frameId=top["id"]))["scopes"]
            held = await ask("variables", variablesReference=scopes[0]["variablesReference"])
            values = {one["name"]: one["value"] for one in held["variables"]}
            return [stop["reason"], top["line"], values["x"], "y" in values]
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    return asyncio.run(whole())


def test_a_forked_kernel_can_be_debugged_as_an_ordinary_one(forked, monkeypatch):
    after_fork = debugged("x = 1\ny = 2\nz = x + y", line=2)
    assert after_fork == ["breakpoint", 2, "1", False]
    monkeypatch.setenv("LGR_REPORT_FORK", "0")
    assert debugged("x = 1\ny = 2\nz = x + y", line=2) == after_fork


@pytest.mark.parametrize(
    ("arguments", "set_up"),
    [
        ("papermill one.ipynb two.ipynb --no-progress-bar", True),
        ("papermill one.ipynb two.ipynb --no-progress-bar --engine lgr-report", False),
        ("pytest --nbval one.ipynb -p no:cacheprovider", True),
        ("nbconvert --execute --to notebook --output two.ipynb one.ipynb", True),
    ],
)
def test_other_programs_fork_kernels_and_find_the_same(tmp_path, arguments, set_up):
    born = "import os\n'zygote.py' in open(f'/proc/{os.getppid()}/cmdline').read()"
    drawn = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 3, 2])"
    nb = notebook(born, drawn)
    nb.cells[0].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "True"})]
    nb.cells[0].execution_count = nb.cells[0].outputs[0]["execution_count"] = 1
    nb.cells[1].execution_count = 2
    nb.cells[1].outputs = client(drawn, cwd=tmp_path).execute().cells[0].outputs
    nbformat.write(nb, tmp_path / "one.ipynb")
    env = os.environ | ({"JUPYTER_DEFAULT_PROVISIONER_NAME": kernels.PROVISIONER} if set_up else {})
    command = [sys.executable, "-m", *arguments.split()]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    if "two" in arguments:
        found = nbformat.read(tmp_path / "two.ipynb", 4).cells
        assert text(found[0].outputs) == "True"
        assert [one.data for one in found[1].outputs] == [one.data for one in nb.cells[1].outputs]


def test_jupyterlab_forks_kernels_and_ends_them(tmp_path):
    places = {"JUPYTER_RUNTIME_DIR": tmp_path / "run", "JUPYTER_CONFIG_DIR": tmp_path / "config"}
    env = os.environ | {name: str(folder) for name, folder in places.items()}
    env["JUPYTER_DEFAULT_PROVISIONER_NAME"] = kernels.PROVISIONER
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--notebook-dir={tmp_path}"]
    with (tmp_path / "said").open("wb") as said:
        streams = {"stdout": said, "stderr": said}
        server = subprocess.Popen(command, env=env, start_new_session=True, **streams)

    def within_a_minute(found):
        end = time.monotonic() + 60
        while not (value := found()):
            assert time.monotonic() < end, (tmp_path / "said").read_text()
            time.sleep(0.1)
        return value

    def forked() -> list[int]:
        return [kernel for zygote in children(server.pid) for kernel in children(zygote)]

    try:
        (file,) = within_a_minute(lambda: list((tmp_path / "run").glob("jpserver-*.json")))
        within_a_minute(lambda: file.read_text().endswith("}"))
        about = json.loads(file.read_text())

        def ask(method: str, path: str) -> bytes:
            told = {"Authorization": f"token {about['token']}"}
            address = f"{about['url']}api/kernels{path}"
            request = urllib.request.Request(address, b"{}", told, method=method)
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            return direct.open(request, timeout=60).read()

        kernel = json.loads(ask("POST", ""))["id"]
        (pid,) = within_a_minute(forked)
        assert "zygote.py" in Path(f"/proc/{pid}/cmdline").read_text()
        ask("DELETE", f"/{kernel}")
        assert gone([pid])
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(30)
        finally:
            server.kill()


def test_two_kernels_share_nothing(forked):
    cells = [
        "import sys, os, random, numpy as np\n[m for m in sys.modules if m.startswith('lgr')]",
        "print(os.getpid())",
        "print(np.random.rand(), random.random())",
        "'left' in dir(np)",
        "np.left = 1",
    ]
    one, other = run(*cells), run(*cells)
    assert text(one[0]) == text(other[0]) == "[]"
    assert text(one[1]) != text(other[1])
    assert not set(text(one[2]).split()) & set(text(other[2]).split())
    assert text(one[3]) == text(other[3]) == "False"


def test_a_module_edited_between_two_runs_is_read_anew(forked, tmp_path):
    for value in (1, 22):
        (tmp_path / "mine.py").write_text(f"value = {value}")
        assert text(run("import mine\nmine.value", cwd=tmp_path)[0]) == str(value)


def test_kernels_side_by_side_do_not_mix(forked):
    async def both():
        cells = ["x = {}", "import time; time.sleep(1)", "x", "import os; os.environ['LGR_TEST']"]
        clients = [client(*(c.format(k) for c in cells)) for k in (1, 2)]
        return await asyncio.gather(*(c.async_execute() for c in clients))

    assert [text(nb.cells[2].outputs) for nb in asyncio.run(both())] == ["1", "2"]


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
    with caplog.at_level(logging.ERROR, "lgr_report"), pytest.raises(DeadKernelError):
        dying.execute()
    assert status in polled
    assert [record.message for record in caplog.records if "a kernel died" in record.message]


def test_a_cell_that_takes_too_long_is_interrupted(forked):
    slow = {"timeout": 2, "interrupt_on_timeout": True, "allow_errors": True}
    outputs = run("import time\ntime.sleep(60)", "1 + 1", **slow)
    assert outputs[0][0]["ename"] == "KeyboardInterrupt"
    assert text(outputs[1]) == "2"


def test_a_kernel_that_ignores_everything_is_killed(forked):
    stubborn = "import os, signal, time\nprint(os.getpid(), flush=True)\n"
    stubborn += "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\ntime.sleep(60)"
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


def test_it_serves_any_kernel_manager_over_tcp_and_restarts(forked, monkeypatch):
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", kernels.PROVISIONER)

    async def twice() -> list[str]:
        manager, talk = await start_new_async_kernel(startup_timeout=120)
        try:
            parents = []
            for _ in range(2):
                reply = await talk.execute_interactive(
                    "import os", user_expressions={"born": BORN.split("\n")[1]}, timeout=60
                )
                parents.append(reply["content"]["user_expressions"]["born"]["data"]["text/plain"])
                await manager.restart_kernel()
                await talk.wait_for_ready(timeout=60)
            return parents
        finally:
            talk.stop_channels()
            await manager.shutdown_kernel(now=True)

    assert all("zygote.py" in parent for parent in asyncio.run(twice()))


PARENT = """
import os, sys, threading, time
from nbclient import NotebookClient
import nbformat
from lgr_report.runs.kernels import IpcKernelManager
if os.fork() == 0:
    time.sleep(60)  # a fork from before, and one from after, keep nothing alive
cell = "import os, subprocess, time; p = subprocess.Popen(['sleep', '60']); "
cell += "print(os.getpid(), os.getppid(), p.pid, file=open(PATH, 'w'), flush=True); "
cell = cell.replace("PATH", repr(sys.argv[1]))
nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell + "time.sleep(60)")])
threading.Thread(target=lambda: (time.sleep(1), os.fork() or time.sleep(60)), daemon=True).start()
NotebookClient(nb, kernel_manager_class=IpcKernelManager, startup_timeout=120).execute()
"""


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

    start = time.monotonic()
    asyncio.run(wait())
    assert time.monotonic() - start < 60


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
        assert gone([parent.pid, kernel, zygote, started], 5)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()


def test_a_parent_killed_while_the_libraries_load_leaves_nothing_behind(forked):
    script = "import os, time; from lgr_report.runs.forking import Zygote\n"
    script += "print(Zygote(os.environ)._process.pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        zygote = int(parent.stdout.readline())
        parent.kill()
        assert gone([zygote], 10)


def test_switched_off_kernels_are_ordinary_and_nothing_is_said(fresh, monkeypatch, caplog):
    monkeypatch.setenv("LGR_REPORT_FORK", "0")
    assert "zygote.py" not in text(run(BORN)[0])
    assert not caplog.records and not fresh._zygotes


def warnings_in(caplog) -> list[str]:
    return [r.getMessage() for r in caplog.records if (r.name, r.levelname) == LOUD]


LOUD = ("lgr_report", "WARNING")


def test_a_zygote_that_cannot_start_is_said_once(fresh, monkeypatch, tmp_path, caplog):
    (tmp_path / "seaborn.py").write_text("raise SystemExit('no seaborn today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for _ in range(2):
        assert "zygote.py" not in text(run(BORN)[0])
    (warning,) = warnings_in(caplog)
    assert "no seaborn today" in warning


def test_only_one_of_the_processes_of_a_run_says_it(tmp_path, caplog):
    (tmp_path / "run").mkdir()
    for folder in ("run", "run", "gone", "gone"):
        forks = Forks()
        forks.say_once(tmp_path / folder)
        forks.give_up("no fork today")
        assert not forks.wanted()
    assert len(warnings_in(caplog)) == 3  # where it cannot be noted it is said twice


def test_elsewhere_than_on_linux_kernels_are_ordinary(fresh, monkeypatch, caplog):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not fresh.wanted() and not fresh.wanted()
    (warning,) = warnings_in(caplog)
    assert "that needs Linux, and this is darwin" in warning


def test_a_zygote_that_takes_too_long_is_not_waited_for(fresh, monkeypatch, caplog):
    monkeypatch.setattr(forking, "PRELOAD_TIMEOUT", 0)
    assert "zygote.py" not in text(run(BORN)[0])
    assert len(warnings_in(caplog)) == 1


def test_a_killed_zygote_takes_its_kernel_and_the_next_is_ordinary(fresh, caplog):
    with pytest.raises(DeadKernelError):
        run("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)")
    for _ in range(2):
        assert "zygote.py" not in text(run(BORN)[0])
    assert len(warnings_in(caplog)) == 1


def test_what_cannot_be_forked_starts_as_usual(forked, tmp_path):
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 7")
    seen = run(BORN, "import matplotlib\nmatplotlib.rcParams['lines.linewidth']", cwd=tmp_path)
    assert "zygote.py" not in text(seen[0])
    assert text(seen[1]) == "7.0"


def test_variables_read_once_come_from_the_kernels_own_environment(fresh, monkeypatch):
    look = (
        f"import os, sys, json, time\n{SETTLED}\n"
        "json.dumps([sys.flags.utf8_mode, len(os.listdir('/proc/self/fd'))])"
    )
    before = json.loads(text(run(look)[0]).strip("'"))
    monkeypatch.setenv("PYTHONUTF8", "1")
    after = json.loads(text(run(look)[0]).strip("'"))
    assert (before[0], after[0]) == (0, 1)
    assert before[1] == after[1]
    assert len(fresh._zygotes) == 2
