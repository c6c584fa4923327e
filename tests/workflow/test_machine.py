"""Random lives of a line, each step held against the naive model (acceptance 9): `HYPOTHESIS_PROFILE=full` runs 2,000 of them."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.workflow.definition import Gate, Lock, Pin, Supersede
from app.workflow.events import Cancelled, CandidateDue, CommitAllowed, PauseChanged, PinChanged, Rejected, Retried
from app.workflow.facts import CandidateProposed, Fact, RunAdded, RunFinished, RunJoined, RunStarted, VersionAdded
from app.workflow.line import MAIN, CandidateState, Lane, Run, Status
from app.workflow.memory import Ledger
from tests.workflow import naive
from tests.workflow.worlds import World, actor, draw, pr, ref_of, sha

LINES = (
    "app -> A => J -> C; app -> B => J; A => conf -> J; pic -/> J; A -> shelf -> B",
    "app -> A => conf -> J; lib -> B -> J -> C; B -> shelf -> B; shelf -> A; pic -> C",
    "app -> A => B => C => D; A -> C; lib -/> D; C -> conf -> D",
    "app -> A; app -> J; A -> J; lib -> P -> conf -> J; J => C; A -/> C",
)
LOCKED = [{"lock": Lock("L")}, ["gate", {"lock": Lock("L", through_gate=True)}]]
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "J": st.sampled_from(
            ["strict", "immediate", "gate", ["strict", "gate"], {"parallel": True}, Gate(required=2, timeout=30.0), *LOCKED]
        ),
        "C": st.sampled_from(["strict", "gate", {"A": {"on_failure": True}}, {"supersede": Supersede.RUNNING}, *LOCKED]),
        "B": st.sampled_from(
            ["immediate", {"allow_failure": True}, {"supersede": Supersede.WAITING}, {"priority": 1}, {"app": {"switch": False}}, *LOCKED]
        ),
        "A": st.sampled_from(
            [
                {"allow_failure": True},
                {"conf": {"lanes": ("*",)}},
                {"conf": {"on_failure": True}},
                {"shelf": {"lanes": ("*",)}},
                "gate",
                *LOCKED,
            ]
        ),
        "D": st.sampled_from(["strict", {"lib": {"pin": Pin(number=1)}}, {"C": {"on_failure": True}}]),
    },
)
ENDS = st.sampled_from([Status.SUCCEEDED] * 6 + [Status.FAILED, Status.UNSTABLE, Status.ERRORED, Status.TIMED_OUT, Status.CANCELLED])
PEOPLE = st.sampled_from(["alice", "bob", "carol"])
PULL_REQUESTS = st.sampled_from([7, 8])


class Lives(RuleBasedStateMachine):
    """Events as they come; `_went` compares what came of each with the naive model."""

    @initialize(line=st.sampled_from(LINES), options=OPTIONS)
    def begin(self, line: str, options: dict[str, Any]) -> None:
        self.world = World(draw(line, options))
        self.pushed: list[str] = []
        self.before = self.world.ledger.copy()

    # -- what happens --------------------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(["app", "lib"]), branch=st.sampled_from(["main", "main", "main", "topic"]))
    def push(self, name: str, branch: str) -> None:
        commit = self._commit()
        self._went(lambda: self.world.push(name, commit, branch=branch), spreads=True)

    @rule(number=PULL_REQUESTS, fork=st.sampled_from([False, False, False, True]))
    def pull_request(self, number: int, fork: bool) -> None:
        opened = self.world.ledger.lanes.get(pr(number))
        commit, fork = self._commit(), opened.fork if opened else fork
        action = "updated" if opened else "opened"
        self._went(lambda: self.world.pull_request(number, commit, action=action, branch=f"topic{number}", fork=fork), spreads=True)

    @rule(number=PULL_REQUESTS)
    def close(self, number: int) -> None:
        opened = self.world.ledger.lanes.get(pr(number))
        if opened is not None:
            self._went(lambda: self.world.pull_request(number, "closed", action="closed", branch=f"topic{number}", fork=opened.fork))
            assert not [run for run in self.world.ledger.runs.values() if run.lane == pr(number) and _unstarted(run)]

    @rule(number=PULL_REQUESTS)
    def allow(self, number: int) -> None:
        opened = self.world.ledger.lanes.get(pr(number))
        if opened is not None:
            allowed = CommitAllowed(**self._by("bob"), repository="github:1", number=number, sha=opened.head)
            self._went(lambda: self.world.happen(allowed))

    @rule(resource=st.sampled_from(["conf", "pic"]), label=st.sampled_from(["1", "2", "3"]))
    def post(self, resource: str, label: str) -> None:
        if resource in self.world.ledger.resources:
            self._went(lambda: self.world.post(resource, label, params={"N": label}), spreads=True)

    @rule()
    def claim(self) -> None:
        expected = naive.next_claimed(self.world.ledger, "default")
        got: list[str] = []
        self._went(lambda: got.append(self.world.claim()))
        assert got == [str(expected.ref) if expected else ""]

    @precondition(lambda self: self._running())
    @rule(choice=st.integers(0, 9), status=ENDS, colour=st.sampled_from(["blue", "red", "green"]))
    def end(self, choice: int, status: Status, colour: str) -> None:
        run = self._pick(self._running(), choice)
        left = {"conf": {"COLOUR": colour}, "shelf": {"K": colour}}
        self._went(lambda: self.world.end(str(run.ref), status, **left), spreads=True)

    @precondition(lambda self: self._running())
    @rule(choice=st.integers(0, 9))
    def lose(self, choice: int) -> None:
        run = self._pick(self._running(), choice)
        self._went(lambda: self.world.lose(str(run.ref)), spreads=True)

    @precondition(lambda self: self._open())
    @rule(choice=st.integers(0, 9), person=PEOPLE, yes=st.sampled_from([True, True, True, False]))
    def answer(self, choice: int, person: str, yes: bool) -> None:
        candidate = self._pick(self._open(), choice)
        if yes:
            self._went(lambda: self.world.approve(candidate.job, person, candidate.digest))
        else:
            no = Rejected(**self._by(person), job=candidate.job, digest=candidate.digest)
            self._went(lambda: self.world.happen(no))

    @precondition(lambda self: self._open())
    @rule(choice=st.integers(0, 9), seconds=st.sampled_from([0, 60]))
    def come_due(self, choice: int, seconds: int) -> None:
        candidate = self._pick(self._open(), choice)
        self.world.now += seconds
        due = CandidateDue(**self.world.key(), job=candidate.job, number=candidate.number)
        self._went(lambda: self.world.happen(due))

    @rule(job=st.sampled_from("ABCJ"), lane=st.sampled_from([MAIN, MAIN, pr(7)]), values=st.sampled_from([(), (("K", "1"),)]))
    def trigger(self, job: str, lane: Lane, values: tuple[tuple[str, str], ...]) -> None:
        if lane.main or lane in self.world.ledger.lanes:
            self._went(lambda: self.world.trigger(job, lane=lane, values=values))

    @precondition(lambda self: self.pushed)
    @rule(choice=st.integers(0, 9))
    def retry(self, choice: int) -> None:
        commit = sha(self._pick(self.pushed, choice))
        again = Retried(**self._by("bob"), repository="github:1", sha=commit, jobs=("A", "B", "C", "J", "D", "P"))
        self._went(lambda: self.world.happen(again))

    @rule(choice=st.integers(0, 9))
    def cancel(self, choice: int) -> None:
        runs = [run for run in self.world.ledger.runs.values() if not run.status.final]
        if runs:
            run = self._pick(runs, choice)
            event = Cancelled(**self._by("bob"), runs=((run.ref.job, run.ref.number),))
            self._went(lambda: self.world.happen(event))

    @rule(job=st.sampled_from("ABCJ"), paused=st.booleans())
    def pause(self, job: str, paused: bool) -> None:
        event = PauseChanged(**self._by("bob"), job=job, paused=paused)
        self._went(lambda: self.world.happen(event))

    @rule(job=st.sampled_from("BCJ"), resource=st.sampled_from(["pic", "conf", "A"]), version=st.sampled_from(["#1", "2", None]))
    def pin(self, job: str, resource: str, version: str | None) -> None:
        event = PinChanged(**self._by("bob"), job=job, resource=resource, version=version)
        self._went(lambda: self.world.happen(event))

    @rule(line=st.sampled_from(LINES), options=OPTIONS)
    def adopt(self, line: str, options: dict[str, Any]) -> None:
        self._went(lambda: self.world.adopt(draw(line, options)))

    # -- what must hold ------------------------------------------------------------------------------------------------------

    @invariant()
    def what_may_start_is_queued_and_nothing_else(self) -> None:
        ledger = self.world.ledger
        for run in ledger.runs.values():
            if _unstarted(run) and run.ref.job in ledger.jobs:
                assert (run.status is Status.QUEUED) == naive.may_start(ledger, run), (run, self.world.unfinished())

    @invariant()
    def nothing_waits_that_no_file_defines(self) -> None:
        ledger = self.world.ledger
        assert not [run for run in ledger.runs.values() if _unstarted(run) and run.ref.job not in ledger.jobs]
        assert not [each for each in self._open() if each.job not in ledger.jobs]

    @invariant()
    def a_gate_shows_one_candidate_a_lane(self) -> None:
        shown = [(each.job, each.lane) for each in self._open()]
        assert len(shown) == len(set(shown))

    def teardown(self) -> None:
        """Whatever happened, the line comes to rest: what is left waits for something that only people or new events can give."""
        if not hasattr(self, "world"):
            return
        for run in self._running():
            self.world.end(str(run.ref))
        self.world.drain()
        left = [run for run in self.world.ledger.runs.values() if not run.status.final]
        assert all(run.held or naive.is_entry(run) or self._behind_a_gate(run) for run in left), self.world.unfinished()

    def _behind_a_gate(self, run: Run) -> bool:
        """Whether it waits for a lock that somebody's gate may hold."""
        lock = self.world.ledger.jobs[run.ref.job].lock
        gates = [self.world.ledger.jobs[each.job].lock for each in self._open()]
        return lock is not None and any(each and each.through_gate and each.name == lock.name for each in gates)

    # -- helping -------------------------------------------------------------------------------------------------------------

    def _went(self, happening: Any, spreads: bool = False) -> None:
        self.before = self.world.ledger.copy()
        happening()
        for fact in self.world.facts:
            if isinstance(fact, RunStarted):
                self._check_start(fact)
        if spreads:
            self._check_spread(self.world.facts)

    def _check_start(self, fact: RunStarted) -> None:
        ledger, run = self.world.ledger, self.before.runs[fact.run]
        job = ledger.jobs[run.ref.job]
        now = {taken.name: taken.version for taken in fact.inputs}
        given = {taken.name: taken.version for taken in run.inputs if not naive.is_state(ledger, taken.name)}
        if run.frozen:
            assert {name: ref for name, ref in now.items() if not naive.is_state(ledger, name)} == given
        else:
            newest = naive.taken(self.before, job, run.lane)
            assert now == {name: given.get(name, ref) for name, ref in newest.items()}
        lanes = {ledger.versions[ref].lane for ref in now.values() if ref}
        assert run.retry_of is not None or _has_pins(ledger, run) or lanes <= {MAIN, run.lane}
        if job.gate is not None and run.candidate is None:
            raise AssertionError(f"{run.ref} started without a candidate")
        if run.candidate is not None:
            assert ledger.candidates[run.ref.job, run.candidate].state is CandidateState.OPENED
        others = [each for each in naive.active(self.before, run.ref.job, run.lane) if each.status is Status.RUNNING]
        assert job.parallel or not others

    def _check_spread(self, facts: tuple[Fact, ...]) -> None:
        """Which jobs got a run, joined one or were proposed: as the naive model says, job by job, upstream first."""
        versions = [fact.version for fact in facts if isinstance(fact, VersionAdded)]
        ends = [fact for fact in facts if isinstance(fact, RunFinished) and self.before.runs[fact.run].status is Status.RUNNING]
        if ends:
            lane, ended, own = self.before.runs[ends[0].run].lane, (ends[0].run.job, ends[0].status), False
            names = {ends[0].run.job} | {each.ref.name for each in versions}
            if naive.of_a_fork(self.before, self.before.runs[ends[0].run]) or (not lane.main and lane not in self.world.ledger.lanes):
                names = set()
        elif versions:
            lane, ended, own = versions[0].lane, None, True
            names = {each.ref.name for each in versions}
        else:
            return
        names = {name for name in names if not naive.is_state(self.world.ledger, name)}
        self._compare(facts, lane, names, ended, own)

    def _compare(self, facts: tuple[Fact, ...], lane: Lane, names: set[str], ended: tuple[str, Status] | None, own: bool) -> None:
        mirror = _without_starts(self.before, facts)
        for job in naive.in_order(mirror, names):
            expected = naive.outcome(mirror, job, lane, names, ended, own)
            assert _actual(facts, job.name, lane) == expected or _same_again(mirror, job.name, lane, expected), (job.name, lane, expected)
            mirror.write(fact for fact in facts if isinstance(fact, RunAdded) and fact.run.ref.job == job.name)

    def _commit(self) -> str:
        self.pushed.append(f"c{len(self.pushed)}")
        return self.pushed[-1]

    def _by(self, person: str) -> dict[str, Any]:
        return {**self.world.key(), "by": actor(person), "via": "cli"}

    def _running(self) -> list[Run]:
        return [run for run in self.world.ledger.runs.values() if run.status is Status.RUNNING] if hasattr(self, "world") else []

    def _open(self) -> list[Any]:
        if not hasattr(self, "world"):
            return []
        return [each for each in self.world.ledger.candidates.values() if each.state is CandidateState.OPEN]

    @staticmethod
    def _pick(items: list[Any], choice: int) -> Any:
        return items[choice % len(items)]


