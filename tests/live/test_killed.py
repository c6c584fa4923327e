"""Whoever is killed in the middle of a run, the run ends `lost`, is reported, leaves nothing behind and is never run twice.

Times are the product's own: all blows fall at once, on a machine with the sandbox (SQLite) and one without (PostgreSQL).
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import pytest

from app.react import react
from app.store import RunView
from app.workflow.events import RunEnded
from app.workflow.facts import Denied
from app.workflow.line import Status
from tests.fakes.postgres import PostgresServer
from tests.live.processes import marked, one
from tests.live.stage import Line, Stage
from tests.live.waiting import PROMISE, SLACK, eventually
from tests.live.witness import Statement, Witness

STOPPED = 40.0
"""Seconds that a worker stands still: longer than its run's lease."""
GRANDCHILD = "(setsid bash -c 'trap \"\" TERM HUP; while :; do sleep 1000; done' &)"

WORKFLOW = """
resources:
  - name: app
    type: gitRepo
    versionTemplate: {{sourceName: {name}, branch: main}}
jobs:
{jobs}
"""
JOB = """
  - name: {name}
    type: runSh
    runtime: {{timeoutMinutes: 10}}
    steps:
      - IN: app
      - TASK:
          script: {script}
"""


def _worker(line: Line, job: str) -> None:
    os.kill(line.worker(job), signal.SIGKILL)


def _reaper(line: Line, job: str) -> None:
    one(line.worker(job), "_reaper.py").kill()


def _bubblewrap(line: Line, job: str) -> None:
    one(line.worker(job), "bwrap").kill()


def _standstill(line: Line, job: str) -> None:
    os.kill(line.worker(job), signal.SIGSTOP)


BLOWS: Mapping[str, Callable[[Line, str], None]] = {
    "worker-killed": _worker,
    "reaper-killed": _reaper,
    "bubblewrap-killed": _bubblewrap,
    "worker-stopped": _standstill,
}


@dataclass(frozen=True)
class Struck:
    """What became of one run. `after` are seconds from the blow to the run's end, `gone` to the end of its last process (None: lives)."""

    view: RunView
    line: Line
    sha: str
    after: float
    gone: float | None
    ran: int


@pytest.fixture(scope="module")
def battle(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, witness: Witness
) -> Iterator[Mapping[tuple[str, str], Struck]]:
    """(sandbox, what was struck) -> what became of it."""
    found: dict[tuple[str, str], Struck] = {}
    with (
        Stage(tmp_path_factory.mktemp("walls"), run_workers=4, errand_workers=1, sandbox="auto") as walls,
        Stage(tmp_path_factory.mktemp("open"), run_workers=3, errand_workers=1, sandbox="off", database_url=postgres.database()) as plain,
        ThreadPoolExecutor(2) as pool,
    ):
        confined = "bubblewrap" not in walls.context.executors["local"].isolated()
        blows = {
            "auto": [job for job in BLOWS if confined or "bubblewrap" not in job],
            "off": [job for job in BLOWS if "bubblewrap" not in job],
        }
        fights = {sandbox: pool.submit(_fight, stage, witness, blows[sandbox]) for sandbox, stage in (("auto", walls), ("off", plain))}
        for sandbox, fight in fights.items():
            found |= {(sandbox, job): struck for job, struck in fight.result().items()}
        yield found


def _fight(stage: Stage, witness: Witness, jobs: list[str]) -> dict[str, Struck]:
    account = f"killed-{stage.settings.sandbox}"
    scripts = {job: [witness.hook(f"{account}/{job}"), f"export MARK={account}/{job}", GRANDCHILD, "sleep 1000"] for job in jobs}
    told = "".join(JOB.format(name=job, script=json.dumps(script)) for job, script in scripts.items())
    line = stage.add(f"{account}/app", WORKFLOW.format(name=f"{account}/app", jobs=told))
    sha = line.push()
    eventually("all runs to be at work", lambda: all(witness.holding(f"{account}/{job}") for job in jobs))
    standing, struck = line.worker("worker-stopped"), {}
    for job in jobs:
        struck[job] = (time.time(), time.monotonic())
        BLOWS[job](line, job)
    views = {job: line.ended(job, within=PROMISE + SLACK) for job in jobs}
    eventually("every process to be gone", lambda: not any(witness.holding(f"{account}/{job}") for job in jobs), PROMISE + SLACK)
    assert marked(f"MARK={account}/") == []
    Event().wait(max(0.0, struck["worker-stopped"][1] + STOPPED - time.monotonic()))
    os.kill(standing, signal.SIGCONT)
    eventually("the stopped worker to notice", lambda: "run.stale" in stage.log or "run.late" in stage.log)
    return {job: _found(line, sha, job, views[job], struck[job], witness.of(f"{account}/{job}")) for job in jobs}


def _found(line: Line, sha: str, job: str, view: RunView, struck: tuple[float, float], told: list[Statement]) -> Struck:
    ended = [each.ended for each in told]
    gone = None if None in ended else max(each or 0.0 for each in ended) - struck[1]
    return Struck(view, line, sha, (view.run.ended or 0.0) - struck[0], gone, len(told))


def _of(battle: Mapping[tuple[str, str], Struck], sandbox: str, job: str) -> Struck:
    if (sandbox, job) not in battle:
        pytest.skip("bubblewrap does not work on this machine")
    return battle[sandbox, job]


CASES = [(sandbox, job) for sandbox in ("auto", "off") for job in BLOWS if sandbox == "auto" or "bubblewrap" not in job]


@pytest.mark.parametrize(("sandbox", "job"), CASES)
def test_a_run_whose_guardians_are_killed_is_lost_within_30_s_and_never_runs_twice(
    battle: Mapping[tuple[str, str], Struck], sandbox: str, job: str
) -> None:
    struck = _of(battle, sandbox, job)
    assert struck.view.run.status is Status.LOST
    assert struck.after <= PROMISE
    assert struck.gone is not None
    assert struck.gone <= PROMISE
    assert struck.ran == 1
    state, description = eventually("the report", lambda: struck.line.shown(struck.sha).get(f"gateline/{job}"))
    assert state == "error"
    assert description.startswith("lost")


@pytest.mark.parametrize(("sandbox", "job"), CASES)
def test_a_late_result_of_a_lost_run_is_refused(battle: Mapping[tuple[str, str], Struck], sandbox: str, job: str) -> None:
    struck = _of(battle, sandbox, job)
    context, run = struck.line.stage.context, struck.view.run
    late = RunEnded(
        key=f"late:{run.token}", at=context.store.now(), job=job, number=run.ref.number, token=run.token, status=Status.SUCCEEDED
    )
    assert [type(fact) for fact in react(context, struck.line.account, late).facts] == [Denied]
    assert struck.line.run(job) == struck.view
    assert [view.run.ref.number for view in context.store.runs(struck.line.account, job)] == [1]


@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_the_machine_works_on_after_all_of_that(battle: Mapping[tuple[str, str], Struck], sandbox: str) -> None:
    line = battle[sandbox, "worker-killed"].line
    again = line.stage.add(
        f"after-{sandbox}/app", WORKFLOW.format(name=f"after-{sandbox}/app", jobs=JOB.format(name="again", script="[true]"))
    )
    again.push()
    assert again.ended("again").run.status is Status.SUCCEEDED
