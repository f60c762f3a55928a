"""Runs: planned before a kernel starts, published whole or not at all, failures told by name."""

import base64
import contextlib
import io
import json
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
import tiny
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image
from plain import AREA_IDS, DATA

from lgr_report.runs import area_crate, batch, engine, making, plan, provenance, publishing
from lgr_report.runs.executors import Place
from lgr_report.runs.tasks import Made, Task
from lgr_report.sources import areas, cache

# The plan


def test_by_default_every_area_notebook_runs_for_every_area():
    jobs = batch.plan()
    assert [key for key in jobs if key != "national"] == AREA_IDS
    regional = [path.stem for path in batch.notebooks("area")]
    for area_id in AREA_IDS:
        assert [job.name for job in jobs[area_id]] == regional
        assert all(job.parameters == {"area": area_id} for job in jobs[area_id])
    assert [job.name for job in jobs["national"]] == [p.stem for p in batch.notebooks("national")]
    assert {"county_report", "risks", "maturity"} <= set(regional)
    assert "survey" in [job.name for job in jobs["national"]]


def test_naming_an_area_leaves_the_national_notebooks_out():
    assert list(batch.plan(["norfolk"])) == ["norfolk"]


def test_the_notebooks_for_the_whole_country_can_be_named_alone():
    jobs = batch.plan(["national"])
    assert list(jobs) == ["national"]
    assert [job.notebook for job in jobs["national"]] == batch.notebooks("national")
    assert all("area" not in job.parameters for job in jobs["national"])


def test_an_area_named_twice_runs_once():
    assert list(batch.plan(["norfolk", "surrey", "norfolk"])) == ["norfolk", "surrey"]


def test_a_parameter_goes_to_the_notebooks_that_have_it():
    jobs = batch.plan(["surrey"], ["risks", "maturity"], {"draws": 50})["surrey"]
    assert {job.name: dict(job.parameters) for job in jobs} == {
        "risks": {"area": "surrey", "draws": 50},
        "maturity": {"area": "surrey"},
    }


@pytest.mark.parametrize("area_id", ["surey", "../../etc", "", "*"])
def test_an_unknown_area_stops_the_plan(area_id):
    with pytest.raises(areas.UnknownAreaError):
        batch.plan(["surrey", area_id])


def test_an_unknown_notebook_suggests_the_nearest():
    with pytest.raises(batch.ParameterError) as error:
        batch.plan(["surrey"], ["maturty"])
    assert str(error.value).startswith("no notebook 'maturty': did you mean 'maturity'? there are")


def test_a_national_notebook_for_an_area_is_told_and_not_skipped():
    with pytest.raises(batch.ParameterError, match="survey: nothing to run for surrey"):
        batch.plan(["surrey"], ["survey"])


def test_an_unknown_parameter_suggests_the_nearest():
    with pytest.raises(batch.ParameterError) as error:
        batch.plan(["surrey"], ["risks"], {"drawz": 5})
    assert str(error.value) == (
        "no parameter 'drawz' in any of the notebooks: did you mean 'draws'? there are area, "
        "draws, seed"
    )


def notebook(name):
    return batch.NOTEBOOKS / f"{name}.ipynb"


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("risks", {"draws": "many"}, "parameter 'draws' of risks is int ("),
        ("risks", {"draws": 10.5}, "not float 10.5"),
        ("risks", {"draws": True}, "not bool True"),
        ("risks", {"seed": None}, "not NoneType None"),
        ("risks", {"area": ["surrey", "norfolk"]}, "not list ['surrey', 'norfolk']"),
        ("risks", {"area": 5}, "parameter 'area' of risks is str ("),
        ("survey", {"level": "0.9"}, "parameter 'level' of survey is float ("),
        ("survey", {"level": False}, "not bool False"),
        ("maturity", {"show_descriptors": 1}, "is bool ("),
        ("maturity", {"draws": 5}, "no parameter 'draws' in maturity: there are area"),
        ("risks", {"draws": -1}, "'draws' of risks lies between 2 and 1,000,000, not -1"),
        ("demand", {"draws": 10**9}, "lies between 2 and 10,000, not 1000000000"),
        ("survey", {"level": float("nan")}, "lies between 0.01 and 0.999, not nan"),
        ("survey", {"level": 1}, "lies between 0.01 and 0.999, not 1"),
    ],
)
def test_a_parameter_of_another_name_type_or_range_is_refused(name, parameters, said):
    with pytest.raises(batch.ParameterError) as error:
        batch.check_parameters(notebook(name), parameters)
    assert said in str(error.value)


