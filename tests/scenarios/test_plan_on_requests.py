"""A pull request that edits workflow files is told what it would change: a comment and a status; nothing of it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from app.forges.github.api import with_token
from app.store import Store
from app.workflow.errands import Errand
from app.workflow.markdown import MOST_BYTES
from tests.fakes.clock import MovableClock
from tests.fakes.github.forge_world import GithubTownWorld
from tests.fakes.github.server import GithubDouble
from tests.scenarios.conftest import TOKEN
from tests.scenarios.test_reports import GATED, LINE
from tests.scenarios.town import Town

PLAN = "gateline: plan"
WEAKER = {"gateline.yml": GATED["gateline.yml"].replace("[alice]", "[alice, dora]").replace("make deploy", "make ship")}
HARMLESS = {"gateline.yml": GATED["gateline.yml"].replace("name: app\n", "name: app # ours\n")}


def told(town: Town, number: int) -> list[str]:
    """The plans that the request shows."""
    return [body for body in town.answers(number) if body.startswith("<!-- gateline:plan ")]


@pytest.fixture(params=["in memory", "on GitHub"])
def anywhere(request: pytest.FixtureRequest, store: Store, clock: MovableClock, tmp_path: Path, github: GithubDouble) -> Town:
    """A town on the fake forge, and one on the double of GitHub."""
    over_http = request.param == "on GitHub"
    return Town(store, clock, tmp_path, GithubTownWorld(github, with_token(github.url, TOKEN, clock)) if over_http else None)


def test_it_is_told_in_a_comment_and_a_status(anywhere: Town) -> None:
    town = anywhere
    town.source(GATED)
    sha = town.push(WEAKER, "topic")
    number = town.open("topic")
    town.settle()
    assert town.statuses(sha)[PLAN] == ("success", "1 gate weaker, 1 job changed")
    assert told(town, number) == [
        f"<!-- gateline:plan github:acme/app@main {number} -->\n\n"
        f"### What the workflow files at `{sha[:12]}` change\n\n"
        "1 gate weaker, 1 job changed.\n\n"
        "```diff\n"
        "# Gates\n"
        "! the gate of deploy is weaker: dora may approve too\n"
        "# Jobs and resources\n"
        "! job deploy (runSh)\n"
        '!     TASK Task 0.script: ["make deploy"] -> ["make ship"]\n'
        '!     gate.approvers: ["alice"] -> ["alice", "dora"]\n'
        "```\n\n"
        "Nothing of this holds before it is merged: until then jobs run as `main` defines them.\n\n"
        "<details><summary>The line afterwards</summary>\n\n"
        "```mermaid\n"
        "graph LR\n"
        '  n0(["app"])\n'
        '  n1["build"]\n'
        '  n2["test"]\n'
        '  n3["deploy<br>gate: alice, dora"]:::gate\n'
        "  n0 --> n1\n"
        "  n1 --> n2\n"
        "  n2 --> n3\n"
        "  classDef gate fill:#bf8700,color:#fff\n"
        "```\n\n"
        "</details>"
    ]
    assert town.stuck() == []


def test_the_jobs_of_the_request_run_as_the_sources_branch_defines_them(town: Town) -> None:
    town.source(GATED)
    town.push({"gateline.yml": WEAKER["gateline.yml"].replace("make}", "make evil}")}, "topic")
    number = town.open("topic")
    town.settle()
    assert town.plan("build").tasks[0].script == ("make",)
    assert town.ran() == []
    assert len(told(town, number)) == 1


def test_a_request_that_edits_no_workflow_file_is_told_nothing(anywhere: Town) -> None:
    town = anywhere
    town.source(LINE)
    sha = town.push({"src.c": "int main"}, "topic")
    number = town.open("topic")
    town.settle()
    assert (told(town, number), PLAN in town.statuses(sha)) == ([], False)


def test_a_request_older_than_a_change_of_the_branch_is_not_said_to_take_it_back(town: Town) -> None:
    town.source(LINE)
    number = (town.push({"src.c": "int main"}, "topic"), town.open("topic"))[1]
    town.push(GATED)
    sha = town.push({"src.c": "int other"}, "topic")
    town.deliver(town.request(number, "updated"))
    town.settle()
    assert (told(town, number), PLAN in town.statuses(sha)) == ([], False)


def test_only_what_the_request_edits_counts_of_several_files(town: Town) -> None:
    more = "jobs: [{name: nightly, type: runSh, steps: [{TASK: [{script: make}]}]}]\n"
    town.source({**LINE, ".gateline/more.yml": more})
    sha = town.push({".gateline/more.yml": more.replace("make", "make all")}, "topic")
    number = town.open("topic")
    town.push(GATED)
    town.deliver(town.request(number, "updated"))
    town.settle()
    assert town.statuses(sha)[PLAN] == ("success", "1 job changed")
    assert "deploy" not in told(town, number)[0].split("<details>")[0]


def test_a_newer_commit_edits_the_comment(anywhere: Town) -> None:
    town = anywhere
    town.source(GATED)
    town.push(WEAKER, "topic")
    number = town.open("topic")
    town.settle()
    sha = town.push(HARMLESS, "topic")
    town.deliver(town.request(number, "updated"))
    town.settle()
    (only,) = told(town, number)
    assert f"`{sha[:12]}`" in only
    assert "No job, resource, trigger or gate changes." in only
    assert town.statuses(sha)[PLAN] == ("success", "no job, resource, trigger or gate changes")


def test_a_change_that_is_taken_back_is_withdrawn(anywhere: Town) -> None:
    town = anywhere
    town.source(GATED)
    town.push(WEAKER, "topic")
    number = town.open("topic")
    town.settle()
    sha = town.push(GATED, "topic")
    town.deliver(town.request(number, "updated"))
    town.settle()
    assert told(town, number) == [
        f"<!-- gateline:plan github:acme/app@main {number} -->\n\n"
        f"At `{sha[:12]}` no workflow file differs any more: merging this changes nothing about the line."
    ]
    assert town.statuses(sha)[PLAN] == ("success", "no workflow file differs any more")


def test_broken_files_are_a_red_status_with_every_place(anywhere: Town) -> None:
    town = anywhere
    town.source(GATED)
    sha = town.push({"gateline.yml": GATED["gateline.yml"].replace("IN: build", "IN: biuld")}, "topic")
    number = town.open("topic")
    town.settle()
    state, description = town.statuses(sha)[PLAN]
    assert state == "failure"
    assert description.startswith("gateline.yml:15:9: IN `biuld` is not a job or resource that any source defines")
    assert "gateline.yml:15:9: error: IN `biuld`" in told(town, number)[0]
    assert "(did you mean build?)" in told(town, number)[0]


def test_what_is_no_yaml_at_all_is_told_too(town: Town) -> None:
    town.source(GATED)
    sha = town.push({"gateline.yml": "jobs:\n\t- name: x\n"}, "topic")
    number = town.open("topic")
    town.settle()
    assert town.statuses(sha)[PLAN][0] == "failure"
    assert told(town, number)[0].endswith("Nothing can be compared before that is mended.")


def test_a_forks_request_is_planned_although_nothing_of_it_may_run(anywhere: Town) -> None:
    town = anywhere
    town.source(GATED)
    fork = town.repository("bobs-app")
    sha = town.world.commit(fork.id, "topic", {"gateline.yml": dedent(WEAKER["gateline.yml"]).encode()})
    number = town.open("topic", by="bob", fork=fork.id)
    town.settle()
    assert town.statuses(sha)[PLAN] == ("success", "1 gate weaker, 1 job changed")
    assert len(told(town, number)) == 1
    assert town.executor.plans == []


NASTY = """
resources:
  - name: "/close @alice ``` <!-- x"
    type: params
    versionTemplate: {params: {A: "@acme/ops\\n/approve deploy\\n```\\n/close"}}
