"""Approving reviews of a pull request's head, for gates that count them (`reviews: true`, product.md section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from app.context import Context
from app.forges import Commented, Review
from app.obey._rights import Rights
from app.react import react
from app.store import AuditEntry, Outcome
from app.workflow.events import Approved
from app.workflow.facts import ApprovalGiven, Denied
from app.workflow.line import Actor, Candidate


def hear_review(context: Context, commented: Commented) -> list[str]:
    """An approving review that was just given counts for what waits in its pull request's lane, if it saw the head."""
    number = commented.comment.conversation.number
    if commented.reviewed != "approved" or number is None or not commented.sha:
        return []
    repository, comment = commented.repository.id, commented.comment
    notes = []
    for account in context.store.watchers(repository):
        for candidate in _counting(context, account, repository, number, commented.sha):
            if _approve(context, account, candidate, comment.author, comment.id, commented.sha):
                notes.append(f"review of {comment.author.login} counts for {candidate.job} {candidate.short}")
    return notes


def count_reviews(context: Context, account: str, candidate: Candidate) -> int:
    """Standing reviews that approve the head count for a candidate proposed after them; returns how many did."""
    gate, cause = candidate.definition.gate, candidate.causes[-1] if candidate.causes else None
    if gate is None or not gate.reviews or cause is None or cause.number is None or candidate.lane.kind != "pr":
        return 0
    forge = context.forges[cause.repository.partition(":")[0]].api
    head = forge.pull_request(cause.repository, cause.number).head
    if head != cause.sha:
        return 0
    return sum(
        _approve(context, account, candidate, review.by, f"standing {review.sha}", head)
        for review in forge.reviews(cause.repository, cause.number)
        if _approves(review, head)
    )


def _approves(review: Review, head: str) -> bool:
    return review.state == "approved" and review.sha == head and not review.by.bot


def _counting(context: Context, account: str, repository: str, number: int, sha: str) -> Iterator[Candidate]:
    """Open candidates of the pull request's lane whose gate counts reviews and whose newest cause is the commit reviewed."""
    for _, candidate in context.store.candidates(account):
        gate, cause = candidate.definition.gate, candidate.causes[-1] if candidate.causes else None
        seen = cause is not None and (cause.repository, cause.number, cause.sha) == (repository, number, sha)
        if gate and gate.reviews and seen and candidate.lane.kind == "pr":
            yield candidate


def _approve(context: Context, account: str, candidate: Candidate, by: Actor, review: str, sha: str) -> bool:
    """One approval, if the reviewer is an approver now; whether it counted. Kept in the audit log either way."""
    store, via = context.store, f"review {review}"
    source = store.source(candidate.definition.source)
    gate = candidate.definition.gate
    if source is None or gate is None:
        return False
    accepted, detail = False, "not an approver now"
    if Rights(context, by).answers(gate, source.repository):
        event = Approved(
            key=f"{via} {by.id}:{candidate.job}:{candidate.number}",
            at=store.now(),
            by=by,
            via=via,
            job=candidate.job,
            digest=candidate.digest,
            reason=f"review of {sha[:12]}",
        )
        outcome = react(context, account, event)
        accepted, detail = _counted(outcome)
        if outcome.duplicate:
            return accepted
    store.add_audit(AuditEntry(store.now(), account, by, "approve", candidate.job, accepted, detail, via))
    return accepted


def _counted(outcome: Outcome) -> tuple[bool, str]:
    denied = [fact.reason for fact in outcome.facts if isinstance(fact, Denied)]
    return any(isinstance(fact, ApprovalGiven) for fact in outcome.facts), " ".join(denied) or "counted"
