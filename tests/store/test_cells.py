"""Cells of CI runs: claimed once, kept by token and lease, and only while their run goes on."""

from __future__ import annotations

import pytest

from app.store import Chunk, ClaimedCell, Stale, Store
from app.workflow import facts as made
from app.workflow.ci.outcome import CellRun
from app.workflow.ci.reports import Report
from app.workflow.events import Left
from app.workflow.line import RunRef, Status
from app.workflow.plan import Result
from tests.fakes.clock import MovableClock
from tests.store.making import ACCOUNT, react, run
from tests.store.threads import together

CI = RunRef("build", 1)


def start(store: Store, *cells: CellRun, ref: RunRef = CI, token: str = "t1") -> int:
    react(store, made.RunAdded(run(ref.job, ref.number)))
    react(store, made.RunStarted(ref, (), "w1", token, store.now() + 20, store.now()))
    store.add_cells(ACCOUNT, ref, token, {"shippable.yml": "language: none\n"}, cells)
    view = store.run(ACCOUNT, ref)
    assert view
    return view.id


def cell(index: int, pool: str = "default") -> CellRun:
    return CellRun(index, f"T={index}", pool)


def claim(store: Store, *pools: str, run_id: int | None = None) -> ClaimedCell:
    claimed = store.claim_cell(pools or ("default",), "w2", store.now() + 20, run_id)
    assert claimed
    return claimed


def test_cells_come_back_as_they_were_made_with_the_files_that_they_follow_from(store: Store) -> None:
    id = start(store, cell(1), cell(2, "arm"))
    assert store.cells(id) == (cell(1), cell(2, "arm"))
    assert store.ci_files(id) == {"shippable.yml": "language: none\n"}


def test_cells_are_claimed_in_order_by_pool_and_once(store: Store) -> None:
    start(store, cell(1), cell(2, "arm"), cell(3))
    assert [claim(store).index, claim(store).index, claim(store, "arm").index] == [1, 3, 2]
    assert store.claim_cell(("default", "arm"), "w3", 99.0) is None


def test_of_two_workers_that_claim_at_once_each_gets_another_cell(store: Store) -> None:
    start(store, *(cell(index) for index in range(1, 9)))
    found: list[int] = []
    assert together(8, lambda _: found.append(claim(store).index)) == []
    assert sorted(found) == list(range(1, 9))


def test_a_worker_may_claim_of_one_run_only(store: Store) -> None:
    start(store, cell(1))
    other = start(store, cell(1), ref=RunRef("build", 2), token="t2")
    assert claim(store, run_id=other).view.run.ref.number == 2


def test_cells_of_a_run_that_is_over_or_told_to_stop_are_not_claimed(store: Store) -> None:
    start(store, cell(1))
    react(store, made.RunCancelling(CI, "cancelled by alice"))
    assert store.claim_cell(("default",), "w2", 99.0) is None


def test_a_cell_in_hand_hears_that_its_run_has_to_stop_and_is_stale_when_it_is_over(store: Store) -> None:
    start(store, cell(1))
    claimed = claim(store)
    assert store.renew_cell(claimed, store.now() + 20) == ""
    react(store, made.RunCancelling(CI, "cancelled by alice"))
    assert store.renew_cell(claimed, store.now() + 20) == "cancelled by alice"
    react(store, made.RunFinished(CI, Status.CANCELLED, store.now()))
    for write in (
        lambda: store.renew_cell(claimed, 99.0),
        lambda: store.end_cell(claimed, cell(1)),
    ):
        with pytest.raises(Stale):
            write()


def test_an_ended_cell_keeps_how_it_ended_and_what_it_left(store: Store) -> None:
    id = start(store, cell(1))
    claimed = claim(store)
    (running,) = store.cells(id)
    result = Result(Status.UNSTABLE, "1 test failed", 0, Left((("A", "1"),)), {"img": Left(bag={"x": 1})}, Report(3, 1, 0, ("a.b",), 0.5))
    store.end_cell(claimed, running.ended_with(result, 30.0))
    (ended,) = store.cells(id)
    assert (ended.status, ended.reason, ended.code, ended.ended, ended.worker) == (Status.UNSTABLE, "1 test failed", 0, 30.0, "w2")
    assert (ended.own, ended.outputs, ended.report) == (result.own, result.outputs, result.report)
    with pytest.raises(Stale):
        store.end_cell(claimed, ended)


def test_only_a_lease_that_is_over_makes_a_cell_givable_up(store: Store, clock: MovableClock) -> None:
    id = start(store, cell(1))
    claimed = claim(store)
    assert store.expired_cells(id) == frozenset()
    store.give_up_cells(id, [1], Status.LOST, "its worker stopped answering")
    assert store.cells(id)[0].status is Status.RUNNING
    clock.forward(21)
    assert store.expired_cells(id) == {1}
    store.give_up_cells(id, [1], Status.LOST, "its worker stopped answering")
    assert (store.cells(id)[0].status, store.cells(id)[0].reason) == (Status.LOST, "its worker stopped answering")
    with pytest.raises(Stale):
        store.renew_cell(claimed, clock() + 20)


def test_the_log_of_a_cell_is_its_own_and_fenced_by_its_token(store: Store) -> None:
    id = start(store, cell(1), cell(2))
    first, second = claim(store), claim(store)
    store.append_cell_log(first, [Chunk(1, 1.0, "ci", "a"), Chunk(2, 2.0, "ci", "b")])
    store.append_cell_log(second, [Chunk(1, 1.0, "ci", "other")])
    assert [chunk.text for chunk in store.read_cell_log(id, 1)] == ["a", "b"]
    assert [chunk.text for chunk in store.read_cell_log(id, 1, after=1)] == ["b"]
    assert [chunk.text for chunk in store.read_cell_log(id, 2)] == ["other"]
    with pytest.raises(Stale):
        store.append_cell_log(ClaimedCell(first.view, 1, "another"), [Chunk(3, 3.0, "ci", "c")])
    assert store.read_cell_log(id, 7) == ()
