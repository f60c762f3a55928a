"""Runs that are killed, starved and crowded: never a torn file, a false success or a process left.

`LGR_REPORT_KILLS` says how many random kills there are (`make faults` makes 200).
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import tiny
from plain import AREA_IDS, rows

from lgr_report.runs import manifest
from lgr_report.runs.journal import Journal
from lgr_report.runs.records import Job, Published
from lgr_report.runs.stale import is_whole
from lgr_report.sources import tables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

KILLS = int(os.environ.get("LGR_REPORT_KILLS", "12"))
AREAS = AREA_IDS[:8]
PARAMETERS = 'area: str = "surrey"  # area_id\nversion: int = 0  # of the batch'
VERSION = """
import time

time.sleep(0.15)
say(f"version {version};")
"""
SAY = tiny.TITLE.replace("import heading", "import heading, say")
# A cell that nobody waits for: what ends before it does was ended.
ENDLESS = "import time\n\ntime.sleep(3600)"
PATIENCE = 400  # seconds for a run that nobody disturbs any more, on a machine that is busy
KINDS = ("parent", "worker", "zygote", "kernel", "other")


def happens(what: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Wait until something is so; return whether it came to pass."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Run:
    """A batch in processes of its own, all marked, so that none can hide."""

    def __init__(self, notebooks: Path, outputs: Path, version: int, *options: str):
        self.mark, self.version = uuid.uuid4().hex, version
        self.output = outputs.parent / f"said-{version}-{self.mark}.txt"
        script = str(Path(__file__).with_name("driver.py"))
        arguments = ["build", *AREAS, "--outputs", str(outputs), "-p", f"version={version}"]
        with self.output.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, script, str(notebooks), *arguments, *options],
                stdout=said,
                stderr=said,
                env=os.environ | {"LGR_TEST_MARK": self.mark},
                start_new_session=True,
            )

    def members(self) -> dict[str, list[psutil.Process]]:
        """Return the processes of the run that are alive, by what they are."""
        found: dict[str, list[psutil.Process]] = {kind: [] for kind in KINDS}
        for process in psutil.process_iter():
            try:
                if f"LGR_TEST_MARK={self.mark}".encode() not in _environ(process.pid):
                    continue
                if process.status() == psutil.STATUS_ZOMBIE:
                    continue
                found[self._kind(process)].append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def _kind(self, process: psutil.Process) -> str:
        line = " ".join(process.cmdline())
        if process.pid == self.process.pid:
            return "parent"
        if "zygote.py" in line:
            # A kernel is a fork of the zygote, and has its command line.
            parent = psutil.Process(process.ppid())
            return "kernel" if "zygote.py" in " ".join(parent.cmdline()) else "zygote"
        if "ipykernel_launcher" in line:
            return "kernel"
        return "worker" if "spawn_main" in line else "other"

    def gone(self, *kinds: str) -> bool:
        """Wait until no process of these kinds is left; return whether that comes to pass."""
        return happens(lambda: not any(self.members()[kind] for kind in kinds))

    def wait(self) -> int:
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            members = self.members()
            for processes in members.values():
                for process in processes:
                    process.kill()
            raise AssertionError(f"still there: {members}\n{self.said()}") from None
        assert self.gone(*KINDS), self.members()
        return code

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")


def _environ(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("notebooks")
    for name in ("county_report", "risks"):
        tiny.write(folder, SAY, VERSION, name=name, parameters=PARAMETERS)
    return folder


def versions(outputs: Path) -> dict[str, int]:
    """Return the version of each published area; none may be torn."""
    found = {}
    for folder in manifest.reports(outputs):
        made = manifest.read(Published, folder)
        assert {path.name for path in folder.iterdir()} == manifest.files(made)
        assert all(is_whole(folder, page) for page in made.pages)
        pages = [path.read_text(encoding="utf-8") for path in folder.glob("*.[hi]*")]
        assert len(pages) == 4
        (version,) = {page.parameters["version"] for page in made.pages}
        assert all(f"version {version};" in page for page in pages)
        found[folder.name] = version
    return found


def told(outputs: Path, event: str, since: int = 0) -> list[str]:
    log = outputs / "log.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    events = [json.loads(line) for line in lines[since:]]
    return [one.get("key", "") for one in events if one["event"] == event]


def lines_of(outputs: Path) -> int:
    log = outputs / "log.jsonl"
    return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0


def victims(run: Run, generator: random.Random) -> Iterator[tuple[psutil.Process, str, int]]:
    """Yield whom to kill next and how, until the run ends."""
    early = generator.random() < 0.1  # while it still imports
    while run.process.poll() is None:
        time.sleep(generator.uniform(0.05, 1))
        members = run.members()
        kinds = ["kernel"] * 6 + ["worker"] * 2 + ["zygote", "parent"]
        kind = generator.choice([kind for kind in kinds if members[kind]] or ["parent"])
        if members[kind] and (early or members["kernel"]):
            how = signal.SIGKILL
            if kind == "parent":
                how = generator.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            yield generator.choice(members[kind]), kind, how


def test_random_kills_tear_nothing_and_leave_nothing(notebooks, tmp_path):
    generator = random.Random(20280401)
    outputs, before, version = tmp_path / "outputs", {}, 0
    killed: Counter[str] = Counter()
    while killed.total() < KILLS:
        version += 1
        since, ended_by = lines_of(outputs), None
        run = Run(notebooks, outputs, version)
        for victim, kind, how in victims(run, generator):
            try:
                victim.send_signal(how)
            except psutil.NoSuchProcess:
                continue
            killed[kind] += 1
            if kind == "parent":
                ended_by = how
                break
            if killed.total() >= KILLS:
                break
        if ended_by is not None:
            assert run.gone("worker", "zygote", "kernel"), (how, run.members())
        code = run.wait()
        # What a kernel that died wrote last is told on purpose; nothing of ours may end in one,
        # unless it was stopped while it still imported.
        ours = run.said().replace("it wrote last:\nTraceback", "it wrote last:")
        assert "Traceback" not in ours or code == -signal.SIGINT
        now = versions(outputs) if outputs.exists() else {}
        built, failed = told(outputs, "built", since), told(outputs, "failed", since)
        assert all(now[key] == version for key in built), run.said()
        assert all(now.get(key) == before.get(key) for key in failed), run.said()
        assert set(before) <= set(now), run.said()
        assert set(now.values()) <= {*before.values(), version}
        if code == 0:
            assert now == dict.fromkeys(AREAS, version), run.said()
            assert manifest.problems(outputs) == []
        elif ended_by is None:
            assert code == 1 and failed, run.said()
        else:
            assert code in (-ended_by, 128 + ended_by, 1, 0), run.said()
        before = now
    run = Run(notebooks, outputs, version + 1)
    assert run.wait() == 0, run.said()
    assert versions(outputs) == dict.fromkeys(AREAS, version + 1)
    assert manifest.problems(outputs) == []
    assert not [path.name for path in outputs.iterdir() if path.name.startswith((".b", ".p"))]
    print(dict(killed))


@pytest.fixture(scope="module")
def endless(tmp_path_factory) -> Path:
    """Return notebooks of which the first ends, and the second never does."""
    folder = tmp_path_factory.mktemp("endless")
    tiny.write(folder, SAY, VERSION, name="county_report", parameters=PARAMETERS)
    tiny.write(folder, SAY, ENDLESS, name="risks", parameters=PARAMETERS)
    return folder


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_run_that_is_stopped_ends_its_kernels_in_the_middle_of_a_cell(
    notebooks, endless, tmp_path, how
):
    how, outputs = signal.Signals[how], tmp_path / "outputs"
    outputs.mkdir()
    good = tiny.build((job(notebooks, AREAS[0], 1),), outputs)
    assert good.ok, good.error
    run = Run(endless, outputs, 2, "--notebook", "risks")
    assert happens(lambda: run.members()["kernel"] or run.process.poll() is not None)
    assert run.process.poll() is None, run.said()
    # As a terminal does: Ctrl-C and hanging up reach every process of the run.
    to_all = how in (signal.SIGINT, signal.SIGHUP)
    (os.killpg if to_all else os.kill)(run.process.pid, how)
    assert run.gone("worker", "zygote", "kernel"), run.members()
    assert run.wait() == (-how if how == signal.SIGKILL else 128 + how), run.said()

    assert told(outputs, "built") == []
    if how != signal.SIGKILL:
        assert told(outputs, "stopped") == [""]
        assert "not reached in" in run.said() and f"stopped by {how.name}" in run.said()
        why = manifest.last_batch(outputs).errors
        assert why == dict.fromkeys(AREAS, f"not reached: stopped by {how.name}")
        assert manifest.problems(outputs) == []
        assert not manifest.is_current(outputs)
    (made,) = manifest.read(Published, outputs / AREAS[0]).pages
    assert made.parameters["version"] == 1
    assert is_whole(outputs / AREAS[0], made)


def test_of_two_runs_at_once_the_second_is_told_who_is_first(notebooks, tmp_path):
    outputs = tmp_path / "outputs"
    first = Run(notebooks, outputs, 1)
    end = time.monotonic() + PATIENCE
    while not (outputs / ".lock.json").exists():
        assert time.monotonic() < end and first.process.poll() is None, first.said()
        time.sleep(0.05)
    second = Run(notebooks, outputs, 2)
    assert second.wait() == 3
    assert f"is in use by process {first.process.pid} since" in second.said()
    assert first.wait() == 0, first.said()
    assert versions(outputs) == dict.fromkeys(AREAS, 1)


# Starved of space, of rights, of data


@pytest.fixture
def disk(tmp_path):
    """Return a function that mounts a small disk, and makes it read-only."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True
        )
        if done.returncode:
            pytest.skip("no right to mount a small disk")
        return place

    yield mount
    subprocess.run(["umount", str(place)], capture_output=True)


