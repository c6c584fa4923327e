"""What people type in comments, typed at the machine: the same rights, the same answers, the same audit log."""

from __future__ import annotations

import pytest

from app.workflow.line import Status
from tests.cli.machine import ACCOUNT, Machine


def test_trigger_makes_a_run(line: Machine) -> None:
    done = line.types("trigger", "build", "REGION=eu", "--as", "wendy")
    assert (done.exit_code, done.stdout) == (0, "build#1 is queued.\n")
    (view,) = line.store.runs(ACCOUNT)
    assert view.run.by is not None
    assert (view.run.by.login, view.run.values) == ("wendy", (("REGION", "eu"),))


def test_trigger_as_json_says_the_same_and_names_the_run(line: Machine) -> None:
    assert line.json("trigger", "build", "--as", "wendy") == {
        "verdict": "done",
        "accepted": True,
        "message": "build#1 is queued.",
        "type": "",
        "runs": ["build#1"],
        "candidates": [],
    }


def test_trigger_of_a_gated_job_only_proposes_it(line: Machine) -> None:
    told = line.json("trigger", "deploy", "--as", "wendy")
    assert told["runs"] == []
    assert [each.digest for _, each in line.store.candidates(ACCOUNT)] == told["candidates"]


def test_breaking_the_glass_is_for_administrators(line: Machine) -> None:
    line.types("user", "add", "adam", "admin")
    refused = line.types("trigger", "deploy", "--break-glass", "it burns", "--as", "wendy")
    assert (refused.exit_code, line.store.runs(ACCOUNT)) == (1, ())
    done = line.types("trigger", "deploy", "--break-glass", "it burns", "--as", "adam")
    assert (done.exit_code, done.stdout) == (0, "deploy#1 is queued.\n")


def test_a_reader_is_refused_with_exit_code_1(line: Machine) -> None:
    done = line.types("trigger", "build", "--as", "rita")
    assert done.exit_code == 1
    assert done.stdout == "No: That needs write access to acme/app, where build is defined; you do not have it now.\n"
    assert [(each.by.login, each.accepted, each.via) for each in line.store.audit(ACCOUNT, "build")] == [("rita", False, "cli")]


def test_a_misspelt_job_is_answered_with_the_line_to_type(line: Machine) -> None:
    done = line.types("trigger", "biuld", "--as", "wendy")
    assert (done.exit_code, done.stdout) == (1, "No: There is no job biuld. Did you mean build?\nTry: gateline trigger build\n")


def test_somebody_whom_the_forge_does_not_know_is_told_how_to_be_known(line: Machine) -> None:
    done = line.types("trigger", "build", "--as", "nobody")
    assert (done.exit_code, done.stdout) == (1, "")
    sentence = "local knows nobody called nobody: add them with `gateline user add nobody write`, or say who asks with --as LOGIN."
    assert done.stderr == f"Error: {sentence}\n"


@pytest.mark.parametrize(
    "words", [("trigger", "build", "REGION"), ("retry",), ("cancel",), ("trigger",), ("nonsense",), ("trigger", "--x")]
)
def test_wrong_usage_is_exit_code_2(line: Machine, words: tuple[str, ...]) -> None:
    done = line.types(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith("Usage: gateline")


def test_pause_shows_and_resume_ends_it(line: Machine) -> None:
    assert line.types("pause", "build", "--as", "wendy").exit_code == 0
    assert "build is paused: gateline resume build" in line.types("show").stdout.splitlines()
    assert line.types("resume", "build", "--as", "wendy").exit_code == 0
    assert "paused" not in line.types("show").stdout


def test_pin_and_unpin(line: Machine) -> None:
    pinned = line.types("pin", "deploy", "release", "1", "--as", "wendy")
    assert pinned.stdout == "Runs of deploy take version 1 of release, in the whole account, until it is unpinned.\n"
    assert line.json("show", "deploy")["pins"] == {"release": 1}
    assert line.types("unpin", "deploy", "release", "--as", "wendy").exit_code == 0
    assert line.json("show", "deploy")["pins"] == {}


def test_why_names_what_is_in_the_way(line: Machine) -> None:
    candidate = line.propose()
    said = line.types("why", "deploy", "--as", "alice").stdout
    assert f"to approve, type gateline approve deploy {candidate.short}." in said
    assert line.types("why", "build#1").stdout == "build#1: succeeded. Set off by app.\n"
    line.types("trigger", "build", "--as", "wendy")
    waits = line.types("why", "build#2").stdout
    assert waits == (
        "build#2: queued. Started by wendy. It may start, but no worker serves the pool default: add it to GATELINE_POOLS of a machine.\n"
    )
    assert line.types("why", "build#9").exit_code == 1


def test_cancel_ends_what_waits(line: Machine) -> None:
    line.types("trigger", "build", "--as", "wendy")
    assert line.types("cancel", "build", "--reason", "wrong region", "--as", "wendy").exit_code == 0
    (view,) = line.store.runs(ACCOUNT)
    assert (view.run.status, view.run.reason) == (Status.CANCELLED, "cancelled by wendy: wrong region")


def test_retry_by_commit_runs_again_what_failed_and_nothing_that_passed(line: Machine) -> None:
    sha = line.push()
    line.work(Status.FAILED, "exit code 2")
    done = line.types("retry", "--commit", sha[:10], "--as", "wendy")
    assert (done.exit_code, done.stdout) == (0, "build#2 is queued.\n")
    line.work()
    again = line.types("retry", "--commit", sha[:10], "--as", "wendy")
    assert (again.exit_code, again.stdout) == (1, "No: Nothing of this line has failed for this commit: retry runs only what failed.\n")


def test_a_commit_that_nobody_has_is_not_found(line: Machine) -> None:
    done = line.types("retry", "--commit", "deadbeef00", "--as", "wendy")
    assert (done.exit_code, done.stderr) == (1, "Error: No repository of local:acme's sources has a commit deadbeef00.\n")


def test_trigger_in_the_lane_of_a_pull_request_stays_there(line: Machine) -> None:
    line.push("topic")
    line.types("pr", "open", "acme/app", "topic", "--as", "wendy")
    line.compare()
    done = line.types("trigger", "build", "--lane", "pr/1", "--as", "wendy")
    assert done.exit_code == 0, done.output
    assert {view.run.lane.label for view in line.store.runs(ACCOUNT)} == {"pr/1"}


def test_a_lane_that_is_not_open_is_refused(line: Machine) -> None:
    done = line.types("trigger", "build", "--lane", "pr/7", "--as", "wendy")
    assert (done.exit_code, done.stderr) == (1, "Error: The lane pr/7 is not open: main, pr/7, branch/topic are lanes.\n")
