"""The line in the database: decisions under the account's lock, and questions without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import select

from app.store.codec import clean, dump_facts, load_facts
from app.store.engine import Transaction
from app.store.load import load
from app.store.outbox import write_errands
from app.store.part import Part
from app.store.tables import accounts, events
from app.store.values import Outcome
from app.store.write import write_facts
from app.workflow.errands import Errand
from app.workflow.events import Claim, Event
from app.workflow.facts import Fact
from app.workflow.line import Line, Need, Unloaded

Answer = TypeVar("Answer")

KEY = 200
"""Longest key of an event that is kept as it is; of longer ones a digest is."""


class AccountTransaction:
    """One decision: the account is locked, `now` is fixed, nothing is visible to others before the commit."""

    def __init__(self, transaction: Transaction, account: str) -> None:
        self._transaction = transaction
        self._account = account
        self.now = transaction.now

    def seen(self, key: str) -> Outcome | None:
        """The stored outcome of an event of this account with that key."""
        this = (events.c.account == self._account, events.c.key == _stored_key(key))
        row = self._transaction.row(select(events.c.facts).where(*this))
        return Outcome(load_facts(row.facts), duplicate=True) if row else None

    def load(self, needs: Iterable[Need]) -> Mapping[Need, object]:
        """The answers that `Line` is made of (see `Need`)."""
        return load(self._transaction, self._account, needs)

    def write(self, event: Event, facts: Sequence[Fact], errands: Sequence[Errand]) -> None:
        """Rows for all of it, and the event's key, which must have been asked for with `seen` before.

        A claim that found nothing to do leaves no row: idle workers would otherwise fill the table.
        """
        write_facts(self._transaction, self._account, facts)
        write_errands(self._transaction, self._account, errands)
        if facts or errands or not isinstance(event, Claim):
            self._keep(event, facts)

    def _keep(self, event: Event, facts: Sequence[Fact]) -> None:
        row = {
            "account": self._account,
            "key": _stored_key(event.key),
            "kind": type(event).__name__,
            "at": event.at,
            "facts": dump_facts(facts),
        }
        self._transaction.run(events.insert().values(row))


def _stored_key(key: str) -> str:
    plain = clean(key)
    return plain if len(plain) <= KEY else "sha256:" + sha256(plain.encode()).hexdigest()


class Lines(Part):
    @contextmanager
    def decision(self, account: str) -> Iterator[AccountTransaction]:
        """Locks the account (made on first use), commits at the end of the block, rolls back on an exception."""
        with self.database.write() as transaction:
            row = select(accounts.c.key).where(accounts.c.key == account).with_for_update()
            if transaction.row(row) is None:
                transaction.add_missing(accounts, [{"key": account}])
                transaction.row(row)
            yield AccountTransaction(transaction, account)

    def outcome(self, account: str, key: str) -> Outcome | None:
        """What the event of that key came to, None when it was never decided. Locks nothing."""
        with self.database.read() as transaction:
            return AccountTransaction(transaction, account).seen(key)

    def ask(self, account: str, question: Callable[[Line], Answer]) -> Answer:
        """Answers a pure question about the line as it stands, loading what `question` turns out to need. Locks nothing."""
        line = Line()
        with self.database.read() as transaction:
            while True:
                try:
                    return question(line)
                except Unloaded as missing:
                    line = line.knowing(load(transaction, account, missing.needs))

    def accounts(self) -> tuple[str, ...]:
        with self.database.read() as transaction:
            return tuple(row.key for row in transaction.rows(select(accounts.c.key).order_by(accounts.c.key)))