@pytest.mark.parametrize("path", batch.notebooks(), ids=lambda path: path.stem)
def test_every_number_that_a_notebook_takes_has_a_range_that_holds_its_default(path):
    ranges = plan.declared(path).get("ranges", {})
    defaults = {
        name: json.loads(about["default"])
        for name, about in plan._parameters(path).items()
        if about["inferred_type_name"] in ("int", "float")
    }
    assert set(ranges) == set(defaults)
    batch.check_parameters(path, defaults)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("risks", {"area": "surrey", "draws": 5, "seed": 0}),
        ("survey", {"level": 0.9}),
        ("survey", {"n_max": 36}),
        ("maturity", {"show_descriptors": False}),
    ],
)
def test_parameters_of_the_declared_types_are_taken(name, parameters):
    assert batch.check_parameters(notebook(name), parameters) is None


# What a notebook must hold


def executed(*outputs, figures=0, tables=0):
    return new_notebook(
        cells=[new_code_cell("", outputs=list(outputs))],
        metadata={"lgr_report": {"scope": "area", "figures": figures, "tables": tables}},
    )


def picture(*colours):
    """Return a picture (base64) with stripes of some colours."""
    image = Image.new("RGB", (len(colours), 1))
    image.putdata(colours)
    packed = io.BytesIO()
    image.resize((400, 300)).save(packed, "PNG")
    return base64.b64encode(packed.getvalue()).decode()


BLANK, STRIPES = picture((255, 255, 255)), picture((0, 0, 0), (255, 255, 255))


def figure(alt="a figure", png=STRIPES):
    metadata = {"image/png": {"alt": alt}} if alt is not None else {}
    return new_output("display_data", {"image/png": png}, metadata=metadata)


TABLE = new_output("display_data", {"text/html": "<div><table></table></div>"})
WORDS = new_output("execute_result", {"text/markdown": "so", "text/plain": "<Markdown>"})
VALUE = new_output("execute_result", {"text/plain": "2"})
PICTURE = new_output("display_data", {"text/html": "<img src='x.png'>", "text/plain": "<HTML>"})
WIDGET = new_output("display_data", {"application/javascript": "1", "text/plain": "1"})
PRINTED = new_output("stream", name="stdout", text="hello")
WARNED = new_output("stream", name="stderr", text="DeprecationWarning")
FAILED = new_output("error", ename="ValueError", evalue="no", traceback=[])


def test_a_notebook_that_holds_what_it_declares_passes():
    nb = executed(WORDS, figure(), figure(), TABLE, figures=2, tables=1)
    assert batch.check_deliverables(nb, "small") is None


@pytest.mark.parametrize(
    ("nb", "said"),
    [
        (executed(figures=1), "small: 0 figures, 1 declared"),
        (executed(figure()), "small: 1 figures, 0 declared"),
        (executed(tables=2), "small: 0 tables, 2 declared"),
        (executed(figure(None), figures=1), "small: 1 figures without alt text"),
        (executed(figure(""), figures=1), "small: 1 figures without alt text"),
        (executed(FAILED), "small: a cell ended in an error"),
        (executed(figure(png=BLANK), figures=1), "small: 1 figures show nothing"),
        (executed(figure(png="bm90IGEgcGljdHVyZQ=="), figures=1), "small: 1 figures show nothing"),
        (executed(WIDGET), "small: something undeclared was shown (application/javascript)"),
        (executed(WORDS, VALUE), "small: 1 outputs are no figure, no table and no words"),
        (executed(PICTURE, VALUE), "small: 2 outputs are no figure, no table and no words"),
        (executed(PRINTED), "small: something was printed to stdout"),
        (executed(PRINTED, WARNED), "small: something was printed to stderr and stdout"),
        (
            executed(figure(None), WARNED, figures=2),
            "small: 1 figures, 2 declared; 1 figures without alt text; something was printed to "
            "stderr",
        ),
    ],
)
def test_everything_that_is_missing_or_unexpected_is_told(nb, said):
    with pytest.raises(batch.DeliverableError) as error:
        batch.check_deliverables(nb, "small")
    assert str(error.value) == said


