"""Whoever is killed, nothing of a run outlives the lease, and nothing runs twice (architecture.md section 6, rule 4)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from app.executors import Materials, _reaper
from app.executors._supervise import Pulse
from app.executors._workspace import sweep
from app.executors.local import LocalExecutor
from app.workflow.line import Status
from app.workflow.plan import Plan
from tests.contract.executors import DAEMONS, Bench, living, task, until

LEASE = 1.5
SLOW_MACHINE = 15.0
"""Seconds that a condition may take at most before a test fails."""
SCRIPT = f"echo ran; {DAEMONS}; echo ready; sleep 1000"


@pytest.fixture(params=["auto", "off"])
def sandbox(request):
    if request.param == "auto":
        request.getfixturevalue("works_here")
    return request.param


@pytest.fixture
def bench(sandbox, tmp_path):
    bench = Bench(LocalExecutor(tmp_path / "gl", sandbox, pulse=Pulse(beat=0.3, lease=LEASE, grace=1.0)))
    yield bench
    assert living(bench.mark) == []


class Worker:
    """A worker in a process of its own, whose job has started."""

    def __init__(self, data: Path, sandbox: str) -> None:
        self.mark = f"MARK-{uuid.uuid4()}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.executors.worker", str(data), sandbox, self.mark, SCRIPT],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []
        while "ready" not in self.said:
            self.said.append(self.process.stdout.readline().strip())
            assert self.said[-1] or self.process.poll() is None
        assert len(living(self.mark)) >= 4

    def gone(self) -> bool:
        return until(lambda: not living(self.mark), SLOW_MACHINE)


@pytest.fixture
def worker(sandbox, tmp_path):
    worker = Worker(tmp_path / "gl", sandbox)
    yield worker
    worker.process.kill()
    worker.process.communicate()


def below(name: str) -> list[int]:
    """Descendants of this process whose command line holds `name`, eldest first."""
    found = [pid for pid in _reaper.descendants(os.getpid()) if name in Path(f"/proc/{pid}/cmdline").read_text()]
    return sorted(found)


def test_kill_9_of_the_worker_leaves_nothing(worker):
    worker.process.kill()
    assert worker.gone()


def test_kill_9_of_the_workers_process_group_leaves_nothing(worker):
    os.killpg(worker.process.pid, signal.SIGKILL)
    assert worker.gone()


def test_kill_9_of_worker_and_reaper_at_once_leaves_nothing_once_another_worker_looks(worker, sandbox, tmp_path):
    reaper = min(pid for pid in _reaper.descendants(worker.process.pid) if "_reaper.py" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(reaper, signal.SIGSTOP)
    worker.process.kill()
    os.kill(reaper, signal.SIGKILL)
    worker.process.wait()
    bystander = subprocess.Popen(["sleep", "1000"], cwd=tmp_path)
    try:
        LocalExecutor(tmp_path / "gl", sandbox).sweep()
        assert worker.gone()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
    assert list((tmp_path / "gl" / "work").iterdir()) == []


def test_a_sweep_leaves_what_still_has_a_worker(worker, sandbox, tmp_path):
    LocalExecutor(tmp_path / "gl", sandbox).sweep()
    assert len(living(worker.mark)) >= 4


def test_a_worker_that_is_stopped_loses_its_run_and_hears_of_it(worker):
    worker.process.send_signal(signal.SIGSTOP)
    assert worker.gone()
    worker.process.send_signal(signal.SIGCONT)
    rest, _ = worker.process.communicate(timeout=SLOW_MACHINE)
    assert rest.splitlines()[-1] == "ended lost"
    assert worker.said.count("ran") + rest.count("ran\n") == 1


def test_what_a_dead_worker_left_on_disk_is_swept(worker, tmp_path):
    work = tmp_path / "gl" / "work"
    sweep(work)
    assert list(work.iterdir())
    worker.process.kill()
    assert worker.gone()
    worker.process.wait()
    sweep(work)
    assert list(work.iterdir()) == []


def run_while(bench: Bench, strike) -> None:
    """Runs a job, calls `strike` once it is up, and expects that the run is lost and nothing is left."""
    struck = []

    def stop() -> str:
        if "ready" in bench.log.said and not struck:
            struck.append(strike())
        return ""

    bench.stop = stop
    result = bench.run(task(SCRIPT), on_failure=("echo f",), always=("echo a",))
    assert struck
    assert result.status is Status.LOST
    assert result.reason
    assert living(bench.mark) == []
    assert bench.log.said.count("ran") == 1
    assert not {"f", "a"} & set(bench.log.said)


def test_kill_9_of_the_reaper_leaves_nothing(bench):
    run_while(bench, lambda: os.kill(below("_reaper.py")[0], signal.SIGKILL))


def test_a_reaper_that_is_stopped_and_then_killed_leaves_nothing(bench):
    def strike():
        os.kill(below("_reaper.py")[0], signal.SIGSTOP)
        os.kill(below("_reaper.py")[0], signal.SIGKILL)

    run_while(bench, strike)


@pytest.mark.parametrize("which", ["first", "second", "both"])
def test_kill_9_of_bubblewrap_leaves_nothing(bench, sandbox, which):
    if sandbox == "off":
        pytest.skip("there is none without the sandbox")

    def strike():
        wraps = [pid for pid, name in _reaper.descendants(os.getpid()).items() if name == "bwrap"]
        for pid in {"first": wraps[:1], "second": wraps[1:], "both": wraps}[which]:
            with suppress(ProcessLookupError):  # the second dies with the first
                os.kill(pid, signal.SIGKILL)

    run_while(bench, strike)


def test_a_log_that_fails_ends_the_run_and_leaves_nothing(bench):
    class Broken(RuntimeError):
        """The store refused: the run's token is stale."""

    class Log(type(bench.log)):
        def write(self, output: bytes) -> None:
            super().write(output)
            if "ready" in self.said:
                raise Broken

    log = Log()
    plan = Plan("build", 1, (("MARK", bench.mark),), tasks=(task(SCRIPT),))
    materials = Materials({}, {}, bench.shelf.fetch, bench.shelf.keep)
    with pytest.raises(Broken):
        bench.executor.run(plan, materials, log, lambda: "")
    assert living(bench.mark) == []
