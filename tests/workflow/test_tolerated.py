"""`allowFailure`: a job whose scripts may fail without stopping what follows."""

from __future__ import annotations

import pytest

from app.workflow.line import Status
from app.workflow.report import ENDED, Shown
from tests.workflow.worlds import world

ALLOWED = {"allow_failure": True}


@pytest.mark.parametrize("status", [Status.FAILED, Status.UNSTABLE])
def test_what_follows_a_failure_that_is_allowed_goes_on_with_what_it_left(status: Status) -> None:
    w = world("app -> A -> J", A=ALLOWED)
    w.push()
    w.run("A#1", status)
    assert w.get("A#1").status is Status.TOLERATED
    w.run("J#1")
    assert w.taken("J#1") == {"A": "#1"}


@pytest.mark.parametrize("status", [Status.ERRORED, Status.TIMED_OUT, Status.LOST, Status.CANCELLED])
def test_an_end_that_left_nothing_to_go_on_with_is_not_tolerated(status: Status) -> None:
    w = world("app -> A -> J", A=ALLOWED)
    w.push()
    w.run("A#1", status)
    assert w.get("A#1").status is status
    assert "J" in w.not_run()


def test_without_the_key_a_failure_stops_what_follows() -> None:
    w = world("app -> A -> J")
    w.push()
    w.run("A#1", Status.FAILED)
    assert "J" in w.not_run()


@pytest.mark.parametrize("mode", ["chrono", "immediate", "strict"])
def test_a_join_takes_the_allowed_failure_as_healthy_whatever_its_mode(mode: str) -> None:
    w = world("app -> A -> J; app -> B -> J", A=ALLOWED, J=mode)
    w.push()
    w.run("A#1", Status.FAILED)
    w.run("B#1")
    w.run("J#1")
    assert w.get("J#1").status is Status.SUCCEEDED


def test_a_strict_join_takes_a_producer_whose_failure_is_allowed_as_settled() -> None:
    w = world("app -> A -> conf; conf -> J; app -> B -> J", A=ALLOWED, J="strict")
    w.push()
    w.run("A#1", Status.FAILED)
    w.run("B#1")
    assert w.get("J#1").status is Status.QUEUED


def test_its_outs_and_state_are_those_of_a_failed_run() -> None:
    w = world("app -> A -> conf", A=ALLOWED)
    w.push()
    w.run("A#1", Status.FAILED, conf={"COLOUR": "blue"})
    assert [each.ref.number for each in w.ledger.versions_of("conf")] == [1]


def test_an_in_that_follows_failures_follows_an_allowed_one_too() -> None:
    w = world("app -> A -> J", A=ALLOWED, J={"A": {"on_success": False, "on_failure": True}})
    w.push()
    w.run("A#1", Status.FAILED)
    assert w.get("J#1").status is Status.QUEUED


def test_a_commit_status_says_success_and_what_was_allowed() -> None:
    assert ENDED[Status.TOLERATED] == (Shown.SUCCESS, "failed, which is allowed")
