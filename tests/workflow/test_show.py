"""The bot's own texts: their caps, and that nothing in them is live that should not be. Whole texts are in the scenarios."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workflow.definition import Gate, Job, Place, Problem, Severity
from app.workflow.line import MAIN, Actor, Approval, Candidate, CandidateState, Cause, Lane, Run, RunRef, Status
from app.workflow.report import Entry, Report, Shown
from app.workflow.show import (
    MOST_COMMITS,
    LineView,
    Row,
    announcement,
    announcement_over,
    graph,
    line_comment,
    quoted,
    sync_comment,
    sync_status,
)

GATE = Gate(approvers=("alice", "@acme/ops"), restricted=True)
SHOWN = Candidate("deploy", 1, MAIN, "d1" * 32, (), Job("deploy", "runSh", "github:acme/app@main", gate=GATE), (), created=0.0)


def row(job: str, description: str = "failed", tail: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> Row:
    run = Run(RunRef(job, 1), MAIN, Status.FAILED, (), created=0.0)
    return Row(job, Report(Shown.FAILURE, description, Entry(0.0, MAIN, run=run)), "https://x.example/runs/1", needs, tail=tail)


def view(*rows: Row) -> LineView:
    return LineView("gateline", MAIN, "a" * 40, rows)


def test_a_long_line_shows_fifty_rows_and_sixty_nodes_and_counts_the_rest() -> None:
    rows = tuple(row(f"job{number}", needs=(f"job{number - 1}",)) for number in range(80))
    body = line_comment(view(*rows), "<!-- mark -->")
    assert body.count("| ❌ |") == 50
    assert "and 30 more" in body
    assert "80 failed" in body
    assert body.count(":::failure\n") == 60
    assert graph(rows).count("-->") == 59


def test_a_comment_is_never_longer_than_sixty_thousand_bytes() -> None:
    rows = tuple(row(f"job{number}", tail=("ä" * 500,) * 30) for number in range(50))
    body = line_comment(view(*rows), "<!-- mark -->")
    assert len(body.encode()) <= 60_000
    assert body.endswith("… cut here: the whole is on the run's page.")


def test_only_the_last_thirty_lines_of_a_failing_step_are_shown() -> None:
    body = line_comment(view(row("build", tail=tuple(f"line {number}" for number in range(100)))), "")
    assert "line 69\n" not in body
    assert "line 70\n" in body


def test_what_a_run_wrote_about_itself_is_fenced_and_cut() -> None:
    told = replace(row("build"), summary="# 2 failed\n/approve deploy\n@everybody ```\n")
    body = line_comment(view(told), "")
    assert "<code>build</code>: summary</summary>\n\n````markdown\n# 2 failed\n/approve deploy\n@everybody ```\n\n````" in body
    long = line_comment(view(replace(told, summary="12345678\n" * 1_000)), "")
    assert long.count("12345678") == 555
    assert "… cut here: the whole is on the run's page.\n```" in long


@given(st.text(max_size=200))
def test_nothing_foreign_is_live_in_the_lines_comment(text: str) -> None:
    body = line_comment(view(row("build", text, tail=tuple(text.splitlines())), row("@team|x", text)), "<!-- mark -->")
    table = [line for line in body.splitlines() if line.startswith("| ❌")]
    assert len(table) == 2
    assert not any(line.startswith("/") for line in body.split("```")[0].splitlines())


def test_an_announcement_mentions_the_approvers_and_nobody_else() -> None:
    cause = Cause("push", "e", "github:1", "acme/app", "c" * 40, title="Thanks @mallory ```")
    body = announcement("gateline", replace(SHOWN, causes=(cause,)), "<!-- mark -->", ["app @everybody"], again=False)
    assert "@alice @acme/ops: please look at this." in body
    assert "- `app @everybody`" in body
    assert "````text\nacme/app cccccccccccc Thanks @mallory ```\n````" in body


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (Gate(), "Whoever may write to the job's repository can approve."),
        (Gate(restricted=True), "The workflow file names nobody who could approve."),
        (GATE, "@alice @acme/ops: please look at this."),
    ],
)
def test_an_announcement_says_who_may(gate: Gate, said: str) -> None:
    shown = replace(SHOWN, definition=replace(SHOWN.definition, gate=gate))
    assert said in announcement("gateline", shown, "", [], again=False)


def test_an_announcement_lists_the_newest_commits_and_counts_the_rest() -> None:
    causes = tuple(Cause("push", str(number), "github:1", "acme/app", f"{number:040}", title=f"change {number}") for number in range(30))
    body = announcement("gateline", replace(SHOWN, causes=causes), "", [], again=False)
    assert body.count("acme/app") == MOST_COMMITS
    assert body.index("change 29") < body.index("change 28")
    assert "and 10 more" in body


def test_differences_are_told_only_when_there_was_an_approved_run_before() -> None:
    shown = replace(SHOWN, changes=("app: #1 -> #2",), lane=Lane("pr/3@github:1"))
    assert "app: #1" not in announcement("gateline", shown, "", [], again=False)
    assert "**What is different from the last approved run**\n\n- `app: #1 -> #2`" in announcement("gateline", shown, "", [], again=True)
    assert "waits for one approval in `pr/3`" in announcement("gateline", shown, "", [], again=True)


@pytest.mark.parametrize(
    ("state", "reason", "newer", "said"),
    [
        (CandidateState.OPENED, "", "", "was approved by `alice`"),
        (CandidateState.REJECTED, "rejected by bob: no @all", "", "was rejected: `rejected by bob: no @all`"),
        (CandidateState.EXPIRED, "", "", "expired"),
        (CandidateState.SUPERSEDED, "app: #1 -> #2", "ab12", "was superseded: `app: #1 -> #2`\n\nWhat waits instead is `ab12`"),
    ],
)
def test_an_old_announcement_says_what_became_of_it(state: CandidateState, reason: str, newer: str, said: str) -> None:
    yes = Approval(Actor("github:1", "alice"), SHOWN.digest, 1.0, "cli")
    over = replace(SHOWN, state=state, reason=reason, approvals=(yes,))
    assert said in announcement_over(over, "<!-- mark -->", newer)


def test_a_job_with_a_blank_in_its_name_is_quoted_in_what_is_to_be_typed() -> None:
    assert quoted("deploy") == "deploy"
    assert quoted("deploy prod") == '"deploy prod"'


WRONG = Problem(Place("gateline.yml", 3, 5), Severity.ERROR, "`steps` must be a list")
DOUBTFUL = Problem(Place("gateline.yml", 9, 1), Severity.WARNING, "`stpes` is not known", nearest="steps")


@pytest.mark.parametrize(
    ("problems", "adopted", "shown"),
    [
        ((), True, (Shown.SUCCESS, "workflow files adopted")),
        ((DOUBTFUL,), True, (Shown.SUCCESS, "workflow files adopted with 1 warning")),
        ((DOUBTFUL, DOUBTFUL), True, (Shown.SUCCESS, "workflow files adopted with 2 warnings")),
        ((WRONG,), False, (Shown.FAILURE, "gateline.yml:3:5: `steps` must be a list")),
        ((WRONG, DOUBTFUL, WRONG), True, (Shown.FAILURE, "2 errors, the first: gateline.yml:3:5: `steps` must be a list")),
        ((), False, (Shown.PENDING, "workflow files not read yet")),
    ],
)
def test_the_sync_status_says_the_first_error_or_that_all_is_adopted(
    problems: tuple[Problem, ...], adopted: bool, shown: tuple[Shown, str]
) -> None:
    assert sync_status(problems, adopted) == shown


def test_the_sync_comment_gives_each_problem_its_place() -> None:
    body = sync_comment((WRONG, DOUBTFUL), "a" * 40, False, "<!-- mark -->")
    assert body == (
        "<!-- mark -->\n\n### 1 error in the workflow files at `aaaaaaaaaaaa`\n\nNothing was changed: the line runs as it was before.\n\n"
        "```text\ngateline.yml:3:5: error: `steps` must be a list\n"
        "gateline.yml:9:1: warning: `stpes` is not known (did you mean steps?)\n```"
    )
