"""What there is to see at the machine: the line, a job, a run, a commit, a log; and the same as JSON."""

from __future__ import annotations

import threading

import pytest

from app.store import Chunk, WorkerRow
from app.workflow.line import Status
from tests.cli.machine import ACCOUNT, SOURCE, Machine


def test_the_line_with_its_newest_runs_and_what_waits(line: Machine) -> None:
    sha = line.push(message="Faster")
    line.work()
    line.clock.forward(60)
    ((_, candidate),) = line.store.candidates(ACCOUNT)
    done = line.types("show")
    assert done.exit_code == 0
    rows = [row.split("  ") for row in done.stdout.splitlines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    cause = f"acme/app {sha[:12]} Faster"
    assert cells == [
        ["local:acme"],
        ["JOB", "LANE", "RUN", "STATUS", "WHEN", "CAUSE"],
        ["build", "main", "#1", "succeeded in 2.0 s", "1 min ago", cause],
        ["deploy", "main", "-", f"waits for approval (0 of 1), digest {candidate.short}", "1 min ago", cause],
        [f"deploy waits for approval: gateline approve deploy {candidate.short}"],
    ]


def test_the_line_as_json(line: Machine) -> None:
    candidate = line.propose()
    (account,) = line.json("show")
    build, deploy = account["jobs"]
    assert (account["account"], build["job"], deploy["job"]) == (ACCOUNT, "build", "deploy")
    assert [(run["number"], run["status"]) for run in build["runs"]] == [(1, "succeeded")]
    assert [(each["digest"], each["approvers"]) for each in deploy["candidates"]] == [(candidate.digest, "alice")]


def test_a_lane_is_shown_while_its_pull_request_is_open(line: Machine) -> None:
    line.push("topic")
    line.types("pr", "open", "acme/app", "topic", "--as", "wendy")
    line.compare()
    line.types("trigger", "build", "--lane", "pr/1", "--as", "wendy")
    assert "pr/1" in line.types("show").stdout
    line.types("pr", "close", "acme/app#1")
    line.compare()
    assert "pr/1" not in line.types("show").stdout


def test_without_a_source_it_says_how_to_add_one(machine: Machine) -> None:
    done = machine.types("show")
    assert (done.exit_code, done.stdout) == (0, "There is no source yet: add one with `gateline source add FORGE:OWNER/REPO`.\n")
    assert machine.json("show") == []


def test_a_job_that_does_not_exist(line: Machine) -> None:
    done = line.types("show", "biuld")
    assert (done.exit_code, done.stderr) == (1, "Error: There is no job biuld in local:acme: `gateline show` lists them.\n")


def test_one_job(line: Machine) -> None:
    candidate = line.propose()
    said = line.types("show", "deploy").stdout.splitlines()
    assert said[:4] == [
        "deploy, a runSh job of local:acme/app@main in local:acme",
        "started by  build",
        "reads       release",
        "gate        1 of alice",
    ]
    assert f"deploy waits for approval in main, digest {candidate.short}" in said
    assert said[-1] == "It has never run."


def test_one_run(line: Machine) -> None:
    sha = line.push(message="Faster")
    run = line.work(Status.FAILED, "exit code 2")
    view = line.store.run(ACCOUNT, run)
    assert view is not None
    assert line.types("show", "build#1").stdout == (
        "build#1 failed in main of local:acme\n"
        "why      Set off by app.\n"
        "why      exit code 2\n"
        f"cause    push acme/app {sha[:12]} Faster\n"
        f"input    app version 2 {sha[:12]}\n"
        "created  2027-01-15 08:00:00 UTC\n"
        "started  2027-01-15 08:00:00 UTC (after 0.0 s)\n"
        "ended    2027-01-15 08:00:02 UTC (ran 2.0 s)\n"
        "worker   w\n"
        f"page     https://gate.example/runs/{view.key}\n"
        "log      gateline logs build#1\n"
    )
    told = line.json("show", "build#1")
    assert (told["job"], told["number"], told["status"], told["reason"], told["worker"]) == ("build", 1, "failed", "exit code 2", "w")


def test_a_commit_has_its_statuses_and_comments(line: Machine) -> None:
    sha = line.push()
    written = line.types("comment", f"acme/app@{sha[:8]}", "looks **good**", "--as", "rita")
    assert (written.exit_code, written.stdout) == (0, f"rita commented on acme/app@{sha[:8]}.\n"), written.output
    told = line.json("show", "--commit", sha[:8])
    assert (told["sha"], told["statuses"]) == (sha, [])
    assert [(each["author"], each["body"]) for each in told["comments"]] == [("rita", "looks **good**")]
    shown = line.types("show", "--commit", sha[:8]).stdout
    assert f"acme/app {sha}\nNo statuses yet.\n" in shown
    assert f"rita on acme/app@{sha[:12]}, " in shown


def test_problems_are_exit_code_1(line: Machine) -> None:
    line.store.beat(WorkerRow("w", "host", ("default",), line.clock(), line.clock()))
    assert (line.types("show", "--problems").exit_code, line.types("show", "--problems").stdout) == (0, "No problems.\n")
    claimed = line.fail("reply", "GitHub says no")
    done = line.types("show", "--problems")
    assert done.exit_code == 1
    assert f"{claimed.id}" in done.stdout
    assert "GitHub says no" in done.stdout
    assert "1 problem: gateline show --problems" in line.types("show").stdout
    assert line.json("show", "--problems")["errands"][0]["problem"] == "GitHub says no"


def test_a_pool_that_nobody_serves_is_a_problem(line: Machine) -> None:
    line.push()
    done = line.types("show", "--problems")
    assert done.exit_code == 1
    assert "Runs wait for the pool default, which no worker serves" in done.stdout


def test_a_run_that_waits_says_for_what(line: Machine) -> None:
    line.push()
    line.store.beat(WorkerRow("w", "host", ("default",), line.clock(), line.clock()))
    assert "queued: it may start, and waits for a free worker of the pool default" in line.types("show").stdout


def test_workers_and_when_they_were_heard_of(line: Machine) -> None:
    line.store.beat(WorkerRow("box:7", "box", ("default",), line.clock(), line.clock()))
    line.clock.forward(120)
    assert line.types("show", "--workers").stdout.splitlines()[1].split("  ")[0] == "box:7"
    assert [(each["name"], each["run"]) for each in line.json("show", "--workers")] == [("box:7", "")]


def test_events_tell_why_nothing_started(line: Machine) -> None:
    line.push("elsewhere")
    newest = line.json("show", "--events", "--limit", "1")
    assert (newest[0]["kind"], newest[0]["account"]) == ("Pushed", ACCOUNT)
    assert newest[0]["decided"]
    assert "Pushed" in line.types("show", "--events").stdout


def test_two_things_at_once_are_wrong_usage(line: Machine) -> None:
    assert line.types("show", "build", "--problems").exit_code == 2


# -- logs ----------------------------------------------------------------------------------------------------------------------


def test_the_log_of_a_run_by_sections(line: Machine) -> None:
    line.push()
    line.work()
    said = line.types("logs", "build#1").stdout.splitlines()
    assert said[0].startswith("make ─")
    assert said[1:] == ["10:00:00 all is well"]
    assert line.types("logs", "build").stdout.splitlines() == said
    assert line.json("logs", "build") == {
        "run": "build#1",
        "chunks": [{"number": 1, "at": 1_800_000_000.0, "section": "make", "text": "10:00:00 all is well\n"}],
    }


@pytest.mark.parametrize(("status", "code"), [(Status.SUCCEEDED, 0), (Status.FAILED, 1)])
def test_following_ends_with_the_run_and_its_verdict(line: Machine, status: Status, code: int) -> None:
    line.push()
    run, token = line.claim()

    def goes_on() -> None:
        for number in (1, 2):
            line.store.append_log(ACCOUNT, run, token, [Chunk(number, line.clock(), "make", f"line {number}\n")])
        line.end(run, token, status)

    worker = threading.Thread(target=goes_on)
    worker.start()
    done = line.types("logs", "build", "-f")
    worker.join()
    assert done.exit_code == code
    assert done.stdout.splitlines()[1:3] == ["line 1", "line 2"]
    assert done.stdout.splitlines()[-1].startswith(f"build#1 {status.value}")


def test_a_terminal_is_not_commanded_by_a_log(line: Machine) -> None:
    line.push()
    run, token = line.claim()
    line.store.append_log(ACCOUNT, run, token, [Chunk(1, line.clock(), "make", "\x1b[2Jred \x1b]0;title\x07\n")])
    assert "\x1b" not in line.types("logs", "build").stdout


def test_a_job_that_never_ran_has_no_log(line: Machine) -> None:
    done = line.types("logs", "deploy")
    assert (done.exit_code, done.stderr) == (1, "Error: deploy has never run in local:acme.\n")


def test_sources_are_named_by_account_where_there_are_several(line: Machine) -> None:
    line.types("repo", "create", "other/app")
    line.types("source", "add", "local:other/app")
    assert line.types("show", "build").exit_code == 0
    done = line.types("show", "nothing")
    assert (done.exit_code, done.stderr) == (1, "Error: Name the account with --account: local:acme, local:other.\n")
    assert [each["account"] for each in line.json("show")] == [ACCOUNT, "local:other"]
    assert SOURCE in line.types("source", "list").stdout
