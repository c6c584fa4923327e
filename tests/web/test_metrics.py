"""Counters of several web processes together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COUNT = """
from app.web.metrics import Metrics
from tests.web.world import MemoryStore
metrics = Metrics()
metrics.hooks.labels("local", "kept").inc()
print(metrics.text(MemoryStore()).decode())
"""


def counted(folder: Path | None) -> str:
    """What a new process that counts one hook tells of all."""
    environment = {**os.environ, **({"PROMETHEUS_MULTIPROC_DIR": str(folder)} if folder else {})}
    done = subprocess.run([sys.executable, "-c", COUNT], env=environment, capture_output=True, text=True, check=True)
    return next(line for line in done.stdout.splitlines() if line.startswith("gateline_hooks_total"))


def test_one_process_tells_its_own_counters(tmp_path: Path) -> None:
    assert [counted(None), counted(None)] == ['gateline_hooks_total{forge="local",outcome="kept"} 1.0'] * 2


def test_several_processes_tell_their_counters_together(tmp_path: Path) -> None:
    told = [counted(tmp_path), counted(tmp_path)]
    assert told[1] == 'gateline_hooks_total{forge="local",outcome="kept"} 2.0'
