"""Definitions as rows: jobs and resources by name, their edges, the fragments they come from, and what people set on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, update

from app.store.counters import ensure_nodes
from app.store.engine import Transaction
from app.store.rows import digest_of
from app.store.tables import definitions, edges, fragments, nodes, pins
from app.workflow.facts import FragmentAdopted, JobDefined, JobRemoved, PauseSet, PinSet, ResourceDefined, ResourceRemoved

BATCH = 400
"""Names in one `IN (…)`."""

_NOTHING: dict[str, Any] = {
    "type": "",
    "source": "",
    "definition": None,
    "resource": None,
    "watches": "",
    "inconsistent": (),
}
"""The columns of a definition, for a name that nobody defines."""


def define_jobs(transaction: Transaction, account: str, facts: Sequence[JobDefined]) -> None:
    newest = {fact.job.name: fact for fact in facts}
    digests = {name: digest_of(fact.job) for name, fact in newest.items()}
    kept = {digests[name]: fact.job for name, fact in newest.items()}
    transaction.add_missing(definitions, [{"digest": digest, "job": job} for digest, job in kept.items()])
    rows = [
        _NOTHING
        | {"account": account, "name": name, "type": fact.job.type, "source": fact.job.source, "definition": digests[name]}
        | {"inconsistent": fact.inconsistent, "defined": transaction.now}
        for name, fact in newest.items()
    ]
    transaction.upsert(nodes, rows, ("account", "name"))
    _delete(transaction, account, edges, list(newest))
    transaction.run(edges.insert(), [row for fact in newest.values() for row in _edges(account, fact)])


def _edges(account: str, fact: JobDefined) -> list[dict[str, Any]]:
    ends = dict.fromkeys([("in", step.name) for step in fact.job.inputs] + [("out", step.name) for step in fact.job.outputs])
    if fact.job.lock:
        ends["lock", fact.job.lock.name] = None
    return [{"account": account, "job": fact.job.name, "direction": direction, "name": name} for direction, name in ends]


def define_resources(transaction: Transaction, account: str, facts: Sequence[ResourceDefined]) -> None:
    rows = {
        fact.resource.name: _NOTHING
        | {"account": account, "name": fact.resource.name, "type": fact.resource.type, "source": fact.resource.source}
        | {"resource": fact.resource, "watches": fact.repository, "inconsistent": fact.inconsistent}
        | {"defined": transaction.now}
        for fact in facts
    }
    transaction.upsert(nodes, list(rows.values()), ("account", "name"))


def remove_jobs(transaction: Transaction, account: str, facts: Sequence[JobRemoved]) -> None:
    """The definition and its edges go. Numbers, pins and pauses stay, should the name come back."""
    names = [fact.name for fact in facts]
    _delete(transaction, account, edges, names)
    _undefine(transaction, account, names, nodes.c.definition.is_not(None))


def remove_resources(transaction: Transaction, account: str, facts: Sequence[ResourceRemoved]) -> None:
    _undefine(transaction, account, [fact.name for fact in facts], nodes.c.resource.is_not(None))


def _undefine(transaction: Transaction, account: str, names: Sequence[str], still: ColumnElement[bool]) -> None:
    for start in range(0, len(names), BATCH):
        these = (nodes.c.account == account, nodes.c.name.in_(names[start : start + BATCH]), still)
        transaction.run(update(nodes).where(*these).values(defined=None, **_NOTHING))


def _delete(transaction: Transaction, account: str, table: Table, jobs: Sequence[str]) -> None:
    for start in range(0, len(jobs), BATCH):
        these = (table.c.account == account, table.c.job.in_(jobs[start : start + BATCH]))
        transaction.run(delete(table).where(*these))


def adopt_fragments(transaction: Transaction, account: str, facts: Sequence[FragmentAdopted]) -> None:
    for fact in facts:
        key = {"account": account, "source": fact.fragment.source}
        if fact.removed:
            transaction.run(delete(fragments).filter_by(**key))
        else:
            transaction.upsert(fragments, [key | {"fragment": fact.fragment, "repositories": fact.repositories}])


def set_pauses(transaction: Transaction, account: str, facts: Sequence[PauseSet]) -> None:
    ensure_nodes(transaction, account, [fact.job for fact in facts])
    for fact in facts:
        transaction.run(update(nodes).where(nodes.c.account == account, nodes.c.name == fact.job).values(paused=fact.paused))


def set_pins(transaction: Transaction, account: str, facts: Sequence[PinSet]) -> None:
    for fact in facts:
        key = {"account": account, "job": fact.job, "resource": fact.resource}
        if fact.version is None:
            transaction.run(delete(pins).filter_by(**key))
        else:
            pinned = {"version": fact.version.name, "number": fact.version.number, "by": fact.by}
            transaction.upsert(pins, [key | pinned])
