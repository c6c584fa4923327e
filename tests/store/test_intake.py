"""What comes in and where from: deliveries, sources, repositories; and what went out: statuses and comments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.errors import NotFound
from app.forges import CommitState, Delivery
from app.store import Posted, Source, Store, Written
from app.workflow.definition import Place, Problem, Severity
from app.workflow.events import Repository
from tests.fakes.clock import MovableClock
from tests.store.making import REPOSITORY, SHA
from tests.store.threads import together

PUSHED = Delivery("github", "42", "guid-1", "push", {"X-GitHub-Event": "push"}, b'{"a": "\xc3\xa9\\u0000"}')
SOURCE = Source("github:acme/app@main", "github:acme", "github", REPOSITORY, "acme/app", "main")


def test_a_delivery_is_kept_with_its_errand(store: Store, clock: MovableClock) -> None:
    id = store.keep_delivery(PUSHED)
    assert id is not None
    assert store.delivery(id) == PUSHED
    claimed = store.claim_errand("w", 30.0)
    assert claimed is not None
    assert (claimed.account, claimed.errand.kind, claimed.errand.args) == ("", "handle_delivery", {"delivery": id})
    store.note_delivery(id, "acme: build#1")
    assert store.deliveries() == ((id, PUSHED, clock(), "acme: build#1"),)


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        (PUSHED, False),
        (replace(PUSHED, headers={}, event="ping"), False),
        (replace(PUSHED, body=b"{}"), True),
        (replace(PUSHED, id="guid-2"), True),
        (replace(PUSHED, hook="43"), True),
        (replace(PUSHED, forge="gitlab"), True),
    ],
)
def test_a_delivery_is_unique_by_forge_hook_id_and_body(store: Store, other: Delivery, kept: bool) -> None:
    store.keep_delivery(PUSHED)
    assert (store.keep_delivery(other) is not None) is kept
    assert len(store.deliveries()) == 1 + kept


def test_a_delivery_that_comes_many_times_at_once_is_kept_once(store: Store) -> None:
    kept: list[int | None] = []
    assert together(5, lambda number: kept.append(store.keep_delivery(PUSHED))) == []
    assert len([id for id in kept if id is not None]) == 1
    assert len(store.deliveries()) == 1


def test_an_unknown_delivery_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.delivery(7)


def test_a_source_is_changed_where_it_is_told_to_and_nowhere_else(store: Store) -> None:
    store.add_source(SOURCE)
    assert store.source(SOURCE.key) == SOURCE
    problem = Problem(Place("gateline.yml", 3, 1), Severity.ERROR, "no such job", "build", "bulid")
    store.update_source(SOURCE.key, problems=[problem], sha_seen=SHA)
    assert store.source(SOURCE.key) == replace(SOURCE, problems=(problem,), sha_seen=SHA)
    store.update_source(SOURCE.key, commit=SHA, blobs={"gateline.yml": "b1"}, problems=())
    assert store.source(SOURCE.key) == replace(SOURCE, commit=SHA, blobs={"gateline.yml": "b1"}, sha_seen=SHA)
    store.remove_source(SOURCE.key)
    store.update_source(SOURCE.key, commit=SHA)
    assert store.source(SOURCE.key) is None


def test_sources_are_listed_by_account_and_repository(store: Store) -> None:
    other = replace(SOURCE, key="github:b/x@main", account="github:b", repository="github:8", full_name="b/x")
    store.add_source(SOURCE)
    store.add_source(other)
    assert store.sources() == (SOURCE, other)
    assert store.sources("github:b") == store.sources(repository="github:8") == (other,)
    assert store.sources("github:b", REPOSITORY) == ()
    assert store.watchers("github:8") == ("github:b",)


def test_a_repository_is_found_by_id_and_by_the_name_it_has_now(store: Store) -> None:
    app = Repository(REPOSITORY, "Acme/App", "main", True)
    store.put_repository(app)
    assert store.repository(REPOSITORY) == store.repository("github:acme/APP") == app
    renamed = replace(app, full_name="acme/old")
    store.put_repository(renamed)
    assert store.repository("github:acme/app") is None
    newcomer = Repository("github:9", "acme/old")
    store.put_repository(newcomer)
    assert store.repository("github:acme/old") == newcomer
    assert store.repository(REPOSITORY) == renamed


def test_a_baseline_is_none_before_the_first_comparison(store: Store) -> None:
    assert store.baseline(REPOSITORY) is None
    store.set_baseline(REPOSITORY, {})
    assert store.baseline(REPOSITORY) == {}
    store.set_baseline(REPOSITORY, {"refs/heads/main": SHA, "pr/1": SHA})
    assert store.baseline(REPOSITORY) == {"refs/heads/main": SHA, "pr/1": SHA}


def test_a_status_is_remembered_in_the_place_of_the_one_before(store: Store) -> None:
    pending = Written(REPOSITORY, SHA, "gateline/build", CommitState.PENDING, "waiting", "https://x", 1.0)
    sync = Written(REPOSITORY, SHA, "gateline: sync", CommitState.SUCCESS, "", "", 1.0)
    store.set_written(pending)
    store.set_written(sync)
    final = replace(pending, state=CommitState.SUCCESS, description="7 s", at=2.0)
    store.set_written(final)
    assert store.written(REPOSITORY, SHA, "gateline/build") == final
    assert store.written_on(REPOSITORY, SHA) == (sync, final) or store.written_on(REPOSITORY, SHA) == (final, sync)
    assert store.written(REPOSITORY, SHA, "gateline/test") is None


def test_comments_of_ours_are_found_by_what_they_are_for_and_by_their_id(store: Store) -> None:
    line = Posted("line", "github:7/12", "github:7#12", "901", "d1", 1.0)
    store.set_posted(line)
    edited = replace(line, digest="d2", at=2.0, edits=1)
    store.set_posted(edited)
    assert store.posted("line", "github:7/12") == store.posted_as("github:7#12", "901") == edited
    assert store.posted("reply", "github:7/12") is store.posted_as("github:7#13", "901") is None
