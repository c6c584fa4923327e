"""What an accepted command came to, in sentences, from the facts that were decided."""

from __future__ import annotations

from collections.abc import Iterator

from app.workflow import answers, say
from app.workflow.facts import (
    ApprovalGiven,
    CandidateEnded,
    CandidateProposed,
    Fact,
    Ignored,
    PauseSet,
    PinSet,
    RunAdded,
    RunCancelling,
    RunFinished,
    ShaAllowed,
)
from app.workflow.line import CandidateState


def came_to(facts: tuple[Fact, ...]) -> Iterator[str]:
    """A sentence for each fact that the asker should hear of."""
    over = {fact.job for fact in facts if isinstance(fact, CandidateEnded)}
    for fact in facts:
        yield from _of_a_gate(fact, over)
        match fact:
            case RunAdded(run=run) if run.candidate is None:
                yield answers.added(run)
            case RunCancelling(run=run):
                yield answers.stopping(str(run))
            case RunFinished(run=run, status=status):
                yield answers.over(str(run), status)
            case PauseSet(job=job, paused=paused):
                yield (say.paused if paused else say.resumed)(job, False)
            case PinSet(job=job, resource=resource, version=version):
                yield say.pinned(job, resource, f"#{version.number}") if version else say.unpinned(job, resource, False)
            case ShaAllowed(sha=sha):
                yield answers.admitted(sha)
            case Ignored(reason=reason):
                yield say.quiet(reason)


def _of_a_gate(fact: Fact, over: set[str]) -> Iterator[str]:
    """`over`: jobs whose candidate ended; then the last approval goes without saying."""
    match fact:
        case ApprovalGiven(job=job) if job not in over:
            yield answers.approved(job)
        case CandidateEnded(state=CandidateState.OPENED, job=job, run=run):
            yield answers.opened(job, run.number if run else 0)
        case CandidateEnded(job=job, state=state):
            yield answers.ended(job, state)
        case CandidateProposed(candidate=candidate):
            yield answers.proposed(candidate)
