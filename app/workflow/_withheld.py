"""What does not run because something before it failed or gave nothing new: so that no check waits for ever, or turns green."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from app.workflow._course import Course
from app.workflow.facts import NotRun
from app.workflow.line import Actor, Cause, Lane, Node, Run
from app.workflow.trigger import pinned, silent

SKIPPED, NOT_RUN, PAUSED = "skipped", "not_run", "paused"
"""The states of `NotRun`."""


@dataclass(frozen=True, slots=True)
class Omission:
    """Why the jobs behind something have no run for `causes`; fields as in `NotRun`."""

    lane: Lane
    causes: tuple[Cause, ...]
    state: str
    because: str
    reason: str

    def of(self, job: str) -> NotRun:
        return NotRun(job, self.lane, self.causes, self.state, self.because, self.reason)


def withhold(course: Course, omission: Omission, names: Iterable[str], spared: Collection[str] = (), own: bool = False) -> set[str]:
    """Notes that nothing comes from `names` (jobs, resources): for each job that would have followed, and so on downstream.

    `spared` jobs did get something from this event. `own`: `names` are repositories whose own lane this is.
    Returns the jobs that were looked at, `spared` ones too.
    """
    seen = set(spared)
    while names := _behind(course, omission, list(names), seen, own):
        own = False
    return seen


def pass_over(course: Course, omission: Omission, jobs: Iterable[str], reached: Collection[str]) -> None:
    """Notes that `jobs`, and what would follow them, have nothing to do for an event that `reached` other jobs.

    What follows one of those others hears of it when that has ended: until then nothing final may be said.
    """
    seen = _ahead(course, omission.lane, reached)
    omitted = [node for node in course.line.nodes(jobs) if node.name not in seen]
    seen |= {node.name for node in omitted}
    for node in omitted:
        course.ignore(node.name, omission.reason)
        course.note(omission.of(node.name))
        further = replace(omission, because=node.name, reason=f"{node.name} was skipped: {omission.reason}")
        seen = withhold(course, further, behind(node), spared=seen)


def _ahead(course: Course, lane: Lane, jobs: Collection[str]) -> set[str]:
    """`jobs`, and all that follows when they succeed."""
    seen, nodes = set(jobs), list(course.line.nodes(jobs))
    while nodes:
        nodes = _following(course, lane, [name for node in nodes for name in behind(node)], seen)
    return seen


def _behind(course: Course, omission: Omission, names: list[str], seen: set[str], own: bool) -> list[str]:
    """One step downstream: notes the jobs there, and returns the names behind which to look next."""
    further: list[str] = []
    for node in _following(course, omission.lane, names, seen, own):
        if not _is_about(node, omission):
            course.note(omission.of(node.name))
            further += behind(node)
    return further


def _following(course: Course, lane: Lane, names: list[str], seen: set[str], own: bool = False) -> list[Node]:
    """The jobs that follow `names` and were not `seen` yet; they are now."""
    loud = [node for node in course.line.nodes(names) if not silent(node, course.kinds)]
    silenced = {node.name for node in loud}
    consumers = dict.fromkeys(name for node in loud for name in node.consumers if name not in seen)
    found = [node for node in course.line.nodes(consumers) if node.job and _would_follow(node, silenced, lane, own)]
    seen.update(node.name for node in found)
    return found


def _would_follow(node: Node, names: set[str], lane: Lane, own: bool) -> bool:
    steps = node.job.inputs if node.job else ()
    return any(
        step.name in names and step.switch and step.on_success and not pinned(node, step) and (own or lane.matches(step.lanes))
        for step in steps
    )


def _is_about(node: Node, omission: Omission) -> bool:
    """Whether the job has something unfinished for one of the causes: that will be reported."""
    events = {cause.event for cause in omission.causes}
    pending = [run.causes for run in node.active if run.lane == omission.lane]
    pending += [candidate.causes for candidate in node.open if candidate.lane == omission.lane]
    return any(cause.event in events for causes in pending for cause in causes)


def behind(node: Node) -> list[str]:
    """The names whose consumers follow a job: itself and what it makes."""
    return [node.name, *(step.name for step in node.job.outputs)] if node.job else [node.name]


def cut(course: Course, run: Run, reason: str, by: Actor | None = None) -> None:
    """Cancels a run and, when it was over at once, says so to the jobs behind it."""
    course.stop(run, reason, by)
    if not run.executing:
        said = f"{run.ref.job} was cancelled"
        withhold(course, Omission(run.lane, run.causes, NOT_RUN, run.ref.job, said), behind(course.line.node(run.ref.job)))
