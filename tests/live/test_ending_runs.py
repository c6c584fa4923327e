"""Ending a run before its time, with all that it started: by a person, and by the clock."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from app.workflow.line import Status
from tests.live.stage import PROJECT, Stage
from tests.live.waiting import PATIENCE, SLACK, eventually
from tests.live.witness import Witness

GRANDCHILD = "(setsid bash -c 'trap \"\" TERM HUP; while :; do sleep 1000; done' &)"

BUSY = 1.0
"""Seconds that a busy machine may add to a promise about a cancel."""

WORKFLOW = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {{sourceName: {name}, branch: main}}
    jobs:
      - name: long
        type: runSh
        runtime: {{timeoutMinutes: 10}}
        steps:
          - IN: app
          - TASK:
              script: {script}
    """


def test_a_cancel_asks_within_3_s_and_is_done_within_15_s_grandchildren_too(on_sqlite: Stage, witness: Witness) -> None:
    script = [witness.hook("cancelled"), "trap 'echo TERM >&9' TERM", GRANDCHILD, "sleep 1000 & wait $!; sleep 1000"]
    line = on_sqlite.add("cancel/app", _workflow("cancel/app", script))
    sha = line.push()
    eventually("the run to be at work", lambda: witness.holding("cancelled"))
    on_sqlite.cli("cancel", "long", "--as", "carol", "--account", line.account)
    asked = time.monotonic()
    [told] = witness.of("cancelled")
    eventually("TERM", lambda: "TERM" in told.lines, 3.0 + BUSY)
    eventually("all processes to be gone", lambda: told.ended, asked + 15.0 + BUSY - time.monotonic())
    run = line.ended("long", within=SLACK).run
    assert run.status is Status.CANCELLED
    assert "carol" in run.reason
    assert told.lines == ["cancelled", "TERM"]
    state, description = eventually("the report", lambda: _final(line.shown(sha).get("gateline/long")))
    assert (state, description[:9]) == ("error", "cancelled")


def _final(shown: tuple[str, str] | None) -> tuple[str, str] | None:
    return shown if shown and shown[0] != "pending" else None


def _workflow(name: str, script: list[str], minutes: int = 10) -> str:
    told = WORKFLOW.format(name=name, script=json.dumps(script))
    return told if minutes else told.replace("        runtime: {timeoutMinutes: 10}\n", "")


def test_a_run_that_takes_too_long_times_out_and_leaves_nothing(unconfined: Stage, witness: Witness) -> None:
    line = unconfined.add("late/app", _workflow("late/app", [witness.hook("late"), "(setsid sleep 1000 &)", "sleep 1000"], minutes=0))
    line.push()
    run = line.ended("long").run
    assert run.status is Status.TIMED_OUT
    assert run.reason == f"The run took longer than its timeout of {unconfined.settings.default_timeout:g} s."
    [told] = witness.of("late")
    assert told.ended is not None


def test_a_log_is_followed_while_the_run_runs(on_sqlite: Stage, witness: Witness, tmp_path: Path) -> None:
    script = ["echo the first $((1)) line", witness.hook("followed"), "read -r go <&9", "echo the last $((1)) line"]
    line = on_sqlite.add("follow/app", _workflow("follow/app", script))
    line.push()
    eventually("the run to be at work", lambda: witness.holding("followed"))
    command, said = [sys.executable, "-m", "app.cli.main", "logs", "long", "-f", "--account", line.account], tmp_path / "said"
    with said.open("wb") as output:
        following = subprocess.Popen(command, cwd=PROJECT, env=on_sqlite.environment, stdout=output)
    try:
        eventually("the first line", lambda: "the first 1 line" in said.read_text())
        assert witness.holding("followed"), "it was shown while the run was at work"
        witness.answer("followed", "go")
        assert following.wait(PATIENCE) == 0
    finally:
        following.kill()
        following.wait()
    assert "the last 1 line" in said.read_text()
    assert "succeeded" in said.read_text()
