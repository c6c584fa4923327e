"""`make demo`: from anywhere, twice at once, and gone without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.live.clone import clone, newcomers_environment
from tests.live.processes import marked
from tests.live.stage import PROJECT
from tests.live.waiting import PATIENCE, eventually

DEADLINE = 3 * PATIENCE


def _demo(home: Path, **settings: str) -> subprocess.Popen[bytes]:
    """As from a terminal of its own; what it prints is in `home/said`."""
    home.mkdir()
    with (home / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli.main", "demo"],
            cwd=PROJECT,
            env=newcomers_environment(home, **settings),
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs these tests may ignore it
        )


def _interrupt(demo: subprocess.Popen[bytes]) -> int:
    """Ctrl-C in its terminal; the exit code."""
    if demo.poll() is None:
        os.killpg(demo.pid, signal.SIGINT)
    try:
        return demo.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(demo.pid, signal.SIGKILL)
        raise


def test_two_demos_at_once_come_true_one_of_them_in_a_path_with_a_space(tmp_path: Path) -> None:
    with _demo(tmp_path / "kept", KEEP="1") as kept:
        project, home = clone(tmp_path / "a folder with spaces"), tmp_path / "home"
        home.mkdir()
        made = subprocess.run(
            ["make", "demo"], cwd=project, env=newcomers_environment(home), capture_output=True, text=True, check=False, timeout=DEADLINE
        )
        try:
            _assert_told(made)
            said = tmp_path / "kept" / "said"
            eventually("the other one to end", lambda: "Still serving" in said.read_text() or kept.poll() is not None, DEADLINE)
            assert kept.poll() is None, said.read_text()
        finally:
            code = _interrupt(kept)
    assert code == 130
    assert marked(str(tmp_path)) == []


def _assert_told(made: subprocess.CompletedProcess[str]) -> None:
    assert made.returncode == 0, made.stdout + made.stderr
    for told in (
        "carol pushes",
        "opens a pull request",
        "deploy-prod waits for approval",
        "bob, who may only read",
        "Not done",
        "/gateline approve deploy-prod",
        "goes to production",
        "gateline/deploy-prod",
        "All of it came true",
    ):
        assert told in made.stdout


def test_ctrl_c_in_the_middle_of_a_demo_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    with _demo(tmp_path / "home") as demo:
        try:
            eventually("something to run", lambda: "succeeded" in (tmp_path / "home" / "said").read_text(), DEADLINE)
        finally:
            code = _interrupt(demo)
    assert code == 130
    assert marked(str(tmp_path)) == []
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["said"]
