"""Gates: candidates that are proposed, superseded, approved, rejected and expire (product.md section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.workflow._course import Course, held, pool_of
from app.workflow._digests import Frozen, differences, essence
from app.workflow._inputs import choose, states
from app.workflow._withheld import NOT_RUN, Omission, behind, withhold
from app.workflow.definition import Gate, Job
from app.workflow.events import Approved, CandidateDue, Rejected
from app.workflow.facts import ApprovalGiven, CandidateEnded, CandidateProposed
from app.workflow.line import (
    Actor,
    Approval,
    Candidate,
    CandidateState,
    Cause,
    Lane,
    Line,
    Need,
    Node,
    Run,
    RunRef,
    Status,
    Taken,
    Version,
    VersionRef,
)
from app.workflow.needs import authors_need

CAUSES_KEPT = 50
"""Causes that a candidate remembers, newest last; its authors are never cut."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a candidate comes from who proposes it. `inputs` empty: the versions that are newest now."""

    causes: tuple[Cause, ...]
    values: tuple[tuple[str, str], ...] = ()
    by: Actor | None = None
    inputs: tuple[Taken, ...] = ()
    retry_of: int | None = None


def propose(course: Course, node: Node, lane: Lane, wish: Wish) -> None:
    """Shows the gate's approvers what a run of the job would be now, in place of what was shown before."""
    job = node.job
    if job is None:
        return
    inputs = wish.inputs or _inputs(course, node, lane, wish)
    if inputs is None:
        return
    shown = open_in(node, lane)
    approved = course.line.past(job.name, lane).approved
    frozen = Frozen(lane, inputs, job, wish.values)
    versions = _versions(course.line, inputs, *(each.inputs for each in (shown, approved) if each))
    digest = frozen.digest({ref: version.label for ref, version in versions.items()})
    if shown is not None and shown.digest == digest:
        course.ignore(job.name, f"{shown.short} is waiting for approval already, with the same versions")
        return
    if shown is not None:
        items = "; ".join(differences(_frozen(shown), frozen, versions))
        _end(course, shown, CandidateState.SUPERSEDED, items or "something changed")
    candidate = Candidate(
        job=job.name,
        number=node.next_candidate,
        lane=lane,
        digest=digest,
        inputs=inputs,
        definition=job,
        causes=_causes(shown, wish.causes),
        created=course.at,
        values=wish.values,
        authors=_authors(course.line, lane, inputs, (approved, shown), wish),
        changes=tuple(differences(_frozen(approved) if approved else None, frozen, versions)),
        by=wish.by,
        expires=course.at + job.gate.timeout if job.gate and job.gate.timeout else None,
        retry_of=wish.retry_of,
    )
    course.note(CandidateProposed(candidate, shown.number if shown else None))


def _inputs(course: Course, node: Node, lane: Lane, wish: Wish) -> tuple[Taken, ...] | None:
    """The newest versions but those of `state`s; None, and why, when one is missing."""
    choice = choose(course.line, node, lane, course.kinds)
    if choice.missing:
        course.ignore(node.name, choice.missing)
        course.note(Omission(lane, wish.causes, NOT_RUN, node.name, choice.missing).of(node.name))
        return None
    unfrozen = {step.name for step in states(course.line, node, course.kinds)}
    return tuple(taken for taken in choice.taken if taken.name not in unfrozen)


def _frozen(candidate: Candidate) -> Frozen:
    return Frozen(candidate.lane, candidate.inputs, candidate.definition, candidate.values)


def _versions(line: Line, *sets: tuple[Taken, ...]) -> Mapping[VersionRef, Version]:
    refs = {taken.version for inputs in sets for taken in inputs if taken.version}
    line.require(Need("version", ref.name, extra=f"#{ref.number}") for ref in refs)
    found = {ref: line.version(ref.name, f"#{ref.number}") for ref in refs}
    return {ref: version for ref, version in found.items() if version is not None}


