"""`definition: lane`: a pull request of the same repository runs its own scripts; forks, main and everything else do not change."""

from __future__ import annotations

from textwrap import dedent

from tests.scenarios.town import Town

LINE = {
    "gateline.yml": dedent("""
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
        jobs:
          - name: check
            type: runSh
            definition: lane
            steps: [{IN: app}, {TASK: {name: check, script: make check, runtime: {options: {env: {LEVEL: 1}}}}}]
          - name: lint
            type: runSh
            steps: [{IN: app}, {TASK: [{script: make lint}]}]
        """)
}


def edited(*changes: tuple[str, str]) -> dict[str, str]:
    text = LINE["gateline.yml"]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return {"gateline.yml": text}


MINE = edited(("make check", "make all"), ("make lint", "make evil"), ("LEVEL: 1", "LEVEL: 2"), ("IN: app}", "IN: app}, {IN: lint}"))


def scripts(town: Town, job: str) -> list[tuple[str, ...]]:
    return [task.script for task in town.plan(job).tasks]


def proposed(town: Town, files: dict[str, str]) -> str:
    """Opens a pull request with these files, and lets all happen; its head."""
    sha = town.push(files, "topic")
    town.open("topic")
    town.settle()
    return sha


def reasons(town: Town, job: str) -> list[tuple[str, str]]:
    return [(str(run.status), run.reason) for run in town.runs(job)]


def test_a_request_of_the_repository_runs_its_own_scripts_and_nothing_else_of_it_counts(town: Town) -> None:
    town.source(LINE)
    proposed(town, MINE)
    assert (scripts(town, "check"), scripts(town, "lint")) == ([("make all",)], [("make lint",)])
    assert dict(town.plan("check").tasks[0].env)["LEVEL"] == "1"
    assert [taken.name for run in town.runs("check") for taken in run.inputs] == ["app"]
    assert {str(run.status) for run in town.runs()} == {"succeeded"}


def test_the_plan_in_the_request_says_whose_scripts_count_already(town: Town) -> None:
    town.source(LINE)
    proposed(town, MINE)
    (body,) = [each for each in town.answers(1) if "gateline:plan" in each]
    assert "until then jobs run as `main` defines them, but for the scripts of `check`." in body


def test_a_run_by_hand_in_the_lane_has_the_requests_scripts_too(town: Town) -> None:
    town.source(LINE)
    proposed(town, MINE)
    town.comment("carol", "/gateline trigger check", number=1)
    town.settle()
    assert len(town.runs("check")) == 2
    assert scripts(town, "check") == [("make all",)]


def test_a_request_that_leaves_the_files_alone_has_the_scripts_that_merging_would_leave(town: Town) -> None:
    town.source(edited(("make check", "make old")))
    town.push(branch="topic")
    town.push(LINE)
    town.work()
    town.open("topic")
    town.settle()
    assert scripts(town, "check") == [("make check",)]


def test_a_forks_request_runs_the_scripts_of_the_sources_branch(town: Town) -> None:
    town.source(LINE)
    copy = town.world.repository("app", owner="mallory")
    sha = town.world.commit(copy.id, "main", {name: text.encode() for name, text in MINE.items()})
    number = town.open("main", by="mallory", fork=copy.id)
    town.settle()
    town.comment("carol", f"/gateline allow {sha[:12]}", number=number)
    town.settle()
    assert scripts(town, "check") == [("make check",)]
    town.comment("carol", "/gateline trigger check", number=number)
    town.settle()
    assert len(town.runs("check")) == 2
    assert scripts(town, "check") == [("make check",)]
    (body,) = [each for each in town.answers(number) if "gateline:plan" in each]
    assert "until then jobs run as `main` defines them." in body


def test_files_that_are_no_yaml_end_the_run_with_the_place_before_anything_starts(town: Town) -> None:
    town.source(LINE)
    sha = proposed(town, {"gateline.yml": "jobs:\n\t- name: check\n"})
    ((status, reason),) = reasons(town, "check")
    assert (status, reason.partition(": error: ")[0]) == ("errored", "the pull request's workflow files are wrong: gateline.yml:2:1")
    assert [plan.job for plan in town.executor.plans] == ["lint"]
    assert town.statuses(sha)["gateline/check"][0] == "error"


def test_a_job_that_the_request_removes_ends_with_a_sentence(town: Town) -> None:
    town.source(LINE)
    proposed(town, edited(("name: check\n", "name: checks\n")))
    ((status, reason),) = reasons(town, "check")
    assert status == "errored"
    assert reason.startswith("the pull request's workflow files define no job called check")


def test_main_runs_what_the_sources_branch_says(town: Town) -> None:
    town.source(LINE)
    proposed(town, MINE)
    town.push()
    town.settle()
    assert town.runs("check")[-1].lane.main
    assert scripts(town, "check") == [("make check",)]
