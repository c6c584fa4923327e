"""The outbox: order within a key, desired state, leases and tokens, backoff (architecture.md section 6, rules 4 and 5)."""

from __future__ import annotations

from threading import Thread

import pytest
from sqlalchemy import func, select, text

from app.store import Claimed, Stale, Store
from app.store.outbox import claim_in
from app.workflow.errands import Errand
from tests.fakes.clock import MovableClock
from tests.store.making import ACCOUNT, react
from tests.store.threads import together


def add(store: Store, *errands: Errand, account: str = ACCOUNT) -> None:
    store.add_errands(account, errands)


def errand(kind: str, key: str | None = None, replaces: bool = False, due: float = 0.0) -> Errand:
    return Errand(kind, {"n": [1, {"x": None}]}, key, replaces, due)


def claim(store: Store) -> Claimed:
    claimed = store.claim_errand("worker", 30.0)
    assert claimed is not None
    return claimed


def kinds_in_hand(store: Store) -> list[str]:
    """Claims until nothing is left; the kinds, in order."""
    found = []
    while (claimed := store.claim_errand("worker", 30.0)) is not None:
        found.append(claimed.errand.kind)
    return found


def test_a_claimed_errand_is_as_it_was_made(store: Store, clock: MovableClock) -> None:
    react(store, errands=[errand("reply", "k")])
    claimed = claim(store)
    assert (claimed.account, claimed.errand.kind, claimed.errand.args) == (ACCOUNT, "reply", {"n": [1, {"x": None}]})
    assert (claimed.errand.key, claimed.errand.replaces, claimed.attempts, claimed.first) == ("k", False, 1, clock())


def test_the_oldest_due_goes_first_and_the_future_waits(store: Store, clock: MovableClock) -> None:
    add(store, errand("later", due=clock() + 10))
    add(store, errand("first"))
    clock.forward(1)
    add(store, errand("second"))
    assert kinds_in_hand(store) == ["first", "second"]
    assert store.due_queues() == ()
    clock.forward(9)
    assert store.due_queues() == ("errands",)
    assert kinds_in_hand(store) == ["later"]


def test_one_key_is_done_one_at_a_time_and_in_order(store: Store) -> None:
    add(store, errand("one", "k"), errand("two", "k"), errand("other", "l"))
    first = claim(store)
    assert first.errand.kind == "one"
    assert kinds_in_hand(store) == ["other"]
    store.errand_done(first)
    assert kinds_in_hand(store) == ["two"]


def test_a_key_belongs_to_an_account(store: Store) -> None:
    add(store, errand("mine", "k"))
    add(store, errand("theirs", "k"), account="github:other")
    assert kinds_in_hand(store) == ["mine", "theirs"]


def test_an_errand_that_is_put_off_blocks_its_key_and_nothing_else(store: Store, clock: MovableClock) -> None:
    add(store, errand("poisoned", "k"), errand("behind", "k"), errand("free"), errand("other", "l"))
    store.errand_put_off(claim(store), 60.0, "GitHub answers 502")
    assert kinds_in_hand(store) == ["free", "other"]
    assert [(each.errand.kind, each.state, each.attempts, each.problem) for each in store.stuck()] == [
        ("poisoned", "due", 1, "GitHub answers 502")
    ]
    clock.forward(60)
    again = claim(store)
    assert (again.errand.kind, again.attempts, again.first) == ("poisoned", 2, clock() - 60)


def test_a_failed_errand_lets_the_next_of_its_key_go_and_can_be_redone(store: Store, clock: MovableClock) -> None:
    add(store, errand("poisoned", "k"), errand("behind", "k"))
    poisoned = claim(store)
    store.errand_failed(poisoned, "no such repository")
    assert kinds_in_hand(store) == ["behind"]
    assert [(each.id, each.state, each.problem) for each in store.stuck()] == [(poisoned.id, "failed", "no such repository")]
    clock.forward(100)
    assert store.redo(poisoned.id)
    assert not store.redo(poisoned.id + 1000)
    behind_is_in_hand = store.claim_errand("worker", 30.0)
    assert behind_is_in_hand is None


def test_a_redone_errand_counts_from_new(store: Store, clock: MovableClock) -> None:
    add(store, errand("poisoned"))
    store.errand_failed(claim(store), "no")
    clock.forward(100)
    assert store.redo(store.stuck()[0].id)
    again = claim(store)
    assert (again.attempts, again.first) == (1, clock())
    store.errand_done(again)
    assert not store.redo(again.id)


def test_the_newest_desired_state_is_done_and_voids_the_older(store: Store) -> None:
    add(store, errand("old", "k", True), errand("older", "k", True), errand("new", "k", True))
    assert kinds_in_hand(store) == ["new"]


