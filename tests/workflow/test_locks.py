"""`lock:`: one run at a time over jobs and lanes, first come first served, through a gate where asked (docs/write-a-line.md)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Lock
from app.workflow.events import Cancelled, Rejected
from app.workflow.line import Status
from app.workflow.trigger import Obstacle, why
from tests.workflow.parse_kinds import job
from tests.workflow.worlds import World, actor, draw, kinds, pr, world

DB = {"lock": Lock("db")}
THROUGH = {"lock": Lock("db", through_gate=True)}
MAKE = "steps:\n  - TASK:\n    - script: make\n"


def reasons(w: World, run: str) -> list[str]:
    return [reason.sentence for reason in w.ask(lambda line: why(line, w.get(run), kinds()))]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("lock: db", Lock("db")),
        ("lock: {name: db}", Lock("db")),
        ("lock: {name: db, hold: run}", Lock("db")),
        ("lock: {name: db, hold: gate}", Lock("db", through_gate=True)),
    ],
)
def test_a_lock_is_a_name_or_a_map(written: str, expected: Lock) -> None:
    result = job(f"{written}\n{MAKE}")
    assert result.problems == ()
    assert result.fragment
    assert result.fragment.jobs[0].lock == expected


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("lock: [a]", "`lock` of a job must be text, not a list"),
        ("lock: {hold: gate}", "`lock` of a job needs `name`"),
        ("lock: {name: db, hold: on}", "`hold` of `lock` of a job must be one of run, gate, not `on`"),
    ],
)
def test_a_lock_that_is_not_understood_is_an_error(written: str, sentence: str) -> None:
    assert sentence in job(f"{written}\n{MAKE}").problems[0].sentence


def test_jobs_that_share_a_lock_run_one_at_a_time() -> None:
    w = world("app -> A; lib -> B; pic -> C", A=DB, B=DB)
    w.push("app")
    w.push("lib")
    w.post("pic", "1")
    assert w.unfinished() == {"A#1": "queued", "B#1": "waiting", "C#1": "queued"}
    assert w.claim() == "A#1"
    assert reasons(w, "B#1") == ["waits for the lock db, which A#1 holds"]
    w.end("A#1", Status.FAILED)
    assert w.runs()["B#1"] == "queued"


def test_locks_of_other_names_do_not_matter() -> None:
    w = world("app -> A; lib -> B", A=DB, B={"lock": Lock("other")})
    w.push("app")
    w.push("lib")
    assert w.unfinished() == {"A#1": "queued", "B#1": "queued"}


def test_a_lock_holds_over_lanes() -> None:
    w = world("app -> A", A=DB)
    w.push("app")
    assert w.claim() == "A#1"
    w.pull_request(7, "c")
    assert w.runs(pr(7)) == {"A#2": "waiting"}
    w.end("A#1")
    assert w.runs(pr(7)) == {"A#2": "queued"}


def test_who_came_first_runs_first_and_why_names_it() -> None:
    w = world("app -> A; lib -> B", A=DB, B=DB)
    w.push("lib")
    w.push("app")
    assert w.unfinished() == {"B#1": "queued", "A#1": "waiting"}
    assert reasons(w, "A#1") == ["waits for the lock db: B#1 asked for it first"]
    [found] = w.ask(lambda line: why(line, w.get("A#1"), kinds()))
    assert (found.kind, found.name, str(found.ref)) == (Obstacle.LOCK, "db", "B#1")


def test_nothing_is_dropped() -> None:
    w = world("app -> A; lib -> B", A=DB, B=DB)
    for name in ("app", "lib", "app", "lib"):
        w.push(name)
    assert w.drain() == ["A#1", "B#1", "A#2", "B#2"]


def test_a_priority_does_not_pass_the_queue_of_a_lock() -> None:
    w = world("app -> A; lib -> B", A=DB, B=[DB, {"priority": 0}])
    w.push("app")
    w.push("lib")
    assert w.claim() == "A#1"


def test_of_one_event_the_names_decide_who_is_first() -> None:
    w = world("app -> B; app -> A", A=DB, B=DB)
    w.push("app")
    assert w.drain() == ["A#1", "B#1"]


def test_who_waits_for_something_else_keeps_nobody_from_the_lock() -> None:
    w = world("lib -> B; pic -> X -> B; app -> A", A=DB, B=DB)
    w.post("pic", "1")
    w.drain()
    w.post("pic", "2")
    assert w.claim() == "X#2"
    w.push("lib")
    w.push("app")
    assert w.unfinished() == {"X#2": "running", "B#2": "waiting", "A#1": "queued"}
    w.end("X#2")
    assert w.unfinished() == {"B#2": "queued", "A#1": "waiting", "B#3": "waiting"}


def test_a_held_run_of_a_fork_keeps_nobody_from_the_lock() -> None:
    w = world("app -> A; lib -> B", A=DB, B=DB)
    w.pull_request(7, "c", fork=True)
    w.push("lib")
    assert w.runs()["B#1"] == "queued"


def test_a_cancelled_run_lets_the_next_one_go() -> None:
    w = world("app -> A; lib -> B", A=DB, B=DB)
    w.push("app")
    w.push("lib")
    w.happen(Cancelled(**w.key(), by=actor("bob"), via="cli", runs=(("A", 1),)))
    assert w.unfinished() == {"B#1": "queued"}


def test_a_lost_run_lets_the_next_one_go() -> None:
    w = world("app -> A; lib -> B", A=DB, B=DB)
    w.push("app")
    w.push("lib")
    w.claim()
    w.lose("A#1")
    assert w.unfinished() == {"B#1": "queued"}


def test_a_definition_without_the_lock_frees_whom_it_kept_waiting() -> None:
    w = world("app -> A; lib -> B", A=DB, B=DB)
    w.push("app")
    w.push("lib")
    w.claim()
    w.adopt(draw("app -> A; lib -> B", {"B": DB}))
    assert w.unfinished() == {"A#1": "running", "B#1": "queued"}


def test_a_definition_with_a_new_lock_makes_a_queued_run_wait() -> None:
    w = world("app -> A; lib -> B", A=DB)
    w.push("app")
    w.push("lib")
    w.claim()
    assert w.runs()["B#1"] == "queued"
    w.adopt(draw("app -> A; lib -> B", {"A": DB, "B": DB}))
    assert w.runs()["B#1"] == "waiting"


def test_a_job_that_is_gone_holds_nothing() -> None:
    w = world("app -> A; lib -> B", A=DB, B=DB)
    w.push("app")
    w.push("lib")
    w.adopt(draw("lib -> B", {"B": DB}))
    assert w.unfinished() == {"B#1": "queued"}


# -- through a gate ----------------------------------------------------------------------------------------------------------


def gated(**options: object) -> World:
    w = world("app -> A; lib -> B", A=["gate", THROUGH], B=DB, **options)
    w.push("app")
    w.push("lib")
    return w


def test_without_hold_a_waiting_gate_holds_nothing() -> None:
    w = world("app -> A; lib -> B", A=["gate", DB], B=DB)
    w.push("app")
    w.push("lib")
    assert w.unfinished() == {"B#1": "queued"}


def test_with_hold_gate_the_lock_is_held_from_the_candidate_on() -> None:
    w = gated()
    assert w.unfinished() == {"B#1": "waiting"}
    assert reasons(w, "B#1") == ["waits for the lock db, which A holds until its gate is answered and its run over"]


def test_and_to_the_end_of_the_run_that_the_gate_opened() -> None:
    w = gated()
    w.approve("A")
    assert w.unfinished() == {"B#1": "waiting", "A#1": "queued"}
    assert reasons(w, "B#1") == ["waits for the lock db: A#1 asked for it first"]
    assert w.claim() == "A#1"
    assert reasons(w, "B#1") == ["waits for the lock db, which A#1 holds"]
    w.end("A#1")
    assert w.runs()["B#1"] == "queued"


def test_a_rejected_candidate_lets_the_lock_go() -> None:
    w = gated()
    w.happen(Rejected(**w.key(), by=actor("bob"), via="cli", job="A", digest=w.shown("A").digest))
    assert w.runs()["B#1"] == "queued"


def test_a_run_from_before_the_candidate_still_goes_first() -> None:
    w = world("app -> A; lib -> B", A=["gate", THROUGH], B=DB)
    w.push("lib")
    w.push("app")
    assert w.unfinished() == {"B#1": "queued"}
    w.approve("A")
    assert w.unfinished() == {"B#1": "queued", "A#1": "waiting"}


def test_a_newer_candidate_keeps_no_run_of_its_own_job_waiting() -> None:
    w = world("app -> A", A=["gate", THROUGH])
    w.push("app")
    w.approve("A")
    w.push("app")
    assert w.unfinished() == {"A#1": "queued"}
    w.trigger("A", break_glass="now")
    assert w.drain() == ["A#1", "A#2"]
