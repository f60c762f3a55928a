"""The page "Add a chapter" keeps its word: its three files are all that it takes."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from plain import ROOT

PAGE = (ROOT / "docs" / "add_a_chapter.md").read_text(encoding="utf-8")
CHAPTER, *CELLS, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Return a copy of the project with the chapter of the page, and nothing else added."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("lgr_report", "data", "notebooks", "examples"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    chapter = folder / "lgr_report" / "chapters" / "caseload"
    chapter.mkdir()
    (chapter / "__init__.py").write_text(CHAPTER, encoding="utf-8")
    first = new_markdown_cell(
        "**What is asked.** How small would the smallest caseload be? For officers.",
        metadata={"tags": ["notebook-only"]},
    )
    parameters = new_code_cell(
        'area: str = "surrey"  # area_id; `lgr-report areas` lists all 21',
        metadata={"tags": ["parameters"]},
    )
    nb = new_notebook(cells=[first, parameters, *map(new_code_cell, map(str.rstrip, CELLS))])
    nb.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "lgr_report": {"scope": "area", "figures": 1, "tables": 2},
    }
    nbformat.write(nb, folder / "notebooks" / "caseload.ipynb")
    (folder / "test_caseload.py").write_text(TEST, encoding="utf-8")
    # The county report has one figure and one table more.
    return folder


def run(copy: Path, *arguments: str) -> str:
    """Run a Python command on the copy; return what it printed."""
    environment = os.environ | {"PYTHONPATH": str(copy)}
    environment.pop("LGR_REPORT_VALIDATED", None)
    environment.pop("LGR_REPORT_DATA", None)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_chapter_is_found_everywhere_and_nothing_else_was_touched(copy):
    outputs = copy / "outputs"
    names = ["--notebook", "county_report", "--notebook", "caseload"]
    command = ["-m", "lgr_report.cli", "build", "surrey", *names, "--outputs", str(outputs)]
    run(copy, *command)
    report = BeautifulSoup((outputs / "surrey" / "county_report.html").read_text(), "html.parser")
    assert "The smallest caseload" in [tag.get_text() for tag in report.find_all("h3")]
    rows = [cell.get_text().strip() for cell in report.select("td")]
    assert "Fewest EHC plans of a council (higher is better)" in rows
    assert "EHC plans" in rows  # the table of the trade-offs
    index = (outputs / "index.html").read_text(encoding="utf-8")
    assert 'href="surrey/caseload.html"' in index
    ledger = json.loads(run(copy, "-m", "lgr_report.cli", "ledger", "--json"))
    (row,) = [row for row in ledger if row["finding_id"] == "XP01"]
    assert (row["value"], row["verdict"]) == (638_745, "reproduced")


@pytest.mark.slow
def test_the_test_of_the_page_passes(copy):
    assert "1 passed" in run(copy, "-m", "pytest", "-q", "test_caseload.py")
