"""The table and the examples of spec/workflow-language.md section 4.2, a tiny world for every sentence."""

from __future__ import annotations

import pytest

from app.workflow.definition import Mode
from app.workflow.line import Status
from app.workflow.trigger import Obstacle, blocked, why
from tests.workflow.worlds import World, kinds, world

MODES = ("chrono", "immediate", "strict")
FAILURES = [Status.FAILED, Status.ERRORED, Status.TIMED_OUT, Status.UNSTABLE]


def reasons(w: World, run: str) -> list[str]:
    return [reason.sentence for reason in w.ask(lambda line: blocked(line, w.get(run), kinds()))]


def joined(mode: str, **options: object) -> World:
    """A, B -> J -> C, where everything has run once; A and B start by repositories of their own."""
    w = world("app -> A -> J -> C; lib -> B -> J", J=mode, **options)
    w.push("app")
    w.push("lib")
    w.drain()
    return w


# -- at event time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("mode", "outcome"), [("chrono", None), ("immediate", "queued"), ("strict", "waiting")])
def test_an_upstream_job_that_failed(mode: str, outcome: str | None, failure: Status) -> None:
    w = joined(mode)
    w.push("lib")
    w.run("B#2", failure)
    before = w.runs().keys()
    w.push("app")
    w.run("A#2")
    assert [w.runs()[run] for run in w.runs().keys() - before if run.startswith("J")] == ([outcome] if outcome else [])


@pytest.mark.parametrize(("mode", "outcome"), [("chrono", {}), ("immediate", {"J#1": "queued"}), ("strict", {"J#1": "waiting"})])
def test_an_upstream_job_that_never_ran(mode: str, outcome: dict[str, str]) -> None:
    w = world("app -> A -> J; lib -> B -> J", J=mode)
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == outcome


@pytest.mark.parametrize(("mode", "outcome"), [("chrono", {}), ("immediate", {"J#2": "queued"}), ("strict", {"J#2": "waiting"})])
def test_an_upstream_job_that_is_inconsistent(mode: str, outcome: dict[str, str]) -> None:
    w = joined(mode)
    w.ledger.inconsistent["B"] = ("its integration is unknown",)
    done = len([run for run in w.runs() if run.startswith("J")])
    w.push("app")
    w.run("A#2")
    assert list(w.unfinished().values()) == list(outcome.values())
    assert len([run for run in w.runs() if run.startswith("J")]) == done + len(outcome)


@pytest.mark.parametrize(("mode", "outcome"), [("chrono", []), ("immediate", ["queued"]), ("strict", ["waiting"])])
def test_an_in_resource_that_is_inconsistent(mode: str, outcome: list[str]) -> None:
    w = world("app -> A -> J; lib -> J", J=mode)
    w.ledger.inconsistent["lib"] = ("the repository cannot be reached",)
    w.push("app")
    w.run("A#1")
    assert list(w.unfinished().values()) == outcome


@pytest.mark.parametrize(("mode", "outcome"), [("chrono", "waiting"), ("immediate", "queued"), ("strict", "waiting")])
def test_an_upstream_job_that_is_running(mode: str, outcome: str) -> None:
    w = joined(mode)
    w.push("lib")
    assert w.claim() == "B#2"
    w.push("app")
    w.run("A#2")
    [(run, state)] = [(run, state) for run, state in w.unfinished().items() if run.startswith("J")]
    assert state == outcome
    assert w.get(run).strict == (mode == "strict")


@pytest.mark.parametrize(("mode", "outcome"), [("chrono", "waiting"), ("immediate", "queued"), ("strict", "waiting")])
def test_an_upstream_job_that_is_queued(mode: str, outcome: str) -> None:
    w = joined(mode, B={"priority": 10000}, A={"priority": 0})
    w.push("lib")
    w.push("app")
    w.run("A#2")
    assert [state for run, state in w.unfinished().items() if run.startswith("J")] == [outcome]


@pytest.mark.parametrize(("mode", "runs"), [("chrono", 3), ("immediate", 3), ("strict", 1)])
def test_runs_per_n_events_while_one_upstream_runs(mode: str, runs: int) -> None:
    w = joined(mode, A={"priority": 0})
    before = len([run for run in w.runs() if run.startswith("J")])
    w.push("lib")
    assert w.claim() == "B#2"
    for number in (2, 3):
        w.push("app")
        assert w.claim() == f"A#{number}"
        w.end(f"A#{number}")
    w.end("B#2")
    w.drain()
    assert len([run for run in w.runs() if run.startswith("J")]) - before == runs


