"""Take out of the notebooks what running and saving them in JupyterLab left there: ``make strip``.

Outputs, counts, the metadata that an editor adds. A notebook that is clean stays as it is, to the
last byte; drafts beside the suite are left alone.
"""

from pathlib import Path

import nbformat

from lgr_report.runs import plan

KEPT = {"kernelspec", "language_info", plan.OURS}
KERNEL = {"display_name", "language", "name"}


def stripped(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Strip a notebook in place; return it."""
    for cell in nb.cells:
        cell.metadata = {name: cell.metadata[name] for name in cell.metadata if name == "tags"}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nb.metadata = {name: nb.metadata[name] for name in nb.metadata if name in KEPT}
    nb.metadata["language_info"] = {"name": "python"}
    spec = nb.metadata["kernelspec"]
    nb.metadata["kernelspec"] = {name: spec[name] for name in spec if name in KERNEL}
    return nb


def strip(path: Path) -> bool:
    """Strip a file; return whether that changed it."""
    before = path.read_text(encoding="utf-8")
    nbformat.write(stripped(nbformat.read(path, as_version=4)), path)
    return path.read_text(encoding="utf-8") != before


if __name__ == "__main__":
    for path in plan.notebooks():
        if strip(path):
            print(f"stripped {path.name}")
