"""Loads what lies behind names in lanes: the newest of each kind, found by index however long the history is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, Table, and_, func, select

from app.store.engine import Transaction
from app.store.happened import candidates, runs, versions
from app.store.load_nodes import with_approvals
from app.store.rows import run_of, version_of
from app.store.tables import nodes
from app.workflow.line import CandidateState, Lane, Need, Past


def load_past(transaction: Transaction, account: str, needs: Iterable[Need]) -> Mapping[Need, Past]:
    by_lane: dict[Lane, list[str]] = defaultdict(list)
    for need in needs:
        by_lane[need.lane].append(need.name)
    found: dict[Need, Past] = {}
    for lane, names in by_lane.items():
        found.update(_in_lane(transaction, account, lane, names))
    return found


def _in_lane(transaction: Transaction, account: str, lane: Lane, names: Sequence[str]) -> Mapping[Need, Past]:
    def newest(table: Table, name: str, **only: object) -> list[Row[Any]]:
        return transaction.rows(_newest(table, name, account, lane.key, only).where(nodes.c.name.in_(names)))

    latest = {row.name: version_of(row) for row in newest(versions, "name")}
    good = {row.name: version_of(row) for row in newest(versions, "name", good=True)}
    ended = {row.job: run_of(row) for row in newest(runs, "job", executed=True)}
    last = {row.job: run_of(row) for row in newest(runs, "job")}
    opened = newest(candidates, "job", state=CandidateState.OPENED.value)
    approved = {each.job: each for each in with_approvals(transaction, account, opened)}
    proposed = {each.job: each for each in with_approvals(transaction, account, newest(candidates, "job"))}
    return {
        Need("past", name, lane): Past(
            latest=latest.get(name),
            good=good.get(name),
            ended=ended.get(name),
            approved=approved.get(name),
            newest=last.get(name),
            proposed=proposed.get(name),
        )
        for name in names
    }


def _newest(table: Table, name: str, account: str, lane: str, only: Mapping[str, object]) -> Select[Any]:
    """Of each node the row of `table` with the highest number in `lane`, among those with `only` these values: one descent of an
    index a node. `name` is the column of `table` that names the node."""
    other = _OTHERS[table]
    highest = (
        select(func.max(other.c.number))
        .where(other.c.account == account, other.c[name] == nodes.c.name, other.c.lane == lane)
        .where(*(other.c[column] == value for column, value in only.items()))
        .correlate(nodes)
        .scalar_subquery()
    )
    this = and_(table.c.account == account, table.c[name] == nodes.c.name, table.c.number == highest)
    return select(table).where(nodes.c.account == account, this)


_OTHERS = {table: table.alias("other") for table in (versions, runs, candidates)}
"""Made once: an alias costs more than the query that it is for."""
