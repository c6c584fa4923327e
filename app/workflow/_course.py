"""The course of one decision: a private line that each fact changes at once, and the jobs that have to be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.workflow._edges import load_around, neighbours
from app.workflow._locks import concerned
from app.workflow.definition import Job, Resource
from app.workflow.events import Event
from app.workflow.facts import Denied, Fact, Ignored, RunAdded, RunCancelling, RunFinished, RunQueued, RunWaits
from app.workflow.kinds import Kinds, ResourceKind
from app.workflow.line import Actor, Cause, Line, Run, RunRef, Status
from app.workflow.trigger import obstacles
from app.workflow.values import DEFAULT_POOL


class Course:
    """What was decided so far. Each fact is computed on `line` as the one before left it (architecture.md section 6, rule 2)."""

    def __init__(self, line: Line, event: Event, kinds: Kinds) -> None:
        self.line = line.after()
        self.event = event
        self.kinds = kinds
        self.facts: list[Fact] = []
        self._touched: dict[str, None] = {}

    @property
    def at(self) -> float:
        return self.event.at

    def note(self, *facts: Fact) -> None:
        for fact in facts:
            self.touch(concerned(self.line, fact))
            self.facts.append(fact)
            self.line.unfold(fact)

    def ignore(self, subject: str, reason: str) -> None:
        self.note(Ignored(subject, reason))

    def deny(self, reason: str) -> None:
        self.note(Denied(reason))

    def kind_of(self, resource: Resource | None) -> ResourceKind | None:
        return self.kinds.resources.get(resource.type) if resource else None

    # -- runs that change ------------------------------------------------------------------------------------------------

    def may_start(self, run: Run) -> bool:
        return next(obstacles(self.line, run, self.kinds), None) is None

    def add(self, run: Run) -> None:
        """A new run, queued when nothing is in its way."""
        if self.may_start(run):
            self.note(RunAdded(replace(run, status=Status.QUEUED)))
        else:
            self.note(RunAdded(run))
        self.disturb(run.ref.job)

    def finish(self, ref: RunRef, status: Status, reason: str = "", by: Actor | None = None) -> None:
        self.end(RunFinished(ref, status, self.at, reason, by=by))

    def end(self, fact: RunFinished) -> None:
        self.note(fact)
        self.disturb(fact.run.job)

    def stop(self, run: Run, reason: str, by: Actor | None = None) -> None:
        """Cancels a run: at once when no worker executes it, else by asking that one."""
        if run.executing:
            if not run.cancelling:
                self.note(RunCancelling(run.ref, reason, by))
        else:
            self.finish(run.ref, Status.CANCELLED, reason, by=by)

    # -- what has to be looked at again ------------------------------------------------------------------------------------

    def touch(self, names: Iterable[str]) -> None:
        self._touched.update(dict.fromkeys(names))

    def disturb(self, job: str) -> None:
        """A run of `job` came, started or ended: it and its neighbours may be free now, or not any more."""
        node = self.line.node(job)
        self.touch((job, *neighbours(self.line, node.job).all) if node.job else (job,))

    def settle(self) -> None:
        """Looks at the waiting and queued runs of all that was touched, until nothing is."""
        self.line.nodes(self._touched)
        load_around(self.line, [name for name in self._touched if self._unstarted(name)])
        while self._touched:
            name = next(iter(self._touched))
            del self._touched[name]
            for run in self._unstarted(name):
                self._look(run)

    def _unstarted(self, name: str) -> list[Run]:
        node = self.line.node(name)
        return [run for run in node.active if run.status is not Status.RUNNING] if node.job else []

    def _look(self, run: Run) -> None:
        free = self.may_start(run)
        if free and run.status is Status.WAITING:
            self.note(RunQueued(run.ref, pool_of(self.line.node(run.ref.job).job) if run.candidate is None else run.pool))
        elif not free and run.status is Status.QUEUED:
            self.note(RunWaits(run.ref))


def pool_of(job: Job | None) -> str:
    return (job.runtime.pool if job else "") or DEFAULT_POOL


def held(line: Line, causes: tuple[Cause, ...]) -> str:
    """`Run.held`: a fork's commit waits until it is allowed (product.md section 8)."""
    forks = [cause for cause in causes if cause.fork]
    return "allow" if any(not line.allowed(cause.repository, cause.sha) for cause in forks) else ""
