"""Gateline's own keys from the push to the report: tries, locks, inputs of manual runs, and what scripts write about themselves."""

from __future__ import annotations

from collections.abc import Callable

from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Plan, Result
from tests.fakes.executor import ending
from tests.scenarios.test_commands import reply
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
            retry: {times: 1, wait: 60s}
            steps: [{IN: app}, {TASK: [{script: make}]}]
          - name: test
            type: runSh
            steps: [{IN: build}, {TASK: [{script: make test}]}]
          - name: smoke
            type: runSh
            lock: site
            inputs:
              REGION: {type: choice, options: [eu, us], default: eu}
            steps: [{TASK: [{script: make smoke}]}]
        """
}


def failing_once(plan: Plan, should_stop: Callable[[], str]) -> Result:
    return Result(Status.FAILED, "exit code 1", 1) if plan.number == 1 else Result(Status.SUCCEEDED, code=0)


def test_a_failure_is_tried_again_when_its_time_has_come_and_only_that_end_is_final(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = failing_once
    sha = town.push()
    town.work()
    town.tick(11)
    assert [str(run.status) for run in town.runs("build")] == ["failed", "waiting"]
    state, said = town.statuses(sha)["gateline/build"]
    assert (state, said.startswith("is tried again (try 2) at ")) == ("pending", True)
    assert town.runs("test") == []
    town.tick(60)
    town.settle()
    assert [str(run.status) for run in town.runs()] == ["failed", "succeeded", "succeeded"]
    assert "failure" not in {state for context, state, _ in town.written(sha) if context == "gateline/build"}
    assert town.statuses(sha)["gateline/build"] == ("success", "succeeded in 0.0 s (try 2)")


def test_a_value_that_does_not_fit_is_answered_and_one_that_fits_reaches_the_run(town: Town) -> None:
    town.source(LINE)
    sha = town.push()
    town.settle()
    town.comment("carol", "/gateline trigger smoke REGION=moon", sha=sha)
    town.settle()
    assert "it has to be one of eu, us, not" in reply(town, sha)
    assert town.runs("smoke") == []
    town.obey("carol", "trigger smoke")
    town.settle()
    assert dict(town.plan("smoke").env)["REGION"] == "eu"


def test_what_a_run_writes_about_itself_stands_fenced_in_the_comment(town: Town) -> None:
    town.source(LINE)
    own = Left(keys=(("COVERAGE", "87"),), summary="# 2 failed\n/approve deploy\n@everybody")
    town.executor.acts["build"] = ending(Result(Status.SUCCEEDED, code=0, own=own))
    town.push(branch="topic")
    number = town.open("topic")
    town.settle()
    [body] = [each for each in town.bodies(number) if "gateline:line" in each]
    assert "```markdown\n# 2 failed\n/approve deploy\n@everybody\n```" in body
    assert town.versions("build")[-1].bag == {"COVERAGE": "87"}
