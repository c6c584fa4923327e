"""What an event does to the jobs that have it as IN: a run, a place in a waiting entry, a candidate, or nothing and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.workflow._candidates import close_open
from app.workflow._course import Course, held, pool_of
from app.workflow._edges import load_around
from app.workflow._inputs import choose
from app.workflow._proposals import Wish, propose
from app.workflow._withheld import NOT_RUN, PAUSED, SKIPPED, Omission, behind, cut, pass_over, withhold
from app.workflow.definition import Input, Job, Mode, Supersede
from app.workflow.facts import ReadyByHand, RunJoined
from app.workflow.line import MAIN, Actor, Cause, Lane, Line, Node, Run, RunRef, Status
from app.workflow.paths import UNTOUCHED, touches
from app.workflow.trigger import Reason, pinned, unhealthy, unsettled


@dataclass(frozen=True, slots=True)
class Wave:
    """What goes through the line: its lane, its root causes, and what sent it on (`trigger`, a job or a resource).

    `ended` is how the job that sent it ended. `own`: it starts from repositories whose own lane this is (product.md section 5).
    `changed`: the files of a repository that are others now, None when that is not known: then any file may be.
    """

    lane: Lane
    causes: tuple[Cause, ...]
    trigger: str
    ended: Status | None = None
    own: bool = False
    changed: frozenset[str] | None = None

    @property
    def fork(self) -> bool:
        return any(cause.fork for cause in self.causes)

    def omission(self, because: str, reason: str, state: str = NOT_RUN) -> Omission:
        return Omission(self.lane, self.causes, state, because, reason)

    def concerns(self, step: Input) -> bool:
        return step.paths is None or self.changed is None or touches(step.paths, self.changed)


FAILURES = frozenset({Status.FAILED, Status.TOLERATED, Status.UNSTABLE, Status.ERRORED, Status.LOST})
"""Ends that `triggerOnFailure` follows; nothing follows a cancelled or timed-out run (section 4.1)."""


def spread(course: Course, wave: Wave, names: Sequence[str]) -> set[str]:
    """Brings new versions of `names` to their consumers, each once (section 10 #5). Returns the jobs that they arrived at."""
    line = course.line
    following = dict.fromkeys(name for node in line.nodes(names) for name in node.consumers)
    followed = {node.name: _followed(course, wave, node, set(names)) for node in line.nodes(following)}
    arrivals = {name: [step for step in steps if wave.concerns(step)] for name, steps in followed.items()}
    reached = _upstream_first(line, [name for name, steps in arrivals.items() if steps])
    load_around(line, reached)
    _load_pasts(line, reached, wave.lane)
    for name in reached:
        _arrive(course, wave, name, arrivals[name])
    started = {name for name in reached if _open(arrivals[name])}
    untouched = [name for name, steps in followed.items() if _open(steps) and name not in started]
    if untouched:
        pass_over(course, wave.omission(wave.trigger, UNTOUCHED, SKIPPED), untouched, started)
    return started


def _open(steps: Sequence[Input]) -> bool:
    return any(step.switch for step in steps)


def _upstream_first(line: Line, names: Sequence[str]) -> list[str]:
    """`names` in an order in which a job comes after those of them that are its INs."""
    left, found = set(names), dict[str, None]()

    def visit(name: str) -> None:
        left.discard(name)
        job = line.node(name).job
        for step in job.inputs if job else ():
            if step.name in left:
                visit(step.name)
        found[name] = None

    for name in names:
        if name in left:
            visit(name)
    return list(found)


def _followed(course: Course, wave: Wave, node: Node, names: set[str]) -> list[Input]:
    """The INs of a job that this reaches, shut ones too."""
    found = [step for step in (node.job.inputs if node.job else ()) if step.name in names and _follows(wave, step)]
    for step in found:
        if pinned(node, step):
            course.ignore(node.name, f"its input {step.name} is pinned")
    return [step for step in found if not pinned(node, step)]


def _follows(wave: Wave, step: Input) -> bool:
    if not (wave.own or wave.lane.matches(step.lanes)):
        return False
    if wave.ended is None or step.name != wave.trigger:
        return True
    return (step.on_success and wave.ended.passed) or (step.on_failure and wave.ended in FAILURES)


def _load_pasts(line: Line, names: Iterable[str], lane: Lane) -> None:
    jobs = [node.job for node in line.nodes(names) if node.job]
    line.require_pasts({name for job in jobs for name in (job.name, *(step.name for step in job.inputs))}, lane)


def _arrive(course: Course, wave: Wave, name: str, steps: list[Input]) -> None:
    step = next((step for step in steps if step.switch), None)
    if step is None:
        course.note(*(ReadyByHand(name, wave.lane, step.name) for step in steps))
        course.touch([name])
        return
    node = course.line.node(name)
    if node.paused:
        course.ignore(name, "it is paused")
        course.note(wave.omission(name, f"{name} is paused", PAUSED).of(name))
    elif node.inconsistent:
        _refuse(course, node, wave.omission(name, f"{name} is inconsistent: {node.inconsistent[0]}"))
    elif node.job:
        _start(course, wave, node.job, step.mode or node.job.mode)


def _refuse(course: Course, node: Node, omission: Omission) -> None:
    course.ignore(node.name, omission.reason)
    course.note(omission.of(node.name))
    withhold(course, omission, behind(node), spared=[node.name])


def _start(course: Course, wave: Wave, job: Job, mode: Mode) -> None:
    """The table of section 4.2, at event time."""
    line, node = course.line, course.line.node(job.name)
    if mode is Mode.CHRONO:
        sick = next(unhealthy(line, job, wave.lane), None)
        if sick is not None:
            _hold_back(course, wave, node, sick)
            return
    causes = joined_causes(line, job, wave)
    if job.gate is not None:
        loose = next(unsettled(line, job, wave.lane, course.kinds), None) if mode is Mode.STRICT else None
        if loose is None:
            propose(course, node, wave.lane, Wish(causes))
        else:
            course.ignore(job.name, loose.sentence)
            course.note(ReadyByHand(job.name, wave.lane, wave.trigger))
    elif mode is Mode.STRICT and (entry := strict_entry(node, wave.lane)):
        _join(course, entry, causes)
    else:
        add_run(course, node, wave, causes, mode)


def reconsider(course: Course, wave: Wave, names: Iterable[str]) -> None:
    """Strict jobs with a gate have no waiting entry: what came while they were not settled is proposed when they are."""
    for node in course.line.nodes(names):
        job = node.job
        if job is None or job.gate is None or wave.lane not in node.ready or node.paused or node.inconsistent:
            continue
        _load_pasts(course.line, [job.name], wave.lane)
        settled = next(unsettled(course.line, job, wave.lane, course.kinds), None) is None
        if settled and job.mode is Mode.STRICT and _has_news(course, node, wave.lane):
            propose(course, node, wave.lane, Wish(joined_causes(course.line, job, wave)))


def _has_news(course: Course, node: Node, lane: Lane) -> bool:
    """Whether an open IN has a newer version than what was proposed last."""
    proposed = course.line.past(node.name, lane).proposed
    had = {taken.name: taken.version for taken in proposed.inputs} if proposed else {}
    steps = [step.name for step in node.job.inputs if step.switch] if node.job else []
    chosen = choose(course.line, node, lane, course.kinds).refs
    return any(chosen.get(name) not in (None, had.get(name)) for name in steps)


def _hold_back(course: Course, wave: Wave, node: Node, sick: Reason) -> None:
    """No run because of the health of `sick`; nothing final is said while a run of it is still going on."""
    far = course.line.node(sick.name)
    if any(run.lane == wave.lane for run in far.active):
        course.ignore(node.name, f"{sick.sentence}, and is not over yet")
    else:
        _refuse(course, node, wave.omission(sick.name, sick.sentence))


def strict_entry(node: Node, lane: Lane) -> Run | None:
    """The one waiting entry of a strict join."""
    return next((run for run in node.active if run.lane == lane and run.strict and run.status is Status.WAITING), None)


def _join(course: Course, entry: Run, causes: tuple[Cause, ...]) -> None:
    had = {cause.event for cause in entry.causes}
    new = tuple(cause for cause in causes if cause.event not in had)
    if new:
        course.note(RunJoined(entry.ref, new))
    course.touch([entry.ref.job])


def joined_causes(line: Line, job: Job, wave: Wave) -> tuple[Cause, ...]:
    """The union, oldest first, of what reached the job's INs since its last run (product.md section 6)."""
    newest = line.past(job.name, wave.lane).newest
    found = []
    for step in job.inputs:
        ended = line.past(step.name, wave.lane).ended if step.switch else None
        if ended and ended.status.passed and (newest is None or (ended.ended or 0.0) > newest.created):
            found.append(ended)
    found.sort(key=lambda run: run.ended or 0.0)
    return distinct(cause for causes in (*(run.causes for run in found), wave.causes) for cause in causes)


def distinct(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Each root event once, the last mention's place kept: newest last."""
    found: dict[str, Cause] = {}
    for cause in causes:
        found.pop(cause.event, None)
        found[cause.event] = cause
    return tuple(found.values())


def add_run(course: Course, node: Node, wave: Wave, causes: tuple[Cause, ...], mode: Mode) -> Run:
    run = new_run(course, node, wave.lane, causes)
    run = replace(run, trigger=wave.trigger, strict=mode is Mode.STRICT, immediate=mode is Mode.IMMEDIATE)
    supersede_older(course, node, wave.lane)
    close_open(course, node, wave.lane, "a newer change runs without a gate")
    course.add(run)
    return run


def new_run(course: Course, node: Node, lane: Lane, causes: tuple[Cause, ...], by: Actor | None = None) -> Run:
    """A run of a job as it is now, still waiting; a fork's commit holds it until it is allowed (product.md section 8)."""
    job = node.job
    return Run(
        ref=RunRef(node.name, node.next_run),
        lane=lane,
        status=Status.WAITING,
        causes=causes,
        created=course.at,
        pool=pool_of(job),
        priority=job.priority if job else 0,
        by=by,
        held=held(course.line, causes),
    )


def supersede_older(course: Course, node: Node, lane: Lane) -> None:
    """In main a newer cause cancels older runs of the job only where `supersede` says so (product.md section 5)."""
    rule = node.job.supersede if node.job else None
    if lane != MAIN or rule not in (Supersede.WAITING, Supersede.RUNNING):
        return
    for run in node.active:
        if run.lane == lane and (run.status is not Status.RUNNING or rule is Supersede.RUNNING):
            cut(course, run, "superseded by a newer change")
