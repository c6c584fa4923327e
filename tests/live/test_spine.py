"""From push to approved deploy over HTTP: the main way through, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.github.openapi import PACKAGE
from tests.fakes.github.packages import npm_package
from tests.live.stage import Stage
from tests.live.waiting import eventually

LINE = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {sourceName: spine/app, branch: main, buildOnPullRequest: true}
    jobs:
      - name: build
        type: runSh
        steps:
          - IN: app
          - TASK:
              script:
                - cat "$APP_STATE/changed.txt"
                - sleep 12
      - name: deploy
        type: runSh
        gate: {approvers: [alice, bob]}
        steps:
          - IN: build
          - TASK: [{script: echo deployed}]
    """


@pytest.fixture(scope="module")
def described() -> None:
    """GitHub's description must be there for its check to mean something: skipped without it, required under CI=true."""
    npm_package(PACKAGE)


def test_a_push_runs_to_the_gate_and_an_approval_runs_the_deploy(on_sqlite: Stage, on_postgres: Stage, described: None) -> None:
    with ThreadPoolExecutor(2) as pool:
        for told in [pool.submit(_push_and_approve, stage) for stage in (on_sqlite, on_postgres)]:
            told.result()


def _push_and_approve(stage: Stage) -> None:
    line = stage.add("spine/app", LINE)
    sha = line.push(files={"changed.txt": "the new shop"})
    announced = eventually("the announcement", lambda: [body for body in line.answers(sha) if "@alice" in body])
    assert line.ended("build").run.status == "succeeded"
    assert "the new shop" in line.log("build")
    candidate = line.gate("deploy")
    assert candidate is not None
    assert len(announced) == 1
    assert candidate.short in announced[0]
    waits = f"deploy waits for approval: /gateline approve deploy {candidate.short}"
    asked = eventually("Slack to hear of the gate", lambda: next((each for each in stage.slack.messages if waits in each.shown), None))

    line.comment("bob", f"/gateline approve deploy {candidate.short}", sha)
    refusal = eventually("the refusal", lambda: [body for body in line.answers(sha) if "bob" in body and "Not done" in body])
    assert line.run("deploy") is None
    assert "alice" in refusal[0]
    assert "gateline/deploy" not in dict(line.statuses(sha)), "a gate of main shows no status while it waits"

    line.comment("alice", f"/gateline approve deploy {candidate.short}", sha)
    deploy = line.ended("deploy")
    assert deploy.run.status == "succeeded"
    assert deploy.run.candidate == candidate.number
    eventually("the deploy's status", lambda: ("gateline/deploy", "success") in line.statuses(sha))
    written = [each for each in line.statuses(sha) if each != ("gateline/deploy", "pending")]
    assert written == [("gateline/build", "pending"), ("gateline/build", "success"), ("gateline/deploy", "success")]
    eventually("Slack's message to be brought up to date", lambda: asked.edits and waits not in asked.shown)
    assert stage.github.problems == []


def test_a_pull_request_shows_its_line_in_one_comment(stage: Stage) -> None:
    line = stage.add("request/app", LINE.replace("spine/app", "request/app").replace("sleep 12", "true"))
    line.push("feature")
    number = stage.github.happen.pull_request("request/app", "feature", "carol")
    eventually("the line's comment", lambda: [body for body in line.answers(number=number) if "1 succeeded" in body])
    assert len(line.answers(number=number)) == 1
    assert stage.github.problems == []
