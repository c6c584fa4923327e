"""What fires a job and what never does (spec/workflow-language.md sections 4.1, 2.1, 3.1 and 4.6)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Pin
from app.workflow.events import PauseChanged, WebhookReceived
from app.workflow.facts import Ignored, ReadyByHand
from app.workflow.line import MAIN, Status
from tests.workflow.worlds import World, actor, sha, world


def ignored(w: World) -> dict[str, str]:
    return {fact.subject: fact.reason for fact in w.facts if isinstance(fact, Ignored)}


# -- what fires --------------------------------------------------------------------------------------------------------------


def test_an_upstream_success_fires() -> None:
    w = world("app -> A -> J")
    w.push()
    w.run("A#1")
    assert w.added() == ["J#1"]
    assert w.get("J#1").trigger == "A"


FOLLOWED = [Status.FAILED, Status.UNSTABLE, Status.ERRORED]
PASSED_OVER = [Status.CANCELLED, Status.TIMED_OUT, Status.SKIPPED]


@pytest.mark.parametrize("status", FOLLOWED)
def test_an_upstream_failure_fires_with_trigger_on_failure(status: Status) -> None:
    w = world("app -> A -> J", J={"A": {"on_failure": True, "on_success": False}})
    w.push()
    w.run("A#1", status)
    assert w.added() == ["J#1"]
    w.push()
    w.drain()
    assert "J#2" not in w.runs()


def test_a_lost_upstream_fires_with_trigger_on_failure() -> None:
    w = world("app -> A -> J", J={"A": {"on_failure": True}})
    w.push()
    w.claim()
    w.lose("A#1")
    assert w.added() == ["J#1"]


@pytest.mark.parametrize("status", PASSED_OVER)
def test_a_cancelled_or_timed_out_upstream_never_fires(status: Status) -> None:
    w = world("app -> A -> J", J={"A": {"on_failure": True}})
    w.push()
    w.run("A#1", status)
    assert w.added() == []


def test_a_new_version_of_an_out_fires_after_the_run_is_over() -> None:
    w = world("app -> A -> conf -> J")
    w.push()
    w.run("A#1", conf={"COLOUR": "red"})
    assert w.added() == ["J#1"]
    kinds = [type(fact).__name__ for fact in w.facts]
    assert kinds.index("VersionAdded") < kinds.index("RunFinished") < kinds.index("RunAdded")


def test_an_unchanged_out_makes_no_version_and_fires_nothing() -> None:
    w = world("app -> A -> conf -> J")
    w.push()
    w.run("A#1", conf={"COLOUR": "blue"})
    assert w.added() == []
    assert len(w.ledger.versions_of("conf")) == 1
    assert w.not_run() == {"J": "skipped: conf did not change"}


def test_one_run_that_is_both_in_and_producer_of_an_in_fires_once() -> None:
    w = world("app -> A -> J; A -> conf -> J")
    w.push()
    w.run("A#1", conf={"COLOUR": "red"})
    assert w.added() == ["J#1"]


def test_one_push_of_two_resources_of_a_job_fires_it_once() -> None:
    w = world("app -> A")
    w.push()
    assert w.added() == ["A#1"]


def test_a_tick_a_webhook_and_a_posted_version_fire() -> None:
    w = world("clock -> A; hook -> B; conf -> C")
    w.tick()
    assert w.added() == ["A#1"]
    w.happen(WebhookReceived(**w.key(), resource="hook", payload={"x": 1}))
    assert w.added() == ["B#1"]
    w.post("conf", params={"COLOUR": "red"})
    assert w.added() == ["C#1"]


def test_a_changed_trigger_fires_and_a_new_one_does_not() -> None:
    w = world("fuse -> A; app -> B")
    assert w.added() == []
    w.redraw("fuse -> A; app -> B", fuse={"counter": 2})
    assert w.added() == ["A#1"]


@pytest.mark.parametrize(("name", "option"), [("conf", {"params": {"COLOUR": "red"}}), ("pic", {"versionName": "2"})])
def test_an_edit_of_any_other_resource_makes_a_version_and_fires_nothing(name: str, option: dict[str, object]) -> None:
    w = world(f"{name} -> A")
    w.redraw(f"{name} -> A", **{name: option})
    assert len(w.ledger.versions_of(name)) == 2
    assert w.runs() == {}


# -- what does not -----------------------------------------------------------------------------------------------------------


def test_a_state_never_triggers() -> None:
    w = world("app -> A -> shelf -> J")
    w.push()
    w.run("A#1", shelf={"versionName": "7", "K": "1"})
    assert len(w.ledger.versions_of("shelf")) == 2
    assert w.added() == []


def test_a_jobs_own_out_never_restarts_it() -> None:
    w = world("app -> A -> shelf -> A")
    w.push()
    w.run("A#1", shelf={"K": "1"})
    assert w.unfinished() == {}


def test_a_shut_in_starts_nothing_but_is_listed_as_ready_until_it_runs() -> None:
    w = world("app -/> A")
    w.push()
    assert w.facts[-1] == ReadyByHand("A", MAIN, "app")
    assert w.runs() == {}
    assert w.ledger.ready == {"A": {MAIN}}
    w.trigger("A")
    assert w.ledger.ready == {"A": set()}


@pytest.mark.parametrize("pin", [Pin(number=1), Pin(name="1")])
def test_an_in_that_the_file_pins_never_triggers(pin: Pin) -> None:
    w = world("pic -> A", A={"pic": {"pin": pin}})
    w.post("pic", "2")
    assert w.runs() == {}
    assert ignored(w)["A"] == "its input pic is pinned"


def test_a_paused_job_is_not_started_and_what_came_meanwhile_is_not_replayed() -> None:
    w = world("app -> A -> J")
    w.happen(PauseChanged(**w.key(), by=actor("bob"), via="cli", job="A", paused=True))
    w.push()
    assert w.runs() == {}
    assert w.not_run() == {"A": "paused: A is paused"}
    assert ignored(w) == {"A": "it is paused"}
    w.happen(PauseChanged(**w.key(), by=actor("bob"), via="cli", job="A", paused=False))
    assert w.runs() == {}
    w.push()
    assert w.added() == ["A#1"]


def test_a_manual_run_of_a_paused_job_still_works() -> None:
    w = world("app -> A")
    w.push()
    w.happen(PauseChanged(**w.key(), by=actor("bob"), via="cli", job="A", paused=True))
    w.trigger("A")
    assert w.added() == ["A#2"]


def test_pausing_twice_is_refused() -> None:
    w = world("app -> A")
    for _ in range(2):
        w.happen(PauseChanged(**w.key(), by=actor("bob"), via="cli", job="A", paused=True))
    assert w.denied() == "A is paused already"


def test_an_inconsistent_job_is_never_started_and_says_why() -> None:
    w = world("app -> A -> J; Z -> A")
    w.redraw("app -> A -> J", A={"steps": w.ledger.jobs["A"].steps})
    w.push()
    assert w.runs() == {}
    assert set(w.not_run()) == {"A", "J"}
    w.trigger("A")
    assert w.denied().startswith("A cannot run: ")


def test_a_soft_deleted_job_is_not_started() -> None:
    w = world("app -> A; app -> B")
    w.redraw("app -> B")
    w.push()
    assert w.added() == ["B#1"]
    w.trigger("A")
    assert w.denied() == "no file defines a job called A"


# -- late and repeated pushes (architecture.md section 6, rule 7) ------------------------------------------------------------


def test_a_push_that_comes_late_starts_nothing_and_is_not_the_latest() -> None:
    w = world("app -> A")
    w.push(commit="one")
    w.push(commit="two")
    w.push(commit="one", before=sha("zero"), ancestor_of=sha("two"))
    assert w.added() == []
    assert len(w.ledger.versions_of("app")) == 2
    assert "comes late" in ignored(w)["refs/heads/main"]


def test_a_forced_move_back_counts() -> None:
    w = world("app -> A")
    w.push(commit="one")
    w.push(commit="two")
    w.push(commit="one", before=sha("two"), ancestor_of=sha("two"))
    assert w.added() == ["A#3"]


def test_the_same_tip_told_twice_counts_once() -> None:
    w = world("app -> A")
    w.push(commit="one")
    w.push(commit="one")
    assert w.added() == []


def test_a_push_with_a_skip_mark_makes_no_version_and_is_reported_as_skipped_all_the_way_down() -> None:
    w = world("app -> A -> J")
    w.push(message="docs [skip ci]")
    assert w.runs() == {}
    assert {job: said.partition(":")[0] for job, said in w.not_run().items()} == {"A": "skipped", "J": "skipped"}
    assert w.ledger.versions_of("app") == []


def test_a_push_that_no_resource_takes_says_why() -> None:
    w = world("app -> A", app={"branch": "main", "buildOnCommit": False})
    w.push()
    assert ignored(w) == {"app": "it makes no version of this"}
    w = world("pic -> A")
    w.push()
    assert ignored(w) == {"acme/app": "no resource watches it"}


def test_pausing_an_unknown_job_is_refused() -> None:
    w = world("app -> A")
    w.happen(PauseChanged(**w.key(), by=actor("bob"), via="cli", job="Q", paused=True))
    assert w.denied() == "no file defines a job called Q"