def test_the_mode_of_an_in_replaces_the_jobs_when_it_is_the_cause() -> None:
    w = world("app -> A -> J; lib -> B -> J", J={"A": {"mode": Mode.IMMEDIATE}})
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == {"J#1": "queued"}
    w.drain()
    w.push("lib")
    w.run("B#1", Status.FAILED)
    assert w.unfinished() == {}


# -- when it may start -------------------------------------------------------------------------------------------------------


def test_the_example_chrono() -> None:
    """A ends, B running -> J queued, K nothing. B ends -> another. They run one after the other once C is idle."""
    w = world("app -> A -> J -> C; lib -> B -> J; A -> K; X -> K; hook -/> X")
    w.push("app")
    w.push("lib")
    w.drain()
    w.trigger("C")
    assert w.claim() == "C#2"
    w.push("lib")
    assert w.claim() == "B#2"
    w.push("app")
    w.run("A#2")
    assert {run: state for run, state in w.unfinished().items() if run[0] in "JK"} == {"J#2": "waiting"}
    w.end("B#2")
    assert {run: state for run, state in w.unfinished().items() if run[0] == "J"} == {"J#2": "waiting", "J#3": "waiting"}
    w.end("C#2")
    assert w.claim() == "J#2"
    assert w.claim() == ""
    w.end("J#2")
    assert w.drain() == ["J#3", "C#3", "C#4"]


def test_the_example_immediate() -> None:
    """A ends -> J and K run at once although B and C run; B ends -> J again right after the first."""
    w = world("pic -/> C; app -> A -> J -> C; lib -> B -> J; A -> K; X -> K; hook -/> X", J="immediate", K="immediate")
    w.push("app")
    w.push("lib")
    w.run("A#1")
    w.claim()
    assert {run: state for run, state in {**w.unfinished(), **w.runs()}.items() if run[0] in "JK"} == {"J#1": "queued", "K#1": "queued"}
    w.end("B#1")
    assert w.unfinished()["J#2"] == "waiting"


def test_the_example_strict() -> None:
    """A ends -> waiting(J), nothing for K. B ends -> one run queued, C's state irrelevant."""
    w = world("app -> A -> J -> C; lib -> B -> J; A -> K; X -> K; hook -/> X", J="strict")
    w.push("app")
    w.push("lib")
    w.run("A#1")
    assert w.unfinished() == {"B#1": "queued", "J#1": "waiting"}
    w.run("B#1")
    assert w.unfinished() == {"J#1": "queued"}
    assert len(w.get("J#1").causes) == 2
    w.drain()
    w.trigger("C")
    assert w.claim() == "C#2"
    w.push("app")
    w.run("A#2")
    assert w.unfinished() == {"C#2": "running", "J#2": "queued"}


def test_strict_waits_for_a_producer_of_its_in_resource_one_level_up() -> None:
    w = world("app -> A -> J; P -> conf; conf -> J; lib -> P", J="strict")
    w.push("lib")
    assert w.claim() == "P#1"
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == {"P#1": "running", "J#1": "waiting"}
    assert reasons(w, "J#1") == ["waits for P#1, which is not over"]
    w.end("P#1")
    assert w.unfinished() == {"J#1": "queued"}


def test_strict_waits_while_a_producer_is_inconsistent() -> None:
    w = world("app -> A -> J; P -> conf; conf -> J; lib -> P", J="strict")
    w.ledger.inconsistent["P"] = ("nothing it needs is there",)
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == {"J#1": "waiting"}


def test_strict_looks_no_further_than_one_level_up() -> None:
    w = world("app -> A -> J; Q -> P; P -> conf; conf -> J; lib -> Q", J="strict")
    w.push("lib")
    assert w.claim() == "Q#1"
    w.push("app")
    w.run("A#1")
    assert w.unfinished()["J#1"] == "queued"


def test_a_strict_entry_waits_until_the_failed_job_succeeds() -> None:
    w = world("app -> A -> J; lib -> B -> J", J="strict")
    w.push("app")
    w.push("lib")
    w.run("A#1")
    w.run("B#1", Status.FAILED)
    assert w.unfinished() == {"J#1": "waiting"}
    assert reasons(w, "J#1") == ["B failed"]
    w.push("lib")
    w.run("B#2")
    assert w.unfinished() == {"J#1": "queued"}


def test_a_strict_entry_ends_with_a_manual_run() -> None:
    w = world("app -> A -> J; lib -> B -> J", J="strict")
    w.push("lib")
    w.run("B#1")
    w.push("lib")
    w.run("B#2", Status.FAILED)
    w.push("app")
    w.run("A#1")
    w.trigger("J")
    assert w.runs()["J#1"] == "cancelled"
    assert w.unfinished() == {"J#2": "queued"}
    assert {cause.kind for cause in w.get("J#2").causes} == {"push", "manual"}


