"""What people do from the command line: the rows it leaves and the webhooks it sends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.errors import NotFound, Refused, Temporary
from app.forges import Commented, CommentKind, Conversation, Level
from app.forges.local import actions
from app.forges.local.api import LocalForge
from app.workflow.events import PullRequestChanged, Pushed
from tests.forges.local.world import Listener, LocalWorld


def a_request(world: LocalWorld, head_files: dict[str, bytes] | None = None) -> tuple[str, int]:
    repository = world.repository().id
    world.commit(repository, "main", {"a": b"1"})
    world.commit(repository, "topic", head_files or {"b": b"1"})
    return repository, world.pull_request(repository, "topic", "alice", "Faster")


def test_an_opened_request_is_told(world: LocalWorld, listener: Listener) -> None:
    repository, number = a_request(world)
    (event,) = listener.parsed(world.forge)
    assert isinstance(event, PullRequestChanged)
    assert (event.action, event.number, event.title) == ("opened", number, "Faster")
    assert event.head.sha == world.forge.pull_request(repository, number).head
    assert event.authors == (world.person("alice"),)


def test_a_closed_request_is_told_and_not_merged(world: LocalWorld, listener: Listener) -> None:
    repository, number = a_request(world)
    listener.got.clear()
    actions.close_pull_request(world.forge, repository, number)
    (event,) = listener.parsed(world.forge)
    assert isinstance(event, PullRequestChanged)
    assert (event.action, event.merged) == ("closed", False)
    with pytest.raises(Refused, match="closed already"):
        actions.close_pull_request(world.forge, repository, number)


def test_a_merge_moves_the_base_and_is_told_as_a_push_and_a_closing(world: LocalWorld, listener: Listener) -> None:
    repository, number = a_request(world)
    base = world.forge.tips(repository)["refs/heads/main"]
    listener.got.clear()
    merged = world.merge(repository, number)
    push, closing = listener.parsed(world.forge)
    assert isinstance(push, Pushed)
    assert isinstance(closing, PullRequestChanged)
    assert (push.ref, push.before, push.after, push.pusher.login) == ("refs/heads/main", base, merged, "merger")
    assert (closing.action, closing.merged) == ("closed", True)
    assert world.forge.read(repository, merged, "b", 10) == b"1"
    assert "Merge pull request #1 from topic" in world.forge.commit(repository, merged).message


def test_a_conflict_is_refused_and_changes_nothing(world: LocalWorld, listener: Listener) -> None:
    repository, number = a_request(world, {"a": b"theirs"})
    world.commit(repository, "main", {"a": b"ours"})
    before = world.forge.tips(repository)
    listener.got.clear()
    with pytest.raises(Refused, match="does not merge"):
        world.merge(repository, number)
    assert world.forge.tips(repository) == before
    assert world.forge.pull_request(repository, number).open
    assert listener.got == []


def test_who_may_only_read_may_not_merge(world: LocalWorld) -> None:
    repository, number = a_request(world)
    actions.add_user(world.forge, "reader", "read")
    with pytest.raises(Refused, match="write access"):
        actions.merge_pull_request(world.forge, repository, number, "reader")


@pytest.mark.parametrize("on_commit", [False, True])
def test_a_comment_is_kept_and_told(world: LocalWorld, listener: Listener, on_commit: bool) -> None:
    repository, number = a_request(world)
    sha = world.forge.pull_request(repository, number).head
    listener.got.clear()
    place = Conversation(repository, sha=sha) if on_commit else Conversation(repository, number=number)
    made = actions.comment(world.forge, place, "alice", "/approve deploy")
    (event,) = listener.parsed(world.forge)
    assert isinstance(event, Commented)
    assert event.comment == made
    assert event.comment.kind is (CommentKind.COMMIT if on_commit else CommentKind.CONVERSATION)
    assert event.sender == world.person("alice")
    assert world.forge.comment(place, made.kind, made.id) == made


def test_what_was_done_stays_done_when_the_service_does_not_answer(world: LocalWorld, listener: Listener) -> None:
    repository, number = a_request(world)
    listener.answer = 503
    with pytest.raises(Temporary, match="the next comparison will find it"):
        actions.close_pull_request(world.forge, repository, number)
    assert not world.forge.pull_request(repository, number).open
    with pytest.raises(Temporary, match="do it again"):
        actions.comment(world.forge, Conversation(repository, number=number), "alice", "hello")


Act = Callable[[LocalForge], object]


@pytest.mark.parametrize(
    ("act", "refusal", "why"),
    [
        (lambda forge: actions.create_repository(forge, "acme/app"), Refused, "already"),
        (lambda forge: actions.create_repository(forge, "ACME/App"), Refused, "already"),
        (lambda forge: actions.create_repository(forge, "../etc"), Refused, "OWNER/NAME"),
        (lambda forge: actions.create_repository(forge, "acme/../x"), Refused, "OWNER/NAME"),
        (lambda forge: actions.create_repository(forge, "acme"), Refused, "OWNER/NAME"),
        (lambda forge: actions.create_repository(forge, "-u/x"), Refused, "OWNER/NAME"),
        (lambda forge: actions.add_user(forge, "carol", "owner"), Refused, "no level"),
        (lambda forge: actions.add_user(forge, "carol dean", "read"), Refused, "login"),
        (lambda forge: actions.add_user(forge, "Gateline", "read"), Refused, "the bot's own name"),
        (lambda forge: actions.open_pull_request(forge, "acme/app", "nowhere", "main", "T", "alice"), NotFound, "push it first"),
        (lambda forge: actions.open_pull_request(forge, "acme/app", "main", "main", "T", "alice"), Refused, "into itself"),
        (lambda forge: actions.open_pull_request(forge, "acme/app", "topic", "main", "T", "alice"), Refused, "already"),
        (lambda forge: actions.open_pull_request(forge, "acme/app", "topic", "main", "T", "nobody"), NotFound, "gateline user add"),
        (lambda forge: actions.close_pull_request(forge, "acme/app", 7), NotFound, "no pull request 7"),
        (lambda forge: actions.comment(forge, Conversation("acme/app", number=7), "alice", "x"), NotFound, "no pull request 7"),
        (lambda forge: actions.comment(forge, Conversation("acme/app", sha="main"), "alice", "x"), NotFound, "no commit"),
        (lambda forge: actions.comment(forge, Conversation("acme/app", number=1), "alice", " "), Refused, "text"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(world: LocalWorld, act: Act, refusal: type[Exception], why: str) -> None:
    a_request(world)
    with pytest.raises(refusal, match=why):
        act(world.forge)


def test_a_level_may_be_changed(world: LocalWorld) -> None:
    repository = world.repository().id
    alice = actions.add_user(world.forge, "alice", "read")
    assert actions.add_user(world.forge, "Alice", "admin").id == alice.id
    assert world.forge.permission(repository, alice) is Level.ADMIN
