"""Commands in comments, from the hook to the answer (product.md section 3)."""

from __future__ import annotations

from app.workflow.line import Status
from app.workflow.plan import Plan, Result
from tests.fakes.executor import failing
from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
          - name: settings
            type: params
            version: {params: {COLOUR: grey}}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - IN: settings
              - TASK: [{script: make}]
          - name: test
            type: runSh
            steps:
              - IN: build
              - TASK: [{script: make test}]
          - name: lint
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make lint}]
        """
}


def reply(town: Town, sha: str) -> str:
    """The newest reply, without its marker."""
    found = next(body for body in reversed(town.answers(sha=sha)) if body.startswith("<!-- gateline:reply"))
    return found.partition("\n\n")[2]


def pushed(town: Town) -> str:
    sha = town.push()
    town.settle()
    return sha


def test_retry_runs_again_what_failed_with_the_same_inputs_and_nothing_that_passed(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = failing()
    sha = pushed(town)
    before = town.runs("build")[0].inputs
    pushed(town)
    town.executor.acts.clear()
    town.comment("carol", "/gateline retry", sha=sha)
    town.settle()
    again = town.runs("build")[-1]
    assert (again.status, again.inputs, again.retry_of) == (Status.SUCCEEDED, before, 1)
    assert len(town.runs("lint")) == 2
    assert town.ran()[-1].startswith("test#")


def test_trigger_gives_the_values_to_the_run(town: Town) -> None:
    town.source(LINE)
    sha = pushed(town)
    said = town.comment("carol", '/trigger lint REGION=eu NAME="two words"', sha=sha)
    town.settle()
    assert town.ran()[-1] == "lint#2 succeeded"
    assert {"REGION": "eu", "NAME": "two words"}.items() <= dict(town.plan("lint").env).items()
    assert town.world.reactions(said.comment) == {"eyes", "rocket"}
    assert ("carol", "trigger", "lint", True) in town.audit()


def test_a_delivery_that_comes_twice_has_one_effect(town: Town) -> None:
    town.source(LINE)
    sha = pushed(town)
    said = town.comment("carol", "/gateline trigger lint", sha=sha)
    town.deliver(said)
    town.settle()
    assert len(town.runs("lint")) == 2
    assert len(town.audit()) == 1


def test_a_running_run_is_told_to_stop_and_ends_cancelled(town: Town) -> None:
    town.source(LINE)
    sha = town.push()

    def stopped(plan: Plan, should_stop: object) -> Result:
        town.comment("carol", "/gateline cancel build -- wrong branch", sha=sha)
        town.deliveries()
        [run] = [run for run in town.runs("build") if run.status is Status.RUNNING]
        return Result(Status.CANCELLED, run.reason or "cancelled")

    town.executor.acts["build"] = stopped
    town.settle()
    assert town.ran()[0] == "build#1 cancelled"
    assert town.statuses(sha)["gateline/build"] == ("cancelled", "cancelled by carol: wrong branch")
    assert town.versions("build") == []


def test_a_paused_job_does_not_run_until_it_is_resumed_and_what_was_missed_stays_missed(town: Town) -> None:
    town.source(LINE)
    sha = pushed(town)
    town.comment("carol", "/gateline pause lint", sha=sha)
    town.settle()
    pushed(town)
    assert len(town.runs("lint")) == 1
    town.comment("carol", "/gateline trigger lint", sha=sha)
    town.settle()
    assert len(town.runs("lint")) == 2
    town.comment("carol", "/gateline resume lint", sha=sha)
    town.settle()
    assert len(town.runs("lint")) == 2
    pushed(town)
    assert len(town.runs("lint")) == 3


def test_a_pin_holds_a_version_and_unpin_lets_go(town: Town) -> None:
    town.source(LINE)
    first = pushed(town)
    town.comment("carol", f"/gateline pin lint app {first}", sha=first)
    town.settle()
    pushed(town)
    assert len(town.runs("lint")) == 1
    town.comment("carol", "/gateline trigger lint", sha=first)
    town.settle()
    pinned = town.runs("lint")[-1].inputs[0].version
    assert pinned == town.runs("lint")[0].inputs[0].version
    town.comment("carol", "/gateline unpin lint app", sha=first)
    newest = pushed(town)
    assert town.runs("lint")[-1].causes[-1].sha == newest


def test_why_names_the_run_that_is_in_the_way(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.deliveries()
    sha = town.push()
    town.deliveries()
    town.comment("carol", "/gateline why build", sha=sha)
    town.deliveries()
    assert "`build#2`: waits for build#1, which comes first" in reply(town, sha)


def test_why_says_what_failed_before_a_job_that_has_no_run(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = failing()
    sha = pushed(town)
    town.comment("carol", "/gateline why test", sha=sha)
    town.settle()
    assert reply(town, sha) == "`/gateline why test`\n\n- `test` has no run here: build failed"


def test_what_is_meant_for_another_bot_is_not_answered_and_a_typing_error_is(town: Town) -> None:
    town.source(LINE)
    sha = pushed(town)
    town.comment("carol", "/lgtm", sha=sha)
    town.settle()
    assert town.answers(sha=sha) == []
    town.comment("carol", "/gateline trigger lnt", sha=sha)
    town.settle()
    assert "Did you mean `lint`?" in reply(town, sha)


def test_several_lines_are_several_commands_in_order(town: Town) -> None:
    town.source(LINE)
    sha = pushed(town)
    town.comment("carol", "/gateline trigger lint\nand then\n/gateline trigger test", sha=sha)
    town.settle()
    assert town.ran()[-2:] == ["lint#2 succeeded", "test#2 succeeded"]


def test_status_lists_the_line(town: Town) -> None:
    town.source(LINE)
    sha = pushed(town)
    town.comment("carol", "/gateline status", sha=sha)
    town.settle()
    assert reply(town, sha) == (
        f"`/gateline status`\n\nOn `{sha[:12]}`:\n\n- `build`: succeeded (#1)\n- `lint`: succeeded (#1)\n- `test`: succeeded (#1)"
    )


def test_a_forks_commit_is_admitted_by_its_sha_only_and_gets_no_secrets_nor_outs(town: Town) -> None:
    town.source(LINE)
    copy = town.world.repository("app", owner="mallory")
    sha = town.world.commit(copy.id, "main", {"evil.txt": b"1"})
    number = town.open("main", by="mallory", fork=copy.id)
    town.settle()
    assert [run.held for run in town.runs()] == ["allow", "allow"]
    town.comment("carol", "/gateline allow", number=number)
    town.settle()
    assert town.answers(number)[-1].partition("\n\n")[2] == (
        "Not done: `/gateline allow`\n\nName the commit, so that nothing newer slips in. "
        f"The head now is `{sha[:12]}`: look at what it changes before you admit it.\n\nTo type: `/gateline allow {sha[:12]}`"
    )
    assert town.executor.plans == []
    town.comment("mallory", f"/gateline allow {sha}", number=number)
    town.settle()
    assert town.executor.plans == []
    town.comment("carol", f"/gateline allow {sha[:12]}", number=number)
    town.settle()
    assert sorted(plan.job for plan in town.executor.plans) == ["build", "lint"]
    assert town.runs("test") == []
