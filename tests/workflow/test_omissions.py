"""Causes, and final reports for what did not run (product.md section 6)."""

from __future__ import annotations

import pytest

from app.workflow._arrival import distinct
from app.workflow.definition import Pin
from app.workflow.errands import reported
from app.workflow.facts import NotRun
from app.workflow.line import Cause, Status
from tests.workflow.worlds import World, sha, world


def shas(w: World, run: str) -> list[str]:
    return [bytes.fromhex(cause.sha).decode().rstrip("\0") for cause in w.get(run).causes]


ENDS = {
    Status.FAILED: "failed",
    Status.UNSTABLE: "is unstable",
    Status.ERRORED: "ended with an error",
    Status.TIMED_OUT: "timed out",
    Status.CANCELLED: "was cancelled",
}


@pytest.mark.parametrize(("status", "said"), ENDS.items())
def test_what_did_not_run_because_something_failed_is_never_a_success(status: Status, said: str) -> None:
    w = world("app -> A -> J -> C; J -> conf -> D")
    w.push()
    w.run("A#1", status)
    assert w.not_run() == dict.fromkeys("JCD", f"not_run: A {said}")


def test_a_failed_job_lets_the_consumers_of_its_outs_know() -> None:
    w = world("app -> A -> conf -> J")
    w.push()
    w.run("A#1", Status.FAILED)
    assert w.not_run() == {"J": "not_run: A failed"}


def test_what_a_shut_or_pinned_in_would_not_have_started_is_not_reported() -> None:
    w = world("app -> A -/> J; A -> K", K={"A": {"pin": Pin(number=1)}})
    w.push()
    w.run("A#1", Status.FAILED)
    assert w.not_run() == {}


def test_what_only_failures_start_is_not_reported_for_a_failure() -> None:
    w = world("app -> A -> J", J={"A": {"on_failure": True, "on_success": False}})
    w.push()
    w.run("A#1", Status.FAILED)
    assert w.not_run() == {}
    assert w.added() == ["J#1"]


def test_a_job_that_still_has_a_run_for_the_cause_is_not_reported() -> None:
    w = world("app -> A -> J; app -> J", J="immediate")
    w.push()
    assert w.claim() == "A#1"
    w.end("A#1", Status.FAILED)
    assert w.not_run() == {}
    assert w.unfinished() == {"J#1": "queued"}


def test_a_first_run_in_progress_upstream_is_not_yet_a_failure() -> None:
    w = world("app -> J; app -> A -> J")
    w.push()
    assert w.not_run() == {}
    w.run("A#1", Status.FAILED)
    assert w.not_run() == {"J": "not_run: A failed"}


def test_an_inconsistent_job_stops_what_is_behind_it() -> None:
    w = world("app -> A -> J")
    w.ledger.inconsistent["A"] = ("its integration is unknown",)
    w.push()
    said = "not_run: A is inconsistent: its integration is unknown"
    assert w.not_run() == {"A": said, "J": said}


def test_nothing_new_in_a_resource_is_a_skip_all_the_way_down() -> None:
    w = world("app -> A -> conf -> J -> C")
    w.push()
    w.run("A#1")
    assert w.not_run() == {"J": "skipped: conf did not change", "C": "skipped: conf did not change"}


def test_a_job_that_runs_by_another_way_is_not_skipped() -> None:
    w = world("app -> A -> conf -> J; A -> J")
    w.push()
    w.run("A#1")
    assert w.not_run() == {}
    assert w.added() == ["J#1"]


# -- causes ------------------------------------------------------------------------------------------------------------------


def test_causes_are_inherited_however_far_downstream() -> None:
    w = world("app -> A -> B -> C")
    w.push(commit="one")
    w.drain()
    assert shas(w, "C#1") == ["one"]


def test_a_join_has_the_union_since_its_last_run() -> None:
    w = world("app -> A -> J; lib -> B -> J")
    w.push("app", "one")
    w.run("A#1")
    w.push("lib", "two")
    w.run("B#1")
    w.drain()
    assert shas(w, "J#1") == ["one", "two"]
    w.push("app", "three")
    w.run("A#2")
    assert shas(w, "J#2") == ["three"]


def test_a_strict_entry_collects_the_causes_of_all_its_events() -> None:
    w = world("app -> A -> J; lib -> B -> J", J="strict")
    w.push("lib", "zero")
    assert w.claim() == "B#1"
    w.push("app", "one")
    w.run("A#1")
    w.push("app", "two")
    w.run("A#2")
    w.end("B#1")
    assert sorted(shas(w, "J#1")) == ["one", "two", "zero"]


def test_causes_without_a_commit_are_reported_nowhere() -> None:
    assert reported([Cause("tick", "e1")]) == ()


def test_up_to_five_commits_are_reported_and_of_more_the_newest_of_each_repository() -> None:
    causes = [Cause("push", f"e{number}", "github:1", "acme/app", sha(str(number))) for number in range(5)]
    assert reported(causes) == tuple(causes)
    other = Cause("push", "e9", "github:2", "acme/lib", sha("9"))
    assert reported([other, *causes]) == (other, causes[-1])


def test_a_commit_that_is_named_twice_is_reported_once() -> None:
    causes = [Cause("push", "e1", "github:1", "acme/app", sha("1")), Cause("pull_request", "e2", "github:1", "acme/app", sha("1"))]
    assert reported(causes) == (causes[1],)


def test_a_job_behind_two_ways_is_told_of_once() -> None:
    w = world("app -> A -> B -> D; A -> C -> D; D -> E")
    w.push()
    w.run("A#1", Status.FAILED)
    told = [fact.job for fact in w.facts if isinstance(fact, NotRun)]
    assert sorted(told) == ["B", "C", "D", "E"]


def test_a_cause_that_comes_twice_is_the_newest() -> None:
    one, two = Cause("push", "e1"), Cause("push", "e2")
    assert distinct([one, two, one]) == (two, one)