def _causes(shown: Candidate | None, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Those of the superseded candidate too, oldest first: what they brought has not run yet."""
    found = {cause.event: cause for cause in (*(shown.causes if shown else ()), *causes)}
    return tuple(found.values())[-CAUSES_KEPT:]


def _authors(
    line: Line, lane: Lane, inputs: tuple[Taken, ...], before: tuple[Candidate | None, Candidate | None], wish: Wish
) -> tuple[Actor, ...]:
    """Who made the changes since the last approved run: of versions, of causes, and of injected values."""
    approved, shown = before
    since = {taken.name: taken.version.number for taken in approved.inputs if taken.version} if approved else {}
    ranges = [(taken.name, (since.get(taken.name, 0), taken.version.number)) for taken in inputs if taken.version]
    ranges = [(name, numbers) for name, numbers in ranges if numbers[0] < numbers[1]]
    line.require(authors_need(name, lane, numbers) for name, numbers in ranges)
    people = [actor for name, numbers in ranges for actor in line.authors(name, lane, numbers)]
    fresh = [version for version in _versions(line, inputs).values() if version.ref.number > since.get(version.ref.name, 0)]
    people += [actor for version in fresh for actor in version.actors]
    people += [actor for cause in wish.causes for actor in cause.actors]
    people += shown.authors if shown else ()
    people += [wish.by] if wish.by and wish.values else []
    return tuple({actor.id: actor for actor in people}.values())


def open_in(node: Node, lane: Lane) -> Candidate | None:
    return next((candidate for candidate in node.open if candidate.lane == lane), None)


def close_open(course: Course, node: Node, lane: Lane, reason: str) -> None:
    """Ends what the job's gate still shows in a lane, as superseded."""
    shown = open_in(node, lane)
    if shown is not None:
        _end(course, shown, CandidateState.SUPERSEDED, reason)


def _end(course: Course, candidate: Candidate, state: CandidateState, reason: str, by: Actor | None = None) -> None:
    course.note(CandidateEnded(candidate.job, candidate.number, state, course.at, reason, by=by))


def end(course: Course, candidate: Candidate, state: CandidateState, reason: str, by: Actor | None = None) -> None:
    """Ends a candidate that will not run, and says so to the jobs behind it."""
    _end(course, candidate, state, reason, by)
    node = course.line.node(candidate.job)
    said = f"{candidate.job} was {state}" if state is CandidateState.REJECTED else f"{candidate.job} was not approved"
    withhold(course, Omission(candidate.lane, candidate.causes, NOT_RUN, candidate.job, said), behind(node))


# -- answers of people ---------------------------------------------------------------------------------------------------


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


# -- definitions that change ---------------------------------------------------------------------------------------------


def redefine(course: Course, node: Node, job: Job) -> None:
    """Candidates of a job that is defined anew: a changed definition is a change, a weaker gate is for later causes."""
    for shown in node.open:
        changed = replace(job, gate=stricter(gate_of(shown), job.gate))
        if essence(_plainly(shown.definition)) != essence(_plainly(changed)):
            wish = Wish(shown.causes, shown.values, shown.by, shown.inputs if shown.retry_of else (), shown.retry_of)
            propose(course, replace(course.line.node(job.name), job=changed), shown.lane, wish)


def _plainly(job: Job) -> Job:
    """`job` with what its gate leaves to the default spelt out."""
    return replace(job, gate=replace(job.gate, allow_author=job.gate.author_may_approve)) if job.gate else job


def stricter(old: Gate, new: Gate | None) -> Gate:
    """Of each rule the stricter one; what only names people differently, or is a matter of time, is as in `new`."""
    if new is None:
        return old
    narrower = new if not _wider(old, new) else old
    return replace(
        new,
        approvers=narrower.approvers,
        restricted=narrower.restricted,
        people=narrower.people,
        teams=narrower.teams,
        required=max(old.required, new.required),
        allow_author=old.author_may_approve and new.author_may_approve,
        reviews=old.reviews and new.reviews,
    )


def _wider(old: Gate, new: Gate) -> bool:
    """Whether `new` lets somebody approve whom `old` did not."""
    if not old.restricted:
        return False
    return not (new.restricted and _within(new.people, old.people) and _within(new.teams, old.teams))


def _within(inner: Iterable[str], outer: Iterable[str]) -> bool:
    return set(inner) <= set(outer)
