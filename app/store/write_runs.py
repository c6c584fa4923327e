"""Facts about runs, and about jobs that got none, as rows."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Update, and_, bindparam, delete, select, update

from app.store.counters import used
from app.store.engine import Transaction
from app.store.happened import candidates, caused, not_run, runs, summaries
from app.store.rows import row_of_run, standing_of
from app.store.tables import nodes, ready
from app.workflow.facts import (
    NotRun,
    ReadyByHand,
    RunAdded,
    RunCancelling,
    RunDue,
    RunFinished,
    RunJoined,
    RunQueued,
    RunReleased,
    RunStarted,
    RunWaits,
    SummaryLeft,
)
from app.workflow.line import Cause, Lane, RunRef, Status


def add_runs(transaction: Transaction, account: str, facts: Sequence[RunAdded]) -> None:
    rows = [row_of_run(account, secrets.token_urlsafe(16), fact.run) for fact in facts]
    ids = transaction.insert_returning_ids(runs, rows)
    link_causes(transaction, "run", zip(ids, (fact.run.causes for fact in facts), strict=True))
    used(transaction, account, "next_run", ((fact.run.ref.job, fact.run.ref.number) for fact in facts))
    clear_ready(transaction, account, {(fact.run.ref.job, fact.run.lane) for fact in facts})


def clear_ready(transaction: Transaction, account: str, of: Iterable[tuple[str, Lane]]) -> None:
    """These jobs have a run or a candidate in these lanes: they are no longer listed as ready by hand."""
    these = (ready.c.account == account, ready.c.job == bindparam("of_job"), ready.c.lane == bindparam("of_lane"))
    transaction.run(delete(ready).where(*these), [{"of_job": job, "of_lane": lane.key} for job, lane in of])


def link_causes(transaction: Transaction, kind: str, subjects: Iterable[tuple[int, Sequence[Cause]]]) -> None:
    """Makes subjects (runs, candidates, not-runs by id) findable by the commits that caused them."""
    rows = {
        (id, cause.repository, cause.sha): {"kind": kind, "subject": id, "repository": cause.repository, "sha": cause.sha}
        for id, causes in subjects
        for cause in causes
        if cause.sha
    }
    transaction.add_missing(caused, list(rows.values()))


def join_runs(transaction: Transaction, account: str, facts: Sequence[RunJoined]) -> None:
    for fact in facts:
        this = and_(runs.c.account == account, runs.c.job == fact.run.job, runs.c.number == fact.run.number)
        row = transaction.row(select(runs.c.id, runs.c.causes).where(this))
        if row is None:
            continue
        causes = row.causes + tuple(cause for cause in fact.causes if cause not in row.causes)
        transaction.run(update(runs).where(this).values(causes=causes))
        link_causes(transaction, "run", [(row.id, fact.causes)])


def _change(account: str, *columns: str) -> Update:
    """An UPDATE of runs by reference, to be executed with rows of `_named`."""
    this = and_(runs.c.account == account, runs.c.job == bindparam("of_job"), runs.c.number == bindparam("of_number"))
    return update(runs).where(this).values({name: bindparam(f"to_{name}", type_=runs.c[name].type) for name in columns})


def _named(run: RunRef, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {"of_job": run.job, "of_number": run.number} | {f"to_{name}": value for name, value in changes.items()}


def _change_all(transaction: Transaction, account: str, changes: Sequence[tuple[RunRef, Mapping[str, Any]]]) -> None:
    """Changes runs, each in the same columns."""
    if changes:
        transaction.run(_change(account, *changes[0][1]), [_named(run, values) for run, values in changes])


def queue_runs(transaction: Transaction, account: str, facts: Sequence[RunQueued]) -> None:
    """A fact that names no pool leaves the run in its own."""
    for named in (True, False):
        changes = [
            (fact.run, standing_of(Status.QUEUED) | ({"pool": fact.pool} if named else {})) for fact in facts if bool(fact.pool) is named
        ]
        _change_all(transaction, account, changes)


def wait_runs(transaction: Transaction, account: str, facts: Sequence[RunWaits]) -> None:
    _change_all(transaction, account, [(fact.run, standing_of(Status.WAITING)) for fact in facts])


def release_runs(transaction: Transaction, account: str, facts: Sequence[RunReleased]) -> None:
    _change_all(transaction, account, [(fact.run, {"held": ""}) for fact in facts])


def let_due(transaction: Transaction, account: str, facts: Sequence[RunDue]) -> None:
    _change_all(transaction, account, [(fact.run, {"due": None}) for fact in facts])


def start_runs(transaction: Transaction, account: str, facts: Sequence[RunStarted]) -> None:
    for fact in facts:
        begun = {"inputs": fact.inputs, "worker": fact.worker, "token": fact.token, "lease": fact.lease, "started": fact.at}
        kept = {"definition": _definition(transaction, account, fact.run)}
        _change_all(transaction, account, [(fact.run, standing_of(Status.RUNNING) | begun | kept)])


def _definition(transaction: Transaction, account: str, run: RunRef) -> str | None:
    """The digest of what a run executes: its candidate's definition, else its job's as it is now."""
    query = (
        select(candidates.c.definition.label("gated"), nodes.c.definition)
        .select_from(runs)
        .outerjoin(nodes, and_(nodes.c.account == account, nodes.c.name == runs.c.job))
        .outerjoin(
            candidates,
            and_(candidates.c.account == account, candidates.c.job == runs.c.job, candidates.c.number == runs.c.candidate),
        )
        .where(runs.c.account == account, runs.c.job == run.job, runs.c.number == run.number)
    )
    row = transaction.row(query)
    return (row.gated or row.definition) if row else None


def cancel_runs(transaction: Transaction, account: str, facts: Sequence[RunCancelling]) -> None:
    _change_all(transaction, account, [(fact.run, {"cancelling": True, "reason": fact.reason}) for fact in facts])


def finish_runs(transaction: Transaction, account: str, facts: Sequence[RunFinished]) -> None:
    ends = [
        (fact.run, standing_of(fact.status) | {"ended": fact.at, "reason": fact.reason, "code": fact.code, "lease": None}) for fact in facts
    ]
    _change_all(transaction, account, ends)


def keep_summaries(transaction: Transaction, account: str, facts: Sequence[SummaryLeft]) -> None:
    for fact in facts:
        this = and_(runs.c.account == account, runs.c.job == fact.run.job, runs.c.number == fact.run.number)
        rows = [{"run": row.id, "text": fact.text} for row in transaction.rows(select(runs.c.id).where(this))]
        transaction.upsert(summaries, rows)


def add_not_run(transaction: Transaction, account: str, facts: Sequence[NotRun]) -> None:
    rows = [
        {
            "account": account,
            "job": fact.job,
            "lane": fact.lane.key,
            "causes": fact.causes,
            "state": fact.state,
            "because": fact.because,
            "reason": fact.reason,
            "at": transaction.now,
        }
        for fact in facts
    ]
    ids = transaction.insert_returning_ids(not_run, rows)
    link_causes(transaction, "not_run", zip(ids, (fact.causes for fact in facts), strict=True))


def mark_ready(transaction: Transaction, account: str, facts: Sequence[ReadyByHand]) -> None:
    rows = [{"account": account, "job": fact.job, "lane": fact.lane.key, "input": fact.input} for fact in facts]
    transaction.add_missing(ready, rows)
