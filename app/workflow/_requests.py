"""What people ask for, already permitted: manual runs, retries, cancelling, pausing, pinning, admitting a fork's commit."""

from __future__ import annotations

import re
from dataclasses import replace

from app.workflow._arrival import distinct, new_run, strict_entry
from app.workflow._candidates import end
from app.workflow._course import Course, held
from app.workflow._inputs import states
from app.workflow._lanes import closed
from app.workflow._proposals import Wish, propose
from app.workflow._withheld import cut
from app.workflow.automatic import CI_REPO
from app.workflow.definition import Job, Mode, Resource
from app.workflow.events import Cancelled, CommitAllowed, PauseChanged, PinChanged, Retried, Triggered
from app.workflow.facts import Ignored, PauseSet, PinSet, RunReleased, ShaAllowed
from app.workflow.line import CandidateState, Cause, Lane, Node, Run, Status, Taken, Version
from app.workflow.manual import resolved


def triggered(course: Course, event: Triggered) -> None:
    """A manual run: it passes pauses and health, not turns, neighbours and gates (sections 4.6 and 4.2)."""
    node = course.line.node(event.job)
    if node.job is None:
        course.deny(f"no file defines a job called {event.job}")
    elif _elsewhere(course, node.job):
        course.deny(f"{event.job} runs elsewhere: its CI says how it goes by POST /api/v1/externalCI")
    elif node.inconsistent:
        course.deny(f"{event.job} cannot run: {node.inconsistent[0]}")
    elif closed(course, event.lane) and _was_built(course, node.job, event.lane):
        course.deny(f"{event.lane.label} is closed: nothing is run for it any more")
    elif wrong := resolved(node.job, event.values)[1]:
        course.deny(f"{event.job} was not started: {wrong}")
    elif node.job.gate is not None and not event.break_glass:
        before = len(course.facts)
        propose(course, node, event.lane, Wish((_manual(course, event),), resolved(node.job, event.values)[0], event.by))
        _answer(course, before)
    else:
        _run_by_hand(course, event, node, node.job)


def _elsewhere(course: Course, job: Job) -> bool:
    """Whether runs of the job happen elsewhere: nobody here starts one."""
    kind = course.kinds.jobs.get(job.type)
    return kind is not None and kind.reported


def _was_built(course: Course, job: Job, lane: Lane) -> bool:
    """Whether a run would take what the lane left. A pull request that made no version has no lane, and runs take what main has."""
    names = [job.name, *(step.name for step in job.inputs)]
    course.line.require_pasts(names, lane)
    pasts = [course.line.past(name, lane) for name in names]
    return any(past.latest or past.newest for past in pasts)


def _answer(course: Course, before: int) -> None:
    """Turns "nothing came of it" into an answer for who asked."""
    said = course.facts[before:]
    if len(said) == 1 and isinstance(said[0], Ignored):
        course.deny(f"{said[0].subject}: {said[0].reason}")


def _run_by_hand(course: Course, event: Triggered, node: Node, job: Job) -> None:
    entry = strict_entry(node, event.lane)
    causes = distinct((*(entry.causes if entry else ()), _manual(course, event)))
    run = new_run(course, node, event.lane, causes, event.by)
    reason = f"the gate was passed by {event.by.login}: {event.break_glass}" if event.break_glass else ""
    immediate = job.mode is not Mode.CHRONO or bool(event.break_glass)
    run = replace(run, manual=True, immediate=immediate, values=resolved(job, event.values)[0], reason=reason)
    if entry is not None:
        course.finish(entry.ref, Status.CANCELLED, f"{run.ref} runs instead", by=event.by)
    course.add(run)


def _manual(course: Course, event: Triggered) -> Cause:
    """A fork's lane stays a fork's, whoever asks."""
    opened = course.line.opened(event.lane) if not event.lane.main else None
    fork = opened is not None and opened.fork
    return Cause(
        kind="manual",
        event=event.key,
        repository=event.repository or (opened.repository if opened else ""),
        full_name=event.full_name or (opened.full_name if opened else ""),
        sha=event.sha or (opened.head if opened else ""),
        number=event.pull_request,
        title=f"by {event.by.login}",
        fork=fork,
    )


# -- retry and cancel --------------------------------------------------------------------------------------------------------


def retried(course: Course, event: Retried) -> None:
    """Runs again what did not succeed for a commit, nothing that did, with the same inputs."""
    runs = [run for run in course.line.commit(event.repository, event.sha) if run.ref.job in event.jobs]
    failed = [run for run in runs if run.status.final and run.status not in (Status.SUCCEEDED, Status.SKIPPED)]
    if not failed:
        course.deny(f"nothing to run again: no run for {event.sha[:12]} has failed")
    for run in failed:
        node = course.line.node(run.ref.job)
        if node.job is None:
            course.ignore(node.name, "no file defines it any more")
        elif node.job.gate is not None:
            propose(course, node, run.lane, Wish(run.causes, run.values, event.by, _kept(course, node, run), run.ref.number))
        else:
            again = new_run(course, node, run.lane, run.causes, event.by)
            again = replace(again, manual=True, immediate=node.job.mode is not Mode.CHRONO, values=run.values)
            course.add(replace(again, inputs=run.inputs, trigger=run.trigger, retry_of=run.ref.number))


