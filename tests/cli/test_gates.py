"""At the machine a gate is answered for exactly what was shown: the digest always goes along."""

from __future__ import annotations

from app.workflow.line import CandidateState
from tests.cli.machine import ACCOUNT, Machine


def test_approve_shows_the_candidate_asks_and_opens_the_gate(line: Machine) -> None:
    candidate = line.propose()
    line.clock.forward(180)
    done = line.types("approve", "deploy", "--as", "alice", "--reason", "seen it", answers="y\n")
    assert done.exit_code == 0
    assert done.stdout == (
        f"deploy waits for approval in main, digest {candidate.short}\n"
        "Approvers: alice. 0 of 1 approved. Waits for 3 min.\n"
        "INPUT    VERSION  LABEL\n"
        "build    #1\n"
        "release  #1\n"
        "Changed since the last approved run:\n"
        "  build: #1\n"
        "  release: #1\n"
        "\n"
        "Approve exactly this? [y/N]: y\n"
        "The gate of deploy is open: run #1 is next.\n"
    )
    opened = line.store.candidate(ACCOUNT, "deploy", candidate.number)
    assert opened is not None
    assert opened.state is CandidateState.OPENED
    assert [(each.by.login, each.digest, each.via, each.reason) for each in opened.approvals] == [
        ("alice", candidate.digest, "cli", "seen it")
    ]


def test_no_is_an_answer(line: Machine) -> None:
    line.propose()
    done = line.types("approve", "deploy", "--as", "alice", answers="n\n")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "Nothing was done.")
    assert len(line.store.candidates(ACCOUNT)) == 1


def test_without_anybody_to_ask_nothing_is_approved(line: Machine) -> None:
    line.propose()
    assert line.types("approve", "deploy", "--as", "alice").exit_code == 1
    assert len(line.store.candidates(ACCOUNT)) == 1


def test_with_the_digest_nothing_is_asked(line: Machine) -> None:
    candidate = line.propose()
    done = line.types("approve", "deploy", candidate.short, "--as", "alice")
    assert (done.exit_code, done.stdout) == (0, "The gate of deploy is open: run #1 is next.\n")


def test_json_never_asks_it_wants_the_digest(line: Machine) -> None:
    candidate = line.propose()
    done = line.types("approve", "deploy", "--as", "alice", "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"name the digest, {candidate.short}" in done.stderr
    assert line.json("approve", "deploy", candidate.digest, "--as", "alice")["accepted"] is True


def test_a_candidate_that_was_superseded_while_it_was_read_stays_shut(line: Machine) -> None:
    old = line.propose()
    line.push()
    line.work()
    done = line.types("approve", "deploy", old.digest, "--as", "alice")
    assert done.exit_code == 1
    assert f"{old.short} of deploy is superseded by" in done.stdout
    assert [each.state for _, each in line.store.candidates(ACCOUNT)] == [CandidateState.OPEN]


def test_somebody_who_is_no_approver_is_refused(line: Machine) -> None:
    candidate = line.propose()
    done = line.types("approve", "deploy", candidate.short, "--as", "wendy")
    assert done.exit_code == 1
    assert done.stdout.startswith("No: You are not among those who may answer for the gate of deploy. Its approvers are alice")


def test_a_stranger_is_not_asked_first(line: Machine) -> None:
    line.propose()
    done = line.types("approve", "deploy", "--as", "nobody", answers="y\n")
    assert (done.exit_code, done.stdout) == (1, "")


def test_reject_ends_the_candidate(line: Machine) -> None:
    candidate = line.propose()
    done = line.types("reject", "deploy", "--as", "alice", "--reason", "not today", answers="y\n")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "What waited at the gate of deploy is rejected.")
    rejected = line.store.candidate(ACCOUNT, "deploy", candidate.number)
    assert rejected is not None
    assert rejected.state is CandidateState.REJECTED


def test_nothing_waits(line: Machine) -> None:
    done = line.types("approve", "deploy", "--as", "alice")
    assert (done.exit_code, done.stdout) == (1, "No: Nothing waits at the gate of deploy.\n")


def test_every_answer_is_in_the_audit_log_newest_first(line: Machine) -> None:
    candidate = line.propose()
    line.types("approve", "deploy", candidate.short, "--as", "wendy")
    line.types("approve", "deploy", candidate.short, "--as", "alice")
    kept = line.json("audit", "--job", "deploy")
    assert [(each["by"]["login"], each["action"], each["accepted"]) for each in kept] == [
        ("alice", "approve", True),
        ("wendy", "approve", False),
    ]
    rows = line.types("audit", "--job", "deploy").stdout.splitlines()
    assert rows[0].split() == ["WHEN", "WHO", "ACTION", "ON", "OUTCOME", "VIA", "DETAIL"]
    assert rows[1].split()[2:7] == ["alice", "approve", "deploy", "done", "cli"]
