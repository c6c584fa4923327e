"""Loads nodes: a name's definition, edges, pins, and what of it is not final, for many names at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, select, true

from app.store.engine import Transaction
from app.store.happened import approvals, candidates, runs
from app.store.rows import candidate_of, run_of
from app.store.tables import definitions, edges, nodes, pins, ready
from app.workflow.line import Candidate, CandidateState, Lane, Need, Node, Run, VersionRef

Grouped = Mapping[str, Sequence[Row[Any]]]


def load_nodes(transaction: Transaction, account: str, needs: Iterable[Need]) -> Mapping[Need, Node]:
    names = [need.name for need in needs]
    stored = {row.name: row for row in transaction.rows(_nodes(account, names))}
    ends = _edges(transaction, account, names)
    pinned = _grouped(transaction, select(pins).where(pins.c.account == account, pins.c.job.in_(names)))
    shut = _grouped(transaction, select(ready.c.job, ready.c.lane).where(ready.c.account == account, ready.c.job.in_(names)))
    active = active_runs(transaction, account, names)
    shown = open_candidates(transaction, account, names)
    return {
        Need("node", name): Node(
            name,
            consumers=tuple(ends["in", name]),
            producers=tuple(ends["out", name]),
            pins={row.resource: VersionRef(row.version, row.number) for row in pinned.get(name, ())},
            active=active.get(name, ()),
            open=shown.get(name, ()),
            ready=frozenset(Lane(row.lane) for row in shut.get(name, ())),
            **_defined(stored.get(name)),
        )
        for name in names
    }


def _nodes(account: str, names: Sequence[str]) -> Select[Any]:
    joined = nodes.outerjoin(definitions, definitions.c.digest == nodes.c.definition)
    return select(nodes, definitions.c.job).select_from(joined).where(nodes.c.account == account, nodes.c.name.in_(names))


def _defined(row: Row[Any] | None) -> dict[str, Any]:
    """The fields of a node that its own row holds; none for a name that was never seen."""
    if row is None:
        return {}
    same = ("job", "resource", "inconsistent", "paused", "next_run", "next_version", "next_candidate")
    return {name: row._mapping[name] for name in same}


def _edges(transaction: Transaction, account: str, names: Sequence[str]) -> dict[tuple[str, str], dict[str, None]]:
    """(`in` or `out`, name) -> the jobs at the other end, each once, in order of their first definition."""
    at = (nodes.c.account == edges.c.account) & (nodes.c.name == edges.c.job)
    query = (
        select(edges.c.direction, edges.c.name, edges.c.job)
        .join(nodes, at)
        .where(edges.c.account == account, edges.c.direction.in_(("in", "out")), edges.c.name.in_(names))
        .order_by(nodes.c.id, edges.c.id)
    )
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for row in transaction.rows(query):
        found[row.direction, row.name][row.job] = None
    return found


def active_runs(transaction: Transaction, account: str, jobs: Sequence[str]) -> Mapping[str, tuple[Run, ...]]:
    """Runs that are not final, oldest first."""
    query = select(runs).where(runs.c.account == account, runs.c.job.in_(jobs), runs.c.live == true()).order_by(runs.c.id)
    return {job: tuple(run_of(row) for row in rows) for job, rows in _grouped(transaction, query).items()}


def open_candidates(transaction: Transaction, account: str, jobs: Sequence[str]) -> Mapping[str, tuple[Candidate, ...]]:
    still = candidates.c.state == CandidateState.OPEN.value
    query = select(candidates).where(candidates.c.account == account, candidates.c.job.in_(jobs), still)
    found: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in with_approvals(transaction, account, transaction.rows(query.order_by(candidates.c.id))):
        found[candidate.job].append(candidate)
    return {job: tuple(each) for job, each in found.items()}


def with_approvals(transaction: Transaction, account: str, rows: Sequence[Row[Any]]) -> tuple[Candidate, ...]:
    """Candidates of one account, in the order of `rows`."""
    if not rows:
        return ()
    wanted = {(row.job, row.number) for row in rows}
    where = approvals.c.job.in_({job for job, _ in wanted}) & approvals.c.number.in_({number for _, number in wanted})
    given: dict[tuple[str, int], list[Row[Any]]] = defaultdict(list)
    for row in transaction.rows(select(approvals).where(approvals.c.account == account, where).order_by(approvals.c.id)):
        given[row.job, row.number].append(row)
    return tuple(candidate_of(row, given[row.job, row.number]) for row in rows)


def _grouped(transaction: Transaction, query: Select[Any]) -> Grouped:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in transaction.rows(query):
        found[row.job].append(row)
    return found
