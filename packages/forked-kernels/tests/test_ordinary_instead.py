"""Where kernels cannot be forked they start the ordinary way, and it is said once."""

import sys

import pytest
from forked_kernels import forking
from forked_kernels.forks import Forks
from nbclient.exceptions import DeadKernelError
from running import BORN, run, text, warnings_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


def test_switched_off_kernels_are_ordinary_and_nothing_is_said(fresh, monkeypatch, caplog):
    monkeypatch.setenv("FORKED_KERNELS", "0")
    assert "zygote.py" not in text(run(BORN)[0])
    assert not caplog.records and not fresh._zygotes


def test_a_zygote_that_cannot_start_is_said_once(fresh, monkeypatch, tmp_path, caplog):
    (tmp_path / "seaborn.py").write_text("import os\nos.write(2, b'no seaborn today')\nos._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for _ in range(2):
        assert "zygote.py" not in text(run(BORN)[0])
    (warning,) = warnings_in(caplog)
    assert "no seaborn today" in warning


def test_only_one_of_the_processes_of_a_run_says_it(tmp_path, caplog):
    (tmp_path / "run").mkdir()
    for folder in ("run", "run", "gone", "gone"):
        forks = Forks()
        forks.say_once(tmp_path / folder)
        forks.give_up("no fork today")
        assert not forks.wanted()
    assert len(warnings_in(caplog)) == 3  # where it cannot be noted it is said twice


def test_elsewhere_than_on_linux_kernels_are_ordinary(fresh, monkeypatch, caplog):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not fresh.wanted() and not fresh.wanted()
    (warning,) = warnings_in(caplog)
    assert "that needs Linux, and this is darwin" in warning


def test_a_zygote_that_takes_too_long_is_not_waited_for(fresh, monkeypatch, caplog):
    monkeypatch.setattr(forking, "PRELOAD_TIMEOUT", 0)
    assert "zygote.py" not in text(run(BORN)[0])
    assert len(warnings_in(caplog)) == 1


def test_a_killed_zygote_takes_its_kernel_and_the_next_is_ordinary(fresh, caplog):
    with pytest.raises(DeadKernelError):
        run("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)")
    for _ in range(2):
        assert "zygote.py" not in text(run(BORN)[0])
    assert len(warnings_in(caplog)) == 1
