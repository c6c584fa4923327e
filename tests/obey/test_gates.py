"""Who opens a gate by a comment, and by which comments (product.md sections 3 and 4; issue 2, acceptance 6)."""

from __future__ import annotations

import pytest

from app.errors import Temporary
from app.forges import Conversation, Level
from app.obey import Asked, Verdict, count_reviews, hear, obey
from app.workflow.comment import Call
from app.workflow.definition import Gate, Job
from app.workflow.line import CandidateState
from tests.obey.town import ACCOUNT, Town

OPEN, OPENED = CandidateState.OPEN, CandidateState.OPENED


def deploy(here: Town, **rules: object) -> Job:
    """A job whose gate alice and the team @acme/ops open, unless told otherwise."""
    usual = {"approvers": ("alice", "@acme/ops"), "restricted": True, "people": (here.person("alice").id,), "teams": ("@acme/ops",)}
    return here.job("deploy", gate=Gate(**{**usual, **rules}))  # type: ignore[arg-type] # rules by name


@pytest.fixture
def waiting(here: Town) -> Town:
    """deploy waits, announced in the pull request a minute ago."""
    here.adopt(deploy(here))
    here.announce(here.propose(deploy(here)))
    here.clock.forward(60)
    return here


def test_an_approver_opens_the_gate_below_its_announcement(waiting: Town) -> None:
    comment = waiting.say("alice", "/approve deploy -- looks good")
    assert waiting.candidate().state is OPENED
    assert waiting.candidate().approvals[0].by == waiting.person("alice")
    assert waiting.told(comment) == {"eyes", "rocket"}
    assert waiting.answer == ""
    assert waiting.audit() == [("alice", "approve", "deploy", True)]


def test_a_member_of_an_approving_team_opens_it(waiting: Town) -> None:
    waiting.say("tom", "@gateline approve deploy")
    assert waiting.candidate().state is OPENED


@pytest.mark.parametrize("login", ["wendy", "adam", "rita", "paul", "stranger"])
def test_nobody_else_opens_it_whatever_they_may_write(waiting: Town, login: str) -> None:
    comment = waiting.say(login, "/approve deploy")
    assert waiting.candidate().state is OPEN
    assert waiting.told(comment) == {"eyes", "-1"}
    assert "not among those who may answer for the gate of `deploy`" in waiting.answer
    assert waiting.audit() == [(login, "approve", "deploy", False)]


def test_an_approver_without_triage_access_now_does_not_open_it(waiting: Town) -> None:
    waiting.world.grant(waiting.app.id, "alice", Level.READ)
    waiting.say("alice", "/approve deploy")
    assert waiting.candidate().state is OPEN


def test_an_empty_list_of_approvers_is_nobody(here: Town) -> None:
    nobody = deploy(here, approvers=(), people=(), teams=())
    here.adopt(nobody)
    here.announce(here.propose(nobody))
    here.clock.forward(60)
    here.say("adam", "/approve deploy")
    assert here.candidate().state is OPEN


@pytest.mark.parametrize(("login", "state"), [("wendy", OPENED), ("alice", OPEN), ("rita", OPEN)])
def test_a_gate_without_approvers_is_for_those_who_write(here: Town, login: str, state: CandidateState) -> None:
    anybody = here.job("deploy", gate=Gate())
    here.adopt(anybody)
    here.announce(here.propose(anybody))
    here.clock.forward(60)
    here.say(login, "/approve deploy")
    assert here.candidate().state is state


def test_no_answer_of_the_forge_means_no(waiting: Town) -> None:
    waiting.world.broken["permission"] = Temporary("rate limited")
    waiting.say("alice", "/approve deploy")
    assert waiting.candidate().state is OPEN
    assert "no answer means no" in waiting.answer


def test_the_gate_that_the_candidate_was_proposed_under_says_who(waiting: Town) -> None:
    waiting.adopt(deploy(waiting, people=(waiting.person("wendy").id,), teams=(), approvers=("wendy",)))
    waiting.say("wendy", "/approve deploy abcdef12")
    assert waiting.candidate().state is OPEN


def test_an_approval_typed_a_second_after_the_announcement_opens_nothing(here: Town) -> None:
    here.adopt(deploy(here))
    here.announce(here.propose(deploy(here)))
    here.clock.forward(1)
    here.say("alice", "/approve deploy")
    assert here.candidate().state is OPEN
    assert "To type: `/gateline approve deploy abcdef12abcd`" in here.answer


def test_an_approval_from_another_conversation_opens_nothing_without_the_digest(waiting: Town) -> None:
    elsewhere = Conversation(waiting.app.id, sha=waiting.head)
    waiting.say("alice", "/approve deploy", elsewhere)
    assert waiting.candidate().state is OPEN
    waiting.say("alice", "/approve deploy abcdef12", elsewhere)
    assert waiting.candidate().state is OPENED


@pytest.mark.parametrize(
    "body", ["> /approve deploy", "`/approve deploy`", "```\n/approve deploy\n```", "<!-- /approve deploy -->", "please /approve deploy"]
)
def test_a_quoted_or_coded_approval_opens_nothing_and_is_not_answered(waiting: Town, body: str) -> None:
    comment = waiting.say("alice", body)
    assert waiting.candidate().state is OPEN
    assert waiting.told(comment) == frozenset()


def test_a_bots_approval_opens_nothing(waiting: Town) -> None:
    waiting.world.person("robot", bot=True)
    waiting.say("robot", "/approve deploy")
    assert waiting.candidate().state is OPEN
    assert waiting.note == "bots are not listened to"


