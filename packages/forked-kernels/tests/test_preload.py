"""What is preloaded: modules and functions that anybody names, in order, or the usual libraries."""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from forked_kernels import forks
from running import BORN, run, text, warnings_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


@pytest.fixture
def preload(fresh, tmp_path, monkeypatch):
    """Return a function that names what to preload, with modules written for the test."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def name(*names: str, **modules: str) -> None:
        for module, code in modules.items():
            (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        monkeypatch.setenv("FORKED_KERNELS_PRELOAD", ", ".join(names))

    return name


def test_modules_and_data_are_there_once_and_in_order(preload):
    first = "import os\nborn = os.getpid()\nsaid = ['first']"
    second = "import first\nfirst.said.append('second')\n"
    second += "def load():\n    first.said.append('loaded')"
    preload("first", "second", "second:load", first=first, second=second)
    look = "import sys, os\n'first' in sys.modules, sys.modules['first'].born == os.getppid()"
    cells = (BORN, look, "import second, first; first.said", "first.said.append('mine')")
    for _ in range(2):  # what one kernel adds the next does not see
        seen = run(*cells)
        assert "zygote.py" in text(seen[0])
        assert text(seen[1]) == "(True, True)"
        assert text(seen[2]) == "['first', 'second', 'loaded']"


def test_nothing_else_is_preloaded_then(preload, caplog):
    preload()
    assert text(run("import sys\n'pandas' in sys.modules, 'ipykernel' in sys.modules")[0]) == (
        "(False, True)"
    )
    assert warnings_in(caplog) == []


def test_the_usual_libraries_are_those_that_are_installed_by_others(forked):
    look = "import sys\n[name in sys.modules for name in ('numpy', 'pandas', 'seaborn')]"
    assert text(run(look)[0]) == "[True, True, True]"


@pytest.mark.parametrize(
    ("name", "code", "why"),
    [
        ("nowhere", "", "nowhere (ModuleNotFoundError: No module named 'nowhere')"),
        ("mine", "1 / 0", "mine (ZeroDivisionError: division by zero)"),
        ("mine", "raise SystemExit('enough')", "mine (SystemExit: enough)"),
        ("mine:load", "", "mine:load (AttributeError: module 'mine' has no attribute 'load')"),
        ("mine:load", "def load(): 1 / 0", "mine:load (ZeroDivisionError: division by zero)"),
    ],
)
def test_what_fails_is_left_out_and_told_once(preload, caplog, name, code, why):
    preload(name, "after", mine=code, after="")
    for _ in range(2):
        seen = run(BORN, "import sys\n'after' in sys.modules")
        assert "zygote.py" in text(seen[0])
        assert text(seen[1]) == "True"
    assert warnings_in(caplog) == [f"not preloaded: {why}"]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True)"
            ".start()",
            "a thread runs",
        ),
        ("import matplotlib_inline.backend_inline", "inline backend is loaded"),
    ],
)
def test_what_no_kernel_could_live_with_makes_kernels_ordinary(preload, caplog, code, why):
    preload("mine", mine=code)
    assert "zygote.py" not in text(run(BORN)[0])
    (warning,) = warnings_in(caplog)
    assert why in warning


def test_pandas_is_as_in_a_kernel_whoever_imports_it(preload, monkeypatch):
    preload("mine", mine="import pandas")
    look = "import pandas as pd\n[pd.get_option(f'display.{o}') for o in ('max_columns', 'width')]"
    after_fork = text(run(look)[0])
    monkeypatch.setenv("FORKED_KERNELS", "0")
    assert text(run(look)[0]) == after_fork


def test_a_variable_that_a_preloaded_module_reads_can_be_named(preload, fresh, monkeypatch):
    preload("mine", mine="import os\nvalue = os.environ['MY_DATA']")
    monkeypatch.setenv("FORKED_KERNELS_READ_ONCE", "MY_")
    for value in ("one", "two"):
        monkeypatch.setenv("MY_DATA", value)
        assert text(run("import mine\nmine.value")[0]) == repr(value)
    assert len(fresh._zygotes) == 2


def test_kernels_compile_into_a_private_folder(fresh, tmp_path, monkeypatch):
    here, private = tmp_path / "here", tmp_path / "private"
    here.mkdir()
    (here / "mine.py").write_text("value = 1", encoding="utf-8")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("FORKED_KERNELS_PYCACHE", str(private))
    assert text(run("import mine\nmine.value", cwd=here)[0]) == "1"
    assert [path.name for path in here.iterdir()] == ["mine.py"]
    assert [path.name.split(".")[0] for path in private.rglob("mine*.pyc")] == ["mine"]


def parent_of_a_kernel(_: int) -> str:
    return text(run("import os\nos.getppid()")[0])


def test_workers_share_a_zygote(preload, fresh, tmp_path):
    preload("mine", mine="")
    with fresh.sharing(os.environ, tmp_path) as shared:
        settings = {"mp_context": get_context("spawn"), "initargs": (shared,)}
        with ProcessPoolExecutor(2, initializer=join, **settings) as pool:
            (zygote,) = set(pool.map(parent_of_a_kernel, range(4)))
        assert "zygote.py" in Path(f"/proc/{zygote}/cmdline").read_text()
    assert not Path(f"/proc/{zygote}").exists()


def join(shared: forks.Shared) -> None:
    forks.here.join(shared)
