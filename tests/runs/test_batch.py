"""Runs: published whole or not at all, failures told by name."""

import contextlib
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import tiny
from bs4 import BeautifulSoup
from plain import AREA_IDS, DATA

from lgr_report.across import index
from lgr_report.runs import batch, engine, making, manifest, provenance, publishing
from lgr_report.runs.executors import Place
from lgr_report.runs.records import Job, Limits, Page, Published
from lgr_report.runs.stale import stale_jobs
from lgr_report.sources import areas, library


def folder(path, text):
    path.mkdir(parents=True)
    (path / "county_report.html").write_text(text, encoding="utf-8")
    return path


def text_of(path):
    return (path / "county_report.html").read_text(encoding="utf-8")


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
    jobs = {key: (Job(path, key, {"area": key}),) for key in RUN}
    reports = {report.area: report for report in batch.run(jobs, outputs, 2)}
    html = index.html(outputs, {key: r.error for key, r in reports.items() if not r.ok})
    publishing.write_text(outputs / "index.html", html)
    return outputs, reports, BeautifulSoup(html, "html.parser")


@pytest.mark.slow
def test_a_failing_area_stops_no_other(run):
    outputs, results, _ = run
    assert set(results) == set(RUN)
    assert [key for key in RUN if results[key].ok] == ["surrey"]
    assert {path.name for path in (outputs / "surrey").iterdir()} == {
        "county_report.html",
        "county_report.ipynb",
        *("manifest.json", "ro-crate-metadata.json"),
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
    jobs = {key: (Job(source, key, {"area": key}),) for key in RUN}
    assert set(stale_jobs(jobs, outputs)) == {"norfolk", "suffolk", "kent-medway"}
    mine = {"surrey": jobs["surrey"]}
    assert stale_jobs(mine, outputs) == {}
    other = {"surrey": (Job(source, "surrey", {"area": "surrey", "draws": 1}),)}
    assert stale_jobs(other, outputs) == other
    for extra in ("stray.txt", "dropped.html"):
        (outputs / "surrey" / extra).write_text("left here", encoding="utf-8")
        assert stale_jobs(mine, outputs) == mine
        (outputs / "surrey" / extra).unlink()
    for name in ("county_report.html", "manifest.json", "ro-crate-metadata.json"):
        file = outputs / "surrey" / name
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("surrey", "SURREY"), encoding="utf-8")
        assert stale_jobs(mine, outputs) == mine
        file.write_text(text, encoding="utf-8")
        assert stale_jobs(mine, outputs) == {}
    monkeypatch.setattr(library, "now", lambda: library.Library({}))
    assert stale_jobs(mine, outputs) == mine


@pytest.mark.slow
def test_a_published_report_belongs_to_its_manifest(run):
    outputs, _, _ = run
    (mine,) = manifest.read(Published, outputs / "surrey").pages
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
            Limits(cell=1),
            "ReportTimeoutError: small: a cell took longer than 1 seconds",
        ),
        (
            "import time\nfor _ in range(1):\n    time.sleep(60)",
            Limits(report=1),
            "ReportTimeoutError: small: the notebook took longer than 1 seconds",
        ),
        (
            "from pathlib import Path\nPath('more.csv').write_text('1');",
            Limits(),
            "DeliverableError: small: it wrote files that are not declared: more.csv",
        ),
        (
            "from pathlib import Path\nPath('../more.csv').write_text('1');",
            Limits(),
            "DeliverableError: files that no notebook declares: more.csv",
        ),
    ],
)
def test_a_notebook_that_takes_too_long_or_leaves_files_fails(tmp_path, cell, limits, said):
    path = tiny.write(tmp_path, tiny.TITLE, cell)
    (tmp_path / "outputs").mkdir()
    result = tiny.build((Job(path, "surrey", {}),), tmp_path / "outputs", limits)
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
    jobs, limits = (Job(path, "surrey", {}),), Limits(cell=8, retries=0)
    result = tiny.build(jobs, tmp_path / "outputs", limits)
    assert result.error == "SilentKernelError: the kernel fell silent after its last cell"
    assert result.accidents == (result.error,)


@pytest.mark.slow
def test_the_output_folder_may_be_relative(tmp_path, monkeypatch):
    cell = "import os\nfrom pathlib import Path\n\n"
    cell += "assert Path(os.environ['LGR_REPORT_CACHE']).is_absolute()"
    path = tiny.write(tmp_path, tiny.TITLE, cell)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (result,) = batch.run({"surrey": (Job(path, "surrey", {}),)}, Path("outputs"), 1)
    assert result.ok, result.error
    assert (tmp_path / "outputs" / "surrey" / "small.html").exists()


@pytest.mark.slow
def test_a_page_made_by_an_older_library_has_no_key(tmp_path, monkeypatch):
    path, made = tiny.write(tmp_path, tiny.TITLE), tmp_path / "made"
    job = Job(path, "surrey", {"area": "surrey"}, folder=made)
    job.folder.mkdir()
    assert making.make(job).key is not None
    assert making.make(replace(job, library="as it was when the batch began")).key is None
    monkeypatch.setattr(library, "AT_START", library.Library({}))
    assert making.make(job).key is None


