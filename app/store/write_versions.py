"""New versions as rows, with their lineage: the direct parents of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.store.counters import used
from app.store.engine import Transaction
from app.store.happened import lineage, runs, versions
from app.store.rows import row_of_version
from app.workflow.facts import VersionAdded
from app.workflow.line import RunRef, VersionRef


def add_versions(transaction: Transaction, account: str, facts: Sequence[VersionAdded]) -> None:
    transaction.run(versions.insert(), [row_of_version(account, fact.version) | {"causes": fact.causes} for fact in facts])
    used(transaction, account, "next_version", ((fact.version.ref.name, fact.version.ref.number) for fact in facts))
    taken = _inputs(transaction, account, {fact.version.run for fact in facts if fact.version.run})
    rows = [
        {"account": account, "name": ref.name, "number": ref.number, "parent": parent.name, "parent_number": parent.number}
        for fact in facts
        for ref, parents in [(fact.version.ref, _parents(fact, taken))]
        for parent in parents
    ]
    transaction.add_missing(lineage, rows)


def _parents(fact: VersionAdded, taken: Mapping[RunRef, tuple[VersionRef, ...]]) -> tuple[VersionRef, ...]:
    of_run = taken.get(fact.version.run, ()) if fact.version.run else ()
    return tuple(parent for parent in dict.fromkeys(of_run + fact.parents) if parent != fact.version.ref)


def _inputs(transaction: Transaction, account: str, of: set[RunRef]) -> Mapping[RunRef, tuple[VersionRef, ...]]:
    """What each run took."""
    found: dict[RunRef, tuple[VersionRef, ...]] = {}
    for run in of:
        query = select(runs.c.inputs).where(runs.c.account == account, runs.c.job == run.job, runs.c.number == run.number)
        row = transaction.row(query)
        found[run] = tuple(taken.version for taken in row.inputs if taken.version) if row else ()
    return found
