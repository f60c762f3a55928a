"""The notebooks: stripped, short and typed; and every one of them runs for all 21 areas."""

import ast
import json
import re
import tokenize
from io import StringIO

import nbformat
import papermill as pm
import pytest
from bs4 import BeautifulSoup
from plain import AREA_IDS, ROOT, rows

from lgr_report.runs import making, plan
from lgr_report.runs.deliverables import check_deliverables
from lgr_report.runs.records import Job
from lgr_report.sources import areas

NOTEBOOKS = {path.stem: path for path in plan.notebooks()}
REGIONAL = [path.stem for path in plan.notebooks("area")]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.ipynb"))
TEMPLATES = ROOT / "lgr_report" / "page" / "templates"
SORT = (TEMPLATES / "report" / "sort.js").read_text(encoding="utf-8")
# Parameters that stand for an assumption have its value as their default.
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
        assert type(ast.literal_eval(statement.value)) is kinds[statement.annotation.id]
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


@every_notebook
def test_the_lines_to_try_work_where_the_notebook_ends(name):
    notebook = {"display": lambda *shown, **how: None}
    for cell in code_cells(name):
        exec(cell.source, notebook)  # composes every figure, draws none
    for line in read(name).cells[-1].source.splitlines()[1:]:
        exec(line.removeprefix("# "), notebook)


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
def test_the_default_of_a_parameter_is_the_assumption_it_stands_for(name, parameter):
    default = pm.inspect_notebook(str(NOTEBOOKS[name]))[parameter]["default"]
    values = {row["assumption_id"]: row["value"] for row in rows("assumptions")}
    assert float(default) == float(values[ASSUMED[name, parameter]])


# Golden notebooks: executed once, compared with a fresh run by nbval


def test_there_are_golden_notebooks_for_three_very_different_areas():
    names = [path.stem for path in GOLDEN]
    for area_id in (
        "surrey",
        "essex-southend-thurrock",
        "hampshire-iow-portsmouth-southampton",
    ):
        for name in ("county_report", "risks", "maturity"):
            assert f"{name}__{area_id}" in names
    assert {"survey__national", "national_report__national"} <= set(names)


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
@pytest.mark.usefixtures("shared_fits")
def test_a_notebook_runs_by_plain_papermill(name, tmp_path):
    out = tmp_path / "out.ipynb"
    pm.execute_notebook(
        str(NOTEBOOKS[name]),
        str(out),
        progress_bar=False,
        cwd=str(tmp_path),  # from anywhere
    )
    nb = nbformat.read(out, as_version=4)
    assert all(cell.execution_count for cell in nb.cells if cell.cell_type == "code")
    assert check_deliverables(nb, name) is None


def check_page(page: BeautifulSoup, title: str) -> None:
    """Check what every page must be, whatever it shows."""
    assert page.html["lang"] == "en-GB"
    (heading,) = page.find_all("h1")
    assert title in heading.get_text()
    assert page.title.get_text() == heading.get_text()
    # The only script is ours, and only where a table is to be sorted; browsers run no other.
    scripts = [script.string for script in page.find_all("script")]
    assert scripts == ([SORT] if page.select(".sortable") else [])
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert ("script-src 'none'" in policy) == (scripts == [])
    assert page.find(["link", "iframe", "object", "embed"]) is None
    assert all(tag["src"].startswith("data:") for tag in page.find_all(src=True))
    assert "url(" not in page.find("style").get_text()
    assert page.find_all("img")
    assert all(picture["alt"].strip() for picture in page.find_all("img"))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(set(ids)) == len(ids)
    for link in page.find_all("a", href=re.compile("^#")):
        assert link["href"].removeprefix("#") in ids, link["href"]
    text = page.get_text()
    for stray in ("Traceback", "nan%", "NaN", "<NA>", "NaT", "None,", "None)", "(None"):
        assert stray not in text, stray
    cells = {tag.get_text().strip() for tag in page.find_all(["td", "th", "p", "li"])}
    assert "None" not in cells
    assert not re.search(r"\bnan\b", text)


@pytest.mark.slow
@pytest.mark.parametrize("area_id", AREA_IDS)
@pytest.mark.parametrize("name", REGIONAL)
@pytest.mark.usefixtures("shared_fits")
def test_every_notebook_runs_for_every_area(name, area_id, tmp_path):
    job = Job(NOTEBOOKS[name], area_id, {"area": area_id}, folder=tmp_path)
    page, _ = making.execute(job)
    check_page(
        BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser"), areas.get(area_id).name
    )
    executed = json.loads((tmp_path / f"{name}.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in executed["cells"]]
    assert f'# Parameters\narea = "{area_id}"\n' in sources


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in plan.notebooks("national")])
@pytest.mark.usefixtures("shared_fits")
def test_every_notebook_for_the_whole_country_runs(name, tmp_path):
    page, _ = making.execute(Job(NOTEBOOKS[name], "national", folder=tmp_path))
    check_page(BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser"), "")
