"""Make the golden notebooks again, what nbval compares with a fresh run (``make golden``).

They are the executed notebooks of the build that all tests share: only what changed runs again. Read
the diff before you commit it: it says in words, tables and pictures what changed in the reports.
"""

import sys
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import shared_reports  # noqa: E402

from lgr_report.runs import plan  # noqa: E402


def golden(name: str, key: str) -> nbformat.NotebookNode:
    """Return the golden copy of an executed notebook, the same for the same outputs."""
    nb = nbformat.read(shared_reports.REPORTS / key / f"{name}.ipynb", as_version=4)
    nb.metadata = nbformat.read(plan.NOTEBOOKS / f"{name}.ipynb", as_version=4).metadata
    return nb


if __name__ == "__main__":
    if wrong := shared_reports.build():
        sys.exit(wrong)
    made = {HERE / f"{name}__{key}.ipynb": golden(name, key) for name, key in shared_reports.GOLDEN}
    for path, notebook in made.items():
        nbformat.write(notebook, path)
    for stale in set(HERE.glob("*.ipynb")) - set(made):
        stale.unlink()
