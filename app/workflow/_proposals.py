"""What a gate shows: candidates that are proposed, superseded and defined anew (product.md section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.workflow._candidates import finish, gate_of, open_in
from app.workflow._course import Course
from app.workflow._digests import Frozen, differences, essence
from app.workflow._inputs import choose, states
from app.workflow._withheld import NOT_RUN, Omission
from app.workflow.definition import Gate, Job
from app.workflow.facts import CandidateProposed
from app.workflow.line import Actor, Candidate, CandidateState, Cause, Lane, Line, Need, Node, Taken, Version, VersionRef
from app.workflow.manual import chosen
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
    if node.job is None:
        return
    inputs = wish.inputs or _inputs(course, node, lane, wish)
    if inputs is None:
        return
    frozen = Frozen(lane, inputs, node.job, wish.values)
    before = _before(course.line, node, lane)
    versions = _versions(course.line, inputs, *(each.inputs for each in (before.shown, before.approved) if each))
    digest = frozen.digest({ref: version.label for ref, version in versions.items()})
    shown = before.shown
    if shown is not None and shown.digest == digest:
        course.ignore(node.name, f"{shown.short} is waiting for approval already, with the same versions")
        return
    if shown is not None:
        items = "; ".join(differences(frozen_of(shown), frozen, versions))
        finish(course, shown, CandidateState.SUPERSEDED, items)
    approved = frozen_of(before.approved) if before.approved else None
    candidate = Candidate(
        job=node.name,
        number=node.next_candidate,
        lane=lane,
        digest=digest,
        inputs=inputs,
        definition=node.job,
        causes=_causes(shown, wish.causes),
        created=course.at,
        values=wish.values,
        authors=_authors(course.line, frozen, before, wish),
        changes=tuple(differences(approved, frozen, versions)),
        by=wish.by,
        expires=course.at + node.job.gate.timeout if node.job.gate and node.job.gate.timeout else None,
        retry_of=wish.retry_of,
    )
    course.note(CandidateProposed(candidate, shown.number if shown else None))


@dataclass(frozen=True, slots=True)
class _Before:
    """What a candidate is compared with: the one it replaces, and the last that was approved (in its lane, else in main)."""

    shown: Candidate | None
    approved: Candidate | None


def _before(line: Line, node: Node, lane: Lane) -> _Before:
    line.require_pasts([node.name], lane)
    return _Before(open_in(node, lane), line.past(node.name, lane).approved or line.past(node.name).approved)


def _inputs(course: Course, node: Node, lane: Lane, wish: Wish) -> tuple[Taken, ...] | None:
    """The newest versions but those of `state`s; None, and why, when one is missing."""
    choice = choose(course.line, node, lane, course.kinds)
    if choice.missing:
        course.ignore(node.name, choice.missing)
        course.note(Omission(lane, wish.causes, NOT_RUN, node.name, choice.missing).of(node.name))
        return None
    unfrozen = {step.name for step in states(course.line, node, course.kinds)}
    return tuple(taken for taken in choice.taken if taken.name not in unfrozen)


def frozen_of(candidate: Candidate) -> Frozen:
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


def _authors(line: Line, frozen: Frozen, before: _Before, wish: Wish) -> tuple[Actor, ...]:
    """Who made the changes since the last approved run: of versions, of causes, and of injected values."""
    approved, shown = before.approved, before.shown
    since = {taken.name: taken.version.number for taken in approved.inputs if taken.version} if approved else {}
    fresh = [taken.version for taken in frozen.inputs if taken.version and taken.version.number > since.get(taken.name, 0)]
    ranges = [(ref.name, (since.get(ref.name, 0), ref.number)) for ref in fresh]
    line.require(authors_need(name, frozen.lane, numbers) for name, numbers in ranges)
    people = [actor for name, numbers in ranges for actor in line.authors(name, frozen.lane, numbers)]
    # A version that this very decision made is in no answer of the store.
    made = [line.version(ref.name, f"#{ref.number}") for ref in fresh]
    people += [actor for version in made if version for actor in version.actors]
    people += [actor for cause in wish.causes for actor in cause.actors]
    people += shown.authors if shown else ()
    people += [wish.by] if wish.by and chosen(frozen.definition, wish.values) else []
    return tuple({actor.id: actor for actor in people}.values())


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
