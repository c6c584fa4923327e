"""Runs as workers, pages and reports see them, and the leases of those that are running."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, select, true, update

from app.errors import NotFound
from app.store.engine import Transaction
from app.store.happened import candidates, caused, runs, summaries
from app.store.load import best_first
from app.store.outbox import free_expired
from app.store.part import Part
from app.store.rows import view_of
from app.store.tables import definitions, nodes
from app.store.values import RunView, Stale
from app.workflow.definition import Job
from app.workflow.line import RunRef, Status


def the_run(account: str, run: RunRef) -> ColumnElement[bool]:
    return and_(runs.c.account == account, runs.c.job == run.job, runs.c.number == run.number)


def run_in_hand(account: str, run: RunRef, token: str) -> ColumnElement[bool]:
    """The run, if it is running and `token` is the one it was claimed with."""
    return and_(the_run(account, run), runs.c.status == Status.RUNNING.value, runs.c.token == token)


def require_in_hand(transaction: Transaction, account: str, run: RunRef, token: str) -> int:
    """The run's id. Raises Stale when it is not the caller's any more."""
    row = transaction.row(select(runs.c.id).where(run_in_hand(account, run, token)))
    if row is None:
        raise Stale(f"{run} is not this worker's any more.")
    return int(row.id)


class Runs(Part):
    def queued_accounts(self, pools: Sequence[str]) -> tuple[str, ...]:
        """Accounts with a queued run in one of these pools, the one with the best run (priority, age) first."""
        place = func.row_number().over(partition_by=runs.c.account, order_by=best_first()).label("place")
        queued = and_(runs.c.status == Status.QUEUED.value, runs.c.pool.in_(pools))
        best = select(runs.c.account, runs.c.frozen, runs.c.priority, runs.c.created, runs.c.id, place).where(queued).subquery()
        order = (best.c.frozen.desc(), best.c.priority, best.c.created, best.c.id)
        with self.database.read() as transaction:
            return tuple(row.account for row in transaction.rows(select(best).where(best.c.place == 1).order_by(*order)))

    def renew_run(self, account: str, run: RunRef, token: str, lease: float) -> str:
        """Prolongs the lease to `lease` (seconds since the epoch, by `now`); returns why the run should stop, "" to go on.

        Raises Stale.
        """
        with self.database.write() as transaction:
            id = require_in_hand(transaction, account, run, token)
            mine = and_(runs.c.id == id, run_in_hand(account, run, token))
            if transaction.run(update(runs).where(mine).values(lease=lease)) != 1:
                raise Stale(f"{run} is not this worker's any more.")
            row = transaction.row(select(runs.c.cancelling, runs.c.reason).where(runs.c.id == id))
            return (row.reason or "cancelled") if row and row.cancelling else ""

    def sweep(self) -> tuple[tuple[str, RunRef, str], ...]:
        """Frees errands whose lease expired; returns (account, run, token) of runs whose lease did.

        It believes every expired lease. Whoever calls it has to have reached the database for a whole lease before, so that workers
        that were cut off together with it had the time to renew theirs (architecture.md section 6, rule 4; `app/tick.py` does).
        """
        with self.database.write() as transaction:
            free_expired(transaction)
            expired = and_(runs.c.status == Status.RUNNING.value, runs.c.lease < transaction.now)
            query = select(runs.c.account, runs.c.job, runs.c.number, runs.c.token).where(expired).order_by(runs.c.id)
            return tuple((row.account, RunRef(row.job, row.number), row.token) for row in transaction.rows(query))

    def summary(self, id: int) -> str:
        """What the run with that id wrote about itself, in Markdown; "" for nothing."""
        with self.database.read() as transaction:
            row = transaction.row(select(summaries.c.text).where(summaries.c.run == id))
        return str(row.text) if row else ""

    def run(self, account: str, run: RunRef) -> RunView | None:
        return self._one(the_run(account, run))

    def run_by_key(self, key: str) -> RunView | None:
        return self._one(runs.c.key == key)

    def _one(self, this: ColumnElement[bool]) -> RunView | None:
        with self.database.read() as transaction:
            row = transaction.row(select(runs).where(this))
            return view_of(row) if row else None

    def runs(self, account: str | None = None, job: str | None = None, live: bool | None = None, limit: int = 50) -> tuple[RunView, ...]:
        """Newest first; `live` True: not final, False: final only."""
        one_job = account is not None and job is not None
        query = select(runs).order_by(runs.c.number.desc() if one_job else runs.c.id.desc()).limit(limit)
        if account is not None:
            query = query.where(runs.c.account == account)
        if job is not None:
            query = query.where(runs.c.job == job)
        if live is not None:
            query = query.where(runs.c.live == (true() if live else false()))
        return self._views(query)

    def runs_of_commit(self, repository: str, sha: str) -> tuple[RunView, ...]:
        """Newest first, of all accounts."""
        by = and_(caused.c.subject == runs.c.id, caused.c.kind == "run")
        query = select(runs).join(caused, by).where(caused.c.repository == repository, caused.c.sha == sha)
        return self._views(query.order_by(runs.c.id.desc()))

    def _views(self, query: Select[Any]) -> tuple[RunView, ...]:
        with self.database.read() as transaction:
            return tuple(view_of(row) for row in transaction.rows(query))

    def definition_at(self, account: str, run: RunRef) -> Job:
        """The job as it was when the run was claimed (its candidate's, for a gated run); the current one before that.

        Raises NotFound when there is no such run, or nobody defines its job any more.
        """
        node = and_(nodes.c.account == runs.c.account, nodes.c.name == runs.c.job)
        gate = (candidates.c.account == runs.c.account, candidates.c.job == runs.c.job, candidates.c.number == runs.c.candidate)
        digest = func.coalesce(runs.c.definition, candidates.c.definition, nodes.c.definition)
        query = (
            select(definitions.c.job)
            .select_from(runs)
            .outerjoin(nodes, node)
            .outerjoin(candidates, and_(*gate))
            .join(definitions, definitions.c.digest == digest)
            .where(the_run(account, run))
        )
        with self.database.read() as transaction:
            row = transaction.row(query)
        if row is None:
            raise NotFound(f"There is no definition of {run} in {account}.")
        job: Job = row.job
        return job
