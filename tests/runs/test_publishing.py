"""Moving into place: a finished folder takes the place of the last, or the last one stays."""

import pytest

from lgr_report.runs import publishing


def folder(path, text):
    path.mkdir(parents=True)
    (path / "county_report.html").write_text(text, encoding="utf-8")
    return path


def text_of(path):
    return (path / "county_report.html").read_text(encoding="utf-8")


def test_a_finished_folder_takes_the_place_of_the_last(tmp_path):
    old, new = folder(tmp_path / "surrey", "old"), folder(tmp_path / ".building-surrey-1", "new")
    (old / "stale.html").write_text("stale", encoding="utf-8")
    publishing.publish(new, tmp_path / "surrey")
    assert text_of(tmp_path / "surrey") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]
    assert [path.name for path in (tmp_path / "surrey").iterdir()] == ["county_report.html"]


def test_the_first_report_of_an_area_is_published_and_others_may_read_it(tmp_path):
    new = folder(tmp_path / ".building-surrey-1", "new")
    new.chmod(0o700)
    publishing.publish(new, tmp_path / "surrey")
    assert text_of(tmp_path / "surrey") == "new"
    assert (tmp_path / "surrey").stat().st_mode & 0o777 == 0o755


def test_a_move_that_fails_leaves_the_last_good_report(tmp_path):
    folder(tmp_path / "surrey", "old")
    with pytest.raises(OSError, match="gone"):
        publishing.publish(tmp_path / "gone", tmp_path / "surrey")
    assert text_of(tmp_path / "surrey") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]


def test_a_run_killed_between_its_two_moves_is_undone(tmp_path):
    folder(tmp_path / ".previous-surrey", "old")
    folder(tmp_path / ".building-surrey-1", "new")
    publishing.restore(tmp_path)
    assert text_of(tmp_path / "surrey") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]


def test_a_run_killed_after_its_second_move_keeps_the_new_report(tmp_path):
    folder(tmp_path / ".previous-surrey", "old")
    folder(tmp_path / "surrey", "new")
    publishing.restore(tmp_path)
    assert text_of(tmp_path / "surrey") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["surrey"]


def test_cleaning_up_touches_nothing_else(tmp_path):
    folder(tmp_path / "norfolk", "good")
    (tmp_path / "README.md").write_text("hello", encoding="utf-8")
    publishing.restore(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"norfolk", "README.md"}
