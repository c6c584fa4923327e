"""A comment whose delivery is done twice: what it decided is answered, not refused by its own effects; and what cannot be meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.bell import InlineBell
from app.errors import NotFound, Temporary
from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
          - name: deploy
            type: runSh
            gate: true
            steps:
              - IN: app
              - TASK: [{script: make deploy}]
        """
}


def ready(town: Town) -> str:
    """A commit in main for which the gate of `deploy` waits."""
    town.source(LINE)
    sha = town.push()
    town.settle()
    town.clock.forward(30)
    return sha


def interrupted(town: Town) -> None:
    """The worker is stopped once after a command was decided: the first ring says that the comment was seen, the second what came of it."""
    rung: list[str] = []

    def ring(queue: str) -> None:
        rung.append(queue)
        if len(rung) == 2:
            raise Temporary("the worker is stopped")

    town.context = replace(town.context, bell=InlineBell(ring))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("approve deploy", ()),
        ("reject deploy", ()),
        ("trigger build", ()),
        ("pause build", ("`build` is paused, in the whole account",)),
        ("pin build app #1", ("Runs of `build` take version `#1` of `app`",)),
    ],
)
def test_a_worker_that_is_stopped_before_it_answers_gives_the_same_answer_later(town: Town, line: str, said: tuple[str, ...]) -> None:
    sha = ready(town)
    before = len(town.answers(sha=sha))
    interrupted(town)
    comment = town.comment("alice", f"/gateline {line}", sha=sha)
    town.settle()
    assert comment.comment.id in {each for each, reaction in town.world.reacted if reaction == "rocket"}
    assert comment.comment.id not in {each for each, reaction in town.world.reacted if reaction == "-1"}
    spoken = town.answers(sha=sha)[before:]
    assert len(spoken) == len(said)
    assert all(text in body for text, body in zip(said, spoken, strict=True))
    assert town.audit() == [("alice", line.split()[0], line.split()[1], True)]


def test_a_run_asked_for_twice_by_one_comment_is_one_run(town: Town) -> None:
    sha = ready(town)
    comment = town.comment("alice", "/gateline trigger build", sha=sha)
    town.deliver(comment)
    town.settle()
    assert town.ran() == ["build#1 succeeded", "build#2 succeeded"]


@pytest.mark.parametrize("version", ["#abc", "#", "99999999999999999999", "#99999999999999999999"])
def test_a_version_that_cannot_be_is_refused_in_words(town: Town, version: str) -> None:
    sha = ready(town)
    town.comment("carol", f"/gateline pin build app {version}", sha=sha)
    town.settle()
    assert f"app has no version {version}" in town.answers(sha=sha)[-1]
    assert town.stuck() == []


def test_a_status_that_the_token_may_not_write_is_a_problem_that_is_shown(town: Town) -> None:
    town.source(LINE)
    town.world.broken["set_status"] = NotFound("GitHub answered 404 to POST /repositories/1/statuses/1. The credentials may not see it.")
    town.push()
    town.settle()
    assert any(problem.startswith("set_status: ") and "may not see it" in problem for problem in town.stuck())


def test_a_status_for_a_commit_that_is_gone_is_passed_over(town: Town) -> None:
    town.source(LINE)
    sha = town.push()
    town.deliveries()
    del town.world.at(town.app.id).commits[sha]
    town.settle()
    assert [problem for problem in town.stuck() if problem.startswith("set_status")] == []
    assert town.store.written(town.app.id, sha, "gateline/build") is None
