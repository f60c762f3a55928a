"""Zygotes for the tests: one that they share, or one that a test may break."""

import pytest
from forked_kernels import forks


@pytest.fixture(scope="session")
def warm():
    """Return zygotes that the tests share."""
    shared = forks.Forks()
    yield shared
    shared.close()


@pytest.fixture
def forked(warm, monkeypatch):
    """Fork kernels, whatever the tests' environment says."""
    monkeypatch.setattr(forks, "here", warm)
    for name in ("FORKED_KERNELS", "FORKED_KERNELS_PRELOAD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OF_THE_TEST", "set after the zygote started")


@pytest.fixture
def fresh(forked, monkeypatch):
    """Fork kernels from a zygote that this test may break."""
    own = forks.Forks()
    monkeypatch.setattr(forks, "here", own)
    yield own
    own.close()
