"""How candidates end: approved, rejected, superseded, expired (product.md section 4)."""

from __future__ import annotations

from dataclasses import replace

from app.workflow._course import Course, held, pool_of
from app.workflow._withheld import NOT_RUN, Omission, behind, withhold
from app.workflow.definition import Gate
from app.workflow.events import Approved, CandidateDue, Rejected
from app.workflow.facts import ApprovalGiven, CandidateEnded
from app.workflow.line import Actor, Approval, Candidate, CandidateState, Lane, Node, Run, RunRef, Status


def open_in(node: Node, lane: Lane) -> Candidate | None:
    return next((candidate for candidate in node.open if candidate.lane == lane), None)


def close_open(course: Course, node: Node, lane: Lane, reason: str) -> None:
    """Ends what the job's gate still shows in a lane, as superseded."""
    shown = open_in(node, lane)
    if shown is not None:
        finish(course, shown, CandidateState.SUPERSEDED, reason)


def finish(course: Course, candidate: Candidate, state: CandidateState, reason: str, by: Actor | None = None) -> None:
    """Ends a candidate, and says nothing of it to the jobs behind: for one that something newer replaces."""
    course.note(CandidateEnded(candidate.job, candidate.number, state, course.at, reason, by=by))


def end(course: Course, candidate: Candidate, state: CandidateState, reason: str, by: Actor | None = None) -> None:
    """Ends a candidate that will not run, and says so to the jobs behind it."""
    finish(course, candidate, state, reason, by)
    node = course.line.node(candidate.job)
    said = f"{candidate.job} was {state}" if state is CandidateState.REJECTED else f"{candidate.job} was not approved"
    withhold(course, Omission(candidate.lane, candidate.causes, NOT_RUN, candidate.job, said), behind(node))


# -- answers of people and of time -----------------------------------------------------------------------------------------


def approve(course: Course, event: Approved) -> None:
    """A yes counts once a person, for exactly what was announced, and not from an author where authors may not."""
    candidate = _meant(course, event.job, event.digest)
    if candidate is None:
        return
    refusal = _refusal(candidate, event.by)
    if refusal:
        course.deny(refusal)
        return
    approval = Approval(event.by, event.digest, course.at, event.via, event.reason)
    course.note(ApprovalGiven(candidate.job, candidate.number, approval))
    if len(candidate.approvals) + 1 >= gate_of(candidate).required:
        _open(course, replace(candidate, approvals=(*candidate.approvals, approval)))


def _meant(course: Course, job: str, digest: str) -> Candidate | None:
    """The open candidate with that digest; None, and a sentence, when there is none."""
    node = course.line.node(job)
    found = next((candidate for candidate in node.open if candidate.digest == digest), None)
    if found is not None:
        return found
    waiting = ", ".join(f"{candidate.short} ({candidate.lane.label})" for candidate in node.open)
    now = f"what waits for approval now is {waiting}" if waiting else "nothing of it waits for approval"
    course.deny(f"{digest[:12] or 'that'} of {job} is not waiting for approval any more: {now}")
    return None


def _refusal(candidate: Candidate, by: Actor) -> str:
    if any(approval.by.id == by.id for approval in candidate.approvals):
        return f"{by.login} has approved {candidate.short} of {candidate.job} already; another person has to"
    if gate_of(candidate).author_may_approve:
        return ""
    if not by.id or any(author.id == by.id for author in candidate.authors):
        return f"{by.login} made some of the changes that {candidate.short} of {candidate.job} would run; somebody else has to approve"
    if any(not author.id for author in candidate.authors):
        return (
            f"some of the changes that {candidate.short} of {candidate.job} would run are by somebody the forge does not name, "
            "who might be anybody: its gate lets no author approve"
        )
    return ""


def gate_of(candidate: Candidate) -> Gate:
    return candidate.definition.gate or Gate()


def _open(course: Course, candidate: Candidate) -> None:
    """The gate opens: one run with exactly the frozen versions, ahead of others, in its own serial turn."""
    node = course.line.node(candidate.job)
    ref = RunRef(candidate.job, node.next_run)
    course.note(CandidateEnded(candidate.job, candidate.number, CandidateState.OPENED, course.at, run=ref))
    course.add(
        Run(
            ref=ref,
            lane=candidate.lane,
            status=Status.WAITING,
            causes=candidate.causes,
            created=course.at,
            pool=pool_of(candidate.definition),
            priority=candidate.definition.priority,
            by=candidate.by,
            immediate=True,
            manual=True,
            values=candidate.values,
            inputs=candidate.inputs,
            frozen=True,
            candidate=candidate.number,
            held=held(course.line, candidate.causes),
            retry_of=candidate.retry_of,
        )
    )


def reject(course: Course, event: Rejected) -> None:
    candidate = _meant(course, event.job, event.digest)
    if candidate is not None:
        reason = f"rejected by {event.by.login}" + (f": {event.reason}" if event.reason else "")
        end(course, candidate, CandidateState.REJECTED, reason, event.by)


def expire(course: Course, event: CandidateDue) -> None:
    """The gate's `timeout` has passed; a candidate that is not open any more, or was given longer, stays as it is."""
    node = course.line.node(event.job)
    found = next((candidate for candidate in node.open if candidate.number == event.number), None)
    if found is None or found.expires is None or found.expires > course.at:
        course.ignore(event.job, f"candidate {event.number} is not due")
        return
    state = CandidateState.REJECTED if gate_of(found).on_timeout_reject else CandidateState.EXPIRED
    end(course, found, state, "nobody approved it in time")
