"""Valkey only rings: emptied or killed in the middle of everything, it costs a delay and nothing else."""

from __future__ import annotations

import json

from redis import Redis

from app.workflow.line import Status
from tests.live.stage import Line, Stage
from tests.live.waiting import PROMISE, eventually
from tests.live.witness import Witness

WORKFLOW = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {sourceName: bell/app, branch: main}
    jobs:
      - name: slow
        type: runSh
        steps:
          - IN: app
          - TASK: {name: wait, script: SCRIPT}
    """
COMMENTS = 20


def _replies(line: Line, sha: str) -> int:
    return sum("commands" in body.lower() for body in line.answers(sha))


def test_flushing_and_killing_valkey_loses_nothing(stage: Stage, witness: Witness) -> None:
    name = f"bell-{stage.folder.name}"
    line = stage.add("bell/app", WORKFLOW.replace("SCRIPT", json.dumps([witness.hook(name), "read -r go <&9"])))
    sha = line.push()
    eventually("the run to be at work", lambda: witness.holding(name))
    valkey = stage.process("valkey-server")

    for _ in range(COMMENTS // 2):
        line.comment("carol", "/gateline help", sha)
    Redis.from_url(stage.settings.redis).flushall()
    for _ in range(COMMENTS // 2):
        line.comment("carol", "/gateline help", sha)
    valkey.kill()
    second = line.push()
    witness.answer(name, "go")

    assert line.ended("slow", 1, PROMISE).run.status is Status.SUCCEEDED
    eventually("the second run to be at work", lambda: len(witness.of(name)) == 2, PROMISE)
    witness.answer(name, "go")
    assert line.ended("slow", 2, PROMISE).run.status is Status.SUCCEEDED
    eventually("every comment to be answered", lambda: _replies(line, sha) == COMMENTS, PROMISE)
    eventually("the second commit's status", lambda: line.shown(second).get("gateline/slow", ("",))[0] == "success", PROMISE)
    assert stage.process("valkey-server").pid != valkey.pid
    assert all(each["status"] in (200, 202) for each in stage.github.happen.sent())
    assert len(witness.of(name)) == 2
    assert [each for each in stage.context.store.stuck() if each.account == line.account] == []
