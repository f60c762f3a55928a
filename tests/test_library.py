"""What a page and a result rest on: never less than they import, and not the whole library."""

import ast
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from lgr_report.runs import plan, provenance
from lgr_report.runs.records import Job
from lgr_report.sources import library
from lgr_report.sources.library import ROOT, imports_of

FILES = sorted(ROOT.rglob("*.py"))


def parsed(text: str) -> set[str]:
    """Return the imports of the library in a text, as Python's own parser finds them."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import: the pattern knows none"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == "lgr_report"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_pattern_finds_every_import_that_the_parser_finds(path):
    text = path.read_text(encoding="utf-8")
    assert parsed(text) <= imports_of(text)


@pytest.mark.parametrize("path", plan.notebooks(), ids=lambda path: path.stem)
def test_the_pattern_finds_every_import_of_a_notebook(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            text = "".join(cell["source"])
            assert parsed(text) <= imports_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "from lgr_report.core import (\n    demand,  # of care (all ages)\n    scores,\n)",
        "from lgr_report.core import demand, \\\n    scores",
        "if True:\n    from lgr_report.core import demand as d, scores",
        "import numpy; import lgr_report.core.demand; x = 1",
    ],
)
def test_imports_however_they_are_written(text):
    assert parsed(text) <= imports_of(text)


def test_only_the_registry_imports_by_name():
    by_name = {
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for path in FILES
        if "import_module(" in path.read_text(encoding="utf-8")
    }
    by_name.remove("lgr_report.runs.warm")  # imports everything, before a page is begun
    assert by_name == set(library.BY_NAME)


LOAD = """
import json, sys
for name, imports in json.load(sys.stdin).items():
    for module in [module for module in sys.modules if module.split(".")[0] == "lgr_report"]:
        del sys.modules[module]
    exec(imports, {})
    loaded = [module for module in sys.modules if module.split(".")[0] == "lgr_report"]
    print(json.dumps([name, loaded]))
"""


def test_what_a_notebook_loads_is_among_what_it_is_held_to_rest_on():
    """In a process that has nothing of the library: all that its cells import, near and far."""
    imports = {}
    for path in plan.notebooks():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        lines = [line for c in cells if c["cell_type"] == "code" for line in c["source"]]
        ours = (line.strip() for line in lines if line.startswith(("from lgr_", "import lgr_")))
        imports[path.stem] = "\n".join(ours)
    told = subprocess.run(
        [sys.executable, "-c", LOAD], input=json.dumps(imports), text=True, capture_output=True
    )
    assert told.returncode == 0, told.stderr
    for name, loaded in map(json.loads, told.stdout.splitlines()):
        assert set(loaded) <= library.now().closure(imports_of(imports[name])), name


def edited(now: library.Library, module: str) -> library.Library:
    """Return the library as it is once a module was edited."""
    files = tuple((path, f"edited {digest}") for path, digest in now.files[module])
    return replace(now, files={**now.files, module: files})


def naive_key(shared: provenance.Shared, job: Job) -> str:
    """Return a key that counts every file of the library: what nobody can doubt."""
    return f"{provenance.inputs(job, shared)} {shared.library.whole}"


@pytest.fixture(scope="module")
def shared():
    return provenance.shared_inputs()


@pytest.fixture(scope="module")
def jobs():
    return [job for of_area in plan.jobs(["surrey", "national"]).values() for job in of_area]


def test_an_edited_module_makes_stale_whatever_imports_it_and_nothing_else(shared, jobs):
    """Every module in turn, beside the naive key, which makes everything stale."""
    before = {job.name: provenance.inputs(job, shared) for job in jobs}
    held = {
        job.name: shared.library.closure(
            {provenance.MAKING, *provenance._imported(job.notebook, "now")}
        )
        for job in jobs
    }
    for module in shared.library.files:
        after = replace(shared, library=edited(shared.library, module))
        for job in jobs:
            assert naive_key(after, job) != naive_key(shared, job)
            stale = provenance.inputs(job, after) != before[job.name]
            assert stale == (module in held[job.name]), (module, job.name)


@pytest.mark.parametrize(
    ("module", "stale"),
    [
        ("lgr_report.chapters.staffing.words", {"staffing", "county_report", "national_report"}),
        ("lgr_report.chapters.survey.study", {"survey", "county_report", "national_report"}),
        ("lgr_report.across.index", set()),  # it is written anew after every run
        ("lgr_report.cli.options", set()),
    ],
)
def test_an_edit_to_a_chapter_makes_its_pages_anew_and_those_that_show_it(
    shared, jobs, module, stale
):
    after = replace(shared, library=edited(shared.library, module))
    found = {j.name for j in jobs if provenance.inputs(j, after) != provenance.inputs(j, shared)}
    assert found - {"risks"} == stale  # the risks set chapters beside each other too


def test_a_template_counts_for_every_page(shared, jobs):
    after = replace(shared, library=edited(shared.library, "lgr_report.page"))
    assert any(path.suffix == ".j2" for path, _ in shared.library.files["lgr_report.page"])
    assert all(provenance.inputs(j, after) != provenance.inputs(j, shared) for j in jobs)


def test_the_library_is_hashed_with_its_templates(tmp_path, monkeypatch):
    package = tmp_path / "lgr_report"
    (package / "templates").mkdir(parents=True)
    page = package / "templates" / "page.j2"
    monkeypatch.setattr(library, "ROOT", package)
    states = []
    for text in ("one", "other"):
        page.write_text(text, encoding="utf-8")
        states.append(library.now())
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").write_text("compiled", encoding="utf-8")
    states.append(library.now())
    assert states[0].whole != states[1].whole == states[2].whole
