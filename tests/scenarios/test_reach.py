"""What an account's files and jobs may reach: never another account's private repositories, never a commit of their own choice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.react import react
from app.workflow.events import Left, Repository, VersionPosted
from app.workflow.line import MAIN, Status
from app.workflow.plan import Result
from config.settings import AccountSettings
from tests.fakes.executor import ending
from tests.scenarios.town import ACCOUNT, Town

BUILD = """
    resources:
      - {name: app, type: gitRepo, versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}}
      - {name: other, type: gitRepo, versionTemplate: {sourceName: %s, branch: main}}
    jobs:
      - {name: build, type: runSh, steps: [{IN: app}, {TASK: [{script: make}]}, {OUT: other}]}
      - {name: use, type: runSh, steps: [{IN: other}, {TASK: [{script: make}]}]}
    """


def test_a_job_does_not_choose_which_repository_is_cloned_next(town: Town) -> None:
    secret = town.repository("secret", private=True)
    sha = town.world.commit(secret.id, "main", {"key": b"1"}, "hush")
    town.source({"gateline.yml": BUILD % "acme/app"})
    left = Left(bag={"repository": secret.id, "fullName": "acme/secret", "sha": sha, "depth": 1}, keys=(("repository", secret.id),))
    town.executor.acts["build"] = ending(Result(Status.SUCCEEDED, code=0, outputs={"other": left}))
    town.push()
    town.settle()
    assert {checkout.repository for plan in town.executor.plans for checkout in plan.checkouts} == {town.app.id}
    assert all(checkout.sha != sha for plan in town.executor.plans for checkout in plan.checkouts)


def test_the_api_does_not_choose_it_either(town: Town) -> None:
    secret = town.repository("secret", private=True)
    town.source({"gateline.yml": BUILD % "acme/app"})
    before = len(town.versions("app", MAIN))
    bag = {"repository": secret.id, "sha": "a" * 40}
    react(town.context, ACCOUNT, VersionPosted(key="k", at=town.clock(), resource="app", label="x", bag=bag, by=town.world.person("carol")))
    town.work()
    assert len(town.versions("app", MAIN)) == before
    assert town.executor.plans == []


# -- repositories of other owners ------------------------------------------------------------------------------------------------


def of_a_stranger(town: Town, private: bool) -> Repository:
    """A repository of `victim`, which the bot can see."""
    made = town.world.repository("lib", private, "victim")
    town.world.commit(made.id, "main", {"f": b"1"}, "first")
    return made


def push_there(town: Town, victim: Repository) -> str:
    sha = town.push(repository=victim)
    town.settle()
    return sha


def problems(town: Town) -> list[str]:
    return [str(each) for each in town.store.sources()[0].problems]


def test_another_owners_private_repository_is_refused_with_a_sentence(town: Town) -> None:
    victim = of_a_stranger(town, private=True)
    town.source({"gateline.yml": BUILD % "victim/lib"})
    assert any("other cannot be used: victim/lib is private and does not belong to github:acme" in each for each in problems(town))
    push_there(town, victim)
    assert town.versions("other", MAIN) == []
    assert town.runs("use") == []


def test_another_owners_public_repository_is_only_read(town: Town) -> None:
    victim = of_a_stranger(town, private=False)
    town.source({"gateline.yml": BUILD % "victim/lib"})
    assert problems(town) == []
    sha = push_there(town, victim)
    assert [run.status for run in town.runs("use")] == [Status.SUCCEEDED]
    assert town.statuses(sha, victim) == {}


def test_it_is_not_cloned_any_more_once_it_is_private(town: Town) -> None:
    victim = of_a_stranger(town, private=False)
    town.source({"gateline.yml": BUILD % "victim/lib"})
    town.make_private(victim)
    town.work()
    push_there(town, replace(victim, private=True))
    (run,) = town.runs("use")
    assert run.status is Status.ERRORED
    assert "victim/lib is private and does not belong to github:acme" in run.reason


@pytest.mark.parametrize("listed", ["victim/lib", "Victim/Lib"])
def test_what_an_administrator_lists_for_the_account_is_its_own(store, clock, tmp_path, listed: str) -> None:
    town = Town(store, clock, tmp_path, account={ACCOUNT: AccountSettings(repositories=(listed,))})
    victim = of_a_stranger(town, private=True)
    town.source({"gateline.yml": BUILD % "victim/lib"})
    assert problems(town) == []
    push_there(town, victim)
    assert [run.status for run in town.runs("use")] == [Status.SUCCEEDED]


# -- forks -----------------------------------------------------------------------------------------------------------------------


def test_a_closed_forks_commit_is_not_run_by_hand(town: Town) -> None:
    town.source({"gateline.yml": BUILD % "acme/app"})
    fork = town.world.repository("app", owner="eve")
    town.world.commit(fork.id, "evil", {"x": b"1"}, "evil")
    number = town.open("evil", by="bob", fork=fork.id)
    town.settle()
    head = town.world.at(town.app.id).requests[number].head
    town.close(number)
    town.settle()
    town.comment("carol", "/gateline trigger build", sha=head)
    town.settle()
    assert all(checkout.sha != head for plan in town.executor.plans for checkout in plan.checkouts)
    assert "is closed: nothing is run for it" in town.answers(sha=head)[-1]
