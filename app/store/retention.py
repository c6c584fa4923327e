"""Dropping what is old: history that nobody asks for any more, oldest first, at most BATCH rows a transaction.

What live runs, waiting errands and open gates need stays, and so do runs, versions, candidates and the audit log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fsspec import AbstractFileSystem
from sqlalchemy import Column, ColumnElement, Select, Table, and_, delete, false, select

from app.store.around import deliveries, errands, logs, workers
from app.store.happened import caused, not_run, runs, summaries
from app.store.outbox import DONE, DUE, FAILED, HELD, VOID
from app.store.part import Part
from app.store.tables import events

BATCH = 1000
"""Rows that one transaction deletes, at most."""


class Retention(Part):
    _files: AbstractFileSystem

    def drop_errands(self, before: float) -> int:
        """Errands that were done or replaced before that time; returns how many. Those that failed stay: they are shown until redone."""
        over = and_(errands.c.state.in_((DONE, VOID)), errands.c.ended < before)
        return sum(self._delete(errands, over, ids) for ids in self._older(errands, errands.c.created, before))

    def drop_deliveries(self, before: float) -> int:
        """Deliveries received before that time, but not those that an errand is still to read, or to be told to read again."""
        needed = self._needed_deliveries()
        return sum(
            self._delete(deliveries, deliveries.c.id.not_in(needed.intersection(ids)), ids)
            for ids in self._older(deliveries, deliveries.c.received, before)
        )

    def _needed_deliveries(self) -> frozenset[int]:
        with self.database.read() as transaction:
            rows = transaction.rows(select(errands.c.args).where(errands.c.state.in_((DUE, HELD, FAILED))))
        return frozenset(int(str(row.args["delivery"])) for row in rows if row.args.get("delivery") is not None)

    def drop_events(self, before: float) -> int:
        """What was decided on events before that time, and their keys with it: the same event would count again."""
        return sum(self._delete(events, events.c.at < before, ids) for ids in self._older(events, events.c.at, before))

    def drop_not_run(self, before: float) -> int:
        """What did not run, and because of what, before that time."""
        return sum(self._delete_not_run(ids) for ids in self._older(not_run, not_run.c.at, before))

    def _delete_not_run(self, ids: list[int]) -> int:
        with self.database.write() as transaction:
            rows = transaction.rows(select(not_run.c.causes).where(not_run.c.id.in_(ids)))
            for repository, sha in {(cause.repository, cause.sha) for row in rows for cause in row.causes}:
                at = (caused.c.repository == repository, caused.c.sha == sha)
                transaction.run(delete(caused).where(*at, caused.c.kind == "not_run", caused.c.subject.in_(ids)))
            return transaction.run(delete(not_run).where(not_run.c.id.in_(ids)))

    def drop_logs(self, before: float) -> int:
        """Logs and summaries of runs that ended before that time; returns how many logs. Files go first: an interruption is made good."""
        over = and_(runs.c.live == false(), runs.c.ended < before)
        query = select(logs.c.run).join(runs, runs.c.id == logs.c.run).where(over).order_by(logs.c.run).limit(BATCH)
        dropped = 0
        while ids := self._runs(query):
            for id in ids:
                if self._files.exists(f"logs/{id}"):
                    self._files.rm(f"logs/{id}", recursive=True)
            with self.database.write() as transaction:
                transaction.run(delete(summaries).where(summaries.c.run.in_(ids)))
                dropped += transaction.run(delete(logs).where(logs.c.run.in_(ids)))
        return dropped

    def drop_workers(self, before: float) -> int:
        """Rows of workers that were last heard of before that time."""
        with self.database.write() as transaction:
            return transaction.run(delete(workers).where(workers.c.seen < before))

    def _older(self, table: Table, when: Column[float], before: float) -> Iterator[list[int]]:
        """Ids of rows from before that time, in batches. Ids grow with time: no index is needed, and the younger rows are not read."""
        after = 0
        while True:
            with self.database.read() as transaction:
                rows = transaction.rows(select(table.c.id, when.label("at")).where(table.c.id > after).order_by(table.c.id).limit(BATCH))
            old = [row.id for row in rows if row.at < before]
            if not old:
                return
            yield old
            after = rows[-1].id

    def _runs(self, query: Select[Any]) -> list[int]:
        with self.database.read() as transaction:
            return [row.run for row in transaction.rows(query)]

    def _delete(self, table: Table, disposable: ColumnElement[bool], ids: list[int]) -> int:
        with self.database.write() as transaction:
            return transaction.run(delete(table).where(table.c.id.in_(ids), disposable))
