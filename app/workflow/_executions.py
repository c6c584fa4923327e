"""Runs as workers see them: claimed, ended, lost; and what an end means for the jobs behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.workflow._arrival import Wave, reconsider, spread
from app.workflow._course import Course
from app.workflow._inputs import at_start
from app.workflow._lanes import closed
from app.workflow._retries import another, try_again
from app.workflow._trust import not_allowed, untrusted
from app.workflow._withheld import SKIPPED, behind, withhold
from app.workflow.definition import Job, Output
from app.workflow.events import Claim, LeaseExpired, Left, RunEnded
from app.workflow.facts import RunFinished, RunStarted, SummaryLeft, VersionAdded
from app.workflow.line import Run, RunRef, Status, Version, VersionRef
from app.workflow.outputs import Content, next_version, own_version
from app.workflow.trigger import ENDINGS, silent

POSTED = frozenset({Status.SUCCEEDED, Status.UNSTABLE, Status.FAILED, Status.TOLERATED})
"""Ends after which the job has a new version (section 4.3); cancel, timeout and errors leave none (section 5)."""


# -- a free worker ---------------------------------------------------------------------------------------------------------


def claim(course: Course, event: Claim) -> None:
    """Gives the best run that may start, its inputs frozen, to the worker."""
    for run in course.line.queue(event.pools):
        node = course.line.node(run.ref.job)
        current = next((each for each in node.active if each.ref == run.ref), None)
        if current is None or current.status is not Status.QUEUED:
            continue
        course.touch([run.ref.job])
        if not course.may_start(current):
            continue
        inputs = at_start(course.line, node, current, course.kinds)
        if inputs.missing:
            conclude(course, current, Status.ERRORED, f"{inputs.missing}, so there is nothing to run with")
            continue
        barred = not_allowed(course, inputs.taken)
        if barred:
            conclude(course, current, Status.ERRORED, barred)
            continue
        course.note(RunStarted(run.ref, inputs.taken, event.worker, event.token, event.lease, course.at))
        course.disturb(run.ref.job)
        return


# -- an end ----------------------------------------------------------------------------------------------------------------


def run_ended(course: Course, event: RunEnded) -> None:
    """Versions first, then the end, then what follows from both (section 5, order at end of build)."""
    run = _running(course, RunRef(event.job, event.number), event.token)
    if run is not None:
        over(course, run, event)


def over(course: Course, run: Run, event: RunEnded) -> None:
    """`run`, which is under way, has ended as `event` says."""
    job = course.line.node(run.ref.job).job
    again = another(course.line, run, event.status, event.code)
    event = event if again else replace(event, status=_counted(job, event.status))
    made: Sequence[str] = ()
    if event.own.summary:
        course.note(SummaryLeft(run.ref, event.own.summary))
    if event.status in POSTED:
        _post_own(course, run, event)
        made = tuple(_post_outputs(course, run, job, event)) if job and not again else ()
    conclude(course, run, event.status, event.reason, code=event.code, made=made)


def _counted(job: Job | None, status: Status) -> Status:
    """A script's failure is tolerated where the job says `allowFailure`; errors, time-outs and lost runs left nothing to go on with."""
    return Status.TOLERATED if job and job.allow_failure and status in (Status.FAILED, Status.UNSTABLE) else status


def lease_expired(course: Course, event: LeaseExpired) -> None:
    run = _running(course, RunRef(event.job, event.number), event.token)
    if run is not None:
        conclude(course, run, Status.LOST, "its worker stopped answering")


def _running(course: Course, ref: RunRef, token: str) -> Run | None:
    run = next((each for each in course.line.node(ref.job).active if each.ref == ref), None)
    if run is None or run.status is not Status.RUNNING or run.token != token:
        course.deny(f"{ref} is not running under this token any more")
        return None
    return run


def _post_own(course: Course, run: Run, event: RunEnded) -> None:
    name = run.ref.job
    course.line.require_pasts([name], run.lane)
    previous = course.line.past(name, run.lane).latest or course.line.past(name).latest
    content = own_version(event.own, previous, event.status is not Status.SUCCEEDED)
    _post(course, run, name, content, event.status)


def _post_outputs(course: Course, run: Run, job: Job, event: RunEnded) -> Iterator[str]:
    """The names of OUTs that got a new version; equal content makes none (section 2.1)."""
    if untrusted(course, run):
        return
    steps = [step for step in job.outputs if run.lane.matches(step.lanes)]
    course.line.require_pasts((step.name for step in steps), run.lane)
    for step in steps:
        if event.status is not Status.SUCCEEDED and not step.on_failure:
            continue
        content = _content(course, run, step, event.outputs.get(step.name, Left()))
        if content is not None:
            _post(course, run, step.name, content)
            yield step.name


def _content(course: Course, run: Run, step: Output, left: Left) -> Content | None:
    """What the run leaves for `step`, None when that is nothing new."""
    node = course.line.node(step.name)
    kind = course.kind_of(node.resource)
    if kind is None or (step.replicate and not step.replicate_on_pull_request and run.lane.kind == "pr"):
        return None
    current = course.line.past(step.name, run.lane).latest or course.line.past(step.name).latest
    copied = [taken.version for taken in run.inputs if taken.version and (left.bag is not None or taken.name == step.replicate)]
    taken = {version.ref.name: version for version in course.line.versions(copied)}
    return next_version(step, kind, current, taken, left)


def _post(course: Course, run: Run, name: str, content: Content, status: Status | None = None) -> None:
    label, bag, files = content
    ref = VersionRef(name, course.line.node(name).next_version)
    actors = tuple({actor.id: actor for cause in run.causes for actor in cause.actors}.values())
    course.note(VersionAdded(Version(ref, run.lane, course.at, label, bag, files, run.ref, status, actors), run.causes))


def conclude(
    course: Course,
    run: Run,
    status: Status,
    reason: str,
    *,
    code: int | None = None,
    made: Sequence[str] = (),
) -> None:
    """Ends a run and brings that to the jobs behind it: what is new, or that nothing comes. Of a run that is tried again, neither."""
    again = another(course.line, run, status, code)
    course.end(RunFinished(run.ref, status, course.at, reason, code))
    if again:
        try_again(course, run)
        return
    wave = Wave(run.lane, run.causes, run.ref.job, ended=status)
    if untrusted(course, run) or closed(course, run.lane):
        return
    job, nodes = run.ref.job, course.line.nodes(made)
    arrived = spread(course, wave, [job, *(node.name for node in nodes if not silent(node, course.kinds))])
    arrived.add(job)
    missing = [name for name in behind(course.line.node(job)) if name not in made]
    if status.passed:
        for name in missing[1:]:
            withhold(course, wave.omission(name, f"{name} did not change", SKIPPED), [name], spared=arrived)
        reconsider(course, wave, sorted(_consumers(course, missing[1:]) - arrived))
    else:
        withhold(course, wave.omission(job, f"{job} {ENDINGS[status]}"), missing, spared=arrived)


def _consumers(course: Course, names: Sequence[str]) -> set[str]:
    return {name for node in course.line.nodes(names) for name in node.consumers}
