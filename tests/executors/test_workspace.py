"""Workspaces of several workers in one folder: each sweeps what dead ones left, and nobody's that is alive."""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.executors._workspace import sweep, workspace
from tests.contract.executors import until


def opened(path: Path) -> int:
    """How often this process has `path` open."""
    return sum(os.path.realpath(each) == str(path) for each in Path("/proc/self/fd").iterdir())


def test_a_sweep_leaves_alone_what_somebody_uses(tmp_path):
    with workspace(tmp_path, "build-1", "n") as room:
        sweep(tmp_path)
        assert room.build.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_that_takes_a_new_lock_first_does_not_take_it_away(tmp_path):
    """The sweep of another worker sees the file between its making and its locking."""
    path = tmp_path / "build-1-n.lock"
    sweeping = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(sweeping, fcntl.LOCK_EX)

    def use() -> bool:
        with workspace(tmp_path, "build-1", "n") as room:
            sweep(tmp_path)
            return room.build.is_dir() and path.exists()

    with ThreadPoolExecutor(1) as pool:
        used = pool.submit(use)
        assert until(lambda: opened(path) == 2, 10)
        path.unlink()
        os.close(sweeping)
        assert used.result(timeout=10)
    assert list(tmp_path.iterdir()) == []
