"""Programs that start kernels fork them, through the provisioner."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from forked_kernels import provisioner
from jupyter_client.manager import start_new_async_kernel
from jupyter_client.provisioning import KernelProvisionerFactory
from running import BORN, children, client, gone, notebook, text

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


@pytest.mark.parametrize(
    "arguments",
    [
        "papermill one.ipynb two.ipynb --no-progress-bar",
        "pytest --nbval one.ipynb -p no:cacheprovider",
        "nbconvert --execute --to notebook --output two.ipynb one.ipynb",
    ],
)
def test_other_programs_fork_kernels_and_find_the_same(tmp_path, arguments):
    born = "import os\n'zygote.py' in open(f'/proc/{os.getppid()}/cmdline').read()"
    drawn = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 3, 2])"
    nb = notebook(born, drawn)
    nb.cells[0].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "True"})]
    nb.cells[0].execution_count = nb.cells[0].outputs[0]["execution_count"] = 1
    nb.cells[1].execution_count = 2
    nb.cells[1].outputs = client(drawn, cwd=tmp_path).execute().cells[0].outputs
    nbformat.write(nb, tmp_path / "one.ipynb")
    env = os.environ | {"JUPYTER_DEFAULT_PROVISIONER_NAME": provisioner.NAME}
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
    env["JUPYTER_DEFAULT_PROVISIONER_NAME"] = provisioner.NAME
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


def test_it_serves_any_kernel_manager_over_tcp_and_restarts(forked, monkeypatch):
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", provisioner.NAME)

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
