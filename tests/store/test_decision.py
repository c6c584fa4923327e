"""Decisions: one at a time in an account, all or nothing, each event once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from time import time

import pytest

from app.store import Outcome, Store
from app.workflow import facts as made
from app.workflow.errands import Errand
from app.workflow.events import Claim
from app.workflow.line import Approval, CandidateState, Line, Need, RunRef, Status
from tests.fakes.clock import MovableClock
from tests.store.making import ACCOUNT, ALICE, BOB, candidate, event, job, known, react, run
from tests.store.threads import together


def test_a_seen_key_gives_the_facts_of_the_first_time(store: Store) -> None:
    facts = (made.RunAdded(run()), made.Ignored("x", "paused"))
    with store.decision(ACCOUNT) as transaction:
        assert transaction.seen("k") is None
        transaction.write(event(key="k"), facts, ())
    with store.decision(ACCOUNT) as transaction:
        assert transaction.seen("k") == Outcome(facts, duplicate=True)
    with store.decision("github:other") as transaction:
        assert transaction.seen("k") is None


@pytest.mark.parametrize("key", ["k" * 5000, "with a \0 in it", "ключ 🔑"])
def test_any_text_can_be_a_key(store: Store, key: str) -> None:
    with store.decision(ACCOUNT) as transaction:
        transaction.write(event(key=key), (), ())
    with store.decision(ACCOUNT) as transaction:
        assert transaction.seen(key) is not None
        assert transaction.seen(key + "x") is None


def test_a_claim_that_found_nothing_leaves_no_row(store: Store) -> None:
    with store.decision(ACCOUNT) as transaction:
        transaction.write(Claim(key="c", at=1.0, pools=("default",), worker="w", token="t", lease=9.0), (), ())
    assert store.events(ACCOUNT) == ()


def test_an_exception_undoes_everything(store: Store) -> None:
    def decide() -> None:
        with store.decision(ACCOUNT) as transaction:
            transaction.write(event(key="k"), (made.RunAdded(run()),), (Errand("adopt"),))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decide()
    assert store.runs() == ()
    assert store.due_queues() == ()
    assert store.accounts() == ()


def test_the_time_of_a_decision_is_fixed(store: Store, clock: MovableClock) -> None:
    with store.decision(ACCOUNT) as transaction:
        first = transaction.now
        clock.forward(60)
        assert transaction.now == first
    assert store.now() == first + 60


def test_without_a_clock_the_database_tells_the_time(database_url: str, tmp_path: Path) -> None:
    with closing(Store(database_url, tmp_path, ())) as store, store.decision(ACCOUNT) as transaction:
        assert abs(transaction.now - time()) < 60


def test_asking_loads_what_the_question_turns_out_to_need(store: Store) -> None:
    react(store, made.JobDefined(job("build")), made.RunAdded(run()))

    def question(line: Line) -> tuple[str, int]:
        live = line.node("build").active[0]
        return str(live.ref), line.past("build", live.lane).newest.ref.number  # type: ignore[union-attr]

    assert store.ask(ACCOUNT, question) == ("build#1", 1)
    assert store.ask("github:nobody", lambda line: line.node("build").job) is None


def test_of_many_approvals_at_once_exactly_one_opens_the_gate(store: Store) -> None:
    """Each thread approves if the candidate is still open, as `decide` would: what it reads is behind the lock."""
    react(store, made.JobDefined(job("deploy")), made.CandidateProposed(candidate()))

    def approve(number: int) -> None:
        with store.decision(ACCOUNT) as transaction:
            node = transaction.load([Need("node", "deploy")])[Need("node", "deploy")]
            if not node.open:  # type: ignore[attr-defined]
                transaction.write(event(key=f"late-{number}"), (made.Denied("over"),), ())
                return
            opened = made.CandidateEnded("deploy", 1, CandidateState.OPENED, 30.0, run=RunRef("deploy", 1))
            yes = made.ApprovalGiven("deploy", 1, Approval(ALICE if number % 2 else BOB, "d", 30.0, "cli"))
            fresh = run("deploy", node.next_run, frozen=True, candidate=1)  # type: ignore[attr-defined]
            transaction.write(event(key=f"yes-{number}"), (yes, opened, made.RunAdded(fresh)), ())

    assert together(8, approve) == []
    assert [str(view.run.ref) for view in store.runs()] == ["deploy#1"]
    assert len(store.candidate(ACCOUNT, "deploy", 1).approvals) == 1  # type: ignore[union-attr]
    assert len(store.events(ACCOUNT)) == 9


def test_of_many_claims_at_once_each_run_is_started_once(store: Store) -> None:
    react(store, *(made.RunAdded(run(number=number)) for number in range(1, 6)))
    need = Need("queue", extra="default")

    def claim(number: int) -> None:
        with store.decision(ACCOUNT) as transaction:
            queue = transaction.load([need])[need]
            if queue:
                best = queue[0].ref  # type: ignore[index]
                started = made.RunStarted(best, (), f"w{number}", f"t{number}", 99.0, 11.0)
                transaction.write(event(key=f"claim-{number}"), (started,), ())

    assert together(8, claim) == []
    running = store.runs()
    assert all(view.run.status is Status.RUNNING for view in running)
    assert len({view.run.token for view in running}) == 5


def test_the_same_event_twice_at_once_counts_once(store: Store) -> None:
    def deliver(number: int) -> None:
        with store.decision(ACCOUNT) as transaction:
            if transaction.seen("one") is None:
                transaction.write(event(key="one"), (made.RunAdded(run()),), ())

    assert together(6, deliver) == []
    assert len(store.runs()) == 1


def test_readers_do_not_wait_for_a_decision(store: Store) -> None:
    react(store, made.RunAdded(run()))
    with store.decision(ACCOUNT) as transaction:
        transaction.write(event(), (made.RunFinished(RunRef("build", 1), Status.FAILED, 2.0),), ())
        assert store.runs()[0].run.status is Status.QUEUED
        assert known(store, Need("node", "x"), account="github:other") if store.database.engine.dialect.name == "postgresql" else True
    assert store.runs()[0].run.status is Status.FAILED
