"""An output folder that holds somebody's files: nothing of theirs is deleted or written over."""

import json

import pytest
import tiny

from lgr_report.runs import foreign, journal, manifest
from lgr_report.runs.records import Job


def content(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    "files",
    [
        {"index.html": "my site"},
        {"notes.txt": "mine"},
        {"surrey/notes.txt": "mine"},
        {"surrey/index.html": "mine"},
        {"manifest.json": "{}"},
        {"log.jsonl": "no log of ours"},
        {"README.md": "mine", "thesis.docx": "mine"},
    ],
)
def test_a_build_refuses_a_folder_of_somebody_else(tmp_path, command, files):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = content(tmp_path)
    code, _, err = command("build", "surrey", "--outputs", str(tmp_path))
    assert code == 2
    assert f"{tmp_path} holds what lgr-report did not make" in err
    assert "name an empty folder with --outputs" in err
    assert len(err.splitlines()) == 1
    assert content(tmp_path) == before


@pytest.mark.parametrize("names", [(), ("README.md",), (".gitignore", "Thumbs.db", "~$notes.docx")])
def test_an_empty_folder_is_taken_whatever_a_system_left_in_it(tmp_path, names):
    for name in names:
        (tmp_path / name).write_text("", encoding="utf-8")
    foreign.check_folder(tmp_path)
    foreign.check_folder(tmp_path / "new")


def test_a_folder_in_which_a_run_was_killed_is_ours(tmp_path):
    journal.Journal(tmp_path).note("begin", reports=1)
    (tmp_path / "surrey").mkdir()
    foreign.check_folder(tmp_path)


def test_notes_in_the_folder_of_an_area_keep_it_from_being_replaced(tmp_path):
    job = Job(tiny.write(tmp_path, tiny.TITLE), "surrey", {"area": "surrey"})
    outputs = tmp_path / "outputs"
    assert tiny.build((job,), outputs).ok
    notes = outputs / "surrey" / "notes.txt"
    notes.write_text("mine", encoding="utf-8")
    before = content(outputs / "surrey")
    report = tiny.build((job,), outputs)
    assert "holds what lgr-report did not make (notes.txt): move it elsewhere" in report.error
    assert content(outputs / "surrey") == before
    notes.unlink()
    assert tiny.build((job,), outputs).ok


def test_what_systems_and_editors_leave_makes_no_report_stale(tmp_path):
    job = Job(tiny.write(tmp_path, tiny.TITLE), "surrey", {"area": "surrey"})
    outputs = tmp_path / "outputs"
    tiny.build((job,), outputs)
    manifest.write(outputs, "2026-11-26T00:00:00+00:00", {}, {})
    (outputs / "surrey" / "Thumbs.db").write_text("", encoding="utf-8")
    (outputs / "surrey" / ".ipynb_checkpoints").mkdir()
    assert manifest.problems(outputs) == []
    assert tiny.build((job,), outputs).ok


def test_a_page_that_another_notebook_rewrites_is_not_published(tmp_path):
    first = Job(tiny.write(tmp_path, tiny.TITLE, name="first"), "surrey", {"area": "surrey"})
    meddle = "import pathlib\n\nfor page in pathlib.Path('..').glob('first.html'):\n"
    meddle += "    _ = page.write_text('rewritten')"
    second = Job(
        tiny.write(tmp_path, tiny.TITLE, meddle, name="second"), "surrey", {"area": "surrey"}
    )
    outputs = tmp_path / "outputs"
    assert tiny.build((first,), outputs).ok
    good = content(outputs / "surrey")
    report = tiny.build((first, second), outputs)
    assert "pages that changed after they were made: first" in report.error
    assert content(outputs / "surrey") == good
    assert json.loads((outputs / "surrey" / "manifest.json").read_text(encoding="utf-8"))