@pytest.mark.slow
def test_many_short_cells_together_take_too_long(tmp_path):
    short = "import time\ntime.sleep(0.4)"
    path = tiny.write(tmp_path, tiny.TITLE, *[short] * 5)
    (tmp_path / "outputs").mkdir()
    jobs, limits = (Job(path, "surrey", {}),), Limits(report=1)
    result = tiny.build(jobs, tmp_path / "outputs", limits)
    assert result.error == "ReportTimeoutError: small: the notebook took longer than 1 seconds"


def test_an_area_whose_folder_cannot_be_prepared_stops_no_other(tmp_path, monkeypatch):
    def take_along(published, folder, names):
        if published.name == "norfolk":
            raise PermissionError("not yours")

    monkeypatch.setattr(publishing, "take_along", take_along)
    monkeypatch.setattr(batch, "_publish", lambda job, pages, published: None)
    path = tiny.write(tmp_path, name="county_report")
    jobs = {key: (Job(path, key, {"area": key}),) for key in ("norfolk", "surrey")}
    make = lambda job: Page(job.name, job.area)  # noqa: E731
    start = contextlib.nullcontext(ThreadPoolExecutor(1))
    place = Place(lambda workers: start, make)
    reports = list(batch.run(jobs, tmp_path / "outputs", 1, place=place))
    assert [(report.area, report.error) for report in reports] == [
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
    result = tiny.build((Job(path, "surrey", {}),), tmp_path / "outputs")
    assert result.ok, result.error
    assert [accident.split(":")[0] for accident in result.accidents] == ["DeadKernelError"]


@pytest.mark.slow
def test_running_one_notebook_keeps_the_pages_of_the_others(tmp_path):
    path = tiny.write(tmp_path, tiny.TITLE, name="risks")
    tiny.write(tmp_path, name="county_report")
    dropped = tiny.write(tmp_path, tiny.TITLE, name="dropped")
    tiny.build((Job(dropped, "surrey", {"area": "surrey"}),), tmp_path / "outputs")
    dropped.unlink()  # its page has no notebook any more
    published = tmp_path / "outputs" / "surrey"
    (published / "county_report.html").write_text("the county report", encoding="utf-8")
    (published / "risks.html").write_text("old", encoding="utf-8")
    result = tiny.build((Job(path, "surrey", {}),), tmp_path / "outputs")
    assert result.ok, result.error
    assert text_of(published) == "the county report"
    assert "Report of surrey" in (published / "risks.html").read_text(encoding="utf-8")
    assert {path.name for path in published.iterdir()} == {
        "county_report.html",
        "risks.html",
        "risks.ipynb",
        *("manifest.json", "ro-crate-metadata.json"),
    }
    again = tiny.build((Job(path, "surrey", {}),), tmp_path / "outputs")
    made = manifest.read(Published, published)
    assert again.ok and [page.name for page in made.pages] == ["risks"]
    page = BeautifulSoup((published / "risks.html").read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in page.find("header").find_all("a")]
    assert links == ["../index.html", "county_report.html"]


@pytest.mark.slow
def test_a_killed_worker_is_told_and_the_run_ends(tmp_path, monkeypatch):
    monkeypatch.setenv("FORKED_KERNELS", "0")  # the worker is the parent of the kernel
    kill = "import os\nimport signal\n\nos.kill(os.getppid(), signal.SIGKILL)"
    path = tiny.write(tmp_path, tiny.TITLE, kill)
    jobs = {"surrey": (Job(path, "surrey", {}),)}
    (result,) = batch.run(jobs, tmp_path / "outputs", 1)
    assert "was killed" in result.error
    publishing.restore(tmp_path / "outputs")
    assert list((tmp_path / "outputs").iterdir()) == []


@pytest.mark.slow
def test_a_notebook_without_a_title_is_not_published(tmp_path):
    path = tiny.write(tmp_path, "1;")
    (tmp_path / "outputs").mkdir()
    result = tiny.build((Job(path, "surrey", {}),), tmp_path / "outputs")
    assert result.error.startswith("DeliverableError: no title")
    assert list((tmp_path / "outputs").iterdir()) == []


def test_an_empty_outputs_folder_has_an_index_of_21_areas_too(tmp_path):
    index_page = BeautifulSoup(index.html(tmp_path), "html.parser")
    names = [row.find("th").get_text() for row in index_page.find("tbody").find_all("tr")]
    assert names == [areas.get(area_id).name for area_id in AREA_IDS]
    assert index_page.find("table").find("a") is None
    assert index_page.find("div", class_="failed") is None
    people = [row.find_all("td")[0].get_text() for row in index_page.find("tbody").find_all("tr")]
    assert people == [f"{areas.population(area_id):,}" for area_id in AREA_IDS]
