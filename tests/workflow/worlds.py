"""Tiny worlds: a line drawn in a sentence, things that happen to it, and what came of them.

    w = world("app -> A -> J -> C; B -> J", J="strict")
    w.push("app")                      # facts; then w.runs() == {"A#1": "queued"}

Names in capitals are jobs, the others resources: `app`, `lib` repositories; `conf` params; `shelf` state; `pic` an image; `clock` a time;
`fuse` a trigger; `hook` a webhook; `chat` a notification. Arrows: `->` an edge, `-/>` a shut IN, `=>` one followed in all lanes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from app.registry import load
from app.workflow.decide import decide
from app.workflow.definition import Fragment, Gate, Input, Job, Mode, Output, Resource, Step, Task
from app.workflow.errands import Errand, errands_for
from app.workflow.events import (
    Adopted,
    Approved,
    Claim,
    Commit,
    Event,
    LeaseExpired,
    Left,
    PullRequestChanged,
    Pushed,
    Repository,
    RunEnded,
    Ticked,
    Triggered,
    VersionPosted,
)
from app.workflow.facts import CandidateProposed, Denied, Fact, NotRun, RunAdded, RunQueued, RunStarted
from app.workflow.kinds import Kinds
from app.workflow.line import MAIN, Actor, Candidate, CandidateState, Lane, Line, Need, Run, RunRef, Status, Unloaded
from app.workflow.memory import Ledger

TYPES = {
    "app": "gitRepo",
    "lib": "gitRepo",
    "conf": "params",
    "shelf": "state",
    "pic": "image",
    "clock": "time",
    "fuse": "trigger",
    "hook": "webhook",
    "chat": "notification",
}
CONTENTS: Mapping[str, Mapping[str, Any]] = {
    "gitRepo": {"buildOnPullRequest": True},
    "params": {"params": {"COLOUR": "blue"}},
    "image": {"sourceName": "acme/pic", "versionName": "1"},
    "time": {"interval": "0 0 * * *"},
    "trigger": {"counter": 1},
    "webhook": {"webhookKey": "k"},
    "notification": {"method": "email", "recipients": "team@example.org"},
}
SOURCE = "github:acme/line@main"
ARROW = re.compile(r"\s*(-/>|->|=>)\s*")
REPOSITORIES = {"app": "github:1", "lib": "github:2"}
BUSY_ANSWERS = frozenset({"queue", "authors", "lane", "candidate", "fragments", "watching", "heads", "version", "run"})
"""Kinds of needs whose answers facts need not keep exact: they are read once in a decision."""


@cache
def kinds() -> Kinds:
    return Kinds(load("app.resources"), load("app.jobs"))  # type: ignore[arg-type]  # plugins of those packages are kinds


def actor(name: str) -> Actor:
    return Actor(f"github:{name}", name)


def repository(name: str) -> Repository:
    return Repository(REPOSITORIES[name], f"acme/{name}", default_branch="main")


def sha(text: str) -> str:
    """A commit called `text`, as 40 hex digits."""
    return text.encode().hex().ljust(40, "0")[:40]


# -- drawing -----------------------------------------------------------------------------------------------------------------


def draw(line: str, options: Mapping[str, Any]) -> Fragment:
    """What `line` and the options by job name mean, as a fragment."""
    steps: dict[str, list[Step]] = {}
    names: dict[str, None] = {}
    for chain in line.split(";"):
        ends = ARROW.split(chain.strip())
        names.update(dict.fromkeys(ends[::2]))
        for left, arrow, right in zip(ends[::2], ends[1::2], ends[2::2], strict=False):
            lanes = ("*",) if arrow == "=>" else ()
            if _is_job(right):
                steps.setdefault(right, []).append(Input(left, switch=arrow != "-/>", lanes=lanes))
            else:
                steps.setdefault(left, []).append(Output(right, lanes=lanes))
    jobs = [_job(name, steps.get(name, []), options.get(name)) for name in names if _is_job(name)]
    resources = [_resource(name, options.get(name)) for name in names if not _is_job(name)]
    return Fragment(SOURCE, sha("first"), tuple(jobs), tuple(resources))


def _is_job(name: str) -> bool:
    return name[:1].isupper()


def _job(name: str, steps: list[Step], option: Any) -> Job:
    job = Job(name, "runSh", SOURCE, (*steps, Task("Task 0", ("true",))))
    for each in option if isinstance(option, list) else [option]:
        job = _with(job, each)
    return job


def _with(job: Job, option: Any) -> Job:
    match option:
        case None:
            return job
        case "gate":
            return replace(job, gate=Gate())
        case Gate():
            return replace(job, gate=option)
        case str():
            return replace(job, mode=Mode(option))
        case dict():
            steps = tuple(_with_step(step, option) for step in job.steps)
            mine = {key: value for key, value in option.items() if key in Job.__dataclass_fields__}
            return replace(replace(job, steps=steps), **mine)
    raise AssertionError(option)


def _with_step(step: Step, option: Mapping[str, Any]) -> Step:
    """Options of a step stand under its name: `J={"A": {"on_failure": True}}`."""
    return replace(step, **option[step.name]) if step.name in option else step


def _resource(name: str, option: Any) -> Resource:
    kind = TYPES[name]
    content = {**CONTENTS.get(kind, {}), **(option or {})}
    if kind == "gitRepo":
        content["sourceName"] = f"acme/{name}"
    return Resource(name, kind, SOURCE, content=content, version_name=content.get("versionName"), raw=content)


# -- living ------------------------------------------------------------------------------------------------------------------


class World:
    """A line, the ledger of all that happened to it, and a clock that moves a second with each event."""

    def __init__(self, fragment: Fragment) -> None:
        self.ledger = Ledger()
        self.now = 1000.0
        self.facts: tuple[Fact, ...] = ()
        self.history: list[tuple[Event, tuple[Fact, ...]]] = []
        self.rounds = 0
        self.loaded: frozenset[Need] = frozenset()
        self._events = 0
        self.adopt(fragment)

    def happen(self, event: Event) -> tuple[Fact, ...]:
        """Decides, checks that the line after is the line that the ledger then holds, and keeps the facts in `self.facts`."""
        line, self.rounds = Line(), 0
        while True:
            try:
                decided = decide(line, event, kinds())
                break
            except Unloaded as missing:
                self.rounds += 1
                line = line.knowing(self.ledger.answers(missing.needs))
        self.loaded = frozenset(line._known)
        after = line.after(*decided)
        self.ledger.write(decided)
        for need in self.loaded:
            if need.kind not in BUSY_ANSWERS:
                assert _plain(after._known[need]) == _plain(self.ledger.answer(need)), need
        self.facts = decided
        self.history.append((event, decided))
        return decided

    def errands(self) -> tuple[Errand, ...]:
        """What the last event asks to be done outside."""
        event, decided = self.history[-1]
        return self.ask(lambda line: errands_for(line, event, decided))

    def ask(self, question: Any) -> Any:
        line = Line()
        while True:
            try:
                return question(line)
            except Unloaded as missing:
                line = line.knowing(self.ledger.answers(missing.needs))

    def key(self) -> dict[str, Any]:
        """Key and time of a new event."""
        self._events += 1
        self.now += 1
        return {"key": f"e{self._events}", "at": self.now}

    # -- things that happen --------------------------------------------------------------------------------------------------

    def adopt(self, fragment: Fragment) -> tuple[Fact, ...]:
        repositories = {f"acme/{name}": repository(name) for name in REPOSITORIES}
        return self.happen(Adopted(**self.key(), fragment=fragment, by=actor("owner"), repositories=repositories))

    def redraw(self, line: str, **options: Any) -> tuple[Fact, ...]:
        return self.adopt(draw(line, options))

    def push(self, name: str = "app", commit: str = "", *, branch: str = "main", by: str = "alice", **more: Any) -> tuple[Fact, ...]:
        key = self.key()
        after = sha(commit or key["key"])
        told = {"before": "", "message": "", **more}
        return self.happen(
            Pushed(
                **key,
                repository=repository(name),
                ref=f"refs/heads/{branch}",
                before=told["before"],
                after=after,
                commit=Commit(after, told["message"]),
                pusher=actor(by),
                ancestor_of=told.get("ancestor_of", ""),
                changed=told.get("changed"),
            )
        )

    def pull_request(self, number: int, commit: str, *, action: str = "opened", branch: str = "topic", **more: Any) -> tuple[Fact, ...]:
        fork = more.get("fork", False)
        return self.happen(
            PullRequestChanged(
                **self.key(),
                repository=repository("app"),
                number=number,
                action=action,
                title=more.get("title", "A change"),
                head=Commit(sha(commit)),
                head_ref=branch,
                head_repository="github:666" if fork else "github:1",
                base_ref="main",
                base_sha=sha("base"),
                authors=(actor(more.get("by", "alice")),),
                fork=fork,
                merged=more.get("merged", False),
                changed=more.get("changed"),
            )
        )

    def tick(self, resource: str = "clock") -> tuple[Fact, ...]:
        return self.happen(Ticked(**self.key(), resource=resource, scheduled=self.now))

    def post(self, resource: str, label: str = "", **bag: Any) -> tuple[Fact, ...]:
        return self.happen(VersionPosted(**self.key(), resource=resource, label=label, bag=bag, by=actor("api")))

    def trigger(self, job: str, *, lane: Lane = MAIN, by: str = "alice", **more: Any) -> tuple[Fact, ...]:
        return self.happen(Triggered(**self.key(), by=actor(by), via="cli", job=job, lane=lane, **more))

    def approve(self, job: str, by: str = "bob", digest: str = "") -> tuple[Fact, ...]:
        found = digest or self.shown(job).digest
        return self.happen(Approved(**self.key(), by=actor(by), via="cli", job=job, digest=found))

    def claim(self, pool: str = "default") -> str:
        """The run that a free worker gets now, "" for none."""
        key = self.key()
        event = Claim(**key, pools=(pool,), worker="w", token=f"token-{key['key']}", lease=self.now + 20)
        return next((str(fact.run) for fact in self.happen(event) if isinstance(fact, RunStarted)), "")

    def end(self, run: str, status: Status = Status.SUCCEEDED, **outputs: Mapping[str, str]) -> tuple[Fact, ...]:
        """The running `run` ends; `outputs` are key-values by the name of what they were left for."""
        ref = ref_of(run)
        left = {name: Left(keys=tuple(keys.items())) for name, keys in outputs.items()}
        token = self.ledger.runs[ref].token
        return self.happen(RunEnded(**self.key(), job=ref.job, number=ref.number, token=token, status=status, outputs=left))

    def lose(self, run: str) -> tuple[Fact, ...]:
        ref = ref_of(run)
        return self.happen(LeaseExpired(**self.key(), job=ref.job, number=ref.number, token=self.ledger.runs[ref].token))

    def run(self, run: str, status: Status = Status.SUCCEEDED, **outputs: Mapping[str, str]) -> tuple[Fact, ...]:
        """Claims, which must give `run`, and ends it."""
        claimed = self.claim()
        assert claimed == run, f"claimed {claimed or 'nothing'}: {self.runs()}"
        return self.end(run, status, **outputs)

    def drain(self, failing: str = "", limit: int = 200) -> list[str]:
        """Runs all that may start, one after the other; those of the job `failing` fail. Returns what ran, in order."""
        ran: list[str] = []
        while len(ran) < limit:
            if run := self.claim():
                self.end(run, Status.FAILED if run.startswith(f"{failing}#") else Status.SUCCEEDED)
                ran.append(run)
            elif not any(isinstance(fact, RunQueued | RunAdded) for fact in self.facts):
                break
        return ran

    # -- what came of them ---------------------------------------------------------------------------------------------------

    def runs(self, lane: Lane | None = None) -> dict[str, str]:
        return {str(run.ref): run.status.value for run in self.ledger.runs.values() if lane is None or run.lane == lane}

    def unfinished(self) -> dict[str, str]:
        return {str(run.ref): run.status.value for run in self.ledger.runs.values() if not run.status.final}

    def get(self, run: str) -> Run:
        return self.ledger.runs[ref_of(run)]

    def shown(self, job: str) -> Candidate:
        """The one open candidate of a job."""
        [found] = [each for each in self.ledger.candidates_of(job) if each.state is CandidateState.OPEN]
        return found

    def candidates(self, job: str) -> dict[int, str]:
        return {each.number: each.state.value for each in self.ledger.candidates_of(job)}

    def denied(self) -> str:
        """Why the last command was refused, "" when it was not."""
        return next((fact.reason for fact in self.facts if isinstance(fact, Denied)), "")

    def not_run(self) -> dict[str, str]:
        """Jobs for which the last event said that nothing runs: state and reason."""
        return {fact.job: f"{fact.state}: {fact.reason}" for fact in self.facts if isinstance(fact, NotRun)}

    def added(self) -> list[str]:
        return [str(fact.run.ref) for fact in self.facts if isinstance(fact, RunAdded)]

    def proposed(self) -> list[str]:
        return [fact.candidate.job for fact in self.facts if isinstance(fact, CandidateProposed)]

    def taken(self, run: str) -> dict[str, str]:
        """What a run took, by IN: the commit's or version's label, else its number."""
        found = {}
        for each in self.get(run).inputs:
            version = self.ledger.versions.get(each.version) if each.version else None
            label = bytes.fromhex(version.label).decode().rstrip("\0") if version and len(version.label) == 40 else None
            found[each.name] = label or (f"#{version.ref.number}" if version else "-")
        return found


def _plain(answer: object) -> object:
    """An answer without what is only an order."""
    if isinstance(answer, tuple) and answer and isinstance(answer[0], Run):
        return sorted(answer, key=lambda run: run.ref)
    if hasattr(answer, "consumers"):
        return replace(answer, consumers=tuple(sorted(answer.consumers)), producers=tuple(sorted(answer.producers)))  # type: ignore[type-var]  # a Node
    return answer


def ref_of(run: str) -> RunRef:
    job, _, number = run.partition("#")
    return RunRef(job, int(number))


def world(line: str, **options: Any) -> World:
    return World(draw(line, options))


def pr(number: int) -> Lane:
    return Lane(f"pr/{number}@github:1")


def branch(name: str) -> Lane:
    return Lane(f"branch/{name}@github:1")
