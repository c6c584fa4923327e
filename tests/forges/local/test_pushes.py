"""What a push to a bare repository tells Gateline, through the real hook that git runs."""

from __future__ import annotations

import json
import os
import stat

import pytest

from app.forges.local.api import LocalForge
from app.forges.local.post_receive import CONFIGURATION
from app.workflow.events import PullRequestChanged, Pushed
from app.workflow.line import Actor
from tests.forges.local.world import Listener, LocalWorld, git


def pushed(listener: Listener, forge: LocalForge) -> list[Pushed]:
    found = listener.parsed(forge)
    assert all(isinstance(event, Pushed) for event in found)
    return [event for event in found if isinstance(event, Pushed)]


def a_commit(world: LocalWorld, repository: str, branch: str = "main", message: str = "A commit") -> str:
    """Committed in the clone only."""
    tree = world.clone(repository)
    git(tree, "checkout", "--quiet", "-B", branch)
    git(tree, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(tree, "rev-parse", "HEAD").strip()


def test_a_push_is_told_by_one_signed_webhook(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository()
    alice = world.person("alice")
    sha = a_commit(world, repository.id, message="First\n\nWhy.")
    world.push(repository.id, "main", user="ALICE")
    (event,) = pushed(listener, world.forge)
    assert (event.ref, event.before, event.after) == ("refs/heads/main", "", sha)
    assert event.repository == repository
    assert (event.commit.sha, event.commit.message, event.commit.author) == (sha, "First\n\nWhy.", "A committer")
    assert event.pusher == Actor(alice.id, "ALICE")


def test_a_push_by_nobody_known_has_an_unknown_pusher(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository()
    a_commit(world, repository.id)
    world.push(repository.id, "main")
    world.push(repository.id, "main:other", user="stranger")
    assert [event.pusher for event in pushed(listener, world.forge)] == [Actor("", "unknown"), Actor("", "stranger")]


def test_a_push_back_and_forth_is_an_event_each_time(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    first, second = a_commit(world, repository), a_commit(world, repository)
    for sha in (first, second, first, second):
        world.push(repository, f"+{sha}:refs/heads/main")
    events = pushed(listener, world.forge)
    assert [(event.before, event.after) for event in events] == [("", first), (first, second), (second, first), (first, second)]
    assert len({event.key for event in events}) == 4


def test_each_ref_of_a_push_is_told_and_a_deleted_one_has_no_commit(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    sha = a_commit(world, repository)
    world.push(repository, "main", "main:one", "main:two")
    assert {event.ref for event in pushed(listener, world.forge)} == {"refs/heads/main", "refs/heads/one", "refs/heads/two"}
    world.push(repository, ":one")
    (event,) = pushed(listener, world.forge)
    assert (event.ref, event.before, event.after, event.commit.sha) == ("refs/heads/one", sha, "", "")


def test_trap_24_an_annotated_tag_is_told_with_the_commit_it_names(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    sha = a_commit(world, repository)
    git(world.clone(repository), "tag", "--annotate", "--message", "One", "v1")
    world.push(repository, "refs/tags/v1")
    (event,) = pushed(listener, world.forge)
    assert (event.ref, event.commit.sha) == ("refs/tags/v1", sha)
    assert event.after not in ("", sha)


@pytest.mark.parametrize("branch", ["semi;colon", "$(touch owned)", "it's", "a&b|c", "`id`", "ünïcode"])
def test_trap_20_no_spelling_of_a_branch_reaches_a_shell(world: LocalWorld, listener: Listener, branch: str) -> None:
    repository = world.repository().id
    a_commit(world, repository)
    world.push(repository, f"main:refs/heads/{branch}".replace("touch owned", "touch\u00a0owned"))
    (event,) = pushed(listener, world.forge)
    assert event.ref == f"refs/heads/{branch}".replace("touch owned", "touch\u00a0owned")
    assert not list(world.forge.bare(repository).path.rglob("owned"))


def test_a_push_succeeds_and_says_so_when_the_service_is_down(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    sha = a_commit(world, repository)
    told = json.loads((world.forge.bare(repository).path / CONFIGURATION).read_text())
    (world.forge.bare(repository).path / CONFIGURATION).write_text(json.dumps({**told, "url": "http://127.0.0.1:9/hooks/local"}))
    said = world.push(repository, "main")
    assert "the next comparison of branches will find it" in said
    assert world.forge.tips(repository) == {"refs/heads/main": sha}
    assert listener.got == []


def test_a_push_succeeds_when_the_service_refuses_or_the_configuration_is_gone(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    a_commit(world, repository)
    listener.answer = 503
    assert "answered 503" in world.push(repository, "main")
    (world.forge.bare(repository).path / CONFIGURATION).unlink()
    a_commit(world, repository)
    assert "the next comparison" in world.push(repository, "main")


def test_a_push_to_the_head_of_an_open_request_updates_the_request(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    base = a_commit(world, repository)
    a_commit(world, repository, "topic")
    world.push(repository, "main", "topic")
    number = world.pull_request(repository, "topic", "alice", "Faster")
    listener.got.clear()
    newer = a_commit(world, repository, "topic")
    bob = world.person("bob")
    world.push(repository, "topic", user="bob")
    push, update = listener.parsed(world.forge)
    assert isinstance(push, Pushed)
    assert isinstance(update, PullRequestChanged)
    assert (update.action, update.number, update.head.sha, update.base_sha) == ("updated", number, newer, base)
    assert (update.head_ref, update.base_ref, update.fork) == ("topic", "main", False)
    assert update.head_repository == update.repository.id == repository
    assert update.authors == (world.person("alice"), bob)
    assert world.forge.bare(repository).sha_of(f"refs/pull/{number}/head") == newer


def test_a_push_to_the_head_of_a_closed_request_updates_nothing(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    a_commit(world, repository)
    head = a_commit(world, repository, "topic")
    world.push(repository, "main", "topic")
    number = world.pull_request(repository, "topic", "alice", "Faster")
    world.merge(repository, number)
    listener.got.clear()
    a_commit(world, repository, "topic")
    world.push(repository, "topic")
    assert [type(event) for event in listener.parsed(world.forge)] == [Pushed]
    assert world.forge.pull_request(repository, number).head == head


def test_a_deleted_head_branch_leaves_the_open_request_where_it_was(world: LocalWorld, listener: Listener) -> None:
    repository = world.repository().id
    a_commit(world, repository)
    head = a_commit(world, repository, "topic")
    world.push(repository, "main", "topic")
    number = world.pull_request(repository, "topic", "alice", "Faster")
    listener.got.clear()
    world.push(repository, ":topic")
    assert [type(event) for event in listener.parsed(world.forge)] == [Pushed]
    assert world.forge.pull_request(repository, number).head == head


def test_nobody_pushes_to_the_refs_of_requests(world: LocalWorld) -> None:
    repository = world.repository().id
    a_commit(world, repository)
    with pytest.raises(AssertionError, match="hidden"):
        world.push(repository, "main:refs/pull/1/head")


def test_the_secret_is_readable_by_its_owner_only_and_made_once(world: LocalWorld) -> None:
    path = world.forge.endpoint.secret_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(world.forge.endpoint.secret()) == 64
    assert world.forge.endpoint.secret().decode() not in (world.forge.disk.create("a/b", "main").path / "config").read_text()
    hook = world.forge.disk.repository("a/b").path / "hooks" / "post-receive"
    assert os.access(hook, os.X_OK)
