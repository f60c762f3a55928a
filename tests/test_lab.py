"""`make lab`: a real JupyterLab on the project, which saves nothing by itself."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from plain import ROOT

TOKEN = "for-the-test"
PATIENCE = 120  # seconds for a server to answer on a busy machine


def command() -> list[str]:
    """Return what `make lab` runs, as words."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(r"^\t\$\(BIN\)/jupyter (lab .*)$", makefile, re.MULTILINE)
    return [sys.executable, "-m", "jupyter", *line.replace('"', "").split()]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab as `make lab` does; return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    more = ["--no-browser", "--ServerApp.port_retries=0", f"--ServerApp.port={port}"]
    more += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.root_dir=.", "--allow-root"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command(), *more],
            cwd=ROOT,
            env=os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "jupyter")},
            stdout=log,
            stderr=log,
        )
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
    try:
        while True:
            try:
                asked(address, "/api/status")
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > end:
                    pytest.fail((home / "log").read_text(encoding="utf-8"))
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE)


def asked(address: str, path: str) -> dict:
    """Return what the server answers, as JSON."""
    request = urllib.request.Request(address + path, headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


@pytest.mark.slow
def test_nothing_is_saved_unless_somebody_saves_it(lab):
    about = asked(lab, "/lab/api/settings/@jupyterlab/docmanager-extension:plugin")
    assert about["schema"]["properties"]["autosave"]["default"] is False


@pytest.mark.slow
def test_the_project_is_there_and_begins_with_a_page_that_says_where_to_start(lab):
    names = {item["name"] for item in asked(lab, "/api/contents/?content=1")["content"]}
    assert {"data", "docs", "lab", "notebooks", "outputs", "scratch"} <= names
    (start,) = [word for word in command() if "default_url" in word]
    path = start.split("/lab/tree/")[1].split("?")[0]
    page = asked(lab, f"/api/contents/{path}?content=1")["content"]
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"`{notebook.stem}`" in page
