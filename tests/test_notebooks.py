"""The notebooks: stripped, short and typed; and every one of them runs."""

import ast
import tokenize
from io import StringIO

import nbformat
import pandas as pd
import papermill as pm
import pytest
from bs4 import BeautifulSoup
from golden_hooks import sharing
from plain import ROOT, THREE, edit, rows
from shared_reports import EVERYWHERE, KEYS
from shared_reports import GOLDEN as EXPECTED

from lgr_report.chapters import survey
from lgr_report.core import divisions
from lgr_report.risk import exposure
from lgr_report.runs import batch, engine, plan
from lgr_report.runs.deliverables import check_deliverables
from lgr_report.runs.records import Limits

NOTEBOOKS = {path.stem: path for path in plan.notebooks()}
MADE = [(key, job.name) for key, jobs in plan.jobs(KEYS).items() for job in jobs]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.ipynb"))
# Parameters that stand for an assumption are None by default: as data/assumptions.csv says.
ASSUMED = {
    ("risks", "draws"): "stability_draws",
    ("risks", "seed"): "stability_seed",
    ("register", "draws"): "stability_draws",
    ("register", "seed"): "stability_seed",
    ("example_assessment", "draws"): "stability_draws",
    ("example_assessment", "seed"): "stability_seed",
    ("county_report", "draws"): "stability_draws",
    ("county_report", "seed"): "stability_seed",
    ("survey", "level"): "interval_level",
    ("survey", "n_max"): "survey_max_respondents",
    ("demand", "draws"): "demand_draws",
    ("variation", "draws"): "demand_draws",
    ("natural_experiments", "draws"): "demand_draws",
    ("options", "option_draws"): "option_draws",
}


def read(name: str) -> nbformat.NotebookNode:
    """Return a notebook as it is committed."""
    return nbformat.read(NOTEBOOKS[name], as_version=4)


def code_cells(name: str) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


every_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


# As they are committed


@every_notebook
def test_a_notebook_is_valid_and_stripped(name):
    nb = read(name)
    nbformat.validate(nb)
    for cell in code_cells(name):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert set(cell.metadata) <= {"tags"}
    assert set(nb.metadata) == {"kernelspec", "language_info", "lgr_report"}
    assert nb.metadata.language_info == {"name": "python"}
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)


@every_notebook
def test_the_first_cell_says_what_is_asked_and_for_whom(name):
    first = read(name).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("**What is asked.** ")
    assert " for " in first.source.lower()
    assert first.metadata.tags == ["notebook-only"]


@every_notebook
def test_the_second_cell_holds_typed_and_commented_parameters(name):
    second = read(name).cells[1]
    assert second.cell_type == "code"
    assert second.metadata.tags == ["parameters"]
    lines = second.source.splitlines()
    statements = ast.parse(second.source).body
    assert len(statements) == len(lines)
    kinds = {"str": str, "int": int, "float": float, "bool": bool}
    for statement in statements:
        assert isinstance(statement, ast.AnnAssign)
        value = ast.literal_eval(statement.value)
        if (name, statement.target.id) not in ASSUMED:  # these are None: as assumed
            assert type(value) is kinds[statement.annotation.id]
    for line in lines:
        tokens = tokenize.generate_tokens(StringIO(line).readline)
        (comment,) = [token.string for token in tokens if token.type == tokenize.COMMENT]
        assert len(comment) > 8
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code_cells(name)) == 1


@every_notebook
def test_a_notebook_defines_nothing_and_has_few_short_cells(name):
    cells = code_cells(name)
    assert len(cells) <= 12 + 1  # the last is there to try
    for cell in cells:
        assert len(cell.source.splitlines()) <= 10, cell.id
        assert max(map(len, cell.source.splitlines())) <= 100, cell.id
        for node in ast.walk(ast.parse(cell.source)):
            defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
            assert not isinstance(node, defined), cell.id


TRY = "# Try it: take a hash away and run."


@every_notebook
def test_the_last_cell_has_three_lines_to_try(name):
    last = read(name).cells[-1]
    assert last.cell_type == "code"
    assert last.metadata.tags == ["notebook-only"]
    first, *lines = last.source.splitlines()
    assert first == TRY
    assert len(lines) == 3
    assert all(line.startswith("# ") for line in lines)


@pytest.mark.slow
@every_notebook
def test_the_lines_to_try_work_where_the_notebook_ends(name, tmp_path):
    nb = read(name)
    nb.cells[-1].source = nb.cells[-1].source.replace("\n# ", "\n").removeprefix(TRY)
    tried = tmp_path / f"{name}.ipynb"
    nbformat.write(nb, tried)
    with sharing():
        nb, _ = engine.execute(tried, {}, tmp_path, Limits())
    assert nb.cells[-1].source.count("\n") == 3
    assert nb.cells[-1].execution_count


@every_notebook
def test_a_notebook_prints_the_sources_that_it_read(name):
    assert any("sources()" in cell.source for cell in code_cells(name))


