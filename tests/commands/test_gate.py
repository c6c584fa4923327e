"""approve and reject: an answer names its object (product.md section 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.commands import Announced, Reading, Refusal, Wish
from app.workflow.definition import Gate
from app.workflow.events import Approved, Rejected, Triggered
from app.workflow.line import MAIN, Candidate, CandidateState, Node
from tests.commands.scenes import ANN, COMMIT, NOW, PR, SPOT, ask, candidate, job, line, scene

DEPLOY = job("deploy", "app", gate=Gate())
ONE = candidate(1, "aaaaaaa1")
TWO = candidate(2, "bbbbbbb2", app=2)
IN_PR = candidate(3, "ccccccc3", lane=PR)


def reading(
    text: str, *waiting: Candidate, announced: dict[int, float] | None = None, past: tuple[Candidate, ...] = (), **known: object
) -> Reading:
    here = tuple(Announced("deploy", number, at) for number, at in (announced or {}).items())
    return ask(text, line(Node("deploy", DEPLOY, open=waiting)), scene(DEPLOY, announced=here, candidates=(*waiting, *past), **known))


def refusal(found: Reading) -> Refusal:
    assert isinstance(found, Refusal), found
    return found


def test_a_bare_approval_below_its_announcement_approves_exactly_what_was_announced() -> None:
    found = reading("approve deploy -- looks good", ONE, announced={1: NOW - 2})
    approved = Approved(key="k", at=NOW, by=ANN, via="comment:1", job="deploy", digest=ONE.digest, reason="looks good")
    assert found == Wish((approved,))


@pytest.mark.parametrize(("age", "counts"), [(1.0, False), (1.999, False), (2.0, True), (60.0, True), (-5.0, False)])
def test_the_announcement_must_be_two_seconds_older_by_the_forges_clock(age: float, counts: bool) -> None:
    found = reading("approve deploy", ONE, announced={1: NOW - age})
    assert isinstance(found, Wish) is counts
    if not counts:
        assert refusal(found).type == f"/gateline approve deploy {ONE.short}"
        assert "2 seconds" in refusal(found).reason


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_bare_answer_counts_for_nothing_that_was_announced_elsewhere(verb: str) -> None:
    found = refusal(reading(f"{verb} deploy", ONE))
    assert "not announced in this conversation" in found.reason
    assert found.type == f"/gateline {verb} deploy {ONE.short}"


def test_where_the_candidate_is_shown_first_the_digest_is_always_needed() -> None:
    found = refusal(reading("approve deploy", ONE, announced={1: NOW - 60}, typed=None))
    assert found.type == f"/gateline approve deploy {ONE.short}"


def test_of_two_announced_here_one_has_to_be_named() -> None:
    found = refusal(reading("approve deploy", ONE, IN_PR, announced={1: NOW - 9, 3: NOW - 9}))
    assert ONE.short in found.reason
    assert IN_PR.short in found.reason


def test_of_two_only_the_one_announced_here_is_meant() -> None:
    found = reading("approve deploy", ONE, IN_PR, announced={3: NOW - 9})
    assert isinstance(found, Wish)
    assert isinstance(found.events[0], Approved)
    assert found.events[0].digest == IN_PR.digest


@pytest.mark.parametrize("digest", ["bbbbbbb2", "BBBBBBB2", "bbbbbbb2b", TWO.short, TWO.digest])
def test_a_digest_of_eight_digits_or_more_names_its_candidate_wherever_it_is_typed(digest: str) -> None:
    found = reading(f"reject deploy {digest}", ONE, TWO, spot=None)
    assert found == Wish((Rejected(key="k", at=NOW, by=ANN, via="comment:1", job="deploy", digest=TWO.digest),))


@pytest.mark.parametrize("digest", ["bbbbbbb", "b", "zzzzzzzz", "bbbbbbb2-", "b" * 65])
def test_a_shorter_digest_or_none_at_all_is_refused(digest: str) -> None:
    found = refusal(reading(f"approve deploy {digest}", TWO))
    assert "at least 8" in found.reason
    assert found.type == f"/gateline approve deploy {TWO.short}"


def test_a_superseded_digest_is_refused_and_told_what_changed() -> None:
    old = replace(ONE, state=CandidateState.SUPERSEDED, values=(("REGION", "eu"),))
    found = refusal(reading(f"approve deploy {ONE.short}", TWO, past=(old,)))
    assert "superseded" in found.reason
    assert "app (1 before, 2 now)" in found.reason
    assert "the value of REGION" in found.reason
    assert "definition" not in found.reason
    assert found.type == f"/gateline approve deploy {TWO.short}"


def test_a_changed_definition_is_named_as_what_changed() -> None:
    old = replace(TWO, number=1, digest="d" * 64, state=CandidateState.SUPERSEDED, definition=job("deploy", gate=Gate(required=2)))
    assert "the job's definition" in refusal(reading("approve deploy dddddddd", TWO, past=(old,))).reason


@pytest.mark.parametrize("state", [CandidateState.OPENED, CandidateState.REJECTED, CandidateState.EXPIRED, CandidateState.SUPERSEDED])
def test_a_candidate_that_is_over_is_told_to_be(state: CandidateState) -> None:
    found = refusal(reading(f"approve deploy {ONE.short}", past=(replace(ONE, state=state, reason="because @x"),)))
    assert f"is {state} already: because @\u200bx" in found.reason


def test_an_unknown_digest_is_refused_with_the_one_that_waits() -> None:
    found = refusal(reading("approve deploy 12345678", TWO))
    assert found.type == f"/gateline approve deploy {TWO.short}"
    assert "12345678" in found.reason


def test_where_nothing_waits_nothing_is_approved() -> None:
    assert "Nothing waits" in refusal(reading("approve deploy", announced={1: NOW - 9})).reason


# -- jobs without a gate -------------------------------------------------------------------------------------------------------

SMOKE = job("smoke", "app")


def test_approving_a_job_that_is_ready_by_hand_runs_it() -> None:
    found = ask("approve smoke", line(Node("smoke", SMOKE, ready=frozenset({MAIN}))), scene(SMOKE))
    assert isinstance(found, Wish)
    (event,) = found.events
    assert isinstance(event, Triggered)
    assert (event.job, event.lane, event.sha, event.repository) == ("smoke", MAIN, COMMIT.sha, COMMIT.repository)


def test_it_runs_in_the_pull_requests_lane_where_it_is_ready_there() -> None:
    found = ask("approve smoke", line(Node("smoke", SMOKE, ready=frozenset({MAIN, PR}))), scene(SMOKE, spot=SPOT))
    assert isinstance(found, Wish)
    assert isinstance(found.events[0], Triggered)
    assert found.events[0].lane == PR


def test_approving_a_job_without_a_gate_that_is_not_ready_is_refused() -> None:
    assert "no gate" in refusal(ask("approve smoke", line(Node("smoke", SMOKE)), scene(SMOKE))).reason


def test_a_name_with_blanks_is_quoted_in_the_line_to_type() -> None:
    spaced = job("deploy prod", gate=Gate())
    waiting = candidate(1, "aaaaaaa1", "deploy prod")
    found = refusal(ask('approve "deploy prod"', line(Node("deploy prod", spaced, open=(waiting,))), scene(spaced)))
    assert found.type == f'/gateline approve "deploy prod" {waiting.short}'
