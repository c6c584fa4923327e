"""Hooks of pull requests that say little, come late or come twice: what the forge shows now decides (spec/forges.md traps 13 and 41)."""

from __future__ import annotations

from dataclasses import replace

from app.errors import Temporary
from app.workflow.events import Commit, PullRequestChanged
from app.workflow.facts import LaneOpened
from tests.scenarios.town import ACCOUNT, Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, buildOnPullRequest: true}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
          - name: deploy
            type: runSh
            gate: {allow_author: false}
            steps:
              - IN: app
              - TASK: [{script: make deploy}]
        """
}


def asked_for(town: Town) -> int:
    """A request of a branch that nobody was told of yet."""
    town.world.commit(town.app.id, "feature", {"feature": b"1"}, "Add the feature\n\nWith care.")
    return town.world.pull_request(town.app.id, "feature", "carol")


def told_by_github(town: Town, number: int, action: str = "opened") -> PullRequestChanged:
    """As GitHub's hook tells it: of the head's commit nothing but its SHA."""
    event = town.request(number, action)
    return replace(event, head=Commit(event.head.sha))


def opened(town: Town, number: int) -> LaneOpened | None:
    lane = town.lane(number)
    return town.store.ask(ACCOUNT, lambda line: line.opened(lane))


def compare(town: Town) -> None:
    """The hourly comparison."""
    town.tick(3700)
    town.settle()


def test_a_request_that_a_hook_told_is_not_built_again_by_the_comparison(town: Town) -> None:
    town.source(LINE)
    town.tick(1)
    number = asked_for(town)
    town.deliver(told_by_github(town, number))
    town.settle()
    compare(town)
    assert town.ran(town.lane(number)) == ["build#1 succeeded"]


def test_the_comparison_makes_nobody_else_an_author_of_what_a_hook_told(town: Town) -> None:
    town.source(LINE)
    town.tick(1)
    number = asked_for(town)
    town.deliver(told_by_github(town, number))
    town.settle()
    requests = town.world.at(town.app.id).requests
    requests[number] = replace(requests[number], base_ref="other")
    compare(town)
    built = town.versions("app", town.lane(number))
    assert [(version.bag["baseBranch"], [actor.login for actor in version.actors]) for version in built] == [
        ("main", ["carol"]),
        ("other", ["carol"]),
    ]


def test_who_pushed_a_head_that_only_the_comparison_found_is_unknown(town: Town) -> None:
    town.source(LINE)
    town.tick(1)
    number = asked_for(town)
    compare(town)
    (version,) = town.versions("app", town.lane(number))
    assert [actor.login for actor in version.actors] == ["carol", "unknown"]


def test_the_head_has_its_message_though_the_hook_leaves_it_out(town: Town) -> None:
    town.source(LINE)
    number = asked_for(town)
    town.deliver(told_by_github(town, number))
    town.settle()
    assert dict(town.plan("build").env)["APP_COMMIT_MESSAGE"] == "Add the feature\n\nWith care."


def test_trap_13_an_old_synchronize_does_not_bring_the_old_head_back(town: Town) -> None:
    town.source(LINE)
    number = asked_for(town)
    old = told_by_github(town, number, "updated")
    newest = town.push(branch="feature")
    town.deliver(told_by_github(town, number, "updated"))
    town.settle()
    town.deliver(old)
    town.settle()
    lane = opened(town, number)
    assert lane is not None
    assert lane.head == newest
    assert len(town.ran(town.lane(number))) == 1


def test_trap_13_what_comes_after_the_close_does_not_open_the_lane_again(town: Town) -> None:
    town.source(LINE)
    number = asked_for(town)
    town.deliver(told_by_github(town, number))
    town.settle()
    late = told_by_github(town, number, "updated")
    town.close(number)
    town.settle()
    town.deliver(late)
    town.settle()
    assert opened(town, number) is None
    assert town.gate("deploy") is None
    town.reopen(number)
    town.settle()
    assert opened(town, number) is not None


def test_trap_41_a_hook_that_is_ahead_of_the_forges_answer_counts(town: Town) -> None:
    town.source(LINE)
    number = asked_for(town)
    requests = town.world.at(town.app.id).requests
    behind = requests[number]
    newest = town.push(branch="feature")
    ahead = told_by_github(town, number, "updated")
    requests[number] = behind
    town.deliver(ahead)
    town.settle()
    lane = opened(town, number)
    assert lane is not None
    assert lane.head == newest


def test_while_the_forge_cannot_be_reached_the_delivery_is_put_off(town: Town) -> None:
    town.source(LINE)
    number = asked_for(town)
    town.world.broken["pull_request"] = Temporary("GitHub could not be reached")
    town.deliver(told_by_github(town, number))
    town.settle()
    assert town.ran(town.lane(number)) == []
    assert any("could not be reached" in problem for problem in town.stuck())
    town.world.broken.clear()
    town.tick(300)
    town.settle()
    assert town.ran(town.lane(number)) == ["build#1 succeeded"]