def test_an_edit_that_adds_an_approval_below_an_older_announcement_is_an_approval_of_its_own_time(waiting: Town) -> None:
    comment = waiting.say("alice", "hm")
    waiting.edit(comment, "hm\n/approve deploy")
    assert waiting.candidate().state is OPENED


def test_an_edit_of_a_comment_older_than_the_announcement_approves_nothing(here: Town) -> None:
    comment = here.say("alice", "hm")
    here.clock.forward(60)
    here.adopt(deploy(here))
    here.announce(here.propose(deploy(here)))
    here.clock.forward(60)
    here.edit(comment, "hm\n/approve deploy")
    assert here.candidate().state is OPEN


def test_an_edit_by_somebody_else_approves_nothing(waiting: Town) -> None:
    comment = waiting.say("alice", "hm")
    waiting.edit(comment, "/approve deploy", by="wendy")
    assert waiting.candidate().state is OPEN
    assert "somebody else" in waiting.note


def test_the_same_comment_heard_twice_counts_once_and_is_answered_once(waiting: Town) -> None:
    commented = waiting.world.say(waiting.here, "wendy", "/approve deploy")
    for _ in range(2):
        hear(waiting.context, commented)
        waiting.work()
    assert len([body for body in waiting.world.bodies(waiting.here) if body.startswith("<!-- gateline:reply")]) == 1
    assert len(waiting.audit()) == 1


def test_the_same_person_twice_by_comment_and_command_line_counts_once(here: Town) -> None:
    two = deploy(here, required=2)
    here.adopt(two)
    here.announce(here.propose(two))
    here.clock.forward(60)
    here.say("alice", "/approve deploy")
    asked = Asked((ACCOUNT,), here.person("alice"), (Call("approve", job="deploy", digest="abcdef12"),), "cli", "cli 1")
    obey(here.context, asked)
    assert here.candidate().state is OPEN
    here.say("tom", "/approve deploy")
    assert here.candidate().state is OPENED


def test_the_command_line_must_name_the_digest(waiting: Town) -> None:
    (reply,) = obey(waiting.context, Asked((ACCOUNT,), waiting.person("alice"), (Call("approve", job="deploy"),), "cli", "cli 1"))
    assert (reply.verdict, reply.type) == (Verdict.REFUSED, "/gateline approve deploy abcdef12abcd")


def test_a_superseded_digest_is_answered_with_the_newer_one(waiting: Town) -> None:
    waiting.propose(deploy(waiting), digest="12345678", number=2, supersedes=1)
    waiting.say("alice", "/approve deploy abcdef12")
    assert "superseded by `123456781234`" in waiting.answer
    assert waiting.candidate(number=2).state is OPEN


def test_of_two_candidates_each_is_for_the_approvers_of_its_own_gate(here: Town) -> None:
    for_alice = deploy(here)
    for_wendy = deploy(here, approvers=("wendy",), people=(here.person("wendy").id,), teams=())
    here.adopt(for_alice)
    here.propose(for_alice)
    here.propose(for_wendy, digest="12345678", lane=here.lane, number=2)
    here.say("wendy", "/gateline approve deploy abcdef12")
    here.say("wendy", "/gateline approve deploy 12345678")
    assert (here.candidate().state, here.candidate(number=2).state) == (OPEN, OPENED)


def test_an_approval_in_one_pull_request_opens_nothing_that_another_announced(waiting: Town) -> None:
    waiting.world.commit(waiting.app.id, "other", {"b": b"1"})
    other = Conversation(waiting.app.id, number=waiting.world.pull_request(waiting.app.id, "other", "paul"))
    waiting.say("alice", "/approve deploy", other)
    assert waiting.candidate().state is OPEN
    assert "not announced in this conversation" in waiting.world.bodies(other)[-1]


def test_rejecting_ends_the_candidate(waiting: Town) -> None:
    waiting.say("alice", "/reject deploy -- not on a Friday")
    assert waiting.candidate().state is CandidateState.REJECTED


# -- reviews ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "state", "result"), [("alice", "approved", OPENED), ("alice", "commented", OPEN), ("wendy", "approved", OPEN)]
)
def test_an_approving_review_of_the_head_counts_where_the_gate_says_so(here: Town, login: str, state: str, result: CandidateState) -> None:
    reviewed = deploy(here, reviews=True)
    here.adopt(reviewed)
    here.propose(reviewed, lane=here.lane)
    hear(here.context, here.world.review(here.app.id, here.number, login, state))
    assert here.candidate().state is result


def test_a_review_counts_for_nothing_without_reviews_in_the_gate_or_in_main(here: Town) -> None:
    here.adopt(deploy(here))
    here.propose(deploy(here), lane=here.lane)
    hear(here.context, here.world.review(here.app.id, here.number, "alice"))
    assert here.candidate().state is OPEN


def test_a_review_of_an_older_head_counts_for_nothing(here: Town) -> None:
    review = here.world.review(here.app.id, here.number, "alice")
    here.head = here.world.commit(here.app.id, "topic", {"a": b"3"})
    reviewed = deploy(here, reviews=True)
    here.adopt(reviewed)
    candidate = here.propose(reviewed, lane=here.lane)
    hear(here.context, review)
    assert here.candidate().state is OPEN
    assert count_reviews(here.context, ACCOUNT, candidate) == 0


def test_a_standing_review_counts_for_a_candidate_proposed_after_it(here: Town) -> None:
    here.world.review(here.app.id, here.number, "alice")
    reviewed = deploy(here, reviews=True)
    here.adopt(reviewed)
    assert count_reviews(here.context, ACCOUNT, here.propose(reviewed, lane=here.lane)) == 1
    assert here.candidate().state is OPENED
