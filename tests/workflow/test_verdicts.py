"""What answers and time make of a candidate, fact for fact and word for word (product.md section 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.definition import Gate, Runtime
from app.workflow.events import Approved, CandidateDue, Rejected
from app.workflow.facts import ApprovalGiven, CandidateEnded, Denied, Fact, Ignored, NotRun, RunAdded
from app.workflow.line import MAIN, Approval, CandidateState, Run, RunRef, Status
from tests.workflow.worlds import World, actor, pr, sha, world


def gated(**options: object) -> World:
    """conf -> J -> C, where J's gate shows a candidate that carol proposed with a value."""
    w = world("conf -/> J -> C", **{"J": Gate(), **options})
    w.trigger("J", by="carol", values=(("REGION", "eu"),))
    return w


def of(w: World, kind: type[Fact]) -> list[Fact]:
    return [fact for fact in w.facts if isinstance(fact, kind)]


# -- yes ---------------------------------------------------------------------------------------------------------------------


def test_an_approval_says_who_what_when_where_and_why_and_the_gate_opens_into_a_run_of_the_candidate() -> None:
    w = gated(J=[Gate(), {"priority": 7, "runtime": Runtime("gpu")}])
    shown = w.shown("J")
    w.happen(Approved(**w.key(), by=actor("bob"), via="api", job="J", digest=shown.digest, reason="it is time"))
    assert w.facts[:3] == (
        ApprovalGiven("J", 1, Approval(actor("bob"), shown.digest, w.now, "api", "it is time")),
        CandidateEnded("J", 1, CandidateState.OPENED, w.now, run=RunRef("J", 1)),
        RunAdded(
            Run(
                RunRef("J", 1),
                MAIN,
                Status.QUEUED,
                shown.causes,
                w.now,
                pool="gpu",
                priority=7,
                by=actor("carol"),
                immediate=True,
                manual=True,
                values=(("REGION", "eu"),),
                inputs=shown.inputs,
                frozen=True,
                candidate=1,
            )
        ),
    )
    assert len(shown.inputs) == 1


def test_of_two_that_are_wanted_the_first_opens_nothing_and_both_are_kept() -> None:
    w = gated(J=Gate(required=2))
    for name in ("bob", "dora"):
        assert w.runs() == {}
        w.approve("J", by=name)
    assert w.runs() == {"J#1": "queued"}
    assert [each.by.login for each in w.ledger.candidates["J", 1].approvals] == ["bob", "dora"]


def test_an_approved_commit_of_a_fork_still_waits_to_be_allowed() -> None:
    w = world("app => J", J="gate")
    w.pull_request(7, "change", fork=True)
    w.approve("J")
    assert (w.get("J#1").held, w.get("J#1").lane, w.runs()) == ("allow", pr(7), {"J#1": "waiting"})


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        ("", "that of J is not waiting for approval any more: what waits for approval now is {main} (main), {pr} (pr/7)"),
        ("ab" * 32, "abababababab of J is not waiting for approval any more: what waits for approval now is {main} (main), {pr} (pr/7)"),
    ],
)
def test_an_answer_to_what_does_not_wait_is_told_what_does(digest: str, said: str) -> None:
    w = world("app => J", J="gate")
    w.push()
    w.pull_request(7, "change")
    shown = {each.lane.label: each.short for each in w.ledger.candidates_of("J")}
    sentence = said.format(main=shown["main"], pr=shown["pr/7"])
    for kind in (Approved, Rejected):
        assert w.happen(kind(**w.key(), by=actor("bob"), via="cli", job="J", digest=digest)) == (Denied(sentence),)


def test_an_answer_where_nothing_waits_is_told_so() -> None:
    w = world("app -> J", J="gate")
    w.happen(Approved(**w.key(), by=actor("bob"), via="cli", job="J", digest="cd" * 32))
    assert w.denied() == "cdcdcdcdcdcd of J is not waiting for approval any more: nothing of it waits for approval"


def test_whoever_approved_already_is_told_that_another_has_to() -> None:
    w = gated(J=Gate(required=2))
    w.approve("J", by="bob")
    w.approve("J", by="bob")
    assert w.denied() == f"bob has approved {w.shown('J').short} of J already; another person has to"


def test_an_author_and_somebody_unknown_are_refused_in_words() -> None:
    w = world("app -> J", J=Gate(allow_author=False))
    w.push(by="alice")
    w.approve("J", by="alice")
    short = w.shown("J").short
    assert w.denied() == f"alice made some of the changes that {short} of J would run; somebody else has to approve"
    [candidate] = w.ledger.candidates_of("J")
    w.ledger.candidates["J", 1] = replace(candidate, authors=(replace(actor("x"), id=""),))
    w.approve("J", by="bob")
    assert w.denied() == (
        f"some of the changes that {short} of J would run are by somebody the forge does not name, "
        "who might be anybody: its gate lets no author approve"
    )


# -- no ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reason", "said"), [("too late", "rejected by bob: too late"), ("", "rejected by bob")])
def test_a_rejection_says_by_whom_and_why_and_the_jobs_behind_hear_of_it(reason: str, said: str) -> None:
    w = gated()
    causes = w.shown("J").causes
    w.happen(Rejected(**w.key(), by=actor("bob"), via="cli", job="J", digest=w.shown("J").digest, reason=reason))
    assert w.facts == (
        CandidateEnded("J", 1, CandidateState.REJECTED, w.now, said, by=actor("bob")),
        NotRun("C", MAIN, causes, "not_run", "J", "J was rejected"),
    )


# -- time --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reject", "state", "behind"),
    [(False, CandidateState.EXPIRED, "J was not approved"), (True, CandidateState.REJECTED, "J was rejected")],
)
def test_a_candidate_ends_at_the_very_second_in_which_its_time_is_over(reject: bool, state: CandidateState, behind: str) -> None:
    w = gated(J=Gate(timeout=60.0, on_timeout_reject=reject))
    causes, expires = w.shown("J").causes, w.shown("J").expires
    assert expires is not None
    w.happen(CandidateDue(key="early", at=expires - 0.001, job="J", number=1))
    assert w.facts == (Ignored("J", "candidate 1 is not due"),)
    w.happen(CandidateDue(key="due", at=expires, job="J", number=1))
    assert w.facts == (
        CandidateEnded("J", 1, state, expires, "nobody approved it in time"),
        NotRun("C", MAIN, causes, "not_run", "J", behind),
    )
    w.happen(CandidateDue(key="again", at=expires, job="J", number=1))
    assert w.facts == (Ignored("J", "candidate 1 is not due"),)


def test_a_superseded_candidate_ends_with_the_item_that_changed() -> None:
    w = world("app -> J -> C", J="gate")
    w.push(commit="one")
    w.push(commit="two")
    [ended] = of(w, CandidateEnded)
    assert ended == CandidateEnded("J", 1, CandidateState.SUPERSEDED, w.now, f"app: {sha('one')[:12]} -> {sha('two')[:12]}")
    assert w.not_run() == {}
