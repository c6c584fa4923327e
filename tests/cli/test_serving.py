"""`gateline up` in real processes: it answers, refuses a second one, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.cli.serving import stop_on_signals

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def up(folder: Path, port: int) -> subprocess.Popen[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GATELINE_")}
    own = {"PYTHONPATH": str(ROOT), "GATELINE_BIND": f"127.0.0.1:{port}", "GATELINE_DRAIN": "2", "GATELINE_WEB_WORKERS": "1"}
    output = (folder / f"up-{port}.log").open("w")
    with output:
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli.main", "up"],
            cwd=folder,
            env={**plain, **own, "GATELINE_RUN_WORKERS": "1", "GATELINE_ERRAND_WORKERS": "1"},
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as problem:
        problem.close()
        return False
    except OSError:
        return False


def wait_until_ready(service: subprocess.Popen[str], port: int) -> None:
    until, pause = time.monotonic() + PATIENCE, threading.Event()
    while not ready(port):
        assert service.poll() is None, "up ended"
        assert time.monotonic() < until, "up did not get ready"
        pause.wait(0.1)


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    service = up(folder, port)
    try:
        wait_until_ready(service, port)
        yield service
    finally:
        if service.poll() is None:
            service.send_signal(signal.SIGTERM)
            service.wait(PATIENCE)


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that work in `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "cwd").readlink().is_relative_to(folder):
                    found.append((entry / "cmdline").read_text())
            except OSError:
                continue
    return found


def test_up_serves_refuses_a_second_one_and_leaves_no_process_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, port) as service:
        said = (tmp_path / f"up-{port}.log").read_text()
        assert f"Gateline serves on http://127.0.0.1:{port}, data in {tmp_path / '.gateline'}" in said
        assert "A secret key was made:" in said
        other = free_port()
        assert up(tmp_path, other).wait(PATIENCE) == 1
        assert "Gateline is running already with the data in" in (tmp_path / f"up-{other}.log").read_text()
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE) == 0
    assert processes_of(tmp_path) == []


class Service:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stop(self) -> None:
        self.told.append("stop")

    def kill(self) -> None:
        self.told.append("kill")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Puts back what this process did on signals before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize(
    ("signals", "told"),
    [
        ((signal.SIGTERM,), ["stop"]),
        ((signal.SIGINT,), ["stop"]),
        ((signal.SIGTERM, signal.SIGINT), ["stop", "stop"]),
        ((signal.SIGTERM, signal.SIGTERM), ["stop", "stop"]),
        ((signal.SIGINT, signal.SIGINT), ["stop", "kill", "stop"]),
    ],
)
def test_only_a_second_ctrl_c_does_not_wait(signals: tuple[signal.Signals, ...], told: list[str]) -> None:
    service = Service()
    stop_on_signals(service)
    for number in signals:
        signal.raise_signal(number)
    assert service.told == told
