"""What is dropped by age, and what stays however old it is."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, func, select

from app.errors import NotFound
from app.forges import Delivery
from app.store import AuditEntry, Chunk, Store, WorkerRow
from app.store import retention as ages
from app.store.around import logs
from app.store.happened import caused
from app.workflow import facts as made
from app.workflow.errands import Errand
from app.workflow.line import MAIN, Run, Status
from tests.fakes.clock import MovableClock
from tests.store.making import ACCOUNT, ALICE, PUSH, event, react, run

DAY = 24 * 3600.0


def count(store: Store, table: Table) -> int:
    with store.database.read() as transaction:
        row = transaction.row(select(func.count().label("rows")).select_from(table))
        assert row is not None
        return int(row.rows)


def deliver(store: Store, id: str) -> int:
    kept = store.keep_delivery(Delivery("github", "1", id, "push", {}, b"{}"))
    assert kept is not None
    return kept


def do_all(store: Store) -> None:
    while (claimed := store.claim_errand("worker", 30.0)) is not None:
        store.errand_done(claimed)


def test_deliveries_and_their_errands_go_when_they_are_done_and_old(store: Store, clock: MovableClock) -> None:
    old = deliver(store, "old")
    do_all(store)
    clock.forward(2 * DAY)
    young = deliver(store, "young")
    do_all(store)
    before = clock() - DAY
    assert (store.drop_errands(before), store.drop_deliveries(before)) == (1, 1)
    assert store.delivery(young).id == "young"
    with pytest.raises(NotFound):
        store.delivery(old)


def test_a_delivery_that_is_still_to_be_read_or_could_not_be_read_stays(store: Store, clock: MovableClock) -> None:
    failed, due = deliver(store, "failed"), deliver(store, "due")
    claimed = store.claim_errand("worker", 30.0)
    assert claimed is not None
    store.errand_failed(claimed, "GitHub says no")
    clock.forward(90 * DAY)
    assert (store.drop_errands(clock()), store.drop_deliveries(clock())) == (0, 0)
    assert (store.delivery(failed).id, store.delivery(due).id) == ("failed", "due")
    assert [each.state for each in store.stuck()] == ["failed"]


def test_an_errand_that_was_made_long_ago_and_done_just_now_stays(store: Store, clock: MovableClock) -> None:
    store.add_errands(ACCOUNT, [Errand("reply")])
    clock.forward(30 * DAY)
    do_all(store)
    assert store.drop_errands(clock() - DAY) == 0


def test_more_than_a_batch_is_dropped_batch_by_batch(store: Store, clock: MovableClock) -> None:
    store.add_errands(ACCOUNT, [Errand("reply", key="same", replaces=True) for _ in range(2 * ages.BATCH + 10)])
    do_all(store)
    clock.forward(1)
    assert store.drop_errands(clock()) == 2 * ages.BATCH + 10


def happen(store: Store, at: float, key: str) -> bool:
    """Whether the event counts: its key was not seen before."""
    with store.decision(ACCOUNT) as transaction:
        if transaction.seen(key) is not None:
            return False
        transaction.write(event(at, key), (made.Denied("no"),), ())
        return True


def test_an_old_decision_goes_and_its_key_with_it(store: Store, clock: MovableClock) -> None:
    assert happen(store, clock(), "push")
    clock.forward(10 * DAY)
    assert happen(store, clock(), "newer")
    assert store.drop_events(clock() - 5 * DAY) == 1
    assert (happen(store, clock(), "push"), happen(store, clock(), "newer")) == (True, False)


def test_what_did_not_run_goes_with_its_links_to_commits(store: Store, clock: MovableClock) -> None:
    react(store, made.RunAdded(run()), made.NotRun("deploy", MAIN, (PUSH,), "skipped", "build", "build failed"))
    links = count(store, caused)
    clock.forward(10 * DAY)
    assert store.drop_not_run(clock() - 5 * DAY) == 1
    assert links - count(store, caused) == 1
    assert store.runs_of_commit(PUSH.repository, PUSH.sha) != ()


def logged(store: Store, number: int) -> tuple[int, Run]:
    """A running run with a log of two chunks; its id."""
    began = run(number=number)
    react(store, made.RunAdded(began), made.RunStarted(began.ref, (), "w", f"token-{number}", store.now() + 1000, store.now()))
    store.append_log(ACCOUNT, began.ref, f"token-{number}", [Chunk(each, 1.0, "Setup", "text\n") for each in (1, 2)])
    view = store.run(ACCOUNT, began.ref)
    assert view is not None
    return view.id, began


def test_the_log_of_a_run_goes_some_time_after_its_end_and_the_run_stays(store: Store, clock: MovableClock) -> None:
    long, (short, ended) = logged(store, 1)[0], logged(store, 2)
    react(store, made.RunFinished(ended.ref, Status.SUCCEEDED, clock(), "", 0))
    clock.forward(10 * DAY)
    assert store.drop_logs(clock() - 20 * DAY) == 0
    assert len(store.read_log(short)) == 2
    assert store.drop_logs(clock() - 5 * DAY) == 1
    assert (len(store.read_log(short)), len(store.read_log(long))) == (0, 2)
    assert count(store, logs) == 1
    assert store.run(ACCOUNT, ended.ref) is not None


def test_a_worker_that_is_gone_is_forgotten_and_one_that_is_here_is_not(store: Store, clock: MovableClock) -> None:
    store.beat(WorkerRow("gone", "host", ("gpu",), 0.0, clock()))
    store.beat(WorkerRow("here", "host", ("default",), 0.0, clock() + 2 * DAY))
    clock.forward(2 * DAY)
    assert store.drop_workers(clock() - DAY) == 1
    assert [each.name for each in store.workers()] == ["here"]


def test_the_audit_log_is_kept(store: Store, clock: MovableClock) -> None:
    store.add_audit(AuditEntry(clock(), ACCOUNT, ALICE, "approve", "deploy", True, "", "cli"))
    clock.forward(1000 * DAY)
    for drop in (store.drop_errands, store.drop_deliveries, store.drop_events, store.drop_not_run, store.drop_logs, store.drop_workers):
        drop(clock())
    assert len(store.audit(ACCOUNT)) == 1


def test_only_pools_of_workers_that_are_present_are_served(store: Store, clock: MovableClock) -> None:
    store.beat(WorkerRow("gone", "host", ("gpu", "default"), 0.0, clock()))
    clock.forward(60)
    store.beat(WorkerRow("here", "host", ("default",), 0.0, clock()))
    store.beat(WorkerRow("errands", "host", (), 0.0, clock()))
    assert store.pools_served() == {"default"}
    assert [each.name for each in store.workers(present=True)] == ["errands", "here"]
