"""Runs that happen elsewhere: reported, waited for, cancelled, lost (spec/workflow-language.md section 3.4)."""

from __future__ import annotations

from typing import Any

import pytest

from app.workflow.events import Cancelled, Left, PauseChanged, RunReported
from app.workflow.facts import Fact
from app.workflow.line import Cause, Status
from tests.workflow.worlds import World, actor, world

EXTERNAL = {"type": "externalCI", "steps": ()}


def report(w: World, status: Status, build: str = "17", job: str = "E", **more: Any) -> tuple[Fact, ...]:
    key = w.key()
    cause = Cause("external", f"external:{job}:{build}", actors=(actor("ann"),))
    return w.happen(RunReported(**key, job=job, build=build, status=status, cause=cause, lease=key["at"] + 100, **more))


def elsewhere(rest: str = "E -> J", **options: Any) -> World:
    return world(rest, E=EXTERNAL, **options)


def test_the_first_report_makes_a_run_that_no_worker_has() -> None:
    w = elsewhere()
    report(w, Status.RUNNING)
    run = w.get("E#1")
    assert (run.status, run.worker, run.causes[0].kind) == (Status.RUNNING, "", "external")
    assert w.claim() == ""


def test_a_success_ends_the_run_and_triggers_what_is_behind_it() -> None:
    w = elsewhere()
    report(w, Status.RUNNING)
    report(w, Status.SUCCEEDED)
    assert w.runs() == {"E#1": "succeeded", "J#1": "queued"}
    assert w.get("J#1").causes == w.get("E#1").causes


def test_a_success_that_was_not_announced_is_a_run_too() -> None:
    w = elsewhere()
    report(w, Status.SUCCEEDED)
    assert w.runs() == {"E#1": "succeeded", "J#1": "queued"}


def test_a_failure_triggers_nothing_and_says_so() -> None:
    w = elsewhere()
    report(w, Status.FAILED, reason="build 17 failed")
    assert w.runs() == {"E#1": "failed"}
    assert w.get("E#1").reason == "build 17 failed"
    assert w.not_run() == {"J": "not_run: E failed"}


def test_what_a_build_left_is_the_jobs_version() -> None:
    w = elsewhere()
    report(w, Status.SUCCEEDED, own=Left(keys=(("versionName", "1.2"),), bag={"image": "x"}))
    w.run("J#1")
    assert w.taken("J#1") == {"E": "#1"}
    version = w.ask(lambda line: line.past("E").latest)
    assert (version.label, version.bag, version.status) == ("1.2", {"image": "x"}, Status.SUCCEEDED)


def test_what_is_behind_waits_while_a_build_goes_on() -> None:
    w = elsewhere("E -> J; conf -> J")
    report(w, Status.SUCCEEDED, "1")
    w.run("J#1")
    report(w, Status.RUNNING, "2")
    w.post("conf")
    assert w.runs()["J#2"] == "waiting"
    report(w, Status.SUCCEEDED, "2")
    assert w.runs()["J#2"] == "queued"


def test_builds_that_overlap_are_runs_of_their_own() -> None:
    w = elsewhere()
    report(w, Status.RUNNING, "1")
    report(w, Status.RUNNING, "2")
    report(w, Status.FAILED, "2")
    assert w.runs() == {"E#1": "running", "E#2": "failed"}


@pytest.mark.parametrize("late", [Status.RUNNING, Status.FAILED])
def test_what_ended_stays_as_it_ended(late: Status) -> None:
    w = elsewhere()
    report(w, Status.SUCCEEDED)
    report(w, late)
    assert w.runs()["E#1"] == "succeeded"
    assert w.denied() == "E#1, which is build 17, has ended already (succeeded)"


def test_a_build_that_runs_already_begins_nothing() -> None:
    w = elsewhere()
    report(w, Status.RUNNING)
    report(w, Status.RUNNING)
    assert w.denied() == "build 17 of E is running already"


def test_a_build_is_cancelled_at_once_and_its_later_reports_change_nothing() -> None:
    w = elsewhere()
    report(w, Status.RUNNING)
    w.happen(Cancelled(**w.key(), by=actor("bob"), via="cli", runs=(("E", 1),)))
    assert w.runs() == {"E#1": "cancelled"}
    assert w.not_run() == {"J": "not_run: E was cancelled"}
    report(w, Status.SUCCEEDED)
    assert w.runs() == {"E#1": "cancelled"}


def test_a_build_of_which_nothing_more_is_heard_is_lost() -> None:
    w = elsewhere()
    report(w, Status.RUNNING)
    w.lose("E#1")
    assert w.runs() == {"E#1": "lost"}


def test_a_paused_job_takes_no_new_build_and_ends_the_one_that_runs() -> None:
    w = elsewhere()
    report(w, Status.RUNNING, "1")
    w.happen(PauseChanged(**w.key(), by=actor("bob"), via="cli", job="E", paused=True))
    report(w, Status.SUCCEEDED, "2")
    assert w.denied() == "E is paused: nothing new is taken of it"
    report(w, Status.SUCCEEDED, "1")
    assert w.runs()["E#1"] == "succeeded"


def test_nobody_starts_one_by_hand() -> None:
    w = elsewhere()
    w.trigger("E")
    assert w.denied() == "E runs elsewhere: its CI says how it goes by POST /api/v1/externalCI"
    assert w.runs() == {}


def test_a_job_that_nobody_defines_is_refused() -> None:
    w = elsewhere()
    report(w, Status.SUCCEEDED, job="X")
    assert w.denied() == "no file defines a job called X"
