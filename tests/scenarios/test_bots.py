"""Bots that nobody listed: their requests wait for `allow`, what they push to main was let in by the forge (product.md section 8)."""

from __future__ import annotations

from dataclasses import replace

from app.workflow.line import MAIN, Actor
from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
        """
}
BOT = Actor("github:118344674", "renovate[bot]", bot=True)


def pushed_by_bot(town: Town, branch: str) -> str:
    before = town.world.at(town.app.id).branches.get(branch, "")
    sha = town.world.commit(town.app.id, branch, {"lock": branch.encode()}, "Bump a thing")
    town.deliver(replace(town.pushed(sha, branch, before), pusher=BOT))
    town.settle()
    return sha


def test_a_bots_push_to_main_runs_like_anybodys(town: Town) -> None:
    town.source(LINE)
    pushed_by_bot(town, "main")
    assert town.ran(MAIN) == ["build#1 succeeded"]


def test_a_bots_branch_waits_and_leaves_nothing_behind_when_its_request_comes(town: Town) -> None:
    town.source(LINE)
    sha = pushed_by_bot(town, "renovate/lock")
    assert [run.held for run in town.runs()] == ["allow"]
    number = town.world.pull_request(town.app.id, "renovate/lock", "carol")
    town.deliver(replace(town.request(number, "opened"), authors=(BOT,)))
    town.settle()
    assert [(run.status.value, run.lane == town.lane(number)) for run in town.runs()] == [("cancelled", False), ("waiting", True)]
    town.comment("carol", f"/gateline allow {sha}", number=number)
    town.settle()
    assert town.ran(town.lane(number)) == ["build#2 succeeded"]


def test_allow_lets_go_what_waits_for_this_commit_in_other_lanes_too(town: Town) -> None:
    town.source(LINE)
    number = town.world.pull_request(town.app.id, _branch(town, "renovate/lock"), "carol")
    town.deliver(replace(town.request(number, "opened"), authors=(BOT,)))
    town.settle()
    sha = town.world.at(town.app.id).branches["renovate/lock"]
    town.world.at(town.app.id).branches["renovate/twin"] = sha
    second = town.world.pull_request(town.app.id, "renovate/twin", "carol")
    town.deliver(replace(town.request(second, "opened"), authors=(BOT,)))
    town.settle()
    assert [run.held for run in town.runs()] == ["allow", "allow"]
    town.comment("carol", f"/gateline allow {sha}", number=number)
    town.settle()
    assert [run.status.value for run in town.runs()] == ["succeeded", "succeeded"]


def test_the_status_of_a_fork_that_was_never_allowed_ends_with_its_request(town: Town) -> None:
    town.source({"gateline.yml": LINE["gateline.yml"].replace("acme/app}", "acme/app, buildOnPullRequest: true}")})
    fork = town.repository("eve-app")
    sha = town.world.commit(fork.id, "feature", {"feature": b"1"})
    number = town.open("feature", by="bob", fork=fork.id)
    town.settle()
    assert "waits for `allow`" in town.statuses(sha)["gateline/build"][1]
    town.close(number)
    town.settle()
    assert town.statuses(sha)["gateline/build"] == ("cancelled", "cancelled: the pull request was closed")


def _branch(town: Town, name: str) -> str:
    town.world.commit(town.app.id, name, {"lock": b"1"}, "Bump a thing")
    return name
