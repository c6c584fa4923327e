"""When an event makes a run and when a run may start, by the three modes; why not, otherwise (spec/workflow-language.md section 4.2).

The functions that decide are the ones that answer `why`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from app.workflow._edges import neighbours
from app.workflow._locks import holders
from app.workflow.definition import Input, Job
from app.workflow.kinds import Kinds
from app.workflow.line import MAIN, Lane, Line, Node, Run, RunRef, Status, Version


class Obstacle(StrEnum):
    """What kind of thing is in the way."""

    ALLOW = "allow"
    TURN = "turn"
    RUN = "run"
    JOB = "job"
    RESOURCE = "resource"
    POOL = "pool"
    LOCK = "lock"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing in the way of a run: `name` is the job, resource, pool or commit, `ref` the run that has to end, if one has.

    `sentence` says it in plain text, without a full stop.
    """

    kind: Obstacle
    name: str
    sentence: str
    ref: RunRef | None = None


def blocked(line: Line, run: Run, kinds: Kinds) -> tuple[Reason, ...]:
    """Why a waiting or queued run may not start; nothing when it may as soon as a worker of its pool is free."""
    return tuple(obstacles(line, run, kinds))


def why(line: Line, run: Run, kinds: Kinds, served: Collection[str] | None = None) -> tuple[Reason, ...]:
    """What a run that is waiting or queued waits for, a worker of its pool included. Nothing for other runs.

    `served`: the pools that somebody serves now; None where that is not known or would soon be out of date.
    """
    if run.status not in (Status.WAITING, Status.QUEUED):
        return ()
    return blocked(line, run, kinds) or (_free(run.pool, served),)


def _free(pool: str, served: Collection[str] | None) -> Reason:
    if served is None or pool in served:
        return Reason(Obstacle.POOL, pool, f"waits for a free worker of pool {pool}")
    return Reason(Obstacle.POOL, pool, f"no worker serves pool {pool}: add it to GATELINE_POOLS of a machine")


def obstacles(line: Line, run: Run, kinds: Kinds) -> Iterator[Reason]:
    """`blocked`, one by one: whoever only wants to know whether there is any asks for the first."""
    yield from _before_locks(line, run, kinds)
    job = line.node(run.ref.job).job
    if job is not None and job.lock is not None:
        for holder in holders(line, run, job.lock, lambda other: next(_before_locks(line, other, kinds), None) is None):
            yield Reason(Obstacle.LOCK, job.lock.name, holder.sentence, holder.ref)


def _before_locks(line: Line, run: Run, kinds: Kinds) -> Iterator[Reason]:
    """All that is in the way of a run but locks."""
    if run.due is not None:
        yield Reason(Obstacle.TIME, run.ref.job, f"is tried again (try {run.attempt}) at {clock(run.due)}")
    if run.held:
        yield Reason(Obstacle.ALLOW, run.causes[-1].sha, "waits until somebody allows this commit, which comes from a fork")
    job = line.node(run.ref.job).job
    if job is None:
        return
    if not job.parallel:
        yield from _before_it(line, run, job, kinds)
    if run.strict and run.status is Status.WAITING:
        yield from unsettled(line, job, run.lane, kinds)
    elif not run.strict and not run.immediate:
        yield from _busy_around(line, run, job)


