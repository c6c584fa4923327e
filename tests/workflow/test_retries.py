"""`retry:` tries again what is worth it, with the same inputs (docs/write-a-line.md)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Hook, HookKind, Lock, Notice, Retry, Trouble
from app.workflow.errands import Errand
from app.workflow.events import Cancelled, RunEnded, WaitOver
from app.workflow.line import Run, Status
from app.workflow.report import Entry, Shown, describe
from app.workflow.trigger import Obstacle, why
from tests.workflow.parse_kinds import job
from tests.workflow.worlds import World, actor, kinds, ref_of, world

TWICE = {"retry": Retry(2)}
LATER = {"retry": Retry(1, wait=30.0)}
MAKE = "steps:\n  - TASK:\n    - script: make\n"
ALL = tuple(Trouble)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("retry: {times: 2}", Retry(2)),
        ("retry: {times: 1, on: failure, wait: 0}", Retry(1)),
        ("retry: {times: 10, on: [lost, timeout], wait: 90}", Retry(10, (Trouble.TIMEOUT, Trouble.LOST), (), 90.0)),
        ("retry: {times: 1, on: 137, wait: 5m}", Retry(1, (), (137,), 300.0)),
        ("retry: {times: 1, on: [failure, 1, 255]}", Retry(1, (Trouble.FAILURE,), (1, 255))),
    ],
)
def test_a_retry_says_how_often_on_what_and_after_how_long(written: str, expected: Retry) -> None:
    result = job(f"{written}\n{MAKE}")
    assert result.problems == ()
    assert result.fragment
    assert result.fragment.jobs[0].retry == expected


@pytest.mark.parametrize(
    ("written", "sentence", "nearest"),
    [
        ("retry: 3", "`retry` of a job must be a map, not `3`", ""),
        ("retry: {on: lost}", "`retry` of a job needs `times`: how often it is tried again, from 1 to 10", ""),
        ("retry: {times: 11}", "a whole number from 1 to 10", ""),
        ("retry: {times: 0}", "a whole number from 1 to 10", ""),
        ("retry: {times: 1, wait: soon}", "`wait` of `retry` of a job must be a duration", ""),
        ("retry: {times: 1, wait: [1]}", "`wait` of `retry` of a job must be a duration", ""),
        ("retry: {times: 1, on: failed}", "takes failure, timeout, lost and exit codes from 1 to 255, not `failed`", "failure"),
        ("retry: {times: 1, on: [0]}", "exit codes from 1 to 255, not `0`", ""),
        ("retry: {times: 1, on: [256]}", "exit codes from 1 to 255, not `256`", ""),
        ("retry: {times: 1, on: [[1]]}", "exit codes from 1 to 255, not a list", ""),
    ],
)
def test_a_retry_that_is_not_understood_is_an_error(written: str, sentence: str, nearest: str) -> None:
    [found] = job(f"{written}\n{MAKE}").problems
    assert sentence in found.sentence
    assert found.nearest == nearest


def fail(w: World, run: str, status: Status = Status.FAILED, code: int | None = 1) -> None:
    """Claims `run`, which ends so."""
    assert w.claim() == run
    w.happen(
        RunEnded(
            **w.key(), job=ref_of(run).job, number=ref_of(run).number, token=w.ledger.runs[ref_of(run)].token, status=status, code=code
        )
    )


def pushed(line: str = "app -> A", **options: object) -> World:
    w = world(line, **options)
    w.push("app", "one")
    return w


# -- what is tried again ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "status", "code", "again"),
    [
        (Retry(1), Status.FAILED, 1, True),
        (Retry(1), Status.UNSTABLE, None, True),
        (Retry(1), Status.TIMED_OUT, None, False),
        (Retry(1), Status.LOST, None, False),
        (Retry(1), Status.ERRORED, None, False),
        (Retry(1), Status.SUCCEEDED, 0, False),
        (Retry(1), Status.CANCELLED, None, False),
        (Retry(1, (Trouble.TIMEOUT,)), Status.TIMED_OUT, None, True),
        (Retry(1, (Trouble.TIMEOUT,)), Status.FAILED, 1, False),
        (Retry(1, (Trouble.LOST,)), Status.LOST, None, True),
        (Retry(1, (), (137,)), Status.FAILED, 137, True),
        (Retry(1, (), (137,)), Status.FAILED, 1, False),
        (Retry(1, (), (137,)), Status.FAILED, None, False),
        (Retry(1, (), (137,)), Status.TIMED_OUT, 137, False),
        (Retry(1, ALL), Status.ERRORED, None, False),
    ],
)
def test_only_the_ends_that_are_named_are_tried_again(rule: Retry, status: Status, code: int | None, again: bool) -> None:
    w = pushed(A={"retry": rule})
    fail(w, "A#1", status, code)
    assert w.unfinished() == ({"A#2": "queued"} if again else {})


def test_a_lease_that_expired_is_a_lost_run() -> None:
    w = pushed(A={"retry": Retry(1, (Trouble.LOST,))})
    w.claim()
    w.lose("A#1")
    assert w.unfinished() == {"A#2": "queued"}


def test_there_are_as_many_more_tries_as_it_says() -> None:
    w = pushed(A=TWICE)
    for run in ("A#1", "A#2", "A#3"):
        fail(w, run)
    assert w.runs() == {"A#1": "failed", "A#2": "failed", "A#3": "failed"}
    assert [w.get(f"A#{n}").attempt for n in (1, 2, 3)] == [1, 2, 3]
    assert [w.get(f"A#{n}").retry_of for n in (1, 2, 3)] == [None, 1, 2]


def test_a_try_has_the_same_inputs_causes_and_values() -> None:
    w = world("app -> A", A=TWICE)
    w.push("app", "one")
    assert w.claim() == "A#1"
    w.push("app", "two")
    w.end("A#1", Status.FAILED)
    assert w.claim() == "A#2"
    w.end("A#2")
    assert w.claim() == "A#3"
    first, newer, again = (w.get(f"A#{n}") for n in (1, 2, 3))
    assert [each.retry_of for each in (first, newer, again)] == [None, None, 1]
    assert (w.taken("A#3"), again.causes, again.trigger) == ({"app": "one"}, first.causes, "app")
    assert w.taken("A#2") == {"app": "two"}


def test_values_of_a_manual_run_stay() -> None:
    w = world("A", A=TWICE)
    w.trigger("A", values=(("REGION", "eu"),))
    fail(w, "A#1")
    assert (w.get("A#2").values, w.get("A#2").by) == ((("REGION", "eu"),), actor("alice"))


def test_nothing_follows_from_a_try_before_the_last() -> None:
    w = pushed("app -> A -> B; A -> conf; conf -> C", A=[TWICE, {"conf": {"on_failure": True}}], B={"A": {"on_failure": True}})
    assert w.claim() == "A#1"
    w.end("A#1", Status.FAILED, conf={"COLOUR": "red"})
    assert w.unfinished() == {"A#2": "queued"}
    assert w.not_run() == {}
    assert w.claim() == "A#2"
    w.end("A#2", conf={"COLOUR": "red"})
    assert w.unfinished() == {"B#1": "queued", "C#1": "queued"}


def test_the_last_try_that_fails_is_a_failure_for_all_behind_it() -> None:
    w = pushed("app -> A -> B", A={"retry": Retry(1)})
    fail(w, "A#1")
    fail(w, "A#2")
    assert w.not_run() == {"B": "not_run: A failed"}


def test_a_run_that_is_cancelled_is_not_tried_again() -> None:
    w = pushed(A=TWICE)
    w.claim()
    w.happen(Cancelled(**w.key(), by=actor("bob"), via="cli", runs=(("A", 1),)))
    w.end("A#1", Status.FAILED)
    assert w.unfinished() == {}


def test_a_strict_job_is_tried_again_by_itself() -> None:
    w = pushed(A=["strict", TWICE])
    fail(w, "A#1")
    w.push("app", "two")
    assert w.unfinished() == {"A#2": "queued", "A#3": "waiting"}


# -- the wait -----------------------------------------------------------------------------------------------------------------


def due(w: World, run: str) -> None:
    w.happen(WaitOver(**w.key(), job=ref_of(run).job, number=ref_of(run).number))


def test_a_try_waits_as_long_as_it_says_and_why_names_the_time() -> None:
    w = pushed(A=LATER)
    fail(w, "A#1")
    assert w.unfinished() == {"A#2": "waiting"}
    [found] = w.ask(lambda line: why(line, w.get("A#2"), kinds()))
    assert (found.kind, found.sentence) == (Obstacle.TIME, "is tried again (try 2) at 00:17:14 UTC")
    due(w, "A#2")
    assert w.unfinished() == {"A#2": "waiting"}, "it is not due yet"
    w.now += 30
    due(w, "A#2")
    assert w.unfinished() == {"A#2": "queued"}
    assert w.get("A#2").due is None


def test_a_wait_that_is_over_is_not_over_again() -> None:
    w = pushed(A=LATER)
    fail(w, "A#1")
    w.now += 30
    due(w, "A#2")
    due(w, "A#2")
    assert [type(fact).__name__ for fact in w.facts] == ["Ignored"]


def test_a_try_that_waits_can_be_cancelled() -> None:
    w = pushed("app -> A -> B", A=LATER)
    fail(w, "A#1")
    w.happen(Cancelled(**w.key(), by=actor("bob"), via="cli", runs=(("A", 2),)))
    assert w.unfinished() == {}
    assert w.not_run() == {"B": "not_run: A was cancelled"}


def test_a_try_that_waits_for_its_time_keeps_nobody_from_a_lock() -> None:
    w = world("app -> A; lib -> B", A=[LATER, {"lock": Lock("db")}], B={"lock": Lock("db")})
    w.push("app")
    fail(w, "A#1")
    w.push("lib")
    assert w.unfinished() == {"A#2": "waiting", "B#1": "queued"}
    w.now += 30
    due(w, "A#2")
    assert w.unfinished() == {"A#2": "queued", "B#1": "waiting"}


# -- gates ---------------------------------------------------------------------------------------------------------------------


def test_what_a_gate_opened_is_tried_again_as_it_was_approved() -> None:
    w = pushed(A=["gate", TWICE])
    w.approve("A")
    fail(w, "A#1")
    again = w.get("A#2")
    assert (again.status, again.frozen, again.candidate, again.inputs) == (Status.QUEUED, True, 1, w.get("A#1").inputs)


def test_a_lost_deploy_behind_a_gate_is_not_run_again_unless_written() -> None:
    w = pushed(A=["gate", TWICE])
    w.approve("A")
    w.claim()
    w.lose("A#1")
    assert w.unfinished() == {}


def test_a_retry_that_nobody_approved_does_not_count_behind_a_gate() -> None:
    w = pushed(A="gate")
    w.approve("A")
    assert w.claim() == "A#1"
    w.redraw("app -> A", A=["gate", TWICE])
    w.end("A#1", Status.FAILED)
    assert w.unfinished() == {}


# -- reports -------------------------------------------------------------------------------------------------------------------


def said(run: Run) -> tuple[Shown, str]:
    found = describe(Entry(run.created, run.lane, run=run), lambda _: "")
    return found.shown, found.description


def test_the_report_of_a_later_try_says_so() -> None:
    w = pushed(A=TWICE)
    fail(w, "A#1")
    w.run("A#2")
    assert said(w.get("A#1")) == (Shown.FAILURE, "failed")
    assert said(w.get("A#2")) == (Shown.SUCCESS, "succeeded in 1.0 s (try 2)")


def notices(errands: tuple[Errand, ...]) -> list[str]:
    return [str(each.args["event"]) for each in errands if each.kind == "notify"]


def test_only_the_end_of_the_last_try_is_told() -> None:
    w = pushed("app -> A; chat", A={"retry": Retry(1), "hooks": {HookKind.ON_FAILURE: Hook(notify=(Notice("chat"),))}})
    fail(w, "A#1")
    assert notices(w.errands()) == []
    fail(w, "A#2")
    assert notices(w.errands()) == ["on_failure"]


def test_a_failure_that_is_allowed_is_tried_again_first() -> None:
    w = pushed("app -> A -> B", A=[{"allow_failure": True}, {"retry": Retry(1)}])
    fail(w, "A#1")
    assert (w.get("A#1").status, w.unfinished()) == (Status.FAILED, {"A#2": "queued"})
    fail(w, "A#2")
    assert (w.get("A#2").status, w.unfinished()) == (Status.TOLERATED, {"B#1": "queued"})
