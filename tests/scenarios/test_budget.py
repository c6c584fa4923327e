"""Being sparing with the forge's API: finals and gates under half of an hour's budget, one summary under a tenth (product.md section 6)."""

from __future__ import annotations

import pytest

from app.workflow.line import Status
from app.workflow.plan import Result
from tests.fakes.executor import Act, failing
from tests.scenarios.town import Town

HOUR = 3600.0

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
                lanes: all
              - TASK: [{script: make test}]
          - name: deploy
            type: runSh
            gate: {approvers: [alice]}
            steps:
              - IN: test
                lanes: all
              - TASK: [{script: make deploy}]
        """
}


def left(town: Town, share: float) -> None:
    """So much of the budget is left for the rest of an hour."""
    town.world.budget, town.world.budget_until = share, town.clock() + HOUR


def slowly(town: Town, status: Status = Status.SUCCEEDED) -> Act:
    """A run of 20 s, in which everything that comes due is done."""

    def act(plan: object, should_stop: object) -> Result:
        for _ in range(2):
            town.clock.forward(10)
            town.deliveries()
        return Result(status, code=0 if status is Status.SUCCEEDED else 1)

    return act


def opened(town: Town) -> tuple[int, str]:
    """A pull request whose jobs take their time, all reports done."""
    for job in ("build", "test"):
        town.executor.acts.setdefault(job, slowly(town))
    sha = town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    return number, sha


def states(town: Town, sha: str, context: str) -> list[str]:
    """Every state that a context had, in order."""
    return [state for name, state, _ in town.written(sha) if name == context]


# -- under half ----------------------------------------------------------------------------------------------------------------


def test_with_half_of_it_a_running_job_is_reported(town: Town) -> None:
    town.source(LINE)
    left(town, 0.5)
    _, sha = opened(town)
    assert states(town, sha, "gateline/build") == ["running", "success"]


def test_under_half_only_finals_and_gates_are_written(town: Town) -> None:
    town.source(LINE)
    left(town, 0.49)
    _, sha = opened(town)
    assert [(context, state) for context, state, _ in town.written(sha)] == [
        ("gateline/build", "success"),
        ("gateline/test", "success"),
        ("gateline/deploy", "pending"),
    ]
    assert town.stuck() == []


@pytest.mark.parametrize("share", [0.49, 0.09])
def test_a_success_that_is_none_any_more_is_taken_back_whatever_is_left(town: Town, share: float) -> None:
    town.source(LINE)
    number, sha = opened(town)
    left(town, share)
    town.executor.acts["build"] = slowly(town, Status.FAILED)
    town.comment("carol", "/gateline trigger build", number=number)
    town.settle()
    town.tick(HOUR)
    assert states(town, sha, "gateline/build") == ["running", "success", "running", "failure"]


def test_under_half_the_comment_is_edited_for_gates_and_when_all_is_final(town: Town) -> None:
    town.source(LINE)
    left(town, 0.49)
    number, _ = opened(town)
    posted = town.store.posted("line", f"{town.app.id}#{number} pr/{number}@{town.app.id}")
    assert posted is not None
    assert posted.edits == 0
    town.comment("alice", "/gateline approve deploy", number=number)
    town.settle()
    assert any("3 succeeded" in each for each in town.answers(number))


# -- under a tenth -------------------------------------------------------------------------------------------------------------


def test_under_a_tenth_one_summary_stands_for_all_jobs_and_their_own_come_when_the_budget_is_back(town: Town) -> None:
    town.source(LINE)
    left(town, 0.09)
    number, sha = opened(town)
    assert set(town.statuses(sha)) == {"gateline: summary"}
    assert town.statuses(sha)["gateline: summary"][0] == "pending"
    assert all(":gate " in each for each in town.answers(number))
    assert {each.partition(" (")[0] for each in town.stuck()} == {
        "set_status: 9% of this hour's requests to github are left: a summary has to do until then"
    }
    town.tick(HOUR)
    town.settle()
    assert {context: state for context, (state, _) in town.statuses(sha).items()} == {
        "gateline/build": "success",
        "gateline/test": "success",
        "gateline/deploy": "pending",
        "gateline: summary": "pending",
    }
    assert "gateline: 2 succeeded, 1 waiting for approval" in "".join(town.answers(number))
    assert town.stuck() == []


def test_the_summary_is_kept_true_after_the_budget_is_back(town: Town) -> None:
    town.source(LINE)
    left(town, 0.09)
    number, sha = opened(town)
    town.tick(HOUR)
    town.settle()
    town.comment("alice", "/gateline approve deploy", number=number)
    town.settle()
    assert town.statuses(sha)["gateline: summary"] == ("success", "3 succeeded")
    assert town.statuses(sha)["gateline/deploy"][0] == "success"


def test_the_summary_is_the_worst_of_all_and_never_a_success_before_everything_is_one(town: Town) -> None:
    town.source(LINE)
    opened(town)
    left(town, 0.09)
    town.executor.acts["test"] = slowly(town, Status.FAILED)
    sha = town.push(branch="feature")
    town.deliver(town.request(1, "updated"))
    town.settle()
    assert states(town, sha, "gateline: summary")[-1] == "failure"
    assert "success" not in states(town, sha, "gateline: summary")
    assert town.statuses(sha)["gateline: summary"][1] == "1 succeeded, 1 not run, 1 failed"


def test_the_summary_is_not_written_for_every_count(town: Town) -> None:
    town.source(LINE)
    left(town, 0.09)
    _, sha = opened(town)
    assert len(states(town, sha, "gateline: summary")) <= 2


def test_what_waits_for_the_budget_is_said_once_as_it_is_then(town: Town) -> None:
    town.source(LINE)
    left(town, 0.09)
    town.executor.acts["build"] = failing()
    number, sha = opened(town)
    town.executor.acts["build"] = slowly(town)
    town.comment("carol", "/gateline retry", number=number)
    town.settle()
    town.tick(HOUR)
    town.settle()
    assert states(town, sha, "gateline/build") == ["success"]


def test_with_a_whole_budget_there_is_no_summary(town: Town) -> None:
    town.source(LINE)
    _, sha = opened(town)
    assert "gateline: summary" not in town.statuses(sha)
