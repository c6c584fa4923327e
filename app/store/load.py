"""Answers the needs of a decision, each by index: what an account holds otherwise costs nothing.

(architecture.md section 6, rule 10)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, and_, or_, select, true

from app.store.engine import Transaction
from app.store.happened import candidates, caused, runs, versions
from app.store.load_nodes import load_nodes
from app.store.load_past import load_past
from app.store.rows import label_key, run_of, version_of
from app.store.tables import allowed, edges, fragments, lanes, nodes, tips
from app.workflow.facts import LaneOpened
from app.workflow.line import MAIN, Actor, Fragments, Lane, Need, Run, Status, Version

Item = TypeVar("Item")

BATCH = 400
"""Names in one query, well under what either database takes."""
QUEUE = 50
"""Queued runs that a claim looks at."""


def load(transaction: Transaction, account: str, needs: Iterable[Need]) -> Mapping[Need, object]:
    """The answer to each need, as `Need` describes it. Raises ValueError for a kind of need that nobody knows."""
    by_kind: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        by_kind[need.kind].append(need)
    found: dict[Need, object] = {}
    for kind, asked in by_kind.items():
        for batch in batches(asked):
            found.update(_answers(transaction, account, kind, batch))
    return found


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _answers(transaction: Transaction, account: str, kind: str, needs: Sequence[Need]) -> Mapping[Need, object]:
    if kind == "node":
        return load_nodes(transaction, account, needs)
    if kind == "past":
        return load_past(transaction, account, needs)
    question = _ONE_BY_ONE.get(kind)
    if question is None:
        raise ValueError(f"The store cannot answer a need of kind {kind!r}.")
    return {need: question(transaction, account, need) for need in needs}


def _version(transaction: Transaction, account: str, need: Need) -> Version | None:
    mine = and_(versions.c.account == account, versions.c.name == need.name)
    query = select(versions).where(mine)
    if need.extra.startswith("#"):
        row = transaction.row(query.where(versions.c.number == int(need.extra[1:])))
        return version_of(row) if row else None
    called = and_(versions.c.label_key == label_key(need.extra), versions.c.label == need.extra)
    newest = [
        transaction.row(query.where(called, versions.c.lane == lane).order_by(versions.c.number.desc()).limit(1))
        for lane in sorted({need.lane.key, MAIN.key})
    ]
    found = [version_of(row) for row in newest if row]
    return max(found, key=lambda version: version.ref.number, default=None)


def _watching(transaction: Transaction, account: str, need: Need) -> tuple[str, ...]:
    query = select(nodes.c.name).where(nodes.c.watches == need.name, nodes.c.account == account).order_by(nodes.c.id)
    return tuple(row.name for row in transaction.rows(query))


def _sharing(transaction: Transaction, account: str, need: Need) -> tuple[str, ...]:
    locks = (edges.c.account == account, edges.c.direction == "lock", edges.c.name == need.name)
    return tuple(sorted(row.job for row in transaction.rows(select(edges.c.job).where(*locks))))


def _tip(transaction: Transaction, account: str, need: Need) -> str:
    query = select(tips.c.sha).where(tips.c.account == account, tips.c.repository == need.name, tips.c.ref == need.extra)
    row = transaction.row(query)
    return str(row.sha) if row else ""


def _lane(transaction: Transaction, account: str, need: Need) -> tuple[str, ...]:
    live = select(runs.c.job).where(runs.c.account == account, runs.c.live == true(), runs.c.lane == need.lane.key)
    shown = select(candidates.c.job).where(
        candidates.c.account == account, candidates.c.state == "open", candidates.c.lane == need.lane.key
    )
    return tuple(sorted({row.job for query in (live, shown) for row in transaction.rows(query)}))


def _commit(transaction: Transaction, account: str, need: Need) -> tuple[Run, ...]:
    by = and_(caused.c.subject == runs.c.id, caused.c.kind == "run")
    query = select(runs).join(caused, by).where(caused.c.repository == need.name, caused.c.sha == need.extra, runs.c.account == account)
    newest: dict[tuple[str, Lane], Run] = {}
    for run in sorted((run_of(row) for row in transaction.rows(query)), key=lambda run: run.ref.number):
        newest[run.ref.job, run.lane] = run
    return tuple(newest.values())


def best_first() -> tuple[Any, ...]:
    """The order in which queued runs start: opened gates, then priority (0 first), then age."""
    return runs.c.frozen.desc(), runs.c.priority, runs.c.created, runs.c.id


def _queue(transaction: Transaction, account: str, need: Need) -> tuple[Run, ...]:
    query = (
        select(runs)
        .where(runs.c.status == Status.QUEUED.value, runs.c.pool.in_(need.extra.split(",")), runs.c.account == account)
        .order_by(*best_first())
        .limit(QUEUE)
    )
    return tuple(run_of(row) for row in transaction.rows(query))


def _run(transaction: Transaction, account: str, need: Need) -> Run | None:
    query = select(runs).where(runs.c.account == account, runs.c.job == need.name, runs.c.number == int(need.extra))
    row = transaction.row(query)
    return run_of(row) if row else None


def _fragments(transaction: Transaction, account: str, need: Need) -> Fragments:  # noqa: ARG001 - asks for all there are
    rows = transaction.rows(select(fragments).where(fragments.c.account == account).order_by(fragments.c.source))
    return Fragments({row.source: row.fragment for row in rows}, {row.source: row.repositories for row in rows})


def _allowed(transaction: Transaction, account: str, need: Need) -> bool:
    key = (allowed.c.account == account, allowed.c.repository == need.name, allowed.c.sha == need.extra)
    return transaction.row(select(allowed.c.sha).where(*key)) is not None


def _opening(row: Row[Any]) -> LaneOpened:
    return LaneOpened(Lane(row.lane), row.repository, row.full_name, row.head, row.number, row.title, row.head_ref, row.fork)


def _opened(transaction: Transaction, account: str, need: Need) -> LaneOpened | None:
    row = transaction.row(select(lanes).where(lanes.c.account == account, lanes.c.lane == need.lane.key, lanes.c.closed.is_(None)))
    return _opening(row) if row else None


def _heads(transaction: Transaction, account: str, need: Need) -> tuple[LaneOpened, ...]:
    still = and_(lanes.c.account == account, lanes.c.repository == need.name, lanes.c.closed.is_(None))
    query = select(lanes).where(still, or_(lanes.c.head_ref == need.extra, lanes.c.head == need.extra)).order_by(lanes.c.lane)
    found = (_opening(row) for row in transaction.rows(query))
    return tuple(each for each in found if each.lane.kind == "pr")


def _authors(transaction: Transaction, account: str, need: Need) -> tuple[Actor, ...]:
    first, _, last = need.extra.partition("..")
    between = and_(versions.c.number > int(first), versions.c.number <= int(last))
    named = and_(versions.c.account == account, versions.c.name == need.name)
    query = select(versions.c.actors).where(named, between, versions.c.lane.in_((need.lane.key, MAIN.key)))
    rows = transaction.rows(query.order_by(versions.c.number))
    return tuple(dict.fromkeys(actor for row in rows for actor in row.actors))


_ONE_BY_ONE = {
    "version": _version,
    "watching": _watching,
    "sharing": _sharing,
    "tip": _tip,
    "lane": _lane,
    "commit": _commit,
    "queue": _queue,
    "run": _run,
    "fragments": _fragments,
    "allowed": _allowed,
    "opened": _opened,
    "heads": _heads,
    "authors": _authors,
}
