"""Gates (product.md section 4), sentence by sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.definition import Gate
from app.workflow.events import Approved, Cancelled, CandidateDue, PinChanged, Rejected, Retried
from app.workflow.line import Actor, Status
from tests.workflow.worlds import World, actor, pr, sha, world

TWO = Gate(required=2)


def gated(**options: object) -> World:
    """app -> A -> J with a gate on J, where A has run for the commit `one`."""
    w = world("app -> A -> J -> C", **{"J": "gate", **options})
    w.push("app", "one")
    w.run("A#1")
    return w


def reject(w: World, digest: str = "", by: str = "bob") -> None:
    w.happen(Rejected(**w.key(), by=actor(by), via="cli", job="J", digest=digest or w.shown("J").digest, reason="no"))


# -- a gate shuts the job ----------------------------------------------------------------------------------------------------


def test_an_in_that_is_on_only_proposes() -> None:
    w = gated()
    assert (w.proposed(), w.claim()) == (["J"], "")


def test_the_clock_only_proposes() -> None:
    w = world("clock -> J", J="gate")
    w.tick()
    assert (w.proposed(), w.runs()) == (["J"], {})


def test_the_api_only_proposes() -> None:
    w = world("conf -> J", J="gate")
    w.post("conf", params={"COLOUR": "red"})
    assert (w.proposed(), w.runs()) == (["J"], {})


def test_a_manual_trigger_only_proposes_and_its_values_are_part_of_the_digest() -> None:
    w = world("conf -/> J", J="gate")
    w.trigger("J", values=(("REGION", "eu"),))
    first = w.shown("J")
    assert (w.runs(), first.values) == ({}, (("REGION", "eu"),))
    w.trigger("J", values=(("REGION", "us"),))
    assert w.candidates("J") == {1: "superseded", 2: "open"}
    assert w.ledger.candidates["J", 1].reason == "REGION=us"
    assert w.shown("J").digest != first.digest


def test_a_retry_only_proposes_with_the_same_inputs() -> None:
    w = gated()
    w.approve("J")
    w.run("J#1", Status.FAILED)
    w.push("app", "two")
    w.run("A#2")
    w.approve("J")
    w.run("J#2")
    w.happen(Retried(**w.key(), by=actor("bob"), via="cli", repository="github:1", sha=sha("one"), jobs=("J",)))
    assert w.proposed() == ["J"]
    assert w.shown("J").retry_of == 1
    assert w.shown("J").inputs == w.get("J#1").inputs


def test_a_pin_only_proposes() -> None:
    w = world("pic -> J", J="gate")
    w.post("pic", "2")
    w.happen(PinChanged(**w.key(), by=actor("bob"), via="cli", job="J", resource="pic", version="1"))
    assert w.proposed() == ["J"]
    assert [taken.version.number for taken in w.shown("J").inputs if taken.version] == [1]
    assert w.runs() == {}


def test_breaking_the_glass_is_the_one_exception() -> None:
    w = gated()
    w.trigger("J", break_glass="the site is down", by="root")
    assert w.added() == ["J#1"]
    assert "the site is down" in w.get("J#1").reason
    assert w.run("J#1") is not None


def test_a_strict_gated_job_proposes_once_all_is_settled() -> None:
    w = world("app -> A -> J; lib -> B -> J", J=["strict", "gate"])
    w.push("lib")
    assert w.claim() == "B#1"
    w.push("app")
    w.run("A#1")
    assert w.candidates("J") == {}
    w.end("B#1")
    assert w.candidates("J") == {1: "open"}
    assert len(w.shown("J").causes) == 2


def test_a_strict_gated_job_proposes_when_a_producer_ends_without_anything_new() -> None:
    w = world("app -> A -> J; lib -> P -> conf -> J", J=["strict", "gate"])
    w.push("lib")
    assert w.claim() == "P#1"
    w.push("app")
    w.run("A#1")
    assert w.candidates("J") == {}
    w.end("P#1")
    assert w.candidates("J") == {1: "open"}


# -- a candidate is frozen ---------------------------------------------------------------------------------------------------


def test_a_run_takes_exactly_the_versions_that_were_announced() -> None:
    w = world("app -> A -> J; pic -/> J", J="gate")
    w.push("app", "one")
    w.run("A#1")
    w.post("pic", "2")
    w.approve("J")
    w.run("J#1")
    assert w.taken("J#1") == {"A": "#1", "pic": "#1"}


def test_state_is_read_at_the_start() -> None:
    w = world("app -> A -> J; shelf -> J; Z -> shelf; pic -> Z", J="gate")
    w.push("app", "one")
    w.run("A#1")
    assert "shelf" not in {taken.name for taken in w.shown("J").inputs}
    w.trigger("Z")
    w.run("Z#1", shelf={"K": "2"})
    w.approve("J")
    w.run("J#1")
    assert w.taken("J#1")["shelf"] == "#2"


def test_a_candidate_takes_a_run_number_when_it_opens() -> None:
    w = gated()
    w.trigger("J", break_glass="first")
    w.approve("J")
    assert w.added() == ["J#2"]


def test_a_newer_change_supersedes_the_candidate_and_says_which_item_changed() -> None:
    w = gated()
    old = w.shown("J")
    w.push("app", "two")
    w.run("A#2")
    assert w.candidates("J") == {1: "superseded", 2: "open"}
    assert w.ledger.candidates["J", 1].reason == "A: #1 -> #2"
    w.approve("J", digest=old.digest)
    assert w.denied().startswith(f"{old.short} of J is not waiting for approval any more")
    assert w.shown("J").short in w.denied()
    assert w.unfinished() == {}


def test_the_approvals_of_a_superseded_candidate_lapse() -> None:
    w = gated(J=TWO)
    w.approve("J", "bob")
    w.push("app", "two")
    w.run("A#2")
    w.approve("J", "carol")
    assert w.unfinished() == {}
    w.approve("J", "bob")
    assert w.unfinished() == {"J#1": "queued"}
    assert w.get("J#1").inputs[0].version.number == 2  # type: ignore[union-attr]  # it has one


def test_a_commits_version_is_named_by_its_digits() -> None:
    w = world("app -> J", J="gate")
    w.push(commit="one")
    w.push(commit="two")
    assert w.ledger.candidates["J", 1].reason == f"app: {sha('one')[:12]} -> {sha('two')[:12]}"


def test_what_changed_since_the_last_approved_run_is_listed() -> None:
    w = world("app -> A -> J; pic -/> J", J="gate")
    w.push("app", "one")
    w.run("A#1")
    w.approve("J")
    w.run("J#1")
    w.push("app", "two")
    w.run("A#2")
    w.push("app", "three")
    w.run("A#3")
    assert w.shown("J").changes == ("A: #1 -> #3",)


def test_the_same_versions_again_change_nothing() -> None:
    w = world("conf -/> J", J="gate")
    w.trigger("J")
    digest = w.shown("J").digest
    w.trigger("J")
    assert w.candidates("J") == {1: "open"}
    assert digest[:12] in w.denied()


def test_the_digest_depends_on_the_lane() -> None:
    w = world("app -> A; conf -/> J", J="gate")
    w.pull_request(1, "one")
    w.trigger("J")
    w.trigger("J", lane=pr(1))
    first, second = w.ledger.candidates.values()
    assert first.inputs == second.inputs
    assert first.digest != second.digest


def test_a_candidate_of_a_failing_line_is_not_proposed() -> None:
    w = world("app -> A -> J -> C", J="gate")
    w.push()
    w.run("A#1", Status.FAILED)
    assert w.candidates("J") == {}
    assert set(w.not_run()) == {"J", "C"}


# -- an approval names its object --------------------------------------------------------------------------------------------


def test_an_approval_for_another_digest_opens_nothing() -> None:
    w = gated()
    w.approve("J", digest="0" * 64)
    assert "is not waiting for approval any more" in w.denied()
    assert w.runs()["A#1"] == "succeeded"
    assert "J#1" not in w.runs()


def test_an_approval_without_any_candidate_is_refused() -> None:
    w = world("app -> J", J="gate")
    w.happen(Approved(**w.key(), by=actor("bob"), via="cli", job="J", digest="1" * 64))
    assert w.denied() == "111111111111 of J is not waiting for approval any more: nothing of it waits for approval"


def test_a_person_counts_once_whatever_the_way() -> None:
    w = gated(J=TWO)
    w.approve("J", "bob")
    w.happen(Approved(**w.key(), by=actor("bob"), via="comment", job="J", digest=w.shown("J").digest))
    assert w.denied().startswith("bob has approved")
    w.approve("J", "carol")
    assert w.added() == ["J#1"]


def test_one_approval_is_used_up_by_one_run() -> None:
    w = gated()
    digest = w.shown("J").digest
    w.approve("J")
    w.approve("J", "carol", digest)
    assert w.added() == []
    assert w.denied()


def test_an_author_may_approve_when_one_approval_is_enough() -> None:
    w = gated()
    w.approve("J", "alice")
    assert w.added() == ["J#1"]


@pytest.mark.parametrize("gate", [Gate(allow_author=False), TWO])
def test_an_author_may_not_approve_otherwise(gate: Gate) -> None:
    w = gated(J=gate)
    w.approve("J", "alice")
    assert w.denied().startswith("alice made some of the changes")


def test_authors_are_the_pushers_of_every_commit_since_the_last_approved_run() -> None:
    w = gated(J=Gate(allow_author=False))
    w.approve("J", "bob")
    w.drain()
    w.push("app", "two", by="dora")
    w.push("app", "three", by="erin")
    w.run("A#2", Status.FAILED)
    w.run("A#3")
    assert {each.login for each in w.shown("J").authors} == {"dora", "erin"}
    w.approve("J", "dora")
    assert w.denied()
    w.approve("J", "alice")
    assert w.added() == ["J#2"]


def test_an_unknown_author_might_be_anybody() -> None:
    w = world("app -> J", J=Gate(allow_author=False))
    w.push(by="")
    w.ledger.candidates["J", 1] = replace(w.shown("J"), authors=(Actor("", "ghost"),))
    w.approve("J")
    assert "might be anybody" in w.denied()


def test_who_gives_values_made_a_change() -> None:
    w = world("conf -/> J", J=Gate(allow_author=False))
    w.trigger("J", values=(("REGION", "eu"),), by="bob")
    w.approve("J", "bob")
    assert w.denied().startswith("bob made some of the changes")


# -- opening, rejecting, expiring --------------------------------------------------------------------------------------------


def test_approved_means_queued_at_once_and_ahead_of_priority() -> None:
    w = world("app -> A; app -> J", A={"priority": 0}, J=["gate", {"priority": 9000}])
    w.push()
    w.approve("J")
    assert w.unfinished() == {"A#1": "queued", "J#1": "queued"}
    assert w.claim() == "J#1"


def test_an_approved_run_waits_for_its_own_serial_turn_only() -> None:
    w = world("app -> J -> C", J="gate")
    w.push(commit="one")
    w.approve("J")
    w.run("J#1")
    assert w.claim() == "C#1"
    w.push(commit="two")
    w.approve("J")
    assert w.claim() == "J#2"
    w.push(commit="three")
    w.approve("J")
    assert w.unfinished()["J#3"] == "waiting"
    w.end("J#2")
    assert w.unfinished()["J#3"] == "queued"


def test_a_rejection_ends_the_candidate_and_says_so_downstream() -> None:
    w = gated()
    reject(w)
    assert w.candidates("J") == {1: "rejected"}
    assert w.not_run() == {"C": "not_run: J was rejected"}
    assert w.ledger.candidates["J", 1].reason == "rejected by bob: no"


def test_a_rejection_of_something_else_is_refused() -> None:
    w = gated()
    reject(w, "2" * 64)
    assert w.candidates("J") == {1: "open"}
    assert w.denied()


@pytest.mark.parametrize(("on_timeout_reject", "state"), [(False, "expired"), (True, "rejected")])
def test_a_candidate_expires_when_its_time_is_over(on_timeout_reject: bool, state: str) -> None:
    w = gated(J=Gate(timeout=3600.0, on_timeout_reject=on_timeout_reject))
    w.happen(CandidateDue(**w.key(), job="J", number=1))
    assert w.candidates("J") == {1: "open"}
    w.now += 3600
    w.happen(CandidateDue(**w.key(), job="J", number=1))
    assert w.candidates("J") == {1: state}
    w.approve("J", digest=w.ledger.candidates["J", 1].digest)
    assert w.denied()


def test_a_candidate_without_timeout_never_expires() -> None:
    w = gated()
    assert w.shown("J").expires is None
    w.now += 1e9
    w.happen(CandidateDue(**w.key(), job="J", number=1))
    assert w.candidates("J") == {1: "open"}


def test_cancelling_a_candidate_rejects_it() -> None:
    w = gated()
    w.happen(Cancelled(**w.key(), by=actor("bob"), via="cli", candidates=(("J", 1),)))
    assert w.candidates("J") == {1: "rejected"}


# -- definitions that change -------------------------------------------------------------------------------------------------


LINE = "app -> A -> J -> C"


def test_a_changed_definition_is_a_change() -> None:
    w = gated(J=TWO)
    w.approve("J", "bob")
    w.redraw(LINE, J=[TWO, {"priority": 1}])
    assert w.candidates("J") == {1: "superseded", 2: "open"}
    assert w.ledger.candidates["J", 1].reason == "the definition of the job"
    assert w.shown("J").approvals == ()
    assert w.shown("J").definition.priority == 1


def test_where_in_its_file_a_job_stands_is_no_change() -> None:
    w = gated()
    w.redraw(LINE + "; pic -/> Z", J="gate")
    assert w.candidates("J") == {1: "open"}


@pytest.mark.parametrize("weaker", [Gate(), None, Gate(allow_author=True, required=2)])
def test_a_weaker_gate_is_for_candidates_whose_cause_came_after_it(weaker: Gate | None) -> None:
    w = gated(J=TWO)
    w.redraw(LINE, J=weaker)
    assert w.candidates("J") == {1: "open"}
    w.approve("J", "alice")
    assert w.denied()
    w.approve("J", "bob")
    assert w.added() == []
    w.push("app", "two")
    w.run("A#2")
    if weaker is None:
        assert w.candidates("J") == {1: "superseded"}
        assert w.unfinished() == {"J#1": "queued"}
    else:
        assert w.shown("J").definition.gate == weaker


def test_a_weaker_gate_with_another_change_proposes_anew_under_the_old_gate() -> None:
    w = gated(J=TWO)
    w.redraw(LINE, J=[Gate(), {"priority": 1}])
    assert w.candidates("J") == {1: "superseded", 2: "open"}
    gate = w.shown("J").definition.gate
    assert gate is not None
    assert (gate.required, gate.author_may_approve) == (2, False)


def test_a_stricter_gate_holds_for_what_is_open() -> None:
    w = gated()
    w.redraw(LINE, J=TWO)
    assert w.candidates("J") == {1: "superseded", 2: "open"}
    w.approve("J", "bob")
    assert w.added() == []


def test_more_approvers_are_for_later_candidates() -> None:
    w = gated(J=Gate(restricted=True, people=("github:bob",)))
    w.redraw(LINE, J=Gate(restricted=True, people=("github:bob", "github:eve")))
    assert w.candidates("J") == {1: "open"}
    assert w.shown("J").definition.gate.people == ("github:bob",)  # type: ignore[union-attr]  # it has one


def test_a_new_gate_shuts_what_has_not_started() -> None:
    w = world("app -> J")
    w.push(commit="one")
    w.push(commit="two")
    w.redraw("app -> J", J="gate")
    assert w.unfinished() == {}
    assert list(w.candidates("J").values()).count("open") == 1
    assert w.claim() == ""


def test_a_gated_run_that_is_queued_keeps_its_plan_when_the_gate_goes() -> None:
    w = gated()
    w.approve("J")
    w.redraw(LINE)
    assert w.run("J#1")
    assert w.get("J#1").candidate == 1


def test_a_removed_jobs_candidate_ends() -> None:
    w = gated()
    w.redraw("app -> A")
    assert w.candidates("J") == {1: "expired"}


# -- both orders of approval and superseding push ----------------------------------------------------------------------------


@pytest.mark.parametrize("approval_first", [True, False])
def test_an_approval_and_a_superseding_change_in_either_order_never_run_the_wrong_versions(approval_first: bool) -> None:
    w = world("app -> J", J="gate")
    w.push(commit="one")
    digest = w.shown("J").digest
    if approval_first:
        w.approve("J", digest=digest)
        w.push(commit="two")
        assert w.claim() == "J#1"
        assert w.taken("J#1") == {"app": "one"}
    else:
        w.push(commit="two")
        w.approve("J", digest=digest)
        assert w.claim() == ""
    assert w.shown("J").digest != digest


def test_breaking_the_glass_waits_for_no_neighbour() -> None:
    w = world("app -> J -> C", J="gate")
    w.push(commit="one")
    w.approve("J")
    w.run("J#1")
    assert w.claim() == "C#1"
    w.trigger("J", break_glass="now")
    assert w.unfinished() == {"C#1": "running", "J#2": "queued"}


def test_a_gated_job_without_a_version_to_take_says_so() -> None:
    w = world("app -> J; clock -> J", J="gate")
    w.push()
    assert w.candidates("J") == {}
    assert w.not_run() == {"J": "not_run: clock has no version yet"}
