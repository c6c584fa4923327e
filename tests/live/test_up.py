"""`gateline up`: what dies comes back, what runs may finish, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.cli.supervise import LAST_GRACE
from app.workflow.line import Status
from tests.live.processes import Found, marked
from tests.live.stage import DRAIN, PROJECT, Stage
from tests.live.waiting import PATIENCE, SLACK, eventually
from tests.live.witness import Witness

WEB = "gunicorn: master"
"""How gunicorn calls the process that `up` starts as `gateline web`."""

WORKFLOW = """
    resources:
      - name: names
        type: params
        versionTemplate: {params: {NAME: a value}}
    jobs:
      - name: short
        type: runSh
        steps:
          - IN: names
            switch: off
          - TASK: {name: wait, script: SHORT}
      - name: endless
        type: runSh
        steps:
          - IN: names
            switch: off
          - TASK: {name: wait, script: ENDLESS}
    """


def _another(stage: Stage, **settings: object) -> subprocess.CompletedProcess[str]:
    environment = stage.environment | {f"GATELINE_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "app.cli.main", "up"]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)


def _successor(stage: Stage, dead: Found) -> bool:
    return any(WEB in each.command and each.pid != dead.pid for each in stage.processes())


def test_what_dies_comes_back_after_a_pause_that_grows(unconfined: Stage) -> None:
    for pause in ("0.5", "1.0"):
        web = unconfined.process(WEB)
        web.kill()
        eventually("the death to be noted", lambda pause=pause: f"again_in={pause}" in unconfined.log)  # type: ignore[misc]
        eventually("the web process to be back", lambda web=web: _successor(unconfined, web))  # type: ignore[misc]
    eventually("it to serve", lambda: unconfined.get("/readyz") == 200)
    clock, log = unconfined.process("app.cli.main clock"), len(unconfined.log)
    clock.kill()
    eventually("the clock's death to be noted", lambda: "service=clock" in unconfined.log[log:])
    assert "again_in=0.5" in unconfined.log[log:], "each process has a pause of its own"


def test_a_second_up_is_refused_in_a_sentence(on_sqlite: Stage, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        same_data = pool.submit(_another, on_sqlite, bind="127.0.0.1:1")
        same_address = pool.submit(_another, on_sqlite, data_dir=tmp_path / "data")
    folder = on_sqlite.settings.data_dir.absolute()
    assert same_data.result().returncode == 1
    assert (
        same_data.result().stderr.strip()
        == f"Error: Gateline is running already with the data in {folder}: stop it, or set GATELINE_DATA_DIR."
    )
    assert same_address.result().returncode == 1
    assert f"Gateline cannot listen on {on_sqlite.settings.bind} (Address already in use)" in same_address.result().stderr
    assert "set GATELINE_BIND" in same_address.result().stderr
    assert on_sqlite.get("/readyz") == 200


def test_sigterm_lets_runs_finish_ends_those_that_do_not_and_leaves_nothing(tmp_path: Path, witness: Witness) -> None:
    stage = Stage(tmp_path, errand_workers=1, run_workers=2)
    scripts = {"SHORT": [witness.hook("short"), "read -r go <&9"], "ENDLESS": [witness.hook("endless"), "trap '' TERM", "sleep 1000"]}
    with stage:
        workflow = WORKFLOW
        for name, script in scripts.items():
            workflow = workflow.replace(name, json.dumps(script))
        line = stage.add("drain/app", workflow)
        for job in ("short", "endless"):
            stage.cli("trigger", job, "--as", "carol", "--account", line.account)
        eventually("both runs to be at work", lambda: witness.holding("short") and witness.holding("endless"))
        assert stage.up is not None
        stage.up.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        eventually("the drain", lambda: "up.draining" in stage.log)
        witness.answer("short", "go")
        assert stage.up.wait(DRAIN + PATIENCE) == 0
        assert time.monotonic() - asked <= DRAIN + LAST_GRACE + SLACK
        short, endless = line.run("short"), line.run("endless")
        assert short is not None
        assert short.run.status is Status.SUCCEEDED
        assert endless is not None
        assert endless.run.status.final
        assert endless.run.reason == f"its worker was shut down ({DRAIN} s to finish were over)"
        assert witness.holding("endless") == []


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path, witness: Witness) -> None:
    with Stage(tmp_path, errand_workers=1, run_workers=1, drain=120) as stage:
        line = stage.add(
            "impatient/app", WORKFLOW.replace("SHORT", "true").replace("ENDLESS", json.dumps([witness.hook("held"), "sleep 1000"]))
        )
        stage.cli("trigger", "endless", "--as", "carol", "--account", line.account)
        eventually("the run to be at work", lambda: witness.holding("held"))
        assert stage.up is not None
        for _ in range(2):
            stage.up.send_signal(signal.SIGINT)
            eventually("the drain", lambda: "up.draining" in stage.log)
        stage.up.wait(PATIENCE)
        eventually("the run's processes to be gone", lambda: not witness.holding("held"))
        eventually("all processes to be gone", lambda: not marked(str(stage.settings.data_dir)))


def test_a_killed_up_leaves_nothing(tmp_path: Path, witness: Witness) -> None:
    with Stage(tmp_path, errand_workers=1, run_workers=1, drain=1) as stage:
        assert stage.up is not None
        os.kill(stage.up.pid, signal.SIGKILL)
        stage.up.wait()
        eventually("all processes to be gone", lambda: not marked(str(stage.settings.data_dir)))
