"""The outbox: errands claimed by lease and token, in order within a key, done at least once (architecture.md section 6, rule 5)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, not_, or_, select, update

from app.store.around import errands
from app.store.engine import Transaction
from app.store.happened import runs
from app.store.part import Part
from app.store.values import Claimed, Stale, Stuck
from app.workflow.errands import ERRANDS, Errand
from app.workflow.line import Status

DUE, HELD, DONE, VOID, FAILED = "due", "held", "done", "void", "failed"


def write_errands(transaction: Transaction, account: str, made: Sequence[Errand]) -> None:
    rows = [
        {
            "account": account,
            "kind": each.kind,
            "args": each.args,
            "key": each.key,
            "replaces": each.replaces,
            "due": max(each.due, transaction.now),
            "state": DUE,
            "created": transaction.now,
        }
        for each in made
    ]
    transaction.run(errands.insert(), rows)


_OTHER = errands.alias("other")


def _blocked() -> ColumnElement[bool]:
    """Another errand of the same key is in hand, or stands before this one and cannot be replaced by it."""
    other = _OTHER
    before = and_(other.c.state == DUE, other.c.id < errands.c.id, not_(and_(errands.c.replaces, other.c.replaces)))
    same = and_(other.c.account == errands.c.account, other.c.key == errands.c.key, other.c.state.in_((DUE, HELD)))
    return exists().where(same, or_(other.c.state == HELD, before)).correlate(errands)


def _oldest_due(now: float) -> Select[Any]:
    ripe = and_(errands.c.state == DUE, errands.c.due <= now)
    return select(errands).where(ripe, or_(errands.c.key.is_(None), not_(_blocked()))).order_by(errands.c.due, errands.c.id)


def _newest_alike(row: Row[Any], now: float) -> Select[Any]:
    """The newest due errand that replaces `row`, or `row` itself."""
    same = and_(errands.c.account == row.account, errands.c.key == row.key, errands.c.replaces)
    return select(errands).where(same, errands.c.state == DUE, errands.c.due <= now).order_by(errands.c.id.desc()).limit(1)


def errand_of(row: Row[Any]) -> Errand:
    return Errand(row.kind, row.args, row.key, row.replaces, row.due)


class Outbox(Part):
    def add_errands(self, account: str, errands: Sequence[Errand]) -> None:
        with self.database.write() as transaction:
            write_errands(transaction, account, errands)

    def claim_errand(self, worker: str, lease: float) -> Claimed | None:
        """The oldest due errand whose key nobody has in hand and that is first of its key; it is the caller's for `lease` seconds.

        Of errands that replace each other it is the newest due one, and the older ones become void.
        """
        with self.database.read() as transaction:
            if transaction.row(_oldest_due(transaction.now).limit(1)) is None:
                return None
        with self.database.write() as transaction:
            transaction.lock("errands")
            return claim_in(transaction, worker, lease)

    def renew_errand(self, claimed: Claimed, lease: float) -> None:
        """Makes it the caller's for `lease` seconds from now. Raises Stale."""
        with self.database.write() as transaction:
            _change_held(transaction, claimed, lease=transaction.now + lease)

    def errand_done(self, claimed: Claimed, note: str = "") -> None:
        """Raises Stale, as all writes about a claimed errand."""
        self._end(claimed, DONE, note)

    def errand_failed(self, claimed: Claimed, problem: str) -> None:
        """It is given up until somebody says `redo`; the next of its key is free to go. Raises Stale."""
        self._end(claimed, FAILED, problem)

    def _end(self, claimed: Claimed, state: str, note: str) -> None:
        with self.database.write() as transaction:
            _change_held(transaction, claimed, state=state, note=note, lease=None, ended=transaction.now)

    def errand_put_off(self, claimed: Claimed, after: float, problem: str) -> None:
        """Due again `after` seconds from now; its key waits for it. Raises Stale."""
        with self.database.write() as transaction:
            _change_held(transaction, claimed, state=DUE, due=transaction.now + after, note=problem, token="", lease=None)

    def redo(self, errand: int) -> bool:
        """Makes a failed errand, or one that is put off, due now; False when there is none such. A failed one counts from new."""
        with self.database.write() as transaction:
            this = and_(errands.c.id == errand, errands.c.state.in_((FAILED, DUE)))
            now = transaction.now
            changes = {"state": DUE, "due": now, "created": now, "attempts": 0, "ended": None}
            return transaction.run(update(errands).where(this).values(changes)) == 1

    def stuck(self) -> tuple[Stuck, ...]:
        """Errands that failed, or are being put off, oldest first; at most 500 of each."""
        failed = select(errands).where(errands.c.state == FAILED)
        put_off = select(errands).where(errands.c.state == DUE, errands.c.attempts > 0)
        with self.database.read() as transaction:
            rows = [row for query in (failed, put_off) for row in transaction.rows(query.order_by(errands.c.id).limit(500))]
        return tuple(Stuck(row.id, row.account, errand_of(row), row.state, row.attempts, row.due, row.note) for row in rows)

    def due_queues(self) -> tuple[str, ...]:
        """Names of queues that have something due now: `errands`, `runs:<pool>`."""
        with self.database.read() as transaction:
            due = [ERRANDS] if transaction.row(_oldest_due(transaction.now).limit(1)) else []
            pools = transaction.rows(select(runs.c.pool).distinct().where(runs.c.status == Status.QUEUED.value))
        return (*due, *sorted(f"runs:{row.pool}" for row in pools))


def claim_in(transaction: Transaction, worker: str, lease: float) -> Claimed | None:
    """`claim_errand` within a transaction that holds the lock of claims."""
    row = transaction.row(_oldest_due(transaction.now).limit(1))
    if row is None:
        return None
    if row.replaces and row.key is not None:
        row = transaction.row(_newest_alike(row, transaction.now)) or row
        _void_older(transaction, row)
    token = secrets.token_hex(16)
    mine = {"state": HELD, "token": token, "worker": worker, "lease": transaction.now + lease, "attempts": row.attempts + 1}
    if transaction.run(update(errands).where(errands.c.id == row.id, errands.c.state == DUE).values(mine)) != 1:
        return None
    return Claimed(row.id, row.account, errand_of(row), token, row.attempts + 1, row.created)


def _void_older(transaction: Transaction, row: Row[Any]) -> None:
    same = and_(errands.c.account == row.account, errands.c.key == row.key, errands.c.replaces)
    older = and_(same, errands.c.state == DUE, errands.c.id < row.id)
    transaction.run(update(errands).where(older).values(state=VOID, ended=transaction.now))


def _change_held(transaction: Transaction, claimed: Claimed, **changes: Any) -> None:
    mine = and_(errands.c.id == claimed.id, errands.c.state == HELD, errands.c.token == claimed.token)
    if transaction.run(update(errands).where(mine).values(changes)) != 1:
        raise Stale(f"Errand {claimed.id} ({claimed.errand.kind}) is not this worker's any more.")


def free_expired(transaction: Transaction) -> None:
    """Errands whose worker let its lease run out are due again."""
    expired = and_(errands.c.state == HELD, errands.c.lease < transaction.now)
    transaction.run(update(errands).where(expired).values(state=DUE, due=transaction.now, token="", lease=None))