def test_a_desired_state_that_is_not_due_yet_leaves_the_older_alone(store: Store, clock: MovableClock) -> None:
    add(store, errand("now", "k", True), errand("in ten seconds", "k", True, clock() + 10))
    first = claim(store)
    assert first.errand.kind == "now"
    clock.forward(10)
    assert store.claim_errand("worker", 30.0) is None
    store.errand_done(first)
    assert kinds_in_hand(store) == ["in ten seconds"]


def test_a_newer_desired_state_does_not_wait_for_an_older_that_is_put_off(store: Store, clock: MovableClock) -> None:
    add(store, errand("old", "k", True))
    store.errand_put_off(claim(store), 300.0, "rate limited")
    add(store, errand("new", "k", True))
    store.errand_done(claim(store))
    clock.forward(301)
    assert kinds_in_hand(store) == []


def test_a_newer_desired_state_waits_for_the_one_in_hand(store: Store) -> None:
    add(store, errand("old", "k", True))
    in_hand = claim(store)
    add(store, errand("new", "k", True))
    assert store.claim_errand("worker", 30.0) is None
    store.errand_done(in_hand)
    assert kinds_in_hand(store) == ["new"]


def test_what_must_be_done_is_not_voided_by_desired_state_of_its_key(store: Store) -> None:
    add(store, errand("must", "k"), errand("wanted", "k", True))
    first = claim(store)
    assert first.errand.kind == "must"
    assert kinds_in_hand(store) == []


def test_an_expired_lease_makes_an_errand_due_again_and_its_late_worker_stale(store: Store, clock: MovableClock) -> None:
    add(store, errand("slow", "k"))
    late = claim(store)
    clock.forward(29)
    store.sweep()
    assert store.claim_errand("other", 30.0) is None
    store.renew_errand(late, 30.0)
    clock.forward(29)
    store.sweep()
    store.renew_errand(late, 30.0)
    clock.forward(31)
    store.sweep()
    again = store.claim_errand("other", 30.0)
    assert again is not None
    assert (again.id, again.attempts) == (late.id, 2)
    for write in (
        lambda: store.renew_errand(late, 30.0),
        lambda: store.errand_done(late),
        lambda: store.errand_failed(late, "x"),
        lambda: store.errand_put_off(late, 1.0, "x"),
    ):
        with pytest.raises(Stale):
            write()
    store.errand_done(again)
    with pytest.raises(Stale):
        store.errand_done(again)


def test_of_many_workers_each_errand_goes_to_one(store: Store) -> None:
    add(store, *(errand(f"free-{number}") for number in range(6)), *(errand(f"keyed-{number}", "k") for number in range(3)))
    claimed: list[Claimed] = []

    def work(number: int) -> None:
        while (found := store.claim_errand(f"w{number}", 30.0)) is not None:
            claimed.append(found)

    assert together(6, work) == []
    assert sorted(each.errand.kind for each in claimed) == [*(f"free-{number}" for number in range(6)), "keyed-0"]


def test_of_many_workers_and_many_desired_states_none_is_done_twice_and_none_is_left(store: Store) -> None:
    """Newer ones are made while older ones are claimed."""
    done: list[str] = []

    def work(number: int) -> None:
        for turn in range(4):
            add(store, errand(f"{number}.{turn}", "k", True))
            found = store.claim_errand(f"w{number}", 30.0)
            if found is not None:
                done.append(found.errand.kind)
                store.errand_done(found)

    assert together(4, work) == []
    done += kinds_in_hand(store)
    assert len(done) == len(set(done))
    assert store.due_queues() == ()


def test_a_desired_state_made_while_another_worker_claims_the_older_waits_for_it(store: Store) -> None:
    """One worker has claimed and not committed yet; another, which sees the older one as due, must not take the newer."""
    add(store, errand("old", "k", True))
    found: list[Claimed | None] = []
    other = Thread(target=lambda: found.append(store.claim_errand("other", 30.0)))
    with store.database.write() as transaction:
        transaction.lock("errands")
        assert claim_in(transaction, "first", 30.0) is not None
        if transaction.sqlite:
            return  # nobody else can write, nor claim, until here
        add(store, errand("new", "k", True))
        other.start()
        while not blocked(store):
            pass
    other.join()
    assert found == [None]


def blocked(store: Store) -> bool:
    """Whether a session of PostgreSQL waits for another's lock."""
    query = select(func.count()).select_from(text("pg_stat_activity")).where(text("wait_event_type = 'Lock'"))
    with store.database.read() as transaction:
        row = transaction.row(query.where(text("datname = current_database()")))
    return row is not None and row[0] > 0
