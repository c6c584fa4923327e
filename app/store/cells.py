"""Cells of CI runs: made by the worker that claimed the run, claimed one by one by every worker of their pool.

A cell in hand has a token and a lease of its own, and counts only while its run runs under the token that the cells were made with.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from fsspec import AbstractFileSystem
from sqlalchemy import ColumnElement, Row, Select, and_, false, select, update

from app.store.codec import adapter
from app.store.engine import Transaction
from app.store.happened import cells, matrices, runs
from app.store.part import Part
from app.store.rows import view_of
from app.store.runs import require_in_hand
from app.store.values import Chunk, ClaimedCell, Stale
from app.workflow.ci.outcome import CellRun
from app.workflow.line import RunRef, Status

_PLAIN = tuple(each.name for each in fields(CellRun) if each.name not in ("index", "status"))
"""Fields of a cell that are columns of the same name."""


def _cell_of(row: Row[Any]) -> CellRun:
    return CellRun(index=row.number, status=Status(row.status), **{name: row._mapping[name] for name in _PLAIN})


def _row_of(cell: CellRun) -> dict[str, Any]:
    return {"number": cell.index, "status": cell.status.value, **{name: getattr(cell, name) for name in _PLAIN}}


def _going_on() -> ColumnElement[bool]:
    """The run of a cell runs, under the token that its cells were made with."""
    return and_(runs.c.id == matrices.c.run, runs.c.token == matrices.c.token, runs.c.status == Status.RUNNING.value)


def _joined() -> Select[Any]:
    return select(runs).join(matrices, _going_on()).join(cells, cells.c.run == matrices.c.run)


def _mine(claimed: ClaimedCell) -> ColumnElement[bool]:
    this = and_(cells.c.run == claimed.view.id, cells.c.number == claimed.index)
    return and_(this, cells.c.token == claimed.token, cells.c.status == Status.RUNNING.value)


class Cells(Part):
    _files: AbstractFileSystem

    def add_cells(self, account: str, run: RunRef, token: str, files: Mapping[str, str], made: Sequence[CellRun]) -> None:
        """`files`: path -> text of the CI files that the cells follow from. Raises Stale."""
        with self.database.write() as transaction:
            id = require_in_hand(transaction, account, run, token)
            transaction.run(matrices.insert(), [{"run": id, "token": token, "files": dict(files)}])
            transaction.run(cells.insert(), [{"run": id, **_row_of(cell)} for cell in made])

    def cells(self, run_id: int) -> tuple[CellRun, ...]:
        """In order; none for a run that has no matrix, or has not made it yet."""
        with self.database.read() as transaction:
            return tuple(_cell_of(row) for row in transaction.rows(select(cells).where(cells.c.run == run_id).order_by(cells.c.number)))

    def ci_files(self, run_id: int) -> Mapping[str, str]:
        with self.database.read() as transaction:
            row = transaction.row(select(matrices.c.files).where(matrices.c.run == run_id))
        return dict(row.files) if row else {}

    def claim_cell(self, pools: Sequence[str], worker: str, lease: float, run_id: int | None = None) -> ClaimedCell | None:
        """The first cell that waits in one of these pools, of the oldest run (of `run_id` only, if given): the caller's until `lease`."""
        waits = and_(cells.c.status == Status.QUEUED.value, cells.c.pool.in_(pools), runs.c.cancelling == false())
        query = _joined().add_columns(cells.c.number.label("cell")).where(waits).order_by(runs.c.id, cells.c.number).limit(1)
        query = query if run_id is None else query.where(runs.c.id == run_id)
        with self.database.read() as transaction:
            if transaction.row(query) is None:
                return None
        with self.database.write() as transaction:
            transaction.lock("cells")
            row = transaction.row(query)
            return None if row is None else self._claim(transaction, row, worker, lease)

    def _claim(self, transaction: Transaction, row: Row[Any], worker: str, lease: float) -> ClaimedCell | None:
        claimed = ClaimedCell(view_of(row), row.cell, secrets.token_hex(16))
        this = and_(cells.c.run == row.id, cells.c.number == row.cell, cells.c.status == Status.QUEUED.value)
        mine = {"status": Status.RUNNING.value, "token": claimed.token, "worker": worker, "lease": lease, "started": transaction.now}
        return claimed if transaction.run(update(cells).where(this).values(mine)) == 1 else None

    def renew_cell(self, claimed: ClaimedCell, lease: float) -> str:
        """Prolongs the lease to `lease`; returns why the cell should stop, "" to go on. Raises Stale when cell or run are not ours."""
        with self.database.write() as transaction:
            row = transaction.row(_joined().where(_mine(claimed)))
            if row is None or transaction.run(update(cells).where(_mine(claimed)).values(lease=lease)) != 1:
                raise Stale(f"cell {claimed.index} of {claimed.view.run.ref} is not this worker's any more")
            return (row.reason or "cancelled") if row.cancelling else ""

    def end_cell(self, claimed: ClaimedCell, cell: CellRun) -> None:
        """Raises Stale."""
        with self.database.write() as transaction:
            this = transaction.row(_joined().where(_mine(claimed)))
            if this is None or transaction.run(update(cells).where(_mine(claimed)).values(_row_of(cell) | {"lease": None})) != 1:
                raise Stale(f"cell {claimed.index} of {claimed.view.run.ref} is not this worker's any more")

    def expired_cells(self, run_id: int) -> frozenset[int]:
        """Cells in hand whose lease is over."""
        with self.database.read() as transaction:
            over = and_(cells.c.run == run_id, cells.c.status == Status.RUNNING.value, cells.c.lease < transaction.now)
            return frozenset(row.number for row in transaction.rows(select(cells.c.number).where(over)))

    def give_up_cells(self, run_id: int, indexes: Sequence[int], status: Status, reason: str) -> None:
        """Ends cells that nobody will end: waiting ones, or those whose lease is over."""
        with self.database.write() as transaction:
            now = transaction.now
            hopeless = (cells.c.status == Status.QUEUED.value) | (and_(cells.c.status == Status.RUNNING.value, cells.c.lease < now))
            these = and_(cells.c.run == run_id, cells.c.number.in_(indexes), hopeless)
            transaction.run(update(cells).where(these).values(status=status.value, reason=reason, ended=now, token="", lease=None))

    def append_cell_log(self, claimed: ClaimedCell, chunks: Sequence[Chunk]) -> None:
        """As `append_log`, of one cell. Raises Stale."""
        for chunk in chunks:
            self._files.pipe_file(_chunk_path(claimed.view.id, claimed.index, chunk.number), adapter(Chunk).dump_json(chunk))
        last = max((chunk.number for chunk in chunks), default=0)
        with self.database.write() as transaction:
            if transaction.run(update(cells).where(_mine(claimed)).values(last=last)) != 1:
                raise Stale(f"cell {claimed.index} of {claimed.view.run.ref} is not this worker's any more")

    def read_cell_log(self, run_id: int, index: int, after: int = 0, limit: int = 200) -> tuple[Chunk, ...]:
        """Chunks `after` + 1 and on, at most `limit`."""
        with self.database.read() as transaction:
            row = transaction.row(select(cells.c.last).where(cells.c.run == run_id, cells.c.number == index))
        numbers = range(after + 1, min(row.last if row else 0, after + limit) + 1)
        return tuple(adapter(Chunk).validate_json(self._files.cat_file(_chunk_path(run_id, index, number))) for number in numbers)


def _chunk_path(run_id: int, index: int, number: int) -> str:
    return f"logs/{run_id}/cells/{index}/{number}"
