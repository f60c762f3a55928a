"""National results shared between kernels: computed once, never torn, never of other tables."""

import multiprocessing
import os
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure as Picture
from plain import edit

from lgr_report.chapters import survey
from lgr_report.core import demand as core_demand
from lgr_report.core.demand import of_england
from lgr_report.sources import cache, kept, library, reading, tables
from lgr_report.sources.cache import by_content, once_per_batch


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the private folder of a batch."""
    path = tmp_path / "batch"
    path.mkdir()
    monkeypatch.setenv(cache.FOLDER, str(path))
    return path


@pytest.fixture
def fit():
    """Return a function that remembers how often it was computed."""
    calls = []

    @once_per_batch
    def _fit(draws: int = 10, level: float = 0.9) -> dict:
        calls.append((draws, level))
        return {"draws": np.full(draws, level), "calls": len(calls)}

    _fit.calls = calls
    return _fit


def forget(function):
    """Make this process forget, as another kernel would not know."""
    function.cache_clear()


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pickle"))


def test_a_process_computes_once_and_returns_the_same_object(fit):
    assert fit(10) is fit() is fit(draws=10, level=0.9)
    assert fit.calls == [(10, 0.9)]


def test_another_kernel_reads_what_the_first_computed(fit, folder):
    first = fit()
    forget(fit)
    second = fit()
    assert fit.calls == [(10, 0.9)]
    assert first is not second
    np.testing.assert_array_equal(first["draws"], second["draws"])
    assert len(entries(folder)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"draws": 10}, {"draws": 11}),
        ({"level": 0.9}, {"level": 0.8}),
        ({"level": 1.0}, {"level": 1}),
    ],
)
def test_other_arguments_are_another_entry(fit, folder, one, other):
    fit(**one)
    fit(**other)
    assert len(fit.calls) == len(entries(folder)) == 2


def test_edited_tables_are_computed_anew(fit, folder, few):
    fit()
    edit("risks", few, lambda r: r["risk_id"] == "CLGR7", likelihood="1")
    fit()
    assert len(fit.calls) == len(entries(folder)) == 2


def test_an_edited_library_is_computed_anew(fit, folder, monkeypatch):
    fit()
    monkeypatch.setattr(library, "AT_START", library.Library({}))
    fit()
    assert len(fit.calls) == 2


@pytest.mark.parametrize("wrong", [[1, 2], {"a": 1}, np.float64(1.0), Path(), (1, [2])])
def test_an_argument_that_has_no_plain_name_is_refused(fit, wrong):
    with pytest.raises(TypeError, match="level must be a text, a number or a tuple of these"):
        fit(level=wrong)


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: b"",
        lambda entry: entry[:10],
        lambda entry: entry[:-1],
        lambda entry: entry + b"\0",
        lambda entry: bytes([entry[0] ^ 1]) + entry[1:],
        lambda entry: entry[:-20] + bytes([entry[-20] ^ 1]) + entry[-19:],
    ],
)
def test_a_damaged_entry_is_computed_again_and_mended(fit, folder, damage):
    fit()
    (entry,) = entries(folder)
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))
    forget(fit)
    np.testing.assert_array_equal(fit()["draws"], np.full(10, 0.9))
    assert len(fit.calls) == 2
    forget(fit)
    fit()
    assert len(fit.calls) == 2


def test_without_a_folder_or_with_one_that_is_gone_it_computes_all_the_same(fit, monkeypatch):
    for value in ("", "/no/such/folder"):
        monkeypatch.setenv(cache.FOLDER, value)
        forget(fit)
        assert fit()["draws"].sum() == pytest.approx(9, abs=1e-12)
    assert len(fit.calls) == 2


def test_a_full_disk_costs_nothing_but_the_sharing(fit, folder, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.tempfile, "NamedTemporaryFile", full)
    assert fit()["calls"] == 1
    assert entries(folder) == []


def test_an_error_is_raised_each_time_and_not_kept(folder):
    tries = []

    @once_per_batch
    def fails(n: int) -> None:
        tries.append(n)
        raise ValueError("no data")

    for _ in range(2):
        with pytest.raises(ValueError, match="no data"):
            fails(1)
    assert tries == [1, 1]
    assert entries(folder) == []


@once_per_batch
def _slow(place: str) -> int:
    with (Path(place) / "computed").open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(0.5)
    return 42


def test_processes_that_ask_at_the_same_time_compute_once(folder, tmp_path):
    with multiprocessing.get_context("fork").Pool(3) as pool:
        assert pool.map(_slow, [str(tmp_path)] * 3, chunksize=1) == [42] * 3
    assert len((tmp_path / "computed").read_text().splitlines()) == 1


@pytest.mark.parametrize("draws", [20])
def test_demand_that_is_read_equals_demand_that_is_computed(folder, draws):
    from lgr_report.core.demand import estimate

    core_demand._of_england.cache_clear()
    of_england(draws)
    core_demand._of_england.cache_clear()
    read, computed = of_england(draws), estimate(draws)
    assert len(entries(folder)) == 1
    np.testing.assert_array_equal(read.draws, computed.draws)
    np.testing.assert_array_equal(read.estimate, computed.estimate)
    assert read.gss_codes == computed.gss_codes
    assert of_england(draws) is read


def test_national_results_stay_for_the_next_batch(fit, folder, tmp_path, monkeypatch):
    lasting = tmp_path / "kept"
    lasting.mkdir()
    monkeypatch.setenv(kept.FOLDER, str(lasting))
    fit()
    forget(fit)
    for entry in folder.iterdir():
        entry.unlink()
    fit()
    assert len(fit.calls) == len(entries(lasting)) == 1 and entries(folder) == []


def test_kept_results_that_nobody_asked_for_in_a_while_go(fit, folder, monkeypatch):
    fit(1)
    fit(2)
    first, second = entries(folder)
    now = time.time()
    os.utime(first, (now, now - cache.UNUSED - 1))
    cache.prune(folder, now)
    assert entries(folder) == [second]


@dataclass(frozen=True)
class Place:
    name: str

    @cached_property
    def length(self) -> int:
        return len(self.name)


@pytest.fixture
def study():
    """Return a function of anything that remembers how often it was computed."""
    calls = []

    @by_content
    def _study(place: Place, rates: pd.DataFrame, draws: int = 10) -> Place:
        calls.append(draws)
        return place

    _study.calls = calls
    return _study


def test_the_same_content_is_computed_once_in_a_batch(study, folder):
    rates = pd.DataFrame({"rate": [1.0, 2.0]})
    first = study(Place("Surrey"), rates)
    second = study(draws=10, place=Place("Surrey"), rates=rates.copy())
    assert first == second and first is not second
    assert study.calls == [10]


@pytest.mark.parametrize(
    "other",
    [{"place": Place("Kent")}, {"draws": 11}, {"rates": pd.DataFrame({"rate": [1.0, 2.000001]})}],
)
def test_other_content_is_computed_anew(study, folder, other):
    same = {"place": Place("Surrey"), "rates": pd.DataFrame({"rate": [1.0, 2.0]})}
    study(**same)
    study(**(same | other))
    assert len(study.calls) == 2


def test_what_was_computed_from_the_fields_is_no_content(study, folder):
    asked, place = Place("Surrey"), Place("Surrey")
    assert asked.length == 6
    kept = study(asked, None)
    assert vars(kept) == {"name": "Surrey"}  # and is computed again by whoever asks
    study(place, None)
    assert study.calls == [10]


def test_arguments_without_content_are_computed_at_every_call(study, folder):
    unnamed = lambda: None  # noqa: E731
    for _ in range(2):
        assert study(unnamed, None) is unnamed
    assert study.calls == [10, 10] and entries(folder) == []


def test_outside_of_a_batch_every_call_computes(study, monkeypatch):
    monkeypatch.delenv(cache.FOLDER, raising=False)
    place = Place("Surrey")
    assert study(place, None) is study(place, None) is place
    assert study.calls == [10, 10]


def test_the_tables_behind_a_kept_result_are_read_by_whoever_takes_it(folder):
    @by_content
    def counted(least: int) -> int:
        return int((tables.read("councils")["population"] > least).sum())

    with reading.noting() as first:
        counted(0)
    with reading.noting() as second:
        counted(0)
    assert list(first) == list(second) == ["councils"]


@dataclass(frozen=True)
class Lazy:
    """What reads a table when it is first asked for it."""

    least: int

    @cached_property
    def residents(self) -> pd.Series:
        return tables.read("councils")["population"]


def test_the_tables_behind_a_result_are_the_same_whoever_asks_first(folder):
    @by_content
    def counted(lazy: Lazy) -> int:
        return int((lazy.residents > lazy.least).sum())

    asked_before = Lazy(0)
    assert len(asked_before.residents)
    counted(asked_before)  # needs not read the table again, but rests on it
    with reading.noting() as taken:
        counted(Lazy(0))
    assert list(taken) == ["councils"]


def test_a_figure_of_a_batch_is_drawn_once_and_looks_the_same(folder, monkeypatch):
    officers = survey.study()
    with monkeypatch.context() as outside:
        outside.delenv(cache.FOLDER)
        plain = survey.charts.confidence(officers.confidence)
        drawn = plain.svg()
    first = survey.charts.confidence(officers.confidence)
    monkeypatch.setattr(Picture, "savefig", None)  # nothing is drawn again
    second = survey.charts.confidence(officers.confidence)
    assert plain.picture is not None and first.picture is second.picture is None
    assert drawn == first.svg() == second.svg()
    assert (first.title, first.alt) == (second.title, second.alt) == (plain.title, plain.alt)


def test_a_kernel_that_nobody_told_keeps_national_results_for_the_next(fit, tmp_path, monkeypatch):
    monkeypatch.delenv(kept.FOLDER)
    monkeypatch.setattr(kept, "HOME", tmp_path / "kept")
    first = fit(3)
    forget(fit)
    assert fit(3)["calls"] == first["calls"] == 1
    assert fit.calls == [(3, 0.9)]
    assert len(entries(tmp_path / "kept")) == 1
    monkeypatch.setenv(kept.FOLDER, "")
    forget(fit)
    assert fit(3)["calls"] == 2


def test_a_home_that_cannot_be_written_is_no_error(fit, tmp_path, monkeypatch):
    monkeypatch.delenv(kept.FOLDER)
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(kept, "HOME", tmp_path / "file" / "kept")
    assert fit(3)["calls"] == 1
