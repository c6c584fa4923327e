"""A line without anything outside: events go to the real `decide`, and an account in memory keeps what it decides.

Runs end as they are told to, succeeded where nobody said how.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.workflow._course import pool_of
from app.workflow.decide import decide
from app.workflow.definition import Fragment, digest
from app.workflow.events import Adopted, CandidateDue, Claim, Commit, Event, Left, Repository, RunEnded
from app.workflow.facts import Fact, RunStarted
from app.workflow.kinds import Kinds
from app.workflow.line import Actor, CandidateState, Line, RunRef, Status, Unloaded
from app.workflow.memory import Ledger
from app.workflow.outputs import LABEL

START = 1_750_000_000.0
"""When a simulation begins (seconds since the epoch): always then, so that it says the same each time."""
MOST_RUNS = 10_000
"""Runs after one event: a line that never comes to rest is stopped there."""
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends. `status` None: not before it is told to. `outputs`: OUT -> key-values that it leaves there."""

    status: Status | None = Status.SUCCEEDED
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Simulation:
    """One account that begins with `fragments` (source -> fragment). Its clock moves a second with each event."""

    def __init__(self, fragments: Mapping[str, Fragment], kinds: Kinds) -> None:
        self.kinds = kinds
        self.ledger = Ledger()
        self.now = START
        self.repositories = _repositories(fragments)
        self._endings: dict[str, deque[Ending]] = {}
        self._events = 0
        for fragment in fragments.values():
            tips = {resource.name: Commit(self.sha(resource.name)) for resource in fragment.resources}
            known = {name.lower(): each for name, each in self.repositories.items()}
            self.happen(Adopted(key=self.key(), at=self.now, fragment=fragment, by=person("somebody"), repositories=known, tips=tips))

    def key(self) -> str:
        """Of a new event, which comes a second after the one before."""
        self._events += 1
        self.now += 1
        return f"simulated {self._events}"

    def sha(self, seed: str = "") -> str:
        """Of a new commit."""
        return digest([seed, self._events])[:40]

    def happen(self, event: Event) -> tuple[Fact, ...]:
        facts = self.ask(lambda line: decide(line, event, self.kinds))
        self.ledger.write(facts)
        return facts

    def ask(self, question: Callable[[Line], Answer]) -> Answer:
        """What `question` finds on the line as it stands, which is loaded as far as it needs."""
        line = Line()
        while True:
            try:
                return question(line)
            except Unloaded as missing:
                line = line.knowing(self.ledger.answers(missing.needs))

    # -- runs ----------------------------------------------------------------------------------------------------------------

    def plan_ending(self, job: str, ending: Ending) -> None:
        """The next run of `job` that starts ends so."""
        self._endings.setdefault(job, deque()).append(ending)

    def running(self, job: str) -> RunRef | None:
        """The run of `job` that goes on, the oldest of several."""
        return next((run.ref for run in self.ledger.of(job) if run.status is Status.RUNNING), None)

    def work(self) -> Iterator[tuple[Fact, ...]]:
        """Every run that may start is started and ended, one after the other, until none may."""
        for _ in range(MOST_RUNS):
            facts = self._claim()
            started = next((fact.run for fact in facts if isinstance(fact, RunStarted)), None)
            if started is None:
                return
            yield facts
            planned = self._endings.get(started.job)
            ending = planned.popleft() if planned else Ending()
            if ending.status is not None:
                yield self.end(started, ending)

    def _claim(self) -> tuple[Fact, ...]:
        pools = tuple(sorted({pool_of(job) for job in self.ledger.jobs.values()}))
        key = self.key()
        return self.happen(Claim(key=key, at=self.now, pools=pools, worker="a worker", token=key, lease=self.now + 20))

    def end(self, run: RunRef, ending: Ending) -> tuple[Fact, ...]:
        """What it leaves for an OUT that `ending` does not speak of is a version called like the run's number."""
        job = self.ledger.jobs.get(run.job)
        named = {step.name: Left(((LABEL, str(run.number)),)) for step in job.outputs} if job else {}
        told = {name: Left(tuple(keys.items())) for name, keys in ending.outputs.items()}
        return self.happen(
            RunEnded(
                key=self.key(),
                at=self.now,
                job=run.job,
                number=run.number,
                token=self.ledger.runs[run].token,
                status=ending.status or Status.SUCCEEDED,
                outputs={**named, **told},
            )
        )

    # -- time ----------------------------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> Iterator[tuple[Fact, ...]]:
        """Time passes; candidates whose gate's time is over expire."""
        self.now += seconds
        for each in list(self.ledger.candidates.values()):
            if each.state is CandidateState.OPEN and each.expires is not None and each.expires <= self.now:
                yield self.happen(CandidateDue(key=self.key(), at=self.now, job=each.job, number=each.number))


def person(login: str) -> Actor:
    return Actor(f"simulated:{login}", login)


def _repositories(fragments: Mapping[str, Fragment]) -> dict[str, Repository]:
    """What resources of the line watch, by `owner/name`. The default branch is the first that a resource names."""
    branches: dict[str, str] = {}
    for fragment in fragments.values():
        for resource in fragment.resources:
            name = resource.content.get("sourceName")
            if isinstance(name, str) and "/" in name:
                branches[name] = branches.get(name) or str(resource.content.get("branch") or "")
    return {
        name: Repository(f"simulated:{number}", name, default_branch=branch or "main")
        for number, (name, branch) in enumerate(branches.items(), 1)
    }
