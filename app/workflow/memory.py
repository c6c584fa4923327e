"""All of an account in memory: what the store does, without a database, for simulations and tests.

It answers needs from whole tables, never from indexes. A fact that does not fit what is there fails an assertion: `decide` is wrong then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from app.workflow import facts
from app.workflow.definition import Fragment, Job, Resource
from app.workflow.facts import Fact, LaneOpened
from app.workflow.line import (
    Actor,
    Candidate,
    CandidateState,
    Fragments,
    Lane,
    Need,
    Node,
    Past,
    Run,
    RunRef,
    Status,
    Version,
    VersionRef,
)

QUEUE = 50


class Ledger:
    """Rows by what they are; `write` takes facts as the store does, `answer` gives what `Need` asks for."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.resources: dict[str, Resource] = {}
        self.inconsistent: dict[str, tuple[str, ...]] = {}
        self.watches: dict[str, str] = {}
        self.paused: set[str] = set()
        self.pins: dict[str, dict[str, VersionRef]] = {}
        self.ready: dict[str, set[Lane]] = {}
        self.runs: dict[RunRef, Run] = {}
        self.versions: dict[VersionRef, Version] = {}
        self.candidates: dict[tuple[str, int], Candidate] = {}
        self.tips: dict[tuple[str, str], str] = {}
        self.lanes: dict[Lane, LaneOpened] = {}
        self.allowed: set[tuple[str, str]] = set()
        self.fragments: dict[str, Fragment] = {}
        self.repositories: dict[str, dict[str, str]] = {}
        self.runs_by_job: dict[str, list[RunRef]] = {}
        self.versions_by_name: dict[str, list[VersionRef]] = {}
        self._edges: dict[str, tuple[list[str], list[str]]] = {}

    def copy(self) -> Ledger:
        """Another that goes on from here on its own; values are frozen, so that only the tables are copied."""
        other = Ledger()
        for name, table in vars(self).items():
            setattr(other, name, table.copy())
        for name in ("runs_by_job", "versions_by_name", "pins", "ready"):
            getattr(other, name).update({key: each.copy() for key, each in getattr(self, name).items()})
        return other

    # -- reading -------------------------------------------------------------------------------------------------------------

    def answers(self, needs: Iterable[Need]) -> Mapping[Need, object]:
        return {need: self.answer(need) for need in needs}

    def answer(self, need: Need) -> object:
        found: object = getattr(self, f"_{need.kind}")(need)
        return found

    def _node(self, need: Need) -> Node:
        name = need.name
        return Node(
            name,
            job=self.jobs.get(name),
            resource=self.resources.get(name),
            consumers=tuple(self.edges(name)[0]),
            producers=tuple(self.edges(name)[1]),
            inconsistent=self.inconsistent.get(name, ()),
            paused=name in self.paused,
            pins=self.pins.get(name, {}),
            active=tuple(run for run in self.of(name) if not run.status.final),
            open=tuple(each for each in self.candidates_of(name) if each.state is CandidateState.OPEN),
            ready=frozenset(self.ready.get(name, ())),
            next_run=len(self.of(name)) + 1,
            next_version=len(self.versions_of(name)) + 1,
            next_candidate=len(self.candidates_of(name)) + 1,
        )

    def edges(self, name: str) -> tuple[list[str], list[str]]:
        """Jobs that have `name` as IN and as OUT."""
        if not self._edges:
            for job in self.jobs.values():
                for taken in dict.fromkeys(step.name for step in job.inputs):
                    self._edges.setdefault(taken, ([], []))[0].append(job.name)
                for made in dict.fromkeys(step.name for step in job.outputs):
                    self._edges.setdefault(made, ([], []))[1].append(job.name)
        return self._edges.get(name, ([], []))

    def of(self, job: str) -> list[Run]:
        return [self.runs[ref] for ref in self.runs_by_job.get(job, ())]

    def versions_of(self, name: str) -> list[Version]:
        return [self.versions[ref] for ref in self.versions_by_name.get(name, ())]

    def candidates_of(self, job: str) -> list[Candidate]:
        return [each for each in self.candidates.values() if each.job == job]

    def _past(self, need: Need) -> Past:
        versions = [each for each in self.versions_of(need.name) if each.lane == need.lane]
        runs = [each for each in self.of(need.name) if each.lane == need.lane]
        candidates = [each for each in self.candidates_of(need.name) if each.lane == need.lane]
        good = [each for each in versions if each.status and each.status.passed]
        ended = [each for each in runs if each.status.executed]
        opened = [each for each in candidates if each.state is CandidateState.OPENED]
        return Past(*(each[-1] if each else None for each in (versions, good, ended, opened, runs, candidates)))  # type: ignore[arg-type]  # one list a field

    def _version(self, need: Need) -> Version | None:
        if need.extra.startswith("#"):
            return self.versions.get(VersionRef(need.name, int(need.extra[1:])))
        seen = [each for each in self.versions_of(need.name) if each.label == need.extra and each.lane in (need.lane, Lane())]
        return seen[-1] if seen else None

    def _watching(self, need: Need) -> tuple[str, ...]:
        return tuple(name for name, repository in self.watches.items() if repository == need.name)

    def _tip(self, need: Need) -> str:
        return self.tips.get((need.name, need.extra), "")

    def _lane(self, need: Need) -> tuple[str, ...]:
        runs = [run.ref.job for run in self.runs.values() if run.lane == need.lane and not run.status.final]
        shown = [each.job for each in self.candidates.values() if each.lane == need.lane and each.state is CandidateState.OPEN]
        return tuple(dict.fromkeys(runs + shown))

    def _commit(self, need: Need) -> tuple[Run, ...]:
        newest: dict[tuple[str, Lane], Run] = {}
        for run in self.runs.values():
            if any((cause.repository, cause.sha) == (need.name, need.extra) for cause in run.causes):
                newest[run.ref.job, run.lane] = run
        return tuple(newest.values())

    def _queue(self, need: Need) -> tuple[Run, ...]:
        pools = need.extra.split(",")
        queued = [run for run in self.runs.values() if run.status is Status.QUEUED and run.pool in pools]
        return tuple(sorted(queued, key=lambda run: (not run.frozen, run.priority, run.created))[:QUEUE])

    def _sharing(self, need: Need) -> tuple[str, ...]:
        return tuple(sorted(job.name for job in self.jobs.values() if job.lock and job.lock.name == need.name))

    def _run(self, need: Need) -> Run | None:
        return self.runs.get(RunRef(need.name, int(need.extra)))

    def _fragments(self, _: Need) -> Fragments:
        return Fragments(dict(self.fragments), dict(self.repositories))

    def _allowed(self, need: Need) -> bool:
        return (need.name, need.extra) in self.allowed

    def _opened(self, need: Need) -> LaneOpened | None:
        return self.lanes.get(need.lane)

    def _heads(self, need: Need) -> tuple[LaneOpened, ...]:
        return tuple(
            each
            for each in self.lanes.values()
            if each.lane.kind == "pr" and each.repository == need.name and need.extra in (each.head_ref, each.head)
        )

    def _authors(self, need: Need) -> tuple[Actor, ...]:
        low, high = (int(number) for number in need.extra.split(".."))
        chosen = [each for each in self.versions_of(need.name) if low < each.ref.number <= high and each.lane in (need.lane, Lane())]
        return tuple({actor.id: actor for each in chosen for actor in each.actors}.values())

    # -- writing -------------------------------------------------------------------------------------------------------------

    def write(self, decided: Iterable[Fact]) -> None:
        for fact in decided:
            self._write(fact)

    def _change(self, ref: RunRef, **changes: Any) -> None:
        assert not self.runs[ref].status.final, f"{ref} is final and was changed"  # noqa: S101 - see above
        self.runs[ref] = replace(self.runs[ref], **changes)

    def _write(self, fact: Fact) -> None:
        match fact:
            case facts.VersionAdded(version):
                assert version.ref not in self.versions  # noqa: S101 - see above
                self.versions[version.ref] = version
                self.versions_by_name.setdefault(version.ref.name, []).append(version.ref)
            case facts.RunAdded(run):
                assert run.ref not in self.runs  # noqa: S101 - see above
                self.runs[run.ref] = run
                self.runs_by_job.setdefault(run.ref.job, []).append(run.ref)
                self.ready.get(run.ref.job, set()).discard(run.lane)
            case facts.RunJoined(ref, causes):
                self._change(ref, causes=(*self.runs[ref].causes, *causes))
            case facts.RunQueued(ref, pool):
                self._change(ref, status=Status.QUEUED, pool=pool)
            case facts.RunWaits(ref):
                self._change(ref, status=Status.WAITING)
            case facts.RunReleased(ref):
                self._change(ref, held="")
            case facts.RunDue(ref):
                self._change(ref, due=None)
            case facts.RunStarted(ref, inputs, worker, token, _, at):
                self._change(ref, status=Status.RUNNING, inputs=inputs, worker=worker, token=token, started=at)
            case facts.RunCancelling(ref, reason):
                self._change(ref, cancelling=True, reason=reason)
            case facts.RunFinished(ref, status, at, reason, code):
                self._change(ref, status=status, ended=at, reason=reason, code=code)
            case _:
                self._write_rest(fact)

    def _write_rest(self, fact: Fact) -> None:
        match fact:
            case facts.ReadyByHand(job, lane):
                self.ready.setdefault(job, set()).add(lane)
            case facts.CandidateProposed(candidate):
                self.candidates[candidate.job, candidate.number] = candidate
                self.ready.get(candidate.job, set()).discard(candidate.lane)
            case facts.ApprovalGiven(job, number, approval):
                found = self.candidates[job, number]
                self.candidates[job, number] = replace(found, approvals=(*found.approvals, approval))
            case facts.CandidateEnded(job, number, state, _, reason):
                assert self.candidates[job, number].state is CandidateState.OPEN  # noqa: S101 - see above
                self.candidates[job, number] = replace(self.candidates[job, number], state=state, reason=reason)
            case facts.JobDefined(defined, inconsistent):
                self.jobs[defined.name] = defined
                self._edges = {}
                self.inconsistent[defined.name] = inconsistent
            case facts.JobRemoved(name):
                del self.jobs[name]
                self._edges = {}
                self.inconsistent.pop(name, None)
            case facts.ResourceDefined(resource, repository, inconsistent):
                self.resources[resource.name] = resource
                self.watches[resource.name] = repository
                self.inconsistent[resource.name] = inconsistent
            case facts.ResourceRemoved(name):
                del self.resources[name]
                self.watches.pop(name, None)
                self.inconsistent.pop(name, None)
            case _:
                self._write_settings(fact)

    def _write_settings(self, fact: Fact) -> None:
        match fact:
            case facts.FragmentAdopted(fragment, repositories, removed):
                self.fragments.pop(fragment.source, None) if removed else self.fragments.update({fragment.source: fragment})
                self.repositories[fragment.source] = repositories
            case facts.PauseSet(job, paused):
                self.paused.add(job) if paused else self.paused.discard(job)
            case facts.PinSet(job, resource, version):
                pins = {name: ref for name, ref in self.pins.get(job, {}).items() if name != resource}
                self.pins[job] = pins if version is None else {**pins, resource: version}
            case facts.TipMoved(repository, ref, sha):
                self.tips[repository, ref] = sha
            case facts.LaneOpened(lane):
                self.lanes[lane] = fact
            case facts.LaneClosed(lane):
                self.lanes.pop(lane, None)
            case facts.ShaAllowed(repository, _, sha):
                self.allowed.add((repository, sha))

    def matching(self, glob: str) -> list[Run]:
        return [run for run in self.runs.values() if fnmatchcase(str(run.ref), glob)]
