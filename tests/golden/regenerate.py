"""Execute the golden notebooks again: what nbval compares with a fresh run (``make golden``).

Read the diff before you commit it: it says in words and tables what changed in the reports.
Pictures are SVG, which nbval compares as it compares words.
"""

import os
import tempfile
from pathlib import Path

import nbformat
import papermill as pm
from tqdm import tqdm

from lgr_report.runs import engine, plan
from lgr_report.runs.deliverables import check_deliverables
from lgr_report.sources import cache, tables

HERE = Path(__file__).resolve().parent
AREAS = ("surrey", "essex-southend-thurrock", "hampshire-iow-portsmouth-southampton")
RUNS = [
    *((name, area_id) for area_id in AREAS for name in ("county_report", "risks", "maturity")),
    ("survey", "national"),
    ("national_report", "national"),
]


def regenerate(name: str, key: str) -> None:
    """Execute one notebook and write its golden copy, the same for the same outputs."""
    source = plan.NOTEBOOKS / f"{name}.ipynb"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.ipynb"
        pm.execute_notebook(
            str(source),
            str(out),
            parameters={} if key == plan.NATIONAL else {"area": key},
            progress_bar=False,
            engine_name=engine.NAME,
        )
        nb = nbformat.read(out, as_version=4)
    check_deliverables(nb, name)
    nb.metadata = nbformat.read(source, as_version=4).metadata
    for cell in nb.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if "injected-parameters" in tags:
            cell.id = "injected-parameters"  # papermill draws a new one each time
    nbformat.write(nb, HERE / f"{name}__{key}.ipynb")


if __name__ == "__main__":
    tables.check_once()
    with tempfile.TemporaryDirectory() as folder:
        os.environ[cache.FOLDER] = folder  # national fits are made once
        for run in tqdm(RUNS, unit="notebook"):
            regenerate(*run)
    for stale in {path.stem for path in HERE.glob("*.ipynb")} - {"__".join(run) for run in RUNS}:
        (HERE / f"{stale}.ipynb").unlink()
