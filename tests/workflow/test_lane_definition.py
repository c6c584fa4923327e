"""`definition: lane`: which commit's scripts run in a pull request's lane, and what of its files counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.definition import Hook, HookKind, Image, Input, Job, Notice, Output, Runtime, Task
from app.workflow.facts import LaneOpened
from app.workflow.lane_definition import as_proposed, head_of, with_scripts_of
from app.workflow.line import Cause, Lane, Run, RunRef, Status
from app.workflow.plan import Unplannable
from tests.workflow.parse_kinds import parsed

HERE, THERE = "github:1", "github:2"
PR = Lane(f"pr/7@{HERE}")
REQUEST = Cause("pull_request", "e1", HERE, "acme/app", "head")
MANUAL = Cause("manual", "e2", HERE, "acme/app", "other")
OPENED = LaneOpened(PR, HERE, "acme/app", "newest", 7, head_ref="topic")


@pytest.mark.parametrize(
    ("lane", "causes", "opened", "expected"),
    [
        (PR, (REQUEST,), OPENED, "head"),
        (PR, (REQUEST,), None, "head"),
        (PR, (REQUEST, replace(REQUEST, sha="later"), MANUAL), OPENED, "later"),
        (PR, (MANUAL,), OPENED, "newest"),
        (PR, (MANUAL,), None, ""),
        (PR, (MANUAL,), replace(OPENED, fork=True), ""),
        (PR, (replace(REQUEST, repository=THERE),), None, ""),
        (PR, (replace(REQUEST, fork=True),), OPENED, ""),
        (PR, (REQUEST, replace(MANUAL, fork=True)), OPENED, ""),
        (Lane(f"pr/7@{THERE}"), (REQUEST,), OPENED, ""),
        (Lane(f"branch/topic@{HERE}"), (REQUEST,), OPENED, ""),
        (Lane(f"queue/topic@{HERE}"), (REQUEST,), OPENED, ""),
        (Lane(), (REQUEST,), None, ""),
    ],
)
def test_scripts_are_those_of_the_head_in_the_lane_of_a_request_of_the_same_repository(
    lane: Lane, causes: tuple[Cause, ...], opened: LaneOpened | None, expected: str
) -> None:
    run = Run(RunRef("check", 1), lane, Status.RUNNING, causes, 0.0)
    assert head_of(run, HERE, opened) == expected


OURS = Job(
    "check",
    "runSh",
    "s",
    (Input("app"), Task("build", ("make",), False, Image("us", "1"), (("A", "1"),)), Task("old", ("old",)), Output("conf")),
    runtime=Runtime("big"),
    integrations=("aws",),
    hooks={HookKind.ALWAYS: Hook(("tidy",), (Notice("team"),)), HookKind.ON_START: Hook((), (Notice("team"),))},
    own_definition=True,
)
THEIRS = Job(
    "check",
    "runSh",
    "s",
    (
        Output("prod"),
        Task("new", ("new",), True, Image("them", "2"), (("A", "2"),)),
        Task("build", ("make all",), True, Image("them", "2"), (("A", "2"),)),
        Input("secret"),
    ),
    priority=0,
    runtime=Runtime("other"),
    integrations=("prod",),
    hooks={HookKind.ALWAYS: Hook(("clean",), (Notice("them"),)), HookKind.ON_FAILURE: Hook(("cry",), (Notice("them"),))},
)


def test_of_a_requests_job_only_script_lines_count() -> None:
    assert with_scripts_of(OURS, THEIRS) == replace(
        OURS,
        steps=(
            Input("app"),
            Output("conf"),
            Task("new", ("new",)),
            Task("build", ("make all",), False, Image("us", "1"), (("A", "1"),)),
        ),
        hooks={
            HookKind.ON_START: Hook((), (Notice("team"),)),
            HookKind.ON_FAILURE: Hook(("cry",)),
            HookKind.ALWAYS: Hook(("clean",), (Notice("team"),)),
        },
    )


def test_the_job_of_the_same_name_gives_its_scripts() -> None:
    text = "jobs: [{name: other, type: runSh, steps: [{TASK: [no]}]}, {name: check, type: runSh, steps: [{TASK: [make]}]}]"
    assert as_proposed(OURS, parsed(gateline=text)).tasks[0].script == ("make",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("jobs:\n\t- name: check\n", "the pull request's workflow files are wrong: gateline.yml:2:1: error: "),
        (
            "jobs:\n  - name: check\n    type: runSh\n    priority: x\n    steps: [{TASK: [make]}]\n",
            "the pull request's workflow files are wrong: gateline.yml:4:15: error: `priority` of a job must be a whole number",
        ),
        ("jobs: []\n", "the pull request's workflow files define no job called check: "),
        (
            "jobs: [{name: check, type: deploy}]\n",
            "gateline.yml:1:9: check is of type runSh, and the pull request's of type deploy: no script of it runs",
        ),
    ],
)
def test_without_scripts_that_can_run_there_is_a_sentence_with_the_place(text: str, sentence: str) -> None:
    with pytest.raises(Unplannable) as caught:
        as_proposed(OURS, parsed(gateline=text))
    assert str(caught.value).startswith(sentence)


def test_more_than_one_error_is_counted() -> None:
    text = "jobs:\n  - name: check\n    type: runSh\n    priority: x\n    triggerMode: y\n    steps: [{TASK: [make]}]\n"
    with pytest.raises(Unplannable, match=r"\(and 1 more\)$"):
        as_proposed(OURS, parsed(gateline=text))


def test_errors_of_other_jobs_are_theirs() -> None:
    text = "jobs: [{name: bad, type: runSh, priority: x}, {name: check, type: runSh, steps: [{TASK: [make]}]}]"
    assert as_proposed(OURS, parsed(gateline=text)).tasks[0].script == ("make",)


def test_a_job_without_tasks_cannot_say_it() -> None:
    (problem,) = parsed(gateline="jobs: [{name: next, type: release, definition: lane}]").problems
    assert problem.sentence == "`definition: lane` says whose TASKs run, and a release job has none"