def _unstarted(run: Run) -> bool:
    return run.status in (Status.WAITING, Status.QUEUED)


def _has_pins(ledger: Ledger, run: Run) -> bool:
    return bool(ledger.pins.get(run.ref.job)) or run.candidate is not None


def _without_starts(before: Ledger, facts: tuple[Fact, ...]) -> Ledger:
    """The ledger as it was when the news began to spread: versions, ends and cancellations made, nothing started yet."""
    mirror = before.copy()
    for fact in facts:
        if isinstance(fact, RunAdded | CandidateProposed | RunJoined):
            break
        mirror.write([fact])
    return mirror


def _actual(facts: tuple[Fact, ...], job: str, lane: Lane) -> str:
    for fact in facts:
        if isinstance(fact, RunAdded) and (fact.run.ref.job, fact.run.lane) == (job, lane):
            return "run"
        if isinstance(fact, CandidateProposed) and (fact.candidate.job, fact.candidate.lane) == (job, lane):
            return "candidate"
        if isinstance(fact, RunJoined) and fact.run.job == job:
            return "join"
    return "nothing"


def _same_again(ledger: Ledger, job: str, lane: Lane, expected: str) -> bool:
    """A candidate that is open with the same digest, or causes that an entry has already, leave no fact of their own."""
    shown = [each for each in ledger.candidates_of(job) if each.state is CandidateState.OPEN and each.lane == lane]
    return bool(expected == "candidate" and shown) or expected == "join"


FULL = os.environ.get("HYPOTHESIS_PROFILE") == "full"

TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=2000 if FULL else 50,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not FULL,
)


def test_a_run_is_named_by_job_and_number() -> None:
    assert str(ref_of("A#12")) == "A#12"