# Moving into place


def folder(path, text):
    path.mkdir(parents=True)
    (path / "county_report.html").write_text(text, encoding="utf-8")
    return path


def text_of(path):
    return (path / "county_report.html").read_text(encoding="utf-8")


def test_a_finished_folder_takes_the_place_of_the_last(tmp_path):
    old, new = folder(tmp_path / "surrey", "old"), folder(tmp_path / ".building-surrey-1", "new")
    (old / "stale.html").write_text("stale", encoding="utf-8")
    batch.publish(new, tmp_path / "surrey")
    assert text_of(tmp_path / "surrey") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]
    assert [path.name for path in (tmp_path / "surrey").iterdir()] == ["county_report.html"]


def test_the_first_report_of_an_area_is_published_and_others_may_read_it(tmp_path):
    new = folder(tmp_path / ".building-surrey-1", "new")
    new.chmod(0o700)
    batch.publish(new, tmp_path / "surrey")
    assert text_of(tmp_path / "surrey") == "new"
    assert (tmp_path / "surrey").stat().st_mode & 0o777 == 0o755


def test_a_move_that_fails_leaves_the_last_good_report(tmp_path):
    folder(tmp_path / "surrey", "old")
    with pytest.raises(OSError, match="gone"):
        batch.publish(tmp_path / "gone", tmp_path / "surrey")
    assert text_of(tmp_path / "surrey") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]


def test_a_run_killed_between_its_two_moves_is_undone(tmp_path):
    folder(tmp_path / ".previous-surrey", "old")
    folder(tmp_path / ".building-surrey-1", "new")
    batch.restore(tmp_path)
    assert text_of(tmp_path / "surrey") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]


def test_a_run_killed_after_its_second_move_keeps_the_new_report(tmp_path):
    folder(tmp_path / ".previous-surrey", "old")
    folder(tmp_path / "surrey", "new")
    batch.restore(tmp_path)
    assert text_of(tmp_path / "surrey") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]


def test_cleaning_up_touches_nothing_else(tmp_path):
    folder(tmp_path / "norfolk", "good")
    (tmp_path / "README.md").write_text("hello", encoding="utf-8")
    batch.restore(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"norfolk", "README.md"}


# A run of four areas, of which three fail each in a way of its own

