"""Which of a job's runs, candidates and omissions a commit status shows, in which state and words (product.md section 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.definition import Job
from app.workflow.facts import NotRun
from app.workflow.line import MAIN, Candidate, CandidateState, Lane, Run, RunRef, Status
from app.workflow.report import Entry, Report, Shown, choose, describe, duration, entries, has_status, worst

FIRST, SECOND = Lane("pr/1@github:1"), Lane("pr/2@github:1")
BRANCH = Lane("branch/topic@github:1")
JOB = Job("deploy", "runSh", "github:acme/app@main")
RUN = Run(RunRef("deploy", 7), MAIN, Status.SUCCEEDED, (), created=10.0, started=20.0, ended=32.0)
SHOWN = Candidate("deploy", 1, MAIN, "d" * 64, (), JOB, (), created=10.0)
OMITTED = NotRun("deploy", MAIN, (), "not_run", "build", "build failed")


def waits(run: Run) -> str:
    return f"waits for {run.ref}"


def of_run(status: Status, reason: str = "", lane: Lane = MAIN, at: float = 10.0) -> Entry:
    return Entry(at, lane, run=replace(RUN, status=status, reason=reason, lane=lane))


def of_candidate(state: CandidateState, lane: Lane = MAIN, reason: str = "") -> Entry:
    return Entry(10.0, lane, candidate=replace(SHOWN, state=state, lane=lane, reason=reason))


def of_omission(state: str, reason: str = "build failed", lane: Lane = MAIN) -> Entry:
    return Entry(10.0, lane, omission=replace(OMITTED, state=state, reason=reason, lane=lane))


def said(report: Report | None) -> tuple[Shown, str] | None:
    return (report.shown, report.description) if report else None


@pytest.mark.parametrize(
    ("entry", "shown", "description"),
    [
        (of_run(Status.WAITING), Shown.PENDING, "waits for deploy#7"),
        (of_run(Status.QUEUED), Shown.PENDING, "waits for deploy#7"),
        (of_run(Status.RUNNING), Shown.RUNNING, "running"),
        (of_run(Status.SUCCEEDED), Shown.SUCCESS, "succeeded in 12 s"),
        (of_run(Status.UNSTABLE), Shown.FAILURE, "unstable"),
        (of_run(Status.FAILED, "exit code 2"), Shown.FAILURE, "failed: exit code 2"),
        (of_run(Status.ERRORED, "no image"), Shown.ERROR, "error: no image"),
        (of_run(Status.LOST, "its worker stopped answering"), Shown.ERROR, "lost: its worker stopped answering"),
        (of_run(Status.TIMED_OUT, "60 min"), Shown.FAILURE, "timed out: 60 min"),
        (of_run(Status.CANCELLED, "cancelled by carol"), Shown.CANCELLED, "cancelled by carol"),
        (of_run(Status.CANCELLED, "superseded by abc"), Shown.CANCELLED, "cancelled: superseded by abc"),
        (of_run(Status.SKIPPED, "nothing new"), Shown.SUCCESS, "skipped: nothing new"),
        (of_candidate(CandidateState.OPEN), Shown.PENDING, "waiting for approval"),
        (of_candidate(CandidateState.REJECTED, reason="rejected by alice"), Shown.CANCELLED, "rejected by alice"),
        (of_candidate(CandidateState.EXPIRED), Shown.CANCELLED, "expired"),
        (of_candidate(CandidateState.SUPERSEDED, reason="build: #1 -> #2"), Shown.CANCELLED, "superseded: build: #1 -> #2"),
        (of_omission("not_run"), Shown.FAILURE, "not run: build failed"),
        (of_omission("skipped", "nothing changed"), Shown.SUCCESS, "skipped: nothing changed"),
        (of_omission("paused", "deploy is paused"), Shown.PENDING, "deploy is paused"),
    ],
)
def test_an_entry_is_shown_as_the_table_says(entry: Entry, shown: Shown, description: str) -> None:
    assert said(describe(entry, waits)) == (shown, description)


def test_a_held_run_waits_for_allow_whatever_else_is_in_its_way() -> None:
    entry = Entry(10.0, FIRST, run=replace(RUN, status=Status.WAITING, held="allow"))
    assert describe(entry, waits).description == "waits for `allow`: the commit comes from a fork"


@pytest.mark.parametrize(
    ("entry", "written"),
    [
        (of_candidate(CandidateState.OPEN, FIRST), True),
        (of_candidate(CandidateState.OPEN, MAIN), False),
        (of_candidate(CandidateState.OPEN, BRANCH), False),
        (of_candidate(CandidateState.REJECTED, MAIN), True),
        (of_candidate(CandidateState.EXPIRED, MAIN), False),
        (of_candidate(CandidateState.SUPERSEDED, MAIN), False),
        (of_candidate(CandidateState.EXPIRED, FIRST), True),
        (of_candidate(CandidateState.SUPERSEDED, BRANCH), True),
        (of_run(Status.WAITING), True),
        (of_omission("not_run"), True),
    ],
)
def test_gates_have_a_status_in_pull_requests_and_when_they_were_rejected(entry: Entry, written: bool) -> None:
    assert has_status(entry) is written


@pytest.mark.parametrize(
    ("found", "still_open", "shown"),
    [
        ([of_run(Status.FAILED, lane=FIRST), of_run(Status.SUCCEEDED, lane=MAIN)], {FIRST}, Shown.FAILURE),
        ([of_run(Status.FAILED, lane=FIRST), of_run(Status.SUCCEEDED, lane=MAIN)], set(), Shown.SUCCESS),
        ([of_run(Status.FAILED, lane=FIRST), of_run(Status.SUCCEEDED, lane=SECOND)], {FIRST, SECOND}, Shown.FAILURE),
        ([of_run(Status.SUCCEEDED, lane=FIRST), of_run(Status.RUNNING, lane=SECOND)], {FIRST, SECOND}, Shown.RUNNING),
        ([of_run(Status.FAILED, lane=FIRST), of_run(Status.SUCCEEDED, lane=SECOND)], {SECOND}, Shown.SUCCESS),
        ([of_run(Status.SUCCEEDED, lane=BRANCH), of_run(Status.FAILED, lane=MAIN)], set(), Shown.SUCCESS),
        ([of_run(Status.FAILED, lane=FIRST)], set(), Shown.FAILURE),
        ([of_run(Status.SUCCEEDED), of_run(Status.FAILED)], set(), Shown.SUCCESS),
        ([of_candidate(CandidateState.OPEN), of_run(Status.FAILED)], set(), None),
        ([], set(), None),
    ],
)
def test_one_lane_speaks_for_a_commit(found: list[Entry], still_open: set[Lane], shown: Shown | None) -> None:
    report = choose(found, frozenset(still_open), waits)
    assert (report.shown if report else None) is shown


def test_entries_are_newest_first_and_an_opened_candidate_is_its_run() -> None:
    opened = replace(SHOWN, state=CandidateState.OPENED)
    found = entries([RUN, replace(RUN, created=40.0)], [SHOWN, opened], [(OMITTED, 30.0)])
    assert [entry.at for entry in found] == [40.0, 30.0, 10.0, 10.0]
    assert [entry.candidate for entry in found if entry.candidate] == [SHOWN]


def test_the_worst_goes_from_failure_down_to_success() -> None:
    order = [Shown.SUCCESS, Shown.RUNNING, Shown.PENDING, Shown.CANCELLED, Shown.ERROR, Shown.FAILURE]
    reports = [Report(shown, "", of_run(Status.SUCCEEDED)) for shown in order]
    assert [worst(reports[: count + 1]).shown for count in range(len(order))] == order


@pytest.mark.parametrize(
    ("seconds", "said_as"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (185, "3 min 5 s"), (7440, "2 h 4 min"), (59.6, "1 min 0 s")],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said_as: str) -> None:
    assert duration(seconds) == said_as
