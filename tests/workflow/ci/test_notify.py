"""Whom a CI run tells: spec/ci-integrations-deploy.md section 1.9."""

from __future__ import annotations

import pytest

from app.workflow.ci.configuration import Branches, Notification, Policy
from app.workflow.ci.notify import Happened, told
from app.workflow.line import Status

S, F, U, C, R = Status.SUCCEEDED, Status.FAILED, Status.UNSTABLE, Status.CANCELLED, Status.RUNNING
SLACK = Notification("slack", "slack")


def sent(happened: Happened, notification: Notification = SLACK) -> bool:
    return told([notification], happened) == (0,)


@pytest.mark.parametrize(
    ("status", "before", "is_sent"),
    [
        (S, None, False),
        (S, S, False),
        (S, F, True),
        (S, U, True),
        (F, None, True),
        (F, F, True),
        (U, S, True),
        (Status.TIMED_OUT, S, True),
        (Status.ERRORED, S, True),
        (Status.LOST, S, True),
        (C, S, True),
        (R, F, False),
        (Status.SKIPPED, F, False),
    ],
)
def test_by_default_failures_are_always_told_successes_when_they_are_news_and_starts_never(
    status: Status, before: Status | None, is_sent: bool
) -> None:
    assert sent(Happened(status, "main", before)) is is_sent


def test_a_policy_of_change_is_quiet_on_the_first_run_of_a_branch() -> None:
    quiet = Notification("slack", "slack", on_failure=Policy.CHANGE)
    assert not sent(Happened(F, "main", None), quiet)
    assert not sent(Happened(F, "main", F), quiet)
    assert sent(Happened(F, "main", S), quiet)


def test_always_and_never_are_taken_at_their_word() -> None:
    assert sent(Happened(S, "main", S), Notification("slack", "slack", on_success=Policy.ALWAYS))
    assert not sent(Happened(F, "main", S), Notification("slack", "slack", on_failure=Policy.NEVER))
    assert sent(Happened(R, "main"), Notification("slack", "slack", on_start=Policy.ALWAYS))


@pytest.mark.parametrize("status", [S, F])
def test_a_requests_run_is_told_as_on_pull_request_says(status: Status) -> None:
    assert sent(Happened(status, "main", request=True))
    assert not sent(Happened(status, "main", request=True), Notification("slack", "slack", on_pull_request=Policy.NEVER))


def test_a_webhook_has_no_switch_for_requests() -> None:
    hook = Notification("hook", "webhook", on_pull_request=Policy.NEVER)
    assert sent(Happened(F, "main", request=True), hook)
    assert not sent(Happened(S, "main", request=True), hook)


def test_branches_filter_a_notification() -> None:
    only = Notification("slack", "slack", branches=Branches(("main", "release/*")))
    assert [sent(Happened(F, branch), only) for branch in ("main", "release/1", "topic")] == [True, True, False]


def test_each_notification_is_judged_for_itself() -> None:
    silent = Notification("mail", "email", on_failure=Policy.NEVER)
    assert told([silent, SLACK, silent, SLACK], Happened(F, "main")) == (1, 3)