def job(folder: Path, area: str, version: int) -> Job:
    return Job(folder / "county_report.ipynb", area, {"area": area, "version": version})


def test_a_full_disk_is_told_and_the_last_good_report_stays(command, notebooks, disk, monkeypatch):
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", notebooks)
    monkeypatch.setenv(tables.VALIDATED, tables.fingerprint())  # other tests validate them
    place = disk("size=4m")
    outputs = place / "outputs"
    build = ("build", "surrey", "--notebook", "county_report", "--outputs", str(outputs))
    code, _, err = command(*build, "-p", "version=1")
    assert code == 0, err
    made = manifest.last_batch(outputs)
    assert made.asked == {"areas": ["surrey"], "notebooks": ["county_report"], "version": 1}
    assert made.inputs.keys() == {"lgr_report/", "requirements.lock"}
    there = {path.name for path in outputs.iterdir()}
    (place / "filler").write_bytes(b"0" * (os.statvfs(place).f_bavail * 4096 - 8192))
    code, out, err = command(*build, "-p", "version=2")
    assert code == 3, err
    assert "No space left on device" in out + err and "Traceback" not in out + err
    (page,) = manifest.read(Published, outputs / "surrey").pages
    assert page.parameters["version"] == 1 and is_whole(outputs / "surrey", page)
    assert manifest.problems(outputs) == []
    assert {path.name for path in outputs.iterdir()} == there


