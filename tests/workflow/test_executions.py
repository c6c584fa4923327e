"""Versions used, concurrency, ends, cancelling and retrying (spec/workflow-language.md sections 4.3 to 4.6 and 5)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Pin, Runtime
from app.workflow.events import Cancelled, PinChanged, Retried, RunEnded
from app.workflow.line import Status
from tests.workflow.worlds import World, actor, sha, world


def pin(w: World, resource: str, version: str | None, job: str = "J") -> None:
    w.happen(PinChanged(**w.key(), by=actor("bob"), via="cli", job=job, resource=resource, version=version))


def retry(w: World, commit: str, *jobs: str) -> None:
    w.happen(Retried(**w.key(), by=actor("bob"), via="cli", repository="github:1", sha=sha(commit), jobs=jobs))


def cancel(w: World, *runs: str) -> None:
    names = tuple((run.partition("#")[0], int(run.partition("#")[2])) for run in runs)
    w.happen(Cancelled(**w.key(), by=actor("bob"), via="cli", runs=names, reason="wrong branch"))


# -- versions used -----------------------------------------------------------------------------------------------------------


def test_inputs_are_resolved_when_the_run_starts() -> None:
    w = world("app -> J; pic -/> J")
    w.push()
    w.post("pic", "2")
    assert w.get("J#1").inputs == ()
    w.run("J#1")
    assert w.taken("J#1")["pic"] == "#2"


@pytest.mark.parametrize("number", [Pin(number=1), Pin(name="old")])
def test_a_pinned_version_of_the_file_is_taken(number: Pin) -> None:
    w = world("app -> J; pic -> J", pic={"versionName": "old"}, J={"pic": {"pin": number}})
    w.post("pic", "new")
    w.push()
    w.run("J#1")
    assert w.taken("J#1")["pic"] == "#1"


def test_a_pin_by_name_takes_the_newest_version_of_that_name() -> None:
    w = world("app -> J; pic -> J", pic={"versionName": "old"}, J={"pic": {"pin": Pin(name="old")}})
    w.post("pic", "old")
    w.post("pic", "new")
    w.push()
    w.run("J#1")
    assert w.taken("J#1")["pic"] == "#2"


@pytest.mark.parametrize(("version", "taken"), [("1", "#1"), ("#2", "#2"), ("two", "#2")])
def test_people_pin_by_number_or_label(version: str, taken: str) -> None:
    w = world("pic -> J", pic={"versionName": "one"})
    w.post("pic", "two")
    w.post("pic", "three")
    w.drain()
    pin(w, "pic", version)
    w.trigger("J")
    w.run("J#3")
    assert w.taken("J#3") == {"pic": taken}


def test_unpinned_the_latest_is_taken_again() -> None:
    w = world("pic -> J")
    pin(w, "pic", "1")
    pin(w, "pic", None)
    w.post("pic", "2")
    w.run("J#1")
    assert w.taken("J#1") == {"pic": "#2"}


def test_a_pin_that_people_set_stops_triggers_and_goes_before_the_files() -> None:
    w = world("pic -> J", J={"pic": {"pin": Pin(number=1)}})
    w.post("pic", "2")
    pin(w, "pic", "2")
    assert w.runs() == {}
    w.trigger("J")
    w.run("J#1")
    assert w.taken("J#1")["pic"] == "#2"


@pytest.mark.parametrize(
    ("job", "resource", "version", "sentence"),
    [
        ("Q", "pic", "1", "no file defines a job called Q"),
        ("J", "app", "1", "J has no IN called app"),
        ("J", "pic", "9", "pic has no version 9"),
        ("J", "pic", None, "pic of J is not pinned by anybody"),
    ],
)
def test_pins_that_cannot_be(job: str, resource: str, version: str | None, sentence: str) -> None:
    w = world("pic -> J; app -> A")
    pin(w, resource, version, job)
    assert w.denied() == sentence


def test_of_a_job_the_newest_successful_version_is_taken() -> None:
    w = world("app -> A -> J; pic -> J", J="immediate")
    w.push()
    w.run("A#1")
    w.drain()
    w.push()
    w.run("A#2", Status.FAILED)
    w.post("pic", "2")
    w.run("J#2")
    assert w.taken("J#2")["A"] == "#1"


def test_with_trigger_on_failure_the_newest_whatever_its_end() -> None:
    w = world("app -> A -> J", J={"A": {"on_failure": True}})
    w.push()
    w.run("A#1")
    w.push()
    w.drain(failing="A")
    assert w.taken("J#2")["A"] == "#2"


def test_a_pin_to_a_successful_version_satisfies_the_health_check() -> None:
    w = world("app -> A -> J; pic -> J")
    w.push()
    w.run("A#1")
    w.drain()
    w.push()
    w.run("A#2", Status.FAILED)
    w.post("pic", "2")
    assert w.added() == []
    pin(w, "A", "#1")
    w.post("pic", "3")
    assert w.added() == ["J#2"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("clock -> J; pic -> J", "clock has no version yet"),
        ("pic -> J; A -> J; app -> A", "A has no successful run yet"),
    ],
)
def test_a_missing_version_ends_the_run_with_a_sentence(line: str, sentence: str) -> None:
    w = world(line + "; J -> C", J="immediate")
    w.post("pic", "2")
    assert w.claim() == ""
    assert w.runs()["J#1"] == "errored"
    assert w.get("J#1").reason.startswith(sentence)
    assert w.not_run() == {"C": "not_run: J ended with an error"}


def test_a_run_without_inputs_to_give_does_not_keep_the_worker_from_the_next() -> None:
    w = world("clock -> J; pic -> J; pic -> K")
    w.post("pic", "2")
    assert w.claim() == "K#1"
    assert w.runs()["J#1"] == "errored"


# -- concurrency -------------------------------------------------------------------------------------------------------------


def test_runs_of_a_job_are_serial_unless_it_is_parallel() -> None:
    w = world("app -> A; app -> B", B={"parallel": True})
    w.push()
    w.push()
    assert w.unfinished() == {"A#1": "queued", "B#1": "queued", "A#2": "waiting", "B#2": "queued"}


def test_priority_comes_first_then_age() -> None:
    w = world("app -> A; app -> B; app -> C", B={"priority": 5}, C={"priority": 5})
    w.push()
    assert [w.claim(), w.claim(), w.claim(), w.claim()] == ["B#1", "C#1", "A#1", ""]


def test_a_worker_gets_runs_of_its_pools_only() -> None:
    w = world("app -> A; app -> B", B={"runtime": Runtime(pool="mac")})
    w.push()
    assert w.claim("mac") == "B#1"
    assert w.claim("mac") == ""
    assert w.claim() == "A#1"


# -- ends --------------------------------------------------------------------------------------------------------------------


POSTS = [
    (Status.SUCCEEDED, True, True),
    (Status.FAILED, True, False),
    (Status.UNSTABLE, True, False),
    (Status.CANCELLED, False, False),
    (Status.TIMED_OUT, False, False),
    (Status.ERRORED, False, False),
]


@pytest.mark.parametrize(("status", "own", "output"), POSTS)
def test_which_ends_leave_versions(status: Status, own: bool, output: bool) -> None:
    w = world("app -> A -> conf")
    w.push()
    w.run("A#1", status, conf={"COLOUR": "red"}, A={"K": "1"})
    assert bool(w.ledger.versions_of("A")) is own
    assert (len(w.ledger.versions_of("conf")) == 2) is output


@pytest.mark.parametrize(("status", "output"), [(Status.FAILED, True), (Status.TIMED_OUT, False), (Status.CANCELLED, False)])
def test_an_out_on_failure_is_posted_when_the_job_fails_but_not_otherwise(status: Status, output: bool) -> None:
    w = world("app -> A -> conf", A={"conf": {"on_failure": True}})
    w.push()
    w.run("A#1", status, conf={"COLOUR": "red"})
    assert (len(w.ledger.versions_of("conf")) == 2) is output


def test_an_end_under_a_stale_token_is_refused() -> None:
    w = world("app -> A")
    w.push()
    w.claim()
    w.happen(RunEnded(**w.key(), job="A", number=1, token="another", status=Status.SUCCEEDED))
    assert w.denied() == "A#1 is not running under this token any more"
    w.lose("A#1")
    assert w.runs() == {"A#1": "lost"}
    w.end("A#1")
    assert w.denied()
    assert w.runs() == {"A#1": "lost"}


def test_a_lost_run_is_never_run_again_silently() -> None:
    w = world("app -> A -> J")
    w.push()
    w.claim()
    w.lose("A#1")
    assert w.unfinished() == {}
    assert w.not_run() == {"J": "not_run: A was lost"}


# -- cancel and retry --------------------------------------------------------------------------------------------------------


def test_what_has_not_started_is_cancelled_at_once_and_what_runs_is_told_to_stop() -> None:
    w = world("app -> A -> J")
    w.push()
    w.push()
    w.claim()
    cancel(w, "A#1", "A#2")
    assert w.runs() == {"A#1": "running", "A#2": "cancelled"}
    assert w.get("A#1").cancelling
    assert w.get("A#2").reason == "cancelled by bob: wrong branch"
    w.end("A#1", Status.CANCELLED)
    assert w.runs()["A#1"] == "cancelled"
    assert w.not_run() == {"J": "not_run: A was cancelled"}


def test_a_waiting_strict_entry_can_be_cancelled() -> None:
    w = world("app -> A -> J; lib -> B -> J", J="strict")
    w.push()
    w.run("A#1")
    cancel(w, "J#1")
    assert w.unfinished() == {}


def test_cancelling_what_is_over_is_refused() -> None:
    w = world("app -> A")
    w.push()
    w.drain()
    cancel(w, "A#1")
    assert w.denied() == "there is nothing to cancel: all of it has ended already"


def test_a_cancelled_run_frees_what_it_blocked() -> None:
    w = world("app -> A")
    w.push()
    w.push()
    cancel(w, "A#1")
    assert w.unfinished() == {"A#2": "queued"}


def test_a_retry_runs_what_failed_with_the_same_inputs_and_nothing_that_passed() -> None:
    w = world("app -> A; app -> B; pic -/> A")
    w.push(commit="one")
    w.drain(failing="A")
    w.post("pic", "2")
    w.push(commit="two")
    w.drain()
    retry(w, "one", "A", "B")
    assert w.added() == ["A#3"]
    w.run("A#3")
    assert w.taken("A#3") == {"app": "one", "pic": "#1"}
    assert w.get("A#3").retry_of == 1
    assert [cause.sha for cause in w.get("A#3").causes] == [sha("one")]


def test_a_retried_success_goes_on_down_the_line() -> None:
    w = world("app -> A -> J")
    w.push(commit="one")
    w.run("A#1", Status.FAILED)
    retry(w, "one", "A")
    assert w.drain() == ["A#2", "J#1"]


def test_only_permitted_jobs_are_retried() -> None:
    w = world("app -> A; app -> B")
    w.push(commit="one")
    w.run("A#1", Status.FAILED)
    w.run("B#1", Status.FAILED)
    retry(w, "one", "B")
    assert w.added() == ["B#2"]


def test_a_retry_of_nothing_is_refused() -> None:
    w = world("app -> A")
    w.push(commit="one")
    w.drain()
    retry(w, "one", "A")
    assert w.denied() == f"nothing to run again: no run for {sha('one')[:12]} has failed"


def test_a_manual_run_takes_the_newest_inputs_and_its_values() -> None:
    w = world("pic -/> J")
    w.trigger("J", values=(("REGION", "eu"),))
    w.run("J#1")
    run = w.get("J#1")
    assert (run.values, run.manual, run.by) == ((("REGION", "eu"),), True, actor("alice"))
    assert [cause.kind for cause in run.causes] == ["manual"]


def test_a_manual_run_passes_the_health_of_upstream_jobs() -> None:
    w = world("app -> A -> J")
    w.push()
    w.run("A#1")
    w.drain()
    w.push()
    w.run("A#2", Status.FAILED)
    w.trigger("J")
    assert w.unfinished() == {"J#2": "queued"}
