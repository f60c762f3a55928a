"""Our kernels are forked where that is installed, and ordinary where it is not: the same pages."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import tiny

from lgr_report.runs import engine, kernels
from lgr_report.runs.journal import Journal
from lgr_report.runs.records import Job, Limits

forks = pytest.importorskip("forked_kernels.forks")

BORN = "import os\n\nborn = open(f'/proc/{os.getppid()}/cmdline').read()"
linux = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


def said(folder: Path, cell: str) -> str:
    """Return what a cell shows in one of our kernels."""
    path = tiny.write(folder, cell)
    nb, _ = engine.execute(path, {}, folder, Limits())
    (output,) = nb.cells[-1].outputs
    return output["data"]["text/plain"]


@pytest.fixture
def without_forks(tmp_path, monkeypatch) -> Path:
    """Let this process, and those that it starts, find no package that forks kernels."""
    monkeypatch.setattr(kernels, "forks", None)
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "forked_kernels.py").write_text("raise ImportError('not installed')")
    path = os.pathsep.join([str(hidden), *filter(None, [os.environ.get("PYTHONPATH")])])
    monkeypatch.setenv("PYTHONPATH", path)
    return hidden


def run_driver(folder: Path, outputs: Path) -> str:
    """Build two areas in processes of their own; return what was said."""
    driver = Path(__file__).parents[1] / "faults" / "driver.py"
    command = [sys.executable, str(driver), str(folder), "build", "surrey", "norfolk"]
    done = subprocess.run(
        [*command, "--workers", "2", "--outputs", str(outputs)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@linux
@pytest.mark.slow
def test_all_that_is_named_is_preloaded(tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("FORKED_KERNELS", raising=False)
    monkeypatch.setattr(forks, "here", forks.Forks())
    modules = [name for name in kernels.PRELOAD if ":" not in name]
    look = f"import sys\n\n[name for name in {modules} if name not in sys.modules]"
    assert said(tmp_path, look) == "[]"
    assert (
        said(tmp_path, "import sys\n\n'lgr_report.chapters.staffing.words' in sys.modules")
        == "True"
    )
    runner = ("lgr_report.runs.", "lgr_report.cli")
    look = f"import sys\n\nsorted(name for name in sys.modules if name.startswith({runner}))"
    assert said(tmp_path, look) == "['lgr_report.runs.address_grammar', 'lgr_report.runs.warm']"
    noted = "from lgr_report.sources import reading\n\nreading.noted()"
    assert said(tmp_path, noted) == "[]"  # a page names what it reads itself
    assert said(tmp_path, "import rfc3987_syntax\n\nrfc3987_syntax.__name__") == "'rfc3987_syntax'"
    forks.here.close()
    assert caplog.records == []


@pytest.mark.slow
def test_a_text_that_comes_in_two_parts_is_one_output(tmp_path):
    parts = "import time\n\nprint('one', flush=True)\ntime.sleep(0.5)\nprint('two', flush=True)"
    nb, _ = engine.execute(tiny.write(tmp_path, parts), {}, tmp_path, Limits())
    assert [output["text"] for output in nb.cells[-1].outputs] == ["one\ntwo\n"]


@linux
@pytest.mark.slow
def test_papermill_forks_kernels_by_our_engine(tmp_path):
    path = tiny.write(tmp_path, f"{BORN}\n'zygote.py' in born")
    command = [sys.executable, "-m", "papermill", str(path), str(tmp_path / "out.ipynb")]
    subprocess.run([*command, "--engine", "lgr-report"], check=True, capture_output=True)
    (output,) = nbformat.read(tmp_path / "out.ipynb", 4).cells[-1].outputs
    assert output["data"]["text/plain"] == "True"


@pytest.mark.slow
def test_without_the_package_pages_are_the_same(tmp_path, request):
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    chart = "from lgr_report.page.cells import say\nimport numpy as np\n\n"
    chart += "a = np.random.default_rng(0).random((300, 300))\nsay(f'{np.linalg.det(a)};')"
    tiny.write(notebooks, tiny.TITLE, chart, name="risks")
    made = []
    for outputs in (tmp_path / "forked", tmp_path / "ordinary"):
        run_driver(notebooks, outputs)
        made.append({path.name: path.read_bytes() for path in outputs.glob("*/risks.*")})
        if len(made) == 1:
            request.getfixturevalue("without_forks")
    assert len(made[0]) == 2 and made[0] == made[1]


@pytest.mark.slow
def test_without_the_package_kernels_are_ordinary_and_national_work_waits(tmp_path, without_forks):
    assert not kernels.forked()
    with kernels.sharing(tmp_path) as shared:
        assert shared is None
        kernels.join(shared)
    assert "zygote.py" not in said(tmp_path, f"{BORN}\nborn")


@linux
def test_that_kernels_cannot_be_forked_is_in_the_log_of_the_run(tmp_path, monkeypatch):
    monkeypatch.delenv("FORKED_KERNELS", raising=False)
    journal = Journal(tmp_path)
    with journal.of_warnings():
        forks.Forks().give_up("no fork today")
        logging.getLogger("lgr_report").warning("ours too")
    lines = journal.path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 and "no fork today" in lines[0] and "ours too" in lines[1]


def test_jsonschema_is_imported_without_its_grammar_and_the_grammar_stays():
    code = (
        "import sys\nfrom lgr_report.runs import address_grammar\naddress_grammar.skip()\n"
        "assert 'jsonschema' in sys.modules and 'rfc3987_syntax' not in sys.modules\n"
        "import rfc3987_syntax\naddress_grammar.skip()\n"
        "assert sys.modules['rfc3987_syntax'] is rfc3987_syntax\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_one_module_of_ours_knows_of_the_package():
    library = Path(kernels.__file__).parents[1]
    naming = [p.name for p in library.rglob("*.py") if "forked_kernels" in p.read_text("utf-8")]
    assert sorted(naming) == ["journal.py", "kernels.py"]


DRAWS = """
import pandas as pd
from lgr_report.page.cells import Table, say
from lgr_report.page.figures import Figure, picture