@every_notebook
def test_a_notebook_declares_what_it_delivers(name):
    declared = read(name).metadata.lgr_report
    assert {"scope", "figures", "tables"} <= set(declared)
    assert set(declared) <= {"scope", "figures", "tables", "at_least", "ranges", "national_work"}
    assert declared.scope in ("area", "national")
    assert declared.figures + declared.tables > 0
    if declared.scope == "area":
        assert pm.inspect_notebook(str(NOTEBOOKS[name]))["area"]["default"] == '"surrey"'


@pytest.mark.parametrize(("name", "parameter"), ASSUMED, ids=map("-".join, ASSUMED))
def test_a_parameter_that_stands_for_an_assumption_is_the_assumption(name, parameter):
    (value,) = [
        line.split("=")[1].split("#")[0].strip()
        for line in read(name).cells[1].source.splitlines()
        if line.startswith(f"{parameter}:")
    ]
    assert value == "None"
    assert ASSUMED[name, parameter] in {row["assumption_id"] for row in rows("assumptions")}


def test_what_is_assumed_is_what_a_notebook_computes_with(data):
    """Nothing but the table decides: so no page rests on other draws than its neighbour."""
    edit("assumptions", data, lambda r: r["assumption_id"] == "interval_level", value="0.9")
    edit("assumptions", data, lambda r: r["assumption_id"] == "stability_draws", value="1000")
    edit("assumptions", data, lambda r: r["assumption_id"] == "stability_seed", value="7")
    edit("assumptions", data, lambda r: r["assumption_id"] == "demand_draws", value="200")
    edit("assumptions", data, lambda r: r["assumption_id"] == "option_draws", value="3")
    assert survey.study(None, None).level == 0.9
    with_table = exposure.study("surrey", None, None).ordered
    pd.testing.assert_frame_equal(with_table, exposure.study("surrey", 1000, 7).ordered)
    here = divisions.of("surrey", draws=None, option_draws=None)
    same = divisions.of("surrey", draws=200, option_draws=3)
    assert (here.draws, here.option_draws) == (same.draws, same.option_draws) == (None, None)
    assert here.demand.draws.shape[0] == 200


# Golden notebooks: executed once, compared with a fresh run by nbval


def test_there_are_golden_notebooks_of_every_notebook_and_for_three_very_different_areas():
    names = {path.stem for path in GOLDEN}
    assert names == {f"{name}__{key}" for name, key in EXPECTED}
    assert {name.split("__")[0] for name in names} == set(NOTEBOOKS)
    assert {f"{name}__{area_id}" for name in EVERYWHERE for area_id in THREE} <= names


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_notebook_has_the_source_of_its_notebook(path):
    name, _, key = path.stem.partition("__")
    golden = nbformat.read(path, as_version=4)
    cells = [c for c in golden.cells if "injected-parameters" not in c.metadata.get("tags", [])]
    source = [(cell.cell_type, cell.source) for cell in read(name).cells]
    assert [(cell.cell_type, cell.source) for cell in cells] == source, (
        f"notebooks/{name}.ipynb has changed: run `make golden`, read the diff, commit it"
    )
    injected = [c for c in golden.cells if c not in cells]
    expected = [] if key == "national" else [f'# Parameters\narea = "{key}"\n']
    assert [cell.source for cell in injected] == expected
    assert path.stat().st_size < 1_000_000


# As they run


@pytest.mark.slow
@pytest.mark.parametrize("name", ["county_report", "options", "survey"])
def test_a_notebook_runs_by_plain_papermill(name, tmp_path):
    out = tmp_path / "out.ipynb"
    with sharing():
        pm.execute_notebook(
            str(NOTEBOOKS[name]),
            str(out),
            progress_bar=False,
            cwd=str(tmp_path),  # from anywhere
        )
    nb = nbformat.read(out, as_version=4)
    assert all(cell.execution_count for cell in nb.cells if cell.cell_type == "code")
    assert check_deliverables(nb, name) is None


# For all 21 areas `make reports` and the weekly run of GitHub Actions prove it: a build publishes
# nothing that is not as it must be (`test_deliverables`, `test_page_checks`).
@pytest.mark.slow
@pytest.mark.parametrize(("key", "name"), MADE, ids=map("-".join, MADE))
def test_every_notebook_runs(reports, key, name):
    page = (reports / key / f"{name}.html").read_text(encoding="utf-8")
    heading = BeautifulSoup(page, "html.parser").h1.get_text()
    assert key == plan.NATIONAL or batch.name_of(key) in heading
    nb = nbformat.read(reports / key / f"{name}.ipynb", as_version=4)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    injected = f'# Parameters\narea = "{key}"\n'
    assert (injected in [cell.source for cell in code]) == (key != plan.NATIONAL)
    (sources,) = [cell for cell in code if "sources()" in cell.source]
    assert "<table" in "".join(o.data.get("text/html", "") for o in sources.outputs)
