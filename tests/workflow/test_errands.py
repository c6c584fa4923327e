"""What facts ask to be done outside, and when (product.md section 6; architecture.md section 6, rule 5)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Hook, HookKind, Notice
from app.workflow.events import Cancelled
from app.workflow.line import Status
from tests.workflow.worlds import World, actor, sha, world

NOTICES = {kind: Hook(notify=(Notice("chat"),)) for kind in HookKind}


def statuses(w: World) -> dict[str, float]:
    """Job -> seconds after the event at which its status is due."""
    return {str(each.args["job"]): each.due - w.now for each in w.errands() if each.kind == "set_status"}


def kinds_of(w: World) -> list[str]:
    return [each.kind for each in w.errands()]


def test_a_new_run_is_reported_ten_seconds_later() -> None:
    w = world("app -> A")
    w.push()
    assert statuses(w) == {"A": 10.0}


def test_a_start_writes_no_status_and_an_end_does_at_once() -> None:
    w = world("app -> A")
    w.push()
    w.claim()
    assert statuses(w) == {}
    w.end("A#1")
    assert statuses(w) == {"A": 0.0}


def test_a_gate_is_reported_and_announced_at_once() -> None:
    w = world("app -> J", J="gate")
    w.push()
    assert statuses(w) == {"J": 0.0}
    [announcement] = [each for each in w.errands() if each.kind == "announce"]
    assert (announcement.args, announcement.key, announcement.replaces) == ({"job": "J", "number": 1}, "gate:J", False)


def test_a_forks_run_is_reported_at_once_that_it_needs_allow() -> None:
    w = world("app -> A")
    w.pull_request(7, "one", fork=True)
    assert statuses(w) == {"A": 0.0}


def test_what_did_not_run_is_reported_at_once() -> None:
    w = world("app -> A -> J")
    w.push()
    w.run("A#1", Status.FAILED)
    assert statuses(w) == {"A": 0.0, "J": 0.0}


def test_a_status_is_keyed_by_commit_and_job_and_replaces() -> None:
    w = world("app -> A")
    w.push(commit="one")
    [status] = [each for each in w.errands() if each.kind == "set_status"]
    assert (status.key, status.replaces) == (f"status:github:1:{sha('one')}:A", True)


def test_of_two_for_one_key_the_sooner_stands() -> None:
    w = world("app -> A -> J; lib -> B -> J", J="strict")
    w.push(commit="one")
    w.run("A#1")
    w.trigger("J")
    assert w.runs() == {"A#1": "succeeded", "J#1": "cancelled", "J#2": "queued"}
    assert statuses(w) == {"J": 0.0}


def test_the_lines_comment_and_message_are_one_a_commit_and_lane() -> None:
    w = world("app -> A; app -> B")
    w.pull_request(7, "one")
    comments = [each for each in w.errands() if each.kind == "line_comment"]
    assert [each.key for each in comments] == ["comment:github:1:7:pr/7@github:1"]
    assert comments[0].args == {"repository": "github:1", "sha": sha("one"), "number": 7, "lane": "pr/7@github:1"}
    assert kinds_of(w).count("line_message") == 1


def test_runs_without_a_commit_write_no_status() -> None:
    w = world("clock -> A")
    w.tick()
    assert kinds_of(w) == ["line_message"]


ENDS = [
    (Status.SUCCEEDED, ["on_success", "always"]),
    (Status.FAILED, ["on_failure", "always"]),
    (Status.ERRORED, ["on_failure", "always"]),
    (Status.TIMED_OUT, ["on_failure", "always"]),
    (Status.UNSTABLE, ["on_failure", "always"]),
    (Status.CANCELLED, ["on_cancel", "always"]),
    (Status.SKIPPED, []),
]


def notices(w: World) -> list[str]:
    return [str(each.args["event"]) for each in w.errands() if each.kind == "notify"]


@pytest.mark.parametrize(("status", "told"), ENDS)
def test_notices_of_ends(status: Status, told: list[str]) -> None:
    w = world("app -> A; chat", A={"hooks": NOTICES})
    w.push()
    w.claim()
    assert notices(w) == ["on_start"]
    w.end("A#1", status)
    assert notices(w) == told


def test_what_people_cancel_is_told_and_what_is_superseded_before_it_began_is_not() -> None:
    w = world("app -> A; chat", A={"hooks": NOTICES})
    w.pull_request(7, "one")
    w.pull_request(7, "two", action="updated")
    assert notices(w) == []
    w.happen(Cancelled(**w.key(), by=actor("bob"), via="cli", runs=(("A", 2),)))
    assert notices(w) == ["on_cancel", "always"]


def test_a_closed_pull_request_is_told_at_once_what_goes_with_it() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.pull_request(7, "one", action="closed")
    [errand] = [each for each in w.errands() if each.kind == "closing_note"]
    assert (errand.args, errand.due) == ({"lane": "pr/7@github:1"}, w.now)


def test_a_branch_that_is_gone_has_no_place_for_a_closing_note() -> None:
    w = world("app -> A")
    w.push(branch="topic")
    w.pull_request(7, "e2", branch="topic")
    assert [errand for errand in w.errands() if errand.kind == "closing_note"] == []


def test_a_closed_lane_is_cleared_some_days_later() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.pull_request(7, "one", action="closed")
    [errand] = [each for each in w.errands() if each.kind == "close_lane"]
    assert (errand.args, errand.due - w.now) == ({"lane": "pr/7@github:1"}, 7 * 86400.0)
