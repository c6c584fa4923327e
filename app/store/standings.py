"""What is to be reported of each job on one commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, Table, and_, select

from app.store.around import statuses
from app.store.engine import Transaction
from app.store.happened import candidates, caused, not_run, runs
from app.store.load_nodes import with_approvals
from app.store.part import Part
from app.store.rows import view_of
from app.store.tables import lanes
from app.store.values import Standing
from app.workflow.facts import NotRun
from app.workflow.line import Lane

Of = tuple[str, str]
"""(account, job)"""


class Standings(Part):
    def standing(self, repository: str, sha: str, job: str | None = None) -> tuple[Standing, ...]:
        """Every job that the commit concerns (or only `job`), with its runs, candidates and reasons not to run, newest first."""
        with self.database.read() as transaction:

            def mine(table: Table, kind: str) -> Mapping[Of, Sequence[Row[Any]]]:
                query = _of_commit(table, kind, repository, sha)
                return _grouped(transaction, query if job is None else query.where(table.c.job == job))

            still_open = _open_lanes(transaction, repository)
            ran, shown, nothing = mine(runs, "run"), mine(candidates, "candidate"), mine(not_run, "not_run")
            return tuple(
                Standing(
                    job=of[1],
                    account=of[0],
                    runs=tuple(view_of(row) for row in ran.get(of, ())),
                    candidates=with_approvals(transaction, of[0], shown.get(of, ())),
                    not_run=tuple((_not_run_of(row), row.at) for row in nothing.get(of, ())),
                    reported=_reported(transaction, repository, of[1]),
                    open_lanes=still_open,
                )
                for of in sorted({*ran, *shown, *nothing})
            )


def _of_commit(table: Table, kind: str, repository: str, sha: str) -> Select[Any]:
    by = and_(caused.c.subject == table.c.id, caused.c.kind == kind)
    commit = (caused.c.repository == repository, caused.c.sha == sha)
    return select(table).join(caused, by).where(*commit).order_by(table.c.id.desc())


def _grouped(transaction: Transaction, query: Select[Any]) -> Mapping[Of, Sequence[Row[Any]]]:
    found: dict[Of, list[Row[Any]]] = defaultdict(list)
    for row in transaction.rows(query):
        found[row.account, row.job].append(row)
    return found


def _open_lanes(transaction: Transaction, repository: str) -> frozenset[Lane]:
    query = select(lanes.c.lane).where(lanes.c.repository == repository, lanes.c.closed.is_(None), lanes.c.number.is_not(None))
    return frozenset(Lane(row.lane) for row in transaction.rows(query))


def _reported(transaction: Transaction, repository: str, job: str) -> bool:
    query = select(statuses.c.job).where(statuses.c.repository == repository, statuses.c.job == job.lower()).limit(1)
    return transaction.row(query) is not None


def _not_run_of(row: Row[Any]) -> NotRun:
    return NotRun(row.job, Lane(row.lane), row.causes, row.state, row.because, row.reason)