def clock(at: float) -> str:
    """A time of day as people read it, with its zone."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC"


def waits_for_no_turn(run: Run) -> bool:
    """Whether others need not wait for this unfinished run: a strict entry is no run yet, a held one may never be."""
    return bool(run.held) or (run.strict and run.status is Status.WAITING)


def _before_it(line: Line, run: Run, job: Job, kinds: Kinds) -> Iterator[Reason]:
    """Runs of one job are serial within a lane, over all lanes where it has a gate or writes state (product.md section 5)."""
    everywhere = job.gate is not None or any(writes_state(line, job, kinds))
    for other in line.node(job.name).active:
        if other.ref == run.ref or (other.lane != run.lane and not everywhere):
            continue
        earlier = other.ref.number < run.ref.number and not waits_for_no_turn(other)
        if earlier or other.status is Status.RUNNING:
            yield Reason(Obstacle.TURN, job.name, f"waits for {other.ref}, which comes first", other.ref)


def writes_state(line: Line, job: Job, kinds: Kinds) -> Iterator[bool]:
    """For each OUT of `job` whether it is a `state`."""
    for node in line.nodes(step.name for step in job.outputs):
        yield silent(node, kinds)


def silent(node: Node, kinds: Kinds) -> bool:
    """Whether versions of this name never trigger (`state`)."""
    kind = kinds.resources.get(node.resource.type) if node.resource else None
    return kind is not None and kind.silent


def _busy_around(line: Line, run: Run, job: Job) -> Iterator[Reason]:
    """Chrono: no neighbour may be running, and upstream jobs that were asked to run earlier (or by the same event) go first."""
    around = neighbours(line, job)
    for node in line.nodes(around.all):
        for other in node.active:
            if other.lane != run.lane:
                continue
            earlier = node.name in around.upstream and other.created <= run.created and not waits_for_no_turn(other)
            if earlier or other.status is Status.RUNNING:
                state = "is running" if other.status is Status.RUNNING else "is still to run"
                yield Reason(Obstacle.RUN, node.name, f"waits for {other.ref}, which {state}", other.ref)


# -- whether an event makes a run ----------------------------------------------------------------------------------------


def unsettled(line: Line, job: Job, lane: Lane, kinds: Kinds) -> Iterator[Reason]:
    """Strict: all that the switched-on INs come from is final, successful and consistent (section 4.2, section 10 #3).

    A producer that never ran has nothing unfinished or failed, so it counts as settled; producers of `state` do not count.
    """
    node = line.node(job.name)
    ways = [step for step in job.inputs if step.switch]
    line.require_pasts((step.name for step in ways), lane)
    for step, far in zip(ways, line.nodes(step.name for step in ways), strict=True):
        if far.job:
            yield from _busy_in(far, lane)
            yield from _sick(line, node, step, lane)
        elif far.inconsistent:
            yield _unusable(far)
        elif not pinned(node, step) and not silent(far, kinds):
            others = [name for name in far.producers if name != job.name]
            line.require_pasts(others, lane)
            for producer in line.nodes(others):
                yield from _busy_in(producer, lane)
                yield from _sick_producer(line, producer, lane)


def unhealthy(line: Line, job: Job, lane: Lane) -> Iterator[Reason]:
    """Chrono: IN jobs (switched-off ones too) that failed, never ran or are inconsistent, and IN resources that are inconsistent."""
    node = line.node(job.name)
    line.require_pasts((step.name for step in job.inputs), lane)
    for step, far in zip(job.inputs, line.nodes(step.name for step in job.inputs), strict=True):
        if far.job:
            yield from _sick(line, node, step, lane)
        elif far.inconsistent:
            yield _unusable(far)


def _busy_in(node: Node, lane: Lane) -> Iterator[Reason]:
    for run in node.active:
        if run.lane == lane and not (run.strict and run.status is Status.WAITING):
            yield Reason(Obstacle.RUN, node.name, f"waits for {run.ref}, which is not over", run.ref)


def _sick(line: Line, node: Node, step: Input, lane: Lane) -> Iterator[Reason]:
    """The health of an IN job: its last executed run in the lane; with no run there, main's last successful one."""
    far = line.node(step.name)
    version = pinned_version(line, node, step, lane) if pinned(node, step) else None
    if version is not None and version.status and version.status.passed:
        return
    if far.inconsistent:
        yield _unusable(far)
        return
    past = line.past(step.name, lane)
    here = past.ended is not None or any(run.lane == lane for run in far.active)
    if not here and lane != MAIN:
        main = line.past(step.name)
        well = main.good is not None or (step.on_failure and main.latest is not None)
        ended = None
    else:
        ended = past.ended
        well = ended is not None and (ended.status.passed or step.on_failure)
    if not well:
        yield Reason(Obstacle.JOB, step.name, _ending(step.name, ended), ended.ref if ended else None)


def _sick_producer(line: Line, producer: Node, lane: Lane) -> Iterator[Reason]:
    if producer.inconsistent:
        yield _unusable(producer)
        return
    ended = line.past(producer.name, lane).ended
    if ended is not None and not ended.status.passed:
        yield Reason(Obstacle.JOB, producer.name, _ending(producer.name, ended), ended.ref)


def _unusable(node: Node) -> Reason:
    kind = Obstacle.JOB if node.job else Obstacle.RESOURCE
    return Reason(kind, node.name, f"{node.name} is inconsistent: {node.inconsistent[0]}")


ENDINGS = {
    Status.SUCCEEDED: "succeeded",
    Status.UNSTABLE: "is unstable",
    Status.FAILED: "failed",
    Status.TOLERATED: "failed, which is allowed",
    Status.ERRORED: "ended with an error",
    Status.LOST: "was lost",
    Status.TIMED_OUT: "timed out",
    Status.CANCELLED: "was cancelled",
    Status.SKIPPED: "was skipped",
}
"""What is said of a job whose run ended so."""


def _ending(name: str, run: Run | None) -> str:
    return f"{name} {ENDINGS[run.status]}" if run else f"{name} has never run"


# -- pins ----------------------------------------------------------------------------------------------------------------


def pinned(node: Node, step: Input) -> bool:
    """Whether this input takes a fixed version, by people or by the file."""
    return step.name in node.pins or step.pin is not None


def pinned_version(line: Line, node: Node, step: Input, lane: Lane) -> Version | None:
    """The version that a pinned input takes, None when there is none such. A pin that people set goes before the file's."""
    if step.name in node.pins:
        return line.version(step.name, f"#{node.pins[step.name].number}", lane)
    if step.pin is None:
        return None
    extra = step.pin.name if step.pin.name is not None else f"#{step.pin.number}"
    return line.version(step.name, extra, lane)
