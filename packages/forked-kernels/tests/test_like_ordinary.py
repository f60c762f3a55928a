"""Kernels are forked from a warm process, and nobody can tell the difference but by the clock."""

import asyncio
import itertools
import json
import sys

import pytest
from forked_kernels.manager import IpcKernelManager
from running import BORN, client, run, text

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
    "os.getcwd(), os.environ['OF_THE_TEST'], os.environ.get('MPLBACKEND')",
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


def test_a_forked_kernel_gives_the_outputs_of_an_ordinary_one(forked, tmp_path, monkeypatch):
    after_fork = run(BORN, *CELLS, cwd=tmp_path, allow_errors=True)
    monkeypatch.setenv("FORKED_KERNELS", "0")
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
    monkeypatch.setenv("FORKED_KERNELS", "0")
    assert debugged("x = 1\ny = 2\nz = x + y", line=2) == after_fork


def test_two_kernels_share_nothing(forked):
    cells = [
        "import sys, os, random, numpy as np\n[m for m in sys.modules if m.startswith('forked')]",
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
        cells = [
            "x = {}",
            "import time; time.sleep(1)",
            "x",
            "import os; os.environ['OF_THE_TEST']",
        ]
        clients = [client(*(c.format(k) for c in cells)) for k in (1, 2)]
        return await asyncio.gather(*(c.async_execute() for c in clients))

    assert [text(nb.cells[2].outputs) for nb in asyncio.run(both())] == ["1", "2"]


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