jobs: []
"""


def test_nothing_that_the_request_says_is_live(town: Town) -> None:
    town.source(LINE)
    town.push({"gateline.yml": NASTY}, "topic")
    number = town.open("topic")
    town.settle()
    (body,) = told(town, number)
    fenced, inside = [], False
    for line in body.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            fenced.append(line)
    assert not any("@" in line.replace("@main", "") for line in fenced)
    assert not any(line.startswith("/") for line in body.splitlines())


def test_a_long_plan_is_cut(town: Town) -> None:
    town.source(LINE)
    job = "  - {{name: job-{}, type: runSh, steps: [{{TASK: [{{script: make}}]}}]}}\n"
    texts = ("jobs:\n" + "".join(job.format(f"{file}-{number}") for number in range(300)) for file in range(10))
    town.push({f".gateline/{number}.yml": text for number, text in enumerate(texts)}, "topic")
    number = town.open("topic")
    town.settle()
    (body,) = told(town, number)
    assert len(body.encode()) <= MOST_BYTES
    assert "# and 2701 more lines: `gateline plan` shows all" in body


def test_a_request_with_too_many_workflow_files_is_not_read(town: Town) -> None:
    town.source(LINE)
    sha = town.push({f".gateline/{number}.yml": "jobs: []\n" for number in range(101)}, "topic")
    town.open("topic")
    town.settle()
    assert town.statuses(sha)[PLAN] == ("failure", ".gateline/0.yml: 101 workflow files differ; at most 100 are read")


def test_readers_learn_nothing_of_a_private_repositorys_line(town: Town) -> None:
    hidden = town.repository("hidden", private=True)
    town.source({"gateline.yml": "jobs: [{name: secret-job, type: runSh, steps: [{TASK: [{script: make}]}]}]\n"}, hidden)
    town.source(LINE)
    asking = LINE["gateline.yml"].replace("- IN: app\n", "- IN: app\n              - IN: secret-job\n")
    sha = town.push({"gateline.yml": asking}, "topic")
    number = town.open("topic")
    town.settle()
    (there,) = told(town, number)
    other = town.push({"gateline.yml": asking.replace("secret-job", "secret-jib")}, "topic")
    town.deliver(town.request(number, "updated"))
    town.settle()
    (not_there,) = told(town, number)
    assert (town.statuses(sha)[PLAN], town.statuses(other)[PLAN]) == (("success", "1 job changed"), ("success", "1 job changed"))
    assert not_there == there.replace("secret-job", "secret-jib").replace(sha[:12], other[:12])


def test_a_request_to_another_branch_changes_no_line(town: Town) -> None:
    town.source(GATED)
    town.push(branch="stable")
    sha = town.push(WEAKER, "topic")
    number = town.open("topic")
    request = town.world.at(town.app.id).requests[number]
    town.world.at(town.app.id).requests[number] = replace(request, base_ref="stable")
    town.settle()
    assert (told(town, number), PLAN in town.statuses(sha)) == ([], False)


def test_a_request_that_is_closed_by_then_is_told_nothing(town: Town) -> None:
    town.source(GATED)
    town.push(WEAKER, "topic")
    number = town.open("topic")
    town.world.close(town.app.id, number)
    town.settle()
    assert told(town, number) == []
    assert town.stuck() == []


def test_a_request_that_is_gone_by_then_is_no_trouble(town: Town) -> None:
    town.source(GATED)
    town.store.add_errands("", [Errand("plan_request", {"repository": town.app.id, "number": 99})])
    town.work()
    assert town.stuck() == []


def test_a_short_budget_puts_the_plan_off(town: Town) -> None:
    town.source(GATED)
    town.push(WEAKER, "topic")
    town.work()
    town.world.budget, town.world.budget_until = 0.05, town.clock() + 3600
    number = town.open("topic")
    town.work()
    assert told(town, number) == []
    town.tick(3700)
    assert len(told(town, number)) == 1
