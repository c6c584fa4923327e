"""`lock:` of a job: of all jobs that name one, in all lanes, one run at a time, first come first served (docs/write-a-line.md).

A run waits for the one that executes, and for each that came before it and waits for nothing but the lock: whoever waits for something
else as well keeps nobody from it. With `hold: gate` a job has the lock from its candidate on, and a run that the gate opened stands where
that stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.workflow.definition import Job, Lock
from app.workflow.facts import (
    CandidateEnded,
    CandidateProposed,
    Fact,
    JobDefined,
    JobRemoved,
    RunAdded,
    RunDue,
    RunFinished,
    RunQueued,
    RunReleased,
    RunStarted,
    RunWaits,
)
from app.workflow.values import Candidate, Run, RunRef, Status

if TYPE_CHECKING:
    from app.workflow.line import Line
    from app.workflow.needs import Node


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the lock, or comes first: the sentence that says so, and the run that has to end, if it is one."""

    sentence: str
    ref: RunRef | None = None


def holders(line: Line, run: Run, lock: Lock, ready: Callable[[Run], bool]) -> Iterator[Holder]:
    """What keeps `run` from the lock. `ready`: whether a run that has not started waits for nothing but locks."""
    place = _place(line, run)
    for node in line.nodes(line.sharing(lock.name)):
        for other in node.active:
            if other.ref == run.ref:
                continue
            if other.status is Status.RUNNING:
                yield Holder(f"waits for the lock {lock.name}, which {other.ref} holds", other.ref)
            elif _place(line, other) < place and ready(other):
                yield Holder(f"waits for the lock {lock.name}: {other.ref} asked for it first", other.ref)
        for candidate in node.open if node.job and node.job.lock and node.job.lock.through_gate else ():
            if (candidate.created, node.name) < place[:2] and not _own(candidate, run):
                yield Holder(f"waits for the lock {lock.name}, which {node.name} holds until its gate is answered and its run over")


def _own(candidate: Candidate, run: Run) -> bool:
    """A newer candidate of a job keeps none of its own runs waiting."""
    return (candidate.job, candidate.lane) == (run.ref.job, run.lane)


def _place(line: Line, run: Run) -> tuple[float, str, int]:
    """Where a run stands in the queue for its lock."""
    since = run.created
    job = line.node(run.ref.job).job
    if run.candidate is not None and job and job.lock and job.lock.through_gate:
        opened = line.past(run.ref.job, run.lane).approved
        since = opened.created if opened and opened.number == run.candidate else since
    return since, run.ref.job, run.ref.number


def concerned(line: Line, fact: Fact) -> tuple[str, ...]:
    """The jobs whose runs may be free, or not any more, because of a lock that `fact` is about."""
    match fact:
        case RunAdded(run):
            return _sharing(line, _lock(line.node(run.ref.job)))
        case RunQueued(run=ref) | RunWaits(run=ref) | RunReleased(run=ref) | RunDue(run=ref) | RunStarted(run=ref) | RunFinished(run=ref):
            return _sharing(line, _lock(line.node(ref.job)))
        case CandidateProposed(candidate):
            return _sharing(line, _lock(line.node(candidate.job)))
        case CandidateEnded(job=name) | JobRemoved(name=name):
            return _sharing(line, _lock(line.node(name)))
        case JobDefined(job):
            return (*_sharing(line, _lock(line.node(job.name))), *_sharing(line, job.lock))
    return ()


def _lock(node: Node) -> Lock | None:
    return node.job.lock if node.job else None


def _sharing(line: Line, lock: Lock | None) -> tuple[str, ...]:
    return line.sharing(lock.name) if lock else ()


def shared(names: tuple[str, ...], name: str, job: Job | None, lock: str) -> tuple[str, ...]:
    """`names`, who share `lock`, when the job called `name` is now as `job` says (None: it is gone)."""
    there = job is not None and job.lock is not None and job.lock.name == lock
    return tuple(sorted({*names, name} if there else {*names} - {name}))