FAILING = """
import os

if area == "norfolk":
    raise ValueError("<script>alert('norfolk')</script>")
if area == "suffolk":
    os._exit(1)
if area == "kent-medway":
    print("debugging")
"""
RUN = ("norfolk", "surrey", "suffolk", "kent-medway")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run a small notebook for four areas; return the outputs, the results and the old report."""
    home = tmp_path_factory.mktemp("run")
    path = tiny.write(home, tiny.TITLE, FAILING, name="county_report")
    outputs = home / "outputs"
    folder(outputs / "norfolk", "the last good report")
    jobs = {key: (batch.Job(path, key, {"area": key}),) for key in RUN}
    results = {result.key: result for result in batch.run(jobs, outputs, 2)}
    index = batch.write_index(outputs, results.values())
    return outputs, results, BeautifulSoup(index.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.slow
def test_a_failing_area_stops_no_other(run):
    outputs, results, _ = run
    assert set(results) == set(RUN)
    assert [key for key in RUN if results[key].ok] == ["surrey"]
    assert {path.name for path in (outputs / "surrey").iterdir()} == {
        "county_report.html",
        "county_report.ipynb",
        "ro-crate-metadata.json",
    }


@pytest.mark.slow
def test_each_failure_says_what_went_wrong(run):
    _, results, _ = run
    assert re.search(
        r"county_report, cell \d: ValueError: <script>alert\('norfolk'\)</script>$",
        results["norfolk"].error,
    )
    assert results["suffolk"].error.startswith("DeadKernelError: ")
    assert results["kent-medway"].error == (
        "DeliverableError: county_report: something was printed to stdout"
    )


@pytest.mark.slow
def test_the_last_good_report_of_a_failing_area_stays(run):
    outputs, _, _ = run
    assert text_of(outputs / "norfolk") == "the last good report"
    assert [path.name for path in (outputs / "norfolk").iterdir()] == ["county_report.html"]
    assert not (outputs / "suffolk").exists()


@pytest.mark.slow
def test_nothing_is_left_behind(run):
    outputs, _, _ = run
    assert {path.name for path in outputs.iterdir()} == {"norfolk", "surrey", "index.html"}


@pytest.mark.slow
def test_the_index_names_the_failures_and_shows_them_as_text(run):
    _, _, index = run
    failed = [item.get_text() for item in index.find("div", class_="failed").find_all("li")]
    assert len(failed) == 3
    assert any(t.startswith("norfolk") and "<script>alert('norfolk')</script>" in t for t in failed)
    assert index.find("script") is None


@pytest.mark.slow
def test_the_index_lists_all_areas_and_links_to_what_is_there(run):
    outputs, _, index = run
    assert len(index.find("tbody").find_all("tr")) == 21
    links = [link["href"] for link in index.find("table").find_all("a")]
    assert set(links) == {"norfolk/county_report.html", "surrey/county_report.html"}
    assert all((outputs / link).is_file() for link in links)
    missing = [
        row for row in index.find("tbody").find_all("tr") if "not built yet" in row.get_text()
    ]
    assert len(missing) == 19


@pytest.mark.slow
def test_the_executed_notebook_and_the_page_have_the_title_as_text(run):
    outputs, _, _ = run
    page = BeautifulSoup(text_of(outputs / "surrey"), "html.parser")
    assert page.title.get_text() == "Report of surrey & co"
    links = [link["href"] for link in page.find("header").find_all("a")]
    assert links == ["../index.html"]  # no other page was made
    assert page.find("h1").get_text() == "Report of surrey & co"
    nb = nbformat.read(outputs / "surrey" / "county_report.ipynb", as_version=4)
    assert 'area = "surrey"' in "\n".join(cell.source for cell in nb.cells)


@pytest.mark.slow
def test_a_kernel_that_dies_is_tried_again_and_an_exception_is_not(run):
    _, results, _ = run
    (died, again) = results["suffolk"].accidents
    assert died.startswith("DeadKernelError: ") and again == results["suffolk"].error
    assert results["norfolk"].accidents == results["surrey"].accidents == ()


@pytest.mark.slow
def test_the_executed_notebook_holds_no_time_and_no_path(run):
    outputs, _, _ = run
    text = (outputs / "surrey" / "county_report.ipynb").read_text(encoding="utf-8")
    assert "papermill" not in text and "injected-parameters-2" in text
    assert not re.search(r"20\d\d-\d\d-\d\d", text)
    assert str(outputs.parent) not in text


@pytest.mark.slow
def test_what_is_published_and_unchanged_is_not_stale(run, monkeypatch):
    outputs, _, _ = run
    source = outputs.parent / "county_report.ipynb"
    jobs = {key: (batch.Job(source, key, {"area": key}),) for key in RUN}
    assert set(batch.stale(jobs, outputs)) == {"norfolk", "suffolk", "kent-medway"}
    mine = {"surrey": jobs["surrey"]}
    assert batch.stale(mine, outputs) == {}
    other = {"surrey": (batch.Job(source, "surrey", {"area": "surrey", "draws": 1}),)}
    assert batch.stale(other, outputs) == other
    for extra in ("stray.txt", "dropped.html"):
        (outputs / "surrey" / extra).write_text("left here", encoding="utf-8")
        assert batch.stale(mine, outputs) == mine
        (outputs / "surrey" / extra).unlink()
    page = outputs / "surrey" / "county_report.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("surrey", "SURREY"), encoding="utf-8")
    assert batch.stale(mine, outputs) == mine
    page.write_text(text, encoding="utf-8")
    assert batch.stale(mine, outputs) == {}
    monkeypatch.setattr(provenance, "library", lambda: "edited")
    assert batch.stale(mine, outputs) == mine


@pytest.mark.slow
def test_a_published_report_belongs_to_its_manifest(run):
    outputs, _, _ = run
    (mine,) = area_crate.read(outputs / "surrey")
    assert mine.parameters == {"area": "surrey"}
    assert mine.started <= mine.ended
    assert mine.inputs["data/councils.csv"] == provenance.sha256(DATA / "councils.csv")
    assert {name: digest for name, (digest, _) in mine.outputs.items()} == {
        name: provenance.sha256(outputs / "surrey" / name)
        for name in ("county_report.html", "county_report.ipynb")
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "limits", "said"),
    [
        (
            "import time\ntime.sleep(60)",
            batch.Limits(cell=1),
            "ReportTimeoutError: small: a cell took longer than 1 seconds",
        ),
        (
            "import time\nfor _ in range(1):\n    time.sleep(60)",
            batch.Limits(report=1),
            "ReportTimeoutError: small: the notebook took longer than 1 seconds",
        ),
        (
            "from pathlib import Path\nPath('more.csv').write_text('1');",
            batch.Limits(),
            "DeliverableError: small: it wrote files that are not declared: more.csv",
        ),
        (
            "from pathlib import Path\nPath('../more.csv').write_text('1');",
            batch.Limits(),
            "DeliverableError: files that no notebook declares: more.csv",
        ),
    ],
)
def test_a_notebook_that_takes_too_long_or_leaves_files_fails(tmp_path, cell, limits, said):
    path = tiny.write(tmp_path, tiny.TITLE, cell)
    (tmp_path / "outputs").mkdir()
    result = batch.build("surrey", (batch.Job(path, "surrey", {}),), tmp_path / "outputs", limits)
    assert (result.error, result.accidents) == (said, ())
    assert list((tmp_path / "outputs").iterdir()) == []


@pytest.mark.slow
def test_a_kernel_that_falls_silent_after_its_last_cell_is_not_waited_for(tmp_path, monkeypatch):
    run_cells = engine.Client.papermill_execute_cells

    def then_stop(self):
        run_cells(self)
        os.kill(self.km.provisioner.pid, signal.SIGSTOP)

    monkeypatch.setattr(engine.Client, "papermill_execute_cells", then_stop)
    path = tiny.write(tmp_path, tiny.TITLE)
    (tmp_path / "outputs").mkdir()
    jobs, limits = (batch.Job(path, "surrey", {}),), batch.Limits(cell=8, retries=0)
    result = batch.build("surrey", jobs, tmp_path / "outputs", limits)
    assert result.error == "SilentKernelError: the kernel fell silent after its last cell"
    assert result.accidents == (result.error,)


@pytest.mark.slow
def test_the_output_folder_may_be_relative(tmp_path, monkeypatch):
    cell = "import os\nfrom pathlib import Path\n\n"
    cell += "assert Path(os.environ['LGR_REPORT_CACHE']).is_absolute()"
    path = tiny.write(tmp_path, tiny.TITLE, cell)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (result,) = batch.run({"surrey": (batch.Job(path, "surrey", {}),)}, Path("outputs"), 1)
    assert result.ok, result.error
    assert (tmp_path / "outputs" / "surrey" / "small.html").exists()


@pytest.mark.slow
def test_a_page_made_by_an_older_library_has_no_key(tmp_path, monkeypatch):
    job = batch.Job(tiny.write(tmp_path, tiny.TITLE), "surrey", {"area": "surrey"})
    task = Task(job, tmp_path / "made", ())
    task.folder.mkdir()
    assert making.make(task).run.key is not None
    monkeypatch.setattr(cache, "LIBRARY", "as it was when this process began")
    assert making.make(task).run.key is None


@pytest.mark.slow
def test_many_short_cells_together_take_too_long(tmp_path):
    short = "import time\ntime.sleep(0.4)"
    path = tiny.write(tmp_path, tiny.TITLE, *[short] * 5)
    (tmp_path / "outputs").mkdir()
    jobs, limits = (batch.Job(path, "surrey", {}),), batch.Limits(report=1)
    result = batch.build("surrey", jobs, tmp_path / "outputs", limits)
    assert result.error == "ReportTimeoutError: small: the notebook took longer than 1 seconds"


def test_an_area_whose_folder_cannot_be_prepared_stops_no_other(tmp_path, monkeypatch):
    def take_along(published, folder, names):
        if published.name == "norfolk":
            raise PermissionError("not yours")

    monkeypatch.setattr(publishing, "take_along", take_along)
    monkeypatch.setattr(batch.Report, "_publish", lambda report: None)
    path = tiny.write(tmp_path, name="county_report")
    jobs = {key: (batch.Job(path, key, {"area": key}),) for key in ("norfolk", "surrey")}
    made = lambda task: Made(task.job.key, task.job.name, 1.0)  # noqa: E731
    start = contextlib.nullcontext(ThreadPoolExecutor(1))
    place = Place(lambda workers: start, made, lambda task: task, lambda task, one: None)
    results = list(batch.run(jobs, tmp_path / "outputs", 1, place=place))
    assert [(one.key, one.error) for one in results] == [
        ("norfolk", "PermissionError: not yours"),
        ("surrey", None),
    ]
    assert list((tmp_path / "outputs").iterdir()) == []


@pytest.mark.slow
def test_a_kernel_that_dies_once_is_forgiven(tmp_path):
    once = f"""