drawn = picture(3, "A line", "computed")
_ = drawn.add_subplot().plot([1, 2, 3])
Figure(drawn, "A line", "It rises from 1 to 3.", Table(pd.DataFrame({"y": [1, 2, 3]}), "y"))
"""
SAYS = "say('mine' if 'mine' in globals() else 'as shipped')"


@pytest.mark.slow
@pytest.mark.parametrize("forked", [True, False], ids=["forked", "ordinary"])
def test_what_a_user_set_for_himself_changes_no_byte(tmp_path, monkeypatch, request, forked):
    if not forked:
        request.getfixturevalue("without_forks")
    path = tiny.write(tmp_path, tiny.TITLE, DRAWS, SAYS, figures=1, tables=1)
    job = Job(path, "surrey", {"area": "surrey"})
    assert tiny.build((job,), tmp_path / "plain").ok
    home = tmp_path / "home"
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-mine.py").write_text("mine = 1\nprint('mine')", encoding="utf-8")
    config = startup.parent / "ipython_config.py"
    config.write_text("c.InteractiveShell.ast_node_interactivity = 'all'", encoding="utf-8")
    style = home / ".config" / "matplotlib"
    style.mkdir(parents=True)
    (style / "matplotlibrc").write_text("lines.linewidth: 20\nsvg.hashsalt: x", encoding="utf-8")
    (home / "python.py").write_text("mine = 1", encoding="utf-8")
    for name, value in {
        "HOME": home,
        "IPYTHONDIR": home / ".ipython",
        "MPLCONFIGDIR": style,
        "PYTHONSTARTUP": home / "python.py",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert tiny.build((job,), tmp_path / "mine").ok
    for name in ("small.html", "small.ipynb"):
        plain, mine = (tmp_path / place / "surrey" / name for place in ("plain", "mine"))
        assert plain.read_bytes() == mine.read_bytes()
    assert "as shipped" in mine.read_text(encoding="utf-8")