def test_a_folder_that_cannot_be_written_is_told_in_one_line(command, notebooks, disk, monkeypatch):
    outputs = disk("size=1m,ro")
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", notebooks)
    code, out, err = command("build", "surrey", "--outputs", str(outputs))
    assert (code, out) == (3, "")
    assert "Read-only file system" in err and len(err.splitlines()) == 1


def test_a_table_cut_short_stops_the_run_and_touches_nothing(
    command, few, notebooks, tmp_path, monkeypatch
):
    monkeypatch.setattr("lgr_report.runs.plan.NOTEBOOKS", notebooks)
    outputs = tmp_path / "outputs"
    published = outputs / "surrey" / "county_report.html"
    published.parent.mkdir(parents=True)
    published.write_text("the last good report", encoding="utf-8")
    Journal(outputs).note("begin")  # a run of ours was here
    table = few / "councils.csv"
    table.write_bytes(table.read_bytes()[: table.stat().st_size * 2 // 3])
    assert len(rows("councils", few)) > 10
    code, _, err = command("build", "surrey", "--outputs", str(outputs))
    assert code == 2
    assert err.startswith("lgr-report: ") and "councils" in err
    assert published.read_text(encoding="utf-8") == "the last good report"
    assert {path.name for path in outputs.iterdir()} <= {"surrey", ".lock", "log.jsonl"}
