"""Sources: workflow files that are adopted, broken, mended and taken away; several that form one line."""

from __future__ import annotations

from app.sources import add_source, remove_source
from app.workflow.line import Status
from tests.scenarios.town import ACCOUNT, Town

KEY = "github:acme/app@main"

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
              - TASK: [{script: make}]
          - name: deploy
            type: runSh
            gate: {approvers: [alice]}
            steps:
              - IN: build
              - TASK: [{script: make deploy}]
        """
}
BROKEN = {"gateline.yml": "jobs:\n  - name: build\n    type: runSh\n   steps: []\n"}


def test_a_file_that_does_not_parse_changes_nothing_and_says_where_until_it_is_mended(town: Town) -> None:
    town.source(LINE)
    sha = town.push(BROKEN)
    town.settle()
    state, description = town.statuses(sha)["gateline: sync"]
    assert state == "failure"
    assert description.startswith("gateline.yml:4:")
    [comment] = [body for body in town.answers(sha=sha) if ":sync " in body]
    assert comment.partition("\n\n")[2].startswith(f"### 1 error in the workflow files at `{sha[:12]}`\n\nNothing was changed")
    assert "gateline.yml:4:" in comment
    assert town.ran() == ["build#1 succeeded"]

    mended = town.push(LINE)
    town.settle()
    assert town.statuses(mended)["gateline: sync"] == ("success", "workflow files adopted")
    assert town.ran()[-1] == "build#2 succeeded"
    assert [body for body in town.answers(sha=mended) if ":sync " in body] == []


def test_an_error_in_one_job_keeps_that_job_as_it_was_and_adopts_the_rest(town: Town) -> None:
    town.source(LINE)
    wrong = LINE["gateline.yml"].replace("gate: {approvers: [alice]}", "gate: {approver: [alice]}").replace("make}", "make all}")
    sha = town.push({"gateline.yml": wrong})
    town.settle()
    assert town.statuses(sha)["gateline: sync"][0] == "failure"
    assert "What is right in them was adopted." in town.answers(sha=sha)[0]
    assert town.plan("build").tasks[0].script == ("make all",)
    gate = town.gate("deploy")
    assert gate is not None
    assert gate.definition.gate is not None
    assert gate.definition.gate.approvers == ("alice",)


def test_a_near_miss_of_a_file_name_is_a_warning_on_the_commit(town: Town) -> None:
    town.source(LINE)
    sha = town.push({"gatelin.yml": "jobs: []\n", "gateline.yml": LINE["gateline.yml"] + "\n"})
    town.settle()
    assert town.statuses(sha)["gateline: sync"] == ("success", "workflow files adopted with 1 warning")


def test_an_approver_whom_nobody_knows_is_a_problem_and_may_approve_nothing(town: Town) -> None:
    town.source({"gateline.yml": LINE["gateline.yml"].replace("[alice]", "[alice, nobody-of-that-name]")})
    sha = town.world.at(town.app.id).branches["main"]
    town.settle()
    state, description = town.statuses(sha)["gateline: sync"]
    assert state == "failure"
    assert "knows nobody called nobody-of-that-name" in description
    town.push()
    town.settle()
    gate = town.gate("deploy")
    assert gate is not None
    assert gate.definition.gate is not None
    assert gate.definition.gate.people == (town.world.person("alice").id,)


def test_adding_a_source_runs_nothing_and_adding_it_again_changes_nothing(town: Town) -> None:
    town.source(LINE)
    town.settle()
    assert town.runs() == []
    assert add_source(town.context, town.app) == f"{KEY} is a source already"


def test_a_push_that_changes_the_files_is_adopted_first_and_then_triggers_under_them(town: Town) -> None:
    town.source(LINE)
    town.push({"gateline.yml": LINE["gateline.yml"].replace("name: build", "name: compile").replace("IN: build", "IN: compile")})
    town.settle()
    assert town.ran() == ["compile#1 succeeded"]


def test_a_removed_job_ends_what_waits_of_it_and_says_in_which_commit(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.settle()
    assert town.gate("deploy") is not None
    sha = town.push({"gateline.yml": LINE["gateline.yml"].partition("          - name: deploy")[0]})
    town.settle()
    assert town.gate("deploy") is None
    [ended] = [each for _, each in town.store.candidates(ACCOUNT, "deploy", open_only=False)]
    assert (ended.state.value, ended.reason) == ("expired", f"removed in {sha[:12]}")


def test_removing_a_source_ends_its_gates_closes_its_statuses_and_names_its_secrets(town: Town) -> None:
    town.source(LINE)
    town.secret("token", {"KEY": "v"})
    first = town.push()
    town.settle()
    second = town.push()
    town.deliveries()
    town.clock.forward(11)
    town.deliveries()
    assert town.statuses(second)["gateline/build"][0] == "pending"
    names = remove_source(town.context, KEY, town.world.person("dora"))
    assert names == ("token",)
    town.settle()
    assert town.store.sources() == ()
    assert town.gate("deploy") is None
    assert [run.status for run in town.runs("build")] == [Status.SUCCEEDED, Status.CANCELLED]
    assert town.statuses(second)["gateline/build"] == ("cancelled", "cancelled: removed with its source")
    assert "expired" in town.answers(sha=first)[0]
    town.push()
    town.settle()
    assert len(town.runs("build")) == 2
    assert town.stuck() == []


OTHER = {
    "gateline.yml": """
        jobs:
          - name: ship
            type: runSh
            steps:
              - IN: build
              - TASK: [{script: make ship}]
              - OUT: settings
        """
}


def test_two_sources_form_one_line_and_one_writes_the_others_resource_only_with_consent(town: Town) -> None:
    shop = town.repository("shop")
    town.source(LINE)
    sha = town.source(OTHER, shop)
    town.settle()
    town.push()
    town.settle()
    assert town.runs("ship") == []
    assert town.statuses(sha, shop)["gateline: sync"][0] == "failure"
    [comment] = [each.body for each in town.world.comments.values() if ":sync " in each.body]
    assert "to write it from here its definition there needs" in comment
    assert "accepts: [acme/shop]" in comment
    accepting = LINE["gateline.yml"].replace("type: params\n", "type: params\n            accepts: [acme/shop]\n")
    pushed = town.push({"gateline.yml": accepting})
    town.settle()
    assert town.ran()[-1] == "ship#1 succeeded"
    assert town.statuses(pushed)["gateline/ship"][0] == "success"
    assert town.statuses(sha, shop)["gateline: sync"] == ("success", "workflow files adopted")


def test_a_pull_request_that_breaks_the_file_breaks_nothing(town: Town) -> None:
    town.source(LINE)
    town.push(BROKEN, branch="feature")
    number = town.open("feature")
    town.settle()
    assert town.ran(town.lane(number)) == ["build#1 succeeded"]
    assert town.store.sources()[0].problems == ()
