"""Tokens, the audit log, workers, leaders."""

from __future__ import annotations

from sqlalchemy import select

from app.store import AuditEntry, Store, WorkerRow
from app.store.around import tokens
from app.workflow.facts import RunAdded, RunFinished, RunStarted
from app.workflow.line import RunRef, Status
from tests.fakes.clock import MovableClock
from tests.store.making import ACCOUNT, ALICE, BOB, react, run
from tests.store.threads import together


def test_a_token_is_known_by_its_text_until_it_expires(store: Store, clock: MovableClock) -> None:
    text = store.issue_token(ACCOUNT, ALICE, ["approve", "read"], clock() + 60)
    assert text.startswith("gl_")
    token = store.check_token(text)
    assert token is not None
    assert (token.account, token.actor, token.scopes, token.admin) == (ACCOUNT, ALICE, ("approve", "read"), False)
    assert store.check_token(text + "x") is None
    clock.forward(60)
    assert store.check_token(text) is None
    assert store.tokens(ACCOUNT) == (token,)


def test_a_revoked_token_is_unknown(store: Store, clock: MovableClock) -> None:
    text, other = (store.issue_token(ACCOUNT, ALICE, [], clock() + 60, admin=True) for _ in range(2))
    token = store.check_token(text)
    assert token is not None
    assert store.revoke_token(token.id)
    assert not store.revoke_token(token.id)
    assert store.check_token(text) is None
    assert store.check_token(other) is not None
    assert store.tokens("github:other") == ()


def test_the_text_of_a_token_is_not_in_the_database(store: Store, clock: MovableClock) -> None:
    text = store.issue_token(ACCOUNT, ALICE, [], clock() + 60)
    with store.database.read() as transaction:
        assert text[3:] not in str(transaction.rows(select(tokens)))


def test_the_audit_log_is_newest_first_by_account_and_subject(store: Store) -> None:
    yes = AuditEntry(1.0, ACCOUNT, ALICE, "approve", "deploy", True, "", "comment:4")
    no = AuditEntry(2.0, ACCOUNT, BOB, "approve", "smoke", False, "not an approver", "cli")
    other = AuditEntry(3.0, "github:b", BOB, "trigger", "deploy", True, "", "api")
    for entry in (yes, no, other):
        store.add_audit(entry)
    assert store.audit() == (other, no, yes)
    assert store.audit(ACCOUNT) == (no, yes)
    assert store.audit(subject="deploy") == (other, yes)
    assert store.audit(limit=1) == (other,)


def test_workers_are_as_they_last_beat(store: Store) -> None:
    store.beat(WorkerRow("w1", "host", ("default",), 1.0, 1.0))
    store.beat(WorkerRow("w0", "host", ("default", "big"), 1.0, 1.0))
    last = WorkerRow("w1", "host", ("default",), 1.0, 9.0)
    store.beat(last)
    assert [each.name for each in store.workers()] == ["w0", "w1"]
    assert store.workers()[1] == last


def test_a_worker_is_listed_with_the_run_that_it_executes(store: Store) -> None:
    store.beat(WorkerRow("w1", "host", ("default",), 1.0, 1.0))
    started = RunStarted(RunRef("build", 1), (), "w1", "t1", 99.0, 11.0)
    react(store, RunAdded(run()), started)
    assert [each.run for each in store.workers()] == ["build#1"]
    react(store, RunFinished(RunRef("build", 1), Status.SUCCEEDED, 12.0))
    assert [each.run for each in store.workers()] == [""]


def test_there_is_one_leader_until_its_lease_runs_out(store: Store, clock: MovableClock) -> None:
    assert store.lead("clock", "a", 10.0)
    assert not store.lead("clock", "b", 10.0)
    assert store.lead("other", "b", 10.0)
    clock.forward(9)
    assert store.lead("clock", "a", 10.0)
    clock.forward(9)
    assert not store.lead("clock", "b", 10.0)
    clock.forward(2)
    assert store.lead("clock", "b", 10.0)
    assert not store.lead("clock", "a", 10.0)


def test_of_many_that_would_lead_one_does(store: Store) -> None:
    won: list[int] = []

    def stand(number: int) -> None:
        if store.lead("clock", f"holder-{number}", 10.0):
            won.append(number)

    assert together(6, stand) == []
    assert len(won) == 1
