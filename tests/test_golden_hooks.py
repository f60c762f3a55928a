"""What a golden notebook that fails tells: what a reader would find changed, and where."""

import os
import subprocess
import sys
from pathlib import Path

import golden_hooks
import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from plain import ROOT

from lgr_report.page.cells import Table
from lgr_report.page.pages import SVG


def figure(words: str, x: int = 1, alt: str = "Costs rise. From 1 to 3.") -> nbformat.NotebookNode:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt"><text x="{x}" y="1">'
    data = {SVG: f"{svg}{words}</text></svg>", "text/plain": alt}
    return new_output("display_data", data, metadata={SVG: {"alt": alt}})


def table(*costs: int) -> nbformat.NotebookNode:
    frame = pd.DataFrame({"area": ["Kent", "Devon"], "cost": costs})
    return new_output("display_data", {"text/html": Table(frame, "Costs by area")._repr_html_()})


def say(text: str) -> nbformat.NotebookNode:
    return new_output("display_data", {"text/markdown": text, "text/plain": "<Markdown>"})


@pytest.mark.parametrize(
    ("golden", "fresh", "told"),
    [
        (say("It costs 3 pounds."), say("It costs 4 pounds."), "“It costs [3 → 4] pounds.”"),
        (table(1, 2), table(1, 5), "table “Costs by area”, column Cost: row “Devon”: 2 → 5"),
        (figure("Kent"), figure("Essex"), "words drawn in it: went “Kent”, came “Essex”"),
        (figure("Kent"), figure("Kent", x=2), "drawn differently: place or size of something"),
        (figure("Kent"), figure("Kent", alt="Costs rise. From 1 to 4."), "From 1 to [3. → 4.]”"),
        (figure("Kent"), say("Nothing."), "figure “Costs rise. From 1 to 3.”: went"),
    ],
)
def test_a_change_is_told_as_a_reader_would(golden, fresh, told):
    first, *lines = golden_hooks.told([golden], [fresh], "## Costs")
    assert first == "  under “Costs”"
    assert any(told in line for line in lines), lines
    assert not any("<svg" in line or "<td" in line for line in lines)


def test_what_no_reader_sees_is_told_by_its_place():
    old, new = figure("Kent"), figure("Kent")
    new.data[SVG] = new.data[SVG].replace("<text ", "<text  ")
    (line,) = golden_hooks.told([old], [new])
    assert "a reader sees no difference; written in another way: image/svg+xml of output 1" in line
    (line,) = golden_hooks.told([old], [old, new_output("stream", text=" \n")])
    assert "there are 2 outputs, 1 before" in line


def test_the_section_is_the_last_heading_before_a_cell():
    shown = new_code_cell("", outputs=[say("## Shown\n\nSo.")])
    cells = [new_markdown_cell("## Costs\n\nWhy."), new_code_cell("1"), new_markdown_cell("### x")]
    assert golden_hooks.section(cells) == "## Costs"
    assert golden_hooks.section([*cells, shown]) == "## Shown"
    assert golden_hooks.section([]) == ""


@pytest.mark.slow
def test_nbval_tells_what_changed_in_a_doctored_golden_notebook(tmp_path):
    cell = "from lgr_report.page.cells import say\n\nsay('It costs 3 pounds.')"
    shared = "import os\n\n'LGR_REPORT_CACHE' in os.environ"
    nb = new_notebook(
        cells=[
            new_code_cell("1 + 1", execution_count=1, outputs=[value("2")]),
            new_code_cell(shared, execution_count=2, outputs=[value("True")]),
            new_markdown_cell("## Costs"),
            new_code_cell(cell, execution_count=3, outputs=[say("It costs 4 pounds.")]),
            new_code_cell("1 / 0", execution_count=4),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(nb, tmp_path / "small__kent.ipynb")
    said = run_nbval(tmp_path)
    assert "2 failed, 2 passed" in said
    assert "small of kent no longer shows what its golden notebook does, cell 2:" in said
    assert "under “Costs”" in said and "It costs [4 → 3] pounds." in said
    assert "make golden" in said and "text/markdown" not in said
    assert "ZeroDivisionError" in said  # an error is told as nbval tells it


def value(text: str) -> nbformat.NotebookNode:
    return new_output("execute_result", {"text/plain": text}, execution_count=1)


def run_nbval(folder: Path) -> str:
    """Return what nbval says of a folder's notebooks, with our hooks."""
    here = [str(ROOT / "tests"), str(ROOT / "scripts"), str(ROOT), *sys.path]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(here), "FORKED_KERNELS": "0"}
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "golden_hooks", "--color", "no"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)],
        capture_output=True,
        text=True,
        env=env,
        cwd=folder,
    )
    return done.stdout + done.stderr