import os
from pathlib import Path

mark = Path({str(tmp_path / "mark")!r})
if not mark.exists():
    mark.touch()
    os._exit(1)"""
    path = tiny.write(tmp_path, tiny.TITLE, once)
    (tmp_path / "outputs").mkdir()
    result = batch.build("surrey", (batch.Job(path, "surrey", {}),), tmp_path / "outputs")
    assert result.ok, result.error
    assert [accident.split(":")[0] for accident in result.accidents] == ["DeadKernelError"]


@pytest.mark.slow
def test_running_one_notebook_keeps_the_pages_of_the_others(tmp_path):
    path = tiny.write(tmp_path, tiny.TITLE, name="risks")
    tiny.write(tmp_path, name="county_report")
    published = folder(tmp_path / "outputs" / "surrey", "the county report")
    (published / "risks.html").write_text("old", encoding="utf-8")
    (published / "dropped.html").write_text("no notebook any more", encoding="utf-8")
    result = batch.build("surrey", (batch.Job(path, "surrey", {}),), tmp_path / "outputs")
    assert result.ok, result.error
    assert text_of(published) == "the county report"
    assert "Report of surrey" in (published / "risks.html").read_text(encoding="utf-8")
    assert {path.name for path in published.iterdir()} == {
        "county_report.html",
        "risks.html",
        "risks.ipynb",
        "ro-crate-metadata.json",
    }
    again = batch.build("surrey", (batch.Job(path, "surrey", {}),), tmp_path / "outputs")
    assert again.ok and [run.notebook for run in area_crate.read(published)] == ["risks"]
    page = BeautifulSoup((published / "risks.html").read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in page.find("header").find_all("a")]
    assert links == ["../index.html", "county_report.html"]


@pytest.mark.slow
def test_a_killed_worker_is_told_and_the_run_ends(tmp_path, monkeypatch):
    monkeypatch.setenv("LGR_REPORT_FORK", "0")  # the worker is the parent of the kernel
    kill = "import os\nimport signal\n\nos.kill(os.getppid(), signal.SIGKILL)"
    path = tiny.write(tmp_path, tiny.TITLE, kill)
    jobs = {"surrey": (batch.Job(path, "surrey", {}),)}
    (result,) = batch.run(jobs, tmp_path / "outputs", 1)
    assert "was killed" in result.error
    batch.restore(tmp_path / "outputs")
    assert list((tmp_path / "outputs").iterdir()) == []


@pytest.mark.slow
def test_a_notebook_without_a_title_is_not_published(tmp_path):
    path = tiny.write(tmp_path, "1;")
    (tmp_path / "outputs").mkdir()
    result = batch.build("surrey", (batch.Job(path, "surrey", {}),), tmp_path / "outputs")
    assert result.error.startswith("DeliverableError: no title")
    assert list((tmp_path / "outputs").iterdir()) == []


def test_an_empty_outputs_folder_has_an_index_of_21_areas_too(tmp_path):
    path = batch.write_index(tmp_path)
    index = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    names = [row.find("th").get_text() for row in index.find("tbody").find_all("tr")]
    assert names == [areas.get(area_id).name for area_id in AREA_IDS]
    assert index.find("table").find("a") is None
    assert index.find("div", class_="failed") is None
    people = [row.find_all("td")[0].get_text() for row in index.find("tbody").find_all("tr")]
    assert people == [f"{areas.population(area_id):,}" for area_id in AREA_IDS]