def test_an_event_of_a_shut_in_evaluates_a_strict_entry_again() -> None:
    w = world("app -> A -> J; lib -> B -> J; conf -/> J", J="strict")
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == {"J#1": "waiting"}
    w.post("conf", params={"COLOUR": "red"})
    assert w.unfinished() == {"J#1": "waiting"}
    assert w.added() == []


def test_strict_ignores_what_is_switched_off_both_to_create_and_to_release() -> None:
    w = world("app -> A -> J; lib -> B -/> J", J="strict")
    w.push("lib")
    assert w.claim() == "B#1"
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == {"B#1": "running", "J#1": "queued"}


def test_a_switched_off_failed_job_blocks_chrono() -> None:
    w = world("app -> A -> J; lib -> B -/> J")
    w.push("lib")
    w.run("B#1", Status.FAILED)
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == {}
    assert w.not_run() == {"J": "not_run: B failed"}


@pytest.mark.parametrize(("mode", "state"), [("chrono", "waiting"), ("immediate", "queued"), ("strict", "queued")])
def test_a_run_waits_for_a_running_job_downstream_in_chrono_only(mode: str, state: str) -> None:
    w = world("app -> J -> C", J=mode)
    w.push()
    w.run("J#1")
    assert w.claim() == "C#1"
    w.push()
    assert w.unfinished()["J#2"] == state
    w.end("C#1")
    assert w.unfinished() == {"J#2": "queued"}


@pytest.mark.parametrize(("mode", "state"), [("chrono", "waiting"), ("immediate", "queued")])
def test_a_run_waits_for_a_running_consumer_of_what_it_makes(mode: str, state: str) -> None:
    w = world("app -> J -> conf -> C", J=mode)
    w.trigger("C")
    assert w.claim() == "C#1"
    w.push()
    assert w.unfinished()["J#1"] == state


@pytest.mark.parametrize(("mode", "state"), [("chrono", "waiting"), ("immediate", "queued")])
def test_a_run_waits_for_a_running_producer_of_its_input(mode: str, state: str) -> None:
    w = world("app -> J; lib -> P -> conf -> J", J=mode)
    w.push("lib")
    assert w.claim() == "P#1"
    w.push("app")
    assert w.unfinished()["J#1"] == state
    w.end("P#1")
    assert w.unfinished()["J#1"] == "queued"


def test_a_producer_that_is_only_queued_does_not_hold_chrono_up() -> None:
    w = world("app -> J; lib -> P -> conf -> J")
    w.push("lib")
    w.push("app")
    assert w.unfinished() == {"P#1": "queued", "J#1": "queued"}


def test_a_queued_run_goes_back_to_waiting_when_a_neighbour_starts_first() -> None:
    w = world("app -> J; lib -> P -> conf -> J")
    w.push("lib")
    w.push("app")
    assert w.claim() == "P#1"
    assert w.unfinished() == {"P#1": "running", "J#1": "waiting"}


def test_upstream_and_downstream_started_by_one_push_run_upstream_first() -> None:
    w = world("app -> A -> J; app -> J")
    w.push()
    assert w.unfinished() == {"A#1": "queued"}
    w.run("A#1")
    w.run("J#1")
    w.push()
    assert w.unfinished() == {"A#2": "queued", "J#2": "waiting"}
    assert w.drain() == ["A#2", "J#2", "J#3"]


def test_why_names_the_run_in_the_way_and_else_the_pool() -> None:
    w = world("app -> A")
    w.push()
    w.push()
    assert [reason.kind for reason in w.ask(lambda line: why(line, w.get("A#1"), kinds()))] == [Obstacle.POOL]
    [turn] = w.ask(lambda line: why(line, w.get("A#2"), kinds()))
    assert (turn.kind, str(turn.ref)) == (Obstacle.TURN, "A#1")
    w.drain()
    assert w.ask(lambda line: why(line, w.get("A#1"), kinds())) == ()


def test_a_strict_run_that_was_released_is_not_held_back_again() -> None:
    w = world("app -> A -> J; lib -> B -> J", J="strict")
    w.push("app")
    w.push("lib")
    w.run("A#1")
    w.run("B#1")
    assert w.unfinished() == {"J#1": "queued"}
    w.push("lib")
    assert w.unfinished() == {"J#1": "queued", "B#2": "queued"}
    assert w.claim() == "J#1"


def test_an_immediate_run_is_not_held_back_by_what_a_strict_one_waits_for() -> None:
    w = world("app -> A -> J; lib -> B -> J", J={"mode": Mode.STRICT, "A": {"mode": Mode.IMMEDIATE}})
    w.push("lib")
    assert w.claim() == "B#1"
    w.push("app")
    w.run("A#1")
    assert w.unfinished() == {"B#1": "running", "J#1": "queued"}
