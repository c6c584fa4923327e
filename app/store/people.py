"""API tokens, the audit log, workers and leaders."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, update

from app.store.around import audit, leaders, tokens, workers
from app.store.happened import runs
from app.store.part import Part
from app.store.values import AuditEntry, Token, WorkerRow
from app.workflow.line import Actor, Status

PREFIX = "gl_"
"""What API tokens begin with, so that scanners and people know them when they see them."""
SILENT = 30.0
"""Seconds after which a worker that sent no heartbeat counts as gone."""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _token_of(row: Row[Any]) -> Token:
    return Token(row.id, row.account, row.actor, row.scopes, row.expires, row.admin)


class People(Part):
    def issue_token(self, account: str, actor: Actor, scopes: Sequence[str], expires: float, admin: bool = False) -> str:
        """The token's text, which is told only now: its SHA-256 is what stays."""
        text = PREFIX + secrets.token_urlsafe(32)
        row = {"digest": _digest(text), "account": account, "actor": actor, "scopes": tuple(scopes), "expires": expires}
        with self.database.write() as transaction:
            transaction.run(tokens.insert().values(row | {"admin": admin}))
        return text

    def check_token(self, text: str) -> Token | None:
        """None for a token that is unknown, revoked or expired."""
        with self.database.read() as transaction:
            row = transaction.row(select(tokens).where(tokens.c.digest == _digest(text), tokens.c.expires > transaction.now))
            return _token_of(row) if row else None

    def tokens(self, account: str | None = None) -> tuple[Token, ...]:
        """Oldest first, expired ones too."""
        query = select(tokens).order_by(tokens.c.id)
        with self.database.read() as transaction:
            rows = transaction.rows(query if account is None else query.where(tokens.c.account == account))
            return tuple(_token_of(row) for row in rows)

    def revoke_token(self, id: int) -> bool:
        """False when there is none with this id."""
        with self.database.write() as transaction:
            return transaction.run(delete(tokens).where(tokens.c.id == id)) == 1

    def add_audit(self, entry: AuditEntry) -> None:
        with self.database.write() as transaction:
            transaction.run(audit.insert().values(asdict(entry) | {"by": entry.by}))

    def audit(self, account: str | None = None, subject: str | None = None, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Newest first."""
        columns = [column for column in audit.c if column.name != "id"]
        query = select(*columns).order_by(audit.c.id.desc()).limit(limit)
        if account is not None:
            query = query.where(audit.c.account == account)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        with self.database.read() as transaction:
            return tuple(AuditEntry(**row._mapping) for row in transaction.rows(query))

    def beat(self, worker: WorkerRow) -> None:
        with self.database.write() as transaction:
            transaction.upsert(workers, [{name: value for name, value in asdict(worker).items() if name != "run"}])

    def workers(self, present: bool = False) -> tuple[WorkerRow, ...]:
        """By name; those who are gone too (`seen` tells), unless only the ones `present` are wanted."""
        query = select(workers).order_by(workers.c.name)
        going_on = select(runs.c.worker, runs.c.job, runs.c.number).where(runs.c.status == Status.RUNNING)
        with self.database.read() as transaction:
            if present:
                query = query.where(workers.c.seen >= transaction.now - SILENT)
            run_of = {row.worker: f"{row.job}#{row.number}" for row in transaction.rows(going_on)}
            return tuple(WorkerRow(**row._mapping, run=run_of.get(row.name, "")) for row in transaction.rows(query))

    def pools_served(self) -> frozenset[str]:
        """The pools that at least one worker serves who is present."""
        return frozenset(pool for worker in self.workers(present=True) for pool in worker.pools)

    def lead(self, name: str, holder: str, lease: float) -> bool:
        """Whether `holder` is the one leader called `name` for the next `lease` seconds (a claimed row)."""
        with self.database.write() as transaction:
            transaction.add_missing(leaders, [{"name": name, "holder": "", "until": 0.0}])
            free = or_(leaders.c.holder == holder, leaders.c.until < transaction.now)
            mine = {"holder": holder, "until": transaction.now + lease}
            return transaction.run(update(leaders).where(and_(leaders.c.name == name, free)).values(mine)) == 1
