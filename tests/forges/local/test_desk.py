"""The rows of the local forge, over SQLite and PostgreSQL alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import Refused
from app.forges import CommentKind, CommitState, Conversation, Level
from app.forges.local.desk import Desk, Person, RepositoryRow, StatusRow
from app.store import Store
from app.store.local import LocalDesk
from tests.fakes.clock import MovableClock

SHA = "a" * 40
BOT = Person(0, "gateline", Level.WRITE)


@pytest.fixture
def desk(store: Store) -> Desk:
    return LocalDesk(store.database)


@pytest.fixture
def app(desk: Desk) -> RepositoryRow:
    return desk.add_repository("Acme/App", "main", private=True)


def test_names_and_logins_are_found_whatever_their_case(desk: Desk, app: RepositoryRow) -> None:
    alice = desk.put_person("Alice", Level.READ)
    assert desk.person("aLICE") == desk.person_by_id(alice.id) == alice
    assert desk.repository("acme/app") == desk.repository_by_id(app.id) == app
    with pytest.raises(Refused):
        desk.add_repository("ACME/APP", "main", private=False)
    assert desk.repositories() == (app,)
    assert (desk.person("bob"), desk.person_by_id(99), desk.repository("a/b"), desk.repository_by_id(99)) == (None,) * 4


def test_a_person_put_again_keeps_id_and_spelling_and_gets_the_new_level(desk: Desk) -> None:
    alice = desk.put_person("Alice", Level.READ)
    assert desk.put_person("ALICE", Level.ADMIN) == Person(alice.id, "Alice", Level.ADMIN)
    assert desk.people() == (Person(alice.id, "Alice", Level.ADMIN),)


def test_requests_are_numbered_for_each_repository_and_told_newest_first(desk: Desk, app: RepositoryRow) -> None:
    other = desk.add_repository("acme/other", "main", private=False)
    alice = desk.put_person("alice", Level.WRITE)
    made = [desk.open_pull(each.id, "T", "topic", "main", alice) for each in (app, app, other)]
    assert [pull.number for pull in made] == [1, 2, 1]
    assert desk.pulls(app.id) == (made[1], made[0])
    assert desk.pull(other.id, 1) == made[2]
    assert desk.pull(other.id, 2) is None


def test_a_request_is_closed_once(desk: Desk, app: RepositoryRow) -> None:
    pull = desk.open_pull(app.id, "T", "topic", "main", desk.put_person("alice", Level.WRITE))
    assert desk.close_pull(pull, "b" * 40, SHA) is True
    assert desk.close_pull(pull, "c" * 40) is False
    closed = desk.pull(app.id, 1)
    assert closed is not None
    assert (closed.open, closed.base_sha, closed.merge_commit) == (False, "b" * 40, SHA)
    assert desk.pulls(app.id) == ()
    assert desk.pulls(app.id, open_only=False) == (closed,)


def test_requests_opened_at_once_get_numbers_of_their_own(desk: Desk, app: RepositoryRow) -> None:
    alice = desk.put_person("alice", Level.WRITE)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: desk.open_pull(app.id, "T", "topic", "main", alice).number, range(12)))
    assert sorted(made) == list(range(1, 13))


def test_comments_belong_to_one_conversation_and_are_told_oldest_first(desk: Desk, clock: MovableClock) -> None:
    alice = desk.put_person("alice", Level.READ)
    request, commit = Conversation("local:1", number=1), Conversation("local:1", sha=SHA)
    first = desk.add_comment(request, "first", alice)
    clock.forward(5)
    second = desk.add_comment(request, "second", BOT)
    third = desk.add_comment(commit, "third", alice)
    assert [row.body for row in desk.comments(request)] == ["first", "second"]
    assert desk.comments(commit) == (third,)
    assert desk.comments(Conversation("local:2", number=1)) == ()
    assert (first.kind, third.kind) == (CommentKind.CONVERSATION, CommentKind.COMMIT)
    assert second.created - first.created == 5
    assert desk.comment(second.id).author.id == 0


def test_an_edited_comment_keeps_its_place(desk: Desk) -> None:
    row = desk.add_comment(Conversation("local:1", number=1), "before", BOT)
    assert desk.edit_comment(row.id, "after") is True
    assert [each.body for each in desk.comments(row.conversation)] == ["after"]
    assert desk.edit_comment(row.id + 1, "x") is False


def test_the_newest_status_of_a_context_counts(desk: Desk, app: RepositoryRow) -> None:
    first = StatusRow(SHA, "gateline/b", CommitState.PENDING, "…", "", 1.0)
    newest = StatusRow(SHA, "gateline/b", CommitState.SUCCESS, "ok", "https://x", 2.0)
    other = StatusRow(SHA, "gateline/a", CommitState.FAILURE, "no", "", 3.0)
    for status in (first, newest, other):
        desk.put_status(app.id, status)
    assert desk.statuses(app.id, SHA) == (other, newest)
    assert desk.statuses(app.id, "b" * 40) == ()


def test_a_reaction_counts_once(desk: Desk) -> None:
    row = desk.add_comment(Conversation("local:1", number=1), "x", BOT)
    for reaction in ("rocket", "eyes", "eyes"):
        desk.put_reaction(row.id, reaction)
    assert desk.reactions(row.id) == ("eyes", "rocket")
