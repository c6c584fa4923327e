"""Facts about candidates and their approvals as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, true, update

from app.store.counters import used
from app.store.engine import Transaction
from app.store.happened import approvals, candidates
from app.store.rows import digest_of
from app.store.tables import definitions
from app.store.write_runs import clear_ready, link_causes
from app.workflow.facts import ApprovalGiven, CandidateEnded, CandidateProposed
from app.workflow.line import Approval, Candidate, CandidateState


def propose_candidates(transaction: Transaction, account: str, facts: Sequence[CandidateProposed]) -> None:
    proposed = [fact.candidate for fact in facts]
    transaction.add_missing(definitions, [{"digest": digest_of(each.definition), "job": each.definition} for each in proposed])
    ids = transaction.insert_returning_ids(candidates, [_row(account, each) for each in proposed])
    link_causes(transaction, "candidate", zip(ids, (each.causes for each in proposed), strict=True))
    used(transaction, account, "next_candidate", ((each.job, each.number) for each in proposed))
    for candidate in proposed:
        _add(transaction, account, candidate.job, candidate.number, candidate.approvals)
    clear_ready(transaction, account, {(each.job, each.lane) for each in proposed})
    for fact in facts:
        if fact.supersedes is not None:
            ended = CandidateEnded(fact.candidate.job, fact.supersedes, CandidateState.SUPERSEDED, fact.candidate.created)
            _end(transaction, account, ended, candidates.c.state == CandidateState.OPEN.value)


def _row(account: str, candidate: Candidate) -> dict[str, object]:
    return {
        "account": account,
        "job": candidate.job,
        "number": candidate.number,
        "lane": candidate.lane.key,
        "state": candidate.state.value,
        "expires": candidate.expires,
        "reason": candidate.reason,
        "definition": digest_of(candidate.definition),
        "body": replace(candidate, approvals=()),
    }


def add_approvals(transaction: Transaction, account: str, facts: Sequence[ApprovalGiven]) -> None:
    for fact in facts:
        _add(transaction, account, fact.job, fact.number, (fact.approval,))


def _add(transaction: Transaction, account: str, job: str, number: int, given: Sequence[Approval]) -> None:
    of = {"account": account, "job": job, "number": number}
    rows = [of | {"by": each.by, "digest": each.digest, "at": each.at, "via": each.via, "reason": each.reason} for each in given]
    transaction.run(approvals.insert(), rows)


def end_candidates(transaction: Transaction, account: str, facts: Sequence[CandidateEnded]) -> None:
    for fact in facts:
        _end(transaction, account, fact, true())


def _end(transaction: Transaction, account: str, fact: CandidateEnded, still: ColumnElement[bool]) -> None:
    this = (candidates.c.account == account, candidates.c.job == fact.job, candidates.c.number == fact.number)
    run = fact.run.number if fact.run else None
    ended = {"state": fact.state.value, "reason": fact.reason, "ended": fact.at, "run": run}
    transaction.run(update(candidates).where(*this, still).values(ended))
