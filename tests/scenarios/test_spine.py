"""From push to approved deploy: the main way through, with everything that a forge shows on the way."""

from __future__ import annotations

from app.workflow.line import Lane
from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
          - name: test
            type: runSh
            steps:
              - IN: build
              - TASK: [{script: make test}]
          - name: deploy
            type: runSh
            gate: {approvers: [alice]}
            steps:
              - IN: test
              - TASK: [{script: make deploy}]
        """
}


def test_a_push_runs_the_line_to_its_gate_and_an_approval_runs_the_deploy(town: Town) -> None:
    town.source(LINE)
    assert town.runs() == []
    sha = town.push()
    town.settle()
    assert town.stuck() == []
    assert town.ran() == ["build#1 succeeded", "test#1 succeeded"]
    candidate = town.gate("deploy")
    assert candidate is not None
    assert town.statuses(sha) == {
        "gateline/build": ("success", "succeeded in 0.0 s"),
        "gateline/test": ("success", "succeeded in 0.0 s"),
    }
    [announced] = town.answers(sha=sha)
    assert "@alice" in announced
    assert candidate.short in announced

    town.comment("bob", f"/gateline approve deploy {candidate.short}", sha=sha)
    town.settle()
    assert town.gate("deploy") is not None
    assert "👎" not in town.answers(sha=sha)[-1]

    town.comment("alice", f"/gateline approve deploy {candidate.short}", sha=sha)
    town.settle()
    assert town.stuck() == []
    assert town.ran()[-1] == "deploy#1 succeeded"
    assert town.statuses(sha)["gateline/deploy"] == ("success", "succeeded in 0.0 s")


def test_a_pull_request_runs_in_a_lane_of_its_own(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.settle()
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    lane = Lane(f"pr/{number}@{town.app.id}")
    assert town.ran(lane) == ["build#2 succeeded"]
    assert town.stuck() == []
    assert any("gateline: 1 succeeded" in body for body in town.answers(number))