def _kept(course: Course, node: Node, run: Run) -> tuple[Taken, ...]:
    """What the run took, without what is read anew at each start."""
    fresh = {step.name for step in states(course.line, node, course.kinds)}
    return tuple(taken for taken in run.inputs if taken.name not in fresh)


def cancelled(course: Course, event: Cancelled) -> None:
    """Ends what is not final; of what is, says so."""
    reason = f"cancelled by {event.by.login}" + (f": {event.reason}" if event.reason else "")
    before = len(course.facts)
    for job, number in event.runs:
        run = next((each for each in course.line.node(job).active if each.ref.number == number), None)
        if run is not None:
            cut(course, run, reason, event.by)
    for job, number in event.candidates:
        found = next((each for each in course.line.node(job).open if each.number == number), None)
        if found is not None:
            end(course, found, CandidateState.REJECTED, reason, event.by)
    if len(course.facts) == before:
        course.deny("there is nothing to cancel: all of it has ended already")


# -- pauses, pins, forks -------------------------------------------------------------------------------------------------------


def pause_changed(course: Course, event: PauseChanged) -> None:
    node = course.line.node(event.job)
    if node.job is None:
        course.deny(f"no file defines a job called {event.job}")
    elif node.paused == event.paused:
        course.deny(f"{event.job} is {'paused' if event.paused else 'not paused'} already")
    else:
        course.note(PauseSet(event.job, event.paused, event.by))


def pin_changed(course: Course, event: PinChanged) -> None:
    """A pin starts nothing; what a gate shows is proposed anew with it."""
    node = course.line.node(event.job)
    refusal = _unpinnable(course, node, event)
    version = None
    if not refusal and event.version is not None:
        version = _called(course, event.resource, event.version)
        if version is None:
            refusal = f"{event.resource} has no version {event.version}"
    if refusal:
        course.deny(refusal)
        return
    course.note(PinSet(event.job, event.resource, version.ref if version else None, event.by))
    for shown in node.open:
        propose(course, course.line.node(event.job), shown.lane, Wish(shown.causes, shown.values, event.by))


def _called(course: Course, resource: str, wanted: str) -> Version | None:
    """The version with that label, or that number (`#` before it or not) of at most nine digits, which is more than there are."""
    labelled = None if wanted.startswith("#") else course.line.version(resource, wanted)
    number = wanted.removeprefix("#")
    if labelled is None and re.fullmatch("[0-9]{1,9}", number):
        return course.line.version(resource, f"#{number}")
    return labelled


def _unpinnable(course: Course, node: Node, event: PinChanged) -> str:
    if node.job is None:
        return f"no file defines a job called {event.job}"
    if node.input(event.resource) is None:
        return f"{event.job} has no IN called {event.resource}"
    if event.version is None:
        return "" if event.resource in node.pins else f"{event.resource} of {event.job} is not pinned by anybody"
    resource = course.line.node(event.resource).resource
    if resource is not None and resource.type == CI_REPO:
        return f"{event.resource} is a ciRepo, whose versions cannot be pinned"
    if resource is not None and not _consents(resource, node.job):
        return f"{event.resource} belongs to {resource.source}, which does not accept pins by {node.job.source}: see `accepts`"
    return ""


def _consents(resource: Resource, job: Job) -> bool:
    """Another source's resource is pinned only where that source says so (product.md section 8)."""
    repository = job.source.partition(":")[2].rpartition("@")[0]
    return resource.source == job.source or repository.lower() in {name.lower() for name in resource.accepts}


def commit_allowed(course: Course, event: CommitAllowed) -> None:
    """Lets go the held runs of exactly this commit in whatever lane, while it is the head."""
    lane = Lane(f"pr/{event.number}@{event.repository}")
    opened = course.line.opened(lane)
    if opened is None:
        course.deny(f"nothing of pull request {event.number} waits to be allowed")
        return
    if opened.head != event.sha:
        course.deny(f"{event.sha[:12]} is not the head of pull request {event.number} any more: that is {opened.head[:12]}")
        return
    course.note(ShaAllowed(event.repository, event.number, event.sha, event.by))
    concerned = (run.ref.job for run in course.line.commit(event.repository, event.sha))
    for node in course.line.nodes(dict.fromkeys((*course.line.busy(lane), *concerned))):
        for run in node.active:
            if run.held and not held(course.line, run.causes):
                course.note(RunReleased(run.ref))
                course.disturb(run.ref.job)
